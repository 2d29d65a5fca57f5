# SPDX-License-Identifier: Apache-2.0
"""What a testcase hands over, and the verdicts that follow."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest

from pytest_scs.core.cause import Inconclusive
from pytest_scs.core.collector import Collector, NonConformance
from pytest_scs.core.findings import Basis, Finding, Observation, Remark, Undecided
from pytest_scs.core.judge import Judge
from pytest_scs.core.selection import Expected, select
from pytest_scs.core.verdict import Verdict

BOTH = Basis.BOTH
OFFICIAL, TEXT = JUDGES = tuple(Judge)


@pytest.fixture(scope="module")
def expected() -> Expected:
    return select(["iaas-v5.1"], dt.date(2026, 6, 15), ("main",), Path()).expected["scs-0104-source-capi-1"]


def finding(basis: Basis = BOTH) -> Finding:
    return Finding("flavor x", "disk", "0", "1", basis=basis)


def undecided(basis: Basis = BOTH, reason: str = "no answer") -> Undecided:
    return Undecided("flavor y", reason, basis=basis)


COMBINATIONS = [
    (findings, doubts)
    for count in range(3)
    for findings in itertools.combinations(Basis, count)
    for number in range(3)
    for doubts in itertools.combinations(Basis, number)
]


def ideal(findings: Iterable[Basis], doubts: Iterable[Basis], judge: Judge) -> Verdict:
    """A violation that counts for the judge outweighs a doubt that counts for it."""
    counts = {BOTH, Basis.only(judge)}
    if counts & set(findings):
        return Verdict.FAIL
    return Verdict.ABORT if counts & set(doubts) else Verdict.PASS


@pytest.mark.parametrize(("findings", "doubts"), COMBINATIONS)
def test_every_combination_gets_the_verdict_of_each_judge(
    expected: Expected, findings: Sequence[Basis], doubts: Sequence[Basis]
) -> None:
    for judge in JUDGES:
        scs = Collector(expected, judge)
        scs.examined("flavors", 2)
        scs.add([finding(basis) for basis in findings])
        scs.add([undecided(basis) for basis in doubts])
        assert [scs.verdict(other) for other in JUDGES] == [ideal(findings, doubts, other) for other in JUDGES]
        error = {Verdict.FAIL: NonConformance, Verdict.ABORT: Inconclusive}.get(ideal(findings, doubts, judge))
        if error:
            with pytest.raises(error):
                scs.conclude()
        else:
            scs.conclude()


def test_remarks_do_not_touch_the_verdict(expected: Expected) -> None:
    scs = Collector(expected, OFFICIAL)
    scs.examined("flavors", 1)
    scs.add([Remark("odd")])
    scs.conclude()
    assert [scs.verdict(judge) for judge in JUDGES] == [Verdict.PASS, Verdict.PASS]
    assert scs.remarks == [Remark("odd")]


def test_a_testcase_that_examined_nothing_is_undecided(expected: Expected) -> None:
    for judge in JUDGES:
        scs = Collector(expected, judge)
        assert [scs.verdict(other) for other in JUDGES] == [Verdict.ABORT, Verdict.ABORT]
        with pytest.raises(Inconclusive, match="no evidence"):
            scs.conclude()


def test_a_remark_is_no_evidence(expected: Expected) -> None:
    scs = Collector(expected, OFFICIAL)
    scs.add([Remark("odd")])
    assert scs.verdict(OFFICIAL) is Verdict.ABORT


def test_a_violation_needs_no_further_evidence(expected: Expected) -> None:
    scs = Collector(expected, OFFICIAL)
    scs.add([finding()])
    assert scs.verdict(OFFICIAL) is Verdict.FAIL


def test_no_objects_at_all_are_evidence_too(expected: Expected) -> None:
    scs = Collector(expected, OFFICIAL)
    scs.each("flavors", [], lambda flavor: [finding()])
    scs.conclude()
    assert (scs.verdict(OFFICIAL), scs.evidence) == (Verdict.PASS, {"flavors": 0})


def test_every_item_is_examined_whatever_the_first_one_gave(expected: Expected) -> None:
    def odd(number: int) -> Iterator[Observation]:
        if number % 2:
            yield Finding(f"number {number}", "even", "even", "odd")

    scs = Collector(expected, OFFICIAL)
    scs.each("numbers", [1, 2, 3, 5], odd)
    assert [entry.resource for entry in scs.findings] == ["number 1", "number 3", "number 5"]
    assert scs.evidence == {"numbers": 4}
    with pytest.raises(NonConformance, match=r"^3 violations$"):
        scs.conclude()


def test_a_list_is_examined_as_a_whole(expected: Expected) -> None:
    seen: list[list[int]] = []

    def check(numbers: Sequence[int]) -> list[Observation]:
        seen.append(list(numbers))
        return [finding()]

    scs = Collector(expected, OFFICIAL)
    scs.whole("numbers", [1, 2, 3], check)
    assert seen == [[1, 2, 3]]
    assert (len(scs.findings), scs.evidence) == (1, {"numbers": 3})


def test_what_was_examined_adds_up_by_kind(expected: Expected) -> None:
    scs = Collector(expected, OFFICIAL)
    scs.examined("flavors", 2)
    scs.examined("images", 1)
    scs.examined("flavors", 3)
    assert scs.evidence == {"flavors": 5, "images": 1}


def test_what_was_seen_before_an_exception_is_kept(expected: Expected) -> None:
    def check(number: int) -> Iterator[Observation]:
        yield finding()
        if number == 2:
            raise RuntimeError("broken")

    scs = Collector(expected, OFFICIAL)
    with pytest.raises(RuntimeError):
        scs.each("numbers", [1, 2, 3], check)
    assert len(scs.findings) == 2
    assert scs.verdict(OFFICIAL) is Verdict.FAIL


def test_only_violations_of_the_judge_are_counted(expected: Expected) -> None:
    scs = Collector(expected, TEXT)
    scs.examined("flavors", 3)
    scs.add([finding(Basis.TEXT), finding(Basis.OFFICIAL), finding(Basis.OFFICIAL)])
    with pytest.raises(NonConformance, match=r"^1 violation$"):
        scs.conclude()


def test_the_reasons_of_the_judge_are_given_for_an_undecided_testcase(expected: Expected) -> None:
    scs = Collector(expected, OFFICIAL)
    scs.examined("flavors", 3)
    scs.add([undecided(BOTH, "first"), undecided(Basis.TEXT, "not this"), undecided(Basis.OFFICIAL, "second")])
    with pytest.raises(Inconclusive) as caught:
        scs.conclude()
    assert str(caught.value) == "flavor y: cannot be judged: first; flavor y: cannot be judged: second"


def test_only_non_conformance_is_an_assertion() -> None:
    assert issubclass(NonConformance, AssertionError)
    assert not issubclass(Inconclusive, AssertionError)


def test_a_testcase_sees_why_it_was_selected(expected: Expected) -> None:
    scs = Collector(expected, OFFICIAL)
    assert scs.modules == {"scs-0104-v1-2"}
    [address] = scs.parameters("image_spec")
    assert address.endswith("/scs-0104-v1-images-v5.yaml")
    assert scs.parameters("nothing") == ()
