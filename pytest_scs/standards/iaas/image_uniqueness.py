# SPDX-License-Identifier: Apache-2.0
"""A generic image is unique for its operating system (scs-0102-v2, a recommendation in -v1).

Source: "Technical requirements and features"; docs/standards/scs-0102.md#generic-images.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pytest_scs.core.findings import Basis, Finding, Observation
from pytest_scs.standards.dates import parse_official
from pytest_scs.standards.iaas import image_hints as hints
from pytest_scs.standards.iaas.image_rules import DEV_SUBJECT, text_of
from pytest_scs.standards.iaas.model import Image

#: ``architecture``, ``os_distro``, ``os_version``.
_Triple = tuple[str, str, str]


def check_uniqueness(images: Sequence[Image]) -> Iterator[Observation]:
    """At most one visible public image per architecture, distribution and version has ``os_purpose=generic``.

    An image without ``os_distro`` or ``os_version`` is left out, one without ``architecture`` is not. The official
    suite compares the values as they are and looks at images of any status; the text at active ones, and it does not
    distinguish ``Ubuntu`` from ``ubuntu`` (DEV-0102-30).
    """
    for (architecture, distro, version), members in _grouped(_generic(images), folded=True).items():
        if len(members) == 1:
            continue
        same = [group for group in _grouped(members, folded=False).items() if len(group[1]) > 1]
        if sum(image.active for image in members) > 1:
            yield _finding((architecture, distro, version), members, Basis.BOTH if same else Basis.TEXT)
        else:
            for triple, group in same:
                yield _finding(triple, group, Basis.OFFICIAL, DEV_SUBJECT)


def _generic(images: Iterable[Image]) -> list[Image]:
    return [
        image
        for image in images
        if image["os_purpose"] == "generic"
        and image.public
        and not image.hidden
        and text_of(image, "os_distro")
        and text_of(image, "os_version")
    ]


def _grouped(images: Iterable[Image], *, folded: bool) -> dict[_Triple, list[Image]]:
    groups: dict[_Triple, list[Image]] = {}
    for image in images:
        distro = text_of(image, "os_distro") or ""
        triple = (
            text_of(image, "architecture") or "",
            distro.strip().lower() if folded else distro,
            text_of(image, "os_version") or "",
        )
        groups.setdefault(triple, []).append(image)
    return groups


def _finding(triple: _Triple, members: list[Image], basis: Basis, deviation: str = "") -> Finding:
    # the newest one stays; hiding the others satisfies both versions of the standard
    *older, newest = sorted(members, key=_age)
    return Finding(
        resource=f"generic image of {' '.join(part for part in (*triple[1:], triple[0]) if part)}",
        rule="scs-0102/generic_image_unique",
        title="at most one visible image per (architecture, os_distro, os_version) is generic",
        expected="one image",
        observed=f"{len(members)}: "
        + ", ".join(sorted(f"{image.name or 'nameless'} ({image.id})" for image in members)),
        hint=" && ".join(hints.set_option(image, "--hidden") for image in older) + f"  # keeps {newest.id}",
        basis=basis,
        deviation=deviation,
    )


def _age(image: Image) -> tuple[bool, float, str]:
    built = parse_official(image["image_build_date"]) or parse_official(image["created_at"])
    return built is not None, built.timestamp() if built else 0.0, image.id
