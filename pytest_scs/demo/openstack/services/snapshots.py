# SPDX-License-Identifier: Apache-2.0
"""Cinder's snapshots of volumes: made, listed, changed, removed, and made into volumes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response

from pytest_scs.demo.openstack.services import progress
from pytest_scs.demo.openstack.services import volume_base as base
from pytest_scs.demo.openstack.state import CloudState
from pytest_scs.demo.openstack.wire import Call, RefusedError, Route, content

#: What a volume that is made of a snapshot has of the volume the snapshot was taken of.
KEPT = ("bootable", "volume_image_metadata", "volume_type", "_content", "_head")


def _become(state: CloudState, snapshot: dict[str, Any], status: str) -> None:
    snapshot.update(status=status, updated_at=base.stamp(state))


def take(state: CloudState, volume: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Keep a new snapshot with what is in the volume now; raises RefusedError (413) where the quota is too small."""
    base.charge(state, "snapshots", volume["size"])
    snapshot: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "name": given.get("name"),
        "description": given.get("description"),
        "project_id": state.project_id,
        "volume_id": volume["id"],
        "status": "creating",
        "size": volume["size"],
        "metadata": dict(given.get("metadata") or {}),
        "created_at": base.stamp(state),
        "updated_at": None,
        "_volume": {name: volume[name] for name in KEPT},
    }
    state.snapshots.append(snapshot)
    progress.finish(
        state,
        "snapshot",
        lambda: _become(state, snapshot, "available"),
        lambda: _become(state, snapshot, "error"),
    )
    return snapshot


def _create(call: Call) -> Response:
    base.version(call)
    given = content(call, "snapshot", "'snapshot' is a required property")
    volume = base.lookup(call, "volumes", str(given.get("volume_id")))
    in_use = volume["status"] == "in-use" and (given.get("force") or base.version(call) >= (3, 66))
    if volume["status"] != "available" and not in_use:
        reason = f"Volume {volume['id']} status must be available, but current status is: {volume['status']}."
        raise RefusedError(400, f"Invalid volume: {reason}")
    return base.answer(call, {"snapshot": _show(call, take(call.state, volume, given))}, 202)


def _find(call: Call) -> dict[str, Any]:
    return base.lookup(call, "snapshots", call.arguments["snapshot"])


def _show(call: Call, snapshot: Mapping[str, Any]) -> dict[str, Any]:
    told = ("id", "name", "description", "volume_id", "status", "size", "metadata", "created_at", "updated_at")
    return {name: snapshot[name] for name in told} | {
        "os-extended-snapshot-attributes:project_id": snapshot["project_id"],
        "os-extended-snapshot-attributes:progress": "100%" if snapshot["status"] == "available" else "0%",
        "user_id": call.state.user_id,
        "group_snapshot_id": None,
        "consumes_quota": True,
    }


def _update(call: Call) -> Response:
    snapshot = _find(call)
    given = content(call, "snapshot", "'snapshot' is a required property")
    changes: dict[str, Any] = {name: given[name] for name in ("name", "description") if name in given}
    snapshot.update(changes, updated_at=base.stamp(call.state))
    return base.answer(call, {"snapshot": _show(call, snapshot)})


def _delete(call: Call) -> Response:
    snapshot = _find(call)
    if snapshot["status"] not in ("available", "error"):
        raise RefusedError(400, "Invalid snapshot: Snapshot status must be available or error.")
    _become(call.state, snapshot, "deleting")
    progress.finish(
        call.state,
        "snapshot-deletion",
        progress.forget(call.state, "snapshots", snapshot),
        lambda: _become(call.state, snapshot, "error_deleting"),
    )
    return base.answer(call, None, 202)


_PATH = "/v3/<project>/snapshots"

ROUTES = (
    Route(_PATH, base.listing("snapshots", _show, detail=True)),
    Route(f"{_PATH}/detail", base.listing("snapshots", _show, detail=True)),
    Route(_PATH, _create, ("POST",)),
    Route(f"{_PATH}/<snapshot>", lambda call: base.answer(call, {"snapshot": _show(call, _find(call))})),
    Route(f"{_PATH}/<snapshot>", _update, ("PUT",)),
    Route(f"{_PATH}/<snapshot>", _delete, ("DELETE",)),
    Route(f"{_PATH}/<snapshot>/metadata", lambda call: base.answer(call, {"metadata": _find(call)["metadata"]})),
)
