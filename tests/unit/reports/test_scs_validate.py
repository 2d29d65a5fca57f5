# SPDX-License-Identifier: Apache-2.0
"""Finding before an upload what the compliance monitor would refuse without a hint."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from report_text import render

from pytest_scs.base.paths import SCOPES
from pytest_scs.core.findings import Finding, show
from pytest_scs.core.judge import Judge
from pytest_scs.core.results import Result, Run
from pytest_scs.core.scope import Scope
from pytest_scs.core.scope_file import load_scope
from pytest_scs.core.verdict import Verdict
from pytest_scs.reports.scs.validate import Problem, validate

NOW = dt.datetime(2026, 6, 15, 12, 10, tzinfo=dt.UTC)

IAAS = load_scope(SCOPES / "scs-compatible-iaas.yaml")
BEYOND = load_scope(SCOPES / "beyond.yaml")

KAAS = "1fffebe6-fd4b-44d3-a36c-fc58b4bb0180"

# the smallest document that the monitor takes and can display
SMALLEST = """\
---
spec: {uuid: 1fffebe6-fd4b-44d3-a36c-fc58b4bb0180, name: SCS-compatible KaaS}
checked_at: 2026-11-20 20:00:00
subject: devcloud
run:
  uuid: 0b0f7a0e-3d5c-4f0c-9d53-5a1f4d2f3a11
  assignment: {}
  invocations:
    a: {results: {version-policy-check: 1}}
"""


@pytest.fixture
def mini(mini: str) -> str:
    """The small scope file under an official UUID, as if it were the one for KaaS."""
    return mini.replace("uuid: 0f6d2a34-9f5e-4c27-8a53-3c1e4b7d9a01", f"uuid: {KAAS}")


@pytest.fixture
def mini_path(mini: str, tmp_path: Path) -> Path:
    path = tmp_path / "scs-compatible-mini.yaml"
    path.write_text(mini, "utf-8")
    return path


@pytest.fixture
def scopes(mini_path: Path) -> dict[str, Scope]:
    return {scope.uuid: scope for scope in (load_scope(mini_path), IAAS, BEYOND)}


@pytest.fixture
def report(make_run: Callable[..., Run]) -> dict[str, Any]:
    """A good report as data, to be damaged."""
    results = {"scs-0100-one": "FAIL", "scs-0100-two": "ABORT", "five-check": "MISS"}
    found: dict[str, Any] = yaml.safe_load(render(make_run(results)))
    found["run"]["invocations"] = dict(zip("ab", found["run"]["invocations"].values(), strict=True))
    return found


def check(document: Any, scopes: dict[str, Scope], **kwargs: Any) -> list[Problem]:
    text = document if isinstance(document, str) else yaml.safe_dump(document)
    return validate(text, scopes, now=NOW, **kwargs)


def test_our_own_report_has_no_problem(make_run: Callable[..., Run], scopes: dict[str, Scope], mini_path: Path) -> None:
    results = {"scs-0100-one": "FAIL", "scs-0100-two": "ABORT", "five-check": "MISS"}
    assert check(render(make_run(results)), scopes) == []
    several = make_run(results, specs=[str(mini_path), "iaas"], clouds=("a", "b.c"))
    assert [problem.text for problem in check(render(several), scopes)] == ["4 reports in one file"]


def test_a_report_on_strange_names_has_no_problem(make_run: Callable[..., Run], scopes: dict[str, Scope]) -> None:
    strange = "a\0b\ud800\x07\u2028'\"\\ü😀 {x}: [y] # z"
    findings = [Finding(strange, strange, show(strange), strange, hint=strange)]
    result = Result("scs-0100-one", "c", Verdict.FAIL, Verdict.FAIL, findings=findings, evidence={"flavors": 1})
    text = render(make_run({"scs-0100-one": result}))
    assert "\\x00" in text  # the printed form, not the character
    assert check(text, scopes) == []


def test_the_smallest_report_the_monitor_takes_is_accepted(scopes: dict[str, Scope]) -> None:
    del scopes[KAAS]
    problems = validate(SMALLEST, scopes, now=dt.datetime(2026, 11, 21, tzinfo=dt.UTC))
    run = "report.run"
    assert [(problem.place, problem.fatal) for problem in problems] == [
        ("report.spec.uuid", False),
        *((f"{run}{rest}", False) for rest in (".argv", ".invocations.a.cmd", ".invocations.a.stderr")),
    ]
    assert "no scope known here" in problems[0].text
    assert {problem.consequence for problem in problems[1:]} == {"the pages of the coming monitor answer 500"}


def test_json_is_accepted_too(scopes: dict[str, Scope]) -> None:
    text = (
        '{"spec": {"uuid": "50393e6f-2ae1-4c5c-a62c-3b75f2abef3f"}, "checked_at": "2026-06-15T12:00:00",\n'
        '"subject": "c", "run": {"uuid": "x", "assignment": {}, "argv": [],\n'
        '"invocations": {"a": {"cmd": "", "stderr": [], "results": {"scs-0100-syntax-check": -1}}}}}'
    )
    assert check(text, scopes) == []
    assert check(text, scopes, is_json=True) == []
    assert check("\ufeff" + text, scopes, is_json=True) == []


def test_further_keys_do_no_harm(report: dict[str, Any], scopes: dict[str, Scope]) -> None:
    for holder in (report, report["run"], report["run"]["invocations"]["a"]):
        holder["note"] = [1, {"x": None}]
    assert check(report, scopes) == []


def _at(*place: str) -> Callable[[dict[str, Any]], tuple[Any, str]]:
    def find(document: dict[str, Any]) -> tuple[Any, str]:
        for step in place[:-1]:
            document = document[step]
        return document, place[-1]

    return find


RUN = ("run", "invocations")
RESULTS = (*RUN, "a", "results")
GONE = object()
FATAL, HARMLESS = True, False

# where, new value, place of the problem, whether it is fatal, words of the message
MUTATIONS: list[tuple[tuple[str, ...], Any, str, bool, str]] = [
    (("spec",), GONE, "spec.uuid", FATAL, "is missing"),
    (("spec",), "iaas", "spec.uuid", FATAL, "is missing"),
    (("spec", "uuid"), GONE, "spec.uuid", FATAL, "is missing"),
    (("spec", "uuid"), "scs-compatible-iaas", "spec.uuid", FATAL, "is no UUID"),
    (("spec", "uuid"), ["a"], "spec.uuid", FATAL, "is no UUID"),
    (("spec", "uuid"), "50393E6F-2AE1-4C5C-A62C-3B75F2ABEF3F", "spec.uuid", FATAL, "is no UUID"),
    (("spec", "uuid"), "11111111-2222-3333-4444-555555555555", "spec.uuid", FATAL, "is an unofficial scope"),
    (("checked_at",), GONE, "checked_at", FATAL, "is missing"),
    (("checked_at",), "soon", "checked_at", FATAL, "is no point in time"),
    (("checked_at",), 1781524800, "checked_at", FATAL, "is no point in time"),
    (("checked_at",), dt.date(2026, 6, 15), "checked_at", FATAL, "is no point in time"),
    (("checked_at",), dt.datetime(2026, 6, 15, 12, 15, 1), "checked_at", FATAL, "future"),
    (("checked_at",), "2026-06-15T12:15:01", "checked_at", FATAL, "future"),
    (("checked_at",), "2026-06-15T12:00:00+00:00", "checked_at", HARMLESS, "quoted and has a time zone"),
    (("subject",), GONE, "subject", FATAL, "is missing"),
    (("subject",), "", "subject", FATAL, "is missing or no text"),
    (("subject",), 1000, "subject", FATAL, "no text"),
    (("subject",), "my cloud", "subject", HARMLESS, "characters other than letters"),
    (("subject",), "clöud", "subject", HARMLESS, "characters other than letters"),
    (("subject",), "cloud\n", "subject", HARMLESS, "characters other than letters"),
    (("run",), GONE, "run", FATAL, "is missing or no mapping"),
    (("run",), [], "run", FATAL, "is missing or no mapping"),
    (("run", "uuid"), GONE, "run.uuid", FATAL, "is missing or no text"),
    (("run", "uuid"), 17, "run.uuid", FATAL, "is missing or no text"),
    (("run", "assignment"), GONE, "run.assignment", FATAL, "is missing or no mapping"),
    (("run", "assignment"), [], "run.assignment", FATAL, "is missing or no mapping"),
    (RUN, GONE, "run.invocations", FATAL, "is missing or no mapping"),
    (RUN, [], "run.invocations", FATAL, "is missing or no mapping"),
    (RUN, {}, "run.invocations", HARMLESS, "has no results"),
    ((*RUN, "a"), None, "run.invocations.a.results", FATAL, "is missing or no mapping"),
    (RESULTS, GONE, "run.invocations.a.results", FATAL, "is missing or no mapping"),
    (RESULTS, ["scs-0100-one"], "run.invocations.a.results", FATAL, "is missing or no mapping"),
    ((*RESULTS, "scs-0100-one"), 2, "run.invocations.a.results.scs-0100-one", FATAL, "none of -1, 0, 1"),
    ((*RESULTS, "scs-0100-one"), -2, "run.invocations.a.results.scs-0100-one", FATAL, "none of -1, 0, 1"),
    ((*RESULTS, "scs-0100-one"), None, "run.invocations.a.results.scs-0100-one", FATAL, "is null"),
    ((*RESULTS, "scs-0100-one"), True, "run.invocations.a.results.scs-0100-one", FATAL, "True is no integer"),
    ((*RESULTS, "scs-0100-one"), "PASS", "run.invocations.a.results.scs-0100-one", FATAL, "is no integer"),
    ((*RESULTS, "scs-0100-one"), 1.0, "run.invocations.a.results.scs-0100-one", FATAL, "is no integer"),
    ((*RESULTS, "scs-9999-x"), 1, "run.invocations.a.results.scs-9999-x", HARMLESS, "is no testcase of"),
    ((*RESULTS, "four-check"), 1, "run.invocations", HARMLESS, "four-check occurs in 2 invocations"),
    ((*RUN, "a", "stderr"), "text", "run.invocations.a.stderr", FATAL, "is no list of lines"),
    ((*RUN, "a", "stdout"), [1], "run.invocations.a.stdout", FATAL, "is no list of lines"),
    ((*RUN, "a", "stdout"), None, "run.invocations.a.stdout", FATAL, "is no list of lines"),
    ((*RUN, "a", "warning"), 7, "run.invocations.a.warning", HARMLESS, "says 7, the streams have"),
    ((*RUN, "a", "error"), 0, "run.invocations.a.error", HARMLESS, "says 0, the streams have"),
    ((*RUN, "b", "critical"), 1, "run.invocations.b.critical", HARMLESS, "says 1, the streams have 0"),
    (("versions",), {}, "versions", FATAL, "is read instead of run.invocations"),
    (("note",), "a\0b", "note", FATAL, "contains the character NUL"),
    (("note\0",), "a", "", FATAL, "contains the character NUL"),
    (("debug", "list"), [{"deep": "\0"}], "debug.list[0].deep", FATAL, "contains the character NUL"),
    (("debug", "x"), float("nan"), "debug.x", FATAL, "is no number"),
    (("debug", "x"), [float("-inf")], "debug.x[0]", FATAL, "is infinite"),
    (("run", "sections"), b"abc", "run.sections", FATAL, "is binary data"),
    (("run", "sections"), {"a", "b"}, "run.sections", FATAL, "is a set"),
    (("debug", "x"), {dt.date(2026, 1, 2): 1}, "debug.x", FATAL, "has the date 2026-01-02 as a key"),
    ((*RESULTS, "scs-0100-one"), float("nan"), "run.invocations.a.results.scs-0100-one", FATAL, "is no number"),
    (("run", "uuid"), "a/b", "run.uuid", FATAL, "has a character that addresses cannot have"),
    (("run", "argv"), GONE, "run.argv", HARMLESS, "is missing"),
    (("run", "argv"), "x", "run.argv", HARMLESS, "is not what it has to be"),
    ((*RUN, "a", "cmd"), GONE, "run.invocations.a.cmd", HARMLESS, "is missing"),
    ((*RUN, "a", "cmd"), "x <b>", "run.invocations.a.cmd", HARMLESS, "has <, >, & or a backtick (line 1)"),
    (("run", "assignment"), {"a": "b&c"}, "run.assignment", HARMLESS, "has <, >, & or a backtick"),
    (("checked_at",), "2020-01-01 00:00:00", "checked_at", FATAL, "the last of its results counted until 2020-01-12"),
    (("checked_at",), "2026-06-01 00:00:00", "checked_at", FATAL, "counted until 2026-06-14"),
]


@pytest.mark.parametrize(("where", "value", "place", "fatal", "words"), MUTATIONS)
def test_each_damage_is_one_problem_with_its_place(
    report: dict[str, Any],
    scopes: dict[str, Scope],
    where: tuple[str, ...],
    value: Any,
    place: str,
    fatal: bool,
    words: str,
) -> None:
    holder, key = _at(*where)(report)
    if value is GONE:
        del holder[key]
    else:
        holder[key] = value
    [problem] = check(report, scopes)
    assert problem.place == (f"report.{place}" if place else "report")
    assert problem.fatal is fatal
    assert words in problem.text
    assert str(problem).startswith(f"{'ERROR' if fatal else 'WARNING'}: {problem.place}: ")


@pytest.mark.parametrize(
    ("written", "problems"),
    [
        ("2026-06-15 12:15:00", []),
        ("2026-06-15T14:15:00+02:00", []),
        ("2026-06-15T12:14:59Z", []),
        ("2026-06-15T12:15:01Z", ["ERROR"]),
        ("2026-06-15T12:16:00+00:00", ["ERROR"]),
        ("2026-06-15T11:16:00-01:00", ["ERROR"]),
        ("0001-01-01T00:00:00+05:00", ["ERROR"]),
        ("'2026-06-15T12:15:00'", []),
        ("'2026-06-15T12:00:00+02:00'", ["WARNING"]),
        # the monitor drops the zone of quoted times, so this one is stored as nearly two hours ahead
        ("'2026-06-15T14:00:00+02:00'", ["WARNING", "ERROR"]),
        ("'2026-06-15T11:00:00-05:00'", ["WARNING"]),
        ("2026-06-08 00:00:00", []),
        ("2026-06-07 23:59:59", []),
        ("9999-12-31 23:59:59", ["ERROR"]),
        ("yesterday", ["ERROR"]),
    ],
)
def test_a_time_is_read_as_the_monitor_stores_it(
    scopes: dict[str, Scope], make_run: Callable[..., Run], written: str, problems: list[str]
) -> None:
    text = render(make_run()).replace("checked_at: 2026-06-15 12:03:44.120934", f"checked_at: {written}")
    assert f"checked_at: {written}\n" in text
    found = check(text, scopes)
    assert [str(problem).partition(":")[0] for problem in found] == problems
    assert {problem.place for problem in found} <= {"report.checked_at"}


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("", "report", "contains no document"),
        ("---\n", "report", "contains an empty document"),
        ("# nothing\n", "report", "contains no document"),
        ("just text\n", "report", "is no mapping"),
        ("- a\n", "report", "is no mapping"),
        ("a: [1\n", "report:2", "not valid YAML"),
        ("a: 1\nb: 2\na: 3\n", "report:3", "key 'a' occurs twice"),
        ("a: x\0y\n", "report", "contains the character NUL"),
        ("[" * 100_000, "report:1", "nested deeper than"),
    ],
    ids=["empty", "nothing", "comment", "text", "list", "broken", "twice", "nul", "bomb"],
)
def test_what_is_no_report_is_one_fatal_problem(scopes: dict[str, Scope], text: str, place: str, words: str) -> None:
    [problem] = check(text, scopes)
    assert (problem.place, problem.fatal) == (place, True)
    assert words in problem.text


def test_a_report_with_aliases_is_not_said_to_be_refused_by_the_monitor(scopes: dict[str, Scope]) -> None:
    [problem] = check("a: &a [1]\nb: *a\n", scopes)
    assert (problem.place, problem.fatal) == ("report:2", True)
    assert "500" not in problem.consequence
    assert "nothing of the kind is read here" in problem.consequence


def test_a_document_that_is_empty_among_others_is_refused(
    make_run: Callable[..., Run], scopes: dict[str, Scope]
) -> None:
    problem, several = check(render(make_run()) + "---\n", scopes)
    assert (problem.place, problem.text, problem.fatal) == ("document 2", "is no mapping", True)
    assert not several.fatal


def test_problems_of_several_documents_are_told_apart(make_run: Callable[..., Run], scopes: dict[str, Scope]) -> None:
    text = render(make_run(clouds=("a", "b"))).replace("subject: b\n", "subject: b c\n")
    assert [problem.place for problem in check(text, scopes)] == ["document 2.subject", "report"]


def test_the_same_run_twice_is_refused(make_run: Callable[..., Run], scopes: dict[str, Scope]) -> None:
    text = render(make_run())
    several, problem = check(text + text, scopes)
    assert not several.fatal
    assert "all are refused if one is" in several.consequence
    assert (problem.place, problem.fatal) == ("report", True)
    assert "occurs 2 times" in problem.text
    assert "409" in problem.consequence


def test_the_subject_must_be_the_account(report: dict[str, Any], scopes: dict[str, Scope]) -> None:
    assert check(report, scopes, account="testcloud") == []
    [problem] = check(report, scopes, account="somebody")
    assert (problem.place, problem.fatal) == ("report.subject", False)
    assert "'testcloud' is not the account 'somebody'" in problem.text


def test_the_unofficial_scope_is_pointed_out(make_run: Callable[..., Run], scopes: dict[str, Scope]) -> None:
    [problem] = check(render(make_run(specs=["beyond-v1"])), scopes)
    assert (problem.place, problem.fatal) == ("report.spec.uuid", True)
    assert "must not be sent to the official monitor" in problem.consequence


def test_all_problems_are_found_at_once(report: dict[str, Any], scopes: dict[str, Scope]) -> None:
    report["subject"] = "a b"
    report["checked_at"] = "soon"
    report["run"]["assignment"] = None
    report["run"]["invocations"]["a"]["results"]["scs-0100-one"] = 5
    assert {problem.place for problem in check(report, scopes)} == {
        "report.subject",
        "report.checked_at",
        "report.run.assignment",
        "report.run.invocations.a.results.scs-0100-one",
    }


@pytest.mark.parametrize("value", [None, 1, "x", [], {}, True, 1.5, dt.date(2026, 1, 1)])
def test_no_value_anywhere_breaks_the_check(report: dict[str, Any], scopes: dict[str, Scope], value: Any) -> None:
    def places(part: Any) -> list[tuple[Any, Any]]:
        entries = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
        return [(part, key) for key, _ in entries] + [found for _, child in entries for found in places(child)]

    for holder, key in places(report):
        before = holder[key]
        holder[key] = value
        check(report, scopes)
        holder[key] = before
    assert check(report, scopes) == []


def test_a_report_by_the_text_is_pointed_out(make_run: Callable[..., Run], scopes: dict[str, Scope]) -> None:
    [problem] = check(render(make_run(judge=Judge.TEXT)), scopes)
    assert not problem.fatal
    assert "--scs-judge=text" in problem.text


@pytest.mark.parametrize("text", ["just words", "# Title\n\n`a`: b: c\n"])
def test_another_file_is_said_to_be_no_report(scopes: dict[str, Scope], text: str) -> None:
    [problem] = check(text, scopes)
    assert "this is no SCS report" in problem.consequence


@pytest.mark.parametrize(
    ("value", "consequence"),
    [
        (None, "it counts as missing; leave it out"),
        (2, "counts as passed"),
        (2**31 - 1, "counts as passed"),
        (2**31, "the monitor answers 500"),
        (-(2**40), "the monitor answers 500"),
        (-2, "stored, and shown as if nothing had been decided"),
        (True, "the monitor answers 500"),
        ("1", "stored as 1"),
        ("-1 ", "stored as -1"),
        ("2", "stored as 2, counts as passed"),
        ("1.0", "the monitor answers 500"),
        ("PASS", "the monitor answers 500"),
        (1.0, "stored as 1"),
        (0.5, "stored as 0"),
        (1.5, "stored as 2, counts as passed"),
        ([1], "the monitor answers 500"),
        (dt.date(2026, 6, 1), "the monitor answers 500"),
    ],
)
def test_what_follows_from_another_result(
    report: dict[str, Any], scopes: dict[str, Scope], value: Any, consequence: str
) -> None:
    report["run"]["invocations"]["a"]["results"]["scs-0100-one"] = value
    [problem] = check(report, scopes)
    assert (problem.consequence, problem.fatal) == (consequence, True)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("infinity", "breaks the monitor's pages for everybody"),
        ("'-Infinity'", "breaks the monitor's pages for everybody"),
        ("yesterday", "stored as midnight of that day"),
        ("Tomorrow", "stored as midnight of that day"),
        ("2026-06-15", "stored as midnight of that day"),
        ("'2026-06-15'", "stored as midnight of that day"),
        ("now", "stored as the time of the upload"),
        ("2026-W48-4", "the monitor answers 500"),
        ("'2026-W48-4T10:00:00'", "the monitor answers 500"),
        ("'2026-02-30 10:00:00'", "the monitor answers 500"),
        ("1781524800", "the monitor answers 500"),
        ("1.5", "the monitor answers 500"),
        ("true", "the monitor answers 500"),
        ("[]", "the monitor answers 500"),
        ("soon", "the monitor answers 500"),
        ("20 Jun 2026 12:00", "the monitor answers 500, or PostgreSQL reads a time of its own"),
    ],
)
def test_what_follows_from_another_time(
    make_run: Callable[..., Run], scopes: dict[str, Scope], written: str, words: str
) -> None:
    text = render(make_run()).replace("checked_at: 2026-06-15 12:03:44.120934", f"checked_at: {written}")
    [problem] = check(text, scopes)
    assert (problem.place, problem.fatal) == ("report.checked_at", True)
    assert words in problem.consequence


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("scs-0100-one: 1", "scs-0100-one: +1"),
        ("scs-0100-one: 1", "scs-0100-one: 0x1"),
        ("scs-0100-one: 1", "scs-0100-one: 01"),
        ("---\n", "%YAML 1.1\n---\n"),
        ("---\n", "\ufeff---\n"),
        ("\n", "\r\n"),
        ("subject: testcloud", "subject: yes"),
        ("  sections: null", "  sections: null\n  <<: {more: 1}"),
        ("  sections: null", "  sections: \U0001f600"),
    ],
)
def test_what_the_monitor_reads_without_complaint_is_no_problem(
    make_run: Callable[..., Run], scopes: dict[str, Scope], before: str, after: str
) -> None:
    text = render(make_run())
    assert before in text
    assert check(text.replace(before, after), scopes) == []
    assert check(text.replace(before, after).rstrip() + "\n...\n", scopes) == []


def test_words_are_those_of_yaml_1_2(make_run: Callable[..., Run], scopes: dict[str, Scope]) -> None:
    [problem] = check(render(make_run()).replace("scs-0100-one: 1", "scs-0100-one: 010"), scopes)
    assert problem.text == "10 is none of -1, 0, 1"


@pytest.mark.parametrize(
    ("text", "words", "consequence"),
    [
        ('{"a": 1, "a": 2}', "has the key 'a' twice", "the last one counts"),
        ('{"spec": NaN}', "is no number (.nan)", "500"),
        ('{"spec": -Infinity}', "is infinite", "500"),
        ('{"spec": "\\ud800"}', "half a character", "500"),
        ('{"spec": "\\u0000"}', "NUL", "500"),
        ('{"spec": "\x07"}', "not valid JSON: invalid control character", "500"),
        ("{'spec': 1}", "not valid JSON", "500"),
        ('{"spec": 1} {}', "not valid JSON: extra data", "500"),
        ("[" * 60 + "]" * 60, "nested deeper", "nothing of the kind is read here"),
        ("[" * 100_000, "nested deeper", "nothing of the kind is read here"),
    ],
)
def test_json_is_read_as_json(scopes: dict[str, Scope], text: str, words: str, consequence: str) -> None:
    found = [problem for problem in check(text, scopes, is_json=True) if words in problem.text]
    assert found
    assert found[0].fatal
    assert consequence in found[0].consequence


def test_a_long_number_is_refused_here_only(scopes: dict[str, Scope]) -> None:
    [problem] = check(f"a: {'1' * 200}\n", scopes)
    assert "500" not in problem.consequence
    assert problem.text == "number longer than 100 characters"


def test_a_result_that_still_counts_makes_a_report_of_use(
    make_run: Callable[..., Run], scopes: dict[str, Scope]
) -> None:
    # Of the small scope, one counts a quarter, the others a week.
    text = render(make_run(now="2026-04-02T10:00:00+00:00"))
    assert check(text, scopes) == []
    [problem] = check(text.replace("five-check: 1", "other: 1"), scopes)[-1:]
    assert "stored, and counts nowhere" in problem.consequence
