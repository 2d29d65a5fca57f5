# SPDX-License-Identifier: Apache-2.0
"""Keystone's token documents and the service catalog: keystoneauth's fixtures, and what Keystone sends beyond them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from keystoneauth1.fixture import V3Token

from pytest_scs.demo.openstack.state import CloudState, IssuedToken

DOMAIN = {"id": "default", "name": "Default"}
CREDENTIAL_NAME = "demo"
#: Name of the user who may change what all share, and of its role.
ADMINISTRATOR = "admin"


def stable_id(kind: str, name: str) -> str:
    """An id that is the same whenever the same thing is asked for, as if it were in a database."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{kind}/{name}").hex


def _isotime(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def describe(state: CloudState, value: str, issued: IssuedToken) -> V3Token:
    """The document of the token with this value, still without catalog."""
    user, domain = _user(state, issued)
    token = V3Token(
        issued=_isotime(issued.issued),
        expires=_isotime(issued.expires),
        user_id=user["id"],
        user_name=user["name"],
        user_domain_id=domain["id"],
        user_domain_name=domain["name"],
        methods=list(issued.methods),
        audit_id=stable_id("audit", value),
    )
    token.root["user"]["password_expires_at"] = None
    if "application_credential" in issued.methods:
        token.set_application_credential(state.application_credential_id)
        token.root["application_credential"] |= {"name": CREDENTIAL_NAME, "restricted": True}
    if issued.user:
        _add_scope(token, state, issued)
    elif issued.scoped:
        token.set_project_scope(
            id=state.project_id,
            name=state.project_name,
            domain_id=DOMAIN["id"],
            domain_name=DOMAIN["name"],
            is_domain=False,
        )
        for role in [*state.roles, *([ADMINISTRATOR] if issued.admin else [])]:
            token.add_role(role, stable_id("role", role))
    return token


def _user(state: CloudState, issued: IssuedToken) -> tuple[dict[str, Any], dict[str, Any]]:
    """The user a token is of, and its domain."""
    if issued.admin:
        return {"id": stable_id("user", ADMINISTRATOR), "name": ADMINISTRATOR}, DOMAIN
    user = state.directory.find("users", issued.user)
    if user is None:
        return {"id": state.user_id, "name": state.username}, DOMAIN
    return user, state.directory.find("domains", user["domain_id"]) or DOMAIN


def _add_scope(token: V3Token, state: CloudState, issued: IssuedToken) -> None:
    """Give the token of a user of the directory what it is for, and its roles there."""
    directory = state.directory
    kind, identity = issued.scope
    if kind == "domain" and (domain := directory.find("domains", identity)):
        token.set_domain_scope(id=identity, name=domain["name"])
    elif kind == "project" and (project := directory.find("projects", identity)):
        owner = directory.find("domains", project["domain_id"]) or DOMAIN
        token.set_project_scope(
            id=identity, name=project["name"], domain_id=owner["id"], domain_name=owner["name"], is_domain=False
        )
    elif kind == "system":
        token.set_system_scope()
    for role in directory.roles:
        if role["id"] in directory.role_ids(issued.user, kind, identity):
            token.add_role(role["name"], role["id"])


def add_catalog(token: V3Token, state: CloudState, base: str) -> list[dict[str, Any]]:
    """Give a token the catalog, which is returned: each service with three interfaces in every region, all at one URL.

    ``base`` is the URL of the cloud. Endpoints are added one by one because only so they can be given lasting ids.
    """
    catalog: list[dict[str, Any]] = token.root.setdefault("catalog", [])
    for entry in state.services:
        kind, path = entry["type"], entry["path"]
        service = token.add_service(kind, id=stable_id("service", kind))
        service |= {"name": entry["name"], "endpoints": []}  # the fixture leaves out what is empty
        for region in state.regions if path is not None else ():
            for interface in ("public", "internal", "admin"):
                elsewhere = entry.get("urls", {}).get(interface)
                url = elsewhere or base + path.format(project_id=state.project_id)
                service.add_endpoint(interface, url, region, stable_id("endpoint", f"{kind}/{region}/{interface}"))
    return catalog
