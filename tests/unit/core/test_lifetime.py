# SPDX-License-Identifier: Apache-2.0
"""How long results count."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.core.lifetime import PERIODS, expiry

moments = st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2100, 12, 31), timezones=st.just(dt.UTC))

# check time -> expiry by period (day, week, month, quarter, year), always at 00:00
VECTORS = """
2026-01-01T00:00:00  2026-01-03  2026-01-12  2026-03-01  2026-07-01  2027-03-01
2026-01-05T10:00:00  2026-01-07  2026-01-19  2026-03-01  2026-07-01  2027-03-01
2026-01-11T23:59:59  2026-01-13  2026-01-19  2026-03-01  2026-07-01  2027-03-01
2026-03-31T12:00:00  2026-04-02  2026-04-13  2026-05-01  2026-07-01  2027-05-01
2026-06-30T23:59:00  2026-07-02  2026-07-13  2026-08-01  2026-10-01  2027-08-01
2026-07-01T00:00:00  2026-07-03  2026-07-13  2026-09-01  2027-01-01  2027-09-01
2026-10-01T00:00:00  2026-10-03  2026-10-12  2026-12-01  2027-04-01  2027-12-01
2026-11-15T00:00:00  2026-11-17  2026-11-23  2027-01-01  2027-04-01  2028-01-01
2026-11-20T09:00:00  2026-11-22  2026-11-30  2027-01-01  2027-04-01  2028-01-01
2026-12-31T10:00:00  2027-01-02  2027-01-11  2027-02-01  2027-04-01  2028-02-01
2024-02-29T08:00:00  2024-03-02  2024-03-11  2024-04-01  2024-07-01  2025-04-01
"""

CASES = [
    (checked, period, expected)
    for checked, *days in map(str.split, VECTORS.strip().splitlines())
    for period, expected in zip(("day", "week", "month", "quarter", "year"), days, strict=True)
]


@pytest.mark.parametrize(("checked", "period", "expected"), CASES)
def test_a_result_expires_as_in_the_vectors_of_the_standard(checked: str, period: str, expected: str) -> None:
    moment = dt.datetime.fromisoformat(checked).replace(tzinfo=dt.UTC)
    assert expiry(moment, period) == dt.date.fromisoformat(expected)


@given(moments)
def test_a_testcase_without_lifetime_counts_for_a_week(moment: dt.datetime) -> None:
    assert expiry(moment, None) == expiry(moment, "week")


@given(moments, st.sampled_from(PERIODS))
def test_a_result_counts_at_least_through_the_whole_next_day(moment: dt.datetime, period: str) -> None:
    assert expiry(moment, period) > moment.date() + dt.timedelta(days=1)


@given(moments, moments, st.sampled_from(PERIODS))
def test_a_later_check_never_expires_earlier(one: dt.datetime, other: dt.datetime, period: str) -> None:
    first, second = sorted([one, other])
    assert expiry(first, period) <= expiry(second, period)


@given(moments)
def test_longer_periods_last_longer(moment: dt.datetime) -> None:
    day, week, month, quarter, year = (expiry(moment, period) for period in ("day", "week", "month", "quarter", "year"))
    assert day <= week
    assert week <= month + dt.timedelta(days=7)
    assert month <= quarter < year


@given(moments)
def test_results_expire_where_a_calendar_period_begins(moment: dt.datetime) -> None:
    assert expiry(moment, "week").weekday() == 0
    assert expiry(moment, "month").day == 1
    quarter = expiry(moment, "quarter")
    assert (quarter.day, quarter.month % 3) == (1, 1)
    assert expiry(moment, "year").day == 1


@given(moments, st.sampled_from(PERIODS))
def test_the_time_of_day_does_not_matter(moment: dt.datetime, period: str) -> None:
    assert expiry(moment.replace(hour=0, minute=0, second=0), period) == expiry(moment, period)


@pytest.mark.parametrize("period", ["fortnight", "Week", "weeks"])
def test_an_unknown_period_is_an_error_that_names_the_known_ones(period: str) -> None:
    with pytest.raises(ValueError, match=f"unknown period '{period}'; known: day, week, month, quarter, year"):
        expiry(dt.datetime(2026, 1, 1, tzinfo=dt.UTC), period)
