# SPDX-License-Identifier: Apache-2.0
"""From collected items to the testcases of this run: marks, order, what is deselected, what they read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pytest

from pytest_scs.base.errors import InputError
from pytest_scs.core.selection import Expected
from pytest_scs.core.subject import Subject
from pytest_scs.evidence.section import Section
from pytest_scs.platforms.registry import platform_named, platforms
from pytest_scs.run import bundle, others, pytest_internals
from pytest_scs.run.item_keys import asked_key, expected_key, subject_key, testcase_id
from pytest_scs.run.session import Session


def apply(
    session: pytest.Session,
    items: list[pytest.Item],
    active: Session,
    whole: bool,
) -> None:
    """Mark, complete, order and deselect ``items`` in place.

    ``whole``: the user named no files, so an expected testcase without test function gets an item of its own.
    Raises InputError if two test functions claim the same testcase.
    """
    selection = active.selection
    kept: list[pytest.Item] = []
    dropped: list[pytest.Item] = []
    seen: dict[tuple[str, Subject], str] = {}
    for item in items:
        identity = testcase_id(item)
        if identity is None:
            kept.append(item)
            continue
        entry = selection.expected.get(identity)
        if entry is None:
            dropped.append(item)
            continue
        _enlist(item, entry, _subject_of(item, entry, active), seen)
        kept.append(item)
    if whole:
        kept += _unattended(session, active, seen)
    for item in kept:
        if expected_key in item.stash and may_create(item, active):
            item.add_marker("creates_resources")
    order = {identity: number for number, identity in enumerate(selection.expected)}
    kept.sort(key=lambda item: _rank(item, order, active))
    items[:] = kept
    if dropped:
        session.config.hook.pytest_deselected(items=dropped)


def leave_out(session: pytest.Session, items: list[pytest.Item], active: Session) -> None:
    """Deselect in place what is not due, of what the user's own filters chose."""
    if active.narrowing is None:
        return
    kept: list[pytest.Item] = []
    dropped: list[pytest.Item] = []
    for item in items:
        entry = item.stash.get(expected_key, None)
        pair = (entry.id, item.stash[subject_key]) if entry else None
        unanswered = pair in active.narrowing.unanswered and not _needs_no_answer(item, active)
        (dropped if unanswered or pair in active.narrowing.not_due else kept).append(item)
    left_out = ((item.stash[expected_key].id, item.stash[subject_key]) for item in dropped)
    active.narrowing.note(left_out, others_due=any(expected_key in item.stash for item in kept))
    items[:] = kept
    if dropped:
        session.config.hook.pytest_deselected(items=dropped)


def _needs_no_answer(item: pytest.Item, active: Session) -> bool:
    """Whether a manual testcase is judged by what is seen, since the user gave the means for it."""
    settings = active.settings.on(item.stash[subject_key].platform)
    return any(not section.idle(settings) for section in sections_read([item], active))


def sections_read(items: Iterable[pytest.Item], active: Session) -> list[Section[Any]]:
    """The inventory sections the items need, known by the fixtures they ask for; ``inventory`` itself means all."""
    fixtures: dict[str, dict[str, None]] = {}
    for item in items:
        names = fixtures.setdefault(item.stash[subject_key].platform, {})
        asked_for = item.stash.get(asked_key, None)
        names.update(dict.fromkeys(pytest_internals.fixtures_of(item) if asked_for is None else asked_for))
    found: dict[str, Section[Any]] = {}
    for name, asked in fixtures.items():
        platform = platform_named(name)
        for section in active.subjects.sections_for(platform, asked):
            found.setdefault(section, platform.sections[section])
    return list(found.values())


def may_create(item: pytest.Item, active: Session) -> bool:
    """Whether judging the item creates something for a while, now or with other accounts."""
    settings = active.settings.on(item.stash[subject_key].platform)
    return any(section.creates and not section.only_reads(settings) for section in sections_read([item], active))


def creates(items: Sequence[pytest.Item], active: Session) -> list[str]:
    """What judging the items creates for a while, in words."""
    found: dict[str, None] = {}
    for platform in platforms():
        settings = active.settings.on(platform.name)
        mine = [item for item in items if item.stash[subject_key].platform == platform.name]
        words = (section.created_with(settings) for section in sections_read(mine, active))
        found.update(dict.fromkeys(filter(None, words)))
    return list(found)


def _enlist(item: pytest.Item, entry: Expected, subject: Subject, seen: dict[tuple[str, Subject], str]) -> None:
    key = (entry.id, subject)
    if key in seen:
        raise InputError(f"testcase {entry.id} is claimed by two tests: {seen[key]} and {item.nodeid}")
    seen[key] = item.nodeid
    item.stash[expected_key] = entry
    item.stash[subject_key] = subject
    # -k takes the id as it stands, not only as the function spells it.
    item.extra_keyword_matches.add(entry.id)
    for name in entry.markers():
        item.add_marker(name)
    others.judge_once(item)


def _unattended(session: pytest.Session, active: Session, seen: Mapping[tuple[str, Subject], str]) -> list[pytest.Item]:
    found = []
    for subject in active.subjects:
        for entry in active.selection.expected.values():
            if (entry.id, subject) in seen or subject not in active.subjects.of(entry):
                continue
            reason = None if entry.testcase.manual else "this version of pytest-scs has no test for it"
            suffix = f"[{subject.name}]" if len(active.subjects) > 1 else ""
            scope = entry.memberships[0].version.scope.path
            item = bundle.unattended(session, scope, entry.id, suffix, reason)
            _enlist(item, entry, subject, {})
            found.append(item)
    if found:
        pytest_internals.count_as_collected(session, found)
    return found


def _subject_of(item: pytest.Item, entry: Expected, active: Session) -> Subject:
    parameter: Subject | None = pytest_internals.parameter(item, "subject")
    return parameter or item.stash.get(subject_key, None) or active.subjects.of(entry)[0]


def _rank(item: pytest.Item, order: Mapping[str, int], active: Session) -> tuple[bool, int, int, int]:
    """Scope order; but what waits for a probe comes last, when the probes have had their time, and the slowest at last.

    It must be the same in every worker, so it does not depend on what is there already.
    """
    entry = item.stash.get(expected_key, None)
    if entry is None:
        return False, 0, len(active.subjects), 0
    sections = sections_read([item], active)
    probed = any(section.probe for section in sections)
    return (
        probed,
        max((section.lasts for section in sections), default=0),
        active.subjects.place(item.stash[subject_key]),
        order[entry.id],
    )
