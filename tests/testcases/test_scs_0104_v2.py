# SPDX-License-Identifier: Apache-2.0
"""The testcases of the draft scs-0104-v2 on demo clouds: images recognised by their metadata."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from pytest_scs.demo.openstack.state import CloudState

SOURCE, CAPI = "scs-0104-x-v2-generic-source", "scs-0104-x-v2-capi"
#: Testcase -> the image that satisfies it, what is expected where it is missing, and how to mend that.
PRESENT = {
    "scs-0104-x-v2-ubuntu-lts": ("Ubuntu 26.04", "os_distro=ubuntu, os_version=26.04", "'Ubuntu 26.04'"),
    "scs-0104-x-v2-ubuntu-prev": ("Ubuntu 24.04", "os_distro=ubuntu, os_version=24.04", "'Ubuntu 24.04'"),
    "scs-0104-x-v2-debian-stable": ("Debian 13", "os_distro=debian, os_version=13", "'Debian 13'"),
    "scs-0104-x-v2-debian-prev": ("Debian 12", "os_distro=debian, os_version=12", "'Debian 12'"),
    "scs-0104-x-v2-capi-present": (
        "ubuntu-capi-image-v1.33.1",
        "a name matching ubuntu-capi-image-v",
        "ubuntu-capi-image-v1.33.1",
    ),
}
TESTCASES = ("scs-0104-x-v2-generic-source", "scs-0104-x-v2-capi", *PRESENT)


def _find(state: CloudState, name: str) -> dict[str, Any]:
    return next(image for image in state.images if image["name"] == name)


def test_images_of_the_conforming_cloud_pass(passes: Any) -> None:
    passes(TESTCASES, "scs-0104-x-v2")


def test_wrong_images_are_named_and_nobody_elses(judge: Any, state: CloudState, add_image: Any) -> None:
    vendor = _find(state, "Ubuntu 22.04")
    vendor["image_source"] = "https://example.org/jammy.img"
    capi = _find(state, "ubuntu-capi-image v1.32.4")
    capi |= {"image_source": "private", "os_purpose": "minimal", "image_description": "Kubernetes"}
    # Neither generic, nor of a vendor that is known, nor to be had.
    add_image("Appliance", image_source="private")
    add_image("Fedora", os_distro="fedora", os_purpose="generic", image_source="private")
    add_image("off", os_purpose="generic", os_version="20.04", status="deactivated", image_source="private")
    run = judge(state, "-m", "scs_0104", scope="beyond-v1")
    # Rules of a draft do not decide a run.
    assert run.ret == 0
    assert run.failed == {SOURCE, CAPI}

    (found,) = run.violations(SOURCE)
    assert run.named(SOURCE) == {vendor["id"]}
    assert found.resource == "image Ubuntu 22.04"
    assert "https://cloud-images.ubuntu.com/jammy/" in found.expected
    assert found.found == "'https://example.org/jammy.img'"
    # Nobody is told to say that it came from there.
    assert "--property" not in found.hint
    assert "another os_purpose" in found.hint

    assert run.named(CAPI) == {capi["id"]}
    assert {found.resource for found in run.violations(CAPI)} == {"image ubuntu-capi-image v1.32.4"}
    for found in run.violations(CAPI):
        key = found.rule.split()[0]
        assert found.found == repr(capi[key])
        assert "--property" not in found.hint, key
        assert key in found.hint
        assert found.hint.endswith(f"openstack image set --name ANOTHER_NAME {capi['id']}")
        wanted = {"os_purpose": "'k8snode'", "image_description": "'https://github.com/osism/k8s-capi-images'"}
        assert found.expected == wanted.get(key, found.expected)
    assert len(run.violations(CAPI)) == 3


def test_missing_images_fail_their_own_testcases(judge: Any, state: CloudState) -> None:
    gone = {name for name, _, _ in PRESENT.values()}
    state.images[:] = [image for image in state.images if image["name"] not in gone]
    run = judge(state, "-m", "scs_0104", scope="beyond-v1")
    assert run.failed == set(PRESENT)
    for testcase, (_, expected, mend) in PRESENT.items():
        (found,) = run.violations(testcase)
        assert expected in found.expected, testcase
        assert run.named(testcase) == set(), testcase
        assert found.hint.startswith("openstack image create --public "), testcase
        assert found.hint.endswith(mend), testcase


def test_releases_nobody_has_heard_of_are_judged_by_their_source(judge: Any, state: CloudState, add_image: Any) -> None:
    newer = _find(state, "Debian 13")
    newer |= {"name": "Debian 99", "os_version": "99"}
    newer["image_source"] = newer["image_source"].replace("trixie", "zyxwv")
    run = judge(state, "-m", "scs_0104", scope="beyond-v1")
    assert run.failed == set()
    assert {testcase for testcase in TESTCASES if run.verdicts[testcase] == "ABORT"} == {"scs-0104-x-v2-debian-stable"}
    assert "debian 99 is newer than the release data" in run.causes("scs-0104-x-v2-debian-stable")[0]
    assert any(
        "image Debian 99: the codename in its image_source is not verified" in line for line in run.remarks(SOURCE)
    )


def test_what_the_official_suite_gives_is_told(judge: Any, state: CloudState, add_image: Any) -> None:
    vendor = {"os_distro": "ubuntu", "os_purpose": "generic"}
    wrong = "https://cloud-images.ubuntu.com/noble/noble.img"
    right = "https://cloud-images.ubuntu.com/questing/questing.img"
    found = add_image("Ubuntu 25.10", os_version="25.10", image_source=wrong, **vendor)
    add_image("Ubuntu 25.10", os_version="25.10", image_source=right, **vendor)
    nameless = add_image(None)
    add_image("ubuntu-capi-image-v1.28.5", image_source="https://minio.example/kube.qcow2")
    run = judge(state, "-m", "scs_0104", scope="beyond-v1")
    assert run.failed == {SOURCE, CAPI}
    assert run.named(SOURCE) == {found}
    for testcase, subject, row in (
        (SOURCE, "image Ubuntu 25.10", "DEV-0104-11"),
        (CAPI, f"image {nameless}", "DEV-0104-12"),
        (CAPI, "image ubuntu-capi-image-v1.28.5", "DEV-0104-8"),
    ):
        told = [line for line in run.remarks(testcase) if line.startswith(subject) and line.endswith(f"({row})")]
        assert len(told) == 1, run.messages(testcase)
        assert "the official suite as of 2026-09 gives" in told[0]


@pytest.mark.parametrize("now", [dt.datetime(2029, 6, 15, 12, tzinfo=dt.UTC)])
def test_outdated_release_data_are_no_verdict(judge: Any, state: CloudState) -> None:
    run = judge(state, "-m", "scs_0104", scope="beyond-v1")
    for testcase in TESTCASES:
        about_releases = testcase in PRESENT and "capi" not in testcase
        assert run.verdicts[testcase] == ("ABORT" if about_releases else "PASS"), testcase
        assert not about_releases or "say nothing reliable about 2029-06-15" in run.causes(testcase)[0], testcase


def test_unreadable_images_are_no_verdict(aborts: Any) -> None:
    aborts(TESTCASES, reads="images")
