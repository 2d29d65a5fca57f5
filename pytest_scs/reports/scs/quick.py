# SPDX-License-Identifier: Apache-2.0
"""Reading the YAML that report writers write: block style, one thing a line. Everything else is left to the parser.

A folder of reports is read every day, and a parser of all of YAML needs most of the time of a score card. What is read
here is the same, value by value, as what the parser would give; where that is not certain, nothing is read.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

#: Deeper than any report; what is nested deeper is left to the parser, which knows its limit.
_DEEPEST = 12

# Characters that are neither printed nor a line's end everywhere; several of them end lines in YAML.
_UNUSUAL = re.compile("[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")

_LINE = re.compile(
    r"( *)(?:(-)(?: (.*))?|([A-Za-z][\w.-]{0,199}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):(?: (.*))?)"
)
_QUOTED = re.compile(r"'((?:[^']|'')*)'")
_WORDS: Final[Mapping[str, Any]] = {"null": None, "true": True, "false": False}
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{6})?", re.ASCII)

# By the first character: what a plain word may be besides text, as the parser of reports has it.
Resolvers = Mapping[Any, Sequence[tuple[str, re.Pattern[str]]]]


class _NotPlain(Exception):
    """The text has something that only a parser understands, or nobody."""


def read_plain_yaml(text: str, resolvers: Resolvers) -> list[Any] | None:
    """The one document in a text, in a list; None where it has to be parsed. ``resolvers`` are those of the parser."""
    if _UNUSUAL.search(text):
        return None
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    start = 1 if lines and lines[0] == "---" else 0
    try:
        reader = _Lines(lines, start, resolvers)
        return [reader.whole()]
    except (_NotPlain, ValueError):
        return None


class _Lines:
    """The lines of a document, read one after the other. All methods raise _NotPlain."""

    def __init__(self, lines: Sequence[str], start: int, resolvers: Resolvers) -> None:
        self._lines = lines
        self._at = start
        self._resolvers = resolvers
        # The same few words stand in every report many times.
        self._known: dict[str, Any] = {}

    def whole(self) -> Any:
        """The mapping that all lines make."""
        found = self._look()
        if found is None or found[1] != "" or found[2]:
            raise _NotPlain
        mapping = self._mapping("", 0)
        if self._at < len(self._lines):
            raise _NotPlain
        return mapping

    def _look(self) -> re.Match[str] | None:
        """The line that is next, None at the end."""
        if self._at >= len(self._lines):
            return None
        found = _LINE.fullmatch(self._lines[self._at])
        if found is None:
            raise _NotPlain
        return found

    def _mapping(self, indent: str, depth: int) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        if depth > _DEEPEST:
            raise _NotPlain
        while (line := self._look()) is not None and len(line[1]) >= len(indent):
            _, dash, _, key, value = line.groups()
            if line[1] != indent or dash or key in mapping or key.lower() in _RESERVED:
                raise _NotPlain
            self._at += 1
            mapping[key] = self._below(indent, depth) if value is None else self._scalar(value)
        return mapping

    def _below(self, indent: str, depth: int) -> Any:
        """What belongs to a key that has nothing in its line."""
        line = self._look()
        if line is None or len(line[1]) < len(indent):
            return None
        if line[2]:
            return self._sequence(line[1])
        return self._mapping(line[1], depth + 1) if len(line[1]) > len(indent) else None

    def _sequence(self, indent: str) -> list[Any]:
        values: list[Any] = []
        while (line := self._look()) is not None and line[1] == indent and line[2]:
            self._at += 1
            if line[3] is None:
                raise _NotPlain
            values.append(self._scalar(line[3]))
        if line is not None and len(line[1]) > len(indent):
            raise _NotPlain
        return values

    def _scalar(self, text: str) -> Any:
        if text[:1] == "'":
            quoted = _QUOTED.fullmatch(text)
            if quoted is None:
                raise _NotPlain
            return quoted[1].replace("''", "'")
        if text in _EMPTY:
            return _EMPTY[text]()
        if text not in self._known:
            self._known[text] = self._plain(text)
        return self._known[text]

    def _plain(self, text: str) -> Any:
        """A word that is not quoted: text, unless a parser makes something else of it."""
        first = text[:1]
        if not text or not (first.isascii() and (first.isalnum() or first in "/._-")) or text[-1] in " :":
            raise _NotPlain
        if ": " in text or " #" in text or (first == "-" and text[1:2] in ("", " ")):
            raise _NotPlain
        kind = next((tag for tag, words in self._resolvers.get(first, ()) if words.match(text)), None)
        if kind is None:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _NUMBER.fullmatch(text):
            return int(text)
        if _DAY.fullmatch(text):
            return dt.date.fromisoformat(text)
        if _TIME.fullmatch(text):
            return dt.datetime.fromisoformat(text)
        raise _NotPlain


_EMPTY: Final[Mapping[str, Any]] = {"[]": list, "{}": dict}

# Keys that are no text to one parser or another.
_RESERVED = frozenset(("null", "true", "false", "yes", "no", "on", "off", "y", "n"))
