# SPDX-License-Identifier: Apache-2.0
"""The declaration of a section, and what follows from it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from toy_platform import LIDS, READ_AT, WEIGHT, Lid

from pytest_scs.base.fields import FormError
from pytest_scs.core.cause import Cause, CauseKind, Inconclusive
from pytest_scs.core.subject import Subject
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.evidence.section import Section, by_name, each, single, with_needs
from pytest_scs.platforms.platform import PlatformSettings


def inventory(**sections: Any) -> Inventory:
    return Inventory(Subject("boxes", "crate"), READ_AT, sections=sections)


def section(name: str, *needs: str, **more: Any) -> Section[Any]:
    return Section(name=name, words=name, summary=name, load=list, needs=needs, **more)


def refused(one: Section[Any], known: Inventory) -> Cause:
    with pytest.raises(Inconclusive) as caught:
        one.typed(known)
    return caught.value.cause


def test_a_listing_has_a_typed_value_for_each_entry_in_order() -> None:
    assert LIDS.typed(inventory(lids=[{"name": "top"}, {"name": "side"}])) == [Lid("top"), Lid("side")]
    assert LIDS.typed(inventory(lids=[])) == []


def test_a_probe_has_one_typed_value() -> None:
    assert WEIGHT.typed(inventory(weight=[{"grams": 70}])) == 70


@pytest.mark.parametrize("count", [0, 2])
def test_a_probe_has_exactly_one_entry(count: int) -> None:
    with pytest.raises(ValueError, match=f"^expected one entry, got {count}$"):
        single(dict)([{"grams": 1}] * count)


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([{"name": 3}], "entry 1: lid.name: expected a text, got the number 3"),
        ([{}], "entry 1: lid.name: expected a text, got nothing"),
        ([None], "entry 1: lid: expected an object, got null"),
        ([{"name": "a"}, {"name": None}], "entry 2: lid.name: expected a text, got null"),
    ],
)
def test_what_has_another_form_is_inconclusive_in_one_line(entries: list[Any], words: str) -> None:
    assert refused(LIDS, inventory(lids=entries)) == Cause(f"crate: lids: {words}", CauseKind.MALFORMED)
    with pytest.raises(FormError, match=f"^{re.escape(words)}$"):
        LIDS.accept(entries)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (AttributeError("'int' object has no attribute 'upper'"), "it does not have the documented form"),
        (ZeroDivisionError("division by zero"), "it does not have the documented form"),
        (RecursionError("maximum recursion depth exceeded"), "it is nested too deep"),
        (OverflowError("int too large"), "a number in it is too large"),
        (MemoryError(), "there is not enough memory for it"),
    ],
)
def test_whatever_reading_comes_to_is_a_cause_without_words_of_python(error: Exception, words: str) -> None:
    def load_wrongly(entry: Any) -> str:
        raise error

    wrong = Section(name="lids", words="", summary="", load=each(load_wrongly))
    assert refused(wrong, inventory(lids=[{}])).text == f"crate: lids: {words}"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [{"deep": -float("inf")}]])
def test_what_is_no_json_is_not_accepted_where_it_is_read(value: object) -> None:
    with pytest.raises(FormError, match=r"^it holds NaN or an infinite number$"):
        LIDS.accept([{"name": "a", "unread": value}])


def test_what_could_not_be_read_keeps_its_cause() -> None:
    known = inventory()
    known.errors["lids"] = Cause("the box answers 503", CauseKind.OUTAGE)
    assert refused(LIDS, known) == known.errors["lids"]


def test_what_is_created_depends_on_the_settings() -> None:
    with_stone, without = PlatformSettings(("crate",)), PlatformSettings(("no-stone",))
    assert LIDS.created_with(with_stone) == ""
    assert WEIGHT.created_with(with_stone) == "a stone"
    assert WEIGHT.created_with(without) == ""
    assert section("x", creates="a pile", only_reads=lambda settings: True).created_with(None) == ""
    assert section("x", creates="a pile").created_with(None) == "a pile"


def test_sections_have_their_order_and_no_two_have_one_name() -> None:
    assert list(by_name([section("b"), section("a")])) == ["b", "a"]
    with pytest.raises(ValueError, match=r"^two sections are called a$"):
        by_name([section("a"), section("b"), section("a")])


def test_what_a_section_needs_is_read_as_well_needs_of_needs_included() -> None:
    sections = by_name([section("d", "b"), section("a"), section("b", "a"), section("c")])
    assert with_needs(["d"], sections) == ["d", "a", "b"]
    assert with_needs(["c", "b"], sections) == ["a", "b", "c"]
    assert with_needs([], sections) == []


def test_needs_in_a_circle_end() -> None:
    sections = by_name([section("a", "b"), section("b", "a")])
    assert with_needs(["b"], sections) == ["a", "b"]


def test_a_section_that_there_is_not_cannot_be_needed() -> None:
    with pytest.raises(KeyError, match="z"):
        with_needs(["a"], by_name([section("a", "z")]))


def test_a_derived_fixture_gets_the_inventory() -> None:
    from toy_platform import Boxes

    count = Boxes().derived_fixtures["lid_count"]
    assert count.make(inventory(lids=[{}, {}])) == 2
