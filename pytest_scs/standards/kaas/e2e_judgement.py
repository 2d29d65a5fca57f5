# SPDX-License-Identifier: Apache-2.0
"""scs-0201 and scs-0219: what a result of the Kubernetes e2e suite says of a cluster.

The documents are scs-0201-v1, scs-0219-v1 and its supplement scs-0219-w1. Wherever the official suite passes what was
not tested, there is no verdict here, whoever judges (docs/standards/scs-0201.md#official-suite-and-text).
"""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Final

from pytest_scs.base.shell import quote
from pytest_scs.core.cause import CauseKind
from pytest_scs.core.findings import Basis, Finding, Observation, Remark, Undecided
from pytest_scs.standards.kaas.e2e_collect import is_conformance, is_network_policy
from pytest_scs.standards.kaas.e2e_exceptions import ExcusedTest, beyond, excused_tests, first_that_covers
from pytest_scs.standards.kaas.e2e_run import E2eRun, Named, Tally

#: A conformance run of any supported Kubernetes has more tests than this.
FEWEST_CONFORMANCE_TESTS: Final = 300

#: Fewer tests about network policies than these are worth a warning: Kubernetes 1.36 has 50 of them.
USUAL_NETWORK_POLICY_TESTS: Final = 20

#: A result that is not older belongs to the run that judges it.
RECENT: Final = dt.timedelta(hours=1)

#: No clock is further ahead; a JUnit file without a time zone may be off by most of it.
AHEAD: Final = dt.timedelta(days=1)

# As many names as one line holds.
_SHOWN: Final = 5

#: Why there is no result -> the row about it: no runner, or whatever ended the suite. Other kinds are ours alone.
_ROW_OF_KIND: Final = {
    CauseKind.MISSING_TOOL: 6,
    CauseKind.TIMEOUT: 4,
    CauseKind.OUTAGE: 4,
    CauseKind.MALFORMED: 4,
    CauseKind.UNDECIDABLE: 4,
}

# Exceptions that take the semantics of CIDR blocks out of scs-0219.
_CIDR: Final = re.compile(r"CIDR|IPBlock", re.IGNORECASE)

# What is special in the expressions that the suite takes.
_SPECIAL: Final = re.compile(r"([\\.+*?()|\[\]{}^$])")


@dataclasses.dataclass(frozen=True, slots=True)
class Check:
    """One of the two testcases: its standard and rule, which tests it is about, and how it calls them.

    ``fewest``: as many tests have to run at least. ``serial``: tests marked ``[Serial]`` belong to it.
    """

    standard: str
    rule: str
    tests: str
    belongs: Callable[[str], bool]
    tally: Callable[[E2eRun], Tally]
    fewest: int = 1
    serial: bool = False

    def row(self, number: int) -> str:
        """The row about a difference that scs-0201 has under this number; scs-0219 has one row for them."""
        return f"DEV-0201-{number}" if self.standard == "scs-0201" else "DEV-0219-1"


CONFORMANCE: Final = Check(
    "scs-0201",
    "scs-0201/test_passes",
    "conformance tests",
    is_conformance,
    lambda run: run.conformance,
    fewest=FEWEST_CONFORMANCE_TESTS,
    serial=True,
)
NETWORKING: Final = Check(
    "scs-0219",
    "scs-0219/test_passes",
    "NetworkPolicy tests",
    is_network_policy,
    lambda run: run.network_policy,
)


@dataclasses.dataclass(frozen=True, slots=True)
class _Gap:
    """Something that keeps a result from being judged; with ``row`` also what the official suite would say of it."""

    reason: str
    row: str = ""
    said: str = "PASS"
    kind: CauseKind = CauseKind.UNDECIDABLE


def judge_run(check: Check, run: E2eRun) -> Iterator[Observation]:
    """All tests of the testcase pass, except those on the list of exceptions.

    Source: scs-0201-v1, "Regulations", and scs-0219-v1, "Decision" (docs/standards/scs-0201.md#verdict).
    """
    if run.given and (words := _other_branch(run)):
        yield Undecided("", words)
        return
    failures = [failure for failure in run.failures if check.belongs(failure.name)]
    excuses = excused_tests() if run.exceptions is None else run.exceptions
    excused = {failure.name: found for failure in failures if (found := _excuse(excuses, failure.name))}
    unexcused = [failure for failure in failures if failure.name not in excused]
    for failure in unexcused:
        yield _failed(check, failure)
    gaps = list(_gaps(check, run))
    yield from (Undecided("", gap.reason, kind=gap.kind) for gap in gaps)
    if not unexcused:
        said = dict.fromkeys((gap.said, gap.row) for gap in gaps if gap.row)
        yield from (Remark(f"the official suite would say {what}", deviation=row) for what, row in said)
    if not unexcused and not gaps and check.serial:
        yield from _without_serial(check.tally(run))
    yield from _remarks(check, run, excused)
    yield from _about_exceptions(check, run, excuses, excused)


def as_of(run: E2eRun, now: dt.datetime) -> dt.datetime | None:
    """When a result that was made elsewhere came to its end, if that was longer ago than a run takes; else None.

    It says something about that time, and is reported with it (docs/standards/scs-0201.md#given-results).
    ``now`` is the instant of this run, in UTC.
    """
    return run.ended if run.given and run.ended and now - run.ended > RECENT else None


def of_a_day_to_come(run: E2eRun, now: dt.datetime) -> Iterator[Undecided]:
    """A result that was made elsewhere cannot end after ``now``, the instant of this run in UTC."""
    if run.given and run.ended and run.ended - now > AHEAD:
        yield Undecided("", f"the result ended on {run.ended:%Y-%m-%d %H:%M} UTC, which is yet to come")


def count_tests(check: Check, run: E2eRun) -> int:
    """How many tests of the testcase ran."""
    return check.tally(run).executed


def as_searched(name: str) -> str:
    """The name that exceptions are searched in: with the kind of node, as in the official suite's results."""
    return f"[It] {name}"


def _excuse(excuses: Sequence[ExcusedTest], name: str) -> ExcusedTest | None:
    return first_that_covers(excuses, as_searched(name))


def _failed(check: Check, failure: Named) -> Finding:
    focus = _SPECIAL.sub(r"\\\1", failure.name)
    return Finding(
        resource=failure.name,
        rule=check.rule,
        title="the test passes",
        expected="passed",
        observed=failure.message or "failed",
        hint=f"look at it alone: sonobuoy run --plugin e2e --wait --e2e-skip 'no test has this name' "
        f"--e2e-focus {quote(focus)}",
    )


def _gaps(check: Check, run: E2eRun) -> Iterator[_Gap]:
    """Why a result cannot be judged, by either judge; see docs/standards/scs-0201.md#verdict."""
    if run.problems:
        yield from _of_problems(check, run)
    elif run.dry or run.mode == "dry":
        selected = sum(part.announced or 0 for part in run.parts) or check.tally(run).executed
        yield _Gap(f"dry run: nothing was tested; {selected} tests were selected", check.row(2))
    elif run.suite_failures:
        # That tests did not run is a consequence of it.
        for node in run.suite_failures:
            yield _Gap(f"{node.name or 'an entry without a name'} failed: {node.message}", check.row(10), said="FAIL")
    else:
        yield from _of_tests(check, run)


def _of_tests(check: Check, run: E2eRun) -> Iterator[_Gap]:
    tally = check.tally(run)
    unclear = [one for one in run.unclear if check.belongs(one.name)]
    if not tally.executed and not unclear:
        yield _Gap(f"only 0 of {tally.listed} tests ran{_why_left_out(check, run)}", check.row(3))
        return
    yield from (_Gap(f"{one.name}: {one.message}", check.row(5)) for one in unclear)
    nameless = tally.failed - sum(check.belongs(one.name) for one in run.failures)
    if nameless > 0:
        yield _Gap(f"{nameless} tests failed that are not named")
    if lacking := _lacking(check, run):
        yield _Gap(lacking + _why_left_out(check, run), check.row(7))


def _of_problems(check: Check, run: E2eRun) -> Iterator[_Gap]:
    tally = check.tally(run)
    so_far = f" ({tally.executed} of {tally.listed} {check.tests} ran)" if tally.listed else ""
    for problem in run.problems:
        number = _ROW_OF_KIND.get(problem.kind)
        yield _Gap(
            problem.text + so_far,
            check.row(number) if number else "",
            "nothing" if number == 6 else "PASS",
            problem.kind,
        )


def _lacking(check: Check, run: E2eRun) -> str:
    """That not all ran which should have, in words; empty if they did.

    What was announced counts for each run, and what the result lists as left out for all runs together. Left out may
    be all serial tests (DEV-0201-1), and what the skip pattern of scs-0219 takes out (DEV-0219-2).
    """
    tally = check.tally(run)
    short = [part for part in run.parts if part.executed < (part.announced or 0)]
    if short:
        return f"only {sum(part.executed for part in short)} of {sum(part.announced or 0 for part in short)} tests ran"
    permitted = tally.marked_skipped if not check.serial else tally.serial_skipped if not tally.serial else 0
    if tally.executed + permitted < tally.listed:
        return f"only {tally.executed} of {tally.listed} tests ran"
    if tally.executed < check.fewest:
        return f"only {tally.executed} of {check.fewest} tests ran: there are more {check.tests} than that"
    return ""


def _why_left_out(check: Check, run: E2eRun) -> str:
    """The tests that skipped themselves, with their reasons, as the end of a sentence."""
    own = [f"{one.name}: {one.message}" for one in run.left_out if check.belongs(one.name)]
    more = f" and {len(own) - _SHOWN} more" if len(own) > _SHOWN else ""
    return f"; skipped themselves: {'; '.join(own[:_SHOWN])}{more}" if own else ""


def _other_branch(run: E2eRun) -> str:
    """Why a result cannot be about the cluster, if the versions tell, in words; empty if they do not."""
    # Several runs that make one result may name several versions.
    named = filter(None, run.server_version.split(", "))
    if not run.cluster_version or all(_branch(one) == _branch(run.cluster_version) for one in named):
        return ""
    return (
        f"the result is about Kubernetes {run.server_version}, and the cluster runs {run.cluster_version}: "
        "give a result of the same branch"
    )


def _branch(version: str) -> str:
    """The branch of a version such as ``v1.36.3``; empty for what is none."""
    match = re.match(r"v?(\d+\.\d+)", version)
    return match[1] if match else ""


def _without_serial(tally: Tally) -> Iterator[Observation]:
    """All conformance tests have to pass; the official suite leaves the serial ones out when it runs in parallel."""
    if tally.serial:
        return
    number = f"{tally.serial_skipped} serial tests" if tally.serial_skipped else "the serial tests"
    yield Undecided(
        "", f"{number} were not run, and all conformance tests have to pass: use --scs-e2e-mode=full", Basis.TEXT
    )
    yield Remark(f"{number} were not run: not decided by the text", deviation="DEV-0201-1")


def _about_exceptions(
    check: Check, run: E2eRun, excuses: Sequence[ExcusedTest], excused: Mapping[str, ExcusedTest]
) -> Iterator[Remark]:
    names: dict[str, list[str]] = collections.defaultdict(list)
    for name, entry in excused.items():
        names[entry.reason].append(name)
    if names:
        reasons = ", ".join(f"{reason}: {len(found)}" for reason, found in names.items())
        yield Remark(f"{len(excused)} failure{'s' if len(excused) > 1 else ''} excused ({reasons})")
    for name, entry in excused.items():
        yield Remark(f"failed, and is excused by the entry {entry.regex!r}: {entry.reason}", name, public=False)
    unused = [entry.regex for entry in excuses if entry not in excused.values()]
    if unused and count_tests(check, run):
        yield Remark(f"entries of the list of exceptions that excused nothing: {'; '.join(unused)}", public=False)
    if check is NETWORKING and any(_CIDR.search(entry.regex) for entry in excused.values()):
        yield Remark(
            "policies with CIDR blocks and exceptions from them are not shown to work; the supplement permits that",
            deviation="DEV-0219-3",
        )
    if run.exceptions is not None and (more := beyond(run.exceptions, excused_tests())):
        listed = ", ".join(repr(entry.regex) for entry in more[:_SHOWN])
        yield Remark(
            f"--scs-okfail excuses what the published list does not, which nobody else will: {len(more)} "
            f"{'entry' if len(more) == 1 else 'entries'}: {listed}{', ...' if len(more) > _SHOWN else ''}",
            about_run=True,
        )


def _remarks(check: Check, run: E2eRun, excused: Collection[str]) -> Iterator[Remark]:
    for name in run.flaky:
        if check.belongs(name):
            yield Remark("flaky: failed, and passed when it was repeated", name, check.row(9) if check.serial else "")
    tally = check.tally(run)
    if tally.executed:
        failed = tally.failed - len(excused)
        numbers = f"{tally.passed} passed, {failed} failed, {len(excused)} excused, {run.every.skipped} skipped"
        yield Remark(numbers)
    others = sum(not check.belongs(one.name) for one in run.failures)
    if others:
        yield Remark(f"{others} failed tests are no {check.tests} and do not count")
    if check is NETWORKING and tally.executed and tally.marked_skipped:
        yield Remark(f"{tally.marked_skipped} serial or disruptive tests were left out", deviation="DEV-0219-2")
    if check is NETWORKING and 0 < tally.executed < USUAL_NETWORK_POLICY_TESTS:
        yield Remark(f"{tally.executed} tests are few: Kubernetes 1.36 has 50 {check.tests}")
    if run.given:
        yield from _about_given(run)


def _about_given(run: E2eRun) -> Iterator[Remark]:
    runner = " ".join(filter(None, (run.runner, run.runner_version)))
    when = f"ended on {run.ended:%Y-%m-%d %H:%M} UTC" if run.ended else "does not say when it ended"
    yield Remark(
        f"the result was made elsewhere{f' by {runner}' if runner else ''} and {when}; "
        "whose cluster it is about cannot be told",
    )
    if run.every.listed and not any(part.announced for part in run.parts):
        yield Remark("there is no log: how many tests were to run was told by the JUnit file")
