# SPDX-License-Identifier: Apache-2.0
"""Values from outside as messages show them: in words that no programming language has, short, and in one line."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

#: As much of a value as a message shows, in characters.
MOST_SHOWN = 60


def value_in_words(value: object) -> str:
    """A value in words: ``null``, ``the number 4``, ``the text "4"``, ``the list [1, 2]``; never long, in one line."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {_number(value)}" if abs(value) < math.inf else _number(value)
        case str():
            return f"the text {_cut(_quoted(value))}"
        case Mapping():
            return f"the object {_cut(_outline(value))}"
        case list() | tuple():
            return f"the list {_cut(_outline(value))}"
    return "something else"


def _cut(text: str) -> str:
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."


def _quoted(text: str) -> str:
    quoted = json.dumps(text[: MOST_SHOWN + 1] if len(text) > MOST_SHOWN else text, ensure_ascii=False)
    return quoted if quoted.isprintable() else "".join(map(_escaped, quoted))


def _escaped(character: str) -> str:
    if character.isprintable():
        return character
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"


def _number(number: float) -> str:
    if isinstance(number, float):
        if math.isfinite(number):
            return repr(number)
        return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
    # Python refuses to write down what has thousands of digits.
    return str(number) if abs(number) < 10**40 else f"of {number.bit_length()} bits"


def _outline(value: Any) -> str:
    """What a list or an object begins with; what is nested in it is left out, however deep it goes."""
    if isinstance(value, Mapping):
        parts = [f"{_part(key)}: {_part(item)}" for key, item in _first(value.items())]
        return "{" + ", ".join(parts) + (", ..." if len(value) > len(parts) else "") + "}"
    parts = [_part(item) for item in _first(value)]
    return "[" + ", ".join(parts) + (", ..." if len(value) > len(parts) else "") + "]"


def _first(items: Any) -> list[Any]:
    return [item for item, _ in zip(items, range(5), strict=False)]


def _part(item: object) -> str:
    match item:
        case str():
            return _quoted(item)
        case Mapping():
            return "{...}" if item else "{}"
        case list() | tuple():
            return "[...]" if item else "[]"
    return value_in_words(item).removeprefix("the number ")
