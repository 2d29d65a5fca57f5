# SPDX-License-Identifier: Apache-2.0
"""A round of the e2e suite with hydrophone: one program that starts it, prints its log and fetches the results.

Its exit code is the suite's, for failed tests as for a cluster that breaks down: what counts is the JUnit file.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import IO

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.evidence.external import Ending, run_program, tail_of
from pytest_scs.platforms.kubernetes.runners import commands
from pytest_scs.platforms.kubernetes.runners.bench import Bench, RoundEnd, complaint, program
from pytest_scs.platforms.kubernetes.runners.choice import Round
from pytest_scs.platforms.kubernetes.runners.scene import HYDROPHONE, Scene
from pytest_scs.platforms.kubernetes.runners.watch import FOLLOWED, Problem, Watch

#: What the program fetches, in the folder of the round.
JUNIT = "junit_01.xml"
OUTPUT = "output"

#: Bytes of a line, and of the log that is kept; the whole suite writes two million.
_LINE = 1 << 20
_KEPT = 64 << 20


class _Over(Exception):
    """A limit is over."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem[0])
        self.problem = problem


def run_round(bench: Bench, one: Round, *, resume: bool = False) -> RoundEnd:
    """Run a round; ``resume``: it is in the cluster already. Raises Inconclusive where it cannot even be started."""
    scene = Scene(bench.client, bench.call.namespace)
    watch = Watch(bench, scene, HYDROPHONE)
    folder = bench.folder / OUTPUT
    folder.mkdir(exist_ok=True)
    junit = folder / JUNIT
    for _ in range(bench.limits.attempts):
        junit.unlink(missing_ok=True)
        try:
            ending = _run(bench, one, watch, resume=resume)
        except _Over as over:
            return watch.end(None, over.problem)
        if bench.cancelled.is_set() or ending.early:
            break
        if junit.exists() and junit.stat().st_size:
            exceeded = watch.seconds >= bench.extras.seconds
            return watch.end(folder, watch.exceeded() if exceeded else None)
        if not watch.begun or not _fetching_failed(bench):
            break
        # The suite is through, and the pod with its results is still there.
        resume = True
    return watch.end(None, _why(bench, watch, ending))


def _run(bench: Bench, one: Round, watch: Watch, *, resume: bool) -> Ending:
    """Run the program to its end; raises _Over if a limit is over before."""
    command = commands.hydrophone_run(bench.call, one, bench.extras, bench.folder / OUTPUT, resume=resume)
    looked = -bench.limits.poll

    def look() -> None:
        nonlocal looked
        now = time.monotonic()
        if now - looked < bench.limits.poll:
            return
        looked = now
        watch.look(follow=False)
        if problem := watch.problem():
            raise _Over(problem)

    try:
        return run_program(
            program(bench, command, _errors(bench)),
            lambda source: _read(source, bench, watch),
            cancelled=bench.cancelled,
            seconds=bench.extras.seconds + bench.limits.margin,
            meanwhile=look,
        )
    except OSError as error:
        text = f"hydrophone cannot be run: {error.strerror or 'it is no program'}"
        raise Inconclusive(text, CauseKind.MISSING_TOOL) from None
    finally:
        with contextlib.suppress(Inconclusive):
            watch.look(follow=False)


def _read(source: IO[bytes], bench: Bench, watch: Watch) -> None:
    """Read what the program prints: the log of the suite, from its beginning again after a lost connection."""
    kept = 0
    with (bench.folder / FOLLOWED).open("wb") as file:
        while line := source.readline(_LINE):
            if kept < _KEPT:
                kept += file.write(line)
                file.flush()
            watch.log.take(line.decode("utf-8", "replace").rstrip("\n"))


def _errors(bench: Bench) -> Path:
    return bench.folder / "hydrophone.err"


def _fetching_failed(bench: Bench) -> bool:
    return "failed to download results" in tail_of(_errors(bench))


def _why(bench: Bench, watch: Watch, ending: Ending) -> Problem:
    """Why there are no results."""
    if bench.cancelled.is_set():
        return "the run was interrupted", CauseKind.INTERRUPTED
    if ending.early:
        return watch.exceeded()
    text = complaint(bench, tail_of(_errors(bench))) or f"hydrophone ended with exit code {ending.code}"
    if not watch.begun:
        return watch.not_started(text)
    return watch.gone() or (f"hydrophone ended without results: {text}", CauseKind.OUTAGE)
