# SPDX-License-Identifier: Apache-2.0
"""Metrics: the same in both formats that there are, and no more of them where more is wrong."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st
from metric_samples import Samples, read, value
from prometheus_client import openmetrics, parser

from pytest_scs.core.findings import Finding
from pytest_scs.core.results import Result, Run, RunOutcome
from pytest_scs.core.subject import Subject
from pytest_scs.reports.machines.metrics import escape, render

MakeRun = Callable[..., Run]
MakeResult = Callable[..., Result]


def samples(run: Run, *problems: str) -> Samples:
    """Name and labels -> value, as both readers see them."""
    return read(render(run, RunOutcome(run, [*problems])))


def test_verdicts_are_states(make_run: MakeRun, make_result: MakeResult) -> None:
    result = make_result("scs-0100-one", "FAIL")
    result.findings.append(Finding("flavor a", "scs-0100/x", "1", "2"))
    result.duration = 1.5
    run = make_run({"scs-0100-one": result, "scs-0100-two": "ABORT"})
    run.subject_runs[0].debug.update(requests_total=7, requests_by_testcase={"scs-0100-one": 3}, seconds_reading=0.5)
    found = samples(run)
    for verdict, number in (("FAIL", 1), ("MISS", 0), ("ABORT", 0), ("PASS", 0)):
        assert value(found, "scs_testcase_verdict", testcase="scs-0100-one", verdict=verdict) == number
        assert value(found, "scs_version_verdict", target="main", verdict=verdict) == number
    assert value(found, "scs_testcase_verdict", testcase="scs-0100-two", verdict="ABORT") == 1
    assert value(found, "scs_version_testcases", target="main", verdict="ABORT") == 1
    assert value(found, "scs_testcase_violations", testcase="scs-0100-one") == 2
    assert value(found, "scs_testcase_duration_seconds", testcase="scs-0100-one") == 1.5
    assert value(found, "scs_testcase_requests", testcase="scs-0100-one") == 3
    assert value(found, "scs_check_requests", subject="testcloud", platform="openstack") == 7
    assert value(found, "scs_check_reading_seconds") == 0.5
    assert value(found, "scs_check_timestamp_seconds") == 1781525024.12


def test_the_number_of_series_does_not_depend_on_what_is_wrong(make_run: MakeRun, make_result: MakeResult) -> None:
    result = make_result("scs-0100-one", "FAIL")
    result.findings += [Finding(f"flavor {number}", "scs-0100/x", "1", "2") for number in range(500)]
    assert samples(make_run()).keys() == samples(make_run({"scs-0100-one": result})).keys()


def test_each_subject_has_its_own(make_run: MakeRun) -> None:
    run = make_run(clouds=("a", "b"))
    run.subject_runs[1].subject = Subject("openstack", "b", 'odd "name"\\')
    found = samples(run, "the disk is full")
    assert value(found, "scs_check_problems", subject='odd "name"\\') == 1
    assert value(found, "scs_check_complete", subject="a") == 1


def test_a_partial_run_says_so(make_run: MakeRun) -> None:
    assert value(samples(make_run(chosen=("scs-0100-one",))), "scs_check_complete") == 0
    assert value(samples(make_run(interrupted=True)), "scs_check_complete") == 0


@given(st.text(alphabet=st.characters(exclude_categories=("Cs",), exclude_characters="\r")))
def test_labels_hold_any_text(text: str) -> None:
    line = f'# TYPE a gauge\na{{b="{escape(text)}"}} 1\n'
    for families, end in (
        (openmetrics.parser.text_string_to_metric_families, "# EOF\n"),
        (parser.text_string_to_metric_families, ""),
    ):
        [family] = families(line + end)
        assert family.samples[0].labels == {"b": text}
