# SPDX-License-Identifier: Apache-2.0
"""What is known of Kubernetes' releases: a dated set of branches, releases and CVEs (docs/standards/scs-0210.md#data).

It is one JSON document, bundled, refreshed or given. The evidence of a run holds the part of it that verdicts rest on.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pytest_scs.base.fields import Fields, FormError
from pytest_scs.base.value_words import value_in_words
from pytest_scs.standards.kaas.cve_ranges import Range
from pytest_scs.standards.kaas.versions import Branch, Version, read_branch, read_version

#: The only form of the file so far.
SCHEMA: Final = 1
#: Most entries of a list in it: there are about 1,000 releases since 2014.
MOST_ENTRIES: Final = 10_000
#: A CVE with this base score or more is critical (scs-0210-v2); those from the lower one on are kept.
CRITICAL: Final = 8.0
KEPT_FROM: Final = 7.0

#: Where the data come from, where nothing else is said.
BUNDLED: Final = "bundled"
REFRESHED: Final = "the copy of scs data refresh"

#: Dates of the plan and of tags are up to a day before the publication; they count as one day later.
_INEXACT: Final = dt.timedelta(days=1)
_CVE: Final = re.compile(r"CVE-\d{4}-\d{4,19}", re.ASCII)
#: Years that a date about Kubernetes can have; further ones are mistakes, and lead out of the calendar.
_YEARS: Final = range(2014, 2200)


@dataclasses.dataclass(frozen=True, slots=True)
class BranchDates:
    """The days (UTC) on which a branch began, goes into maintenance and ends."""

    branch: Branch
    released: dt.date
    maintenance: dt.date | None
    eol: dt.date


@dataclasses.dataclass(frozen=True, slots=True)
class Release:
    """A stable release and when it was published; ``exact`` is false for a date out of the plan or of a tag."""

    version: Version
    published_at: dt.datetime
    exact: bool

    @property
    def published(self) -> dt.datetime:
        """The instant from which time is counted, in favour of the provider."""
        return self.published_at if self.exact else self.published_at + _INEXACT


@dataclasses.dataclass(frozen=True, slots=True)
class Cve:
    """A CVE, its highest base score, and what it affects; ``official``: the official suite counts it."""

    identity: str
    score: float
    cvss: str
    official: bool
    affected: tuple[Range, ...]
    by_others: bool = False

    def affects(self, version: Version) -> bool:
        """Whether a release is affected."""
        return any(version in one for one in self.affected)

    def concerns(self, branch: Branch) -> bool:
        """Whether any release of a branch, known or not, may be affected."""
        return any(one.reaches(branch) for one in self.affected)

    @property
    def critical(self) -> bool:
        """Whether its fix has to be offered within two weeks."""
        return self.score >= CRITICAL

    def __str__(self) -> str:
        whose = ", not by its publisher" if self.by_others else ""
        return f"{self.identity} (score {self.score:g}{whose})"


@dataclasses.dataclass(frozen=True, slots=True)
class OfficialTable:
    """The ends of life by which the official suite judges, and of which day its table is."""

    copied_at: dt.date
    ends: Mapping[Branch, dt.date]


@dataclasses.dataclass(frozen=True, slots=True)
class VersionData:
    """A set of facts; no release that it does not know is older than ``generated_at``.

    ``origin`` says where it was read, ``trusted_when_old`` that the user accepts its age (``--scs-allow-stale-data``),
    ``odd_records`` the CVEs at whose records the official suite gives up.
    """

    generated_at: dt.datetime
    branches: Mapping[Branch, BranchDates]
    releases: tuple[Release, ...]
    official: OfficialTable
    cves: tuple[Cve, ...]
    sources: Mapping[str, str] = dataclasses.field(default_factory=dict)
    odd_records: tuple[str, ...] = ()
    origin: str = ""
    trusted_when_old: bool = False

    @property
    def kept_by_us(self) -> bool:
        """Whether it is the bundled set, or what ``scs data refresh`` made of it."""
        return self.origin in (BUNDLED, REFRESHED)

    @property
    def day(self) -> dt.date:
        """The day of the data (UTC)."""
        return self.generated_at.astimezone(dt.UTC).date()

    def of_branch(self, branch: Branch) -> tuple[Release, ...]:
        """The releases of a branch, ascending."""
        return tuple(release for release in self.releases if release.version.branch == branch)


def from_plain(data: object, where: str = "version data") -> VersionData:
    """The data set in a document of our form; raises FormError that names the key."""
    fields = Fields(where, data)
    if (schema := fields.whole("schema")) != SCHEMA:
        raise FormError(f"{where}.schema: expected {SCHEMA}, got {value_in_words(schema)}")
    branches = [_branch(entry) for entry in _each(fields, "branches")]
    releases = [_release(entry) for entry in _each(fields, "releases")]
    found = VersionData(
        generated_at=_moment(fields, "generated_at"),
        branches={dates.branch: dates for dates in sorted(branches, key=lambda dates: dates.branch)},
        releases=tuple(sorted(releases, key=lambda release: release.version)),
        official=_official(fields.fields("official_eol")),
        cves=tuple(_cve(entry) for entry in _each(fields, "cves")),
        sources=_texts_of(fields.fields("sources")) if fields.has("sources") else {},
        odd_records=fields.texts("odd_records"),
        origin=fields.text("origin", ""),
        trusted_when_old=fields.truth("trusted_when_old", False),
    )
    if len(found.branches) != len(branches):
        raise FormError(f"{where}.branches: a branch is there twice")
    if len({release.version for release in releases}) != len(releases):
        raise FormError(f"{where}.releases: a release is there twice")
    if not found.branches:
        raise FormError(f"{where}.branches: expected a branch at least, got none")
    return found


def to_plain(data: VersionData) -> dict[str, Any]:
    """The document of a data set, fit for JSON."""
    plain: dict[str, Any] = {
        "schema": SCHEMA,
        "generated_at": _instant(data.generated_at),
        "sources": dict(data.sources),
        "branches": [_plain_branch(dates) for dates in data.branches.values()],
        "releases": [
            {"version": one.version.plain, "published_at": _instant(one.published_at), "exact": one.exact}
            for one in data.releases
        ],
        "official_eol": {
            "copied_at": data.official.copied_at.isoformat(),
            "branches": {str(branch): day.isoformat() for branch, day in data.official.ends.items()},
        },
        "cves": [_plain_cve(cve) for cve in data.cves],
    }
    if data.odd_records:
        plain["odd_records"] = list(data.odd_records)
    if data.origin:
        plain["origin"] = data.origin
    if data.trusted_when_old:
        plain["trusted_when_old"] = True
    return plain


def part_for(data: VersionData, branches: Sequence[Branch]) -> VersionData:
    """What verdicts on these branches rest on: their releases and CVEs, and the dates of all branches."""
    kept = tuple(release for release in data.releases if release.version.branch in branches)
    cves = tuple(cve for cve in data.cves if any(map(cve.concerns, branches)))
    return dataclasses.replace(data, releases=kept, cves=cves)


def check_complete(data: VersionData, now: dt.datetime) -> None:
    """Raise FormError for a set that lacks what a full one has: every branch in support has a release .0."""
    first = {release.version.branch for release in data.releases if release.version.patch == 0}
    for dates in data.branches.values():
        if dates.released <= now.date() <= dates.eol and dates.branch not in first:
            raise FormError(f"releases: there is no {dates.branch}.0, though branch {dates.branch} is in support")


def _each(fields: Fields, key: str) -> list[Fields]:
    entries = fields.each(key)
    if len(entries) > MOST_ENTRIES:
        raise FormError(f"{fields.where}.{key}: expected {MOST_ENTRIES} entries at most, got {len(entries)}")
    return entries


def _branch(entry: Fields) -> BranchDates:
    dates = BranchDates(
        _branch_name(entry.text("branch"), f"{entry.where}.branch"),
        _day(entry, "released"),
        _day(entry, "maintenance") if entry.has("maintenance") else None,
        _day(entry, "eol"),
    )
    if dates.eol <= dates.released:
        raise FormError(f"{entry.where}: the branch {dates.branch} ends on {dates.eol}, before its release")
    return dates


def _release(entry: Fields) -> Release:
    return Release(_version(entry, "version"), _moment(entry, "published_at"), entry.truth("exact", False))


def _cve(entry: Fields) -> Cve:
    identity = entry.text("id")
    if not _CVE.fullmatch(identity):
        raise FormError(f"{entry.where}.id: expected the id of a CVE, got {value_in_words(identity)}")
    score = entry.number("score")
    if not 0 <= score <= 10:
        raise FormError(f"{entry.where}.score: expected a score from 0 to 10, got {value_in_words(score)}")
    affected = tuple(_range(one) for one in _each(entry, "affected"))
    if not affected:
        raise FormError(f"{entry.where}.affected: expected a range at least, got none")
    return Cve(
        identity,
        score,
        entry.text("cvss", ""),
        entry.truth("official"),
        affected,
        entry.truth("by_others", False),
    )


def _range(entry: Fields) -> Range:
    begin = entry.text("introduced")
    found = Range(
        Version(0, 0, 0) if begin == "0" else _version(entry, "introduced"),
        _version(entry, "fixed") if entry.has("fixed") else None,
        _version(entry, "last_affected") if entry.has("last_affected") else None,
    )
    if found.empty:
        raise FormError(f"{entry.where}: the range ends before it begins")
    return found


def _official(fields: Fields) -> OfficialTable:
    named = fields.fields("branches")
    ends = {_branch_name(name, f"{named.where}.{value_in_words(name)}"): _day(named, name) for name in named.names()}
    return OfficialTable(_day(fields, "copied_at"), ends)


def _texts_of(fields: Fields) -> dict[str, str]:
    return {name: fields.text(name) for name in fields.names()}


def _branch_name(text: str, where: str) -> Branch:
    if branch := read_branch(text):
        return branch
    raise FormError(f"{where}: expected a branch like 1.36, got {value_in_words(text)}")


def _version(entry: Fields, key: str) -> Version:
    text = entry.text(key)
    if version := read_version(text):
        return version
    raise FormError(f"{entry.where}.{key}: expected a version like 1.36.3, got {value_in_words(text)}")


def _day(fields: Fields, key: str) -> dt.date:
    text = fields.text(key)
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise FormError(f"{fields.where}.{key}: expected a date YYYY-MM-DD, got {value_in_words(text)}") from None
    if day.year not in _YEARS:
        raise FormError(f"{fields.where}.{key}: expected a date from {_YEARS[0]} on, got {value_in_words(text)}")
    return day


def _moment(fields: Fields, key: str) -> dt.datetime:
    try:
        moment = fields.moment(key).astimezone(dt.UTC)
    except OverflowError:
        moment = dt.datetime.min
    if moment.year not in _YEARS:
        found = value_in_words(fields.text(key))
        raise FormError(f"{fields.where}.{key}: expected an instant from {_YEARS[0]} on, got {found}")
    return moment


def _instant(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _plain_branch(dates: BranchDates) -> dict[str, str]:
    maintenance = {"maintenance": dates.maintenance.isoformat()} if dates.maintenance else {}
    return {
        "branch": str(dates.branch),
        "released": dates.released.isoformat(),
        **maintenance,
        "eol": dates.eol.isoformat(),
    }


def _plain_cve(cve: Cve) -> dict[str, Any]:
    others = {"by_others": True} if cve.by_others else {}
    return {
        "id": cve.identity,
        "score": cve.score,
        "cvss": cve.cvss,
        "official": cve.official,
        **others,
        "affected": [_plain_range(one) for one in cve.affected],
    }


def _plain_range(one: Range) -> dict[str, str]:
    plain = {"introduced": one.introduced.plain if one.introduced > (0, 0, 0) else "0"}
    if one.fixed is not None:
        plain["fixed"] = one.fixed.plain
    if one.last_affected is not None:
        plain["last_affected"] = one.last_affected.plain
    return plain
