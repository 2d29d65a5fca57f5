# SPDX-License-Identifier: Apache-2.0
"""Standard images by metadata (scs-0104-v2, draft)."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.core.findings import Basis, Finding, Observation, Remark, Undecided
from pytest_scs.standards.iaas import standard_images_v2 as standard
from pytest_scs.standards.iaas.model import Image
from pytest_scs.standards.iaas.os_releases import OsReleases, bundled_releases

TODAY = dt.date(2026, 6, 15)
ABSENT = object()
CAPI = "https://nbg1.your-objectstorage.com/osism/openstack-k8s-capi-images/"
SWIFT = (
    "https://swift.services.a.regiocloud.tech/swift/v1/AUTH_b182637428444b9aa302bb8d5a5a418c/openstack-k8s-capi-images/"
)
DESCRIPTION = "https://github.com/osism/k8s-capi-images"


def image(distro: Any = "ubuntu", version: Any = "26.04", purpose: Any = "generic", **changes: Any) -> Image:
    properties = {
        "id": "uuid-1",
        "name": "any name",
        "visibility": "public",
        "status": "active",
        "os_hidden": False,
        "os_distro": distro,
        "os_version": version,
        "os_purpose": purpose,
        "image_source": "https://elsewhere.example/file",
    } | changes
    return Image({key: value for key, value in properties.items() if value is not ABSENT})


def capi(name: str = "ubuntu-capi-image-v1.33.1", **changes: Any) -> Image:
    conformant = {"name": name, "image_source": f"{CAPI}ubuntu.qcow2", "image_description": DESCRIPTION}
    return image("ubuntu", "24.04", "k8snode", **(conformant | changes))


def kinds(observations: Any) -> list[type]:
    return [type(entry) for entry in observations]


# --- subject


@pytest.mark.parametrize(
    "changes", [{"visibility": "private"}, {"status": "queued"}, {"status": "deactivated"}, {"os_hidden": True}]
)
def test_only_visible_active_images_are_judged(changes: dict[str, Any]) -> None:
    assert standard.subjects([image(**changes)]) == []
    assert kinds(standard.check_ubuntu_lts([image(**changes)], TODAY)) == [Finding]
    assert kinds(standard.check_capi_present([capi(**changes)])) == [Finding]


def test_community_images_count_like_public_ones() -> None:
    own = image(visibility="community")
    assert standard.subjects([own]) == [own]
    assert kinds(standard.check_ubuntu_lts([own], TODAY)) == []
    assert kinds(standard.check_capi_present([capi(visibility="community")])) == []


# --- sources of generic images


RELEASES = [
    *[
        ("debian", version, codename)
        for version, codename in (
            *(("8", "jessie"), ("9", "stretch"), ("10", "buster"), ("11", "bullseye"), ("12", "bookworm")),
            *(("13", "trixie"), ("14", "forky"), ("15", "duke")),
        )
    ],
    *[
        ("ubuntu", version, codename)
        for version, codename in (
            *(("12.04", "precise"), ("14.04", "trusty"), ("16.04", "xenial"), ("17.10", "artful"), ("18.04", "bionic")),
            *(("20.04", "focal"), ("22.04", "jammy"), ("23.10", "mantic"), ("24.04", "noble"), ("24.10", "oracular")),
            *(("25.04", "plucky"), ("25.10", "questing"), ("26.04", "resolute")),
        )
    ],
]
PLACES = {
    "debian": ("https://cloud.debian.org/images/cloud/{}/", "https://cdimage.debian.org/cdimage/cloud/{}/"),
    "ubuntu": ("https://cloud-images.ubuntu.com/releases/{}/", "https://cloud-images.ubuntu.com/{}/"),
}


@pytest.mark.parametrize(("distro", "version", "codename"), RELEASES)
def test_generic_images_come_from_their_vendor_whatever_their_name(distro: str, version: str, codename: str) -> None:
    for place in PLACES[distro]:
        source = place.format(codename)
        assert list(standard.check_generic_source(image(distro, version, image_source=f"{source}file.img"))) == []
        for wrong in (place.format("hirsute"), source[:-1], source.upper(), "private", "", None, 7, ABSENT):
            entries = list(standard.check_generic_source(image(distro, version, image_source=wrong)))
            at_the_vendors = isinstance(wrong, str) and wrong.startswith(PLACES[distro][1].partition("{")[0])
            assert [entry for entry in entries if isinstance(entry, Finding)] == entries[:1]
            assert len(entries) == 1 or wrong in (place.format("hirsute"), source[:-1])
            assert [entry.deviation for entry in entries if isinstance(entry, Remark)] in ([], ["DEV-0104-11"])
            assert not at_the_vendors or len(entries) == 2


@pytest.mark.parametrize("purpose", ["oldgeneric", "minimal", "k8snode", "Generic", "", None, ABSENT])
def test_images_that_are_not_generic_may_come_from_anywhere(purpose: Any) -> None:
    assert list(standard.check_generic_source(image(purpose=purpose))) == []


@pytest.mark.parametrize("distro", ["fedora", "Ubuntu", "", None, ABSENT])
def test_generic_images_of_other_distributions_may_come_from_anywhere(distro: Any) -> None:
    assert list(standard.check_generic_source(image(distro))) == []


UBUNTU, DEBIAN = "https://cloud-images.ubuntu.com/", "https://cloud.debian.org/images/cloud/"


@pytest.mark.parametrize(
    ("distro", "version", "source", "ours", "official_passes"),
    [
        # of releases whose codename is not known
        ("ubuntu", "99.04", f"{UBUNTU}zyxwv/x.img", Remark, True),
        ("ubuntu", "99.04", f"{UBUNTU}releases/zyxwv/x.img", Remark, True),
        ("debian", "99", f"{DEBIAN}zyxwv/x.img", Remark, True),
        ("debian", "99", "https://cdimage.debian.org/cdimage/cloud/zyxwv/x.img", Remark, True),
        ("ubuntu", "26.10", f"{UBUNTU}somebody/x.img", Remark, True),
        *[
            ("ubuntu", "99.04", f"{UBUNTU}{folder}/x.img", Finding, True)
            for folder in (
                *("noble", "releases/noble", "trixie", "minimal", "server", "daily", "releases", "releases/releases"),
                *("", "releases/", "24.04", "Zyxwv", "zyx-wv", "zyx1", "releases/server", "releases/minimal", "99.04"),
            )
        ],
        ("ubuntu", "99.04", f"{UBUNTU}zyxwv", Finding, True),
        ("ubuntu", "99.04", "https://elsewhere.example/zyxwv/x.img", Finding, False),
        ("ubuntu", "99.04", f"{DEBIAN}zyxwv/x.img", Finding, False),
        ("ubuntu", "99.04", "private", Finding, False),
        ("ubuntu", "99.04", ABSENT, Finding, False),
        ("debian", "99", f"{DEBIAN}sid/x.img", Finding, True),
        ("debian", "7", "private", Finding, False),
        # of releases that are known
        ("ubuntu", "25.10", f"{UBUNTU}questing/current/questing-server-cloudimg-amd64.img", None, True),
        ("ubuntu", "18.04", f"{UBUNTU}bionic/current/bionic-server-cloudimg-amd64.img", None, True),
        ("ubuntu", "25.10", f"{UBUNTU}noble/x.img", Finding, True),
        ("ubuntu", "24.04", f"{UBUNTU}minimal/releases/noble/x.img", Finding, True),
        ("ubuntu", "24.04", f"{UBUNTU}zyxwv/x.img", Finding, True),
        ("debian", "12", "private", Finding, False),
        # no release that the rule is about
        ("ubuntu", "24.04.1", f"{UBUNTU}noble/x.img", Remark, True),
        ("ubuntu", "24.04.1", "private", Remark, False),
        ("ubuntu", "noble", "private", Remark, False),
        ("ubuntu", "8.04", "private", Remark, False),
        ("ubuntu", ABSENT, "private", Remark, False),
        ("debian", "12.5", f"{DEBIAN}bookworm/x.img", Remark, True),
        ("debian", "1", "private", Finding, False),
        ("debian", "012", "private", Remark, False),
        ("debian", "\u0661\u0662", "private", Remark, False),
    ],
)
def test_every_release_is_judged_by_its_source(
    distro: str, version: Any, source: Any, ours: type | None, official_passes: bool
) -> None:
    first, *notes = [*standard.check_generic_source(image(distro, version, image_source=source)), None]
    assert type(first) is (ours or type(None))
    # the official suite looks at the beginning of the address only; where that makes a difference, it is told
    deviations = [entry.deviation for entry in (first, *notes) if isinstance(entry, Remark) and entry.deviation]
    differs = official_passes is (ours is Finding) if ours is not Remark else not official_passes
    assert deviations == ["DEV-0104-11"] * differs
    assert not isinstance(first, Undecided)


def test_a_codename_that_is_not_known_is_told_with_the_age_of_the_data() -> None:
    (remark,) = standard.check_generic_source(image("ubuntu", "99.04", image_source=f"{UBUNTU}zyxwv/x.img"))
    assert isinstance(remark, Remark)
    assert "not verified (data as of 2026-11-26)" in remark.text


def test_a_nameless_generic_image_is_judged_where_the_official_suite_breaks() -> None:
    entries = list(standard.check_generic_source(image("debian", "12", name=None)))
    assert kinds(entries) == [Remark, Finding]
    assert [entry.deviation for entry in entries] == ["DEV-0104-12", ""]
    assert list(standard.check_generic_source(image("fedora", "42", name=None))) == []
    (remark,) = standard.check_capi(image("fedora", "42", name=None))
    assert isinstance(remark, Remark)
    assert remark.deviation == "DEV-0104-12"


def test_a_finding_about_a_vendor_names_place_and_command() -> None:
    (entry,) = standard.check_generic_source(image("debian", "12"))
    assert isinstance(entry, Finding)
    assert (entry.basis, entry.deviation) == (Basis.BOTH, "")
    assert (entry.rule, entry.title) == (
        "scs-0104/v2_generic_source",
        "image_source of debian 12 is a place of its vendor",
    )
    assert "https://cloud.debian.org/images/cloud/bookworm/" in entry.expected
    # nobody is told to say that it came from there
    assert "--property" not in entry.hint
    assert "https:" not in entry.hint
    assert "register the right image as the generic one of debian 12" in entry.hint
    assert "another os_purpose" in entry.hint


# --- CAPI images


CAPI_RULES = {
    "image_source": "scs-0104/v2_capi_source",
    "os_purpose": "scs-0104/v2_capi_purpose",
    "image_description": "scs-0104/v2_capi_description",
}


@pytest.mark.parametrize(
    ("changes", "keys"),
    [
        ({}, []),
        ({"image_source": f"{SWIFT}ubuntu-2404-kube/x.qcow2"}, []),
        ({"image_source": f"{SWIFT}anything"}, []),
        ({"image_source": "https://elsewhere.example/"}, ["image_source"]),
        ({"image_source": ABSENT}, ["image_source"]),
        ({"os_purpose": "generic"}, ["os_purpose"]),
        ({"image_description": f"{DESCRIPTION}/"}, ["image_description"]),
        (
            {"image_source": 7, "os_purpose": None, "image_description": ABSENT},
            ["image_source", "os_purpose", "image_description"],
        ),
    ],
)
@pytest.mark.parametrize(
    "name", ["ubuntu-capi-image-v1.33.1", "ubuntu-capi-image v1.33", "ubuntu-capi-image-v1.33 old"]
)
def test_capi_images_have_their_source_purpose_and_description(
    name: str, changes: dict[str, Any], keys: list[str]
) -> None:
    entries = list(standard.check_capi(capi(name, **changes)))
    found = [entry for entry in entries if isinstance(entry, Finding)]
    assert [entry.deviation for entry in entries if isinstance(entry, Remark)] == (["DEV-0104-8"] if keys else [])
    assert [entry.title for entry in found] == [f"{key} of an official CAPI image" for key in keys]
    assert [entry.rule for entry in found] == [CAPI_RULES[key] for key in keys]
    assert {entry.basis for entry in found} <= {Basis.BOTH}
    for entry in found:
        assert shlex.split(entry.hint)[-1] == "uuid-1"
        # only what comes from the official place is told to be an official image
        assert ("--property" in entry.hint) is ("image_source" not in keys)
        assert ("--name" in entry.hint) is ("image_source" in keys)


@pytest.mark.parametrize("name", ["ubuntu-capi-image", "ubuntu-capi-image_v1.33", "Ubuntu 24.04", "", 7])
def test_other_names_are_no_capi_images(name: Any) -> None:
    assert list(standard.check_capi(capi(name, os_purpose="generic"))) == []


@pytest.mark.parametrize(
    ("name", "present"),
    [
        ("ubuntu-capi-image-v1.33.1", True),
        ("ubuntu-capi-image-v1.33", True),
        ("ubuntu-capi-image v1.33.1", False),
        ("ubuntu-capi-image-v1.33.1 old", False),
        (None, False),
    ],
)
def test_a_capi_image_in_the_scheme_with_a_dash_is_present(name: Any, present: bool) -> None:
    found = [entry for entry in standard.check_capi_present([capi(name)]) if isinstance(entry, Finding)]
    expected = ("scs-0104/v2_capi_present", "a CAPI image exists")
    assert [(entry.rule, entry.title) for entry in found] == ([] if present else [expected])


# --- presence of releases

Presence = Callable[[list[Image], dt.date], Any]
LTS, PREV = standard.check_ubuntu_lts, standard.check_ubuntu_prev
STABLE, OLDSTABLE = standard.check_debian_stable, standard.check_debian_prev


@pytest.mark.parametrize(
    ("check", "today", "satisfied_by"),
    [
        (LTS, "2026-04-22", {"24.04"}),
        (LTS, "2026-04-23", {"24.04", "26.04"}),
        (LTS, "2026-04-29", {"24.04", "26.04"}),
        (LTS, "2026-04-30", {"26.04"}),
        (LTS, "2026-06-15", {"26.04"}),
        (LTS, "2024-04-24", {"22.04"}),
        (LTS, "2024-04-25", {"22.04", "24.04"}),
        (LTS, "2024-04-30", {"24.04"}),
        (PREV, "2026-04-22", {"22.04"}),
        (PREV, "2026-04-23", {"22.04", "24.04"}),
        (PREV, "2026-04-30", {"24.04"}),
        (STABLE, "2025-08-08", {"12"}),
        (STABLE, "2025-08-09", {"12", "13"}),
        (STABLE, "2025-09-08", {"12", "13"}),
        (STABLE, "2025-09-09", {"13"}),
        (STABLE, "2023-07-10", {"12"}),
        (STABLE, "2023-07-09", {"11", "12"}),
        (OLDSTABLE, "2025-08-08", {"11"}),
        (OLDSTABLE, "2025-08-09", {"11", "12"}),
        (OLDSTABLE, "2025-09-09", {"12"}),
    ],
)
def test_the_release_asked_for_depends_on_the_day(check: Presence, today: str, satisfied_by: set[str]) -> None:
    distro = "ubuntu" if check in (LTS, PREV) else "debian"
    versions = ("20.04", "22.04", "24.04", "26.04") if distro == "ubuntu" else ("10", "11", "12", "13", "14")
    day = dt.date.fromisoformat(today)
    lacking = {Finding, Undecided}
    satisfying = {version for version in versions if not lacking & {*kinds(check([image(distro, version)], day))}}
    assert satisfying == satisfied_by


@pytest.mark.parametrize(
    ("check", "rule"),
    [
        (LTS, "scs-0104/v2_ubuntu_lts_present"),
        (PREV, "scs-0104/v2_ubuntu_prev_present"),
        (STABLE, "scs-0104/v2_debian_stable_present"),
        (OLDSTABLE, "scs-0104/v2_debian_prev_present"),
    ],
)
def test_without_images_the_release_is_missing(check: Presence, rule: str) -> None:
    (entry,) = check([], TODAY)
    assert isinstance(entry, Finding)
    assert (entry.rule, entry.title) == (rule, "a generic image of this release exists")
    assert (entry.basis, entry.observed) == (Basis.BOTH, "none")


@pytest.mark.parametrize(
    "changes", [{"purpose": "minimal"}, {"purpose": ABSENT}, {"distro": "Ubuntu"}, {"version": "26.04 "}]
)
def test_the_metadata_are_compared_as_they_are(changes: dict[str, Any]) -> None:
    assert kinds(standard.check_ubuntu_lts([image(**changes)], TODAY)) == [Finding]


@pytest.mark.parametrize(("today", "kind"), [("2028-11-26", Finding), ("2028-11-27", Undecided)])
def test_data_older_than_two_years_make_nobody_fail(today: str, kind: type[Observation]) -> None:
    assert bundled_releases().as_of == dt.date(2026, 11, 26)
    for check in (LTS, PREV, STABLE, OLDSTABLE):
        (entry,) = check([], dt.date.fromisoformat(today))
        assert isinstance(entry, kind)
    assert kinds(standard.check_capi_present([])) == [Finding]


def test_an_undecided_release_comes_with_an_instruction() -> None:
    (entry,) = standard.check_ubuntu_lts([], dt.date(2030, 1, 1))
    assert isinstance(entry, Undecided)
    assert "2026-11-26" in entry.reason
    assert "update pytest-scs" in entry.reason


@pytest.mark.parametrize(("check", "today"), [(LTS, "2020-01-01"), (PREV, "2023-01-01"), (OLDSTABLE, "2023-01-01")])
def test_a_day_before_the_known_releases_is_undecided(check: Presence, today: str) -> None:
    assert kinds(check([], dt.date.fromisoformat(today))) == [Undecided]


@pytest.mark.parametrize(
    ("check", "distro", "version", "kind"),
    [
        (LTS, "ubuntu", "28.04", Undecided),
        (LTS, "ubuntu", "26.10", Finding),
        (LTS, "ubuntu", "27.04", Finding),
        (STABLE, "debian", "14", Undecided),
        (STABLE, "debian", "sid", Finding),
    ],
)
def test_a_release_newer_than_the_data_is_no_reason_to_fail(
    check: Presence, distro: str, version: str, kind: type
) -> None:
    assert kinds(check([image(distro, version)], TODAY)) == [kind]


def test_a_missing_release_is_described_with_what_is_there_and_a_command() -> None:
    (entry,) = standard.check_ubuntu_lts([image(version="22.04"), image(version="24.04")], TODAY)
    assert isinstance(entry, Finding)
    assert entry.resource == "image of the latest Ubuntu LTS"
    assert entry.expected == "an image with os_distro=ubuntu, os_version=26.04, os_purpose=generic"
    assert entry.observed == "generic ubuntu images of '22.04', '24.04'"
    command = shlex.split(entry.hint)
    assert command[:3] == ["openstack", "image", "create"]
    assert command[-1] == "Ubuntu 26.04"
    assert "image_source=https://cloud-images.ubuntu.com/releases/resolute/FILE" in command


def test_the_image_of_the_vendor_without_purpose_only_has_to_be_declared_generic() -> None:
    vendors = image(purpose=ABSENT, image_source=f"{UBUNTU}resolute/x.img")
    (entry,) = standard.check_ubuntu_lts([vendors], TODAY)
    assert isinstance(entry, Finding)
    assert entry.hint == "openstack image set --property os_purpose=generic uuid-1"
    (entry,) = standard.check_ubuntu_lts([image(purpose=ABSENT)], TODAY)
    assert isinstance(entry, Finding)
    assert entry.hint.startswith("openstack image create ")


@pytest.mark.parametrize(
    ("version", "today", "ours", "rows"),
    [
        ("24.04", "2026-04-29", True, ["DEV-0104-9", "DEV-0104-10"]),
        ("24.04", "2026-02-01", True, ["DEV-0104-9", "DEV-0104-10"]),
        ("24.04", "2026-05-01", False, []),
        ("26.04", "2026-05-01", True, []),
        ("26.04", "2027-01-01", True, ["DEV-0104-9"]),
        ("27.04", "2027-05-01", False, ["DEV-0104-9"]),
    ],
)
def test_where_the_official_suite_wants_another_release_is_remarked(
    version: str, today: str, ours: bool, rows: list[str]
) -> None:
    entries = list(standard.check_ubuntu_lts([image(version=version)], dt.date.fromisoformat(today)))
    assert (Finding not in map(type, entries)) is ours
    assert [entry.deviation for entry in entries if isinstance(entry, Remark)] == rows


# --- the data


@pytest.mark.parametrize(("distro", "version", "codename"), RELEASES)
def test_codenames_are_known(distro: str, version: str, codename: str) -> None:
    assert bundled_releases().codename(distro, version) == codename


def test_release_dates_are_those_of_the_distributions() -> None:
    known = {
        (distro, entry.version): str(entry.released)
        for distro, entries in bundled_releases().releases.items()
        for entry in entries
        if entry.released
    }
    assert known == {
        ("ubuntu", "22.04"): "2022-04-21",
        ("ubuntu", "24.04"): "2024-04-25",
        ("ubuntu", "26.04"): "2026-04-23",
        ("debian", "11"): "2021-08-14",
        ("debian", "12"): "2023-06-10",
        ("debian", "13"): "2025-08-09",
    }


def test_other_data_can_be_given() -> None:
    known = bundled_releases()
    future = OsReleases(dt.date(2030, 1, 1), known.releases)
    assert Finding not in kinds(standard.check_ubuntu_lts([image()], dt.date(2030, 6, 1), future))


VALUES = st.one_of(st.none(), st.integers(), st.floats(), st.text(max_size=4), st.lists(st.text(), max_size=1))
KEYS = ("name", "os_distro", "os_version", "os_purpose", "image_source", "image_description")


@given(st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, VALUES)), max_size=3), st.dates())
def test_no_property_value_and_no_day_makes_a_check_raise(properties: list[dict[str, Any]], today: dt.date) -> None:
    images = [Image({**image().properties, **changes}) for changes in properties]
    for subject in images:
        for entry in (*standard.check_generic_source(subject), *standard.check_capi(subject)):
            assert str(entry)
    for check in (LTS, PREV, STABLE, OLDSTABLE):
        for entry in check(images, today):
            assert str(entry)
    assert len(kinds(standard.check_capi_present(images))) <= 1
