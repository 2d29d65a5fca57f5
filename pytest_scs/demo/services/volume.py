# SPDX-License-Identifier: Apache-2.0
"""Cinder v3: volume types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keystoneauth1.fixture.discovery import NovaMicroversionDiscovery
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
    413: "overLimit",
    429: "overLimit",
    501: "notImplemented",
    503: "serviceUnavailable",
}
_NO_DEFAULT = "Default volume type can not be found."


def refuse(request: Request, refused: RefusedError) -> Response:
    """Cinder's error document; what has no name of its own is a ``computeFault`` here, too."""
    if refused.status == 401:
        return unauthorized(request)
    fault = {"code": refused.status, "message": refused.message}
    return reply({_FAULTS.get(refused.status, "computeFault"): fault}, refused.status, refused.headers)


def _answer(call: Call, data: object) -> Response:
    """An answer with the microversion it is in; the project in the path must be the token's."""
    major, minor = microversion(call, "volume", call.state.volume_microversion, "3.0")
    if call.arguments["project"] != call.state.project_id:
        raise RefusedError(400, "Malformed request url")
    return reply(data, headers={"OpenStack-API-Version": f"volume {major}.{minor}", "Vary": "OpenStack-API-Version"})


def _listing(key: str) -> Handler:
    return lambda call: _answer(call, {key: []})


def _versions(call: Call, status: int) -> Response:
    newest = call.state.volume_microversion
    url = f"{call.base}/volume/v3/"
    entry = NovaMicroversionDiscovery(url, "v3.0", status="CURRENT", min_version="3.0", version=newest)
    return reply({"versions": [dated(entry, "2023-08-31T00:00:00Z")]}, status)


def _shown(volume_type: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": volume_type["id"],
        "name": volume_type["name"],
        "is_public": volume_type["is_public"],
        "description": volume_type["description"],
        "extra_specs": volume_type["extra_specs"],
        "os-volume-type-access:is_public": volume_type["is_public"],
    }


def _types(call: Call) -> Response:
    """A page of the types; an unknown marker is overlooked, as Cinder does."""
    types: Sequence[dict[str, Any]] = list(call.state.volume_types)
    limit = _limit(call)
    start = max(after(types, call.query["marker"]), 0) if "marker" in call.query else 0
    page = types[start : start + limit]
    body: dict[str, Any] = {"volume_types": [_shown(volume_type) for volume_type in page]}
    if page and len(page) == limit:
        href = f"{call.request.base_url}?{next_query(call, page)}"
        body["volume_type_links"] = [{"rel": "next", "href": href}]
    return _answer(call, body)


def _limit(call: Call) -> int:
    asked = call.query.get("limit")
    if asked is None:
        return call.state.page_size
    try:
        limit = int(asked)
    except ValueError:
        raise RefusedError(400, "limit param must be an integer") from None
    if limit < 0:
        raise RefusedError(400, "limit param must be positive")
    return min(limit, call.state.page_size)


def _type(call: Call) -> Response:
    wanted = call.arguments["type"]
    key, value = ("name", "__DEFAULT__") if wanted == "default" else ("id", wanted)
    for volume_type in call.state.volume_types:
        if volume_type[key] == value:
            return _answer(call, {"volume_type": _shown(volume_type)})
    raise RefusedError(404, _NO_DEFAULT if wanted == "default" else f"Volume type {wanted} could not be found.")


API = Api(
    "/volume",
    (
        Route("", lambda call: _versions(call, 300), public=True),
        Route("/v3", lambda call: _versions(call, 200)),
        Route("/v3/<project>/types", _types),
        Route(
            "/v3/<project>/types",
            forbidden("Policy doesn't allow volume_extension:type_create to be performed."),
            ("POST",),
        ),
        Route("/v3/<project>/types/<type>", _type),
        *(
            Route(f"/v3/<project>/{collection}{detail}", _listing(collection))
            for collection in ("volumes", "snapshots", "backups")
            for detail in ("", "/detail")
        ),
        Route(
            "/v3/<project>/os-availability-zone",
            lambda call: _answer(
                call, {"availabilityZoneInfo": [{"zoneName": "nova", "zoneState": {"available": True}}]}
            ),
        ),
        Route(
            "/v3/<project>/os-services",
            forbidden("Policy doesn't allow volume_extension:services:index to be performed."),
        ),
    ),
    refuse,
)
