# SPDX-License-Identifier: Apache-2.0
"""What Tempest's servers are made of: two images and two flavors, chosen from those that everybody sees.

See docs/standards/scs-0128.md#configuration.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from pytest_scs.core.cause import Inconclusive
from pytest_scs.standards.iaas.guest_choice import SPECIAL_PURPOSES, fitting
from pytest_scs.standards.iaas.model import Flavor, Image

_GIB = 1024**3


@dataclasses.dataclass(frozen=True, slots=True)
class Parts:
    """``image_alt`` is the same as ``image`` if there is no other; ``flavor_alt`` is None if none is larger."""

    image: Image
    image_alt: Image
    flavor: Flavor
    flavor_alt: Flavor | None


def choose_parts(images: Sequence[Image], flavors: Sequence[Flavor]) -> Parts:
    """The two smallest images and the smallest flavor that runs both, with a larger one for resizing.

    Only public ones, because the test accounts must see them, and flavors with a disk, because the prescribed tests
    boot from images. Raises Inconclusive if nothing fits.
    """
    seen = [image for image in images if image.active and not image.hidden and image.public]
    public = [flavor for flavor in flavors if flavor.is_public and flavor.disk > 0]
    usable = sorted((image for image in seen if _running(public, [image])), key=_size)
    if not usable:
        raise Inconclusive(
            f"no image for Tempest's servers: none of {len(seen)} public images fits to one of {len(public)} public "
            "flavors with a disk"
        )
    image = usable[0]
    image_alt = next((other for other in usable[1:] if _running(public, [image, other])), image)
    candidates = _running(public, [image, image_alt])
    flavor = candidates[0]
    return Parts(image, image_alt, flavor, next((other for other in candidates if _larger(other, flavor)), None))


def _size(image: Image) -> tuple[bool, int, int, str]:
    special = image["os_purpose"] in SPECIAL_PURPOSES
    return special, int(image["min_disk"] or 0), int(image["size"] or 0), image.id


def _running(flavors: Sequence[Flavor], images: Sequence[Image]) -> list[Flavor]:
    """The flavors that can run all of these images, the smallest first."""
    able = [
        flavor
        for flavor in flavors
        if all(fitting([flavor], image) and flavor.disk >= _disk_needed(image) for image in images)
    ]
    return sorted(able, key=lambda flavor: (flavor.vcpus, flavor.ram, flavor.disk, flavor.name))


def _disk_needed(image: Image) -> int:
    """GiB; an image in a compressed format may need more than its size."""
    return max(int(image["min_disk"] or 0), -(-int(image["virtual_size"] or image["size"] or 0) // _GIB))


def _larger(other: Flavor, flavor: Flavor) -> bool:
    """Nova refuses to resize to a smaller disk, and to the same flavor."""
    dimensions = [(other.vcpus, flavor.vcpus), (other.ram, flavor.ram), (other.disk, flavor.disk)]
    return all(new >= old for new, old in dimensions) and any(new > old for new, old in dimensions)
