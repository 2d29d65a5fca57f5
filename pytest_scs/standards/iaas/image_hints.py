# SPDX-License-Identifier: Apache-2.0
"""Commands that mend images, for the hints of findings about scs-0102 and scs-0104."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Final

from pytest_scs.standards.iaas.model import Image

# Everything scs-0102 makes mandatory, so that an image made with the hinted command does not fail the next testcase.
_METADATA: Final = {
    "architecture": "x86_64",
    "hw_disk_bus": "scsi",
    "hw_scsi_model": "virtio-scsi",
    "hw_rng_model": "virtio",
    "os_distro": "<distribution>",
    "os_version": "<version>",
    "os_purpose": "<purpose>",
    "image_build_date": "<YYYY-MM-DD>",
    "image_description": "<URL or text>",
    "image_original_user": "<user>",
    "image_source": "<URL>",
    "provided_until": "<YYYY-MM-DD>",
    "replace_frequency": "<frequency>",
    "uuid_validity": "<validity>",
}
#: What belongs to the single build, and not to the image of that name.
_OF_THE_BUILD: Final = ("image_build_date", "image_source")


def set_property(image: Image, **properties: str) -> str:
    """The command that sets additional properties; values may contain <placeholders>."""
    assignments = " ".join(f"--property {shlex.quote(f'{key}={value}')}" for key, value in properties.items())
    return f"openstack image set {assignments} {shlex.quote(image.id)}"


def set_option(image: Image, option: str) -> str:
    """The command that sets a base property: ``--hidden``, ``--min-ram 512``."""
    return f"openstack image set {option} {shlex.quote(image.id)}"


def unset_property(image: Image, key: str) -> str:
    """The command that removes an additional property."""
    return f"openstack image unset --property {shlex.quote(key)} {shlex.quote(image.id)}"


def create(name: str, properties: Mapping[str, str], *, min_disk: str = "<GiB>", min_ram: str = "<MiB>") -> str:
    """The command that uploads a public image with all mandatory metadata; placeholders for what is not given."""
    metadata = _METADATA | dict(properties)
    return " ".join(
        [
            "openstack image create --public --disk-format qcow2 --container-format bare --file <file>",
            f"--min-disk {min_disk} --min-ram {min_ram}",
            *(f"--property {shlex.quote(f'{key}={value}')}" for key, value in metadata.items()),
            shlex.quote(name),
        ]
    )


def replace(image: Image, name: str) -> str:
    """The commands that upload a newer build under a name, with the metadata of an old image, and hide that one."""
    kept = {
        key: value for key in _METADATA if key not in _OF_THE_BUILD and isinstance(value := image[key], str) and value
    }
    base = {
        key: str(value)
        for key in ("min_disk", "min_ram")
        if isinstance(value := image[key], int) and not isinstance(value, bool) and value > 0
    }
    return f"{create(name, kept, **base)} && {set_option(image, '--hidden')}"
