# SPDX-License-Identifier: Apache-2.0
"""Dates of image metadata and calendar arithmetic (scs-0102)."""

from __future__ import annotations

import calendar
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.standards.dates import add_months, parse_day, parse_official, parse_text


def utc(*fields: int) -> dt.datetime:
    return dt.datetime(*fields, tzinfo=dt.UTC)  # type: ignore[misc, arg-type]


# value, read by the official suite, read by the text
FORMS = [
    ("2024-01-05", utc(2024, 1, 5), utc(2024, 1, 5)),
    ("2024-01-05 06:07", utc(2024, 1, 5, 6, 7), utc(2024, 1, 5, 6, 7)),
    ("2024-01-05 06:07:08", utc(2024, 1, 5, 6, 7, 8), utc(2024, 1, 5, 6, 7, 8)),
    ("2024-01-05 23:59:59", utc(2024, 1, 5, 23, 59, 59), utc(2024, 1, 5, 23, 59, 59)),
    ("2024-02-29", utc(2024, 2, 29), utc(2024, 2, 29)),
    ("2024-01-05T06:07:08Z", utc(2024, 1, 5, 6, 7, 8), None),
    ("2024-1-5", utc(2024, 1, 5), None),
    ("2024-1-5 6:7", utc(2024, 1, 5, 6, 7), None),
    ("2024-1-5 6:7:8", utc(2024, 1, 5, 6, 7, 8), None),
    ("2024-1-5T6:7:8Z", utc(2024, 1, 5, 6, 7, 8), None),
    ("2024-02-30", None, None),
    ("2023-02-29", None, None),
    ("2024-13-01", None, None),
    ("2024-00-01", None, None),
    ("2024-01-00", None, None),
    ("0000-01-01", None, None),
    ("2024-01-05 24:00", None, None),
    ("2024-01-05 06:60", None, None),
    ("2024-01-05 06:07:60", None, None),
    ("24-01-05", None, None),
    ("02024-01-05", None, None),
    ("2024-001-05", None, None),
    ("20240105", None, None),
    ("2024/01/05", None, None),
    ("05.01.2024", None, None),
    ("2024-01", None, None),
    ("2024-01-05T06:07Z", None, None),
    ("2024-01-05T06:07:08", None, None),
    ("2024-01-05 06:07:08Z", None, None),
    ("2024-01-05Z", None, None),
    ("2024-01-05T06:07:08+00:00", None, None),
    ("2024-01-05 06:07:08.5", None, None),
    ("2024-01-05 06", None, None),
    (" 2024-01-05", None, None),
    ("2024-01-05 ", None, None),
    ("2024-01-05\n", None, None),
    ("2024-01-05  06:07", None, None),
    ("2\u066024-01-05", None, None),
    ("", None, None),
    ("none", None, None),
    (None, None, None),
    (20240105, None, None),
    (["2024-01-05"], None, None),
    (dt.date(2024, 1, 5), None, None),
]


@pytest.mark.parametrize(("value", "official", "text"), FORMS)
def test_dates_are_read_in_the_forms_of_suite_and_text(
    value: object, official: dt.datetime | None, text: dt.datetime | None
) -> None:
    assert parse_official(value) == official
    assert parse_text(value) == text


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2024-02-29", dt.date(2024, 2, 29)),
        ("2024-02-30", None),
        ("2024-2-29", None),
        ("2024-02-29 00:00", None),
        ("2024-02-29T00:00:00Z", None),
        ("notice", None),
        ("", None),
        (None, None),
        (7, None),
        ([], None),
    ],
)
def test_the_end_of_a_promise_is_a_day_in_one_form(value: object, day: dt.date | None) -> None:
    assert parse_day(value) == day


def test_all_instants_are_aware_and_utc() -> None:
    for value, *_ in FORMS:
        for instant in (parse_official(value), parse_text(value)):
            assert instant is None or instant.utcoffset() == dt.timedelta(0)


@given(st.datetimes(min_value=dt.datetime(1, 1, 1), max_value=dt.datetime(9999, 12, 31)))
def test_every_instant_survives_being_written_and_read(instant: dt.datetime) -> None:
    instant = instant.replace(microsecond=0, tzinfo=dt.UTC)
    written = instant.replace(tzinfo=None).isoformat(" ")
    assert parse_text(written) == instant
    assert parse_official(written) == instant
    assert parse_official(written.replace(" ", "T") + "Z") == instant
    assert parse_day(written[:10]) == instant.date()


@given(st.from_regex(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([T ][0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2})?)?Z?", fullmatch=True))
def test_what_the_text_reads_the_official_suite_reads_alike(value: str) -> None:
    text = parse_text(value)
    assert text is None or text == parse_official(value)


@given(st.one_of(st.text(), st.none(), st.integers(), st.floats(), st.lists(st.text()), st.binary()))
def test_no_value_makes_a_parser_raise(value: object) -> None:
    for parse in (parse_official, parse_text, parse_day):
        parse(value)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2024-01-31", 1, "2024-02-29"),
        ("2023-01-31", 1, "2023-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2021-04-14", 1, "2021-05-14"),
        ("2024-11-30", 3, "2025-02-28"),
        ("2024-12-31", 1, "2025-01-31"),
        ("2024-12-31", 12, "2025-12-31"),
        ("2024-03-31", -1, "2024-02-29"),
        ("2024-01-15", -1, "2023-12-15"),
        ("2024-08-31", 0, "2024-08-31"),
    ],
)
def test_months_are_added_by_the_calendar(day: str, months: int, expected: str) -> None:
    assert add_months(dt.date.fromisoformat(day), months) == dt.date.fromisoformat(expected)


DAYS = st.dates(min_value=dt.date(1000, 1, 1), max_value=dt.date(3000, 12, 31))


@given(DAYS, st.integers(0, 600))
def test_added_months_keep_the_day_unless_the_month_is_too_short(day: dt.date, months: int) -> None:
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    last = calendar.monthrange(later.year, later.month)[1]
    assert later.day == day.day or (later.day == last and day.day > last)


@given(DAYS, DAYS, st.integers(0, 600))
def test_added_months_keep_the_order(first: dt.date, second: dt.date, months: int) -> None:
    assert add_months(min(first, second), months) <= add_months(max(first, second), months)


@pytest.mark.parametrize(("day", "months"), [(dt.date(9999, 12, 1), 1), (dt.date(1, 1, 1), -1)])
def test_months_beyond_the_calendar_are_an_error(day: dt.date, months: int) -> None:
    with pytest.raises(ValueError, match="leads out of the calendar"):
        add_months(day, months)
