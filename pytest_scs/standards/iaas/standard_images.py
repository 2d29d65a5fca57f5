# SPDX-License-Identifier: Apache-2.0
"""Standard images: where they come from, and which ones have to exist (scs-0104-v1, "Standard images YAML").

How: docs/standards/scs-0104.md#sources-and-presence-in-v1.

The official suite judges by a table of its own, the text by the image specs of the scope versions asked for
(DEV-0104-1). Names are compared exactly, and every image of a name counts (DEV-0104-2).
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from pytest_scs.core.findings import Basis, Finding, Observation, Remark, Undecided, one_of, show
from pytest_scs.standards.iaas import image_hints as hints
from pytest_scs.standards.iaas.image_rules import name_of, text_of, visible
from pytest_scs.standards.iaas.image_sources import mend_foreign, vendor_sources
from pytest_scs.standards.iaas.image_spec import ImageEntry, ImageSpec, Status
from pytest_scs.standards.iaas.model import Image

#: The official places of CAPI images; swift.services.a.regiocloud.tech is the older one.
CAPI_SOURCE: Final = "https://nbg1.your-objectstorage.com/osism/openstack-k8s-capi-images/"
CAPI_SOURCE_TOLERATED: Final = (
    "https://swift.services.a.regiocloud.tech/swift/v1/AUTH_b182637428444b9aa302bb8d5a5a418c/openstack-k8s-capi-images/"
)
CAPI_DESCRIPTION: Final = "https://github.com/osism/k8s-capi-images"

#: How many similar names a finding about a missing image mentions.
MOST_SIMILAR: Final = 5


@dataclasses.dataclass(frozen=True, slots=True)
class StandardImage:
    """A row of the official table.

    ``example`` is a name that the row selects; it tells which entries of an image spec are about the same image.
    ``metadata`` are properties for the command that creates it.
    """

    entry: ImageEntry
    example: str
    metadata: Mapping[str, str]


def _release(distro: str, version: str, codename: str) -> StandardImage:
    name = f"{distro.capitalize()} {version}"
    metadata = {"os_distro": distro, "os_version": version, "os_purpose": "generic"}
    return StandardImage(ImageEntry(name, vendor_sources(distro, codename), Status.MANDATORY), name, metadata)


def _capi(separator: str) -> StandardImage:
    scheme = re.compile(rf"ubuntu-capi-image{separator}v[0-9]\.[0-9]+(\.[0-9]+)?")
    older = (f"{CAPI_SOURCE_TOLERATED}ubuntu-{version}-kube" for version in ("2404", "2204"))
    entry = ImageEntry("ubuntu-capi-image", (CAPI_SOURCE, *older), Status.MANDATORY, scheme)
    metadata = {"os_distro": "ubuntu", "os_purpose": "k8snode", "image_description": CAPI_DESCRIPTION}
    return StandardImage(entry, f"ubuntu-capi-image{separator}v1.33.1", metadata)


#: The table of the official suite, by the last part of the testcase ids; ``debian-10`` has no declared id. All are
#: "mandatory", as the presence testcases demand them; which of these are asked for is up to the scope.
STANDARD_IMAGES: Final = {
    "capi-1": _capi(" "),
    "capi-2": _capi("-"),
    "ubuntu-2404": _release("ubuntu", "24.04", "noble"),
    "ubuntu-2204": _release("ubuntu", "22.04", "jammy"),
    "ubuntu-2004": _release("ubuntu", "20.04", "focal"),
    "debian-13": _release("debian", "13", "trixie"),
    "debian-12": _release("debian", "12", "bookworm"),
    "debian-11": _release("debian", "11", "bullseye"),
    "debian-10": _release("debian", "10", "buster"),
}


def check_source(key: str, images: Sequence[Image], specs: Sequence[ImageSpec]) -> Iterator[Observation]:
    """Every visible image of that name, or of that scheme, comes from a permitted place (scs-0104-v1).

    ``key`` is one of STANDARD_IMAGES. For the text the entries of ``specs`` about this image decide, and there is no
    rule where none of them lists it; without any image spec the official table serves both judges. The text concerns
    public images only (DEV-0104-5).
    """
    standard = STANDARD_IMAGES[key]
    entries = _entries(standard, specs)
    yield from _unknown(specs)
    fine: dict[str, list[bool]] = {}
    for image in visible(images):
        name = name_of(image)
        if name is None:
            yield from _nameless(standard, image)
            continue
        if standard.entry.selects(name):
            fine.setdefault(name, []).append(_comes_from(image, standard.entry))
        yield from _foreign(standard.entry, entries, image)
    for name, results in fine.items():
        if len(set(results)) > 1:
            yield Remark(
                "of several images with this name the official suite judges the one listed last",
                f"image {name}",
                "DEV-0104-2",
            )


def check_presence(key: str, images: Sequence[Image], specs: Sequence[ImageSpec]) -> Iterator[Observation]:
    """At least one visible image of that name, or of that scheme, exists (scs-0104-v1).

    ``key`` is one of STANDARD_IMAGES. For the text, an entry of ``specs`` about this image has to demand it (mandatory
    or recommended), the image has to be public (DEV-0104-5), and a scheme has to match the whole name (DEV-0104-4);
    without any image spec the official table serves both judges.
    """
    standard = STANDARD_IMAGES[key]
    listed = visible(images)
    yield from _unknown(specs)
    for image in listed:
        if name_of(image) is None:
            yield from _nameless(standard, image)
    selected = [image for image in listed if standard.entry.selects(name_of(image))]
    missing = [
        entry
        for entry in _entries(standard, specs)
        if entry.status is not Status.OPTIONAL
        and not any(image.public and entry.names(name_of(image)) for image in listed)
    ]
    if selected and not any(image.active for image in selected):
        yield Remark(f"exists, but its status is {show(selected[0]['status'])}", selected[0].label)
    if not selected or missing:
        yield _absent(standard, listed, selected, missing)


def similar_names(images: Iterable[Image], name: str) -> str:
    """Names that share the first word with the name looked for, ready to print; the more they share, the earlier."""
    words = re.split(r"[ -]", name.lower())
    found = {other for image in images if (other := name_of(image)) and words[0] in other.lower()}
    ranked = sorted(found, key=lambda other: (-sum(word in other.lower() for word in words), other))
    if not ranked:
        return "none, and no similar name"
    more = f" and {len(ranked) - MOST_SIMILAR} more" if len(ranked) > MOST_SIMILAR else ""
    return "none; similar names: " + ", ".join(map(repr, ranked[:MOST_SIMILAR])) + more


def _comes_from(image: Image, entry: ImageEntry) -> bool:
    return (text_of(image, "image_source") or "").startswith(entry.sources)


def _foreign(official: ImageEntry, entries: Iterable[ImageEntry], image: Image) -> Iterator[Finding]:
    """The finding about an image that comes from elsewhere than ``official`` or, for the text, ``entries`` permit."""
    name = name_of(image)
    official_bad = official.selects(name) and not _comes_from(image, official)
    violated = [entry for entry in entries if entry.selects(name) and not _comes_from(image, entry)]
    text_bad = image.public and bool(violated)
    if not official_bad and not text_bad:
        return
    entry = violated[0] if text_bad else official
    basis = Basis.TEXT if not official_bad else Basis.BOTH if text_bad else Basis.OFFICIAL
    yield Finding(
        resource=image.label,
        rule="scs-0104/image_source",
        expected="an image_source starting with " + one_of(entry.sources),
        observed=show(image["image_source"]),
        hint=mend_foreign("under this name", f"give this one another: {hints.rename(image)}"),
        basis=basis,
        deviation="" if basis is Basis.BOTH else "DEV-0104-1" if image.public else "DEV-0104-5",
        resource_id=image.id,
        title="image_source is a permitted place",
    )


def _absent(
    standard: StandardImage, listed: Sequence[Image], selected: Sequence[Image], missing: Sequence[ImageEntry]
) -> Finding:
    wanted = missing[0] if missing else standard.entry
    hint = _presence_hint(standard, wanted, listed)
    basis, deviation = Basis.BOTH, ""
    if not missing:
        basis, deviation = Basis.OFFICIAL, "DEV-0104-1"
    elif selected:
        basis, deviation = Basis.TEXT, "DEV-0104-4" if wanted.scheme else "DEV-0104-1"
        if not any(image.public for image in selected):
            deviation = "DEV-0104-5"
            if _comes_from(selected[0], wanted):
                hint = hints.set_option(selected[0], "--public")
    return Finding(
        resource=f"image {standard.entry.name}",
        rule="scs-0104/image_present",
        title="a public image of this name exists",
        expected=f"an image with {wanted.wanted}",
        observed=similar_names(listed, standard.example),
        hint=hint,
        basis=basis,
        deviation=deviation,
    )


def _presence_hint(standard: StandardImage, wanted: ImageEntry, listed: Iterable[Image]) -> str:
    """Give the generic image of the release its name, if it is the vendor's; upload the vendor's otherwise.

    There must not be two generic images of one release (scs-0102).
    """
    create = hints.create(standard.example, {**standard.metadata, "image_source": f"{wanted.sources[0]}FILE"})
    if standard.entry.scheme:
        return create
    twins = [
        image
        for image in listed
        if image.public and all(image[key] == value for key, value in standard.metadata.items())
    ]
    right = next((image for image in twins if image.active and _comes_from(image, wanted)), None)
    if right:
        return hints.rename(right, standard.example)
    others = ", ".join(image.id for image in twins[:MOST_SIMILAR])
    return f"{create}  # and give {others} another os_purpose, such as custom or minimal" if twins else create


def _entries(standard: StandardImage, specs: Sequence[ImageSpec]) -> list[ImageEntry]:
    """What the text says about this image."""
    if not specs:
        return [standard.entry]
    entries = [entry for spec in specs for entry in spec.entries if entry.selects(standard.example)]
    return list(dict.fromkeys(entries))


def _unknown(specs: Sequence[ImageSpec]) -> Iterator[Undecided]:
    for spec in specs:
        if spec.problem:
            yield Undecided(f"image spec {spec.reference}", spec.problem, Basis.TEXT)


def _nameless(standard: StandardImage, image: Image) -> Iterator[Remark]:
    if standard.entry.scheme and image["name"] is None:
        yield Remark("it has no name; the official suite gives ABORT", image.label, "DEV-0104-3")
