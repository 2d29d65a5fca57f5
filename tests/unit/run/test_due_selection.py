# SPDX-License-Identifier: Apache-2.0
"""What --scs-due leaves out, and what is said about it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from pytest_scs.base.language import ENGLISH
from pytest_scs.core.results import Times
from pytest_scs.core.selection import select
from pytest_scs.core.subject import Subject
from pytest_scs.core.verdict import Verdict
from pytest_scs.pipeline.merging import KnownResult
from pytest_scs.run import due_selection
from pytest_scs.run.due_selection import choose, left_out_line
from pytest_scs.run.pipeline_options import DuePlace, PipelineSettings
from pytest_scs.run.subjects import SubjectsOfRun

NOW = dt.datetime(2026, 11, 26, 9)
ONE, TWO = Subject("openstack", "one"), Subject("openstack", "two", "second")
IAAS = "50393e6f-2ae1-4c5c-a62c-3b75f2abef3f"


def chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, known: Any, *scopes: str) -> Any:
    monkeypatch.setattr(due_selection, "newest_results", lambda reports: known)
    selection = select(scopes or ["iaas-v5.1"], NOW.date(), ["main", "preview"], tmp_path)
    settings = PipelineSettings(DuePlace(tmp_path))
    return selection, choose(settings, selection, SubjectsOfRun([ONE, TWO], selection), None, NOW)


def result(testcase: str, hours: float, verdict: Verdict = Verdict.PASS) -> KnownResult:
    return KnownResult(testcase, verdict, NOW - dt.timedelta(hours=hours), "id")


def test_without_reports_everything_is_due_but_what_nobody_has_answered(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    selection, choice = chosen(monkeypatch, tmp_path, {})
    assert not choice.not_due
    manual = {entry.id for entry in selection.expected.values() if entry.testcase.manual}
    assert {testcase for testcase, _ in choice.unanswered} == manual


def test_each_subject_has_results_of_its_own_by_its_name_in_reports(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    testcase = "scs-0100-syntax-check"
    _, choice = chosen(monkeypatch, tmp_path, {("second", IAAS): {testcase: result(testcase, 24)}})
    assert choice.not_due == {(testcase, TWO)}
    assert choice.reasons((testcase, ONE)) == ["no result"]
    assert choice.reasons((testcase, TWO)) == []


def test_a_testcase_of_two_scopes_is_due_as_soon_as_it_is_in_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    testcase = "scs-0100-syntax-check"
    known = {("one", IAAS): {testcase: result(testcase, 24)}}
    _, choice = chosen(monkeypatch, tmp_path, known, "iaas-v5.1", "iaas-v6")
    assert choice.reasons((testcase, ONE)) == ["no result"]


def times(name: str, day: int, *, left_out: bool = True) -> Times:
    until = dt.datetime(2026, 12, day)
    return Times(name, "scs-0100", ONE, until - dt.timedelta(days=3), until, left_out)


def test_the_line_tells_how_many_and_until_when_the_first_counts() -> None:
    line = left_out_line([times("a", 14), times("b", 7), times("c", 1, left_out=False)], ENGLISH)
    assert line == (
        "not due, left out: 2 testcases; the first of them counts until 2026-12-07 00:00 UTC (b on one), "
        "the next is due 2026-12-04 00:00 UTC"
    )
    assert left_out_line([times("b", 7)], ENGLISH, anything=False).startswith("nothing is due: 1 testcase left out; ")


def test_there_is_no_line_where_nothing_was_left_out() -> None:
    assert left_out_line([times("a", 14, left_out=False)], ENGLISH) == ""


def test_what_was_left_out_is_no_part_of_the_verdict(make_run: Any) -> None:
    run = make_run()
    version = run.selection.versions[0]
    subject = run.subject_runs[0].subject
    assert run.covers(version, "main", subject)
    left = next(entry.id for entry in run.selection.members(version, "main"))
    del run.subject_runs[0].results[left]
    run.times = (Times(left, "scs-0100", subject, None, None, left_out=True),)
    assert run.partial
    assert not run.covers(version, "main", subject)
    assert not run.covers(version, "main")
    assert run.covers(version, "main", Subject("openstack", "another"))
    assert run.exit_code() == 0
