# SPDX-License-Identifier: Apache-2.0
"""The testcases of scs-0104-v1 on demo clouds: images from the wrong place, and images that are missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pytest_scs.base.paths import SCOPES
from pytest_scs.demo.openstack.state import CloudState

_CAPI = "https://nbg1.your-objectstorage.com/osism/openstack-k8s-capi-images/"
_UBUNTU = "https://cloud-images.ubuntu.com/"
_DEBIAN = "https://cloud.debian.org/images/cloud/"
_CDIMAGE = "https://cdimage.debian.org/cdimage/cloud/"

#: Testcase -> a name it selects, a permitted source, and one that is not.
SOURCES: dict[str, tuple[str, str, str | None]] = {
    "scs-0104-source-capi-1": (
        "ubuntu-capi-image v1.31.2",
        f"{_CAPI}ubuntu-2404-kube/x.qcow2",
        "https://example.org/x",
    ),
    "scs-0104-source-capi-2": ("ubuntu-capi-image-v1.31.2", f"{_CAPI}ubuntu-2404-kube/x.qcow2", "private"),
    "scs-0104-source-ubuntu-2404": ("Ubuntu 24.04", f"{_UBUNTU}noble/current/noble.img", f"{_UBUNTU}jammy/jammy.img"),
    "scs-0104-source-ubuntu-2204": ("Ubuntu 22.04", f"{_UBUNTU}releases/jammy/x.img", f"{_UBUNTU}releases/jammy"),
    "scs-0104-source-ubuntu-2004": ("Ubuntu 20.04", f"{_UBUNTU}focal/x.img", f"{_UBUNTU}FOCAL/x.img"),
    "scs-0104-source-debian-13": ("Debian 13", f"{_DEBIAN}trixie/latest/x.qcow2", f"{_DEBIAN}bookworm/x.qcow2"),
    "scs-0104-source-debian-12": ("Debian 12", f"{_CDIMAGE}bookworm/latest/x.qcow2", "http://cloud.debian.org/x"),
    "scs-0104-source-debian-11": ("Debian 11", f"{_DEBIAN}bullseye/latest/x.qcow2", None),
}
#: Testcase -> what to look for, and an image that satisfies it.
PRESENT = {
    "scs-0104-image-capi-1": ("a name matching ubuntu-capi-image v", "ubuntu-capi-image v1.32.4"),
    "scs-0104-image-capi-2": ("a name matching ubuntu-capi-image-v", "ubuntu-capi-image-v1.33.1"),
    "scs-0104-image-ubuntu-2404": ("the name 'Ubuntu 24.04'", "Ubuntu 24.04"),
    "scs-0104-image-ubuntu-2204": ("the name 'Ubuntu 22.04'", "Ubuntu 22.04"),
    "scs-0104-image-debian-13": ("the name 'Debian 13'", "Debian 13"),
    "scs-0104-image-debian-12": ("the name 'Debian 12'", "Debian 12"),
}
TESTCASES = (*SOURCES, *PRESENT)


def _find(state: CloudState, name: str) -> dict[str, Any]:
    return next(image for image in state.images if image["name"] == name)


def test_standard_images_of_the_conforming_cloud_pass(passes: Any) -> None:
    passes(TESTCASES, "scs-0104-source", "scs-0104-image")


def test_image_from_elsewhere_is_named_and_its_namesake_is_not(judge: Any, state: CloudState, add_image: Any) -> None:
    offenders = {}
    for testcase, (name, right, wrong) in SOURCES.items():
        offenders[testcase] = add_image(name, image_source=wrong)
        add_image(name, image_source=right)
        # Other names are free to come from anywhere.
        add_image(f"My {name}", image_source="https://example.org/x")
    run = judge(state)
    assert run.ret == 1
    # One image has no source at all; the second version of the standard wants more of CAPI images.
    assert run.failed == {*SOURCES, "scs-0102-prop-image_source", "scs-0104-x-v2-capi"}
    for testcase, image in offenders.items():
        name, right, wrong = SOURCES[testcase]
        (found,) = run.violations(testcase)
        assert run.named(testcase) == {image}, testcase
        assert found.resource == f"image {name}", testcase
        assert found.found == (repr(wrong) if wrong else "not set"), testcase
        prefixes = found.expected.removeprefix("an image_source starting with one of ").split(", ")
        assert right.startswith(tuple(prefixes)), testcase
        # Nobody is told to say that it came from there.
        assert "--property" not in found.hint, testcase
        assert found.hint.endswith(f"openstack image set --name ANOTHER_NAME {image}"), testcase
        assert any(line.endswith("(DEV-0104-2)") for line in run.remarks(testcase)), testcase


def test_missing_image_fails_and_similar_names_are_listed(judge: Any, state: CloudState, add_image: Any) -> None:
    add_image("Appliance")
    for image in state.images:
        image["name"] = f"my-{image['name']}"
    run = judge(state)
    assert run.ret == 1
    assert run.failed == {*PRESENT, "scs-0104-x-v2-capi-present"}
    for testcase, (wanted, name) in PRESENT.items():
        (found,) = run.violations(testcase)
        assert found.expected.startswith(f"an image with {wanted}"), testcase
        assert found.found.startswith("none; similar names: "), testcase
        assert f"'my-{name}'" in found.found, testcase
        assert "Appliance" not in found.found, testcase
        # Where the vendor's image is there under another name it is renamed: two must not be generic.
        renames = "ubuntu" in testcase or "debian" in testcase
        there = {image["id"] for image in state.images if image["name"] == f"my-{name}"}
        assert run.named(testcase) == (there if renames else set()), testcase
        assert found.hint.startswith(f"openstack image {'set --name' if renames else 'create --public'} "), testcase


def test_what_the_image_list_of_the_version_and_the_official_table_say_differently(
    both_judge: Any, dispute: Any, state: CloudState, add_image: Any
) -> None:
    own = {"visibility": "community", "owner": state.project_id}
    state.images.remove(_find(state, "Debian 13"))
    _find(state, "Debian 12").update(own)
    _find(state, "ubuntu-capi-image-v1.33.1")["name"] = "ubuntu-capi-image-v1.33.1 old"
    nameless = add_image(None)
    disputes = [
        # Neither is in the list of the version.
        dispute("scs-0104-image-debian-13", "", "official", "DEV-0104-1"),
        dispute(
            "scs-0104-source-capi-1",
            add_image("ubuntu-capi-image v1.31.2", image_source="private"),
            "official",
            "DEV-0104-1",
        ),
        dispute("scs-0104-image-capi-2", "", "text", "DEV-0104-4"),
        dispute("scs-0104-image-debian-12", "", "text", "DEV-0104-5"),
        dispute(
            "scs-0104-source-ubuntu-2404",
            add_image("Ubuntu 24.04", image_source="private", **own),
            "official",
            "DEV-0104-5",
        ),
    ]
    # What the text demands and is missing here is recommended only.
    official, _ = both_judge(state, disputes, "-m", "scs_0104", scope="iaas-v5.1", ret=(1, 0))
    for testcase in ("scs-0104-source-capi-2", "scs-0104-image-capi-2"):
        remarks = official.remarks(testcase)
        assert f"image {nameless}: it has no name; the official suite gives ABORT (DEV-0104-3)" in remarks, testcase


def test_unreadable_images_are_no_verdict(aborts: Any) -> None:
    aborts(TESTCASES, reads="images")


def test_unknown_image_list_is_no_verdict_by_the_text(judge: Any, state: CloudState, tmp_path: Path) -> None:
    scope = tmp_path / "scope.yaml"
    text = (SCOPES / "scs-compatible-iaas.yaml").read_text()
    scope.write_text(text.replace("scs-0104-v1-images-v5.yaml", "scs-0104-v1-images-v6.yaml"))
    run = judge(state, "--scs-judge=text", "-m", "scs_0104", scope=f"{scope}@v5.1")
    assert run.ret == 6
    assert run.differing
    for testcase, verdicts in run.differing.items():
        assert verdicts == ("PASS", "ABORT"), testcase
        assert "scs-0104-v1-images-v6.yaml is bundled" in run.causes(testcase)[0], testcase
    assert set(run.differing) == {*TESTCASES} - {"scs-0104-image-capi-1", "scs-0104-image-ubuntu-2204"}
