# SPDX-License-Identifier: Apache-2.0
"""Reading plain data that came from outside, key by key: another form is refused with words that name the key."""

from __future__ import annotations

import datetime as dt
import logging
import math
from collections.abc import Collection, Mapping
from typing import Any, NoReturn

from pytest_scs.base.value_words import value_in_words

_log = logging.getLogger(__name__)

#: A default that says: the key has to be there.
_REQUIRED: Any = object()


#: What reading data of any form may raise.
UNREADABLE = (ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError, ValueError)


class FormError(ValueError):
    """Data do not have the form they must have; the text says where, what was expected and what was found."""


class Fields:
    """A mapping out of a file, an answer or a probe; ``where`` says in messages which one.

    Each method gives the value of a key as the type its name says. A default is for a key that may be absent; without
    one the key has to be there. All raise FormError for anything else, the constructor for what is no mapping.
    Keys that nobody asks for are left alone: there may be more.
    """

    def __init__(self, where: str, data: object) -> None:
        if not isinstance(data, Mapping):
            raise FormError(f"{where}: expected an object, got {value_in_words(data)}")
        self.where = where
        self._data: Mapping[str, Any] = data

    @property
    def content(self) -> Mapping[str, Any]:
        """The mapping itself."""
        return self._data

    def has(self, key: str) -> bool:
        """Whether the key is there with a value."""
        return self._data.get(key) is not None

    def text(self, key: str, default: str = _REQUIRED) -> str:
        """A text."""
        value = self._value(key, default, "a text")
        return value if isinstance(value, str) else self._refuse(key, "a text", value)

    def name(self, key: str) -> str:
        """A text that is not empty."""
        value = self._value(key, _REQUIRED, "a text that is not empty")
        return value if isinstance(value, str) and value else self._refuse(key, "a text that is not empty", value)

    def one_of(self, key: str, words: Collection[str]) -> str:
        """One of some texts, exactly as they are."""
        wanted = f"one of {', '.join(words)}"
        value = self._value(key, _REQUIRED, wanted)
        return value if isinstance(value, str) and value in words else self._refuse(key, wanted, value)

    def text_or_null(self, key: str, default: str | None = _REQUIRED) -> str | None:
        """A text, or None for null."""
        value = self._value(key, default, "a text or null")
        return value if value is None or isinstance(value, str) else self._refuse(key, "a text or null", value)

    def truth(self, key: str, default: bool = _REQUIRED) -> bool:
        """True or false."""
        value = self._value(key, default, "true or false")
        return value if isinstance(value, bool) else self._refuse(key, "true or false", value)

    def whole(self, key: str, default: int = _REQUIRED) -> int:
        """An integer."""
        value = self._value(key, default, "an integer")
        if isinstance(value, bool) or not isinstance(value, int):
            self._refuse(key, "an integer", value)
        return value

    def within(self, key: str, least: int, most: int) -> int:
        """An integer from ``least`` to ``most``."""
        value = self.whole(key)
        wanted = f"an integer from {least} to {most}"
        return value if least <= value <= most else self._refuse(key, wanted, value)

    def number(self, key: str, default: float = _REQUIRED) -> float:
        """A number; not NaN, and nothing without end."""
        value = self._value(key, default, "a number")
        if not is_number(value):
            self._refuse(key, "a number", value)
        return value  # type: ignore[no-any-return]

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
        values = self._list(key, [], "a list of texts")
        for value in values:
            if not isinstance(value, str):
                self._refuse(key, "a list of texts", value)
        return tuple(values)

    def fields(self, key: str) -> Fields:
        """A mapping."""
        return Fields(f"{self.where}.{key}", self._value(key, _REQUIRED, "an object"))

    def each(self, key: str, wanted: str = "a list of objects") -> list[Fields]:
        """A list of mappings."""
        values = self._list(key, _REQUIRED, wanted)
        return [Fields(f"{self.where}.{key}[{number}]", value) for number, value in enumerate(values)]

    def names(self) -> list[str]:
        """The keys that are there; raises FormError if one is no text."""
        return [key if isinstance(key, str) else self._refuse(str(key), "a text as key", key) for key in self._data]

    def value(self, key: str, wanted: str = "something") -> object:
        """Whatever it is; ``wanted`` says what is expected where the key is not there."""
        return self._value(key, _REQUIRED, wanted)

    def _list(self, key: str, default: Any, wanted: str) -> list[Any]:
        value = self._value(key, default, wanted)
        return list(value) if isinstance(value, list | tuple) else self._refuse(key, wanted, value)

    def _value(self, key: str, default: object, wanted: str) -> Any:
        if key in self._data:
            return self._data[key]
        if default is _REQUIRED:
            raise FormError(f"{self.where}.{key}: expected {wanted}, got nothing")
        return default

    def _refuse(self, key: str, wanted: str, found: object) -> NoReturn:
        raise FormError(f"{self.where}.{key}: expected {wanted}, got {value_in_words(found)}")


def is_number(value: object) -> bool:
    """Whether a value is a number that can be calculated with."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) if isinstance(value, float) else abs(value) < 10**300


def form_problem(error: BaseException) -> str:
    """What an exception says about data that were being read, in words that need no knowledge of Python."""
    match error:
        case FormError():
            return str(error)
        case RecursionError():
            return "it is nested too deep"
        case OverflowError():
            return "a number in it is too large"
        case MemoryError():
            return "there is not enough memory for it"
        case UnicodeError():
            return "it is no text in UTF-8"
    # Its class and text, which may be a mistake of ours, are for the log.
    _log.debug("data that something could not be made of", exc_info=error)
    return "it does not have the documented form"
