# SPDX-License-Identifier: Apache-2.0
"""Beginning a run in one process: read what the settings name, find the subjects, contact nothing."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Sequence
from pathlib import Path

from pytest_scs.attestations.file import AttestationFile
from pytest_scs.attestations.judging import open_attestations
from pytest_scs.base.errors import InputError
from pytest_scs.base.files import check_writable
from pytest_scs.base.redact import Redactor
from pytest_scs.base.surrounding_secrets import secrets_around
from pytest_scs.base.words import did_you_mean
from pytest_scs.core.selection import Selection
from pytest_scs.core.subject import Subject
from pytest_scs.core.waiver import Waiver
from pytest_scs.evidence import recording
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.evidence.progress import Progress, Voice
from pytest_scs.evidence.shared import SharedSource
from pytest_scs.evidence.source import LiveSource, RecordedSource, Source
from pytest_scs.platforms.platform import RunContext
from pytest_scs.platforms.registry import platform_of_scope, platform_of_subject, platforms
from pytest_scs.run.groups import check_groups
from pytest_scs.run.narrowing import Narrowing
from pytest_scs.run.report_files import check_reports
from pytest_scs.run.session import Session
from pytest_scs.run.settings import Settings
from pytest_scs.run.subjects import (
    SubjectsOfRun,
    check_report_names,
    select_for,
    subject_named,
    subjects_of_run,
    with_names,
)
from pytest_scs.run.workers import WorkerFolder, WorkerInput
from pytest_scs.standards import bundled_data


def open_session(
    settings: Settings, base: Path, progress: Progress, *, contact: bool, redact: Redactor | None = None
) -> Session:
    """Begin a run in the process the user started.

    ``base`` is the folder relative names start from; without ``contact`` (plan, collection only) no subject is needed.
    ``redact`` learns the secrets there are. Raises InputError.
    """
    redact = redact or Redactor()
    redact.add(secrets_around(os.environ))
    redact.private.add_files([Path.home(), *settings.inputs.values(), *settings.outputs.values()])
    bundled_data.check_copies()
    recorded = _Recorded(settings.replay) if settings.replay else None
    date = settings.date or (recorded.date(settings) if recorded else dt.datetime.now(dt.UTC).date())
    selection = select_for(settings, date, base)
    if recorded:
        recorded.check_scopes(selection)
    waivers = _waivers(settings, selection)
    source: Source
    narrowing: Narrowing | None = None
    if recorded:
        chosen = recorded.chosen(settings, selection)
        _check_files(settings, selection, [*chosen], writing=contact)
        attestations = _attestations(settings, selection, [*chosen])
        source = RecordedSource(chosen, str(settings.replay))
        subjects = SubjectsOfRun([*chosen], selection)
    else:
        settings = with_names(settings, selection, needed=contact)
        named = subjects_of_run(settings, selection, needed=contact)
        _check_files(settings, selection, named, writing=contact)
        attestations = _attestations(settings, selection, named if _any_named(settings) else [])
        subjects = SubjectsOfRun(named, selection)
        context = RunContext(
            settings.deadline,
            settings.skip_preflight,
            redact,
            progress.say,
            limit=settings.limit,
            patience=settings.patience,
            voice=Voice(progress.tell, progress.show),
            several=len(named) > 1,
        )
        narrowing = _narrowing(settings, selection, subjects, attestations, contact=contact)
        source = _open(settings, subjects, context, progress) if contact else _nothing_read(subjects)
    return Session(
        settings,
        selection,
        subjects,
        source,
        redact,
        attestations=attestations,
        narrowing=narrowing,
        waivers=waivers,
    )


def open_worker(settings: Settings, base: Path, told: WorkerInput, worker: str) -> Session:
    """Begin the same run in an xdist worker, with what :meth:`Session.for_worker` handed over."""
    selection = select_for(settings, dt.date.fromisoformat(told["date"]), base)
    subjects = SubjectsOfRun([Subject(*entry) for entry in told["subjects"]], selection)
    folder = WorkerFolder(Path(told["folder"]), worker)
    attestations = _attestations(settings, selection, [*subjects])
    source = SharedSource(folder.path)
    left = told["not_due"]
    narrowing = None
    if left is not None:
        not_due, unanswered = ([(testcase, subjects.at(place)) for testcase, place in one] for one in left)
        narrowing = Narrowing(not_due, unanswered)
    return Session(
        settings,
        selection,
        subjects,
        source,
        Redactor(),
        attestations=attestations,
        workers=folder,
        narrowing=narrowing,
        waivers=_waivers(settings, selection, checked=True),
    )


def _check_files(settings: Settings, selection: Selection, subjects: Sequence[Subject], *, writing: bool) -> None:
    """Raise InputError if what the run makes cannot lie where the user wants it, or presets name who is nobody."""
    check_groups(settings, [one.report_name for one in subjects])
    if settings.report:
        reports = [
            (subject.report_name, scope)
            for subject in subjects
            for scope in selection.scopes
            if platform_of_scope(scope).name == subject.platform
        ]
        check_reports(settings.report, reports, writing=writing)
        if not settings.report.folder and not settings.replay:
            _check_one_time(settings, selection)
        if settings.sign:
            # What loads a program that signs is not for every run.
            from pytest_scs.run.report_signing import check_signing

            check_signing(settings.sign, settings.report, writing=writing)
    if settings.record and writing:
        check_writable(settings.record, "--scs-record")
    if writing:
        for option, path in settings.files.items():
            check_writable(path, option)


def _check_one_time(settings: Settings, selection: Selection) -> None:
    """Raise InputError if what is judged is of several times, which one report cannot say."""
    now = dt.datetime.now(dt.UTC)
    for platform in {platform_of_scope(scope).name: platform_of_scope(scope) for scope in selection.scopes}.values():
        if words := platform.needs_own_report(settings.platforms[platform.name], selection.expected, now):
            raise InputError(f"{words}, so it goes into a report of its own; give a folder: --scs-report=DIR/")


def _waivers(settings: Settings, selection: Selection, *, checked: bool = False) -> tuple[Waiver, ...]:
    """The waivers of all files; raises InputError. ``checked``: another process has looked what they are about."""
    if not settings.pipeline.waivers:
        return ()
    from pytest_scs.attestations.waivers import load_waivers

    today = dt.datetime.now(dt.UTC).date()
    return load_waivers(settings.pipeline.waivers, selection.scopes, today, checked=checked)


def _narrowing(
    settings: Settings,
    selection: Selection,
    subjects: SubjectsOfRun,
    attestations: AttestationFile | None,
    *,
    contact: bool,
) -> Narrowing | None:
    """What is due, where the user asked for that; raises InputError."""
    due = settings.pipeline.due
    if due is None:
        return None
    if due.url and not contact:
        raise InputError("--scs-due: a plan contacts nothing, so no monitor either; give a folder of reports")
    from pytest_scs.run.due_selection import choose

    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    choice = choose(settings.pipeline, selection, subjects, attestations, now)
    return Narrowing(choice.not_due, choice.unanswered, choice)


class _Recorded:
    """The evidence of an earlier run; raises InputError if it is none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._document = recording.read_evidence(path)
        self._found = recording.inventories(path, self._document)

    def date(self, settings: Settings) -> dt.date:
        """The day on which the first of the subjects that the user named was read."""
        read = (dt.datetime.fromisoformat(inventory.fetched_at) for inventory in self._named(settings).values())
        return min(read).date()

    def check_scopes(self, selection: Selection) -> None:
        """Raise InputError unless it was recorded for each of the selected scopes."""
        recording.check_scopes(self._path, self._document, selection.scopes)

    def chosen(self, settings: Settings, selection: Selection) -> dict[Subject, Inventory]:
        """What is known of the subjects that the user named, or of all, on the platforms of the selected scopes."""
        judging = {platform_of_scope(scope).name for scope in selection.scopes}
        found = {subject: one for subject, one in self._named(settings).items() if subject.platform in judging}
        for subject, inventory in found.items():
            recording.check_sections(self._path, inventory, platform_of_subject(subject).sections)
        if not found:
            nouns = " or ".join(platform.nouns for platform in platforms() if platform.name in judging)
            raise InputError(f"--scs-replay: {self._path} holds no {nouns}; it was recorded on another platform")
        named = {subject_named(settings, subject.platform, subject.name): one for subject, one in found.items()}
        check_report_names(settings, [*named])
        return named

    def _named(self, settings: Settings) -> dict[Subject, Inventory]:
        wanted = [Subject(platform.name, name) for platform in platforms() for name in settings.names_on(platform.name)]
        for subject in wanted:
            if subject not in self._found:
                known = [one.name for one in self._found if one.platform == subject.platform]
                raise InputError(
                    f"--scs-replay: {self._path} has no evidence of {platform_of_subject(subject).noun} "
                    f"{subject.name!r}{did_you_mean(subject.name, known)}; known: {', '.join(known)}"
                )
        return {subject: self._found[subject] for subject in wanted or self._found}


def _open(settings: Settings, subjects: SubjectsOfRun, context: RunContext, progress: Progress) -> LiveSource:
    """Find the subjects of every platform; raises InputError, and then leaves nothing started behind."""
    opened = []
    try:
        for platform in platforms():
            if mine := [subject for subject in subjects if subject.platform == platform.name]:
                opened.append(platform.open_subjects(mine, settings.on(platform.name), context))
    except BaseException:
        for one in opened:
            one.close()
        raise
    return LiveSource(opened, lambda subject, name: subjects.platform(subject).sections[name].words, progress)


def _nothing_read(subjects: SubjectsOfRun) -> RecordedSource:
    return RecordedSource({subject: Inventory(subject, "") for subject in subjects})


def _any_named(settings: Settings) -> bool:
    return any(given.names for given in settings.platforms.values())


def _attestations(settings: Settings, selection: Selection, subjects: Sequence[Subject]) -> AttestationFile | None:
    if settings.attestations is None:
        return None
    return open_attestations(settings.attestations, selection.scopes, [subject.report_name for subject in subjects])
