# SPDX-License-Identifier: Apache-2.0
"""Reading plain data from outside: what has another shape is refused with words that name the key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.base.fields import Fields, FormError, form_problem
from pytest_scs.base.value_words import value_in_words

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
WIDE: dict[str, Any] = {"endless": float("inf"), "large": 10**400}


def fields(**data: object) -> Fields:
    return Fields("section", data)


def test_values_come_in_the_type_that_was_asked_for() -> None:
    read = fields(a="x", b=True, c=3, d=1.5, e=["x", "y"], f={"g": 1}, h=[{"i": 2}], j="2026-06-01T00:00:00+00:00", k=3)
    assert (read.text("a"), read.truth("b"), read.whole("c"), read.number("d"), read.number("k")) == (
        "x",
        True,
        3,
        1.5,
        3,
    )
    assert read.texts("e") == ("x", "y")
    assert read.fields("f").whole("g") == 1
    assert [one.whole("i") for one in read.each("h")] == [2]
    assert read.moment("j") == dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
    assert (read.names()[:2], read.value("c")) == (["a", "b"], 3)


def test_default_is_for_a_key_that_is_not_there() -> None:
    read = fields(a=None)
    assert (read.text("b", ""), read.truth("b", False), read.whole("b", 0), read.number("b", 0.0)) == (
        "",
        False,
        0,
        0.0,
    )
    assert read.texts("b") == ()
    assert not read.has("a")
    with pytest.raises(ValueError, match=r"^section\.a: expected a text, got null$"):
        read.text("a", "")


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda read: read.text("none"), "section.none: expected .*, got nothing"),
        (lambda read: read.each("none"), "section.none: expected .*, got nothing"),
        (lambda read: read.text("number"), "section.number: expected a text, got the number 3"),
        (lambda read: read.truth("number"), "section.number: expected true or false, got the number 3"),
        (lambda read: read.whole("truth"), "section.truth: expected an integer, got true"),
        (lambda read: read.whole("broken"), "section.broken: expected an integer, got the number 1.5"),
        (lambda read: read.number("endless"), "section.endless: expected a number, got Infinity"),
        (lambda read: read.number("large"), "section.large: expected a number, got the number of 1329 bits"),
        (lambda read: read.name("empty"), 'section.empty: expected a text that is not empty, got the text ""'),
        (lambda read: read.text_or_null("number"), "section.number: expected a text or null, got the number 3"),
        (lambda read: read.number("truth"), "section.truth: expected a number, got true"),
        (lambda read: read.texts("numbers"), r"section.numbers: expected a list of texts, got the number 1"),
        (lambda read: read.texts("text"), 'section.text: expected a list of texts, got the text "soon"'),
        (lambda read: read.fields("numbers"), r"section.numbers: expected an object, got the list \[1\]"),
        (lambda read: read.each("numbers"), r"section.numbers\[0\]: expected an object, got the number 1"),
        (lambda read: read.moment("text"), 'section.text: expected an instant in ISO format, got the text "soon"'),
        (
            lambda read: read.moment("local"),
            'section.local: expected an instant with a time zone, got the text "2026-06-01"',
        ),
        (lambda read: Fields("all", {1: 2}).names(), "all.1: expected a text as key, got the number 1"),
        (lambda read: Fields("all", None), "all: expected an object, got null"),
    ],
)
def test_other_shapes_are_refused_with_words(ask: Callable[[Fields], Any], words: str) -> None:
    read = fields(number=3, truth=True, broken=1.5, numbers=[1], text="soon", local="2026-06-01", empty="", **WIDE)
    with pytest.raises(FormError, match=f"^{words}$"):
        ask(read)


def test_what_was_found_is_not_shown_at_any_length() -> None:
    with pytest.raises(ValueError) as caught:
        fields(a=["x" * 1000]).text("a")
    assert len(str(caught.value)) < 120


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "null"),
        (False, "false"),
        (4, "the number 4"),
        (4.0, "the number 4.0"),
        (float("nan"), "NaN"),
        (-float("inf"), "-Infinity"),
        ("4", 'the text "4"'),
        ("a\nb\t\x1b[31m\ud800\u202e", r'the text "a\nb\t\u001b[31m\ud800\u202e"'),
        ("ü" * 70, f'the text "{"ü" * 59}...'),
        ([], "the list []"),
        ([[["x"]], {"a": 1}, "b", None], 'the list [[...], {...}, "b", null]'),
        ({"a": {}, "b": True}, 'the object {"a": {}, "b": true}'),
        (1j, "something else"),
    ],
)
def test_a_value_is_shown_in_words_of_no_language(value: object, words: str) -> None:
    assert value_in_words(value) == words


@given(JSON)
def test_whatever_is_shown_is_short_and_in_one_line(value: object) -> None:
    text = value_in_words(value)
    assert text.isprintable()
    assert len(text) < 80


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (FormError("a: expected b, got c"), "a: expected b, got c"),
        (RecursionError("maximum recursion depth exceeded"), "it is nested too deep"),
        (OverflowError("int too large to convert to float"), "a number in it is too large"),
        (MemoryError(), "there is not enough memory for it"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), "it is no text in UTF-8"),
        (KeyError("name"), "it does not have the documented form"),
        (ValueError("invalid literal for int() with base 10"), "it does not have the documented form"),
    ],
)
def test_no_words_of_python_get_out(error: Exception, words: str) -> None:
    assert form_problem(error) == words
