# SPDX-License-Identifier: Apache-2.0
"""The dates that image metadata carry, and arithmetic on the calendar (scs-0102; docs/standards/scs-0102.md#dates).

All of them are UTC; a date without a time means the beginning of that day. Two readings exist: what the official suite
parses, and the two forms that the text allows. Every text form is also an official form and means the same instant.
"""

from __future__ import annotations

import calendar
import datetime as dt
import functools
import re

# Regular expressions instead of strptime, which is ten times slower and knows more forms than wanted.
_TEXT = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?: ([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?)?")
_OFFICIAL = (
    re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})T([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})Z"),
    re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?: ([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2}))?)?"),
)


def parse_official(value: object) -> dt.datetime | None:
    """Read a date as the official suite does; None for anything else, also for other types than text.

    ``YYYY-MM-DDThh:mm:ssZ``, ``YYYY-MM-DD hh:mm:ss``, ``YYYY-MM-DD hh:mm``, ``YYYY-MM-DD``, the fields behind the year
    also with a single digit. The first one is also the form of Glance's own timestamps
    (docs/standards/scs-0102.md#dates).
    """
    if not isinstance(value, str):
        return None
    form = _OFFICIAL[0] if value.endswith("Z") else _OFFICIAL[1]
    return _instant(form.fullmatch(value))


def parse_text(value: object) -> dt.datetime | None:
    """Read ``YYYY-MM-DD`` or ``YYYY-MM-DD hh:mm[:ss]`` (scs-0102-v2, "Image build info"); None for anything else."""
    return _text_instant(value) if isinstance(value, str) else None


def parse_day(value: object) -> dt.date | None:
    """Read ``YYYY-MM-DD``, the only form for the end of a promise (scs-0102-v2, "Image updating"); None otherwise."""
    if not isinstance(value, str) or len(value) != len("YYYY-MM-DD"):
        return None
    instant = parse_text(value)
    return instant.date() if instant else None


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day some calendar months later, or the last day of that month where it is too short.

    31 January and one month is 28 or 29 February. Negative numbers go back. Raises ValueError outside of the years 1 to
    9999.
    """
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        raise ValueError(f"{months} months from {day} leads out of the calendar")
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@functools.lru_cache(maxsize=4096)  # build dates and ends of promises are the same for many images, and read repeatedly
def _text_instant(value: str) -> dt.datetime | None:
    return _instant(_TEXT.fullmatch(value))


def _instant(match: re.Match[str] | None) -> dt.datetime | None:
    if match is None:
        return None
    year, month, day, hour, minute, second = match.groups()
    try:
        if hour is None:
            return dt.datetime(int(year), int(month), int(day), tzinfo=dt.UTC)
        return dt.datetime(int(year), int(month), int(day), int(hour), int(minute), int(second or 0), tzinfo=dt.UTC)
    except ValueError:  # no such day or time
        return None
