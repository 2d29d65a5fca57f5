# SPDX-License-Identifier: Apache-2.0
"""One run in one process: settings, selection, the subjects with what is known of them, and the book of results."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pytest

from pytest_scs.attestations.file import AttestationFile
from pytest_scs.attestations.judging import declared
from pytest_scs.base.redact import Redactor
from pytest_scs.base.words import printable
from pytest_scs.core.cause import Cause, CauseKind
from pytest_scs.core.results import Result, Run, RunOutcome, SubjectRun, Times, aborted, missing
from pytest_scs.core.selection import Selection
from pytest_scs.core.subject import Subject
from pytest_scs.core.waiver import Waiver
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.evidence.source import LiveSource, RecordedSource, Source
from pytest_scs.run.file_view import FileView
from pytest_scs.run.interruption import Interruption
from pytest_scs.run.narrowing import Narrowing
from pytest_scs.run.reading_facts import facts_of_reading
from pytest_scs.run.settings import Settings
from pytest_scs.run.subjects import SubjectsOfRun
from pytest_scs.run.unreported import Unreported
from pytest_scs.run.workers import WorkerFolder

#: Where the session lies in ``config.stash``; absent when no scope is selected.
session_key = pytest.StashKey["Session"]()

#: What is to be judged, by node id: testcase and subject.
Collected = Mapping[str, tuple[str, Subject]]


class Session:
    """State of one run in one process. Owns no pytest hook and no output."""

    def __init__(
        self,
        settings: Settings,
        selection: Selection,
        subjects: SubjectsOfRun,
        source: Source,
        redact: Redactor,
        *,
        attestations: AttestationFile | None = None,
        workers: WorkerFolder | None = None,
        narrowing: Narrowing | None = None,
        waivers: Sequence[Waiver] = (),
    ) -> None:
        """``workers`` is the folder through which processes of this run speak, None where nobody has asked for one.

        ``narrowing`` is None where everything is judged, due or not.
        """
        self.settings = settings
        self.selection = selection
        self.subjects = subjects
        self.redact = redact
        self.attestations = attestations
        self.narrowing = narrowing
        self.shows_times = False  # whether a page says when everything is due
        self.waivers = waivers
        self.interruption = Interruption()
        self.unreported: Unreported | None = None
        self._source = source
        self._workers = workers
        self._started = dt.datetime.now(dt.UTC)
        self._values: dict[tuple[Subject, str], Any] = {}
        self._collected: Collected | None = None
        self._reads: Mapping[str, list[str]] = {}
        self._results: dict[tuple[str, Subject], Result] = {}
        self._outcome = RunOutcome(language=settings.language)
        self.for_files = FileView(self._outcome, redact, public=settings.public)
        self._foreign_failure = False
        self._filtered = False

    @property
    def day(self) -> dt.date:
        """The day on which the run was started (UTC)."""
        return self._started.date()

    @property
    def is_worker(self) -> bool:
        """Whether this process is an xdist worker."""
        return self._workers is not None and self._workers.is_worker

    def inventory(self, subject: Subject) -> Inventory:
        """What is known of a subject; raises KeyError where nothing was read."""
        return self._source.inventory(subject)

    def known(self, subject: Subject) -> Inventory | None:
        """What was read of a subject; None if the run ended before."""
        try:
            inventory = self.inventory(subject)
        except KeyError:
            return None
        return inventory if inventory.fetched_at else None

    def fixture_value(self, subject: Subject, name: str) -> Any:
        """The value of a fixture that rests on the inventory, awaited if a probe is reading it; made once.

        Raises Inconclusive if what it rests on could not be read.
        """
        if (subject, name) not in self._values:
            platform = self.subjects.platform(subject)
            for needed in self.subjects.sections_for(platform, [name]):
                self._source.wait_for(subject, needed)
            inventory = self.inventory(subject)
            if name == "inventory":
                return inventory
            if section := platform.sections.get(name):
                self._values[subject, name] = section.typed(inventory)
            else:
                self._values[subject, name] = platform.derived_fixtures[name].make(inventory)
        return self._values[subject, name]

    def note_filtered(self) -> None:
        """Note that ``-m`` and ``-k`` were understood: pytest says that collection is over also where they were not."""
        self._filtered = True

    def expect(self, collected: Collected, reads: Mapping[str, list[str]]) -> None:
        """Read the subjects, once, when it is known which testcases will run; share it with workers if there are any.

        ``reads``: testcase -> the sections of the inventory it reads. A worker leaves word for the main process
        instead. Raises InputError, before anything is contacted, if this machine does not allow it.
        """
        if not self._filtered or self._collected is not None:
            return
        if self.narrowing and not collected:
            self.narrowing.note_nothing_left()
        if self._workers and self._workers.is_worker:
            self._collected, self._reads = collected, reads
            self._workers.publish(collected, reads, self.narrowing.left_out if self.narrowing else ())
            return
        wanted = {
            subject: {section for testcase, one in collected.values() if one == subject for section in reads[testcase]}
            for subject in self.subjects
        }
        if isinstance(self._source, LiveSource | RecordedSource):
            self._source.check(wanted)
        self._collected, self._reads = collected, reads
        if not collected:
            return
        if self.narrowing:
            # Nobody is contacted of whom nothing is due.
            judged = set(collected.values())
            wanted = {one: read for one, read in wanted.items() if any(subject == one for _, subject in judged)}
        self._begin(wanted)

    def expect_of_workers(self) -> None:
        """Read the subjects as soon as the first worker has collected; raises InputError."""
        if self._workers and (published := self._workers.published()):  # else the worker's own errors end the run
            self._filtered = True
            collected, reads, left_out = published
            if self.narrowing:
                self.narrowing.note(left_out)
            self.expect(collected, reads)

    def for_worker(self) -> dict[str, Any]:
        """What a worker needs to know, in plain types."""
        if self._workers is None:
            self._workers = WorkerFolder.create()
        not_due = (self.narrowing.not_due, self.narrowing.unanswered) if self.narrowing else None
        return self._workers.for_worker(self.subjects, self.selection.date, not_due)

    @property
    def misses_results(self) -> bool:
        """Whether a chosen testcase has no result yet."""
        return any(pair not in self._results for pair in (self._collected or {}).values())

    def misses(self, testcase: str, subject: Subject) -> bool:
        """Whether a testcase was chosen and has no result yet."""
        return (testcase, subject) not in self._results and (testcase, subject) in (self._collected or {}).values()

    def is_settled(self, subject: Subject, sections: Iterable[str]) -> bool:
        """Whether nothing has to be waited for to judge by these sections, and no interruption kept one from coming.

        An interruption that is told of all the same (``Section.aborts_when_interrupted``) keeps nothing from it.
        """
        known = self.known(subject)
        if known is None:
            return False
        declared = self.subjects.platform(subject).sections
        return known.refusal is not None or all(
            known.settled(section) or (section in known.errors and declared[section].aborts_when_interrupted)
            for section in sections
        )

    def waits_long(self, nodeid: str) -> bool:
        """Whether a test of this run reads what takes a while to come."""
        testcase, subject = (self._collected or {}).get(nodeid, ("", None))
        if subject is None:
            return False
        sections = self.subjects.platform(subject).sections
        return any(sections[name].lasts for name in self._reads.get(testcase, ()) if name in sections)

    def enlisted(self, nodeid: str) -> bool:
        """Whether a test of this run is one of ours."""
        return nodeid in (self._collected or ())

    def record(self, result: Result) -> None:
        """Enter a testcase's result; a later one replaces an earlier one."""
        self._results[result.testcase, result.subject] = result.masked(self.redact)

    def record_crash(self, nodeid: str, text: str) -> None:
        """Enter ABORT for the testcase a dead worker was busy with."""
        if found := (self._collected or {}).get(nodeid):
            self.record(aborted(*found, Cause(f"the worker process died: {text}", CauseKind.INTERRUPTED)))

    def note_foreign_failure(self) -> None:
        """Note that something failed that is none of our testcases."""
        self._foreign_failure = True

    def note_left_incomplete(self, lines: Iterable[str]) -> None:
        """Note what was not cleaned up."""
        self._outcome.incomplete += [printable(self.redact(line)) for line in lines]

    def note_problem(self, line: str) -> None:
        """Note what keeps the run from being complete; it is said in the summary and changes the exit code 0."""
        self._outcome.problems.append(printable(self.redact(line)))

    @property
    def foreign_failure(self) -> bool:
        """Whether something failed that is none of our testcases."""
        return self._foreign_failure

    @property
    def has_begun(self) -> bool:
        """Whether testcases were chosen, so that they are to have verdicts: not after wrong usage or a broken file."""
        return bool(self._results or self._collected)

    @property
    def has_collected(self) -> bool:
        """Whether it is known which testcases were chosen, even if it is none."""
        return self._collected is not None

    @property
    def outcome(self) -> RunOutcome:
        """What reports are made from; its ``run`` is None before the end."""
        return self._outcome

    def run(self, interrupted: bool, stopped: str = "") -> Run:
        """All results, complete: every chosen testcase has exactly one verdict on every subject of its platform.

        ``stopped``: what ended the run early, in words, where the user had asked for that.
        """
        chosen = frozenset(testcase for testcase, _ in (self._collected or {}).values())
        if self._collected is None:
            chosen = frozenset(self.selection.expected)
        # Where others are due, nothing was expected of the rest.
        narrowed = self.narrowing is not None and self._collected is not None
        kept = {*self._results, *(self._collected or {}).values()} if narrowed else None
        pairs = [
            (entry, subject)
            for entry in self.selection.expected.values()
            for subject in self.subjects.of(entry)
            if kept is None or (entry.id, subject) in kept
        ]
        done = all((entry.id, subject) in self._results for entry, subject in pairs if entry.id in chosen)
        interrupted = interrupted or (bool(stopped) and not done)
        text = f"not run: {stopped or 'the run was interrupted'}" if interrupted else "not run"
        cause = Cause(text, CauseKind.INTERRUPTED)
        unselected = Cause("not selected", CauseKind.NOT_SELECTED)
        subject_runs = {
            subject: SubjectRun(subject, {}, self._debug(subject), self._assignment(subject))
            for subject in self.subjects
        }
        for entry, subject in pairs:
            known = self._results.get((entry.id, subject))
            why = cause if entry.id in chosen else unselected
            subject_runs[subject].results[entry.id] = known or missing(entry, subject, why)
        self._learn_addresses()
        now = self._now()
        for subject, subject_run in subject_runs.items():
            subject_run.declared = declared(
                self.selection.versions, subject.report_name, self.attestations, dt.datetime.fromisoformat(now)
            )
        judged = [one for one in subject_runs.values() if one.results or not narrowed]
        return Run(
            self.selection,
            self.settings.judge,
            judged,
            chosen,
            now,
            interrupted,
            self.redact,
            self.settings.language,
            replayed_at=self._started.isoformat() if self.settings.replay else "",
            times=self.times(judged, now),
            groups=self.settings.groups,
        )

    def times(self, subject_runs: Iterable[SubjectRun] = (), now: str = "") -> tuple[Times, ...]:
        """When what was judged, or left out, is due again; nothing where nobody asked."""
        if self.narrowing is None and "metrics" not in self.settings.result_files and not self.shows_times:
            return ()
        from pytest_scs.run.due_selection import times_of

        judged = dt.datetime.fromisoformat(now) if now else self._started
        return times_of(self.settings, self.selection, subject_runs, self.narrowing, judged)

    def tidy_up(self) -> None:
        """Stop reading, and remove what was created; what could not be removed is noted.

        May be interrupted, and raises KeyboardInterrupt at once if the run was interrupted twice; then things are left.
        """
        if isinstance(self._source, LiveSource):
            self._source.close(self.note_left_incomplete, self.interruption.at_once)

    @property
    def cleanup_commands(self) -> str:
        """The commands that list what the run has left, in one text; empty where it leaves nothing."""
        return self._source.cleanup_commands if isinstance(self._source, LiveSource) else ""

    def announce_removal(self) -> None:
        """Say at once what is being removed, after an interruption."""
        if isinstance(self._source, LiveSource):
            self._source.announce_removal()

    def close(self) -> None:
        """End what was started and remove the folder shared with workers."""
        if isinstance(self._source, LiveSource):
            self._source.close()
        if self._workers:
            self._workers.remove()

    def _begin(self, wanted: Mapping[Subject, set[str]]) -> None:
        if isinstance(self._source, LiveSource):
            self._source.read(wanted)
            if self._workers:
                self._source.share(self._workers.path)
            self._source.start()
        elif self._workers:
            self._workers.share(self.inventory(subject) for subject in self.subjects)

    def _learn_addresses(self) -> None:
        for subject in self.subjects:
            if inventory := self.known(subject):
                self.redact.private.add_addresses(self.subjects.platform(subject).addresses_in(inventory))

    def _assignment(self, subject: Subject) -> dict[str, str]:
        platform = self.subjects.platform(subject)
        return platform.assignment(self.settings.platforms[platform.name], subject.report_name)

    def _debug(self, subject: Subject) -> dict[str, Any]:
        inventory = self.known(subject)
        if inventory is None:
            return {}
        about = {entry.id for entry in self.selection.expected.values() if subject in self.subjects.of(entry)}
        reads = {testcase: sections for testcase, sections in sorted(self._reads.items()) if testcase in about}
        masked: dict[str, Any] = self.redact.plain(facts_of_reading(inventory, reads, self._outcome.incomplete))
        return masked

    def _now(self) -> str:
        known = next((found for subject in self.subjects if (found := self.known(subject))), None)
        return known.fetched_at if known else self._started.isoformat()
