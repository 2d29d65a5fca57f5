# SPDX-License-Identifier: Apache-2.0
"""Many findings are looked at together, and each that has a secret is masked on its own."""

from __future__ import annotations

import pytest

from pytest_scs.base.redact import Redactor
from pytest_scs.core.findings import Finding
from pytest_scs.core.results import in_few_looks

SECRET = "correct-horse-battery"


def finding(number: int, observed: str = "nothing") -> Finding:
    return Finding(
        resource=f"image {number}",
        rule="a/b",
        title="a title",
        expected="something",
        observed=observed,
        hint=f"do {number}",
    )


@pytest.mark.parametrize("where", [0, 99, 100, 249])
@pytest.mark.parametrize("number", [250, 300])
def test_the_one_among_many_is_changed(where: int, number: int) -> None:
    redact = Redactor()
    redact.add([SECRET])
    found = [finding(one, SECRET if one == where else "nothing") for one in range(number)]
    looks: list[str] = []

    def same(text: str) -> bool:
        looks.append(text)
        return redact(text) == text

    seen = in_few_looks(found, same, lambda one: one if same(one.observed) else finding(where, "***"))
    assert [one.observed for one in seen] == ["***" if one == where else "nothing" for one in range(number)]
    assert [one for one in seen if one.observed == "nothing"] == [one for one in found if one.observed == "nothing"]
    assert len(looks) == 3 + 100 if where < 200 or number == 300 else 3 + 50


def test_nothing_goes_on_in_the_next_text() -> None:
    looked: list[str] = []

    def same(text: str) -> bool:
        looked.append(text)
        return True

    found = [finding(1, "a word before: token:"), finding(2, "/x:password=s3cr3t-of-all")]
    assert in_few_looks(found, same, lambda one: one) == found
    (together,) = looked
    assert Redactor()(together) != together
