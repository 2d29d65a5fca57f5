# SPDX-License-Identifier: Apache-2.0
"""What follows at the compliance monitor from a value that a report should not have; pure.

Each was seen there (docs/standards/framework.md#what-the-monitor-refuses).
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from pytest_scs.reports.scs.values import TIME

CLAIMS = {number: f"the monitor answers {number}" for number in (401, 409, 500)}
CODE_500 = CLAIMS[500]

#: What follows from a key of a report that no address can hold.
UNREACHABLE = "stored, but its page cannot be reached"

#: What follows from what is refused here only.
NOT_READ_HERE = "the monitor may take it, but nothing of the kind is read here, so nothing else could be checked"

# What PostgreSQL reads as a time.
_ENDLESS = re.compile(r"[+-]?infinity", re.IGNORECASE)
_DAY = re.compile(r"yesterday|today|tomorrow|\d{4}-\d\d-\d\d|\d{8}", re.IGNORECASE | re.ASCII)
# Ends of a day and of a minute that are the beginnings of the next to it.
_MIDNIGHT = re.compile(r"[ T]24:00|:60\b")
_LARGEST = 2**31


def of_time(value: Any) -> str:
    """What follows from a ``checked_at`` that is no time as it has to be written."""
    if isinstance(value, dt.date):
        return "stored as midnight of that day"
    if not isinstance(value, str):
        return CODE_500
    text = value.strip()
    if _ENDLESS.fullmatch(text):
        return "it is stored, and breaks the monitor's pages for everybody: they answer 500 until it is deleted"
    if _DAY.fullmatch(text):
        return "stored as midnight of that day"
    if text.lower() in ("now", "epoch"):
        return "stored as the time of the upload" if text.lower() == "now" else "stored as 1970, and counts nowhere"
    if TIME.fullmatch(text) and not _MIDNIGHT.search(text):
        return CODE_500
    if re.search(r"\d-?[Ww]\d", text) or not re.search(r"\d", text):
        return CODE_500
    return f"{CODE_500}, or PostgreSQL reads a time of its own out of it"


def of_result(value: Any) -> str:
    """What follows from a result that is none of -1, 0, 1."""
    if value is None:
        return "it counts as missing; leave it out"
    stored = _stored(value)
    if stored is None:
        return CODE_500
    words = "" if type(value) is int else f"stored as {stored}"
    if stored >= 2:
        return f"{words}{', ' if words else ''}counts as passed"
    if stored < -1:
        return f"{words or 'stored'}, and shown as if nothing had been decided"
    return words


def _stored(value: Any) -> int | None:
    """The number that the database makes of a result; None if it refuses it."""
    number: int | None = None
    if isinstance(value, str) and re.fullmatch(r"\s*[+-]?\d{1,10}\s*", value, re.ASCII):
        number = int(value)
    elif type(value) is int:
        number = value
    elif isinstance(value, float) and abs(value) < _LARGEST:
        number = round(value)
    return number if number is not None and -_LARGEST <= number < _LARGEST else None


def of_run_id(value: Any) -> str:
    """What follows from a ``run.uuid`` that is no text, or empty."""
    if value == "":
        return UNREACHABLE
    return "stored as text" if type(value) in (int, float) else CODE_500


def of_scope_id(spec: Any) -> str:
    """What follows from a ``spec`` whose UUID is none."""
    named = isinstance(spec, dict) and isinstance(spec.get("uuid"), (str, int, float, dt.date))
    return "stored, but it belongs to no scope" if named else CODE_500


def of_subject(value: Any) -> str:
    """What follows from a ``subject`` that is no text, or empty."""
    return CODE_500 if value is None else CLAIMS[401]
