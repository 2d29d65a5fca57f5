# SPDX-License-Identifier: Apache-2.0
"""From collected items to the testcases of this run: marks, order, what is deselected, what they read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import pytest

from pytest_scs import bundle
from pytest_scs.core.subject import Subject
from pytest_scs.errors import InputError
from pytest_scs.inventory import CREATES, PROBED, SECTIONS
from pytest_scs.selection import Expected, Selection

#: What an item judges; set for every item of the run.
expected_key = pytest.StashKey[Expected]()
subject_key = pytest.StashKey[Subject]()


def testcase_id(item: pytest.Item) -> str | None:
    """The id in the item's ``scs`` marker, None for tests that judge nothing."""
    marker = item.get_closest_marker("scs")
    return str(marker.args[0]) if marker and marker.args else None


def apply(
    session: pytest.Session,
    items: list[pytest.Item],
    selection: Selection,
    subjects: tuple[Subject, ...],
    whole: bool,
    harmless: Collection[str],
) -> None:
    """Mark, complete, order and deselect ``items`` in place.

    ``whole``: the user named no files, so an expected testcase without test function gets an item of its own.
    ``harmless``: sections of the inventory that create nothing this time.
    Raises InputError if two test functions claim the same testcase.
    """
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
        _enlist(item, entry, _subject_of(item, subjects), seen)
        kept.append(item)
    if whole:
        kept += _unattended(session, selection, subjects, seen)
    for item in kept:
        if expected_key in item.stash and creates([item], harmless):
            item.add_marker("creates_resources")
    order = {identity: number for number, identity in enumerate(selection.expected)}
    place = {subject: number for number, subject in enumerate(subjects)}
    kept.sort(key=lambda item: _rank(item, order, place))
    items[:] = kept
    if dropped:
        session.config.hook.pytest_deselected(items=dropped)


def sections_read(items: Iterable[pytest.Item]) -> list[str]:
    """The inventory sections the items need, known by the fixtures they ask for; ``inventory`` itself means all."""
    names = {name for item in items for name in getattr(item, "fixturenames", ())}
    return [section for section in SECTIONS if section in names or "inventory" in names]


def creates(items: Iterable[pytest.Item], harmless: Collection[str] = ()) -> list[str]:
    """What judging the items creates for a while, in words; ``harmless`` are sections that create nothing this time."""
    return [CREATES[section] for section in sections_read(items) if section in CREATES and section not in harmless]


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


def _unattended(
    session: pytest.Session,
    selection: Selection,
    subjects: tuple[Subject, ...],
    seen: Mapping[tuple[str, Subject], str],
) -> list[pytest.Item]:
    found = []
    for subject in subjects:
        for entry in selection.expected.values():
            if (entry.id, subject) in seen:
                continue
            reason = None if entry.testcase.manual else "this version of pytest-scs has no test for it"
            suffix = f"[{subject.name}]" if len(subjects) > 1 else ""
            scope = entry.memberships[0].version.scope.path
            item = bundle.unattended(session, scope, entry.id, suffix, reason)
            _enlist(item, entry, subject, {})
            found.append(item)
    if found:
        # pytest counts what it collected by these reports; without it "N selected" would be off.
        report = pytest.CollectReport(found[0].nodeid.partition("::")[0], "passed", None, list(found))
        session.config.hook.pytest_collectreport(report=report)
    return found


def _subject_of(item: pytest.Item, subjects: tuple[Subject, ...]) -> Subject:
    callspec = getattr(item, "callspec", None)
    return callspec.params["scs_subject"] if callspec and "scs_subject" in callspec.params else subjects[0]


def _rank(item: pytest.Item, order: Mapping[str, int], place: Mapping[Subject, int]) -> tuple[bool, int, int]:
    """Scope order; but what waits for a probe comes last, when the probes have had their time."""
    entry = item.stash.get(expected_key, None)
    if entry is None:
        return False, len(place), 0
    probed = any(section in PROBED for section in sections_read([item]))
    return probed, place[item.stash[subject_key]], order[entry.id]
