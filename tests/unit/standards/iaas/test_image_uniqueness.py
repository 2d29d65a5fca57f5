# SPDX-License-Identifier: Apache-2.0
"""One generic image per operating system (scs-0102-v2)."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.core.findings import Basis, Finding
from pytest_scs.standards.iaas.image_uniqueness import check_uniqueness
from pytest_scs.standards.iaas.model import Image

ABSENT = object()


def image(identity: str, **changes: Any) -> Image:
    properties = {
        "id": identity,
        "name": f"Image {identity}",
        "visibility": "public",
        "status": "active",
        "os_hidden": False,
        "created_at": "2026-06-01T00:00:00Z",
        "architecture": "x86_64",
        "os_distro": "ubuntu",
        "os_version": "24.04",
        "os_purpose": "generic",
        "image_build_date": "2026-06-01",
    } | changes
    return Image({key: value for key, value in properties.items() if value is not ABSENT})


# what sets the second image apart from the first, who rejects the pair
PAIRS: list[tuple[dict[str, Any], Basis | None, str]] = [
    ({}, Basis.BOTH, ""),
    ({"architecture": "aarch64"}, None, ""),
    ({"architecture": ABSENT}, None, ""),
    ({"os_version": "22.04"}, None, ""),
    ({"os_version": "24.04 "}, None, ""),
    ({"os_distro": "debian"}, None, ""),
    ({"os_purpose": "oldgeneric"}, None, ""),
    ({"os_purpose": "Generic"}, None, ""),
    ({"os_purpose": ABSENT}, None, ""),
    ({"os_hidden": True}, None, ""),
    ({"visibility": "community"}, None, ""),
    ({"os_distro": ""}, None, ""),
    ({"os_version": ABSENT}, None, ""),
    ({"os_distro": "Ubuntu"}, Basis.TEXT, ""),
    ({"os_distro": " ubuntu "}, Basis.TEXT, ""),
    ({"status": "deactivated"}, Basis.OFFICIAL, "DEV-0102-17"),
    ({"status": "queued", "os_distro": "Ubuntu"}, None, ""),
]


@pytest.mark.parametrize(("changes", "basis", "row"), PAIRS)
def test_two_images_are_compared_by_suite_and_text(changes: dict[str, Any], basis: Basis | None, row: str) -> None:
    found = [entry for entry in check_uniqueness([image("a"), image("b", **changes)]) if isinstance(entry, Finding)]
    assert [(entry.basis, entry.deviation) for entry in found] == ([(basis, row)] if basis else [])


def test_images_without_architecture_are_a_group_of_their_own() -> None:
    assert len(list(check_uniqueness([image("a", architecture=ABSENT), image("b", architecture=None)]))) == 1


@pytest.mark.parametrize("key", ["os_distro", "os_version"])
@pytest.mark.parametrize("value", ["", None, ABSENT])
def test_images_without_distribution_or_version_are_left_out(key: str, value: Any) -> None:
    assert list(check_uniqueness([image("a", **{key: value}), image("b", **{key: value})])) == []


def test_every_group_and_every_member_is_named() -> None:
    images = [image(identity) for identity in "cab"]
    images += [image("d", os_version="22.04"), image("e", os_version="22.04"), image("f", os_version="20.04")]
    first, second = check_uniqueness(images)
    assert isinstance(first, Finding)
    assert isinstance(second, Finding)
    assert first.rule == "scs-0102/generic_image_unique"
    assert first.title == "at most one visible image per (architecture, os_distro, os_version) is generic"
    assert first.resource == "generic image of ubuntu 24.04 x86_64"
    assert first.observed == "3: Image a (a), Image b (b), Image c (c)"
    assert second.observed == "2: Image d (d), Image e (e)"


def test_both_judges_reject_a_group_with_a_repeated_and_a_differently_spelled_distribution() -> None:
    images = [image("a"), image("b", os_distro="Ubuntu"), image("c", os_distro="Ubuntu", status="deactivated")]
    (finding,) = check_uniqueness(images)
    assert isinstance(finding, Finding)
    assert finding.basis is Basis.BOTH


def test_the_hint_keeps_the_newest_image() -> None:
    images = [image("a"), image("b", image_build_date="2026-06-02"), image("c", image_build_date=ABSENT)]
    images[2] = image("c", image_build_date=ABSENT, created_at="2026-05-01T00:00:00Z")
    (finding,) = check_uniqueness(images)
    assert isinstance(finding, Finding)
    assert shlex.split(finding.hint, comments=True) == (
        ["openstack", "image", "set", "--hidden", "c", "&&", "openstack", "image", "set", "--hidden", "a"]
    )
    assert "keeps b" in finding.hint


VALUES = st.one_of(st.none(), st.integers(), st.text(max_size=3), st.lists(st.text(), max_size=1), st.just("generic"))
KEYS = ("name", "visibility", "status", "os_hidden", "architecture", "os_distro", "os_version", "image_build_date")


@given(st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, VALUES)), max_size=4))
def test_no_property_value_makes_the_check_raise(properties: list[dict[str, Any]]) -> None:
    for entry in check_uniqueness([image(str(number), **changes) for number, changes in enumerate(properties)]):
        assert str(entry)
