# SPDX-License-Identifier: Apache-2.0
"""Ports and router interfaces in the demo cloud: addresses, groups, owners."""

from __future__ import annotations

from typing import Any

import pytest
from openstack import exceptions
from openstack.connection import Connection

from pytest_scs.demo.openstack.state import CloudState

#: What the SDK warns of is its own use of itself.
pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def build(connection: Connection, *cidrs: str, **options: Any) -> tuple[Any, list[Any]]:
    """A network with subnets."""
    network = connection.network.create_network(name="mine")
    return network, [
        connection.network.create_subnet(
            network_id=network.id, ip_version=6 if ":" in cidr else 4, cidr=cidr, **options
        )
        for cidr in cidrs
    ]


def addresses(port: Any) -> list[str]:
    return [fixed["ip_address"] for fixed in port.fixed_ips]


def test_a_port_has_an_address_of_each_family(connection: Connection) -> None:
    network, _ = build(connection, "10.0.0.0/24", "10.1.0.0/24", "fd00::/64")
    assert sorted(addresses(connection.network.create_port(network_id=network.id))) == ["10.0.0.2", "fd00::2"]
    assert addresses(connection.network.create_port(network_id=build(connection)[0].id)) == []


def test_addresses_may_be_chosen_once(connection: Connection) -> None:
    network, (first, second) = build(connection, "10.0.0.0/24", "10.1.0.0/24")
    net = connection.network
    for wanted, given in (
        ({"subnet_id": second.id}, "10.1.0.2"),
        ({"ip_address": "10.1.0.9"}, "10.1.0.9"),
        ({"subnet_id": first.id, "ip_address": "10.0.0.9"}, "10.0.0.9"),
    ):
        assert addresses(net.create_port(network_id=network.id, fixed_ips=[wanted])) == [given]
    with pytest.raises(exceptions.ConflictException, match=r"10\.0\.0\.9 already allocated"):
        net.create_port(network_id=network.id, fixed_ips=[{"subnet_id": first.id, "ip_address": "10.0.0.9"}])
    with pytest.raises(exceptions.NotFoundException):
        net.create_port(network_id=network.id, fixed_ips=[{"ip_address": "192.0.2.1"}])
    found = net.ports(fixed_ips=f"subnet_id={second.id}")
    assert sorted(address for port in found for address in addresses(port)) == ["10.1.0.2", "10.1.0.9"]


def test_a_subnet_may_be_full(state: CloudState, connection: Connection) -> None:
    network, _ = build(connection, "10.0.0.0/30")
    connection.network.create_port(network_id=network.id)
    with pytest.raises(exceptions.ConflictException, match="No more IP addresses available"):
        connection.network.create_port(network_id=network.id)
    assert len(state.ports) == 1


def test_ports_are_in_groups_or_in_none(state: CloudState, connection: Connection) -> None:
    network, _ = build(connection)
    group = connection.network.create_security_group(name="mine")
    default = state.security_groups[0]["id"]
    port = connection.network.create_port(network_id=network.id)
    assert port.security_group_ids == [default]
    assert connection.network.create_port(network_id=network.id, port_security_enabled=False).security_group_ids == []
    changed = connection.network.update_port(port, name="yours", security_groups=[group.id])
    assert (changed.name, changed.security_group_ids) == ("yours", [group.id])
    with pytest.raises(exceptions.NotFoundException, match=f"Security group {UNKNOWN} does not exist"):
        connection.network.update_port(port, security_groups=[UNKNOWN])
    with pytest.raises(exceptions.NotFoundException, match=f"Security group {UNKNOWN} does not exist"):
        connection.network.create_port(network_id=network.id, security_groups=[UNKNOWN])


def test_a_router_takes_a_port_that_exists(state: CloudState, connection: Connection) -> None:
    network, _ = build(connection, "10.0.0.0/24")
    net = connection.network
    router, other = net.create_router(name="mine"), net.create_router(name="other")
    port = net.create_port(network_id=network.id)
    assert net.add_interface_to_router(router, port_id=port.id)["port_id"] == port.id
    assert net.get_port(port.id).device_owner == "network:router_interface"
    with pytest.raises(exceptions.ConflictException, match="still in use"):
        net.add_interface_to_router(other, port_id=port.id)
    with pytest.raises(exceptions.NotFoundException, match="does not have an interface with id"):
        net.remove_interface_from_router(other, port_id=port.id)
    net.remove_interface_from_router(router, port_id=port.id)
    assert state.ports == []


def test_interfaces_that_make_no_sense_are_refused(connection: Connection) -> None:
    net = connection.network
    router = net.create_router(name="mine")
    _, (closed,) = build(connection, "10.0.0.0/24", gateway_ip=None)
    bare = net.create_port(network_id=build(connection)[0].id)
    for wanted, message in (
        ({"subnet_id": closed.id}, "must have a gateway IP"),
        ({"port_id": bare.id}, "at least one fixed IP"),
        ({}, "Either subnet_id or port_id must be specified"),
    ):
        answer = net.put(f"/routers/{router.id}/add_router_interface", json=wanted)
        assert (answer.status_code, message in answer.text) == (400, True)
    for method in ("add", "remove"):
        answer = net.put(f"/routers/{UNKNOWN}/{method}_router_interface", json={"subnet_id": closed.id})
        assert answer.status_code == 404


def test_gateways_are_on_external_networks_and_have_addresses_of_their_own(
    state: CloudState, connection: Connection
) -> None:
    network, _ = build(connection, "10.0.0.0/24")
    with pytest.raises(exceptions.BadRequestException, match="is not an external network"):
        connection.network.create_router(external_gateway_info={"network_id": network.id})
    with pytest.raises(exceptions.NotFoundException, match=f"Network {UNKNOWN} could not be found"):
        connection.network.create_router(external_gateway_info={"network_id": UNKNOWN})
    outside = {"network_id": state.networks[0]["id"], "enable_snat": False}
    gateways = [connection.network.create_router(external_gateway_info=outside) for _ in range(2)]
    infos = [router.external_gateway_info for router in gateways]
    assert [info["external_fixed_ips"][0]["ip_address"] for info in infos] == ["203.0.113.100", "203.0.113.101"]
    assert {info["enable_snat"] for info in infos} == {False}
