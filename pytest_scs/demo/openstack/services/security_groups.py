# SPDX-License-Identifier: Apache-2.0
"""Neutron's security groups and their rules: born from the template (scs-0115-v1), changed by their project."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug.wrappers import Response

from pytest_scs.demo.openstack.services import network_base as base
from pytest_scs.demo.openstack.services.network_base import Collection
from pytest_scs.demo.openstack.services.network_routes import Resource, routes
from pytest_scs.demo.openstack.state import CloudState
from pytest_scs.demo.openstack.wire import Call, RefusedError, Route, find, nothing, reply

GROUPS = Collection(
    "security_groups",
    "security_group",
    "Security group",
    "does not exist",
    {"stateful": True, "shared": False, "security_group_rules": []},
    fixed=frozenset({"shared", "security_group_rules"}),
)
RULES = Collection(
    "security_group_rules",
    "security_group_rule",
    "Security group rule",
    "does not exist",
    {
        "security_group_id": None,
        "ethertype": "IPv4",
        "direction": None,
        "protocol": None,
        "port_range_min": None,
        "port_range_max": None,
        "remote_ip_prefix": None,
        "remote_address_group_id": None,
        "normalized_cidr": None,
        "remote_group_id": None,
    },
    fixed=frozenset({"normalized_cidr"}),
)
#: What makes two rules the same.
_IDENTITY = ("ethertype", "direction", "protocol", "port_range_min", "port_range_max", "remote_group_id")
_EGRESS: list[dict[str, Any]] = [{"direction": "egress", "ethertype": ethertype} for ethertype in ("IPv4", "IPv6")]
_INSIDE: list[dict[str, Any]] = [
    {"direction": "ingress", "ethertype": ethertype, "remote_group_id": "PARENT"} for ethertype in ("IPv4", "IPv6")
]


# -- groups ---------------------------------------------------------------------------------------------------------


def _template(state: CloudState, default: bool) -> list[dict[str, Any]]:
    """The rules a group is born with."""
    chosen = state.default_group_rules if default else state.custom_group_rules
    if chosen is not None:
        return chosen
    if state.default_security_group_rules is None:
        return _EGRESS + (_INSIDE if default else [])
    use = "used_in_default_sg" if default else "used_in_non_default_sg"
    return [rule for rule in state.default_security_group_rules if rule[use]]


def _add(state: CloudState, given: Mapping[str, Any], default: bool) -> dict[str, Any]:
    group = base.new(state, GROUPS, given)
    for rule in _template(state, default):
        attributes = {name: rule[name] for name in RULES.attributes.keys() & rule.keys()} | {"description": None}
        if attributes.get("remote_group_id") == "PARENT":
            attributes["remote_group_id"] = group["id"]
        group["security_group_rules"].append(_rule(state, attributes | {"security_group_id": group["id"]}))
    state.security_groups.append(group)
    return group


def ensure_default(state: CloudState) -> dict[str, Any]:
    """The ``default`` group of the project, which comes into being when it is first needed."""
    for group in state.security_groups:
        if group["name"] == "default":
            return group
    return _add(state, {"name": "default", "description": "Default security group"}, default=True)


def _create(state: CloudState, given: dict[str, Any]) -> dict[str, Any]:
    ensure_default(state)
    if given.get("name") == "default":
        raise RefusedError(409, "Default security group already exists.", "SecurityGroupDefaultAlreadyExists")
    base.charge(state, GROUPS.name)
    base.charge(state, RULES.name, len(_template(state, default=False)))
    return _add(state, given, default=False)


def _update(state: CloudState, group: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    if group["name"] == "default" and given.get("name", "default") != "default":
        raise RefusedError(409, "Updating default security group not allowed.", "SecurityGroupCannotUpdateDefault")
    return given


def _remove(state: CloudState, group: dict[str, Any]) -> None:
    if group["name"] == "default":
        message = "Insufficient rights for removing default security group."
        raise RefusedError(409, message, "SecurityGroupCannotRemoveDefault")
    if any(group["id"] in port["security_groups"] for port in state.ports):
        raise RefusedError(409, f"Security Group {group['id']} in use.", "SecurityGroupInUse")
    state.security_groups.remove(group)
    for other in state.security_groups:  # rules about a group go with it
        other["security_group_rules"] = [
            rule for rule in other["security_group_rules"] if rule["remote_group_id"] != group["id"]
        ]


# -- rules ----------------------------------------------------------------------------------------------------------


def _all_rules(state: CloudState) -> Iterable[dict[str, Any]]:
    ensure_default(state)
    return (rule for group in state.security_groups for rule in group["security_group_rules"])


def _rule(state: CloudState, given: Mapping[str, Any]) -> dict[str, Any]:
    rule = base.new(state, RULES, given) | {"revision_number": 0}
    del rule["name"]
    if rule["remote_ip_prefix"]:
        rule["normalized_cidr"] = str(ipaddress.ip_network(rule["remote_ip_prefix"], strict=False))
    return rule


def _check(state: CloudState, given: dict[str, Any]) -> dict[str, Any]:
    """The group a new rule is for; raises RefusedError for rules that make no sense."""
    for name, values in (("direction", ("ingress", "egress")), ("ethertype", ("IPv4", "IPv6"))):
        value = given.get(name, RULES.attributes[name])
        if value not in values:
            raise RefusedError(400, f"Invalid input for {name}. Reason: {value} is not in valid_values.")
    group = base.lookup(state, GROUPS, str(given.get("security_group_id")))
    if given.get("remote_group_id"):
        base.lookup(state, GROUPS, given["remote_group_id"])
        if given.get("remote_ip_prefix"):
            message = "Only remote_ip_prefix or remote_group_id may be provided."
            raise RefusedError(400, message, "SecurityGroupMultipleRemoteEntites")
    low, high = given.get("port_range_min"), given.get("port_range_max")
    if (low, high) != (None, None) and not given.get("protocol"):
        message = "Must also specify protocol if port range is given."
        raise RefusedError(400, message, "SecurityGroupProtocolRequiredWithPorts")
    if given.get("protocol") in ("tcp", "udp") and low is not None and high is not None and low > high:
        message = "For TCP/UDP protocols, port_range_min must be <= port_range_max"
        raise RefusedError(400, message, "SecurityGroupInvalidPortRange")
    try:
        ipaddress.ip_network(given.get("remote_ip_prefix") or "0.0.0.0/0", strict=False)
    except ValueError:
        message = f"Invalid CIDR {given['remote_ip_prefix']} given as IP prefix."
        raise RefusedError(400, message, "InvalidCIDR") from None
    return group


def _create_rule(call: Call) -> Response:
    state = call.state
    given = base.asked(call, RULES)
    given.pop("name", None)
    group = _check(state, given)
    rule = _rule(state, given)
    for other in group["security_group_rules"]:
        if all(other[name] == rule[name] for name in (*_IDENTITY, "normalized_cidr")):
            message = f"Security group rule already exists. Rule id is {other['id']}."
            raise RefusedError(409, message, "SecurityGroupRuleExists")
    base.charge(state, RULES.name)
    group["security_group_rules"].append(rule)
    base.touch(state, group, {})
    return reply({RULES.singular: base.shown(call, rule)}, 201)


def _find_rule(call: Call) -> dict[str, Any]:
    wanted = call.arguments["id"]
    rule = find(_all_rules(call.state), wanted)
    if rule is None:
        raise RefusedError(404, f"Security group rule {wanted} does not exist", "SecurityGroupRuleNotFound")
    return rule


def _delete_rule(call: Call) -> Response:
    rule = _find_rule(call)
    group = base.lookup(call.state, GROUPS, rule["security_group_id"])
    group["security_group_rules"].remove(rule)
    base.touch(call.state, group, {})
    return nothing()


ROUTES = (
    *routes(Resource(GROUPS, _create, _remove, _update, ensure_default)),
    Route(RULES.path, lambda call: base.listing(call, RULES, _all_rules(call.state))),
    Route(RULES.path, _create_rule, ("POST",)),
    Route(f"{RULES.path}/<id>", lambda call: reply({RULES.singular: base.shown(call, _find_rule(call))})),
    Route(f"{RULES.path}/<id>", _delete_rule, ("DELETE",)),
)
