# SPDX-License-Identifier: Apache-2.0
"""The block "projects" of the table, rows P1 to P9 (docs/standards/scs-0302.md#table)."""

from __future__ import annotations

from functools import partial

from pytest_scs.platforms.openstack.probes.domain_manager.listed import listed
from pytest_scs.platforms.openstack.probes.domain_manager.manager import Grant
from pytest_scs.platforms.openstack.probes.domain_manager.stage import WHOSE, Row, Seen, Stage, or_refused
from pytest_scs.platforms.openstack.removal import Resource
from pytest_scs.standards.iaas.domain_manager import ALLOWED, INEFFECTIVE, MEMBER, REFUSED


def _own(stage: Stage) -> Resource:
    return stage.made_by("P1", "project")


def _foreign(stage: Stage) -> Resource:
    return stage.b.live("project")


def _create(stage: Stage) -> Seen:
    seen, found = stage.creation(stage.a, "project", stage.a, stage.a.body("project"), keep=True)
    if found:
        stage.made["project"] = found
    return seen


@or_refused
def _find(stage: Stage) -> Seen:
    return Seen(200, stage.a.finds(_own(stage)))


def _grant(stage: Stage) -> Grant:
    return Grant(("project", _own(stage).id), ("user", stage.a.live("user").id), stage.role(MEMBER))


def _assign(stage: Stage) -> Seen:
    own = _grant(stage)
    return stage.attempt(stage.a, "PUT", own.path, None, lambda: stage.a.holds(own))


def _revoke(stage: Stage) -> Seen:
    own = _grant(stage)
    stage.prepare(stage.a, own)
    return stage.revocation(stage.a, stage.a, own)


def _projects_of_user(stage: Stage) -> Seen:
    stage.prepare(stage.a, _grant(stage))
    path = f"/users/{stage.a.live('user').id}/projects"
    status, content = stage.a.ask("GET", path)
    found = [entry["id"] for entry in listed(content, "project", path)] if status == 200 else []
    exact = found == [_own(stage).id]
    return Seen(status, exact, "" if exact else f"{len(found)} projects")


def _find_foreign(stage: Stage) -> Seen:
    found = _foreign(stage)
    status, content = stage.a.ask("GET", f"/projects?name={found.name}")
    there = status == 200 and any(entry["id"] == found.id for entry in listed(content, "project", "/projects"))
    # An empty list is as good as a refusal.
    if status == 200 and not there:
        return Seen(status, False, "and it is not listed", means=404)
    return Seen(status, there)


def _assign_across(holder: str, owner: str, stage: Stage) -> Seen:
    scope = ("project", stage.manager(owner).live("project").id)
    who = ("user", stage.manager(holder).live("user").id)
    return stage.grant(stage.a, stage.manager(owner), Grant(scope, who, stage.role(MEMBER)))


def _revoke_on_foreign(stage: Stage) -> Seen:
    grant = Grant(("project", _foreign(stage).id), ("user", stage.b.live("user").id), stage.role(MEMBER))
    stage.prepare(stage.b, grant)
    return stage.revocation(stage.a, stage.b, grant)


OWN = (
    Row("P1", "create a project", "own domain", "create_project", ALLOWED, _create),
    Row("P1", "find a project by name", "own project", "list_projects", ALLOWED, _find),
    Row(
        "P1",
        "find a project by id",
        "own project",
        "get_project",
        ALLOWED,
        lambda stage: stage.lookup(stage.a, f"/projects/{_own(stage).id}"),
    ),
    Row(
        "P1",
        "change a project's description",
        "own project",
        "update_project",
        ALLOWED,
        lambda stage: stage.update(stage.a, stage.a, _own(stage), "description", "after"),
    ),
    Row("P2", "assign the role member", "own user, own project", "create_grant", ALLOWED, _assign),
    Row("P2", "list a user's projects", "own user", "list_user_projects", ALLOWED, _projects_of_user),
    Row("P2", "take the role member away", "own user, own project", "revoke_grant", ALLOWED, _revoke),
    Row(
        "P3",
        "delete a project",
        "own project",
        "delete_project",
        ALLOWED,
        lambda stage: stage.deletion(stage.a, stage.a, _own(stage)),
    ),
)

FOREIGN = (
    Row(
        "P4",
        "create a project",
        "no domain named",
        "create_project",
        REFUSED,
        lambda stage: stage.creation(stage.a, "project", stage.a, {})[0],
    ),
    Row(
        "P4",
        "create a project",
        "foreign domain",
        "create_project",
        REFUSED,
        lambda stage: stage.creation(stage.a, "project", stage.b, stage.b.body("project"))[0],
    ),
    Row("P5", "look a project up by name", "foreign project", "list_projects", REFUSED, _find_foreign),
    Row(
        "P5",
        "look a project up by id",
        "foreign project",
        "get_project",
        REFUSED,
        lambda stage: stage.lookup(stage.a, f"/projects/{_foreign(stage).id}"),
    ),
    Row(
        "P6",
        "change a project's description",
        "foreign project",
        "update_project",
        REFUSED,
        lambda stage: stage.update(stage.a, stage.b, _foreign(stage), "description", "after"),
    ),
    Row(
        "P6",
        "delete a project",
        "foreign project",
        "delete_project",
        REFUSED,
        lambda stage: stage.deletion(stage.a, stage.b, _foreign(stage)),
    ),
)

ROLES = (
    *(
        Row(
            "P7",
            "assign the role member",
            f"{WHOSE[holder]} user, {WHOSE[owner]} project",
            "create_grant",
            INEFFECTIVE,
            partial(_assign_across, holder, owner),
        )
        for holder, owner in ("BB", "BA", "AB")
    ),
    Row(
        "P8",
        "take the role member away",
        "foreign user, foreign project",
        "revoke_grant",
        INEFFECTIVE,
        _revoke_on_foreign,
    ),
    Row(
        "P9",
        "list a user's projects",
        "foreign user",
        "list_user_projects",
        REFUSED,
        lambda stage: stage.lookup(stage.a, f"/users/{stage.b.live('user').id}/projects"),
    ),
)

ROWS = OWN + FOREIGN + ROLES
