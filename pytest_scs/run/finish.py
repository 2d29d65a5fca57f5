# SPDX-License-Identifier: Apache-2.0
"""The end of a run: complete results, files, exit code. Runs also after Ctrl-C and internal errors."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_scs.base.words import printable
from pytest_scs.core.results import INCOMPLETE, Run, Times
from pytest_scs.evidence.recording import write_evidence
from pytest_scs.evidence.source import broken_off
from pytest_scs.run import pytest_files, pytest_internals
from pytest_scs.run.chosen import why_nothing
from pytest_scs.run.report_files import ReportFiles
from pytest_scs.run.result_files import write_result_files
from pytest_scs.run.session import Session
from pytest_scs.run.settling import judge_settled

if TYPE_CHECKING:
    from pytest_scs.base.streams import LastingStream
    from pytest_scs.run.verdict_hook import Known

_FAILED = int(pytest.ExitCode.TESTS_FAILED)

#: How pytest ends where no test of ours was left, and nothing went wrong.
_NOTHING_TO_DO = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)


def finish(active: Session, session: pytest.Session, exitstatus: int) -> None:
    """Write the files the user asked for and set the exit code of the session."""
    if active.settings.plan or pytest_internals.only_collects(session.config):
        pytest_files.leave_out_files_of_others(session.config)
        if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and _nothing_is_due(active):
            pytest_internals.set_exit_code(session, int(pytest.ExitCode.OK))
        return
    interrupted = exitstatus in (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR)
    if not active.has_begun:
        # A report of an earlier run says more than one without verdicts.
        _tidy_up(active)
        _say_nothing_was_judged(active, session, exitstatus)
        if exitstatus == pytest.ExitCode.INTERRUPTED and active.interruption.has_come:
            leave_report(active)
        return
    stopped = pytest_internals.why_stopped(session)
    reports = _reports(active)
    cut_short = exitstatus == pytest.ExitCode.INTERRUPTED and not stopped
    if cut_short:
        judge_settled(active, session)
    if interrupted:
        # Tidying up takes a while, and whoever is impatient must not lose the report.
        _write(active, active.run(interrupted, stopped), reports)
    _tidy_up(active)
    if cut_short:
        # What was broken off has told by now how far it came.
        judge_settled(active, session)
    run = active.run(interrupted, stopped)
    before = _before(active, reports.paths if reports else ())
    active.outcome.run = run
    with _surviving(active, "what is due, and what is waived"):
        active.outcome.notes += [*due_notes(active, run.times), *_waiver_notes(active, run)]
    active.outcome.written, problems = _write(active, run, reports)
    for problem in problems:
        active.note_problem(problem)
    if reports and _sign_and_tell(active, run, before, reports):
        exitstatus = pytest.ExitCode.INTERRUPTED
        pytest_internals.set_exit_code(session, exitstatus)
    if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        pytest_internals.set_exit_code(session, _exit_code(active, run))


def _sign_and_tell(active: Session, run: Run, before: Known | None, reports: ReportFiles) -> bool:
    """What is done with reports that lie there by now; returns whether that was interrupted."""
    interrupted = False
    if key := active.settings.sign:
        with _surviving(active, "signing the reports"):
            interrupted = _sign(active, key, reports)
    if before is not None:
        with _surviving(active, "--scs-hook"):
            interrupted = _tell_changes(active, run, before, reports) or interrupted
    return interrupted


@contextlib.contextmanager
def _surviving(active: Session, what: str) -> Iterator[None]:
    """Whatever is raised meanwhile is a problem of the run; what else there is to do at its end must not be lost."""
    try:
        yield
    except Exception as error:
        cause = " ".join(str(error).split())
        active.note_problem(f"{what} was broken off: {type(error).__name__}" + (f": {cause}" if cause else ""))


def leave_report(active: Session) -> None:
    """After an interruption while testcases were still looked for: a report that has none, where no other one lies.

    It is not signed: nothing may ever be done with it but to be looked at.
    """
    place = active.settings.report
    if place is None or active.settings.plan or active.has_begun:
        return
    if not place.folder and (place.path.exists() or place.sibling.exists()):
        return  # that of an earlier run says more
    reports = ReportFiles(place, active.settings.report_format)
    reports.write(active.run(interrupted=True))
    active.outcome.written += reports.written
    for problem in reports.problems:
        active.note_problem(problem)


def _reports(active: Session) -> ReportFiles | None:
    settings = active.settings
    if not settings.report:
        return None
    return ReportFiles(settings.report, settings.report_format, only_verdicts=active.narrowing is not None)


def _before(active: Session, own: Sequence[Path]) -> Known | None:
    """The newest results before this run, where somebody is to be told of changes; ``own`` are its reports so far.

    What is to be removed was removed by now: a large folder takes a while, and a broken one must not keep from that.
    """
    if not active.settings.pipeline.hook or not active.settings.report:
        return None
    from pytest_scs.run.verdict_hook import newest_in

    try:
        return newest_in(active.settings.report.path, own)
    except Exception as error:  # whatever lies there: the reports of this run are still to be written
        active.note_problem(f"--scs-hook: the earlier reports cannot be read, so nobody is told: {error}")
        return None


def _tell_changes(active: Session, run: Run, before: Known, reports: ReportFiles) -> bool:
    """Run the user's command where verdicts have changed; returns whether that was interrupted."""
    from pytest_scs.run.verdict_hook import changes_in, tell

    command = active.settings.pipeline.hook
    changes = active.redact.plain(changes_in(run, before))
    if not changes:
        return False
    try:
        with active.interruption.at_once(first=True):
            failure = tell(command, run, changes, reports.paths)
    except KeyboardInterrupt:
        active.outcome.notes.append(f"--scs-hook: {command[0]} was interrupted")
        return True
    number = active.settings.language.number(len(changes), "{count} changed verdict", "{count} changed verdicts")
    told = active.settings.language.phrase("--scs-hook: told {command} of {number}", command=command[0], number=number)
    active.outcome.notes.append(printable(active.redact(failure or told)))
    return False


def _tidy_up(active: Session) -> None:
    """Remove what was created; that this does not come to its end must not cost what is known."""
    try:
        with _announcing(active):
            active.tidy_up()
    except (Exception, KeyboardInterrupt) as error:
        active.note_left_incomplete([broken_off(error, active.cleanup_commands)])


#: Seconds after which who interrupts while things are removed is told so.
_LOOK = 0.2


@contextlib.contextmanager
def _announcing(active: Session) -> Iterator[None]:
    """Meanwhile whoever interrupts for the first time is told what is being removed.

    By another thread: the one that gets the signal may be in the middle of noting that something is gone.
    """
    over = threading.Event()

    def look() -> None:
        while not over.wait(_LOOK):
            if active.interruption.has_come:
                active.announce_removal()
                return

    if not active.interruption.has_come:
        threading.Thread(target=look, name="scs-interrupted", daemon=True).start()
    try:
        yield
    finally:
        over.set()


def say_unshown(active: Session, output: LastingStream | None) -> None:
    """On standard error, which is not what was lost: that the output is, or what is wrong where there is no terminal.

    ``output`` is that of the terminal; None where it is switched off.
    """
    outcome = active.outcome
    lines = [*outcome.incomplete, *outcome.problems]
    if output is not None:
        output.flush()
        if lines := [output.failure] if output.failure else []:
            active.note_problem(output.failure)
    with contextlib.suppress(OSError):
        for line in lines:
            sys.stderr.write(f"scs: {active.settings.language.text(line)}\n")
        sys.stderr.flush()


#: What the exit code 1 is about where it is not that of a testcase.
_OTHERS_FAILED = "exit code 1 is that of tests of your own, or of files that pytest cannot read"
_NONE_FAILED = "{code}; no testcase failed"
_NONE_JUDGED = "nothing was judged: {code}"


def _say_nothing_was_judged(active: Session, session: pytest.Session, exitstatus: int) -> None:
    if exitstatus == pytest.ExitCode.USAGE_ERROR or (active.foreign_failure and exitstatus != _FAILED):
        return  # pytest says what is wrong
    if active.foreign_failure:
        active.note_problem(_NONE_JUDGED.format(code=_OTHERS_FAILED))
    elif exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED or active.has_collected:
        config = session.config
        if _nothing_is_due(active):
            active.outcome.notes += due_notes(active, active.times(), anything=False)
            _write_first_metrics(active)
            if exitstatus in _NOTHING_TO_DO:
                code = INCOMPLETE if active.outcome.problems else int(pytest.ExitCode.OK)
                pytest_internals.set_exit_code(session, code)
            pytest_files.leave_out_files_of_others(config)
            return
        named = bool(pytest_internals.named_files(config))
        why = why_nothing(active.selection, pytest_internals.marker_expression(config), named)
        active.note_problem(f"nothing was judged: {why}")
        if exitstatus == pytest.ExitCode.OK and session.config.getoption("scs_scope"):
            # With the scope in the ini file, whoever names files means tests of a project.
            pytest_internals.set_exit_code(session, pytest.ExitCode.NO_TESTS_COLLECTED)
        if pytest_internals.exit_code(session) == pytest.ExitCode.NO_TESTS_COLLECTED:
            # A page without verdicts must not take the place of one that has some.
            pytest_files.leave_out_files_of_others(config)


def _nothing_is_due(active: Session) -> bool:
    """Whether what the user chose is all left out, because nothing of it is due."""
    return bool(active.narrowing and active.narrowing.left_out)


def _write_first_metrics(active: Session) -> None:
    """Where nothing is due, write until when what is known counts and when it is due, unless a file is there already.

    The times of an earlier run hold still, and its verdicts would be lost.
    """
    path = active.settings.result_files.get("metrics")
    if path is None or path.exists():
        return
    for problem in write_result_files({"metrics": path}, active.for_files.outcome_of(active.run(interrupted=False)))[1]:
        active.note_problem(problem)


def _waiver_notes(active: Session, run: Run) -> list[str]:
    """What whoever answers for waivers has to know."""
    if not active.waivers:
        return []
    from pytest_scs.attestations.waivers import about_waivers

    return [printable(active.redact(line)) for line in about_waivers(active.waivers, run, active.day)]


def due_notes(active: Session, times: Sequence[Times], *, anything: bool = True) -> list[str]:
    """What ``--scs-due`` left out, and what it could not read; ``anything``: whether something is due."""
    if active.narrowing is None or active.narrowing.choice is None:
        return []
    from pytest_scs.run.due_selection import left_out_line

    said = left_out_line(times, active.settings.language, anything=anything)
    unread = (f"--scs-due: passed over: {line}" for line in active.narrowing.choice.unreadable)
    return [printable(active.redact(line)) for line in (*unread, *([said] if said else []))]


def _sign(active: Session, key: Path, reports: ReportFiles) -> bool:
    """Sign the reports, which lie there already whatever comes of it; returns whether that was interrupted."""
    from pytest_scs.run.report_signing import sign_reports

    signed = sign_reports(key, reports.paths, partial(active.interruption.at_once, first=True))
    active.outcome.written += signed.written
    for problem in signed.problems:
        active.note_problem(problem)
    return signed.interrupted


def _exit_code(active: Session, run: Run) -> int:
    code = run.exit_code()
    if active.foreign_failure:
        if code != _FAILED:
            active.outcome.notes.append(_NONE_FAILED.format(code=_OTHERS_FAILED))
        return _FAILED
    if code == 0 and (active.outcome.incomplete or active.outcome.problems):
        return INCOMPLETE
    return code


def _write(active: Session, run: Run, reports: ReportFiles | None) -> tuple[list[str], list[str]]:
    """Each file on its own: a full disk for one must not cost the other.

    Returns a line for each file that is written, and one for each that could not be.
    """
    settings = active.settings
    written: list[str] = []
    problems: list[str] = []
    if reports:
        with _surviving(active, "writing the reports"):
            reports.write(run)
        written += reports.written
        problems += reports.problems
    if settings.result_files:
        with _surviving(active, "writing the files of results"):
            lines, failed = write_result_files(settings.result_files, active.for_files.outcome_of(run))
            written += lines
            problems += failed
    if settings.record:
        known = [inventory for subject in active.subjects if (inventory := active.known(subject))]
        if not known:
            return written, [*problems, "no evidence was recorded: nothing was read"]
        with _surviving(active, "recording the evidence"):
            try:
                write_evidence(settings.record, known, active.selection.scopes, partial(active.redact.plain, ids=True))
                written.append(f"evidence: {settings.record}")
            except OSError as error:
                problems.append(f"the evidence could not be written to {settings.record}: {error.strerror or error}")
    return written, problems
