# SPDX-License-Identifier: Apache-2.0
"""Names of flavors and what they promise, judged by scs-0100-v3."""

from __future__ import annotations

import dataclasses
import math
import shlex
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.core.findings import Basis, Finding, Observation, Remark
from pytest_scs.core.judge import Judge
from pytest_scs.standards.iaas.flavor_naming import check_semantics, check_syntax
from pytest_scs.standards.iaas.model import Flavor

OK, BAD = True, False


def flavor(name: str, vcpus: int = 2, ram: int = 4096, disk: int = 10, **more: Any) -> Flavor:
    fields = {"is_public": True, "disabled": False, "extra_specs": {}} | more
    return Flavor(id="f-1", name=name, vcpus=vcpus, ram=ram, disk=disk, **fields)


def findings(observations: list[Observation]) -> list[Finding]:
    return [observation for observation in observations if isinstance(observation, Finding)]


def remarks(observations: list[Observation]) -> list[str]:
    return [observation.deviation for observation in observations if isinstance(observation, Remark)]


def judged(observations: list[Observation]) -> tuple[bool, bool]:
    """Whether the official suite and the text are content."""
    found = findings(observations)
    assert all(bool(finding.deviation) is (finding.basis is not Basis.BOTH) for finding in found)
    return (
        not any(finding.basis.concerns(Judge.OFFICIAL) for finding in found),
        not any(finding.basis.concerns(Judge.TEXT) for finding in found),
    )


@pytest.mark.parametrize(
    ("name", "official", "text", "rows"),
    [
        ("SCS-2C-4-10n", OK, OK, []),
        ("SCS-2C-4-", OK, OK, []),
        ("SCS-1V:4", OK, OK, ["DEV-0100-9"]),
        ("SCS-4V-10.5", OK, OK, [""]),
        ("SCS-4V-16_GN-64", OK, OK, ["DEV-0100-8"]),
        ("SCS-foo", BAD, BAD, []),
        ("SCS-2C-4-10n ", BAD, BAD, []),
        ("SCS-04V-16_GA5", BAD, BAD, []),
        ("SCS-2C-4_GNa_ib", BAD, OK, []),
        ("SCS-4V-16-3x", OK, BAD, []),
        ("SCS-4V-16-x10", OK, BAD, []),
        ("SCS-04V-16", OK, BAD, []),
        ("SCS-1C-4.000000000000000000001", OK, BAD, []),
        ("SCS-1C-4_GNa-14-6hh", OK, BAD, []),
        ("SCS-4V-16_GNah", OK, BAD, []),
        ("SCS-4V-16_GA0.3", BAD, OK, []),
        ("SCS-04V:16", OK, BAD, ["DEV-0100-9"]),
        ("scs-foo", OK, OK, []),
        (" SCS-foo", OK, OK, []),
        ("", OK, OK, []),
    ],
)
def test_the_syntax_is_judged(name: str, official: bool, text: bool, rows: list[str]) -> None:
    observations = list(check_syntax(flavor(name)))
    assert judged(observations) == (official, text)
    assert remarks(observations) == rows


def test_a_syntax_finding_tells_where_the_name_goes_wrong() -> None:
    (finding,) = findings(list(check_syntax(flavor("SCS-2C-4-10l"))))
    assert finding.resource == "flavor SCS-2C-4-10l"
    assert finding.resource_id == "f-1"
    assert finding.basis is Basis.BOTH
    assert finding.observed == "'l'"
    assert "a disk type" in finding.expected
    assert "after 'SCS-2C-4-10'" in finding.expected


def test_a_name_that_ends_too_early_is_told_so() -> None:
    (finding,) = findings(list(check_syntax(flavor("SCS-2C-"))))
    assert finding.observed == "the end of the name"


@pytest.mark.parametrize(
    ("name", "proposal"),
    [
        ("SCS-02V-04", "SCS-2V-4"),
        ("SCS-2V-4-x10", "SCS-2V-4-10"),
        ("SCS-02V:4", "SCS-2V-4"),
        ("SCS-2V-4.000000000000000000001", "SCS-2V-4"),
        # The flavor would not keep what these names promise in the right spelling.
        ("SCS-04V-4", "TRUE_AND_UNDISPUTED_SCS_NAME"),
        ("SCS-2V-04.5", "TRUE_AND_UNDISPUTED_SCS_NAME"),
        ("SCS-2V-4-011", "TRUE_AND_UNDISPUTED_SCS_NAME"),
        ("SCS-2V-4_GNa-14-6hh", "TRUE_AND_UNDISPUTED_SCS_NAME"),
        ("SCS-4V-16-3x", "TRUE_AND_UNDISPUTED_SCS_NAME"),
        ("SCS-4V-16_GNa_ib", "TRUE_AND_UNDISPUTED_SCS_NAME"),
        ("SCS-foo; reboot", "VALID_AND_TRUE_SCS_NAME"),
    ],
)
def test_the_hint_offers_the_same_flavor_under_a_better_name(name: str, proposal: str) -> None:
    odd = flavor(name, is_public=False, extra_specs={"hw:cpu policy": "a b"})
    found = findings(list(check_syntax(odd)))
    assert {(finding.rule, finding.title) for finding in found} == {
        ("scs-0100/name_grammar", "the name follows the naming grammar")
    }
    (hint,) = {finding.hint for finding in found}
    create, delete = hint.split(" && ")
    delete, _, remark = delete.partition("  # ")
    assert remark == (
        "access is not carried over: see it first with openstack flavor show, "
        "give it with openstack flavor set --project"
    )
    assert create == (
        "openstack flavor create --private --vcpus 2 --ram 4096 --disk 10 --property 'hw:cpu policy=a b' " + proposal
    )
    assert delete == "openstack flavor delete f-1"


@pytest.mark.parametrize(
    ("name", "vcpus", "ram", "disk", "official", "text"),
    [
        ("SCS-2C-4", 2, 4096, 0, OK, OK),
        ("SCS-2C-4", 2, 4095, 0, OK, BAD),
        ("SCS-2C-4", 2, 4045, 0, OK, BAD),
        ("SCS-2C-4", 2, 4044, 0, BAD, BAD),
        ("SCS-2C-1", 2, 973, 0, OK, BAD),
        ("SCS-2C-1", 2, 972, 0, BAD, BAD),
        ("SCS-2C-0.5", 2, 461, 0, OK, BAD),
        ("SCS-2C-0.5", 2, 460, 0, BAD, BAD),
        ("SCS-2C-16", 2, 16333, 0, OK, BAD),
        ("SCS-2C-16", 2, 16332, 0, BAD, BAD),
        ("SCS-2C-4", 1, 4096, 0, BAD, BAD),
        ("SCS-2C-4", 4, 8192, 50, OK, OK),
        ("SCS-2C-4-n", 2, 4096, 0, OK, OK),
        ("SCS-2C-4-", 2, 4096, 0, OK, OK),
        ("SCS-2C-4-3x10s", 2, 4096, 10, OK, OK),
        ("SCS-2C-4-3x10s", 2, 4096, 9, BAD, BAD),
        ("SCS-2C-4-20", 2, 4096, 20, OK, OK),
        ("SCS-2C-4-20", 2, 4096, 19, BAD, BAD),
        ("SCS-1V:4:10", 1, 4096, 10, OK, OK),
        ("SCS-1V:4:10", 1, 4096, 9, BAD, BAD),
        ("SCS-2C-4_bms", 1, 4096, 0, BAD, BAD),
        # Names that a judge does not accept are left to the syntax check.
        ("SCS-foo", 1, 1, 0, OK, OK),
        ("SCS-02C-4", 1, 4096, 0, BAD, OK),
        ("SCS-02C-4", 2, 4095, 0, OK, OK),
        # What the official suite makes of the RAM is what it compares; to the text the name says nothing.
        ("SCS-1C-1.4999999999999999999999", 1, 1485, 0, OK, OK),
        ("SCS-1C-1.4999999999999999999999", 1, 1484, 0, BAD, OK),
        ("SCS-1C-99999999999999999.3", 1, 4096, 0, BAD, OK),
        ("SCS-1C-4_GNa-14-6hh", 1, 4044, 0, BAD, OK),
        ("SCS-2C-4_GA5", 1, 4096, 0, OK, BAD),
        ("SCS-2C-4_GA5", 2, 4045, 0, OK, BAD),
        ("scs-2C-4", 1, 1, 0, OK, OK),
        ("m1.tiny", 1, 1, 0, OK, OK),
    ],
)
def test_the_promise_is_judged(name: str, vcpus: int, ram: int, disk: int, official: bool, text: bool) -> None:
    assert judged(list(check_semantics(flavor(name, vcpus, ram, disk)))) == (official, text)


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("SCS-2C-4-10", []),
        ("SCS-2C-4-n", ["DEV-0100-1"]),
        ("SCS-2C-4-", ["DEV-0100-1"]),
        ("SCS-2C-4-n_GNa_ib", []),
        ("SCS-2C-3.5", []),
        ("SCS-2C:4", ["DEV-0100-9"]),
    ],
)
def test_the_promise_is_remarked_upon(name: str, rows: list[str]) -> None:
    assert remarks(list(check_semantics(flavor(name)))) == rows


def test_every_broken_promise_is_told_with_the_command_that_keeps_it() -> None:
    small = flavor("SCS-2C-4-20", vcpus=1, ram=2048, disk=10, extra_specs={"scs:cpu-type": "dedicated-core"})
    found = findings(list(check_semantics(small)))
    assert [(finding.rule, finding.title, finding.expected, finding.observed) for finding in found] == [
        ("scs-0100/promised_cpus", "CPUs promised by the name", "at least 2", "1"),
        ("scs-0100/promised_ram", "RAM promised by the name", "at least 4096 MiB (4 GiB)", "2048 MiB"),
        ("scs-0100/promised_disk", "disk promised by the name", "at least 20 GB", "10 GB"),
    ]
    assert {finding.hint for finding in found} == {
        "openstack flavor delete f-1 && openstack flavor create --public --vcpus 2 --ram 4096 --disk 20 --id f-1 "
        "--property scs:cpu-type=dedicated-core SCS-2C-4-20  # between the two there is no such flavor"
    }


def test_hints_keep_what_no_standard_speaks_of() -> None:
    rich = flavor("SCS-2C-4-20", disk=10, swap=512, ephemeral=30, rxtx=2.0)
    (replaced,) = {finding.hint for finding in findings(list(check_semantics(rich)))}
    assert " --disk 20 --id f-1 --ephemeral 30 --swap 512 --rxtx-factor 2.0 " in replaced
    (renamed,) = {finding.hint for finding in findings(list(check_syntax(dataclasses.replace(rich, name="SCS-foo"))))}
    assert " --disk 10 --ephemeral 30 --swap 512 --rxtx-factor 2.0 " in renamed
    assert renamed.endswith(" && openstack flavor delete f-1")
    private = dataclasses.replace(rich, is_public=False)
    (hint,) = {finding.hint for finding in findings(list(check_semantics(private)))}
    assert "--private" in hint
    assert "access is not carried over" in hint


def test_a_shortage_within_the_tolerance_names_its_row() -> None:
    (finding,) = findings(list(check_semantics(flavor("SCS-2C-4", ram=4090))))
    assert (finding.basis, finding.deviation) == (Basis.TEXT, "DEV-0100-10")


@given(half_gib=st.integers(1, 2**14), shortage=st.integers(-200, 200))
def test_the_official_ram_rule_is_the_rounding_to_tenths_of_a_gib(half_gib: int, shortage: int) -> None:
    ram = max(0, 512 * half_gib - shortage)
    promised = Fraction(half_gib, 2)
    rounded = Fraction(math.floor((ram + 51) / Fraction("102.4")), 10)
    name = f"SCS-2C-{half_gib // 2}.{half_gib % 2 * 5}"
    assert judged(list(check_semantics(flavor(name, ram=ram)))) == (rounded >= promised, ram >= 1024 * promised)


@given(st.text().map("SCS-".__add__))
def test_no_name_breaks_the_checks_or_escapes_from_the_hint(name: str) -> None:
    odd = flavor(name, vcpus=0, ram=0, disk=0)
    for finding in findings([*check_syntax(odd), *check_semantics(odd)]):
        words = shlex.split(finding.hint)
        assert words.count("openstack") == 2
        assert words[-1] in (name, "f-1")
