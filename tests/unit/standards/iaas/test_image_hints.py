# SPDX-License-Identifier: Apache-2.0
"""The commands that replace an image never make its label untrue, and say what has to be filled in."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_scs.base.shell_words import read_commands
from pytest_scs.standards.iaas.image_hints import replace
from pytest_scs.standards.iaas.model import Image

NOBLE = "https://cloud-images.ubuntu.com/releases/noble/"
TOLD = "URL is the address that FILE was downloaded from; private if it was built here"


def image(**properties: Any) -> Image:
    entry = {"id": "4711", "name": "Ubuntu 24.04", "visibility": "public", "status": "active"}
    return Image({**entry, "os_distro": "ubuntu", "os_version": "24.04", **properties})


@pytest.mark.parametrize(
    ("properties", "source", "told"),
    [
        ({"image_source": f"{NOBLE}release-20260601/ubuntu.img"}, f"image_source={NOBLE}PATH", False),
        ({"image_source": "https://cloud-images.ubuntu.com/noble/x.img"}, "ubuntu.com/noble/PATH", False),
        ({"image_source": "private"}, "image_source=private", False),
        # Another release's place, another host, or a release that is not known: nobody knows where the next one is.
        ({"image_source": f"{NOBLE}x.img", "os_version": "22.04"}, "image_source=URL", True),
        ({"image_source": f"{NOBLE}x.img", "os_version": "99.04"}, "image_source=URL", True),
        ({"image_source": f"{NOBLE}x.img", "os_distro": "almalinux"}, "image_source=URL", True),
        ({"image_source": "https://mirror.example/noble/x.img"}, "image_source=URL", True),
        ({"image_source": 7}, "image_source=URL", True),
        ({}, "image_source=URL", True),
    ],
)
def test_a_newer_build_comes_from_where_the_old_one_came_from(
    properties: dict[str, Any], source: str, told: bool
) -> None:
    hint = replace(image(**properties), "Ubuntu 24.04")
    commands, _, remark = hint.partition("  # ")
    assert source in commands
    assert remark == (TOLD if told else "")
    assert read_commands(hint, ["openstack"]) is not None


def test_a_remark_of_the_caller_comes_first() -> None:
    assert replace(image(), "x", "with care").endswith(f"  # with care; {TOLD}")
    assert replace(image(image_source="private"), "x", "with care").endswith("  # with care")
