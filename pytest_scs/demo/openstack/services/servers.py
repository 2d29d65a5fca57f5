# SPDX-License-Identifier: Apache-2.0
"""Nova's servers: how they come into being with their ports and volumes, and how they go."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from typing import Any

from pytest_scs.demo.openstack.services import networks, progress, volumes
from pytest_scs.demo.openstack.services.compute_base import stamp
from pytest_scs.demo.openstack.services.server_request import Disk, Wanted
from pytest_scs.demo.openstack.state import CloudState
from pytest_scs.demo.openstack.wire import RefusedError, find

#: How a disk begins that is meant for a report, and where the report begins there, in bytes (guest_program.py).
_LABEL = b"_scs-disk-"
_REPORT = 4096

#: The status of a deleted server that could still be restored.
SET_ASIDE = "SOFT_DELETED"

#: The message of the fault of a server that is broken without one.
FAILURE = "No valid host was found. There are not enough hosts available."


def _new(state: CloudState, wanted: Wanted) -> dict[str, Any]:
    """A server that has just been asked for, in status BUILD, without anything made for it."""
    given = wanted.given
    return {
        "id": str(uuid.uuid4()),
        "name": wanted.name,
        "project_id": state.project_id,
        "status": "BUILD",
        "task_state": "scheduling",
        "image": wanted.image,
        "metadata": dict(given.get("metadata") or {}),
        "tags": list(given.get("tags") or []),
        "description": given.get("description"),
        "security_groups": [group["name"] for group in wanted.groups],
        "key_name": given.get("key_name"),
        "locked": False,
        "locked_reason": None,
        "config_drive": bool(given.get("config_drive")),
        "user_data": given.get("user_data"),
        "fault": None,
        "created_at": stamp(state),
        "updated_at": stamp(state),
        "launched_at": None,
        "_flavor": wanted.flavor,
        "_volumes": [],  # pairs of id and whether it vanishes with the server
        "_ports": [],
        "_active_since": None,
    }


def create(state: CloudState, wanted: Wanted) -> dict[str, Any]:
    """Keep a new server and everything made for it, in status BUILD, and have it become ACTIVE or ERROR in time."""
    server = _new(state, wanted)
    state.servers.append(server)
    if state.server_error is not None or "server" in state.broken:
        message = state.server_error or FAILURE
        progress.finish(state, "server", lambda: None, lambda: fail(state, server, message), broken=True)
        return server
    server["task_state"] = "spawning"
    try:
        waits = [_take_disk(state, server, disk) for disk in wanted.disks]
    except RefusedError as refused:
        message = f"Build of instance {server['id']} aborted: {refused.message}"
        progress.finish(state, "server", lambda: fail(state, server, message), lambda: None)
        return server
    server["_ports"] = [_take_port(state, server, wanted, network) for network in wanted.networks]
    # The volumes come first, and a server that waits for one that is stuck is stuck as well.
    state.timeline.later(
        max(waits, default=0.0),
        lambda: progress.finish(state, "server", lambda: _start(state, server), lambda: None),
    )
    return server


def _take_disk(state: CloudState, server: dict[str, Any], disk: Disk) -> float:
    """Give a server a volume, made for it or not; the seconds it has to wait for that."""
    if disk.volume is not None:
        server["_volumes"].append((disk.volume, disk.vanishes))
        for volume, _ in disks(state, server):
            volumes.rest(state, volume)
        return 0.0
    given = {"size": disk.size, "imageRef": disk.image, "volume_type": disk.kind, "name": "", "description": ""}
    given["snapshot_id"] = disk.snapshot
    volume = volumes.create(state, given)
    server["_volumes"].append((volume["id"], disk.vanishes))
    volumes.finish(state, volume)
    return progress.delay(state, "volume")


def _take_port(state: CloudState, server: dict[str, Any], wanted: Wanted, network: str | None) -> str:
    """Make a port for a server; without a network, one is made, as Neutron does for whoever has none."""
    if network is None:
        network = networks.create_network(state, {"name": "auto_allocated_network"})["id"]
        subnet = {"name": "auto_allocated_subnet_v4", "network_id": network, "cidr": "10.0.0.0/26"}
        networks.create_subnet(state, subnet)
    port = networks.create_port(
        state,
        {
            "network_id": network,
            "device_id": server["id"],
            "device_owner": f"compute:{volumes.ZONE}",
            "security_groups": [group["id"] for group in wanted.groups],
        },
    )
    port["status"] = "ACTIVE"
    return str(port["id"])


def disks(state: CloudState, server: dict[str, Any]) -> list[tuple[dict[str, Any], bool]]:
    """The volumes of a server that are still there, and whether they vanish with it."""
    found = ((find(state.volumes, identity), vanishes) for identity, vanishes in server["_volumes"])
    return [(volume, vanishes) for volume, vanishes in found if volume is not None]


def _start(state: CloudState, server: dict[str, Any]) -> None:
    """Let a server become ACTIVE, unless it is about to go, or one of its volumes is not ready."""
    if server["task_state"] == "deleting":
        return
    for volume, _ in disks(state, server):
        if volume["status"] == "creating":
            return
        if volume["status"] != "reserved":
            message = (
                f"Build of instance {server['id']} aborted: Volume {volume['id']} did not finish being created even "
                f"after we waited 0 seconds or 1 attempts. And its status is {volume['status']}."
            )
            fail(state, server, message)
            return
    for number, (volume, _) in enumerate(disks(state, server)):
        volumes.attach(state, volume, server["id"], f"/dev/vd{chr(ord('a') + number)}")
    server["_active_since"] = state.timeline.now()
    launched = state.now().strftime("%Y-%m-%dT%H:%M:%S.000000")
    server.update(status="ACTIVE", task_state=None, launched_at=launched, updated_at=stamp(state))
    progress.finish(state, "console", lambda: _report(state, server), lambda: None)


def _report(state: CloudState, server: dict[str, Any]) -> None:
    """Let a server that has a disk for it write its report there, and shut down."""
    write = state.disk
    if write is None or server["status"] != "ACTIVE":
        return
    for volume, _ in disks(state, server):
        if volume["_head"].startswith(_LABEL):
            volume["_head"] = volume["_head"][:_REPORT].ljust(_REPORT, b"\0") + write(server).encode()
            volume["_content"] = hashlib.sha512(volume["_head"]).hexdigest()
            server.update(status="SHUTOFF", updated_at=stamp(state))


def fail(state: CloudState, server: dict[str, Any], message: str) -> None:
    """Let a server end in ERROR, unless it is about to go."""
    if server["task_state"] != "deleting":
        fault = {"code": 500, "created": stamp(state), "message": message}
        server.update(status="ERROR", task_state=None, fault=fault, updated_at=stamp(state))


def set_aside(state: CloudState, server: dict[str, Any]) -> None:
    """Keep a deleted server, out of sight, with its ports and volumes."""
    if server["task_state"] != "deleting":
        server.update(status=SET_ASIDE, task_state=None, updated_at=stamp(state))


def remove(state: CloudState, server: dict[str, Any]) -> None:
    """Begin to delete a server, whatever its status; its ports and some of its volumes go with it."""
    if server["task_state"] == "deleting":
        return
    server.update(task_state="deleting", updated_at=stamp(state))

    def gone() -> None:
        progress.forget(state, "servers", server)()
        state.ports[:] = [port for port in state.ports if port["device_id"] != server["id"]]
        for volume, vanishes in disks(state, server):
            volume["attachments"] = []
            if vanishes:
                volumes.remove(state, volume)
            elif volume["status"] in ("reserved", "in-use"):
                volumes.rest(state, volume)

    def failed() -> None:
        server["task_state"] = None
        fail(state, server, "Failed to terminate the instance: the hypervisor does not answer.")

    progress.finish(state, "server-deletion", gone, failed)


def password() -> str:
    """What Nova makes up for the administrator of a new server."""
    return secrets.token_urlsafe(9)
