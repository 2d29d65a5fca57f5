# SPDX-License-Identifier: Apache-2.0
"""The monitor puts lines of reports into a page as they are: no text of ours may be markup there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_scs.base.shell import LONG_PLACEHOLDERS, PLACEHOLDERS

ROOT = Path(__file__).resolve().parents[2]

# Words in angle brackets, as in "--file <file>"; not groups of patterns, and not where they belong to a foreign form.
_PLACEHOLDER = re.compile(r"(?<!\?P)<(?!(?:h1|Key|code|module|ul)\b)[A-Za-z_{][^<>\n]*>")
_FOREIGN = (
    "demo",
    "base/page.py",
    "base/masking.py",
    "reports/html",
    "reports/page.py",
    "openstack/s3.py",
    "pipeline/site.py",
)


def sources() -> list[Path]:
    found = [*(ROOT / "pytest_scs").rglob("*.py"), *(ROOT / "testcases").rglob("*.py")]
    return [path for path in found if not any(part in path.as_posix() for part in _FOREIGN)]


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """The texts in a module, with the fields of f-strings as ``{x}``; docstrings left out."""
    tree = ast.parse(path.read_text("utf-8"))
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    inside |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [str(one.value) if isinstance(one, ast.Constant) else "{x}" for one in node.values]
            yield node.lineno, "".join(parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node.lineno, node.value


def test_no_text_has_a_placeholder_that_a_page_swallows() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in sources()
        for line, text in texts(path)
        if _PLACEHOLDER.search(text)
    ]
    assert found == []


@pytest.mark.parametrize("path", sorted((ROOT / "scopes").glob("*.yaml")), ids=lambda path: path.stem)
def test_no_scope_has_one_either(path: Path) -> None:
    assert not _PLACEHOLDER.search(path.read_text("utf-8"))


@pytest.mark.parametrize(
    "path", sorted((ROOT / "pytest_scs" / "standards" / "data").glob("*.yaml")), ids=lambda p: p.stem
)
def test_no_question_has_one_either(path: Path) -> None:
    assert not _PLACEHOLDER.search(path.read_text("utf-8"))


def test_the_check_finds_what_it_looks_for() -> None:
    assert _PLACEHOLDER.search("openstack image create --file <file>")
    assert _PLACEHOLDER.search("image_source={x}<a name>")
    assert not _PLACEHOLDER.search("(?P<what>x) 3 < 4, b -> c")


def test_every_placeholder_is_known_to_who_makes_a_script_of_mends() -> None:
    # What is known as one is asked for in that script; anything else would be done as it is.
    word = re.compile(r"(?<![\w'\"$.-])([A-Z]+(?:_[A-Z]+)+|(?<=[ =/])[A-Z]{2,})(?![\w-])")
    command = re.compile(r"^(?:.*\W)?(?:openstack|kubectl) [a-z]")
    found = {
        match[1]
        for path in sources()
        if "standards" in path.parts
        for _, text in texts(path)
        if command.search(text)
        for match in word.finditer(text)
    }
    found |= {
        match[1] for path in sources() for match in re.finditer(r"Placeholder\(.([A-Z_]+).\)", path.read_text("utf-8"))
    }
    # Of sentences around a command.
    said = {"API", "RDRAND", "RDSEED", "TLS"}
    known = {*PLACEHOLDERS.split("|"), *LONG_PLACEHOLDERS.split("|"), *said}
    assert len(found) > 10
    assert found - known == set()
