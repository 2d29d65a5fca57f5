# SPDX-License-Identifier: Apache-2.0
"""Results of testcases and of whole runs."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.base.redact import Redactor
from pytest_scs.core.cause import Cause, CauseKind
from pytest_scs.core.findings import Basis, Finding, Remark, Undecided
from pytest_scs.core.judge import Judge
from pytest_scs.core.results import Result, Run, aborted, about_run, causes, missing
from pytest_scs.core.scope import TARGETS
from pytest_scs.core.selection import select
from pytest_scs.core.subject import Subject
from pytest_scs.core.verdict import Verdict
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.evidence.source import RecordedSource
from pytest_scs.platforms.openstack.settings import OpenStackSettings
from pytest_scs.run.session import Session
from pytest_scs.run.settings import Settings
from pytest_scs.run.subjects import SubjectsOfRun

BOTH = Basis.BOTH
OFFICIAL, TEXT = Judge
A, B, C = (Subject("openstack", name) for name in "abc")
PASS, FAIL, ABORT, MISS = Verdict.PASS, Verdict.FAIL, Verdict.ABORT, Verdict.MISS

words = st.text(max_size=12)
bases = st.sampled_from(Basis)
results = st.builds(
    Result,
    testcase=words,
    subject=st.builds(Subject, words, words, words),
    official=st.sampled_from(Verdict),
    text=st.sampled_from(Verdict),
    findings=st.lists(st.builds(Finding, words, words, words, words, words, bases, words, words), max_size=3),
    undecided=st.lists(st.builds(Undecided, words, words, bases, words, st.sampled_from(CauseKind)), max_size=3),
    remarks=st.lists(st.builds(Remark, words, words, words, st.booleans(), st.booleans()), max_size=3),
    evidence=st.dictionaries(words, st.integers(0), max_size=3),
    cause=st.none() | st.builds(Cause, words, st.sampled_from(CauseKind)),
    details=words,
    duration=st.floats(0, 1e6),
)


@given(results)
def test_a_result_survives_the_way_between_processes(result: Result) -> None:
    copy = Result.from_json(result.to_json())
    assert copy == result
    assert copy.official is result.official
    assert copy.text is result.text
    assert [type(entry.basis) for entry in copy.findings] == [Basis] * len(result.findings)
    assert [copy.warnings(judge) for judge in (OFFICIAL, TEXT)] == [
        result.warnings(judge) for judge in (OFFICIAL, TEXT)
    ]


@given(results)
def test_the_text_of_a_result_fits_into_one_line_of_ascii(result: Result) -> None:
    text = result.to_json()
    assert text.isascii()
    assert "\n" not in text


def finding(resource: str, basis: Basis = BOTH, row: str = "", rule: str = "disk", identity: str = "") -> Finding:
    return Finding(resource, rule, "0", "1", basis=basis, deviation=row, resource_id=identity)


def result(official: Verdict, text: Verdict, *findings: Finding) -> Result:
    return Result("scs-0100-one", C, official, text, findings=list(findings), evidence={"flavors": 2})


def test_each_judge_has_its_verdict_and_its_violations() -> None:
    entry = result(FAIL, FAIL, finding("c"), finding("b", Basis.TEXT), finding("a", Basis.OFFICIAL))
    assert (entry.verdict(OFFICIAL), entry.verdict(TEXT)) == (FAIL, FAIL)
    assert [found.resource for found in entry.violations(OFFICIAL)] == ["a", "c"]
    assert [found.resource for found in entry.violations(TEXT)] == ["b", "c"]


def test_violations_are_sorted_by_resource_then_id_then_rule() -> None:
    found = [
        finding("b", identity="1"),
        finding("a", identity="2", rule="x"),
        finding("a", identity="1", rule="z"),
        finding("a", identity="1", rule="y"),
    ]
    assert result(FAIL, FAIL, *found).violations(OFFICIAL) == [found[3], found[2], found[1], found[0]]


def test_violations_of_one_resource_are_sorted_as_they_are_worded() -> None:
    worded = [Finding("a", "scs-0100/a", "0", "1", title="z"), Finding("a", "scs-0100/b", "0", "1", title="y")]
    assert result(FAIL, FAIL, *worded).violations(OFFICIAL) == worded[::-1]


def test_what_only_the_other_judge_counts_is_a_warning_with_its_row() -> None:
    entry = result(FAIL, PASS, finding("flavor x", Basis.OFFICIAL, "DEV-0100-7"))
    assert entry.warnings(TEXT) == [
        "flavor x: disk: expected 0, found 1; a violation only for the official suite (DEV-0100-7)"
    ]
    entry = result(PASS, FAIL, finding("flavor x", Basis.TEXT, "DEV-0100-8"))
    assert entry.warnings(OFFICIAL) == [
        "flavor x: disk: expected 0, found 1; a violation only for the text of the standard (DEV-0100-8)"
    ]


@pytest.mark.parametrize("remarks", [[], [Remark("odd")]], ids=["alone", "beside a remark"])
def test_different_verdicts_are_always_a_warning(remarks: list[Remark]) -> None:
    for entry in (result(FAIL, PASS, finding("x", Basis.OFFICIAL)), result(ABORT, PASS), result(PASS, ABORT)):
        entry.remarks = remarks
        for judge in (OFFICIAL, TEXT):
            lines = [line for line in entry.warnings(judge) if "official suite" in line]
            assert len(lines) == 1, (entry, judge)
    text = f"official suite: {ABORT}, text of the standard: {PASS}"
    assert text in result(ABORT, PASS).warnings(OFFICIAL)


def test_remarks_are_warnings_with_their_row() -> None:
    entry = result(PASS, PASS)
    entry.remarks = [Remark("odd"), Remark("official suite gives ABORT", "image x", "DEV-0102-2")]
    assert entry.warnings(OFFICIAL) == ["odd", "image x: official suite gives ABORT (DEV-0102-2)"]


def test_where_both_judges_agree_there_is_nothing_to_warn_of() -> None:
    assert result(PASS, PASS).warnings(OFFICIAL) == []
    assert result(FAIL, FAIL, finding("x")).warnings(TEXT) == []


def test_a_pass_on_no_objects_is_a_warning() -> None:
    entry = Result("x", C, PASS, PASS, evidence={"flavors": 0})
    assert entry.warnings(OFFICIAL) == ["not applicable: 0 flavors examined"]
    entry.evidence = {"flavors": 0, "images": 0}
    assert entry.warnings(TEXT) == ["not applicable: 0 flavors and images examined"]


@pytest.mark.parametrize(
    ("verdict", "evidence"), [(PASS, {"flavors": 0, "images": 1}), (FAIL, {"flavors": 0}), (ABORT, {"flavors": 0})]
)
def test_other_verdicts_and_objects_need_no_such_warning(verdict: Verdict, evidence: dict[str, int]) -> None:
    assert Result("x", C, verdict, verdict, evidence=evidence).warnings(OFFICIAL) == []


EXIT_CODES = [
    (["PASS", "PASS", "PASS"], 0),
    (["PASS", "FAIL", "PASS"], 1),
    (["PASS", "ABORT", "PASS"], 6),
    (["PASS", "MISS", "PASS"], 6),
    (["ABORT", "MISS", "PASS"], 6),
    (["FAIL", "ABORT", "MISS"], 1),
    (["ABORT", "ABORT", "ABORT"], 6),
    (["MISS", "MISS", "MISS"], 6),
    (["FAIL", "FAIL", "FAIL"], 1),
]


@pytest.mark.parametrize(("verdicts", "code"), EXIT_CODES)
def test_the_exit_code_follows_the_testcases_in_main(
    make_run: Callable[..., Run], verdicts: Sequence[str], code: int
) -> None:
    for order in itertools.permutations(verdicts):
        run = make_run(dict(zip(("scs-0100-one", "scs-0100-two", "scs-0102-three"), order, strict=True)))
        assert run.exit_code() == code


@pytest.mark.parametrize("verdict", ["FAIL", "ABORT", "MISS"])
def test_what_does_not_decide_never_changes_the_exit_code(make_run: Callable[..., Run], verdict: str) -> None:
    assert make_run({"four-check": verdict, "five-check": verdict}).exit_code() == 0
    assert make_run({"four-check": verdict, "scs-0100-one": "FAIL"}).exit_code() == 1


def test_a_draft_judged_along_does_not_change_the_exit_code(make_run: Callable[..., Run], mini_path: Path) -> None:
    assert make_run({"scs-0102-three": "FAIL"}, specs=[str(mini_path)]).exit_code() == 0
    assert make_run({"scs-0100-one": "FAIL"}, specs=[str(mini_path)]).exit_code() == 1


def test_the_judge_of_the_run_decides_the_exit_code(make_run: Callable[..., Run]) -> None:
    differing = Result("scs-0100-one", A, PASS, FAIL)
    assert make_run({"scs-0100-one": differing}, judge=OFFICIAL).exit_code() == 0
    assert make_run({"scs-0100-one": differing}, judge=TEXT).exit_code() == 1


def test_one_failing_subject_fails_the_run(make_run: Callable[..., Run]) -> None:
    run = make_run(clouds=("a", "b"))
    assert run.exit_code() == 0
    run.subject_runs[1].results["scs-0100-two"].official = FAIL
    assert run.exit_code() == 1


def test_filtered_testcases_do_not_count(make_run: Callable[..., Run]) -> None:
    run = make_run({"scs-0100-one": "FAIL", "scs-0100-two": "MISS"}, chosen=["scs-0102-three"])
    assert run.exit_code() == 0
    assert run.partial
    assert [entry.id for entry in run.expected()] == ["scs-0102-three"]


def test_a_run_of_everything_is_not_partial(make_run: Callable[..., Run]) -> None:
    run = make_run()
    assert not run.partial
    assert [entry.id for entry in run.expected()] == list(run.selection.expected)
    [version] = run.selection.versions
    assert [entry.id for entry in run.members(version, "main")] == ["scs-0100-one", "scs-0100-two", "scs-0102-three"]
    assert [entry.id for entry in run.members(version, "recommended")] == ["four-check"]


def test_the_verdicts_of_a_version_can_be_asked_for_by_either_judge(make_run: Callable[..., Run]) -> None:
    run = make_run({"scs-0100-one": Result("scs-0100-one", A, PASS, FAIL)})
    entries = run.members(run.selection.versions[0], "main")
    assert run.verdicts(run.subject_runs[0], entries) == [PASS, PASS, PASS]
    assert run.verdicts(run.subject_runs[0], entries, TEXT) == [FAIL, PASS, PASS]


def test_members_of_a_partial_run_are_the_chosen_ones(make_run: Callable[..., Run]) -> None:
    run = make_run(chosen=["scs-0100-two"])
    assert [entry.id for entry in run.members(run.selection.versions[0], "main")] == ["scs-0100-two"]


def test_one_cause_is_given_once_with_all_it_took_down(make_run: Callable[..., Run]) -> None:
    run = make_run({"scs-0100-one": "ABORT", "scs-0100-two": "ABORT", "four-check": "FAIL", "five-check": "MISS"})
    found = run.subject_runs[0].results.values()
    assert causes(found, ABORT) == {Cause("compute answers 503", CauseKind.OUTAGE): ["scs-0100-one", "scs-0100-two"]}
    assert causes(found, MISS) == {Cause("not run", CauseKind.INTERRUPTED): ["five-check"]}
    assert causes(found, FAIL) == {}


def test_a_cause_counts_for_either_judge() -> None:
    entries = [Result("a", C, ABORT, PASS, cause=Cause("x")), Result("b", C, PASS, ABORT, cause=Cause("x"))]
    assert causes(entries, ABORT) == {Cause("x"): ["a", "b"]}


@pytest.fixture
def session(mini_path: Path) -> Session:
    scopes, files = (str(mini_path),), (None, None, None, None)
    chosen = {"openstack": OpenStackSettings(("a", "b"))}
    settings = Settings(scopes, None, TARGETS, OFFICIAL, chosen, None, *files, False, False, 60.0)
    selection = select([f"{mini_path}@next"], dt.date(2026, 6, 15), TARGETS, mini_path.parent)
    inventories = {subject: Inventory(subject, "2026-06-15T12:00:00+00:00") for subject in (A, B)}
    subjects = SubjectsOfRun((A, B), selection)
    session = Session(settings, selection, subjects, RecordedSource(inventories), Redactor())
    session._collected = {
        f"{testcase}[{subject}]": (testcase, subject) for testcase in selection.expected for subject in (A, B)
    }
    return session


@pytest.mark.parametrize(
    ("interrupted", "cause"),
    [
        (False, Cause("not run", CauseKind.INTERRUPTED)),
        (True, Cause("not run: the run was interrupted", CauseKind.INTERRUPTED)),
    ],
    ids=["ended", "broken"],
)
def test_every_expected_testcase_has_one_verdict_on_every_subject(
    session: Session, interrupted: bool, cause: Cause
) -> None:
    session.record(Result("scs-0100-one", A, FAIL, FAIL))
    run = session.run(interrupted)
    assert [one.subject.name for one in run.subject_runs] == ["a", "b"]
    for one in run.subject_runs:
        assert list(one.results) == list(run.selection.expected)
        for identity, entry in one.results.items():
            assert (entry.testcase, entry.subject) == (identity, one.subject)
            known = (identity, one.subject) == ("scs-0100-one", A)
            assert (entry.official, entry.text, entry.cause) == ((FAIL, FAIL, None) if known else (MISS, MISS, cause))
    assert run.interrupted is interrupted
    assert run.exit_code() == 1


def test_a_testcase_the_user_left_out_is_missing_for_that_reason(session: Session) -> None:
    session._collected = {"x": ("scs-0100-one", A), "y": ("scs-0100-one", B)}
    run = session.run(False)
    assert run.partial
    assert run.subject_runs[0].results["scs-0100-two"].cause == Cause("not selected", CauseKind.NOT_SELECTED)
    assert run.subject_runs[0].results["scs-0100-one"].cause == Cause("not run", CauseKind.INTERRUPTED)


def test_a_dead_worker_makes_its_testcase_undecided(session: Session) -> None:
    session.record_crash("scs-0100-two[b]", "killed by signal 9")
    session.record_crash("a test of somebody else", "killed")
    run = session.run(False)
    assert run.subject_runs[1].results["scs-0100-two"].official is ABORT
    assert run.subject_runs[1].results["scs-0100-two"].cause == Cause(
        "the worker process died: killed by signal 9", CauseKind.INTERRUPTED
    )
    assert run.subject_runs[0].results["scs-0100-two"].official is MISS


def test_a_later_result_replaces_an_earlier_one(session: Session) -> None:
    session.record(Result("scs-0100-one", A, PASS, PASS))
    session.record(aborted("scs-0100-one", A, Cause("teardown")))
    assert session.run(False).subject_runs[0].results["scs-0100-one"].official is ABORT


def test_results_without_evidence_are_the_same_for_both_judges(make_run: Callable[..., Run]) -> None:
    entry = make_run().selection.expected["scs-0100-one"]
    lost = missing(entry, C, Cause("why"))
    assert (lost.testcase, lost.subject, lost.cause) == ("scs-0100-one", C, Cause("why"))
    assert (lost.official, lost.text) == (MISS, MISS)
    broken = aborted("scs-0100-one", C, Cause("why"))
    assert (broken.official, broken.text, broken.cause) == (ABORT, ABORT, Cause("why"))


def test_remarks_about_the_run_are_made_once_and_the_others_not_at_all() -> None:
    first, second = (aborted("scs-0100-one", A, Cause("no answer")) for _ in range(2))
    first.remarks = [Remark("slow"), Remark("typo", about_run=True), Remark("for us", public=False, about_run=True)]
    second.remarks = [Remark("typo", about_run=True), Remark("too", "option x", about_run=True)]
    assert about_run([first, second]) == ["typo", "for us", "option x: too"]
    assert about_run([first, second], public=True) == ["typo", "option x: too"]
