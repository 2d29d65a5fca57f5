# SPDX-License-Identifier: Apache-2.0
"""One property of one image at a time (scs-0102-v1 and -v2)."""

from __future__ import annotations

import datetime as dt
import re
import shlex
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.core.findings import Basis, Finding, Observation, Remark, Undecided
from pytest_scs.core.judge import Judge
from pytest_scs.standards.iaas import image_metadata as metadata
from pytest_scs.standards.iaas import image_promises as promises
from pytest_scs.standards.iaas.image_rules import narrowed
from pytest_scs.standards.iaas.model import Image

NOW = dt.datetime(2026, 6, 15, 12, 0, 0, tzinfo=dt.UTC)
UUID = "6f1d3a52-8a4e-4b57-9c39-0a8c7c1f7b11"
GIB = 1 << 30

CONFORMANT: dict[str, Any] = {
    "id": UUID,
    "name": "Ubuntu 24.04",
    "visibility": "public",
    "status": "active",
    "os_hidden": False,
    "size": 2 * GIB,
    "virtual_size": 10 * GIB,
    "min_disk": 10,
    "min_ram": 512,
    "created_at": "2026-06-02T10:11:12Z",
    "architecture": "x86_64",
    "os_hash_algo": "sha512",
    "os_hash_value": "0f" * 64,
    "os_version": "24.04",
    "os_distro": "ubuntu",
    "os_purpose": "generic",
    "hw_disk_bus": "scsi",
    "hypervisor_type": "qemu",
    "hw_rng_model": "virtio",
    "image_build_date": "2026-06-01",
    "image_original_user": "ubuntu",
    "image_source": "https://cloud-images.ubuntu.com/releases/noble/ubuntu.img",
    "image_description": "https://ubuntu.com/",
    "replace_frequency": "monthly",
    "provided_until": "2027-01-01",
    "uuid_validity": "last-3",
    "hotfix_hours": "48",
}

Check = Callable[[Image], Iterator[Observation]]
CHECKS: dict[str, Check] = {
    "architecture": metadata.check_architecture,
    "hash_algo": metadata.check_hash_algo,
    "min_disk": metadata.check_min_disk,
    "min_ram": metadata.check_min_ram,
    "os_version": metadata.check_os_version,
    "os_distro": metadata.check_os_distro,
    "os_purpose": partial(metadata.check_os_purpose, v1_only=False),
    "os_purpose v1": partial(metadata.check_os_purpose, v1_only=True),
    "hw_disk_bus": metadata.check_hw_disk_bus,
    "hypervisor_type": metadata.check_hypervisor_type,
    "hw_rng_model": metadata.check_hw_rng_model,
    "image_build_date": partial(promises.check_image_build_date, now=NOW),
    "image_original_user": promises.check_image_original_user,
    "image_source": promises.check_image_source,
    "image_description": promises.check_image_description,
    "replace_frequency": promises.check_replace_frequency,
    "provided_until": promises.check_provided_until,
    "uuid_validity": promises.check_uuid_validity,
    "hotfix_hours": promises.check_hotfix_hours,
}

ABSENT = object()


def image(**changes: Any) -> Image:
    return Image({key: value for key, value in (CONFORMANT | changes).items() if value is not ABSENT})


def findings(observations: Iterator[Observation]) -> list[Finding]:
    return [entry for entry in observations if isinstance(entry, Finding)]


def remarks(observations: Iterator[Observation]) -> list[Remark]:
    return [entry for entry in observations if isinstance(entry, Remark)]


def judged(check: str, **changes: Any) -> str:
    """How the judges see it: `both`, `official`, `text` for who rejects it, `fine` if nobody does."""
    found = findings(CHECKS[check](image(**changes)))
    official = any(entry.basis.concerns(Judge.OFFICIAL) for entry in found)
    text = any(entry.basis.concerns(Judge.TEXT) for entry in found)
    return {(True, True): "both", (True, False): "official", (False, True): "text", (False, False): "fine"}[
        official, text
    ]


def rows(check: str, **changes: Any) -> set[str]:
    return {entry.deviation for entry in findings(CHECKS[check](image(**changes)))}


# property, value, who rejects it, row of the list of deviations
VALUES: list[tuple[str, Any, str, str]] = [
    ("architecture", "x86_64", "fine", ""),
    ("architecture", "aarch64", "fine", ""),
    ("architecture", "risc-v", "text", "DEV-0102-1"),
    *[("architecture", value, "official", "DEV-0102-1") for value in ("riscv64", "ppc64le", "s390x")],
    *[("architecture", value, "both", "") for value in ("amd64", "X86_64", "x86_64 ", "", None, ABSENT, ["x86_64"])],
    ("os_version", "24.04", "fine", ""),
    ("os_version", "12", "fine", ""),
    ("os_version", "9.4.1", "fine", ""),
    ("os_version", "noble", "text", "DEV-0102-18"),
    ("os_version", "24.04 LTS", "text", "DEV-0102-18"),
    ("os_version", "24.", "text", "DEV-0102-18"),
    ("os_version", "24.04\n", "text", "DEV-0102-18"),
    *[("os_version", value, "both", "") for value in ("", None, ABSENT)],
    ("os_distro", "ubuntu", "fine", ""),
    ("os_distro", "flatcar", "fine", ""),
    ("os_distro", "talos", "fine", ""),
    ("os_distro", "almalinux", "fine", ""),
    ("os_distro", "alma", "fine", ""),
    ("os_distro", "Ubuntu", "text", "DEV-0102-18"),
    ("os_distro", "canonical", "text", "DEV-0102-18"),
    ("os_distro", "org.debian", "text", "DEV-0102-18"),
    ("os_distro", "com.microsoft.server", "text", "DEV-0102-18"),
    ("os_distro", "suse", "text", "DEV-0102-18"),
    ("os_distro", "Talos", "text", "DEV-0102-18"),
    ("os_distro", "ubuntu ", "text", "DEV-0102-18"),
    ("os_distro", " ", "text", "DEV-0102-18"),
    *[("os_distro", value, "both", "") for value in ("", None, ABSENT)],
    *[("os_purpose", value, "fine", "") for value in ("generic", "minimal", "k8snode", "gpu", "network", "custom")],
    ("os_purpose", "oldgeneric", "fine", ""),
    ("os_purpose", "Generic", "both", ""),
    ("os_purpose", "desktop", "both", ""),
    ("os_purpose", "", "both", ""),
    ("os_purpose", ABSENT, "both", ""),
    ("hw_disk_bus", "virtio", "fine", ""),
    ("hw_disk_bus", "scsi", "fine", ""),
    ("hw_disk_bus", ABSENT, "text", "DEV-0102-2"),
    ("hw_disk_bus", None, "text", "DEV-0102-2"),
    *[("hw_disk_bus", bus, "official", "DEV-0102-3") for bus in ("ide", "sata", "usb", "fdc", "xen", "uml", "lxc")],
    ("hw_disk_bus", "virtio ", "both", ""),
    ("hw_disk_bus", "nvme", "both", ""),
    ("hw_disk_bus", "", "both", ""),
    *[("hypervisor_type", value, "fine", "") for value in (ABSENT, "qemu", "kvm", "xen")],
    *[("hypervisor_type", value, "text", "DEV-0102-4") for value in ("hyper-v", "esxi")],
    *[("hypervisor_type", value, "official", "DEV-0102-4") for value in ("hyperv", "vmware", "ironic", "lxc", "uml")],
    ("hypervisor_type", "KVM", "both", ""),
    ("hypervisor_type", "", "both", ""),
    ("hw_rng_model", ABSENT, "fine", ""),
    ("hw_rng_model", "virtio", "fine", ""),
    ("hw_rng_model", "virtio-rng", "both", ""),
    ("hw_rng_model", "", "both", ""),
    ("min_ram", 512, "fine", ""),
    ("min_ram", 64, "fine", ""),
    ("min_ram", 1, "fine", ""),
    ("min_ram", "512", "fine", ""),
    ("min_ram", 0, "both", ""),
    ("min_ram", None, "both", ""),
    ("min_ram", ABSENT, "both", ""),
    ("min_ram", "much", "both", ""),
]


@pytest.mark.parametrize(("key", "value", "rejected_by", "row"), VALUES)
def test_a_property_value_is_judged_by_suite_and_text(key: str, value: Any, rejected_by: str, row: str) -> None:
    assert judged(key, **{key: value}) == rejected_by
    assert rows(key, **{key: value}) == ({row} if rejected_by != "fine" else set())


@pytest.mark.parametrize("check", CHECKS)
def test_a_conformant_image_gives_rise_to_nothing(check: str) -> None:
    assert list(CHECKS[check](image())) == []


@pytest.mark.parametrize(
    ("value", "expected_v1", "expected_v2"),
    [("oldgeneric", "text", "fine"), ("generic", "fine", "fine"), ("OldGeneric", "both", "both")],
)
def test_oldgeneric_is_unknown_to_the_text_of_version_1(value: str, expected_v1: str, expected_v2: str) -> None:
    assert judged("os_purpose v1", os_purpose=value) == expected_v1
    assert judged("os_purpose", os_purpose=value) == expected_v2
    assert expected_v1 != "text" or rows("os_purpose v1", os_purpose=value) == {"DEV-0102-7"}


@pytest.mark.parametrize(
    ("algorithm", "value", "rejected_by"),
    [
        ("sha256", "0f" * 32, "fine"),
        ("sha512", "0F" * 64, "fine"),
        ("sha512", "", "text"),
        ("sha512", ABSENT, "text"),
        ("sha512", "0f" * 20, "text"),
        ("sha512", "xy" * 64, "text"),
        ("md5", "0f" * 64, "both"),
        ("SHA512", "0f" * 64, "both"),
        (None, None, "both"),
        (ABSENT, ABSENT, "both"),
    ],
)
def test_the_hash_is_of_a_known_kind_and_for_the_text_present(algorithm: Any, value: Any, rejected_by: str) -> None:
    assert judged("hash_algo", os_hash_algo=algorithm, os_hash_value=value) == rejected_by
    if rejected_by == "text":
        assert rows("hash_algo", os_hash_algo=algorithm, os_hash_value=value) == {"DEV-0102-24"}


@pytest.mark.parametrize(
    ("min_disk", "size", "virtual_size", "rejected_by", "hint"),
    [
        (10, 2 * GIB, 10 * GIB, "fine", None),
        (10, 10 * GIB, None, "fine", None),
        (10, 10 * GIB + 1, None, "both", "--min-disk 11"),
        (10, 2 * GIB, 10 * GIB + 1, "text", "--min-disk 11"),
        (10, 10 * GIB + 1, 20 * GIB, "both", "--min-disk 20"),
        (0, 2 * GIB, 10 * GIB, "both", "--min-disk 10"),
        (0, 1, None, "both", "--min-disk 1"),
        (0, None, None, "both", "--min-disk 1"),
        (None, 2 * GIB, None, "both", "--min-disk 2"),
        (ABSENT, 2 * GIB, None, "both", "--min-disk 2"),
        (-1, 2 * GIB, None, "both", "--min-disk 2"),
        ("10", 2 * GIB, None, "fine", None),
        ("ten", 2 * GIB, None, "both", "--min-disk 2"),
        (10.0, 2 * GIB, None, "fine", None),
        (True, 1, None, "both", "--min-disk 1"),
    ],
)
def test_min_disk_holds_the_image(
    min_disk: Any, size: int | None, virtual_size: int | None, rejected_by: str, hint: str | None
) -> None:
    changes = {"min_disk": min_disk, "size": size, "virtual_size": virtual_size}
    assert judged("min_disk", **changes) == rejected_by
    assert rejected_by != "text" or rows("min_disk", **changes) == {"DEV-0102-25"}
    assert [entry.hint for entry in findings(CHECKS["min_disk"](image(**changes)))] == (
        [f"openstack image set {hint} {UUID}"] if hint else []
    )


def test_an_unknown_size_is_not_compared_but_remarked() -> None:
    (remark,) = metadata.check_min_disk(image(size=None, virtual_size=None, status="queued"))
    assert isinstance(remark, Remark)
    assert remark.deviation == "DEV-0102-8"
    assert "ABORT" in remark.text


def test_no_remark_on_the_size_where_the_official_suite_fails_before_it_crashes() -> None:
    assert remarks(metadata.check_min_disk(image(size=None, min_disk=0))) == []


@pytest.mark.parametrize(("min_ram", "remarked"), [(63, 1), (64, 0)])
def test_very_little_memory_is_remarked(min_ram: int, remarked: int) -> None:
    assert len(remarks(metadata.check_min_ram(image(min_ram=min_ram)))) == remarked


@pytest.mark.parametrize(
    ("distro", "version", "rejected_by"),
    [
        ("arch", "rolling", "fine"),
        ("windows", "2022 Datacenter", "fine"),
        ("flatcar", "stable", "fine"),
        ("talos", "v1.9", "fine"),
        (ABSENT, "noble", "fine"),
        ("Ubuntu", "noble", "text"),
        ("debian", "sid", "text"),
        ("oraclelinux", "9.4", "fine"),
    ],
)
def test_versions_are_numeric_where_the_distribution_numbers_them(distro: Any, version: str, rejected_by: str) -> None:
    assert judged("os_version", os_distro=distro, os_version=version) == rejected_by


def test_a_lower_case_distribution_outside_the_vocabulary_is_remarked() -> None:
    (remark,) = remarks(metadata.check_os_distro(image(os_distro="talos")))
    assert "'talos'" in remark.text


@pytest.mark.parametrize(
    ("value", "right"),
    [
        ("Ubuntu", "ubuntu"),
        ("RedHat", "rhel"),
        ("org.opensuse", "opensuse"),
        ("UBUNTU", "ubuntu"),
        ("Suse", "opensuse"),
    ],
)
def test_the_hint_names_the_right_spelling_of_a_distribution(value: str, right: str) -> None:
    (finding,) = findings(metadata.check_os_distro(image(os_distro=value)))
    assert finding.expected == repr(right)
    assert finding.hint == f"openstack image set --property os_distro={right} {UUID}"


def test_kvm_is_accepted_with_a_remark() -> None:
    (remark,) = metadata.check_hypervisor_type(image(hypervisor_type="kvm"))
    assert isinstance(remark, Remark)


OFFENDING: dict[str, dict[str, Any]] = {
    "architecture": {"architecture": "amd64"},
    "hash_algo": {"os_hash_algo": "md5"},
    "min_disk": {"min_disk": 0},
    "min_ram": {"min_ram": 0},
    "os_version": {"os_version": ""},
    "os_distro": {"os_distro": ""},
    "os_purpose": {"os_purpose": "desktop"},
    "os_purpose v1": {"os_purpose": "desktop"},
    "hw_disk_bus": {"hw_disk_bus": "nvme"},
    "hypervisor_type": {"hypervisor_type": "KVM"},
    "hw_rng_model": {"hw_rng_model": "egd"},
    "image_build_date": {"image_build_date": "yesterday"},
    "image_original_user": {"image_original_user": ""},
    "image_source": {"image_source": "here"},
    "image_description": {"image_description": ""},
    "replace_frequency": {"replace_frequency": "often"},
    "provided_until": {"provided_until": ""},
    "uuid_validity": {"uuid_validity": "long"},
    "hotfix_hours": {"hotfix_hours": "soon"},
}


#: Where the official suite does not write the name of an offender.
WITHOUT_NAMES = {"image_build_date", "uuid_validity", "hotfix_hours"}


@pytest.mark.parametrize("check", CHECKS)
def test_a_nameless_offender_is_judged_where_the_official_suite_breaks(check: str) -> None:
    offender = image(name=None, **OFFENDING[check])
    (finding,) = findings(CHECKS[check](offender))
    assert (finding.resource, finding.basis) == (f"image {UUID}", Basis.BOTH)
    told = [(entry.resource, entry.deviation) for entry in remarks(CHECKS[check](offender))]
    assert told == ([] if check in WITHOUT_NAMES else [(f"image {UUID}", "DEV-0102-22")])
    assert list(CHECKS[check](image(name=None))) == []
    # an empty name is one
    assert remarks(CHECKS[check](image(name="", **OFFENDING[check]))) == []


def test_the_official_suite_breaks_on_little_memory_without_name_as_well() -> None:
    little, nameless = metadata.check_min_ram(image(name=None, min_ram=32))
    assert isinstance(little, Remark)
    assert isinstance(nameless, Remark)
    assert (little.deviation, nameless.deviation) == ("", "DEV-0102-22")


def test_what_only_the_text_minds_does_not_break_the_official_suite() -> None:
    assert [type(entry) for entry in CHECKS["hash_algo"](image(name=None, os_hash_value=None))] == [Finding]


SCRIPTS = st.text(st.sampled_from("0123456789\u0663\uff18\u0966\u00b2.- \n"), max_size=4)


@given(SCRIPTS)
def test_digits_are_officially_those_of_any_script_and_by_the_text_ascii(number: str) -> None:
    ascii_number = re.fullmatch("[0-9]+", number) is not None
    hours = {(True, True): "fine", (True, False): "text", (False, True): "official", (False, False): "both"}
    by_text = not number or re.fullmatch(r"[0-9]+([.][0-9]+)?", number) is not None
    assert judged("hotfix_hours", hotfix_hours=number) == hours[number.isdecimal() or not number, by_text]
    last = ascii_number and int(number) > 0
    assert judged("uuid_validity", uuid_validity=f"last-{number}") == hours[number.isdecimal(), last]


@pytest.mark.parametrize("check", CHECKS)
def test_a_finding_names_image_expectation_observation_and_a_command(check: str) -> None:
    (finding,) = findings(CHECKS[check](image(**OFFENDING[check])))
    (key, value), *_ = OFFENDING[check].items()
    assert finding.basis is Basis.BOTH
    assert finding.deviation == ""
    assert (finding.resource, finding.resource_id) == ("image Ubuntu 24.04", UUID)
    assert (finding.title.partition(":")[0], finding.rule) == (key, f"scs-0102/{key}")
    assert finding.expected
    assert finding.observed == repr(value)
    command = shlex.split(finding.hint, comments=True)
    assert command[:2] == ["openstack", "image"]
    assert command[-1] == UUID


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize(
    ("changes", "basis"),
    [
        ({"visibility": "community"}, Basis.OFFICIAL),
        ({"status": "queued"}, Basis.OFFICIAL),
        ({"status": "saving"}, Basis.OFFICIAL),
        ({"status": "importing"}, Basis.OFFICIAL),
        ({"status": "deactivated"}, Basis.OFFICIAL),
        ({"os_hidden": True}, None),
    ],
)
def test_the_text_is_only_about_active_public_images_and_nobody_sees_hidden_ones(
    check: str, changes: dict[str, Any], basis: Basis | None
) -> None:
    found = findings(CHECKS[check](image(**OFFENDING[check], **changes)))
    assert [entry.basis for entry in found] == ([basis] if basis else [])
    assert {entry.deviation for entry in found} <= {"DEV-0102-17"}


def test_what_only_the_text_minds_is_dropped_for_community_images() -> None:
    assert judged("uuid_validity", uuid_validity=ABSENT, visibility="community") == "fine"


def test_what_only_the_official_suite_minds_keeps_its_row_for_community_images() -> None:
    assert rows("hw_disk_bus", hw_disk_bus="ide", visibility="community") == {"DEV-0102-3"}


def test_an_undecided_community_image_is_undecided_for_the_official_suite_only() -> None:
    entries = [
        Undecided("image", "why"),
        Undecided("image", "why", Basis.TEXT),
        Undecided("image", "why", Basis.OFFICIAL),
    ]
    assert list(narrowed(entries)) == [entries[2], entries[2]]


def test_an_image_without_name_is_named_by_its_uuid() -> None:
    (finding,) = findings(CHECKS["min_ram"](image(min_ram=0, name=None)))
    assert finding.resource == f"image {UUID}"


def test_hints_quote_what_the_cloud_sends() -> None:
    (finding,) = findings(CHECKS["min_ram"](image(min_ram=0, id="x; rm -rf ~")))
    assert shlex.split(finding.hint)[-1] == "x; rm -rf ~"


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.sampled_from(["2026-06-01", "9999-12-31", "0001-01-01", "last-3", "https://[", "private", "-5", "9" * 5000]),
    st.lists(st.text(max_size=3), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)
PROPERTIES = st.fixed_dictionaries({}, optional={key: ANYTHING for key in CONFORMANT if key != "id"})


@given(PROPERTIES)
def test_no_property_value_makes_a_check_raise(properties: dict[str, Any]) -> None:
    for check in CHECKS.values():
        for entry in check(Image({"id": UUID} | properties)):
            assert str(entry)
