# SPDX-License-Identifier: Apache-2.0
"""Merging reports into score cards: the newest counts, as long as its lifetime, whatever the order."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stored_reports import CHECKED, IAAS, KAAS, NOW, stored

from pytest_scs.core.scope_file import load_scope
from pytest_scs.core.selection import bundled_scopes, known_scopes
from pytest_scs.core.verdict import Verdict
from pytest_scs.pipeline.changes.history import histories
from pytest_scs.pipeline.report_store import StoredReport
from pytest_scs.pipeline.scorecard import scorecard_json, scorecard_text
from pytest_scs.pipeline.scorecard.scorecard import CardEntry, Fleet, ScoreCard, fleet

SCOPES = known_scopes()
MAIN = SCOPES[IAAS].versions["v5.1"].targets()["main"]
SYNTAX = "scs-0100-syntax-check"
DECLARATION = "scs-0214-x-node-distribution-declaration"


def card(*reports: StoredReport, now: dt.datetime = NOW, scope: str = IAAS) -> ScoreCard:
    return fleet(reports, SCOPES, now).cards["prod1", scope]


def entry(found: ScoreCard, testcase: str) -> CardEntry:
    [one] = [one for one in (*found.known, *found.unknown) if one.testcase == testcase]
    return one


@pytest.mark.parametrize(
    ("day", "scope", "testcase", "until"),
    [
        ("2026-11-20", IAAS, SYNTAX, "2026-11-30"),
        ("2026-01-05", IAAS, SYNTAX, "2026-01-19"),
        ("2026-01-11", IAAS, SYNTAX, "2026-01-19"),
        ("2024-02-29", IAAS, SYNTAX, "2024-03-11"),
        ("2026-11-20", KAAS, "kaas-networking-check", "2027-01-01"),
        ("2026-11-20", KAAS, "cncf-k8s-conformance", "2028-01-01"),
        ("2026-11-20", KAAS, "version-policy-check", "2026-11-30"),
    ],
)
def test_a_result_counts_before_its_expiry_and_not_at_it(day: str, scope: str, testcase: str, until: str) -> None:
    checked = dt.datetime.fromisoformat(f"{day} 20:00")
    end = dt.datetime.fromisoformat(until)
    report = stored({testcase: "PASS"}, checked_at=checked, scope=scope)
    before = entry(card(report, now=end - dt.timedelta(microseconds=1), scope=scope), testcase)
    after = entry(card(report, now=end, scope=scope), testcase)
    assert before.expires_at == after.expires_at == end
    assert (before.verdict, after.verdict) == (Verdict.PASS, Verdict.MISS)
    assert after.expired


def test_the_newest_counts_also_an_abort() -> None:
    later = stored({SYNTAX: "ABORT"}, checked_at=CHECKED + dt.timedelta(hours=1))
    found = card(later, stored(dict.fromkeys(MAIN, "PASS")))
    assert entry(found, SYNTAX).verdict is Verdict.ABORT
    assert found.state.text == "✅* v5.1"
    assert found.numbers == {Verdict.FAIL: 0, Verdict.MISS: 0, Verdict.ABORT: 1, Verdict.PASS: len(MAIN) - 1}


def test_a_partial_report_leaves_the_other_results() -> None:
    found = card(stored(dict.fromkeys(MAIN, "PASS")), stored({SYNTAX: "PASS"}, checked_at=NOW))
    assert found.state.ready
    assert found.state.result is Verdict.PASS


def test_unknown_testcases_are_kept_marked_and_not_counted() -> None:
    found = card(stored({**dict.fromkeys(MAIN, "PASS"), "no-such-check": "FAIL"}))
    assert found.state.result is Verdict.PASS
    assert [one.testcase for one in found.unknown] == ["no-such-check"]
    assert "  FAIL  no-such-check  unknown to the scope, not counted" in scorecard_text.details(fleet_of(found))


def fleet_of(found: ScoreCard) -> Fleet:
    return Fleet(NOW, {(found.subject, found.uuid): found})


def test_an_expired_result_is_left_out_of_what_is_shown() -> None:
    old = stored(
        {"no-such-check": "FAIL", "scs-0123-service-s3": "FAIL", SYNTAX: "FAIL"}, checked_at=dt.datetime(2026, 1, 1)
    )
    found = card(old, stored({MAIN[-1]: "PASS"}))
    lines = "\n".join(scorecard_text.details(fleet_of(found)))
    assert "no-such-check" not in lines
    assert "scs-0123-service-s3" not in lines
    assert f"  MISS  {SYNTAX}  FAIL of 2026-01-01, counted until 2026-01-11" in lines


def test_results_of_a_clock_that_was_ahead_are_told() -> None:
    """They stay newest, here as at the monitor, so that whatever is found until then has no effect."""
    ahead = stored(dict.fromkeys(MAIN, "PASS"), checked_at=NOW + dt.timedelta(days=30))
    found = card(ahead, stored({SYNTAX: "FAIL"}, checked_at=NOW))
    assert (
        f"  {len(MAIN)} results are dated in the future, up to 2026-12-23 12:00 UTC: a clock was wrong, and no newer "
        "result counts until then; move the reports out of the folder"
    ) in scorecard_text.details(fleet_of(found))
    soon = card(stored({SYNTAX: "PASS"}, checked_at=NOW + dt.timedelta(minutes=20)))
    assert "dated in the future" not in "\n".join(scorecard_text.details(fleet_of(soon)))


def test_a_subject_whose_results_have_all_expired_has_no_data() -> None:
    found = card(stored(dict.fromkeys(MAIN, "PASS")), now=CHECKED + dt.timedelta(days=30))
    assert found.state.text == "🛑 \N{EN DASH}"
    assert "no result that counts" in scorecard_text.answer(found)


def test_a_certificate_for_clusters_needs_a_declaration() -> None:
    main = dict.fromkeys(SCOPES[KAAS].versions["v1"].targets()["main"], "PASS")
    beyond = load_scope(bundled_scopes()["beyond-kaas"]).uuid
    lone = fleet([stored(main, scope=KAAS)], SCOPES, NOW).cards["prod1", KAAS]
    assert scorecard_text.readiness(lone) == (
        "ready to certify: yes (v1), plus declaration scs-0214 (not answered: scs attest --scs-scope=beyond-kaas)"
    )
    answered = stored(
        {DECLARATION: "PASS"}, scope=beyond, command="self-assessment of 2026-11-18, counts until 2027-03-31"
    )
    both = fleet([stored(main, scope=KAAS), answered], SCOPES, NOW).cards["prod1", KAAS]
    assert "plus declaration scs-0214 (answered 2026-11-18, counts until 2027-03-31)" in scorecard_text.readiness(both)
    late = fleet(
        [stored(main, scope=KAAS, checked_at=dt.datetime(2027, 5, 1)), answered], SCOPES, dt.datetime(2027, 5, 2)
    )
    assert "overdue: answered 2026-11-18" in scorecard_text.readiness(late.cards["prod1", KAAS])


def test_what_people_answered_has_two_lives() -> None:
    command = "self-assessment of 2026-11-20, counts until 2027-03-31"
    report = stored(
        {"node-distribution-check": "PASS"}, scope=KAAS, checked_at=dt.datetime(2026, 11, 26), command=command
    )
    found = card(report, now=dt.datetime(2026, 11, 27), scope=KAAS)
    lines = list(scorecard_text.details(fleet_of(found)))
    assert (
        "  PASS  node-distribution-check  answered 2026-11-20, counts until 2027-03-31; reported 2026-11-26, "
        "at the monitor until 2026-12-06 (in no version in force)"
    ) in lines


def test_groups_show_their_worst_member_and_members_without_report() -> None:
    reports = [stored(dict.fromkeys(MAIN, "PASS")), stored({**dict.fromkeys(MAIN, "PASS"), SYNTAX: "ABORT"}, "prod2")]
    found = fleet(reports, SCOPES, NOW, {"g": ["prod1", "prod2"], "h": ["prod1", "nobody"], "i": ["nobody"]})
    lines = list(scorecard_text.overview(found))
    assert any(line.startswith("group g ") and line.endswith("✅* v5.1 (prod2)") for line in lines)
    assert any(line.startswith("group h ") and line.endswith("🛑 \N{EN DASH} (nobody)") for line in lines)
    assert any(line.split() == ["nobody", "no", "report"] for line in lines)
    assert not any(line.startswith("group i") for line in lines)


def test_due_lists_what_is_due_and_what_is_overdue() -> None:
    report = stored(dict.fromkeys(MAIN, "PASS"))
    fine = fleet([report], SCOPES, CHECKED + dt.timedelta(days=1))
    assert not scorecard_text.is_overdue(fine.cards.values())
    assert next(scorecard_text.due_lines(fine)).startswith("due: nothing")
    late = fleet([report], SCOPES, CHECKED + dt.timedelta(days=8))
    assert scorecard_text.is_overdue(late.cards.values())
    assert any(
        line.startswith(f"  overdue  {SYNTAX}  interval over since 2026-11-27 20:00 UTC; expires 2026-11-30")
        for line in scorecard_text.due_lines(late)
    )
    failed = fleet([report, stored({SYNTAX: "FAIL"}, checked_at=NOW)], SCOPES, NOW)
    assert not scorecard_text.is_overdue(failed.cards.values())
    assert any(
        line.startswith(f"  due      {SYNTAX}  the last one is FAIL") for line in scorecard_text.due_lines(failed)
    )


def test_answers_that_are_over_are_overdue() -> None:
    command = "self-assessment of 2026-11-20, counts until 2027-03-31"
    report = stored(
        {"node-distribution-check": "PASS"}, scope=KAAS, checked_at=dt.datetime(2027, 3, 28), command=command
    )
    for day, overdue in ((dt.datetime(2027, 3, 31), False), (dt.datetime(2027, 4, 1), True)):
        assert entry(card(report, now=day, scope=KAAS), "node-distribution-check").overdue is overdue


def test_names_never_make_lines_of_their_own() -> None:
    hostile = "x\n\x1b[2Jprod2  SCS-compatible IaaS  ✅ v5.1"
    reports = [
        stored({SYNTAX: "FAIL", hostile: "FAIL"}, hostile),
        stored({"a": "PASS"}, hostile, scope=DECLARATION, name=hostile),
    ]
    found = fleet(reports, SCOPES, NOW, {hostile: [hostile]})
    for line in (*scorecard_text.overview(found), *scorecard_text.details(found), *scorecard_text.due_lines(found)):
        assert line.isprintable()


def test_the_json_is_as_its_schema_says() -> None:
    reports = [stored({SYNTAX: "FAIL", "no-such-check": "PASS"}), stored({"a": "PASS"}, "b", scope=DECLARATION)]
    content = json.loads(scorecard_json.render(fleet(reports, SCOPES, NOW, {"g": ["prod1", "b"]})))
    jsonschema.Draft202012Validator(scorecard_json.schema()).validate(content)
    [official] = [one for one in content["cards"] if one["official"]]
    assert official["result"] == "FAIL"
    assert official["ready_to_certify"] is False
    assert content["at"] == "2026-11-23T12:00:00+00:00"


REPORTS = st.lists(
    st.builds(
        stored,
        st.dictionaries(
            st.sampled_from([*MAIN[:3], "unknown"]), st.sampled_from(["PASS", "FAIL", "ABORT"]), min_size=1
        ),
        st.sampled_from(["prod1", "prod2"]),
        st.sampled_from([CHECKED, CHECKED + dt.timedelta(microseconds=1), CHECKED - dt.timedelta(days=10)]),
        scope=st.sampled_from([IAAS, KAAS]),
    ),
    max_size=6,
    unique_by=lambda report: report.document.run.uuid,
)


@settings(deadline=None, max_examples=25)
@given(REPORTS, st.randoms(use_true_random=False))
def test_the_order_of_reports_never_matters(reports: list[StoredReport], random: st.DataObject) -> None:
    shuffled = list(reports)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert fleet(reports, SCOPES, NOW, {"g": ["prod2", "prod1"]}) == fleet(
        shuffled, SCOPES, NOW, {"g": ["prod2", "prod1"]}
    )


@pytest.mark.parametrize(
    ("notes", "counts"),
    [
        ({}, "aaa"),
        # What the monitor has counts before what it never got, and of two the one it got first.
        ({"bbb": "time: 2026-11-20 21:00:00\nreports: [bbb]\n"}, "bbb"),
        (
            {
                "aaa": "time: 2026-11-20 21:00:00.5\nreports: [aaa]\n",
                "bbb": "time: 2026-11-20 21:00:00.25\nreports: [bbb]\n",
                "ccc": "time: '2026-11-20T23:00:00.1+02:00'\nreports: [ccc]\n",
            },
            "ccc",
        ),
        # What is no note, or is of another report, tells nothing.
        ({"bbb": "time: yesterday\nreports: [bbb]\n", "ccc": "time: 2026-11-20 21:00:00\nreports: [x]\n"}, "aaa"),
        ({"bbb": "time: 2026-13-20 21:00:00\nreports: [bbb]\n", "ccc": "\xff" * 70_000}, "aaa"),
    ],
)
def test_of_equal_times_the_first_sent_counts_in_every_order(
    tmp_path: Path, notes: dict[str, str], counts: str
) -> None:
    reports = [
        dataclasses.replace(one, path=tmp_path / one.path)
        for one in (
            stored({SYNTAX: verdict}, identity=name)
            for name, verdict in (("aaa", "PASS"), ("bbb", "FAIL"), ("ccc", "ABORT"))
        )
    ]
    for name, text in notes.items():
        (tmp_path / f"{name}.yaml.sent").write_text(text, "latin-1")
    for order in itertools.permutations(reports):
        newest = entry(card(*order), SYNTAX).newest
        assert newest is not None
        assert newest.report == counts
        assert histories(order, SCOPES)["prod1", IAAS][0].report.document.uuid == counts


def test_notes_are_read_where_they_decide_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(StoredReport, "sent_at", lambda _: pytest.fail("read"))
    card(stored({SYNTAX: "PASS"}), stored({SYNTAX: "PASS"}, checked_at=NOW), stored({SYNTAX: "PASS"}, "prod2"))


@settings(deadline=None, max_examples=15)
@given(REPORTS)
def test_of_each_testcase_exactly_the_newest_result_counts(reports: list[StoredReport]) -> None:
    for (subject, scope), found in fleet(reports, SCOPES, NOW).cards.items():
        own = [one.document for one in reports if (one.document.subject, one.document.spec.uuid) == (subject, scope)]
        known = {testcase for one in own for testcase in one.results}
        assert {one.testcase for one in (*found.known, *found.unknown) if one.newest} == known
        for testcase in known:
            newest = entry(found, testcase).newest
            assert newest is not None
            assert newest.checked_at == max(one.checked_at for one in own if testcase in one.results)


def test_a_later_report_at_the_end_of_the_calendar_breaks_nothing(tmp_path: Path) -> None:
    for moment in (dt.datetime.min, dt.datetime.max):
        found = fleet([stored({SYNTAX: "PASS"}, checked_at=moment)], SCOPES, NOW)
        assert scorecard_json.render(found)
        assert list(scorecard_text.due_lines(found))
        assert dataclasses.asdict(found)


OTHERS = """\
uuid: 5f7c1bd0-2d3c-4a58-9a0c-000000000001
name: Another scope
url: https://scs.example/scope
scripts:
- testcases:
  - {id: a-draft, description: "D", url: "https://scs.example/d"}
  - {id: b-old, description: "O", url: "https://scs.example/o"}
  - {id: c-now, description: "N", url: "https://scs.example/n"}
groups:
- {id: of-next, name: Next, url: "https://scs.example/next", include: [a-draft]}
- {id: of-v1, name: Old, url: "https://scs.example/v1", include: [b-old]}
- {id: of-v2, name: Now, url: "https://scs.example/v2", include: [c-now]}
versions:
- {version: next, test: of-next}
- {version: v2, attn: 1, test: of-v2}
- {version: v1, attn: 1, test: of-v1}
timeline:
- {date: 2026-01-01, versions: {next: draft, v2: effective, v1: warn}}
"""


def test_stable_versions_of_the_second_form_have_attention_too(tmp_path: Path) -> None:
    path = tmp_path / "other.yaml"
    path.write_text(OTHERS)
    scope = load_scope(path)
    report = stored(dict.fromkeys(("a-draft", "b-old", "c-now"), "FAIL"), scope=scope.uuid)
    found = fleet([report], known_scopes([scope]), NOW).cards["prod1", scope.uuid]
    assert [(one.testcase, one.attention, one.mild) for one in found.known] == [
        ("b-old", 1, False),
        ("c-now", 1, False),
        ("a-draft", 0, True),
    ]


def test_what_fails_in_an_older_stable_version_is_no_mild_failure() -> None:
    older = sorted(set(SCOPES[IAAS].versions["v4"].targets()["main"]) - set(MAIN))
    draft = sorted(set(SCOPES[IAAS].versions["next"].targets()["main"]) - set(MAIN) - set(older))
    found = card(stored(dict.fromkeys([*older, *draft], "FAIL") | dict.fromkeys(MAIN, "PASS")))
    assert older, "no testcase has left main since v4"
    assert not any(entry(found, testcase).mild for testcase in older)
    assert all(entry(found, one).mild for one in draft if not SCOPES[IAAS].attention(one))
