# SPDX-License-Identifier: Apache-2.0
"""The block "users" of the table (spec 21.3, rows U1 to U12)."""

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
    a, b = stage.a, stage.b
    made: list[Resource] = []

    def user() -> Resource:
        if not made:
            raise Inconclusive("there is no user, because none could be created (U1)")
        return made[0]

    def create() -> Seen:
        seen, found = stage.creation(a, "user", a, a.body("user"), keep=True)
        made.extend([found] if found else [])
        return seen

    def in_own_listing() -> Seen:
        b.live("user")
        listed = a.listing("user")
        foreign = sum(entry["domain_id"] != a.domain for entry in listed)
        note = f"{foreign} users of other domains" if foreign else ""
        return Seen(200, not foreign and user().id in {entry["id"] for entry in listed}, note)

    grant = Grant(("domain", a.domain), ("user", ""), "")

    def assign() -> Seen:
        own = _of(grant, user(), stage.role(MEMBER))
        return stage.attempt(a, "PUT", own.path, None, lambda: a.holds(own))

    def revoke() -> Seen:
        own = _of(grant, user(), stage.role(MEMBER))
        stage.prepare(a, own)
        return stage.revocation(a, a, own)

    stage.allowed("U1", "create a user", "own domain", "create_user", create)
    stage.allowed(
        "U2", "find a user by name", "own user", "list_users", lambda: or_refused(lambda: Seen(200, a.finds(user())))
    )
    stage.allowed("U2", "find a user by id", "own user", "get_user", lambda: stage.lookup(a, f"/users/{user().id}"))
    stage.allowed(
        "U3",
        "change a user's e-mail",
        "own user",
        "update_user",
        lambda: stage.update(a, a, user(), "email", "after@example.org"),
    )
    stage.allowed(
        "U4", "list users and get the own ones only", "all users", "list_users", lambda: or_refused(in_own_listing)
    )
    stage.allowed("U5", "assign the role member", "own user, own domain", "create_grant", assign)
    stage.allowed("U5", "take the role member away", "own user, own domain", "revoke_grant", revoke)
    stage.allowed("U6", "delete a user", "own user", "delete_user", lambda: stage.deletion(a, a, user()))


def _foreign(stage: Stage) -> None:
    a, b = stage.a, stage.b
    stage.refused(
        "U7",
        "create a user",
        "no domain named",
        "create_user",
        lambda: stage.creation(a, "user", a, {"enabled": True})[0],
    )
    stage.refused(
        "U8", "create a user", "foreign domain", "create_user", lambda: stage.creation(a, "user", b, b.body("user"))[0]
    )
    stage.refused(
        "U9", "look a user up by id", "foreign user", "get_user", lambda: stage.lookup(a, f"/users/{b.live('user').id}")
    )
    stage.refused(
        "U10",
        "change a user's e-mail",
        "foreign user",
        "update_user",
        lambda: stage.update(a, b, b.live("user"), "email", "after@example.org"),
    )
    stage.refused("U10", "delete a user", "foreign user", "delete_user", lambda: stage.deletion(a, b, b.live("user")))


def _roles(stage: Stage) -> None:
    a, b = stage.a, stage.b

    def on_foreign_domain(user: Resource) -> Grant:
        return Grant(("domain", b.domain), ("user", user.id), stage.role(MEMBER))

    def assign(owner: Manager) -> Seen:
        return stage.grant(a, b, on_foreign_domain(owner.live("user")))

    for owner, whose in ((a, "own user"), (b, "foreign user")):
        stage.ineffective(
            "U11",
            "assign the role member",
            f"{whose}, foreign domain",
            "create_grant",
            partial(assign, owner),
        )

    def take_away() -> Seen:
        grant = on_foreign_domain(b.live("user"))
        stage.prepare(b, grant)
        return stage.revocation(a, b, grant)

    stage.ineffective("U12", "take the role member away", "foreign user, foreign domain", "revoke_grant", take_away)


def _of(grant: Grant, user: Resource, role: str) -> Grant:
    return Grant(grant.scope, ("user", user.id), role)
