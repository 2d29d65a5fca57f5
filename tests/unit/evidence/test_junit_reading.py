# SPDX-License-Identifier: Apache-2.0
"""JUnit XML read piece by piece: the same events however the pieces are cut."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.evidence import junit_reading
from pytest_scs.evidence.junit_reading import ERROR, FAILURE, SKIPPED, Case, Event, Property, Suite, read_junit

TEXT = """<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="4"><testsuite name="s" timestamp="2026-11-27T01:00:00" time="2">
<properties><property name="DryRun" value="true"/></properties>
<testcase name="passes"><properties><property name="own" value="x"/></properties>
<system-out>before WORDS
after</system-out></testcase>
<testcase name="fails"><skipped message="s"/><failure message="m" type="t">first &amp;
second</failure><error message="no"/></testcase>
<testcase name="breaks"><error message="e"/></testcase>
<testcase name="is left out" status="skipped"><skipped/></testcase>
</testsuite></testsuites>
"""

EVENTS = [
    Suite({"name": "s", "timestamp": "2026-11-27T01:00:00", "time": "2"}),
    Property("DryRun", "true"),
    Case({"name": "passes"}, sought=True),
    Case({"name": "fails"}, FAILURE, "m", "first &\nsecond"),
    Case({"name": "breaks"}, ERROR, "e"),
    Case({"name": "is left out", "status": "skipped"}, SKIPPED),
]


class Pieces(io.BytesIO):
    """A stream that gives a few bytes at a time, whatever it is asked for."""

    def __init__(self, content: bytes, length: int) -> None:
        super().__init__(content)
        self.length = length

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self.length)


@given(st.integers(1, len(TEXT)))
def test_it_does_not_matter_where_a_file_is_cut_into_pieces(length: int) -> None:
    assert list(read_junit(Pieces(TEXT.encode(), length), "WORDS")) == EVENTS


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_other_encodings_are_read(encoding: str) -> None:
    text = TEXT.replace("UTF-8", encoding.removesuffix("-sig"))
    assert list(read_junit(io.BytesIO(text.encode(encoding)), "WORDS")) == EVENTS


def test_words_are_looked_for_in_output_only() -> None:
    events = list(read_junit(io.BytesIO(TEXT.encode()), "second"))
    assert not [event for event in events if isinstance(event, Case) and event.sought]


def test_a_very_long_text_loses_its_middle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(junit_reading, "MOST_TEXT", 10)
    lines = "\n".join(f"line {number}" for number in range(100))
    text = f"<testsuite><testcase><failure>{lines}</failure></testcase></testsuite>"
    *_, case = read_junit(io.BytesIO(text.encode()))
    assert isinstance(case, Case)
    assert case.text.startswith("line 0\n")
    assert case.text.endswith("line 99")
    assert len(case.text) < 60


def _events(content: bytes) -> tuple[list[Event], str]:
    """What was read, and why it ended."""
    found: list[Event] = []
    try:
        for event in read_junit(io.BytesIO(content)):
            found.append(event)
    except ValueError as error:
        return found, str(error)
    return found, ""


@given(st.integers(0, len(TEXT) - 2))
def test_what_stood_before_the_end_of_a_truncated_file_was_read(length: int) -> None:
    found, problem = _events(TEXT.encode()[:length])
    assert problem.startswith("it is not well-formed XML: ")
    whole: list[Any] = list(read_junit(io.BytesIO(TEXT.encode())))
    assert found == whole[: len(found)]


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_any_bytes_are_read_or_refused_in_words(content: bytes) -> None:
    found, problem = _events(content)
    assert problem
    assert not [event for event in found if isinstance(event, Case)]
