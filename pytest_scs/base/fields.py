# SPDX-License-Identifier: Apache-2.0
"""Reading plain data that came from outside, key by key: another shape is refused with words that name the key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, NoReturn

#: As much of a value as a message shows, in characters.
MOST_SHOWN = 60


class Fields:
    """A mapping out of a file or a probe; ``where`` says in messages which one.

    Each method gives the value of a key as the type its name says. A default is for a key that older records lack;
    without one the key has to be there. All raise ValueError for anything else, the constructor for what is no mapping.
    Keys that nobody asks for are left alone: newer records may have more.
    """

    def __init__(self, where: str, data: object) -> None:
        if not isinstance(data, Mapping):
            raise ValueError(f"{where} must be a mapping, found {shown(data)}")
        self.where = where
        self._data: Mapping[str, Any] = data

    def has(self, key: str) -> bool:
        """Whether the key is there with a value."""
        return self._data.get(key) is not None

    def text(self, key: str, default: str | None = None) -> str:
        """A text."""
        value = self._value(key, default)
        return value if isinstance(value, str) else self._refuse(key, "a text", value)

    def truth(self, key: str, default: bool | None = None) -> bool:
        """True or false."""
        value = self._value(key, default)
        return value if isinstance(value, bool) else self._refuse(key, "true or false", value)

    def whole(self, key: str, default: int | None = None) -> int:
        """A whole number."""
        value = self._value(key, default)
        if isinstance(value, bool) or not isinstance(value, int):
            self._refuse(key, "a whole number", value)
        return value

    def number(self, key: str, default: float | None = None) -> float:
        """A number."""
        value = self._value(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._refuse(key, "a number", value)
        return value

    def moment(self, key: str) -> dt.datetime:
        """An instant, written in ISO format with its time zone."""
        text = self.text(key)
        try:
            moment = dt.datetime.fromisoformat(text)
        except ValueError:
            self._refuse(key, "an instant in ISO format", text)
        return moment if moment.tzinfo else self._refuse(key, "an instant with a time zone", text)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty where older records lack it."""
        values = self._list(key)
        for value in values:
            if not isinstance(value, str):
                self._refuse(key, "a list of texts", value)
        return tuple(values)

    def fields(self, key: str) -> Fields:
        """A mapping."""
        return Fields(f"{self.where}.{key}", self._value(key, None))

    def each(self, key: str) -> list[Fields]:
        """A list of mappings."""
        self._value(key, None)
        return [Fields(f"{self.where}.{key}[{number}]", value) for number, value in enumerate(self._list(key))]

    def names(self) -> list[str]:
        """The keys that are there; raises ValueError if one is no text."""
        return [key if isinstance(key, str) else self._refuse(str(key), "a text as key", key) for key in self._data]

    def value(self, key: str) -> object:
        """Whatever it is."""
        return self._value(key, None)

    def _list(self, key: str) -> list[Any]:
        value = self._data.get(key, [])
        return list(value) if isinstance(value, list | tuple) else self._refuse(key, "a list", value)

    def _value(self, key: str, default: object) -> Any:
        if key in self._data:
            return self._data[key]
        if default is None:
            raise ValueError(f"{self.where} lacks the key {key}")
        return default

    def _refuse(self, key: str, wanted: str, found: object) -> NoReturn:
        raise ValueError(f"{self.where}.{key} must be {wanted}, found {shown(found)}")


def shown(value: object) -> str:
    """A value as messages show it: not too long, and in one line."""
    text = repr(value)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."
