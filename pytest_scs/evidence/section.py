# SPDX-License-Identifier: Apache-2.0
"""A section of the inventory: one kind of evidence, declared once, where it is read.

Whatever else there is to know about a section follows from its declaration: the fixture of its name, what
``--scs-plan`` says, the marker ``creates_resources``, what is awaited, what workers are handed, and which recorded data
is refused.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from pytest_scs.base.fields import FormError, form_problem
from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.evidence.inventory import Inventory

T = TypeVar("T")

#: What a section holds: plain data, fit for JSON. A probe's section holds exactly one entry.
Entries = list[dict[str, Any]]


def _never(settings: Any) -> bool:
    return False


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Section(Generic[T]):
    """One kind of evidence about a subject.

    ``name`` is that of the fixture and of the key in evidence files; ``words`` say to people where it is read, and
    ``summary`` what a testcase gets. ``load`` makes the typed value of the entries and is the one check of their form,
    of what a subject answers as of what a file holds: it raises FormError, in words, for any other form.

    A listing has ``read``: from the platform's client to the entries. What has to be tried has ``probe``: from the
    platform's probing to what was seen; it runs in the background of the main process. ``needs`` names the sections
    that must be read before, ``lasts`` is about how many seconds a probe takes if it takes more than a few (the quick
    ones are judged first), ``creates`` says what there is for a while because of it (empty: it only reads).

    With some settings a section creates nothing: ``only_reads(settings)`` where it has no need to, ``idle(settings)``
    where it lacks the means; both get the platform's settings.
    """

    name: str
    words: str
    summary: str
    load: Callable[[Entries], T]
    read: Callable[[Any], Entries] | None = None
    probe: Callable[[Any], Mapping[str, Any]] | None = None
    needs: tuple[str, ...] = ()
    lasts: int = 0
    creates: str = ""
    only_reads: Callable[[Any], bool] = _never
    idle: Callable[[Any], bool] = _never
    aborts_when_interrupted: bool = False

    def typed(self, inventory: Inventory) -> T:
        """The typed value of this section; raises Inconclusive if it could not be read, or has another form."""
        entries = inventory.section(self.name)
        try:
            return self.loaded(entries)
        except FormError as error:
            raise Inconclusive(f"{inventory.subject}: {self.name}: {error}", CauseKind.MALFORMED) from None

    def loaded(self, entries: Entries) -> T:
        """The typed value of entries; raises FormError, whatever else they make ``load`` raise."""
        try:
            return self.load(entries)
        except Exception as error:  # data from outside may be anything, and so may be what they lead to
            raise FormError(form_problem(error)) from None

    def accept(self, entries: Entries) -> None:
        """Raise FormError for what was read if it has another form, or could not be written down as JSON."""
        self.loaded(entries)
        try:
            json.dumps(entries, allow_nan=False)
        except ValueError:
            raise FormError("it holds NaN or an infinite number") from None
        except (TypeError, RecursionError, MemoryError) as error:
            raise FormError(form_problem(error)) from None

    def created_with(self, settings: Any) -> str:
        """What is created for a while with these settings, in words; empty if nothing is."""
        return "" if self.only_reads(settings) or self.idle(settings) else self.creates


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DerivedFixture(Generic[T]):
    """A fixture made of the sections in ``needs``, with nothing read for it: ``make`` gets the inventory."""

    name: str
    summary: str
    needs: tuple[str, ...]
    make: Callable[[Inventory], T]


def each(make: Callable[[Mapping[str, Any]], T]) -> Callable[[Entries], list[T]]:
    """``load`` of a listing: a typed value for each entry; a FormError says which one it is about, counted from 1."""

    def load(entries: Entries) -> list[T]:
        found: list[T] = []
        try:
            for entry in entries:
                found.append(make(entry))
        except FormError as error:
            raise FormError(f"entry {len(found) + 1}: {error}") from None
        return found

    return load


def single(make: Callable[[Mapping[str, Any]], T]) -> Callable[[Entries], T]:
    """``load`` of a probe's section: the typed value of its one entry."""

    def load(entries: Entries) -> T:
        if len(entries) != 1:
            raise FormError(f"expected one entry, got {len(entries)}")
        return make(entries[0])

    return load


def by_name(sections: Iterable[Section[Any]]) -> dict[str, Section[Any]]:
    """Sections by name, in order; raises ValueError where two have the same name."""
    found: dict[str, Section[Any]] = {}
    for section in sections:
        if section.name in found:
            raise ValueError(f"two sections are called {section.name}")
        found[section.name] = section
    return found


def with_needs(wanted: Iterable[str], sections: Mapping[str, Section[Any]]) -> list[str]:
    """Names of sections together with all that they need, in the order of ``sections``."""
    found: set[str] = set()
    pending: Sequence[str] = list(wanted)
    while pending:
        found.update(pending)
        pending = [need for name in pending for need in sections[name].needs if need not in found]
    return [name for name in sections if name in found]
