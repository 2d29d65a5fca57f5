# SPDX-License-Identifier: Apache-2.0
"""The JUnit file of pytest, completed: every ABORT is an error, and what fails outside target main says why.

pytest files a report by the phase it comes from: an ABORT of a fixture as error, one of the testcase as failure. For
what is shown as xfailed it writes the reason only.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from pytest_scs.base.files import write_atomically
from pytest_scs.core.results import Run, RunOutcome
from pytest_scs.core.verdict import Verdict
from pytest_scs.reports.lines import explanation


class JunitHooks:
    """Registered only where a JUnit file was asked for."""

    def __init__(self, path: Path, outcome: Callable[[], RunOutcome]) -> None:
        """``outcome`` gives what there is to report, as far as it is known."""
        self.path = path
        self._outcome = outcome

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self) -> Generator[None, Any, Any]:
        """Complete the file as soon as pytest has written it, before the terminal says how all ended."""
        outcome = yield
        run = self._outcome().run
        if run and self.path.is_file():
            try:
                # Text of this very run, which pytest has escaped.
                root = ElementTree.fromstring(self.path.read_bytes())  # noqa: S314
                complete(root, run)
                write_atomically(self.path, ElementTree.tostring(root, "unicode", xml_declaration=True))
            except (OSError, ElementTree.ParseError) as error:
                self._outcome().problems.append(f"{self.path} could not be completed: {error}")
        return outcome


def complete(root: ElementTree.Element, run: Run) -> None:
    """Change the document of a run in place."""
    subject_runs = {subject_run.subject.name: subject_run for subject_run in run.subject_runs}
    for case in root.iter("testcase"):
        known = {entry.get("name"): entry.get("value", "") for entry in case.iter("property")}
        subject_run, entry = (
            subject_runs.get(known.get("scs_cloud", "")),
            run.selection.expected.get(known.get("scs_testcase", "")),
        )
        if subject_run is None or entry is None or entry.id not in subject_run.results:
            continue
        result = subject_run.results[entry.id]
        verdict = result.verdict(run.judge)
        if verdict is Verdict.ABORT:
            for failure in case.findall("failure"):
                failure.tag = "error"
        if verdict in (Verdict.FAIL, Verdict.ABORT) and not entry.decisive:
            for skipped in case.findall("skipped"):
                skipped.text = run.redact(explanation(result, entry, run.judge, limit=None))
    for suite in root.iter("testsuite"):
        for attribute, tag in (("failures", "failure"), ("errors", "error")):
            if attribute in suite.attrib:
                suite.set(attribute, str(len(suite.findall(f".//{tag}"))))
