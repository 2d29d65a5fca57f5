# SPDX-License-Identifier: Apache-2.0
"""scs-0201 and scs-0219 from results of the e2e suite: every row about official suite and text, by both judges."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.core.cause import CauseKind
from pytest_scs.core.collector import Collector
from pytest_scs.core.findings import Basis, Finding, Remark, Undecided
from pytest_scs.core.judge import Judge
from pytest_scs.core.verdict import Verdict
from pytest_scs.standards.kaas.e2e_exceptions import ExcusedTest
from pytest_scs.standards.kaas.e2e_judgement import (
    CONFORMANCE,
    NETWORKING,
    Check,
    as_of,
    count_tests,
    judge_run,
    of_a_day_to_come,
)
from pytest_scs.standards.kaas.e2e_run import E2eRun, Named, Part, Problem, Tally

CHECKS = pytest.mark.parametrize("check", [CONFORMANCE, NETWORKING], ids=["0201", "0219"])

WHOLE = Tally(446, 0, 0, 29, 0, 0)
POLICIES = Tally(50, 0, 0)


def whole(check: Check, **changes: Any) -> E2eRun:
    """A result in which everything ran and passed."""
    own = WHOLE if check is CONFORMANCE else POLICIES
    run = E2eRun(
        runner="sonobuoy",
        server_version="v1.36.3",
        parts=(Part(own.executed, 7579, own.executed),),
        every=Tally(own.passed, 0, 7579 - own.passed, own.serial),
        conformance=own if check is CONFORMANCE else Tally(0, 0, 446, 0, 29, 29),
        network_policy=own if check is NETWORKING else Tally(0, 0, 50),
    )
    return dataclasses.replace(run, **changes)


def tallied(check: Check, tally: Tally, **changes: Any) -> E2eRun:
    """A result with other numbers of the tests that the testcase is about."""
    part = Part(tally.executed, 7579, tally.executed)
    key = "conformance" if check is CONFORMANCE else "network_policy"
    return whole(check, **{key: tally, "parts": (part,)} | changes)


def failing(check: Check, *names: str) -> E2eRun:
    """A result in which some tests failed."""
    total = WHOLE if check is CONFORMANCE else POLICIES
    tally = dataclasses.replace(total, passed=total.passed - len(names), failed=len(names))
    return tallied(check, tally, failures=tuple(Named(name, "timed out") for name in names))


def judged(check: Check, run: E2eRun) -> tuple[Collector, tuple[Verdict, Verdict]]:
    """What is found, and the verdicts: official suite, text."""
    scs = Collector(None, Judge.OFFICIAL)  # type: ignore[arg-type]
    scs.examined(check.tests, count_tests(check, run))
    scs.add(judge_run(check, run))
    return scs, (scs.verdict(Judge.OFFICIAL), scs.verdict(Judge.TEXT))


def rows(scs: Collector) -> list[str]:
    """The rows that remarks name."""
    return [remark.deviation for remark in scs.remarks if remark.deviation]


def said(scs: Collector) -> list[str]:
    """What remarks say of the official suite."""
    return [remark.text for remark in scs.remarks if remark.text.startswith("the official suite would say")]


BOTH_PASS = (Verdict.PASS, Verdict.PASS)
BOTH_ABORT = (Verdict.ABORT, Verdict.ABORT)
BOTH_FAIL = (Verdict.FAIL, Verdict.FAIL)


def own_name(check: Check, number: int = 1) -> str:
    return f"[sig-a] test {number} [Conformance]" if check is CONFORMANCE else f"[sig-a] NetworkPolicy {number}"


@pytest.mark.parametrize("number", [2, 3, 4, 5, 6, 7, 9, 10])
def test_rows_are_named_by_the_standard_that_is_judged(number: int) -> None:
    assert (CONFORMANCE.row(number), NETWORKING.row(number)) == (f"DEV-0201-{number}", "DEV-0219-1")


@CHECKS
def test_all_tests_passed(check: Check) -> None:
    scs, verdicts = judged(check, whole(check))
    assert verdicts == BOTH_PASS
    passed = 446 if check is CONFORMANCE else 50
    assert str(scs.remarks[0]) == f"{passed} passed, 0 failed, 0 excused, {7579 - passed} skipped"
    assert scs.evidence == {check.tests: passed}
    assert rows(scs) == []


@CHECKS
def test_each_failed_test_is_an_offender_with_what_it_said(check: Check) -> None:
    names = [own_name(check, 1), own_name(check, 2)]
    scs, verdicts = judged(check, failing(check, *names))
    assert verdicts == BOTH_FAIL
    assert [finding.resource for finding in scs.findings] == names
    (finding, _) = scs.findings
    assert (finding.rule, finding.expected, finding.observed) == (
        f"{check.standard}/test_passes",
        "passed",
        "timed out",
    )
    assert finding.basis is Basis.BOTH
    assert finding.hint.startswith("look at it alone: sonobuoy run --plugin e2e --wait --e2e-skip")
    assert r"'\[sig-a\] " in finding.hint
    assert not scs.undecided


@CHECKS
def test_what_fails_fails_even_if_the_suite_did_not_come_to_its_end(check: Check) -> None:
    """DEV-0201-4, DEV-0219-1."""
    run = failing(check, own_name(check)).with_problem("run exceeded 6 h", CauseKind.TIMEOUT)
    scs, verdicts = judged(check, run)
    assert verdicts == BOTH_FAIL
    assert "run exceeded 6 h" in scs.undecided[0].reason
    assert said(scs) == []


@CHECKS
@pytest.mark.parametrize(
    ("kind", "number", "official"),
    [
        (CauseKind.TIMEOUT, 4, "PASS"),
        (CauseKind.OUTAGE, 4, "PASS"),
        (CauseKind.MALFORMED, 4, "PASS"),
        (CauseKind.MISSING_TOOL, 6, "nothing"),
        (CauseKind.INTERRUPTED, 0, ""),
        (CauseKind.NOT_GIVEN, 0, ""),
    ],
)
def test_a_suite_that_did_not_come_to_its_end(check: Check, kind: CauseKind, number: int, official: str) -> None:
    """DEV-0201-4, DEV-0201-6, DEV-0219-1."""
    scs, verdicts = judged(check, E2eRun(problems=(Problem("something", kind),)))
    assert verdicts == BOTH_ABORT
    assert [(one.reason, one.kind) for one in scs.undecided] == [("something", kind)]
    assert said(scs) == ([f"the official suite would say {official}"] if official else [])
    assert rows(scs) == ([check.row(number)] if number else [])


@CHECKS
def test_how_far_it_came_is_said(check: Check) -> None:
    run = tallied(check, Tally(40, 0, 10), problems=(Problem("gone"),))
    assert judged(check, run)[0].undecided[0].reason == f"gone (40 of 50 {check.tests} ran)"


@CHECKS
@pytest.mark.parametrize("change", [{"dry": True}, {"mode": "dry"}])
def test_a_dry_run_tests_nothing(check: Check, change: dict[str, Any]) -> None:
    """DEV-0201-2, DEV-0219-1."""
    scs, verdicts = judged(check, whole(check, **change))
    assert verdicts == BOTH_ABORT
    selected = 446 if check is CONFORMANCE else 50
    assert scs.undecided[0].reason == f"dry run: nothing was tested; {selected} tests were selected"
    assert (said(scs), rows(scs)) == (["the official suite would say PASS"], [check.row(2)])


@CHECKS
@pytest.mark.parametrize("tally", [Tally(), Tally(0, 0, 446, 0, 29, 29)])
def test_no_test_ran(check: Check, tally: Tally) -> None:
    """DEV-0201-3, DEV-0219-1."""
    scs, verdicts = judged(check, tallied(check, tally))
    assert verdicts == BOTH_ABORT
    assert scs.undecided[0].reason == f"only 0 of {tally.listed} tests ran"
    assert (said(scs), rows(scs)) == (["the official suite would say PASS"], [check.row(3)])


@CHECKS
def test_tests_of_the_other_testcase_prove_nothing(check: Check) -> None:
    other = NETWORKING if check is CONFORMANCE else CONFORMANCE
    scs, verdicts = judged(check, whole(other))
    assert verdicts == BOTH_ABORT
    assert rows(scs) == [check.row(3)]


@CHECKS
def test_a_test_with_an_unknown_status_is_not_passed(check: Check) -> None:
    """DEV-0201-5, DEV-0219-1."""
    run = whole(check, unclear=(Named(own_name(check), "status unknown"),))
    scs, verdicts = judged(check, run)
    assert verdicts == BOTH_ABORT
    assert scs.undecided[0].reason == f"{own_name(check)}: status unknown"
    assert (said(scs), rows(scs)) == (["the official suite would say PASS"], [check.row(5)])


@CHECKS
def test_fewer_tests_ran_than_were_announced(check: Check) -> None:
    """DEV-0201-7, DEV-0219-1."""
    run = whole(check, parts=(Part(402, 7579, 311), Part(44, 7579, 44)))
    scs, verdicts = judged(check, run)
    assert verdicts == BOTH_ABORT
    assert scs.undecided[0].reason == "only 311 of 402 tests ran"
    assert (said(scs), rows(scs)) == (["the official suite would say PASS"], [check.row(7)])


@CHECKS
def test_a_test_that_skipped_itself_is_named(check: Check) -> None:
    run = tallied(check, Tally(445, 0, 1, 29), left_out=(Named(own_name(check), "needs two nodes"), Named("else", "x")))
    scs, verdicts = judged(check, run)
    assert verdicts == BOTH_ABORT
    assert scs.undecided[0].reason == (
        f"only 445 of 446 tests ran; skipped themselves: {own_name(check)}: needs two nodes"
    )
    assert rows(scs) == [check.row(7)]


def test_a_narrow_focus_is_no_conformance_run() -> None:
    scs, verdicts = judged(CONFORMANCE, tallied(CONFORMANCE, Tally(5, 0, 441, 0, 29, 29)))
    assert verdicts == BOTH_ABORT
    assert scs.undecided[0].reason == "only 5 of 446 tests ran"
    scs, verdicts = judged(CONFORMANCE, tallied(CONFORMANCE, Tally(299, 0, 0, 29)))
    assert verdicts == BOTH_ABORT
    assert scs.undecided[0].reason == "only 299 of 300 tests ran: there are more conformance tests than that"


@pytest.mark.parametrize(("number", "warned"), [(1, True), (19, True), (20, False)])
def test_few_network_policy_tests_decide_with_a_warning(number: int, warned: bool) -> None:
    scs, verdicts = judged(NETWORKING, tallied(NETWORKING, Tally(number, 0, 0)))
    assert verdicts == BOTH_PASS
    few = f"{number} tests are few: Kubernetes 1.36 has 50 NetworkPolicy tests"
    assert (few in map(str, scs.remarks)) is warned
    scs, verdicts = judged(NETWORKING, tallied(NETWORKING, Tally(number, 0, 50 - number)))
    assert verdicts == BOTH_ABORT
    assert scs.undecided[0].reason == f"only {number} of 50 tests ran"


@CHECKS
def test_a_failed_node_of_the_suite(check: Check) -> None:
    """DEV-0201-10, DEV-0219-1."""
    node = Named("[SynchronizedBeforeSuite]", "nodes are not ready")
    scs, verdicts = judged(check, tallied(check, Tally(0, 0, 446), suite_failures=(node,)))
    assert verdicts == BOTH_ABORT
    assert [one.reason for one in scs.undecided] == ["[SynchronizedBeforeSuite] failed: nodes are not ready"]
    assert (said(scs), rows(scs)) == (["the official suite would say FAIL"], [check.row(10)])
    _, verdicts = judged(check, dataclasses.replace(failing(check, own_name(check)), suite_failures=(node,)))
    assert verdicts == BOTH_FAIL


def test_serial_tests_that_were_left_out_keep_only_the_text_from_a_verdict() -> None:
    """DEV-0201-1."""
    scs, verdicts = judged(CONFORMANCE, tallied(CONFORMANCE, Tally(417, 0, 29, 0, 29, 29)))
    assert verdicts == (Verdict.PASS, Verdict.ABORT)
    (undecided,) = scs.undecided
    assert undecided.basis is Basis.TEXT
    assert undecided.reason.startswith("29 serial tests were not run")
    assert rows(scs) == ["DEV-0201-1"]
    assert "29 serial tests were not run: not decided by the text" in [remark.text for remark in scs.remarks]


def test_a_part_of_the_serial_tests_is_a_part_of_all() -> None:
    scs, verdicts = judged(CONFORMANCE, tallied(CONFORMANCE, Tally(420, 0, 26, 3, 26, 26)))
    assert verdicts == BOTH_ABORT
    assert rows(scs) == ["DEV-0201-7"]


def test_a_failure_counts_for_the_text_also_if_serial_tests_were_left_out() -> None:
    run = tallied(CONFORMANCE, Tally(416, 1, 29, 0, 29, 29), failures=(Named(own_name(CONFORMANCE), "x"),))
    scs, verdicts = judged(CONFORMANCE, run)
    assert verdicts == BOTH_FAIL
    assert not scs.undecided


@CHECKS
def test_a_flaky_test_passed_and_is_named(check: Check) -> None:
    """DEV-0201-9."""
    scs, verdicts = judged(check, whole(check, flaky=(own_name(check), "another")))
    assert verdicts == BOTH_PASS
    (flaky,) = [remark for remark in scs.remarks if remark.text.startswith("flaky")]
    assert flaky.resource == own_name(check)
    assert flaky.deviation == ("DEV-0201-9" if check is CONFORMANCE else "")


SCTP = "[sig-network] NetworkPolicy [Feature:SCTPConnectivity] should enforce policy"
CIDR = "[sig-network] Netpol NetworkPolicy should allow egress access to server in CIDR block"


def test_excused_failures_are_counted_by_reason() -> None:
    scs, verdicts = judged(NETWORKING, failing(NETWORKING, SCTP, f"{SCTP} 2"))
    assert verdicts == BOTH_PASS
    texts = [remark.text for remark in scs.remarks]
    assert "2 failures excused (SCTP is optional: 2)" in texts
    assert "48 passed, 0 failed, 2 excused, 7529 skipped" in texts
    named = [remark for remark in scs.remarks if remark.resource == SCTP]
    assert [(one.text, one.public) for one in named] == [
        ("failed, and is excused by the entry 'Feature:SCTPConnectivity': SCTP is optional", False)
    ]
    (unused,) = [remark for remark in scs.remarks if remark.text.startswith("entries of the list")]
    assert not unused.public
    assert "SCTP" not in unused.text
    assert "0.0.0.0" in unused.text


def test_an_excused_failure_excuses_no_other() -> None:
    scs, verdicts = judged(NETWORKING, failing(NETWORKING, SCTP, own_name(NETWORKING)))
    assert verdicts == BOTH_FAIL
    assert [finding.resource for finding in scs.findings] == [own_name(NETWORKING)]


def test_excused_failures_alone_are_no_whole_run() -> None:
    run = dataclasses.replace(failing(NETWORKING, SCTP), problems=(Problem("gone", CauseKind.OUTAGE),))
    assert judged(NETWORKING, run)[1] == BOTH_ABORT


def test_policies_with_cidr_blocks_are_said_not_to_be_shown() -> None:
    """DEV-0219-3."""
    scs, verdicts = judged(NETWORKING, failing(NETWORKING, CIDR))
    assert verdicts == BOTH_PASS
    assert rows(scs) == ["DEV-0219-3"]


def test_tests_that_the_skip_pattern_leaves_out_are_a_remark() -> None:
    """DEV-0219-2."""
    scs, verdicts = judged(NETWORKING, tallied(NETWORKING, Tally(48, 0, 2, 0, 0, 2)))
    assert verdicts == BOTH_PASS
    assert rows(scs) == ["DEV-0219-2"]
    assert judged(NETWORKING, tallied(NETWORKING, Tally(48, 0, 3, 0, 0, 2)))[1] == BOTH_ABORT


def test_a_list_that_excuses_more_is_a_warning_in_every_output() -> None:
    mine = ExcusedTest("^.It. .sig-a. NetworkPolicy 1$", "ours")
    run = failing(NETWORKING, own_name(NETWORKING))
    scs, verdicts = judged(NETWORKING, dataclasses.replace(run, exceptions=(mine,)))
    assert verdicts == BOTH_PASS
    (warning,) = [remark for remark in scs.remarks if remark.about_run]
    assert "--scs-okfail excuses what the published list does not" in warning.text
    assert "1 entry" in warning.text
    assert warning.public


def test_a_list_that_excuses_less_is_no_warning() -> None:
    scs, verdicts = judged(NETWORKING, dataclasses.replace(failing(NETWORKING, SCTP), exceptions=()))
    assert verdicts == BOTH_FAIL
    assert not [remark for remark in scs.remarks if remark.about_run]


@CHECKS
def test_failures_of_other_tests_do_not_count(check: Check) -> None:
    scs, verdicts = judged(check, whole(check, failures=(Named("[sig-storage] something else", "x"),)))
    assert verdicts == BOTH_PASS
    assert f"1 failed tests are no {check.tests} and do not count" in [remark.text for remark in scs.remarks]


@CHECKS
@pytest.mark.parametrize(("version", "agrees"), [("v1.36.0", True), ("v1.35.9", False), ("", True), ("v1.3.6", False)])
def test_a_given_result_is_about_the_branch_of_the_cluster(check: Check, version: str, agrees: bool) -> None:
    run = whole(check, given=True, server_version=version, cluster_version="v1.36.3+vendor.1")
    scs, verdicts = judged(check, run)
    assert verdicts == (BOTH_PASS if agrees else BOTH_ABORT)
    if not agrees:
        assert "give a result of the same branch" in scs.undecided[0].reason
        # A failure in it would say nothing of this cluster.
        assert (
            judged(check, dataclasses.replace(failing(check, own_name(check)), **_versions(version)))[1] == BOTH_ABORT
        )


def _versions(version: str) -> dict[str, Any]:
    return {"given": True, "server_version": version, "cluster_version": "v1.36.3"}


def test_what_is_not_known_of_a_given_result_is_said() -> None:
    run = whole(CONFORMANCE, given=True, runner="", parts=(Part(None, None, 446),))
    texts = [remark.text for remark in judged(CONFORMANCE, run)[0].remarks]
    assert (
        "the result was made elsewhere and does not say when it ended; whose cluster it is about cannot be told"
        in texts
    )
    assert "there is no log: how many tests were to run was told by the JUnit file" in texts


@pytest.mark.parametrize(
    ("minutes", "is_given", "of_another_time"),
    [(59, True, False), (61, True, True), (61, False, False), (-90, True, False)],
)
def test_a_given_result_has_its_own_time_once_it_is_an_hour_old(
    minutes: int, is_given: bool, of_another_time: bool
) -> None:
    now = dt.datetime(2026, 11, 27, 12, tzinfo=dt.UTC)
    ended = now - dt.timedelta(minutes=minutes)
    found = as_of(whole(CONFORMANCE, given=is_given, ended=ended), now)
    assert found == (ended if of_another_time else None)


@CHECKS
@pytest.mark.parametrize(
    ("hours", "is_given", "decided"), [(-1, True, True), (23, True, True), (25, True, False), (25, False, True)]
)
def test_a_given_result_cannot_end_on_a_day_to_come(check: Check, hours: int, is_given: bool, decided: bool) -> None:
    now = dt.datetime(2026, 11, 27, 12, tzinfo=dt.UTC)
    run = whole(check, given=is_given, ended=now + dt.timedelta(hours=hours))
    found = [str(one) for one in of_a_day_to_come(run, now)]
    assert found == ([] if decided else ["the result ended on 2026-11-28 13:00 UTC, which is yet to come"])


_TALLIES = st.builds(
    lambda passed, failed, skipped, serial: Tally(passed, failed, skipped, min(serial, passed), skipped // 2, skipped),
    *[st.integers(0, 500)] * 4,
)


@CHECKS
@given(
    tally=_TALLIES,
    announced=st.none() | st.integers(0, 500),
    problem=st.booleans(),
    dry=st.booleans(),
    node=st.booleans(),
    names=st.lists(st.sampled_from([SCTP, CIDR, "[sig-a] NetworkPolicy [Conformance]"]), max_size=2, unique=True),
)
def test_a_pass_of_any_judge_has_all_it_needs(
    check: Check, tally: Tally, announced: int | None, problem: bool, dry: bool, node: bool, names: Sequence[str]
) -> None:
    run = tallied(
        check,
        tally,
        parts=(Part(announced, 7579, tally.executed),),
        problems=(Problem("x", CauseKind.OUTAGE),) if problem else (),
        suite_failures=(Named("[ReportAfterSuite]"),) if node else (),
        failures=tuple(map(Named, names)),
        dry=dry,
    )
    scs, verdicts = judged(check, run)
    if Verdict.PASS in verdicts:
        assert (problem, dry, node) == (False, False, False)
        assert tally.failed <= len(names)
        assert tally.executed >= max(check.fewest, announced or 0)
        assert "[sig-a] NetworkPolicy [Conformance]" not in names
    if check is CONFORMANCE and verdicts[1] is Verdict.PASS:
        assert tally.serial
        assert not tally.skipped
    assert all(isinstance(one, Finding | Undecided | Remark) for one in judge_run(check, run))
    assert "\n" not in "".join(map(str, [*scs.findings, *scs.undecided, *scs.remarks]))


@CHECKS
def test_all_runs_of_a_result_are_about_the_branch_of_the_cluster(check: Check) -> None:
    run = whole(check, given=True, server_version="v1.36.3, v1.36.4", cluster_version="v1.36.3")
    assert judged(check, run)[1] != BOTH_ABORT
    scs, verdicts = judged(check, dataclasses.replace(run, server_version="v1.36.3, v1.35.1"))
    assert verdicts == BOTH_ABORT
    assert "the result is about Kubernetes v1.36.3, v1.35.1" in scs.undecided[0].reason
