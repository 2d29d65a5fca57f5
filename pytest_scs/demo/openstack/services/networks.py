# SPDX-License-Identifier: Apache-2.0
"""Neutron's networks, subnets and ports, with addresses for the ports."""

from __future__ import annotations

import secrets
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from pytest_scs.demo.openstack.services import network_base as base
from pytest_scs.demo.openstack.services.network_base import Collection
from pytest_scs.demo.openstack.services.network_routes import Resource, routes
from pytest_scs.demo.openstack.services.security_groups import GROUPS, ensure_default
from pytest_scs.demo.openstack.state import CloudState
from pytest_scs.demo.openstack.wire import RefusedError

NETWORKS = Collection(
    "networks",
    "network",
    "Network",
    "could not be found.",
    {
        "admin_state_up": True,
        "mtu": 1450,
        "status": "ACTIVE",
        "subnets": [],
        "shared": False,
        "port_security_enabled": True,
        "router:external": False,
        "is_default": False,
        "availability_zone_hints": [],
        "availability_zones": [],
        "ipv4_address_scope": None,
        "ipv6_address_scope": None,
        "qos_policy_id": None,
    },
    fixed=frozenset({"status", "subnets", "availability_zones"}),
    admin=frozenset({"shared", "router:external", "is_default"}),
)
SUBNETS = Collection(
    "subnets",
    "subnet",
    "Subnet",
    "could not be found.",
    {
        "network_id": None,
        "ip_version": 4,
        "cidr": None,
        "gateway_ip": None,
        "allocation_pools": [],
        "enable_dhcp": True,
        "dns_nameservers": [],
        "host_routes": [],
        "service_types": [],
        "subnetpool_id": None,
        "ipv6_ra_mode": None,
        "ipv6_address_mode": None,
    },
    lasting=frozenset({"network_id", "ip_version", "cidr"}),
)
PORTS = Collection(
    "ports",
    "port",
    "Port",
    "could not be found.",
    {
        "network_id": None,
        "mac_address": None,
        "admin_state_up": True,
        "status": "DOWN",
        "device_id": "",
        "device_owner": "",
        "fixed_ips": [],
        "security_groups": [],
        "port_security_enabled": True,
        "allowed_address_pairs": [],
        "extra_dhcp_opts": [],
        "binding:vnic_type": "normal",
        "qos_policy_id": None,
        "qos_network_policy_id": None,
    },
    fixed=frozenset({"status"}),
    lasting=frozenset({"network_id"}),
)
ROUTER_INTERFACE = "network:router_interface"

Network = IPv4Network | IPv6Network


# -- networks -------------------------------------------------------------------------------------------------------


def create_network(state: CloudState, given: dict[str, Any]) -> dict[str, Any]:
    """Keep a new network."""
    base.charge(state, NETWORKS.name)
    network = base.new(state, NETWORKS, given)
    state.networks.append(network)
    return network


def _remove_network(state: CloudState, network: dict[str, Any]) -> None:
    """Forget a network with its subnets, unless ports are on it."""
    if ports := ",".join(port["id"] for port in state.ports if port["network_id"] == network["id"]):
        message = (
            f"Unable to complete operation on network {network['id']}. There are one or more ports still in use on the "
            f"network, id for these ports is: {ports}."
        )
        raise RefusedError(409, message, "NetworkInUse")
    state.networks.remove(network)
    state.subnets[:] = [subnet for subnet in state.subnets if subnet["network_id"] != network["id"]]


# -- subnets --------------------------------------------------------------------------------------------------------


def _invalid(reason: str) -> RefusedError:
    return RefusedError(400, f"Invalid input for operation: {reason}", "InvalidInput")


def _parse(cidr: Any) -> Network:
    try:
        if "/" in cidr:
            return ip_network(cidr, strict=False)
    except (TypeError, ValueError):
        pass
    raise _invalid(f"{cidr} is not in a CIDR format.")


def _gateway(given: dict[str, Any], cidr: Network) -> str | None:
    wanted = given.get("gateway_ip", str(cidr[1]))
    try:
        return None if wanted is None else str(ip_address(wanted))
    except ValueError:
        raise RefusedError(
            400, f"Invalid input for gateway_ip. Reason: '{wanted}' is not a valid IP address."
        ) from None


def create_subnet(state: CloudState, given: dict[str, Any]) -> dict[str, Any]:
    """Keep a new subnet of one of the project's networks; the gateway is its first address unless given."""
    network = base.lookup(state, NETWORKS, str(given.get("network_id")))
    if not state.owns(network):
        raise RefusedError(403, "rule:create_subnet is disallowed by policy", "PolicyNotAuthorized")
    cidr = _parse(given.get("cidr"))
    if cidr.version != given.get("ip_version", 4):
        raise _invalid(f"cidr '{cidr}' does not match the ip_version '{given.get('ip_version', 4)}'.")
    for other in state.subnets:
        if other["network_id"] == network["id"] and _overlap(cidr, ip_network(other["cidr"])):
            message = f"Requested subnet with cidr: {cidr} for network: {network['id']} overlaps with another subnet."
            raise _invalid(message)
    gateway = _gateway(given, cidr)
    base.charge(state, SUBNETS.name)
    pools = given.get("allocation_pools") or _pools(cidr, gateway)
    subnet = base.new(state, SUBNETS, given | {"cidr": str(cidr), "gateway_ip": gateway, "allocation_pools": pools})
    state.subnets.append(subnet)
    network["subnets"].append(subnet["id"])
    return subnet


def _overlap(one: Network, other: Network) -> bool:
    return one.version == other.version and one.overlaps(other)


def _pools(cidr: Network, gateway: str | None) -> list[dict[str, str]]:
    """All addresses but the first, which is the network's, the broadcast address and the gateway."""
    first, last = cidr[1], cidr[-2 if cidr.version == 4 else -1]
    if gateway == str(first):
        return [{"start": str(first + 1), "end": str(last)}]
    if gateway is None or not first < ip_address(gateway) < last:  # type: ignore[operator]  # they are of one version
        return [{"start": str(first), "end": str(last)}]
    middle = ip_address(gateway)
    return [{"start": str(first), "end": str(middle - 1)}, {"start": str(middle + 1), "end": str(last)}]


def _remove_subnet(state: CloudState, subnet: dict[str, Any]) -> None:
    if any(fixed["subnet_id"] == subnet["id"] for port in state.ports for fixed in port["fixed_ips"]):
        message = (
            f"Unable to complete operation on subnet {subnet['id']}: One or more ports have an IP allocation from this "
            "subnet."
        )
        raise RefusedError(409, message, "SubnetInUse")
    state.subnets.remove(subnet)
    base.lookup(state, NETWORKS, subnet["network_id"])["subnets"].remove(subnet["id"])


# -- ports ----------------------------------------------------------------------------------------------------------


def _taken(state: CloudState, subnet: dict[str, Any]) -> set[str]:
    """The addresses of a subnet that ports or, being gateways, routers have."""
    gateways = [
        router["external_gateway_info"]["external_fixed_ips"]
        for router in state.routers
        if router["external_gateway_info"]
    ]
    ports = [port["fixed_ips"] for port in state.ports]
    return {fixed["ip_address"] for entry in gateways + ports for fixed in entry if fixed["subnet_id"] == subnet["id"]}


def free_address(state: CloudState, subnet: dict[str, Any]) -> str:
    """The first address of the subnet's pools that no port has; raises RefusedError (409) if there is none."""
    taken = _taken(state, subnet)
    for pool in subnet["allocation_pools"]:
        address, end = ip_address(pool["start"]), ip_address(pool["end"])
        while address <= end:  # type: ignore[operator]  # they are of one version
            if str(address) not in taken:
                return str(address)
            address += 1
    message = f"No more IP addresses available on network {subnet['network_id']}."
    raise RefusedError(409, message, "IpAddressGenerationFailure")


def _addresses(state: CloudState, network: dict[str, Any], wanted: Any) -> list[dict[str, str]]:
    """The addresses of a new port: those asked for, or one of each address family the network has."""
    subnets = [subnet for subnet in state.subnets if subnet["network_id"] == network["id"]]
    if wanted is None:
        families = {subnet["ip_version"]: subnet for subnet in reversed(subnets)}
        return [{"subnet_id": subnet["id"], "ip_address": free_address(state, subnet)} for subnet in families.values()]
    fixed = []
    for entry in wanted:
        subnet = base.lookup(state, SUBNETS, str(entry.get("subnet_id") or _containing(subnets, entry)))
        address = entry.get("ip_address") or free_address(state, subnet)
        if address in _taken(state, subnet):
            message = f"IP address {address} already allocated in subnet {subnet['id']}"
            raise RefusedError(409, message, "IpAddressAlreadyAllocated")
        fixed.append({"subnet_id": subnet["id"], "ip_address": address})
    return fixed


def _containing(subnets: list[dict[str, Any]], entry: dict[str, Any]) -> str | None:
    for subnet in subnets:
        if ip_address(entry["ip_address"]) in ip_network(subnet["cidr"]):
            return str(subnet["id"])
    return None


def create_port(state: CloudState, given: dict[str, Any]) -> dict[str, Any]:
    """Keep a new port, in the project's ``default`` group unless other groups, or none, are given."""
    network = base.lookup(state, NETWORKS, str(given.get("network_id")))
    if not state.owns(network) and not network["shared"]:
        raise RefusedError(403, "rule:create_port is disallowed by policy", "PolicyNotAuthorized")
    if "security_groups" not in given:
        secure = given.get("port_security_enabled", True)
        given = given | {"security_groups": [ensure_default(state)["id"]] if secure else []}
    for group in given["security_groups"]:
        base.lookup(state, GROUPS, group)
    base.charge(state, PORTS.name)
    fixed = _addresses(state, network, given.get("fixed_ips"))
    mac = given.get("mac_address") or "fa:16:3e:" + secrets.token_bytes(3).hex(":")
    port = base.new(state, PORTS, given | {"fixed_ips": fixed, "mac_address": mac})
    state.ports.append(port)
    return port


def _update_port(state: CloudState, port: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    for group in given.get("security_groups", ()):
        base.lookup(state, GROUPS, group)
    return given


def _remove_port(state: CloudState, port: dict[str, Any]) -> None:
    if port["device_owner"] == ROUTER_INTERFACE:
        message = (
            f"Port {port['id']} cannot be deleted directly via the port API: has device owner {port['device_owner']}."
        )
        raise RefusedError(409, message, "ServicePortInUse")
    state.ports.remove(port)


ROUTES = (
    *routes(Resource(NETWORKS, create_network, _remove_network, lambda state, item, given: given)),
    *routes(Resource(SUBNETS, create_subnet, _remove_subnet, lambda state, item, given: given)),
    *routes(Resource(PORTS, create_port, _remove_port, _update_port)),
)
