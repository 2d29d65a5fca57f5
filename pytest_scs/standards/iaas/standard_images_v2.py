# SPDX-License-Identifier: Apache-2.0
"""Standard images by their metadata instead of their names (scs-0104-v2, a draft).

Rules and their numbers: docs/standards/scs-0104.md#rules-of-v2. No official testcase of them is declared yet.

Subject are the visible, public, active images. What the rules know about
releases is in :mod:`pytest_scs.standards.iaas.os_releases`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from pytest_scs.core.findings import Finding, Observation, Undecided, one_of, show
from pytest_scs.standards.iaas import image_hints as hints
from pytest_scs.standards.iaas.image_rules import concerns_text, name_of, text_of, visible
from pytest_scs.standards.iaas.model import Image
from pytest_scs.standards.iaas.os_releases import OsReleases, bundled_releases
from pytest_scs.standards.iaas.standard_images import (
    CAPI_DESCRIPTION,
    CAPI_SOURCE,
    CAPI_SOURCE_TOLERATED,
    STANDARD_IMAGES,
    VENDOR_SOURCES,
    similar_names,
    vendor_sources,
)

#: The name of an official CAPI image; as in scs-0104-v1 anything may follow.
CAPI_NAME: Final = re.compile(r"ubuntu-capi-image[ -]v[0-9]\.[0-9]+(\.[0-9]+)?")

#: Distribution, and whether its previous release is asked for -> rule id.
_RELEASE_RULES: Final = {
    ("ubuntu", False): "scs-0104/v2_ubuntu_lts_present",
    ("ubuntu", True): "scs-0104/v2_ubuntu_prev_present",
    ("debian", False): "scs-0104/v2_debian_stable_present",
    ("debian", True): "scs-0104/v2_debian_prev_present",
}


def subjects(images: Iterable[Image]) -> list[Image]:
    """The images that scs-0104-v2 is about."""
    return [image for image in visible(images) if concerns_text(image)]


def check_generic_source(image: Image, releases: OsReleases | None = None) -> Iterator[Observation]:
    """A generic Ubuntu or Debian image comes from the place of its vendor (scs-0104-v2; rule 1).

    A release whose codename is not known leaves the image undecided. ``image`` is one of :func:`subjects`.
    """
    distro, version = text_of(image, "os_distro") or "", text_of(image, "os_version") or ""
    if image["os_purpose"] != "generic" or distro not in VENDOR_SOURCES:
        return
    releases = releases or bundled_releases()
    codename = releases.codename(distro, version)
    if codename is None:
        reason = f"no codename is known for {distro} {version or '(no os_version)'} (data of {releases.as_of})"
        yield Undecided(image.label, reason, resource_id=image.id)
        return
    sources = vendor_sources(distro, codename)
    if not (text_of(image, "image_source") or "").startswith(sources):
        yield Finding(
            resource=image.label,
            rule="scs-0104/v2_generic_source",
            title=f"image_source of {distro} {version} is a place of its vendor",
            expected="an image_source starting with " + one_of(sources),
            observed=show(image["image_source"]),
            hint=hints.set_property(image, image_source=f"{sources[0]}<file>"),
            resource_id=image.id,
        )


def check_capi(image: Image) -> Iterator[Observation]:
    """An image named like an official CAPI image has its source, purpose and description (scs-0104-v2; rule 2).

    ``image`` is one of :func:`subjects`.
    """
    if not CAPI_NAME.match(name_of(image) or ""):
        return
    if not (text_of(image, "image_source") or "").startswith((CAPI_SOURCE, CAPI_SOURCE_TOLERATED)):
        expected = f"an image_source starting with {CAPI_SOURCE}"
        yield _capi_finding(image, "scs-0104/v2_capi_source", "image_source", expected, f"{CAPI_SOURCE}<file>")
    for rule, key, value in (
        ("scs-0104/v2_capi_purpose", "os_purpose", "k8snode"),
        ("scs-0104/v2_capi_description", "image_description", CAPI_DESCRIPTION),
    ):
        if image[key] != value:
            yield _capi_finding(image, rule, key, repr(value), value)


def check_ubuntu_lts(
    images: Sequence[Image], today: dt.date, releases: OsReleases | None = None
) -> Iterator[Observation]:
    """A generic image of the latest Ubuntu LTS exists, from 30 April of its year on (scs-0104-v2; rule 3).

    ``today`` is a UTC day. Undecided where the known releases are too old for a verdict.
    """
    return _check_release("ubuntu", images, today, releases or bundled_releases(), previous=False)


def check_ubuntu_prev(
    images: Sequence[Image], today: dt.date, releases: OsReleases | None = None
) -> Iterator[Observation]:
    """A generic image of the previous Ubuntu LTS exists (recommended by scs-0104-v2; rule 3)."""
    return _check_release("ubuntu", images, today, releases or bundled_releases(), previous=True)


def check_debian_stable(
    images: Sequence[Image], today: dt.date, releases: OsReleases | None = None
) -> Iterator[Observation]:
    """A generic image of Debian stable exists, a month after its release (recommended by scs-0104-v2; rule 3)."""
    return _check_release("debian", images, today, releases or bundled_releases(), previous=False)


def check_debian_prev(
    images: Sequence[Image], today: dt.date, releases: OsReleases | None = None
) -> Iterator[Observation]:
    """A generic image of the previous Debian stable exists (recommended by scs-0104-v2; rule 3)."""
    return _check_release("debian", images, today, releases or bundled_releases(), previous=True)


def check_capi_present(images: Sequence[Image]) -> Iterator[Observation]:
    """A CAPI image in the scheme with a dash exists (recommended by scs-0104-v2; rule 3)."""
    standard = STANDARD_IMAGES["capi-2"]
    candidates = subjects(images)
    if not any(standard.entry.names(name_of(image)) for image in candidates):
        yield Finding(
            resource=f"image {standard.entry.name}",
            rule="scs-0104/v2_capi_present",
            title="a CAPI image exists",
            expected=f"an image with {standard.entry.wanted}",
            observed=similar_names(candidates, standard.example),
            hint=hints.create(standard.example, {**standard.metadata, "image_source": f"{CAPI_SOURCE}<file>"}),
        )


def _check_release(
    distro: str, images: Sequence[Image], today: dt.date, releases: OsReleases, *, previous: bool
) -> Iterator[Observation]:
    what = f"{'previous' if previous else 'latest'} {'Ubuntu LTS' if distro == 'ubuntu' else 'Debian stable'}"
    resource = f"image of the {what}"
    accepted = releases.accepted(distro, today, previous=previous)
    if today >= releases.stale_from or not accepted:
        known = f"the release data of {releases.as_of} say nothing reliable about {today}"
        yield Undecided(resource, f"{known}; update pytest-scs, or os-releases.yaml in it")
        return
    candidates = [image for image in subjects(images) if image["os_distro"] == distro]
    generic = [image for image in candidates if image["os_purpose"] == "generic"]
    versions = sorted({text_of(image, "os_version") or "" for image in generic})
    if any(version in accepted for version in versions):
        return
    newer = [version for version in versions if releases.is_newer(distro, version)]
    if newer:
        known = f"{distro} {newer[-1]} is newer than the release data of {releases.as_of}"
        yield Undecided(resource, f"{known}; update pytest-scs, or os-releases.yaml in it")
        return
    yield Finding(
        resource=resource,
        rule=_RELEASE_RULES[distro, previous],
        title="a generic image of this release exists",
        expected=f"an image with os_distro={distro}, os_version={' or '.join(accepted)}, os_purpose=generic",
        observed=f"generic {distro} images of " + ", ".join(map(repr, versions)) if versions else "none",
        hint=_presence_hint(distro, accepted[0], candidates, releases),
    )


def _presence_hint(distro: str, version: str, candidates: Sequence[Image], releases: OsReleases) -> str:
    """Declare an image of the release generic if there is one without purpose, upload one otherwise."""
    for image in candidates:
        if text_of(image, "os_version") == version and not image["os_purpose"]:
            return hints.set_property(image, os_purpose="generic")
    properties = {
        "os_distro": distro,
        "os_version": version,
        "os_purpose": "generic",
        "image_source": f"{vendor_sources(distro, releases.codename(distro, version) or '<codename>')[0]}<file>",
    }
    return hints.create(f"{distro.capitalize()} {version}", properties)


def _capi_finding(image: Image, rule: str, key: str, expected: str, value: str) -> Finding:
    return Finding(
        resource=image.label,
        rule=rule,
        title=f"{key} of an official CAPI image",
        expected=expected,
        observed=show(image[key]),
        hint=hints.set_property(image, **{key: value}),
        resource_id=image.id,
    )
