# SPDX-License-Identifier: Apache-2.0
"""The block "projects" of the table (spec 21.3, rows P1 to P9)."""

from __future__ import annotations

from functools import partial

from pytest_scs.errors import Inconclusive
from pytest_scs.openstack.probes.domain_manager.manager import Grant, Manager
from pytest_scs.openstack.probes.domain_manager.stage import Seen, Stage, or_refused
from pytest_scs.openstack.removal import Resource
from pytest_scs.standards.domain_manager import MEMBER


def run(stage: Stage) -> None:
    """All rows of the block."""
    _own(stage)
    _foreign(stage)
    _roles(stage)


def _own(stage: Stage) -> None:
    a = stage.a
    made: list[Resource] = []

    def project() -> Resource:
        if not made:
            raise Inconclusive("there is no project, because none could be created (P1)")
        return made[0]

    def create() -> Seen:
        seen, found = stage.creation(a, "project", a, a.body("project"), keep=True)
        made.extend([found] if found else [])
        return seen

    def grant() -> Grant:
        return Grant(("project", project().id), ("user", a.live("user").id), stage.role(MEMBER))

    def assign() -> Seen:
        own = grant()
        return stage.attempt(a, "PUT", own.path, None, lambda: a.holds(own))

    def revoke() -> Seen:
        own = grant()
        stage.prepare(a, own)
        return stage.revocation(a, a, own)

    def projects_of_user() -> Seen:
        stage.prepare(a, grant())
        status, content = a.ask("GET", f"/users/{a.live('user').id}/projects")
        found = [entry["id"] for entry in content.get("projects", ())]
        return Seen(status, found == [project().id], f"{len(found)} projects" if found != [project().id] else "")

    stage.allowed("P1", "create a project", "own domain", "create_project", create)
    stage.allowed(
        "P1",
        "find a project by name",
        "own project",
        "list_projects",
        lambda: or_refused(lambda: Seen(200, a.finds(project()))),
    )
    stage.allowed(
        "P1", "find a project by id", "own project", "get_project", lambda: stage.lookup(a, f"/projects/{project().id}")
    )
    stage.allowed(
        "P1",
        "change a project's description",
        "own project",
        "update_project",
        lambda: stage.update(a, a, project(), "description", "after"),
    )
    stage.allowed("P2", "assign the role member", "own user, own project", "create_grant", assign)
    stage.allowed("P2", "list a user's projects", "own user", "list_user_projects", projects_of_user)
    stage.allowed(
        "P2",
        "take the role member away",
        "own user, own project",
        "revoke_grant",
        revoke,
    )
    stage.allowed("P3", "delete a project", "own project", "delete_project", lambda: stage.deletion(a, a, project()))


def _foreign(stage: Stage) -> None:
    a, b = stage.a, stage.b

    def by_name() -> Seen:
        found = b.live("project")
        status, content = a.ask("GET", f"/projects?name={found.name}")
        listed = any(entry["id"] == found.id for entry in content.get("projects", ()))
        # An empty list is as good as a refusal.
        if status == 200 and not listed:
            return Seen(status, False, "and it is not listed", means=404)
        return Seen(status, listed)

    stage.refused(
        "P4", "create a project", "no domain named", "create_project", lambda: stage.creation(a, "project", a, {})[0]
    )
    stage.refused(
        "P4",
        "create a project",
        "foreign domain",
        "create_project",
        lambda: stage.creation(a, "project", b, b.body("project"))[0],
    )
    stage.refused("P5", "look a project up by name", "foreign project", "list_projects", by_name)
    stage.refused(
        "P5",
        "look a project up by id",
        "foreign project",
        "get_project",
        lambda: stage.lookup(a, f"/projects/{b.live('project').id}"),
    )
    stage.refused(
        "P6",
        "change a project's description",
        "foreign project",
        "update_project",
        lambda: stage.update(a, b, b.live("project"), "description", "after"),
    )
    stage.refused(
        "P6", "delete a project", "foreign project", "delete_project", lambda: stage.deletion(a, b, b.live("project"))
    )


def _roles(stage: Stage) -> None:
    a, b = stage.a, stage.b

    def assign(holder: Manager, owner: Manager) -> Seen:
        scope, who = ("project", owner.live("project").id), ("user", holder.live("user").id)
        return stage.grant(a, owner, Grant(scope, who, stage.role(MEMBER)))

    for holder, owner in ((b, b), (b, a), (a, b)):
        whose, where = ("own" if one is a else "foreign" for one in (holder, owner))
        stage.ineffective(
            "P7",
            "assign the role member",
            f"{whose} user, {where} project",
            "create_grant",
            partial(assign, holder, owner),
        )

    def take_away() -> Seen:
        grant = Grant(("project", b.live("project").id), ("user", b.live("user").id), stage.role(MEMBER))
        stage.prepare(b, grant)
        return stage.revocation(a, b, grant)

    stage.ineffective("P8", "take the role member away", "foreign user, foreign project", "revoke_grant", take_away)
    stage.refused(
        "P9",
        "list a user's projects",
        "foreign user",
        "list_user_projects",
        lambda: stage.lookup(a, f"/users/{b.live('user').id}/projects"),
    )
