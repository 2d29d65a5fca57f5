# SPDX-License-Identifier: Apache-2.0
"""What Nova does to a server that is there: rebuilt, resized, kept as an image, locked; and what this one cannot."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.wrappers import Response

from pytest_scs.demo.openstack.services import compute_base as base
from pytest_scs.demo.openstack.services import (
    image_writes,
    progress,
    server_request,
    server_views,
    servers,
    snapshots,
    usage,
    volumes,
)
from pytest_scs.demo.openstack.services.server_parts import Server, conflict, require_groups
from pytest_scs.demo.openstack.state import CloudState
from pytest_scs.demo.openstack.wire import Call, RefusedError, find

Action = Callable[[Call, Server, Mapping[str, Any]], Response]

_GIB = 2**30
#: What an image has for itself, and one that is made of a server does not take over.
_OWN = {"id", "name", "status", "visibility", "owner", "size", "checksum", "protected", "tags", "os_hidden", "self"}
_CONSOLES = ("os-getVNCConsole", "os-getSPICEConsole", "os-getSerialConsole", "os-getRDPConsole", "os-getMKSConsole")
#: Actions of Nova that are not acted here.
_NOT_HERE = {
    *("rescue", "unrescue", "shelve", "shelveOffload", "unshelve", "changePassword", "createBackup"),
    *("trigger_crash_dump", "addFixedIp", "removeFixedIp", "addFloatingIp", "removeFloatingIp", "restore"),
}
_ADMINISTRATORS = {
    "evacuate": "os_compute_api:os-evacuate",
    "migrate": "os_compute_api:os-migrate-server:migrate",
    "os-migrateLive": "os_compute_api:os-migrate-server:migrate_live",
    "os-resetState": "os_compute_api:os-admin-actions:reset_state",
    "injectNetworkInfo": "os_compute_api:os-admin-actions:inject_network_info",
    "resetNetwork": "os_compute_api:os-admin-actions:reset_network",
}


def act(call: Call, server: Server, name: str, given: Any) -> Response:
    """Do what an action asks for; raises RefusedError, for what is unknown (400) and not to be had here (501), too."""
    if name in _CONSOLES:
        raise RefusedError(400, f"Unavailable console type {_asked(given, 'type') or 'novnc'}.")
    if name in _NOT_HERE:
        raise RefusedError(
            501, f"The demo cloud does not do '{name}': its servers are acted, and nothing runs in them."
        )
    if name in _ADMINISTRATORS:
        raise RefusedError(403, f"Policy doesn't allow {_ADMINISTRATORS[name]} to be performed.")
    if name not in _ACTIONS:
        raise RefusedError(400, f"There is no such action: {name}")
    return _ACTIONS[name](call, server, given if isinstance(given, dict) else {})


def refuse_console(call: Call) -> Response:
    """POST .../remote-consoles: no console proxy runs, which Nova says in these words."""
    body = call.request.get_json(force=True, silent=True)
    asked = body.get("remote_console") if isinstance(body, dict) else None
    raise RefusedError(400, f"Unavailable console type {_asked(asked, 'type') or 'novnc'}.")


def _asked(given: Any, key: str) -> str:
    return str(given.get(key) or "") if isinstance(given, dict) else ""


def _begin(state: CloudState, server: Server, status: str, task: str, done: Callable[[], None]) -> None:
    """Let a server be busy for as long as a new one is, and then ``done``, unless it is deleted meanwhile."""
    server.update(status=status, task_state=task, updated_at=base.stamp(state))

    def end() -> None:
        if server["task_state"] == task:
            server.update(task_state=None, updated_at=base.stamp(state))
            done()

    def failed() -> None:
        if server["task_state"] == task:
            servers.fail(state, server, servers.FAILURE)

    progress.finish(state, "server", end, failed)


# -- rebuilding -----------------------------------------------------------------------------------------------------


def _rebuild(call: Call, server: Server, given: Mapping[str, Any]) -> Response:
    """The same server on an image, as new."""
    state = call.state
    if server["status"] not in ("ACTIVE", "SHUTOFF", "ERROR"):
        raise conflict(server, "rebuild")
    if server["image"] is None and given.get("imageRef"):
        raise RefusedError(400, "The demo cloud rebuilds no server that boots from a volume.")
    picture = server_request.image_for(state, given.get("imageRef"), server["_flavor"])
    goal = "SHUTOFF" if server["status"] == "SHUTOFF" else "ACTIVE"
    server.update({name: given[name] for name in ("name", "description", "metadata", "user_data") if name in given})
    server.update(image=picture["id"], fault=None)

    def done() -> None:
        server.update(status=goal, _active_since=state.timeline.now())

    _begin(state, server, "REBUILD", "rebuilding", done)
    return base.answer(call, {"server": server_views.show(call, server) | {"adminPass": servers.password()}}, 202)


# -- resizing -------------------------------------------------------------------------------------------------------


def _resize(call: Call, server: Server, given: Mapping[str, Any]) -> Response:
    """Another flavor, on trial until it is confirmed or taken back."""
    state = call.state
    flavor = find(state.flavors, str(given.get("flavorRef")))
    if flavor is None:
        raise RefusedError(400, f"Flavor {given.get('flavorRef')} could not be found.")
    if server["status"] not in ("ACTIVE", "SHUTOFF"):
        raise conflict(server, "resize")
    before, status = server["_flavor"], server["status"]
    if flavor["id"] == before["id"]:
        raise RefusedError(400, "When resizing, instances must change flavor!")
    if server["image"] and flavor["disk"] == 0:
        raise RefusedError(
            400, "Server disk was unable to be resized because: Resize to zero disk flavor is not allowed."
        )
    more = {"cores": flavor["vcpus"] - before["vcpus"], "ram": flavor["ram"] - before["ram"]}
    if over := usage.exceeded(state, {name: count for name, count in more.items() if count > 0}):
        raise RefusedError(403, f"Quota exceeded for {', '.join(over)}: Requested {more[over[0]]}")

    def done() -> None:
        if server["image"] and flavor["disk"] < before["disk"]:
            server["status"] = status  # the hypervisor shrinks no disk, and Nova leaves the server as it was
            return
        server.update(status="VERIFY_RESIZE", _flavor=flavor, _before=(before, status))

    _begin(state, server, "RESIZE", "resize_prep", done)
    return base.answer(call, None, 202)


def _confirm(call: Call, server: Server, given: Mapping[str, Any]) -> Response:
    if server["status"] != "VERIFY_RESIZE":
        raise conflict(server, "confirmResize")
    server.update(status=server["_before"][1], updated_at=base.stamp(call.state))
    return base.answer(call, None, 204)


def _revert(call: Call, server: Server, given: Mapping[str, Any]) -> Response:
    if server["status"] != "VERIFY_RESIZE":
        raise conflict(server, "revertResize")
    flavor, status = server["_before"]
    _begin(
        call.state, server, "REVERT_RESIZE", "resize_reverting", lambda: server.update(status=status, _flavor=flavor)
    )
    return base.answer(call, None, 202)


# -- an image of it -------------------------------------------------------------------------------------------------


def _create_image(call: Call, server: Server, given: Mapping[str, Any]) -> Response:
    """An image of a server: of its disk, or, where it boots from a volume, one that names snapshots of its volumes."""
    name = given.get("name")
    if not isinstance(name, str) or not name.strip():
        raise RefusedError(400, "Invalid input for field/attribute createImage. 'name' is a required property")
    if server["status"] not in ("ACTIVE", "SHUTOFF", "PAUSED", "SUSPENDED"):
        raise conflict(server, "createImage")
    own = {"name": name, "visibility": "private", "instance_uuid": server["id"], **(given.get("metadata") or {})}
    made = (_of_disk if server["image"] else _of_volumes)(call.state, server, own)
    if base.version(call) >= (2, 45):
        return base.answer(call, {"image_id": made["id"]}, 202)
    return base.answer(call, None, 202, {"Location": f"{call.base}/image/v2/images/{made['id']}"})


def _of_disk(state: CloudState, server: Server, own: Mapping[str, Any]) -> dict[str, Any]:
    """An image with the content of a server's disk, which takes its time; it has what its own image says of itself."""
    source = find(state.images, server["image"]) or {}
    kept = {key: value for key, value in source.items() if key not in _OWN and not key.startswith(("_", "os_hash"))}
    formats = {"disk_format": "raw", "container_format": "bare"}
    made = image_writes.make(
        state, {**formats, **kept, "image_type": "snapshot", "base_image_ref": server["image"], **own}
    )
    made["status"] = "saving"
    digest, size = str(source.get("os_hash_value") or server["id"]), server["_flavor"]["disk"] * _GIB
    done = functools.partial(image_writes.fill, state, made, digest, size, source.get("_head", b""))
    progress.finish(state, "upload", done, progress.forget(state, "images", made))
    return made


def _of_volumes(state: CloudState, server: Server, own: Mapping[str, Any]) -> dict[str, Any]:
    """An image without content, which says of which snapshots servers are to boot."""
    devices = [
        _device(state, volume, vanishes, number, own["name"])
        for number, (volume, vanishes) in enumerate(servers.disks(state, server))
    ]
    mapping = {"root_device_name": "/dev/vda", "bdm_v2": "True", "block_device_mapping": json.dumps(devices)}
    made = image_writes.make(state, {"disk_format": "raw", "container_format": "bare", **mapping, **own})
    image_writes.fill(state, made, volumes.EMPTY, 0, b"")
    return made


def _device(state: CloudState, volume: dict[str, Any], vanishes: bool, number: int, name: str) -> dict[str, Any]:
    """What an image says of a volume of the server it was made of: a snapshot, taken now."""
    taken = snapshots.take(state, volume, {"name": f"snapshot for {name}"})
    return {
        "source_type": "snapshot",
        "destination_type": "volume",
        "snapshot_id": taken["id"],
        "volume_size": volume["size"],
        "boot_index": 0 if number == 0 else None,
        "delete_on_termination": vanishes,
        "device_name": f"/dev/vd{chr(ord('a') + number)}",
    }


# -- small things ---------------------------------------------------------------------------------------------------


def _lock(call: Call, server: Server, given: Mapping[str, Any]) -> Response:
    server.update(locked=True, locked_reason=given.get("locked_reason"))
    return base.answer(call, None, 202)


def _unlock(call: Call, server: Server, given: Mapping[str, Any]) -> Response:
    server.update(locked=False, locked_reason=None)
    return base.answer(call, None, 202)


def _add_group(call: Call, server: Server, given: Mapping[str, Any]) -> Response:
    group = require_groups(call.state, given)
    if group["name"] not in server["security_groups"]:
        server["security_groups"].append(group["name"])
    for port in call.state.ports:
        if port["device_id"] == server["id"] and group["id"] not in port["security_groups"]:
            port["security_groups"] = [*port["security_groups"], group["id"]]
    return base.answer(call, None, 202)


def _remove_group(call: Call, server: Server, given: Mapping[str, Any]) -> Response:
    group = require_groups(call.state, given)
    if group["name"] not in server["security_groups"]:
        raise RefusedError(404, f"Security group {group['name']} not associated with the instance {server['id']}")
    server["security_groups"].remove(group["name"])
    for port in call.state.ports:
        if port["device_id"] == server["id"]:
            port["security_groups"] = [one for one in port["security_groups"] if one != group["id"]]
    return base.answer(call, None, 202)


_ACTIONS: dict[str, Action] = {
    "rebuild": _rebuild,
    "resize": _resize,
    "confirmResize": _confirm,
    "revertResize": _revert,
    "createImage": _create_image,
    "lock": _lock,
    "unlock": _unlock,
    "addSecurityGroup": _add_group,
    "removeSecurityGroup": _remove_group,
}
