# SPDX-License-Identifier: Apache-2.0
"""Standard images by their metadata instead of their names (scs-0104-v2, a draft).

Rules and their numbers: docs/standards/scs-0104.md#rules-of-v2. No official testcase of them is declared yet.

Subject are the visible, active images that are public, or community images of the project itself. What the rules know
about releases is in :mod:`pytest_scs.standards.iaas.os_releases`. Official testcases were read in their state of
2026-09, not run; where they differ, remarks say so (DEV-0104-8 to -12).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from pytest_scs.core.findings import Finding, Observation, Remark, Undecided, one_of, show
from pytest_scs.standards.iaas import image_hints as hints
from pytest_scs.standards.iaas.image_rules import name_of, text_of, visible
from pytest_scs.standards.iaas.image_sources import (
    OFFICIAL_SOURCES,
    VENDOR_SOURCES,
    Place,
    concerns,
    mend_foreign,
    place_of,
    vendor_sources,
)
from pytest_scs.standards.iaas.model import Image
from pytest_scs.standards.iaas.os_releases import OsReleases, bundled_releases
from pytest_scs.standards.iaas.standard_images import (
    CAPI_DESCRIPTION,
    CAPI_SOURCE,
    CAPI_SOURCE_TOLERATED,
    STANDARD_IMAGES,
    similar_names,
)

#: The name of an official CAPI image; as in scs-0104-v1 anything may follow.
CAPI_NAME: Final = re.compile(r"ubuntu-capi-image[ -]v[0-9]\.[0-9]+(\.[0-9]+)?")

#: Whose verdict a remark tells.
OFFICIALLY: Final = "the official suite as of 2026-09 gives"
_LATEST_LTS: Final = "image of the latest Ubuntu LTS"

#: Distribution, and whether its previous release is asked for -> rule id.
_RELEASE_RULES: Final = {
    ("ubuntu", False): "scs-0104/v2_ubuntu_lts_present",
    ("ubuntu", True): "scs-0104/v2_ubuntu_prev_present",
    ("debian", False): "scs-0104/v2_debian_stable_present",
    ("debian", True): "scs-0104/v2_debian_prev_present",
}


def subjects(images: Iterable[Image]) -> list[Image]:
    """The images that scs-0104-v2 is about: visible, active, public or community."""
    return [image for image in visible(images) if image.active and image["visibility"] in ("public", "community")]


def check_generic_source(image: Image, releases: OsReleases | None = None) -> Iterator[Observation]:
    """A generic Ubuntu or Debian image comes from the place of its vendor (scs-0104-v2; rule 1).

    The rule is for every Ubuntu ``NN.NN`` and every Debian ``N`` or ``NN``; an ``os_version`` of another form is
    outside of it. Where the codename of the release is not known, a single word in its place gets a remark. ``image``
    is one of :func:`subjects`.
    """
    distro, version = text_of(image, "os_distro") or "", text_of(image, "os_version") or ""
    if image["os_purpose"] != "generic" or distro not in VENDOR_SOURCES:
        return
    releases = releases or bundled_releases()
    source = text_of(image, "image_source") or ""
    official_ok = source.startswith(OFFICIAL_SOURCES[distro])
    if image["name"] is None:
        yield Remark(f"it has no name; {OFFICIALLY} ABORT", image.label, "DEV-0104-12")
    if not concerns(distro, version):
        note = "" if official_ok else f"; {OFFICIALLY} FAIL because of its image_source"
        reason = f"os_version {show(image['os_version'])} is no release of {distro}, so its source is not judged"
        yield Remark(f"{reason}{note}", image.label, "" if official_ok else "DEV-0104-11")
        return
    place = place_of(source, distro, version, releases)
    if place is Place.UNVERIFIED:
        yield Remark(f"the codename in its image_source is not verified (data as of {releases.as_of})", image.label)
    if place is Place.WRONG:
        yield _foreign(image, f"{distro} {version}", vendor_sources(distro, _codename(releases, distro, version)))
        if official_ok:
            yield Remark(f"its image_source is at the vendor's, so {OFFICIALLY} PASS", image.label, "DEV-0104-11")


def _foreign(image: Image, release: str, sources: Sequence[str]) -> Finding:
    return Finding(
        resource=image.label,
        rule="scs-0104/v2_generic_source",
        title=f"image_source of {release} is a place of its vendor",
        expected="an image_source starting with " + one_of(sources),
        observed=show(image["image_source"]),
        hint=mend_foreign(
            f"as the generic one of {release}", "give this one another os_purpose, such as custom or minimal"
        ),
        resource_id=image.id,
    )


def _codename(releases: OsReleases, distro: str, version: str) -> str:
    return releases.codename(distro, version) or "CODENAME"


def check_capi(image: Image) -> Iterator[Observation]:
    """An image named like an official CAPI image has its source, purpose and description (scs-0104-v2; rule 2).

    ``image`` is one of :func:`subjects`.
    """
    if image["name"] is None:
        yield Remark(f"it has no name; {OFFICIALLY} ABORT", image.label, "DEV-0104-12")
    if not CAPI_NAME.match(name_of(image) or ""):
        return
    findings = list(_capi_findings(image))
    yield from findings
    if findings:
        yield Remark(f"no name matches its pattern, so {OFFICIALLY} PASS", image.label, "DEV-0104-8")


def _capi_findings(image: Image) -> Iterator[Finding]:
    is_official = (text_of(image, "image_source") or "").startswith((CAPI_SOURCE, CAPI_SOURCE_TOLERATED))
    away = f"give this one another name: {hints.rename(image)}"
    if not is_official:
        expected = f"an image_source starting with {CAPI_SOURCE}"
        hint = mend_foreign("under this name", away)
        yield _capi_finding(image, "scs-0104/v2_capi_source", "image_source", expected, hint)
    for rule, key, value in (
        ("scs-0104/v2_capi_purpose", "os_purpose", "k8snode"),
        ("scs-0104/v2_capi_description", "image_description", CAPI_DESCRIPTION),
    ):
        if image[key] != value:
            hint = f"if it is the official image, set {key} to {value}; if not, {away}"
            if is_official:
                hint = hints.set_property(image, **{key: value})
            yield _capi_finding(image, rule, key, repr(value), hint)


def check_ubuntu_lts(
    images: Sequence[Image], today: dt.date, releases: OsReleases | None = None
) -> Iterator[Observation]:
    """A generic image of the latest Ubuntu LTS exists, from 30 April of its year on (scs-0104-v2; rule 3).

    ``today`` is a UTC day. Undecided where the known releases are too old for a verdict.
    """
    found = list(_check_release("ubuntu", images, today, releases or bundled_releases(), previous=False))
    yield from found
    yield from _official_lts(images, today, passes=not found)


def _official_lts(images: Sequence[Image], today: dt.date, *, passes: bool) -> Iterator[Remark]:
    """Remarks where the official suite decides otherwise: it wants the April release of every year, at once."""
    wanted = f"{today.year % 100:02}.04"
    official_ok = any(
        image["os_distro"] == "ubuntu" and image["os_purpose"] == "generic" and image["os_version"] == wanted
        for image in subjects(images)
    )
    if official_ok is passes:
        return
    verdict = "PASS" if official_ok else "FAIL"
    yield Remark(f"demanding {wanted}, {OFFICIALLY} {verdict}", _LATEST_LTS, "DEV-0104-9")
    if passes and (today.month, today.day) < (4, 30) and today.year % 2 == 0:
        yield Remark(f"without a grace until the end of April, {OFFICIALLY} {verdict}", _LATEST_LTS, "DEV-0104-10")


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
            hint=hints.create(standard.example, {**standard.metadata, "image_source": f"{CAPI_SOURCE}FILE"}),
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
    """Declare an image of the release generic if the vendor's is there without purpose, upload one otherwise."""
    for image in candidates:
        place = place_of(text_of(image, "image_source") or "", distro, version, releases)
        if text_of(image, "os_version") == version and not image["os_purpose"] and place is Place.RIGHT:
            return hints.set_property(image, os_purpose="generic")
    properties = {
        "os_distro": distro,
        "os_version": version,
        "os_purpose": "generic",
        "image_source": f"{vendor_sources(distro, _codename(releases, distro, version))[0]}FILE",
    }
    return hints.create(f"{distro.capitalize()} {version}", properties)


def _capi_finding(image: Image, rule: str, key: str, expected: str, hint: str) -> Finding:
    return Finding(
        resource=image.label,
        rule=rule,
        title=f"{key} of an official CAPI image",
        expected=expected,
        observed=show(image[key]),
        hint=hint,
        resource_id=image.id,
    )
