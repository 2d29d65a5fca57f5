# SPDX-License-Identifier: Apache-2.0
"""The JUnit file of pytest, completed, and made valid for those who read such files.

pytest files a report by the phase it comes from: an ABORT of a fixture as error, one of the testcase as failure. For
what is shown as xfailed it writes the reason only. Its properties of a testcase are none that the schema of Jenkins
(xunit-plugin's junit-10.xsd) knows; they stand in the testcase's ``system-out``, which GitLab shows as well. Those of
the whole run stay properties of the suite.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, Protocol
from xml.etree import ElementTree

import pytest

import pytest_scs
from pytest_scs.base.files import why_unwritable, write_atomically
from pytest_scs.base.signals import temporary_folder
from pytest_scs.base.words import cut, printable
from pytest_scs.core.results import Result, Run, RunOutcome, SubjectRun
from pytest_scs.core.selection import Expected
from pytest_scs.core.subject import Subject
from pytest_scs.core.verdict import Verdict, combine
from pytest_scs.reports.lines import count, explanation

#: Most bytes of one text; what renders such files cuts, or refuses, longer ones.
MOST_BYTES = 64 * 1024

# Most characters of a message, which is a heading.
_MOST_MESSAGE = 1000

# Where a text may stand that describes what happened.
_OUTCOMES = ("failure", "error", "skipped")


class Turn(Protocol):
    """What pytest's own reporter does at the end of a run."""

    def skip(self) -> None:
        """Before its turn: it does nothing."""

    def write(self, path: Path) -> None:
        """Write its document into a file; raises OSError."""

    def end(self, *, written: bool) -> None:
        """It may say whether its file is written."""


class JunitHooks:
    """Registered only where a JUnit file was asked for."""

    def __init__(
        self,
        path: Path,
        turn: Turn,
        outcome: Callable[[], RunOutcome],
        redact: Callable[[str], str],
        shown: Callable[[Run], Run] = lambda run: run,
    ) -> None:
        """``turn`` is that of pytest's reporter; ``outcome`` gives what there is to report, as far as it is known.

        ``redact`` masks secrets; ``shown`` makes of a run what the readers of the file may know of it.
        """
        self.path = path
        self._turn = turn
        self._outcome = outcome
        self._redact = redact
        self._shown = shown

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self) -> Generator[None, Any, Any]:
        """Write the file when pytest has had its turn, before the terminal says how all ended.

        Whole or not at all, and whatever becomes of the files of others.
        """
        self._turn.skip()
        try:
            return (yield)
        finally:
            self._turn.end(written=self._write())

    def _write(self) -> bool:
        if str(self.path) == os.devnull:
            return True
        run = self._outcome().run
        try:
            root = self._document()
            if run:
                complete(root, run, self._shown(run))
            mask(root, self._redact)
            conform(root)
            write_atomically(self.path, ElementTree.tostring(root, "unicode", xml_declaration=True))
        except (OSError, ElementTree.ParseError) as error:
            why = why_unwritable(error) if isinstance(error, OSError) else error
            self._outcome().problems.append(printable(self._redact(f"{self.path} could not be written: {why}")))
            return False
        return True

    def _document(self) -> ElementTree.Element:
        """What pytest writes."""
        with temporary_folder("scs-junit-") as folder:
            own = folder / "junit.xml"
            self._turn.write(own)
            # Text of this very run, which pytest has escaped.
            return ElementTree.fromstring(own.read_bytes())  # noqa: S314


def mask(root: ElementTree.Element, redact: Callable[[str], str]) -> None:
    """Mask all texts and values of a document in place."""
    for element in root.iter():
        element.text, element.tail = (text and redact(text) for text in (element.text, element.tail))
        for name, value in element.attrib.items():
            element.set(name, redact(value))


def complete(root: ElementTree.Element, run: Run, shown: Run | None = None) -> None:
    """Say in the document of a run what pytest does not know, in place; ``shown`` is the run as readers may know it."""
    shown = shown or run
    subject_runs = {
        (subject_run.subject.name, testcase): (subject_run.subject, for_readers)
        for subject_run, for_readers in zip(run.subject_runs, shown.subject_runs, strict=True)
        for testcase in subject_run.results
    }
    for case in root.iter("testcase"):
        known = {entry.get("name"): entry.get("value", "") for entry in case.iter("property")}
        testcase = known.get("scs_testcase", "")
        found = subject_runs.get((known.get("scs_cloud", ""), testcase))
        entry = run.selection.expected.get(testcase)
        if found is None or entry is None:
            continue
        subject, subject_run = found
        _name_publicly(case, subject)
        # Wherever the bundled testcases lie, and wherever the run was started.
        case.set("classname", re.sub(r"^.*\btestcases\.", "", case.get("classname", "")))
        _tell(case, subject_run.results[testcase], entry, shown)
    for suite in root.iter("testsuite"):
        _describe(suite, shown)
        for attribute, tag in (("failures", "failure"), ("errors", "error")):
            if attribute in suite.attrib:
                suite.set(attribute, str(len(suite.findall(f".//{tag}"))))


def conform(root: ElementTree.Element) -> None:
    """Bring a document into the form that the schemas of its readers ask for, in place."""
    for case in root.iter("testcase"):
        _move_properties(case)
        for tag in _OUTCOMES:
            for outcome in case.findall(tag):
                outcome.text = outcome.text and cut_lines(outcome.text, MOST_BYTES)
                if message := outcome.get("message"):
                    outcome.set("message", cut(message, _MOST_MESSAGE))
    suites = root.findall("testsuite")
    if root.tag == "testsuites" and suites:
        for name in ("tests", "failures", "errors"):
            root.set(name, str(sum(int(suite.get(name, 0)) for suite in suites)))
        root.set("time", f"{sum(float(suite.get('time', 0)) for suite in suites):.3f}")


def _name_publicly(case: ElementTree.Element, subject: Subject) -> None:
    """Call a subject as the reports do: what a file of credentials calls it, is nobody else's business."""
    for entry in case.iter("property"):
        if entry.get("name") == "scs_cloud":
            entry.set("value", subject.report_name)
    name, known = case.get("name", ""), f"[{subject.name}]"
    if name.endswith(known):
        case.set("name", f"{name.removesuffix(known)}[{subject.report_name}]")


def _tell(case: ElementTree.Element, result: Result, entry: Expected, run: Run) -> None:
    """Let the outcome of a testcase say all that was found: FAIL is a failure, ABORT an error."""
    verdict = result.verdict(run.judge)
    if verdict is Verdict.ABORT:
        for failure in case.findall("failure"):
            failure.tag = "error"
    if verdict not in (Verdict.FAIL, Verdict.ABORT):
        return
    fails = entry.decisive and not result.waived
    for tag in ("failure", "error") if fails else ("skipped",):
        for outcome in case.findall(tag):
            if outcome.get("message", "").startswith("failed on teardown"):
                continue
            outcome.text = run.redact(fitting(result, entry, run))
            if fails:
                outcome.set("message", printable(run.redact(_message(result, run))))


def _message(result: Result, run: Run) -> str:
    """One line for a list of what went wrong."""
    if result.verdict(run.judge) is Verdict.FAIL:
        return f"FAIL {count(result, run.judge)}"
    return f"ABORT {result.testcase}: {result.cause.with_kind if result.cause else 'not decided'}"


def fitting(result: Result, entry: Expected, run: Run) -> str:
    """The result in full, or with as many violations as there is room for, and the number of the others."""
    text = explanation(result, entry, run.judge, limit=None)
    limit = len(result.violations(run.judge))
    while limit > 1 and (size := len(text.encode("utf-8", "replace"))) > MOST_BYTES:
        # They are of about the same length; the factor keeps it from being tried too often.
        limit = min(limit - 1, max(1, int(limit * MOST_BYTES / size * 0.95)))
        text = explanation(result, entry, run.judge, limit=limit)
    return text


def cut_lines(text: str, most: int) -> str:
    """A text of at most ``most`` bytes: what does not fit is left out at its end, as whole lines where that can be."""
    if len(text.encode("utf-8", "replace")) <= most:
        return text
    lines = text.splitlines()
    kept: list[str] = []
    # For the line that says how many are left out.
    room = most - 40
    for line in lines:
        shown = cut(line, most // 8)
        room -= len(shown.encode("utf-8", "replace")) + 1
        if room < 0:
            break
        kept.append(shown)
    left_out = len(lines) - len(kept)
    return "\n".join([*kept, *([f"... and {left_out} more lines"] if left_out else [])])


def _move_properties(case: ElementTree.Element) -> None:
    """Into the output of the testcase, in the spelling by which tools find properties there."""
    lines = []
    for properties in case.findall("properties"):
        lines += [f"[[PROPERTY|{one.get('name', '')}={one.get('value', '')}]]" for one in properties.iter("property")]
        case.remove(properties)
    if lines:
        output = case.find("system-out")
        if output is None:
            output = ElementTree.SubElement(case, "system-out")
        output.text = "\n".join([*lines, *([output.text] if output.text else [])])


def _describe(suite: ElementTree.Element, run: Run) -> None:
    """What was judged, and the verdicts on versions, as properties of the suite."""
    properties = suite.find("properties")
    if properties is None:
        properties = ElementTree.Element("properties")
        suite.insert(0, properties)
    for name, value in _facts(run):
        ElementTree.SubElement(properties, "property", name=name, value=printable(value))


def _facts(run: Run) -> Iterator[tuple[str, str]]:
    yield "scs_tool", f"pytest-scs {pytest_scs.__version__}"
    yield "scs_judge", str(run.judge)
    yield "scs_date", run.selection.date.isoformat()
    for subject_run in run.subject_runs:
        for name, verdict in _verdicts(run, subject_run):
            yield f"scs_verdict {subject_run.subject.report_name} {name}", verdict


def _verdicts(run: Run, subject_run: SubjectRun) -> Iterator[tuple[str, str]]:
    for version in run.selection.versions:
        for target in run.selection.targets:
            entries = run.members(version, target, subject_run)
            if entries and run.covers(version, target, subject_run.subject):
                yield f"{version.label} {target}", str(combine(run.verdicts(subject_run, entries)))
