# SPDX-License-Identifier: Apache-2.0
"""What people ask Nova beside servers and flavors: quotas, use, zones, key pairs, and what is for administrators."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from werkzeug.wrappers import Response

from pytest_scs.demo.openstack.services import compute_base as base
from pytest_scs.demo.openstack.services import usage
from pytest_scs.demo.openstack.services.security_groups import ensure_default
from pytest_scs.demo.openstack.wire import Call, RefusedError, Route, content, find, forbidden, not_here

# -- limits, quotas, use --------------------------------------------------------------------------------------------

#: Quotas that the demo cloud does not charge, with Nova's defaults.
_UNCHARGED = {
    "metadata_items": 128,
    "key_pairs": 100,
    "server_groups": 10,
    "server_group_members": 10,
    "injected_files": 5,
    "injected_file_content_bytes": 10240,
    "injected_file_path_bytes": 255,
}
_CHARGED = ("instances", "cores", "ram")


def _limits(call: Call) -> Response:
    """What the project may have of servers, and what it has."""
    state, used = call.state, usage.used(call.state)
    absolute = {
        "maxTotalInstances": usage.limit(state, "instances"),
        "maxTotalCores": usage.limit(state, "cores"),
        "maxTotalRAMSize": usage.limit(state, "ram"),
        "maxServerMeta": _UNCHARGED["metadata_items"],
        "maxTotalKeypairs": _UNCHARGED["key_pairs"],
        "maxServerGroups": _UNCHARGED["server_groups"],
        "maxServerGroupMembers": _UNCHARGED["server_group_members"],
        "totalRAMUsed": used["ram"],
        "totalCoresUsed": used["cores"],
        "totalInstancesUsed": used["instances"],
        "totalServerGroupsUsed": 0,
    }
    return base.answer(call, {"limits": {"rate": [], "absolute": absolute}})


def _require_own(call: Call, rule: str) -> None:
    if call.arguments["project"] != call.state.project_id:
        raise RefusedError(403, f"Policy doesn't allow {rule} to be performed.")


def _quotas(call: Call, detail: bool) -> Response:
    """The quotas of the project; those of others are for administrators."""
    _require_own(call, "os_compute_api:os-quota-sets:show")
    used = usage.used(call.state) | {"key_pairs": len(call.state.keypairs)}
    limits = {name: usage.limit(call.state, name) for name in _CHARGED} | _UNCHARGED
    if base.version(call) >= (2, 57):
        limits = {name: limit for name, limit in limits.items() if not name.startswith("injected")}
    shown: dict[str, Any] = dict(limits)
    if detail:
        shown = {name: {"limit": limit, "in_use": used.get(name, 0), "reserved": 0} for name, limit in limits.items()}
    return base.answer(call, {"quota_set": {"id": call.state.project_id, **shown}})


def _default_quotas(call: Call) -> Response:
    limits = {name: usage.limit(call.state, name) for name in _CHARGED} | _UNCHARGED
    return base.answer(call, {"quota_set": {"id": call.arguments["project"], **limits}})


def _tenant_usage(call: Call) -> Response:
    """How long the project's servers have run; here nothing is billed, and it is always none."""
    _require_own(call, "os_compute_api:os-simple-tenant-usage:show")
    return base.answer(call, {"tenant_usage": {}})


# -- security groups ------------------------------------------------------------------------------------------------


def _groups(call: Call) -> list[dict[str, Any]]:
    """Neutron's groups as Nova shows them, to clients that still ask it."""
    ensure_default(call.state)
    shown = ("id", "name", "description")
    return [
        {**{name: group[name] for name in shown}, "tenant_id": group["project_id"], "rules": []}
        for group in call.state.security_groups
    ]


def _security_groups(call: Call) -> Response:
    return base.answer(call, {"security_groups": _groups(call)})


def _security_group(call: Call) -> Response:
    wanted = call.arguments["group"]
    group = find(_groups(call), wanted)
    if group is None:
        raise RefusedError(404, f"Security group {wanted} not found.")
    return base.answer(call, {"security_group": group})


# -- availability zones ---------------------------------------------------------------------------------------------


def _zones(call: Call) -> Response:
    """All zones; which hosts they have is for administrators."""
    zones = call.state.compute_zones
    shown = [{"zoneName": name, "zoneState": {"available": up}, "hosts": None} for name, up in zones.items()]
    return base.answer(call, {"availabilityZoneInfo": shown})


# -- key pairs ------------------------------------------------------------------------------------------------------


def _keypairs(call: Call) -> Response:
    listed = ({key: one[key] for key in ("name", "public_key", "fingerprint")} for one in call.state.keypairs)
    return base.answer(call, {"keypairs": [{"keypair": keypair} for keypair in listed]})


def _find_keypair(call: Call) -> dict[str, Any]:
    wanted = call.arguments["name"]
    for keypair in call.state.keypairs:
        if keypair["name"] == wanted:
            return keypair
    raise RefusedError(404, f"Keypair {wanted} not found for user {call.state.user_id}")


def _create_keypair(call: Call) -> Response:
    """A key pair of a key that is given; up to microversion 2.91 Nova makes one itself where none is."""
    given = content(call, "keypair", "Invalid input for field/attribute keypair.")
    name, public, private = given.get("name"), given.get("public_key"), None
    if not isinstance(name, str) or not re.fullmatch(r"[\w @.-]{1,255}", name):
        raise RefusedError(400, f"Invalid input for field/attribute name. Value: {name}.")
    if any(one["name"] == name for one in call.state.keypairs):
        raise RefusedError(409, f"Key pair '{name}' already exists.")
    if public is None and base.version(call) >= (2, 92):
        raise RefusedError(400, "Invalid input for field/attribute keypair. 'public_key' is a required property")
    if public is None:
        private, public = _pair()
    digest = hashlib.md5(str(public).encode(), usedforsecurity=False).hexdigest()
    keypair: dict[str, Any] = {
        "name": name,
        "public_key": str(public),
        "fingerprint": ":".join(digest[at : at + 2] for at in range(0, 32, 2)),
        "user_id": call.state.user_id,
        "type": given.get("type", "ssh"),
        "id": len(call.state.keypairs) + 1,
        "created_at": base.stamp(call.state),
        "deleted": False,
        "deleted_at": None,
        "updated_at": None,
    }
    call.state.keypairs.append(keypair)
    status = 201 if base.version(call) >= (2, 2) else 200
    return base.answer(call, {"keypair": keypair | ({"private_key": private} if private else {})}, status)


def _pair() -> tuple[str, str]:
    """A new private key and its public one, as OpenSSH writes them."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    return private.decode(), public.decode()


def _delete_keypair(call: Call) -> Response:
    call.state.keypairs.remove(_find_keypair(call))
    return base.answer(call, None, 204 if base.version(call) >= (2, 2) else 202)


# -- for administrators ---------------------------------------------------------------------------------------------

_DENIED = (
    ("/os-availability-zone/detail", "os_compute_api:os-availability-zone:detail"),
    ("/os-hypervisors", "os_compute_api:os-hypervisors:list"),
    ("/os-hypervisors/detail", "os_compute_api:os-hypervisors:list-detail"),
    ("/os-services", "os_compute_api:os-services:list"),
    ("/os-hosts", "os_compute_api:os-hosts:list"),
    ("/os-aggregates", "os_compute_api:os-aggregates:index"),
    ("/os-migrations", "os_compute_api:os-migrations:index"),
    ("/os-simple-tenant-usage", "os_compute_api:os-simple-tenant-usage:list"),
)


def _denied(path: str, rule: str, method: str = "GET") -> Route:
    return Route(f"/v2.1{path}", forbidden(f"Policy doesn't allow {rule} to be performed."), (method,))


ROUTES = (
    Route("/v2.1/limits", _limits),
    Route("/v2.1/os-quota-sets/<project>", lambda call: _quotas(call, detail=False)),
    Route("/v2.1/os-quota-sets/<project>/detail", lambda call: _quotas(call, detail=True)),
    Route("/v2.1/os-quota-sets/<project>/defaults", _default_quotas),
    _denied("/os-quota-sets/<project>", "os_compute_api:os-quota-sets:update", "PUT"),
    Route("/v2.1/os-simple-tenant-usage/<project>", _tenant_usage),
    Route("/v2.1/os-availability-zone", _zones),
    Route("/v2.1/os-keypairs", _keypairs),
    Route("/v2.1/os-keypairs", _create_keypair, ("POST",)),
    Route("/v2.1/os-keypairs/<name>", lambda call: base.answer(call, {"keypair": _find_keypair(call)})),
    Route("/v2.1/os-keypairs/<name>", _delete_keypair, ("DELETE",)),
    Route("/v2.1/os-server-groups", base.empty("server_groups")),
    Route("/v2.1/os-server-groups", not_here("server groups"), ("POST",)),
    Route("/v2.1/os-security-groups", _security_groups),
    Route("/v2.1/os-security-groups/<group>", _security_group),
    Route("/v2.1/extensions", base.empty("extensions")),
    *(_denied(path, rule) for path, rule in _DENIED),
)
