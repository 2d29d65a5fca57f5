# SPDX-License-Identifier: Apache-2.0
"""Cinder's volume backups (scs-0117-v1): made, restored, deleted, or refused because no service makes any."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response

from pytest_scs.demo.openstack.services import progress, volumes
from pytest_scs.demo.openstack.services import volume_base as base
from pytest_scs.demo.openstack.state import CloudState
from pytest_scs.demo.openstack.wire import Call, RefusedError, Route, content, find

#: The fail reason of a backup that is broken without one.
FAILURE = "Backup driver reported an error: [Errno 5] Input/output error"

_NO_SERVICE = "Service cinder-backup could not be found."
#: What a restored volume has of the one that was backed up.
_KEPT = ("metadata", "bootable", "volume_image_metadata", "_content", "_head")
_OBJECT_SIZE = 4  # objects of the backup store per GiB


def _invalid(what: str, reason: str) -> RefusedError:
    return RefusedError(400, f"Invalid {what}: {reason}")


def _require_service(state: CloudState, status: int) -> None:
    """Raise RefusedError where cinder-backup is missing; its status depends on what was to be done."""
    if not state.backup_service:
        raise RefusedError(status, _NO_SERVICE)


def _find(call: Call) -> dict[str, Any]:
    return base.lookup(call, "backups", call.arguments["backup"])


def _become(state: CloudState, backup: dict[str, Any], status: str, **changes: Any) -> None:
    backup.update(changes, status=status, updated_at=base.stamp(state))


# -- making ---------------------------------------------------------------------------------------------------------


def _parent(state: CloudState, volume: Mapping[str, Any], incremental: bool) -> str | None:
    """The id of the backup an incremental one builds upon; raises RefusedError (400) if none can be that."""
    if not incremental:
        return None
    earlier = [backup for backup in state.backups if backup["volume_id"] == volume["id"]]
    if not earlier:
        raise _invalid("backup", "No backups available to do an incremental backup.")
    if earlier[-1]["status"] != "available":
        raise _invalid("backup", "The parent backup must be available for incremental backup.")
    return str(earlier[-1]["id"])


def _require_calm(volume: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Raise RefusedError (400) if a volume is in no state to be backed up."""
    before = volume["status"]
    if before not in ("available", "in-use"):
        reason = f'Volume to be backed up must be available or in-use, but the current status is "{before}".'
        raise _invalid("volume", reason)
    if before == "in-use" and not given.get("force"):
        raise _invalid("volume", "Backing up an in-use volume must use the force flag.")


def _new(state: CloudState, volume: Mapping[str, Any], given: Mapping[str, Any], parent: str | None) -> dict[str, Any]:
    """A backup that has just been begun, with what is in the volume now."""
    now = base.stamp(state)
    return {
        "id": str(uuid.uuid4()),
        "name": given.get("name"),
        "description": given.get("description"),
        "project_id": state.project_id,
        "volume_id": volume["id"],
        "status": "creating",
        "size": volume["size"],
        "object_count": 0,
        "container": given.get("container"),
        "fail_reason": None,
        "metadata": dict(given.get("metadata") or {}),
        "created_at": now,
        "updated_at": now,
        "_parent": parent,
        "_volume": {name: volume[name] for name in _KEPT},
    }


def _create(call: Call) -> Response:
    base.version(call)
    state = call.state
    given = content(call, "backup", "'backup' is a required property")
    volume = base.lookup(call, "volumes", str(given.get("volume_id")))
    _require_calm(volume, given)
    parent = _parent(state, volume, bool(given.get("incremental")))
    base.charge(state, "backups", volume["size"])
    _require_service(state, 503)
    backup = _new(state, volume, given, parent)
    state.backups.append(backup)
    volumes.become(state, volume, "backing-up")

    def release() -> None:
        if volume["status"] == "backing-up":  # and has not been deleted with its server
            volumes.rest(state, volume)

    def done() -> None:
        release()
        place = "/".join((backup["id"][:2], backup["id"][2:4], backup["id"]))
        container, count = backup["container"] or place, _OBJECT_SIZE * backup["size"]
        _become(state, backup, "available", container=container, object_count=count)

    def failed() -> None:
        release()
        _become(state, backup, "error", fail_reason=state.backup_error or FAILURE)

    progress.finish(state, "backup", done, failed, broken=state.backup_error is not None)
    return base.answer(call, {"backup": base.summary(call, "backups", backup)}, 202)


# -- restoring ------------------------------------------------------------------------------------------------------


def _target(state: CloudState, backup: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The volume to restore to: the one that is named, or a new one, which Cinder waits for before it answers."""
    if given.get("volume_id") is None:
        wanted = {
            "size": backup["size"],
            "name": given.get("name") or f"restore_backup_{backup['id']}",
            "description": "auto-created_from_restore_from_backup",
        }
        return volumes.create(state, wanted)
    volume = find(state.volumes, given["volume_id"])
    if volume is None:
        raise RefusedError(404, f"Volume {given['volume_id']} could not be found.")
    if volume["status"] != "available":
        raise _invalid("volume", "Volume to be restored to must be available")
    if volume["size"] < backup["size"]:
        reason = f"volume size {volume['size']} is too small to restore backup of size {backup['size']}."
        raise _invalid("volume", reason)
    return volume


def _restore(call: Call) -> Response:
    state, backup = call.state, _find(call)
    given = content(call, "restore", "'restore' is a required property")
    if backup["status"] != "available":
        raise _invalid("backup", "Backup status must be available")
    _require_service(state, 404)
    volume = _target(state, backup, given)
    _become(state, backup, "restoring")
    volumes.become(state, volume, "restoring-backup")

    def done() -> None:
        original = backup["_volume"]
        metadata = {**volume["metadata"], **original["metadata"], "src_backup_id": backup["id"]}
        volume.update(original, metadata=metadata)
        if state.backup_garbles:
            volume["_content"] = hashlib.sha512(original["_content"].encode()).hexdigest()
        volumes.become(state, volume, "available")
        _become(state, backup, "available")

    def failed() -> None:
        volumes.become(state, volume, "error_restoring")
        _become(state, backup, "available", fail_reason=state.backup_error or FAILURE)

    progress.finish(state, "restore", done, failed)
    restored = {"backup_id": backup["id"], "volume_id": volume["id"], "volume_name": volume["name"]}
    return base.answer(call, {"restore": restored}, 202)


# -- removing and showing -------------------------------------------------------------------------------------------


def _dependents(state: CloudState, backup: Mapping[str, Any]) -> bool:
    return any(other["_parent"] == backup["id"] for other in state.backups)


def _delete(call: Call) -> Response:
    state, backup = call.state, _find(call)
    if backup["status"] not in ("available", "error"):
        raise _invalid("backup", "Backup status must be available or error")
    if _dependents(state, backup):
        raise _invalid("backup", "Incremental backups exist for this backup.")
    _require_service(state, 404)
    _become(state, backup, "deleting")
    progress.finish(
        state,
        "backup-deletion",
        progress.forget(state, "backups", backup),
        lambda: _become(state, backup, "error_deleting", fail_reason=state.backup_error or FAILURE),
    )
    return base.answer(call, None, 202)


def _show(call: Call, backup: Mapping[str, Any]) -> dict[str, Any]:
    told = ("id", "status", "size", "object_count", "container", "created_at", "updated_at")
    shown: dict[str, Any] = {name: backup[name] for name in told} | {
        **{name: backup[name] for name in ("name", "description", "fail_reason", "volume_id")},
        "availability_zone": None,
        "links": base.links(call, "backups", backup),
        "is_incremental": backup["_parent"] is not None,
        "has_dependent_backups": _dependents(call.state, backup),
        "snapshot_id": None,
        "data_timestamp": backup["created_at"],
    }
    return shown | ({"metadata": backup["metadata"]} if base.version(call) >= (3, 43) else {})


_PATH = "/v3/<project>/backups"

ROUTES = (
    Route(_PATH, base.listing("backups", _show, detail=False)),
    Route(f"{_PATH}/detail", base.listing("backups", _show, detail=True)),
    Route(_PATH, _create, ("POST",)),
    Route(f"{_PATH}/<backup>", lambda call: base.answer(call, {"backup": _show(call, _find(call))})),
    Route(f"{_PATH}/<backup>", _delete, ("DELETE",)),
    Route(f"{_PATH}/<backup>/restore", _restore, ("POST",)),
)
