# SPDX-License-Identifier: Apache-2.0
"""The testcases of scs-0102 on demo clouds: one image per broken property, and what old images are."""

from __future__ import annotations

from typing import Any

from pytest_scs.demo.openstack.state import CloudState

GIB = 1 << 30
OLD = {"image_build_date": "2025-12-01", "created_at": "2025-12-01T01:00:00Z"}

#: Testcase -> properties of an image that it rejects whoever judges, what is expected, what is found, how to mend it.
BROKEN: dict[str, list[tuple[dict[str, Any], str, str, str]]] = {
    "scs-0102-prop-architecture": [
        ({"architecture": "x86"}, "'x86_64'", "'x86'", "--property architecture=ARCHITECTURE"),
        ({"architecture": "X86_64"}, "'x86_64'", "'X86_64'", "--property architecture=ARCHITECTURE"),
        ({"architecture": None}, "'aarch64'", "not set", "--property architecture=ARCHITECTURE"),
    ],
    "scs-0102-prop-hash_algo": [
        ({"os_hash_algo": "md5"}, "one of 'sha256', 'sha512'", "'md5'", "openstack image create "),
        ({"os_hash_algo": None, "os_hash_value": None}, "'sha256'", "not set", "hashing_algorithm = sha512"),
    ],
    "scs-0102-prop-min_disk": [
        ({"min_disk": 0, "virtual_size": None}, "at least 1 GiB", "0", "--min-disk 1"),
        ({"min_disk": 1, "size": 2 * GIB + 1, "virtual_size": None}, "at least 3 GiB", "1 GiB", "--min-disk 3"),
    ],
    "scs-0102-prop-min_ram": [({"min_ram": 0}, "more than 0 MiB", "0", "--min-ram MIB")],
    "scs-0102-prop-os_version": [
        ({"os_version": ""}, "a number such as '24.04'", "''", "os_version=VERSION"),
        ({"os_version": None}, "a number such as '24.04'", "not set", "os_version=VERSION"),
    ],
    "scs-0102-prop-os_distro": [
        ({"os_distro": ""}, "a distribution in lower case", "''", "os_distro=DISTRIBUTION"),
        ({"os_distro": None}, "a distribution in lower case", "not set", "os_distro=DISTRIBUTION"),
    ],
    "scs-0102-prop-os_purpose": [
        ({"os_purpose": "desktop"}, "'generic', 'gpu', 'k8snode'", "'desktop'", "os_purpose=PURPOSE"),
        ({"os_purpose": "Generic"}, "'generic'", "'Generic'", "os_purpose=PURPOSE"),
        ({"os_purpose": None}, "'generic'", "not set", "os_purpose=PURPOSE"),
    ],
    "scs-0102-prop-hw_disk_bus": [({"hw_disk_bus": "virtio "}, "'virtio'", "'virtio '", "hw_disk_bus=scsi")],
    "scs-0102-prop-hypervisor_type": [
        ({"hypervisor_type": "bhyve"}, "'qemu'", "'bhyve'", "openstack image unset --property hypervisor_type"),
    ],
    "scs-0102-prop-hw_rng_model": [({"hw_rng_model": "egd"}, "'virtio' or not set", "'egd'", "hw_rng_model=virtio")],
    "scs-0102-prop-image_build_date": [
        ({"image_build_date": "2026-02-30"}, "YYYY-MM-DD", "'2026-02-30'", "image_build_date=YYYY-MM-DD"),
        ({"image_build_date": None}, "YYYY-MM-DD", "not set", "image_build_date=YYYY-MM-DD"),
        ({"image_build_date": "2026-06-14"}, "not after 2026-06-13 12:00:00 UTC", "2026-06-14 00:00:00 UTC", "=YYYY"),
        ({"image_build_date": "2026-06-16"}, "not after 2026-06-15 12:00:00 UTC", "2026-06-16 00:00:00 UTC", "=YYYY"),
    ],
    "scs-0102-prop-image_original_user": [
        ({"image_original_user": ""}, "the default user, or 'none'", "''", "image_original_user=USER"),
        ({"image_original_user": None}, "the default user, or 'none'", "not set", "image_original_user=USER"),
    ],
    "scs-0102-prop-image_source": [
        ({"image_source": "somewhere"}, "'private' or a URL", "'somewhere'", "image_source=URL"),
        ({"image_source": "Private"}, "'private' or a URL", "'Private'", "image_source=URL"),
        ({"image_source": None}, "'private' or a URL", "not set", "image_source=URL"),
    ],
    "scs-0102-prop-image_description": [
        ({"image_description": ""}, "a URL or a text", "''", "image_description=URL_OR_TEXT"),
        ({"image_description": None}, "a URL or a text", "not set", "image_description=URL_OR_TEXT"),
    ],
    "scs-0102-prop-replace_frequency": [
        ({"replace_frequency": "sometimes"}, "'critical_bug', 'daily'", "'sometimes'", "replace_frequency=FREQUENCY"),
        ({"replace_frequency": None}, "'yearly'", "not set", "replace_frequency=FREQUENCY"),
    ],
    "scs-0102-prop-provided_until": [
        ({"provided_until": ""}, "none, notice or YYYY-MM-DD", "''", "provided_until=YYYY-MM-DD"),
        ({"provided_until": None}, "none, notice or YYYY-MM-DD", "not set", "provided_until=YYYY-MM-DD"),
    ],
    "scs-0102-prop-uuid_validity": [
        ({"uuid_validity": "last"}, "none, last-N", "'last'", "uuid_validity=VALIDITY"),
        ({"uuid_validity": ""}, "none, last-N", "''", "uuid_validity=VALIDITY"),
    ],
    "scs-0102-prop-hotfix_hours": [({"hotfix_hours": "soon"}, "a number of hours", "'soon'", "hotfix_hours=HOURS")],
    "scs-0102-image-recency": [
        (OLD, "a newer build by 2026-01-04 (monthly", "built 2025-12-01 00:00 UTC", "openstack image create --public"),
    ],
}
RECENCY = "scs-0102-image-recency"
UNIQUENESS = "scs-0102-os_purpose-uniqueness"
TESTCASES = (*BROKEN, UNIQUENESS)

#: Nothing is right with it.
RUBBISH = {
    **dict.fromkeys(("architecture", "os_distro", "os_version", "image_build_date", "replace_frequency"), "rubbish"),
    **dict.fromkeys(("os_purpose", "hw_disk_bus", "hypervisor_type", "hw_rng_model", "hotfix_hours"), "rubbish"),
    **dict.fromkeys(("image_source", "uuid_validity"), "rubbish"),
    **dict.fromkeys(("image_original_user", "image_description", "provided_until"), ""),
    "os_hash_algo": "md5",
    "min_disk": 0,
    "min_ram": 0,
}


def built(day: str, **properties: Any) -> dict[str, Any]:
    """Properties of an image that was built and registered on a day."""
    return {"image_build_date": day, "created_at": f"{day}T01:00:00Z", **properties}


def test_conforming_images_pass(passes: Any) -> None:
    passes(TESTCASES, "scs-0102")


def test_each_broken_property_is_named_with_its_image_and_no_other(
    judge: Any, state: CloudState, add_image: Any
) -> None:
    offenders = {
        testcase: {add_image(f"bad-{testcase}-{number}", **case[0]): case for number, case in enumerate(cases)}
        for testcase, cases in BROKEN.items()
    }
    twins = {add_image(f"twin-{number}", os_distro="fedora", os_version="42", os_purpose="generic") for number in "12"}
    # Nobody may judge these.
    add_image("hidden", os_hidden=True, **RUBBISH)
    add_image("mine", visibility="private", owner=state.project_id, **RUBBISH)
    add_image("of somebody else", visibility="community", **RUBBISH)
    add_image("shared by somebody else", visibility="shared", _member_status="accepted", **RUBBISH)
    # Outdated, but replaced, or never to be replaced.
    add_image("Ubuntu 24.04 20251201", **OLD)
    add_image("Ubuntu 24.04 (20251201)", **OLD)
    add_image("Ubuntu 24.04 (20251201-1797)", **OLD)
    add_image("unchanging", replace_frequency="never", **OLD)
    add_image("no longer promised", provided_until="none", **OLD)
    run = judge(state)
    assert run.ret == 1
    # The dropped testcase of scs-0101 wants the same device.
    assert run.failed == {*TESTCASES, "scs-0101-image-property"}
    assert run.named("scs-0101-image-property") == set(offenders["scs-0102-prop-hw_rng_model"])

    for testcase, images in offenders.items():
        assert run.named(testcase) == set(images), testcase
        for image, (_, expected, observed, hint) in images.items():
            found = [entry for entry in run.violations(testcase) if entry.uuid == image and expected in entry.expected]
            assert found, (testcase, run.messages(testcase))
            assert found[0].resource.startswith(f"image bad-{testcase}-"), testcase
            assert observed in found[0].found, (testcase, found)
            # Many that are mended alike have one loop.
            mends = [found[0].hint] if found[0].hint else [line for line in run.messages(testcase) if "mend:" in line]
            assert any(hint in mend and image in mend for mend in mends), (testcase, found)

    (found,) = run.violations(UNIQUENESS)
    assert run.named(UNIQUENESS) == twins
    assert found.resource == "generic image of fedora 42 x86_64"
    assert found.expected == "one image"
    assert all(image in found.found for image in twins)
    assert found.hint.startswith("openstack image set --property os_purpose=oldgeneric ")


def test_images_that_only_the_text_rejects(both_judge: Any, dispute: Any, state: CloudState, add_image: Any) -> None:
    far = "2030-12-31"
    cases = [
        ("scs-0102-prop-architecture", {"architecture": "risc-v"}, "DEV-0102-1"),
        ("scs-0102-prop-hw_disk_bus", {"hw_disk_bus": None}, "DEV-0102-2"),
        ("scs-0102-prop-hypervisor_type", {"hypervisor_type": "hyper-v"}, "DEV-0102-4"),
        ("scs-0102-prop-hypervisor_type", {"hypervisor_type": "esxi"}, "DEV-0102-4"),
        ("scs-0102-prop-uuid_validity", {"uuid_validity": None}, "DEV-0102-5"),
        ("scs-0102-prop-uuid_validity", {"uuid_validity": "2027-1-1"}, "DEV-0102-15"),
        ("scs-0102-prop-uuid_validity", {"uuid_validity": "2027-06-01  07:00"}, "DEV-0102-15"),
        ("scs-0102-prop-uuid_validity", {"uuid_validity": "last-\u0663"}, "DEV-0102-23"),
        ("scs-0102-prop-uuid_validity", {"uuid_validity": "last-0"}, "DEV-0102-28"),
        ("scs-0102-prop-provided_until", {"provided_until": "soon"}, "DEV-0102-6"),
        ("scs-0102-prop-os_purpose", {"os_purpose": "oldgeneric"}, "DEV-0102-7"),
        (RECENCY, built("2026-03-08", replace_frequency="quarterly", provided_until=far), "DEV-0102-11"),
        (RECENCY, built("2025-06-01", replace_frequency="yearly", provided_until=far), "DEV-0102-11"),
        (RECENCY, OLD | {"provided_until": "notice"}, "DEV-0102-12"),
        (RECENCY, OLD | {"provided_until": "2026-06-15"}, "DEV-0102-13"),
        (RECENCY, OLD | {"name": "Ubuntu 24.04 LTS"}, "DEV-0102-14"),
        ("scs-0102-prop-image_build_date", {"image_build_date": "2026-6-12"}, "DEV-0102-15"),
        ("scs-0102-prop-image_source", {"image_source": "https:///noble.img"}, "DEV-0102-16"),
        ("scs-0102-prop-os_distro", {"os_distro": "Ubuntu"}, "DEV-0102-18"),
        ("scs-0102-prop-os_version", {"os_version": "noble"}, "DEV-0102-18"),
        ("scs-0102-prop-hotfix_hours", {"hotfix_hours": "\uff14\uff18"}, "DEV-0102-23"),
        ("scs-0102-prop-hash_algo", {"os_hash_value": None}, "DEV-0102-24"),
        ("scs-0102-prop-min_disk", {"virtual_size": 9 * GIB}, "DEV-0102-25"),
        ("scs-0102-prop-image_description", {"image_description": "   "}, "DEV-0102-26"),
    ]
    disputes = [
        dispute(testcase, add_image(**{"name": f"disputed-{number}"} | properties), "text", row)
        for number, (testcase, properties, row) in enumerate(cases)
    ]
    # Twins for the text, which sees no difference in the spelling; only that the spelling is wrong.
    fedora = {"os_version": "42", "os_purpose": "generic"}
    add_image("twin", os_distro="fedora", **fedora)
    disputes.append(
        dispute("scs-0102-prop-os_distro", add_image("other", os_distro="Fedora", **fedora), "text", "DEV-0102-18")
    )
    disputes.append(dispute(UNIQUENESS, "", "text", "DEV-0102-30"))
    both_judge(state, disputes, "-m", "scs_0102", scope="iaas-v5.1", ret=(0, 1))


def test_images_that_only_the_official_suite_rejects(
    both_judge: Any, dispute: Any, state: CloudState, add_image: Any
) -> None:
    own = {"visibility": "community", "owner": state.project_id}
    fedora = {"os_distro": "fedora", "os_version": "42", "os_purpose": "generic"}
    cases = [
        ("scs-0102-prop-architecture", {"architecture": "riscv64"}, "DEV-0102-1"),
        ("scs-0102-prop-hw_disk_bus", {"hw_disk_bus": "ide"}, "DEV-0102-3"),
        ("scs-0102-prop-hypervisor_type", {"hypervisor_type": "hyperv"}, "DEV-0102-4"),
        ("scs-0102-prop-hypervisor_type", {"hypervisor_type": "vmware"}, "DEV-0102-4"),
        (RECENCY, built("2026-06-06", replace_frequency="weekly"), "DEV-0102-11"),
        (RECENCY, built("2026-06-13", replace_frequency="daily"), "DEV-0102-11"),
        ("scs-0102-prop-image_source", {"image_source": "HTTPS://example.org/noble.img"}, "DEV-0102-16"),
        ("scs-0102-prop-replace_frequency", {"replace_frequency": "sometimes"} | own, "DEV-0102-17"),
        ("scs-0102-prop-image_original_user", {"image_original_user": "", "status": "deactivated"}, "DEV-0102-17"),
        ("scs-0102-prop-hotfix_hours", {"hotfix_hours": "0.5"}, "DEV-0102-27"),
        ("scs-0102-prop-image_build_date", {"image_build_date": "1970-01-01"}, "DEV-0102-20"),
        ("scs-0102-prop-uuid_validity", {"uuid_validity": "1970-01-01"}, "DEV-0102-20"),
        (RECENCY, OLD | {"provided_until": "1970-01-01"}, "DEV-0102-20"),
        (RECENCY, OLD | {"name": "Ubuntu 24.04-20251201"}, "DEV-0102-14"),
        (RECENCY, OLD | {"created_at": "2026-06-13T12:00:00Z"}, "DEV-0102-29"),
    ]
    disputes = [
        dispute(testcase, add_image(**{"name": f"disputed-{number}"} | properties), "official", row)
        for number, (testcase, properties, row) in enumerate(cases)
    ]
    add_image("twin", **fedora)
    add_image("twin that nobody can use", status="deactivated", **fedora)
    disputes.append(dispute(UNIQUENESS, "", "official", "DEV-0102-30"))
    both_judge(state, disputes, "-m", "scs_0102", scope="iaas-v5.1", ret=(1, 0))


def test_old_generic_image_is_fine_where_the_second_version_asks(judge: Any, state: CloudState, add_image: Any) -> None:
    add_image("former", os_purpose="oldgeneric")
    run = judge(state, "-m", "scs_0102", scope="iaas-next")
    assert run.ret == 0
    assert run.verdicts["scs-0102-prop-os_purpose"] == "PASS"
    assert run.differing == {}


def test_what_makes_the_official_suite_crash_is_judged(judge: Any, state: CloudState, add_image: Any) -> None:
    add_image("still importing", size=None, virtual_size=None)
    nameless = add_image(None)
    add_image(None)
    forgotten = add_image("forgotten", provided_until=None, **OLD)
    unknown = add_image(None, architecture="x86")
    run = judge(state, "-m", "scs_0102", scope="iaas-v5.1")
    assert run.failed == {RECENCY, "scs-0102-prop-provided_until", "scs-0102-prop-architecture"}
    assert run.differing == {}
    assert [found.uuid for found in run.violations(RECENCY)] == [forgotten]
    for testcase, label, row in (
        ("scs-0102-prop-min_disk", "image still importing", "DEV-0102-8"),
        ("scs-0102-prop-architecture", f"image {unknown}", "DEV-0102-22"),
        (RECENCY, "images", "DEV-0102-22"),
        (RECENCY, "image forgotten", "DEV-0102-9"),
    ):
        remarks = [
            line for line in run.remarks(testcase) if line.startswith(f"{label}: ") and line.endswith(f"({row})")
        ]
        assert len(remarks) == 1, (testcase, run.messages(testcase))
        assert "ABORT" in remarks[0], remarks
    assert nameless in next(line for line in run.remarks(RECENCY) if line.startswith("images: "))


def test_cloud_without_images_passes_with_a_warning(judge: Any, state: CloudState) -> None:
    state.images.clear()
    run = judge(state, "-m", "scs_0102", scope="iaas-v5.1")
    assert run.ret == 0
    for testcase in TESTCASES:
        assert run.verdicts[testcase] == "PASS", testcase
        assert run.messages(testcase) == ["not applicable: 0 images examined"], testcase


def test_unreadable_images_are_no_verdict(aborts: Any) -> None:
    aborts(TESTCASES, reads="images")
