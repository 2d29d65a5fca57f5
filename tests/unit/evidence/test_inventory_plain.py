# SPDX-License-Identifier: Apache-2.0
"""An inventory as plain data: there and back, with platforms and without, from old files."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pytest_scs.base.fields import FormError
from pytest_scs.core.cause import Cause, CauseKind, Inconclusive
from pytest_scs.core.subject import Subject
from pytest_scs.evidence.inventory import Inventory

READ_AT = "2026-06-15T12:00:00+00:00"
REFUSED = Cause("an administrator", CauseKind.PERMISSION)


def filled(platform: str = "boxes") -> Inventory:
    return Inventory(
        Subject(platform, "crate"),
        READ_AT,
        sections={"lids": [{"name": "top"}]},
        errors={"weight": Cause("no scales", CauseKind.MISSING_TOOL), "": Cause("odd", CauseKind.OUTAGE)},
        pending=["shadow"],
        roles=["member"],
        region="attic",
        requests={"lids": 2},
        section_requests={"lids": 1},
        seconds=1.5,
        probe_seconds={"weight": 2.0},
    )


def plain(**changes: Any) -> dict[str, Any]:
    found = {"cloud": "crate", "fetched_at": READ_AT, **changes}
    return {key: value for key, value in found.items() if value is not ...}


@pytest.mark.parametrize("platform", ["boxes", "openstack"])
def test_an_inventory_comes_back_as_it_was(platform: str) -> None:
    written = json.loads(json.dumps(filled(platform).to_plain()))
    assert Inventory.from_plain(written) == filled(platform)


@pytest.mark.parametrize("errors", [{}, {"weight": Cause("no scales", CauseKind.TIMEOUT)}])
def test_a_refusal_comes_back_with_its_kind_and_is_no_error(errors: dict[str, Cause]) -> None:
    refused = Inventory(Subject("boxes", "crate"), READ_AT, refusal=REFUSED, errors=errors)
    back = Inventory.from_plain(json.loads(json.dumps(refused.to_plain())))
    assert back.refusal == REFUSED
    assert back.errors == errors


def test_only_other_platforms_than_the_first_are_named() -> None:
    assert filled().to_plain()["platform"] == "boxes"
    assert filled().to_plain()["cloud"] == "crate"
    assert "platform" not in filled("openstack").to_plain()


def test_the_name_in_the_report_is_not_part_of_the_evidence() -> None:
    inventory = Inventory(Subject("boxes", "crate", "Big"), READ_AT)
    assert "Big" not in json.dumps(inventory.to_plain())
    assert Inventory.from_plain(inventory.to_plain()).subject.report_name == "crate"


def test_what_is_written_down_does_not_change_the_inventory() -> None:
    inventory = filled()
    inventory.to_plain()
    assert inventory == filled()


def test_old_evidence_has_neither_platform_nor_kinds_nor_what_came_later() -> None:
    old = plain(errors={"flavors": "compute answers 503"}, refusal="admin role", sections={"images": []})
    found = Inventory.from_plain(old)
    assert found.subject == Subject("openstack", "crate")
    assert found.errors == {"flavors": Cause("compute answers 503", CauseKind.OTHER)}
    assert found.refusal == Cause("admin role", CauseKind.OTHER)
    assert (found.pending, found.probe_seconds, found.region) == ([], {}, "")


def test_a_kind_that_nobody_knows_is_other() -> None:
    found = Inventory.from_plain(plain(errors={"lids": "x"}, kinds={"lids": "moonquake"}))
    assert found.errors["lids"].kind is CauseKind.OTHER


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "crate",
        plain(cloud=3),
        plain(cloud=None),
        plain(platform=["boxes"]),
        plain(errors=[]),
        plain(errors={"lids": 3}),
        plain(refusal=3),
        plain(kinds=[]),
        plain(colour="red"),
        plain(fetched_at=...),
        plain(cloud=...),
        plain(sections=None),
        plain(sections={"lids": None}),
        plain(sections={"lids": ["top"]}),
        plain(sections={7: []}),
        plain(pending=[1]),
        plain(roles="member"),
        plain(region=None),
        plain(requests={"compute": True}),
        plain(requests={"compute": 1.5}),
        plain(section_requests={"lids": "2"}),
        plain(seconds=float("nan")),
        plain(seconds=True),
        plain(probe_seconds={"lids": None}),
    ],
)
def test_anything_else_is_refused(data: Any) -> None:
    with pytest.raises(FormError, match=r"^clouds\[0\]"):
        Inventory.from_plain(data, "clouds[0]")


def test_a_subject_that_must_not_be_judged_is_not() -> None:
    inventory = filled()
    inventory.admit()
    inventory.refusal = REFUSED
    for ask in (inventory.admit, lambda: inventory.section("lids")):
        with pytest.raises(Inconclusive, match=r"^an administrator$") as caught:
            ask()
        assert caught.value.kind is CauseKind.PERMISSION


def test_a_section_is_there_or_has_its_cause() -> None:
    inventory = filled()
    assert inventory.section("lids") == [{"name": "top"}]
    with pytest.raises(Inconclusive, match=r"^no scales$") as caught:
        inventory.section("weight")
    assert caught.value.kind is CauseKind.MISSING_TOOL
    with pytest.raises(Inconclusive, match="does not contain walls; record it again") as caught:
        inventory.section("walls")
    assert caught.value.kind is CauseKind.NOT_GIVEN


@pytest.mark.parametrize(
    ("section", "settled"), [("lids", True), ("weight", True), ("shadow", False), ("broken off", False)]
)
def test_settled_is_what_is_there_or_known_to_fail_but_not_what_was_interrupted(section: str, settled: bool) -> None:
    inventory = filled()
    inventory.errors["broken off"] = Cause("the run was interrupted", CauseKind.INTERRUPTED)
    assert inventory.settled(section) is settled
