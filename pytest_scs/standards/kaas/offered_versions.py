# SPDX-License-Identifier: Apache-2.0
"""scs-0210: which versions of Kubernetes an offering has (document: scs-0210-v2, "Decision").

An offering is not a property of one cluster: what is offered stands in a file of the provider, or is what all clusters
of a run have.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pytest_scs.base import yamlfile
from pytest_scs.base.errors import InputError
from pytest_scs.base.fields import Fields, FormError
from pytest_scs.base.value_words import value_in_words
from pytest_scs.core.cause import CauseKind
from pytest_scs.core.findings import Finding, Observation, Undecided
from pytest_scs.standards.kaas.version_data import BranchDates, VersionData
from pytest_scs.standards.kaas.version_policy import CLUSTER, end_of_months, explain_version, is_over, with_trust
from pytest_scs.standards.kaas.versions import Branch, read_branch, read_git_version

OFFERING: Final = "offering"
#: A new minor version has to be offered within as many months (scs-0210-v2).
MONTHS: Final = 4
#: Most versions in a file; an offering has a handful.
MOST_VERSIONS: Final = 1000
_WHAT: Final = "list of offered versions"


@dataclasses.dataclass(frozen=True, slots=True)
class OfferedVersion:
    """A version that is offered: ``text`` as it is written, its branch, and since when, if that is told."""

    text: str
    branch: Branch
    since: dt.date | None = None

    def counts(self, today: dt.date) -> bool:
        """Whether its branch is offered by it: not before its day, and not by an alpha, a beta or a candidate of .0."""
        running = read_git_version(self.text)
        return (self.since is None or self.since <= today) and (running is None or running.compared is not None)


@dataclasses.dataclass(frozen=True, slots=True)
class Offer:
    """The section ``offered_versions``: what is offered, and where that was read, in words.

    ``complete``: it tells what a provider offers; if not, as one cluster alone, ``origin`` says why.
    """

    versions: tuple[OfferedVersion, ...]
    origin: str
    complete: bool

    def branches(self, today: dt.date) -> set[Branch]:
        """The branches of which a release is offered on a day (UTC)."""
        return {one.branch for one in self.versions if one.counts(today)}

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Offer:
        """Read the section; raises FormError, naming the key and what was found, for another form."""
        fields = Fields("offered_versions", data)
        versions = tuple(offered_version(entry.text("version"), _since(entry)) for entry in fields.each("versions"))
        return cls(versions, fields.text("origin"), fields.truth("complete"))

    def to_plain(self) -> dict[str, Any]:
        """The entry of the section, fit for JSON."""
        return {
            "versions": [
                {"version": one.text, "since": one.since.isoformat() if one.since else None} for one in self.versions
            ],
            "origin": self.origin,
            "complete": self.complete,
        }


def offered_version(text: str, since: dt.date | None = None) -> OfferedVersion:
    """A version or a branch as providers write it, ``1.36.3``, ``v1.36.3-eks-1`` or ``1.36``; raises FormError."""
    if running := read_git_version(text):
        return OfferedVersion(text, running.version.branch, since)
    if branch := read_branch(text):
        return OfferedVersion(text, branch, since)
    raise FormError(f"expected a version like 1.36.3 or a branch like 1.36, got {value_in_words(text)}")


def offer_of_clusters(git_versions: Sequence[str | None]) -> Offer:
    """What the clusters of a run have: a version each, None for a cluster that did not tell it.

    They tell what is offered if there are several, and the version of each is known.
    """
    found = {}
    unknown = 0
    for text in git_versions:
        if running := read_git_version(text or ""):
            found[text] = OfferedVersion(running.text, running.version.branch)
        else:
            unknown += 1
    origin = f"the versions of {len(git_versions)} clusters"
    if unknown:
        origin = f"{unknown} of {len(git_versions)} clusters did not tell a version"
    elif len(git_versions) == 1:
        origin = "one cluster does not tell what else is offered"
    return Offer(tuple(found.values()), origin, len(git_versions) > 1 and not unknown)


def read_offer(path: Path) -> Offer:
    """What ``--scs-offered-versions`` names: YAML with a list ``versions``, or plain text with one version a line.

    Raises InputError, in one line.
    """
    try:
        versions = parse_offer(yamlfile.read_text(path, _WHAT), str(path))
    except FormError as error:
        raise InputError(f"--scs-offered-versions: {path}: {error}") from None
    except InputError as error:
        raise InputError(f"--scs-offered-versions: {error}") from None
    return Offer(versions, "the list of the provider", complete=True)


def parse_offer(text: str, name: str) -> tuple[OfferedVersion, ...]:
    """The versions in the text of such a file; raises FormError or InputError for anything else."""
    lines = [(number, line.partition("#")[0].strip()) for number, line in enumerate(text.splitlines(), 1)]
    lines = [(number, line) for number, line in lines if line and line != "---"]
    versions = _from_yaml(text, name) if any(":" in line for _, line in lines) else _from_lines(lines)
    if not versions:
        raise FormError("it lists no version")
    if len(versions) > MOST_VERSIONS:
        raise FormError(f"it lists {len(versions)} versions; {MOST_VERSIONS} are allowed")
    return tuple(versions)


def _from_lines(lines: Sequence[tuple[int, str]]) -> list[OfferedVersion]:
    found = []
    for number, line in lines:
        try:
            found.append(offered_version(line.removeprefix("- ").strip("\"' ")))
        except FormError as error:
            raise FormError(f"line {number}: {error}") from None
    return found


def _from_yaml(text: str, name: str) -> list[OfferedVersion]:
    documents = yamlfile.load_documents(text, name)
    if len(documents) != 1:
        raise FormError(f"expected one YAML document, got {len(documents)}")
    fields = Fields("it", documents[0])
    entries = fields.value("versions", "a list of versions")
    if not isinstance(entries, list):
        raise FormError(f"versions: expected a list of versions, got {value_in_words(entries)}")
    return [_from_entry(number, entry) for number, entry in enumerate(entries, 1)]


def _from_entry(number: int, entry: object) -> OfferedVersion:
    """One entry of the list: a version, or an object with ``version`` and ``since``."""
    where = f"versions: entry {number}"
    try:
        if isinstance(entry, Mapping):
            fields = Fields(where, entry)
            if strange := [key for key in entry if key not in ("version", "since")]:
                raise FormError(f"{value_in_words(strange[0])} is unknown; it has version and since")
            return offered_version(_version_text(fields.value("version", "a version")), _since(fields))
        return offered_version(_version_text(entry))
    except FormError as error:
        text = str(error)
        raise FormError(text if text.startswith(where) else f"{where}: {text}") from None


def _version_text(value: object) -> str:
    """The text of a version; YAML takes ``1.36`` without quotes for a number, and ``1.30`` for that of ``1.3``."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, float) and len(str(value).partition(".")[2]) > 1:
        return str(value)
    if isinstance(value, float | int) and not isinstance(value, bool):
        raise FormError(f"write it in quotes: YAML takes {value} without them for a number, and 1.30 for 1.3")
    raise FormError(f"expected a version like 1.36.3, got {value_in_words(value)}")


def _since(fields: Fields) -> dt.date | None:
    if not fields.has("since"):
        return None
    value = fields.value("since")
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    try:
        return dt.date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise FormError(f"{fields.where}.since: expected a date YYYY-MM-DD, got {value_in_words(value)}") from None


def check_newest_minor(offer: Offer, data: VersionData, now: dt.datetime) -> Iterator[Observation]:
    """The newest minor version MUST be offered within four months of its release.

    Source: scs-0210-v2, "Decision" (docs/standards/scs-0210.md#offering).
    """
    due = _due(data, now)
    yield from _judge(
        offer, due[-1:], data, now, "scs-0210/newest_minor_offered", "the newest minor version is offered"
    )


def check_supported_branches(offer: Offer, data: VersionData, now: dt.datetime) -> Iterator[Observation]:
    """Every branch that the Kubernetes project supports MUST be offered until its end of life.

    Source: scs-0210-v2, "Decision" (docs/standards/scs-0210.md#offering).
    """
    due = _due(data, now)
    yield from _judge(offer, due, data, now, "scs-0210/supported_branch_offered", "a branch in support is offered")


def check_ended_branches(offer: Offer, own: str, data: VersionData, now: dt.datetime) -> Iterator[Observation]:
    """A version should not be offered beyond its branch's end of life (RECOMMENDED); ``own`` is the cluster's version.

    Source: scs-0210-v2, "Decision" (docs/standards/scs-0210.md#offering).
    """
    yield from with_trust(_ended(offer, own, data, now), data, now, OFFERING)
    if not offer.complete:
        yield _not_given(offer)


def _ended(offer: Offer, own: str, data: VersionData, now: dt.datetime) -> Iterator[Observation]:
    listed = [(OFFERING, one.text, one.branch) for one in offer.versions] if offer.complete else []
    running = read_git_version(own)
    mine = [(CLUSTER, own, running.version.branch)] if running else []
    if not running:
        yield from explain_version(CLUSTER, own, running)
    for resource, text, branch in (*listed, *mine):
        dates = data.branches.get(branch)
        if dates is None and min(data.branches) < branch < max(data.branches):
            yield Undecided(resource, f"the version data of {data.day} lack branch {branch}")
        elif is_over(branch, data, now):
            yield Finding(
                resource=resource,
                rule="scs-0210/ended_branch_not_offered",
                title="no version is offered beyond the end of life of its branch",
                expected=f"nothing of Kubernetes {branch}, whose end of life was {_end(dates)}",
                observed=text,
                hint="stop offering this branch, and upgrade its clusters",
            )


def _judge(
    offer: Offer, due: Sequence[BranchDates], data: VersionData, now: dt.datetime, rule: str, title: str
) -> Iterator[Observation]:
    if not offer.complete:
        yield _not_given(offer)
    elif due:
        yield from with_trust(_missing(offer, due, now, rule, title), data, now, OFFERING)
    else:
        reason = f"the version data of {data.day} know no branch that has to be offered by now"
        yield Undecided(OFFERING, f'{reason}; run "scs data refresh"', kind=CauseKind.NOT_GIVEN)


def _missing(
    offer: Offer, due: Sequence[BranchDates], now: dt.datetime, rule: str, title: str
) -> Iterator[Observation]:
    offered = offer.branches(now.date())
    for dates in due:
        if dates.branch not in offered:
            yield Finding(
                resource=OFFERING,
                rule=rule,
                title=title,
                expected=f"a version of Kubernetes {dates.branch}, released {dates.released} "
                f"(limit {MONTHS} months; end of life {dates.eol})",
                observed=", ".join(map(str, sorted(offered))) or "none that is offered by now",
                hint=f"offer clusters of Kubernetes {dates.branch}",
            )


def _due(data: VersionData, now: dt.datetime) -> list[BranchDates]:
    """The branches that have to be offered by now: four months old and in support; ascending."""
    released = [dates for dates in data.branches.values() if now >= end_of_months(_midnight(dates.released), MONTHS)]
    return [dates for dates in released if not is_over(dates.branch, data, now)]


def _not_given(offer: Offer) -> Undecided:
    return Undecided(OFFERING, f"{offer.origin}; give --scs-offered-versions", kind=CauseKind.NOT_GIVEN)


def _end(dates: BranchDates | None) -> str:
    return str(dates.eol) if dates else "before all branches in the version data"


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)
