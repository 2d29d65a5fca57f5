# SPDX-License-Identifier: Apache-2.0
"""``--scs-plan``: what would run and why, without contacting anything."""

from __future__ import annotations

import pytest

from pytest_scs.attested import UNANSWERED
from pytest_scs.inventory import SECTIONS
from pytest_scs.marking import creates, expected_key, sections_read
from pytest_scs.selection import Expected
from pytest_scs.session import Session
from pytest_scs.settings import Settings


def show(session: pytest.Session, active: Session) -> None:
    """Print the plan of a collected session by standard."""
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    if terminal is None:
        return
    items = {item.stash[expected_key].id: item for item in session.items if expected_key in item.stash}
    terminal.section("Plan", sep="=")
    for standard, name, entries in active.selection.groups():
        planned = [entry for entry in entries if entry.id in items]
        if planned:
            terminal.line(f"{standard} {name}", bold=True)
        for entry in planned:
            terminal.line(f"  {entry.id}: {_line(entry, items[entry.id], active.settings)}")
    sections = sections_read(items.values())
    terminal.section("Reads", sep="-")
    for section in sections:
        terminal.line(f"  {section}: {SECTIONS[section]}")
    terminal.section("Creates, and removes again", sep="-")
    for what in creates(items.values(), active.settings.extras.idle) or ["nothing"]:
        terminal.line(f"  {what}")
    where = f" on {', '.join(active.settings.clouds)}" if active.settings.clouds else "; no cloud is named"
    terminal.line(f"{len(items)} testcase{'' if len(items) == 1 else 's'}{where}")


def _line(entry: Expected, item: pytest.Item, settings: Settings) -> str:
    why = "; ".join(
        f"{member.version.label} {member.target} through {member.module.id}" for member in entry.memberships
    )
    reason = getattr(item, "reason", None)
    what = f"MISS: {reason}" if reason else f"reads {', '.join(sections_read([item])) or 'nothing'}"
    if entry.testcase.manual:
        what += f"; {f'answered in {settings.attestations.name}' if settings.attestations else UNANSWERED}"
    if created := creates([item], settings.extras.idle):
        what += f"; creates {', '.join(created)}"
    return f"{entry.testcase.cost}; {what}; {why}"
