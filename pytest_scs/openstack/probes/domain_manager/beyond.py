# SPDX-License-Identifier: Apache-2.0
"""Beyond the table: roles, escalation, the system, domains (spec 21.5).

Nothing that was there before is ever deleted or really changed, not even in a cloud that would let it happen.
"""

from __future__ import annotations

import contextlib
import uuid
from functools import partial
from typing import Any

from pytest_scs.errors import Inconclusive
from pytest_scs.openstack.probes.domain_manager.manager import Grant, Manager
from pytest_scs.openstack.probes.domain_manager.stage import Seen, Stage, UntriedError
from pytest_scs.openstack.removal import Resource
from pytest_scs.standards.domain_manager import ADMIN, ASSIGNABLE, MANAGER, MEMBER


def run(stage: Stage) -> None:
    """All of it."""
    _roles(stage)
    _escalation(stage)
    _system(stage)
    _domains(stage)


def _roles(stage: Stage) -> None:
    a = stage.a
    made: list[Resource] = []

    def create() -> Seen:
        seen, role = stage.creation(a, "role", a, {}, keep=True)
        made.extend([role] if role else [])
        return seen

    def rename() -> Seen:
        # To the name that it has: where this is permitted, nothing has changed.
        name, identity = stage.changeable_role()
        status, _ = a.ask("PATCH", f"/roles/{identity}", {"role": {"name": name}})
        return Seen(status, None)

    def imply() -> Seen:
        # That an administrator may what a member may gives nobody anything; an existing rule is answered 409.
        path = f"/roles/{stage.role(ADMIN)}/implies/{stage.role(MEMBER)}"
        status, _ = a.ask("PUT", path)
        if status == 201:
            command = "openstack implied role delete admin --implied-role member"
            _undone(stage, path, "the rule that the role admin implies the role member", command)
        return Seen(status, True if status == 409 else None, "it exists, so it was permitted" if status == 409 else "")

    stage.refused("role-create", "create a role", "roles", "create_role", create)
    stage.refused("role-rename", "change a role (its name, to the same)", "roles", "update_role", rename)
    stage.refused("role-delete", "delete a role", "roles", "delete_role", lambda: _delete(stage, "role", *made[:1]))
    stage.refused("role-imply", "create an implied role", "admin implies member", "create_implied_role", imply)


def _delete(stage: Stage, kind: str, made: Resource | None = None) -> Seen:
    """Delete what the manager was able to create, or else what does not exist; never what was there before.

    Keystone may look for it before it asks its policy: then 404 tells nothing.
    """
    if made:
        return stage.deletion(stage.a, stage.a, made)
    status, _ = stage.a.ask("DELETE", f"/{kind}s/{uuid.uuid4().hex}")
    if status == 404:
        raise UntriedError(f"Keystone looks for a {kind} before it asks its policy, and none that exists may be risked")
    return Seen(status, None)


def _undone(stage: Stage, path: str, what: str, command: str) -> None:
    """Take back what should not have been possible, and say so if that does not work."""
    problem = "it was refused"
    for _ in range(3):
        try:
            status, _content = stage.a.ask("DELETE", path)
            if status in (204, 404):
                return
            problem = f"it was answered {status}"
        except Inconclusive as error:
            problem = str(error)
    stage.probing.left(
        f"{what}, which manager {stage.a.name} could create, could not be removed: {problem}; remove it: {command}"
    )


def _escalation(stage: Stage) -> None:
    a = stage.a
    allowed = {*ASSIGNABLE, *stage.probing.extras.managed_roles}
    forbidden = {name for name in stage.all_roles() if name not in allowed and name != MANAGER} | {ADMIN}

    def scopes() -> dict[str, tuple[str, str]]:
        return {"own project": ("project", a.live("project").id), "own domain": ("domain", a.domain)}

    def to_user(role: str, where: str) -> Seen:
        return stage.grant(a, a, Grant(scopes()[where], ("user", a.live("user").id), stage.role(role)))

    def to_itself(role: str, where: str) -> Seen:
        grant = Grant(scopes()[where], ("user", a.user), stage.role(role))
        if a.holds(grant):
            raise Inconclusive(f"the manager has the role {role} there already")
        try:
            seen = stage.grant(a, a, grant, keep=True)
        except Inconclusive:
            _taken_back(stage, grant, role)
            raise
        if seen.effective:
            _taken_back(stage, grant, role)
        return seen

    effective: set[tuple[str, str]] = set()
    for role in sorted(forbidden):
        for where in ("own project", "own domain"):
            stage.ineffective(
                "assign-user",
                f"assign the role {role}",
                f"own user, {where}",
                "create_grant",
                partial(to_user, role, where),
            )
            if stage.rows[-1]["outcome"] == "violated":
                effective.add((role, where))
    for role in sorted(forbidden):
        for where in ("own project", "own domain"):
            # What works with another user is known to be wrong; a real user need not get the role, too.
            if (role, where) not in effective:
                stage.ineffective(
                    "assign-self",
                    f"assign the role {role}",
                    f"itself, {where}",
                    "create_grant",
                    partial(to_itself, role, where),
                )

    def implied() -> Seen:
        scope, holder = ("project", a.live("project").id), ("user", a.live("user").id)
        given = [Grant(scope, holder, identity) for name, identity in stage.all_roles().items() if name in allowed]
        for grant in given:
            with contextlib.suppress(Inconclusive):
                a.ask("PUT", grant.path)
        try:
            has_admin = stage.role(ADMIN) in a.assigned(scope, holder, implied=True)
        finally:
            for grant in given:
                stage.undo(grant, a)
        return Seen(200, has_admin, "and a role implies admin" if has_admin else "")

    stage.ineffective(
        "assign-implied",
        "get the role admin by a role that implies it",
        "own user, own project",
        "create_grant",
        implied,
    )


def _taken_back(stage: Stage, grant: Grant, role: str) -> None:
    """End an assignment to the manager itself, who stays when the run is over; say so if it may still be there."""
    a = stage.a
    stage.undo(grant, a)
    try:
        there = a.holds(grant)
    except Inconclusive:
        there = True
    if there:
        on = "--{} {}".format(*grant.scope)
        command = f"openstack role remove --user {a.user} {on} {role}"
        stage.probing.left(f"the role {role} may have stayed with manager {a.name}; take it away: {command}")


def _system(stage: Stage) -> None:
    a = stage.a

    def token() -> Seen:
        user = {"id": a.user, "password": a.password}
        identity = {"methods": ["password"], "password": {"user": user}}
        status = a.log_in({"identity": identity, "scope": {"system": {"all": True}}})
        # Keystone answers 401 to a user without a role on the system; the password is known to be right.
        return Seen(status, None, means=403 if status == 401 else None)

    def assign() -> Seen:
        # The least of all roles, to a user that nobody can log in as.
        name = "reader" if "reader" in stage.all_roles() else MEMBER
        path = f"/system/users/{a.live('user').id}/roles/{stage.role(name)}"
        status, _ = a.ask("PUT", path)
        if 200 <= status < 300:
            # Otherwise it goes with the user.
            with contextlib.suppress(Inconclusive):
                a.ask("DELETE", path)
        return Seen(status, None)

    stage.refused("system-token", "get a token for the system", "system", "authenticate", token)
    stage.refused("system-assign", "assign a role", "own user, system", "create_system_grant_for_user", assign)


def _domains(stage: Stage) -> None:
    a, b = stage.a, stage.b
    made: list[Resource] = []

    def create() -> Seen:
        # Disabled, because only such a domain can be deleted again.
        seen, domain = stage.creation(a, "domain", a, {"enabled": False}, keep=True)
        made.extend([domain] if domain else [])
        return seen

    def same(owner: Manager, change: dict[str, Any]) -> Seen:
        # To what it is already: where this is permitted, nothing has changed.
        status, _ = a.ask("PATCH", f"/domains/{owner.domain}", {"domain": change})
        return Seen(status, None)

    for owner, whose in ((a, "own domain"), (b, "foreign domain")):
        stage.refused(
            "domain-rename",
            "change a domain (its name, to the same)",
            whose,
            "update_domain",
            partial(same, owner, {"name": owner.domain_name}),
        )
        stage.refused(
            "domain-disable",
            "enable or disable a domain (as it is)",
            whose,
            "update_domain",
            partial(same, owner, {"enabled": True}),
        )
    stage.refused("domain-create", "create a domain", "domains", "create_domain", create)
    stage.refused(
        "domain-delete", "delete a domain", "domains", "delete_domain", lambda: _delete(stage, "domain", *made[:1])
    )
    for kind in ("user", "group", "project"):
        stage.ineffective(
            "domain-data",
            f"list the {kind}s",
            "foreign domain",
            f"list_{kind}s",
            partial(_listed, stage, kind),
        )
    stage.refused(
        "domain-data",
        "look a group up by id",
        "foreign group",
        "get_group",
        lambda: stage.lookup(a, f"/groups/{b.live('group').id}"),
    )
    stage.foreign_domains = _count_foreign(stage)


def _listed(stage: Stage, kind: str) -> Seen:
    stage.b.live(kind)
    status, content = stage.a.ask("GET", f"/{kind}s?domain_id={stage.b.domain}")
    foreign = sum(entry["domain_id"] == stage.b.domain for entry in content.get(f"{kind}s", ()))
    return Seen(status, foreign > 0, f"{foreign} {kind}s of the other domain" if foreign else "")


def _count_foreign(stage: Stage) -> int:
    with contextlib.suppress(Inconclusive):
        return sum(entry["id"] != stage.a.domain for entry in stage.a.listing("domain"))
    return 0
