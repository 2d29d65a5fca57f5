# SPDX-License-Identifier: Apache-2.0
"""Score cards that programs read; docs/scorecard.schema.json is made from these classes.

A field may be added, none is renamed or gets another meaning without another number in ``format``.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import pytest_scs
from pytest_scs.core.verdict import MONITOR_ORDER, Verdict
from pytest_scs.pipeline.scorecard.aggregation import VersionState
from pytest_scs.pipeline.scorecard.certificates import Certificate, page_at
from pytest_scs.pipeline.scorecard.scorecard import CardEntry, Fleet, ScoreCard
from pytest_scs.reports.machines.model import Day, Instant, NeededEntry, ToolEntry, plain
from pytest_scs.reports.machines.schema import schema_of

#: Number of the form.
FORMAT: Final = 1

#: The address under which the schema is published.
SCHEMA_ID: Final = "urn:pytest-scs:scorecard:1"


@dataclasses.dataclass(frozen=True, slots=True)
class NewestEntry:
    """The newest result of a testcase, whether it still counts or not."""

    verdict: Verdict
    checked_at: Instant
    report: Annotated[str, "UUID of the report"]


@dataclasses.dataclass(frozen=True, slots=True)
class DueEntry:
    """Whether a testcase has to be performed again."""

    due: bool
    overdue: Annotated[bool, "it should have been performed already: interval over, expired, or no result"]
    reason: str
    since: Annotated[Instant | None, "when it became due, or will; null where there is no such moment"]
    answers_until: Annotated[Instant | None, "of manual checks: when the answers stop counting"]


@dataclasses.dataclass(frozen=True, slots=True)
class TestcaseEntry:
    """A testcase on a score card."""

    testcase: str
    counted: Annotated[
        Literal["version", "no version", "unknown"],
        "in a version that counts, in none of them, or unknown to the scope; only the first counts",
    ]
    verdict: Annotated[Verdict, "what counts; MISS without a result, and after its end"]
    expired: bool
    expires_at: Annotated[Instant | None, "the first moment at which the newest result does not count"]
    newest: NewestEntry | None
    targets: Annotated[Mapping[str, str], "version -> target, for the versions that count"]
    section: Annotated[str, "its cost class; empty for one that is unknown"]
    description: str
    url: str
    due: DueEntry | None


@dataclasses.dataclass(frozen=True, slots=True)
class VersionEntry:
    """The verdict on a version of the scope."""

    version: str
    label: Annotated[str, "as users write it: iaas-v5.1"]
    validity: str
    relevant: Annotated[bool, "whether the result of the scope depends on it"]
    verdict: Verdict
    counts: Annotated[Mapping[Verdict, int], "testcases of target main by verdict"]
    ready_to_certify: bool


@dataclasses.dataclass(frozen=True, slots=True)
class CardModel:
    """What is known about a subject in a scope."""

    subject: str
    scope: Annotated[str, "UUID of the scope"]
    name: Annotated[str, "name of the scope"]
    official: bool
    known: Annotated[bool, "whether there is a file of the scope; without it there is no verdict"]
    result: Annotated[Verdict | None, "by the rule of the compliance monitor; null where no result counts"]
    validity: Annotated[str, "that of the version that decides"]
    passed: Annotated[str, "versions that do not fail, as the monitor has them: v5.1, v4†"]
    symbol: Annotated[str, "the monitor's symbol"]
    ready_to_certify: bool
    needed: tuple[NeededEntry, ...]
    versions: tuple[VersionEntry, ...]
    testcases: tuple[TestcaseEntry, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class GroupEntry:
    """A group of subjects; in each scope its worst member stands for it."""

    name: str
    members: tuple[str, ...]
    worst: Annotated[Mapping[str, str], "UUID of the scope -> subject"]


@dataclasses.dataclass(frozen=True, slots=True)
class CertificateEntry:
    """A certificate that the configuration names."""

    subject: str
    scope: Annotated[str, "UUID of the scope"]
    issued: Day
    holds_until: Annotated[Day, "the last day on which it holds"]
    state: Annotated[Literal["holds", "renew", "ended"], "renew: it holds, and it is time to apply for the next"]
    published: Annotated[str, "page of the subject at the compliance monitor, to which the logo links"]


@dataclasses.dataclass(frozen=True, slots=True)
class ScoreCards:
    """All score cards of a time."""

    format: Annotated[int, "number of this form"]
    tool: ToolEntry
    at: Annotated[Instant, "the time that the score cards are about"]
    date: Annotated[Day, "its day, which decides which versions are in force"]
    cards: tuple[CardModel, ...]
    groups: tuple[GroupEntry, ...]
    certificates: Annotated[tuple[CertificateEntry, ...], "by the configuration; nobody else knows of them here"]


def render(fleet: Fleet) -> str:
    """Score cards as JSON text."""
    content = ScoreCards(
        format=FORMAT,
        tool=ToolEntry("pytest-scs", pytest_scs.__version__),
        at=_required(fleet.now),
        date=fleet.now.date().isoformat(),
        cards=tuple(_card(card) for card in fleet.cards.values()),
        groups=tuple(
            GroupEntry(one.name, one.members, {uuid: member for uuid, (member, _) in one.worst.items()})
            for one in fleet.groups
        ),
        certificates=tuple(_certificate(*key, one, fleet) for key, one in fleet.certificates.items()),
    )
    return json.dumps(plain(content), ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema of the file."""
    return schema_of(ScoreCards, SCHEMA_ID, f"Score cards of pytest-scs, format {FORMAT}")


def _card(card: ScoreCard) -> CardModel:
    state = card.state
    kinds: tuple[tuple[Literal["version", "no version", "unknown"], tuple[CardEntry, ...]], ...] = (
        ("version", card.entries),
        ("no version", card.outside),
        ("unknown", card.unknown),
    )
    return CardModel(
        subject=card.subject,
        scope=card.uuid,
        name=card.name,
        official=state.official,
        known=card.scope is not None,
        result=state.result,
        validity=state.validity,
        passed=state.passed_text if state.passed else "",
        symbol=state.symbol,
        ready_to_certify=bool(state.ready),
        needed=tuple(NeededEntry(one.standard, one.testcase, one.state) for one in card.needed),
        versions=tuple(_version(one, card) for one in state.listed),
        testcases=tuple(_testcase(entry, kind) for kind, entries in kinds for entry in entries),
    )


def _certificate(subject: str, uuid: str, certificate: Certificate, fleet: Fleet) -> CertificateEntry:
    day = fleet.now.date()
    held: Literal["holds", "renew"] = "renew" if certificate.renewable(day) else "holds"
    return CertificateEntry(
        subject=subject,
        scope=uuid,
        issued=certificate.issued.isoformat(),
        holds_until=certificate.last_day.isoformat(),
        state="ended" if certificate.ended(day) else held,
        published=page_at(fleet.monitor, subject, certificate.scope),
    )


def _version(version: VersionState, card: ScoreCard) -> VersionEntry:
    return VersionEntry(
        version=version.name,
        label=version.label,
        validity=version.code,
        relevant=any(one.name == version.name for one in card.state.relevant),
        verdict=version.verdict,
        counts={verdict: version.numbers[verdict] for verdict in MONITOR_ORDER},
        ready_to_certify=any(one.name == version.name for one in card.state.ready),
    )


def _testcase(entry: CardEntry, counted: Literal["version", "no version", "unknown"]) -> TestcaseEntry:
    newest, due, declared = entry.newest, entry.due, entry.declared
    return TestcaseEntry(
        testcase=entry.testcase,
        counted=counted,
        verdict=entry.verdict,
        expired=entry.expired,
        expires_at=_instant(entry.expires_at),
        newest=NewestEntry(newest.verdict, _required(newest.checked_at), newest.report) if newest else None,
        targets={version: target for version, target in entry.targets.items() if target},
        section=declared.cost if declared else "",
        description=declared.description if declared else "",
        url=declared.url if declared else "",
        due=DueEntry(due.due, entry.overdue, str(due.reason), _instant(due.due_at), _instant(due.answers_until))
        if due
        else None,
    )


def _instant(moment: dt.datetime | None) -> str | None:
    return _required(moment) if moment else None


def _required(moment: dt.datetime) -> str:
    return moment.replace(tzinfo=dt.UTC).isoformat()
