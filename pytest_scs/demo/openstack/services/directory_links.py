# SPDX-License-Identifier: Apache-2.0
"""What connects the things of the directory: members of groups, role assignments, implied roles, credentials."""

from __future__ import annotations

import secrets
from typing import Any

from werkzeug.wrappers import Response

from pytest_scs.demo.openstack.directory import Assignment
from pytest_scs.demo.openstack.services.directory_auth import caller, permit
from pytest_scs.demo.openstack.services.directory_things import listing, shown
from pytest_scs.demo.openstack.wire import Call, Handler, RefusedError, content, nothing, reply

_GRANTS = {"PUT": "create_grant", "DELETE": "revoke_grant", "HEAD": "check_grant", "GET": "check_grant"}
_MEMBERS = {"PUT": "add_user_to_group", "DELETE": "remove_user_from_group"}


def member(call: Call) -> Response:
    """Ask for, add or remove a member of a group."""
    directory = call.state.directory
    group, user = call.arguments["group"], call.arguments["user"]
    rule = _MEMBERS.get(call.request.method, "check_user_in_group")
    permit(call, rule, directory.domain_of("groups", group), directory.domain_of("users", user))
    return _linked(call, directory.members, (group, user), f"User {user} not found in group {group}.")


def members(call: Call) -> Response:
    """The members of a group."""
    directory, group = call.state.directory, call.arguments["group"]
    permit(call, "list_users_in_group", directory.domain_of("groups", group))
    found = [shown(user) for user in directory.users if (group, user["id"]) in directory.members]
    return listing(call, "users", found)


def projects_of(call: Call) -> Response:
    """The projects that a user has roles in."""
    directory, user = call.state.directory, call.arguments["user"]
    permit(call, "list_user_projects", directory.domain_of("users", user))
    found = [shown(item) for item in directory.projects if directory.role_ids(user, "project", item["id"])]
    return listing(call, "projects", found)


def grant(call: Call) -> Response:
    """Ask for, make or take away a role assignment."""
    directory, arguments = call.state.directory, call.arguments
    kind, holder = next((kind, arguments[kind]) for kind in ("user", "group") if kind in arguments)
    scope, where = ("project", arguments["project"]) if "project" in arguments else ("domain", arguments["domain"])
    rule = _GRANTS[call.request.method]
    at = directory.domain_of("projects", where) if scope == "project" else where
    permit(call, rule, directory.domain_of(f"{kind}s", holder), at)
    role = directory.find("roles", arguments["role"])
    if rule != "check_grant" and (role is None or role["name"] not in directory.managed_roles):
        raise RefusedError(403, f"You are not authorized to perform the requested action: identity:{rule}.")
    assignment = Assignment(kind, holder, scope, where, arguments["role"])
    return _linked(call, directory.assignments, assignment, f"Could not find role assignment with role: {role}.")


def system_grant(call: Call) -> Response:
    """Make or take away a role assignment on the system."""
    verb = {"PUT": "create", "DELETE": "revoke"}[call.request.method]
    permit(call, f"{verb}_system_grant_for_user", None)
    assignment = Assignment("user", call.arguments["user"], "system", "all", call.arguments["role"])
    return _linked(call, call.state.directory.assignments, assignment, "Could not find role assignment.")


def imply(call: Call) -> Response:
    """Let one role imply another, or end that."""
    verb = {"PUT": "create", "DELETE": "delete"}[call.request.method]
    permit(call, f"{verb}_implied_role", None)
    directory, pair = call.state.directory, (call.arguments["prior"], call.arguments["implied"])
    if call.request.method == "PUT" and pair in directory.implied:
        raise RefusedError(409, "Conflict occurred attempting to store implied_role - Duplicate entry.")
    response = _linked(call, directory.implied, pair, "Could not find implied role.")
    return reply({"role_inference": {}}, 201) if call.request.method == "PUT" else response


def assignments(call: Call) -> Response:
    """Role assignments in the caller's domain; with ``effective`` also what roles imply."""
    directory, query = call.state.directory, call.query
    own = permit(call, "list_role_assignments")
    entries = set(directory.assignments)
    if "effective" in query:
        entries |= {
            entry._replace(role=role)
            for entry in directory.assignments
            if entry.holder == "user"
            for role in directory.role_ids(entry.holder_id, entry.scope, entry.scope_id)
        }
    found = []
    for entry in sorted(entries):
        where = directory.domain_of("projects", entry.scope_id) if entry.scope == "project" else entry.scope_id
        facts = {f"{entry.holder}.id": entry.holder_id, f"scope.{entry.scope}.id": entry.scope_id}
        if where == own and all(facts.get(key) == value for key, value in query.items() if key != "effective"):
            scope: dict[str, Any] = {entry.scope: {"id": entry.scope_id}}
            found.append({entry.holder: {"id": entry.holder_id}, "scope": scope, "role": {"id": entry.role}})
    return listing(call, "role_assignments", found)


def credentials(kind: str, listed: str) -> Handler:
    """A handler that lists and makes credentials of a user, which only the user itself may.

    ``kind`` is the envelope of one, ``listed`` what the policy calls listing them.
    """

    def handle(call: Call) -> Response:
        known = call.state.directory.credentials
        user = call.arguments.get("user") or call.query.get("trustor_user_id", "")
        rule = listed
        if call.request.method == "POST":
            if kind == "trust":
                user = content(call, "trust", "Expecting to find trust in request body.")["trustor_user_id"]
            rule = {"credential": "ec2_create_credential"}.get(kind, f"create_{kind}")
        if caller(call).user != user:
            permit(call, rule, None)
        if call.request.method == "POST":
            secret = secrets.token_urlsafe(24)
            known.add((kind, user, secret))
            return reply({kind: {"user_id": user, "secret": secret}}, 201)
        return listing(call, f"{kind}s", [{"user_id": user} for entry in known if entry[:2] == (kind, user)])

    return handle


def _linked(call: Call, links: set[Any], link: Any, absent: str) -> Response:
    if call.request.method == "PUT":
        links.add(link)
    elif link not in links:
        raise RefusedError(404, absent)
    elif call.request.method == "DELETE":
        links.remove(link)
    return nothing()
