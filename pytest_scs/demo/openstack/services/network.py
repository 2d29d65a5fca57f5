# SPDX-License-Identifier: Apache-2.0
"""Neutron v2.0: discovery, extensions, quotas, the template of security groups, and all that a project may make."""

from __future__ import annotations

from werkzeug.wrappers import Response

from pytest_scs.demo.openstack.services import networks, routers, security_groups, usage
from pytest_scs.demo.openstack.services.discovery import plain
from pytest_scs.demo.openstack.services.network_base import refuse
from pytest_scs.demo.openstack.wire import Api, Call, Handler, RefusedError, Route, constant, forbidden, reply

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


API = Api(
    "/network",
    (
        Route("", _versions, public=True),
        Route("/v2.0/extensions", _extensions),
        Route("/v2.0/default-security-group-rules", _default_rules),
        Route(
            "/v2.0/default-security-group-rules",
            forbidden("rule:create_default_security_group_rule is disallowed by policy"),
            ("POST",),
        ),
        *networks.ROUTES,
        *routers.ROUTES,
        *security_groups.ROUTES,
        Route("/v2.0/quotas/<project>", _quota(details=False)),
        Route("/v2.0/quotas/<project>/details", _quota(details=True)),
        Route("/v2.0/quotas/<project>/details.json", _quota(details=True)),
        *(
            Route(f"/v2.0/{collection}", constant({collection: []}))
            for collection in ("floatingips", "subnetpools", "agents", "availability_zones")
        ),
    ),
    refuse,
)
