# SPDX-License-Identifier: Apache-2.0
"""The end of a run: complete results, files, exit code. Runs also after Ctrl-C and internal errors."""

from __future__ import annotations

import pytest

from pytest_scs.chosen import why_nothing
from pytest_scs.evidence.recording import write_evidence
from pytest_scs.evidence.source import broken_off
from pytest_scs.files import write_atomically
from pytest_scs.reports import scs_yaml
from pytest_scs.results import Run
from pytest_scs.run.session import Session

#: No FAIL, but something that should have a verdict has none, or something was left behind.
INCOMPLETE = 6


def finish(active: Session, session: pytest.Session, exitstatus: int) -> None:
    """Write the files the user asked for and set the exit code of the session."""
    if active.settings.plan or session.config.option.collectonly:
        return
    interrupted = exitstatus in (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR)
    if not active.has_begun:
        # A report of an earlier run says more than one without verdicts.
        active.tidy_up()
        _say_nothing_was_judged(active, session, exitstatus)
        return
    stopped = _stopped(session)
    if interrupted:
        # Tidying up takes a while, and whoever is impatient must not lose the report.
        _write(active, active.run(interrupted, stopped))
    try:
        active.tidy_up()
    except (Exception, KeyboardInterrupt) as error:
        active.note_left_incomplete([broken_off(error)])
    run = active.run(interrupted, stopped)
    active.outcome.run = run
    active.outcome.written, problems = _write(active, run)
    for problem in problems:
        active.note_problem(problem)
    if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        session.exitstatus = _exit_code(active, run)


def _stopped(session: pytest.Session) -> str:
    """What ended the run early because the user wanted it so, in words; empty if nothing did."""
    workers = session.config.pluginmanager.getplugin("dsession")
    reason = session.shouldfail or getattr(workers, "shouldstop", "")
    early = str(reason).startswith("stopping after") and session.config.getoption("maxfail", 0)
    return f"{reason} (-x, --maxfail)" if early else ""


def survive(active: Session, session: pytest.Session, error: Exception) -> None:
    """Note what another plugin raised at the end: the summary says it, and the exit code shows it."""
    if isinstance(error, OSError) and error.filename is None:
        # One that occurs while a file is written, as on a full disk, does not say which.
        names = (getattr(session.config.option, name, None) for name in ("xmlpath", "htmlpath"))
        which = " or ".join(str(name) for name in names if name)
        cause = f"{error.strerror or error} ({which})" if which else str(error)
    else:
        cause = " ".join(str(error).split())
    active.note_problem(f"another report could not be written: {type(error).__name__}: {cause}")
    if session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = INCOMPLETE


def _say_nothing_was_judged(active: Session, session: pytest.Session, exitstatus: int) -> None:
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED or (active.has_collected and not active.foreign_failure):
        why = why_nothing(
            active.selection, session.config.option.markexpr, bool(session.config.known_args_namespace.file_or_dir)
        )
        active.note_problem(f"nothing was judged: {why}")
        if exitstatus == pytest.ExitCode.OK and session.config.getoption("scs_scope"):
            # With the scope in the ini file, whoever names files means tests of a project.
            session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED


def _exit_code(active: Session, run: Run) -> int:
    code = run.exit_code()
    if active.foreign_failure:
        return int(pytest.ExitCode.TESTS_FAILED)
    if code == 0 and (active.outcome.incomplete or active.outcome.problems):
        return INCOMPLETE
    return code


def _write(active: Session, run: Run) -> tuple[list[str], list[str]]:
    """Each file on its own: a full disk for one must not cost the other.

    Returns a line for each file that is written, and one for each that could not be.
    """
    settings = active.settings
    written: list[str] = []
    problems: list[str] = []
    if settings.report:
        try:
            write_atomically(settings.report, scs_yaml.render(run))
            written.append(f"SCS report: {settings.report}")
        except OSError as error:
            problems.append(f"the report could not be written to {settings.report}: {error.strerror or error}")
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
