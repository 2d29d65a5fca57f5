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
    """The image of the request; only its owner may change it."""
    wanted = call.arguments["image"]
    found = image.find_accessible(call.state, wanted)
    if found is None:
        raise RefusedError(404, f"No image found with ID {wanted}")
    if found["owner"] != call.state.project_id:
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
    if given.get("visibility") == "public":
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
    return Response(found.get("_head", b""), content_type="application/octet-stream")


def _change(call: Call) -> Response:
    """A JSON patch; an image that is changed while its content is on the way loses it, as with the real Glance."""
    made = _own(call)
    changes = call.request.get_json(force=True, silent=True)
    if not isinstance(changes, list):
        raise RefusedError(400, "Request body must be a JSON array of operation objects.")
    if made["status"] == "saving":
        call.state.images.remove(made)
    for change in changes:
        made[str(change["path"]).removeprefix("/")] = change.get("value")
    return reply(image.shown(made))


def _delete(call: Call) -> Response:
    made = _own(call)
    progress.forget(call.state, "images", made)()
    return nothing()


def _from_volume(call: Call) -> Response:
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


VOLUME_ROUTES = (Route("/v3/<project>/volumes/<volume>/action", _from_volume, ("POST",)),)

API = dataclasses.replace(
    image.API,
    routes=(
        *image.API.routes,
        Route("/v2/images", _create, ("POST",)),
        Route("/v2/images/<image>", _change, ("PATCH",)),
        Route("/v2/images/<image>", _delete, ("DELETE",)),
        Route("/v2/images/<image>/file", _download),
        Route("/v2/images/<image>/file", _upload, ("PUT",)),
    ),
)
