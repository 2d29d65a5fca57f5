# SPDX-License-Identifier: Apache-2.0
"""Starting Tempest's program, watching it, and ending it: with the run, at the time limit, and when it is done."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.evidence.external import Program, run_program
from pytest_scs.platforms.openstack.tempest.program import GRACE, IDS
from pytest_scs.platforms.openstack.tempest.stream import Results
from pytest_scs.standards.iaas.tempest_outcomes import one_line

#: The program, to which ``list`` or ``run`` and the folder are added.
PROGRAM: tuple[str, ...] = (sys.executable, "-m", "pytest_scs.platforms.openstack.tempest.program")

#: Seconds for listing the tests; loading them takes a few.
LISTING = 300

#: Seconds for the whole of Tempest (docs/tempest.md), and between two looks at it.
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


def list_tests(folder: Path, cancelled: threading.Event, environment: Mapping[str, str] | None = None) -> set[str]:
    """The ids of all tests the installed Tempest has; raises Inconclusive if it does not tell.

    ``environment`` is what Tempest inherits, our own if nobody has read that before; a thread must not.
    """
    results = Results()
    problem = _supervise("list", folder, results, cancelled, LISTING, lambda: None, environment)
    if not (known := results.listed()):
        kind = CauseKind.INTERRUPTED if cancelled.is_set() else CauseKind.MISSING_TOOL
        raise Inconclusive(f"Tempest does not list its tests: {problem or 'it has none'}", kind)
    return known


def run_tests(
    folder: Path,
    ids: Collection[str],
    results: Results,
    cancelled: threading.Event,
    look: Callable[[], None],
    environment: Mapping[str, str] | None = None,
    *,
    patience: float = 1,
) -> str:
    """Run these tests into ``results``; ``look`` is called now and then. Returns why it ended early, or nothing.

    ``environment`` is as in :func:`list_tests`; ``patience`` stretches the time for all of them.
    """
    (folder / IDS).write_text("".join(f"{line}\n" for line in ids), "utf-8")
    return _supervise("run", folder, results, cancelled, LIMIT * patience, look, environment)


def _supervise(
    action: str,
    folder: Path,
    results: Results,
    cancelled: threading.Event,
    limit: float,
    look: Callable[[], None],
    environment: Mapping[str, str] | None,
) -> str:
    program = Program(
        command=[*PROGRAM, action, str(folder)],
        folder=folder,
        errors=folder / f"{action}.err",
        environment=_environment(folder, os.environ if environment is None else environment),
        stop=None,
        grace=GRACE,
    )
    ending = run_program(program, results.read, cancelled=cancelled, seconds=limit, meanwhile=look, look=LOOK)
    if ending.early:
        return ending.early
    if ending.unread:
        return f"Tempest's results cannot be read: {type(ending.unread).__name__}: {ending.unread}"
    if ending.code == 0:
        return ""
    said = one_line(ending.last_words) if ending.last_words else "it said nothing"
    return f"Tempest broke down (exit code {ending.code}): {said}"


def _environment(folder: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Ours without anybody's credentials, and with what leads Tempest to its configuration and nowhere else."""
    inherited = {key: value for key, value in environment.items() if not key.startswith(("OS_", "TEMPEST_", "PYTEST_"))}
    return inherited | {
        "TEMPEST_CONFIG_DIR": str(folder),
        "TEMPEST_CONFIG": "tempest.conf",
        "OS_LOG_CAPTURE": "0",
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "ignore",
    }
