# SPDX-License-Identifier: Apache-2.0
"""Dates of image metadata and calendar arithmetic (scs-0102)."""

from __future__ import annotations

import calendar
import datetime as dt
import time

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from pytest_scs.standards.dates import add_months, parse_day, parse_official, parse_text, parse_timestamp


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
    # strptime is lenient: leap seconds, white space within, letters of either case, digits of any script
    ("2024-01-05 23:59:60", utc(2024, 1, 6), None),
    ("2024-01-05 23:59:61", utc(2024, 1, 6, 0, 0, 1), None),
    ("2024-01-05 06:07:62", None, None),
    ("2024-01-05t06:07:08z", utc(2024, 1, 5, 6, 7, 8), None),
    ("2024-01- 5", utc(2024, 1, 5), None),
    ("2024-01-5 06:07", utc(2024, 1, 5, 6, 7), None),
    ("2024- 1-5", None, None),
    ("2024-01-05  06:07", utc(2024, 1, 5, 6, 7), None),
    ("2024-01-05\t06:07", utc(2024, 1, 5, 6, 7), None),
    ("2024-01-05\n06:07", utc(2024, 1, 5, 6, 7), None),
    ("2024-01-05\u00a006:07", utc(2024, 1, 5, 6, 7), None),
    ("2\u066024-01-05", utc(2024, 1, 5), None),
    ("\uff12\uff10\uff12\uff14-01-05", utc(2024, 1, 5), None),
    ("2024-01-05T06:07:08Z ", None, None),
    ("2024-01-05\x00", None, None),
    # the epoch is no date for the official suite, the minute behind it is one
    ("1970-01-01", None, utc(1970, 1, 1)),
    ("1970-01-01 00:00", None, utc(1970, 1, 1)),
    ("1970-01-01 00:00:00", None, utc(1970, 1, 1)),
    ("1970-01-01T00:00:00Z", None, None),
    ("1970-1-1", None, None),
    ("1969-12-31 23:59:60", None, None),
    ("1970-01-01 00:01", utc(1970, 1, 1, 0, 1), utc(1970, 1, 1, 0, 1)),
    ("1969-12-31", utc(1969, 12, 31), utc(1969, 12, 31)),
    # beyond the calendar
    ("9999-12-31 23:59:60", utc(9999, 12, 31, 23, 59, 59), None),
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
    assume(instant != utc(1970, 1, 1))
    assert parse_text(written) == instant
    assert parse_official(written) == instant
    assert parse_official(written.replace(" ", "T") + "Z") == instant
    assert parse_day(written[:10]) == instant.date()


@given(st.from_regex(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([T ][0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2})?)?Z?", fullmatch=True))
def test_what_the_text_reads_the_official_suite_reads_alike(value: str) -> None:
    text = parse_text(value)
    assert text is None or text == parse_official(value) or text == utc(1970, 1, 1)


def documented(value: str) -> int:
    """What the official suite makes of a text: seconds since the epoch, or 0 where it is no date (its four formats)."""
    for form in ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"):
        try:
            return calendar.timegm(time.strptime(value, form))
        except ValueError:
            pass
    return 0


ZEROS = "0\u0660\u06f0\u0966\uff10"
BLANK = st.sampled_from(["", " ", "  ", "\t", "\n", "\u00a0", "T", "t", "Z", "z", "-", ":", ".5", "+00:00"])


@st.composite
def nearly_dates(draw: st.DrawFn) -> str:
    """Texts around the four formats: odd digits, separators, white space, fields beyond their range."""

    def field(most: int) -> str:
        zero = ord(draw(st.sampled_from(ZEROS))) if draw(st.integers(0, 9)) == 0 else ord("0")
        number = str(draw(st.integers(0, most))).rjust(draw(st.sampled_from([1, 2, 2, 2])), "0")
        return draw(st.sampled_from(["", "", "", "", "", " "])) + "".join(chr(zero + int(digit)) for digit in number)

    year = draw(st.sampled_from(["1969", "1970", "2024", "2026", "0000", "0001", "9999", "26"]))
    text = f"{year}-{field(13)}-{field(32)}"
    if draw(st.booleans()):
        text += draw(BLANK) + f"{field(25)}:{field(61)}"
        if draw(st.booleans()):
            text += f":{field(62)}"
    return draw(st.sampled_from(["", "", "", " "])) + text + draw(st.sampled_from(["", "", "", "Z", "z", " ", "\n"]))


@given(st.one_of(nearly_dates(), st.text(), st.datetimes().map(lambda day: day.isoformat(" ", "seconds"))))
@example("1970-01-01")
@example("1969-12-31 23:59:60")
def test_the_official_reading_is_that_of_strptime_with_the_epoch_for_no_date(value: str) -> None:
    seconds = documented(value)
    read = parse_official(value)
    if seconds == 0:
        assert read is None
    else:
        assert read is not None
        assert min(seconds, 253402300799) == calendar.timegm(read.timetuple())


def test_a_registration_may_be_at_the_epoch() -> None:
    assert parse_timestamp("1970-01-01T00:00:00Z") == utc(1970, 1, 1)
    assert parse_timestamp("soon") is None


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        ("2026-06-01T08:00:00+02:00", utc(2026, 6, 1, 6)),
        ("2026-06-01T08:00:00-0130", utc(2026, 6, 1, 9, 30)),
        ("2026-06-01T08:00:00.000Z", utc(2026, 6, 1, 8)),
        ("2026-06-01T08:00:00.000000000+00:00", utc(2026, 6, 1, 8)),
        ("2026-06-01T08:00:00+99:99", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("2026-06-01T08:00+02:00", None),
        ("2026-06-01T08:00:00", None),
    ],
)
def test_a_registration_may_have_a_fraction_and_an_offset(value: str, instant: dt.datetime | None) -> None:
    assert parse_timestamp(value) == instant
    assert parse_official(value) is None


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
