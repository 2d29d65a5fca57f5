# SPDX-License-Identifier: Apache-2.0
"""scs-0128 in all directions, with results of Tempest that were made elsewhere."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest

from pytest_scs.demo.openstack.state import CloudState
from pytest_scs.standards.iaas.tempest_list import listed_tests

RESULT, COVERAGE = BOTH = ["scs-0128-x-tempest", "scs-0128-x-tempest-coverage"]
SELECTED = ("--scs-scope=beyond-v1", "-m", "scs_0128")

IDS = [test.id for test in listed_tests()]
NETWORK = "tempest.api.network.test_networks.NetworksTest"
REASON = "Request timed out\nDetails: the image failed to reach ACTIVE state"
FAILED = f'<failure type="x">Traceback (most recent call last):\n  File "x.py", line 1\nlib.Timeout: {REASON}</failure>'
REFUSED = (
    '<failure type="x">Traceback (most recent call last):\n  File "x.py", line 1\n'
    "tempest.lib.exceptions.InvalidCredentials: Invalid Credentials\nDetails: no account is free</failure>"
)


def skipped(reason: str) -> str:
    return f"<skipped>{reason}</skipped>"


def junit(outcomes: Mapping[str, str], *, more: str = "", when: str = "2026-06-14T10:00:00") -> str:
    """A file in which every test passes but those given, whose outcome is None if they are to be absent."""
    cases = "".join(
        f"<testcase classname={quoteattr(id_.partition('[')[0].rpartition('.')[0])} "
        f"name={quoteattr(id_[len(id_.partition('[')[0].rpartition('.')[0]) + 1 :])}>{outcomes.get(id_, '')}</testcase>"
        for id_ in IDS
        if outcomes.get(id_, "") != "absent"
    )
    return f'<testsuite name="" timestamp="{when}">{cases}{more}</testsuite>'


@pytest.fixture
def given(judge: Any, state: CloudState, tmp_path: Path) -> Callable[..., Any]:
    """Judge a result in a file."""

    def run(text: str, *args: str) -> Any:
        path = tmp_path / "tempest.xml"
        path.write_text(text)
        return judge(state, *SELECTED, f"--scs-tempest-results={path}", *args, scope="beyond-v1")

    return run


def test_result_without_failure_passes(given: Any) -> None:
    run = given(junit({IDS[7]: skipped("no such feature")}))
    assert run.verdicts == {RESULT: "PASS", COVERAGE: "PASS"}
    assert run.ret == 0
    remarks = "\n".join(run.remarks(RESULT))
    assert "257 passed, 0 failed, 1 skipped, 0 unknown or not run of 258" in remarks
    assert "1 skipped: no such feature: SecurityGroupsTestJSON.test_security_groups_create_list_delete" in remarks
    assert "is of 2026-06-14 10:00 UTC" in remarks


def test_failed_tests_are_named_with_what_happened(given: Any) -> None:
    run = given(junit({IDS[2]: FAILED, IDS[200]: FAILED}))
    assert run.verdicts == {RESULT: "FAIL", COVERAGE: "PASS"}
    assert run.ret == 1
    first, second = run.violations(RESULT)
    assert first.resource == "ImagesOneServerTestJSON.test_create_delete_image"
    assert first.uuid == "3731d080-d4c5-4872-b41a-64d0d0021314"
    assert (first.rule, first.expected) == ("the test passes", "passed or skipped")
    assert first.found == "lib.Timeout: Request timed out Details: the image failed to reach ACTIVE state"
    assert "tempest run --regex id-3731d080-d4c5-4872-b41a-64d0d0021314" in first.hint
    assert second.uuid == listed_tests()[200].uuid


def test_set_up_of_a_class_that_fails_counts_for_each_of_its_tests(given: Any) -> None:
    own = [id_ for id_ in IDS if id_.startswith(f"{NETWORK}.")]
    setup = f'<testcase classname="setUpClass ({NETWORK.rpartition(".")[0]}" name="NetworksTest)">{FAILED}</testcase>'
    run = given(junit(dict.fromkeys(own, "absent"), more=setup))
    assert run.verdicts[RESULT] == "FAIL"
    assert len(run.violations(RESULT)) == len(own) == 18
    assert {one.rule for one in run.violations(RESULT)} == {"the set-up of its class succeeds"}


def test_set_up_of_a_class_that_fails_for_want_of_accounts_is_undecided(given: Any) -> None:
    own = [id_ for id_ in IDS if id_.startswith(f"{NETWORK}.")]
    setup = f'<testcase classname="" name="setUpClass ({NETWORK})">{REFUSED}</testcase>'
    run = given(junit(dict.fromkeys(own, "absent"), more=setup))
    assert run.verdicts == {RESULT: "ABORT", COVERAGE: "ABORT"}
    assert "accounts or configuration do not fit" in run.causes(RESULT)[0]


def test_tear_down_of_a_class_that_fails_is_a_failure_that_tempest_reports(given: Any) -> None:
    tear = f'<testcase classname="" name="tearDownClass ({NETWORK})">{FAILED}</testcase>'
    elsewhere = f'<testcase classname="" name="tearDownClass (tempest.api.dns.Zones)">{FAILED}</testcase>'
    run = given(junit({}, more=tear + elsewhere))
    assert run.verdicts[RESULT] == "FAIL"
    (found,) = run.violations(RESULT)
    assert found.resource == f"tearDownClass ({NETWORK})"


def test_tests_without_a_result_are_undecided_and_listed(given: Any) -> None:
    run = given(junit({IDS[0]: "absent", IDS[1]: "absent"}))
    assert run.verdicts == {RESULT: "ABORT", COVERAGE: "ABORT"}
    cause = run.causes(RESULT)[0]
    assert "2 tests not-run" in cause
    assert "FlavorsV2TestJSON.test_list_flavors, FlavorsV2TestJSON.test_list_flavors_with_detail" in cause


def test_a_failure_counts_although_others_were_not_run(given: Any) -> None:
    assert given(junit({IDS[0]: "absent", IDS[1]: FAILED})).verdicts[RESULT] == "FAIL"


def test_failures_of_tests_that_are_not_listed_do_not_count(given: Any) -> None:
    other = IDS[100].replace(listed_tests()[100].uuid, "00000000-0000-4000-8000-000000000000")
    case = f'<testcase classname="" name={quoteattr(other)}>{FAILED}</testcase>'
    assert given(junit({}, more=case)).verdicts[RESULT] == "PASS"


def test_exhausted_quota_of_a_test_account_is_no_failure_of_the_cloud(given: Any) -> None:
    run = given(junit({IDS[0]: FAILED.replace("lib.Timeout", "tempest.lib.exceptions.OverLimit")}))
    assert run.verdicts[RESULT] == "ABORT"
    assert "the quota of a test account is too small" in run.causes(RESULT)[0]


@pytest.mark.parametrize(("number", "verdict"), [(25, "PASS"), (26, "FAIL")])
def test_a_tenth_may_be_skipped(given: Any, number: int, verdict: str) -> None:
    outcomes = {id_: skipped("no volumes" if place % 2 else "no images") for place, id_ in enumerate(IDS[:number])}
    run = given(junit(outcomes))
    assert run.verdicts == {RESULT: "PASS", COVERAGE: verdict}
    assert run.ret == 0  # recommended only
    if verdict == "FAIL":
        first, second = run.violations(COVERAGE)
        assert (first.resource, first.rule) == ("13 of 258 tests", "at most 25 tests are skipped")
        assert first.found.startswith("skipped: no images: FlavorsV2TestJSON.test_list_flavors, ")
        assert second.found.startswith("skipped: no volumes: ")
        assert first.hint == "offer the service or feature that the reason names"


def test_nothing_but_skipped_tests_proves_nothing(given: Any) -> None:
    run = given(junit(dict.fromkeys(IDS, skipped("no cloud"))))
    assert run.verdicts == {RESULT: "ABORT", COVERAGE: "FAIL"}
    assert "not a single test passed" in run.causes(RESULT)[0]


def test_old_result_proves_nothing_any_more(given: Any, now: dt.datetime) -> None:
    run = given(junit({}, when="2025-06-13T10:00:00"))
    assert run.verdicts == {RESULT: "ABORT", COVERAGE: "ABORT"}
    assert "the result is of 2025-06-13; Tempest has to be run once a year at least" in run.causes(RESULT)[0]


def test_result_without_time_passes_with_a_warning(given: Any) -> None:
    run = given(junit({}, when=""))
    assert run.verdicts[RESULT] == "PASS"
    assert any("does not say when it was made" in line for line in run.remarks(RESULT))


def test_nothing_given_is_no_verdict_but_one_line_of_instruction(judge: Any, state: CloudState) -> None:
    run = judge(state, *SELECTED, scope="beyond-v1")
    assert run.verdicts == {RESULT: "ABORT", COVERAGE: "ABORT"}
    assert run.ret == 6
    for testcase in BOTH:
        (cause,) = run.causes(testcase)
        assert "--scs-tempest-accounts=A,B" in cause
        assert "--scs-tempest-results=FILE" in cause
        assert "with nothing else in them" in cause


def test_recorded_result_is_judged_again_without_cloud_or_file(
    given: Any, pytester: pytest.Pytester, tmp_path: Path
) -> None:
    given(junit({IDS[2]: FAILED}), "--scs-record=evidence.json")
    recorded = json.loads((pytester.path / "evidence.json").read_text())
    assert len(json.dumps(recorded)) > 1000
    (tmp_path / "tempest.xml").unlink()
    args = ("-p", "no:cacheprovider", *SELECTED, "--scs-replay=evidence.json")
    result = pytester.runpytest_inprocess(*args)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*ImagesOneServerTestJSON.test_create_delete_image*Request timed out*"])
