# SPDX-License-Identifier: Apache-2.0
"""Phrases that several messages share: foreign text on one line, suggestions, how to install what is missing."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Collection, Iterable

from pytest_scs.base.errors import InputError


def install(extra: str) -> str:
    """How to install what one of the extras of this package brings, wherever the package itself came from."""
    return f"install pytest-scs with its extra {extra} (in a checkout: pip install '.[{extra}]')"


#: Most characters of one value from outside that are shown (docs/standards/framework.md#findings).
LONGEST = 200


# As repr() quotes; an apostrophe within a word begins nothing.
_QUOTED = re.compile(r"""(?<!\w)'(?:[^'\\]|\\.)*'(?!\w)|(?<!\w)"(?:[^"\\]|\\.)*"(?!\w)""")


def printable(text: str) -> str:
    """The text on one line, with all that a terminal might obey, or a reader not see, written as an escape.

    Names in a subject may hold anything: line breaks that make lines of our own, marks that turn the direction of
    writing. Blanks stay, however many there are; other white space is written out, too.
    """
    return text if text.isprintable() else "".join(char if char.isprintable() else _escape(char) for char in text)


def shown(text: str, most: int = LONGEST) -> str:
    """One value from outside as it is shown: on one line, and without its middle where it is longer than ``most``."""
    # Escapes can make it longer again, but there is no need to write out what is cut.
    return cut(printable(cut(text, most)), most)


def lasting(seconds: float) -> str:
    """So many seconds as people say it: ``40 s``, ``8 min 20 s``, ``10 min``, ``1 h 30 min``."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    small = f"{minutes} min" if hours else f"{rest} s"
    large = f"{hours} h" if hours else f"{minutes} min"
    return large if small.startswith("0 ") else f"{large} {small}"


def some(names: Collection[str], most: int = 10) -> str:
    """Names from outside in one line: ``a, b and 3 more``."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(shown(name) for name in itertools.islice(names, most)) + more


def cut_quoted(text: str, most: int = LONGEST) -> str:
    """A sentence in which no quoted value is longer than ``most``."""
    return _QUOTED.sub(lambda match: cut(match[0], most), text) if len(text) > most else text


def _escape(char: str) -> str:
    point = ord(char)
    known = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
    if char in known:
        return known[char]
    return f"\\x{point:02x}" if point < 0x100 else f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def cut(text: str, most: int) -> str:
    """A text of more than ``most`` characters without its middle: what was found stands at the end."""
    if len(text) <= most:
        return text
    mark = " [cut] "
    tail = most // 3
    return text[: most - tail - len(mark)] + mark + text[-tail:]


def check_single(option: str, text: str, *, known: Iterable[str] = ()) -> None:
    """Raise InputError for several values in one, which only commas tell; not for a text in ``known``."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if len(parts) > 1 and text not in known:
        each = " ".join(f"{option}={part}" for part in parts)
        raise InputError(f"{option}: {text!r} is several values; give the option once for each: {each}")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A suggestion ``; did you mean 'x'?`` for a mistyped word, or nothing."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
