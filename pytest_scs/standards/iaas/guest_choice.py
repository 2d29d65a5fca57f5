# SPDX-License-Identifier: Apache-2.0
"""Image and flavor of the sample VM of scs-0101-v1: what the official suite chooses, of what can work.

The rules are those of docs/standards/scs-0101.md#the-sample-vm.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Generic, TypeVar

from pytest_scs.core.cause import Inconclusive
from pytest_scs.standards.iaas.flavor_grammar import FlavorNameError, parse
from pytest_scs.standards.iaas.flavor_name import FlavorName
from pytest_scs.standards.iaas.flavor_tables import CPU_VENDORS
from pytest_scs.standards.iaas.model import Flavor, Image

T = TypeVar("T")

#: Images made for something else than being tried out; used where there is nothing else.
SPECIAL_PURPOSES: Final = frozenset({"k8snode", "gpu", "network", "custom", "oldgeneric"})

#: GiB; the size of the smallest volume the VM gets, and what an image of unknown size is assumed to fill.
SMALLEST_VOLUME: Final = 8

#: vCPUs and MiB of RAM up to which a flavor is taken for its disk: hardly any quota is too small for it.
MODEST: Final = (2, 4096)

_GIB: Final = 1024**3
_DEBIAN_CODENAMES: Final = {"buster": 10, "bullseye": 11, "bookworm": 12, "trixie": 13}
_UBUNTU_VERSION: Final = re.compile(r"([0-9]{2})\.([0-9]{2})")
_BARE_METAL_NAME: Final = re.compile(r"[_-]bms(?![0-9A-Za-z])")
_VGPU: Final = re.compile(r"resources[^:]*:VGPU")
_ARCHITECTURE_TRAIT: Final = re.compile(r"trait[^:]*:HW_ARCH_(\w+)")


@dataclasses.dataclass(frozen=True, slots=True)
class Choice(Generic[T]):
    """What was chosen, and why."""

    value: T
    reason: str


def choose_image(images: Sequence[Image], flavors: Sequence[Flavor]) -> Choice[Image]:
    """The image to boot: the newest Debian, else the newest Ubuntu, else the first one.

    Only active images that are not hidden, and for which there is a flavor, are considered; those with a special
    purpose only if there are no others (DEV-0101-2). Raises Inconclusive if none is left.
    """
    active = [image for image in images if image.active and not image.hidden]
    bootable = [image for image in active if fitting(flavors, image)]
    if not bootable:
        raise Inconclusive(
            f"no image to boot: of {len(images)} images {len(active)} are active and visible, "
            f"and none of these fits to one of {len(flavors)} flavors"
        )
    candidates = [image for image in bootable if image["os_purpose"] not in SPECIAL_PURPOSES] or bootable
    chosen = max(candidates, key=_rank)
    if not any(_rank(chosen)):
        return Choice(chosen, f"first of {len(candidates)} images, none of which is known to be Debian or Ubuntu")
    what = f"{chosen['os_distro']} {chosen['os_version']}"
    return Choice(chosen, f"{what} ranks highest among {len(candidates)} usable images of {len(images)}")


def choose_flavor(flavors: Sequence[Flavor], image: Image, *, whatever_disk: bool = False) -> Choice[Flavor]:
    """The smallest flavor that can run the image, by ``vcpus + ram/3 + disk/10`` in MiB and GiB.

    Flavors that allow a random number device are preferred, and of these modest ones with a disk for the image: copying
    it to a volume takes longer than all else but the boot. ``whatever_disk``: these are not. Disabled flavors, those
    for bare metal, with GPUs, or of another architecture are not considered (DEV-0101-3). Raises Inconclusive if none
    is left.
    """
    usable = fitting(flavors, image)
    if not usable:
        raise Inconclusive(
            f"no flavor for {image.label}: none of {len(flavors)} flavors is a plain virtual machine of architecture "
            f"{image['architecture'] or 'any'} with at least {_number(image['min_ram'])} MiB of RAM"
        )
    with_device = [flavor for flavor in usable if _is_true(flavor.extra_specs.get("hw_rng:allowed"))]
    candidates = with_device or usable
    which = "that allow a random number device" if with_device else "that fit"
    with_disk = [] if whatever_disk else [flavor for flavor in candidates if _modest_with_disk(flavor, image)]
    if with_disk:
        candidates, which = with_disk, f"{which} and have a disk for the image"
    chosen = min(candidates, key=lambda flavor: flavor.vcpus + flavor.ram / 3 + flavor.disk / 10)
    return Choice(chosen, f"smallest of {len(candidates)} flavors {which}, of {len(flavors)} in all")


def boot_from_volume(flavor: Flavor, image: Image) -> int | None:
    """The size in GiB of the volume to boot from; None if the disk of the flavor is large enough.

    The size of an image in a compressed format is known only if Glance tells its ``virtual_size``.
    """
    known = image["virtual_size"] or (image["size"] if image["disk_format"] == "raw" else None)
    content = _gib(known) if known else max(_gib(image["size"]), SMALLEST_VOLUME)
    needed = max(_number(image["min_disk"]), content)
    return None if flavor.disk >= needed else max(needed, SMALLEST_VOLUME)


def _modest_with_disk(flavor: Flavor, image: Image) -> bool:
    return flavor.vcpus <= MODEST[0] and flavor.ram <= MODEST[1] and boot_from_volume(flavor, image) is None


def _rank(image: Image) -> tuple[int, int]:
    """Distribution and version as numbers; ``max`` takes the first of equal ones."""
    distro, version = image["os_distro"], image["os_version"]
    if not distro or not version:
        return 0, 0
    match distro.strip().lower():
        case "debian":
            return 2, int(version) if re.fullmatch("[0-9]{1,9}", version) else _DEBIAN_CODENAMES.get(version, 0)
        case "ubuntu":
            numbers = _UBUNTU_VERSION.fullmatch(version)
            return 1, int(numbers[1] + numbers[2]) if numbers else 0
    return 0, 0


def fitting(flavors: Sequence[Flavor], image: Image) -> list[Flavor]:
    """The flavors with which an image can run as a plain virtual machine, whatever their disk."""
    return [
        flavor
        for flavor in flavors
        if flavor.ram >= _number(image["min_ram"])
        and not flavor.disabled
        and not _bare_metal(flavor)
        and not _has_gpu(flavor)
        and _runs(flavor, image["architecture"])
    ]


def _names(flavor: Flavor) -> list[str]:
    """The name of the flavor and the names its extra specs give it (scs-0103-v1)."""
    return [flavor.name, *(str(value) for key, value in flavor.extra_specs.items() if key.startswith("scs:name-v"))]


def _promises(flavor: Flavor) -> list[FlavorName]:
    """What its names say, as far as they can be read."""
    promises = []
    for name in _names(flavor):
        try:
            promises.append(parse(name).flavor)
        except FlavorNameError:
            continue
    return promises


def _bare_metal(flavor: Flavor) -> bool:
    specs = flavor.extra_specs
    by_resources = str(specs.get("resources:VCPU")) == "0" and any(key.startswith("resources:CUSTOM_") for key in specs)
    return by_resources or any(_BARE_METAL_NAME.search(name) for name in _names(flavor))


def _has_gpu(flavor: Flavor) -> bool:
    by_specs = any(_VGPU.fullmatch(key) or key == "pci_passthrough:alias" for key in flavor.extra_specs)
    return by_specs or any(promise.gpu for promise in _promises(flavor))


def _runs(flavor: Flavor, architecture: Any) -> bool:
    """Whether the architectures agree as far as both are known."""
    known = _architectures(flavor)
    return not architecture or not known or architecture in known


def _architectures(flavor: Flavor) -> set[str]:
    """The architectures that a required trait or an SCS name tells; a name without CPU vendor means x86_64."""
    required = _required_traits(flavor.extra_specs)
    if required:
        return required
    promises = _promises(flavor)
    return {CPU_VENDORS[promise.processor.vendor].uname if promise.processor else "x86_64" for promise in promises}


def _required_traits(specs: Mapping[str, str]) -> set[str]:
    matches = [(_ARCHITECTURE_TRAIT.fullmatch(key), value) for key, value in specs.items()]
    return {match[1].lower() for match, value in matches if match and value == "required"}


def _is_true(value: object) -> bool:
    return str(value).strip().lower() == "true"


def _number(value: Any) -> int:
    return int(value or 0)


def _gib(size: Any) -> int:
    """Bytes as GiB, rounded up."""
    return -(-_number(size) // _GIB)
