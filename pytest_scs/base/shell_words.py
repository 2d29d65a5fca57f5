# SPDX-License-Identifier: Apache-2.0
"""Reading command lines back into words, so that they can be written anew, each word quoted by us.

Only what our own messages are made of is read; for all else (pipes, expansions, files to redirect to) there is no
answer, and a script must not have it. So nothing from outside gets further than into a word.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Collection, Iterator

from pytest_scs.base.shell import LONG_PLACEHOLDERS, PLACEHOLDERS, quote
from pytest_scs.base.spellings import MASK

#: What stands in place of an operand in a command that is done for each of many (base/shell.py).
EACH = '"$id"'

# A word in which a shell finds nothing to do, as shlex.quote leaves it.
_BARE = re.compile(r"[\w@%+=:,./-]+", re.ASCII)
_SINGLE = re.compile(r"'([^']*)'")
_DOUBLE = re.compile(r'"([^"$`\\!]*)"')
_ANSI = re.compile(r"\$'((?:[^'\\]|\\.)*)'")
_PLACE = re.compile(r"<([A-Za-z][^<>]*)>")
# Between words; what else is white space to Python is none to a shell, or ends a line.
_NEXT = re.compile(r" +(?:(?P<sign>&&|;) +)?|(?P<end>; +)")

_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|(.))")
_CONTROL = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", "'": "'"}

# Some words in capitals stand for what the reader knows, where they are not quoted.
_CAPITALS = re.compile(rf"(?<![\w$.-])(?:{PLACEHOLDERS}|{LONG_PLACEHOLDERS})(?![\w-])")

# In quotes there are names from outside, so that only the usual ones are meant, as a value or a part of a URL.
_QUOTED_CAPITALS = re.compile(r"(?:(?<=^)|(?<=[=/:]))(?:FILE|HOST|ID|NAME|PATH|PORT|URL|VERSION|YYYY-MM-DD)(?=$|[/:])")

_MASKED = re.compile(re.escape(MASK))
_QUOTED_BLANK = re.compile(
    rf"{_PLACE.pattern}|{re.escape(MASK)}|{_QUOTED_CAPITALS.pattern}|(?<![\w-])(?:{LONG_PLACEHOLDERS})(?![\w-])"
)


@dataclasses.dataclass(frozen=True, slots=True)
class Blank:
    """A part of a word that the reader has to fill in; ``name`` says with what."""

    name: str


@dataclasses.dataclass(frozen=True, slots=True)
class Each:
    """A part of a word that is another one for each of many operands."""


Piece = str | Blank | Each
Word = tuple[Piece, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class SimpleCommand:
    """One call of a program. ``then``: what follows is done only if it succeeds."""

    words: tuple[Word, ...]
    then: bool = False

    @property
    def blanks(self) -> list[str]:
        """The names of what is to be filled in."""
        return [piece.name for word in self.words for piece in word if isinstance(piece, Blank)]

    def literal(self, number: int) -> str:
        """A word that is known whole; empty for any other."""
        word = self.words[number] if number < len(self.words) else ()
        return "".join(map(str, word)) if all(isinstance(piece, str) for piece in word) else ""


def read_commands(line: str, programs: Collection[str]) -> list[SimpleCommand] | None:
    """The commands of a line without its comment, each calling one of ``programs``; None if it is anything else.

    None also for a word with a NUL, which no program can be given.
    """
    body, _, _ = line.partition("  # ")
    commands: list[SimpleCommand] = []
    words: list[Word] = []
    place, text = 0, body.strip(" ")
    while place < len(text):
        read = _read_word(text, place)
        if read is None:
            return None
        word, place = read
        words.append(word)
        gap = _NEXT.match(text, place)
        if gap is None and place < len(text):
            return None
        place = gap.end() if gap else place
        if gap and (gap["sign"] or gap["end"]):
            commands.append(SimpleCommand(tuple(words), then=gap["sign"] == "&&"))
            words = []
    commands.append(SimpleCommand(tuple(words)))
    return commands if all(command.literal(0) in programs for command in commands) else None


def _read_word(text: str, place: int) -> tuple[Word, int] | None:
    """The word that begins at a place, and where it ends."""
    pieces: list[Piece] = []
    start = place
    while place < len(text) and text[place] not in " ;":
        if text.startswith(EACH, place):
            pieces.append(Each())
            place += len(EACH)
        elif match := _PLACE.match(text, place):
            pieces.append(Blank(match[1]))
            place = match.end()
        elif match := _BARE.match(text, place):
            pieces += _blanks(match[0], _CAPITALS)
            place = match.end()
        elif match := _SINGLE.match(text, place):
            pieces += _blanks(match[1], _QUOTED_BLANK)
            place = match.end()
        elif match := _DOUBLE.match(text, place):
            pieces += _blanks(match[1], _MASKED)
            place = match.end()
        elif match := _ANSI.match(text, place):
            pieces += _blanks(_ESCAPE.sub(_unescaped, match[1]), _QUOTED_BLANK)
            place = match.end()
        else:
            return None
    if place == start or any(isinstance(piece, str) and "\0" in piece for piece in pieces):
        return None
    return tuple(_joined(pieces)), place


def _unescaped(match: re.Match[str]) -> str:
    digits = match[1] or match[2] or match[3]
    if digits:
        point = int(digits, 16)
        return chr(point) if point <= 0x10FFFF else match[0]
    return _CONTROL.get(match[4], match[0])


def _blanks(text: str, blanks: re.Pattern[str]) -> Iterator[Piece]:
    """What is to be filled in, told from what stays."""
    place = 0
    for match in blanks.finditer(text):
        if match.start() > place:
            yield text[place : match.start()]
        yield Blank("MASKED_VALUE" if match[0] == MASK else match[0].strip("<>"))
        place = match.end()
    if place < len(text):
        yield text[place:]


def _joined(pieces: list[Piece]) -> Iterator[Piece]:
    """The pieces, of several texts one."""
    for texts, group in itertools.groupby(pieces, key=lambda piece: isinstance(piece, str)):
        alike = [*group]
        yield from ["".join(map(str, alike))] if texts else alike


def spelled(command: SimpleCommand, mark: str) -> str:
    """The command for a script; what is to be filled in is ``mark`` and its name in capitals."""
    return " ".join(spelled_word(word, mark) for word in command.words)


def spelled_word(word: Word, mark: str) -> str:
    """One word of it."""
    pieces = [
        EACH if isinstance(piece, Each) else blank(piece, mark) if isinstance(piece, Blank) else quote(piece)
        for piece in word
    ]
    return "".join(pieces) or quote("")


def blank(piece: Blank, mark: str) -> str:
    """What is to be replaced in a script by something else: FILL_IN_FILE."""
    return mark + re.sub(r"[^A-Z0-9]+", "_", piece.name.upper()).strip("_")
