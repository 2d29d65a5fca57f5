# SPDX-License-Identifier: Apache-2.0
"""The end of a run: complete results, files, exit code. Runs also after Ctrl-C and internal errors."""

from __future__ import annotations

import pytest

from pytest_scs.core.results import Run
from pytest_scs.evidence.recording import write_evidence
from pytest_scs.evidence.source import broken_off
from pytest_scs.run import pytest_internals
from pytest_scs.run.chosen import why_nothing
from pytest_scs.run.report_files import ReportFiles
from pytest_scs.run.session import Session

#: No FAIL, but something that should have a verdict has none, or something was left behind.
INCOMPLETE = 6


def finish(active: Session, session: pytest.Session, exitstatus: int) -> None:
    """Write the files the user asked for and set the exit code of the session."""
    if active.settings.plan or pytest_internals.only_collects(session.config):
        return
    interrupted = exitstatus in (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR)
    if not active.has_begun:
        # A report of an earlier run says more than one without verdicts.
        active.tidy_up()
        _say_nothing_was_judged(active, session, exitstatus)
        return
    stopped = pytest_internals.why_stopped(session)
    if stopped:
        stopped += " (-x, --maxfail)"
    reports = ReportFiles(active.settings.report) if active.settings.report else None
    if interrupted:
        # Tidying up takes a while, and whoever is impatient must not lose the report.
        _write(active, active.run(interrupted, stopped), reports)
    try:
        active.tidy_up()
    except (Exception, KeyboardInterrupt) as error:
        active.note_left_incomplete([broken_off(error)])
    run = active.run(interrupted, stopped)
    active.outcome.run = run
    active.outcome.written, problems = _write(active, run, reports)
    for problem in problems:
        active.note_problem(problem)
    if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        pytest_internals.set_exit_code(session, _exit_code(active, run))


def survive(active: Session, session: pytest.Session, error: Exception) -> None:
    """Note what another plugin raised at the end: the summary says it, and the exit code shows it."""
    if isinstance(error, OSError) and error.filename is None:
        # One that occurs while a file is written, as on a full disk, does not say which.
        which = " or ".join(reversed(pytest_internals.files_asked_for(session.config).values()))
        cause = f"{error.strerror or error} ({which})" if which else str(error)
    else:
        cause = " ".join(str(error).split())
    active.note_problem(f"another report could not be written: {type(error).__name__}: {cause}")
    if pytest_internals.exit_code(session) == pytest.ExitCode.OK:
        pytest_internals.set_exit_code(session, INCOMPLETE)


def _say_nothing_was_judged(active: Session, session: pytest.Session, exitstatus: int) -> None:
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED or (active.has_collected and not active.foreign_failure):
        config = session.config
        named = bool(pytest_internals.named_files(config))
        why = why_nothing(active.selection, pytest_internals.marker_expression(config), named)
        active.note_problem(f"nothing was judged: {why}")
        if exitstatus == pytest.ExitCode.OK and session.config.getoption("scs_scope"):
            # With the scope in the ini file, whoever names files means tests of a project.
            pytest_internals.set_exit_code(session, pytest.ExitCode.NO_TESTS_COLLECTED)


def _exit_code(active: Session, run: Run) -> int:
    code = run.exit_code()
    if active.foreign_failure:
        return int(pytest.ExitCode.TESTS_FAILED)
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
        reports.write(run)
        written += reports.written
        problems += reports.problems
    if settings.record:
        known = [inventory for subject in active.subjects if (inventory := active.known(subject))]
        if not known:
            return written, [*problems, "no evidence was recorded: nothing was read"]
        try:
            write_evidence(settings.record, known, active.selection.scopes, active.redact)
            written.append(f"evidence: {settings.record}")
        except OSError as error:
            problems.append(f"the evidence could not be written to {settings.record}: {error.strerror or error}")
    return written, problems
