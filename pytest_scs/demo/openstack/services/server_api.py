# SPDX-License-Identifier: Apache-2.0
"""Nova's API for servers: how they are asked for, listed, shown and changed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response

from pytest_scs.demo.openstack import bootlog
from pytest_scs.demo.openstack.services import compute_base as base
from pytest_scs.demo.openstack.services import server_request, servers, volumes
from pytest_scs.demo.openstack.state import CloudState
from pytest_scs.demo.openstack.wire import Call, Handler, RefusedError, Route, content, find

_CONSOLE_SIZE = 100 * 1024  # characters of the log a hypervisor keeps
_BUILT = ("ACTIVE", "SHUTOFF")
_VM_STATES = {"BUILD": "building", "SHUTOFF": "stopped", "SOFT_DELETED": "soft-delete"}
_POWER_STATES = {"ACTIVE": 1, "SHUTOFF": 4}
_FILTERS = ("status", "name", "flavor", "image", "tags")


def _find(call: Call) -> dict[str, Any]:
    base.version(call)
    wanted = call.arguments["server"]
    server = find(call.state.servers, wanted)
    if server is None:
        raise RefusedError(404, f"Instance {wanted} could not be found.")
    return server


def _create(call: Call) -> Response:
    server = servers.create(call.state, server_request.read(call))
    answer = {
        "id": server["id"],
        "links": base.links(call, "servers", server["id"]),
        "OS-DCF:diskConfig": "MANUAL",
        "security_groups": [{"name": name} for name in server["security_groups"]],
        "adminPass": servers.password(),
    }
    return base.answer(call, {"server": answer}, 202, {"Location": answer["links"][0]["href"]})


def _delete(call: Call) -> Response:
    server = _find(call)
    if call.state.deferred_deletion and server["_active_since"] is not None:
        servers.set_aside(call.state, server)
    else:
        servers.remove(call.state, server)
    return base.answer(call, None, 204)


# -- showing --------------------------------------------------------------------------------------------------------


def _flavor(call: Call, flavor: Mapping[str, Any]) -> dict[str, Any]:
    if base.version(call) < (2, 47):
        return {"id": flavor["id"], "links": [base.bookmark(call, "flavors", flavor["id"])]}
    shown = {"vcpus": flavor["vcpus"], "ram": flavor["ram"], "disk": flavor["disk"], "ephemeral": 0, "swap": 0}
    return shown | {"original_name": flavor["name"], "extra_specs": flavor["extra_specs"]}


def _addresses(state: CloudState, server: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    addresses: dict[str, list[dict[str, Any]]] = {}
    for port in state.ports if server["status"] == "ACTIVE" else ():
        if port["device_id"] != server["id"]:
            continue
        network = find(state.networks, port["network_id"]) or {"name": ""}
        for fixed in port["fixed_ips"]:
            entry = {
                "version": 6 if ":" in fixed["ip_address"] else 4,
                "addr": fixed["ip_address"],
                "OS-EXT-IPS:type": "fixed",
                "OS-EXT-IPS-MAC:mac_addr": port["mac_address"],
            }
            addresses.setdefault(network["name"], []).append(entry)
    return addresses


def _attached(call: Call, server: Mapping[str, Any]) -> list[dict[str, Any]]:
    attached = server["_volumes"] if server["status"] in _BUILT else []
    if base.version(call) < (2, 3):
        return [{"id": identity} for identity, _ in attached]
    return [{"id": identity, "delete_on_termination": vanishes} for identity, vanishes in attached]


def _show(call: Call, server: Mapping[str, Any]) -> dict[str, Any]:
    """A server with its details, in the microversion that is asked for."""
    active = server["status"] in _BUILT
    image = server["image"]
    host = hashlib.sha224(f"{call.state.project_id}demo-compute".encode()).hexdigest()
    shown = {
        "id": server["id"],
        "name": server["name"],
        "status": server["status"],
        "tenant_id": server["project_id"],
        "user_id": call.state.user_id,
        "metadata": server["metadata"],
        "hostId": host if active else "",
        "image": {"id": image, "links": [base.bookmark(call, "images", image)]} if image else "",
        "flavor": _flavor(call, server["_flavor"]),
        "created": server["created_at"],
        "updated": server["updated_at"],
        "addresses": _addresses(call.state, server),
        "accessIPv4": "",
        "accessIPv6": "",
        "links": base.links(call, "servers", server["id"]),
        "OS-DCF:diskConfig": "MANUAL",
        "OS-EXT-AZ:availability_zone": volumes.ZONE if active else "",
        "config_drive": "True" if server["config_drive"] else "",
        "key_name": None,
        "OS-SRV-USG:launched_at": server["launched_at"],
        "OS-SRV-USG:terminated_at": None,
        "OS-EXT-STS:task_state": server["task_state"],
        "OS-EXT-STS:vm_state": _VM_STATES.get(server["status"], server["status"].lower()),
        "OS-EXT-STS:power_state": _POWER_STATES.get(server["status"], 0),
        "os-extended-volumes:volumes_attached": _attached(call, server),
    }
    if active:
        shown |= {"progress": 0, "security_groups": [{"name": name} for name in server["security_groups"]]}
    if server["fault"]:
        shown["fault"] = server["fault"]
    return shown | _shown_later(call, server)


def _shown_later(call: Call, server: Mapping[str, Any]) -> dict[str, Any]:
    """What later microversions show of a server, up to the one that is asked for."""
    later = {
        (2, 9): {"locked": False},
        (2, 19): {"description": server["description"]},
        (2, 26): {"tags": server["tags"]},
        (2, 63): {"trusted_image_certificates": None},
        (2, 71): {"server_groups": []},
        (2, 73): {"locked_reason": None},
        (2, 90): {"OS-EXT-SRV-ATTR:hostname": re.sub(r"[^a-z0-9-]+", "-", server["name"].lower()).strip("-")},
        (2, 96): {"pinned_availability_zone": None},
    }
    version = base.version(call)
    return {
        name: value for since, attributes in later.items() if version >= since for name, value in attributes.items()
    }


def _list(detail: bool) -> Handler:
    """A handler that lists servers, newest first; a name is looked for as a regular expression, as Nova does."""

    def list_all(call: Call) -> Response:
        base.version(call)
        if call.query.get("all_tenants", "0").lower() in ("1", "true", ""):
            verb = "detail" if detail else "index"
            raise RefusedError(
                403, f"Policy doesn't allow os_compute_api:servers:{verb}:get_all_tenants to be performed."
            )
        wanted = {name: call.query[name] for name in _FILTERS if name in call.query}
        # Nova lists what is set aside to administrators only, and shows it to whoever asks for it by its id.
        listed = [server for server in call.state.servers[::-1] if server["status"] != servers.SET_ASIDE]
        found = [server for server in listed if _matches(server, wanted)]

        def show(server: dict[str, Any]) -> dict[str, Any]:
            if detail:
                return _show(call, server)
            return {
                "id": server["id"],
                "name": server["name"],
                "links": base.links(call, "servers", server["id"]),
            }

        return base.page(call, "servers", found, show)

    return list_all


def _matches(server: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    try:
        named = re.search(wanted.get("name", ""), server["name"]) is not None
    except re.error:
        raise RefusedError(400, f"Invalid regular expression {wanted['name']}") from None
    return (
        named
        and wanted.get("status", server["status"]).upper() == server["status"]
        and wanted.get("flavor", server["_flavor"]["id"]) == server["_flavor"]["id"]
        and wanted.get("image", server["image"]) == server["image"]
        and set(filter(None, wanted.get("tags", "").split(","))) <= set(server["tags"])
    )


# -- changing -------------------------------------------------------------------------------------------------------


def _update(call: Call) -> Response:
    server = _find(call)
    given = content(call, "server", "Invalid input for field/attribute server. 'server' is a required property")
    server.update({name: given[name] for name in ("name", "description") if name in given})
    server["updated_at"] = base.stamp(call.state)
    return base.answer(call, {"server": _show(call, server)})


def _metadata(replace: bool) -> Handler:
    def change(call: Call) -> Response:
        server = _find(call)
        given = content(call, "metadata", "Invalid input for field/attribute metadata.")
        server["metadata"] = {**({} if replace else server["metadata"]), **given}
        return base.answer(call, {"metadata": server["metadata"]})

    return change


def _tags_of(call: Call) -> dict[str, Any]:
    if base.version(call) < (2, 26):
        raise RefusedError(404, "The resource could not be found.")
    return _find(call)


def _replace_tags(call: Call) -> Response:
    server = _tags_of(call)
    body = call.request.get_json(force=True, silent=True)
    if not isinstance(body, dict) or not isinstance(body.get("tags"), list):
        raise RefusedError(400, "Invalid input for field/attribute tags.")
    server["tags"] = list(dict.fromkeys(body["tags"]))
    return base.answer(call, {"tags": server["tags"]})


def _add_tag(call: Call) -> Response:
    server, tag = _tags_of(call), call.arguments["tag"]
    if tag in server["tags"]:
        return base.answer(call, None, 204)
    server["tags"].append(tag)
    return base.answer(call, None, 201, {"Location": call.request.base_url})


# -- the console ----------------------------------------------------------------------------------------------------


def console(state: CloudState, server: Mapping[str, Any]) -> str:
    """All that the console of an ACTIVE server shows by now."""
    if callable(state.console):
        return state.console(server)
    log = bootlog.boot_log(server["name"], state.console_text) if state.console is None else state.console
    booted = state.timeline.now() - server["_active_since"] >= state.delays.get("console", 0.0)
    return log if booted and "console" not in state.stuck else bootlog.first_half(log)


def _console_output(call: Call, server: Mapping[str, Any], options: Any) -> Response:
    length = options.get("length") if isinstance(options, dict) else None
    if length is not None and not re.fullmatch(r"-?[0-9]+", str(length)):
        message = f"Value: {length}. {length!r} does not match '^-?[0-9]+$'"
        raise RefusedError(400, f"Invalid input for field/attribute length. {message}")
    if server["status"] != "ACTIVE":
        raise RefusedError(409, f"Instance {server['id']} is not ready")
    output = re.sub(r"[\x00-\x08\x0b-\x1f]", "", console(call.state, server)[-_CONSOLE_SIZE:])
    if length is not None and int(length) >= 0:
        lines = output.splitlines(keepends=True)
        output = "".join(lines[len(lines) - int(length) :] if int(length) < len(lines) else lines)
    return base.answer(call, {"output": output})


def _act(call: Call) -> Response:
    """POST .../action, of which only the console and the final deletion are here."""
    server = _find(call)
    body = call.request.get_json(force=True, silent=True)
    actions: dict[str, Any] = body if isinstance(body, dict) else {}
    if "forceDelete" in actions:
        servers.remove(call.state, server)
        return base.answer(call, None, 202)
    if "os-getConsoleOutput" not in actions:
        raise RefusedError(400, f"There is no such action: {next(iter(actions), '')}")
    return _console_output(call, server, actions["os-getConsoleOutput"])


_ONE = "/v2.1/servers/<server>"

ROUTES = (
    Route("/v2.1/servers", _list(detail=False)),
    Route("/v2.1/servers/detail", _list(detail=True)),
    Route("/v2.1/servers", _create, ("POST",)),
    Route(_ONE, lambda call: base.answer(call, {"server": _show(call, _find(call))})),
    Route(_ONE, _update, ("PUT",)),
    Route(_ONE, _delete, ("DELETE",)),
    Route(f"{_ONE}/action", _act, ("POST",)),
    Route(f"{_ONE}/metadata", lambda call: base.answer(call, {"metadata": _find(call)["metadata"]})),
    Route(f"{_ONE}/metadata", _metadata(replace=False), ("POST",)),
    Route(f"{_ONE}/metadata", _metadata(replace=True), ("PUT",)),
    Route(f"{_ONE}/tags", lambda call: base.answer(call, {"tags": _tags_of(call)["tags"]})),
    Route(f"{_ONE}/tags", _replace_tags, ("PUT",)),
    Route(f"{_ONE}/tags/<tag>", _add_tag, ("PUT",)),
)
