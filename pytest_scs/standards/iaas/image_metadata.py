# SPDX-License-Identifier: Apache-2.0
"""What image properties say about the image itself: hardware, size, operating system (scs-0102-v1 and -v2).

What is fine for whom: docs/standards/scs-0102.md#properties.

Each check takes one image. "Empty" is absent, null or the empty text; values are compared as they are, with case and
blanks. What the provider promises about an image is in :mod:`pytest_scs.standards.iaas.image_promises`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Final

from pytest_scs.core.findings import Observation, Remark, show
from pytest_scs.standards.iaas import image_hints as hints
from pytest_scs.standards.iaas import image_vocabulary as vocabulary
from pytest_scs.standards.iaas.image_rules import (
    enumerated,
    for_judged_images,
    name_of,
    nameless_crash,
    number_of,
    offence,
    text_of,
)
from pytest_scs.standards.iaas.model import Image

#: Less memory (MiB) than this can hardly boot anything.
SMALL_RAM: Final = 64
GIB: Final = 1 << 30

_HASH_VALUE = re.compile(r"[0-9a-fA-F]{64}|[0-9a-fA-F]{128}")
_NUMERIC = re.compile(r"[0-9]+(?:\.[0-9]+)*")


@for_judged_images
def check_architecture(image: Image) -> Iterator[Observation]:
    """``architecture`` is a value OpenStack knows (scs-0102-v1); the official suite knows three (DEV-0102-1)."""
    return enumerated(
        image,
        "architecture",
        vocabulary.OFFICIAL_ARCHITECTURES,
        vocabulary.ARCHITECTURES,
        partial(hints.set_property, architecture="ARCHITECTURE"),
        "DEV-0102-1",
    )


@for_judged_images
def check_hash_algo(image: Image) -> Iterator[Observation]:
    """``os_hash_algo`` is sha256 or sha512 (recommended by scs-0102-v1); the text wants the hash, too (DEV-0102-24)."""
    algorithm, value = text_of(image, "os_hash_algo"), text_of(image, "os_hash_value")
    official_ok = algorithm in vocabulary.HASH_ALGORITHMS
    text_ok = official_ok and value is not None and _HASH_VALUE.fullmatch(value) is not None
    if text_ok:
        return
    yield offence(
        image,
        "os_hash_value" if official_ok else "os_hash_algo",
        official_ok,
        text_ok,
        official="64 or 128 hexadecimal digits" if official_ok else "one of 'sha256', 'sha512'",
        # Glance computes the hash when the data arrive, nobody can set it afterwards
        hint=hints.replace(image, name_of(image) or "NAME", "with hashing_algorithm = sha512 in glance-api.conf"),
        deviation="DEV-0102-24",
    )


@for_judged_images
def check_min_disk(image: Image) -> Iterator[Observation]:
    """``min_disk`` (GiB) is set and not less than what the image needs (scs-0102-v1).

    The official suite compares with the stored size, the text also with the virtual size where it is known
    (DEV-0102-25). An unknown size makes the official suite abort (DEV-0102-8); here the comparison is left out.
    """
    min_disk, size = number_of(image, "min_disk") or 0, number_of(image, "size")
    if size is None and min_disk > 0:
        yield Remark("its size is not known; the official suite gives ABORT", image.label, "DEV-0102-8")
    room = min_disk * GIB
    stored, virtual = size or 0, number_of(image, "virtual_size") or 0
    official_ok = min_disk > 0 and stored <= room
    text_ok = official_ok and virtual <= room
    if text_ok:
        return
    needed = max(1, -(-max(stored, virtual) // GIB))
    yield offence(
        image,
        "min_disk",
        official_ok,
        text_ok,
        official=f"at least {needed} GiB" + (" (virtual size)" if virtual > stored else ""),
        observed=f"{min_disk} GiB" if min_disk else "",
        hint=hints.set_option(image, f"--min-disk {needed}"),
        deviation="DEV-0102-25",
    )


@for_judged_images
def check_min_ram(image: Image) -> Iterator[Observation]:
    """``min_ram`` (MiB) is set (scs-0102-v1); less than 64 MiB gets a remark."""
    min_ram = number_of(image, "min_ram") or 0
    if min_ram <= 0:
        yield offence(
            image,
            "min_ram",
            False,
            False,
            official="more than 0 MiB",
            hint=hints.set_option(image, "--min-ram MIB"),
        )
    elif min_ram < SMALL_RAM:
        yield Remark(f"min_ram is {min_ram} MiB, which is hardly enough to boot", image.label)
        if image["name"] is None:
            yield nameless_crash(image)


@for_judged_images
def check_os_version(image: Image) -> Iterator[Observation]:
    """``os_version`` is set (scs-0102-v1); a number where the distribution numbers its releases (DEV-0102-18)."""
    version = text_of(image, "os_version")
    distro = text_of(image, "os_distro") or ""
    numbered = distro in vocabulary.NUMBERED_DISTROS or distro.strip().lower() in vocabulary.NUMBERED_DISTROS
    if version and (not numbered or _NUMERIC.fullmatch(version)):
        return
    yield offence(
        image,
        "os_version",
        bool(version),
        False,
        official="a number such as '24.04'" if numbered else "the version of the operating system",
        hint=hints.set_property(image, os_version="VERSION"),
        deviation="DEV-0102-18",
    )


@for_judged_images
def check_os_distro(image: Image) -> Iterator[Observation]:
    """``os_distro`` is set (scs-0102-v1); lower case and in the spelling of OpenStack (DEV-0102-18)."""
    distro = text_of(image, "os_distro")
    if distro in vocabulary.DISTROS:
        return
    plain = (distro or "").strip().lower()
    right = vocabulary.DISCOURAGED_DISTROS.get(distro or "") or vocabulary.DISCOURAGED_DISTROS.get(plain)
    if distro and distro == plain and not right:
        known = "not among the values that OpenStack documents"
        yield Remark(f"os_distro {show(distro)} is {known}", image.label)
        return
    wanted = right or (plain if plain in vocabulary.DISTROS else "")
    yield offence(
        image,
        "os_distro",
        bool(distro),
        False,
        official=repr(wanted) if wanted else "a distribution in lower case, such as 'ubuntu' or 'debian'",
        hint=hints.set_property(image, os_distro=wanted or "DISTRIBUTION"),
        deviation="DEV-0102-18",
    )


@for_judged_images
def check_os_purpose(image: Image, *, v1_only: bool) -> Iterator[Observation]:
    """``os_purpose`` is one of the values of the standard (recommended by scs-0102-v1, mandatory in scs-0102-v2).

    ``v1_only`` says that no version but scs-0102-v1 is asked for, whose text does not know ``oldgeneric``; the official
    suite accepts it all the same (DEV-0102-7).
    """
    text = vocabulary.PURPOSES_V1 if v1_only else vocabulary.PURPOSES
    return enumerated(image, "os_purpose", vocabulary.PURPOSES, text, _mend_purpose, "DEV-0102-7")


@for_judged_images
def check_hw_disk_bus(image: Image) -> Iterator[Observation]:
    """``hw_disk_bus`` is set to a bus that OpenStack knows (scs-0102-v1).

    The official suite lets it be absent (DEV-0102-2) and knows no other buses than virtio and scsi (DEV-0102-3).
    """
    return enumerated(
        image,
        "hw_disk_bus",
        vocabulary.OFFICIAL_DISK_BUSES,
        vocabulary.DISK_BUSES,
        partial(hints.set_property, hw_disk_bus="scsi", hw_scsi_model="virtio-scsi"),
        "DEV-0102-2" if image["hw_disk_bus"] is None else "DEV-0102-3",
    )


@for_judged_images
def check_hypervisor_type(image: Image) -> Iterator[Observation]:
    """``hypervisor_type`` is absent or a value that OpenStack knows (scs-0102-v1); DEV-0102-4 for the official list."""
    if image["hypervisor_type"] == "kvm":
        yield Remark("hypervisor_type is 'kvm'; the documented value for QEMU and KVM is 'qemu'", image.label)
    yield from enumerated(
        image,
        "hypervisor_type",
        vocabulary.OFFICIAL_HYPERVISORS,
        vocabulary.HYPERVISORS,
        partial(hints.unset_property, key="hypervisor_type"),
        "DEV-0102-4",
    )


@for_judged_images
def check_hw_rng_model(image: Image) -> Iterator[Observation]:
    """``hw_rng_model`` is absent or ``virtio``, the only device that Nova knows (recommended by scs-0102-v1)."""
    return enumerated(
        image,
        "hw_rng_model",
        vocabulary.RNG_MODELS,
        vocabulary.RNG_MODELS,
        partial(hints.set_property, hw_rng_model="virtio"),
    )


def _mend_purpose(image: Image) -> str:
    if image["os_purpose"] == "oldgeneric":  # a superseded image is retired by hiding it
        return hints.set_option(image, "--hidden")
    return hints.set_property(image, os_purpose="PURPOSE")
