# SPDX-License-Identifier: Apache-2.0
"""A generic image is unique for its operating system (scs-0102-v2, a recommendation in -v1).

Source: "Technical requirements and features"; docs/standards/scs-0102.md#generic-images.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from pytest_scs.core.findings import Basis, Finding, Observation, Remark
from pytest_scs.standards.iaas.image_products import mend_label
from pytest_scs.standards.iaas.image_rules import nameless_crash, text_of
from pytest_scs.standards.iaas.model import Image

#: The official suite compares distributions to the letter and counts images of any status.
_DEV_COMPARISON: Final = "DEV-0102-30"
#: Under v2 community images count like public ones.
_DEV_COMMUNITY: Final = "DEV-0102-31"

#: ``architecture``, ``os_distro``, ``os_version``.
_Triple = tuple[str, str, str]


def check_uniqueness(images: Sequence[Image], *, v1_only: bool = False) -> Iterator[Observation]:
    """At most one visible image per architecture, distribution and version has ``os_purpose=generic``.

    An image without ``os_distro`` or ``os_version`` is left out, one without ``architecture`` is not. The official
    suite compares the values as they are and looks at public images of any status; the text looks at active ones, and
    does not distinguish ``Ubuntu`` from ``ubuntu`` (DEV-0102-30). Unless ``v1_only``, it counts community images like
    public ones (DEV-0102-31), of which the project sees its own only.
    """
    generic = _generic(images)
    for triple, members in _grouped(generic, folded=True).items():
        if len(members) == 1:
            continue
        official = [group for group in _grouped(_public(members), folded=False).items() if len(group[1]) > 1]
        text = [image for image in members if image.active and (image.public or not v1_only)]
        if len(text) > 1:
            row = "" if official else _DEV_COMMUNITY if len(_public(text)) < 2 else _DEV_COMPARISON
            counted = _public(members) if v1_only else members
            yield _finding(triple, counted, Basis.BOTH if official else Basis.TEXT, row, v1_only=v1_only)
        else:
            for exact, group in official:
                yield _finding(exact, group, Basis.OFFICIAL, _DEV_COMPARISON, v1_only=v1_only)
        yield from (nameless_crash(image) for _, group in official for image in group if image["name"] is None)
    if not v1_only and any(not image.public and image.active for image in generic):
        yield Remark("of community images only those of the project itself can be seen, and were counted")


def _generic(images: Iterable[Image]) -> list[Image]:
    return [
        image
        for image in images
        if image["os_purpose"] == "generic"
        and not image.hidden
        and text_of(image, "os_distro")
        and text_of(image, "os_version")
    ]


def _public(images: Iterable[Image]) -> list[Image]:
    return [image for image in images if image.public]


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


def _finding(triple: _Triple, members: list[Image], basis: Basis, deviation: str, *, v1_only: bool) -> Finding:
    return Finding(
        resource=f"generic image of {' '.join(part for part in (*triple[1:], triple[0]) if part)}",
        rule="scs-0102/generic_image_unique",
        title="at most one visible image per (architecture, os_distro, os_version) is generic",
        expected="one image",
        observed=f"{len(members)}: "
        + ", ".join(sorted(f"{image.name or 'nameless'} ({image.id})" for image in members)),
        hint=mend_label(members, superseded="custom" if v1_only else "oldgeneric"),
        basis=basis,
        deviation=deviation,
    )
