# SPDX-License-Identifier: Apache-2.0
"""Whether the flavors of a cloud are named as scs-0100-v3 demands, and keep what their names promise.

Source: scs-0100-v3, "Naming policy compliance"; docs/standards/scs-0100.md#promises.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Final

from pytest_scs.base.shell import Placeholder
from pytest_scs.core.findings import Basis, Finding, Observation, Remark
from pytest_scs.core.judge import Judge
from pytest_scs.standards.iaas import flavor_commands
from pytest_scs.standards.iaas.flavor_grammar import FlavorNameError, ParsedName, parse
from pytest_scs.standards.iaas.flavor_name import format_name, is_scs_name
from pytest_scs.standards.iaas.model import Flavor

#: How much RAM, in MiB, the official suite lets a flavor fall short of its name; the text knows no tolerance.
RAM_TOLERANCE_MIB: Final = 51

#: Rule id and title of what the name has to follow, and of what it promises.
_GRAMMAR: Final = ("scs-0100/name_grammar", "the name follows the naming grammar")
_CPUS: Final = ("scs-0100/promised_cpus", "CPUs promised by the name")
_RAM: Final = ("scs-0100/promised_ram", "RAM promised by the name")
_DISK: Final = ("scs-0100/promised_disk", "disk promised by the name")
#: Rows about spelling only; the others are about something that the canonical form keeps.
_SETTLED_BY_SPELLING: Final = ("DEV-0100-4", "DEV-0100-5", "DEV-0100-12")


def check_syntax(flavor: Flavor) -> Iterator[Observation]:
    """A name that starts with ``SCS-`` follows the grammar of scs-0100-v3; other names are free.

    The v1 syntax is tolerated with a remark (DEV-0100-9).
    """
    if not is_scs_name(flavor.name):
        return
    try:
        parsed = parse(flavor.name)
    except FlavorNameError as error:
        yield Finding(
            resource=flavor.label,
            resource_id=flavor.id,
            rule=_GRAMMAR[0],
            title=_GRAMMAR[1],
            expected=_expectation(error.expected, flavor.name, error.position),
            observed=_observation(flavor.name, error.position),
            hint=flavor_commands.rename(flavor, Placeholder("VALID_AND_TRUE_SCS_NAME")),
        )
        return
    for difference in parsed.differences:
        yield Finding(
            resource=flavor.label,
            resource_id=flavor.id,
            rule=_GRAMMAR[0],
            title=_GRAMMAR[1],
            expected=_expectation(difference.expected, flavor.name, difference.position),
            observed=_observation(flavor.name, difference.position),
            hint=flavor_commands.rename(flavor, _undisputed_name(parsed, flavor)),
            basis=Basis.only(difference.rejected_by),
            deviation=difference.deviation,
        )
    yield from _warnings(flavor, parsed)


def check_semantics(flavor: Flavor) -> Iterator[Observation]:
    """A flavor has at least the CPUs, the RAM and the disk that its SCS name promises; more is fine (scs-0100-v3).

    A judge that rejects the name itself does not look at the promise. The RAM may fall 51 MiB short for the official
    suite (DEV-0100-10). Of several disks only the size of one can be seen.
    """
    if not is_scs_name(flavor.name):
        return
    try:
        parsed = parse(flavor.name)
    except FlavorNameError:
        return
    name = parsed.flavor
    if flavor.vcpus < name.cpus:
        yield from _broken_promise(flavor, parsed, _CPUS, f"at least {name.cpus}", str(flavor.vcpus))
    if flavor.ram < name.ram_mib:
        tolerated = flavor.ram >= name.ram_mib - RAM_TOLERANCE_MIB
        yield from _broken_promise(
            flavor,
            parsed,
            _RAM,
            f"at least {name.ram_mib} MiB ({name.ram_gib} GiB)",
            f"{flavor.ram} MiB",
            basis=Basis.TEXT if tolerated else Basis.BOTH,
            deviation="DEV-0100-10" if tolerated else "",
        )
    if flavor.disk < name.disk_size:
        yield from _broken_promise(flavor, parsed, _DISK, f"at least {name.disk_size} GB", f"{flavor.disk} GB")
    if name.disk and name.disk.size is None and parsed.accepted_by(Judge.OFFICIAL):
        yield Remark(
            "the name has a disk part without a size, on which the official suite gives ABORT for all flavors",
            flavor.label,
            "DEV-0100-1",
        )
    yield from _warnings(flavor, parsed)


def _broken_promise(
    flavor: Flavor,
    parsed: ParsedName,
    promise: tuple[str, str],
    expected: str,
    observed: str,
    basis: Basis = Basis.BOTH,
    deviation: str = "",
) -> Iterator[Finding]:
    """The finding for those judges that hold against the flavor what is ``observed`` and accept its name.

    ``promise`` is the rule id with its title.
    """
    if not parsed.accepted_by():
        judge = Judge.OFFICIAL if parsed.accepted_by(Judge.OFFICIAL) else Judge.TEXT
        if not basis.concerns(judge):
            return
        basis, deviation = Basis.only(judge), deviation or parsed.differences[0].deviation
    rule, title = promise
    name = parsed.flavor
    yield Finding(
        resource=flavor.label,
        resource_id=flavor.id,
        rule=rule,
        title=title,
        expected=expected,
        observed=observed,
        hint=flavor_commands.recreate(
            flavor,
            vcpus=max(flavor.vcpus, name.cpus),
            ram=max(flavor.ram, name.ram_mib),
            disk=max(flavor.disk, name.disk_size),
        ),
        basis=basis,
        deviation=deviation,
    )


def _expectation(expected: str, name: str, position: int) -> str:
    return f"{expected} after {name[:position]!r}"


def _observation(name: str, position: int) -> str:
    return repr(name[position:]) if name[position:] else "the end of the name"


def _undisputed_name(parsed: ParsedName, flavor: Flavor) -> str:
    """The canonical spelling if that settles the dispute and the flavor keeps its promise, otherwise a placeholder."""
    name = parsed.flavor
    settled = all(difference.deviation in _SETTLED_BY_SPELLING for difference in parsed.differences)
    kept = flavor.vcpus >= name.cpus and flavor.ram >= name.ram_mib and flavor.disk >= name.disk_size
    return format_name(name) if settled and kept else Placeholder("TRUE_AND_UNDISPUTED_SCS_NAME")


def _warnings(flavor: Flavor, parsed: ParsedName) -> Iterator[Remark]:
    return (dataclasses.replace(warning, resource=flavor.label) for warning in parsed.warnings)
