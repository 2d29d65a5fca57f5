# SPDX-License-Identifier: Apache-2.0
"""A set of version data out of what the projects publish that know (docs/standards/scs-0210.md#sources-of-the-data).

Pure: each function takes one parsed document, checks its form, and raises FormError in words for any other.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from pytest_scs.base.fields import FormError
from pytest_scs.base.value_words import value_in_words
from pytest_scs.base.words import shown
from pytest_scs.standards.dates import add_months
from pytest_scs.standards.kaas.cve_ranges import read_record, stops_the_official_suite
from pytest_scs.standards.kaas.version_data import (
    KEPT_FROM,
    BranchDates,
    Cve,
    OfficialTable,
    Release,
    VersionData,
    check_complete,
    from_plain,
    to_plain,
)
from pytest_scs.standards.kaas.versions import Branch, Version, read_branch, read_version

#: Branches that ended longer ago are left out.
_KEPT_MONTHS: Final = 24
_CVE: Final = re.compile(r"CVE-\d{4}-\d{4,19}", re.ASCII)
#: A few hundred CVEs in all; one request each.
_MOST_CVES: Final = 2000

Releases = dict[Version, Release]


@dataclasses.dataclass(frozen=True, slots=True)
class Schedule:
    """What is planned: the days of branches, and of patches that are out according to the plan."""

    branches: Mapping[Branch, BranchDates]
    patches: Mapping[Version, dt.date]


@dataclasses.dataclass(frozen=True, slots=True)
class Facts:
    """What all sources say together; ``ends`` are the actual ends of life, ``table`` that of the official suite.

    ``looked_up`` are the ids of the CVEs whose records were read, whether they count or not.
    """

    releases: Releases
    schedule: Schedule
    ends: Mapping[Branch, dt.date]
    cves: Sequence[Cve]
    odd_records: Sequence[str]
    table: OfficialTable | None = None
    looked_up: Collection[str] = ()


def read_github(pages: Iterable[object]) -> Releases:
    """Stable releases out of pages of GitHub's listing, with the instants of their publication."""
    found: Releases = {}
    for page in pages:
        if isinstance(page, Mapping) and isinstance(page.get("message"), str):
            raise FormError(f"expected a list of releases, got the message {value_in_words(page['message'])}")
        for number, entry in enumerate(_list(page, "it"), 1):
            release = _github_release(_object(entry, f"release {number}"), f"release {number}")
            if release is not None:
                found[release.version] = release
    if not found:
        raise FormError("it lists no stable release")
    return found


def _github_release(entry: Mapping[str, Any], where: str) -> Release | None:
    if entry.get("draft") is True or entry.get("prerelease") is True:
        return None
    tag = entry.get("tag_name")
    if not isinstance(tag, str):
        raise FormError(f"{where}: tag_name: expected a text, got {value_in_words(tag)}")
    version = read_version(tag)
    if version is None:
        return None
    published = entry.get("published_at")
    try:
        moment = dt.datetime.fromisoformat(published if isinstance(published, str) else "")
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise FormError(f"{tag}: published_at: expected an instant, got {value_in_words(published)}")
    return Release(version, moment.astimezone(dt.UTC), exact=True)


def read_endoflife(document: object) -> Releases:
    """Releases and the days of their tags out of endoflife.date's release data, or out of its API."""
    found: Releases = {}
    for text, day in _endoflife_days(document):
        if version := read_version(text):
            found[version] = Release(version, _midnight(_day(day, text)), exact=False)
    if not found:
        raise FormError("it lists no release")
    return found


def _endoflife_days(document: object) -> Iterator[tuple[str, object]]:
    if isinstance(document, list):
        for entry in (_object(one, "entry") for one in document):
            yield f"{entry.get('cycle')}.0", entry.get("releaseDate")
            if "latestReleaseDate" in entry:
                yield str(entry.get("latest")), entry["latestReleaseDate"]
        return
    content = _object(document, "it")
    for text, value in _object(content.get("versions", content), "versions").items():
        yield str(text), value.get("date") if isinstance(value, Mapping) else value


def read_schedule(document: object) -> Schedule:
    """The plan of branches in support: ``schedules`` of Kubernetes' ``schedule.yaml``."""
    branches, patches = {}, {}
    for number, one in enumerate(_list(_object(document, "it").get("schedules"), "schedules"), 1):
        entry = _object(one, f"schedule {number}")
        branch = _branch(entry.get("release"), f"schedule {number}")
        days = [_day(entry.get(key), f"{branch}: {key}") for key in _PLANNED]
        branches[branch] = BranchDates(branch, *days)
        for patch in _list(entry.get("previousPatches") or [], f"{branch}: previousPatches"):
            planned = _object(patch, f"{branch}: previousPatches")
            if version := read_version(str(planned.get("release"))):
                patches[version] = _day(planned.get("targetDate"), f"{version}: targetDate")
    if not branches:
        raise FormError("it lists no branch")
    return Schedule(branches, patches)


_PLANNED: Final = ("releaseDate", "maintenanceModeStartDate", "endOfLifeDate")


def read_ends(document: object) -> dict[Branch, dt.date]:
    """The actual ends of life of finished branches: ``branches`` of Kubernetes' ``eol.yaml``."""
    found = {}
    for number, one in enumerate(_list(_object(document, "it").get("branches"), "branches"), 1):
        entry = _object(one, f"branch {number}")
        branch = _branch(entry.get("release"), f"branch {number}")
        found[branch] = _day(entry.get("endOfLifeDate"), f"{branch}: endOfLifeDate")
    if not found:
        raise FormError("it lists no branch")
    return found


def read_official_table(document: object, day: dt.date) -> OfficialTable:
    """The official suite's table of ends of life, ``k8s-eol-data.yml``, as it was on ``day``."""
    ends = {}
    for number, one in enumerate(_list(document, "it"), 1):
        entry = _object(one, f"entry {number}")
        branch = _branch(entry.get("branch"), f"entry {number}")
        ends[branch] = _day(entry.get("end-of-life"), f"{branch}: end-of-life")
    if not ends:
        raise FormError("it lists no branch")
    return OfficialTable(day, ends)


def read_cve_index(document: object) -> list[str]:
    """The ids in Kubernetes' list of CVEs, a JSON Feed; each once."""
    items = _list(_object(document, "it").get("items"), "items")
    found = []
    for number, item in enumerate(items, 1):
        identity = _object(item, f"item {number}").get("id")
        if not isinstance(identity, str) or not _CVE.fullmatch(identity):
            raise FormError(f"item {number}: expected the id of a CVE, got {value_in_words(identity)}")
        found.append(identity)
    if not 0 < len(found) <= _MOST_CVES:
        raise FormError(f"expected 1 to {_MOST_CVES} CVEs, got {len(found)}")
    return [*dict.fromkeys(found)]


def read_cve(identity: str, document: object) -> tuple[Cve | None, bool]:
    """What counts of the record of a CVE, and whether the official suite gives up at it."""
    record = _object(document, identity)
    try:
        found = read_record(record)
    except ValueError as error:
        raise FormError(f"{identity}: {shown(str(error))}") from None
    named = record["cveMetadata"]["cveId"]
    if named != identity:
        raise FormError(f"{identity}: it is the record of {named}")
    odd = record["cveMetadata"].get("state") != "REJECTED" and stops_the_official_suite(record)
    if found is None or found.score < KEPT_FROM:
        return None, odd
    return Cve(identity, found.score, found.cvss, found.official, found.ranges, found.by_others), odd


def combine(facts: Facts, known: VersionData, generated_at: dt.datetime, sources: Mapping[str, str]) -> VersionData:
    """A full set out of all facts; what ``known`` has beside is kept, because facts only get added.

    Where sources disagree, the later date wins, in favour of the provider. Raises FormError for a set that lacks what
    a full one has, or contradicts itself.
    """
    releases = _releases(facts, known, generated_at)
    branches = _branches(facts, known, releases, generated_at.date())
    kept = tuple(release for version, release in sorted(releases.items()) if version.branch in branches)
    # The official list of CVEs may leave out old ones; that says nothing against them.
    others = [cve for cve in known.cves if cve.identity not in facts.looked_up]
    odd = [identity for identity in known.odd_records if identity not in facts.looked_up]
    data = VersionData(
        generated_at=generated_at,
        branches=branches,
        releases=kept,
        official=facts.table or known.official,
        cves=tuple(
            sorted(
                (cve for cve in (*facts.cves, *others) if any(map(cve.concerns, branches))),
                key=lambda cve: [int(part) for part in cve.identity.split("-")[1:]],
            )
        ),
        sources=sources,
        odd_records=tuple(sorted({*facts.odd_records, *odd})),
    )
    _check_order(data)
    check_complete(data, generated_at)
    return from_plain(to_plain(data))


def _releases(facts: Facts, known: VersionData, generated_at: dt.datetime) -> Releases:
    found = {release.version: release for release in known.releases}
    for version, release in facts.releases.items():
        if release.published_at > generated_at + dt.timedelta(days=1):
            raise FormError(f"releases: {version} is published on {release.published_at.date()}, which is to come")
        found[version] = _better(release, found.get(version))
    newest: dict[Branch, Version] = {}
    for version in found:
        newest[version.branch] = max(version, newest.get(version.branch, version))
    for version, day in facts.schedule.patches.items():
        # A plan proves no release; a later patch of its branch does.
        if version not in found and version < newest.get(version.branch, version):
            found[version] = Release(version, _midnight(day), exact=False)
    return found


def _better(one: Release, other: Release | None) -> Release:
    """The exact one of two dates of a release, else the later one."""
    if other is None or one.exact > other.exact:
        return one
    if other.exact > one.exact:
        return other
    # An exact date of today corrects the exact one of yesterday.
    return one if one.exact or one.published_at >= other.published_at else other


def _branches(facts: Facts, known: VersionData, releases: Releases, today: dt.date) -> dict[Branch, BranchDates]:
    found = {}
    for branch in sorted({*known.branches, *facts.schedule.branches, *facts.ends}):
        old, plan = known.branches.get(branch), facts.schedule.branches.get(branch)
        first = releases.get(Version(*branch, 0))
        # The plan of today replaces that of yesterday.
        dates = plan or old
        began = [*([dates.released] if dates else []), *([first.published.date()] if first else [])]
        ended = [*([facts.ends[branch]] if branch in facts.ends else []), *([plan.eol] if plan else [])]
        ended = ended or ([old.eol] if old else [])
        if began and ended and add_months(max(ended), _KEPT_MONTHS) >= today:
            found[branch] = BranchDates(branch, max(began), dates.maintenance if dates else None, max(ended))
    if not found:
        raise FormError("schedule: no branch in it is or was in support lately")
    return found


def _check_order(data: VersionData) -> None:
    """Raise FormError where a later patch was published before an earlier one."""
    last: dict[Branch, Release] = {}
    for release in data.releases:
        before = last.get(release.version.branch)
        if before and before.exact and release.exact and release.published_at < before.published_at:
            raise FormError(f"releases: {release.version} is published before {before.version}")
        last[release.version.branch] = release


def _list(value: object, where: str) -> Sequence[Any]:
    if not isinstance(value, list):
        raise FormError(f"{where}: expected a list, got {value_in_words(value)}")
    return value


def _object(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise FormError(f"{where}: expected an object, got {value_in_words(value)}")
    return value


def _branch(value: object, where: str) -> Branch:
    branch = read_branch(value) if isinstance(value, str) else None
    if branch is None:
        raise FormError(f"{where}: expected a branch like '1.36', in quotes, got {value_in_words(value)}")
    return branch


def _day(value: object, where: str) -> dt.date:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    try:
        return dt.date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise FormError(f"{where}: expected a date YYYY-MM-DD, got {value_in_words(value)}") from None


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)
