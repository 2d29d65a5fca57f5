# SPDX-License-Identifier: Apache-2.0
"""What servers of the demo cloud have beside their own attributes, and how they are switched on and off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response

from pytest_scs.demo.openstack.services import compute_base as base
from pytest_scs.demo.openstack.services import volumes
from pytest_scs.demo.openstack.services.security_groups import ensure_default
from pytest_scs.demo.openstack.state import CloudState
from pytest_scs.demo.openstack.wire import Call, RefusedError, Route, content, find

#: Status -> what Nova calls the state of the virtual machine, where that is not the same word.
VM_STATES = {
    "BUILD": "building",
    "SHUTOFF": "stopped",
    "SOFT_DELETED": "soft-delete",
    "VERIFY_RESIZE": "resized",
    **dict.fromkeys(("REBUILD", "RESIZE", "REVERT_RESIZE"), "active"),
}
Server = dict[str, Any]
#: Action -> the statuses it starts from, and the one it ends in.
TRANSITIONS = {
    "os-start": (("SHUTOFF",), "ACTIVE"),
    "os-stop": (("ACTIVE", "ERROR"), "SHUTOFF"),
    "reboot": (("ACTIVE", "SHUTOFF", "PAUSED", "SUSPENDED"), "ACTIVE"),
    "pause": (("ACTIVE",), "PAUSED"),
    "unpause": (("PAUSED",), "ACTIVE"),
    "suspend": (("ACTIVE",), "SUSPENDED"),
    "resume": (("SUSPENDED",), "ACTIVE"),
}


def turn(call: Call, server: dict[str, Any], action: str) -> Response:
    """Switch a server on or off; it is done when the answer comes."""
    origins, goal = TRANSITIONS[action]
    if server["status"] not in origins:
        raise conflict(server, action.removeprefix("os-"))
    server.update(status=goal, updated_at=base.stamp(call.state))
    return base.answer(call, None, 202)


def conflict(server: Server, action: str) -> RefusedError:
    """What Nova says where the state of a server does not allow an action."""
    state = VM_STATES.get(server["status"], server["status"].lower())
    if server["task_state"]:
        return RefusedError(
            409, f"Cannot '{action}' instance {server['id']} while it is in task_state {server['task_state']}"
        )
    return RefusedError(409, f"Cannot '{action}' instance {server['id']} while it is in vm_state {state}")


def require_groups(state: CloudState, given: Mapping[str, Any]) -> dict[str, Any]:
    """The security group that is named; raises RefusedError (404)."""
    ensure_default(state)
    for group in state.security_groups:
        if given.get("name") in (group["name"], group["id"]):
            return group
    raise RefusedError(404, f"Security group {given.get('name')} not found for project {state.project_id}.")


def find_server(call: Call) -> dict[str, Any]:
    """The server that the path names; raises RefusedError (404)."""
    base.version(call)
    wanted = call.arguments["server"]
    server = find(call.state.servers, wanted)
    if server is None:
        raise RefusedError(404, f"Instance {wanted} could not be found.")
    return server


# -- volumes --------------------------------------------------------------------------------------------------------


def _attached(call: Call, server: Server) -> list[dict[str, Any]]:
    return [
        {
            "id": volume["id"],
            "volumeId": volume["id"],
            "serverId": server["id"],
            "device": one["device"],
            "tag": None,
            "delete_on_termination": dict(server["_volumes"]).get(volume["id"], False),
            "attachment_id": one["attachment_id"],
            "bdm_uuid": one["attachment_id"],
        }
        for volume in call.state.volumes
        for one in volume["attachments"]
        if one["server_id"] == server["id"]
    ]


def _attachments(call: Call) -> Response:
    return base.answer(call, {"volumeAttachments": _attached(call, find_server(call))})


def _attach(call: Call) -> Response:
    """Give a server one more volume; it is done when the answer comes."""
    server = find_server(call)
    given = content(call, "volumeAttachment", "Invalid input for field/attribute volumeAttachment.")
    volume = find(call.state.volumes, str(given.get("volumeId")))
    if volume is None:
        raise RefusedError(404, f"Volume {given.get('volumeId')} could not be found.")
    if server["status"] not in ("ACTIVE", "SHUTOFF", "PAUSED"):
        raise conflict(server, "attach_volume")
    if volume["status"] != "available":
        reason = f"status must be available or downloading to reserve, but the current status is {volume['status']}."
        raise RefusedError(400, f"Invalid input received: Invalid volume: Volume {volume['id']} {reason}")
    used = {one["device"] for one in _attached(call, server)} | ({"/dev/vda"} if server["image"] else set())
    device = next(name for letter in "abcdefghijklmnopqrstuvwxyz" if (name := f"/dev/vd{letter}") not in used)
    server["_volumes"].append((volume["id"], bool(given.get("delete_on_termination"))))
    volumes.attach(call.state, volume, server["id"], device)
    return base.answer(call, {"volumeAttachment": _attached(call, server)[-1]})


def _detach(call: Call) -> Response:
    """Take a volume from a server, unless it is the one the server boots from."""
    server, wanted = find_server(call), call.arguments["volume"]
    if all(identity != wanted for identity, _ in server["_volumes"]):
        raise RefusedError(404, f"Instance {server['id']} is not attached to volume {wanted}")
    if server["image"] is None and server["_volumes"][0][0] == wanted:
        raise RefusedError(403, "Cannot detach a root device volume")
    volume = find(call.state.volumes, wanted)
    server["_volumes"] = [pair for pair in server["_volumes"] if pair[0] != wanted]
    if volume is not None:
        volume["attachments"] = []
        volumes.rest(call.state, volume)
    return base.answer(call, None, 202)


# -- what else there is ---------------------------------------------------------------------------------------------


def _no_interfaces(call: Call) -> Response:
    find_server(call)
    raise RefusedError(501, "The demo cloud changes no interfaces of servers; create the server with its networks.")


def _history(call: Call) -> Response:
    """What was done to a server, of which its creation is remembered."""
    server = find_server(call)
    made = {
        "action": "create",
        "instance_uuid": server["id"],
        "request_id": f"req-{server['id']}",
        "user_id": call.state.user_id,
        "project_id": call.state.project_id,
        "start_time": server["created_at"].removesuffix("Z") + ".000000",
        "updated_at": server["updated_at"].removesuffix("Z") + ".000000",
        "message": None,
    }
    return base.answer(call, {"instanceActions": [made]})


def _groups(call: Call) -> Response:
    names = find_server(call)["security_groups"]
    return base.answer(
        call, {"security_groups": [group for group in call.state.security_groups if group["name"] in names]}
    )


def _interfaces(call: Call) -> Response:
    server = find_server(call)
    interfaces = [
        {
            "port_id": port["id"],
            "net_id": port["network_id"],
            "mac_addr": port["mac_address"],
            "port_state": port["status"],
            "fixed_ips": port["fixed_ips"],
        }
        for port in call.state.ports
        if port["device_id"] == server["id"]
    ]
    return base.answer(call, {"interfaceAttachments": interfaces})


_ONE = "/v2.1/servers/<server>"

ROUTES = (
    Route(f"{_ONE}/os-volume_attachments", _attachments),
    Route(f"{_ONE}/os-volume_attachments", _attach, ("POST",)),
    Route(f"{_ONE}/os-volume_attachments/<volume>", _detach, ("DELETE",)),
    Route(f"{_ONE}/os-instance-actions", _history),
    Route(f"{_ONE}/os-security-groups", _groups),
    Route(f"{_ONE}/os-interface", _interfaces),
    Route(f"{_ONE}/os-interface", _no_interfaces, ("POST",)),
    Route(f"{_ONE}/os-interface/<port>", _no_interfaces, ("DELETE",)),
)
