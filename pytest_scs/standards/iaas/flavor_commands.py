# SPDX-License-Identifier: Apache-2.0
"""The ``openstack`` commands that mend flavors.

Nova changes neither name, size, visibility nor state of an existing flavor; only its extra specs can be set. All else
takes a new flavor. Servers that run keep a copy of the flavor they were started with. Which projects have access to a
private flavor is for administrators to see, so these commands cannot hold it, and say so.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from pytest_scs.standards.iaas.model import Flavor

# Comments name nothing out of the cloud: a line break in a name would end them, and begin a command.
_BETWEEN = "between the two there is no such flavor"
_ACCESS = (
    "access is not carried over: see it first with openstack flavor show, give it with openstack flavor set --project"
)


def create(
    name: str,
    *,
    vcpus: int,
    ram: int,
    disk: int,
    properties: Mapping[str, str] | None = None,
    public: bool = True,
    more: Sequence[str] = (),
) -> str:
    """The command that creates a flavor: ``ram`` in MiB, ``disk`` in GiB, ``more`` further options.

    A name in angle brackets is a placeholder and stays unquoted.
    """
    words = ["openstack", "flavor", "create", "--public" if public else "--private"]
    words += ["--vcpus", str(vcpus), "--ram", str(ram), "--disk", str(disk), *more]
    words += _properties(properties or {})
    return f"{shlex.join(words)} {name if name.startswith('<') else shlex.quote(name)}"


def recreate(
    flavor: Flavor,
    *,
    vcpus: int | None = None,
    ram: int | None = None,
    disk: int | None = None,
    properties: Mapping[str, str] | None = None,
    public: bool | None = None,
) -> str:
    """The commands that replace a flavor by one of the same name and id; what is not given stays as it is.

    Neither can be there twice, so the old flavor has to go first.
    """
    public = flavor.is_public if public is None else public
    command = create(
        flavor.name,
        vcpus=flavor.vcpus if vcpus is None else vcpus,
        ram=flavor.ram if ram is None else ram,
        disk=flavor.disk if disk is None else disk,
        properties=flavor.extra_specs if properties is None else properties,
        public=public,
        more=["--id", flavor.id, *_unjudged(flavor)],
    )
    remarks = [_BETWEEN, *([] if public else [_ACCESS])]
    return f"{delete(flavor)} && {command}  # {'; '.join(remarks)}"


def rename(flavor: Flavor, name: str) -> str:
    """The commands that offer the same flavor under another name instead."""
    command = create(
        name,
        vcpus=flavor.vcpus,
        ram=flavor.ram,
        disk=flavor.disk,
        properties=flavor.extra_specs,
        public=flavor.is_public,
        more=_unjudged(flavor),
    )
    remark = "" if flavor.is_public else f"  # {_ACCESS}"
    return f"{command} && {delete(flavor)}{remark}"


def delete(flavor: Flavor) -> str:
    """The command that deletes a flavor."""
    return shlex.join(["openstack", "flavor", "delete", flavor.id])


def set_properties(flavor: Flavor, properties: Mapping[str, str]) -> str:
    """The command that sets extra specs."""
    return shlex.join(["openstack", "flavor", "set", *_properties(properties), flavor.id])


def unset_property(flavor: Flavor, key: str) -> str:
    """The command that removes one extra spec."""
    return shlex.join(["openstack", "flavor", "unset", "--property", key, flavor.id])


def _unjudged(flavor: Flavor) -> list[str]:
    """The options for what no standard speaks of, where it is not what a new flavor has anyway."""
    options = (("--ephemeral", flavor.ephemeral, 0), ("--swap", flavor.swap, 0), ("--rxtx-factor", flavor.rxtx, 1))
    return [word for option, value, usual in options if value != usual for word in (option, str(value))]


def _properties(properties: Mapping[str, str]) -> list[str]:
    return [word for key, value in properties.items() for word in ("--property", f"{key}={value}")]
