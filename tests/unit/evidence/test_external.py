# SPDX-License-Identifier: Apache-2.0
"""Foreign programs: read while they run, and ended with all they started."""

from __future__ import annotations

import os
import signal
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

import pytest

from pytest_scs.evidence.external import Captured, Ending, Program, run_program, tail_of

#: Longer than any test may take, and shorter than the programs here last.
LONG = 60


class Lines:
    """Takes the lines of an output as they come."""

    def __init__(self) -> None:
        self.known: list[str] = []

    def read(self, source: IO[bytes]) -> None:
        for line in source:
            self.known.append(line.decode().strip())


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Ending]:
    """Run a program of Python in a folder."""

    def run(
        text: str,
        read: Callable[[IO[bytes]], None] | None = None,
        *,
        seconds: float = LONG,
        cancelled: threading.Event | None = None,
        meanwhile: Callable[[], None] = lambda: None,
        **how: Any,
    ) -> Ending:
        opening = "import os, signal, subprocess, sys, threading, time\n"
        program = Program(
            command=[sys.executable, "-u", "-c", opening + textwrap.dedent(text)],
            folder=tmp_path,
            errors=tmp_path / "errors",
            environment=os.environ,
            **{"grace": 1, **how},
        )
        cancelled = cancelled or threading.Event()
        read = read or Lines().read
        return run_program(program, read, cancelled=cancelled, seconds=seconds, meanwhile=meanwhile, look=0.02)

    return run


def ended(pid: int) -> bool:
    """Whether a process ends; a signal takes a moment to arrive, and nobody may be there to bury it."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        state = Path(f"/proc/{pid}/stat")
        if state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.01)
    return False


def test_output_is_known_while_the_program_runs(run: Callable[..., Ending], tmp_path: Path) -> None:
    lines = Lines()

    def answer() -> None:
        if lines.known == ["one"]:
            (tmp_path / "go").touch()

    program = """
        print("one")
        while not os.path.exists("go"): time.sleep(0.01)
        print("two")
    """
    assert run(program, lines.read, meanwhile=answer) == Ending(0, "", None, "")
    assert lines.known == ["one", "two"]


@pytest.mark.parametrize(
    ("program", "code", "last_words"),
    [
        ("sys.exit(3)", 3, ""),
        ("print('first\\nlast\\n\\n', file=sys.stderr); sys.exit(2)", 2, "last"),
        ("os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL, ""),
    ],
)
def test_program_that_breaks_down_is_told_with_its_last_words(
    run: Callable[..., Ending], program: str, code: int, last_words: str
) -> None:
    assert run(program) == Ending(code, "", None, last_words)


HANGING = """
    {obedience}
    child = subprocess.Popen(["sleep", "600"])
    print(os.getpid(), child.pid)
    time.sleep(600)
"""
WATCHING = "threading.Thread(target=lambda: (os.read(0, 1), os._exit(7)), daemon=True).start()"
DEAF = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"


@pytest.mark.parametrize(
    ("obedience", "stop", "code"),
    [
        ("pass", signal.SIGTERM, -signal.SIGTERM),
        (WATCHING, None, 7),
        ("pass", None, -signal.SIGKILL),
        (DEAF, signal.SIGTERM, -signal.SIGKILL),
    ],
    ids=["obeys the signal", "watches its input", "watches nothing", "ignores the signal"],
)
def test_interrupted_run_ends_the_program_with_all_it_started(
    run: Callable[..., Ending], obedience: str, stop: signal.Signals | None, code: int
) -> None:
    lines, cancelled = Lines(), threading.Event()

    def interrupt() -> None:
        if lines.known:
            cancelled.set()

    program = HANGING.format(obedience=obedience)
    found = run(program, lines.read, cancelled=cancelled, meanwhile=interrupt, stop=stop)
    assert found == Ending(code, "the run was interrupted", None, "")
    assert all(ended(int(pid)) for pid in lines.known[0].split())


@pytest.mark.parametrize(("seconds", "words"), [(0.5, "0.5 s"), (7200, "2 h")])
def test_program_that_hangs_is_ended_at_the_time_limit(
    run: Callable[..., Ending], monkeypatch: pytest.MonkeyPatch, seconds: float, words: str
) -> None:
    if seconds > LONG:
        clock = SimpleNamespace(monotonic=iter([0.0, 7201.0]).__next__)
        monkeypatch.setattr("pytest_scs.evidence.external.time", clock)
    assert run("time.sleep(600)", seconds=seconds).early == f"the time limit of {words} was reached"


def test_what_is_raised_meanwhile_ends_the_program(run: Callable[..., Ending]) -> None:
    lines = Lines()

    def fail() -> None:
        if lines.known:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(HANGING.format(obedience="pass"), lines.read, meanwhile=fail)
    assert all(ended(int(pid)) for pid in lines.known[0].split())


def test_output_that_cannot_be_read_is_told(run: Callable[..., Ending]) -> None:
    def fail(source: IO[bytes]) -> None:
        source.read(1)
        raise ValueError("no such form")

    found = run("print('x'); time.sleep(600)", fail, grace=0.2)
    assert isinstance(found.unread, ValueError)
    assert str(found.unread) == "no such form"
    assert found.early == ""


def test_program_that_is_not_there_raises(tmp_path: Path) -> None:
    program = Program([str(tmp_path / "none")], tmp_path, tmp_path / "errors", {})
    with pytest.raises(FileNotFoundError):
        run_program(program, Lines().read, cancelled=threading.Event(), seconds=1)


def test_of_a_long_output_the_end_is_kept(run: Callable[..., Ending]) -> None:
    kept = Captured(most=100)
    ending = run("for number in range(100000): print(number)", kept.read)
    assert ending.code == 0
    assert kept.text.endswith("99998\n99999\n")
    assert len(kept.text) == 100


def test_of_a_long_error_output_the_last_words_are_known(run: Callable[..., Ending], tmp_path: Path) -> None:
    ending = run("sys.stderr.write('x\\n' * 100000 + 'the reason\\n'); sys.exit(3)")
    assert (ending.code, ending.last_words) == (3, "the reason")
    assert tail_of(tmp_path / "errors", 5) == "ason\n"
    assert tail_of(tmp_path / "absent") == ""
