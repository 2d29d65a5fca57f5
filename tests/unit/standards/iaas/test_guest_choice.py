# SPDX-License-Identifier: Apache-2.0
"""Which image and which flavor the sample VM gets (scs-0101-v1)."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.core.cause import Inconclusive
from pytest_scs.standards.iaas.guest_choice import boot_from_volume, choose_flavor, choose_image
from pytest_scs.standards.iaas.model import Flavor, Image

GIB = 1024**3


def image(name: str, **properties: Any) -> Image:
    base = {
        "id": f"id of {name}",
        "name": name,
        "status": "active",
        "visibility": "public",
        "os_hidden": False,
        "min_ram": 0,
        "min_disk": 0,
        "disk_format": "qcow2",
        "size": 300 * 1024**2,
        "virtual_size": 2 * GIB,
    }
    return Image({**base, **properties})


def system(distro: str | None, version: str | None, **properties: Any) -> Image:
    """An image of a distribution; None leaves the property out."""
    names = {"os_distro": distro, "os_version": version}
    known = {key: value for key, value in names.items() if value is not None}
    return image(f"{distro} {version}", **known, **properties)


def flavor(
    name: str, vcpus: int = 1, ram: int = 1024, disk: int = 0, disabled: bool = False, **extra_specs: str
) -> Flavor:
    specs = {key.replace("__", ":"): value for key, value in extra_specs.items()}
    return Flavor(f"id of {name}", name, vcpus, ram, disk, True, disabled, specs)


PLAIN = [flavor("SCS-1V-1"), flavor("SCS-1V-2", ram=2048)]
DEBIAN = system("debian", "12", architecture="x86_64")


def chosen_image(*images: Image, flavors: list[Flavor] | None = None) -> str | None:
    return choose_image(images, flavors or PLAIN).value.name


def chosen_flavor(*flavors: Flavor, image: Image = DEBIAN) -> str:
    return choose_flavor(flavors, image).value.name


# -- images, each list from the lowest rank to the highest -------------------------------------------------------------


@pytest.mark.parametrize(
    "ascending",
    [
        [("ubuntu", "22.04"), ("ubuntu", "24.04"), ("debian", "9"), ("debian", "12")],
        [("debian", "buster"), ("debian", "bullseye"), ("debian", "bookworm"), ("debian", "trixie")],
        [("debian", "9"), ("debian", "buster"), ("debian", "11"), ("debian", "bookworm"), ("debian", "13")],
        [("fedora", "42"), ("ubuntu", "noble"), ("ubuntu", "16.04")],
        [("ubuntu", "24.04.1"), ("ubuntu", "16.04")],
        [("ubuntu", "24.4"), ("ubuntu", "16.04")],
        [("ubuntu", "26.04"), ("debian", "sid"), ("debian", "8")],
        [("debian", "12.5"), ("debian", "8")],
        [(None, None), ("ubuntu", "16.04")],
        [("debian", None), ("ubuntu", "16.04")],
        [(None, "12"), ("ubuntu", "16.04")],
        [("centos", "9"), (" Debian ", "12")],
        [("rocky", "9"), ("UBUNTU", "22.04")],
    ],
)
def test_the_newest_debian_wins_then_the_newest_ubuntu(ascending: list[tuple[str | None, str | None]]) -> None:
    images = [system(*names) for names in ascending]
    for lower, higher in itertools.pairwise(images):
        assert chosen_image(lower, higher) == higher.name
        assert chosen_image(higher, lower) == higher.name


def test_the_first_of_equal_images_wins() -> None:
    equal = [system("debian", "12"), system("debian", "bookworm")]
    assert chosen_image(*equal) == "debian 12"
    assert chosen_image(*reversed(equal)) == "debian bookworm"
    assert chosen_image(system("fedora", "42"), system("rocky", "9")) == "fedora 42"


@pytest.mark.parametrize(
    "defect",
    [
        {"status": "queued"},
        {"status": "deactivated"},
        {"os_hidden": True},
        {"architecture": "aarch64"},
        {"min_ram": 65536},
    ],
)
def test_an_image_that_cannot_be_used_is_passed_over(defect: dict[str, Any]) -> None:
    assert chosen_image(system("debian", "13", **defect), system("ubuntu", "22.04")) == "ubuntu 22.04"


@pytest.mark.parametrize("purpose", ["k8snode", "gpu", "network", "custom", "oldgeneric"])
def test_an_image_for_a_special_purpose_is_used_only_without_others(purpose: str) -> None:
    special = system("debian", "13", os_purpose=purpose)
    assert chosen_image(special, system("ubuntu", "22.04", os_purpose="generic")) == "ubuntu 22.04"
    assert chosen_image(special, system("rocky", "9")) == "rocky 9"
    assert chosen_image(special) == "debian 13"


def test_an_unusable_image_does_not_make_special_ones_disappear() -> None:
    usable = system("debian", "13", os_purpose="k8snode")
    assert chosen_image(usable, system("debian", "12", os_purpose="generic", status="killed")) == "debian 13"


def test_a_minimal_image_is_as_good_as_a_generic_one() -> None:
    assert chosen_image(system("ubuntu", "24.04"), system("debian", "12", os_purpose="minimal")) == "debian 12"


def test_the_reason_names_the_system_and_the_numbers() -> None:
    choice = choose_image([system("ubuntu", "24.04"), system("debian", "12"), image("x", status="queued")], PLAIN)
    assert choice.reason == "debian 12 ranks highest among 2 usable images of 3"
    assert "none of which is known" in choose_image([image("x")], PLAIN).reason


@pytest.mark.parametrize(
    ("images", "flavors", "cause"),
    [
        ([], PLAIN, "of 0 images 0 are active"),
        ([image("x", status="queued"), image("y", os_hidden=True)], PLAIN, "of 2 images 0 are active"),
        ([DEBIAN], [], "of 1 images 1 are active and visible, and none of these fits to one of 0 flavors"),
    ],
)
def test_without_an_image_the_cause_is_told(images: list[Image], flavors: list[Flavor], cause: str) -> None:
    with pytest.raises(Inconclusive, match=f"no image to boot: {cause}"):
        choose_image(images, flavors)


# -- flavors ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [
        (flavor("a", vcpus=8, ram=1024), flavor("b", vcpus=1, ram=2048)),
        (flavor("a", vcpus=1, ram=1024), flavor("b", vcpus=2, ram=1024)),
        (flavor("a", vcpus=1, disk=9), flavor("b", vcpus=2, disk=0)),
        (flavor("a", vcpus=2, disk=3), flavor("b", vcpus=1, disk=14)),
        (flavor("a", disk=5), flavor("b", disk=10)),
        (flavor("a", ram=1024, disk=100), flavor("b", ram=1056)),
    ],
)
def test_the_smallest_flavor_wins_and_ram_counts_most(smaller: Flavor, larger: Flavor) -> None:
    assert chosen_flavor(smaller, larger) == chosen_flavor(larger, smaller) == smaller.name


def test_the_first_of_equal_flavors_wins() -> None:
    assert chosen_flavor(flavor("first"), flavor("second")) == "first"


def test_the_image_needs_its_ram() -> None:
    sizes = [flavor(f"{ram}", ram=ram) for ram in (512, 1023, 1024, 4096)]
    assert chosen_flavor(*sizes, image=image("x", min_ram=1024)) == "1024"
    assert chosen_flavor(*sizes, image=image("x", min_ram=None)) == "512"


@pytest.mark.parametrize("value", ["true", "True", "TRUE"])
def test_a_flavor_with_a_random_number_device_is_preferred(value: str) -> None:
    assert chosen_flavor(flavor("small"), flavor("large", ram=8192, hw_rng__allowed=value)) == "large"


def test_without_a_usable_flavor_with_a_device_any_other_is_taken() -> None:
    unusable = flavor("gpu", hw_rng__allowed="true", pci_passthrough__alias="gpu:1")
    assert chosen_flavor(unusable, flavor("a", hw_rng__allowed="false"), flavor("b", ram=512)) == "b"


@pytest.mark.parametrize(
    "unsuitable",
    [
        flavor("tiny", ram=64, disabled=True),
        flavor("SCS-4C-64_bms", ram=64),
        flavor("SCS-4C:64-bms", ram=64),
        flavor("metal_bms_large", ram=64),
        flavor("metal", ram=64, resources__CUSTOM_BAREMETAL="1", resources__VCPU="0", resources__MEMORY_MB="0"),
        Flavor("x", "named in an extra spec", 1, 64, 0, True, False, {"scs:name-v2": "SCS-1V-1_a"}),
        flavor("SCS-1V-1_GNa-14-6", ram=64),
        flavor("SCS-1V-1_gNa-14-6", ram=64),
        flavor("vgpu", ram=64, resources__VGPU="1"),
        flavor("vgpu", ram=64, resources1__VGPU="1"),
        flavor("pci", ram=64, pci_passthrough__alias="a1:2"),
        flavor("SCS-1V-1_a", ram=64),
        flavor("SCS-1V-1_r", ram=64),
        flavor("arm", ram=64, trait__HW_ARCH_AARCH64="required"),
    ],
    ids=lambda unsuitable: unsuitable.name,
)
def test_a_flavor_that_is_no_plain_machine_of_the_architecture_is_passed_over(unsuitable: Flavor) -> None:
    assert chosen_flavor(unsuitable, flavor("plain")) == "plain"
    with pytest.raises(Inconclusive, match="none of 1 flavors is a plain virtual machine of architecture x86_64"):
        choose_flavor([unsuitable], DEBIAN)


@pytest.mark.parametrize(
    "suitable",
    [
        flavor("bmstore"),
        flavor("m1.tiny", resources__CUSTOM_LICENCE="1"),
        flavor("m1.tiny", resources__VCPU="0"),
        flavor("m1.tiny", trait__HW_ARCH_AARCH64="forbidden"),
        flavor("m1.tiny", trait__HW_ARCH_X86_64="required"),
        flavor("SCS-1V-1_i2"),
        flavor("SCS-1V-1_z"),
        flavor("SCS-1V-1_kvm_hwv_ib"),
        flavor("SCS-nonsense"),
    ],
    ids=lambda suitable: suitable.name,
)
def test_a_plain_flavor_is_not_mistaken(suitable: Flavor) -> None:
    assert chosen_flavor(suitable) == suitable.name


def test_the_architecture_of_arm_images_fits_to_arm_flavors_only() -> None:
    arm = system("debian", "12", architecture="aarch64")
    assert chosen_flavor(flavor("SCS-1V-1"), flavor("SCS-4V-16_a2", ram=16384), image=arm) == "SCS-4V-16_a2"
    assert chosen_flavor(flavor("SCS-1V-2_a"), flavor("m1.tiny", ram=512), image=arm) == "m1.tiny"
    assert chosen_image(DEBIAN, arm, flavors=[flavor("SCS-4V-16_a2")]) == arm.name


def test_an_image_without_architecture_fits_everywhere() -> None:
    assert chosen_flavor(flavor("SCS-1V-1_a"), image=system("debian", "12")) == "SCS-1V-1_a"


def test_a_modest_flavor_with_a_disk_for_the_image_is_preferred() -> None:
    small, fits = flavor("small"), flavor("fits", vcpus=2, ram=4096, disk=2)
    assert chosen_flavor(small, fits) == "fits"
    assert chosen_flavor(small, fits, flavor("roomy", vcpus=1, ram=4096, disk=20)) == "fits"
    assert choose_flavor([small, fits], DEBIAN, whatever_disk=True).value is small
    assert choose_flavor([small, fits], DEBIAN).reason == (
        "smallest of 1 flavors that fit and have a disk for the image, of 2 in all"
    )


@pytest.mark.parametrize(
    "other",
    [
        flavor("many", vcpus=3, ram=4096, disk=2),
        flavor("much", vcpus=2, ram=4097, disk=2),
        flavor("cramped", vcpus=2, ram=4096, disk=1),
        flavor("disabled", ram=2048, disk=20, disabled=True),
    ],
    ids=lambda other: other.name,
)
def test_a_disk_is_no_reason_for_a_large_flavor_or_one_that_cannot_be_used(other: Flavor) -> None:
    assert chosen_flavor(flavor("small"), other) == "small"


def test_a_random_number_device_goes_before_a_disk() -> None:
    assert chosen_flavor(flavor("device", hw_rng__allowed="true"), flavor("disk", ram=2048, disk=20)) == "device"


def test_the_reason_tells_what_was_compared() -> None:
    assert choose_flavor([*PLAIN, flavor("x", disabled=True)], DEBIAN).reason == (
        "smallest of 2 flavors that fit, of 3 in all"
    )
    assert "that allow a random number device" in choose_flavor([flavor("x", hw_rng__allowed="true")], DEBIAN).reason


FLAVORS = st.builds(
    flavor,
    st.sampled_from(["a", "SCS-1V-1", "SCS-1V-1_a", "SCS-1V-1_GNa", "SCS-", ""]),
    vcpus=st.integers(1, 128),
    ram=st.integers(1, 1 << 20),
    disk=st.integers(0, 1000),
    disabled=st.booleans(),
)
IMAGES = st.builds(
    system,
    st.none() | st.sampled_from(["debian", "ubuntu", "Debian", ""]) | st.text(),
    st.none() | st.sampled_from(["12", "24.04", "bookworm", ""]) | st.text(),
    status=st.sampled_from(["active", "queued"]),
    architecture=st.none() | st.sampled_from(["x86_64", "aarch64"]),
    min_ram=st.none() | st.integers(0, 1 << 20),
    os_purpose=st.none() | st.sampled_from(["generic", "custom"]),
)


@given(st.lists(IMAGES, max_size=5), st.lists(FLAVORS, max_size=5))
def test_a_chosen_image_always_finds_a_flavor(images: list[Image], flavors: list[Flavor]) -> None:
    try:
        choice = choose_image(images, flavors)
    except Inconclusive:
        return
    assert choice.value.active
    assert choose_flavor(flavors, choice.value).value.ram >= (choice.value["min_ram"] or 0)


# -- volume -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("disk", "properties", "volume"),
    [
        (0, {}, 8),
        (1, {}, 8),
        (2, {}, None),
        (20, {}, None),
        (20, {"min_disk": 20}, None),
        (20, {"min_disk": 21}, 21),
        (0, {"min_disk": 50}, 50),
        (0, {"virtual_size": 8 * GIB + 1}, 9),
        (10, {"virtual_size": 10 * GIB}, None),
        (10, {"virtual_size": 10 * GIB + 1}, 11),
        (10, {"virtual_size": 5 * GIB, "min_disk": 12}, 12),
        (7, {"virtual_size": None}, 8),
        (8, {"virtual_size": None}, None),
        (8, {"virtual_size": None, "size": 9 * GIB}, 9),
        (2, {"virtual_size": None, "disk_format": "raw", "size": 2 * GIB}, None),
        (1, {"virtual_size": None, "disk_format": "raw", "size": 2 * GIB}, 8),
        (0, {"virtual_size": None, "disk_format": "raw", "size": None, "min_disk": None}, 8),
    ],
)
def test_a_volume_is_used_where_the_disk_of_the_flavor_is_too_small(
    disk: int, properties: dict[str, Any], volume: int | None
) -> None:
    assert boot_from_volume(flavor("x", disk=disk), image("y", **properties)) == volume
