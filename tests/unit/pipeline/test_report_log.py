# SPDX-License-Identifier: Apache-2.0
"""What the page of score cards shows of the reports behind them: everything, or what the monitor shows everybody."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from pathlib import Path

import pytest
from stored_reports import CHECKED, NOW, stored, written

from pytest_scs.base.language import ENGLISH, language
from pytest_scs.cli import main as scs
from pytest_scs.core.report_format import ReportFormat
from pytest_scs.core.selection import known_scopes
from pytest_scs.pipeline.report_store import StoredReport
from pytest_scs.pipeline.scorecard import report_log, scorecard_html
from pytest_scs.pipeline.scorecard.report_log import logs_of
from pytest_scs.pipeline.scorecard.scorecard import fleet

SYNTAX = "scs-0100-syntax-check"
LINES = ("ERROR: a: <b>&amp;</b>", "WARNINGS are many", "CRITICAL: of 10.0.0.1", "INFO: x", "error: small", "")


def report(**changed: object) -> StoredReport:
    found = stored({SYNTAX: "FAIL"}, lines=LINES)
    invocation = dataclasses.replace(
        found.document.run.invocations["a"], stdout=("scs-0100-syntax-check: FAIL", "FAIL: no", "x: PASS "), rc=1
    )
    run = dataclasses.replace(found.document.run, invocations={"a": invocation}, assignment={"os_cloud": "prod1"})
    return dataclasses.replace(found, document=dataclasses.replace(found.document, run=run, **changed))


def test_what_is_public_is_what_the_monitor_shows_everybody() -> None:
    [log] = logs_of([report()], "c", ENGLISH, public=False)
    [invocation] = log.invocations
    assert invocation.facts[0] == ("Exit code", "1")
    assert ("Variable assignment", "os_cloud=prod1") in log.facts
    assert invocation.results == ((SYNTAX, "✘", "FAIL"),)
    seen = {stream.name: [line for line, public in stream.lines if public] for stream in invocation.streams}
    assert seen == {"stdout": [f"{SYNTAX}: FAIL"], "stderr": list(LINES[:2])}
    [public] = logs_of([report()], "c", ENGLISH, public=True)
    told = {one.name: ([line for line, _ in one.lines], one.hidden) for one in public.invocations[0].streams}
    assert told == {"stdout": ([f"{SYNTAX}: FAIL"], 2), "stderr": (list(LINES[:2]), 4)}


def test_the_log_of_the_announced_form_is_one_for_all() -> None:
    lines = (
        "INFO: *** a",
        "INFO: +++ a: PASS",
        "ERROR: x",
        "DEBUG: y",
        "without",
        "CRITICAL: z",
        "error: no",
        "WARNING:",
    )
    [log] = logs_of([report(format=ReportFormat.NEXT, log=lines, creator="t 1")], "c", ENGLISH, public=True)
    [stream] = log.invocations[0].streams
    assert [line for line, _ in stream.lines] == ["INFO: *** a", "ERROR: x", "CRITICAL: z"]
    assert ("Made with", "t 1") in log.facts


def test_pages_stay_small_and_say_what_is_left_out() -> None:
    many = stored({SYNTAX: "FAIL"}, lines=["ERROR: " + "x" * 5000] * 2000)
    [log] = logs_of([many], "c", ENGLISH, public=False)
    [stream] = log.invocations[0].streams
    assert (len(stream.lines), stream.more) == (report_log.LINES, 2000 - report_log.LINES)
    assert max(len(line) for line, _ in stream.lines) <= 500


def page(*reports: StoredReport, public: bool = False, lang: str = "en") -> str:
    return scorecard_html.render(fleet(reports, known_scopes(), NOW), language(lang), public=public)


def test_the_page_has_a_log_for_each_report_that_counts_and_links_to_it() -> None:
    text = page(
        report(),
        stored({"scs-0100-semantics-check": "PASS"}),
        stored({SYNTAX: "PASS"}, checked_at=CHECKED.replace(day=19)),
    )
    anchors = re.findall(r'<details class="log" id="([^"]+)"', text)
    assert len(anchors) == len(set(anchors)) == 2
    assert set(re.findall(r'href="#([^"]*-log-\d+)"', text)) == set(anchors)
    assert "ERROR: a: &lt;b&gt;&amp;amp;&lt;/b&gt;" in text
    assert '<li class="private">CRITICAL: of 10.0.0.1</li>' in text
    assert 'id="public-view"' in text


def test_names_of_strangers_turn_nothing_around_on_the_page() -> None:
    odd = "\u202e\x1b[31m"
    report = stored({f"x{odd}": "FAIL", SYNTAX: "PASS"}, f"prod{odd}", identity=f"id{odd}", lines=[f"ERROR: {odd}"])
    other = stored({"y": "FAIL"}, f"prod{odd}", scope="unknown", name=f"Scope{odd}")
    found = fleet([report, other], known_scopes(), NOW, {f"group{odd}": [f"prod{odd}"]})
    text = scorecard_html.render(found, ENGLISH)
    assert not {"\u202e", "\x1b"} & set(text)
    assert "prod\\u202e" in text


@pytest.mark.parametrize("lang", ["en", "de"])
def test_a_public_page_has_nothing_else(lang: str) -> None:
    text = page(report(), public=True, lang=lang)
    assert "10.0.0.1" not in text
    assert 'class="private"' not in text
    assert 'id="public-view"' not in text
    assert ("die nicht öffentlich sind" if lang == "de" else "(lines that are not public are left out)") in text


def test_the_command_takes_the_profile_for_its_page_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(tmp_path / "reports", report())
    place = str(tmp_path / "reports")
    assert scs(["report", "scorecard", place, "--public"]) == 4
    assert "--public is about the page; add --html=FILE" in capsys.readouterr().err
    assert scs(["report", "scorecard", place, "--public", f"--html={tmp_path / 'page.html'}"]) == 0
    assert "10.0.0.1" not in (tmp_path / "page.html").read_text("utf-8")


def test_how_long_before_its_end_a_result_is_due(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(tmp_path / "reports", stored({SYNTAX: "PASS"}, checked_at=dt.datetime.now(dt.UTC).replace(tzinfo=None)))
    due = f"due      {SYNTAX}"
    assert scs(["report", "scorecard", str(tmp_path / "reports"), "--due"]) == 1
    assert due not in capsys.readouterr().out
    assert scs(["report", "scorecard", str(tmp_path / "reports"), "--due", "--due-within=20d"]) == 1
    assert due in capsys.readouterr().out
    for wrong in ("", "2", "2w", "-1d"):
        assert scs(["report", "scorecard", str(tmp_path / "reports"), f"--due-within={wrong}"]) == 4
        assert capsys.readouterr().err.count("--due-within: ") == 1
