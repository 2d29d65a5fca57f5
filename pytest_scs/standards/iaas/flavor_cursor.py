# SPDX-License-Identifier: Apache-2.0
"""Walking along a flavor name: the small steps of the reader in ``flavor_grammar``, and what can go wrong."""

from __future__ import annotations

import dataclasses
import re
from typing import Final

from pytest_scs.core.judge import Judge

_DIGITS: Final = re.compile(r"[0-9]+")
_MARKS: Final = re.compile(r"h*")


class FlavorNameError(ValueError):
    """The name follows the grammar neither for the official suite nor for the text.

    ``position`` is the index of the first character that does not fit (the length of the name where it ends too
    early), ``expected`` says what may stand there.
    """

    def __init__(self, name: str, position: int, expected: str) -> None:
        super().__init__(name, position, expected)
        self.name = name
        self.position = position
        self.expected = expected

    @property
    def remainder(self) -> str:
        """The part of the name that does not fit; empty where the name ends too early."""
        return self.name[self.position :]

    def __str__(self) -> str:
        found = repr(self.remainder) if self.remainder else "the end of the name"
        return f"{self.name!r}: expected {self.expected} after {self.name[: self.position]!r}, found {found}"


@dataclasses.dataclass(frozen=True, slots=True)
class Difference:
    """One place where the official suite and the text disagree: ``rejected_by`` is OFFICIAL or TEXT.

    ``expected`` is what the rejecting side wants at index ``position``.
    """

    rejected_by: Judge
    deviation: str
    expected: str
    position: int


class Cursor:
    """A place in a name and the differences met so far; every step either moves on or stays where it is.

    ``position`` is the index of the next unread character.
    """

    def __init__(self, name: str, position: int) -> None:
        self.name = name
        self.position = position
        self.differences: list[Difference] = []

    @property
    def rest(self) -> str:
        """What has not been read."""
        return self.name[self.position :]

    def match(self, pattern: re.Pattern[str]) -> str:
        """Step over what the pattern matches here and return it; an empty string if it matches nothing."""
        found = pattern.match(self.name, self.position)
        self.position = found.end() if found else self.position
        return found[0] if found else ""

    def skip(self, text: str) -> bool:
        """Step over exactly this text, and tell whether it was there."""
        found = self.name.startswith(text, self.position)
        self.position += len(text) if found else 0
        return found

    def letter(self, letters: str) -> str:
        """Step over one of the letters and return it; an empty string if none of them is here."""
        found = self.name[self.position : self.position + 1]
        return found if found and found in letters and self.skip(found) else ""

    def marks(self, most: int) -> int:
        """Step over a row of ``h`` and return its length; raises FlavorNameError if there are more than ``most``."""
        start = self.position
        count = len(self.match(_MARKS))
        if count > most:
            raise self.error(f"at most {most} times h", start + most)
        return count

    def digits(self) -> str:
        """Step over digits and return them; leading zeros are noted, only the official suite takes them."""
        start = self.position
        digits = self.match(_DIGITS)
        if len(digits) > 1 and digits.startswith("0"):
            self.differ(Judge.TEXT, "DEV-0100-5", "a number without leading zeros", start)
        return digits

    def optional_number(self, what: str) -> int | None:
        """A positive number, or None if there is no digit; raises FlavorNameError for 0."""
        start = self.position
        digits = self.digits()
        if not digits:
            return None
        if not int(digits):
            raise self.error(f"{what}, which must be positive", start)
        return int(digits)

    def number(self, what: str) -> int:
        """A positive number; raises FlavorNameError if there is none."""
        value = self.optional_number(what)
        if value is None:
            raise self.error(what)
        return value

    def differ(self, rejected_by: Judge, deviation: str, expected: str, position: int | None = None) -> None:
        """Note that one side does not accept what stands at ``position`` (default: here)."""
        at = self.position if position is None else position
        self.differences.append(Difference(rejected_by, deviation, expected, at))

    def error(self, expected: str, position: int | None = None) -> FlavorNameError:
        """The error to raise when something else is expected at ``position`` (default: here)."""
        return FlavorNameError(self.name, self.position if position is None else position, expected)
