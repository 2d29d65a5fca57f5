# SPDX-License-Identifier: Apache-2.0
"""Score cards for the terminal: the answer for each subject first, then what stands in the way, then what is due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pytest_scs.base.words import printable
from pytest_scs.core.verdict import MONITOR_ORDER, Verdict
from pytest_scs.pipeline.due import DueReason
from pytest_scs.pipeline.scorecard.scorecard import CardEntry, Fleet, GroupRow, ScoreCard, last_day
from pytest_scs.reports.readiness import certifiable, listed

#: Testcases that stand in the way, or outside of all versions, listed for each score card.
SHOWN = 20


def overview(fleet: Fleet) -> Iterator[str]:
    """A line for each subject and scope, each group before its members."""
    rows: list[tuple[str, str, str]] = []
    for group in fleet.groups:
        rows += _of_group(group, fleet)
    rows += [row for subject in fleet.ungrouped for row in _of_subject(subject, fleet, "")]
    widths = [max((len(row[place]) for row in rows), default=0) for place in (0, 1)]
    for name, scope, told in rows:
        yield f"{name:<{widths[0]}}  {scope:<{widths[1]}}  {told}"


def _of_group(group: GroupRow, fleet: Fleet) -> list[tuple[str, str, str]]:
    scopes = fleet.scopes
    rows = [
        (printable(f"group {group.name}"), printable(scopes[uuid]), f"{state.text} ({printable(member)})")
        for uuid, (member, state) in group.worst.items()
    ]
    return [*rows, *(row for member in group.members for row in _of_subject(member, fleet, "  "))]


def _of_subject(subject: str, fleet: Fleet, indent: str) -> list[tuple[str, str, str]]:
    cards = fleet.of(subject)
    if not cards:
        return [(indent + printable(subject), "", "no report")]
    return [(indent + printable(subject), printable(card.name), answer(card)) for card in cards]


def answer(card: ScoreCard) -> str:
    """The result in a scope: ``✅ v5.1; ready to certify: yes (v5.1)``."""
    if card.scope is None:
        return "unknown scope, no verdict; name its file with --scs-scope=FILE.yaml"
    return "; ".join(part for part in (card.state.text, readiness(card)) if part)


def readiness(card: ScoreCard) -> str:
    """Whether the subject can be certified, and what is needed along with it."""
    if not card.state.official:
        return f"{told(card.numbers)}; unofficial, there is no certificate"
    if ready := card.state.ready:
        names = ", ".join(one.marked for one in ready)
        return printable(certifiable(card.needed, versions=names))
    if card.state.result is None:
        return "ready to certify: no (no result that counts)"
    return f"ready to certify: no ({told(card.numbers)})"


def told(numbers: Mapping[Verdict, int]) -> str:
    """``2 FAIL, 13 PASS``: worst first, none left out."""
    return ", ".join(f"{number} {verdict}" for verdict in MONITOR_ORDER if (number := numbers.get(verdict, 0)))


def details(fleet: Fleet) -> Iterator[str]:
    """For each score card the testcases without a PASS, and those that are not counted."""
    for subject in fleet.subjects:
        for card in fleet.of(subject):
            lines = list(_of_card(card))
            if lines:
                yield ""
                yield f"{printable(card.subject)}, {printable(card.name)}:"
                yield from lines


def _of_card(card: ScoreCard) -> Iterator[str]:
    yield from _ahead(card)
    # Without any result the answer has said it all.
    bad = [entry for entry in card.entries if _stands_out(entry)] if card.state.result else []
    yield from _cut([f"  {entry.verdict:<5} {entry.testcase}{_where(entry)}  {_times(entry)}" for entry in bad])
    if card.state.ready:
        yield from (f"  {printable(line)}" for line in listed(card.needed))
    outside = [entry for entry in card.outside if not entry.expired]
    yield from _cut(
        [f"  {entry.verdict:<5} {entry.testcase}  {_times(entry)} (in no version in force)" for entry in outside]
    )
    unknown = [entry for entry in card.unknown if not entry.expired] if card.scope else []
    yield from _cut(
        [f"  {entry.verdict:<5} {printable(entry.testcase)}  unknown to the scope, not counted" for entry in unknown]
    )


def _ahead(card: ScoreCard) -> Iterator[str]:
    """That results of a wrong clock stand in the way of all that is found until then."""
    newest = [entry.newest for entry in card.known if entry.due and entry.due.reason is DueReason.AHEAD]
    times = [one.checked_at for one in newest if one]
    if times:
        number = f"{len(times)} result{'' if len(times) == 1 else 's'}"
        verb = "is" if len(times) == 1 else "are"
        yield (
            f"  {number} {verb} dated in the future, up to {max(times):%Y-%m-%d %H:%M} UTC: a clock was wrong, and no "
            "newer result counts until then; move the reports out of the folder"
        )


def _stands_out(entry: CardEntry) -> bool:
    """No PASS; of what does not decide, only what was looked at."""
    return entry.verdict is not Verdict.PASS and (entry.decisive or entry.verdict is not Verdict.MISS)


def _where(entry: CardEntry) -> str:
    """A target other than the decisive one."""
    targets = set(entry.targets.values()) - {""}
    return "" if not targets or "main" in targets else f" ({', '.join(sorted(targets))})"


def _times(entry: CardEntry) -> str:
    newest, until = entry.newest, entry.expires_at
    if newest is None or until is None:
        return "no result"
    if entry.expired:
        return f"{newest.verdict} of {newest.checked_at:%Y-%m-%d}, counted until {last_day(until)}"
    answered = ""
    if entry.due and entry.due.answers_until and newest.answered_on:
        answered = f"answered {newest.answered_on}, counts until {last_day(entry.due.answers_until)}; reported "
        return f"{answered}{newest.checked_at:%Y-%m-%d}, at the monitor until {last_day(until)}"
    return f"of {newest.checked_at:%Y-%m-%d}, counts until {last_day(until)}"


def _cut(lines: Sequence[str]) -> list[str]:
    more = [f"  ... and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    return [*lines[:SHOWN], *more]


def due_lines(fleet: Fleet) -> Iterator[str]:
    """What is due, by subject and scope, and what will be next."""
    cards = [card for subject in fleet.subjects for card in fleet.of(subject)]
    found = [(card, entry) for card in cards for entry in card.known if entry.awaited]
    due = [(card, entry) for card, entry in found if entry.due and entry.due.due]
    overdue = sum(entry.overdue for _, entry in due)
    if due:
        yield f"due: {_number(len(due))}, of which overdue: {overdue}"
    else:
        yield f"due: nothing ({_number(len(found))} on {fleet.now:%Y-%m-%d %H:%M} UTC)"
    before = None
    for card, entry in due:
        if card is not before:
            yield f"{printable(card.subject)}, {printable(card.name)}:"
            before = card
        yield f"  {'overdue' if entry.overdue else 'due':<7}  {entry.testcase}  {_why(entry)}"
    coming = [(entry.due.due_at, card, entry) for card, entry in found if _coming(entry) and entry.due]
    if coming:
        moment, card, entry = min(coming, key=lambda one: one[0] or dt.datetime.max)
        where = f"{printable(card.subject)}, {printable(card.name)}"
        yield f"next: {where}: {entry.testcase} on {moment:%Y-%m-%d %H:%M} UTC ({_expiring(entry)})"


def _coming(entry: CardEntry) -> bool:
    return entry.due is not None and not entry.due.due and entry.due.due_at is not None


def _why(entry: CardEntry) -> str:
    if entry.due is None:
        return ""
    since = f" since {entry.due.due_at:%Y-%m-%d %H:%M} UTC" if entry.due.due_at else ""
    return "; ".join(filter(None, [f"{entry.due.reason}{since}", _expiring(entry)]))


def _expiring(entry: CardEntry) -> str:
    if entry.expires_at is None:
        return ""
    return f"{'expired' if entry.expired else 'expires'} {entry.expires_at:%Y-%m-%d} 00:00 UTC"


def _number(count: int) -> str:
    return f"{count} testcase{'' if count == 1 else 's'}"


def is_overdue(cards: Iterable[ScoreCard]) -> bool:
    """Whether anything should have been performed already."""
    return any(entry.overdue for card in cards for entry in card.known)
