# SPDX-License-Identifier: Apache-2.0
"""Tables of what the entries of a listing must look like: which keys, of which kind, whether they may be absent.

By hand and not by a validation library, because the words of a refusal are for the people who run the cloud, and
because 10,000 images have to be looked at in a moment.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final, NoReturn

from pytest_scs.base.fields import FormError, is_number
from pytest_scs.base.value_words import MOST_SHOWN, value_in_words
from pytest_scs.base.words import shown

#: The largest integer that a service may answer: those of its data base end there.
LARGEST = 2**63 - 1

_TIME = re.compile(r"\d{4}-\d\d-\d\dT([01]\d|2[0-3]):\d\d:\d\d([.]\d+)?(Z|[+-]\d\d:?\d\d)", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)


@dataclasses.dataclass(frozen=True, slots=True)
class Kind:
    """What a value must be, in words, and how to tell; ``extent`` says which integers do, to whom has another one."""

    words: str
    fits: Callable[[Any], bool]
    extent: str = ""

    @property
    def or_null(self) -> Kind:
        """The same, or null."""
        fits = self.fits
        return Kind(f"{self.words} or null", lambda value: value is None or fits(value), self.extent)

    def wanted(self, value: object) -> str:
        """What is expected instead of a value."""
        return f"{self.words} {self.extent}" if self.extent and type(value) is int else self.words


# What a key has that is not there.
_ABSENT: Final = object()


@dataclasses.dataclass(frozen=True, slots=True)
class Key:
    """A key of an entry; ``optional``: it may be absent, which is another thing than null."""

    name: str
    kind: Kind
    optional: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Form:
    """What each entry of a listing must look like.

    ``what`` is what an entry is called in messages, beside its name and id. Keys that are not in ``keys`` are not
    looked at.
    """

    what: str
    keys: tuple[Key, ...]
    label: tuple[str, str] = ("name", "id")

    def check(self, entry: object, spelled: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        """The entry; raises FormError that names entry, key, what was expected and what was found.

        ``spelled`` gives the names of those keys that the service spells otherwise.
        """
        if not isinstance(entry, Mapping):
            raise FormError(f"{self.what}: expected an object, got {value_in_words(entry)}")
        for key in self.keys:  # of tens of thousands of entries: each look at one counts
            name = spelled.get(key.name, key.name) if spelled else key.name
            value = entry.get(name, _ABSENT)
            if value is _ABSENT:
                if not key.optional:
                    self.refuse(entry, name, key.kind.words, "nothing")
            elif not key.kind.fits(value):
                self.refuse(entry, name, key.kind.wanted(value), value_in_words(value))
        return entry

    def entries(
        self, page: Mapping[str, Any], key: str, spelled: Mapping[str, str] | None = None
    ) -> list[Mapping[str, Any]]:
        """The entries under a key of an answer; raises FormError unless it is a list of objects of this form."""
        found = objects(page, key)
        for number, entry in enumerate(found, 1):
            try:
                self.check(entry, spelled)
            except FormError as error:
                if self.named(entry) == self.what:
                    raise FormError(f"{key}: entry {number}: {error}") from None
                raise
        return found

    def plain(self, entry: Mapping[str, Any], spelled: Mapping[str, str]) -> dict[str, Any]:
        """The keys of this form that an entry has, under their own names."""
        names = ((key.name, spelled.get(key.name, key.name)) for key in self.keys)
        return {own: entry[name] for own, name in names if name in entry}

    def refuse(self, entry: Mapping[str, Any], key: str, wanted: str, found: str) -> NoReturn:
        """Raise FormError for a key of an entry."""
        raise FormError(f"{self.named(entry)}: {key}: expected {wanted}, got {found}")

    def named(self, entry: Mapping[str, Any]) -> str:
        """How messages name an entry: by its name and id, as far as these are texts."""
        name, identity = (entry.get(key) for key in self.label)
        known = isinstance(identity, str) and identity
        words = [self.what, *([shown(name, MOST_SHOWN)] if isinstance(name, str) and name else [])]
        return " ".join([*words, *([f"(id {shown(str(identity))})"] if known else [])])


def objects(page: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """The entries of a page of a listing; raises FormError for anything but a list of objects under this key."""
    if key not in page:
        raise FormError(f"{key}: expected a list of objects, got nothing")
    entries = page[key]
    if not isinstance(entries, list):
        raise FormError(f"{key}: expected a list of objects, got {value_in_words(entries)}")
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, Mapping):
            raise FormError(f"{key}: entry {number}: expected an object, got {value_in_words(entry)}")
    return entries


def one_of(words: Collection[str]) -> Kind:
    """One of some texts, exactly as they are."""
    return Kind(f"one of {', '.join(words)}", lambda value: isinstance(value, str) and value in words)


def either(first: Kind, second: Kind) -> Kind:
    """One kind or another one."""
    return Kind(f"{first.words} or {second.words}", lambda value: first.fits(value) or second.fits(value))


def _is_integer(value: object, least: int = 0) -> bool:
    return type(value) is int and least <= value <= LARGEST


def _is_time(value: object) -> bool:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return False
    try:
        dt.datetime.fromisoformat(value).astimezone(dt.UTC)
    except (ValueError, OverflowError):  # no such day or offset, or a moment before or after all calendars
        return False
    return True


def _are_texts(values: Sequence[object]) -> bool:
    return all(isinstance(value, str) for value in values)


def _ends_in_uuid(value: object) -> bool:
    return isinstance(value, str) and _UUID.fullmatch(value.rpartition("/")[2]) is not None


TEXT = Kind("a text", lambda value: isinstance(value, str))
EMPTY = Kind("the empty text", lambda value: value == "")
NAME = Kind("a text that is not empty", lambda value: isinstance(value, str) and value != "")
INTEGER = Kind("an integer", _is_integer, "from 0 to 2^63 - 1")
PORT = Kind("an integer", lambda value: _is_integer(value, -1), "from -1 to 2^63 - 1")
NUMBER = Kind("a number", is_number)
FLAG = Kind("true or false", lambda value: isinstance(value, bool))
TIME = Kind("a time like 2026-06-01T08:00:00Z", _is_time)
TEXTS = Kind("a list of texts", lambda value: isinstance(value, list) and _are_texts(value))
PROPERTIES = Kind(
    "an object of texts", lambda value: isinstance(value, Mapping) and _are_texts([*value, *value.values()])
)
REFERENCE = Kind("a URL that ends in a UUID", _ends_in_uuid)
