# SPDX-License-Identifier: Apache-2.0
"""Metrics of a folder of reports: one meaning in both formats, and beside those of a run no series twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from metric_samples import Samples, read, value
from stored_reports import CHECKED, IAAS, KAAS, NOW, stored

from pytest_scs.core.results import Run, RunOutcome
from pytest_scs.core.selection import known_scopes
from pytest_scs.pipeline.report_store import StoredReport
from pytest_scs.pipeline.scorecard.fleet_metrics import render
from pytest_scs.pipeline.scorecard.scorecard import fleet
from pytest_scs.reports.machines import metrics

SCOPES = known_scopes()
MAIN = SCOPES[IAAS].versions["v5.1"].targets()["main"]
SYNTAX = "scs-0100-syntax-check"


def samples(*reports: StoredReport, now: dt.datetime = NOW) -> Samples:
    return read(render(fleet(reports, SCOPES, now)))


def test_verdicts_expiry_and_due() -> None:
    found = samples(stored({**dict.fromkeys(MAIN, "PASS"), SYNTAX: "FAIL"}), now=CHECKED + dt.timedelta(days=1))
    assert value(found, "scs_scope_verdict", verdict="FAIL") == 1
    assert value(found, "scs_version_verdict", version="v5.1", verdict="FAIL") == 1
    assert value(found, "scs_version_ready_to_certify", version="v5.1") == 0
    assert value(found, "scs_testcase_verdict", testcase=SYNTAX, verdict="FAIL") == 1
    assert (
        value(found, "scs_testcase_due_timestamp_seconds", testcase=SYNTAX)
        == CHECKED.replace(tzinfo=dt.UTC).timestamp()
    )
    ends = dt.datetime(2026, 11, 30, tzinfo=dt.UTC).timestamp()
    assert value(found, "scs_testcase_expiry_timestamp_seconds", testcase=SYNTAX) == ends
    assert value(found, "scs_testcase_due", testcase=SYNTAX) == 1
    assert value(found, "scs_scope_due_testcases") == 1
    assert value(found, "scs_scope_overdue_testcases") == 0
    late = samples(stored(dict.fromkeys(MAIN, "PASS")), now=CHECKED + dt.timedelta(days=30))
    assert value(late, "scs_scope_overdue_testcases") == len(MAIN)
    assert not any(number for (name, _labels), number in late.items() if name == "scs_scope_verdict")


def test_each_subject_and_scope_has_its_own_whatever_it_is_called() -> None:
    hostile = 'a"b\\c\nscs_scope_verdict{} 1\r'
    found = samples(
        stored({SYNTAX: "PASS"}, hostile),
        stored({SYNTAX: "PASS"}),
        stored({"version-policy-check": "PASS"}, scope=KAAS),
        stored({"a": "PASS"}, scope="unknown"),
    )
    assert len([name for name, _labels in found if name == "scs_scope_reports"]) == 3


def test_no_series_is_that_of_a_run_and_metrics_of_both_mean_the_same(make_run: Callable[..., Run]) -> None:
    run = make_run()
    text = metrics.render(run, RunOutcome(run))
    ours = render(fleet([stored({SYNTAX: "PASS"}, "testcloud")], SCOPES, NOW))
    assert not read(text).keys() & read(ours).keys()
    told = {line.split()[2]: line for line in text.splitlines() if line.startswith("# HELP")}
    assert told.keys() & {line.split()[2] for line in ours.splitlines() if line.startswith("# HELP")}
    for line in ours.splitlines():
        if line.startswith("# HELP"):
            assert told.get(line.split()[2], line) == line
