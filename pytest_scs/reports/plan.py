# SPDX-License-Identifier: Apache-2.0
"""``--scs-plan``: what would run and why, without contacting anything."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import pytest

from pytest_scs.attestations.judging import UNANSWERED
from pytest_scs.base.language import ENGLISH, Language
from pytest_scs.base.words import printable
from pytest_scs.core.selection import Expected, Selection


@dataclasses.dataclass(frozen=True, slots=True)
class PlannedTestcase:
    """What a testcase would do: the sections it ``reads``, what it ``creates`` in words, or why it has no verdict.

    ``due`` are the reasons for which it is, where the user asked for what is due; ``answered`` says when people
    answered it, and how long that counts.
    """

    entry: Expected
    reads: Sequence[str]
    creates: Sequence[str]
    reason: str = ""
    due: Sequence[str] = ()
    answered: Sequence[str] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """What a run would do.

    ``testcases`` by id; ``reads`` is section -> where it is read, in words; ``creates`` what there is for a while;
    ``where`` ends the last line; ``answers`` is the name of the file with people's answers, if there is one; ``names``
    are lines about names in the report that nobody would choose, ``left_out`` those about what is not due.
    ``language`` is that of what is printed.
    """

    selection: Selection
    testcases: Mapping[str, PlannedTestcase]
    reads: Mapping[str, str]
    creates: Sequence[str]
    count: int
    where: str
    answers: str = ""
    names: Sequence[str] = ()
    language: Language = ENGLISH
    left_out: Sequence[str] = ()


def show(terminal: pytest.TerminalReporter, plan: Plan) -> None:
    """Print a plan by standard."""
    phrase, text = plan.language.phrase, plan.language.text
    terminal.section(phrase("Plan"), sep="=")
    for standard, name, entries in plan.selection.groups():
        planned = [plan.testcases[entry.id] for entry in entries if entry.id in plan.testcases]
        if planned:
            terminal.line(printable(f"{standard} {text(name)}"), bold=True)
        for one in planned:
            terminal.line(printable(f"  {one.entry.id}: {_line(one, plan)}"))
    terminal.section(phrase("Reads"), sep="-")
    for section, words in plan.reads.items():
        terminal.line(f"  {section}: {text(words)}")
    terminal.section(phrase("Creates, and removes again"), sep="-")
    for what in plan.creates or ["nothing"]:
        terminal.line(f"  {text(what)}")
    for line in plan.names:
        terminal.line(printable(text(line)))
    for line in plan.left_out:
        terminal.line(line)
    number = plan.language.number(plan.count, "{count} testcase", "{count} testcases")
    terminal.line(f"{number}{text(plan.where)}")


def _line(planned: PlannedTestcase, plan: Plan) -> str:
    phrase, text = plan.language.phrase, plan.language.text
    entry = planned.entry
    what = [phrase("reads {sections}", sections=", ".join(planned.reads) or text("nothing"))]
    if planned.reason:
        what = [f"MISS: {text(planned.reason)}"]
    if entry.testcase.manual:
        what.append(phrase("answered in {file}", file=plan.answers) if plan.answers else text(UNANSWERED))
        what += map(text, planned.answered)
    if planned.creates:
        what.append(phrase("creates {things}", things=", ".join(map(text, planned.creates))))
    if planned.due:
        what.append(phrase("due: {reasons}", reasons=", ".join(map(text, planned.due))))
    why = [
        phrase("{target} through {module}", target=f"{one.version.label} {one.target}", module=one.module.id)
        for one in entry.memberships
    ]
    return "; ".join([entry.testcase.cost, *what, *why])
