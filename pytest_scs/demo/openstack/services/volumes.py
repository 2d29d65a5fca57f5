# SPDX-License-Identifier: Apache-2.0
"""Cinder's volumes: empty ones, and copies of images and of other volumes."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response

from pytest_scs.demo.openstack.services import image, progress
from pytest_scs.demo.openstack.services import volume_base as base
from pytest_scs.demo.openstack.state import CloudState
from pytest_scs.demo.openstack.wire import Call, Handler, RefusedError, Route, content, find

ZONE = "nova"
#: The content of a new volume.
EMPTY = hashlib.sha512(b"").hexdigest()
_GIB = 2**30
_DELETABLE = ("available", "error", "error_restoring", "error_extending", "error_managing")
_NOT_DELETABLE = (
    "Invalid volume: Volume status must be available or error or error_restoring or error_extending or error_managing "
    "and must not be migrating, attached, belong to a group, have snapshots, awaiting a transfer, or be disassociated "
    "from snapshots after volume transfer."
)
_BAD_IMAGE = "Invalid image identifier or unable to access requested image."
_MALFORMED = "The server could not comply with the request since it is either malformed or otherwise incorrect."
_COPIED = ("checksum", "container_format", "disk_format", "min_disk", "min_ram", "size", "architecture", "os_type")
_PROPERTIES = ("os_distro", "os_version", "os_purpose", "hw_", "image_")


# -- making ---------------------------------------------------------------------------------------------------------


def type_name(state: CloudState, wanted: str | None) -> str | None:
    """The name of the volume type with this name or id, or of the default; raises RefusedError (404)."""
    names = [volume_type["name"] for volume_type in state.volume_types]
    if wanted is None:
        return "__DEFAULT__" if "__DEFAULT__" in names else next(iter(names), None)
    for volume_type in state.volume_types:
        if wanted in (volume_type["name"], volume_type["id"]):
            return str(volume_type["name"])
    raise RefusedError(404, f"Volume type with name {wanted} could not be found.")


def _image(state: CloudState, wanted: str, size: int) -> dict[str, Any]:
    """The image a volume is to be made of; raises RefusedError (400) if it cannot be, or the volume is too small."""
    found = image.find_accessible(state, wanted)
    if found is None:
        raise RefusedError(400, _BAD_IMAGE)
    if found["status"] != "active":
        raise RefusedError(400, f"Invalid input received: Image {wanted} is not active.")
    if size < found["min_disk"]:
        smallest = found["min_disk"]
        message = f"Volume size {size}GB cannot be smaller than the image minDisk size {smallest}GB."
        raise RefusedError(400, f"Invalid input received: {message}")
    if size * _GIB < found["size"]:
        needed = -(-found["size"] // _GIB)
        message = f"Size of specified image {needed}GB is larger than volume size {size}GB."
        raise RefusedError(400, f"Invalid input received: {message}")
    return found


def _image_metadata(found: Mapping[str, Any]) -> dict[str, str]:
    """What a volume remembers of the image it was made of."""
    copied = {name: str(value) for name, value in found.items() if name in _COPIED or name.startswith(_PROPERTIES)}
    return {"image_id": found["id"], "image_name": found["name"], **copied}


def create(state: CloudState, given: Mapping[str, Any]) -> dict[str, Any]:
    """Keep a new volume, in status ``creating``, of which nobody has yet said when it is done.

    ``given`` is what a request may have in it. Raises RefusedError (400, 404, 413).
    """
    source = None
    if given.get("source_volid"):
        source = find(state.volumes, given["source_volid"])
        if source is None:
            raise RefusedError(404, f"Volume {given['source_volid']} could not be found.")
    if given.get("snapshot_id"):
        source = _source(state, given["snapshot_id"])
    size = _size(given.get("size") or (source["size"] if source else given.get("size")))
    if source and size < source["size"]:
        raise RefusedError(
            400, f"Invalid input received: Volume size {size}GB cannot be smaller than {source['size']}GB."
        )
    kind = type_name(state, given.get("volume_type") or (source or {}).get("volume_type"))
    picture = _image(state, given["imageRef"], size) if given.get("imageRef") else None
    if given.get("availability_zone") not in (None, "", ZONE):
        raise RefusedError(400, f"Availability zone '{given['availability_zone']}' is invalid.")
    base.charge(state, "volumes", size)
    volume: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "name": given.get("name"),
        "description": given.get("description"),
        "project_id": state.project_id,
        "status": "creating",
        "size": size,
        "volume_type": kind,
        "source_volid": given.get("source_volid"),
        "snapshot_id": given.get("snapshot_id"),
        "metadata": dict(given.get("metadata") or {}),
        "attachments": [],
        "bootable": "true" if picture or (source and source["bootable"] == "true") else "false",
        "volume_image_metadata": _image_metadata(picture) if picture else (source or {}).get("volume_image_metadata"),
        # What the content is, told by a hash: of the image it was copied from, or of nothing.
        "_content": str(picture["os_hash_value"]) if picture else source["_content"] if source else EMPTY,
        # Its beginning, of images that the project uploaded.
        "_head": picture.get("_head", b"") if picture else source["_head"] if source else b"",
        "created_at": base.stamp(state),
        "updated_at": None,
    }
    state.volumes.append(volume)
    return volume


def _source(state: CloudState, wanted: str) -> dict[str, Any]:
    """What a snapshot kept of its volume; raises RefusedError (400, 404)."""
    snapshot = find(state.snapshots, wanted)
    if snapshot is None:
        raise RefusedError(404, f"Snapshot {wanted} could not be found.")
    if snapshot["status"] != "available":
        raise RefusedError(400, "Invalid snapshot: Originating snapshot status must be one of 'available' values")
    return {"size": snapshot["size"], **snapshot["_volume"]}


def _size(wanted: Any) -> int:
    """The size of a new volume (GiB); raises RefusedError (400)."""
    if wanted is None:
        raise RefusedError(400, _MALFORMED)
    if isinstance(wanted, bool) or not str(wanted).isdigit():
        message = f"Invalid input for field/attribute size. Value: {wanted}. {wanted!r} does not match '^[0-9]+$'"
        raise RefusedError(400, message)
    if int(wanted) < 1:
        message = f"Invalid input for field/attribute size. Value: {wanted}. {wanted} is less than the minimum of 1"
        raise RefusedError(400, message)
    return int(wanted)


def become(state: CloudState, volume: dict[str, Any], status: str) -> None:
    """Give a volume another status."""
    volume.update(status=status, updated_at=base.stamp(state))


def rest(state: CloudState, volume: dict[str, Any]) -> None:
    """Give a volume the status it has when nothing is done with it: in use, kept for a new server, or available."""
    claimed = any(volume["id"] == identity for server in state.servers for identity, _ in server["_volumes"])
    become(state, volume, "in-use" if volume["attachments"] else "reserved" if claimed else "available")


def attach(state: CloudState, volume: dict[str, Any], server: str, device: str) -> None:
    """Let a server have a volume, under the name of a device."""
    attachment = {
        "id": volume["id"],
        "attachment_id": str(uuid.uuid4()),
        "volume_id": volume["id"],
        "server_id": server,
        "host_name": None,
        "device": device,
        "attached_at": base.stamp(state),
    }
    volume["attachments"] = [attachment]
    become(state, volume, "in-use")


def finish(state: CloudState, volume: dict[str, Any]) -> None:
    """Have a volume that is being created be done in time."""

    def end(well: bool) -> None:
        if volume["status"] != "creating":
            return
        if well:
            rest(state, volume)
        else:
            become(state, volume, "error")

    progress.finish(state, "volume", lambda: end(True), lambda: end(False))


def _create(call: Call) -> Response:
    base.version(call)
    volume = create(call.state, content(call, "volume", "'volume' is a required property"))
    finish(call.state, volume)
    shown = show(call, volume)
    del shown["os-vol-tenant-attr:tenant_id"]
    return base.answer(call, {"volume": shown}, 202)


# -- removing -------------------------------------------------------------------------------------------------------


def remove(state: CloudState, volume: dict[str, Any]) -> None:
    """Begin to delete a volume, whatever its status."""
    become(state, volume, "deleting")
    progress.finish(
        state,
        "volume-deletion",
        progress.forget(state, "volumes", volume),
        lambda: become(state, volume, "error_deleting"),
    )


def _delete(call: Call) -> Response:
    volume = _find(call)
    taken = [snapshot for snapshot in call.state.snapshots if snapshot["volume_id"] == volume["id"]]
    cascade = call.query.get("cascade", "").lower() in ("true", "1")
    if volume["status"] not in _DELETABLE or volume["attachments"] or (taken and not cascade):
        raise RefusedError(400, _NOT_DELETABLE)
    for snapshot in taken:
        progress.forget(call.state, "snapshots", snapshot)()
    remove(call.state, volume)
    return base.answer(call, None, 202)


# -- showing --------------------------------------------------------------------------------------------------------


def _find(call: Call) -> dict[str, Any]:
    return base.lookup(call, "volumes", call.arguments["volume"])


def show(call: Call, volume: Mapping[str, Any]) -> dict[str, Any]:
    """A volume as Cinder shows it."""
    told = (
        "id",
        "status",
        "size",
        "created_at",
        "updated_at",
        "name",
        "description",
        "volume_type",
        "source_volid",
        "snapshot_id",
        "metadata",
        "bootable",
        "attachments",
    )
    shown: dict[str, Any] = {name: volume[name] for name in told} | {
        "availability_zone": ZONE,
        "links": base.links(call, "volumes", volume),
        "user_id": call.state.user_id,
        "encrypted": False,
        "replication_status": None,
        "consistencygroup_id": None,
        "multiattach": False,
        "os-vol-tenant-attr:tenant_id": volume["project_id"],
    }
    if volume["volume_image_metadata"]:
        shown["volume_image_metadata"] = volume["volume_image_metadata"]
    return shown


def _update(call: Call) -> Response:
    volume = _find(call)
    given = content(call, "volume", "'volume' is a required property")
    changes: dict[str, Any] = {name: given[name] for name in ("name", "description", "metadata") if name in given}
    if not changes:
        message = f"Invalid input for field/attribute volume. Value: {given}. {given} does not have enough properties"
        raise RefusedError(400, message)
    volume.update(changes, updated_at=base.stamp(call.state))
    return base.answer(call, {"volume": show(call, volume)})


def _metadata(replace: bool) -> Handler:
    def change(call: Call) -> Response:
        volume = _find(call)
        given = content(call, "metadata", "'metadata' is a required property")
        volume["metadata"] = {**({} if replace else volume["metadata"]), **given}
        return base.answer(call, {"metadata": volume["metadata"]})

    return change


def _forget_metadata(call: Call) -> Response:
    volume, key = _find(call), call.arguments["key"]
    if key not in volume["metadata"]:
        raise RefusedError(404, f"Volume {volume['id']} has no metadata with key {key}.")
    volume["metadata"] = {name: value for name, value in volume["metadata"].items() if name != key}
    return base.answer(call, None, 200)


_PATH = "/v3/<project>/volumes"

ROUTES = (
    Route(_PATH, base.listing("volumes", show, detail=False)),
    Route(f"{_PATH}/detail", base.listing("volumes", show, detail=True)),
    Route(_PATH, _create, ("POST",)),
    Route(f"{_PATH}/<volume>", lambda call: base.answer(call, {"volume": show(call, _find(call))})),
    Route(f"{_PATH}/<volume>", _update, ("PUT",)),
    Route(f"{_PATH}/<volume>", _delete, ("DELETE",)),
    Route(f"{_PATH}/<volume>/metadata", lambda call: base.answer(call, {"metadata": _find(call)["metadata"]})),
    Route(f"{_PATH}/<volume>/metadata", _metadata(replace=False), ("POST",)),
    Route(f"{_PATH}/<volume>/metadata", _metadata(replace=True), ("PUT",)),
    Route(f"{_PATH}/<volume>/metadata/<key>", _forget_metadata, ("DELETE",)),
)
