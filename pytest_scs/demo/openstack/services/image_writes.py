# SPDX-License-Identifier: Apache-2.0
"""Glance's images of the project: made, filled, changed, removed, and made by Cinder out of a volume."""

from __future__ import annotations

import dataclasses
import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response

from pytest_scs.demo.openstack.services import image, progress, volumes
from pytest_scs.demo.openstack.services import volume_base as base
from pytest_scs.demo.openstack.state import CloudState
from pytest_scs.demo.openstack.wire import Call, RefusedError, Route, content, nothing, reply

_FIXED = ("id", "owner", "status", "size", "checksum", "os_hash_algo", "os_hash_value", "created_at", "updated_at")
_GIB = 2**30
#: Bytes of the beginning of a content that are kept.
_HEAD = 2**20


def _stamp(state: CloudState) -> str:
    return state.now().strftime("%Y-%m-%dT%H:%M:%SZ")


def _own(call: Call) -> dict[str, Any]:
    """The image of the request; only its owner and administrators may change it."""
    wanted = call.arguments["image"]
    found = image.find_accessible(call.state, wanted)
    if found is None:
        raise RefusedError(404, f"No image found with ID {wanted}")
    if found["owner"] != call.state.project_id and not call.admin:
        raise RefusedError(403, "You are not authorized to complete this action.")
    return found


def make(state: CloudState, given: Mapping[str, Any]) -> dict[str, Any]:
    """Keep a new image of the project, still without content; ``given`` are its properties."""
    now = _stamp(state)
    made: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "name": None,
        "status": "queued",
        "visibility": "shared",
        "owner": state.project_id,
        "disk_format": None,
        "container_format": None,
        "size": None,
        "virtual_size": None,
        "min_disk": 0,
        "min_ram": 0,
        "protected": False,
        "os_hidden": False,
        "checksum": None,
        "os_hash_algo": None,
        "os_hash_value": None,
        "created_at": now,
        "updated_at": now,
        "tags": [],
        **{name: value for name, value in given.items() if name not in _FIXED},
    }
    state.images.append(made)
    return made


def fill(state: CloudState, made: dict[str, Any], digest: str, size: int, head: bytes) -> None:
    """Give an image its content, known by its hash, size and beginning, and make it active."""
    made |= {"status": "active", "size": size, "os_hash_algo": "sha512", "os_hash_value": digest}
    made |= {"checksum": digest[:32], "updated_at": _stamp(state), "_head": head[:_HEAD]}


def _create(call: Call) -> Response:
    given = call.request.get_json(force=True, silent=True)
    if not isinstance(given, dict):
        raise RefusedError(400, "The request body must be an object")
    if given.get("visibility") == "public" and not call.admin:
        raise RefusedError(403, "You are not authorized to complete publicize_image action.")
    return reply(image.shown(make(call.state, given)), 201)


def _upload(call: Call) -> Response:
    made = _own(call)
    if made["status"] != "queued":
        raise RefusedError(409, f"Image status transition from {made['status']} to saving is not allowed")
    data = call.request.get_data()
    fill(call.state, made, hashlib.sha512(data).hexdigest(), len(data), data)
    return nothing()


def _download(call: Call) -> Response:
    """The content of an image; of one that the project did not upload, and of what is long, only the beginning."""
    wanted = call.arguments["image"]
    found = image.find_accessible(call.state, wanted)
    if found is None:
        raise RefusedError(404, f"No image found with ID {wanted}")
    if found["status"] != "active":
        return nothing()
    if "_head" not in found and found["size"]:
        raise RefusedError(501, "The demo cloud keeps no content of this image.")
    return Response(found.get("_head", b""), content_type="application/octet-stream")


def _members(call: Call) -> Response:
    """Whom an image is shared with: here, nobody."""
    made = _own(call)
    if made["visibility"] != "shared":
        raise RefusedError(403, "Only shared images have members.")
    return reply({"members": [], "schema": "/v2/schemas/members"})


def _change(call: Call) -> Response:
    """A JSON patch; an image that is changed while its content is on the way loses it, as with the real Glance."""
    made = _own(call)
    changes = call.request.get_json(force=True, silent=True)
    if not isinstance(changes, list):
        raise RefusedError(400, "Request body must be a JSON array of operation objects.")
    if made["status"] == "saving":
        call.state.images.remove(made)
    for change in changes:
        name, value = str(change["path"]).removeprefix("/"), change.get("value")
        if name == "visibility" and value == "public" and not call.admin:
            raise RefusedError(403, "You are not authorized to complete publicize_image action.")
        if change.get("op") == "remove":
            made.pop(name, None)
        else:
            made[name] = value
    made["updated_at"] = _stamp(call.state)
    return reply(image.shown(made))


def _delete(call: Call) -> Response:
    made = _own(call)
    if made["protected"]:
        raise RefusedError(403, f"Image {made['id']} is protected and cannot be deleted.")
    progress.forget(call.state, "images", made)()
    return nothing()


def from_volume(call: Call) -> Response:
    """Cinder's action ``os-volume_upload_image``: a new image with the content of a volume."""
    volume = base.lookup(call, "volumes", call.arguments["volume"])
    given = content(call, "os-volume_upload_image", f"There is no such action: {call.request.get_data()!r}")
    if volume["status"] != "available":
        raise RefusedError(400, f"Invalid volume: Volume {volume['id']} status must be available.")
    formats = {
        "disk_format": given.get("disk_format", "raw"),
        "container_format": given.get("container_format", "bare"),
    }
    made = make(call.state, {"name": given.get("image_name"), **formats})
    made["status"] = "saving"
    volumes.become(call.state, volume, "uploading")

    def done() -> None:
        fill(call.state, made, str(volume["_content"]), volume["size"] * _GIB, volume["_head"])
        volumes.rest(call.state, volume)

    def failed() -> None:
        progress.forget(call.state, "images", made)()
        volumes.rest(call.state, volume)

    progress.finish(call.state, "upload", done, failed)
    told = {"id": volume["id"], "image_id": made["id"], "image_name": made["name"], "status": "uploading", **formats}
    return base.answer(call, {"os-volume_upload_image": told}, 202)


API = dataclasses.replace(
    image.API,
    routes=(
        *image.API.routes,
        Route("/v2/images", _create, ("POST",)),
        Route("/v2/images/<image>", _change, ("PATCH",)),
        Route("/v2/images/<image>", _delete, ("DELETE",)),
        Route("/v2/images/<image>/members", _members),
        Route("/v2/images/<image>/file", _download),
        Route("/v2/images/<image>/file", _upload, ("PUT",)),
    ),
)
