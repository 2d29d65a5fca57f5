# SPDX-License-Identifier: Apache-2.0
"""What is still judged when a run is interrupted: every testcase whose evidence is there already."""

from __future__ import annotations

import pytest

from pytest_scs.run import pytest_internals, pytest_terminal
from pytest_scs.run.item_keys import expected_key, subject_key
from pytest_scs.run.marking import sections_read
from pytest_scs.run.session import Session


def judge_settled(active: Session, session: pytest.Session) -> None:
    """Judge the testcases without a result that need not wait for anything any more.

    With workers, which end at once, this process collects and judges them itself. Who interrupts once more ends this,
    too; the rest remains MISS. Nothing that is raised here may cost the report.
    """
    try:
        with active.interruption.at_once(), pytest_terminal.capturing(session.config):
            if active.unreported:
                pytest_internals.report_after_interruption(active.unreported.item, active.unreported.report)
            for item in _open_items(active, session):
                sections = [section.name for section in sections_read([item], active)]
                if active.is_settled(item.stash[subject_key], sections):
                    pytest_internals.run_after_interruption(session, item)
    except (Exception, KeyboardInterrupt) as error:
        if not isinstance(error, KeyboardInterrupt):
            cause = " ".join(str(error).split())
            active.note_problem("what was known was not judged to the end" + (f": {cause}" if cause else ""))


def _open_items(active: Session, session: pytest.Session) -> list[pytest.Item]:
    if not active.misses_results:
        return []
    items = pytest_internals.items_of(session)
    return [
        item
        for item in items
        if expected_key in item.stash and active.misses(item.stash[expected_key].id, item.stash[subject_key])
    ]
