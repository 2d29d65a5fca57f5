# SPDX-License-Identifier: Apache-2.0
"""How old an image is for the official suite and for the text, apart from any replacement.

Source: scs-0102-v1 and -v2, "Image updating"; docs/standards/scs-0102.md#image-recency.
"""

from __future__ import annotations

import datetime as dt
import enum
from typing import Final

from pytest_scs.standards.dates import add_months, parse_day, parse_official, parse_text, parse_timestamp
from pytest_scs.standards.iaas.image_rules import DEV_SUBJECT, concerns_text, text_of
from pytest_scs.standards.iaas.model import Image

#: The official suite's periods, its margin of 10 % included. A week has days of 25 hours there (DEV-0102-11).
OFFICIAL_LIMITS: Final = {
    "yearly": dt.timedelta(days=365) * 1.1,
    "quarterly": dt.timedelta(days=92) * 1.1,
    "monthly": dt.timedelta(days=31) * 1.1,
    "weekly": dt.timedelta(days=7, hours=7) * 1.1,
    "daily": dt.timedelta(hours=25) * 1.1,
}
#: Days that the text tolerates after the day on which a new build is due.
GRACE: Final = dt.timedelta(days=3)

_MONTHS: Final = {"yearly": 12, "quarterly": 3, "monthly": 1}
_DAYS: Final = {"weekly": 7, "daily": 1}


class Standing(enum.Enum):
    """How an image stands with one judge, apart from any replacement."""

    FRESH = "within its period, or without one"
    UNPROMISED = "provided_until is none"
    NOTICE = "provided_until is notice, which ends the promise for the official suite"
    EXPIRED = "the promise has ended"
    EXCUSED = "built too long ago, but registered within the period"
    IGNORED = "no concern of this judge"
    UNDATED = "neither build date nor registration is known"
    UNTIL_INVALID = "provided_until is no date"
    OUTDATED = "older than its period"


#: Standings that need a replacement, or that are none.
NOT_FINE: Final = frozenset({Standing.IGNORED, Standing.UNDATED, Standing.UNTIL_INVALID, Standing.OUTDATED})


def due_day(built: dt.date, frequency: str) -> dt.date:
    """The day on which the text wants the next build, before the days of grace (scs-0102-v1, "Image updating").

    ``frequency`` is one of yearly, quarterly, monthly, weekly, daily; KeyError otherwise. 31 January and a month is the
    last day of February. Raises ValueError or OverflowError beyond the year 9999.
    """
    if months := _MONTHS.get(frequency):
        return add_months(built, months)
    return built + dt.timedelta(days=_DAYS[frequency])


def official_base(image: Image) -> dt.datetime | None:
    """The instant from which the official suite counts the age: build date, else registration; None if neither is one.

    The epoch is no build date there (DEV-0102-20).
    """
    return parse_official(image["image_build_date"]) or parse_timestamp(image["created_at"])


def text_base(image: Image) -> dt.datetime | None:
    """The instant from which the text counts the age: build date, else registration; None if neither is one."""
    return parse_text(image["image_build_date"]) or parse_timestamp(image["created_at"])


def official_standing(image: Image, now: dt.datetime) -> Standing:
    """How the official suite sees a visible image at the aware instant ``now`` (DEV-0102-9, -11, -12, -13)."""
    limit = OFFICIAL_LIMITS.get(text_of(image, "replace_frequency") or "")
    if limit is None:
        return Standing.FRESH
    base = official_base(image)
    if base is None:
        return Standing.UNDATED
    if now - base <= limit:
        return Standing.FRESH
    until = image["provided_until"]
    if until == "none":
        return Standing.UNPROMISED
    if until == "notice":
        return Standing.NOTICE
    end = parse_official(until)
    if end is None:
        return Standing.UNTIL_INVALID
    return Standing.EXPIRED if now > end else Standing.OUTDATED


def text_standing(image: Image, today: dt.date) -> Standing:
    """How the text sees a visible image on the UTC day ``today`` (docs/standards/scs-0102.md#image-recency)."""
    if not concerns_text(image):
        return Standing.IGNORED
    frequency = text_of(image, "replace_frequency") or ""
    if frequency not in OFFICIAL_LIMITS:
        return Standing.FRESH
    built = parse_text(image["image_build_date"])
    base = text_base(image)
    if base is None:
        return Standing.UNDATED
    if not _overdue(base.date(), frequency, today):
        return Standing.FRESH
    until = image["provided_until"]
    if until == "none":
        return Standing.UNPROMISED
    if (end := parse_day(until)) and today > end:
        return Standing.EXPIRED
    registered = parse_timestamp(image["created_at"]) if built else None
    if registered and not _overdue(registered.date(), frequency, today):
        return Standing.EXCUSED
    return Standing.OUTDATED


def row_of_difference(image: Image, official: Standing, text: Standing, today: dt.date) -> str:
    """The row ``DEV-...`` by which one judge finds an image fine and the other does not, replacement left aside."""
    match official, text:
        case _, Standing.IGNORED:
            return DEV_SUBJECT
        case _, Standing.EXCUSED:
            return "DEV-0102-29"
        case Standing.NOTICE, _:
            return "DEV-0102-12"
        case Standing.EXPIRED, _:
            return "DEV-0102-13" if parse_day(image["provided_until"]) == today else "DEV-0102-15"
        case Standing.UNTIL_INVALID, Standing.EXPIRED:
            return "DEV-0102-20"
        case Standing.UNTIL_INVALID, Standing.OUTDATED:
            # The text minds it elsewhere, in the testcase on provided_until, and takes the image for replaced.
            return "DEV-0102-9" if image["provided_until"] is None else "DEV-0102-32"
    if is_epoch(image["image_build_date"]):
        return "DEV-0102-20"
    same_base = parse_text(image["image_build_date"]) == parse_official(image["image_build_date"])
    return "DEV-0102-11" if same_base else "DEV-0102-15"


def is_epoch(value: object) -> bool:
    """Whether this is a date for the text, but not for the official suite (DEV-0102-20)."""
    return parse_text(value) is not None and parse_official(value) is None


def _overdue(base: dt.date, frequency: str, today: dt.date) -> bool:
    # the first comparison also keeps dates near the end of the calendar out of the second
    return base < today and today > due_day(base, frequency) + GRACE
