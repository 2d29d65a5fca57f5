# SPDX-License-Identifier: Apache-2.0
"""Neutron v2.0: the template of the default security groups, and empty lists of everything else."""

from __future__ import annotations

from werkzeug.wrappers import Request, Response

from pytest_scs.demo.services.discovery import plain
from pytest_scs.demo.wire import Api, Call, RefusedError, Route, constant, forbidden, reply, unauthorized

_TYPES = {404: "HTTPNotFound", 405: "HTTPMethodNotAllowed", 503: "ServiceUnavailable"}
_EXTENSIONS = {
    "availability_zone": "Availability Zone",
    "external-net": "Neutron external network",
    "router": "Neutron L3 Router",
    "security-group": "security-group",
}
_TEMPLATE_EXTENSION = ("security-groups-default-rules", "Default rules for security groups")


def refuse(request: Request, refused: RefusedError) -> Response:
    """Neutron's error document, which carries the name of the exception."""
    if refused.status == 401:
        return unauthorized(request)
    kind = refused.kind or _TYPES.get(refused.status, "HTTPInternalServerError")
    error = {"type": kind, "message": refused.message, "detail": ""}
    return reply({"NeutronError": error}, refused.status, refused.headers)


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
        Route("/v2.0/security-groups", constant({"security_groups": []})),
        *(
            Route(f"/v2.0/{collection}", constant({collection: []}))
            for collection in ("networks", "subnets", "ports", "routers", "floatingips", "agents", "availability_zones")
        ),
    ),
    refuse,
)
