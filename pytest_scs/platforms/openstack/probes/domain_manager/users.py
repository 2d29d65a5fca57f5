# SPDX-License-Identifier: Apache-2.0
"""The block "users" of the table, rows U1 to U12 (docs/standards/scs-0302.md#table)."""

from __future__ import annotations

from functools import partial

from pytest_scs.platforms.openstack.probes.domain_manager.manager import Grant
from pytest_scs.platforms.openstack.probes.domain_manager.stage import WHOSE, Row, Seen, Stage, or_refused
from pytest_scs.platforms.openstack.removal import Resource
from pytest_scs.standards.iaas.domain_manager import ALLOWED, INEFFECTIVE, MEMBER, REFUSED

EMAIL = "after@example.org"


def _own(stage: Stage) -> Resource:
    return stage.made_by("U1", "user")


def _foreign(stage: Stage) -> Resource:
    return stage.b.live("user")


def _create(stage: Stage) -> Seen:
    seen, found = stage.creation(stage.a, "user", stage.a, stage.a.body("user"), keep=True)
    if found:
        stage.made["user"] = found
    return seen


@or_refused
def _find(stage: Stage) -> Seen:
    return Seen(200, stage.a.finds(_own(stage)))


@or_refused
def _list_own_only(stage: Stage) -> Seen:
    stage.b.live("user")
    listed = stage.a.listing("user")
    foreign = sum(entry["domain_id"] != stage.a.domain for entry in listed)
    note = f"{foreign} users of other domains" if foreign else ""
    return Seen(200, not foreign and _own(stage).id in {entry["id"] for entry in listed}, note)


def _grant_to_own(stage: Stage) -> Grant:
    return Grant(("domain", stage.a.domain), ("user", _own(stage).id), stage.role(MEMBER))


def _assign(stage: Stage) -> Seen:
    own = _grant_to_own(stage)
    return stage.attempt(stage.a, "PUT", own.path, None, lambda: stage.a.holds(own))


def _revoke(stage: Stage) -> Seen:
    own = _grant_to_own(stage)
    stage.prepare(stage.a, own)
    return stage.revocation(stage.a, stage.a, own)


def _grant_on_foreign(stage: Stage, user: Resource) -> Grant:
    return Grant(("domain", stage.b.domain), ("user", user.id), stage.role(MEMBER))


def _assign_on_foreign(letter: str, stage: Stage) -> Seen:
    return stage.grant(stage.a, stage.b, _grant_on_foreign(stage, stage.manager(letter).live("user")))


def _revoke_on_foreign(stage: Stage) -> Seen:
    grant = _grant_on_foreign(stage, _foreign(stage))
    stage.prepare(stage.b, grant)
    return stage.revocation(stage.a, stage.b, grant)


OWN = (
    Row("U1", "create a user", "own domain", "create_user", ALLOWED, _create),
    Row("U2", "find a user by name", "own user", "list_users", ALLOWED, _find),
    Row(
        "U2",
        "find a user by id",
        "own user",
        "get_user",
        ALLOWED,
        lambda stage: stage.lookup(stage.a, f"/users/{_own(stage).id}"),
    ),
    Row(
        "U3",
        "change a user's e-mail",
        "own user",
        "update_user",
        ALLOWED,
        lambda stage: stage.update(stage.a, stage.a, _own(stage), "email", EMAIL),
    ),
    Row("U4", "list users and get the own ones only", "all users", "list_users", ALLOWED, _list_own_only),
    Row("U5", "assign the role member", "own user, own domain", "create_grant", ALLOWED, _assign),
    Row("U5", "take the role member away", "own user, own domain", "revoke_grant", ALLOWED, _revoke),
    Row(
        "U6",
        "delete a user",
        "own user",
        "delete_user",
        ALLOWED,
        lambda stage: stage.deletion(stage.a, stage.a, _own(stage)),
    ),
)

FOREIGN = (
    Row(
        "U7",
        "create a user",
        "no domain named",
        "create_user",
        REFUSED,
        lambda stage: stage.creation(stage.a, "user", stage.a, {"enabled": True})[0],
    ),
    Row(
        "U8",
        "create a user",
        "foreign domain",
        "create_user",
        REFUSED,
        lambda stage: stage.creation(stage.a, "user", stage.b, stage.b.body("user"))[0],
    ),
    Row(
        "U9",
        "look a user up by id",
        "foreign user",
        "get_user",
        REFUSED,
        lambda stage: stage.lookup(stage.a, f"/users/{_foreign(stage).id}"),
    ),
    Row(
        "U10",
        "change a user's e-mail",
        "foreign user",
        "update_user",
        REFUSED,
        lambda stage: stage.update(stage.a, stage.b, _foreign(stage), "email", EMAIL),
    ),
    Row(
        "U10",
        "delete a user",
        "foreign user",
        "delete_user",
        REFUSED,
        lambda stage: stage.deletion(stage.a, stage.b, _foreign(stage)),
    ),
)

ROLES = (
    *(
        Row(
            "U11",
            "assign the role member",
            f"{WHOSE[letter]} user, foreign domain",
            "create_grant",
            INEFFECTIVE,
            partial(_assign_on_foreign, letter),
        )
        for letter in "AB"
    ),
    Row(
        "U12",
        "take the role member away",
        "foreign user, foreign domain",
        "revoke_grant",
        INEFFECTIVE,
        _revoke_on_foreign,
    ),
)

ROWS = OWN + FOREIGN + ROLES
