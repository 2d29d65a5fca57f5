# SPDX-License-Identifier: Apache-2.0
"""Standard images by name (scs-0104-v1)."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.core.findings import Basis, Finding, Observation, Remark, Undecided
from pytest_scs.standards.iaas.image_spec import ImageEntry, ImageSpec, load_image_spec, load_image_specs
from pytest_scs.standards.iaas.model import Image
from pytest_scs.standards.iaas.standard_images import STANDARD_IMAGES, check_presence, check_source

URL = "https://raw.githubusercontent.com/SovereignCloudStack/standards/main/Tests/iaas/"
V4 = load_image_spec(f"{URL}scs-0104-v1-images.yaml")
V5 = load_image_spec(f"{URL}scs-0104-v1-images-v5.yaml")
ABSENT = object()
BOTH, OFFICIAL, TEXT = Basis.BOTH, Basis.OFFICIAL, Basis.TEXT


def image(name: Any, source: Any = "https://elsewhere.example/file", **changes: Any) -> Image:
    properties = {
        "id": f"id-{name}",
        "name": name,
        "visibility": "public",
        "status": "active",
        "os_hidden": False,
        "image_source": source,
    } | changes
    return Image({key: value for key, value in properties.items() if value is not ABSENT})


def findings(observations: Iterator[Observation]) -> list[Finding]:
    return [entry for entry in observations if isinstance(entry, Finding)]


def outcome(observations: Iterator[Observation]) -> list[tuple[Basis, str]]:
    return [(entry.basis, entry.deviation) for entry in findings(observations)]


# --- the official table


NAMES = {
    "capi-1": "ubuntu-capi-image v1.29.3",
    "capi-2": "ubuntu-capi-image-v1.29.3",
    "ubuntu-2404": "Ubuntu 24.04",
    "ubuntu-2204": "Ubuntu 22.04",
    "ubuntu-2004": "Ubuntu 20.04",
    "debian-13": "Debian 13",
    "debian-12": "Debian 12",
    "debian-11": "Debian 11",
    "debian-10": "Debian 10",
}
SWIFT = (
    "https://swift.services.a.regiocloud.tech/swift/v1/AUTH_b182637428444b9aa302bb8d5a5a418c/openstack-k8s-capi-images/"
)
CAPI = (
    "https://nbg1.your-objectstorage.com/osism/openstack-k8s-capi-images/",
    f"{SWIFT}ubuntu-2404-kube",
    f"{SWIFT}ubuntu-2204-kube",
)
SOURCES = {
    "capi-1": CAPI,
    "capi-2": CAPI,
    "ubuntu-2404": ("https://cloud-images.ubuntu.com/releases/noble/", "https://cloud-images.ubuntu.com/noble/"),
    "ubuntu-2204": ("https://cloud-images.ubuntu.com/releases/jammy/", "https://cloud-images.ubuntu.com/jammy/"),
    "ubuntu-2004": ("https://cloud-images.ubuntu.com/releases/focal/", "https://cloud-images.ubuntu.com/focal/"),
    **{
        f"debian-{version}": (
            f"https://cloud.debian.org/images/cloud/{codename}/",
            f"https://cdimage.debian.org/cdimage/cloud/{codename}/",
        )
        for version, codename in ((13, "trixie"), (12, "bookworm"), (11, "bullseye"), (10, "buster"))
    },
}


@pytest.mark.parametrize("key", STANDARD_IMAGES)
def test_every_row_permits_its_places_and_nothing_else(key: str) -> None:
    assert STANDARD_IMAGES[key].entry.sources == SOURCES[key]
    for source in SOURCES[key]:
        assert outcome(check_source(key, [image(NAMES[key], f"{source}file.img")], [])) == []
        for wrong in (source.upper(), f" {source}", source[:-1], source.replace("https", "http"), "private", ""):
            assert outcome(check_source(key, [image(NAMES[key], wrong)], [])) == [(BOTH, "")]


@pytest.mark.parametrize("source", [ABSENT, None, 7, ["https://cloud-images.ubuntu.com/noble/"]])
def test_an_absent_or_odd_source_is_no_permitted_place(source: Any) -> None:
    assert outcome(check_source("ubuntu-2404", [image("Ubuntu 24.04", source)], [V5])) == [(BOTH, "")]


@pytest.mark.parametrize(
    ("key", "name", "selected"),
    [
        ("ubuntu-2404", "Ubuntu 24.04", True),
        ("ubuntu-2404", "ubuntu 24.04", False),
        ("ubuntu-2404", "Ubuntu 24.04 ", False),
        ("ubuntu-2404", "Ubuntu 24.04 20240101", False),
        ("capi-1", "ubuntu-capi-image v1.29", True),
        ("capi-1", "ubuntu-capi-image v1.29.3", True),
        ("capi-1", "ubuntu-capi-image v1.29.3 old", True),
        ("capi-1", "ubuntu-capi-image-v1.29.3", False),
        ("capi-1", "ubuntu-capi-image v12.1", False),
        ("capi-2", "ubuntu-capi-image-v1.29.3", True),
        ("capi-2", "ubuntu-capi-image-v1.29.3-20240101", True),
        ("capi-2", "ubuntu-capi-image v1.29.3", False),
        ("capi-2", "Ubuntu-capi-image-v1.29.3", False),
        ("capi-2", "my ubuntu-capi-image-v1.29.3", False),
    ],
)
def test_names_are_compared_exactly_and_schemes_from_the_beginning(key: str, name: str, selected: bool) -> None:
    assert bool(outcome(check_source(key, [image(name)], []))) is selected


# --- sources


@pytest.mark.parametrize(
    ("key", "specs", "expected"),
    [
        ("ubuntu-2204", [V4], [(BOTH, "")]),
        ("ubuntu-2204", [V5], [(BOTH, "")]),
        ("ubuntu-2404", [V5], [(BOTH, "")]),
        ("ubuntu-2404", [V4], [(OFFICIAL, "DEV-0104-1")]),
        ("ubuntu-2404", [V4, V5], [(BOTH, "")]),
        ("debian-13", [V5], [(OFFICIAL, "DEV-0104-1")]),
        ("debian-13", [], [(BOTH, "")]),
        ("debian-10", [V5], [(BOTH, "")]),
        ("capi-1", [V4], [(BOTH, "")]),
        ("capi-1", [V5], [(OFFICIAL, "DEV-0104-1")]),
        ("capi-2", [V5], [(BOTH, "")]),
        ("capi-2", [V4], [(OFFICIAL, "DEV-0104-1")]),
        ("capi-2", [V4, V5], [(BOTH, "")]),
    ],
)
def test_the_image_specs_decide_for_the_text(
    key: str, specs: Sequence[ImageSpec], expected: list[tuple[Basis, str]]
) -> None:
    assert outcome(check_source(key, [image(NAMES[key])], specs)) == expected


def test_a_spec_may_permit_other_places_than_the_official_suite() -> None:
    mirror = ImageSpec("mirror.yaml", (ImageEntry("Ubuntu 24.04", ("https://mirror.example/",)),))
    images = [image("Ubuntu 24.04", "https://mirror.example/noble.img")]
    assert outcome(check_source("ubuntu-2404", images, [mirror])) == [(OFFICIAL, "DEV-0104-1")]
    images = [image("Ubuntu 24.04", "https://cloud-images.ubuntu.com/noble/noble.img")]
    assert outcome(check_source("ubuntu-2404", images, [mirror])) == [(TEXT, "DEV-0104-1")]


def test_own_community_images_are_no_concern_of_the_text() -> None:
    community = image("Ubuntu 24.04", visibility="community")
    assert outcome(check_source("ubuntu-2404", [community], [V5])) == [(OFFICIAL, "DEV-0104-5")]


def test_hidden_images_are_not_examined() -> None:
    assert outcome(check_source("ubuntu-2404", [image("Ubuntu 24.04", os_hidden=True)], [V5])) == []


def test_every_image_of_a_name_is_judged_whatever_the_order() -> None:
    good = image("Ubuntu 24.04", "https://cloud-images.ubuntu.com/noble/noble.img", id="good")
    bad = image("Ubuntu 24.04", id="bad")
    for images in ([good, bad], [bad, good], [good, bad, good]):
        entries = list(check_source("ubuntu-2404", images, [V5]))
        assert [entry.resource_id for entry in entries if isinstance(entry, Finding)] == ["bad"]
        assert [entry.deviation for entry in entries if isinstance(entry, Remark)] == ["DEV-0104-2"]


def test_all_offenders_are_found() -> None:
    images = [image(f"ubuntu-capi-image-v1.{minor}") for minor in range(4)]
    assert len(findings(check_source("capi-2", images, [V5]))) == 4


@pytest.mark.parametrize("check", [check_source, check_presence])
def test_a_nameless_image_is_skipped_and_remarked_where_the_official_suite_crashes(check: Any) -> None:
    nameless = image(None, id="id-none")
    present = [image(NAMES["capi-2"], f"{CAPI[0]}x"), image("Ubuntu 24.04", f"{SOURCES['ubuntu-2404'][0]}x"), nameless]
    (remark,) = check("capi-2", present, [V5])
    assert isinstance(remark, Remark)
    assert (remark.resource, remark.deviation) == ("image id-none", "DEV-0104-3")
    assert list(check("ubuntu-2404", present, [V5])) == []


def test_a_finding_about_a_source_is_complete() -> None:
    (finding,) = findings(check_source("ubuntu-2404", [image("Ubuntu 24.04", ABSENT)], [V5]))
    assert finding.resource == "image Ubuntu 24.04"
    assert finding.resource_id == "id-Ubuntu 24.04"
    assert (finding.rule, finding.title) == ("scs-0104/image_source", "image_source is a permitted place")
    assert finding.observed == "not set"
    assert all(source in finding.expected for source in SOURCES["ubuntu-2404"])
    # nobody is told to say that it came from there
    assert "--property" not in finding.hint
    assert "set image_source to the address that it came from" in finding.hint
    assert "register the right image under this name" in finding.hint
    assert finding.hint.endswith("openstack image set --name ANOTHER_NAME 'id-Ubuntu 24.04'")


# --- presence


@pytest.mark.parametrize(
    ("key", "specs", "expected"),
    [
        ("ubuntu-2404", [V5], [(BOTH, "")]),
        ("ubuntu-2204", [V4], [(BOTH, "")]),
        ("ubuntu-2204", [V5], [(OFFICIAL, "DEV-0104-1")]),  # listed, but optional
        ("ubuntu-2404", [V4], [(OFFICIAL, "DEV-0104-1")]),  # not listed
        ("ubuntu-2204", [V4, V5], [(BOTH, "")]),
        ("capi-1", [V4], [(BOTH, "")]),
        ("capi-2", [V5], [(BOTH, "")]),
        ("capi-1", [V5], [(OFFICIAL, "DEV-0104-1")]),
        ("debian-12", [V5], [(BOTH, "")]),
        ("debian-13", [V5], [(OFFICIAL, "DEV-0104-1")]),
        ("debian-13", [], [(BOTH, "")]),
    ],
)
def test_a_missing_image_is_missed_by_the_text_where_the_spec_demands_it(
    key: str, specs: Sequence[ImageSpec], expected: list[tuple[Basis, str]]
) -> None:
    assert outcome(check_presence(key, [], specs)) == expected
    assert outcome(check_presence(key, [image(NAMES[key])], specs)) == []


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        ([image("ubuntu-capi-image-v1.29.3")], []),
        ([image("ubuntu-capi-image-v1.29")], []),
        ([image("ubuntu-capi-image-v1.29.3 old")], [(TEXT, "DEV-0104-4")]),
        ([image("ubuntu-capi-image-v1.29.3 old"), image("ubuntu-capi-image-v1.30.1")], []),
        ([image("ubuntu-capi-image-v1.29.3", visibility="community")], [(TEXT, "DEV-0104-5")]),
        ([image("ubuntu-capi-image-v1.29.3", os_hidden=True)], [(BOTH, "")]),
        ([image("ubuntu-capi-image v1.29.3")], [(BOTH, "")]),
        ([image(None)], [(BOTH, "")]),
    ],
)
def test_the_text_wants_a_public_image_whose_whole_name_matches(
    images: list[Image], expected: list[tuple[Basis, str]]
) -> None:
    assert outcome(check_presence("capi-2", images, [V5])) == expected
    assert outcome(check_presence("capi-2", images, [])) == expected


def test_an_image_that_cannot_be_used_yet_is_remarked() -> None:
    (remark,) = check_presence("ubuntu-2404", [image("Ubuntu 24.04", status="queued")], [V5])
    assert isinstance(remark, Remark)
    assert "'queued'" in remark.text


def test_a_finding_about_a_missing_image_names_similar_ones_and_a_command() -> None:
    names = ["Ubuntu 22.04", "ubuntu 24.04", "Ubuntu 24.04 LTS", "Debian 12", "Ubuntu 20.04", "Ubuntu a", "Ubuntu b"]
    (finding,) = findings(check_presence("ubuntu-2404", [image(name) for name in names], [V5]))
    assert finding.resource == "image Ubuntu 24.04"
    assert (finding.rule, finding.title) == ("scs-0104/image_present", "a public image of this name exists")
    assert finding.expected == "an image with the name 'Ubuntu 24.04'"
    assert finding.observed == (
        "none; similar names: 'Ubuntu 24.04 LTS', 'ubuntu 24.04', 'Ubuntu 20.04', 'Ubuntu 22.04', 'Ubuntu a' and 1 more"
    )
    command = shlex.split(finding.hint)
    assert command[:4] == ["openstack", "image", "create", "--public"]
    assert command[-1] == "Ubuntu 24.04"
    assert {"os_distro=ubuntu", "os_version=24.04", "os_purpose=generic"} <= set(command)
    assert "image_source=https://cloud-images.ubuntu.com/releases/noble/FILE" in command


def test_a_missing_scheme_is_shown() -> None:
    (finding,) = findings(check_presence("capi-2", [image("Debian 12")], [V5]))
    assert "ubuntu-capi-image-v[0-9]" in finding.expected
    assert finding.observed == "none, and no similar name"


def test_a_community_image_only_has_to_be_published() -> None:
    own = image("Ubuntu 24.04", f"{SOURCES['ubuntu-2404'][0]}x.img", visibility="community")
    (finding,) = findings(check_presence("ubuntu-2404", [own], [V5]))
    assert finding.hint == "openstack image set --public 'id-Ubuntu 24.04'"


def test_a_community_image_from_elsewhere_is_not_published() -> None:
    own = image("Ubuntu 24.04", "private", visibility="community")
    (finding,) = findings(check_presence("ubuntu-2404", [own], [V5]))
    assert finding.hint.startswith("openstack image create --public ")


GENERIC = {"os_distro": "ubuntu", "os_version": "24.04", "os_purpose": "generic"}


def test_no_second_generic_image_of_a_release_is_proposed() -> None:
    vendors = image("noble", f"{SOURCES['ubuntu-2404'][1]}x.img", **GENERIC, id="vendors")
    (finding,) = findings(check_presence("ubuntu-2404", [vendors], [V5]))
    assert finding.hint == "openstack image set --name 'Ubuntu 24.04' vendors"
    elsewhere = image("noble", "private", **GENERIC, id="elsewhere")
    (finding,) = findings(check_presence("ubuntu-2404", [elsewhere], [V5]))
    assert finding.hint.startswith("openstack image create --public ")
    assert finding.hint.endswith("# and give elsewhere another os_purpose, such as custom or minimal")
    for other in ({"os_version": "22.04"}, {"os_purpose": "minimal"}, {"visibility": "community"}):
        (finding,) = findings(check_presence("ubuntu-2404", [image("noble", **GENERIC | other)], [V5]))
        assert finding.hint.endswith("'Ubuntu 24.04'")


# --- specs that are not known


@pytest.mark.parametrize("check", [check_source, check_presence])
def test_without_a_known_spec_only_the_text_is_undecided(check: Any) -> None:
    specs = load_image_specs(["https://example.org/own.yaml"])
    offending = [image("Ubuntu 24.04")] if check is check_source else []
    undecided, finding = check("ubuntu-2404", offending, specs)
    assert isinstance(undecided, Undecided)
    assert undecided.basis is Basis.TEXT
    assert "https://example.org/own.yaml" in str(undecided)
    assert isinstance(finding, Finding)
    assert finding.basis is Basis.OFFICIAL


def test_a_known_spec_decides_beside_an_unknown_one() -> None:
    specs = [*load_image_specs(["https://example.org/own.yaml"]), V5]
    assert outcome(check_presence("ubuntu-2404", [], specs)) == [(BOTH, "")]


VALUES = st.one_of(st.none(), st.integers(), st.booleans(), st.text(max_size=5), st.lists(st.text(), max_size=1))
KEYS = ("name", "visibility", "status", "os_hidden", "image_source")


@given(st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, VALUES)), max_size=3))
def test_no_property_value_makes_a_check_raise(properties: list[dict[str, Any]]) -> None:
    base = image("Ubuntu 24.04").properties
    images = [Image({**base, **changes, "id": str(number)}) for number, changes in enumerate(properties)]
    for key in STANDARD_IMAGES:
        for specs in ([], [V4, V5]):
            for entry in (*check_source(key, images, specs), *check_presence(key, images, specs)):
                assert str(entry)
