# SPDX-License-Identifier: Apache-2.0
"""Which testcases are due: by the texts of the scopes, the life of results and what came out last."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stored_reports import stored

from pytest_scs.core.scope import Scope, Testcase
from pytest_scs.core.scope_file import load_scope
from pytest_scs.core.selection import bundled_scopes
from pytest_scs.core.verdict import Verdict
from pytest_scs.pipeline.dossier.manifest import table
from pytest_scs.pipeline.due import ALLOWANCE, DEFAULT, DueReason, DueState, DueWithin, due_state
from pytest_scs.pipeline.merging import KnownResult
from pytest_scs.standards.intervals import answers_end, interval_for

SCOPES = {name: load_scope(path) for name, path in bundled_scopes().items()}
FRIDAY = dt.datetime(2026, 11, 20, 9)
DAY = dt.timedelta(days=1)

some_testcase = st.sampled_from([(scope, one) for scope in SCOPES.values() for one in scope.testcases.values()])
moments = st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2200, 1, 1))
spans = st.timedeltas(dt.timedelta(), dt.timedelta(days=800))
verdicts = st.sampled_from([Verdict.PASS, Verdict.FAIL, Verdict.ABORT])


def state(
    name: str,
    testcase: str,
    checked_at: dt.datetime | None = FRIDAY,
    *,
    after: dt.timedelta = dt.timedelta(),
    verdict: Verdict = Verdict.PASS,
    answered_on: dt.date | None = None,
    within: DueWithin = DEFAULT,
) -> DueState:
    scope = SCOPES[name]
    newest = None
    if checked_at:
        newest = KnownResult(testcase, verdict, checked_at, "id", None, answered_on is not None, answered_on)
    return due_state(scope, scope.testcases[testcase], newest, (checked_at or FRIDAY) + after, within)


@pytest.mark.parametrize(
    ("name", "testcase", "words", "days"),
    [
        ("iaas", "scs-0100-syntax-check", "weekly", 7),
        ("iaas", "scs-0101-rngd", "weekly", 7),
        ("iaas-v6", "scs-0100-syntax-check", "weekly", 7),
        ("kaas", "version-policy-check", "daily", 1),
        ("kaas", "cncf-k8s-conformance", "at least yearly", None),
        ("kaas", "kaas-networking-check", "at least yearly", None),
        ("beyond", "scs-0128-x-tempest", "before its result expires", None),
        ("beyond-kaas", "scs-0219-x-network-policy-probe", "before its result expires", None),
        ("iaas", "availability-zones-check", "every quarter", None),
        ("beyond", "scs-0100-x-manual-cpu", "every quarter", None),
        ("kaas", "node-distribution-check", "every quarter", None),
    ],
)
def test_the_interval_is_that_of_the_scopes_text(name: str, testcase: str, words: str, days: int | None) -> None:
    scope = SCOPES[name]
    found = interval_for(scope, scope.testcases[testcase])
    assert (found.words, found.every) == (words, None if days is None else days * DAY)


@pytest.mark.parametrize(
    ("name", "testcase", "due_at", "reason", "valid_until"),
    [
        ("iaas", "scs-0100-syntax-check", "2026-11-27T09:00", DueReason.INTERVAL, "2026-11-30"),
        # Heavy ones are due seven days before they expire, which is earlier than the interval.
        ("iaas", "scs-0101-rngd", "2026-11-23", DueReason.EXPIRES, "2026-11-30"),
        ("kaas", "version-policy-check", "2026-11-21T09:00", DueReason.INTERVAL, "2026-11-30"),
        ("kaas", "cncf-k8s-conformance", "2027-12-25", DueReason.EXPIRES, "2028-01-01"),
        ("kaas", "kaas-networking-check", "2026-12-25", DueReason.EXPIRES, "2027-01-01"),
        ("beyond", "scs-0128-x-tempest", "2027-12-25", DueReason.EXPIRES, "2028-01-01"),
        ("beyond-kaas", "scs-0214-x-node-labels", "2026-11-29", DueReason.EXPIRES, "2026-11-30"),
    ],
)
def test_a_result_of_a_friday_is_due_when_interval_or_life_end(
    name: str, testcase: str, due_at: str, reason: DueReason, valid_until: str
) -> None:
    found = state(name, testcase)
    assert found == DueState(
        testcase, False, reason, dt.datetime.fromisoformat(due_at), dt.datetime.fromisoformat(valid_until), True
    )


@pytest.mark.parametrize(("days", "counts"), [(8, True), (9.5, True), (10, False), (13, False)])
def test_a_weekly_result_of_a_friday_counts_until_the_monday_after_next(days: float, counts: bool) -> None:
    found = state("iaas", "scs-0100-syntax-check", after=days * DAY)
    assert (found.due, found.counts) == (True, counts)


def test_a_monday_s_weekly_result_is_due_a_week_later_although_it_counts_for_two() -> None:
    monday = dt.datetime(2026, 11, 23, 3)
    found = state("iaas", "scs-0100-syntax-check", monday, after=7 * DAY)
    assert (found.due, found.reason, found.counts) == (True, DueReason.INTERVAL, True)


@pytest.mark.parametrize(("early", "due"), [(29, True), (30, True), (31, False)])
def test_a_daily_job_that_starts_a_little_early_finds_its_testcase_due(early: int, due: bool) -> None:
    found = state("kaas", "version-policy-check", after=DAY - dt.timedelta(minutes=early))
    assert found.due is due


@pytest.mark.parametrize(("verdict", "reason"), [(Verdict.FAIL, DueReason.FAILED), (Verdict.ABORT, DueReason.ABORTED)])
def test_what_did_not_pass_is_due_at_once(verdict: Verdict, reason: DueReason) -> None:
    found = state("kaas", "cncf-k8s-conformance", verdict=verdict)
    assert (found.due, found.reason, found.due_at) == (True, reason, FRIDAY)


def test_what_has_no_result_is_due() -> None:
    found = state("kaas", "cncf-k8s-conformance", None)
    assert found == DueState("cncf-k8s-conformance", True, DueReason.MISSING)


def test_an_expired_result_is_due_and_says_that_it_expired() -> None:
    found = state("beyond-kaas", "scs-0214-x-node-labels", after=20 * DAY)
    assert (found.due, found.counts, found.reason) == (True, False, DueReason.EXPIRED)


@pytest.mark.parametrize(("days", "due"), [(3, True), (1, False)])
def test_one_span_before_the_expiry_can_be_asked_for(days: int, due: bool) -> None:
    within = DueWithin(days * DAY, days * DAY)
    found = state("beyond-kaas", "scs-0214-x-node-labels", after=7 * DAY, within=within)
    assert found.due is due


def test_answers_have_two_lives() -> None:
    answered = dt.date(2026, 11, 20)
    reported = dt.datetime(2026, 11, 26, 12)
    found = state("beyond", "scs-0100-x-manual-cpu", reported, answered_on=answered)
    assert (found.due, found.reason) == (False, DueReason.QUARTER)
    assert (found.answers_until, found.valid_until) == (dt.datetime(2027, 4, 1), dt.datetime(2027, 4, 1))
    again = state("beyond", "scs-0100-x-manual-cpu", dt.datetime(2027, 1, 5), answered_on=answered)
    assert (again.answers_until, again.valid_until) == (dt.datetime(2027, 4, 1), dt.datetime(2027, 7, 1))
    assert again.due_at == dt.datetime(2027, 3, 25)


def test_a_result_from_the_future_is_due_for_it_would_never_expire() -> None:
    newest = KnownResult("version-policy-check", Verdict.PASS, dt.datetime(9999, 12, 31), "id")
    scope = SCOPES["kaas"]
    found = due_state(scope, scope.testcases["version-policy-check"], newest, FRIDAY)
    assert (found.due, found.reason, found.valid_until) == (True, DueReason.AHEAD, dt.datetime.max)


@given(some_testcase, moments, spans, verdicts)
def test_what_was_due_once_stays_due(
    one: tuple[Scope, Testcase], checked_at: dt.datetime, later: dt.timedelta, verdict: Verdict
) -> None:
    scope, testcase = one
    newest = KnownResult(testcase.id, verdict, checked_at, "id")
    found = due_state(scope, testcase, newest, checked_at + later)
    assert found.due_at is not None
    assert found.due is (checked_at + later >= found.due_at - ALLOWANCE)
    if found.due:
        assert due_state(scope, testcase, newest, checked_at + later + DAY).due


@given(some_testcase, moments, spans)
def test_a_result_never_stops_counting_before_its_testcase_is_due(
    one: tuple[Scope, Testcase], checked_at: dt.datetime, later: dt.timedelta
) -> None:
    scope, testcase = one
    found = due_state(scope, testcase, KnownResult(testcase.id, Verdict.PASS, checked_at, "id"), checked_at + later)
    assert found.due or found.counts


@given(st.dates(dt.date(2000, 1, 1), dt.date(2200, 1, 1)))
def test_answers_count_until_the_end_of_the_next_quarter(day: dt.date) -> None:
    end = answers_end(day)
    assert end.day == 1
    assert end.month % 3 == 1
    assert dt.timedelta(days=90) < end - day <= dt.timedelta(days=184)


def test_nothing_breaks_at_the_end_of_the_calendar() -> None:
    report = stored({"scs-0100-syntax-check": "PASS"}, checked_at=dt.datetime(9999, 12, 31, 10))
    [row] = table([report], {scope.uuid: scope for scope in map(load_scope, bundled_scopes().values())})
    assert row["counts_until"] == "9999-12-31"
