# SPDX-License-Identifier: Apache-2.0
"""Networks and security groups that a project makes in the demo cloud, by the unchanged openstacksdk."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from openstack import exceptions
from openstack.connection import Connection

from pytest_scs.demo.openstack.server import DemoCloud
from pytest_scs.demo.openstack.state import CloudState

#: What the SDK warns of is its own use of itself.
pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")

UNKNOWN = "00000000-0000-4000-8000-000000000000"
SSH: dict[str, Any] = {"direction": "ingress", "protocol": "tcp", "port_range_min": 22, "port_range_max": 22}


def directions(group: Any) -> list[tuple[str, str, str | None]]:
    return [
        (
            rule["direction"],
            rule["ethertype"],
            rule["remote_group_id"] and "itself" * (rule["remote_group_id"] == group.id),
        )
        for rule in group.security_group_rules
    ]


EGRESS = [("egress", "IPv4", None), ("egress", "IPv6", None)]
INSIDE = [("ingress", "IPv4", "itself"), ("ingress", "IPv6", "itself")]


@pytest.mark.parametrize("template", [True, False])
def test_groups_are_born_with_the_rules_of_the_template(
    template: bool, state: CloudState, connection: Connection
) -> None:
    if not template:
        state.default_security_group_rules = None
    group = connection.network.create_security_group(name="mine", description="for a test")
    assert directions(group) == EGRESS
    assert (group.project_id, group.description) == (state.project_id, "for a test")
    default = next(connection.network.security_groups(name="default"))
    assert directions(default) == EGRESS + INSIDE


def test_groups_may_be_born_open(state: CloudState, connection: Connection) -> None:
    opening = {"direction": "ingress", "ethertype": "IPv4"}
    state.custom_group_rules = [opening]
    state.default_group_rules = [opening | {"remote_ip_prefix": "0.0.0.0/0", "protocol": "tcp"}]
    assert directions(connection.network.create_security_group(name="mine")) == [("ingress", "IPv4", None)]
    rule = next(connection.network.security_groups(name="default")).security_group_rules[0]
    assert (rule["remote_ip_prefix"], rule["protocol"]) == ("0.0.0.0/0", "tcp")


def test_a_change_of_the_template_reaches_new_groups_only(state: CloudState, connection: Connection) -> None:
    before = connection.network.create_security_group(name="before")
    assert state.default_security_group_rules is not None
    state.default_security_group_rules[2]["used_in_non_default_sg"] = True
    assert directions(connection.network.create_security_group(name="after")) == [*EGRESS, INSIDE[0]]
    assert directions(connection.network.get_security_group(before.id)) == EGRESS


def test_groups_are_found_by_name_and_gone_after_deletion(state: CloudState, connection: Connection) -> None:
    mine = connection.network.create_security_group(name="mine")
    connection.network.create_security_group(name="other")
    assert [group.id for group in connection.network.security_groups(name="mine")] == [mine.id]
    assert connection.network.find_security_group("mine").id == mine.id
    connection.network.delete_security_group(mine, ignore_missing=False)
    assert [group["name"] for group in state.security_groups] == ["default", "other"]
    with pytest.raises(exceptions.NotFoundException, match=f"Security group {mine.id} does not exist"):
        connection.network.get_security_group(mine.id)
    with pytest.raises(exceptions.NotFoundException):
        connection.network.delete_security_group(mine.id, ignore_missing=False)


def test_the_default_group_stays(connection: Connection) -> None:
    default = next(connection.network.security_groups(name="default"))
    with pytest.raises(exceptions.ConflictException, match="Insufficient rights"):
        connection.network.delete_security_group(default, ignore_missing=False)
    with pytest.raises(exceptions.ConflictException, match="already exists"):
        connection.network.create_security_group(name="default")
    with pytest.raises(exceptions.ConflictException, match="Updating default security group not allowed"):
        connection.network.update_security_group(default, name="mine")
    connection.network.update_security_group(default.id, description="new")
    assert next(connection.network.security_groups(name="default")).description == "new"


def test_rules_about_a_group_go_with_it(connection: Connection) -> None:
    groups = [connection.network.create_security_group(name=name) for name in ("mine", "other")]
    about = {"security_group_id": groups[0].id, "remote_group_id": groups[1].id, "direction": "ingress"}
    connection.network.create_security_group_rule(**about)
    assert len(connection.network.get_security_group(groups[0].id).security_group_rules) == 3
    connection.network.delete_security_group(groups[1], ignore_missing=False)
    assert directions(connection.network.get_security_group(groups[0].id)) == EGRESS


def test_rules_come_and_go(connection: Connection) -> None:
    group = connection.network.create_security_group(name="mine")
    rule = connection.network.create_security_group_rule(security_group_id=group.id, **SSH)
    found = list(connection.network.security_group_rules(security_group_id=group.id, direction="ingress"))
    assert [(entry.id, entry.port_range_min, entry.ether_type) for entry in found] == [(rule.id, 22, "IPv4")]
    with pytest.raises(exceptions.ConflictException, match=rule.id):
        connection.network.create_security_group_rule(security_group_id=group.id, **SSH)
    connection.network.delete_security_group_rule(rule, ignore_missing=False)
    assert directions(connection.network.get_security_group(group.id)) == EGRESS
    with pytest.raises(exceptions.NotFoundException):
        connection.network.get_security_group_rule(rule.id)


@pytest.mark.parametrize(
    ("change", "status", "kind"),
    [
        ({"direction": "up"}, 400, "HTTPBadRequest"),
        ({"ethertype": "IPv5"}, 400, "HTTPBadRequest"),
        ({"security_group_id": UNKNOWN}, 404, "SecurityGroupNotFound"),
        ({"remote_group_id": UNKNOWN}, 404, "SecurityGroupNotFound"),
        ({"protocol": None}, 400, "SecurityGroupProtocolRequiredWithPorts"),
        ({"port_range_min": 23}, 400, "SecurityGroupInvalidPortRange"),
        ({"remote_ip_prefix": "10/x"}, 400, "InvalidCIDR"),
        ({"remote_ip_prefix": "10.0.0.0/8", "remote_group_id": "own"}, 400, "SecurityGroupMultipleRemoteEntites"),
        ({"colour": "red"}, 400, "HTTPBadRequest"),
    ],
)
def test_rules_that_make_no_sense_are_refused(
    change: dict[str, Any], status: int, kind: str, cloud: DemoCloud, authenticated: requests.Session
) -> None:
    groups = f"{cloud.url}/network/v2.0/security-groups"
    group = authenticated.post(groups, json={"security_group": {"name": "mine"}}).json()["security_group"]
    rule = SSH | {"security_group_id": group["id"]} | change
    if rule.get("remote_group_id") == "own":
        rule["remote_group_id"] = group["id"]
    answer = authenticated.post(f"{cloud.url}/network/v2.0/security-group-rules", json={"security_group_rule": rule})
    assert (answer.status_code, answer.json()["NeutronError"]["type"]) == (status, kind)


def test_a_network_with_a_way_out_is_built_and_torn_down(state: CloudState, connection: Connection) -> None:
    """The order that the conformance tests use, with every refusal on the way."""
    before = state.belongings()
    net = connection.network
    network = net.create_network(name="mine")
    subnet = net.create_subnet(
        name="mine",
        network_id=network.id,
        ip_version=4,
        cidr="10.1.0.0/24",
        gateway_ip="10.1.0.1",
        allocation_pools=[{"start": "10.1.0.100", "end": "10.1.0.199"}],
        dns_nameservers=["9.9.9.9"],
    )
    outside = next(net.networks(is_router_external=True))
    router = net.create_router(name="mine", external_gateway_info={"network_id": outside.id})
    assert router.external_gateway_info["external_fixed_ips"][0]["ip_address"] == "203.0.113.100"
    interface = net.add_interface_to_router(router, subnet_id=subnet.id)
    assert interface["subnet_id"] == subnet.id
    gateway = next(net.ports(device_id=router.id))
    assert (gateway.device_owner, gateway.fixed_ips[0]["ip_address"]) == ("network:router_interface", "10.1.0.1")
    port = net.create_port(name="mine", network_id=network.id)
    assert (port.status, port.fixed_ips) == ("DOWN", [{"subnet_id": subnet.id, "ip_address": "10.1.0.100"}])
    assert net.get_network(network.id).subnet_ids == [subnet.id]

    for refused, reason in (
        (lambda: net.delete_network(network), "ports still in use"),
        (lambda: net.delete_subnet(subnet), "IP allocation"),
        (lambda: net.delete_router(router), "ports still attached"),
        (lambda: net.delete_port(gateway), "cannot be deleted directly"),
        (lambda: net.delete_security_group(port.security_group_ids[0]), "Insufficient rights"),
    ):
        with pytest.raises(exceptions.ConflictException, match=reason):
            refused()
    with pytest.raises(exceptions.BadRequestException, match="already has a port"):
        net.add_interface_to_router(router, subnet_id=subnet.id)

    net.remove_interface_from_router(router, subnet_id=subnet.id)
    with pytest.raises(exceptions.NotFoundException, match="has no interface on subnet"):
        net.remove_interface_from_router(router, subnet_id=subnet.id)
    net.update_router(router, external_gateway_info={})
    assert state.routers[0]["external_gateway_info"] is None
    net.delete_router(router, ignore_missing=False)
    net.delete_port(port, ignore_missing=False)
    net.delete_subnet(subnet, ignore_missing=False)
    net.delete_network(network, ignore_missing=False)
    assert state.belongings() == before
    for gone in (
        lambda: net.get_network(network.id),
        lambda: net.get_subnet(subnet.id),
        lambda: net.get_port(port.id),
        lambda: net.get_router(router.id),
    ):
        with pytest.raises(exceptions.NotFoundException, match="could not be found"):
            gone()


def test_a_group_that_a_port_has_stays(connection: Connection) -> None:
    group = connection.network.create_security_group(name="mine")
    network = connection.network.create_network(name="mine")
    port = connection.network.create_port(network_id=network.id, security_groups=[group.id])
    with pytest.raises(exceptions.ConflictException, match="in use"):
        connection.network.delete_security_group(group, ignore_missing=False)
    connection.network.delete_port(port)
    connection.network.delete_security_group(group, ignore_missing=False)


def test_a_network_takes_its_subnets_with_it(state: CloudState, connection: Connection) -> None:
    network = connection.network.create_network(name="mine")
    connection.network.create_subnet(network_id=network.id, ip_version=6, cidr="fd00::/64")
    connection.network.delete_network(network, ignore_missing=False)
    assert [subnet["name"] for subnet in state.subnets] == ["public"]


@pytest.mark.parametrize(
    ("given", "gateway", "pools"),
    [
        ({}, "10.0.0.1", [("10.0.0.2", "10.0.0.6")]),
        ({"gateway_ip": None}, None, [("10.0.0.1", "10.0.0.6")]),
        ({"gateway_ip": "10.0.0.6"}, "10.0.0.6", [("10.0.0.1", "10.0.0.6")]),
        ({"gateway_ip": "10.0.0.3"}, "10.0.0.3", [("10.0.0.1", "10.0.0.2"), ("10.0.0.4", "10.0.0.6")]),
    ],
)
def test_addresses_are_given_out_around_the_gateway(
    given: dict[str, Any],
    gateway: str | None,
    pools: list[tuple[str, str]],
    cloud: DemoCloud,
    authenticated: requests.Session,
) -> None:
    base = f"{cloud.url}/network/v2.0"
    network = authenticated.post(f"{base}/networks", json={"network": {}}).json()["network"]["id"]
    body = {"subnet": {"network_id": network, "cidr": "10.0.0.0/29", "ip_version": 4} | given}
    subnet = authenticated.post(f"{base}/subnets", json=body).json()["subnet"]
    assert subnet["gateway_ip"] == gateway
    assert [(pool["start"], pool["end"]) for pool in subnet["allocation_pools"]] == pools


@pytest.mark.parametrize(
    ("given", "status", "message"),
    [
        ({"cidr": "10.0.0.0/24"}, 400, "overlaps with another subnet"),
        ({"cidr": "ten"}, 400, "ten is not in a CIDR format"),
        ({"cidr": None}, 400, "is not in a CIDR format"),
        ({"cidr": "fd00::/64"}, 400, "does not match the ip_version"),
        ({"cidr": "10.9.0.0/24", "gateway_ip": "there"}, 400, "not a valid IP address"),
        ({"cidr": "10.9.0.0/24", "network_id": UNKNOWN}, 404, "could not be found"),
        ({"cidr": "10.9.0.0/24", "color": "red"}, 400, "Unrecognized attribute"),
    ],
)
def test_subnets_that_make_no_sense_are_refused(
    given: dict[str, Any],
    status: int,
    message: str,
    state: CloudState,
    cloud: DemoCloud,
    authenticated: requests.Session,
) -> None:
    base = f"{cloud.url}/network/v2.0"
    network = authenticated.post(f"{base}/networks", json={"network": {}}).json()["network"]["id"]
    common = {"network_id": network, "ip_version": 4}
    first = authenticated.post(f"{base}/subnets", json={"subnet": common | {"cidr": "10.0.0.0/16"}})
    assert first.status_code == 201
    answer = authenticated.post(f"{base}/subnets", json={"subnet": common | given})
    assert answer.status_code == status
    assert message in answer.json()["NeutronError"]["message"]
    assert len(state.subnets) == 2


def test_what_belongs_to_the_provider_is_read_only(connection: Connection) -> None:
    outside = next(connection.network.networks(is_router_external=True))
    assert list(connection.network.subnets(network_id=outside.id)) == []
    for refused in (
        lambda: connection.network.delete_network(outside, ignore_missing=False),
        lambda: connection.network.update_network(outside, name="mine"),
        lambda: connection.network.create_port(network_id=outside.id),
        lambda: connection.network.create_subnet(network_id=outside.id, ip_version=4, cidr="192.0.2.0/24"),
        lambda: connection.network.create_network(name="mine", is_router_external=True),
        lambda: connection.network.create_network(name="mine", project_id="f" * 32),
    ):
        with pytest.raises(exceptions.ForbiddenException, match="disallowed by policy"):
            refused()


def test_tags_are_put_and_found(state: CloudState, connection: Connection) -> None:
    network = connection.network.create_network(name="mine")
    connection.network.create_network(name="other")
    connection.network.set_tags(network, ["run=1", "made=now"])
    assert [found.name for found in connection.network.networks(tags="run=1")] == ["mine"]
    assert [found.name for found in connection.network.networks(not_tags="run=1")] == ["public", "other"]
    assert state.networks[1]["tags"] == ["run=1", "made=now"]


def test_single_tags_are_put_looked_for_and_removed(cloud: DemoCloud, authenticated: requests.Session) -> None:
    base = f"{cloud.url}/network/v2.0/networks"
    tags = f"{base}/{authenticated.post(base, json={'network': {}}).json()['network']['id']}/tags"
    assert [authenticated.put(f"{tags}/{tag}").status_code for tag in "aba"] == [201, 201, 201]
    assert authenticated.get(tags).json() == {"tags": ["a", "b"]}
    assert [authenticated.get(f"{tags}/{tag}").status_code for tag in "ac"] == [204, 404]
    assert [authenticated.delete(f"{tags}/a").status_code for _ in range(2)] == [204, 404]
    assert authenticated.put(tags, json={"tags": "x"}).status_code == 400
    assert authenticated.delete(tags).status_code == 204
    assert authenticated.get(tags).json() == {"tags": []}


def test_listings_are_filtered_cut_and_paged(cloud: DemoCloud, authenticated: requests.Session) -> None:
    base = f"{cloud.url}/network/v2.0/networks"
    for number in range(5):
        authenticated.post(base, json={"network": {"name": f"n{number}", "admin_state_up": number % 2 == 0}})
    answer = authenticated.get(f"{base}?admin_state_up=False&fields=name").json()
    assert answer == {"networks": [{"name": "n1"}, {"name": "n3"}]}
    url, seen = f"{base}?limit=2&fields=id&fields=name&name=n0&name=n1&name=n2", []
    while url:
        answer = authenticated.get(url).json()
        seen += [network["name"] for network in answer["networks"]]
        url = answer["networks_links"][0]["href"] if "networks_links" in answer else ""
    assert seen == ["n0", "n1", "n2"]
    for query, message in (("colour=red", "invalid attribute"), ("limit=x", "must be an integer")):
        answer = authenticated.get(f"{base}?{query}")
        assert answer.status_code == 400
        assert message in answer.json()["NeutronError"]["message"]
    assert authenticated.get(f"{base}?marker={UNKNOWN}").status_code == 404


def test_changes_keep_what_cannot_change(connection: Connection) -> None:
    network = connection.network.create_network(name="mine")
    subnet = connection.network.create_subnet(network_id=network.id, ip_version=4, cidr="10.0.0.0/24")
    connection.network.update_network(network, name="yours", description="new")
    changed = connection.network.get_network(network.id)
    assert (changed.name, changed.description) == ("yours", "new")
    answer = connection.network.put(f"/subnets/{subnet.id}", json={"subnet": {"cidr": "10.2.0.0/24"}})
    assert answer.status_code == 400
    assert answer.json()["NeutronError"]["message"] == "Cannot update read-only attribute cidr"
