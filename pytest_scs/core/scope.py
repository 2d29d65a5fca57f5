# SPDX-License-Identifier: Apache-2.0
"""Scope files: which version of a certificate scope contains which testcases (scs-0003-v1).

Pure data and arithmetic; the file format is the official one (docs/standards/framework.md#scope-files), and the
official files load unchanged.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

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
    def standard(self) -> str | None:
        """Number of the standard in the id (``0103`` of ``scs-0103-flavor-1v-4``), None for ids without one."""
        match = re.match(r"scs-(\d{4})-", self.id)
        return match[1] if match else None

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

    @property
    def standard(self) -> str | None:
        """Number of the standard in the module id, None where it is another organisation's."""
        match = re.match(r"scs-(\d{4})-", self.id)
        return match[1] if match else None


@dataclasses.dataclass(frozen=True, slots=True)
class Inclusion:
    """A module as a version includes it, with its parameters."""

    module: Module
    parameters: Mapping[str, str]


@dataclasses.dataclass(frozen=True, slots=True)
class Version:
    """One version of a scope; stable (not to be edited any more) from ``stabilized_at`` on."""

    name: str
    stabilized_at: dt.date | None
    includes: Sequence[Inclusion]

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
            1
            for version in self.versions.values()
            if version.stabilized_at and testcase in version.targets().get("main", ())
        )
