# SPDX-License-Identifier: Apache-2.0
"""Neutron v2.0: discovery, extensions, quotas, the template of security groups, and all that a project may make."""

from __future__ import annotations

import uuid
from typing import Any

from werkzeug.wrappers import Response

from pytest_scs.demo.openstack.services import network_base as base
from pytest_scs.demo.openstack.services import networks, routers, security_groups, usage
from pytest_scs.demo.openstack.services.discovery import plain
from pytest_scs.demo.openstack.wire import (
    Api,
    Call,
    Handler,
    RefusedError,
    Route,
    administrators,
    constant,
    content,
    forbidden,
    not_here,
    nothing,
    reply,
)

_EXTENSIONS = {
    "availability_zone": "Availability Zone",
    "external-net": "Neutron external network",
    "quota_details": "Quota details management support",
    "quotas": "Quota management support",
    "router": "Neutron L3 Router",
    "security-group": "security-group",
    "standard-attr-tag": "Tag support for resources with standard attribute: port, subnet, network, router",
}
_TEMPLATE_EXTENSION = ("security-groups-default-rules", "Default rules for security groups")
_LIMITED = (
    "networks",
    "subnets",
    "ports",
    "routers",
    "floatingips",
    "security_groups",
    "security_group_rules",
)
#: What there is none of here: path -> key.
_EMPTY = {
    "floatingips": "floatingips",
    "subnetpools": "subnetpools",
    "agents": "agents",
    "address-scopes": "address_scopes",
    "address-groups": "address_groups",
    "qos/policies": "policies",
    "qos/rule-types": "rule_types",
    "rbac-policies": "rbac_policies",
    "service-providers": "service_providers",
    "flavors": "flavors",
    "trunks": "trunks",
    "segments": "segments",
    "network-ip-availabilities": "network_ip_availabilities",
    "metering/metering-labels": "metering_labels",
    "metering/metering-label-rules": "metering_label_rules",
    "local_ips": "local_ips",
    "ndp_proxies": "ndp_proxies",
}
#: Limits of what nobody can make here.
_UNUSED = {"subnetpool": -1, "rbac_policy": 10}


def _versions(call: Call) -> Response:
    return reply({"versions": [plain("v2.0", f"{call.base}/network/v2.0/")]})


def _default_rules(call: Call) -> Response:
    """The template; without the extension the path is unknown."""
    rules = call.state.default_security_group_rules
    if rules is None:
        raise RefusedError(404, "The resource could not be found.")
    return reply({"default_security_group_rules": rules})


def _template(call: Call) -> list[dict[str, Any]]:
    if call.state.default_security_group_rules is None:
        raise RefusedError(404, "The resource could not be found.")
    return call.state.default_security_group_rules


def _add_default_rule(call: Call) -> Response:
    key = "default_security_group_rule"
    given = content(call, key, f"Unable to find '{key}' in request body")
    used = {"used_in_default_sg": False, "used_in_non_default_sg": True}
    blank = dict.fromkeys(("protocol", "port_range_min", "port_range_max", "remote_ip_prefix", "remote_group_id"))
    rule = {"id": str(uuid.uuid4()), "description": "", "ethertype": "IPv4", **used, **blank, **given}
    call.state.default_security_group_rules = [*_template(call), rule]
    return reply({key: rule}, 201)


def _delete_default_rule(call: Call) -> Response:
    left = [rule for rule in _template(call) if rule["id"] != call.arguments["rule"]]
    if len(left) == len(_template(call)):
        raise RefusedError(404, f"Default Security Group rule {call.arguments['rule']} does not exist")
    call.state.default_security_group_rules = left
    return nothing()


def _extensions(call: Call) -> Response:
    known = dict(_EXTENSIONS)
    if call.state.default_security_group_rules is not None:
        known |= [_TEMPLATE_EXTENSION]
    extensions = [
        {"alias": alias, "name": name, "description": name, "updated": "2020-01-01T00:00:00-00:00", "links": []}
        for alias, name in known.items()
    ]
    return reply({"extensions": extensions})


def _quota(details: bool) -> Handler:
    """The limits of the project, on demand with what is used of them; those of others are for administrators."""

    def quota(call: Call) -> Response:
        state = call.state
        if call.arguments["project"] != state.project_id:
            raise RefusedError(403, "rule:get_quota is disallowed by policy", "PolicyNotAuthorized")
        security_groups.ensure_default(state)
        limits = _UNUSED | {name.removesuffix("s"): usage.limit(state, name) for name in _LIMITED}
        if not details:
            return reply({"quota": limits})
        used = {name.removesuffix("s"): count for name, count in usage.used(state).items()}
        return reply(
            {
                "quota": {
                    name: {"limit": limit, "used": used.get(name, 0), "reserved": 0} for name, limit in limits.items()
                }
            }
        )

    return quota


def _zones(call: Call) -> Response:
    """The zones of the compute service, each for networks and for routers."""
    zones = [
        {"name": name, "resource": resource, "state": "available" if up else "unavailable"}
        for name, up in call.state.compute_zones.items()
        for resource in ("network", "router")
    ]
    return reply({"availability_zones": zones})


def _no_floating_ip(call: Call) -> Response:
    """There is no external network they could be taken from."""
    given = content(call, "floatingip", "Unable to find 'floatingip' in request body")
    network = base.lookup(call.state, networks.NETWORKS, str(given.get("floating_network_id")))
    raise RefusedError(400, f"Bad floatingip request: Network {network['id']} is not a valid external network")


API = Api(
    "/network",
    (
        Route("", _versions, public=True),
        Route("/v2.0/extensions", _extensions),
        Route("/v2.0/default-security-group-rules", _default_rules),
        Route(
            "/v2.0/default-security-group-rules",
            administrators("rule:create_default_security_group_rule is disallowed by policy", _add_default_rule),
            ("POST",),
        ),
        Route(
            "/v2.0/default-security-group-rules/<rule>",
            administrators("rule:delete_default_security_group_rule is disallowed by policy", _delete_default_rule),
            ("DELETE",),
        ),
        *networks.ROUTES,
        *routers.ROUTES,
        *security_groups.ROUTES,
        Route("/v2.0/quotas/<project>", _quota(details=False)),
        Route("/v2.0/quotas/<project>/default", _quota(details=False)),
        Route("/v2.0/quotas/<project>", forbidden("rule:update_quota is disallowed by policy"), ("PUT",)),
        Route("/v2.0/quotas/<project>/details", _quota(details=True)),
        Route("/v2.0/quotas/<project>/details.json", _quota(details=True)),
        Route("/v2.0/availability_zones", _zones),
        Route("/v2.0/floatingips", _no_floating_ip, ("POST",)),
        *(Route(f"/v2.0/{path}", constant({key: []})) for path, key in _EMPTY.items()),
        *(
            Route(f"/v2.0/{path}", not_here(key.replace("_", " ")), ("POST",))
            for path, key in _EMPTY.items()
            if path not in ("floatingips", "agents", "service-providers", "network-ip-availabilities")
        ),
    ),
    base.refuse,
)
