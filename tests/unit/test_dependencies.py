# SPDX-License-Identifier: Apache-2.0
"""Whatever is imported is declared in pyproject.toml, with a lowest version; and whatever is declared is needed."""

from __future__ import annotations

import ast
import functools
import importlib.util
import re
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]

#: Folders in which the requirements of an extra may be imported.
EXTRAS = ("demo", "tls", "tempest", "monitor")

#: Declared, but imported by nobody here in a way that can be read off the code.
UNSEEN = {
    "pytest-xdist": "a plugin",
    "pytest-html": "a plugin",
    "fixtures": "keystoneauth1.fixture imports it and does not declare it",
    "sslyze": "loaded by name, in a process of its own",
    "tempest": "run as a program",
    "argon2-cffi": "loaded by name, where somebody registers",
    "check-jsonschema": "run as a program",
    "coverage": "run as a program",
    "hatchling": "run as a program",
    "hatch-fancy-pypi-readme": "loaded by hatchling",
    "import-linter": "run as a program",
    "pip": "run as a program",
}


@pytest.fixture(scope="module")
def lowest() -> Any:
    """The script of tox's environment ``lowest``."""
    spec = importlib.util.spec_from_file_location("lowest", ROOT / "tests" / "lowest.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@functools.cache
def imported(path: Path) -> frozenset[str]:
    """The first words of what a file imports, except what only type checkers see."""
    return frozenset(_imported(ast.parse(path.read_text("utf-8"))))


def _imported(tree: ast.Module) -> Iterator[str]:
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module).partition(".")[0]


def foreign(*folders: str) -> Iterator[tuple[Path, str]]:
    """Every file with the distributions that it imports from."""
    own = {path.stem for path in (ROOT / "tests").rglob("*.py")} | {"pytest_scs"}
    owners = metadata.packages_distributions()
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for name in imported(path) - sys.stdlib_module_names - own:
                assert name in owners, f"{path}: {name} is not installed"
                yield path, normal(owners[name][0])


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def names(lowest: Any, *places: str) -> set[str]:
    return {normal(lowest.lowest(line)[0]) for line, where in lowest.declared() if where in places}


def test_what_the_package_imports_is_declared(lowest: Any) -> None:
    for path, distribution in foreign("pytest_scs", "testcases"):
        extras = [extra for extra in EXTRAS if extra in path.relative_to(ROOT).parts]
        assert distribution in names(lowest, "", *extras), path


def test_what_the_tests_import_is_declared(lowest: Any) -> None:
    for path, distribution in foreign("tests", "benchmarks"):
        assert distribution in names(lowest, "", *EXTRAS, "group test"), path


def test_what_is_declared_is_imported(lowest: Any) -> None:
    used = {distribution for _, distribution in foreign("pytest_scs", "testcases")} | UNSEEN.keys()
    assert names(lowest, "", *EXTRAS) - used == set()
    used |= {distribution for _, distribution in foreign("tests", "benchmarks")}
    assert names(lowest, "group test") - used == set()


def test_every_requirement_has_a_lowest_version(lowest: Any) -> None:
    for line, where in lowest.declared():
        if where in ("", *EXTRAS, "group test"):
            assert lowest.lowest(line)[1][0].isdigit(), line
    with pytest.raises(ValueError, match=r"'x' has no lower bound"):
        lowest.lowest("x")
    assert lowest.lowest("coverage[toml]>=7.6,<8") == ("coverage", "7.6")


def test_lowest_versions_are_constraints_for_pip(lowest: Any) -> None:
    lines = lowest.constraints().splitlines()
    assert all(re.fullmatch(r"[\w.-]+==[\d.]+", line) for line in lines)
    assert {normal(line.partition("==")[0]) for line in lines} == names(lowest, "", *EXTRAS, "group test")


def test_whose_private_names_are_used_has_an_upper_bound(lowest: Any) -> None:
    bounded = {lowest.lowest(line)[0] for line, _ in lowest.declared() if "<" in line}
    assert {"pytest", "pytest-xdist", "pytest-html"} <= bounded
