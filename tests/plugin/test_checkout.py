# SPDX-License-Identifier: Apache-2.0
"""The checkout itself as working directory, which is where the README's first command is pasted."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

#: What an installation for users does not have.
BLOCK = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"hypothesis", "coverage", "tempest", "subunit", "testtools"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Blocked())
import pytest
sys.exit(pytest.main(sys.argv[1:]))
"""


def test_main_job_goes_in_the_checkout_as_elsewhere_and_without_the_tests_dependencies() -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "COV"))}
    command = ("--scs-scope=iaas-v5.1", "--os-cloud=demo", "-p", "no:cacheprovider", "-p", "no:hypothesispytest")
    done = subprocess.run(
        [sys.executable, "-c", BLOCK, *command, "-m", "scs_0103", "-vv"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "15 passed" in done.stdout
    lines = [line for line in done.stdout.splitlines() if "::" in line]
    assert len(lines) == 15
    assert all(re.fullmatch(r"iaas/test_scs_0103\S+::\S+ PASS +\[ *\d+%\]", line) for line in lines), lines
    # The settings of the tests would be told here: -ra, and pytester among the plugins.
    assert "short test summary" not in done.stdout


def test_tests_without_their_settings_say_how_they_are_started() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 4, done.stdout
    assert "name their folder: pytest tests" in done.stderr
    assert "::" not in done.stdout


def test_without_a_scope_the_testcases_of_the_checkout_are_left_out() -> None:
    settings = ("-c", "tests/pytest.toml", "--rootdir=.")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *settings, "--collect-only", "-q", "-p", "no:cacheprovider"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    files = {line.partition("::")[0] for line in done.stdout.splitlines() if "::" in line}
    assert "tests/plugin/test_checkout.py" in files
    assert not any(file.startswith("testcases/") for file in files)
