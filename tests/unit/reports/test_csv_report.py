# SPDX-License-Identifier: Apache-2.0
"""The findings as CSV: one line each, and nothing that a spreadsheet would compute."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.core.findings import Finding
from pytest_scs.core.results import Result, Run, RunOutcome
from pytest_scs.reports.machines.csv_report import COLUMNS, cell, render

MakeRun = Callable[..., Run]
MakeResult = Callable[..., Result]


def rows(run: Run) -> list[dict[str, str]]:
    text = render(run, RunOutcome(run))
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_line_for_each_finding_and_for_each_testcase_without_a_verdict(
    make_run: MakeRun, make_result: MakeResult
) -> None:
    result = make_result("scs-0100-one", "FAIL")
    result.findings.append(Finding('flavor "a", b', "scs-0100/x", "1", "2"))
    found = rows(make_run({"scs-0100-one": result, "scs-0100-two": "ABORT", "five-check": "MISS"}))
    assert [(row["testcase"], row["resource"], row["cause_kind"]) for row in found] == [
        ("scs-0100-one", 'flavor "a", b', ""),
        ("scs-0100-one", "flavor SCS-1V-4", ""),
        ("scs-0100-two", "", "outage"),
        ("five-check", "", "interrupted"),
    ]
    assert found[1] | {"url": ""} == {
        "judged_at": "2026-06-15T12:03:44.120934+00:00",
        "subject": "testcloud",
        "platform": "openstack",
        "standard": "scs-0100",
        "testcase": "scs-0100-one",
        "verdict": "FAIL",
        "decisive": "yes",
        "versions": "mini-next main",
        "rule": "disk",
        "title": "",
        "resource": "flavor SCS-1V-4",
        "resource_id": "4711",
        "expected": "0 GiB",
        "observed": "10 GiB",
        "counts": "yes",
        "basis": "both",
        "deviation": "",
        "hint": "openstack flavor delete 4711",
        "cause_kind": "",
        "cause": "",
        "url": "",
        "waived": "",
    }


def test_a_run_without_findings_has_the_headings(make_run: MakeRun) -> None:
    run = make_run()
    assert render(run, RunOutcome(run)) == ",".join(COLUMNS) + "\r\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("  =1", "'  =1"),
        ("\uff1d1", "'\uff1d1"),
        ("\t=1", "\\t=1"),
        ("\r=1", "\\r=1"),
        ("a=1", "a=1"),
        ("a;=1;+1; -1;b", "a;'=1;'+1;' -1;b"),
        (";@SUM(A1)", ";'@SUM(A1)"),
        ("", ""),
    ],
)
def test_formulas_are_texts(text: str, shown: str) -> None:
    assert cell(text) == shown


@given(st.text())
def test_no_text_makes_a_line_or_a_formula(text: str) -> None:
    shown = cell(text)
    for part in shown.split(";"):
        assert not part.strip().startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert len(shown.splitlines()) <= 1
