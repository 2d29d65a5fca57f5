# SPDX-License-Identifier: Apache-2.0
"""Verdicts and how they combine (scs-0003-v2)."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.core.verdict import MONITOR_ORDER, PRECEDENCE, Verdict, combine

PASS, FAIL, ABORT, MISS = Verdict.PASS, Verdict.FAIL, Verdict.ABORT, Verdict.MISS

verdicts = st.lists(st.sampled_from(Verdict))


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([PASS, PASS, PASS], PASS),
        ([PASS, ABORT, PASS], ABORT),
        ([PASS, MISS, PASS], MISS),
        ([PASS, MISS, ABORT], MISS),
        ([PASS, FAIL, MISS], FAIL),
        ([FAIL, ABORT, ABORT], FAIL),
        ([MISS, MISS, MISS], MISS),
        ([ABORT], ABORT),
        ([], PASS),
    ],
)
def test_the_verdict_of_a_list_follows_the_vectors_of_the_standard(results: list[Verdict], expected: Verdict) -> None:
    for order in itertools.permutations(results):
        assert combine(order) is expected


@given(verdicts, st.randoms())
def test_the_order_of_the_testcases_does_not_matter(results: list[Verdict], random: object) -> None:
    shuffled = list(results)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert combine(shuffled) is combine(results)


@given(verdicts, verdicts)
def test_combining_parts_first_gives_the_same(left: list[Verdict], right: list[Verdict]) -> None:
    assert combine([combine(left), combine(right)]) is combine(left + right)


@given(verdicts)
def test_a_list_passes_only_if_every_testcase_does(results: list[Verdict]) -> None:
    assert (combine(results) is PASS) == all(verdict is PASS for verdict in results)


@given(verdicts)
def test_a_violation_is_never_outweighed(results: list[Verdict]) -> None:
    assert (combine(results) is FAIL) == (FAIL in results)


def test_an_iterator_is_as_good_as_a_list() -> None:
    assert combine(iter([PASS, FAIL])) is FAIL


@pytest.mark.parametrize(("verdict", "number"), [(PASS, 1), (FAIL, -1), (ABORT, 0)])
def test_a_verdict_has_the_number_of_the_report_format(verdict: Verdict, number: int) -> None:
    assert verdict.number == number
    assert type(verdict.number) is int


def test_a_missing_testcase_has_no_number() -> None:
    with pytest.raises(ValueError, match="leave it out"):
        _ = MISS.number


@pytest.mark.parametrize("order", [PRECEDENCE, MONITOR_ORDER])
def test_no_verdict_is_forgotten_in_an_order_or_there_twice(order: tuple[Verdict, ...]) -> None:
    assert set(order) == set(Verdict)
    assert len(order) == len(Verdict)
