# SPDX-License-Identifier: Apache-2.0
"""From collected items to the plan that ``--scs-plan`` prints."""

from __future__ import annotations

import datetime as dt

import pytest

from pytest_scs.platforms.registry import platforms
from pytest_scs.reports import plan
from pytest_scs.run import pytest_terminal
from pytest_scs.run.finish import due_notes
from pytest_scs.run.item_keys import expected_key
from pytest_scs.run.marking import creates, sections_read
from pytest_scs.run.session import Session
from pytest_scs.run.subjects import unnamed
from pytest_scs.standards.manual_checks import at_monitor, validity


def show_plan(session: pytest.Session, active: Session) -> None:
    """Print the plan of a collected session."""
    terminal = pytest_terminal.terminal_of(session.config)
    if terminal is not None:
        plan.show(terminal, _plan([item for item in session.items if expected_key in item.stash], active))


def _plan(items: list[pytest.Item], active: Session) -> plan.Plan:
    settings = active.settings
    names = ", ".join(name for platform in platforms() for name in settings.names_on(platform.name))
    nouns = " and no ".join(dict.fromkeys(active.subjects.platform(subject).noun for subject in active.subjects))
    testcases = {item.stash[expected_key].id: _testcase(item, active) for item in items}
    return plan.Plan(
        names=[*unnamed(settings, active.subjects)],
        selection=active.selection,
        testcases=testcases,
        reads={section.name: section.words for section in sections_read(items, active)},
        creates=creates(items, active),
        count=len(testcases),
        where=f" on {names}" if names else f"; no {nouns} is named",
        answers=settings.attestations.name if settings.attestations else "",
        language=settings.language,
        left_out=due_notes(active, active.times(), anything=bool(testcases)),
    )


def _due(item: pytest.Item, active: Session) -> list[str]:
    """Why a testcase is due, on whichever of several subjects."""
    choice = active.narrowing.choice if active.narrowing else None
    if choice is None:
        return []
    testcase = item.stash[expected_key].id
    reasons = (reason for subject in active.subjects for reason in choice.reasons((testcase, subject)))
    return list(dict.fromkeys(reasons))


def _answered(item: pytest.Item, active: Session) -> list[str]:
    """When a manual testcase was answered, and both lives of that: of the answer, and at the monitor."""
    entry = item.stash[expected_key]
    if active.attestations is None or not entry.testcase.manual:
        return []
    scopes = [member.version.scope for member in entry.memberships]
    life = at_monitor(scopes, entry.id, dt.datetime.now(dt.UTC))
    found: dict[str, None] = {}
    for subject in active.subjects.of(entry):
        answers = active.attestations.subjects.get(subject.report_name, {}).get(entry.id)
        if answers and (told := validity(answers, entry.testcase.lifetime)):
            found[f"{told}; reported today, {life}" if life else told] = None
    return list(found)


def _testcase(item: pytest.Item, active: Session) -> plan.PlannedTestcase:
    return plan.PlannedTestcase(
        entry=item.stash[expected_key],
        reads=[section.name for section in sections_read([item], active)],
        creates=creates([item], active),
        reason=getattr(item, "reason", None) or "",
        due=_due(item, active),
        answered=_answered(item, active),
    )
