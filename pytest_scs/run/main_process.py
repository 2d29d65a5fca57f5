# SPDX-License-Identifier: Apache-2.0
"""Hooks of the process that the user started, a few lines each."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from pytest_scs.reports import terminal
from pytest_scs.run import finish, outcomes, pytest_internals
from pytest_scs.run.session import Session
from pytest_scs.run.usage import usage_errors


class MainProcess:
    """Hooks of the process that the user started; registered when a scope is selected and this is no xdist worker."""

    def __init__(self, session: Session) -> None:
        self.session = session

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
        usage_errors(self.session.expect_of_workers)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> Generator[None, Any, Any]:
        """Complete the results, write the files, set the exit code; then the others, inside pytest's own summary."""
        finish.finish(self.session, session, exitstatus)
        try:
            return (yield)
        except Exception as error:  # whatever it is, the verdicts must not be lost
            finish.survive(self.session, session, error)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Notice errors of test modules; pytest has to show them."""
        if report.failed:
            self.session.note_foreign_failure()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> Generator[None, None, None]:
        """After everybody else: findings by standard, then the verdict per version."""
        if not self.session.foreign_failure:
            # They would repeat one by one what our summary says by standard.
            pytest_internals.leave_out_failures(terminalreporter)
        yield
        terminal.summary(terminalreporter, self.session.outcome, self.session.redact)
