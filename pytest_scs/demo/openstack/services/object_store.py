# SPDX-License-Identifier: Apache-2.0
"""Swift v1: the containers of the project's account and the objects in them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from werkzeug.http import http_date
from werkzeug.wrappers import Request, Response

from pytest_scs.demo.openstack.state import CloudState, Container, StoredObject
from pytest_scs.demo.openstack.wire import Api, Call, RefusedError, Route, challenge, nothing, reply

_MISSING = "The resource could not be found."
_LIMIT = 10000  # names in one listing


def refuse(request: Request, refused: RefusedError) -> Response:
    """Swift's error page."""
    headers = refused.headers | (challenge(request) if refused.status == 401 else {})
    page = f"<html><h1>{refused.title}</h1><p>{escape(refused.message)}</p></html>"
    return Response(page, refused.status, headers, content_type="text/html; charset=UTF-8")


# -- what S3 does with the same things ------------------------------------------------------------------------------


def put_container(state: CloudState, name: str) -> bool:
    """Have a container of this name; whether it is a new one."""
    if name in state.containers:
        return False
    state.containers[name] = Container(state.now())
    return True


def put_object(call: Call, container: Container, name: str, prefix: str) -> StoredObject:
    """Keep the body of the request as an object; headers with this prefix are its metadata."""
    data = call.request.get_data()
    kind = call.request.headers.get("Content-Type") or "application/octet-stream"
    etag = hashlib.md5(data, usedforsecurity=False).hexdigest()
    stored = StoredObject(data, kind, etag, call.state.now(), _metadata(call, prefix))
    container.objects[name] = stored
    return stored


def _metadata(call: Call, prefix: str) -> dict[str, str]:
    headers = call.request.headers.items()
    return {name[len(prefix) :]: value for name, value in headers if name.lower().startswith(prefix.lower())}


# -- listings -------------------------------------------------------------------------------------------------------


def _wants_json(call: Call) -> bool:
    return call.query.get("format") == "json" or "application/json" in call.request.accept_mimetypes.values()


def _listing(call: Call, entries: Mapping[str, dict[str, Any]], headers: Mapping[str, str]) -> Response:
    """Entries in the order of their names, in JSON or plain text; 204 for a plain text that would be empty."""
    if call.request.method == "HEAD":
        return nothing(204, headers)
    limit = call.query.get("limit", "")
    count = min(int(limit) if limit.isdigit() else _LIMIT, _LIMIT, call.state.page_size)
    prefix, marker = call.query.get("prefix", ""), call.query.get("marker", "")
    names = [name for name in sorted(entries) if name.startswith(prefix) and name > marker][:count]
    if _wants_json(call):
        return reply([{"name": name, **entries[name]} for name in names], headers=headers)
    if not names:
        return Response(status=204, headers=headers, content_type="text/plain; charset=utf-8")
    text = "".join(f"{name}\n" for name in names)
    return Response(text, headers=headers, content_type="text/plain; charset=utf-8")


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")


def _size(container: Container) -> int:
    return sum(len(stored.data) for stored in container.objects.values())


# -- account and containers -----------------------------------------------------------------------------------------


def _containers(call: Call) -> dict[str, Container]:
    """All containers; the account in the path must be the project's."""
    if call.arguments["account"] != f"AUTH_{call.state.project_id}":
        raise RefusedError(403, "Access was denied to this resource.")
    return call.state.containers


def _account(call: Call) -> Response:
    containers = _containers(call)
    headers = {
        "X-Account-Container-Count": str(len(containers)),
        "X-Account-Object-Count": str(sum(len(container.objects) for container in containers.values())),
        "X-Account-Bytes-Used": str(sum(map(_size, containers.values()))),
    }
    entries = {
        name: {
            "count": len(container.objects),
            "bytes": _size(container),
            "last_modified": _stamp(container.created_at),
        }
        for name, container in containers.items()
    }
    return _listing(call, entries, headers)


def _container(call: Call) -> Container:
    container = _containers(call).get(call.arguments["container"])
    if container is None:
        raise RefusedError(404, _MISSING)
    return container


def _show_container(call: Call) -> Response:
    container = _container(call)
    headers = {
        "X-Container-Object-Count": str(len(container.objects)),
        "X-Container-Bytes-Used": str(_size(container)),
        "Last-Modified": http_date(container.created_at),
        **{f"X-Container-Meta-{name}": value for name, value in container.metadata.items()},
    }
    entries = {
        name: {
            "bytes": len(stored.data),
            "hash": stored.etag,
            "content_type": stored.content_type,
            "last_modified": _stamp(stored.modified),
        }
        for name, stored in container.objects.items()
    }
    return _listing(call, entries, headers)


def _put_container(call: Call) -> Response:
    containers, name = _containers(call), call.arguments["container"]
    fresh = put_container(call.state, name)
    containers[name].metadata |= _metadata(call, "X-Container-Meta-")
    return Response(status=201 if fresh else 202, content_type="text/html; charset=UTF-8")


def _post_container(call: Call) -> Response:
    _container(call).metadata |= _metadata(call, "X-Container-Meta-")
    return nothing()


def _delete_container(call: Call) -> Response:
    if _container(call).objects:
        raise RefusedError(409, "There was a conflict when trying to complete your request.")
    del call.state.containers[call.arguments["container"]]
    return nothing()


# -- objects --------------------------------------------------------------------------------------------------------


def _object(call: Call) -> StoredObject:
    stored = _container(call).objects.get(call.arguments["name"])
    if stored is None:
        raise RefusedError(404, _MISSING)
    return stored


def _get_object(call: Call) -> Response:
    stored = _object(call)
    headers = {
        "Etag": stored.etag,
        "Last-Modified": http_date(stored.modified),
        "X-Timestamp": f"{stored.modified.timestamp():.5f}",
        **{f"X-Object-Meta-{name}": value for name, value in stored.metadata.items()},
    }
    return Response(stored.data, headers=headers, content_type=stored.content_type)


def _put_object(call: Call) -> Response:
    stored = put_object(call, _container(call), call.arguments["name"], "X-Object-Meta-")
    headers = {"Etag": stored.etag, "Last-Modified": http_date(stored.modified)}
    return Response(status=201, headers=headers, content_type="text/html; charset=UTF-8")


def _post_object(call: Call) -> Response:
    _object(call).metadata = _metadata(call, "X-Object-Meta-")
    return Response(status=202, content_type="text/html; charset=UTF-8")


def _delete_object(call: Call) -> Response:
    _object(call)
    del _container(call).objects[call.arguments["name"]]
    return nothing()


_CONTAINER = "/v1/<account>/<container>"
_OBJECT = "/v1/<account>/<container>/<path:name>"

API = Api(
    "/object-store",
    (
        Route("/v1/<account>", _account),
        Route(_CONTAINER, _show_container),
        Route(_CONTAINER, _put_container, ("PUT",)),
        Route(_CONTAINER, _post_container, ("POST",)),
        Route(_CONTAINER, _delete_container, ("DELETE",)),
        Route(_OBJECT, _get_object),
        Route(_OBJECT, _put_object, ("PUT",)),
        Route(_OBJECT, _post_object, ("POST",)),
        Route(_OBJECT, _delete_object, ("DELETE",)),
    ),
    refuse,
)
