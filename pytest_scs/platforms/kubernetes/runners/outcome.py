# SPDX-License-Identifier: Apache-2.0
"""From the rounds of a run to the one result that is judged."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from pytest_scs.base.errors import InputError
from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.platforms.kubernetes.results.reading import read_results
from pytest_scs.platforms.kubernetes.runners.bench import RoundEnd
from pytest_scs.platforms.kubernetes.runners.choice import NETWORKING, Choice
from pytest_scs.platforms.kubernetes.runners.programs import Runner
from pytest_scs.standards.kaas.e2e_run import E2eRun, Named, Part, Tally

INTERRUPTED = "interrupted"


def judgeable(tests: Choice, mode: str, runner: Runner, ends: Sequence[RoundEnd], *, dry: bool) -> E2eRun:
    """The result of a run; its problems say what it lacks. Raises Inconclusive where there is nothing to judge."""
    last = ends[-1]
    if last.problem and last.kind is CauseKind.INTERRUPTED:
        raise Inconclusive(INTERRUPTED, CauseKind.INTERRUPTED)
    paths = [end.results for end in ends if end.results]
    if not paths and not any(end.failed for end in ends):
        raise Inconclusive(last.problem or "the run left no results", last.kind)
    try:
        run = read_results(paths[0], *paths[1:]) if paths else E2eRun()
    except InputError as error:
        run = E2eRun().with_problem(str(error), CauseKind.MALFORMED)
    run = dataclasses.replace(
        run,
        given=False,
        mode=mode,
        runner=runner.name,
        runner_version=runner.version or run.runner_version,
        dry=run.dry or dry,
    )
    for end in ends:
        if end.problem:
            run = _broken_off(run, end, tests)
    if tests.narrowed:
        run = run.with_problem(f"this was a trial of the runner, with the focus {tests.focus}")
    return run


def _broken_off(run: E2eRun, end: RoundEnd, tests: Choice) -> E2eRun:
    """The result with what is known of a round that did not come to its end.

    The problem of ours comes first, it says more than what follows from it. Failures count that the log of the round
    shows: others in its results are tests that were running when the round was ended.
    """
    failures = {one.name: one for one in run.failures}
    if end.results is None:
        passed = max(0, end.done - len(end.failed))
        counted = Tally(passed, len(end.failed), skipped=max(0, (end.total or 0) - end.done))
        run = dataclasses.replace(
            run, every=_sum(run.every, counted), parts=(*run.parts, Part(end.total, None, end.done))
        )
        if tests.name == NETWORKING.name:
            run = dataclasses.replace(run, network_policy=_sum(run.network_policy, counted))
        else:
            run = dataclasses.replace(run, conformance=_sum(run.conformance, counted))
    else:
        for one in _failures_in(end.results):
            if one.name not in end.failed:
                failures.pop(one.name, None)
    failures |= {name: Named(name, "failed, as the log of the run says") for name in end.failed if name not in failures}
    others = run.problems
    run = dataclasses.replace(run, problems=(), failures=tuple(failures.values())).with_problem(end.problem, end.kind)
    return dataclasses.replace(run, problems=(*run.problems, *others))


def _failures_in(results: Path) -> tuple[Named, ...]:
    try:
        return read_results(results).failures
    except InputError:
        return ()


def _sum(one: Tally, other: Tally) -> Tally:
    names = [field.name for field in dataclasses.fields(Tally)]
    return Tally(**{name: getattr(one, name) + getattr(other, name) for name in names})
