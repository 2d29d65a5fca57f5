# SPDX-License-Identifier: Apache-2.0
"""The block "groups" of the table (spec 21.3, rows G1 to G16)."""

from __future__ import annotations

import contextlib
from functools import partial

from pytest_scs.errors import Inconclusive
from pytest_scs.openstack.probes.domain_manager.manager import Grant, Manager
from pytest_scs.openstack.probes.domain_manager.stage import Seen, Stage, or_refused
from pytest_scs.openstack.removal import Resource
from pytest_scs.standards.domain_manager import ADMIN, MEMBER

_SUBJECT = "subject"


def run(stage: Stage) -> None:
    """All rows of the block."""
    _Groups(stage).run()


class _Groups:
    """The block about groups; ``group`` is the one of A that most of it concerns."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.a = stage.a
        self.b = stage.b

    def run(self) -> None:
        self._create()
        self._foreign_group()
        self._members()
        self._roles()
        self._removed_by_another()
        self._delete()

    def group(self) -> Resource:
        """The group of A that the block is about."""
        return self.a.live("group", _SUBJECT)

    def _create(self) -> None:
        stage, a, b = self.stage, self.a, self.b

        def create() -> Seen:
            seen, group = stage.creation(a, "group", a, a.body("group"), keep=True)
            if group:
                a.keep(group, _SUBJECT)
            return seen

        stage.refused("G1", "create a group", "no domain named", "create_group", lambda: _made(stage, a, {}))
        stage.refused(
            "G1", "create a group", "foreign domain", "create_group", lambda: _made(stage, b, b.body("group"))
        )
        stage.allowed("G2", "create a group", "own domain", "create_group", create)

    def _foreign_group(self) -> None:
        stage, a, b = self.stage, self.a, self.b

        def own_only() -> Seen:
            self.group()
            # Of which domain they are, not how many: there may be others in the own one (DEV-0302-3).
            foreign = sum(entry["domain_id"] == a.domain for entry in b.listing("group"))
            return Seen(200, not foreign, f"{foreign} groups of the other domain" if foreign else "")

        def rename() -> Seen:
            return stage.update(b, a, self.group(), "name", f"{self.group().name}-renamed")

        stage.allowed(
            "G3",
            "list groups and get no foreign ones",
            "all groups",
            "list_groups",
            lambda: or_refused(own_only),
            actor=b,
        )
        stage.refused("G4", "rename a group", "foreign group", "update_group", rename, actor=b)
        stage.refused(
            "G4", "delete a group", "foreign group", "delete_group", lambda: stage.deletion(b, a, self.group()), actor=b
        )

    def _members(self) -> None:
        stage, a, b = self.stage, self.a, self.b

        def asked() -> Seen:
            status, _ = a.ask("HEAD", _member(self.group(), a.live("user")))
            # 404 is the answer "no".
            return Seen(status, status != 403, means=204 if status == 404 else None)

        def listed() -> Seen:
            if stage.rows[-1]["outcome"] != "ok":
                raise Inconclusive("there is no member, because none could be added (G7)")
            status, content = a.ask("GET", f"{self.group().kind.one(self.group().id)}/users")
            found = [entry["id"] for entry in content.get("users", ())]
            exact = found == [a.live("user").id]
            return Seen(status, exact, "" if exact else f"{len(found)} members")

        stage.allowed("G5", "ask whether a user is in a group", "own user, own group", "check_user_in_group", asked)
        stage.allowed(
            "G7",
            "add a user to a group",
            "own user, own group",
            "add_user_to_group",
            lambda: self._add(a, a.live("user"), a, self.group()),
        )
        stage.allowed("G9", "list exactly the members of a group", "own group", "list_users_in_group", listed)
        pairs = (("own", a, "foreign", b), ("foreign", b, "own", a), ("foreign", b, "foreign", b))
        for whose_user, holder, whose_group, owner in pairs:
            stage.refused(
                "G8",
                "add a user to a group",
                f"{whose_user} user, {whose_group} group",
                "add_user_to_group",
                partial(self._add_foreign, holder, owner),
            )
        # After G8: only a member tells a refusal from the answer "no", which is 404 as well.
        for whose_user, holder, whose_group, owner in pairs:
            stage.refused(
                "G6",
                "ask whether a user is in a group",
                f"{whose_user} user, {whose_group} group",
                "check_user_in_group",
                partial(self._asked_of_foreign, holder, owner),
            )

    def _roles(self) -> None:
        stage, a, b = self.stage, self.a, self.b

        def scope(where: str) -> tuple[str, str]:
            return ("domain", a.domain) if where == "own domain" else ("project", a.live("project").id)

        def grant(where: str, role: str) -> Grant:
            return Grant(scope(where), ("group", self.group().id), stage.role(role))

        def assign_admin(where: str) -> Seen:
            return stage.grant(a, a, grant(where, ADMIN))

        def take_away(where: str) -> Seen:
            own = grant(where, MEMBER)
            stage.prepare(a, own)
            return stage.revocation(a, a, own)

        def assign(where: str) -> Seen:
            own = grant(where, MEMBER)
            exactly = {own.role}
            return stage.attempt(a, "PUT", own.path, None, lambda: a.assigned(own.scope, own.holder) == exactly)

        def taken_by_b(where: str) -> Seen:
            own = grant(where, MEMBER)
            stage.prepare(a, own)
            return stage.revocation(b, a, own)

        def other_group(where: str) -> Seen:
            other = Grant(scope(where), ("group", a.live("group").id), stage.role(MEMBER))
            return stage.grant(b, a, other)

        for where in ("own project", "own domain"):
            stage.ineffective(
                "G10",
                "assign the role admin",
                f"own group, {where}",
                "create_grant",
                partial(assign_admin, where),
            )
        for where in ("own project", "own domain"):
            stage.allowed(
                "G11",
                "assign exactly the role member",
                f"own group, {where}",
                "create_grant",
                partial(assign, where),
            )
        for where in ("own project", "own domain"):
            stage.ineffective(
                "G12",
                "take the role member away",
                f"foreign group, foreign {where.split()[1]}",
                "revoke_grant",
                partial(taken_by_b, where),
                actor=b,
            )
        for where in ("own project", "own domain"):
            stage.allowed(
                "G13",
                "take the role member away",
                f"own group, {where}",
                "revoke_grant",
                partial(take_away, where),
            )
        # G15, here because it needs the same: a group without roles.
        for where in ("own project", "own domain"):
            stage.ineffective(
                "G15",
                "assign the role member",
                f"foreign group, foreign {where.split()[1]}",
                "create_grant",
                partial(other_group, where),
                actor=b,
            )

    def _removed_by_another(self) -> None:
        stage, a, b = self.stage, self.a, self.b

        def remove_member() -> Seen:
            group, user = self.group(), a.live("user")
            if user.id not in self._member_ids(a, group):
                a.ask("PUT", _member(group, user))
            if user.id not in self._member_ids(a, group):
                raise Inconclusive(f"{a} could not add the user to the group, which this needs")
            return stage.attempt(
                b,
                "DELETE",
                _member(group, user),
                None,
                lambda: user.id not in self._member_ids(a, group),
                "and it is gone",
            )

        stage.refused(
            "G14",
            "list the members of a group",
            "foreign group",
            "list_users_in_group",
            lambda: stage.lookup(b, f"/groups/{self.group().id}/users"),
            actor=b,
        )
        stage.refused(
            "G14", "remove a user from a group", "foreign group", "remove_user_from_group", remove_member, actor=b
        )
        stage.refused(
            "G14",
            "delete a group",
            "foreign group",
            "delete_group",
            lambda: stage.deletion(b, a, self.group()),
            actor=b,
        )

    def _delete(self) -> None:
        a = self.a
        self.stage.allowed(
            "G16", "delete a group", "own group", "delete_group", lambda: self.stage.deletion(a, a, self.group())
        )

    def _of(self, owner: Manager) -> Resource:
        return self.group() if owner is self.a else owner.live("group")

    def _member_ids(self, owner: Manager, group: Resource) -> set[str]:
        return {str(entry["id"]) for entry in owner.demand(f"/groups/{group.id}/users")["users"]}

    def _add(self, actor: Manager, user: Resource, owner: Manager, group: Resource) -> Seen:
        path = _member(group, user)
        seen = self.stage.attempt(actor, "PUT", path, None, lambda: user.id in self._member_ids(owner, group))
        if seen.effective and not (actor is owner and user == actor.live("user")):
            for manager in (owner, actor):
                with contextlib.suppress(Inconclusive):
                    manager.ask("DELETE", path)
        return seen

    def _add_foreign(self, holder: Manager, owner: Manager) -> Seen:
        return self._add(self.a, holder.live("user"), owner, self._of(owner))

    def _asked_of_foreign(self, holder: Manager, owner: Manager) -> Seen:
        group, user = self._of(owner), holder.live("user")
        if holder is owner:
            owner.ask("PUT", _member(group, user))
            if user.id not in self._member_ids(owner, group):
                raise Inconclusive(f"{owner} could not add the user to the group, which this needs")
        status, _ = self.a.ask("HEAD", _member(group, user))
        return Seen(status, 200 <= status < 300)


def _made(stage: Stage, owner: Manager, body: dict[str, object]) -> Seen:
    return stage.creation(stage.a, "group", owner, body)[0]


def _member(group: Resource, user: Resource) -> str:
    return f"/groups/{group.id}/users/{user.id}"
