# SPDX-License-Identifier: Apache-2.0
"""Who of the directory asks, and what Keystone's policy lets it do: a manager all in its own domain, others nothing."""

from __future__ import annotations

from typing import Any

from pytest_scs.demo.openstack.directory import role_id
from pytest_scs.demo.openstack.state import CloudState, IssuedToken
from pytest_scs.demo.openstack.wire import Call, Handler, RefusedError

_REQUIRES = "The request you have made requires authentication."


def caller(call: Call) -> IssuedToken:
    """The token of the request."""
    issued = call.state.token(call.request.headers.get("X-Auth-Token"))
    if issued is None:
        raise RefusedError(401, _REQUIRES)
    return issued


def by_caller(directory: Handler, own: Handler) -> Handler:
    """A handler for who is in the directory, and another one for the demo's own user."""
    return lambda call: directory(call) if caller(call).user else own(call)


def permit(call: Call, rule: str, *domains: str | None) -> str:
    """The domain of the manager who asks; raises RefusedError (403) unless it manages all of these domains.

    None is a domain that nobody manages: what does not exist, or belongs to the whole cloud.
    """
    issued = caller(call)
    directory = call.state.directory
    kind, own = issued.scope
    manages = kind == "domain" and role_id(directory.manager_role) in directory.role_ids(issued.user, kind, own)
    within = rule in directory.leaks or all(domain == own for domain in domains)
    if not manages or rule in directory.denied or not within:
        raise RefusedError(403, f"You are not authorized to perform the requested action: identity:{rule}.")
    return own


def prove(state: CloudState, identity: dict[str, Any]) -> str:
    """The id of the user of the directory whose password the request has; empty if there is none.

    Raises KeyError or TypeError for a malformed request.
    """
    if identity["methods"] != ["password"]:
        return ""
    given = identity["password"]["user"]
    for user in state.directory.users:
        domain = state.directory.find("domains", user["domain_id"]) or {}
        named = given.get("name") == user["name"] and given.get("domain", {}) in (
            {"id": domain.get("id")},
            {"name": domain.get("name")},
        )
        # Users without a password cannot log in.
        if (given.get("id") == user["id"] or named) and user.get("_password", "") == given["password"] != "":
            return str(user["id"])
    return ""


def scope_of(state: CloudState, user: str, scope: Any) -> tuple[str, str]:
    """What a token is to be for; raises RefusedError (401) where the user has no role."""
    directory = state.directory
    if not isinstance(scope, dict):
        return "", ""
    for kind in ("project", "domain"):
        wanted = scope.get(kind)
        for item in getattr(directory, f"{kind}s") if wanted else ():
            if wanted in ({"id": item["id"]}, {"name": item["name"]}) and directory.role_ids(user, kind, item["id"]):
                return kind, str(item["id"])
    if "system" in scope and ("system" in directory.leaks or directory.role_ids(user, "system", "all")):
        return "system", "all"
    raise RefusedError(401, _REQUIRES)
