# SPDX-License-Identifier: Apache-2.0
"""The report document as data: what is written can be read again, and what is refused is named."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from report_text import render

from pytest_scs.base import yamlfile
from pytest_scs.base.errors import InputError
from pytest_scs.core.results import Run
from pytest_scs.core.scope import OFFICIAL
from pytest_scs.core.verdict import Verdict
from pytest_scs.reports.scs import writer
from pytest_scs.reports.scs.model import (
    FORM,
    TOOL,
    Invocation,
    ReportDebug,
    ReportDocument,
    ReportedRun,
    ScopeReference,
)
from pytest_scs.reports.scs.reader import read_reports
from pytest_scs.reports.scs.values import COUNTED, Malformed

# What a report can hold: the writer removes NUL, and replaces half characters.
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
NAMES = WORDS.filter(bool)
LINES = st.lists(WORDS, max_size=3).map(tuple)
NUMBERS = st.integers(-(2**31), 2**31 - 1)
JUDGED = st.sampled_from([Verdict.PASS, Verdict.FAIL, Verdict.ABORT])
PLAIN = st.recursive(
    st.none() | st.booleans() | NUMBERS | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=5,
)
FILTERS = st.none() | WORDS | LINES
OURS = {"form", "tool", "judge", "targets", "partial", "interrupted", "missing", "causes", "differing", "warnings"}


def invocations() -> st.SearchStrategy[dict[str, Invocation]]:
    one = st.builds(
        Invocation,
        id=st.just(""),
        cmd=WORDS,
        results=st.dictionaries(NAMES, JUDGED, max_size=3),
        rc=st.none() | NUMBERS,
        stdout=LINES,
        stderr=LINES,
        **dict.fromkeys(COUNTED, NUMBERS),
    )
    named = st.dictionaries(NAMES, one, max_size=2)
    return named.map(
        lambda found: {
            key: Invocation(**{**{name: getattr(value, name) for name in value.__slots__}, "id": key})
            for key, value in found.items()
        }
    )


DOCUMENTS = st.builds(
    ReportDocument,
    spec=st.builds(ScopeReference, uuid=st.uuids().map(str) | st.sampled_from(OFFICIAL), name=WORDS, url=WORDS),
    checked_at=st.datetimes(),
    subject=NAMES,
    run=st.builds(
        ReportedRun,
        uuid=NAMES,
        argv=LINES,
        assignment=st.dictionaries(NAMES, PLAIN, max_size=2),
        sections=FILTERS,
        forced_version=FILTERS,
        forced_tests=FILTERS,
        invocations=invocations(),
    ),
    reference_date=st.none() | st.dates(),
    debug=st.none()
    | st.builds(
        ReportDebug,
        tool=WORDS.map(TOOL.__add__),
        judge=NAMES,
        targets=LINES,
        partial=st.booleans(),
        interrupted=st.booleans(),
        missing=LINES,
        causes=st.dictionaries(NAMES, NAMES, max_size=2),
        differing=st.dictionaries(
            NAMES, st.fixed_dictionaries(dict.fromkeys(("official", "text"), st.sampled_from(Verdict))), max_size=2
        ),
        warnings=LINES,
        reading=st.dictionaries(NAMES.filter(lambda name: name not in OURS), PLAIN, max_size=2),
    ),
)


@given(DOCUMENTS)
def test_what_is_made_plain_can_be_read_again(document: ReportDocument) -> None:
    assert ReportDocument.from_plain(document.to_plain()) == document


@given(st.lists(DOCUMENTS, min_size=1, max_size=2))
def test_what_is_written_can_be_read_again(documents: list[ReportDocument]) -> None:
    loaded = yamlfile.load_documents(writer.render(documents), "report")
    assert [ReportDocument.from_plain(plain) for plain in loaded] == documents


@given(DOCUMENTS)
def test_the_same_in_json_is_the_same_report(document: ReportDocument) -> None:
    plain = json.loads(json.dumps(document.to_plain(), default=str))
    assert ReportDocument.from_plain(plain) == document


@pytest.fixture
def plain(make_run: Callable[..., Run]) -> dict[str, Any]:
    results = {"scs-0100-one": "FAIL", "scs-0100-two": "ABORT", "five-check": "MISS"}
    found: dict[str, Any] = yaml.safe_load(render(make_run(results)))
    found["run"]["invocations"] = dict(zip("ab", found["run"]["invocations"].values(), strict=True))
    return found


def test_a_report_of_ours_is_typed(plain: dict[str, Any]) -> None:
    found = ReportDocument.from_plain(plain)
    assert found.checked_at == dt.datetime(2026, 6, 15, 12, 3, 44, 120934)
    assert found.reference_date == dt.date(2026, 6, 15)
    assert found.results == {
        "scs-0100-one": Verdict.FAIL,
        "scs-0100-two": Verdict.ABORT,
        "scs-0102-three": Verdict.PASS,
        "four-check": Verdict.PASS,
    }
    assert found.debug is not None
    assert found.debug.missing == ("five-check",)
    assert found.spec.official is False


def test_a_report_from_before_forms_were_numbered_is_read(plain: dict[str, Any]) -> None:
    del plain["debug"]["form"]
    del plain["debug"]["warnings"]
    del plain["debug"]["data_as_of"]
    plain["debug"].update(tool="pytest-scs 0.1.0", requests_total=6)
    debug = ReportDocument.from_plain(plain).debug
    assert debug is not None
    assert (debug.tool, debug.warnings, debug.reading) == ("pytest-scs 0.1.0", (), {"requests_total": 6})


def test_a_report_of_the_official_tool_is_read(plain: dict[str, Any]) -> None:
    plain["run"].update(forced_tests=["scs-0100.*"], sections=["light"], note=1)
    plain["run"]["invocations"]["a"]["stdout"] = ["INFO: free text"]
    for debug in (None, "text", {"tool": "another", "missing": 7}):
        plain["debug"] = debug
        found = ReportDocument.from_plain(plain)
        assert found.debug is None
        assert found.run.forced_tests == ("scs-0100.*",)


def test_the_smallest_report_is_read_and_its_lines_are_counted() -> None:
    found = ReportDocument.from_plain(
        {
            "spec": {"uuid": OFFICIAL[1]},
            "checked_at": "2026-11-20T20:00:00+05:00",
            "subject": "devcloud",
            "run": {
                "uuid": "x",
                "assignment": {},
                "invocations": {"a": {"results": {"version-policy-check": 1}, "stderr": ["Error: x"]}},
            },
        }
    )
    # The monitor drops the zone of a quoted time.
    assert found.checked_at == dt.datetime(2026, 11, 20, 20)
    [invocation] = found.run.invocations.values()
    assert (invocation.id, invocation.rc, invocation.error, invocation.info) == ("a", None, 1, 0)
    assert found.spec.official


def test_of_two_invocations_the_later_one_counts(plain: dict[str, Any]) -> None:
    plain["run"]["invocations"]["b"]["results"]["scs-0100-one"] = 1
    assert ReportDocument.from_plain(plain).results["scs-0100-one"] is Verdict.PASS


# where, the new value, and the refusal
REFUSED: list[tuple[tuple[str, ...], Any, str]] = [
    (("spec",), None, "report.spec.uuid: is missing"),
    (("spec",), ["iaas"], "report.spec.uuid: is missing (found ['iaas'])"),
    (("spec", "uuid"), "iaas", "report.spec.uuid: 'iaas' is no UUID"),
    (("spec", "name"), 7, "report.spec.name: is no text (found 7)"),
    (("checked_at",), "infinity", "report.checked_at: 'infinity' is no point in time"),
    (("reference_date",), "soon", "report.reference_date: is no date (found 'soon')"),
    (("reference_date",), 7, "report.reference_date: is no date (found 7)"),
    (("subject",), None, "report.subject: is missing or no text (found nothing)"),
    (("subject",), "", "report.subject: is missing or no text (found '')"),
    (("run",), [], "report.run: is missing or no mapping (found [])"),
    (("run", "argv"), "--x", "report.run.argv: is no list of lines (found '--x')"),
    (("run", "sections"), {"a"}, "report.run.sections: is no list of lines (found {'a'})"),
    (("run", "invocations", "a"), 1, "report.run.invocations.a.results: is missing or no mapping (found 1)"),
    (("run", "invocations", "a", "rc"), float("nan"), "report.run.invocations.a.rc: is no integer (found nan)"),
    (("run", "invocations", "a", "error"), None, "report.run.invocations.a.error: is no integer (found nothing)"),
    (("run", "invocations", "a", "results", "x"), 0.5, "report.run.invocations.a.results.x: 0.5 is no integer"),
    (("run", "invocations", "a", "results", "x"), 2, "report.run.invocations.a.results.x: 2 is none of -1, 0, 1"),
    (("run", "invocations", "a", "results"), {1: 1}, "a.results: is missing or no text (found 1)"),
    (("versions",), {}, "report.versions: is read instead of run.invocations"),
    (("debug", "partial"), "no", "report.debug.partial: is neither true nor false (found 'no')"),
    (("debug", "missing"), {"x": 1}, "report.debug.missing: is no list of lines (found {'x': 1})"),
    (
        ("debug", "differing"),
        {"x": {"text": "pass"}},
        "report.debug.differing.x.text: is none of PASS, FAIL, ABORT, MISS (found 'pass')",
    ),
    (("debug", "causes"), {"x": 1}, "report.debug.causes.x: is missing or no text (found 1)"),
    (("debug", "differing"), {"x": 1}, "report.debug.differing.x: is missing or no mapping (found 1)"),
    (("debug", "form"), FORM + 1, f"report.debug.form: {FORM + 1} is none that this pytest-scs reads (1 to {FORM}); "),
    (("debug", "form"), True, "report.debug.form: True is none that this pytest-scs reads"),
]


@pytest.mark.parametrize(("where", "value", "refusal"), REFUSED)
def test_what_is_refused_is_named_with_what_was_found(
    plain: dict[str, Any], where: tuple[str, ...], value: Any, refusal: str
) -> None:
    holder: Any = plain
    for step in where[:-1]:
        holder = holder[step]
    holder[where[-1]] = value
    with pytest.raises(Malformed, match=re.escape(refusal)) as caught:
        ReportDocument.from_plain(plain)
    assert len(str(caught.value).splitlines()) == 1


def test_a_long_value_is_cut_in_the_refusal(plain: dict[str, Any]) -> None:
    plain["subject"] = ["x" * 10_000]
    with pytest.raises(Malformed) as caught:
        ReportDocument.from_plain(plain)
    assert len(str(caught.value)) < 120


def test_a_file_of_reports_is_read(make_run: Callable[..., Run], tmp_path: Path) -> None:
    path = tmp_path / "report.yaml"
    path.write_text(render(make_run(clouds=("a", "b"))))
    assert [document.subject for document in read_reports(path)] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("[]\n", "report.yaml: no SCS report: report: is no mapping (found [])"),
        ("---\na: 1\n---\nb: 2\n", "report.yaml: no SCS report: document 1.spec.uuid: is missing"),
        ("a: [\n", "report.yaml:2: not valid YAML: "),
    ],
)
def test_another_file_is_refused_by_its_name(tmp_path: Path, text: str, refusal: str) -> None:
    path = tmp_path / "report.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=re.escape(refusal)):
        read_reports(path)
