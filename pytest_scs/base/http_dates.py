# SPDX-License-Identifier: Apache-2.0
"""Instants in headers of HTTP; pure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from email.utils import parsedate_to_datetime


def instant(header: str) -> dt.datetime | None:
    """The instant that a date of HTTP means; None for anything else."""
    try:
        moment = parsedate_to_datetime(header)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
        return moment.astimezone(dt.UTC)
    except (ValueError, TypeError, OverflowError, IndexError, AttributeError):
        return None


def pause_asked_for(
    header: str | None, now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC), *, digits: int = 4
) -> float:
    """Seconds that a header ``Retry-After`` asks for: up to so many digits, or a date; 0 for anything else."""
    text = (header or "").strip(" \t")
    if 0 < len(text) <= digits and text.isascii() and text.isdigit():
        return float(text)
    if not re.match(r"[A-Za-z]{3,9},? ", text):
        return 0.0
    moment = instant(text)
    return max(0.0, (moment - now()).total_seconds()) if moment else 0.0
