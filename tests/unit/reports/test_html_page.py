# SPDX-License-Identifier: Apache-2.0
"""What the HTML report makes of a run, ahead of the page itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pytest_scs.core.findings import Finding, Remark
from pytest_scs.core.results import Result, Run
from pytest_scs.reports import html

MakeRun = Callable[..., Run]
MakeResult = Callable[..., Result]


def shown(run: Run) -> dict[str, Any]:
    [subject] = [html._subject(run, one) for one in run.subject_runs]
    return subject


def rows(run: Run) -> list[html._Row]:
    return [row for group in shown(run)["groups"] for row in group["rows"]]


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("plain", "plain"),
        ("begins with `SCS-`, ends", "begins with <code>SCS-</code>, ends"),
        ("`<b>` & `a`", "<code>&lt;b&gt;</code> &amp; <code>a</code>"),
        ("<script>", "&lt;script&gt;"),
        ("", ""),
    ],
)
def test_words_in_backticks_are_code_and_nothing_is_markup(text: str, markup: str) -> None:
    assert str(html._prose(text)) == markup


def test_rows_are_in_the_order_of_the_monitor(make_run: MakeRun) -> None:
    found = {"scs-0100-one": "PASS", "scs-0100-two": "MISS", "scs-0102-three": "ABORT", "four-check": "FAIL"}
    groups = {group["standard"]: [row.entry.id for row in group["rows"]] for group in shown(make_run(found))["groups"]}
    assert groups["scs-0100"] == ["scs-0100-two", "scs-0100-one"]
    # Both are of the module scs-0102-v1, or stand alone; a FAIL comes first.
    assert groups["scs-0102"][0] == "four-check"


def test_a_violation_outside_main_is_mild(make_run: MakeRun) -> None:
    found = {row.entry.id: row for row in rows(make_run({"scs-0100-one": "FAIL", "four-check": "FAIL"}))}
    assert (found["scs-0100-one"].severe, found["scs-0100-one"].mild) == (True, False)
    assert (found["four-check"].severe, found["four-check"].mild) == (False, True)
    assert not found["scs-0100-two"].severe


def test_only_rows_with_something_to_tell_are_worth_reading(make_run: MakeRun, make_result: MakeResult) -> None:
    remarked = make_result("scs-0100-one")
    remarked.remarks = [Remark("look at this")]
    found = {
        row.entry.id: row.worth_reading for row in rows(make_run({"scs-0100-one": remarked, "five-check": "MISS"}))
    }
    assert found == {
        "scs-0100-one": True,
        "scs-0100-two": False,
        "scs-0102-three": False,
        "four-check": False,
        "five-check": True,
    }


def test_a_page_has_so_many_findings_and_no_more(make_run: MakeRun, make_result: MakeResult) -> None:
    result = make_result("scs-0100-one", "FAIL")
    result.findings = [Finding(f"flavor {number:05}", "rule", "a", "b") for number in range(html.MAX_FINDINGS + 7)]
    row = next(row for row in rows(make_run({"scs-0100-one": result})) if row.entry.id == "scs-0100-one")
    assert (len(row.violations), row.left_out) == (html.MAX_FINDINGS, 7)


def test_only_addresses_of_the_web_become_links(make_run: MakeRun) -> None:
    run = make_run()
    object.__setattr__(run.selection.expected["scs-0100-one"].testcase, "url", "javascript:alert(1)")
    assert {row.url for row in rows(run)} == {""}
    object.__setattr__(run.selection.expected["scs-0100-one"].testcase, "url", "https://scs.example/one")
    assert {row.url for row in rows(run)} == {"", "https://scs.example/one"}


def test_each_cause_is_given_once(make_run: MakeRun) -> None:
    found = shown(make_run({"scs-0100-one": "ABORT", "scs-0100-two": "ABORT", "five-check": "MISS"}))["causes"]
    assert [(cause[0], cause[-1]) for cause in found] == [
        ("ABORT", ["scs-0100-one", "scs-0100-two"]),
        ("MISS", ["five-check"]),
    ]


def test_a_card_for_each_target_shows_both_judges_where_they_differ(make_run: MakeRun, make_result: MakeResult) -> None:
    differing = make_result("scs-0100-one", "PASS", "FAIL")
    cards = {card["target"]: card for card in shown(make_run({"scs-0100-one": differing}))["cards"]}
    assert list(cards) == ["main", "recommended", "preview"]
    main = cards["main"]
    assert (main["verdict"], main["total"], main["counts"]) == ("PASS", 3, [("PASS", 3, "scs-0100-one")])
    assert main["other"]["who"].lower() == "by the text of the standards"
    assert main["other"]["verdict"] == "FAIL"
    assert cards["recommended"]["other"] is None


def test_a_partial_run_is_no_verdict_on_the_version(make_run: MakeRun) -> None:
    [card] = shown(make_run(chosen=["scs-0100-one"]))["cards"]
    assert card["remark"] == "partial run, no verdict on the version"
