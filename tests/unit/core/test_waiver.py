# SPDX-License-Identifier: Apache-2.0
"""Which violations a waiver covers."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.core.cause import Cause
from pytest_scs.core.findings import Finding, Undecided
from pytest_scs.core.waiver import Waived, Waiver, fits, waive

ONE = Finding("flavor A", "scs-0103/exists", "a flavor", "none", resource_id="4711")
OTHER = Finding("flavor B", "scs-0103/ram", "4 GiB", "2 GiB")


def waiver(number: int = 1, **about: str) -> Waiver:
    return Waiver(number, "w.yaml:2", dt.date(2026, 12, 31), "hardware comes", "jane", "OPS-1", **about)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("", "anything", True),
        ("abc", "abc", True),
        ("abc", "abcd", False),
        ("*", "", True),
        ("a*", "abc", True),
        ("*c", "abc", True),
        ("a*c", "ac", True),
        ("ab*bc", "abc", False),
        ("*b*", "abc", True),
        ("a*b*c*d", "a-b-c-d", True),
        ("a*b*c*d", "a-c-b-d", False),
        ("image [x]", "image [x]", True),
        ("?", "a", False),
    ],
)
def test_a_star_stands_for_any_text_and_nothing_else_is_special(pattern: str, text: str, expected: bool) -> None:
    assert fits(pattern, text) is expected


@given(st.text("ab*", max_size=6), st.text("ab", max_size=8))
def test_it_is_what_a_regular_expression_says(pattern: str, text: str) -> None:
    expression = ".*".join(map(re.escape, pattern.split("*")))
    assert fits(pattern, text) is (pattern == "" or re.fullmatch(expression, text, re.DOTALL) is not None)


def test_a_testcase_waives_all_its_violations() -> None:
    waived, remarks = waive([waiver(testcase="tc")], "tc", "prod", [ONE, OTHER], [], None)
    assert waived == [Waived(1, "2026-12-31", "hardware comes", "jane", "OPS-1")]
    assert not remarks


@pytest.mark.parametrize(
    "about",
    [{"testcase": "other"}, {"testcase": "tc", "subject": "dev*"}, {"rule": "scs-0103/exist"}, {"rule": "scs-0100/*"}],
)
def test_what_is_about_something_else_waives_nothing(about: dict[str, str]) -> None:
    assert waive([waiver(**about)], "tc", "prod", [ONE], [], None) == ([], [])


@pytest.mark.parametrize("resource", ["flavor A", "flavor *", "4711", "*11"])
def test_a_resource_is_known_by_name_or_id(resource: str) -> None:
    assert waive([waiver(rule="scs-0103/*", resource=resource)], "tc", "prod", [ONE], [], None)[0]


def test_one_violation_that_is_not_covered_fails_the_testcase() -> None:
    waived, remarks = waive([waiver(resource="flavor A", testcase="tc")], "tc", "prod", [ONE, OTHER], [], None)
    assert not waived
    assert [str(one) for one in remarks] == ["1 of 2 violations are waived; the others fail it"]
    assert not remarks[0].public


def test_several_waivers_together_cover_a_testcase() -> None:
    both = [waiver(1, testcase="tc", resource="flavor A"), waiver(2, testcase="tc", resource="flavor B")]
    waived, _ = waive(both, "tc", "prod", [ONE, OTHER, ONE], [], None)
    assert [one.number for one in waived] == [1, 2]


@pytest.mark.parametrize(
    ("unsure", "cause", "words"),
    [
        ([Undecided("flavor C", "has no id")], None, "1 resource could not be judged, which no waiver covers"),
        ([], Cause("compute answers 503"), "it was not examined to the end, which no waiver covers"),
    ],
)
def test_what_would_be_abort_without_its_violations_is_never_waived(
    unsure: list[Undecided], cause: Cause | None, words: str
) -> None:
    waived, remarks = waive([waiver(testcase="tc")], "tc", "prod", [ONE], unsure, cause)
    assert not waived
    assert words in str(remarks[0])


def test_readers_outside_learn_until_when_and_nothing_else() -> None:
    waived = waiver(testcase="tc", approved_by="the board").waived
    assert str(waived) == "waived until 2026-12-31 by jane: hardware comes (OPS-1; approved by the board)"
    assert str(waived.public) == "waived until 2026-12-31"


def test_a_waiver_counts_through_its_last_day() -> None:
    one = waiver(testcase="tc")
    assert one.counts(dt.date(2026, 12, 31))
    assert not one.counts(dt.date(2027, 1, 1))
