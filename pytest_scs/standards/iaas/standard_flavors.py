# SPDX-License-Identifier: Apache-2.0
"""The standard flavors of scs-0103-v1, and whether a cloud has them.

Unlike scs-0100, which lets a flavor exceed its name, standard flavors must match exactly. They are recognised by the
extra spec ``scs:name-v2``, with the flavor's own name as a fallback. The rows: docs/standards/scs-0103.md#table. Who
counts: docs/standards/scs-0103.md#claimants.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

from pytest_scs.core.findings import Basis, Finding, Observation, Remark, one_of, show
from pytest_scs.core.judge import Judge
from pytest_scs.standards.iaas import flavor_commands
from pytest_scs.standards.iaas.flavor_grammar import parse
from pytest_scs.standards.iaas.flavor_name import PREFIX, to_v1
from pytest_scs.standards.iaas.flavor_tables import CPU_TYPE_OF_SPEC, CPU_TYPES, DISK_TYPE_OF_SPEC, DISK_TYPES
from pytest_scs.standards.iaas.model import Flavor

MANDATORY_NAMES: Final = (
    *("SCS-1V-4", "SCS-2V-8", "SCS-4V-16", "SCS-4V-16-100s", "SCS-8V-32"),
    *("SCS-1V-2", "SCS-2V-4", "SCS-2V-4-20s", "SCS-4V-8", "SCS-8V-16", "SCS-16V-32"),
    *("SCS-1V-8", "SCS-2V-16", "SCS-4V-32", "SCS-1L-1"),
)
RECOMMENDED_NAMES: Final = (
    *("SCS-1V-4-10", "SCS-2V-8-20", "SCS-4V-16-50", "SCS-8V-32-100"),
    *("SCS-1V-2-5", "SCS-2V-4-10", "SCS-4V-8-20", "SCS-8V-16-50", "SCS-16V-32-100"),
    *("SCS-1V-8-20", "SCS-2V-16-50", "SCS-4V-32-100", "SCS-1L-1-5"),
    *("SCS-16V-64", "SCS-8V-64", "SCS-16V-128"),
)

NAME_V1: Final = "scs:name-v1"
NAME_V2: Final = "scs:name-v2"
CPU_TYPE: Final = "scs:cpu-type"
DISK0_TYPE: Final = "scs:disk0-type"

#: How many near misses a finding about a missing flavor names.
_MOST_NEAR_MISSES: Final = 5


@dataclasses.dataclass(frozen=True, slots=True)
class StandardFlavor:
    """One row of scs-0103-v1: ``ram`` in MiB, ``disk`` in GB (0: none).

    ``disk_letter`` is the disk type of the name, empty where the text leaves it open; the official suite then wants a
    network disk (DEV-0103-1).
    """

    name: str
    mandatory: bool
    vcpus: int
    ram: int
    disk: int
    cpu_type: str
    disk_letter: str

    @classmethod
    def from_name(cls, name: str, *, mandatory: bool) -> StandardFlavor:
        """Derive the row from its recommended name."""
        parsed = parse(name).flavor
        return cls(
            name=name,
            mandatory=mandatory,
            vcpus=parsed.cpus,
            ram=parsed.ram_mib,
            disk=parsed.disk_size,
            cpu_type=CPU_TYPES[parsed.cpu_type].spec_value,
            disk_letter=parsed.disk.type if parsed.disk else "",
        )

    @property
    def testcase(self) -> str:
        """The id of the official testcase."""
        return f"scs-0103-flavor-{self.name.removeprefix(PREFIX).lower()}"

    @property
    def name_v1(self) -> str:
        """The value of ``scs:name-v1``."""
        return to_v1(self.name)

    @property
    def disk0_type(self) -> str | None:
        """The value of ``scs:disk0-type`` that satisfies official suite and text; None without a disk."""
        return DISK_TYPES[self.disk_letter or "n"].spec_value if self.disk else None

    @property
    def properties(self) -> dict[str, str]:
        """The extra specs that satisfy official suite and text."""
        specs = {NAME_V1: self.name_v1, NAME_V2: self.name, CPU_TYPE: self.cpu_type}
        return specs | ({DISK0_TYPE: self.disk0_type} if self.disk0_type else {})

    @property
    def create_command(self) -> str:
        """The command that creates it."""
        return flavor_commands.create(
            self.name, vcpus=self.vcpus, ram=self.ram, disk=self.disk, properties=self.properties
        )


STANDARD_FLAVORS: Final = (
    *(StandardFlavor.from_name(name, mandatory=True) for name in MANDATORY_NAMES),
    *(StandardFlavor.from_name(name, mandatory=False) for name in RECOMMENDED_NAMES),
)


def check_standard_flavor(standard: StandardFlavor, flavors: Sequence[Flavor]) -> Iterator[Observation]:
    """At least one flavor claims to be this standard flavor and matches its row exactly (scs-0103-v1).

    With several claimants each judge is satisfied by any that suits it (DEV-0103-5); if a judge finds none, the
    findings are about the claimant that comes closest, and remarks about the others.
    """
    claimants = _claimants(standard, flavors)
    if not claimants:
        yield _missing(standard, flavors)
        return
    faults = [(flavor, tuple(_faults(standard, flavor))) for flavor in claimants]
    unsatisfied = {judge for judge in Judge if all(_rejects(judge, found) for _, found in faults)}
    closest = None
    if unsatisfied:
        # If only one judge is unsatisfied, the claimant with the fewest rejections suits the other one.
        closest, found = min(
            faults, key=lambda entry: (sum(_rejects(judge, entry[1]) for judge in Judge), len(entry[1]))
        )
        yield from found
    for flavor, found in faults:
        if found and flavor is not closest:
            listed = "; ".join(f"{fault.title} is {fault.observed}, not {fault.expected}" for fault in found)
            yield Remark(f"also claims to be {standard.name}, but {listed}", flavor.label)
    last, found = faults[-1]
    if Judge.OFFICIAL not in unsatisfied and _rejects(Judge.OFFICIAL, found):
        text = f"official suite gives FAIL: of the flavors that claim to be {standard.name} it sees the last one only"
        yield Remark(text, last.label, "DEV-0103-5")


def _claimants(standard: StandardFlavor, flavors: Sequence[Flavor]) -> list[Flavor]:
    """The flavors that claim to be this one by extra spec, or if there are none, by name."""
    by_spec = [flavor for flavor in flavors if flavor.extra_specs.get(NAME_V2) == standard.name]
    return by_spec or [flavor for flavor in flavors if flavor.name == standard.name]


def _rejects(judge: Judge, faults: Sequence[Finding]) -> bool:
    return any(fault.basis.concerns(judge) for fault in faults)


def _faults(standard: StandardFlavor, flavor: Flavor) -> Iterator[Finding]:
    """Everything in which a flavor differs from the row."""
    finding = partial(Finding, flavor.label, resource_id=flavor.id)
    specs = flavor.extra_specs
    replacement = _replacement(standard, flavor)
    for rule, title, expected, observed, unit in (
        ("scs-0103/vcpus", "vcpus", standard.vcpus, flavor.vcpus, ""),
        ("scs-0103/ram", "ram", standard.ram, flavor.ram, " MiB"),
        ("scs-0103/disk", "disk", standard.disk, flavor.disk, " GB"),
    ):
        if observed != expected:
            yield finding(rule, f"{expected}{unit}", f"{observed}{unit}", replacement, title=title)
    for rule, key, value in (
        ("scs-0103/name_v1", NAME_V1, standard.name_v1),
        ("scs-0103/name_v2", NAME_V2, standard.name),
        ("scs-0103/cpu_type", CPU_TYPE, standard.cpu_type),
    ):
        if specs.get(key) != value:
            hint = _labelling(standard, flavor, key, value)
            yield finding(rule, show(value), show(specs.get(key)), hint, title=key)
    if specs.get(DISK0_TYPE) != standard.disk0_type:
        yield _disk_type_fault(standard, flavor)
    unavailable = partial(finding, hint=replacement, basis=Basis.TEXT, deviation="DEV-0103-4")
    if not flavor.is_public:
        yield unavailable("scs-0103/flavor_public", "public", "private", title="access")
    if flavor.disabled:
        yield unavailable("scs-0103/flavor_enabled", "enabled", "disabled", title="state")


#: Value of an extra spec -> what has to be the case for it to be true; of the others nobody is promised anything.
_TRUE_IF: Final = {
    "shared-core": "no CPU of it is shared by more than V allows",
    "ssd": "its root disk is a local SSD",
    "network": "its root disk is on network storage",
}


def _labelling(standard: StandardFlavor, flavor: Flavor, key: str, value: str) -> str:
    """How a flavor gets an extra spec: unconditionally only if that promises no more than it did before."""
    command = flavor_commands.set_properties(flavor, {key: value})
    ranks = {CPU_TYPE: CPU_TYPE_OF_SPEC, DISK0_TYPE: DISK_TYPE_OF_SPEC}.get(key, {})
    before = ranks.get(flavor.extra_specs.get(key, ""))
    if value not in _TRUE_IF or (value != "network" and before and before.rank >= ranks[value].rank):
        return command
    return f"if {_TRUE_IF[value]}: {command}; if not, {standard.name} has to be another flavor, of which that is true"


def _disk_type_fault(standard: StandardFlavor, flavor: Flavor) -> Finding:
    """What is wrong with a ``scs:disk0-type`` that is not the one all agree on."""
    value = flavor.extra_specs.get(DISK0_TYPE)
    wanted = standard.disk0_type
    finding = partial(
        Finding,
        flavor.label,
        "scs-0103/disk0_type",
        observed=show(value),
        resource_id=flavor.id,
        title=DISK0_TYPE,
    )
    if wanted is None:
        hint = flavor_commands.unset_property(flavor, DISK0_TYPE)
        return finding(expected=show(None), hint=hint, basis=Basis.TEXT, deviation="DEV-0103-2")
    hint = _labelling(standard, flavor, DISK0_TYPE, wanted)
    if standard.disk_letter:
        return finding(expected=show(wanted), hint=hint)
    if value in DISK_TYPE_OF_SPEC:
        return finding(expected=show(wanted), hint=hint, basis=Basis.OFFICIAL, deviation="DEV-0103-1")
    return finding(expected=one_of(map(show, DISK_TYPE_OF_SPEC)), hint=hint)


def _replacement(standard: StandardFlavor, flavor: Flavor) -> str:
    """The commands that mend what Nova cannot change about an existing flavor."""
    same_size = (flavor.vcpus, flavor.ram, flavor.disk) == (standard.vcpus, standard.ram, standard.disk)
    if flavor.name != standard.name and not same_size:
        # Nothing is wrong with the flavor but its label.
        return f"{flavor_commands.unset_property(flavor, NAME_V2)} && {standard.create_command}"
    properties = {**flavor.extra_specs, **standard.properties}
    disk_type = flavor.extra_specs.get(DISK0_TYPE, "")
    if not standard.disk:
        properties.pop(DISK0_TYPE, None)
    elif disk_type in DISK_TYPE_OF_SPEC and not standard.disk_letter:
        properties[DISK0_TYPE] = disk_type
    return flavor_commands.recreate(
        flavor, vcpus=standard.vcpus, ram=standard.ram, disk=standard.disk, properties=properties, public=True
    )


def _missing(standard: StandardFlavor, flavors: Sequence[Flavor]) -> Finding:
    """The finding for a standard flavor that no flavor claims to be."""
    near = [f"{flavor.name} ({why})" for flavor, why in _near_misses(standard, flavors)]
    if len(near) > _MOST_NEAR_MISSES:
        near[_MOST_NEAR_MISSES:] = [f"{len(near) - _MOST_NEAR_MISSES} more"]
    return Finding(
        resource=f"flavor {standard.name}",
        rule="scs-0103/standard_flavor_exists",
        title="the standard flavor exists",
        expected=f"a flavor with {NAME_V2} {show(standard.name)}",
        observed=f"none; near misses: {', '.join(near)}" if near else "none",
        hint=standard.create_command,
    )


def _near_misses(standard: StandardFlavor, flavors: Sequence[Flavor]) -> Iterator[tuple[Flavor, str]]:
    """Public flavors that are almost it, and in what respect; private ones are nobody else's business."""
    name_v1 = standard.name_v1
    vcpus, ram, disk = standard.vcpus, standard.ram, standard.disk
    for flavor in flavors:
        if not flavor.is_public:
            continue
        if flavor.name == name_v1 or name_v1 in flavor.extra_specs.values():
            yield flavor, "named in v1 syntax"
        elif flavor.ram == ram and flavor.vcpus == vcpus and flavor.disk == disk:
            yield flavor, "same CPU, RAM and disk"
