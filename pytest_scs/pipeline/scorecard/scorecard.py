# SPDX-License-Identifier: Apache-2.0
"""Score cards: all that a folder of reports says about each subject and scope at one time (scs-0003-v2).

Of each testcase the newest result counts, as long as its lifetime; the rest is arithmetic
(docs/standards/framework.md#combining-verdicts). Pure: no files, no clock. Times are UTC without zone.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pytest_scs.core.scope import Scope, Testcase, Version
from pytest_scs.core.verdict import MONITOR_ORDER, Verdict
from pytest_scs.pipeline.configuration import OFFICIAL_MONITOR
from pytest_scs.pipeline.due import DEFAULT, DueReason, DueState, DueWithin, due_state, valid_until
from pytest_scs.pipeline.merging import KnownResult, SubjectAndScope, in_order, newest_results
from pytest_scs.pipeline.report_store import StoredReport
from pytest_scs.pipeline.scorecard.aggregation import ScopeState, VersionState, scope_state, worst
from pytest_scs.pipeline.scorecard.certificates import Certificate
from pytest_scs.standards.declarations import Needed, wanted_for

#: Why a testcase is due that should have been performed already; the other reasons are no neglect. Of a result from
#: the future nobody knows when it is from.
OVERDUE: Final = (DueReason.MISSING, DueReason.EXPIRED, DueReason.INTERVAL, DueReason.AHEAD)


@dataclasses.dataclass(frozen=True, slots=True)
class CardEntry:
    """A testcase on a score card.

    ``verdict`` is the one that counts, MISS where none does. ``newest`` is its newest result, expired or not, and
    ``expires_at`` when that stops counting. ``declared`` is None where the scope does not know the testcase, and
    ``due`` then, too. ``attention`` is the number of stable versions that have it in ``main``, ``targets`` says through
    which target it is in which of the versions that count. ``late``: it should have been performed already.
    """

    testcase: str
    verdict: Verdict
    newest: KnownResult | None
    expires_at: dt.datetime | None
    declared: Testcase | None
    due: DueState | None
    attention: int = 0
    targets: Mapping[str, str] = dataclasses.field(default_factory=dict)
    late: bool = False

    @property
    def expired(self) -> bool:
        """Whether there is a result, and it does not count any more."""
        return self.newest is not None and self.verdict is Verdict.MISS

    @property
    def decisive(self) -> bool:
        """Whether it is in target ``main`` of a version that counts."""
        return "main" in self.targets.values()

    @property
    def mild(self) -> bool:
        """Whether it fails, and neither decides nor did so in a stable version: then the monitor is not alarmed."""
        return self.verdict is Verdict.FAIL and not self.decisive and not self.attention

    @property
    def awaited(self) -> bool:
        """Whether it has to be performed again and again: what decides, and what people have answered before."""
        return self.decisive or (self.newest is not None and self.declared is not None and self.declared.manual)

    @property
    def overdue(self) -> bool:
        """Whether it should have been performed already."""
        return self.awaited and self.late


@dataclasses.dataclass(frozen=True, slots=True)
class ScoreCard:
    """What is known about a subject in a scope at one time.

    ``entries`` are the testcases of the versions that count, in the monitor's order; ``outside`` those of the scope
    that have results and are in no such version; ``unknown`` those that the scope does not know: kept, never counted.
    ``scope`` is None where its file is not known: then there is no verdict.
    """

    subject: str
    uuid: str
    name: str
    scope: Scope | None
    state: ScopeState
    entries: tuple[CardEntry, ...] = ()
    outside: tuple[CardEntry, ...] = ()
    unknown: tuple[CardEntry, ...] = ()
    needed: tuple[Needed, ...] = ()
    reports: tuple[StoredReport, ...] = ()

    @property
    def known(self) -> tuple[CardEntry, ...]:
        """All testcases that the scope knows."""
        return self.entries + self.outside

    @property
    def numbers(self) -> dict[Verdict, int]:
        """How many testcases of the version that decides have each verdict, in the monitor's order."""
        decides = self.state.relevant[-1] if self.state.relevant else None
        return {verdict: decides.numbers[verdict] for verdict in MONITOR_ORDER} if decides else {}


@dataclasses.dataclass(frozen=True, slots=True)
class GroupRow:
    """A group of subjects: its name, its members, and for each scope (by UUID) the member that stands for it."""

    name: str
    members: tuple[str, ...]
    worst: Mapping[str, tuple[str, ScopeState]]


@dataclasses.dataclass(frozen=True, slots=True)
class Fleet:
    """All score cards of a time, by subject and scope, and the groups that the user made.

    ``certificates`` are those that the user says there are, ``monitor`` is the address of the compliance monitor.
    """

    now: dt.datetime
    cards: Mapping[SubjectAndScope, ScoreCard]
    groups: tuple[GroupRow, ...] = ()
    certificates: Mapping[SubjectAndScope, Certificate] = dataclasses.field(default_factory=dict)
    monitor: str = OFFICIAL_MONITOR

    @property
    def subjects(self) -> list[str]:
        """All subjects, members of a group without any report included: by name."""
        members = {member for group in self.groups for member in group.members}
        return sorted({subject for subject, _ in self.cards} | members)

    @property
    def scopes(self) -> dict[str, str]:
        """UUID -> name of the scopes there are results in, official ones first."""
        cards = sorted(self.cards.values(), key=lambda card: (not card.state.official, card.name, card.uuid))
        return {card.uuid: card.name for card in cards}

    def of(self, subject: str) -> list[ScoreCard]:
        """The cards of a subject, in the order of the scopes."""
        return [self.cards[subject, uuid] for uuid in self.scopes if (subject, uuid) in self.cards]

    @property
    def ungrouped(self) -> list[str]:
        """The subjects that are in no group."""
        members = {member for group in self.groups for member in group.members}
        return [subject for subject in self.subjects if subject not in members]


def fleet(
    reports: Sequence[StoredReport],
    scopes: Mapping[str, Scope],
    now: dt.datetime,
    groups: Mapping[str, Sequence[str]] | None = None,
    within: DueWithin = DEFAULT,
) -> Fleet:
    """The score cards of all subjects at a time; the order of the reports does not matter.

    ``within`` says how long before its result expires a testcase is due.
    """
    merged = newest_results(reports)
    own: dict[SubjectAndScope, list[StoredReport]] = {}
    for one in in_order(reports):
        own.setdefault((one.document.subject, one.document.spec.uuid), []).append(one)
    known = {uuid: _Known.of(scope) for uuid, scope in scopes.items() if any(key[1] == uuid for key in merged)}
    cards = {key: _card(key, merged, known.get(key[1]), own[key], now, within) for key in sorted(merged)}
    found = Fleet(now, cards)
    rows = [_group(name, members, found) for name, members in (groups or {}).items()]
    return dataclasses.replace(found, groups=tuple(rows))


def verdicts_at(results: Mapping[str, KnownResult], scope: Scope, now: dt.datetime) -> dict[str, Verdict]:
    """Testcase -> verdict, of the results that count at a time, and that the scope knows."""
    return {
        testcase: result.verdict
        for testcase, result in results.items()
        if testcase in scope.testcases and now < valid_until(scope.testcases[testcase], result)
    }


@dataclasses.dataclass(frozen=True, slots=True)
class _Known:
    """A scope, and what takes time to find out about it: testcase -> attention, version -> testcase -> target."""

    scope: Scope
    attention: Mapping[str, int]
    targets: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, scope: Scope) -> _Known:
        targets = {
            name: {testcase: target for target, ids in _decisive_last(version) for testcase in ids}
            for name, version in scope.versions.items()
        }
        stable = [targets[name] for name, version in scope.versions.items() if version.stable]
        attention = Counter(testcase for found in stable for testcase, target in found.items() if target == "main")
        return cls(scope, attention, targets)


def _decisive_last(version: Version) -> list[tuple[str, list[str]]]:
    """Target -> testcases, so that a testcase in two of them ends in the one that decides."""
    return sorted(version.targets().items(), key=lambda found: found[0] == "main")


def _card(
    key: SubjectAndScope,
    merged: Mapping[SubjectAndScope, Mapping[str, KnownResult]],
    known: _Known | None,
    own: Sequence[StoredReport],
    now: dt.datetime,
    within: DueWithin,
) -> ScoreCard:
    subject, uuid = key
    results = merged[key]
    if known is None:
        name = next((one.document.spec.name for one in reversed(own) if one.document.spec.name), uuid)
        unknown = tuple(_entry(None, testcase, results, now, within) for testcase in sorted(results))
        return ScoreCard(subject, uuid, name, None, ScopeState(), unknown=unknown, reports=tuple(own))
    scope = known.scope
    state = scope_state(scope, verdicts_at(results, scope, now), now.date())
    shown = state.relevant or tuple(one for one in state.listed if one.code != "draft")[:1]
    counted = {testcase for one in shown for testcase in known.targets[one.name]}
    entries = [_entry(known, testcase, results, now, within, shown) for testcase in counted | results.keys()]
    entries.sort(key=lambda entry: (MONITOR_ORDER.index(entry.verdict), not entry.attention, entry.testcase))
    return ScoreCard(
        subject=subject,
        uuid=uuid,
        name=scope.name,
        scope=scope,
        state=dataclasses.replace(state, relevant=shown) if state.result is None else state,
        entries=tuple(entry for entry in entries if entry.testcase in counted),
        outside=tuple(entry for entry in entries if entry.declared and entry.testcase not in counted),
        unknown=tuple(entry for entry in entries if not entry.declared),
        needed=tuple(_needed(scope, state, subject, merged, now)),
        reports=tuple(own),
    )


def _entry(
    known: _Known | None,
    testcase: str,
    results: Mapping[str, KnownResult],
    now: dt.datetime,
    within: DueWithin,
    versions: Sequence[VersionState] = (),
) -> CardEntry:
    newest = results.get(testcase)
    declared = known.scope.testcases.get(testcase) if known else None
    expires_at = valid_until(declared, newest) if newest else None
    due = due_state(known.scope, declared, newest, now, within) if known and declared else None
    return CardEntry(
        testcase=testcase,
        verdict=newest.verdict if newest and expires_at and now < expires_at else Verdict.MISS,
        newest=newest,
        expires_at=expires_at,
        declared=declared,
        due=due,
        attention=known.attention.get(testcase, 0) if known else 0,
        targets={one.name: known.targets[one.name].get(testcase, "") for one in versions} if known else {},
        late=due is not None and _is_late(due, now),
    )


def _is_late(due: DueState, now: dt.datetime) -> bool:
    """Whether what is due should have been done already."""
    answers_over = due.answers_until is not None and due.answers_until <= now
    return due.due and (due.reason in OVERDUE or answers_over)


def _needed(
    scope: Scope,
    state: ScopeState,
    subject: str,
    merged: Mapping[SubjectAndScope, Mapping[str, KnownResult]],
    now: dt.datetime,
) -> Iterator[Needed]:
    """The declarations for the versions that can be certified: of other scopes, and the manual checks of its own."""
    for one in wanted_for(scope, [version.name for version in state.ready]):
        testcase = one.testcase.id
        result = merged.get((subject, one.scope.uuid), {}).get(testcase)
        yield Needed(one.standard, testcase, _answered(one.scope, testcase, result, now) or one.unanswered)


def _answered(scope: Scope, testcase: str, result: KnownResult | None, now: dt.datetime) -> str:
    """What a report says of a declaration; empty where none says anything."""
    if result is None or testcase not in scope.testcases:
        return ""
    until = due_state(scope, scope.testcases[testcase], result, now).answers_until
    until = until or valid_until(scope.testcases[testcase], result)
    day = result.answered_on or result.checked_at.date()
    last = last_day(until)
    if now >= until:
        return f"overdue: answered {day}, counted until {last}"
    words = {Verdict.FAIL: ", does not conform", Verdict.ABORT: ", cannot be judged"}.get(result.verdict, "")
    return f"answered {day}{words}, counts until {last}"


def last_day(until: dt.datetime) -> dt.date:
    """The last day on which a result counts that does not count at ``until`` any more."""
    return (until - dt.timedelta(microseconds=1)).date()


def _group(name: str, members: Sequence[str], found: Fleet) -> GroupRow:
    """A group; a member without a report counts as one without a result where another one has any."""
    standing = {}
    for uuid in found.scopes:
        states = {member: found.cards.get((member, uuid)) for member in members}
        if any(states.values()):
            standing[uuid] = worst((member, card.state if card else ScopeState()) for member, card in states.items())
    return GroupRow(name, tuple(members), standing)
