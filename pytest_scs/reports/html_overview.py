# SPDX-License-Identifier: Apache-2.0
"""The overview on the HTML page of several subjects: a row each, groups with their worst member first."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from pytest_scs.core.verdict import Verdict
from pytest_scs.reports.html_top import Card

# Worst first, as the compliance monitor has it; None is a subject on which nothing was said
# (docs/standards/framework.md#combining-verdicts).
_WORST_FIRST = (Verdict.FAIL, Verdict.MISS, None, Verdict.ABORT, Verdict.PASS)


class Judged(Protocol):
    """A subject on the page: how it is called there and in reports, and a card for each column."""

    @property
    def name(self) -> str: ...  # noqa: D102

    @property
    def report_name(self) -> str: ...  # noqa: D102

    @property
    def columns(self) -> Sequence[Card | None]: ...  # noqa: D102


@dataclasses.dataclass(frozen=True, slots=True)
class OverviewGroup:
    """Rows that belong together: ``name`` of the group, empty for subjects of none.

    ``worst``: for each column the card that stands for the group and the name of the member it is about, None where
    nobody in it is judged for that. ``idle``: names in reports of those of whom nothing is due.
    """

    name: str
    members: Sequence[Judged]
    worst: Sequence[tuple[Card, str] | None] = ()
    idle: Sequence[str] = ()

    @property
    def size(self) -> int:
        """How many belong to it."""
        return len(self.members) + len(self.idle)


def overview(
    subjects: Sequence[Judged], groups: Mapping[str, Sequence[str]], idle: Sequence[str] = ()
) -> list[OverviewGroup]:
    """The groups that have a member on the page, in their order, then all who are in none.

    ``groups``: name -> names in reports; ``idle``: names in reports of subjects of whom nothing is due.
    """
    return [*_groups(subjects, groups, idle), *_rest(subjects, groups, idle)]


def _groups(
    subjects: Sequence[Judged], groups: Mapping[str, Sequence[str]], idle: Sequence[str]
) -> Iterator[OverviewGroup]:
    for name, names in groups.items():
        members = [subject for one in dict.fromkeys(names) for subject in subjects if subject.report_name == one]
        resting = [one for one in dict.fromkeys(names) if one in idle]
        if members or resting:
            columns = range(len(members[0].columns) if members else 0)
            yield OverviewGroup(name, members, [_worst(members, column) for column in columns], resting)


def _rest(
    subjects: Sequence[Judged], groups: Mapping[str, Sequence[str]], idle: Sequence[str]
) -> Iterator[OverviewGroup]:
    grouped = {name for names in groups.values() for name in names}
    rest = [subject for subject in subjects if subject.report_name not in grouped]
    resting = [name for name in idle if name not in grouped]
    if rest or resting:
        yield OverviewGroup("", rest, idle=resting)


def _worst(members: Sequence[Judged], column: int) -> tuple[Card, str] | None:
    found = [(card, member.name) for member in members if (card := member.columns[column])]
    return min(found, key=_badness, default=None)


def _badness(one: tuple[Card, str]) -> tuple[int, int]:
    """How far from the worst: of those on whom nothing follows, by what was judged."""
    card, _ = one
    return _WORST_FIRST.index(None if card.open else card.verdict), _WORST_FIRST.index(card.verdict)
