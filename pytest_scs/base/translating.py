# SPDX-License-Identifier: Apache-2.0
"""Translates texts that were put together in English, by looking for the messages they were made from."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from typing import Final

from pytest_scs.base.patterns import EDGES, Pattern, PatternIndex, pattern_of

# How texts of several messages are put together, the loosest first; never within quotes.
_COMMENT: Final = ("  # ",)
_SEPARATORS: Final = ("; ", ": ", *_COMMENT, ", ", " - ")
_QUOTED = re.compile(r"""(?<!\w)'(?:[^'\\]|\\.)*'(?!\w)|(?<!\w)"(?:[^"\\]|\\.)*"(?!\w)""")

# Words of a sentence; names, numbers and codes are none.
_WORDS = re.compile(r"(?<![\w./-])[A-Za-z]?[a-z]{1,}(?![\w/-]|\.\w)")

# What begins as a command does, with words and an option: only a message that begins so, or fixes this much, is one.
_COMMAND = re.compile(r"for id in |[a-z][a-z0-9_.]*(?: [a-z][a-z-]*)* --?[a-z]")
_LEAST_OF_COMMAND = 16

# A message that fixes less of a text than this fits much that was not made from it: so many words may be left then.
_WEAK = 9
_MOST_LEFT = 3

# A number as people read it, with something between the thousands.
_LARGE = re.compile(r"\d{1,3}(?:,\d{3})+")

# How many texts in a text are looked for, and how deep; what subjects say could go on for ever.
_MOST_TRIED = 400
_DEEPEST = 12

# Of a longer list each part is looked at, but not the rest of it behind each of them.
_LONGEST_LIST = 5

# Many thousand findings say a few things over and over; a text that is the only one of its kind is quickly found again.
_MOST_KEPT = 20_000

# A text in the other language, and how many words of it are still English.
_Said = tuple[str, int]


class Translator:
    """Translates with the messages of one catalogue."""

    def __init__(self, messages: Mapping[str, str], *, thousands: str = ",") -> None:
        """``messages``: each with its translation, the same placeholders in both.

        ``thousands`` stands between the digits of a large number, where English has a comma.
        """
        self._thousands = thousands
        self._messages = messages
        self._index = PatternIndex(found for one, other in messages.items() if (found := pattern_of(one, other)))
        self._known: dict[str, _Said] = {}
        self._tried = 0
        self._depth = 0
        self._lock = threading.Lock()

    def translate(self, text: str) -> str:
        """The text in the other language, as far as messages are known for it; the rest of it as it is."""
        with self._lock:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            self._tried = 0
            return self._said(text)[0]

    def _said(self, text: str) -> _Said:
        known = self._known.get(text)
        if known is None:
            self._depth += 1
            known = self._best(text)
            self._depth -= 1
            # What was not looked at to the end says nothing about the same text elsewhere.
            if self._tried <= _MOST_TRIED and self._depth < _DEEPEST:
                self._known[text] = known
        return known

    def _best(self, text: str) -> _Said:
        """What leaves the fewest English words; of several the first, which is the most specific."""
        if exact := self._messages.get(text):
            return exact, 0
        best = (text, _words_in(text))
        self._tried += 1
        if not best[1]:
            # A name, a number, a quoted value.
            return (text.replace(",", self._thousands), 0) if _LARGE.fullmatch(text) else best
        if self._tried <= _MOST_TRIED and self._depth <= _DEEPEST:
            for said in self._possible(text):
                if said[1] < best[1]:
                    best = said
                if not best[1]:
                    break
        return best

    def _possible(self, text: str) -> Iterator[_Said]:
        command = bool(_COMMAND.match(text))
        for pattern, values in self._index.matches(text):
            if command and not pattern.literals[0] and pattern.specific < _LEAST_OF_COMMAND:
                continue
            if pattern.specific >= _WEAK or self._proves(pattern, values):
                yield self._filled(pattern, values)
        for separator in _COMMENT if command else _SEPARATORS:
            yield from self._parts(text, separator)
        if not command and (split := _bracket_at_the_end(text)):
            before, within = (self._said(one) for one in split)
            yield f"{before[0]} ({within[0]})", before[1] + within[1]

    def _proves(self, pattern: Pattern, values: Mapping[str, str]) -> bool:
        """Whether the values show that a text was made from a message which fits much: few words of them are unknown.

        What a part of a text stands behind, or before, has to be known; not what ``and`` stands between.
        """
        if pattern.told_of():
            # What the thing is called, and what a server says of it, may look like words.
            return True
        left = {name: self._said(value)[1] for name, value in values.items()}
        edges = [left[edge] for edge in EDGES if edge in left]
        return sum(left.values()) <= _MOST_LEFT and (len(edges) == len(EDGES) or not any(edges))

    def _filled(self, pattern: Pattern, values: Mapping[str, str]) -> _Said:
        said = {
            name: self._said(value) if pattern.is_text(name) else (value, _words_in(value))
            for name, value in values.items()
        }
        text = pattern.translation.format_map({name: one for name, (one, _) in said.items()})
        # A sentence that goes on behind a semicolon is hardly part of another, but may be all that is told of a thing.
        whole = pattern.told_of()
        long = sum(
            name != whole and "; " in value and len(split_unquoted(value, "; ")) > 1 for name, value in values.items()
        )
        return text, sum(left for _, left in said.values()) + long

    def _parts(self, text: str, separator: str) -> Iterator[_Said]:
        """The text in the parts that it may have been put together from: all of them, or the first and the rest."""
        parts = split_unquoted(text, separator)
        if len(parts) == 1:
            return
        ways = [parts]
        if 2 < len(parts) <= _LONGEST_LIST:
            ways += [[parts[0], separator.join(parts[1:])], [separator.join(parts[:-1]), parts[-1]]]
        for several in ways:
            said = [self._said(part) for part in several]
            if any(one != part for (one, _), part in zip(said, several, strict=True)):
                yield separator.join(one for one, _ in said), sum(left for _, left in said)


def split_unquoted(text: str, separator: str) -> list[str]:
    """The parts of a text between separators that do not stand within quotes."""
    if separator not in text:
        return [text]
    hidden = _QUOTED.sub(lambda match: "\0" * len(match[0]), text)
    parts, start = [], 0
    while (there := hidden.find(separator, start)) >= 0:
        parts.append(text[start:there])
        start = there + len(separator)
    return [*parts, text[start:]]


def _bracket_at_the_end(text: str) -> tuple[str, str] | None:
    """What stands before the bracket that a text ends with, and within it, where there may be brackets as well."""
    if not text.endswith(")"):
        return None
    depth = 0
    for place in range(len(text) - 1, 0, -1):
        depth += (text[place] == ")") - (text[place] == "(")
        if depth == 0:
            before, within = text[:place], text[place + 1 : -1]
            return (before[:-1], within) if before.endswith(" ") and before.strip() and within else None
    return None


def _words_in(text: str) -> int:
    """How many words a text has outside of quotes, names among them: the fewer are left, the better was the guess."""
    return len(_WORDS.findall(_QUOTED.sub("", text)))
