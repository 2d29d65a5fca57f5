# SPDX-License-Identifier: Apache-2.0
"""Where the images of distributions come from, and what to do about one that comes from elsewhere.

Source: scs-0104-v2, "Mandatory image sources, Generic OS images"; docs/standards/scs-0104.md#rules-of-v2.
"""

from __future__ import annotations

import enum
import re
from typing import Final

from pytest_scs.standards.iaas.os_releases import OsReleases

#: Where the vendors' images come from, in the order of preference; the codename of the release is filled in.
#: See docs/standards/scs-0104.md#places.
VENDOR_SOURCES: Final = {
    "debian": (
        "https://cloud.debian.org/images/cloud/{codename}/",
        "https://cdimage.debian.org/cdimage/cloud/{codename}/",
    ),
    "ubuntu": (
        "https://cloud-images.ubuntu.com/releases/{codename}/",
        "https://cloud-images.ubuntu.com/{codename}/",
    ),
}
#: The beginnings of ``image_source`` that satisfy the official suite, whatever the release (DEV-0104-11).
OFFICIAL_SOURCES: Final = {
    "debian": ("https://cloud.debian.org/images/cloud/", "https://cdimage.debian.org/cdimage/cloud/"),
    "ubuntu": ("https://cloud-images.ubuntu.com/",),
}

#: Versions that the rule is about.
_VERSIONS: Final = {"debian": re.compile(r"[0-9]{1,2}"), "ubuntu": re.compile(r"[0-9]{2}\.[0-9]{2}")}
_WORD = re.compile(r"[a-z]+")
#: Folders at the vendors' that are no codenames of releases.
_OTHER_FOLDERS: Final = frozenset(
    {
        *("buildd", "cloud", "current", "daily", "desktop", "docs", "experimental", "latest", "locator", "minimal"),
        *("oldstable", "query", "release", "releases", "server", "sid", "snapshot", "snapshots", "stable", "streams"),
        *("testing", "unpacked", "unstable", "vagrant", "wsl"),
    }
)


class Place(enum.Enum):
    """What a source is for a release."""

    RIGHT = "the vendor's place for this release"
    UNVERIFIED = "at the vendor's, below a word that may be the codename of this release"
    WRONG = "another place"


def vendor_sources(distro: str, codename: str) -> tuple[str, ...]:
    """Where the images of a release come from; ``distro`` is a key of VENDOR_SOURCES, else KeyError."""
    return tuple(source.format(codename=codename) for source in VENDOR_SOURCES[distro])


def concerns(distro: str, version: str) -> bool:
    """Whether the rule is about this release: Ubuntu ``NN.NN``, Debian ``N`` or ``NN``."""
    return distro in _VERSIONS and _VERSIONS[distro].fullmatch(version) is not None


def place_of(source: str, distro: str, version: str, releases: OsReleases) -> Place:
    """What ``image_source`` is for a release of ``debian`` or ``ubuntu`` (KeyError otherwise)."""
    codename = releases.codename(distro, version)
    if codename is not None:
        return Place.RIGHT if source.startswith(vendor_sources(distro, codename)) else Place.WRONG
    for place in VENDOR_SOURCES[distro]:  # the longer one of Ubuntu's comes first
        before, _, _ = place.partition("{codename}")
        if source.startswith(before):
            folder, slash, _ = source.removeprefix(before).partition("/")
            known = folder in _OTHER_FOLDERS or releases.is_codename(folder)
            return Place.UNVERIFIED if slash and _WORD.fullmatch(folder) and not known else Place.WRONG
    return Place.WRONG


def mend_foreign(instead: str, away: str) -> str:
    """What to do about an image from elsewhere, without making its label untrue.

    ``instead`` says as what the right image is registered, ``away`` what becomes of this one.
    """
    return (
        "if it was downloaded from there, set image_source to the address that it came from; "
        f"if not, register the right image {instead}, and {away}"
    )
