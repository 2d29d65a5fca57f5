# SPDX-License-Identifier: Apache-2.0
"""Names from outside in one line: a few of them, none longer than a line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.base.words import LONGEST, some


def test_names_are_listed_and_the_others_counted() -> None:
    assert some([]) == ""
    assert some(["a"]) == "a"
    assert some(["a", "b"], 2) == "a, b"
    assert some(["a", "b", "c", "d"], 2) == "a, b and 2 more"
    assert some(["a\nb", "x" * 1000]).startswith("a\\nb, xxx")


@given(st.lists(st.text(max_size=500), max_size=20))
def test_no_names_fill_a_page(names: list[str]) -> None:
    line = some(names)
    assert line.isprintable()
    assert len(line) <= 10 * (LONGEST + 2) + 20
