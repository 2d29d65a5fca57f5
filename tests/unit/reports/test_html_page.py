# SPDX-License-Identifier: Apache-2.0
"""What the HTML report makes of a run, ahead of the page itself."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import Any

import markupsafe
import pytest

from pytest_scs.base.language import ENGLISH, language
from pytest_scs.core.findings import Finding, Remark
from pytest_scs.core.results import Result, Run, RunOutcome
from pytest_scs.core.subject import Subject
from pytest_scs.core.verdict import Verdict
from pytest_scs.core.waiver import Waived
from pytest_scs.reports import html, html_rows, html_top, html_words
from pytest_scs.reports.terminal import remark

MakeRun = Callable[..., Run]
MakeResult = Callable[..., Result]


def shown(run: Run) -> Any:
    [subject] = html._subjects(run, ENGLISH)
    return subject


def rows(run: Run) -> list[html_rows.Row]:
    found: list[html_rows.Row] = shown(run).sections.rows()
    return found


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
    assert str(html_words.prose(text)) == markup


def test_what_is_broken_comes_first_in_the_order_of_the_monitor(make_run: MakeRun) -> None:
    found = {"scs-0100-one": "PASS", "scs-0100-two": "MISS", "scs-0102-three": "ABORT", "four-check": "FAIL"}
    parts = shown(make_run(found)).sections
    ids = [[row.entry.id for group in groups for row in group.rows] for groups in (parts.broken, parts.undecided)]
    assert ids == [["four-check"], ["scs-0100-two", "scs-0102-three"]]
    assert [row.entry.id for row in parts.rows()][3:] == ["scs-0100-one", "five-check"]


def test_what_fails_the_run_comes_before_what_does_not(make_run: MakeRun) -> None:
    found = shown(make_run({"four-check": "FAIL", "scs-0100-two": "FAIL", "five-check": "FAIL"})).sections.broken
    assert [[row.severe for row in group.rows] for group in found] == [[True], [False], [False]]


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
    result.findings = [Finding(f"flavor {number:05}", "rule", "a", "b") for number in range(html_rows.MAX_FINDINGS + 7)]
    row = next(row for row in rows(make_run({"scs-0100-one": result})) if row.entry.id == "scs-0100-one")
    assert (len(row.violations), row.left_out) == (html_rows.MAX_FINDINGS, 7)


def test_only_addresses_of_the_web_become_links(make_run: MakeRun) -> None:
    run = make_run()
    object.__setattr__(run.selection.expected["scs-0100-one"].testcase, "url", "javascript:alert(1)")
    assert {row.url for row in rows(run)} == {""}
    object.__setattr__(run.selection.expected["scs-0100-one"].testcase, "url", "https://scs.example/one")
    assert {row.url for row in rows(run)} == {"", "https://scs.example/one"}


def test_each_cause_is_given_once(make_run: MakeRun) -> None:
    found = shown(make_run({"scs-0100-one": "ABORT", "scs-0100-two": "ABORT", "five-check": "MISS"})).causes
    assert [(str(cause[0]), cause[-1]) for cause in found] == [
        ("MISS", ["five-check"]),
        ("ABORT", ["scs-0100-one", "scs-0100-two"]),
    ]


def test_a_card_for_each_target_shows_both_judges_where_they_differ(make_run: MakeRun, make_result: MakeResult) -> None:
    differing = make_result("scs-0100-one", "PASS", "FAIL")
    cards = {card.target: card for card in shown(make_run({"scs-0100-one": differing})).cards}
    assert list(cards) == ["main", "recommended", "preview"]
    main = cards["main"]
    assert (main.verdict, main.total, main.counts) == ("PASS", 3, [("PASS", 3, "scs-0100-one")])
    assert main.other == "By the text of the standards: FAIL (1 FAIL, 2 PASS)"
    assert cards["recommended"].other == ""


GIVEN = {"title": "SCS", "self_contained": True, "styles": "", "date": "", "time": "", "version": "", "run_count": ""}


@pytest.mark.parametrize(
    ("spec", "code", "said"),
    [
        ("iaas-next", "en", "Draft, cannot be certified"),
        ("iaas-v4", "en", "Deprecated, cannot be certified"),
        ("iaas-next", "de", "Entwurf, nicht zertifizierbar"),
    ],
)
def test_what_cannot_be_certified_is_called_as_in_the_terminal(
    make_run: MakeRun, spec: str, code: str, said: str
) -> None:
    run = dataclasses.replace(make_run(specs=[spec]), language=language(code))
    [subject_run] = run.subject_runs
    [version] = run.selection.versions
    in_terminal = remark(run, version, "main", Verdict.PASS, subject_run)
    assert in_terminal.lower() == said.lower()
    assert f'<span class="ready">{said}</span>' in html.render(run, RunOutcome(run), None, GIVEN, None)


def test_what_decides_comes_before_a_draft(make_run: MakeRun) -> None:
    run = make_run({})
    [version] = run.selection.versions
    draft = dataclasses.replace(version, name="next", code="draft", decisive=False)
    selection = dataclasses.replace(run.selection, versions=(draft, version))
    first, *_, last = html_top.columns(dataclasses.replace(run, selection=selection), ENGLISH)
    assert (version.name in first, "next" in last) == (True, True)


def test_a_partial_run_is_no_verdict_on_the_version(make_run: MakeRun) -> None:
    [card] = shown(make_run(chosen=["scs-0100-one"])).cards
    assert (card.ready, card.open) == ("No verdict on the version", True)
    [card] = shown(make_run({"scs-0100-one": "FAIL"}, chosen=["scs-0100-one"])).cards
    assert not card.open


def test_whether_it_can_be_certified_is_said_of_main_only(make_run: MakeRun) -> None:
    [main, recommended, preview] = shown(make_run()).cards
    assert main.ready == "No certificate"
    assert (recommended.ready, preview.ready) == ("", "")
    assert main.about[0] == "All 3 testcases pass."


def test_many_testcases_with_many_offenders_share_what_a_page_can_show(
    make_run: MakeRun, make_result: MakeResult
) -> None:
    found = {}
    for testcase in ("scs-0100-one", "scs-0100-two", "scs-0102-three", "four-check"):
        found[testcase] = make_result(testcase, "FAIL")
        found[testcase].findings = [Finding(f"flavor {number}", "rule", "a", "b") for number in range(900)]
    seen = [len(row.violations) for row in rows(make_run(found)) if row.violations]
    assert len(seen) == 4
    assert 1000 < sum(seen) <= html_rows.MAX_SHOWN


@pytest.mark.parametrize("kinds", [2, 6])
def test_ten_thousand_objects_with_many_violations_each_are_a_page_that_can_be_opened(
    make_run: MakeRun, make_result: MakeResult, kinds: int
) -> None:
    ids = [f"{number:08x}-98ca-4ae2-a57f-e749d76d0329" for number in range(10_000)]
    found = {testcase: make_result(testcase, "FAIL") for testcase in ("scs-0100-one", "scs-0100-two")}
    for kind in range(kinds):
        command = f"openstack image set --property {'abcdefghijkl'[kind]}=b"
        [*found.values()][kind % 2].findings += [
            Finding(
                f"image {one[:8]}", f"rule-{kind}", "one of 'a', 'b'", "not set", f"{command} {one}", resource_id=one
            )
            for one in ids
        ]
    given = {"title": "x", "date": "", "time": "", "version": "", "additional_summary": {}, "test_data": "{}"}
    given |= {"self_contained": True, "styles": ""}
    run = make_run(found)
    text = html.render(run, RunOutcome(run), None, given, None)
    assert len(text.encode()) < 2_000_000
    # All of them are in what there is to do, once for all commands.
    assert all(text.count(f"\n{one}\n") == 1 for one in (ids[0], ids[4711], ids[-1]))


def test_each_testcase_leads_to_how_it_is_mended(make_run: MakeRun) -> None:
    subject = shown(make_run({"scs-0100-one": "FAIL", "scs-0102-three": "FAIL"}))
    # The same command mends both.
    assert subject.todo_of("scs-0100-one") == subject.todo_of("scs-0102-three") == "testcloud-todo-scs-0100"
    [todo] = subject.todos
    assert todo.commands == ["# scs-0100-one, scs-0102-three: flavor SCS-1V-4\nopenstack flavor delete 4711"]


def test_two_subjects_of_one_name_have_places_of_their_own(make_run: MakeRun) -> None:
    first, second = html._subjects(make_run(clouds=("a", "a")), ENGLISH)
    assert (first.anchor, second.anchor) == ("a", "a-2")
    assert first.name == "a (cloud)"


@pytest.mark.parametrize(
    ("names", "anchors"),
    [
        (("a", "a-2", "a"), ["a", "a-2", "a-3"]),
        (("overview", "title", "show-FAIL"), ["overview-2", "title-2", "show-FAIL-2"]),
        (("prod", "prod-todo", "prod-verdict-1"), ["prod", "prod-todo-2", "prod-verdict-1-2"]),
        (("prod-todo", "prod"), ["prod-todo-2", "prod"]),
    ],
)
def test_no_subject_is_called_like_another_place_of_the_page(
    make_run: MakeRun, names: tuple[str, ...], anchors: list[str]
) -> None:
    run = make_run(clouds=names)
    assert [one.anchor for one in html._subjects(run, ENGLISH)] == anchors
    ids = re.findall(r' id="([^"]+)"', html.render(run, RunOutcome(run), None, GIVEN, None))
    assert len(ids) == len(set(ids))
    assert not set(html.IDS) & set(anchors)


@pytest.mark.parametrize("text", ['"; } * { display: none', "</style><script>", "a\\b\nc", "ü ß", "demo"])
def test_no_name_can_leave_a_string_of_the_style_sheet(text: str) -> None:
    written = str(html_words.css_string(text))
    assert re.fullmatch(r'"(?:[A-Za-z0-9 ]|\\[0-9a-f]{1,6} )*"', written)
    assert re.sub(r"\\([0-9a-f]+) ", lambda match: chr(int(match[1], 16)), written[1:-1]) == text


def test_no_name_turns_what_stands_beside_it_or_pushes_it_off_the_paper(make_run: MakeRun) -> None:
    run = make_run(clouds=("a", "b"))
    run.subject_runs[0].subject = Subject("openstack", "\u202eevil" + "x" * 300)
    text = html.render(run, RunOutcome(run), None, GIVEN, None)
    assert "\u202e" not in text
    assert r">\u202eevil" in text
    margins = re.findall(r'@top-left \{ content: ("(?:[^"])*")', text)
    assert margins
    assert all(len(re.sub(r"\\[0-9a-f]+ ", "?", one)) <= 57 for one in margins)


def test_the_page_says_how_many_violations_are_waived(make_run: MakeRun) -> None:
    run = make_run({"scs-0100-one": "FAIL", "scs-0102-three": "FAIL"})
    waived = Waived(1, "2030-01-01", "New hosts are ordered", "jane", "OPS-1")
    [subject_run] = run.subject_runs
    result = subject_run.results["scs-0100-one"]
    subject_run.results["scs-0100-one"] = dataclasses.replace(result, waived=[waived])
    assert "<li>1 FAIL is waived: it does not fail the run, and counts" in html.render(
        run, RunOutcome(run), None, GIVEN, None
    )


def test_commands_are_broken_between_words_only() -> None:
    script = "# a-b c\nopenstack set --a-b 'x <y>'\n1-2"
    written = str(html_words.unbroken(script))
    assert written.splitlines()[1:] == ["openstack set <i>--a-b</i> &#39;x &lt;y&gt;&#39;", "1-2"]
    assert markupsafe.Markup(written).striptags().split() == script.split()


def test_what_has_no_verdict_is_told_beside_what_fails() -> None:
    """After an interruption the first screen says that most of it was not attempted."""
    verdicts = [Verdict.FAIL, Verdict.MISS, Verdict.MISS, Verdict.ABORT, Verdict.PASS]
    beside = list(html_top._open(verdicts, Verdict.FAIL, ENGLISH))
    assert beside == ["2 were not attempted.", "1 could not be decided."]
    assert list(html_top._open(verdicts[1:], Verdict.MISS, ENGLISH)) == ["1 could not be decided."]
    assert list(html_top._open([Verdict.PASS], Verdict.PASS, ENGLISH)) == []
