# SPDX-License-Identifier: Apache-2.0
"""Beyond the table: roles, escalation, the system, domains (docs/standards/scs-0302.md#beyond-the-table).

Nothing that was there before is ever deleted or really changed, not even in a cloud that would let it happen.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from functools import partial

from pytest_scs.base.shell import command, option
from pytest_scs.core.cause import Inconclusive
from pytest_scs.platforms.openstack.probes.domain_manager.listed import listed
from pytest_scs.platforms.openstack.probes.domain_manager.manager import Grant
from pytest_scs.platforms.openstack.probes.domain_manager.stage import WHOSE, Row, Seen, Stage, UntriedError
from pytest_scs.standards.iaas.domain_manager import ADMIN, ASSIGNABLE, INEFFECTIVE, MANAGER, MEMBER, REFUSED

#: Where manager A could assign roles.
PLACES = ("own project", "own domain")


def rows(stage: Stage) -> Iterator[Row]:
    """All of them; which roles must not be assigned is seen in the cloud."""
    yield from _ROLES
    yield from _escalation(stage)
    yield from _SYSTEM
    yield from _DOMAINS


def count_foreign_domains(stage: Stage) -> int:
    """How many domains of others manager A can see; 0 where it may not list any."""
    with contextlib.suppress(Inconclusive):
        return sum(entry["id"] != stage.a.domain for entry in stage.a.listing("domain"))
    return 0


# Roles


def _create(kind: str, stage: Stage) -> Seen:
    # A domain is disabled, because only such a one can be deleted again.
    body = {"enabled": False} if kind == "domain" else {}
    seen, made = stage.creation(stage.a, kind, stage.a, body, keep=True)
    if made:
        stage.made[kind] = made
    return seen


def _delete(kind: str, stage: Stage) -> Seen:
    """Delete what the manager was able to create, or else what does not exist; never what was there before.

    Keystone may look for it before it asks its policy: then 404 tells nothing.
    """
    if kind in stage.made:
        return stage.deletion(stage.a, stage.a, stage.made[kind])
    status, _ = stage.a.ask("DELETE", f"/{kind}s/{uuid.uuid4().hex}")
    if status == 404:
        raise UntriedError(f"Keystone looks for a {kind} before it asks its policy, and none that exists may be risked")
    return Seen(status, None)


def _rename_role(stage: Stage) -> Seen:
    # To the name that it has: where this is permitted, nothing has changed.
    name, identity = stage.changeable_role()
    status, _ = stage.a.ask("PATCH", f"/roles/{identity}", {"role": {"name": name}})
    return Seen(status, None)


def _imply(stage: Stage) -> Seen:
    # That an administrator may what a member may gives nobody anything; an existing rule is answered 409.
    path = f"/roles/{stage.role(ADMIN)}/implies/{stage.role(MEMBER)}"
    status, _ = stage.a.ask("PUT", path)
    if status == 201:
        mend = "openstack implied role delete admin --implied-role member"
        _undone(stage, path, "the rule that the role admin implies the role member", mend)
    return Seen(status, True if status == 409 else None, "it exists, so it was permitted" if status == 409 else "")


def _undone(stage: Stage, path: str, what: str, mend: str) -> None:
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
        f"{what}, which manager {stage.a.name} could create, could not be removed: {problem}; remove it: {mend}"
    )


_ROLES = (
    Row("role-create", "create a role", "roles", "create_role", REFUSED, partial(_create, "role")),
    Row("role-rename", "change a role (its name, to the same)", "roles", "update_role", REFUSED, _rename_role),
    Row("role-delete", "delete a role", "roles", "delete_role", REFUSED, partial(_delete, "role")),
    Row("role-imply", "create an implied role", "admin implies member", "create_implied_role", REFUSED, _imply),
)


# Escalation


def _escalation(stage: Stage) -> Iterator[Row]:
    allowed = _assignable(stage)
    forbidden = {name for name in stage.all_roles() if name not in allowed and name != MANAGER} | {ADMIN}
    known: set[tuple[str, str]] = set()
    for role in sorted(forbidden):
        for place in PLACES:
            yield Row(
                "assign-user",
                f"assign the role {role}",
                f"own user, {place}",
                "create_grant",
                INEFFECTIVE,
                partial(_assign_to_user, role, place),
            )
            if stage.rows[-1].outcome == "violated":
                known.add((role, place))
    for role in sorted(forbidden):
        for place in PLACES:
            # What works with another user is known to be wrong; a real user need not get the role, too.
            if (role, place) not in known:
                yield Row(
                    "assign-self",
                    f"assign the role {role}",
                    f"itself, {place}",
                    "create_grant",
                    INEFFECTIVE,
                    partial(_assign_to_itself, role, place),
                )
    yield _IMPLIED


def _assignable(stage: Stage) -> set[str]:
    return {*ASSIGNABLE, *stage.probing.extras.managed_roles}


def _scope(stage: Stage, place: str) -> tuple[str, str]:
    scopes = {"own project": ("project", stage.a.live("project").id), "own domain": ("domain", stage.a.domain)}
    return scopes[place]


def _assign_to_user(role: str, place: str, stage: Stage) -> Seen:
    user = ("user", stage.a.live("user").id)
    return stage.grant(stage.a, stage.a, Grant(_scope(stage, place), user, stage.role(role)))


def _assign_to_itself(role: str, place: str, stage: Stage) -> Seen:
    grant = Grant(_scope(stage, place), ("user", stage.a.user), stage.role(role))
    if stage.a.holds(grant):
        raise Inconclusive(f"the manager has the role {role} there already")
    try:
        seen = stage.grant(stage.a, stage.a, grant, keep=True)
    except Inconclusive:
        _take_back(stage, grant, role)
        raise
    if seen.effective:
        _take_back(stage, grant, role)
    return seen


def _take_back(stage: Stage, grant: Grant, role: str) -> None:
    """End an assignment to the manager itself, who stays when the run is over; say so if it may still be there."""
    a = stage.a
    stage.undo(grant, a)
    try:
        there = a.holds(grant)
    except Inconclusive:
        there = True
    if there:
        kind, where = grant.scope
        mend = command(["openstack", "role", "remove", *option("--user", a.user), *option(f"--{kind}", where)], role)
        stage.probing.left(f"the role {role} may have stayed with manager {a.name}; take it away: {mend}")


def _get_implied(stage: Stage) -> Seen:
    scope, holder = ("project", stage.a.live("project").id), ("user", stage.a.live("user").id)
    allowed = _assignable(stage)
    given = [Grant(scope, holder, identity) for name, identity in stage.all_roles().items() if name in allowed]
    for grant in given:
        with contextlib.suppress(Inconclusive):
            stage.a.ask("PUT", grant.path)
    try:
        has_admin = stage.role(ADMIN) in stage.a.assigned(scope, holder, implied=True)
    finally:
        for grant in given:
            stage.undo(grant, stage.a)
    return Seen(200, has_admin, "and a role implies admin" if has_admin else "")


_IMPLIED = Row(
    "assign-implied",
    "get the role admin by a role that implies it",
    "own user, own project",
    "create_grant",
    INEFFECTIVE,
    _get_implied,
)


# The system


def _get_token(stage: Stage) -> Seen:
    user = {"id": stage.a.user, "password": stage.a.password}
    identity = {"methods": ["password"], "password": {"user": user}}
    status = stage.a.log_in({"identity": identity, "scope": {"system": {"all": True}}})
    # Keystone answers 401 to a user without a role on the system; the password is known to be right.
    return Seen(status, None, means=403 if status == 401 else None)


def _assign_on_system(stage: Stage) -> Seen:
    # The least of all roles, to a user that nobody can log in as.
    name = "reader" if "reader" in stage.all_roles() else MEMBER
    path = f"/system/users/{stage.a.live('user').id}/roles/{stage.role(name)}"
    status, _ = stage.a.ask("PUT", path)
    if 200 <= status < 300:
        # Otherwise it goes with the user.
        with contextlib.suppress(Inconclusive):
            stage.a.ask("DELETE", path)
    return Seen(status, None)


_SYSTEM = (
    Row("system-token", "get a token for the system", "system", "authenticate", REFUSED, _get_token),
    Row(
        "system-assign",
        "assign a role",
        "own user, system",
        "create_system_grant_for_user",
        REFUSED,
        _assign_on_system,
    ),
)


# Domains


def _rename_domain(letter: str, stage: Stage) -> Seen:
    return _same(stage, letter, {"name": stage.manager(letter).domain_name})


def _enable_domain(letter: str, stage: Stage) -> Seen:
    return _same(stage, letter, {"enabled": True})


def _same(stage: Stage, letter: str, change: dict[str, object]) -> Seen:
    # To what it is already: where this is permitted, nothing has changed.
    status, _ = stage.a.ask("PATCH", f"/domains/{stage.manager(letter).domain}", {"domain": change})
    return Seen(status, None)


def _list_foreign(kind: str, stage: Stage) -> Seen:
    stage.b.live(kind)
    path = f"/{kind}s?domain_id={stage.b.domain}"
    status, content = stage.a.ask("GET", path)
    found = listed(content, kind, path) if status == 200 else []
    foreign = sum(entry["domain_id"] == stage.b.domain for entry in found)
    return Seen(status, foreign > 0, f"{foreign} {kind}s of the other domain" if foreign else "")


_DOMAINS = (
    *(
        Row(row, action, f"{WHOSE[letter]} domain", "update_domain", REFUSED, partial(attempt, letter))
        for letter in "AB"
        for row, action, attempt in (
            ("domain-rename", "change a domain (its name, to the same)", _rename_domain),
            ("domain-disable", "enable or disable a domain (as it is)", _enable_domain),
        )
    ),
    Row("domain-create", "create a domain", "domains", "create_domain", REFUSED, partial(_create, "domain")),
    Row("domain-delete", "delete a domain", "domains", "delete_domain", REFUSED, partial(_delete, "domain")),
    *(
        Row(
            "domain-data",
            f"list the {kind}s",
            "foreign domain",
            f"list_{kind}s",
            INEFFECTIVE,
            partial(_list_foreign, kind),
        )
        for kind in ("user", "group", "project")
    ),
    Row(
        "domain-data",
        "look a group up by id",
        "foreign group",
        "get_group",
        REFUSED,
        lambda stage: stage.lookup(stage.a, f"/groups/{stage.b.live('group').id}"),
    ),
)
