# SPDX-License-Identifier: Apache-2.0
"""Reports in the announced form, alone and beside today's; and the quick way of reading both."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from report_text import render
from test_scs_model import DOCUMENTS

from pytest_scs.base.errors import InputError
from pytest_scs.core.report_format import ReportFormat
from pytest_scs.core.results import Run
from pytest_scs.core.scope import OFFICIAL
from pytest_scs.core.verdict import Verdict
from pytest_scs.reports.scs import loading, writer
from pytest_scs.reports.scs.model import Invocation, ReportDocument, ReportedRun, ScopeReference
from pytest_scs.reports.scs.quick import read_plain_yaml
from pytest_scs.reports.scs.reader import read_reports
from pytest_scs.reports.scs.validate import Problem, validate
from pytest_scs.reports.scs.values import Malformed
from pytest_scs.run.report_files import ReportFiles
from pytest_scs.run.report_place import ReportPlace

# As the announced command-line tool writes one.
FOREIGN = """\
---
uuid: 0b0f7a0e-3d5c-4f0c-9d53-5a1f4d2f3a11
creator: scs-cli 2027.1
checked_at: 2026-11-20 20:00:00
subject: prod1
scope: 50393e6f-2ae1-4c5c-a62c-3b75f2abef3f
tests:
  scs-0100-syntax-check:
    result: -1
    seconds: 3
  scs-0102-image-source:
    result: 0
log:
  - "INFO: starting"
  - "WARNING: this tool is old"
  - "INFO: *** scs-0100-syntax-check"
  - "DEBUG: 3 flavors"
  - "ERROR: bad flavor: SCS-x"
  - "INFO: +++ scs-0100-syntax-check: FAIL"
  - "WARNING: between two"
  - "no level"
  - "INFO: *** scs-0102-image-source"
  - "ERROR: scs-0102-image-source: no answer"
"""


def report(**results: Verdict) -> ReportDocument:
    lines = tuple(f"ERROR: {name}: bad" for name, verdict in results.items() if verdict is Verdict.FAIL)
    one = Invocation("i", "pytest", results, 1, tuple(f"{name}: {verdict}" for name, verdict in results.items()), lines)
    run = ReportedRun("0b0f7a0e-3d5c-4f0c-9d53-5a1f4d2f3a11", ("--scs-scope=iaas",), {}, invocations={"i": one})
    return ReportDocument(ScopeReference(OFFICIAL[0], "IaaS"), dt.datetime(2026, 11, 20, 20), "prod1", run)


def test_a_report_of_another_tool_is_the_same_document() -> None:
    found = ReportDocument.from_plain(yaml.safe_load(FOREIGN))
    assert (found.uuid, found.tool, found.subject) == (
        "0b0f7a0e-3d5c-4f0c-9d53-5a1f4d2f3a11",
        "scs-cli 2027.1",
        "prod1",
    )
    assert found.spec == ScopeReference(OFFICIAL[0])
    assert found.checked_at == dt.datetime(2026, 11, 20, 20)
    assert found.format is ReportFormat.NEXT
    assert found.results == {"scs-0100-syntax-check": Verdict.FAIL, "scs-0102-image-source": Verdict.ABORT}
    assert found.said() == {
        "": ["WARNING: this tool is old", "WARNING: between two"],
        "scs-0100-syntax-check": ["ERROR: scs-0100-syntax-check: bad flavor: SCS-x"],
        "scs-0102-image-source": ["ERROR: scs-0102-image-source: no answer"],
    }


def test_the_creator_decides_which_keys_are_read() -> None:
    plain = report(a=Verdict.PASS).in_format(ReportFormat.BOTH).to_plain()
    plain["tests"]["a"]["result"] = -1
    assert ReportDocument.from_plain(plain).results == {"a": Verdict.FAIL}
    del plain["creator"]
    assert ReportDocument.from_plain(plain).results == {"a": Verdict.PASS}


def test_the_announced_form_has_its_keys_and_lines() -> None:
    assert report(a=Verdict.FAIL, b=Verdict.PASS).in_format(ReportFormat.NEXT).to_plain() == {
        "uuid": "0b0f7a0e-3d5c-4f0c-9d53-5a1f4d2f3a11",
        "creator": "pytest-scs",
        "checked_at": dt.datetime(2026, 11, 20, 20),
        "reference_date": None,
        "subject": "prod1",
        "scope": OFFICIAL[0],
        "tests": {"a": {"result": -1}, "b": {"result": 1}},
        "log": [
            "INFO: arguments: --scs-scope=iaas",
            "INFO: *** a",
            "ERROR: a: bad",
            "INFO: +++ a: FAIL",
            "INFO: *** b",
            "INFO: +++ b: PASS",
        ],
    }


@given(DOCUMENTS, st.sampled_from(ReportFormat))
def test_whatever_the_form_the_same_is_read(document: ReportDocument, form: ReportFormat) -> None:
    (loaded,) = loading.load(writer.render([document.in_format(form)]), is_json=False).documents
    found = ReportDocument.from_plain(loaded)
    assert found.format is form

    def essence(one: ReportDocument) -> tuple[object, ...]:
        return one.uuid, one.subject, one.checked_at, one.reference_date, one.spec.uuid, one.tests, one.debug

    assert essence(found) == essence(document)


@given(DOCUMENTS)
def test_the_lines_of_a_testcase_are_the_same_in_each_form(document: ReportDocument) -> None:
    known = {name: lines for name, lines in document.said().items() if name}
    found = ReportDocument.from_plain(document.in_format(ReportFormat.BOTH).to_plain()).said()
    assert {name: lines for name, lines in found.items() if name} == known


def test_of_a_run_every_form_can_be_read_and_both_is_what_today_takes(
    make_run: Callable[..., Run], tmp_path: Path
) -> None:
    run = make_run({"scs-0100-one": "FAIL", "scs-0100-two": "ABORT"})
    today: dict[str, Any] = yaml.safe_load(render(run))
    for form in ReportFormat:
        files = ReportFiles(ReportPlace(tmp_path / f"{form}.yaml", False), form)
        files.write(run)
        assert files.problems == []
        (path,) = tmp_path.glob(f"{form}*.yaml")
        (document,) = read_reports(path)
        assert document.format is form
        assert {name: str(one) for name, one in document.results.items()} == {
            name: {1: "PASS", 0: "ABORT", -1: "FAIL"}[number]
            for one in today["run"]["invocations"].values()
            for name, number in one["results"].items()
        }
        path.rename(tmp_path / f"{form}.done")


def test_two_forms_that_differ_are_not_written(make_run: Callable[..., Run], tmp_path: Path) -> None:
    twice = dataclasses.replace(
        report(a=Verdict.PASS).in_format(ReportFormat.BOTH), spec=ScopeReference(OFFICIAL[0].upper())
    )
    plain = twice.to_plain()
    plain["tests"] = {"b": {"result": 1}}
    from pytest_scs.reports.scs.announced import check_agreement

    with pytest.raises(Malformed, match=re.escape("report.tests.a: says nothing, but run.invocations 1")):
        check_agreement(plain, "report")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"creator": None}, "report.creator: is missing or no text"),
        ({"creator": 1}, "report.creator: is missing or no text"),
        ({"uuid": None}, "report.uuid: is missing or no text"),
        ({"scope": "scs-compatible-iaas"}, "report.scope: 'scs-compatible-iaas' is no UUID"),
        ({"scope": None}, "report.scope: is missing"),
        ({"tests": []}, "report.tests: is missing or no mapping"),
        ({"tests": {"a": 1}}, "report.tests.a: is missing or no mapping"),
        ({"tests": {"a": {}}}, "report.tests.a.result: is null"),
        ({"tests": {"a": {"result": 2}}}, "report.tests.a.result: 2 is none of -1, 0, 1"),
        ({"tests": {"a": {"result": True}}}, "report.tests.a.result: True is no integer"),
        ({"tests": {1: {"result": 1}}}, "report.tests: is missing or no text"),
        ({"log": "x"}, "report.log: is no list of lines"),
        ({"log": [1]}, "report.log: is no list of lines"),
        ({"checked_at": "yesterday"}, "report.checked_at: 'yesterday' is no point in time"),
        ({"subject": ""}, "report.subject: is missing or no text"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], words: str) -> None:
    with pytest.raises(Malformed, match=re.escape(words)):
        ReportDocument.from_plain({**yaml.safe_load(FOREIGN), **change})


def checked(document: Any, **scopes: Any) -> list[Problem]:
    text = document if isinstance(document, str) else yaml.safe_dump(document)
    return validate(text, {}, now=dt.datetime(2026, 11, 20, 21, tzinfo=dt.UTC))


def test_today_nothing_but_the_announced_form_is_answered_500() -> None:
    (problem,) = (one for one in checked(FOREIGN) if one.fatal)
    assert "is in the announced format only" in problem.text
    assert "the monitor answers 500 today" in problem.consequence


def test_both_forms_in_one_document_are_fine() -> None:
    plain = report(a=Verdict.PASS).in_format(ReportFormat.BOTH).to_plain()
    assert [one for one in checked(plain) if one.fatal] == []


def test_two_forms_that_differ_are_a_problem() -> None:
    plain = report(a=Verdict.PASS).in_format(ReportFormat.BOTH).to_plain()
    plain["tests"]["a"]["result"] = 0
    plain["uuid"] = "other"
    found = [str(one) for one in checked(plain) if one.fatal]
    assert len(found) == 2
    assert "report.uuid: is 'other', but run.uuid is '0b0f7a0e" in found[0]
    assert "report.tests.a: says 0, but run.invocations 1 (today's monitor and the coming one would count" in found[1]


def quickly(text: str) -> list[Any] | None:
    return read_plain_yaml(text, loading._Loader12.yaml_implicit_resolvers)


def parsed(text: str) -> list[Any]:
    found = loading.load(text, is_json=False)
    return [] if found.broken or found.refused_here else found.documents


def test_our_own_reports_are_read_quickly(make_run: Callable[..., Run]) -> None:
    text = render(make_run({"scs-0100-one": "FAIL", "scs-0100-two": "ABORT"}))
    assert quickly(text) == parsed(text)


@given(DOCUMENTS, st.sampled_from(ReportFormat))
def test_what_is_read_quickly_is_what_a_parser_reads(document: ReportDocument, form: ReportFormat) -> None:
    text = writer.render([document.in_format(form)])
    assert quickly(text) in (None, parsed(text))


# A line each of what means something to YAML: structure, words, signs, white space.
PIECES = st.sampled_from(
    [
        "a",
        " b:",
        "- ",
        "-",
        " ",
        "  ",
        "\n",
        "\n  ",
        "\n- ",
        ": ",
        "'",
        "''",
        '"',
        "#",
        " #",
        "---\n",
        "...",
        "key:\n",
        "key: ",
        "key: 1\n",
        ">",
        "%",
        "\t",
        "\r",
        "\u2028",
        "\ufeff",
        "<<: ",
        "?",
        "{",
        "*a",
        "&a",
        "!x",
        "[]",
        "{}",
        "\n1",
        "01",
        "-1",
        "1.5",
        "1_000",
        "0x1f",
        "1e3",
        "2026-11-20",
        "2026-11-20 20:00:00",
        "null",
        "true",
        "~",
        "yes",
    ]
)


@given(st.lists(PIECES, max_size=14).map("".join))
def test_no_text_is_read_quickly_in_another_way(text: str) -> None:
    for one in (text, f"a: {text}", f"a:\n  b: {text}", f"a:\n- {text}", f"a:\n  {text}\nc: 1\n"):
        assert quickly(one) in (None, parsed(one))


@given(DOCUMENTS, st.data())
def test_a_damaged_report_is_never_read_in_another_way(document: ReportDocument, data: st.DataObject) -> None:
    text = writer.render([document])
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 30)))
    damaged = text[:start] + data.draw(st.just("") | PIECES) + text[end:]
    assert quickly(damaged) in (None, parsed(damaged))


def test_words_mean_what_they_mean_to_the_monitor(tmp_path: Path) -> None:
    path = tmp_path / "report.yaml"
    path.write_text(FOREIGN.replace("subject: prod1", "subject: yes"))
    assert read_reports(path)[0].subject == "yes"


def test_a_key_twice_is_refused_in_yaml(tmp_path: Path) -> None:
    path = tmp_path / "report.yaml"
    path.write_text(FOREIGN + "subject: other\n")
    with pytest.raises(InputError, match=r"report\.yaml:\d+: not valid YAML: key 'subject' occurs twice"):
        read_reports(path)
