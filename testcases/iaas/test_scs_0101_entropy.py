# SPDX-License-Identifier: Apache-2.0
"""scs-0101: entropy, the two properties of version 1.0 (documents: scs-0101-v1, scs-0101-w1)."""

from __future__ import annotations

import pytest

from pytest_scs.collector import Collector
from pytest_scs.standards import entropy
from pytest_scs.standards.model import Flavor, Image


@pytest.mark.scs("scs-0101-flavor-property")
def test_scs_0101_flavor_property(scs: Collector, flavors: list[Flavor]) -> None:
    """Every flavor SHOULD allow a random number device: extra spec `hw_rng:allowed` is `true`, in any case.

    Source: scs-0101-v1 up to 1.0; dropped by 1.1. Fails when a flavor has no or another value; aborts when the flavors
    cannot be read.
    """
    scs.whole("flavors", flavors, entropy.check_flavors)


@pytest.mark.scs("scs-0101-image-property")
def test_scs_0101_image_property(scs: Collector, images: list[Image]) -> None:
    """Every public image SHOULD select a random number device: property `hw_rng_model` is `virtio`.

    Source: scs-0101-v1 up to 1.0; dropped by 1.1. Fails when a public image has no or another value; aborts when the
    images cannot be read.
    """
    scs.whole("public images", [image for image in images if image.public], entropy.check_images)
