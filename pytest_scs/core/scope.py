# SPDX-License-Identifier: Apache-2.0
"""Scope files: which version of a certificate scope contains which testcases (scs-0003-v1).

Pure data and arithmetic; the file formats are the official one and the one that is announced
(docs/standards/framework.md#scope-files), and the official files load unchanged.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

#: The targets of scs-0003, decisive one first.
TARGETS = ("main", "recommended", "preview")

#: Validity codes of a timeline entry (docs/standards/framework.md#timeline).
CODES = ("effective", "warn", "draft", "deprecated")

#: What stands in place of a code on dates before the first on which a version counts.
NOT_YET = "not yet in force"

#: Codes under which a version can be certified.
CERTIFIABLE = ("effective", "warn")

#: UUIDs of the scopes there are certificates for: SCS-compatible IaaS and SCS-compatible KaaS.
OFFICIAL = ("50393e6f-2ae1-4c5c-a62c-3b75f2abef3f", "1fffebe6-fd4b-44d3-a36c-fc58b4bb0180")


@dataclasses.dataclass(frozen=True, slots=True)
class Testcase:
    """A testcase as a scope file declares it; ``lifetime`` is one of PERIODS, ``section`` its cost class."""

    id: str
    description: str
    url: str
    lifetime: str | None
    section: str | None
    manual: bool

    __test__ = False  # pytest must not take it for a test class

    @property
    def cost(self) -> str:
        """Cost class: the ``section`` of the scope file, ``light`` where it says nothing."""
        return self.section or ("manual" if self.manual else "light")


@dataclasses.dataclass(frozen=True, slots=True)
class Module:
    """A named group of testcases by target, usually one version of one standard."""

    id: str
    name: str
    url: str
    targets: Mapping[str, Sequence[str]]


def standard_of(testcase: Testcase, modules: Sequence[Module]) -> str | None:
    """Number of the standard that a testcase is about: ``0103`` of ``scs-0103-flavor-1v-4``.

    Not every id has one, and some have that of another organisation: then the ids of its modules are looked at, their
    names, and the ends of their URLs and of its own (docs/standards/framework.md#scope-files). None if none of them has
    one.
    """
    places = [
        testcase.id,
        *(module.id for module in modules),
        *(module.name for module in modules),
        *(_end(module.url) for module in modules),
        _end(testcase.url),
    ]
    found = (re.search(r"(?<![a-z0-9])scs-(\d{4})(?!\d)", place) for place in places)
    return next((match[1] for match in found if match), None)


def _end(url: str) -> str:
    """The last segment of the path of a URL."""
    return urlsplit(url).path.rstrip("/").rpartition("/")[2]


@dataclasses.dataclass(frozen=True, slots=True)
class Inclusion:
    """A module as a version includes it, with its parameters."""

    module: Module
    parameters: Mapping[str, str]


@dataclasses.dataclass(frozen=True, slots=True)
class Version:
    """One version of a scope; stable (not to be edited any more) from ``stabilized_at`` on.

    Files with groups say ``attn`` in its place: a number, and the version is stable if it is above 0, who knows since
    when.
    """

    name: str
    stabilized_at: dt.date | None
    includes: Sequence[Inclusion]
    attn: int = 0

    @property
    def stable(self) -> bool:
        """Whether it is not to be edited any more."""
        return self.stabilized_at is not None or self.attn > 0

    def targets(self) -> dict[str, list[str]]:
        """Testcase ids by target: the union over the included modules, in file order, each id once per target."""
        union: dict[str, dict[str, None]] = {}
        for inclusion in self.includes:
            for target, ids in inclusion.module.targets.items():
                union.setdefault(target, {}).update(dict.fromkeys(ids))
        return {target: list(ids) for target, ids in union.items()}


@dataclasses.dataclass(frozen=True, slots=True)
class Scope:
    """A whole scope file. ``path`` is where it was read from.

    ``variables`` name what a run is to be given, such as ``os_cloud``: they say which platform judges it.
    """

    path: Path
    uuid: str
    name: str
    url: str
    testcases: Mapping[str, Testcase]
    modules: Mapping[str, Module]
    versions: Mapping[str, Version]
    timeline: Mapping[dt.date, Mapping[str, str]]
    variables: tuple[str, ...] = ()

    @property
    def official(self) -> bool:
        """Whether there are certificates for this scope, and the compliance monitor takes its reports."""
        return self.uuid in OFFICIAL

    @property
    def included(self) -> frozenset[str]:
        """Ids of the testcases that a version contains, in whatever target."""
        return frozenset(
            identity for version in self.versions.values() for ids in version.targets().values() for identity in ids
        )

    def validity(self, date: dt.date) -> dict[str, str]:
        """Version name -> validity code in the timeline entry that applies on ``date``; empty before the first entry.

        Versions that are not listed there are implicitly deprecated and left out.
        """
        dates = [entry for entry in self.timeline if entry <= date]
        if not dates:
            return {}
        listed = self.timeline[max(dates)]
        return {name: listed[name] for name in self.versions if name in listed}

    def code(self, version: str, date: dt.date) -> str:
        """The validity code of one version on ``date``.

        What the timeline does not list is ``deprecated``, or ``not yet in force`` if it was never listed
        until then and is listed, or stable, later only.
        """
        if code := self.validity(date).get(version):
            return code
        listed = [day for day, versions in self.timeline.items() if version in versions]
        stable = self.versions[version].stabilized_at if version in self.versions else None
        before = any(day <= date for day in listed) or (stable is not None and stable <= date)
        later = any(day > date for day in listed) or (stable is not None and stable > date)
        return NOT_YET if later and not before else "deprecated"

    def attention(self, testcase: str) -> int:
        """Number of stable versions that have the testcase in target ``main``.

        See docs/standards/framework.md#attention.
        """
        return sum(
            1 for version in self.versions.values() if version.stable and testcase in version.targets().get("main", ())
        )
