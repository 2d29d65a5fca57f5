# SPDX-License-Identifier: Apache-2.0
"""A section of the inventory: one kind of evidence, declared once, where it is read.

Whatever else there is to know about a section follows from its declaration: the fixture of its name, what
``--scs-plan`` says, the marker ``creates_resources``, what is awaited, what workers are handed, and which recorded data
is refused.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

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
    ``summary`` what a testcase gets. ``load`` makes the typed value of the entries; it raises ValueError, TypeError or
    KeyError for data of another shape, and nothing else refuses recorded or fetched data.

    A listing has ``read``: from the platform's client to the entries. What has to be tried has ``probe``: from the
    platform's probing to what was seen; it runs in the background of the main process. ``needs`` names the sections
    that must be read before, ``creates`` says what there is for a while because of it (empty: it only reads).

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
    creates: str = ""
    only_reads: Callable[[Any], bool] = _never
    idle: Callable[[Any], bool] = _never

    def typed(self, inventory: Inventory) -> T:
        """The typed value of this section; raises Inconclusive if it could not be read, or has another shape."""
        entries = inventory.section(self.name)
        try:
            return self.load(entries)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise Inconclusive(
                f"{inventory.subject}: {self.name} does not have the documented form ({type(error).__name__}: {error})",
                CauseKind.MALFORMED,
            ) from None

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
    """``load`` of a listing: a typed value for each entry."""
    return lambda entries: [make(entry) for entry in entries]


def single(make: Callable[[Mapping[str, Any]], T]) -> Callable[[Entries], T]:
    """``load`` of a probe's section: the typed value of its one entry."""

    def load(entries: Entries) -> T:
        if len(entries) != 1:
            raise ValueError(f"{len(entries)} entries instead of one")
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
