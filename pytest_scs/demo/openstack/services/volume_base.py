# SPDX-License-Identifier: Apache-2.0
"""What all resources of Cinder have in common: errors, microversions, pages, filters, quotas."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from werkzeug.wrappers import Request, Response

from pytest_scs.demo.openstack.services import usage
from pytest_scs.demo.openstack.state import CloudState
from pytest_scs.demo.openstack.wire import (
    Call,
    Handler,
    RefusedError,
    after,
    find,
    microversion,
    next_query,
    nothing,
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


def refuse(request: Request, refused: RefusedError) -> Response:
    """Cinder's error document; what has no name of its own is a ``computeFault`` here, too."""
    if refused.status == 401:
        return unauthorized(request)
    fault: dict[str, Any] = {"code": refused.status, "message": refused.message}
    if refused.status in (413, 429) and "Retry-After" in refused.headers:
        fault["retryAfter"] = refused.headers["Retry-After"]
    return reply({_FAULTS.get(refused.status, "computeFault"): fault}, refused.status, refused.headers)


def version(call: Call) -> tuple[int, int]:
    """The microversion of a request, as (major, minor); the project in the path must be the token's."""
    asked = microversion(call, "volume", call.state.volume_microversion, "3.0")
    if call.arguments["project"] != call.state.project_id:
        raise RefusedError(400, "Malformed request url")
    return asked


def answer(call: Call, data: object, status: int = 200) -> Response:
    """An answer with the microversion it is in; without content if the data are None."""
    major, minor = version(call)
    headers = {"OpenStack-API-Version": f"volume {major}.{minor}", "Vary": "OpenStack-API-Version"}
    return nothing(status, headers) if data is None else reply(data, status, headers)


def stamp(state: CloudState) -> str:
    """The time of the cloud as Cinder writes it."""
    return state.now().strftime("%Y-%m-%dT%H:%M:%S.%f")


def links(call: Call, kind: str, item: Mapping[str, Any]) -> list[dict[str, str]]:
    """The links of a volume or backup."""
    path = f"{call.state.project_id}/{kind}/{item['id']}"
    return [
        {"rel": "self", "href": f"{call.base}/volume/v3/{path}"},
        {"rel": "bookmark", "href": f"{call.base}/volume/{path}"},
    ]


# -- pages ----------------------------------------------------------------------------------------------------------


def limit(call: Call) -> int:
    """The length of a page; raises RefusedError (400) for what is no number."""
    asked = call.query.get("limit")
    if asked is None:
        return call.state.page_size
    try:
        number = int(asked)
    except ValueError:
        raise RefusedError(400, "limit param must be an integer") from None
    if number < 0:
        raise RefusedError(400, "limit param must be positive")
    return min(number, call.state.page_size)


def page(call: Call, items: Sequence[dict[str, Any]], start: int) -> tuple[Sequence[dict[str, Any]], list[Any]]:
    """The items of a page from this index, and the link to the next one, which is there whenever this one is full."""
    length = limit(call)
    found = items[start : start + length]
    if not found or len(found) < length:
        return found, []
    return found, [{"rel": "next", "href": f"{call.request.base_url}?{next_query(call, found)}"}]


def listing(kind: str, show: Callable[[Call, Mapping[str, Any]], dict[str, Any]], detail: bool) -> Handler:
    """A handler that lists volumes or backups, newest first, by equality of those attributes the query names."""

    def list_all(call: Call) -> Response:
        version(call)
        items: list[dict[str, Any]] = getattr(call.state, kind)[::-1]
        found = [item for item in items if _matches(item, call.query)]
        start = after(found, call.query["marker"]) if "marker" in call.query else 0
        if start < 0:
            raise RefusedError(404, f"{kind[:-1].title()} {call.query['marker']} could not be found.")
        chosen, following = page(call, found, start)
        body: dict[str, Any] = {kind: [show(call, item) if detail else summary(call, kind, item) for item in chosen]}
        return answer(call, body | ({f"{kind}_links": following} if following else {}))

    return list_all


def _matches(item: Mapping[str, Any], query: Mapping[str, str]) -> bool:
    """Whether an item is what the query asks for; metadata come as a Python literal, what is unknown is ignored."""
    for name, value in query.items():
        if name == "metadata":
            try:
                wanted = ast.literal_eval(value)
            except (ValueError, SyntaxError):
                return False
            if not isinstance(wanted, dict) or not wanted.items() <= item["metadata"].items():
                return False
        elif name in item and str(item[name]) != value:
            return False
    return True


def summary(call: Call, kind: str, item: Mapping[str, Any]) -> dict[str, Any]:
    """What a listing without details shows."""
    return {"id": item["id"], "name": item["name"], "links": links(call, kind, item)}


def lookup(call: Call, kind: str, identity: str) -> dict[str, Any]:
    """The volume or backup with this id; raises RefusedError (404)."""
    version(call)
    item = find(getattr(call.state, kind), identity)
    if item is None:
        raise RefusedError(404, f"{kind[:-1].title()} {identity} could not be found.")
    return item


# -- quotas ---------------------------------------------------------------------------------------------------------


def charge(state: CloudState, kind: str, size: int) -> None:
    """See that one more volume, snapshot or backup of so many GiB fits; raises RefusedError (413) if it does not."""
    sizes = "backup_gigabytes" if kind == "backups" else "gigabytes"
    over = usage.exceeded(state, {sizes: size, kind: 1})
    if not over:
        return
    allowed, used = usage.limit(state, over[0]), usage.used(state)[over[0]]
    message = {
        "gigabytes": "VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. "
        f"Requested {size}G, quota is {allowed}G and {used}G has been consumed.",
        "backup_gigabytes": "VolumeBackupSizeExceedsAvailableQuota: Requested backup exceeds allowed Backup gigabytes "
        f"quota. Requested {size}G, quota is {allowed}G and {used}G has been consumed.",
        "volumes": f"VolumeLimitExceeded: Maximum number of volumes allowed ({allowed}) exceeded for quota 'volumes'.",
        "snapshots": f"SnapshotLimitExceeded: Maximum number of snapshots allowed ({allowed}) exceeded for quota "
        "'snapshots'.",
        "backups": f"BackupLimitExceeded: Maximum number of backups allowed ({allowed}) exceeded",
    }[over[0]]
    raise RefusedError(413, message, headers={"Retry-After": "0"})
