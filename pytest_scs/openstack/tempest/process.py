# SPDX-License-Identifier: Apache-2.0
"""Starting Tempest's program, watching it, and ending it: with the run, at the time limit, and when it is done."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import IO

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.openstack.tempest.program import GRACE, IDS
from pytest_scs.openstack.tempest.stream import Results
from pytest_scs.standards.tempest_outcomes import one_line

#: The program, to which ``list`` or ``run`` and the folder are added.
PROGRAM: tuple[str, ...] = (sys.executable, "-m", "pytest_scs.openstack.tempest.program")

#: Seconds for listing the tests; loading them takes a few.
LISTING = 300

#: Seconds for the whole of Tempest (spec 20.3), and between two looks at it.
LIMIT = 4 * 3600
LOOK = 0.5


@contextlib.contextmanager
def workspace() -> Iterator[Path]:
    """A folder that only its owner can read, for a configuration with passwords; it is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="scs-tempest-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def list_tests(folder: Path, cancelled: threading.Event) -> set[str]:
    """The ids of all tests the installed Tempest has; raises Inconclusive if it does not tell."""
    results = Results()
    problem = _supervise("list", folder, results, cancelled, LISTING, lambda: None)
    if not (known := results.listed()):
        kind = CauseKind.INTERRUPTED if cancelled.is_set() else CauseKind.MISSING_TOOL
        raise Inconclusive(f"Tempest does not list its tests: {problem or 'it has none'}", kind)
    return known


def run_tests(
    folder: Path, ids: Collection[str], results: Results, cancelled: threading.Event, look: Callable[[], None]
) -> str:
    """Run these tests into ``results``; ``look`` is called now and then. Returns why it ended early, or nothing."""
    (folder / IDS).write_text("".join(f"{line}\n" for line in ids), "utf-8")
    return _supervise("run", folder, results, cancelled, LIMIT, look)


def _supervise(
    action: str, folder: Path, results: Results, cancelled: threading.Event, limit: float, look: Callable[[], None]
) -> str:
    errors = folder / f"{action}.err"
    ended = time.monotonic() + limit
    with errors.open("wb") as stderr:
        process = subprocess.Popen(  # noqa: S603 (our own program)
            [*PROGRAM, action, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            cwd=folder,
            env=_environment(folder),
            # A group of its own: Ctrl-C is for us, and what it starts can be ended with it.
            start_new_session=True,
        )
    broken: list[str] = []
    assert process.stdout is not None  # noqa: S101 (for the type checker)
    reader = threading.Thread(target=_read, args=(results, process.stdout, broken), daemon=True)
    reader.start()
    early = ""
    try:
        while reader.is_alive() and not early:
            reader.join(LOOK)
            look()
            if cancelled.is_set():
                early = "the run was interrupted"
            elif time.monotonic() > ended:
                early = f"the time limit of {_hours(limit)} was reached"
    finally:
        code = _end(process, patience=0 if early or reader.is_alive() else GRACE)
        reader.join(GRACE)
        # What was not read by now is held open by something that outlived its group.
        if not reader.is_alive():
            process.stdout.close()
    if early or broken:
        return early or broken[0]
    return "" if code == 0 else f"Tempest broke down (exit code {code}): {_last_line(errors)}"


def _read(results: Results, source: IO[bytes], broken: list[str]) -> None:
    try:
        results.read(source)
    except Exception as error:  # a reader that fails silently would look like a Tempest that ended
        broken.append(f"Tempest's results cannot be read: {type(error).__name__}: {error}")


def _end(process: subprocess.Popen[bytes], patience: float) -> int:
    """Wait ``patience`` seconds for the program, then end it and all it started; returns its exit code."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(patience)
    if process.stdin:
        # This asks the program to end.
        with contextlib.suppress(OSError):
            process.stdin.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(1.25 * GRACE)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def _environment(folder: Path) -> dict[str, str]:
    """Ours without anybody's credentials, and with what leads Tempest to its configuration and nowhere else."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("OS_", "TEMPEST_", "PYTEST_"))}
    return inherited | {
        "TEMPEST_CONFIG_DIR": str(folder),
        "TEMPEST_CONFIG": "tempest.conf",
        "OS_LOG_CAPTURE": "0",
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "ignore",
    }


def _last_line(path: Path) -> str:
    lines = [line for line in path.read_text("utf-8", "replace").splitlines() if line.strip()] if path.exists() else []
    return one_line(lines[-1]) if lines else "it said nothing"


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:g} h" if seconds >= 3600 else f"{seconds:g} s"
