# SPDX-License-Identifier: Apache-2.0
"""scorecard.yaml: in the form of other tools, and nothing that they know is lost."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from stored_reports import CHECKED, IAAS, KAAS, NOW, stored

from pytest_scs.base.errors import InputError
from pytest_scs.core.selection import known_scopes
from pytest_scs.pipeline.report_store import StoredReport
from pytest_scs.pipeline.scorecard.scorecard import fleet
from pytest_scs.pipeline.scorecard.scorecard_file import CardFile, merged, read_card, write_card, write_cards

SCOPES = known_scopes()
SYNTAX = "scs-0100-syntax-check"
OTHER = "0b0f7a0e-3d5c-4f0c-9d53-5a1f4d2f3a11"


def write(folder: Path, *reports: StoredReport) -> tuple[Path, bool]:
    return write_card(folder, fleet(reports, SCOPES, NOW).cards["prod1", IAAS])


def entry(report: str = OTHER, checked_at: str = "2026-11-20 20:00:00", result: int = 1, **more: Any) -> dict[str, Any]:
    return {"report": report, "checked_at": checked_at, "expires_at": "2026-11-30 00:00:00", "result": result, **more}


def before(folder: Path, results: dict[str, Any], **more: Any) -> Path:
    path = folder / "scs-compatible-iaas" / "prod1" / "scorecard.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(yaml.safe_dump({"subject": "prod1", "scope": IAAS, "results": results, **more}))
    return path


def test_the_form_of_the_file(tmp_path: Path) -> None:
    path, changed = write(tmp_path, stored({SYNTAX: "FAIL"}, identity=OTHER))
    assert changed
    assert path == tmp_path / "scs-compatible-iaas" / "prod1" / "scorecard.yaml"
    assert path.read_text() == (
        f"---\nsubject: prod1\nscope: {IAAS}\nresults:\n  {SYNTAX}:\n    report: {OTHER}\n"
        "    checked_at: '2026-11-20 20:00:00'\n    expires_at: '2026-11-30 00:00:00'\n    result: -1\n"
    )
    assert write(tmp_path, stored({SYNTAX: "FAIL"}, identity=OTHER)) == (path, False)


def test_what_another_tool_knows_is_kept(tmp_path: Path) -> None:
    expired = {**entry(checked_at="2020-01-01 00:00:00"), "expires_at": "2020-01-10 00:00:00"}
    path = before(
        tmp_path,
        {"a-check": expired, SYNTAX: entry(checked_at="2026-11-21 00:00:00", result=1, log="x")},
        creator="another tool",
    )
    write(tmp_path, stored({SYNTAX: "FAIL", "unknown-check": "PASS"}))
    found = read_card(path)
    assert set(found.results) == {"a-check", SYNTAX, "unknown-check"}
    assert found.results["a-check"] == expired
    assert found.results[SYNTAX] == entry(checked_at="2026-11-21 00:00:00", result=1, log="x")
    assert found.more == {"creator": "another tool"}


@pytest.mark.parametrize("second", ["2026-11-20 20:00:00", "2026-11-20 19:59:59"])
def test_the_reports_decide_within_a_second_and_what_is_older_is_replaced(tmp_path: Path, second: str) -> None:
    path = before(tmp_path, {SYNTAX: entry(checked_at=second, result=1, note="kept")})
    write(tmp_path, stored({SYNTAX: "FAIL"}, identity="mine"))
    assert read_card(path).results[SYNTAX] == {**entry("mine", result=-1), "note": "kept"}


def test_a_report_that_lies_here_decides_over_what_a_file_says_of_it(tmp_path: Path) -> None:
    path = before(tmp_path, {SYNTAX: entry("mine", "2030-01-01 00:00:00", 1)})
    write(tmp_path, stored({SYNTAX: "FAIL"}, identity="mine"))
    assert read_card(path).results[SYNTAX] == entry("mine", result=-1)


def test_an_expired_result_is_in_the_file(tmp_path: Path) -> None:
    path, _ = write(tmp_path, stored({SYNTAX: "PASS"}, checked_at=dt.datetime(2024, 2, 29, 8)))
    assert read_card(path).results[SYNTAX]["expires_at"] == "2024-03-11 00:00:00"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "score card: is missing or no mapping"),
        ("subject: x", "results: is missing or no mapping"),
        (f"{{subject: prod2, scope: {IAAS}, results: {{}}}}", "it is the score card of prod2"),
        (f"{{subject: prod1, scope: {IAAS}, results: {{a: {{result: 2}}}}}}", "results.a.report: is missing"),
        ("a: &x 1\nb: *x", "alias"),
    ],
)
def test_what_is_no_score_card_of_ours_stays(tmp_path: Path, text: str, words: str) -> None:
    path = before(tmp_path, {})
    path.write_text(text)
    with pytest.raises(InputError, match=words) as raised:
        write(tmp_path, stored({SYNTAX: "PASS"}))
    assert str(path) in str(raised.value)
    assert path.read_text() == text


def test_it_lies_beside_the_reports_whichever_folder_was_named(tmp_path: Path) -> None:
    place = tmp_path / "reports" / "scs-compatible-iaas" / "prod1"
    report = dataclasses.replace(stored({SYNTAX: "PASS"}), path=place / "2026-11-20T200000Z.yaml")
    place.mkdir(parents=True)
    for folder in (tmp_path / "reports", place.parent, place):
        assert write(folder, report)[0] == place / "scorecard.yaml"


@pytest.mark.parametrize("name", ["..", ".", "a/b", "../../outside", "a\x1b[2J", "a\nb"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    reports = tmp_path / "reports"
    reports.mkdir()
    cards = fleet([stored({SYNTAX: "PASS"}, name), stored({SYNTAX: "PASS"})], SCOPES, NOW).cards.values()
    written, problems = write_cards(reports, iter(cards))
    assert len(written) == len(problems) == 1
    assert "no folder can be named after" in problems[0]
    assert [path.name for path in tmp_path.iterdir()] == ["reports"]


def test_a_folder_that_cannot_be_made_is_a_line_and_costs_no_other_card(tmp_path: Path) -> None:
    (tmp_path / "scs-compatible-kaas").write_text("a file")
    reports = [
        stored({SYNTAX: "PASS"}, "x" * 300),
        stored({"version-policy-check": "PASS"}, scope=KAAS),
        stored({SYNTAX: "PASS"}, "y"),
    ]
    written, problems = write_cards(tmp_path, iter(fleet(reports, SCOPES, NOW).cards.values()))
    assert len(written) == 1
    assert sorted(one.partition(": ")[0].startswith("cannot write score card") for one in problems) == [True, True]


def test_of_equal_times_the_reports_decide_whatever_their_order(tmp_path: Path) -> None:
    one = stored({SYNTAX: "PASS"}, identity="aaa")
    later = stored({SYNTAX: "FAIL"}, identity="bbb", checked_at=CHECKED + dt.timedelta(microseconds=5))
    path, _ = write(tmp_path, one, later)
    assert read_card(path).results[SYNTAX]["report"] == "bbb"
    assert write(tmp_path, later, one) == (path, False)


TESTCASES = (SYNTAX, "scs-0100-semantics-check", "own-check")
MOMENTS = [CHECKED + dt.timedelta(hours=hours, microseconds=part) for hours in range(3) for part in (0, 1)]
REPORTS = st.lists(
    st.builds(
        lambda results, moment, number: stored(results, checked_at=moment, identity=f"{number:08d}-0000-4000-8000-0"),
        st.dictionaries(st.sampled_from(TESTCASES), st.sampled_from(("PASS", "FAIL", "ABORT")), min_size=1),
        st.sampled_from(MOMENTS),
        st.integers(0, 9999),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda report: report.document.uuid,
)
FOREIGN = st.dictionaries(
    st.sampled_from((*TESTCASES, "gone-check")),
    st.builds(
        entry,
        st.sampled_from((OTHER, "report of another tool")),
        st.sampled_from([f"{moment:%Y-%m-%d %H:%M:%S}" for moment in MOMENTS]),
        st.sampled_from((-1, 0, 1)),
        note=st.sampled_from(("kept", None)),
    ),
)


@settings(max_examples=60, deadline=None)
@given(REPORTS, FOREIGN, st.randoms(use_true_random=False))
def test_a_foreign_card_is_merged_whatever_the_order(
    reports: list[StoredReport], foreign: dict[str, Any], random: Random
) -> None:
    old = CardFile("prod1", IAAS, foreign, {"by": "another tool"})
    mixed = [*reports]
    random.shuffle(mixed)
    found = merged(fleet(reports, SCOPES, NOW).cards["prod1", IAAS], old)
    again = fleet(mixed, SCOPES, NOW).cards["prod1", IAAS]
    assert merged(again, old) == found
    # What was written once changes no more, and neither does it in two steps.
    assert merged(again, found) == found
    step = merged(fleet(mixed[:1], SCOPES, NOW).cards["prod1", IAAS], old)
    assert merged(again, step) == found
    assert found.more == old.more
    assert found.results.keys() == foreign.keys() | {one for report in reports for one in report.document.results}
    for testcase, one in found.results.items():
        assert len(one["checked_at"]) == len(one["expires_at"]) == 19
        moments = [report.document.checked_at for report in reports if testcase in report.document.results]
        known = [f"{moment:%Y-%m-%d %H:%M:%S}" for moment in moments]
        assert one["checked_at"] == max([*known, *([foreign[testcase]["checked_at"]] if testcase in foreign else [])])
        if testcase in foreign:
            assert one["note"] == foreign[testcase]["note"]
            if known and max(known) >= foreign[testcase]["checked_at"]:
                assert one["report"] in {report.document.uuid for report in reports}
