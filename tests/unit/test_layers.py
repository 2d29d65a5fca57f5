# SPDX-License-Identifier: Apache-2.0
"""The arrows between rooms: who may import whom, deferred imports included (docs/architecture.md)."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

#: What tells import-linter the rules: they stand in pyproject.toml.
CONFIG = ROOT / "pyproject.toml"


def lint(folder: Path, config: Path) -> subprocess.CompletedProcess[str]:
    """Check the package that lies in a folder."""
    program = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", program, "--no-cache", str(config)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_rooms_import_from_rooms_below_only_and_in_no_circles() -> None:
    done = lint(ROOT, CONFIG)
    assert done.returncode == 0, done.stdout[done.stdout.find("Contracts:") :] + done.stderr
    assert "Contracts: 3 kept, 0 broken." in done.stdout


@pytest.mark.parametrize(
    ("room", "statement"),
    [
        ("core", "import pytest"),
        ("base", "from pytest_scs.core import verdict"),
        ("reports", "from pytest_scs.run import session"),
        ("standards", "from pytest_scs.platforms import registry"),
        ("evidence", "from pytest_scs.evidence import one"),
    ],
    ids=["an SDK", "upwards", "reports know no run", "standards know no platform", "a circle"],
)
def test_a_forbidden_import_is_noticed_even_if_it_is_deferred(tmp_path: Path, room: str, statement: str) -> None:
    for name in (
        "commands",
        "run",
        "pipeline",
        "reports",
        "attestations",
        "platforms",
        "demo",
        "evidence",
        "standards",
        "core",
        "base",
    ):
        (tmp_path / "pytest_scs" / name).mkdir(parents=True)
        (tmp_path / "pytest_scs" / name / "__init__.py").touch()
    for name in (
        "__init__",
        "plugin",
        "cli",
        "api",
        "core/verdict",
        "run/session",
        "platforms/registry",
        "evidence/two",
    ):
        (tmp_path / "pytest_scs" / f"{name}.py").touch()
    (tmp_path / "pytest_scs" / "evidence" / "two.py").write_text("def f():\n    from pytest_scs.evidence import one\n")
    (tmp_path / "pytest_scs" / "evidence" / "one.py").touch()
    assert lint(tmp_path, CONFIG).returncode == 0
    target = "two" if room == "evidence" else "offender"
    code = f"def late():\n{textwrap.indent(statement, '    ')}\n"
    (tmp_path / "pytest_scs" / room / f"{target}.py").write_text(code)
    if room == "evidence":
        (tmp_path / "pytest_scs" / room / "one.py").write_text("def late():\n    from pytest_scs.evidence import two\n")
    assert lint(tmp_path, CONFIG).returncode == 1
