# SPDX-License-Identifier: Apache-2.0
"""Reading plain data from outside: what has another shape is refused with words that name the key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from pytest_scs.base.fields import Fields


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
    with pytest.raises(ValueError, match=r"^section\.a must be a text, found None$"):
        read.text("a", "")


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda read: read.text("none"), "section lacks the key none"),
        (lambda read: read.each("none"), "section lacks the key none"),
        (lambda read: read.text("number"), "section.number must be a text, found 3"),
        (lambda read: read.truth("number"), "section.number must be true or false, found 3"),
        (lambda read: read.whole("truth"), "section.truth must be a whole number, found True"),
        (lambda read: read.whole("broken"), "section.broken must be a whole number, found 1.5"),
        (lambda read: read.number("truth"), "section.truth must be a number, found True"),
        (lambda read: read.texts("numbers"), r"section.numbers must be a list of texts, found 1"),
        (lambda read: read.texts("text"), "section.text must be a list, found 'soon'"),
        (lambda read: read.fields("numbers"), r"section.numbers must be a mapping, found \[1\]"),
        (lambda read: read.each("numbers"), r"section.numbers\[0\] must be a mapping, found 1"),
        (lambda read: read.moment("text"), "section.text must be an instant in ISO format, found 'soon'"),
        (lambda read: read.moment("local"), "section.local must be an instant with a time zone, found '2026-06-01'"),
        (lambda read: Fields("all", {1: 2}).names(), "all.1 must be a text as key, found 1"),
        (lambda read: Fields("all", None), "all must be a mapping, found None"),
    ],
)
def test_other_shapes_are_refused_with_words(ask: Callable[[Fields], Any], words: str) -> None:
    read = fields(number=3, truth=True, broken=1.5, numbers=[1], text="soon", local="2026-06-01")
    with pytest.raises(ValueError, match=f"^{words}$"):
        ask(read)


def test_what_was_found_is_not_shown_at_any_length() -> None:
    with pytest.raises(ValueError) as caught:
        fields(a=["x" * 1000]).text("a")
    assert len(str(caught.value)) < 120
