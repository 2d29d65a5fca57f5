# SPDX-License-Identifier: Apache-2.0
"""What all resources of Nova have in common: errors, microversions, pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from werkzeug.wrappers import Request, Response

from pytest_scs.demo.openstack.state import CloudState
from pytest_scs.demo.openstack.wire import (
    Call,
    Handler,
    RefusedError,
    after,
    microversion,
    next_query,
    nothing,
    reply,
    unauthorized,
)

PREFIX = "/compute/v2.1"

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


def refuse(request: Request, refused: RefusedError) -> Response:
    """Nova's error document, named after the fault; 401 comes from the middleware in front of it."""
    if refused.status == 401:
        return unauthorized(request)
    fault = {"code": refused.status, "message": refused.message}
    return reply({_FAULTS.get(refused.status, "computeFault"): fault}, refused.status, refused.headers)


def version(call: Call) -> tuple[int, int]:
    """The microversion of a request, as (major, minor)."""
    return microversion(call, "compute", call.state.compute_microversion, "2.1", _LEGACY)


def answer(call: Call, data: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer with the microversion it is in; without content if the data are None."""
    major, minor = version(call)
    own = {
        "OpenStack-API-Version": f"compute {major}.{minor}",
        _LEGACY: f"{major}.{minor}",
        "Vary": f"OpenStack-API-Version, {_LEGACY}",
        **(headers or {}),
    }
    return nothing(status, own) if data is None else reply(data, status, own)


def empty(key: str) -> Handler:
    """A handler for a listing of what nobody has here."""
    return lambda call: answer(call, {key: []})


def stamp(state: CloudState) -> str:
    """The time of the cloud as Nova writes it."""
    return state.now().strftime("%Y-%m-%dT%H:%M:%SZ")


def links(call: Call, kind: str, identity: str) -> list[dict[str, str]]:
    """The links of a flavor, image or server."""
    return [{"rel": "self", "href": f"{call.base}{PREFIX}/{kind}/{identity}"}, bookmark(call, kind, identity)]


def bookmark(call: Call, kind: str, identity: str) -> dict[str, str]:
    """The link without version."""
    return {"rel": "bookmark", "href": f"{call.base}/compute/{kind}/{identity}"}


def page(
    call: Call, key: str, items: Sequence[dict[str, Any]], show: Callable[[dict[str, Any]], dict[str, Any]]
) -> Response:
    """A page of the items behind the marker; Nova announces a next one whenever this one is full."""
    limit = _limit(call)
    marker = call.query.get("marker")
    start = after(items, marker) if marker else 0
    if start < 0:
        raise RefusedError(400, f"marker [{marker}] not found")
    chosen = items[start : start + limit]
    body: dict[str, Any] = {key: [show(item) for item in chosen]}
    if chosen and len(chosen) == limit:
        href = f"{call.request.base_url}?{next_query(call, chosen)}"
        body[f"{key}_links"] = [{"rel": "next", "href": href}]
    return answer(call, body)


def _limit(call: Call) -> int:
    asked = call.query.get("limit", "")
    if not re.fullmatch(r"[0-9]*", asked):
        reason = f"'{asked}' does not match '^[0-9]*$'"
        raise RefusedError(400, f"Invalid input for query parameters limit. Value: {asked}. {reason}")
    return min(int(asked), call.state.page_size) if asked else call.state.page_size
