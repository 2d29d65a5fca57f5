# SPDX-License-Identifier: Apache-2.0
"""Reading single values of a report document: each gives what the format promises there, or refuses what it found."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

from pytest_scs.base.words import cut
from pytest_scs.core.verdict import Verdict

#: Words that count lines of an invocation, as the format's keys.
COUNTED = ("info", "warning", "error", "critical")

#: How a time has to be written as text.
TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?\s?(Z|[+-]\d\d(:?\d\d)?)?", re.ASCII)

# Longest part of a value that is repeated in a refusal, in characters.
_SHOWN = 60


class Malformed(ValueError):
    """Something in a report is not what the format says: ``place`` (keys joined by dots), and ``text``, what is wrong.

    ``found`` is what is there instead, in print; empty where the text says it already.
    """

    def __init__(self, place: str, text: str, found: str = "") -> None:
        super().__init__(f"{place}: {text}{f' (found {found})' if found else ''}")
        self.place = place
        self.text = text
        self.found = found


def read_text(value: Any, place: str) -> str:
    """A text that is not empty; raises Malformed."""
    if not isinstance(value, str) or not value:
        raise Malformed(place, "is missing or no text", found_value(value))
    return value


def read_mapping(value: Any, place: str) -> dict[Any, Any]:
    """Raises Malformed for what is no mapping."""
    if not isinstance(value, dict):
        raise Malformed(place, "is missing or no mapping", found_value(value))
    return value


def read_lines(value: Any, place: str) -> tuple[str, ...]:
    """A list of text; raises Malformed."""
    if not isinstance(value, list) or not all(isinstance(line, str) for line in value):
        raise Malformed(place, "is no list of lines", found_value(value))
    return tuple(value)


def read_words(value: Any, place: str) -> dict[str, str]:
    """A mapping of text to text; raises Malformed."""
    for key, word in read_mapping(value, place).items():
        read_text(word, f"{place}.{key}")
    return {str(key): word for key, word in value.items()}


def read_results(invocation: Any, place: str) -> dict[Any, Any]:
    """The results of an invocation, each still to be read; raises Malformed."""
    found = invocation.get("results") if isinstance(invocation, dict) else invocation
    if not isinstance(invocation, dict) or not isinstance(found, dict):
        raise Malformed(f"{place}.results", "is missing or no mapping", found_value(found))
    return found


def read_result(value: Any, place: str) -> Verdict:
    """The verdict that a number stands for; raises Malformed for everything but -1, 0 and 1."""
    if value is None:
        raise Malformed(place, "is null")
    if type(value) is not int:
        raise Malformed(place, f"{found_value(value)} is no integer")
    if value not in (-1, 0, 1):
        raise Malformed(place, f"{found_value(value)} is none of -1, 0, 1")
    return {1: Verdict.PASS, -1: Verdict.FAIL, 0: Verdict.ABORT}[value]


def read_time(value: Any, place: str) -> dt.datetime:
    """The time of a check as the monitor stores it: UTC, without zone; raises Malformed.

    It converts times with a zone, but drops the zone of quoted ones (and of all in JSON).
    """
    if value is None:
        raise Malformed(place, "is missing")
    if isinstance(value, str):
        try:
            # Python reads more than PostgreSQL does, such as the days of a week.
            written = value if TIME.fullmatch(value) else ""
            return dt.datetime.fromisoformat(written).replace(tzinfo=None)
        except ValueError:
            raise Malformed(place, f"{cut(repr(value), _SHOWN)} is no point in time") from None
    if not isinstance(value, dt.datetime):
        raise Malformed(place, f"{found_value(value)} is no point in time")
    if value.tzinfo is None:
        return value
    try:
        return value.astimezone(dt.UTC).replace(tzinfo=None)
    except OverflowError:
        return dt.datetime.min if value.year == dt.MINYEAR else dt.datetime.max


def count_lines(*streams: Sequence[str]) -> dict[str, int]:
    """How many lines begin with each of the words that the format counts, capital or not."""
    # Few lines begin with any of them, and the longest has eight letters.
    starts = [start for stream in streams for line in stream if (start := line[:8].lower()).startswith(COUNTED)]
    return {word: sum(start.startswith(word) for start in starts) for word in COUNTED}


def read_date(value: Any, place: str) -> dt.date | None:
    """A date, also as text, as in JSON, or None; raises Malformed."""
    if value is None or type(value) is dt.date:
        return value
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise Malformed(place, "is no date", found_value(value)) from None


def read_filter(value: Any, place: str) -> str | tuple[str, ...] | None:
    """A text, several, or None; raises Malformed."""
    return value if value is None or isinstance(value, str) else read_lines(value, place)


def read_truth(value: Any, place: str) -> bool:
    """Raises Malformed for all but true and false."""
    if not isinstance(value, bool):
        raise Malformed(place, "is neither true nor false", found_value(value))
    return value


def read_differing(value: Any, place: str) -> dict[str, dict[str, Verdict]]:
    """Testcase -> judge -> verdict; raises Malformed."""
    words = tuple(Verdict)
    for testcase, both in read_mapping(value, place).items():
        for judge, word in read_mapping(both, f"{place}.{testcase}").items():
            if word not in words:
                raise Malformed(f"{place}.{testcase}.{judge}", f"is none of {', '.join(words)}", found_value(word))
    return {testcase: {judge: Verdict(word) for judge, word in both.items()} for testcase, both in value.items()}


def read_optional_text(plain: Mapping[str, Any], name: str, place: str) -> str:
    """The text of a key that may be absent; raises Malformed."""
    value = plain.get(name)
    if value is not None and not isinstance(value, str):
        raise Malformed(f"{place}.{name}", "is no text", found_value(value))
    return value or ""


def found_value(value: Any) -> str:
    """A value as a refusal prints it, cut where it is long."""
    if isinstance(value, dt.date):
        return str(value)
    return "nothing" if value is None else cut(repr(value), _SHOWN)
