# SPDX-License-Identifier: Apache-2.0
"""What a program like Tempest left in a project: what provably is of a run, and what merely appeared meanwhile.

Tempest creates resources by itself, so no journal knows their ids. It begins names with the run's prefix, which proves
them; what hangs on such a resource (a port on its network, a server on that port, a floating IP on its router) is
proved by it. Anything else that was not there before may be somebody's: it is named, and left alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pytest_scs.base.shell import command
from pytest_scs.core.cause import Inconclusive
from pytest_scs.platforms.openstack.client import Client, Refused
from pytest_scs.platforms.openstack.kinds import KINDS, Kind
from pytest_scs.platforms.openstack.listed import belongs_to_project, entries_of_kind, resources_of_runs
from pytest_scs.platforms.openstack.resource import TEMPEST_NAME, Resource

#: How openstackclient calls the kinds, where it is not the kind's name with blanks.
_COMMANDS = {"backup": "volume backup", "snapshot": "volume snapshot"}


#: Kind -> ids of what a project has of it; None for a kind that its user may not list.
Belongings = Mapping[str, Collection[str] | None]


def project_belongings(client: Client) -> dict[str, list[str] | None]:
    """What the project has; raises Inconclusive if a kind cannot be listed."""
    return {
        kind.name: None if (own := _own(client, kind)) is None else [identity for identity, _ in own]
        for kind in _offered(client)
    }


def proved_of_runs(client: Client, runs: Collection[str], before: Belongings) -> list[Resource]:
    """What is of these runs by its name, or by what it belongs to; raises Inconclusive if a kind cannot be listed.

    That is no problem for a kind that could not be listed ``before``, either.
    """
    found: dict[tuple[str, str], Resource] = {}
    for kind in _offered(client):
        try:
            found |= {(kind.name, one.id): one for one in resources_of_runs(client, kind, runs)}
        except Refused as error:
            if error.status not in (403, 404) or _listed(before, kind):
                raise
    for resource in attached_to(client, list(found.values())):
        found.setdefault((resource.kind.name, resource.id), resource)
    return list(found.values())


def named_by_programs(client: Client) -> Iterator[Resource]:
    """Whatever is named as programs name it, for any run; raises Inconclusive if a kind cannot be listed."""
    for kind in _offered(client):
        for identity, entry in _own(client, kind) or ():
            name = str(entry.get("name") or "")
            if TEMPEST_NAME.fullmatch(name):
                yield Resource(kind, name, identity)


def lines_about_unproved(client: Client, before: Belongings) -> list[str]:
    """A line for each resource that was not there before; raises Inconclusive if a kind cannot be listed."""
    lines = []
    for kind in _offered(client):
        own = _own(client, kind)
        if own is None and _listed(before, kind):
            raise Inconclusive(f"what the project has of kind {kind.name} cannot be listed any more")
        if own and not _listed(before, kind):
            lines.append(f"{kind.name}: could not be listed before the run, so what appeared since cannot be told")
            continue
        for identity, entry in own or ():
            # A port goes with what it belongs to, which has a line of its own; so do subnets with their networks.
            if identity in (before.get(kind.name) or ()) or (kind.name == "port" and entry.get("device_owner")):
                continue
            name = entry.get("name") or entry.get("floating_ip_address") or "without a name"
            verb = _COMMANDS.get(kind.name, kind.name.replace("-", " "))
            lines.append(
                f"{kind.name} {name} ({identity}) appeared during the run, and nothing proves that Tempest made it; "
                f"look at it, then: {command(['openstack', *verb.split(), 'delete'], identity)}"
            )
    return lines


def attached_to(client: Client, resources: Collection[Resource]) -> Iterator[Resource]:
    """What hangs on these resources: ports and servers on networks, floating IPs of ports and routers."""
    networks = {one.id: one for one in resources if one.kind.name == "network"}
    holders = {one.id: one for one in resources if one.kind.name in ("router", "server")}
    if not networks and not holders:
        return
    ports = {}
    for identity, port in entries_of_kind(client, KINDS["port"]):
        owner = networks.get(str(port.get("network_id"))) or holders.get(str(port.get("device_id")))
        if owner is None:
            continue
        ports[identity] = owner
        device = str(port.get("device_owner") or "")
        # Ports of routers and DHCP go with their router and their network.
        if not device.startswith("network:"):
            yield Resource(KINDS["port"], f"{owner.name} port", identity, proved=True)
        if device.startswith("compute:") and port.get("device_id") and owner.kind.name == "network":
            yield Resource(KINDS["server"], f"{owner.name} server", str(port["device_id"]), proved=True)
    for identity, address in entries_of_kind(client, KINDS["floating-ip"]):
        owner = ports.get(str(address.get("port_id"))) or holders.get(str(address.get("router_id")))
        if owner is not None:
            yield Resource(KINDS["floating-ip"], f"{owner.name} address", identity, proved=True)


def _offered(client: Client) -> list[Kind]:
    """The kinds that a project of this cloud can have; what it does not offer cannot have been left there."""
    kinds = (kind for kind in KINDS.values() if kind.listing and kind.held_by == "project")
    return [kind for kind in kinds if client.offers(kind.service)]


def _listed(before: Belongings, kind: Kind) -> bool:
    return before.get(kind.name, ()) is not None


def _own(client: Client, kind: Kind) -> list[tuple[str, dict[str, Any]]] | None:
    """What of a kind is the project's: listings of networks and images have those of others, too.

    None if its user may not list it, or the service does not know it. Raises Inconclusive if it cannot be listed.
    """
    try:
        return [
            (identity, entry) for identity, entry in entries_of_kind(client, kind) if belongs_to_project(client, entry)
        ]
    except Inconclusive as error:
        if isinstance(error, Refused) and error.status in (403, 404):
            return None
        raise Inconclusive(f"what the project has of kind {kind.name} cannot be listed: {error}", error.kind) from None
