# SPDX-License-Identifier: Apache-2.0
"""Nova's flavors: how they are shown, and what administrators do to them."""

from __future__ import annotations

import uuid
from typing import Any

from werkzeug.wrappers import Response

from pytest_scs.demo.openstack.services import compute_base as base
from pytest_scs.demo.openstack.wire import Call, RefusedError, Route, administrators, content, find

_RULE = "Policy doesn't allow os_compute_api:{} to be performed."


def find_flavor(call: Call) -> dict[str, Any]:
    """The flavor that the path names; raises RefusedError (404)."""
    wanted = call.arguments["flavor"]
    flavor = find(call.state.flavors, wanted)
    if flavor is None:
        raise RefusedError(404, f"Flavor {wanted} could not be found.")
    return flavor


def shown(call: Call, flavor: dict[str, Any], detail: bool) -> dict[str, Any]:
    """A flavor in the microversion that is asked for."""
    asked = base.version(call)
    shown: dict[str, Any] = {"id": flavor["id"], "name": flavor["name"]}
    if detail:
        shown |= {
            "ram": flavor["ram"],
            "disk": flavor["disk"],
            "swap": flavor.get("swap", 0) or (0 if asked >= (2, 75) else ""),
            "OS-FLV-EXT-DATA:ephemeral": flavor.get("ephemeral", 0),
            "OS-FLV-DISABLED:disabled": flavor["disabled"],
            "vcpus": flavor["vcpus"],
            "os-flavor-access:is_public": flavor["is_public"],
            "rxtx_factor": flavor.get("rxtx_factor", 1.0),
        }
    shown["links"] = base.links(call, "flavors", flavor["id"])
    if asked >= (2, 55):
        shown["description"] = flavor.get("description")
    if detail and asked >= (2, 61):
        shown["extra_specs"] = flavor["extra_specs"]
    return shown


def _number(given: dict[str, Any], name: str, least: int) -> int:
    text = str(given.get(name, 0))
    if not text.isdigit() or int(text) < least:
        raise RefusedError(400, f"Invalid input for field/attribute {name}. Value: {text}.")
    return int(text)


def _create(call: Call) -> Response:
    given = content(call, "flavor", "Invalid input for field/attribute flavor.")
    name, identity = given.get("name"), str(given.get("id") or uuid.uuid4())
    if not isinstance(name, str) or not name.strip():
        raise RefusedError(400, "Invalid input for field/attribute flavor. 'name' is a required property")
    for other in call.state.flavors:
        if name == other["name"]:
            raise RefusedError(409, f"Flavor with name {name} already exists.")
        if identity == other["id"]:
            raise RefusedError(409, f"Flavor with ID {identity} already exists.")
    flavor: dict[str, Any] = {
        "id": identity,
        "name": name,
        "vcpus": _number(given, "vcpus", 1),
        "ram": _number(given, "ram", 1),
        "disk": _number(given, "disk", 0),
        "ephemeral": _number(given, "OS-FLV-EXT-DATA:ephemeral", 0),
        "is_public": bool(given.get("os-flavor-access:is_public", True)),
        "disabled": False,
        "description": given.get("description"),
        "extra_specs": {},
    }
    call.state.flavors.append(flavor)
    return base.answer(call, {"flavor": shown(call, flavor, detail=True)})


def _delete(call: Call) -> Response:
    call.state.flavors.remove(find_flavor(call))
    return base.answer(call, None, 202)


def _set_specs(call: Call) -> Response:
    flavor, given = find_flavor(call), content(call, "extra_specs", "Invalid input for field/attribute extra_specs.")
    flavor["extra_specs"] = flavor["extra_specs"] | {name: str(value) for name, value in given.items()}
    return base.answer(call, {"extra_specs": flavor["extra_specs"]})


def _unset_spec(call: Call) -> Response:
    flavor, name = find_flavor(call), call.arguments["spec"]
    if name not in flavor["extra_specs"]:
        raise RefusedError(404, f"Flavor {flavor['id']} has no extra specs with key {name}.")
    flavor["extra_specs"] = {key: value for key, value in flavor["extra_specs"].items() if key != name}
    return base.answer(call, None, 200)


_ONE = "/v2.1/flavors/<flavor>"
_SPECS = f"{_ONE}/os-extra_specs"

ROUTES = (
    Route("/v2.1/flavors", administrators(_RULE.format("os-flavor-manage:create"), _create), ("POST",)),
    Route(_ONE, administrators(_RULE.format("os-flavor-manage:delete"), _delete), ("DELETE",)),
    Route(
        f"{_ONE}/os-extra_specs", administrators(_RULE.format("os-flavor-extra-specs:create"), _set_specs), ("POST",)
    ),
    Route(
        f"{_SPECS}/<spec>",
        administrators(_RULE.format("os-flavor-extra-specs:delete"), _unset_spec),
        ("DELETE",),
    ),
)
