# SPDX-License-Identifier: Apache-2.0
"""The standard flavors of scs-0103-v1."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Sequence
from typing import Any

import pytest

from pytest_scs.core.findings import Basis, Finding, Observation, Remark
from pytest_scs.core.judge import Judge
from pytest_scs.standards.iaas.model import Flavor
from pytest_scs.standards.iaas.standard_flavors import STANDARD_FLAVORS, StandardFlavor, check_standard_flavor

# name, CPUs, RAM in MiB, disk in GB, scs:cpu-type, scs:disk0-type (for recommended flavors the official suite's value)
MANDATORY = [
    ("SCS-1V-4", 1, 4096, 0, "shared-core", None),
    ("SCS-2V-8", 2, 8192, 0, "shared-core", None),
    ("SCS-4V-16", 4, 16384, 0, "shared-core", None),
    ("SCS-4V-16-100s", 4, 16384, 100, "shared-core", "ssd"),
    ("SCS-8V-32", 8, 32768, 0, "shared-core", None),
    ("SCS-1V-2", 1, 2048, 0, "shared-core", None),
    ("SCS-2V-4", 2, 4096, 0, "shared-core", None),
    ("SCS-2V-4-20s", 2, 4096, 20, "shared-core", "ssd"),
    ("SCS-4V-8", 4, 8192, 0, "shared-core", None),
    ("SCS-8V-16", 8, 16384, 0, "shared-core", None),
    ("SCS-16V-32", 16, 32768, 0, "shared-core", None),
    ("SCS-1V-8", 1, 8192, 0, "shared-core", None),
    ("SCS-2V-16", 2, 16384, 0, "shared-core", None),
    ("SCS-4V-32", 4, 32768, 0, "shared-core", None),
    ("SCS-1L-1", 1, 1024, 0, "crowded-core", None),
]
RECOMMENDED = [
    ("SCS-1V-4-10", 1, 4096, 10, "shared-core", "network"),
    ("SCS-2V-8-20", 2, 8192, 20, "shared-core", "network"),
    ("SCS-4V-16-50", 4, 16384, 50, "shared-core", "network"),
    ("SCS-8V-32-100", 8, 32768, 100, "shared-core", "network"),
    ("SCS-1V-2-5", 1, 2048, 5, "shared-core", "network"),
    ("SCS-2V-4-10", 2, 4096, 10, "shared-core", "network"),
    ("SCS-4V-8-20", 4, 8192, 20, "shared-core", "network"),
    ("SCS-8V-16-50", 8, 16384, 50, "shared-core", "network"),
    ("SCS-16V-32-100", 16, 32768, 100, "shared-core", "network"),
    ("SCS-1V-8-20", 1, 8192, 20, "shared-core", "network"),
    ("SCS-2V-16-50", 2, 16384, 50, "shared-core", "network"),
    ("SCS-4V-32-100", 4, 32768, 100, "shared-core", "network"),
    ("SCS-1L-1-5", 1, 1024, 5, "crowded-core", "network"),
    ("SCS-16V-64", 16, 65536, 0, "shared-core", None),
    ("SCS-8V-64", 8, 65536, 0, "shared-core", None),
    ("SCS-16V-128", 16, 131072, 0, "shared-core", None),
]
BY_NAME = {standard.name: standard for standard in STANDARD_FLAVORS}

OK, BAD = True, False


def perfect(standard: StandardFlavor, **changes: Any) -> Flavor:
    """A flavor that fulfils the row, but for the changes; extra specs given as None are left out."""
    specs = standard.properties | changes.pop("extra_specs", {})
    flavor = Flavor(
        id=f"id-{standard.name}",
        name=standard.name,
        vcpus=standard.vcpus,
        ram=standard.ram,
        disk=standard.disk,
        is_public=True,
        disabled=False,
        extra_specs={key: value for key, value in specs.items() if value is not None},
    )
    return dataclasses.replace(flavor, **changes)


def check(name: str, *flavors: Flavor) -> list[Observation]:
    return list(check_standard_flavor(BY_NAME[name], flavors))


def findings(observations: Sequence[Observation]) -> list[Finding]:
    return [observation for observation in observations if isinstance(observation, Finding)]


def remarks(observations: Sequence[Observation]) -> list[Remark]:
    return [observation for observation in observations if isinstance(observation, Remark)]


def judged(observations: Sequence[Observation]) -> tuple[bool, bool]:
    """Whether the official suite and the text are content."""
    found = findings(observations)
    assert all(bool(finding.deviation) is (finding.basis is not Basis.BOTH) for finding in found)
    return (
        not any(finding.basis.concerns(Judge.OFFICIAL) for finding in found),
        not any(finding.basis.concerns(Judge.TEXT) for finding in found),
    )


def test_the_table_is_that_of_the_standard() -> None:
    table = [
        (standard.name, standard.vcpus, standard.ram, standard.disk, standard.cpu_type, standard.disk0_type)
        for standard in STANDARD_FLAVORS
    ]
    assert table == MANDATORY + RECOMMENDED
    assert [standard.mandatory for standard in STANDARD_FLAVORS] == [True] * 15 + [False] * 16


def test_each_standard_flavor_has_its_testcase() -> None:
    assert len({standard.testcase for standard in STANDARD_FLAVORS}) == 31
    assert BY_NAME["SCS-2V-4-20s"].testcase == "scs-0103-flavor-2v-4-20s"
    assert BY_NAME["SCS-1L-1"].testcase == "scs-0103-flavor-1l-1"


def test_the_create_command_is_complete() -> None:
    assert BY_NAME["SCS-2V-4-20s"].create_command == (
        "openstack flavor create --public --vcpus 2 --ram 4096 --disk 20 --property scs:name-v1=SCS-2V:4:20s "
        "--property scs:name-v2=SCS-2V-4-20s --property scs:cpu-type=shared-core --property scs:disk0-type=ssd "
        "SCS-2V-4-20s"
    )


@pytest.mark.parametrize("standard", STANDARD_FLAVORS, ids=lambda standard: standard.name)
def test_a_cloud_with_every_standard_flavor_passes(standard: StandardFlavor) -> None:
    cloud = [perfect(each) for each in STANDARD_FLAVORS]
    assert list(check_standard_flavor(standard, cloud)) == []


@pytest.mark.parametrize("standard", STANDARD_FLAVORS, ids=lambda standard: standard.name)
def test_a_missing_standard_flavor_is_found(standard: StandardFlavor) -> None:
    cloud = [perfect(each) for each in STANDARD_FLAVORS if each is not standard]
    (finding,) = findings(list(check_standard_flavor(standard, cloud)))
    assert finding.basis is Basis.BOTH
    assert finding.resource == f"flavor {standard.name}"
    assert (finding.rule, finding.title) == ("scs-0103/standard_flavor_exists", "the standard flavor exists")
    assert finding.observed == "none"
    assert finding.hint == standard.create_command


#: What a finding is titled -> the rule it is about.
RULES = {
    "vcpus": "scs-0103/vcpus",
    "ram": "scs-0103/ram",
    "disk": "scs-0103/disk",
    "scs:name-v1": "scs-0103/name_v1",
    "scs:name-v2": "scs-0103/name_v2",
    "scs:cpu-type": "scs-0103/cpu_type",
    "scs:disk0-type": "scs-0103/disk0_type",
    "access": "scs-0103/flavor_public",
    "state": "scs-0103/flavor_enabled",
}


@pytest.mark.parametrize(
    ("name", "changes", "official", "text", "title"),
    [
        ("SCS-2V-4", {"vcpus": 3}, BAD, BAD, "vcpus"),
        ("SCS-2V-4", {"ram": 4097}, BAD, BAD, "ram"),
        ("SCS-2V-4", {"ram": 4095}, BAD, BAD, "ram"),
        ("SCS-2V-4", {"disk": 1}, BAD, BAD, "disk"),
        ("SCS-2V-4-20s", {"disk": 21}, BAD, BAD, "disk"),
        ("SCS-2V-4", {"extra_specs": {"scs:name-v1": None}}, BAD, BAD, "scs:name-v1"),
        ("SCS-2V-4", {"extra_specs": {"scs:name-v1": "SCS-2V-4"}}, BAD, BAD, "scs:name-v1"),
        ("SCS-2V-4", {"extra_specs": {"scs:name-v2": None}}, BAD, BAD, "scs:name-v2"),
        ("SCS-2V-4", {"extra_specs": {"scs:cpu-type": None}}, BAD, BAD, "scs:cpu-type"),
        ("SCS-2V-4", {"extra_specs": {"scs:cpu-type": "dedicated-core"}}, BAD, BAD, "scs:cpu-type"),
        ("SCS-1L-1", {"extra_specs": {"scs:cpu-type": "shared-core"}}, BAD, BAD, "scs:cpu-type"),
        ("SCS-2V-4", {"extra_specs": {"scs:cpu-type": "Shared-core"}}, BAD, BAD, "scs:cpu-type"),
        ("SCS-2V-4-20s", {"extra_specs": {"scs:disk0-type": None}}, BAD, BAD, "scs:disk0-type"),
        ("SCS-2V-4-20s", {"extra_specs": {"scs:disk0-type": "nvme"}}, BAD, BAD, "scs:disk0-type"),
        ("SCS-2V-4-10", {"extra_specs": {"scs:disk0-type": "ssd"}}, BAD, OK, "scs:disk0-type"),
        ("SCS-2V-4-10", {"extra_specs": {"scs:disk0-type": None}}, BAD, BAD, "scs:disk0-type"),
        ("SCS-2V-4-10", {"extra_specs": {"scs:disk0-type": "tape"}}, BAD, BAD, "scs:disk0-type"),
        ("SCS-2V-4", {"extra_specs": {"scs:disk0-type": "network"}}, OK, BAD, "scs:disk0-type"),
        ("SCS-2V-4", {"is_public": False}, OK, BAD, "access"),
        ("SCS-2V-4", {"disabled": True}, OK, BAD, "state"),
    ],
)
def test_a_single_difference_is_judged(
    name: str, changes: dict[str, Any], official: bool, text: bool, title: str
) -> None:
    observations = check(name, perfect(BY_NAME[name], **changes))
    assert judged(observations) == (official, text)
    assert [finding.title for finding in findings(observations)] == [title]
    assert [finding.rule for finding in findings(observations)] == [RULES[title]]
    assert not remarks(observations)


@pytest.mark.parametrize(
    ("name", "changes", "row"),
    [
        ("SCS-2V-4-10", {"extra_specs": {"scs:disk0-type": "ssd"}}, "DEV-0103-1"),
        ("SCS-2V-4", {"extra_specs": {"scs:disk0-type": "network"}}, "DEV-0103-2"),
        ("SCS-2V-4", {"is_public": False}, "DEV-0103-4"),
        ("SCS-2V-4", {"disabled": True}, "DEV-0103-4"),
    ],
)
def test_a_disputed_difference_names_its_row(name: str, changes: dict[str, Any], row: str) -> None:
    (finding,) = findings(check(name, perfect(BY_NAME[name], **changes)))
    assert finding.deviation == row


def test_all_differences_are_told_with_values_and_commands() -> None:
    wrong = perfect(
        BY_NAME["SCS-2V-4-20s"],
        vcpus=1,
        ram=2048,
        disk=10,
        extra_specs={"scs:name-v1": None, "scs:cpu-type": "crowded-core", "scs:disk0-type": "hdd", "x": "y z"},
    )
    found = findings(check("SCS-2V-4-20s", wrong))
    replace = (
        "openstack flavor delete id-SCS-2V-4-20s && openstack flavor create --public --vcpus 2 --ram 4096 --disk 20 "
        "--id id-SCS-2V-4-20s --property scs:name-v2=SCS-2V-4-20s --property scs:cpu-type=shared-core "
        "--property scs:disk0-type=ssd --property 'x=y z' --property scs:name-v1=SCS-2V:4:20s SCS-2V-4-20s"
        "  # between the two there is no such flavor"
    )
    set_one = "openstack flavor set --property {} id-SCS-2V-4-20s"
    # Labels that promise more than before are true only if somebody knows that they are.
    if_true = f"if {{}}: {set_one}; if not, SCS-2V-4-20s has to be another flavor, of which that is true"
    shared = "no CPU of it is shared by more than V allows"
    local = "its root disk is a local SSD"
    assert [(finding.title, finding.expected, finding.observed, finding.hint) for finding in found] == [
        ("vcpus", "2", "1", replace),
        ("ram", "4096 MiB", "2048 MiB", replace),
        ("disk", "20 GB", "10 GB", replace),
        ("scs:name-v1", "'SCS-2V:4:20s'", "not set", set_one.format("scs:name-v1=SCS-2V:4:20s")),
        ("scs:cpu-type", "'shared-core'", "'crowded-core'", if_true.format(shared, "scs:cpu-type=shared-core")),
        ("scs:disk0-type", "'ssd'", "'hdd'", if_true.format(local, "scs:disk0-type=ssd")),
    ]
    assert {finding.resource_id for finding in found} == {"id-SCS-2V-4-20s"}


@pytest.mark.parametrize(
    ("name", "key", "value", "condition"),
    [
        ("SCS-2V-4", "scs:cpu-type", "dedicated-core", ""),
        ("SCS-2V-4", "scs:cpu-type", "crowded-core", "if no CPU"),
        ("SCS-2V-4", "scs:cpu-type", None, "if no CPU"),
        ("SCS-1L-1", "scs:cpu-type", "shared-core", ""),
        ("SCS-2V-4-20s", "scs:disk0-type", "nvme", ""),
        ("SCS-2V-4-20s", "scs:disk0-type", "network", "if its root disk is a local SSD"),
        ("SCS-2V-4-10", "scs:disk0-type", "ssd", "if its root disk is on network storage"),
        ("SCS-2V-4-10", "scs:disk0-type", "tape", "if its root disk is on network storage"),
    ],
)
def test_a_label_that_may_be_untrue_is_set_on_condition_only(
    name: str, key: str, value: str | None, condition: str
) -> None:
    (finding,) = findings(check(name, perfect(BY_NAME[name], extra_specs={key: value})))
    assert finding.hint.startswith(condition or "openstack flavor set")
    assert ("if not, " in finding.hint) == bool(condition)


def test_a_disk_type_without_a_disk_is_to_be_removed() -> None:
    (finding,) = findings(check("SCS-2V-4", perfect(BY_NAME["SCS-2V-4"], extra_specs={"scs:disk0-type": "ssd"})))
    assert (finding.expected, finding.observed) == ("not set", "'ssd'")
    assert finding.hint == "openstack flavor unset --property scs:disk0-type id-SCS-2V-4"


def test_a_private_flavor_is_replaced_with_its_own_disk_type() -> None:
    private = perfect(BY_NAME["SCS-2V-4-10"], is_public=False, extra_specs={"scs:disk0-type": "ssd"})
    hints = {finding.title: finding.hint for finding in findings(check("SCS-2V-4-10", private))}
    assert "--public" in hints["access"]
    assert "scs:disk0-type=ssd" in hints["access"]


def test_a_flavor_of_another_size_loses_the_wrong_label() -> None:
    mislabelled = perfect(BY_NAME["SCS-2V-8"], name="big one", extra_specs={"scs:name-v2": "SCS-2V-4"})
    hint = next(finding.hint for finding in findings(check("SCS-2V-4", mislabelled)) if finding.title == "ram")
    unset, create = hint.split(" && ")
    assert unset == "openstack flavor unset --property scs:name-v2 id-SCS-2V-8"
    assert create == BY_NAME["SCS-2V-4"].create_command


def test_the_name_of_the_flavor_is_free() -> None:
    assert check("SCS-2V-4", perfect(BY_NAME["SCS-2V-4"], name="m1.medium")) == []


def test_a_flavor_found_by_its_name_still_needs_the_extra_specs() -> None:
    plain = dataclasses.replace(perfect(BY_NAME["SCS-2V-4"]), extra_specs={})
    observations = check("SCS-2V-4", plain)
    assert judged(observations) == (BAD, BAD)
    assert [finding.title for finding in findings(observations)] == ["scs:name-v1", "scs:name-v2", "scs:cpu-type"]


def test_the_extra_spec_outranks_the_name() -> None:
    by_spec = perfect(BY_NAME["SCS-2V-4"], name="other")
    by_name = dataclasses.replace(perfect(BY_NAME["SCS-2V-4"]), extra_specs={}, vcpus=1)
    assert check("SCS-2V-4", by_name, by_spec) == []


def test_near_misses_are_named() -> None:
    base = perfect(BY_NAME["SCS-2V-4"])
    cloud = [
        dataclasses.replace(base, name="m1.medium", extra_specs={}),
        dataclasses.replace(base, name="SCS-2V:4", extra_specs={}, disk=20),
        dataclasses.replace(base, name="labelled", extra_specs={"scs:name-v1": "SCS-2V:4"}, disk=20),
        dataclasses.replace(base, name="secret", extra_specs={}, is_public=False),
        dataclasses.replace(base, name="m1.small", extra_specs={}, ram=2048),
    ]
    (finding,) = findings(check("SCS-2V-4", *cloud))
    assert finding.observed == (
        "none; near misses: m1.medium (same CPU, RAM and disk), SCS-2V:4 (named in v1 syntax), "
        "labelled (named in v1 syntax)"
    )


def test_only_some_near_misses_are_named() -> None:
    base = perfect(BY_NAME["SCS-2V-4"])
    (finding,) = findings(
        check("SCS-2V-4", *(dataclasses.replace(base, name=f"m{n}", extra_specs={}) for n in range(50)))
    )
    assert finding.observed.endswith("m4 (same CPU, RAM and disk), 45 more")


# Several flavors that claim to be the same standard flavor.

GOOD = perfect(BY_NAME["SCS-2V-4-10"])
SMALL = dataclasses.replace(GOOD, id="small", name="small", ram=2048)
PRIVATE = dataclasses.replace(GOOD, id="private", name="private", is_public=False)
FAST = dataclasses.replace(GOOD, id="fast", name="fast", extra_specs={**GOOD.extra_specs, "scs:disk0-type": "nvme"})


@pytest.mark.parametrize(
    ("claimants", "official", "text", "about", "remarked", "last_one_only"),
    [
        ([GOOD, GOOD], OK, OK, set(), 0, False),
        ([SMALL, GOOD], OK, OK, set(), 1, False),
        ([GOOD, SMALL], OK, OK, set(), 1, True),
        ([GOOD, FAST], OK, OK, set(), 1, True),
        ([GOOD, PRIVATE], OK, OK, set(), 1, False),
        # One suits the official suite, the other one suits the text.
        ([FAST, PRIVATE], OK, OK, set(), 2, False),
        ([PRIVATE, FAST], OK, OK, set(), 2, True),
        # Only one judge finds what it wants; the findings are about the flavor that suits the other one.
        ([SMALL, FAST], BAD, OK, {"fast"}, 1, False),
        ([FAST, SMALL], BAD, OK, {"fast"}, 1, False),
        ([SMALL, PRIVATE], OK, BAD, {"private"}, 1, False),
        ([PRIVATE, SMALL], OK, BAD, {"private"}, 1, True),
        # Neither does.
        ([SMALL, SMALL], BAD, BAD, {"small"}, 0, False),
        ([dataclasses.replace(SMALL, id="tiny", vcpus=1), SMALL], BAD, BAD, {"small"}, 1, False),
    ],
)
def test_several_claimants(
    claimants: list[Flavor], official: bool, text: bool, about: set[str], remarked: int, last_one_only: bool
) -> None:
    observations = check("SCS-2V-4-10", *claimants)
    assert judged(observations) == (official, text)
    assert {finding.resource_id for finding in findings(observations)} == about
    rows = [remark.deviation for remark in remarks(observations)]
    assert rows == [""] * remarked + ["DEV-0103-5"] * last_one_only


def test_a_remark_says_what_is_wrong_with_another_claimant() -> None:
    (remark, *_) = remarks(check("SCS-2V-4-10", SMALL, GOOD))
    assert str(remark) == "flavor small: also claims to be SCS-2V-4-10, but ram is 2048 MiB, not 4096 MiB"


def test_names_from_the_cloud_are_quoted_in_hints() -> None:
    evil = perfect(BY_NAME["SCS-2V-4"], name="$(reboot); x", is_public=False)
    (finding,) = findings(check("SCS-2V-4", evil))
    assert shlex.split(finding.hint, comments=True)[-1] == "$(reboot); x"
    assert "'$(reboot); x'  # " in finding.hint
