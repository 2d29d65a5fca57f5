# SPDX-License-Identifier: Apache-2.0
"""scs-0104: standard images by name (documents: scs-0104-v1, scs-0104-w1).

Which images are meant, whether they have to exist and where they have to come from is said by the file that the scope
names in its parameter `image_spec`. More: docs/standards/scs-0104.md.
"""

from __future__ import annotations

from functools import partial

import pytest

from pytest_scs.core.collector import Collector
from pytest_scs.standards.iaas.image_rules import visible
from pytest_scs.standards.iaas.image_spec import load_image_specs
from pytest_scs.standards.iaas.model import Image
from pytest_scs.standards.iaas.standard_images import check_presence, check_source

SOURCES = ("capi-1", "capi-2", "ubuntu-2404", "ubuntu-2204", "ubuntu-2004", "debian-13", "debian-12", "debian-11")
PRESENT = ("capi-2", "capi-1", "ubuntu-2404", "ubuntu-2204", "debian-13", "debian-12")


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(key, marks=pytest.mark.scs(f"scs-0104-source-{key}"), id=f"scs-0104-source-{key}")
        for key in SOURCES
    ],
)
def test_scs_0104_source(scs: Collector, images: list[Image], key: str) -> None:
    """Every image of a standard name MUST come from the places named for it.

    Source: scs-0104-v1, `source`. Fails when the `image_source` of an image of that name starts with none of the
    permitted prefixes. Aborts when the images cannot be read or, by the text, when the image spec is not known.
    """
    specs = load_image_specs(scs.parameters("image_spec"))
    scs.whole("images", visible(images), partial(check_source, key, specs=specs))


@pytest.mark.parametrize(
    "key",
    [pytest.param(key, marks=pytest.mark.scs(f"scs-0104-image-{key}"), id=f"scs-0104-image-{key}") for key in PRESENT],
)
def test_scs_0104_image(scs: Collector, images: list[Image], key: str) -> None:
    """A mandatory image MUST exist, a recommended one SHOULD.

    Source: scs-0104-v1, `status`. Fails when no image has the name. Aborts when the images cannot be read or, by the
    text, when the image spec is not known.
    """
    specs = load_image_specs(scs.parameters("image_spec"))
    scs.whole("images", visible(images), partial(check_presence, key, specs=specs))
