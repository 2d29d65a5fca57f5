# SPDX-License-Identifier: Apache-2.0
"""The block "groups" of the table, rows G1 to G16 (docs/standards/scs-0302.md#table)."""

from __future__ import annotations

import contextlib
from functools import partial

from pytest_scs.core.cause import Inconclusive
from pytest_scs.platforms.openstack.probes.domain_manager.listed import listed
from pytest_scs.platforms.openstack.probes.domain_manager.manager import Grant, Manager
from pytest_scs.platforms.openstack.probes.domain_manager.stage import WHOSE, Row, Seen, Stage, or_refused
from pytest_scs.platforms.openstack.removal import Resource
from pytest_scs.standards.iaas.domain_manager import ADMIN, ALLOWED, INEFFECTIVE, MEMBER, REFUSED

_SUBJECT = "subject"

#: On what groups of A get roles.
PLACES = ("project", "domain")


def _group(stage: Stage) -> Resource:
    """The group of A that most of the block is about."""
    return stage.a.live("group", _SUBJECT)


def _group_of(stage: Stage, owner: Manager) -> Resource:
    return _group(stage) if owner is stage.a else owner.live("group")


def _member(group: Resource, user: Resource) -> str:
    return f"/groups/{group.id}/users/{user.id}"


def _member_ids(owner: Manager, group: Resource) -> set[str]:
    path = f"/groups/{group.id}/users"
    return {entry["id"] for entry in listed(owner.demand(path), "user", path)}


def _require_member(owner: Manager, group: Resource, user: Resource) -> None:
    """Raise Inconclusive unless the user, who was added, is in the group."""
    if user.id not in _member_ids(owner, group):
        raise Inconclusive(f"{owner} could not add the user to the group, which this needs")


# Groups


def _create(stage: Stage) -> Seen:
    seen, group = stage.creation(stage.a, "group", stage.a, stage.a.body("group"), keep=True)
    if group:
        stage.a.keep(group, _SUBJECT)
    return seen


@or_refused
def _list_own_only(stage: Stage) -> Seen:
    _group(stage)
    # Of which domain they are, not how many: there may be others in the own one (DEV-0302-3).
    foreign = sum(entry["domain_id"] == stage.a.domain for entry in stage.b.listing("group"))
    return Seen(200, not foreign, f"{foreign} groups of the other domain" if foreign else "")


def _rename(stage: Stage) -> Seen:
    return stage.update(stage.b, stage.a, _group(stage), "name", f"{_group(stage).name}-renamed")


def _delete_by_another(stage: Stage) -> Seen:
    return stage.deletion(stage.b, stage.a, _group(stage))


# Members


def _ask_for_member(stage: Stage) -> Seen:
    status, _ = stage.a.ask("HEAD", _member(_group(stage), stage.a.live("user")))
    # 404 is the answer "no".
    return Seen(status, status != 403, means=204 if status == 404 else None)


def _ask_for_foreign_member(holder: str, owner: str, stage: Stage) -> Seen:
    of = stage.manager(owner)
    group, user = _group_of(stage, of), stage.manager(holder).live("user")
    if holder == owner:
        of.ask("PUT", _member(group, user))
        _require_member(of, group, user)
    status, _ = stage.a.ask("HEAD", _member(group, user))
    return Seen(status, 200 <= status < 300)


def _add(holder: str, owner: str, stage: Stage) -> Seen:
    of, user = stage.manager(owner), stage.manager(holder).live("user")
    group = _group_of(stage, of)
    path = _member(group, user)
    seen = stage.attempt(stage.a, "PUT", path, None, lambda: user.id in _member_ids(of, group))
    if seen.effective and not holder == owner == "A":
        for manager in (of, stage.a):
            with contextlib.suppress(Inconclusive):
                manager.ask("DELETE", path)
    return seen


def _list_members(stage: Stage) -> Seen:
    if stage.rows[-1].outcome != "ok":
        raise Inconclusive("there is no member, because none could be added (G7)")
    path = f"{_group(stage).kind.one(_group(stage).id)}/users"
    status, content = stage.a.ask("GET", path)
    found = [entry["id"] for entry in listed(content, "user", path)] if status == 200 else []
    exact = found == [stage.a.live("user").id]
    return Seen(status, exact, "" if exact else f"{len(found)} members")


def _remove_by_another(stage: Stage) -> Seen:
    group, user = _group(stage), stage.a.live("user")
    path = _member(group, user)
    if user.id not in _member_ids(stage.a, group):
        stage.a.ask("PUT", path)
    _require_member(stage.a, group, user)
    gone = "and it is gone"
    return stage.attempt(stage.b, "DELETE", path, None, lambda: user.id not in _member_ids(stage.a, group), gone)


# Roles


def _scope(stage: Stage, place: str) -> tuple[str, str]:
    return (place, stage.a.domain if place == "domain" else stage.a.live("project").id)


def _grant(stage: Stage, place: str, role: str) -> Grant:
    return Grant(_scope(stage, place), ("group", _group(stage).id), stage.role(role))


def _assign_admin(place: str, stage: Stage) -> Seen:
    return stage.grant(stage.a, stage.a, _grant(stage, place, ADMIN))


def _assign(place: str, stage: Stage) -> Seen:
    own = _grant(stage, place, MEMBER)
    exactly = {own.role}
    return stage.attempt(stage.a, "PUT", own.path, None, lambda: stage.a.assigned(own.scope, own.holder) == exactly)


def _revoke(by: str, place: str, stage: Stage) -> Seen:
    own = _grant(stage, place, MEMBER)
    stage.prepare(stage.a, own)
    return stage.revocation(stage.manager(by), stage.a, own)


def _assign_by_another(place: str, stage: Stage) -> Seen:
    other = Grant(_scope(stage, place), ("group", stage.a.live("group").id), stage.role(MEMBER))
    return stage.grant(stage.b, stage.a, other)


_CREATION = (
    Row(
        "G1",
        "create a group",
        "no domain named",
        "create_group",
        REFUSED,
        lambda stage: stage.creation(stage.a, "group", stage.a, {})[0],
    ),
    Row(
        "G1",
        "create a group",
        "foreign domain",
        "create_group",
        REFUSED,
        lambda stage: stage.creation(stage.a, "group", stage.b, stage.b.body("group"))[0],
    ),
    Row("G2", "create a group", "own domain", "create_group", ALLOWED, _create),
    Row("G3", "list groups and get no foreign ones", "all groups", "list_groups", ALLOWED, _list_own_only, "B"),
    Row("G4", "rename a group", "foreign group", "update_group", REFUSED, _rename, "B"),
    Row("G4", "delete a group", "foreign group", "delete_group", REFUSED, _delete_by_another, "B"),
)

#: Of users and groups, at least one is not the manager's own.
_PAIRS = (("A", "B"), ("B", "A"), ("B", "B"))

_MEMBERS = (
    Row(
        "G5", "ask whether a user is in a group", "own user, own group", "check_user_in_group", ALLOWED, _ask_for_member
    ),
    Row("G7", "add a user to a group", "own user, own group", "add_user_to_group", ALLOWED, partial(_add, "A", "A")),
    Row("G9", "list exactly the members of a group", "own group", "list_users_in_group", ALLOWED, _list_members),
    *(
        Row(
            "G8",
            "add a user to a group",
            f"{WHOSE[holder]} user, {WHOSE[owner]} group",
            "add_user_to_group",
            REFUSED,
            partial(_add, holder, owner),
        )
        for holder, owner in _PAIRS
    ),
    # After G8: only a member tells a refusal from the answer "no", which is 404 as well.
    *(
        Row(
            "G6",
            "ask whether a user is in a group",
            f"{WHOSE[holder]} user, {WHOSE[owner]} group",
            "check_user_in_group",
            REFUSED,
            partial(_ask_for_foreign_member, holder, owner),
        )
        for holder, owner in _PAIRS
    ),
)

_ROLES = (
    *(
        Row(
            "G10",
            "assign the role admin",
            f"own group, own {place}",
            "create_grant",
            INEFFECTIVE,
            partial(_assign_admin, place),
        )
        for place in PLACES
    ),
    *(
        Row(
            "G11",
            "assign exactly the role member",
            f"own group, own {place}",
            "create_grant",
            ALLOWED,
            partial(_assign, place),
        )
        for place in PLACES
    ),
    *(
        Row(
            "G12",
            "take the role member away",
            f"foreign group, foreign {place}",
            "revoke_grant",
            INEFFECTIVE,
            partial(_revoke, "B", place),
            "B",
        )
        for place in PLACES
    ),
    *(
        Row(
            "G13",
            "take the role member away",
            f"own group, own {place}",
            "revoke_grant",
            ALLOWED,
            partial(_revoke, "A", place),
        )
        for place in PLACES
    ),
    # G15, here because it needs the same: a group without roles.
    *(
        Row(
            "G15",
            "assign the role member",
            f"foreign group, foreign {place}",
            "create_grant",
            INEFFECTIVE,
            partial(_assign_by_another, place),
            "B",
        )
        for place in PLACES
    ),
)

_REMOVAL = (
    Row(
        "G14",
        "list the members of a group",
        "foreign group",
        "list_users_in_group",
        REFUSED,
        lambda stage: stage.lookup(stage.b, f"/groups/{_group(stage).id}/users"),
        "B",
    ),
    Row(
        "G14", "remove a user from a group", "foreign group", "remove_user_from_group", REFUSED, _remove_by_another, "B"
    ),
    Row("G14", "delete a group", "foreign group", "delete_group", REFUSED, _delete_by_another, "B"),
    Row(
        "G16",
        "delete a group",
        "own group",
        "delete_group",
        ALLOWED,
        lambda stage: stage.deletion(stage.a, stage.a, _group(stage)),
    ),
)

ROWS = _CREATION + _MEMBERS + _ROLES + _REMOVAL
