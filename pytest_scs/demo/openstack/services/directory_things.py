# SPDX-License-Identifier: Apache-2.0
"""Users, groups, projects, roles and domains of the directory: listed, made, changed, deleted."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

from werkzeug.wrappers import Response

from pytest_scs.demo.openstack.services.directory_auth import permit
from pytest_scs.demo.openstack.wire import Call, Handler, RefusedError, content, nothing, reply

#: Collections whose things belong to a domain, and those that belong to the cloud.
IN_DOMAINS = ("users", "groups", "projects")
IN_CLOUD = ("roles", "domains")


def listing(call: Call, key: str, items: list[dict[str, Any]]) -> Response:
    """Keystone's form of a list."""
    return reply({key: items, "links": {"next": None, "self": call.request.base_url, "previous": None}})


def shown(item: dict[str, Any]) -> dict[str, Any]:
    """What anybody may see of it."""
    return {key: value for key, value in item.items() if not key.startswith("_")}


def collection(name: str) -> Handler:
    """GET of a collection."""
    return partial(_list, name)


def creation(name: str) -> Handler:
    """POST to a collection."""
    return partial(_create, name)


def one(name: str) -> Handler:
    """GET, PATCH and DELETE of a single thing."""
    return partial(_one, name)


def _list(name: str, call: Call) -> Response:
    rule = f"list_{name}"
    # To look a role or a domain up by its name, managers may list all of them.
    own = permit(call, rule)
    items = getattr(call.state.directory, name)
    if name in IN_DOMAINS and rule not in call.state.directory.leaks:
        items = [item for item in items if item["domain_id"] == own]
    for key, value in call.query.items():
        if key == "name__startswith":
            items = [item for item in items if item["name"].startswith(value)]
        else:
            items = [item for item in items if str(item.get(key)) == value]
    return listing(call, name, [shown(item) for item in items])


def _create(name: str, call: Call) -> Response:
    kind = name.removesuffix("s")
    body = content(call, kind, f"Expecting to find {kind} in request body.")
    own = permit(call, f"create_{kind}", body.get("domain_id") if name in IN_DOMAINS else None)
    item = {"id": uuid.uuid4().hex, "enabled": True, "description": "", **body}
    if "password" in item:
        item["_password"] = item.pop("password")
    if name in IN_DOMAINS:
        item.setdefault("domain_id", own)
    everything = getattr(call.state.directory, name)
    if any((other["name"], other.get("domain_id")) == (item["name"], item.get("domain_id")) for other in everything):
        raise RefusedError(409, f"Conflict occurred attempting to store {kind} - Duplicate entry found.")
    everything.append(item)
    return reply({kind: shown(item)}, 201)


def _one(name: str, call: Call) -> Response:
    directory, kind = call.state.directory, name.removesuffix("s")
    identity = call.arguments[kind]
    item = directory.find(name, identity)
    method = call.request.method
    if item is None and name in IN_CLOUD and method != "PATCH":
        # Keystone looks for these before it asks its policy.
        raise RefusedError(404, f"Could not find {kind}: {identity}.")
    rule = {"GET": "get", "PATCH": "update", "DELETE": "delete"}[method]
    owner = item["domain_id"] if item and name in IN_DOMAINS else None
    if name == "domains" and method == "GET":
        owner = identity
    permit(call, f"{rule}_{kind}", owner)
    if item is None:
        raise RefusedError(404, f"Could not find {kind}: {identity}.")
    if method == "GET":
        return reply({kind: shown(item)})
    if item.get("options", {}).get("immutable"):
        raise RefusedError(403, f"Cannot change immutable resource {kind}: {identity}.")
    if method == "PATCH":
        change = content(call, kind, f"Expecting to find {kind} in request body.")
        item.update({"_password" if key == "password" else key: value for key, value in change.items()})
        return reply({kind: shown(item)})
    if name == "domains" and item["enabled"]:
        raise RefusedError(403, "Cannot delete a domain that is enabled, please disable it first.")
    directory.forget(name, identity)
    return nothing()
