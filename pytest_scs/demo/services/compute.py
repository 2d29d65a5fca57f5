# SPDX-License-Identifier: Apache-2.0
"""Nova v2.1: flavors, with or without their extra specs depending on the microversion."""

from __future__ import annotations

import re
from typing import Any

from keystoneauth1.fixture.discovery import DiscoveryBase, NovaMicroversionDiscovery
from werkzeug.wrappers import Request, Response

from pytest_scs.demo.services.discovery import dated
from pytest_scs.demo.wire import (
    Api,
    Call,
    Handler,
    RefusedError,
    Route,
    after,
    forbidden,
    microversion,
    next_query,
    reply,
    unauthorized,
)

_FAULTS = {
    400: "badRequest",
    403: "forbidden",
    404: "itemNotFound",
    405: "badMethod",
    409: "conflictingRequest",
    413: "overLimit",
    429: "overLimit",
    501: "notImplemented",
    503: "serviceUnavailable",
}
_LEGACY = "X-OpenStack-Nova-API-Version"
_PREFIX = "/compute/v2.1"


def refuse(request: Request, refused: RefusedError) -> Response:
    """Nova's error document, named after the fault; 401 comes from the middleware in front of it."""
    if refused.status == 401:
        return unauthorized(request)
    fault = {"code": refused.status, "message": refused.message}
    return reply({_FAULTS.get(refused.status, "computeFault"): fault}, refused.status, refused.headers)


def _version(call: Call) -> tuple[int, int]:
    return microversion(call, "compute", call.state.compute_microversion, "2.1", _LEGACY)


def _answer(call: Call, data: object) -> Response:
    major, minor = _version(call)
    headers = {
        "OpenStack-API-Version": f"compute {major}.{minor}",
        _LEGACY: f"{major}.{minor}",
        "Vary": f"OpenStack-API-Version, {_LEGACY}",
    }
    return reply(data, headers=headers)


def _listing(key: str) -> Handler:
    return lambda call: _answer(call, {key: []})


# -- discovery ------------------------------------------------------------------------------------------------------


def _discovery(call: Call) -> DiscoveryBase:
    newest = call.state.compute_microversion
    url = f"{call.base}{_PREFIX}/"
    entry = NovaMicroversionDiscovery(url, "v2.1", status="CURRENT", min_version="2.1", version=newest)
    return dated(entry, "2013-07-23T11:33:21Z")


# -- flavors --------------------------------------------------------------------------------------------------------


def _shown(call: Call, flavor: dict[str, Any], detail: bool) -> dict[str, Any]:
    asked = _version(call)
    shown: dict[str, Any] = {"id": flavor["id"], "name": flavor["name"]}
    if detail:
        shown |= {
            "ram": flavor["ram"],
            "disk": flavor["disk"],
            "swap": 0 if asked >= (2, 75) else "",
            "OS-FLV-EXT-DATA:ephemeral": 0,
            "OS-FLV-DISABLED:disabled": flavor["disabled"],
            "vcpus": flavor["vcpus"],
            "os-flavor-access:is_public": flavor["is_public"],
            "rxtx_factor": 1.0,
        }
    shown["links"] = [
        {"rel": "self", "href": f"{call.base}{_PREFIX}/flavors/{flavor['id']}"},
        {"rel": "bookmark", "href": f"{call.base}/compute/flavors/{flavor['id']}"},
    ]
    if asked >= (2, 55):
        shown["description"] = flavor.get("description")
    if detail and asked >= (2, 61):
        shown["extra_specs"] = flavor["extra_specs"]
    return shown


def _flavors(call: Call, detail: bool) -> Response:
    """A page of the flavors; disabled ones are listed for administrators only.

    Nova announces a next page whenever this one is full, be it the last one or not.
    """
    flavors = [flavor for flavor in call.state.flavors if not flavor["disabled"]]
    limit = _limit(call)
    marker = call.query.get("marker")
    start = after(flavors, marker) if marker else 0
    if start < 0:
        raise RefusedError(400, f"marker [{marker}] not found")
    page = flavors[start : start + limit]
    body: dict[str, Any] = {"flavors": [_shown(call, flavor, detail) for flavor in page]}
    if page and len(page) == limit:
        href = f"{call.request.base_url}?{next_query(call, page)}"
        body["flavors_links"] = [{"rel": "next", "href": href}]
    return _answer(call, body)


def _limit(call: Call) -> int:
    asked = call.query.get("limit", "")
    if not re.fullmatch(r"[0-9]*", asked):
        reason = f"'{asked}' does not match '^[0-9]*$'"
        raise RefusedError(400, f"Invalid input for query parameters limit. Value: {asked}. {reason}")
    return min(int(asked), call.state.page_size) if asked else call.state.page_size


def _find(call: Call) -> dict[str, Any]:
    wanted = call.arguments["flavor"]
    for flavor in call.state.flavors:
        if flavor["id"] == wanted:
            return flavor
    raise RefusedError(404, f"Flavor {wanted} could not be found.")


API = Api(
    "/compute",
    (
        Route("", lambda call: reply({"versions": [_discovery(call)]}), public=True),
        Route("/v2.1", lambda call: _answer(call, {"version": _discovery(call)}), public=True),
        Route("/v2.1/flavors", lambda call: _flavors(call, detail=False)),
        Route(
            "/v2.1/flavors",
            forbidden("Policy doesn't allow os_compute_api:os-flavor-manage:create to be performed."),
            ("POST",),
        ),
        Route("/v2.1/flavors/detail", lambda call: _flavors(call, detail=True)),
        Route("/v2.1/flavors/<flavor>", lambda call: _answer(call, {"flavor": _shown(call, _find(call), True)})),
        Route(
            "/v2.1/flavors/<flavor>",
            forbidden("Policy doesn't allow os_compute_api:os-flavor-manage:delete to be performed."),
            ("DELETE",),
        ),
        Route(
            "/v2.1/flavors/<flavor>/os-extra_specs",
            lambda call: _answer(call, {"extra_specs": _find(call)["extra_specs"]}),
        ),
        Route(
            "/v2.1/flavors/<flavor>/os-extra_specs",
            forbidden("Policy doesn't allow os_compute_api:os-flavor-extra-specs:create to be performed."),
            ("POST",),
        ),
        Route("/v2.1/servers", _listing("servers")),
        Route("/v2.1/servers/detail", _listing("servers")),
        Route("/v2.1/os-keypairs", _listing("keypairs")),
        Route("/v2.1/os-server-groups", _listing("server_groups")),
        Route("/v2.1/extensions", _listing("extensions")),
        Route(
            "/v2.1/os-availability-zone",
            lambda call: _answer(
                call,
                {"availabilityZoneInfo": [{"zoneName": "nova", "zoneState": {"available": True}, "hosts": None}]},
            ),
        ),
        Route(
            "/v2.1/os-hypervisors",
            forbidden("Policy doesn't allow os_compute_api:os-hypervisors:list to be performed."),
        ),
    ),
    refuse,
)
