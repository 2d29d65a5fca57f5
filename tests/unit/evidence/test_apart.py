# SPDX-License-Identifier: Apache-2.0
"""Threads that keep nobody: the end of the process is theirs, too, and does not wait for what hangs."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import sys, threading
from pytest_scs.evidence import apart

begun = threading.Event()

def work():
    begun.set()
    {work}
    sys.stdout.write("through")
    sys.stdout.flush()

apart.start(work)
begun.wait()
sys.exit(2)
"""


@pytest.mark.parametrize(
    ("work", "said"),
    [("threading.Event().wait(0.05)", "through"), ("threading.Event().wait()", ""), ("raise KeyboardInterrupt", "")],
)
def test_the_process_ends_with_its_own_exit_code(work: str, said: str) -> None:
    command = [sys.executable, "-c", PROGRAM.format(work=work)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (2, said, "")
