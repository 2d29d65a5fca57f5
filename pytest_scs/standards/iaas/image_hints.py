# SPDX-License-Identifier: Apache-2.0
"""Commands that mend images, for the hints of findings about scs-0102 and scs-0104."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from pytest_scs.base.shell import command, loop, option
from pytest_scs.base.shell import properties as options
from pytest_scs.standards.iaas.image_sources import vendor_sources
from pytest_scs.standards.iaas.model import Image
from pytest_scs.standards.iaas.os_releases import bundled_releases

# Everything scs-0102 makes mandatory, so that an image made with the hinted command does not fail the next testcase.
_METADATA: Final = {
    "architecture": "x86_64",
    "hw_disk_bus": "scsi",
    "hw_scsi_model": "virtio-scsi",
    "hw_rng_model": "virtio",
    "os_distro": "DISTRIBUTION",
    "os_version": "VERSION",
    "os_purpose": "PURPOSE",
    "image_build_date": "YYYY-MM-DD",
    "image_description": "URL_OR_TEXT",
    "image_original_user": "USER",
    "image_source": "URL",
    "provided_until": "YYYY-MM-DD",
    "replace_frequency": "FREQUENCY",
    "uuid_validity": "VALIDITY",
}
#: What belongs to the single build, and not to the image of that name.
_OF_THE_BUILD: Final = ("image_build_date", "image_source")
#: What ``image_source`` says of an image that was built by the provider (scs-0102-v1).
PRIVATE: Final = "private"
_SOURCE: Final = "URL is the address that FILE was downloaded from; private if it was built here"


def for_each(images: Iterable[Image], words: str) -> str:
    """One loop for many images, instead of a command for each; ``words`` are the command without its operand."""
    return loop(f'{words} -- "$id"', (image.id for image in images))


def set_property(image: Image, **properties: str) -> str:
    """The command that sets additional properties; values may contain placeholders."""
    return command(["openstack", "image", "set", *options(properties)], image.id)


def set_option(image: Image, words: str) -> str:
    """The command that sets a base property: ``--hidden``, ``--min-ram 512``."""
    return command(["openstack", "image", "set", *words.split()], image.id)


def rename(image: Image, name: str = "ANOTHER_NAME") -> str:
    """The command that gives an image another name."""
    return command(["openstack", "image", "set", *option("--name", name)], image.id)


def unset_property(image: Image, key: str) -> str:
    """The command that removes an additional property."""
    return command(["openstack", "image", "unset", *option("--property", key)], image.id)


def create(name: str, properties: Mapping[str, str], *, min_disk: str = "GIB", min_ram: str = "MIB") -> str:
    """The command that uploads a public image with all mandatory metadata; placeholders for what is not given.

    The name is taken without white space at its end.
    """
    metadata = _METADATA | dict(properties)
    return " ".join(
        [
            "openstack image create --public --disk-format qcow2 --container-format bare --file FILE",
            f"--min-disk {min_disk} --min-ram {min_ram}",
            command(options(metadata), name.rstrip()),
        ]
    )


def replace(image: Image, name: str, remark: str = "") -> str:
    """The commands that upload a newer build under a name, with the metadata of an old image, and hide that one.

    ``remark`` is what else there is to mind.
    """
    kept = {
        key: value for key in _METADATA if key not in _OF_THE_BUILD and isinstance(value := image[key], str) and value
    }
    base = {
        key: str(value)
        for key in ("min_disk", "min_ram")
        if isinstance(value := image[key], int) and not isinstance(value, bool) and value > 0
    }
    source = _source_of_next(image)
    commands = f"{create(name, {**kept, 'image_source': source}, **base)} && {set_option(image, '--hidden')}"
    if source == _METADATA["image_source"]:
        remark = f"{remark}; {_SOURCE}" if remark else _SOURCE
    return f"{commands}  # {remark}" if remark else commands


def _source_of_next(image: Image) -> str:
    """``image_source`` of a newer build: it comes from where the old one came from, if that is known for its release.

    Any other address must be filled in, so that no label becomes untrue.
    """
    source, distro, version = image["image_source"], str(image["os_distro"]), str(image["os_version"])
    if source == PRIVATE:
        return PRIVATE
    codename = bundled_releases().codename(distro, version)
    places = vendor_sources(distro, codename) if codename else ()
    return next((f"{place}PATH" for place in places if str(source).startswith(place)), _METADATA["image_source"])
