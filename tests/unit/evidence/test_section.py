# SPDX-License-Identifier: Apache-2.0
"""The declaration of a section, and what follows from it."""

from __future__ import annotations

from typing import Any

import pytest
from toy_platform import LIDS, READ_AT, WEIGHT, Lid

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
    with pytest.raises(ValueError, match=f"^{count} entries instead of one$"):
        single(dict)([{"grams": 1}] * count)


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([{"name": 3}], "ValueError: name must be text, found 3"),
        ([{}], "KeyError: 'name'"),
        ([None], "TypeError: 'NoneType' object is not subscriptable"),
        ([{"name": "a"}, {"name": None}], "ValueError: name must be text, found None"),
    ],
)
def test_what_has_another_shape_is_inconclusive_in_one_line(entries: list[Any], words: str) -> None:
    cause = refused(LIDS, inventory(lids=entries))
    assert cause == Cause(f"crate: lids does not have the documented form ({words})", CauseKind.MALFORMED)


def test_a_missing_attribute_is_another_shape_and_any_other_mistake_is_none() -> None:
    def load_upper(entry: Any) -> str:
        return str(entry["name"].upper())

    def load_wrongly(entry: Any) -> str:
        raise ZeroDivisionError

    upper = Section(name="lids", words="", summary="", load=each(load_upper))
    assert "AttributeError" in refused(upper, inventory(lids=[{"name": 3}])).text
    with pytest.raises(ZeroDivisionError):
        Section(name="lids", words="", summary="", load=each(load_wrongly)).typed(inventory(lids=[{}]))


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
