# SPDX-License-Identifier: Apache-2.0
"""One generic image per operating system (scs-0102-v2)."""

from __future__ import annotations

import shlex
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.core.findings import Basis, Finding, Remark
from pytest_scs.core.judge import Judge
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
    ({"visibility": "community"}, Basis.TEXT, "DEV-0102-31"),
    ({"visibility": "community", "os_distro": "Ubuntu"}, Basis.TEXT, "DEV-0102-31"),
    ({"visibility": "community", "status": "queued"}, None, ""),
    ({"os_distro": ""}, None, ""),
    ({"os_version": ABSENT}, None, ""),
    ({"os_distro": "Ubuntu"}, Basis.TEXT, "DEV-0102-30"),
    ({"os_distro": " ubuntu "}, Basis.TEXT, "DEV-0102-30"),
    ({"status": "deactivated"}, Basis.OFFICIAL, "DEV-0102-30"),
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


def finding(images: list[Image], *, v1_only: bool = False) -> Finding:
    (found,) = (entry for entry in check_uniqueness(images, v1_only=v1_only) if isinstance(entry, Finding))
    return found


def test_under_the_first_version_community_images_do_not_count() -> None:
    images = [image("a"), image("b", visibility="community")]
    assert list(check_uniqueness(images, v1_only=True)) == []
    assert finding([*images, image("c")], v1_only=True).observed == "2: Image a (a), Image c (c)"


def test_community_images_of_others_cannot_be_seen_which_is_remarked() -> None:
    assert list(check_uniqueness([image("a")])) == []
    (remark,) = check_uniqueness([image("a", visibility="community")])
    assert isinstance(remark, Remark)
    assert "can be seen" in remark.text


def test_a_nameless_twin_breaks_the_official_suite() -> None:
    entries = list(check_uniqueness([image("a"), image("b", name=None)]))
    assert [entry.deviation for entry in entries if isinstance(entry, Remark)] == ["DEV-0102-22"]
    # by the text alone they are twins: the official suite has nothing to write
    entries = list(check_uniqueness([image("a"), image("b", name=None, os_distro="Ubuntu")]))
    assert [entry for entry in entries if isinstance(entry, Remark)] == []


# --- the mend


BUILDS = [("Ubuntu 24.04", "Ubuntu 24.04"), ("Ubuntu 24.04 20260501", "Ubuntu 24.04"), ("ubuntu 24.04", "Ubuntu-24.04")]
BUILDS += [("Ubuntu 24.04 (20240703-1797)", "Ubuntu 24.04"), ("Ubuntu 24.04 old", "Ubuntu 24.04")]


@pytest.mark.parametrize("names", BUILDS)
def test_the_older_build_of_a_product_is_declared_superseded_and_the_newest_kept(names: tuple[str, str]) -> None:
    older = image("a", name=names[0], image_build_date="2026-05-01")
    newest = image("b", name=names[1])
    for images in ([older, newest], [newest, older]):
        hint = finding(images).hint
        assert hint.startswith("openstack image set --property os_purpose=oldgeneric a  # ")
        assert hint.endswith("keeps b")
        # the first version does not know that word
        assert finding(images, v1_only=True).hint.startswith("openstack image set --property os_purpose=custom a  # ")


def test_builds_from_one_place_are_one_product_unless_their_names_tell_otherwise() -> None:
    place = "https://cloud-images.ubuntu.com/noble"
    older = {"image_build_date": "2026-05-01", "image_source": f"{place}/20260501/noble-server-cloudimg-amd64.img"}
    newest = {"image_source": f"{place}/current/noble-server-cloudimg-amd64.img"}
    twins = [image("a", name=None, **older), image("b", name="Ubuntu Noble", **newest)]
    assert finding(twins).hint.startswith("openstack image set --property os_purpose=oldgeneric a  # ")
    for other in ("Debian 12", "Ubuntu 24.04 GPU", "Ubuntu 22.04"):
        assert (
            "oldgeneric"
            not in finding([image("a", name=other, **older), image("b", name="Ubuntu 24.04", **newest)]).hint
        )


PRODUCTS = [
    ("AlmaLinux 9", "CentOS Stream 9", "centos", "almalinux"),
    ("CentOS Stream 9", "Rocky Linux 9", "centos", "rocky"),
    ("Ubuntu 24.04", "Ubuntu 24.04 Minimal", "ubuntu", ""),
    ("Ubuntu 24.04 LTS GPU", "Ubuntu 24.04 LTS", "ubuntu", ""),
    ("CentOS Stream 8", "CentOS Stream 10", "centos", ""),
]


@pytest.mark.parametrize(("first", "second", "label", "right"), PRODUCTS)
def test_different_products_get_their_own_labels_and_none_is_hidden(
    first: str, second: str, label: str, right: str
) -> None:
    shared = {"os_distro": label, "os_version": "9", "image_source": "https://example.org/images/x.qcow2"}
    hint = finding([image("a", name=first, **shared), image("b", name=second, **shared)]).hint
    assert repr(first) in hint
    assert repr(second) in hint
    assert "hid" not in hint
    assert "os_purpose=" not in hint
    assert ("--property os_distro=" in hint) is bool(right)
    assert f"os_distro={right}" in hint or not right


@pytest.mark.parametrize("names", [(None, None), (None, "Ubuntu 24.04"), ("golden", "silver")])
def test_where_it_cannot_be_told_both_ways_are_told_without_a_command(names: tuple[str | None, str | None]) -> None:
    hint = finding([image("a", name=names[0]), image("b", name=names[1])]).hint
    assert "openstack" not in hint
    assert "builds of one product" in hint
    assert "its own right os_distro" in hint


def test_a_build_that_can_be_used_is_kept() -> None:
    newer = image("a", name="Ubuntu 24.04", image_build_date="2026-06-03", status="deactivated")
    hint = finding([newer, image("b", name="Ubuntu 24.04")]).hint
    assert hint.startswith("openstack image set --property os_purpose=oldgeneric a  # ")


def test_hiding_is_told_only_where_no_name_gets_lost() -> None:
    old = {"image_build_date": "2026-05-01"}
    for name, told in (("X", True), ("X 20260501", True), ("x", False)):
        assert ("hide" in finding([image("a", name=name, **old), image("b", name="X")]).hint) is told


def test_builds_of_several_products_are_told_apart() -> None:
    images = [image("a1", name="AlmaLinux 9", image_build_date="2026-05-01"), image("a2", name="AlmaLinux 9")]
    images += [image("c1", name="CentOS Stream 9")]
    hint = finding([Image({**one.properties, "os_distro": "centos", "os_version": "9"}) for one in images]).hint
    assert hint.startswith("openstack image set --property os_purpose=oldgeneric a1  # ")
    assert "if 'AlmaLinux 9' is almalinux: openstack image set --property os_distro=almalinux a2" in hint


def test_many_older_builds_are_mended_in_a_loop() -> None:
    images = [image(f"-{number:04}", name="Ubuntu 24.04") for number in range(5000)]
    hint = finding(images).hint
    assert hint.count("openstack image set --property") == 1
    assert hint.startswith("for id in -0000 ")
    assert 'os_purpose=oldgeneric -- "$id"; done' in hint


def test_an_id_like_an_option_is_none() -> None:
    twins = [image("-a", name="X", image_build_date="2026-05-01"), image("b", name="X")]
    assert shlex.split(finding(twins).hint, comments=True)[-2:] == ["--", "-a"]


VALUES = st.one_of(st.none(), st.integers(), st.text(max_size=3), st.lists(st.text(), max_size=1), st.just("generic"))
KEYS = ("name", "visibility", "status", "os_hidden", "architecture", "os_distro", "os_version", "image_build_date")


@given(st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, VALUES)), max_size=4))
def test_no_property_value_makes_the_check_raise(properties: list[dict[str, Any]]) -> None:
    for entry in check_uniqueness([image(str(number), **changes) for number, changes in enumerate(properties)]):
        assert str(entry)


SOME = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["AlmaLinux 9", "CentOS Stream 9", "X", "X 20260101", None]),
        "visibility": st.sampled_from(["public", "public", "community"]),
        "status": st.sampled_from(["active", "active", "queued"]),
        "os_distro": st.sampled_from(["centos", "centos", "CentOS", "", "alma"]),
        "os_version": st.sampled_from(["9", "9", "10", None]),
        "architecture": st.sampled_from(["x86_64", "x86_64", "", None]),
        "os_purpose": st.sampled_from(["generic", "generic", "minimal"]),
    }
)


@given(st.lists(SOME, max_size=5), st.booleans())
def test_the_official_verdict_is_that_of_exact_triples_and_every_difference_has_its_row(
    properties: list[dict[str, Any]], v1_only: bool
) -> None:
    images = [image(str(number), **changes) for number, changes in enumerate(properties)]
    triples = Counter(
        (one["architecture"] or "", one["os_distro"], one["os_version"])
        for one in images
        if one.public and one["os_purpose"] == "generic" and one["os_distro"] and one["os_version"]
    )
    entries = list(check_uniqueness(images, v1_only=v1_only))
    found = [entry for entry in entries if isinstance(entry, Finding)]
    assert any(entry.basis.concerns(Judge.OFFICIAL) for entry in found) is any(n > 1 for n in triples.values())
    assert all(entry.deviation in ("DEV-0102-30", "DEV-0102-31") for entry in found if entry.basis is not Basis.BOTH)
    for entry in found:
        assert entry.hint
        assert "AlmaLinux" not in entry.hint or "CentOS" not in entry.hint or "hide" not in entry.hint.partition(";")[2]
