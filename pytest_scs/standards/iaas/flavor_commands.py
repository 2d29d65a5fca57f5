# SPDX-License-Identifier: Apache-2.0
"""The ``openstack`` commands that mend flavors.

Nova changes neither name, size, visibility nor state of an existing flavor; only its extra specs can be set. All else
takes a new flavor. Servers that run keep a copy of the flavor they were started with. Which projects have access to a
private flavor is for administrators to see, so these commands cannot hold it, and say so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pytest_scs.base.shell import command, option
from pytest_scs.base.shell import properties as options
from pytest_scs.standards.iaas.model import Flavor

# Comments name nothing out of the cloud: a line break in a name would end them, and begin a command.
_BETWEEN = "between the two there is no such flavor"
_ACCESS = (
    "access is not carried over: see it first with openstack flavor show, give it with openstack flavor set --project"
)

#: What an existing flavor is compared by with the one that is to be made.
_COMPARED = {"--id", "--vcpus", "--ram", "--disk"}


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
    """The command that creates a flavor: ``ram`` in MiB, ``disk`` in GiB, ``more`` further options."""
    words = ["openstack", "flavor", "create", "--public" if public else "--private"]
    words += ["--vcpus", str(vcpus), "--ram", str(ram), "--disk", str(disk), *more]
    return command([*words, *options(properties or {})], name)


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
    creation = create(
        flavor.name,
        vcpus=flavor.vcpus if vcpus is None else vcpus,
        ram=flavor.ram if ram is None else ram,
        disk=flavor.disk if disk is None else disk,
        properties=flavor.extra_specs if properties is None else properties,
        public=public,
        more=[*option("--id", flavor.id), *_unjudged(flavor)],
    )
    remarks = [_BETWEEN, *([] if public else [_ACCESS])]
    return f"{delete(flavor)} && {creation}  # {'; '.join(remarks)}"


def rename(flavor: Flavor, name: str) -> str:
    """The commands that offer the same flavor under another name instead."""
    creation = create(
        name,
        vcpus=flavor.vcpus,
        ram=flavor.ram,
        disk=flavor.disk,
        properties=flavor.extra_specs,
        public=flavor.is_public,
        more=_unjudged(flavor),
    )
    remark = "" if flavor.is_public else f"  # {_ACCESS}"
    return f"{creation} && {delete(flavor)}{remark}"


def delete(flavor: Flavor) -> str:
    """The command that deletes a flavor."""
    return command(["openstack", "flavor", "delete"], flavor.id)


def set_properties(flavor: Flavor, properties: Mapping[str, str]) -> str:
    """The command that sets extra specs."""
    return command(["openstack", "flavor", "set", *options(properties)], flavor.id)


def unset_property(flavor: Flavor, key: str) -> str:
    """The command that removes one extra spec."""
    return command(["openstack", "flavor", "unset", *option("--property", key)], flavor.id)


def shows_as_made(creation: Sequence[str]) -> tuple[list[str], list[str]] | None:
    """A command that shows the flavor which one of :func:`recreate` makes, and what it says of such a flavor.

    None for any other command. Size and visibility are compared; the extra specs go along with them.
    """
    if list(creation[:3]) != ["openstack", "flavor", "create"]:
        return None
    values = {word: creation[place + 1] for place, word in enumerate(creation[:-1]) if word in _COMPARED}
    if values.keys() != _COMPARED:
        return None
    columns = ("disk", "os-flavor-access:is_public", "ram", "vcpus")  # in the order in which they are shown
    wanted = [values["--disk"], str("--public" in creation), values["--ram"], values["--vcpus"]]
    show = ["openstack", "flavor", "show", "-f", "value", *(word for one in columns for word in ("-c", one))]
    return [*show, values["--id"]], wanted


def _unjudged(flavor: Flavor) -> list[str]:
    """The options for what no standard speaks of, where it is not what a new flavor has anyway."""
    options = (("--ephemeral", flavor.ephemeral, 0), ("--swap", flavor.swap, 0), ("--rxtx-factor", flavor.rxtx, 1))
    return [word for option, value, usual in options if value != usual for word in (option, str(value))]
