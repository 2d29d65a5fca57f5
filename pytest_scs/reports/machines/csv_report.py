# SPDX-License-Identifier: Apache-2.0
"""The CSV report (RFC 4180, UTF-8): one line for each finding, and one for each testcase without a verdict."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from pytest_scs.base.words import printable
from pytest_scs.core.results import Run, RunOutcome
from pytest_scs.reports.machines import model
from pytest_scs.reports.machines.build import machine_report

COLUMNS = (
    "judged_at",
    "subject",
    "platform",
    "standard",
    "testcase",
    "verdict",
    "decisive",
    "versions",
    "rule",
    "title",
    "resource",
    "resource_id",
    "expected",
    "observed",
    "counts",
    "basis",
    "deviation",
    "hint",
    "cause_kind",
    "cause",
    "url",
    "waived",
)

# What a spreadsheet takes for the beginning of a formula; the wide forms are read as the narrow ones in some languages.
# In some countries a semicolon parts cells, whatever the commas say. Blanks in front keep no formula from being one.
_FORMULA = re.compile(r"(^|;)(\s*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")


def render(run: Run, outcome: RunOutcome) -> str:
    """The report of a run as CSV text, with a line of headings."""
    report = machine_report(run, outcome)
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in _rows(report):
        writer.writerow([cell(row.get(name, "")) for name in COLUMNS])
    return target.getvalue()


def cell(text: str) -> str:
    """A text as a spreadsheet shows it, and never computes it; on one line."""
    return _FORMULA.sub(lambda found: f"{found[1]}'{found[2]}", printable(text))


def _rows(report: model.MachineReport) -> Iterator[dict[str, str]]:
    for subject in report.subjects:
        about_run = {
            "judged_at": report.run.judged_at,
            "subject": subject.report_name,
            "platform": subject.platform,
        }
        for result in subject.results:
            about = about_run | _of_testcase(result)
            for finding in result.findings:
                yield about | _of_finding(finding)
            if result.cause:
                yield about | {"cause_kind": str(result.cause.kind), "cause": result.cause.text}


def _of_testcase(result: model.ResultEntry) -> dict[str, str]:
    return {
        "standard": result.standard,
        "testcase": result.testcase,
        "verdict": str(result.verdict),
        "decisive": _truth(result.decisive),
        "versions": "; ".join(f"{one.version} {one.target}" for one in result.memberships),
        "url": result.url,
        "waived": "; ".join(
            f"until {one.expires}" + (f" by {one.owner}: {one.reason} ({one.ticket})" if one.reason else "")
            for one in result.waived
        ),
    }


def _of_finding(finding: model.FindingEntry) -> dict[str, str]:
    return {
        "rule": finding.rule,
        "title": finding.title,
        "resource": finding.resource,
        "resource_id": finding.resource_id,
        "expected": finding.expected,
        "observed": finding.observed,
        "counts": _truth(finding.counts),
        "basis": str(finding.basis),
        "deviation": finding.deviation,
        "hint": finding.hint,
    }


def _truth(value: bool) -> str:
    return "yes" if value else "no"
