# SPDX-License-Identifier: Apache-2.0
"""Cinder v3: discovery, volume types, limits and quotas, and all that a project may make."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from keystoneauth1.fixture.discovery import NovaMicroversionDiscovery
from werkzeug.wrappers import Response

from pytest_scs.demo.openstack.services import backups, snapshots, usage, volume_actions, volumes
from pytest_scs.demo.openstack.services import volume_base as base
from pytest_scs.demo.openstack.services.discovery import dated
from pytest_scs.demo.openstack.wire import (
    Api,
    Call,
    RefusedError,
    Route,
    administrators,
    after,
    content,
    forbidden,
    not_here,
    reply,
)

_NO_DEFAULT = "Default volume type can not be found."


def _find_type(call: Call) -> dict[str, Any]:
    for volume_type in call.state.volume_types:
        if volume_type["id"] == call.arguments["type"]:
            return volume_type
    raise RefusedError(404, f"Volume type {call.arguments['type']} could not be found.")


def _change_type(call: Call) -> Response:
    volume_type = _find_type(call)
    given = content(call, "volume_type", "'volume_type' is a required property")
    # Clients send null for what is to stay.
    told = {name: given.get(name) for name in ("name", "description", "is_public")}
    volume_type.update({name: value for name, value in told.items() if value is not None})
    return base.answer(call, {"volume_type": _shown(volume_type)})


def _create_type(call: Call) -> Response:
    given = content(call, "volume_type", "'volume_type' is a required property")
    if any(one["name"] == given.get("name") for one in call.state.volume_types):
        raise RefusedError(409, f"Volume Type {given.get('name')} already exists.")
    public = bool(given.get("os-volume-type-access:is_public", True))
    made = {"id": str(uuid.uuid4()), "name": str(given.get("name")), "description": given.get("description")}
    call.state.volume_types.append(made | {"is_public": public, "extra_specs": dict(given.get("extra_specs") or {})})
    return base.answer(call, {"volume_type": _shown(call.state.volume_types[-1])})


def _delete_type(call: Call) -> Response:
    call.state.volume_types.remove(_find_type(call))
    return base.answer(call, None, 202)


def _versions(call: Call, status: int) -> Response:
    newest = call.state.volume_microversion
    url = f"{call.base}/volume/v3/"
    entry = NovaMicroversionDiscovery(url, "v3.0", status="CURRENT", min_version="3.0", version=newest)
    return reply({"versions": [dated(entry, "2023-08-31T00:00:00Z")]}, status)


def _shown(volume_type: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": volume_type["id"],
        "name": volume_type["name"],
        "is_public": volume_type["is_public"],
        "description": volume_type["description"],
        "extra_specs": volume_type["extra_specs"],
        "os-volume-type-access:is_public": volume_type["is_public"],
    }


def _types(call: Call) -> Response:
    """A page of the types; an unknown marker is overlooked, as Cinder does."""
    types = list(call.state.volume_types)
    start = max(after(types, call.query["marker"]), 0) if "marker" in call.query else 0
    page, following = base.page(call, types, start)
    body: dict[str, Any] = {"volume_types": [_shown(volume_type) for volume_type in page]}
    return base.answer(call, body | ({"volume_type_links": following} if following else {}))


def _type(call: Call) -> Response:
    wanted = call.arguments["type"]
    key, value = ("name", "__DEFAULT__") if wanted == "default" else ("id", wanted)
    for volume_type in call.state.volume_types:
        if volume_type[key] == value:
            return base.answer(call, {"volume_type": _shown(volume_type)})
    raise RefusedError(404, _NO_DEFAULT if wanted == "default" else f"Volume type {wanted} could not be found.")


# -- limits and quotas ----------------------------------------------------------------------------------------------

_LIMITS = {  # the quota, and what its limit and its use are called
    "volumes": ("maxTotalVolumes", "totalVolumesUsed"),
    "gigabytes": ("maxTotalVolumeGigabytes", "totalGigabytesUsed"),
    "snapshots": ("maxTotalSnapshots", "totalSnapshotsUsed"),
    "backups": ("maxTotalBackups", "totalBackupsUsed"),
    "backup_gigabytes": ("maxTotalBackupGigabytes", "totalBackupGigabytesUsed"),
}


def _limits(call: Call) -> Response:
    used = usage.used(call.state)
    absolute = {allowed: usage.limit(call.state, name) for name, (allowed, _) in _LIMITS.items()}
    absolute |= {taken: used[name] for name, (_, taken) in _LIMITS.items()}
    return base.answer(call, {"limits": {"rate": [], "absolute": absolute}})


def _quota_set(call: Call) -> Response:
    """The quotas of the project, on demand with what is used of them; those of each volume type are not limited."""
    state, project = call.state, call.arguments["of"]
    if project != state.project_id:
        raise RefusedError(403, "Policy doesn't allow volume_extension:quotas:show to be performed.")
    used = usage.used(state)
    limits = {name: usage.limit(state, name) for name in _LIMITS} | {"per_volume_gigabytes": -1, "groups": 10}
    for volume_type in state.volume_types:
        limits |= {f"{name}_{volume_type['name']}": -1 for name in ("volumes", "gigabytes", "snapshots")}
    quota_set: dict[str, Any] = dict(limits)
    if call.query.get("usage", "").lower() in ("true", "1"):
        for name, limit in limits.items():
            quota_set[name] = {"limit": limit, "in_use": used.get(name, 0), "reserved": 0}
    return base.answer(call, {"quota_set": quota_set | {"id": project}})


# -- what there is none of, and what is for administrators ----------------------------------------------------------

_EMPTY = (
    ("attachments", "attachments"),
    ("volume-transfers", "transfers"),
    ("os-volume-transfer", "transfers"),
    ("groups", "groups"),
    ("group_snapshots", "group_snapshots"),
    ("consistencygroups", "consistencygroups"),
    ("cgsnapshots", "cgsnapshots"),
    ("messages", "messages"),
)
_DENIED = (
    ("os-services", "volume_extension:services:index"),
    ("qos-specs", "volume_extension:qos_specs_manage:get_all"),
    ("scheduler-stats/get_pools", "scheduler_extension:scheduler_stats:get_pools"),
    ("clusters", "clusters:get_all"),
    ("clusters/detail", "clusters:get_all"),
    ("capabilities/<host>", "volume_extension:capabilities"),
)


def _empty(path: str, key: str) -> Iterable[Route]:
    for tail in ("", "/detail"):
        yield Route(f"/v3/<project>/{path}{tail}", lambda call: base.answer(call, {key: []}))
    if key != "messages":
        yield Route(f"/v3/<project>/{path}", not_here(key.replace("_", " ")), ("POST",))


API = Api(
    "/volume",
    (
        Route("", lambda call: _versions(call, 300), public=True),
        Route("/v3", lambda call: _versions(call, 200)),
        Route("/v3/<project>/types", _types),
        Route(
            "/v3/<project>/types",
            administrators("Policy doesn't allow volume_extension:type_create to be performed.", _create_type),
            ("POST",),
        ),
        Route(
            "/v3/<project>/types/<type>",
            administrators("Policy doesn't allow volume_extension:type_update to be performed.", _change_type),
            ("PUT",),
        ),
        Route(
            "/v3/<project>/types/<type>",
            administrators("Policy doesn't allow volume_extension:type_delete to be performed.", _delete_type),
            ("DELETE",),
        ),
        Route("/v3/<project>/types/<type>", _type),
        *volumes.ROUTES,
        *snapshots.ROUTES,
        *backups.ROUTES,
        *volume_actions.ROUTES,
        *(route for path, key in _EMPTY for route in _empty(path, key)),
        Route("/v3/<project>/extensions", lambda call: base.answer(call, {"extensions": []})),
        Route("/v3/<project>/limits", _limits),
        Route("/v3/<project>/os-quota-sets/<of>", _quota_set),
        Route(
            "/v3/<project>/os-availability-zone",
            lambda call: base.answer(
                call, {"availabilityZoneInfo": [{"zoneName": volumes.ZONE, "zoneState": {"available": True}}]}
            ),
        ),
        *(
            Route(f"/v3/<project>/{path}", forbidden(f"Policy doesn't allow {rule} to be performed."))
            for path, rule in _DENIED
        ),
    ),
    base.refuse,
)
