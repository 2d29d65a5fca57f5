# SPDX-License-Identifier: Apache-2.0
"""Sections that probes write: as they were recorded, by earlier versions too, and in every other shape."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.base.fields import FormError
from pytest_scs.standards.iaas.guest_report import GuestReading, GuestReport
from pytest_scs.standards.iaas.key_manager import RefusedStep, SecretRoundtrip
from pytest_scs.standards.iaas.new_security_group import NewGroupRules
from pytest_scs.standards.iaas.security_groups import GroupRule
from pytest_scs.standards.iaas.volume_backup import BackupContent, BackupStep, VolumeBackup, VolumeHash

Plain = dict[str, Any]

TEMPLATE_RULE: Plain = {
    "id": "t",
    "direction": "ingress",
    "ethertype": "IPv4",
    "protocol": "tcp",
    "port_range_min": 22,
    "port_range_max": 23,
    "remote_group_id": "PARENT",
    "remote_ip_prefix": "10.0.0.0/8",
    "remote_address_group_id": "77aa",
    "used_in_default_sg": True,
    "used_in_non_default_sg": False,
    "description": "",
}
RULE: Plain = {
    "id": "e",
    "direction": "egress",
    "ethertype": "IPv6",
    "security_group_id": "6c6c",
    "protocol": None,
    "port_range_min": None,
    "port_range_max": None,
}
REPORT: Plain = {
    "entropy_avail": "256",
    "fips": [{"blocks": 1000, "failures": 1, "tests": {"poker": 1}}],
    "rngd": {"unit": "rngd", "loaded": True, "active": False},
    "processors": {"count": 2, "with_instructions": 1, "instructions": ["rdrand"], "model": "EPYC"},
    "machine": "x86_64",
    "kernel": "6.8.0",
    "distro": "Ubuntu 24.04",
    "hwrng": "",
    "seconds": 7,
    "problems": {"other": "why"},
    "place": "SCS-1V-4, Ubuntu, zone nova",
    "by_disk": True,
}
GUEST: Plain = {
    "report": REPORT,
    "image": {"name": "Ubuntu 24.04", "id": "i-1"},
    "flavor": "SCS-1V-4",
    "zone": "nova",
    "seconds": 61.5,
}
STEP: Plain = {
    "step": "create a volume",
    "resource": "volume v",
    "status": "error",
    "seconds": 9,
    "ok": False,
    "reason": "no",
}
HASH: Plain = {"resource": "volume v", "algorithm": "sha512", "hash": "abc"}

#: Section -> how it is read, and a record in which every key has a value.
SECTIONS: dict[str, tuple[Callable[[Any], Any], Plain]] = {
    "default_group_rules": (
        NewGroupRules.from_plain,
        {"template": [TEMPLATE_RULE], "custom": [RULE], "custom_problem": "none", "default": [RULE]},
    ),
    "secret_roundtrip": (
        SecretRoundtrip.from_plain,
        {
            "offered": True,
            "refused": {"step": "delete", "answer": "403"},
            "listed": False,
            "stored": "foo",
            "payload": "bar",
        },
    ),
    "volume_backup": (VolumeBackup.from_plain, {"steps": [STEP]}),
    "guest": (GuestReading.from_plain, GUEST),
    "backup_content": (BackupContent.from_plain, {"original": HASH, "restored": HASH, "seconds": 70.1}),
}

#: What may be absent: older evidence lacks it, or the cloud does not tell it.
OPTIONAL = {
    "default_group_rules": {
        "custom_problem",
        *(
            f"{rules}[0].{key}"
            for rules in ("template", "custom", "default")
            for key in (
                "remote_group_id",
                "remote_ip_prefix",
                "remote_address_group_id",
                "description",
            )
        ),
    },
    "secret_roundtrip": set(),
    "volume_backup": set(),
    "guest": {
        "zone",
        "image.name",
        *(f"report.{key}" for key in ("fips", "rngd", "processors", "place", "by_disk")),
        "report.processors.instructions",
        "report.fips[0].tests.poker",
        "report.problems.other",
    },
    "backup_content": set(),
}


def paths(data: Any, before: str = "") -> Iterator[str]:
    """Where the keys of a record stand, as messages name them."""
    if isinstance(data, dict):
        for key, value in data.items():
            path = f"{before}.{key}" if before else key
            yield path
            yield from paths(value, path)
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from paths(value, f"{before}[{number}]")


def holder(data: Any, path: str) -> tuple[Plain, str]:
    """The mapping in which the last key of a path stands, and that key."""
    *way, last = path.replace("[", ".[").split(".")
    for part in way:
        data = data[int(part[1:-1])] if part.startswith("[") else data[part]
    return data, last


KEYS = [(section, path) for section, (_, plain) in SECTIONS.items() for path in paths(plain)]


# A rule without security_group_id is one of the template, which has other keys.
@pytest.mark.parametrize(("section", "path"), [one for one in KEYS if not one[1].endswith("security_group_id")])
def test_absent_key_is_named_unless_it_may_be_absent(section: str, path: str) -> None:
    read, plain = SECTIONS[section]
    changed = json.loads(json.dumps(plain))
    mapping, key = holder(changed, path)
    del mapping[key]
    if path in OPTIONAL[section]:
        read(changed)
    else:
        with pytest.raises(FormError, match=rf"{key}: expected .*, got nothing$") as caught:
            read(changed)
        assert str(caught.value).startswith(section)


@pytest.mark.parametrize(("section", "path"), [one for one in KEYS if not one[1].endswith("description")])
def test_value_of_another_type_is_named_with_its_place(section: str, path: str) -> None:
    read, plain = SECTIONS[section]
    changed = json.loads(json.dumps(plain))
    mapping, key = holder(changed, path)
    mapping[key] = 1.5j
    with pytest.raises(FormError, match=r"got something else$") as caught:
        read(changed)
    # A rule is named before what is wrong with it.
    assert re.sub(r": rule( \(id \w\))?: ", ".", str(caught.value)).startswith(f"{section}.{path}: expected ")


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("data", [None, [], "text", 7])
def test_section_that_is_no_mapping_is_refused(section: str, data: Any) -> None:
    with pytest.raises(ValueError, match=f"^{section}: expected an object, got "):
        SECTIONS[section][0](data)


@pytest.mark.parametrize("section", SECTIONS)
def test_keys_of_later_versions_are_left_alone(section: str) -> None:
    read, plain = SECTIONS[section]
    assert read({**plain, "later": 1}) == read(plain)


# -- values -----------------------------------------------------------------------------------------------------------


def test_rules_are_read_as_they_were_recorded() -> None:
    plain = SECTIONS["default_group_rules"][1]
    template = GroupRule("t", "ingress", "IPv4", "tcp", 22, 23, "PARENT", "10.0.0.0/8", "77aa", True, False)
    born = GroupRule("e", "egress", "IPv6", security_group_id="6c6c")
    assert NewGroupRules.from_plain(plain) == NewGroupRules((template,), (born,), (born,), "none")


@pytest.mark.parametrize("key", ["template", "custom", "default"])
def test_rules_that_are_not_there_are_told_from_none_at_all(key: str) -> None:
    plain = SECTIONS["default_group_rules"][1]
    assert getattr(NewGroupRules.from_plain({**plain, key: None}), key) is None
    assert getattr(NewGroupRules.from_plain({**plain, key: []}), key) == ()


def test_neither_template_nor_new_group_is_no_evidence() -> None:
    with pytest.raises(ValueError, match="neither a template nor the rules of a new group"):
        NewGroupRules.from_plain({"template": None, "custom": None, "default": []})


@pytest.mark.parametrize(("told", "read"), [(None, None), ("", ""), ("icmp", "icmp"), (6, "6"), (0, "0")])
def test_protocol_may_be_a_number(told: Any, read: str | None) -> None:
    rule = GroupRule.from_plain({**RULE, "protocol": told})
    assert rule.protocol == read
    assert "egress IPv6 " in str(rule)


def test_steps_are_read_as_they_were_recorded() -> None:
    read = VolumeBackup.from_plain({"steps": [STEP, {**STEP, "seconds": 9.5}]})
    first = BackupStep("create a volume", "volume v", "error", 9, ok=False, reason="no")
    assert read.steps == (first, dataclasses.replace(first, seconds=9.5))
    assert VolumeBackup.from_plain({"steps": []}) == VolumeBackup(())


def test_hashes_that_the_image_service_does_not_give_are_empty() -> None:
    nothing = {**HASH, "algorithm": None, "hash": None}
    read = BackupContent.from_plain({"original": HASH, "restored": nothing, "seconds": 1})
    assert read == BackupContent(VolumeHash("volume v", "sha512", "abc"), VolumeHash("volume v", "", ""), 1)


def test_secret_is_read_as_it_was_recorded() -> None:
    plain = SECTIONS["secret_roundtrip"][1]
    refused = RefusedStep("delete", "403")
    assert SecretRoundtrip.from_plain(plain) == SecretRoundtrip(True, refused, False, "foo", "bar")
    without = SecretRoundtrip.from_plain({**plain, "refused": None, "payload": None})
    assert (without.refused, without.payload) == (None, None)


def test_guest_is_read_as_it_was_recorded() -> None:
    read = GuestReading.from_plain(GUEST)
    assert read == GuestReading(GuestReport.from_plain(REPORT), "Ubuntu 24.04", "SCS-1V-4", "nova", 61.5)
    assert (read.report.place, read.report.by_disk) == ("SCS-1V-4, Ubuntu, zone nova", True)
    nameless = GuestReading.from_plain({**GUEST, "image": {"name": None, "id": "i-1"}, "zone": None})
    assert (nameless.image, nameless.zone) == ("i-1", "")


def test_guest_of_an_earlier_version_reported_by_its_console() -> None:
    report = {key: value for key, value in REPORT.items() if key not in ("by_disk", "place")}
    read = GuestReading.from_plain({**GUEST, "report": report}).report
    assert (read.place, read.by_disk) == ("sample VM", False)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"failures": -1}, "report.fips[0].failures: expected an integer from 0 to 1000, got the number -1"),
        ({"failures": 1001}, "report.fips[0].failures: expected an integer from 0 to 1000, got the number 1001"),
        ({"blocks": -1}, "report.fips[0].blocks: expected an integer from 0 to 1000000000, got the number -1"),
        ({"tests": {"poker": -4}}, "report.fips[0].tests.poker: expected an integer from 0 to 1000, got the number -4"),
    ],
)
def test_measurement_with_impossible_counts_is_none(changes: Plain, words: str) -> None:
    run = {**REPORT["fips"][0], **changes}
    with pytest.raises(ValueError, match=re.escape(words)):
        GuestReport.from_plain({**REPORT, "fips": [run]})


TEXT = st.text(max_size=20)
RUNS = st.fixed_dictionaries(
    {"blocks": st.integers(2, 10**9), "failures": st.integers(0, 2), "tests": st.just({"runs": 2})}
)
REPORTS = st.fixed_dictionaries(
    {
        **dict.fromkeys(("entropy_avail", "machine", "kernel", "distro", "hwrng", "place"), TEXT),
        "fips": st.lists(RUNS, max_size=2),
        "rngd": st.none() | st.just(REPORT["rngd"]),
        "processors": st.none() | st.just(REPORT["processors"]),
        "seconds": st.floats(0, 1e6) | st.integers(0, 1000),
        "problems": st.dictionaries(TEXT, TEXT, max_size=2),
        "by_disk": st.booleans(),
    }
)


@given(REPORTS)
def test_report_that_is_recorded_and_read_again_is_the_same(plain: Plain) -> None:
    report = GuestReport.from_plain(plain)
    again = json.loads(json.dumps(dataclasses.asdict(report)))
    assert again == plain
    assert GuestReport.from_plain(again) == report


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                **dict.fromkeys(("step", "resource", "status", "reason"), TEXT),
                "seconds": st.floats(0, 1e6) | st.integers(0, 1000),
                "ok": st.booleans(),
            }
        )
    )
)
def test_steps_that_are_recorded_and_read_again_are_the_same(steps: list[Plain]) -> None:
    read = VolumeBackup.from_plain({"steps": steps})
    assert json.loads(json.dumps(dataclasses.asdict(read))) == {"steps": steps}
