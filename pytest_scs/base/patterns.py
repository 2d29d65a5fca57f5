# SPDX-License-Identifier: Apache-2.0
"""From a text with values in it back to the message of a catalogue that it was made from.

What testcases find is data, and in English: it is recorded, sent between processes, and written to reports that
programs read. Where people read it in another language, the message is looked up by the text itself.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator

_WORD = re.compile(r"[^\W_]+")

# What a name is called by, and where a file is, does not change with the language; nor do values of fields called so.
_KEPT = re.compile(r"(?:.*_)?(?:name|names|id|ids|identity|key|path|folder|file|url)\d*")

# What parts of texts begin or end with, and the placeholders for what stands before or behind them.
_JOINTS = " ;:,"
EDGES = ("before", "behind")


class Pattern:
    """A message with placeholders, ``{name} is missing``, and its translation."""

    def __init__(self, message: str, translation: str) -> None:
        """Both have the same placeholders; raises ValueError where they are badly written."""
        self.message = message
        self.translation = translation
        self.literals: list[str] = [""]
        self.fields: list[str] = []
        for literal, name, _, _ in string.Formatter().parse(message):
            self.literals[-1] += literal
            if name is not None:
                self.fields.append(name)
                self.literals.append("")
        #: How much of a text the message fixes: of several that fit, the one that fixes most is meant.
        self.specific = sum(map(len, self.literals))

    def words(self) -> Iterator[str]:
        """The words that every text made from this message has as words of their own."""
        last = len(self.literals) - 1
        for place, literal in enumerate(self.literals):
            for match in _WORD.finditer(literal):
                # A value may continue a word at the edge of a placeholder.
                begins = match.start() > 0 or place == 0
                ends = match.end() < len(literal) or place == last
                if begins and ends:
                    yield match[0]

    def told_of(self) -> str | None:
        """The placeholder of all that is told of a thing, as in ``cloud {name}: {text}``; None without."""
        if len(self.fields) == 2 and self.literals[1:] == [": ", ""]:
            return self.fields[1]
        return None

    def ways(self, text: str) -> Iterator[dict[str, str]]:
        """What may stand in a text for each placeholder: nothing if the text was not made from this message."""
        first = self.values(text)
        if first is None:
            return
        yield first
        if len(self.fields) == 2 and self.literals[1].strip():
            begin, end = len(self.literals[0]), len(text) - len(self.literals[2])
            there = text.rfind(self.literals[1], begin, end)
            last = dict(zip(self.fields, (text[begin:there], text[there + len(self.literals[1]) : end]), strict=True))
            if last != first:
                yield last

    def values(self, text: str) -> dict[str, str] | None:
        """The first of them; None if the text was not made from this message."""
        first, last = self.literals[0], self.literals[-1]
        end = len(text) - len(last)
        if end < len(first) or not text.startswith(first) or not text.endswith(last):
            return None
        found: dict[str, str] = {}
        place = len(first)
        for number, (name, literal) in enumerate(zip(self.fields[:-1], self.literals[1:-1], strict=True), 2):
            if literal == " ":
                # Of two values with nothing but a blank between them the first is the one of many words.
                behind = self.literals[number] if number < len(self.literals) - 1 else ""
                stop = text.find(behind, place, end) if behind else end
                there = text.rfind(" ", place, stop if stop >= 0 else end)
            else:
                there = text.find(literal, place, end)
            if there < 0:
                return None
            found[name] = text[place:there]
            place = there + len(literal)
        found[self.fields[-1]] = text[place:end]
        return found

    @staticmethod
    def is_text(field: str) -> bool:
        """Whether the value of a placeholder may be words of ours; what is called a name is none."""
        return not _KEPT.fullmatch(field)


def pattern_of(message: str, translation: str) -> Pattern | None:
    """The pattern that finds a message; None for a plain one, which is found as it is.

    What begins or ends with a blank or a separator is a part of a text: something else stands before or behind it.
    """
    before = "{before}" if message[:1] in _JOINTS else ""
    behind = "{behind}" if message[-1:] in _JOINTS[:1] else ""
    if not (before or behind or "{" in message or "}" in message):
        return None
    return Pattern(f"{before}{message}{behind}", f"{before}{translation}{behind}")


class PatternIndex:
    """Finds the patterns that can fit a text among thousands of them."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        """Files each pattern under its rarest word; what has no word of its own would fit anything, and is left out."""
        found = [(pattern, set(pattern.words())) for pattern in patterns]
        number: dict[str, int] = {}
        for _, words in found:
            for word in words:
                number[word] = number.get(word, 0) + 1
        self._by_word: dict[str, list[Pattern]] = {}
        for pattern, words in found:
            if words:
                rarest = min(words, key=lambda word: (number[word], -len(word), word))
                self._by_word.setdefault(rarest, []).append(pattern)

    def matches(self, text: str) -> Iterator[tuple[Pattern, dict[str, str]]]:
        """The patterns that fit a text with the values in it, the most specific first."""
        words = self._by_word.keys() & _WORD.findall(text)
        candidates = [
            pattern
            for word in words
            for pattern in self._by_word[word]
            if text.startswith(pattern.literals[0]) and text.endswith(pattern.literals[-1])
        ]
        for pattern in sorted(candidates, key=lambda pattern: (-pattern.specific, pattern.message)):
            yield from ((pattern, values) for values in pattern.ways(text))
