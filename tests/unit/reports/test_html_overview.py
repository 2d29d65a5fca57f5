# SPDX-License-Identifier: Apache-2.0
"""The overview of several subjects on the HTML page: groups with their worst member, and how long results count."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from pytest_scs.core.results import Result, Run, RunOutcome, SubjectRun, Times
from pytest_scs.core.subject import Subject
from pytest_scs.core.verdict import Verdict
from pytest_scs.reports import html
from pytest_scs.reports.html_overview import OverviewGroup, overview

MakeRun = Callable[..., Run]
MakeResult = Callable[..., Result]

GIVEN = {"title": "SCS", "self_contained": True, "styles": "", "date": "", "time": "", "version": "", "run_count": ""}


@dataclasses.dataclass(frozen=True)
class FakeCard:
    verdict: Verdict
    open: bool = False


@dataclasses.dataclass(frozen=True)
class Member:
    name: str
    columns: Any

    @property
    def report_name(self) -> str:
        return f"r-{self.name}"


def member(name: str, *verdicts: Verdict | None) -> Member:
    # None: not judged for it.
    return Member(name, [FakeCard(verdict) if verdict else None for verdict in verdicts])


def names(found: list[OverviewGroup]) -> list[tuple[str, list[str]]]:
    return [(group.name, [one.name for one in group.members]) for group in found]


def test_groups_come_first_in_their_order_and_then_all_who_are_in_none() -> None:
    members = [member(name, Verdict.PASS) for name in "abcd"]
    groups = {"two": ["r-d", "r-x", "r-b"], "absent": ["r-y"], "one": ["r-a"]}
    assert names(overview(members, groups)) == [("two", ["d", "b"]), ("one", ["a"]), ("", ["c"])]
    assert names(overview(members, {})) == [("", ["a", "b", "c", "d"])]


@pytest.mark.parametrize(
    ("verdicts", "worst"),
    [
        ("PASS ABORT", "ABORT"),
        ("ABORT PASS MISS", "MISS"),
        ("PASS MISS FAIL", "FAIL"),
        ("PASS PASS", "PASS"),
    ],
)
def test_the_worst_member_stands_for_its_group(verdicts: str, worst: str) -> None:
    members = [member(str(number), Verdict(one)) for number, one in enumerate(verdicts.split())]
    [group] = overview(members, {"g": [one.report_name for one in members]})
    [found] = group.worst
    assert found is not None
    card, name = found
    assert card.verdict == worst
    assert name == str(verdicts.split().index(worst))


def test_who_is_not_judged_for_a_column_does_not_count_in_it() -> None:
    members = [member("a", Verdict.PASS, None), member("b", None, Verdict.FAIL), member("c", Verdict.PASS, None)]
    [group] = overview(members, {"g": ["r-a", "r-b", "r-c"]})
    assert [one and one[1] for one in group.worst] == ["a", "b"]
    [nobody] = overview([member("a", None)], {"g": ["r-a"]})
    assert nobody.worst == [None]


def test_a_member_without_verdict_stands_between_missing_and_abort() -> None:
    undecided = Member("u", [FakeCard(Verdict.PASS, open=True)])
    for verdict, name in ((Verdict.MISS, "o"), (Verdict.FAIL, "o"), (Verdict.ABORT, "u"), (Verdict.PASS, "u")):
        [group] = overview([undecided, member("o", verdict)], {"g": ["r-u", "r-o"]})
        assert group.worst[0] is not None
        assert group.worst[0][1] == name


def test_of_members_without_verdict_the_one_stands_for_the_group_of_whom_the_worst_is_known() -> None:
    members = [Member(one, [FakeCard(Verdict(one), open=True)]) for one in ("PASS", "ABORT", "MISS", "PASS")]
    [group] = overview(members, {"g": [one.report_name for one in members]})
    assert group.worst[0] is not None
    assert group.worst[0][1] == "MISS"


def test_of_whom_nothing_is_due_is_named_in_his_group(make_run: MakeRun) -> None:
    [found, rest] = overview([member("a", Verdict.PASS)], {"g": ["r-a", "r-b"]}, ["r-b", "r-c"])
    assert (found.idle, found.size, rest.name, rest.idle) == (["r-b"], 2, "", ["r-c"])
    [asleep] = overview([], {"g": ["r-b"]}, ["r-b"])
    assert (asleep.worst, asleep.size) == ([], 1)

    # The page tells whose verdicts it has, also where they are those of a single one.
    run = make_run({"scs-0100-two": "ABORT"}, clouds=("a",), chosen=["scs-0100-one", "scs-0100-two"])
    idle = Times("scs-0100-one", "scs-0100", Subject("openstack", "b", "b"), None, None, left_out=True)
    page = rendered(dataclasses.replace(run, times=(idle,), groups={"g": ["a", "b"]}))
    assert "group of 2, its worst member" in page
    assert '<th scope="row">b</th>' in page
    assert "nothing is due" in page
    assert "1 ABORT, 1 PASS" in page


def rendered(run: Run) -> str:
    return html.render(run, RunOutcome(run), None, GIVEN, None)


def test_the_page_shows_groups_and_names_as_text(make_run: MakeRun) -> None:
    run = make_run(clouds=("a", "b", "c"))
    page = rendered(dataclasses.replace(run, groups={"<b>prod": ["b", "c"]}))
    assert page.count('<tr class="group">') == 1
    assert page.count('<tr class="member">') == 2
    assert "&lt;b&gt;prod <small>group of 2, its worst member</small>" in page
    assert "<b>prod" not in page


def test_how_long_a_result_counts_and_when_it_is_due(make_run: MakeRun) -> None:
    run = make_run({"scs-0100-two": "FAIL"})
    subject = run.subject_runs[0].subject
    until = dt.datetime(2026, 6, 29)
    due = {"scs-0100-one": dt.datetime(2026, 6, 22, 12), "scs-0100-two": dt.datetime(2026, 6, 15, 12)}
    times = tuple(Times(testcase, "scs-0100", subject, when, until) for testcase, when in due.items())
    page = rendered(dataclasses.replace(run, times=times))
    assert '<p class="life">Valid until <b>2026-06-28</b> · Due <b>2026-06-22</b></p>' in page
    assert '<p class="life">Valid until <b>2026-06-28</b> · Due <b>now</b></p>' in page
    assert page.count('<p class="life">') == 2


def test_answers_have_a_life_of_their_own(make_run: MakeRun, make_result: MakeResult) -> None:
    asked = make_result("five-check")
    asked.attested = "answered on 2026-05-20, counts until 2026-09-30"
    run = make_run({"five-check": asked})
    times = Times(
        "five-check", "other", run.subject_runs[0].subject, dt.datetime(2026, 9, 23), dt.datetime(2026, 6, 29)
    )
    page = rendered(dataclasses.replace(run, times=(times,)))
    assert "Answered <b>2026-05-20</b> · Answers count until <b>2026-09-30</b> · " in page


def test_twelve_subjects_with_all_testcases_are_less_than_three_megabytes(
    make_run: MakeRun, make_result: MakeResult
) -> None:
    found = ["iaas-v5.1", "beyond-v1"]
    plain = make_run(specs=found, clouds=[f"cloud-{number}" for number in range(12)])
    ids = [*plain.selection.expected]
    assert len(ids) >= 91
    runs = []
    for number, one in enumerate(plain.subject_runs):
        results = dict(one.results)
        for testcase in ids[number::4]:
            failed = make_result(testcase, "FAIL", cloud=one.subject.name)
            failed.findings *= 7
            results[testcase] = failed
        runs.append(SubjectRun(one.subject, results))
    times = tuple(
        Times(testcase, "s", one.subject, dt.datetime(2026, 6, 22), dt.datetime(2026, 6, 29))
        for one in runs
        for testcase in ids
    )
    run = dataclasses.replace(plain, subject_runs=runs, times=times, groups={"all": [f"cloud-{n}" for n in range(12)]})
    assert len(rendered(run).encode()) < 3_000_000
