# SPDX-License-Identifier: Apache-2.0
"""How long a result counts (docs/standards/framework.md#lifetimes)."""

from __future__ import annotations

import datetime as dt
import re

from pytest_scs.base.errors import InputError

#: The periods a scope file may name; None there means ``week``.
PERIODS = ("day", "week", "month", "quarter", "year")

_UNITS = {"h": dt.timedelta(hours=1), "d": dt.timedelta(days=1)}


def expiry(checked_at: dt.datetime, period: str | None) -> dt.date:
    """The day at whose beginning (00:00) a result stops being valid: the end of the *next* calendar period.

    ``checked_at`` is UTC. ``year`` is the end of the following month plus one year. Raises ValueError for any other.
    """
    day = checked_at.date()
    match period or "week":
        case "day":
            return day + dt.timedelta(days=2)
        case "week":
            return day + dt.timedelta(days=14 - day.weekday())
        case "month":
            return _first_of(day.year, day.month + 2)
        case "quarter":
            return _first_of(day.year, 3 * ((day.month - 1) // 3) + 7)
        case "year":
            return _first_of(day.year + 1, day.month + 2)
        case other:
            raise ValueError(f"unknown period {other!r}; known: {', '.join(PERIODS)}")


def read_span(text: str, option: str) -> dt.timedelta:
    """A time in hours or days as users write it, ``36h`` or ``2d``; raises InputError that names the option."""
    found = re.fullmatch(r"([0-9]{1,4})([hd])", text.strip())
    if not found:
        raise InputError(f"{option}: {text!r} is no time; write hours or days, for example 36h or 2d")
    return int(found[1]) * _UNITS[found[2]]


def _first_of(year: int, month: int) -> dt.date:
    return dt.date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)
