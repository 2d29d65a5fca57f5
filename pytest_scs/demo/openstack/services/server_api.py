# SPDX-License-Identifier: Apache-2.0
"""Nova's API for servers: how they are asked for, listed, shown and changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response

from pytest_scs.demo.openstack import bootlog
from pytest_scs.demo.openstack.services import compute_base as base
from pytest_scs.demo.openstack.services import server_actions, server_parts, server_request, server_views, servers
from pytest_scs.demo.openstack.state import CloudState
from pytest_scs.demo.openstack.wire import Call, Handler, RefusedError, Route, content

_CONSOLE_SIZE = 100 * 1024  # characters of the log a hypervisor keeps
_FILTERS = ("status", "name", "flavor", "image", "tags")


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
    server = server_parts.find_server(call)
    if call.state.deferred_deletion and server["_active_since"] is not None:
        servers.set_aside(call.state, server)
    else:
        servers.remove(call.state, server)
    return base.answer(call, None, 204)


# -- listing ----------------------------------------------------------------------------------------------------------


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

        def shown(server: dict[str, Any]) -> dict[str, Any]:
            if detail:
                return server_views.show(call, server)
            return {
                "id": server["id"],
                "name": server["name"],
                "links": base.links(call, "servers", server["id"]),
            }

        return base.page(call, "servers", found, shown)

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
    server = server_parts.find_server(call)
    given = content(call, "server", "Invalid input for field/attribute server. 'server' is a required property")
    server.update({name: given[name] for name in ("name", "description") if name in given})
    server["updated_at"] = base.stamp(call.state)
    return base.answer(call, {"server": server_views.show(call, server)})


def _metadata(replace: bool) -> Handler:
    def change(call: Call) -> Response:
        server = server_parts.find_server(call)
        given = content(call, "metadata", "Invalid input for field/attribute metadata.")
        server["metadata"] = {**({} if replace else server["metadata"]), **given}
        return base.answer(call, {"metadata": server["metadata"]})

    return change


def _forget_metadata(call: Call) -> Response:
    server, key = server_parts.find_server(call), call.arguments["key"]
    if key not in server["metadata"]:
        raise RefusedError(404, "Metadata item was not found")
    server["metadata"] = {name: value for name, value in server["metadata"].items() if name != key}
    return base.answer(call, None, 204)


def _tags_of(call: Call) -> dict[str, Any]:
    if base.version(call) < (2, 26):
        raise RefusedError(404, "The resource could not be found.")
    return server_parts.find_server(call)


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
    """POST .../action, of which the console, switching on and off and the final deletion are here."""
    server = server_parts.find_server(call)
    body = call.request.get_json(force=True, silent=True)
    actions: dict[str, Any] = body if isinstance(body, dict) else {}
    if "forceDelete" in actions:
        servers.remove(call.state, server)
        return base.answer(call, None, 202)
    if turn := next((name for name in actions if name in server_parts.TRANSITIONS), ""):
        return server_parts.turn(call, server, turn)
    if "os-getConsoleOutput" in actions:
        return _console_output(call, server, actions["os-getConsoleOutput"])
    name = next(iter(actions), "")
    return server_actions.act(call, server, name, actions.get(name))


_ONE = "/v2.1/servers/<server>"

ROUTES = (
    Route("/v2.1/servers", _list(detail=False)),
    Route("/v2.1/servers/detail", _list(detail=True)),
    Route("/v2.1/servers", _create, ("POST",)),
    Route(_ONE, lambda call: base.answer(call, {"server": server_views.show(call, server_parts.find_server(call))})),
    Route(_ONE, _update, ("PUT",)),
    Route(_ONE, _delete, ("DELETE",)),
    Route(f"{_ONE}/action", _act, ("POST",)),
    Route(f"{_ONE}/remote-consoles", server_actions.refuse_console, ("POST",)),
    Route(f"{_ONE}/metadata", lambda call: base.answer(call, {"metadata": server_parts.find_server(call)["metadata"]})),
    Route(f"{_ONE}/metadata", _metadata(replace=False), ("POST",)),
    Route(f"{_ONE}/metadata", _metadata(replace=True), ("PUT",)),
    Route(f"{_ONE}/metadata/<key>", _forget_metadata, ("DELETE",)),
    Route(f"{_ONE}/tags", lambda call: base.answer(call, {"tags": _tags_of(call)["tags"]})),
    Route(f"{_ONE}/tags", _replace_tags, ("PUT",)),
    Route(f"{_ONE}/tags/<tag>", _add_tag, ("PUT",)),
    *server_parts.ROUTES,
)
