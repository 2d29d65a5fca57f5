# SPDX-License-Identifier: Apache-2.0
"""docs/scs.1 is what the command line says, and what man can show."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import man_page
import pytest

from pytest_scs.cli import COMMANDS
from pytest_scs.run.options import all_options


def test_the_manual_page_is_what_the_command_line_says() -> None:
    assert man_page.PAGE.read_text("utf-8") == man_page.render(), "python tests/docs/man_page.py writes it anew"


def test_every_command_and_every_option_of_a_run_is_there() -> None:
    text = man_page.render().replace("\\-", "-")
    for command in COMMANDS:
        assert f".SS scs {command}" in text
    for option in all_options():
        assert f"\\fB{option.run_spelling}\\fR" in text or option.name == "scope"


def test_man_has_nothing_to_say_against_the_page() -> None:
    if not shutil.which("man"):
        pytest.skip("there is no man here")
    command = ["man", "--warnings=w", "-Tutf8", "-l", str(man_page.PAGE)]
    environment = {**os.environ, "MANWIDTH": "80", "MAN_KEEP_FORMATTING": "", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "scs - judge clouds and clusters" in done.stdout
    # Bold is a letter typed twice in some installations, and an escape in others.
    plain = re.sub(r".\x08|\x1b\[[\d;]*m", "", done.stdout)
    assert max(map(len, plain.splitlines())) <= 100  # ids of testcases are long
