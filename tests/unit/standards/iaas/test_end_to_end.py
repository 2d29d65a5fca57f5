# SPDX-License-Identifier: Apache-2.0
"""The verdict on results of Tempest, by the numbers (docs/standards/scs-0128.md#verdict)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.core.cause import CauseKind
from pytest_scs.core.findings import Finding, Remark, Undecided
from pytest_scs.standards.iaas.end_to_end import check_coverage, check_results, count_tests_with_result
from pytest_scs.standards.iaas.tempest_list import listed_tests
from pytest_scs.standards.iaas.tempest_outcomes import (
    FAILED,
    NOT_RUN,
    PASSED,
    SKIPPED,
    UNKNOWN,
    Record,
    Teardown,
    TempestRun,
    counts,
    outcomes,
)

NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
IDS = [test.id for test in listed_tests()]
ALL_PASSED = outcomes([Record(id_, PASSED) for id_ in IDS])


def seen(*records: Record, **more: Any) -> TempestRun:
    recorded = {record.id: record for record in records}
    tests = outcomes([recorded.get(id_) or Record(id_, PASSED) for id_ in IDS]) if records else ALL_PASSED
    about: dict[str, Any] = {"how": "ran", "version": "47.0.0", "finished": NOW, "tests": tests}
    return TempestRun(True, **about | more)


def having(statuses: Iterable[str]) -> TempestRun:
    """The first tests have these statuses, the others passed."""
    tests = list(ALL_PASSED)
    for place, status in enumerate(statuses):
        tests[place] = dataclasses.replace(tests[place], status=status, reason="because")
    return seen(tests=tuple(tests))


def verdict(observations: Any) -> str:
    kinds = {type(one) for one in observations}
    return "FAIL" if Finding in kinds else "ABORT" if Undecided in kinds else "PASS"


@given(st.lists(st.sampled_from([PASSED, FAILED, SKIPPED, UNKNOWN, NOT_RUN]), min_size=258, max_size=258))
def test_verdicts_follow_the_numbers(statuses: list[str]) -> None:
    data = having(statuses)
    number = counts(data.tests)
    undecided = number[UNKNOWN] + number[NOT_RUN]
    expected = "FAIL" if number[FAILED] else "ABORT" if undecided or not number[PASSED] else "PASS"
    assert verdict(check_results(data, NOW)) == expected
    expected = "FAIL" if number[SKIPPED] > 25 else "ABORT" if undecided else "PASS"
    assert verdict(check_coverage(data, NOW)) == expected
    assert count_tests_with_result(data) == 258 - undecided


@pytest.mark.parametrize("skipped", [0, 25, 26, 258])
@pytest.mark.parametrize("undecided", [0, 1])
@pytest.mark.parametrize("failed", [0, 1])
def test_verdicts_at_the_edges(skipped: int, undecided: int, failed: int) -> None:
    """Random lists hardly ever come near the limits."""
    statuses = [FAILED] * failed + [NOT_RUN] * undecided + [SKIPPED] * skipped
    data = having(statuses[:258])
    passed = 258 - len(statuses)
    expected = "FAIL" if failed else "ABORT" if undecided or passed <= 0 else "PASS"
    assert verdict(check_results(data, NOW)) == expected
    assert verdict(check_coverage(data, NOW)) == ("FAIL" if skipped > 25 else "ABORT" if undecided else "PASS")


def test_run_that_came_to_no_end_is_undecided_although_a_test_failed() -> None:
    data = seen(Record(IDS[0], FAILED, "x.Error: y", "x.Error"), problem="the time limit of 4 h was reached")
    observations = list(check_results(data, NOW))
    assert verdict(observations) == verdict(check_coverage(data, NOW)) == "ABORT"
    assert "257 passed, 1 failed, 0 skipped, 0 unknown or not run of 258" in str(observations[0])
    assert isinstance(observations[1], Remark)
    assert str(observations[1]) == "FlavorsV2TestJSON.test_list_flavors: failed before the end: x.Error: y"


@pytest.mark.parametrize(
    ("error", "level", "reason", "expected"),
    [
        ("tempest.lib.exceptions.InvalidCredentials", "class", "", "ABORT"),
        ("tempest.lib.exceptions.InvalidConfiguration", "class", "", "ABORT"),
        ("tempest.lib.exceptions.Unauthorized", "class", "", "ABORT"),
        ("tempest.lib.exceptions.InvalidCredentials", "test", "", "FAIL"),
        ("tempest.lib.exceptions.Unauthorized", "test", "", "FAIL"),
        ("tempest.lib.exceptions.ServerFault", "class", "", "FAIL"),
        ("tempest.lib.exceptions.OverLimit", "test", "", "ABORT"),
        ("tempest.lib.exceptions.Forbidden", "test", "Quota exceeded for cores", "ABORT"),
        ("tempest.lib.exceptions.Conflict", "class", "Quota exceeded for resources: ['router'].", "ABORT"),
        ("", "test", "", "FAIL"),
    ],
)
def test_accounts_and_configuration_excuse_a_class_and_quota_any_test(
    error: str, level: str, reason: str, expected: str
) -> None:
    first, *others = seen(Record(IDS[0], FAILED, reason, error)).tests
    data = seen(tests=(dataclasses.replace(first, level=level), *others))
    assert verdict(check_results(data, NOW)) == expected


@pytest.mark.parametrize(("days", "expected"), [(0, "PASS"), (366, "PASS"), (367, "ABORT")])
def test_result_counts_for_a_year(days: int, expected: str) -> None:
    data = seen(how="file", finished=NOW - dt.timedelta(days=days))
    assert verdict(check_results(data, NOW)) == verdict(check_coverage(data, NOW)) == expected


def test_each_kind_of_failure_has_a_rule_of_its_own() -> None:
    first, second, *others = seen(Record(IDS[0], FAILED, "r"), Record(IDS[1], FAILED, "r")).tests
    data = seen(
        tests=(dataclasses.replace(first, level="class"), second, *others),
        teardowns=(Teardown("tearDownClass (x)", "r"),),
    )
    found = [one for one in check_results(data, NOW) if isinstance(one, Finding)]
    assert {(one.rule, one.title) for one in found} == {
        ("scs-0128/class_set_up", "the set-up of its class succeeds"),
        ("scs-0128/test_passes", "the test passes"),
        ("scs-0128/class_tear_down", "the class is cleaned up without an error"),
    }
    [skipped] = check_coverage(having([SKIPPED] * 26), NOW)
    assert isinstance(skipped, Finding)
    assert (skipped.rule, skipped.title) == ("scs-0128/coverage", "at most 25 tests are skipped")


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"given": False, "how": ""}, CauseKind.NOT_GIVEN),
        ({"how": ""}, CauseKind.MISSING_TOOL),
        ({}, CauseKind.UNDECIDABLE),
    ],
    ids=["nothing given", "no Tempest", "not to the end"],
)
def test_why_there_is_no_result_is_of_a_kind(more: dict[str, Any], kind: CauseKind) -> None:
    [found] = check_results(dataclasses.replace(seen(problem="why"), **more), NOW)
    assert isinstance(found, Undecided)
    assert found.kind is kind
