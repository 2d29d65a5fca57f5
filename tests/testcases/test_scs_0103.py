# SPDX-License-Identifier: Apache-2.0
"""The testcases of scs-0103 on demo clouds: every standard flavor missing or wrong in one respect."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from pytest_scs.demo.openstack.state import CloudState, Fault

#: Testcase -> name, CPUs, RAM (MiB) and disk (GB) of the flavor it looks for.
FLAVORS = {
    "scs-0103-flavor-1v-4": ("SCS-1V-4", 1, 4096, 0),
    "scs-0103-flavor-2v-8": ("SCS-2V-8", 2, 8192, 0),
    "scs-0103-flavor-4v-16": ("SCS-4V-16", 4, 16384, 0),
    "scs-0103-flavor-8v-32": ("SCS-8V-32", 8, 32768, 0),
    "scs-0103-flavor-1v-2": ("SCS-1V-2", 1, 2048, 0),
    "scs-0103-flavor-2v-4": ("SCS-2V-4", 2, 4096, 0),
    "scs-0103-flavor-4v-8": ("SCS-4V-8", 4, 8192, 0),
    "scs-0103-flavor-8v-16": ("SCS-8V-16", 8, 16384, 0),
    "scs-0103-flavor-16v-32": ("SCS-16V-32", 16, 32768, 0),
    "scs-0103-flavor-1v-8": ("SCS-1V-8", 1, 8192, 0),
    "scs-0103-flavor-2v-16": ("SCS-2V-16", 2, 16384, 0),
    "scs-0103-flavor-4v-32": ("SCS-4V-32", 4, 32768, 0),
    "scs-0103-flavor-1l-1": ("SCS-1L-1", 1, 1024, 0),
    "scs-0103-flavor-2v-4-20s": ("SCS-2V-4-20s", 2, 4096, 20),
    "scs-0103-flavor-4v-16-100s": ("SCS-4V-16-100s", 4, 16384, 100),
    "scs-0103-flavor-1v-4-10": ("SCS-1V-4-10", 1, 4096, 10),
    "scs-0103-flavor-2v-8-20": ("SCS-2V-8-20", 2, 8192, 20),
    "scs-0103-flavor-4v-16-50": ("SCS-4V-16-50", 4, 16384, 50),
    "scs-0103-flavor-8v-32-100": ("SCS-8V-32-100", 8, 32768, 100),
    "scs-0103-flavor-1v-2-5": ("SCS-1V-2-5", 1, 2048, 5),
    "scs-0103-flavor-2v-4-10": ("SCS-2V-4-10", 2, 4096, 10),
    "scs-0103-flavor-4v-8-20": ("SCS-4V-8-20", 4, 8192, 20),
    "scs-0103-flavor-8v-16-50": ("SCS-8V-16-50", 8, 16384, 50),
    "scs-0103-flavor-16v-32-100": ("SCS-16V-32-100", 16, 32768, 100),
    "scs-0103-flavor-1v-8-20": ("SCS-1V-8-20", 1, 8192, 20),
    "scs-0103-flavor-2v-16-50": ("SCS-2V-16-50", 2, 16384, 50),
    "scs-0103-flavor-4v-32-100": ("SCS-4V-32-100", 4, 32768, 100),
    "scs-0103-flavor-1l-1-5": ("SCS-1L-1-5", 1, 1024, 5),
    "scs-0103-flavor-16v-64": ("SCS-16V-64", 16, 65536, 0),
    "scs-0103-flavor-8v-64": ("SCS-8V-64", 8, 65536, 0),
    "scs-0103-flavor-16v-128": ("SCS-16V-128", 16, 131072, 0),
}
TESTCASES = tuple(FLAVORS)

#: Rule, what is expected, what is found.
Said = tuple[str, str, str]


def _more_cpus(flavor: dict[str, Any]) -> list[Said]:
    flavor["vcpus"] += 1
    return [("vcpus", str(flavor["vcpus"] - 1), str(flavor["vcpus"]))]


def _more_ram(flavor: dict[str, Any]) -> list[Said]:
    flavor["ram"] += 1
    return [("ram", f"{flavor['ram'] - 1} MiB", f"{flavor['ram']} MiB")]


def _more_disk(flavor: dict[str, Any]) -> list[Said]:
    flavor["disk"] += 1
    return [("disk", f"{flavor['disk'] - 1} GB", f"{flavor['disk']} GB")]


def _other_name_v1(flavor: dict[str, Any]) -> list[Said]:
    right, wrong = flavor["extra_specs"]["scs:name-v1"], flavor["name"]
    flavor["extra_specs"]["scs:name-v1"] = wrong
    return [("scs:name-v1", repr(right), repr(wrong))]


def _no_name_v2(flavor: dict[str, Any]) -> list[Said]:
    return [("scs:name-v2", repr(flavor["extra_specs"].pop("scs:name-v2")), "not set")]


def _other_cpu_type(flavor: dict[str, Any]) -> list[Said]:
    right = flavor["extra_specs"]["scs:cpu-type"]
    flavor["extra_specs"]["scs:cpu-type"] = "dedicated-core"
    return [("scs:cpu-type", repr(right), "'dedicated-core'")]


def _unknown_disk_type(flavor: dict[str, Any]) -> list[Said]:
    right = flavor["extra_specs"].get("scs:disk0-type")
    if right is None:
        return _more_disk(flavor)
    flavor["extra_specs"]["scs:disk0-type"] = "floppy"
    # Where the text leaves the type open, all known ones are listed.
    expected = repr(right) if flavor["name"].endswith("s") else "one of 'network', 'hdd', 'ssd', 'nvme'"
    return [("scs:disk0-type", expected, "'floppy'")]


def _several(flavor: dict[str, Any]) -> list[Said]:
    return [*_more_ram(flavor), *_other_cpu_type(flavor), *_other_name_v1(flavor)]


def _another(flavor: dict[str, Any]) -> list[Said]:
    """The same size, but neither name nor extra specs say that it is this one."""
    name, flavor["name"] = flavor["name"], f"c{flavor['vcpus']}.like-{flavor['name'].removeprefix('SCS-')}"
    flavor["extra_specs"] = {"hw_rng:allowed": "True"}
    found = f"none; near misses: {flavor['name']} (same CPU, RAM and disk)"
    return [("the standard flavor exists", f"a flavor with scs:name-v2 '{name}'", found)]


#: Ways to break a flavor that touch nothing its name promises: more is as wrong as less.
BREAKAGES: tuple[Callable[[dict[str, Any]], list[Said]], ...] = (
    *(_more_cpus, _more_ram, _more_disk, _other_name_v1, _no_name_v2, _other_cpu_type, _unknown_disk_type),
    *(_several, _another),
)


def _find(state: CloudState, name: str) -> dict[str, Any]:
    return next(flavor for flavor in state.flavors if flavor["name"] == name)


def test_standard_flavors_of_the_conforming_cloud_pass(passes: Any) -> None:
    passes(TESTCASES, "scs-0103")


@pytest.mark.parametrize("half", [0, 1])
def test_wrong_flavor_fails_its_own_testcase_and_no_other(judge: Any, state: CloudState, half: int) -> None:
    expected = {}
    for number, testcase in enumerate(TESTCASES[half::2]):
        flavor = _find(state, FLAVORS[testcase][0])
        expected[testcase] = flavor["id"], BREAKAGES[(number - 1) % len(BREAKAGES)](flavor)
    # Each half has a flavor with a disk of the wrong type; the type is free in the second one.
    assert any(rule == "scs:disk0-type" for _, said in expected.values() for rule, _, _ in said)
    run = judge(state)
    assert run.ret == 1
    assert run.failed == set(expected)
    for testcase, (uuid, said) in expected.items():
        name, vcpus, ram, disk = FLAVORS[testcase]
        found = run.violations(testcase)
        assert [(entry.rule, entry.expected, entry.found) for entry in found] == sorted(said), testcase
        assert {entry.resource for entry in found} == {f"flavor {name}"}, testcase
        missing = found[0].rule == "the standard flavor exists"
        assert run.named(testcase) == (set() if missing else {uuid}), testcase
        for entry in found:
            if missing:
                sizes = f"--vcpus {vcpus} --ram {ram} --disk {disk}"
                assert entry.hint.startswith(f"openstack flavor create --public {sizes} --property scs:"), testcase
                assert entry.hint.endswith(name), testcase
            elif entry.rule in ("vcpus", "ram", "disk"):
                assert entry.hint.startswith(f"openstack flavor delete {uuid} && openstack flavor create"), testcase
            else:
                assert f"openstack flavor set --property {entry.rule}=" in entry.hint, testcase
                # Where the root disk lies is a label that a command must not make untrue.
                assert entry.hint.startswith("if ") == (entry.rule == "scs:disk0-type"), testcase


def test_flavors_that_one_judge_rejects(both_judge: Any, dispute: Any, state: CloudState) -> None:
    local = _find(state, "SCS-1V-4-10")
    local["extra_specs"]["scs:disk0-type"] = "hdd"
    diskless = _find(state, "SCS-1V-4")
    diskless["extra_specs"]["scs:disk0-type"] = "ssd"
    private = _find(state, "SCS-2V-8")
    private["is_public"] = False
    # Two claim to be this one; the official suite sees the last one only.
    second = _find(state, "SCS-8V-32")
    state.flavors.append(second | {"id": "00000000-0000-4000-8000-000000000001", "name": "copy", "vcpus": 9})
    disputes = [
        dispute("scs-0103-flavor-1v-4-10", local["id"], "official", "DEV-0103-1"),
        dispute("scs-0103-flavor-1v-4", diskless["id"], "text", "DEV-0103-2"),
        dispute("scs-0103-flavor-2v-8", private["id"], "text", "DEV-0103-4"),
    ]
    # The flavor that only the official suite rejects is a recommended one.
    official, _ = both_judge(state, disputes, "-m", "scs_0103", ret=(0, 1))
    remarks = official.remarks("scs-0103-flavor-8v-32")
    assert any("also claims to be SCS-8V-32, but vcpus is 9, not 8" in line for line in remarks), remarks
    assert any("gives FAIL" in line and line.endswith("(DEV-0103-5)") for line in remarks), remarks


def test_unreadable_flavors_are_no_verdict(aborts: Any) -> None:
    aborts(TESTCASES, reads="flavors")


def test_flavors_without_their_extra_specs_are_no_verdict(judge: Any, state: CloudState) -> None:
    bare = {"id": "1", "name": "SCS-2V-8", "vcpus": 2, "ram": 8192, "disk": 0, "os-flavor-access:is_public": True}
    state.faults.append(Fault("GET", "/flavors/detail", status=200, body=json.dumps({"flavors": [bare]})))
    run = judge(state, "-m", "scs_0103")
    assert run.ret == 6
    for testcase in TESTCASES:
        assert run.verdicts[testcase] == "ABORT", testcase
        assert "does not show extra specs to this user" in run.causes(testcase)[0], testcase
