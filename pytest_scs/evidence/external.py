# SPDX-License-Identifier: Apache-2.0
"""Running a foreign program: its output read while it comes, and an end for it and all it started, whatever happens."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

#: Seconds between two looks at a program, and for it to end by itself once it was asked to.
LOOK = 0.5
GRACE = 20

#: Bytes of a program's standard error that are looked at: its end.
TAIL = 1 << 16


@dataclasses.dataclass(frozen=True, slots=True)
class Program:
    """What is run, and how it is ended.

    ``folder`` is where it runs, ``errors`` the file that takes its standard error. Its standard input stays open as
    long as it may run, and closes with this process, however that ends: a program that watches it never outlives us.
    ``stop`` is sent besides when it is to end; None for one that watches its standard input.
    """

    command: Sequence[str]
    folder: Path
    errors: Path
    environment: Mapping[str, str]
    stop: signal.Signals | None = signal.SIGTERM
    grace: float = GRACE


@dataclasses.dataclass(frozen=True, slots=True)
class Ending:
    """How a program ended.

    ``code`` is its exit code, negative for a signal; ``early`` says why it was ended, empty if it ended by itself;
    ``unread`` is what the reader of its output raised; ``last_words`` is the last line of its standard error.
    """

    code: int
    early: str
    unread: Exception | None
    last_words: str


def run_program(
    program: Program,
    read: Callable[[IO[bytes]], None],
    *,
    cancelled: threading.Event,
    seconds: float,
    meanwhile: Callable[[], None] = lambda: None,
    look: float = LOOK,
) -> Ending:
    """Run a program to its end, or until ``cancelled`` is set or ``seconds`` are over.

    ``read`` gets its standard output, in a thread of its own, and reads to the end of it; the program is through when
    that returns. ``meanwhile`` is called every ``look`` seconds; what it raises ends the program, too. Raises OSError
    if the program cannot be started.
    """
    until = time.monotonic() + seconds
    process = _start(program)
    reader = _Reader(read, process)
    early = ""
    try:
        while reader.thread.is_alive() and not early:
            reader.thread.join(look)
            meanwhile()
            if cancelled.is_set():
                early = "the run was interrupted"
            elif time.monotonic() > until:
                early = f"the time limit of {_hours(seconds)} was reached"
    finally:
        code = _end(program, process, patience=0 if early or reader.thread.is_alive() else program.grace)
        reader.close(program.grace)
    return Ending(code, early, reader.problem, _last_line(program.errors))


class Captured:
    """Takes the output of a program, the last ``most`` bytes of it: what a program says last says how it ended."""

    def __init__(self, most: int = 1 << 20) -> None:
        self._most = most
        self._kept = b""

    def read(self, source: IO[bytes]) -> None:
        """Read to the end."""
        while part := source.read1(1 << 16):  # type: ignore[attr-defined]
            self._kept = (self._kept + part)[-self._most :]

    @property
    def text(self) -> str:
        """What was kept so far."""
        return self._kept.decode("utf-8", "replace")


class _Reader:
    """Reads the output of a process in a thread."""

    def __init__(self, read: Callable[[IO[bytes]], None], process: subprocess.Popen[bytes]) -> None:
        self.problem: Exception | None = None
        self._read = read
        self._process = process
        self.thread = threading.Thread(target=self._run, name="scs-program", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            if self._process.stdout:
                self._read(self._process.stdout)
        except Exception as error:  # a reader that fails silently would look like a program that ended
            self.problem = error

    def close(self, grace: float) -> None:
        self.thread.join(grace)
        # What was not read by now is held open by something that outlived its group.
        if not self.thread.is_alive() and self._process.stdout:
            self._process.stdout.close()


def _start(program: Program) -> subprocess.Popen[bytes]:
    with program.errors.open("wb") as stderr:
        return subprocess.Popen(  # noqa: S603 (the caller says what)
            program.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            cwd=program.folder,
            env=dict(program.environment),
            # A group of its own: Ctrl-C is for us, and what it starts can be ended with it.
            start_new_session=True,
        )


def _end(program: Program, process: subprocess.Popen[bytes], patience: float) -> int:
    """Wait ``patience`` seconds for the program, then end it and all it started; returns its exit code."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(patience)
    if process.stdin:
        # This asks a program to end that watches it.
        with contextlib.suppress(OSError):
            process.stdin.close()
    if program.stop is not None and process.poll() is None:
        _signal(process, program.stop)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(1.25 * program.grace)
    _signal(process, signal.SIGKILL)
    return process.wait()


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to a program and all it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def tail_of(path: Path, most: int = TAIL) -> str:
    """The end of a file that a program wrote, ``most`` bytes of it; empty if there is none."""
    if not path.exists():
        return ""
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - most))
        return file.read(most).decode("utf-8", "replace")


def _last_line(path: Path) -> str:
    lines = [line for line in tail_of(path).splitlines() if line.strip()]
    return lines[-1] if lines else ""


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:g} h" if seconds >= 3600 else f"{seconds:g} s"
