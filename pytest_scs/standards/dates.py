# SPDX-License-Identifier: Apache-2.0
"""The dates that image metadata carry, and arithmetic on the calendar (scs-0102; docs/standards/scs-0102.md#dates).

All of them are UTC; a date without a time means the beginning of that day. Two readings exist: what the official suite
parses, and the two forms that the text allows. Every text form is also an official form and means the same instant, but
for the epoch, which is no date there.
"""

from __future__ import annotations

import calendar
import datetime as dt
import functools
import re
import time
from typing import Final

_TEXT = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?: ([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?)?")
#: What the official suite tries, in its order.
_OFFICIAL: Final = ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d")
# Glance's own timestamps. Reading these and the forms of the text without strptime, which is ten times slower, makes no
# difference but in time; everything else is left to strptime, because no expression is as lenient as that.
_TIMESTAMP = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z")
# The other forms of a time that Glance's documentation has.
_OFFSET = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.][0-9]+)?(?:Z|[+-][0-9]{2}:?[0-9]{2})")

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_END: Final = dt.datetime.max.replace(microsecond=0, tzinfo=dt.UTC)


def parse_official(value: object) -> dt.datetime | None:
    """Read a date as the official suite does; None for anything else, also for other types than text.

    Four forms of ``time.strptime``, with all its leniency: ``YYYY-MM-DDThh:mm:ssZ``, ``YYYY-MM-DD hh:mm:ss``,
    ``YYYY-MM-DD hh:mm``, ``YYYY-MM-DD``. The epoch is no date there, in whatever form (DEV-0102-20;
    docs/standards/scs-0102.md#dates).
    """
    instant = _official_instant(value) if isinstance(value, str) else None
    return None if instant == _EPOCH else instant


def parse_timestamp(value: object) -> dt.datetime | None:
    """Read Glance's ``created_at`` in the forms of :func:`parse_official`, the epoch included; None for anything else.

    A fraction of a second and an offset from UTC may be there, too: they are the form of a time all the same.
    """
    if not isinstance(value, str):
        return None
    if instant := _official_instant(value):
        return instant
    if not _OFFSET.fullmatch(value):
        return None
    try:
        return dt.datetime.fromisoformat(value).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None


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


def _official_instant(value: str) -> dt.datetime | None:
    """A date as strptime has it: seconds 60 and 61 are the first ones of the next minute, and after 9999 time stops."""
    plain = _TIMESTAMP.fullmatch(value) or _TEXT.fullmatch(value)
    if plain and (instant := _instant(plain)):
        return instant
    for form in _OFFICIAL:
        try:
            seconds = calendar.timegm(time.strptime(value, form))
        except ValueError:
            continue
        try:
            return _EPOCH + dt.timedelta(seconds=seconds)
        except OverflowError:  # 9999-12-31 23:59:60
            return _END
    return None


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
