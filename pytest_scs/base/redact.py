# SPDX-License-Identifier: Apache-2.0
"""Masking of secrets in everything that leaves the process (docs/secrets.md)."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pytest_scs.base.private import PrivateNames
from pytest_scs.base.shapes import SHORTEST, is_ordinary, mask_shapes
from pytest_scs.base.spellings import MASK, Spelled, encodings, spellings

_QUOTES = r"""(?:["'`\u2018\u2019\u201c\u201d]|&quot;|&apos;|&#0*3[49];|&#[xX]0*2[27];)"""
_OWNERS = r"(?i:pass(?:word|wd|phrase|code)?|pwd|secret|token|credential)"

#: Keys of plain data by which things are asked for again.
_IDENTITIES = ("id", "uuid")
#: Instead of the key of a value: nothing below it is left as it is.
_EVERY_KEY = "*"


class Redactor:
    """Knows the secrets of a run and masks them in every spelling, and what looks like a secret of anybody's.

    A secret that is a word of our own sentences, a year or hardly a text at all (``wrong``, ``2026``) would mask half
    of what we say. It is masked where it is somebody's value: in quotes, behind a word like ``password``, and in
    names and properties of what is judged (:meth:`value`).
    """

    def __init__(self) -> None:
        #: What is no secret, and in no public report all the same.
        self.private = PrivateNames()
        self._known: set[str] = set()
        self._spelled: list[Spelled] = []
        # Of secrets that are ordinary words: where they are somebody's value, and wherever they stand alone.
        self._values: list[re.Pattern[str]] = []
        self._words: list[re.Pattern[str]] = []
        self._lock = threading.Lock()

    def add(self, secrets: Iterable[object]) -> None:
        """Learn secrets: passwords, tokens, keys. What is false (None, 0, empty) is none."""
        new = {text for secret in secrets if secret for text in (str(secret), str(secret).strip()) if text}
        with self._lock:
            for secret in new - self._known:
                if not is_ordinary(secret):
                    self._spelled += spellings(secret)
                elif secret not in ("True", "False"):
                    # Encoded it is no word of anybody's.
                    self._spelled += encodings(secret) if len(secret) >= SHORTEST else ()
                    self._values.append(_as_value(secret))
                    self._words.append(re.compile(rf"(?<![A-Za-z0-9]){re.escape(secret)}(?![A-Za-z0-9])"))
            self._known |= new
            # The longest first: a secret may contain another.
            self._spelled = sorted(self._spelled, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """The text with every secret replaced by ``***``."""
        for spelled in self._spelled:
            text = spelled.mask(text)
        for value in self._values:
            text = value.sub(rf"\g<1>{MASK}", text)
        return mask_shapes(text)

    def value(self, text: str) -> str:
        """One value from outside, in which a secret stands for itself even if it is an ordinary word."""
        for word in self._words:
            text = word.sub(MASK, text)
        return self(text)

    def plain(self, data: Any, *, ids: bool = False) -> Any:
        """Plain data (of JSON's types) with the texts in it masked, one by one, before anybody formats them.

        Ids stay, unless ``ids``: they go back to whom they came from, and what leaves the process masks them.
        """
        if not any(map(self._suspects, _texts(data))):
            return data
        return self._masked(data, _EVERY_KEY if ids else "")

    def _suspects(self, text: str) -> bool:
        return self(text) != text

    def _masked(self, data: Any, key: str) -> Any:
        if isinstance(data, str):
            return data if key in _IDENTITIES or key.endswith("_id") else self(data)
        if isinstance(data, Mapping):
            every = key == _EVERY_KEY
            return {
                self._masked(name, _EVERY_KEY): self._masked(value, _EVERY_KEY if every else str(name))
                for name, value in data.items()
            }
        if isinstance(data, (list, tuple)):
            return [self._masked(value, key) for value in data]
        return data


def _as_value(secret: str) -> re.Pattern[str]:
    word = re.escape(secret)
    behind = rf"{_OWNERS}\w{{0,20}}(?:{_QUOTES}|\\)*(?:\s*(?:[:=]|=>|%3[dD])\s*|\s+)(?:{_QUOTES}|\\)*"
    return re.compile(rf"({_QUOTES}(?={word}\\*{_QUOTES}(?!\s*:))|{behind}(?={word}(?!\w))){word}")


def _texts(data: Any) -> Iterator[str]:
    """All texts in plain data, joined where there are many: one long text is read faster than many short ones."""
    found: list[str] = []
    pending = [data]
    while pending:
        one = pending.pop()
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, Mapping):
            pending += [*one, *one.values()]
        elif isinstance(one, (list, tuple)):
            pending += one
    yield "\n".join(found)
