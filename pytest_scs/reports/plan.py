# SPDX-License-Identifier: Apache-2.0
"""``--scs-plan``: what would run and why, without contacting anything."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import pytest

from pytest_scs.attestations.judging import UNANSWERED
from pytest_scs.core.selection import Expected, Selection


@dataclasses.dataclass(frozen=True, slots=True)
class PlannedTestcase:
    """What a testcase would do: the sections it ``reads``, what it ``creates`` in words, or why it has no verdict."""

    entry: Expected
    reads: Sequence[str]
    creates: Sequence[str]
    reason: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """What a run would do.

    ``testcases`` by id; ``reads`` is section -> where it is read, in words; ``creates`` what there is for a while;
    ``where`` ends the last line; ``answers`` is the name of the file with people's answers, if there is one.
    """

    selection: Selection
    testcases: Mapping[str, PlannedTestcase]
    reads: Mapping[str, str]
    creates: Sequence[str]
    count: int
    where: str
    answers: str = ""


def show(terminal: pytest.TerminalReporter, plan: Plan) -> None:
    """Print a plan by standard."""
    terminal.section("Plan", sep="=")
    for standard, name, entries in plan.selection.groups():
        planned = [plan.testcases[entry.id] for entry in entries if entry.id in plan.testcases]
        if planned:
            terminal.line(f"{standard} {name}", bold=True)
        for one in planned:
            terminal.line(f"  {one.entry.id}: {_line(one, plan.answers)}")
    terminal.section("Reads", sep="-")
    for section, words in plan.reads.items():
        terminal.line(f"  {section}: {words}")
    terminal.section("Creates, and removes again", sep="-")
    for what in plan.creates or ["nothing"]:
        terminal.line(f"  {what}")
    terminal.line(f"{plan.count} testcase{'' if plan.count == 1 else 's'}{plan.where}")


def _line(planned: PlannedTestcase, answers: str) -> str:
    entry = planned.entry
    why = "; ".join(
        f"{member.version.label} {member.target} through {member.module.id}" for member in entry.memberships
    )
    what = f"MISS: {planned.reason}" if planned.reason else f"reads {', '.join(planned.reads) or 'nothing'}"
    if entry.testcase.manual:
        what += f"; {f'answered in {answers}' if answers else UNANSWERED}"
    if planned.creates:
        what += f"; creates {', '.join(planned.creates)}"
    return f"{entry.testcase.cost}; {what}; {why}"
