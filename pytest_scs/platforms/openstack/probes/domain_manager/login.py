# SPDX-License-Identifier: Apache-2.0
"""The managers log in and find their domains (rows L1 and L2; docs/standards/scs-0302.md#set-up)."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import Any
from urllib.parse import urlencode

from pytest_scs.base.fields import Fields
from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.platforms.openstack.answers import reading
from pytest_scs.platforms.openstack.authentication import authenticate
from pytest_scs.platforms.openstack.client import Client, Refused
from pytest_scs.platforms.openstack.probes.domain_manager.listed import listed
from pytest_scs.platforms.openstack.probes.domain_manager.manager import Manager
from pytest_scs.platforms.openstack.probes.domain_manager.stage import Row, Seen, Stage
from pytest_scs.platforms.openstack.probing import Probing
from pytest_scs.platforms.openstack.token import TOKEN_REQUEST
from pytest_scs.standards.iaas.domain_manager import ADMIN, ALLOWED, MANAGER, TriedRow
from pytest_scs.standards.iaas.model import Service


class NoManagerRoleError(Exception):
    """The cloud has no role ``manager``, so that nobody can be one."""


_OPTION = "--scs-domain-managers"
_PASSWORD = ("password", "v3password")


def log_in(probing: Probing, letter: str, name: str) -> Manager:
    """The manager that an entry of clouds.yaml describes; raises Inconclusive unless it is one, and nothing more."""
    client, janitor = probing.enter(name)
    config = client.region.config
    auth: dict[str, Any] = config.get("auth") or {}
    kind = config.get("auth_type") or "password"
    if kind not in _PASSWORD or not auth.get("password"):
        raise Inconclusive(
            f"{_OPTION}: {name} logs in by {kind}, but a domain manager needs user name and password",
            CauseKind.NOT_GIVEN,
        )
    try:
        access = authenticate(client).access
    except Inconclusive as error:
        raise Inconclusive(f"{_OPTION}: {name}: {error}", error.kind) from None
    probing.conceal([access.auth_token])
    _require_manager(name, client, access)
    _require_same_cloud(probing.client, name, access)
    with reading(TOKEN_REQUEST):
        roles = {role.text("name"): role.name("id") for role in Fields("token", access._data["token"]).each("roles")}
    return Manager(
        letter,
        name,
        client,
        janitor,
        user=access.user_id,
        domain=access.domain_id,
        domain_name=access.domain_name,
        roles=roles,
        password=auth["password"],
    )


def require_different(first: Manager, second: Manager) -> None:
    """Raise Inconclusive if both manage the same domain."""
    if first.domain == second.domain:
        raise Inconclusive(
            f"{_OPTION}: {first.name} and {second.name} manage the same domain; two are needed", CauseKind.NOT_GIVEN
        )


def no_role() -> TriedRow:
    """The only row where the role ``manager`` does not exist: all others need it."""
    return ROLE_EXISTS.tried("violated", observed="not in the list of roles")


def _find(letter: str, stage: Stage) -> Seen:
    manager = stage.manager(letter)
    status, content = manager.ask("GET", f"/domains?{urlencode({'name': manager.domain_name})}")
    if status == 200:
        return Seen(status, any(entry["id"] == manager.domain for entry in listed(content, "domain", "/domains")))
    # Since Keystone 2024.2 domains need not be listed to be found: clients ask for the domain itself then.
    shown, content = manager.ask("GET", f"/domains/{manager.domain}")
    with reading(f"identity GET /v3/domains/{manager.domain}"):
        found = shown == 200 and Fields("answer", content).fields("domain").text("name") == manager.domain_name
    return Seen(shown, found, f"by id; by name {status}")


def _role_exists(stage: Stage) -> Seen:
    """The role is in the manager's own token, which is what counts; a listing need not be permitted."""
    return Seen(200, MANAGER in {name.lower() for name in stage.all_roles()})


ROLE_EXISTS = Row("role-exists", "find the role manager", "roles", "list_roles", ALLOWED, _role_exists)

ROWS = (
    *(
        row
        for letter in "AB"
        for row in (
            # Without it there would be no stage.
            Row("L1", "log in", "own domain", "authenticate", ALLOWED, lambda stage: Seen(201, True), letter),
            Row("L2", "find by name", "own domain", "list_domains", ALLOWED, partial(_find, letter), letter),
        )
    ),
    ROLE_EXISTS,
)


def _require_manager(name: str, client: Client, access: Any) -> None:
    roles = {role.lower() for role in access.role_names}
    found = ", ".join(sorted(access.role_names)) or "none"
    if not access.domain_id:
        raise Inconclusive(
            f"{_OPTION}: {name} is not scoped to a domain; in clouds.yaml, write domain_name instead of project_name",
            CauseKind.NOT_GIVEN,
        )
    if ADMIN in roles:
        raise Inconclusive(
            f"{_OPTION}: {name} has the role admin (roles found: {found}), so nothing can be told about managers; "
            "take it away",
            CauseKind.PERMISSION,
        )
    if MANAGER not in roles:
        _require_role(client)
        raise Inconclusive(
            f"{_OPTION}: {name} does not have the role manager on its domain (roles found: {found}); assign it: "
            "openstack role add --user USER --domain DOMAIN manager",
            CauseKind.PERMISSION,
        )


def _require_role(client: Client) -> None:
    """Raise NoManagerRoleError if the roles can be listed and ``manager`` is not among them."""
    with contextlib.suppress(Refused):
        if not listed(client.get("identity", f"/roles?name={MANAGER}", version="3"), "role", "/roles"):
            raise NoManagerRoleError


def _require_same_cloud(judged: Client, name: str, access: Any) -> None:
    theirs = _identity_urls(access)
    ours = _identity_urls(judged.access())
    if ours and theirs and not ours & theirs:
        raise Inconclusive(
            f"{_OPTION}: {name} belongs to another cloud: its identity service is {', '.join(sorted(theirs))}",
            CauseKind.NOT_GIVEN,
        )


def _identity_urls(access: Any) -> set[str]:
    catalog = access.service_catalog.catalog if access.has_service_catalog() else []
    return {
        endpoint.url.rstrip("/")
        for service in map(Service.from_plain, catalog)
        if service.type == "identity"
        for endpoint in service.endpoints
        if endpoint.url
    }
