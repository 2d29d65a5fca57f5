# SPDX-License-Identifier: Apache-2.0
"""Hooks of the process that the user started, a few lines each."""

from __future__ import annotations

import functools
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest

from pytest_scs.reports import terminal
from pytest_scs.run import (
    early_interrupts,
    finish,
    foreign_warnings,
    other_reports,
    outcomes,
    pytest_internals,
    pytest_masks,
    pytest_terminal,
    scheduling,
)
from pytest_scs.run.session import Session
from pytest_scs.run.usage import masked_errors, usage_errors

if TYPE_CHECKING:
    from pytest_scs.base.streams import LastingStream


class MainProcess:
    """Hooks of the process that the user started; registered when a scope is selected and this is no xdist worker."""

    def __init__(self, session: Session, config: pytest.Config) -> None:
        self.session = session
        self._config = config
        self._output: LastingStream | None = None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> Generator[None]:
        """Mask what anybody writes to the terminal, as soon as there is one, and name our files as people know them.

        After it an interruption ends with a report.
        """
        early_interrupts.note_begun(session.config)
        self._output = pytest_terminal.outlive_output(session.config)
        pytest_masks.mask_terminal(session.config, self.session.redact)
        pytest_terminal.show_own_ids(session.config)
        try:
            yield
        except KeyboardInterrupt:
            # Then pytest does not call pytest_sessionfinish.
            finish.leave_report(self.session)
            raise

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect results, also those of workers."""
        outcomes.receive(report, self.session)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Hand a new worker what it needs to know."""
        node.workerinput["scs"] = self.session.for_worker()

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any, ids: list[str]) -> None:
        """Read the subjects once; no test is sent to a worker before this returns."""
        with foreign_warnings.ignored():
            usage_errors(masked_errors(self.session.redact)(self.session.expect_of_workers))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> Generator[None]:
        """Say at once what goes on: tidying up may take minutes, and a second Ctrl-C leaves things behind."""
        self.session.interruption.watch(functools.partial(early_interrupts.at_the_end, self._config))
        self.session.announce_removal()
        pytest_internals.leave_out_unplaced(excinfo)
        yield
        if not early_interrupts.has_begun(self._config):
            pytest_internals.forget_interruption(self._config)  # it is said in a line of ours

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:
        """Spread what waits long apart from the rest of its file, unless the user spreads tests in another way."""
        return (
            scheduling.by_file(config, log, self.session.waits_long) if config.getoption("dist") == "loadfile" else None
        )

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> Generator[None, Any, Any]:
        """Complete the results, write the files, set the exit code; then the others, inside pytest's own summary.

        An interruption from here on costs nothing of that.
        """
        self.session.interruption.hold(functools.partial(early_interrupts.at_the_end, self._config))
        early_interrupts.note_over(self._config, lambda: self.session.interruption.has_come)
        with foreign_warnings.ignored():
            finish.finish(self.session, session, exitstatus)
        with other_reports.late_problems(self.session, session):
            other_reports.take_over_html(self.session, session)
            try:
                return (yield)
            except Exception as error:  # whatever it is, the verdicts must not be lost
                other_reports.survive(self.session, session, error)
            finally:
                other_reports.mask_files_of_others(self.session, session)
                finish.say_unshown(self.session, self._output)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Notice errors of test modules; pytest has to show them."""
        pytest_masks.mask_report(report, self.session.redact)
        if report.failed:
            self.session.note_foreign_failure()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> Generator[None, None, None]:
        """After everybody else: findings by standard, then the verdict per version."""
        if not self.session.foreign_failure:
            # They would repeat one by one what our summary says by standard.
            pytest_terminal.leave_out_failures(terminalreporter)
        yield
        terminal.summary(terminalreporter, self.session.outcome, self.session.redact)
