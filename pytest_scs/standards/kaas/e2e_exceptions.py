# SPDX-License-Identifier: Apache-2.0
"""The published list of tests of the e2e suite that may fail (docs/standards/scs-0201.md#exceptions)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pytest_scs.base import datafiles, yamlfile
from pytest_scs.base.errors import InputError
from pytest_scs.base.fields import Fields
from pytest_scs.base.words import cut, printable
from pytest_scs.standards.datum import Content, Datum, Source

#: The bundled list; its name is that of the official file.
FILE: Final = Path(__file__).parent / "data" / "scs-sonobuoy-config-v1.yaml"

#: Entries of a list, and characters of an expression, that are more than any list has.
MOST_ENTRIES: Final = 500
MOST_REGEX: Final = 500

_KEY: Final = "okToFail"
_ORIGIN: Final = "Tests/kaas/scs-sonobuoy-config-v1.yaml"


@dataclasses.dataclass(frozen=True, slots=True)
class ExcusedTest:
    """An entry: failures of tests in whose full name ``regex`` is found are excused, and why."""

    regex: str
    reason: str

    def covers(self, name: str) -> bool:
        """Whether it excuses a test; raises nothing, since only lists that were parsed are asked."""
        return re.search(self.regex, name) is not None

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> ExcusedTest:
        """What was recorded; raises FormError for another form, and InputError for no regular expression."""
        fields = Fields("exceptions", data)
        return _entry({"regex": fields.name("regex"), "reason": fields.name("reason")}, "exceptions")


def first_that_covers(entries: Iterable[ExcusedTest], name: str) -> ExcusedTest | None:
    """The first entry that excuses a test, or None."""
    return next((entry for entry in entries if entry.covers(name)), None)


@functools.cache
def excused_tests() -> tuple[ExcusedTest, ...]:
    """The bundled list, or the user's newer copy of it; raises InputError for a damaged one."""
    return parse_exceptions(datafiles.text_of(FILE, "list of exceptions"), str(datafiles.current(FILE)))


def read_exceptions(path: Path) -> tuple[ExcusedTest, ...]:
    """The list in a file; raises InputError, in one line, for whatever is wrong with it."""
    return parse_exceptions(yamlfile.read_text(path, "list of exceptions"), str(path))


def parse_exceptions(text: str, place: str) -> tuple[ExcusedTest, ...]:
    """The entries of a list, in order; ``place`` is how messages call it. Raises InputError for another form."""
    documents = yamlfile.load_documents(text, place)
    document = documents[0] if len(documents) == 1 else None
    if not isinstance(document, dict) or _KEY not in document:
        raise InputError(f"{place}: it is no list of exceptions: expected one mapping with the key {_KEY}")
    if others := [str(key) for key in document if key != _KEY]:
        raise InputError(f"{place}: unknown key {cut(printable(others[0]), 60)!r}; the only one is {_KEY}")
    entries = document[_KEY] or []
    if not isinstance(entries, list) or len(entries) > MOST_ENTRIES:
        raise InputError(f"{place}: {_KEY} must be a list of at most {MOST_ENTRIES} entries with regex and reason")
    return tuple(_entry(entry, f"{place}: {_KEY}, entry {number}") for number, entry in enumerate(entries, 1))


def _entry(entry: object, place: str) -> ExcusedTest:
    if not isinstance(entry, dict):
        raise InputError(f"{place}: expected a mapping with regex and reason")
    for key in ("regex", "reason"):
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            raise InputError(f"{place}: {key} is missing or no text; it must not be empty")
    if others := [str(key) for key in entry if key not in ("regex", "reason")]:
        raise InputError(f"{place}: unknown key {cut(printable(others[0]), 60)!r}; allowed are regex and reason")
    if len(entry["regex"]) > MOST_REGEX:
        raise InputError(f"{place}: regex is longer than {MOST_REGEX} characters")
    try:
        re.compile(entry["regex"])
    except (re.error, RecursionError, OverflowError):
        raise InputError(f"{place}: {cut(printable(entry['regex']), 100)!r} is no regular expression") from None
    return ExcusedTest(entry["regex"], entry["reason"])


def _content(text: str) -> Content:
    return {f"may fail: {entry.regex}": entry.reason for entry in parse_exceptions(text, FILE.name)}


def beyond(entries: Sequence[ExcusedTest], usual: Sequence[ExcusedTest]) -> list[ExcusedTest]:
    """The entries that may excuse more than another list does: those it has not."""
    known = {entry.regex for entry in usual}
    return [entry for entry in entries if entry.regex not in known]


#: What ``scs data`` knows of the list.
DATUM: Final = Datum(
    "e2e-exceptions",
    "tests of the Kubernetes e2e suite that may fail",
    FILE,
    dt.date(2026, 8, 21),
    _content,
    (Source(f"https://raw.githubusercontent.com/SovereignCloudStack/standards/main/{_ORIGIN}", _ORIGIN),),
    facts=True,
)
