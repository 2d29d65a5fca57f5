# SPDX-License-Identifier: Apache-2.0
"""Finding a secret in text however it is spelled there: escaped, encoded, wrapped, or cut.

A spelling may be the work of several hands, such as a JSON text in an HTML attribute in a traceback. So it is not the
whole secret that is spelled in ways known beforehand, but each of its characters.
"""

from __future__ import annotations

import base64
import functools
import html.entities
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

MASK = "***"

#: Between any two characters: a line break of whoever wraps text, with what continues the line (YAML, pprint, JSON).
_BREAK = r"""(?:["']?\\?\r?\n[ \t]*\\?["']?|\\{1,4}n)?"""

#: Secrets of at least this many characters are also found in part.
_DIVISIBLE = 8
#: Most characters in a row that are looked for at once, and about how many such rows of a long secret.
_CHUNK = 16
_PIECES = 4

#: Most characters that one of a secret is spelled with, and most ways to read what was found of a secret so far.
_LONGEST = 24
_MOST_WAYS = 8

#: Where a pattern may end that begins at a place of a text.
_Ends = Callable[[re.Pattern[str], str, int], Iterable[int]]

# What stands where a text was shortened, after and before what is left of it.
_CUT_AFTER = re.compile(r"""["'\\]*\s*(?:\.\.\.|…|\[cut\]|\[\.|\)|\Z)""")
_CUT_BEFORE = re.compile(r"""(?:\A|\.\.\.|…|\[cut\]|\.\])\s*["']?\Z""")

_ENTITIES = {chr(point): name for point, name in html.entities.codepoint2name.items() if point < 128} | {"'": "apos"}
# The alphabet for URLs has others than these two, and URLs have escapes for them.
_IN_BASE64 = {"+": "(?:[+-]|%2[bB])", "/": "(?:[/_]|%2[fF])"}
_SIMPLE_ESCAPES = {"\n": "n", "\t": "t", "\r": "r", "\b": "b", "\f": "f"}


class Spelled:
    """One text that is to be found, as a row of patterns, one for each of its characters."""

    def __init__(self, atoms: Sequence[str], *, thorough: bool = True) -> None:
        """``thorough``: also pieces out of its middle are to be found."""
        self._atoms = atoms
        size = len(atoms)
        length = size if size < _DIVISIBLE else min(_CHUNK, (size + 1) // 2)
        inner = range(length, size - length, max(length, size // _PIECES)) if thorough else ()
        self._starts = list(dict.fromkeys([0, *inner, size - length]))
        self._length = length
        chunks = (f"({_BREAK.join(atoms[start : start + length])})" for start in self._starts)
        self._chunks = re.compile("|".join(chunks))

    def __len__(self) -> int:
        return len(self._atoms)

    def mask(self, text: str) -> str:
        """The text with every occurrence, and every telling part of one, replaced by ``***``."""
        done, position, parts = 0, 0, []
        while match := self._chunks.search(text, position):
            first = self._starts[(match.lastindex or 1) - 1]
            begin, found_before = self._leftwards(text, match.start(), first, done)
            end, found_after = self._rightwards(text, match.start(), first)
            whole = found_before + found_after == len(self._atoms)
            # What was found at once ends there at least, however the rest is read.
            end = max(end, match.end())
            if whole or _tells(text, begin, end):
                parts += [text[done:begin], MASK]
                done = position = end
            else:
                position = match.start() + 1
        return "".join(parts) + text[done:] if parts else text

    def _rightwards(self, text: str, position: int, index: int) -> tuple[int, int]:
        """Where what can be read of the atoms from ``index`` on ends, and how many these are.

        White space, quotes and backslashes may belong to one atom or the next, so that each atom has several ends. They
        are looked at only where taking the first of them everywhere does not lead through.
        """
        quick = self._read(text, position, index, _first_end)
        return quick if quick[1] == len(self._atoms) - index else self._read(text, position, index, _all_ends)

    def _read(self, text: str, position: int, index: int, ends_of: _Ends) -> tuple[int, int]:
        ends, number = [position], 0
        for atom in self._atoms[index:]:
            pattern = _compiled((_BREAK if number else "") + atom)
            found = {end for begin in ends for end in ends_of(pattern, text, begin)}
            if not found:
                break
            ends, number = sorted(found, reverse=True)[:_MOST_WAYS], number + 1
        return ends[0], number

    def _leftwards(self, text: str, position: int, index: int, limit: int) -> tuple[int, int]:
        """The same for the atoms before ``index``, which end at ``position`` and begin at ``limit`` at the earliest."""
        begins, number = [position], 0
        for atom in reversed(self._atoms[:index]):
            pattern = _compiled(atom + _BREAK)
            found = {
                begin
                for end in begins
                for begin in range(end - 1, max(limit, end - _LONGEST) - 1, -1)
                if pattern.fullmatch(text, begin, end)
            }
            if not found:
                break
            begins, number = sorted(found)[:_MOST_WAYS], number + 1
        return begins[0], number


def _first_end(pattern: re.Pattern[str], text: str, begin: int) -> Iterator[int]:
    if match := pattern.match(text, begin):
        yield match.end()


def _all_ends(pattern: re.Pattern[str], text: str, begin: int) -> Iterator[int]:
    for first in _first_end(pattern, text, begin):
        yield first
        for other in range(first - 1, max(begin, first - _LONGEST), -1):
            if pattern.fullmatch(text, begin, other):
                yield other


def spellings(secret: str) -> Iterator[Spelled]:
    """All that is looked for because of one secret: itself, and its :func:`encodings`."""
    yield Spelled(list(_atoms(secret)))
    yield from encodings(secret)


def encodings(secret: str) -> Iterator[Spelled]:
    """What no letter of the secret is left in: escapes for all of its characters, hexadecimal digits, base64."""
    yield Spelled([f"(?:{_other_spellings(char)})" for char in secret], thorough=False)
    data = secret.encode("utf-8", "surrogatepass")
    pairs = [_hexadecimal(f"{byte:02x}") for byte in data]
    yield Spelled([*pairs[:1], *(rf"(?:\\{{1,4}}x|[%: ])?{pair}" for pair in pairs[1:])], thorough=False)
    for shift in range(3):
        # What depends on the bytes before and after it cannot be known.
        first, last = -(-shift * 8 // 6), (shift + len(data)) * 8 // 6
        core = base64.b64encode(bytes(shift) + data + bytes(3)).decode()[first:last]
        if len(core) >= 5:
            yield Spelled([_IN_BASE64.get(char, char) for char in core], thorough=False)


def _atoms(secret: str) -> Iterator[str]:
    """A pattern for each character; backslashes in a row are one, as there is no telling which of them are doubled."""
    for match in re.finditer(r"\\+|[\s\S]", secret):
        yield _backslashes(len(match[0])) if match[0].startswith("\\") else _atom(match[0])


def _backslashes(number: int) -> str:
    other = _other_spellings("\\")
    return rf"(?:\\{{{number},}}(?![ux]00|x5[cC])|(?:{other}){{{number},}})"


@functools.cache
def _atom(char: str) -> str:
    if char.isascii() and char.isalnum():
        return char
    ways = [_other_spellings(char), re.escape(char)]
    if char == "'":
        # Shells and YAML: the quotation ends, there is one, it begins again.
        single, double = (rf"\\{{0,16}}(?:{quote}|{_other_spellings(quote)})" for quote in "'\"")
        ways = [single + double + single + double + single, single + r"\\{1,16}" + single * 2, single * 2, *ways]
    if not char.isascii():
        ways.append("[?\ufffd]|%(?:25)*3F|%(?:25)*EF%(?:25)*BF%(?:25)*BD")  # whoever cannot write it
    if char == "\n":
        ways.append(r"\s+")
    if char == " ":
        ways += [r"\+", "&nbsp;", r"\\?\s+\\?"]
    return rf"\\{{0,16}}(?:{'|'.join(ways)})"


def _other_spellings(char: str) -> str:
    """Escapes of JSON, Python, HTML and URLs, also those of each other."""
    point = ord(char)
    units = char.encode("utf-16-be", "surrogatepass").hex()
    numbers = [rf"\\{{1,16}}u{_hexadecimal(units[at : at + 4])}" for at in range(0, len(units), 4)]
    octets = char.encode("utf-8", "surrogatepass")
    ways = [
        "".join(numbers),
        rf"\\{{1,16}}U{_hexadecimal(f'{point:08x}')}",
        rf"&(?:amp;)*#(?:0*{point}|[xX]0*{_hexadecimal(f'{point:x}')});",
        "".join(f"%(?:25)*{_hexadecimal(f'{octet:02x}')}" for octet in octets),
        "".join(rf"\\{{1,16}}x{_hexadecimal(f'{octet:02x}')}" for octet in octets),
    ]
    if point < 256:
        ways += [rf"\\{{1,16}}x{_hexadecimal(f'{point:02x}')}", f"%{_hexadecimal(f'{point:02x}')}"]
    if char in _ENTITIES:
        ways.append(f"&(?:amp;)*{_ENTITIES[char]};")
    if char in _SIMPLE_ESCAPES:
        ways.append(rf"\\{{1,16}}{_SIMPLE_ESCAPES[char]}")
    return "|".join(ways)


def _hexadecimal(digits: str) -> str:
    return "".join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in digits)


def _tells(text: str, begin: int, end: int) -> bool:
    """Whether a piece of a secret is one: it looks like nothing else, or the text was cut where it ends."""
    piece = text[begin:end]
    if re.search(r"[^\W\d_]", piece) and re.search(r"[^A-Za-z _.\-]", piece):
        return True
    return bool(_CUT_AFTER.match(text, end) or _CUT_BEFORE.search(text, max(0, begin - 12), begin))


@functools.lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
