# SPDX-License-Identifier: Apache-2.0
"""What reports write of texts that come from a cloud."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.reports.lines import printable


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain, ü, 日本  next", "plain, ü, 日本  next"),
        ("a\nb\tc", "a\\nb\\tc"),
        ("\x1b[31mred\x07\r", "\\x1b[31mred\\x07\\r"),
        ("a\u202eb", "a\\u202eb"),
    ],
)
def test_what_a_terminal_might_obey_is_written_out(text: str, written: str) -> None:
    assert printable(text) == written


@given(st.text())
def test_nothing_else_is_left(text: str) -> None:
    assert all(char.isprintable() for char in printable(text))
