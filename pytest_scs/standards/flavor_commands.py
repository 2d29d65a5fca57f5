# SPDX-License-Identifier: Apache-2.0
"""The ``openstack`` commands that mend flavors.

Nova changes neither name, size, visibility nor state of an existing flavor; only its extra specs can be set. All else
takes a new flavor. Servers that run keep a copy of the flavor they were started with.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from pytest_scs.standards.model import Flavor


def create(
    name: str, *, vcpus: int, ram: int, disk: int, properties: Mapping[str, str] | None = None, public: bool = True
) -> str:
    """The command that creates a flavor: ``ram`` in MiB, ``disk`` in GiB.

    A name in angle brackets is a placeholder and stays unquoted.
    """
    words = ["openstack", "flavor", "create", "--public" if public else "--private"]
    words += ["--vcpus", str(vcpus), "--ram", str(ram), "--disk", str(disk)]
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
    """The commands that replace a flavor by one of the same name; what is not given stays as it is."""
    command = create(
        flavor.name,
        vcpus=flavor.vcpus if vcpus is None else vcpus,
        ram=flavor.ram if ram is None else ram,
        disk=flavor.disk if disk is None else disk,
        properties=flavor.extra_specs if properties is None else properties,
        public=flavor.is_public if public is None else public,
    )
    return f"{delete(flavor)} && {command}"


def rename(flavor: Flavor, name: str) -> str:
    """The commands that offer the same flavor under another name instead."""
    command = create(
        name,
        vcpus=flavor.vcpus,
        ram=flavor.ram,
        disk=flavor.disk,
        properties=flavor.extra_specs,
        public=flavor.is_public,
    )
    return f"{command} && {delete(flavor)}"


def delete(flavor: Flavor) -> str:
    """The command that deletes a flavor."""
    return shlex.join(["openstack", "flavor", "delete", flavor.id])


def set_properties(flavor: Flavor, properties: Mapping[str, str]) -> str:
    """The command that sets extra specs."""
    return shlex.join(["openstack", "flavor", "set", *_properties(properties), flavor.id])


def unset_property(flavor: Flavor, key: str) -> str:
    """The command that removes one extra spec."""
    return shlex.join(["openstack", "flavor", "unset", "--property", key, flavor.id])


def _properties(properties: Mapping[str, str]) -> list[str]:
    return [word for key, value in properties.items() for word in ("--property", f"{key}={value}")]
