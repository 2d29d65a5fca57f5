# SPDX-License-Identifier: Apache-2.0
"""Which testcases are due, since when and why (docs/standards/framework.md#lifetimes). Pure: no files, no clock.

All times are UTC without zone, as in reports.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum

from pytest_scs.core.lifetime import expiry
from pytest_scs.core.scope import Scope, Testcase
from pytest_scs.core.verdict import Verdict
from pytest_scs.pipeline.merging import KnownResult
from pytest_scs.standards.intervals import answers_end, interval_for

#: A cron job that starts a little early finds its testcases due all the same.
ALLOWANCE = dt.timedelta(minutes=30)


class DueReason(enum.StrEnum):
    """Why a testcase is due, or will be; the value is for people."""

    MISSING = "no result"
    FAILED = "the last one is FAIL"
    ABORTED = "the last one is ABORT"
    INTERVAL = "interval over"
    EXPIRES = "result about to expire"
    EXPIRED = "result expired"
    QUARTER = "answers about to expire"
    AHEAD = "the last one is from the future"


@dataclasses.dataclass(frozen=True, slots=True)
class DueWithin:
    """How long before its result expires a testcase is due (``--scs-due-within``): light ones, and all others."""

    light: dt.timedelta = dt.timedelta(days=1)
    heavy: dt.timedelta = dt.timedelta(days=7)

    def of(self, testcase: Testcase) -> dt.timedelta:
        """For this testcase."""
        return self.light if testcase.cost == "light" else self.heavy


#: Where nobody says otherwise.
DEFAULT = DueWithin()


@dataclasses.dataclass(frozen=True, slots=True)
class DueState:
    """When a testcase is due.

    ``due``: it is now, because of ``reason``. ``due_at``: since when, or from when on; None where there is no such
    moment (no result, or one from the future). ``valid_until``: the first moment at which its newest result does not
    count any more; None without result. ``counts``: whether it counts now. ``answers_until``: the same of answers of
    people, which have a life of their own.
    """

    testcase: str
    due: bool
    reason: DueReason
    due_at: dt.datetime | None = None
    valid_until: dt.datetime | None = None
    counts: bool = False
    answers_until: dt.datetime | None = None


def due_state(
    scope: Scope,
    testcase: Testcase,
    newest: KnownResult | None,
    now: dt.datetime,
    within: DueWithin = DEFAULT,
) -> DueState:
    """Whether a testcase of a scope is due at a time, given its newest result, expired or not (None: there is none).

    It is at the earliest of: interval over, result or answers about to expire, newest result FAIL or ABORT, no result.
    """
    if newest is None or newest.verdict is Verdict.MISS:
        return DueState(testcase.id, True, DueReason.MISSING)
    ends = valid_until(testcase, newest)
    counts = now < ends
    answers_until = _answers_until(testcase, newest) if testcase.manual else None
    if newest.checked_at > now + ALLOWANCE:
        # It would never become due, nor expire at the monitor: a clock was wrong, and nobody knows what holds.
        return DueState(testcase.id, True, DueReason.AHEAD, None, ends, counts, answers_until)
    moments = list(_moments(scope, testcase, newest, within, ends, answers_until))
    due_at, reason = min(moments, key=lambda moment: moment[0])
    if reason is DueReason.EXPIRES and not counts:
        reason = DueReason.EXPIRED
    due = now >= due_at - (ALLOWANCE if due_at > dt.datetime.min + ALLOWANCE else dt.timedelta())
    return DueState(testcase.id, due, reason, due_at, ends, counts, answers_until)


def _moments(
    scope: Scope,
    testcase: Testcase,
    newest: KnownResult,
    within: DueWithin,
    ends: dt.datetime,
    answers_until: dt.datetime | None,
) -> list[tuple[dt.datetime, DueReason]]:
    """All moments from which on a testcase with a result is due, and why; of equal ones the first tells the reason."""
    found: list[tuple[dt.datetime, DueReason]] = []
    if newest.verdict is not Verdict.PASS:
        failed = newest.verdict is Verdict.FAIL
        found.append((newest.checked_at, DueReason.FAILED if failed else DueReason.ABORTED))
    if every := interval_for(scope, testcase).every:
        found.append((_later(newest.checked_at, every), DueReason.INTERVAL))
    if answers_until:
        found.append((_later(answers_until, -within.of(testcase)), DueReason.QUARTER))
    found.append((_later(ends, -within.of(testcase)), DueReason.EXPIRES))
    return found


def valid_until(testcase: Testcase | None, result: KnownResult) -> dt.datetime:
    """The first moment at which a result does not count any more; of an unknown testcase as for a week."""
    try:
        return dt.datetime.combine(expiry(result.checked_at, testcase.lifetime if testcase else None), dt.time())
    except (OverflowError, ValueError):  # at the end of the calendar
        return dt.datetime.max


def _answers_until(testcase: Testcase, newest: KnownResult) -> dt.datetime | None:
    if newest.answered_on is None:
        return None
    try:
        return dt.datetime.combine(answers_end(newest.answered_on, testcase.lifetime), dt.time())
    except (OverflowError, ValueError):
        return dt.datetime.max


def _later(moment: dt.datetime, by: dt.timedelta) -> dt.datetime:
    """Some time later (or earlier), within the calendar."""
    try:
        return moment + by
    except OverflowError:
        return dt.datetime.max if by > dt.timedelta() else dt.datetime.min
