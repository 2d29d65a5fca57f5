# SPDX-License-Identifier: Apache-2.0
"""scs-0128: Tempest reports no failure (documents: scs-0128-v1, draft, and scs-0128-w1)."""

from __future__ import annotations

import collections
import datetime as dt
from collections.abc import Iterable, Iterator

from pytest_scs.base.shell import quote
from pytest_scs.core.cause import CauseKind
from pytest_scs.core.findings import Finding, Observation, Remark, Undecided
from pytest_scs.standards.iaas.tempest_list import short
from pytest_scs.standards.iaas.tempest_outcomes import (
    FAILED,
    NOT_RUN,
    PASSED,
    SKIPPED,
    UNKNOWN,
    Outcome,
    TempestRun,
    counts,
)

#: The scope says that these tests are to be run once a year at least; an older result proves nothing any more.
MAX_AGE = dt.timedelta(days=366)

#: Part of the tests that may be skipped (docs/standards/scs-0128.md#coverage).
MAX_SKIPPED = 0.1

_SUBJECT = "Tempest"

#: Exceptions that tell of accounts or of tempest.conf, not of the cloud, if a class could not be set up with them.
_CONFIGURATION = ("InvalidCredentials", "InvalidConfiguration", "InvalidTestResource", "InvalidServiceTag", "OptError")
_AUTHENTICATION = ("Unauthorized", "IdentityError")

#: What services answer when an account may have no more of something, whatever level it happens at (see
#: docs/standards/scs-0128.md#verdict).
_QUOTA = ("OverLimit", "LimitExceeded")
_QUOTA_WORDS = ("quota exceeded", "exceeds allowed", "quotaexceeded")


def check_results(seen: TempestRun, now: dt.datetime) -> Iterator[Observation]:
    """Tempest MUST NOT report any failed test of the list; skipped tests are no failures.

    Source: scs-0128-v1, "Regulations" (docs/standards/scs-0128.md#verdict).
    ``now`` is the instant of this run in UTC.
    """
    if problem := _no_result(seen, now):
        yield problem
        # What failed before the end is worth knowing, but the run as a whole proves neither.
        for test in _having(seen, FAILED):
            yield Remark(f"failed before the end: {test.reason}", short(test.id))
        return
    yield from _about(seen)
    numbers = counts(seen.tests)
    for test in sorted(_having(seen, FAILED), key=lambda one: short(one.id)):
        yield _failed(test)
    for fixture in seen.teardowns:
        title = "the class is cleaned up without an error"
        yield _finding("scs-0128/class_tear_down", title, fixture.id, "", fixture.reason)
    for status in (UNKNOWN, NOT_RUN):
        for reason, names in _by_reason(_having(seen, status)):
            yield Undecided(f"{len(names)} tests {status}", f"{reason}: {', '.join(names)}")
    if not numbers[PASSED] and not numbers[FAILED]:
        yield Undecided(_SUBJECT, "not a single test passed, so there is nothing to judge by")
    for reason, names in _by_reason(_having(seen, SKIPPED)):
        yield Remark(f"{len(names)} skipped: {reason}: {', '.join(names)}", _SUBJECT)


def check_coverage(seen: TempestRun, now: dt.datetime) -> Iterator[Observation]:
    """At most a tenth of the listed tests is skipped (docs/standards/scs-0128.md#coverage); arguments as above."""
    if problem := _no_result(seen, now):
        yield problem
        return
    tests = seen.tests
    skipped, limit = _having(seen, SKIPPED), int(len(tests) * MAX_SKIPPED)
    open_ = [test for test in tests if test.status in (UNKNOWN, NOT_RUN) or _excuse(test)]
    if len(skipped) > limit:
        for reason, names in _by_reason(skipped):
            yield Finding(
                resource=f"{len(names)} of {len(tests)} tests",
                rule="scs-0128/coverage",
                title=f"at most {limit} tests are skipped",
                expected="run",
                observed=f"skipped: {reason}: {', '.join(names)}",
                hint="offer the service or feature that the reason names",
            )
    elif open_:
        yield Undecided(f"{len(open_)} tests", "they were not run, so nobody knows whether they would be skipped")
    elif len(skipped) == len(tests):
        yield Undecided(_SUBJECT, "all tests were skipped")


def numbers(seen: TempestRun) -> str:
    """How many tests have each status, in words: what the verdict rests on."""
    found = counts(seen.tests)
    open_ = found[UNKNOWN] + found[NOT_RUN]
    return (
        f"{found[PASSED]} passed, {found[FAILED]} failed, {found[SKIPPED]} skipped, {open_} unknown or not run "
        f"of {len(seen.tests)}"
    )


def count_tests_with_result(seen: TempestRun) -> int:
    """How many listed tests have a result."""
    return sum(test.status in (PASSED, FAILED, SKIPPED) for test in seen.tests)


def _no_result(seen: TempestRun, now: dt.datetime) -> Undecided | None:
    if seen.problem:
        so_far = f"; so far: {numbers(seen)}" if seen.tests else ""
        return Undecided(_SUBJECT, f"{seen.problem}{so_far}", kind=_kind(seen))
    if seen.finished and now - seen.finished > MAX_AGE:
        return Undecided(
            _SUBJECT, f"the result is of {seen.finished:%Y-%m-%d}; Tempest has to be run once a year at least"
        )
    return None


def _kind(seen: TempestRun) -> CauseKind:
    """Why there is no complete result: nothing was given, there is no Tempest, or it did not get through."""
    if not seen.given:
        return CauseKind.NOT_GIVEN
    return CauseKind.UNDECIDABLE if seen.how else CauseKind.MISSING_TOOL


def _about(seen: TempestRun) -> Iterator[Remark]:
    version = f"Tempest {seen.version}, " if seen.version else ""
    yield Remark(f"{version}{numbers(seen)}", _SUBJECT)
    if seen.how == "file":
        when = f"is of {seen.finished:%Y-%m-%d %H:%M} UTC" if seen.finished else "does not say when it was made"
        yield Remark(f"the result was read from a file, and {when}; whose cloud it is about cannot be told", _SUBJECT)


def _having(seen: TempestRun, status: str) -> list[Outcome]:
    return [test for test in seen.tests if test.status == status]


def _by_reason(tests: Iterable[Outcome]) -> list[tuple[str, list[str]]]:
    """Reason -> the tests it holds for, the most frequent first."""
    found: dict[str, list[str]] = collections.defaultdict(list)
    for test in tests:
        found[test.reason or "no reason given"].append(short(test.id))
    return sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0]))


def _failed(test: Outcome) -> Observation:
    if excuse := _excuse(test):
        return Undecided(short(test.id), f"{excuse}: {test.reason}")
    rule, title = (
        ("scs-0128/class_set_up", "the set-up of its class succeeds")
        if test.level == "class"
        else ("scs-0128/test_passes", "the test passes")
    )
    return _finding(rule, title, short(test.id), test.uuid, test.reason)


def _finding(rule: str, title: str, name: str, uuid: str, reason: str) -> Finding:
    which = f"id-{uuid}" if uuid else name.partition("(")[2].rstrip(")")
    return Finding(
        resource=name,
        resource_id=uuid,
        rule=rule,
        title=title,
        expected="passed or skipped",
        observed=reason,
        hint=f"look at it alone: tempest run --regex {quote(which)} with a tempest.conf of your own",
    )


def _excuse(test: Outcome) -> str:
    """Why a failure says nothing about the cloud; empty if it does."""
    if test.status != FAILED:
        return ""
    error, reason = test.error.rpartition(".")[2], test.reason.lower()
    if error in _QUOTA or any(words in reason for words in _QUOTA_WORDS):
        return "the quota of a test account is too small"
    if test.level == "class" and error in _CONFIGURATION:
        return "Tempest's accounts or configuration do not fit"
    if test.level == "class" and error in _AUTHENTICATION:
        return "a test account was refused"
    return ""
