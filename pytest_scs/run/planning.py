# SPDX-License-Identifier: Apache-2.0
"""From collected items to the plan that ``--scs-plan`` prints."""

from __future__ import annotations

import pytest

from pytest_scs.platforms.registry import platforms
from pytest_scs.reports import plan
from pytest_scs.run import pytest_internals
from pytest_scs.run.item_keys import expected_key
from pytest_scs.run.marking import creates, sections_read
from pytest_scs.run.session import Session


def show_plan(session: pytest.Session, active: Session) -> None:
    """Print the plan of a collected session."""
    terminal = pytest_internals.terminal_of(session.config)
    if terminal is not None:
        plan.show(terminal, _plan([item for item in session.items if expected_key in item.stash], active))


def _plan(items: list[pytest.Item], active: Session) -> plan.Plan:
    settings = active.settings
    names = ", ".join(name for platform in platforms() for name in settings.names_on(platform.name))
    nouns = " and no ".join(dict.fromkeys(active.subjects.platform(subject).noun for subject in active.subjects))
    testcases = {item.stash[expected_key].id: _testcase(item, active) for item in items}
    return plan.Plan(
        selection=active.selection,
        testcases=testcases,
        reads={section.name: section.words for section in sections_read(items, active)},
        creates=creates(items, active),
        count=len(testcases),
        where=f" on {names}" if names else f"; no {nouns} is named",
        answers=settings.attestations.name if settings.attestations else "",
    )


def _testcase(item: pytest.Item, active: Session) -> plan.PlannedTestcase:
    return plan.PlannedTestcase(
        entry=item.stash[expected_key],
        reads=[section.name for section in sections_read([item], active)],
        creates=creates([item], active),
        reason=getattr(item, "reason", None) or "",
    )
