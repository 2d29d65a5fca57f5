# SPDX-License-Identifier: Apache-2.0
"""Reading JSON as its standard has it: what readers usually let pass is a fault here, in words; pure."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable
from typing import Any, NoReturn

#: Objects and lists within each other.
MOST_LEVELS = 64

#: Objects, lists and their members together: one takes up to 250 bytes once it is read.
MOST_VALUES = 1_500_000

#: Bytes of a document, without blanks around it; fewer where not all is ASCII: a character may take four bytes then.
MOST_BYTES = 128 * 2**20
MOST_BYTES_BEYOND_ASCII = 48 * 2**20

# A key that is shown in a message.
_LONGEST_KEY = 60


class NoStrictJson(ValueError):
    """A text is no JSON that may be used; the message says why, as in "it has the key 'flavors' twice"."""


def read_json(text: bytes | str) -> Any:
    """The content of one JSON document (RFC 8259); bytes have to be UTF-8.

    Strings may hold anything, control characters and lone surrogates included. Raises NoStrictJson for anything that
    is no JSON, for NaN and Infinity, for a key that an object has twice, for a number that no float can hold, and for
    more levels, values or bytes than above (docs/standards/framework.md#shape-of-answers).
    """
    decoded = _decoded(text)
    if sum(map(decoded.count, "[{,")) > MOST_VALUES:
        raise NoStrictJson(f"it has more than {MOST_VALUES} values")
    try:
        content = _DECODER.decode(decoded)
    except RecursionError:
        raise NoStrictJson(_TOO_DEEP) from None
    except json.JSONDecodeError as error:
        raise NoStrictJson(f"it is no JSON (line {error.lineno}, column {error.colno})") from None
    except NoStrictJson:
        raise
    except ValueError:  # Python's own limit of digits
        raise NoStrictJson("it has a number with more digits than can be read") from None
    _check_levels(content)
    return content


_TOO_DEEP = f"it is nested more than {MOST_LEVELS} levels deep"


def _decoded(text: bytes | str) -> str:
    if isinstance(text, str):
        return text
    text = text.strip(b" \t\r\n")
    if len(text) > (MOST_BYTES if text.isascii() else MOST_BYTES_BEYOND_ASCII):
        raise NoStrictJson("it is too large to be read")
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NoStrictJson(f"it is no UTF-8 (byte {error.start})") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise NoStrictJson(f"it has the key {twice[:_LONGEST_KEY]!r} twice in one object")
    return found


def _no_number(word: str) -> NoReturn:
    raise NoStrictJson(f"it has the number {word}, which JSON does not know")


def _float(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise NoStrictJson(f"it has the number {text[:_LONGEST_KEY]}, which is too large")
    return number


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_no_number, parse_float=_float, strict=False)


def _check_levels(content: Any) -> None:
    """Level by level, so that depth costs no stack."""
    level = [content] if isinstance(content, dict | list) else []
    for _ in range(MOST_LEVELS):
        if not level:
            return
        members: Iterable[Any] = itertools.chain.from_iterable(
            one.values() if isinstance(one, dict) else one for one in level
        )
        level = [one for one in members if isinstance(one, dict | list)]
    if level:
        raise NoStrictJson(_TOO_DEEP)
