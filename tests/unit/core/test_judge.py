# SPDX-License-Identifier: Apache-2.0
"""The two judges, and whose rule a finding breaks."""

from __future__ import annotations

import pytest

from pytest_scs.core.findings import Basis
from pytest_scs.core.judge import Judge


def test_each_judge_has_one_other() -> None:
    assert [judge.other for judge in Judge] == [Judge.TEXT, Judge.OFFICIAL]
    assert all(judge.other.other is judge for judge in Judge)


def test_people_read_words() -> None:
    assert [judge.words for judge in Judge] == ["the official suite", "the text of the standard"]
    assert [judge.words_for_many for judge in Judge] == ["the official suite", "the text of the standards"]


@pytest.mark.parametrize("judge", Judge)
def test_a_basis_concerns_its_judge_and_what_both_count_concerns_either(judge: Judge) -> None:
    assert Basis.BOTH.concerns(judge)
    assert Basis.only(judge).concerns(judge)
    assert not Basis.only(judge).concerns(judge.other)


def test_there_is_a_basis_for_each_judge_and_one_for_both() -> None:
    assert {Basis.only(judge) for judge in Judge} | {Basis.BOTH} == set(Basis)
