# SPDX-License-Identifier: Apache-2.0
"""``--scs-due``: which testcases of which subjects are due, by earlier reports or by what the monitor publishes."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NoReturn

import pytest

from pytest_scs.attestations.file import AttestationFile
from pytest_scs.base.language import Language
from pytest_scs.core.cause import CauseKind
from pytest_scs.core.judge import Judge
from pytest_scs.core.results import Result, SubjectRun, Times
from pytest_scs.core.scope import Scope, Testcase
from pytest_scs.core.selection import Expected, Selection
from pytest_scs.core.subject import Subject
from pytest_scs.pipeline.due import DEFAULT, DueState, DueWithin, due_state
from pytest_scs.pipeline.merging import KnownResult, SubjectAndScope, newest_results
from pytest_scs.pipeline.report_store import read_store
from pytest_scs.run.narrowing import DueChoice, Narrowing
from pytest_scs.run.pipeline_options import DuePlace, PipelineSettings
from pytest_scs.run.settings import Settings
from pytest_scs.run.subjects import SubjectsOfRun
from pytest_scs.standards.intervals import answers_end

#: There is no answer, so nobody knows what is due: what may be different when it is tried again.
UNREACHABLE = 6

_ANSWERED = re.compile(r"answered on (\d{4}-\d\d-\d\d)\b", re.ASCII)


def choose(
    settings: PipelineSettings,
    selection: Selection,
    subjects: SubjectsOfRun,
    attestations: AttestationFile | None,
    now: dt.datetime,
) -> DueChoice:
    """Look up what is due at ``now`` (UTC without zone).

    Raises InputError for a place that cannot be used; ends the run with one line and exit code 6, before anything is
    judged, where a monitor does not answer.
    """
    place = settings.due or DuePlace()
    unreadable: tuple[str, ...] = ()
    known: Mapping[SubjectAndScope, Mapping[str, KnownResult]]
    if place.url:
        known = _published(place.url, _asked(selection, subjects))
    elif place.folder and place.folder.is_dir():
        store = read_store([place.folder])
        known, unreadable = newest_results(store.reports), store.unreadable
    else:
        known = {}
    within = within_of(settings)
    states = {
        (entry.id, subject): tuple(_states(entry, subject, known, now, within))
        for entry in selection.expected.values()
        for subject in subjects.of(entry)
    }
    unanswered = frozenset(
        pair
        for pair in states
        if (manual := selection.expected[pair[0]].testcase).manual and not _answered(attestations, manual, pair[1], now)
    )
    return DueChoice(states, unreadable, unanswered)


def within_of(settings: PipelineSettings) -> DueWithin:
    """How long before its result expires a testcase is due."""
    return DueWithin(settings.due_within, settings.due_within) if settings.due_within is not None else DEFAULT


def times_of(
    settings: Settings,
    selection: Selection,
    subject_runs: Iterable[SubjectRun],
    narrowing: Narrowing | None,
    now: dt.datetime,
) -> tuple[Times, ...]:
    """When everything is due again: what was judged by its verdict, what was left out by what was known.

    ``now`` is when it was judged.
    """
    within = within_of(settings.pipeline)
    moment = now.astimezone(dt.UTC).replace(tzinfo=None)
    judge, expected = settings.judge, selection.expected
    found = [
        _times(expected[testcase], one.subject, _judged(expected[testcase], result, judge, moment, within))
        for one in subject_runs
        for testcase, result in one.results.items()
        if not (result.cause and result.cause.kind is CauseKind.NOT_SELECTED)
    ]
    if narrowing and narrowing.choice:
        for testcase, subject in sorted(narrowing.left_out, key=lambda pair: (str(pair[1]), pair[0])):
            times = _times(expected[testcase], subject, narrowing.choice.states[testcase, subject])
            found.append(dataclasses.replace(times, left_out=True))
    return tuple(found)


def left_out_line(times: Iterable[Times], language: Language, *, anything: bool = True) -> str:
    """How many testcases were left out, and until when the first of them counts; empty where none was.

    ``anything``: whether others are due.
    """
    left = [one for one in times if one.left_out]
    if not left and anything:
        return ""
    number = language.number(len(left), "{count} testcase", "{count} testcases")
    line = (
        language.phrase("not due, left out: {number}", number=number)
        if anything
        else language.phrase("nothing is due: {number} left out", number=number)
    )
    counting = [one for one in left if one.valid_until]
    if not counting:
        return line
    first = min(counting, key=lambda one: (one.valid_until, one.subject.name, one.testcase))
    until = f"{first.valid_until:%Y-%m-%d %H:%M}"
    name = language.phrase("{testcase} on {subject}", testcase=first.testcase, subject=first.subject.name)
    counts = language.phrase("the first of them counts until {until} UTC ({name})", until=until, name=name)
    following = min((one for one in left if one.due_at), key=lambda one: one.due_at or dt.datetime.max, default=None)
    if following and following.due_at:
        counts = language.phrase(
            "{counts}, the next is due {when} UTC", counts=counts, when=f"{following.due_at:%Y-%m-%d %H:%M}"
        )
    return f"{line}; {counts}"


def _states(
    entry: Expected,
    subject: Subject,
    known: Mapping[SubjectAndScope, Mapping[str, KnownResult]],
    now: dt.datetime,
    within: DueWithin,
) -> Iterator[DueState]:
    for scope in _scopes(entry):
        newest = known.get((subject.report_name, scope.uuid), {}).get(entry.id)
        yield due_state(scope, scope.testcases[entry.id], newest, now, within)


def _judged(entry: Expected, result: Result, judge: Judge, now: dt.datetime, within: DueWithin) -> list[DueState]:
    answered = _ANSWERED.match(result.attested)
    day = dt.date.fromisoformat(answered[1]) if answered else None
    seen = dt.datetime.fromisoformat(result.as_of).astimezone(dt.UTC).replace(tzinfo=None) if result.as_of else now
    known = KnownResult(entry.id, result.verdict(judge), seen, "", None, bool(result.attested), day)
    return [due_state(scope, scope.testcases[entry.id], known, now, within) for scope in _scopes(entry)]


def _times(entry: Expected, subject: Subject, states: Iterable[DueState]) -> Times:
    """Of several scopes the earliest moment counts."""
    known = list(states)
    due = [state.due_at for state in known if state.due_at]
    ends = [state.valid_until for state in known if state.valid_until]
    sure = len(due) == len(known)
    return Times(entry.id, entry.standard, subject, min(due) if due and sure else None, min(ends, default=None))


def _scopes(entry: Expected) -> list[Scope]:
    return list({member.version.scope.uuid: member.version.scope for member in entry.memberships}.values())


def _answered(attestations: AttestationFile | None, testcase: Testcase, subject: Subject, now: dt.datetime) -> bool:
    """Whether there are answers that count, so that judging them gives more than MISS."""
    answers = attestations.subjects.get(subject.report_name, {}).get(testcase.id) if attestations else None
    day = answers.answered_at if answers else None
    return day is not None and now.date() < answers_end(day, testcase.lifetime)


def _asked(selection: Selection, subjects: SubjectsOfRun) -> list[tuple[str, Scope]]:
    """Subject's name in reports and scope, of all that is judged, each once."""
    return list(
        {
            (subject.report_name, scope.uuid): (subject.report_name, scope)
            for entry in selection.expected.values()
            for subject in subjects.of(entry)
            for scope in _scopes(entry)
        }.values()
    )


def _published(url: str, asked: Iterable[tuple[str, Scope]]) -> dict[SubjectAndScope, dict[str, KnownResult]]:
    """What the monitor has published; of scopes that are not official it has nothing."""
    from pytest_scs.pipeline.monitor.monitor_http import Unreachable
    from pytest_scs.pipeline.monitor.monitor_status import fetch_status, monitor_base

    base = monitor_base(url, "--scs-due")
    found: dict[SubjectAndScope, dict[str, KnownResult]] = {}
    for subject, scope in asked:
        if not scope.official:
            continue
        try:
            published = fetch_status(base, subject, scope.uuid).of(subject, scope.uuid)
        except Unreachable as error:
            _end(f"--scs-due: what is due is not known, so nothing was judged: {error}")
        found[subject, scope.uuid] = {
            key: KnownResult(key, one.verdict, one.checked_at, one.report) for key, one in published.results.items()
        }
    return found


def _end(line: str) -> NoReturn:
    pytest.exit(line, returncode=UNREACHABLE)
