# SPDX-License-Identifier: Apache-2.0
"""Whether images under one label are builds of one product or different products, and how each case is mended.

Source: docs/standards/scs-0102.md#generic-images. A mend makes no label untrue: an image is declared superseded only by
a newer build of the same product.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import urlsplit

from pytest_scs.standards.dates import parse_official, parse_timestamp
from pytest_scs.standards.iaas import image_hints as hints
from pytest_scs.standards.iaas.image_renaming import plain_name, renaming
from pytest_scs.standards.iaas.image_rules import name_of, text_of
from pytest_scs.standards.iaas.model import Image

#: Words in names of images -> what the distribution calls itself (ID in os-release), or OpenStack calls it.
_DISTROS: Final = {
    **{word: word for word in ("almalinux", "alpine", "arch", "centos", "debian", "fedora", "flatcar", "freebsd")},
    **{word: word for word in ("gentoo", "netbsd", "openbsd", "opensuse", "rhel", "rocky", "sled", "sles", "ubuntu")},
    "alma": "almalinux",
    "archlinux": "arch",
    "hat": "rhel",
    "leap": "opensuse",
    "oracle": "oraclelinux",
    "oraclelinux": "oraclelinux",
    "redhat": "rhel",
    "rockylinux": "rocky",
    "suse": "sles",
    "windows": "windows",
}
_WORD = re.compile(r"[a-z]+|[0-9]+(?:\.[0-9]+)*")
#: Folders of vendors that differ from build to build.
_BUILD_FOLDER = re.compile(r"current|latest|release|(?:release-)?[0-9][0-9._-]*")

#: More than so many images are mended in a loop.
_MOST_COMMANDS: Final = 3
#: So many products are compared and named.
_MOST_PRODUCTS: Final = 5


def mend_label(members: Sequence[Image], *, superseded: str) -> str:
    """How to leave one generic image of those that share a label.

    ``superseded`` is the ``os_purpose`` of a build that a newer one of its product took over from.
    """
    products = _products(members)
    older = [image for builds in products for image in builds[:-1]]
    newest = [builds[-1] for builds in products]
    parts = [_retire(older, newest, superseded)] if older else []
    if len(newest) > 1:
        certain = all(_tell_apart(*pair) for pair in itertools.combinations(newest[:_MOST_PRODUCTS], 2))
        parts.append(_relabel(newest) if certain else _either(newest, superseded))
    return "; ".join(parts)


def _products(members: Sequence[Image]) -> list[list[Image]]:
    """The images by product, the builds of each from old to new; one that can be used counts as newer than others."""
    names = {name for image in members if (name := name_of(image))}
    products: list[list[Image]] = []
    by_key: dict[tuple[str, ...], list[Image]] = {}
    for image in sorted(members, key=_age):
        words = _words(image, names)
        keys = [("name", *words)] if words else []
        if source := _source(image):
            keys.append(("source", source))
        builds = next((by_key[key] for key in keys if key in by_key and not _apart(by_key[key], image)), None)
        if builds is None:
            builds = []
            products.append(builds)
        builds.append(image)
        for key in keys:
            by_key.setdefault(key, builds)
    return products


def _apart(builds: Sequence[Image], image: Image) -> bool:
    return _tell_apart(builds[-1], image, surely=False)


def _tell_apart(one: Image, other: Image, *, surely: bool = True) -> bool:
    """Whether the names of two images tell, or at least suggest, that they are different products.

    Only names of distributions tell it ``surely``.
    """
    names = {name for image in (one, other) if (name := name_of(image))}
    first, second = _words(one, names), _words(other, names)
    if not first or not second or first == second:
        return False
    distros = [{_DISTROS[word] for word in words if word in _DISTROS} for words in (first, second)]
    if not all(distros):
        return not surely and _extends(first, second)
    numbers = [{word for word in words if word[0].isdigit()} for words in (first, second)]
    return distros[0] != distros[1] or (all(numbers) and numbers[0] != numbers[1]) or _extends(first, second)


def _extends(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    return set(first) < set(second) or set(second) < set(first)


def _words(image: Image, names: set[str]) -> tuple[str, ...]:
    """The words of the name in lower case, without a build mark."""
    renamed = renaming(image, names.__contains__)
    name = renamed.base if renamed else plain_name(image)
    return tuple(_WORD.findall(name.lower()))


def _source(image: Image) -> str:
    """Where builds of the image come from, without what differs from build to build; empty if it does not tell."""
    try:
        parts = urlsplit(text_of(image, "image_source") or "")
    except ValueError:  # such as an unclosed bracket
        return ""
    *folders, file_name = parts.path.strip("/").split("/")
    while folders and _BUILD_FOLDER.fullmatch(folders[-1]):
        folders.pop()
    letters = re.sub(r"[^a-z]", "", file_name.lower())
    return "/".join([parts.netloc, *folders, letters]) if parts.netloc and folders and letters else ""


def _retire(older: Sequence[Image], newest: Sequence[Image], superseded: str) -> str:
    if len(older) > _MOST_COMMANDS:
        command = hints.for_each(older, f"openstack image set --property os_purpose={superseded}")
    else:
        command = " && ".join(hints.set_property(image, os_purpose=superseded) for image in older)
    names = {name for image in newest if (name := name_of(image))}
    # Hidden, the name would be missed by whoever asks for an image of that name.
    free = all(name_of(image) in names or renaming(image, names.__contains__) for image in older)
    hide = " (or hide them: openstack image set --hidden)" if free else ""
    return f"{command}  # other builds of the same{hide}; keeps {_few(image.id for image in newest)}"


def _relabel(newest: Sequence[Image]) -> str:
    """What to do with different products under one label; nothing is hidden."""
    says = [
        f"if {image.name!r} is {right}: {hints.set_property(image, os_distro=right)}"
        for image in newest[:_MOST_PRODUCTS]
        if (right := _distro(image)) and right != (text_of(image, "os_distro") or "").strip().lower()
    ]
    named = _few(repr(image.name) for image in newest)
    otherwise = (
        "its own os_distro (the ID in its os-release) and os_version, or another os_purpose if it is not generic"
    )
    return "; ".join(
        [
            f"one label stands for different products, {named}: give each its right one",
            *says,
            otherwise,
        ]
    )


def _either(newest: Sequence[Image], superseded: str) -> str:
    return (
        f"if {_few(image.id for image in newest)} are builds of one product: os_purpose={superseded} for all but the "
        "newest, or hide them; if not: for each its own right os_distro and os_version, or another os_purpose if it is "
        "not generic"
    )


def _few(texts: Iterable[str]) -> str:
    shown = list(texts)
    return ", ".join(shown[:_MOST_PRODUCTS]) + (" and others" if len(shown) > _MOST_PRODUCTS else "")


def _distro(image: Image) -> str:
    """The distribution that the name tells, if it tells one."""
    found = {_DISTROS[word] for word in _words(image, set()) if word in _DISTROS}
    return found.pop() if len(found) == 1 else ""


def _age(image: Image) -> tuple[bool, bool, float, str]:
    built = parse_official(image["image_build_date"]) or parse_timestamp(image["created_at"])
    return image.active, built is not None, built.timestamp() if built else 0.0, image.id
