# SPDX-License-Identifier: Apache-2.0
"""Entropy (scs-0101-v1): the two properties that version 1.0 recommended and version 1.1 dropped.

Their testcases are declared by the official scope file, but belong to no target of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_scs.core.findings import Finding, Observation, Remark, show
from pytest_scs.standards.iaas import flavor_commands, image_hints
from pytest_scs.standards.iaas.model import Flavor, Image

FLAVOR_EXTRA_SPEC = "hw_rng:allowed"
IMAGE_PROPERTY = "hw_rng_model"

_DROPPED = Remark(
    "version 1.1 of scs-0101 dropped this recommendation; the official suite gives ABORT, whatever the cloud offers",
    deviation="DEV-0101-6",
)


def check_flavors(flavors: Sequence[Flavor]) -> Iterator[Observation]:
    """Judge all flavors by `check_flavor`, after one remark on the testcase itself (DEV-0101-6)."""
    yield _DROPPED
    for flavor in flavors:
        yield from check_flavor(flavor)


def check_flavor(flavor: Flavor) -> Iterator[Observation]:
    """The extra spec ``hw_rng:allowed`` of the flavor is ``true`` in any case.

    Recommended by scs-0101-v1 as of 1.0, "Flavors" (docs/standards/scs-0101.md#properties).
    """
    value = flavor.extra_specs.get(FLAVOR_EXTRA_SPEC)
    if value is None or str(value).lower() != "true":
        yield Finding(
            resource=flavor.label,
            resource_id=flavor.id,
            rule="scs-0101/flavor_allows_rng",
            title=f"extra spec {FLAVOR_EXTRA_SPEC} allows a random number device",
            expected=show("true"),
            observed=show(value),
            hint=flavor_commands.set_properties(flavor, {FLAVOR_EXTRA_SPEC: "true"}),
        )


def check_images(images: Sequence[Image]) -> Iterator[Observation]:
    """Judge all images by `check_image`, after one remark on the testcase itself (DEV-0101-6)."""
    yield _DROPPED
    for image in images:
        yield from check_image(image)


def check_image(image: Image) -> Iterator[Observation]:
    """The property ``hw_rng_model`` of a public image is exactly ``virtio``.

    Recommended by scs-0101-v1 as of 1.0, "Images" (docs/standards/scs-0101.md#properties). Images of any other
    visibility are no subject of this rule and yield nothing.
    """
    if image.public and image[IMAGE_PROPERTY] != "virtio":
        yield Finding(
            resource=image.label,
            resource_id=image.id,
            rule="scs-0101/image_selects_rng",
            title=f"property {IMAGE_PROPERTY} selects the virtio random number device",
            expected=show("virtio"),
            observed=show(image[IMAGE_PROPERTY]),
            hint=image_hints.set_property(image, **{IMAGE_PROPERTY: "virtio"}),
        )
