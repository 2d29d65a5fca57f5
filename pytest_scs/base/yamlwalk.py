# SPDX-License-Identifier: Apache-2.0
"""Walking through YAML that people wrote: whatever is wrong is one line with file, line, place and cause."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from pytest_scs.base import yamlfile
from pytest_scs.base.errors import InputError
from pytest_scs.base.words import cut, did_you_mean

#: The way from the top of a document to a value in it: keys and indexes.
Place = tuple[str | int, ...]

#: Characters of a place and of a cause that are shown; what was found there may be any text.
LENGTH = 300


class Walker:
    """Checks values that were loaded from a file. ``what`` names the kind of file, ``document`` counts from 0."""

    def __init__(self, path: Path, what: str, document: int = 0) -> None:
        self.path = path
        self.what = what
        self.document = document

    def fail(self, place: Place, cause: str) -> NoReturn:
        """Raise InputError for what is wrong at a place."""
        line = yamlfile.line_of(self.path, place, self.document)
        where = "".join(f"[{step}]" if isinstance(step, int) else f".{_printable(step)}" for step in place).lstrip(".")
        raise InputError(f"{self.path}:{line or 1}: {cut(where or self.what, LENGTH)}: {cut(cause, LENGTH)}")

    def mapping(self, value: Any, place: Place, allowed: Sequence[str], required: Sequence[str]) -> Mapping[str, Any]:
        """A mapping with these keys only; those that are required have a value."""
        if not isinstance(value, dict):
            self.fail(place, f"must be a mapping, found {kind_of(value)}")
        for key in value:
            if key not in allowed:
                hint = did_you_mean(str(key), allowed) or f"; allowed: {', '.join(allowed)}"
                self.fail((*place, str(key)), f"unknown keyword {key!r}{hint}")
        for key in required:
            if value.get(key) is None:
                self.fail(place, f"keyword {key!r} is missing")
        return value

    def sequence(self, value: Any, place: Place) -> Sequence[Any]:
        """A list."""
        if not isinstance(value, list):
            self.fail(place, f"must be a list, found {kind_of(value)}")
        return value

    def text(self, value: Any, place: Place) -> str:
        """Anything that is written in one word or line, as text."""
        if isinstance(value, (dict, list)) or value is None:
            self.fail(place, f"must be text, found {kind_of(value)}")
        return str(value)

    def quoted_date(self, value: Any, place: Place) -> dt.date:
        """A date without a time, quoted or not."""
        if isinstance(value, str):
            try:
                value = dt.date.fromisoformat(value)
            except ValueError:
                self.fail(place, f"must be a date YYYY-MM-DD, found {value!r}")
        return self.date(value, place)

    def date(self, value: Any, place: Place) -> dt.date:
        """A date without a time."""
        if type(value) is not dt.date:
            self.fail(place, f"must be a date YYYY-MM-DD, found {value!r}")
        return value


def _printable(step: str) -> str:
    """A key as it is, unless that would break the line."""
    return step if step.isprintable() else repr(step)


def kind_of(value: Any) -> str:
    """What a value is, for messages."""
    names = {dict: "a mapping", list: "a list", type(None): "nothing"}
    return names.get(type(value), repr(value))
