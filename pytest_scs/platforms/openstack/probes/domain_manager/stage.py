# SPDX-License-Identifier: Apache-2.0
"""Where the two managers act: attempts of one seen by the other, and the book of what came of them."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
from collections.abc import Callable, Iterable
from typing import Any

from pytest_scs.base.fields import UNREADABLE, form_problem
from pytest_scs.core.cause import Inconclusive
from pytest_scs.platforms.openstack.client import Client, Refused
from pytest_scs.platforms.openstack.probes.domain_manager.manager import STANDARD, Grant, Manager, undecided
from pytest_scs.platforms.openstack.probing import Probing
from pytest_scs.platforms.openstack.removal import Resource
from pytest_scs.standards.iaas import domain_manager as standard
from pytest_scs.standards.iaas.domain_manager import TriedRow

Attempt = Callable[["Stage"], "Seen"]

#: Whose the domain of a manager is, as seen by manager A.
WHOSE = {"A": "own", "B": "foreign"}


@dataclasses.dataclass(frozen=True, slots=True)
class Seen:
    """What came of an attempt: see :func:`standard.outcome`; ``note`` is said along with it.

    ``means`` is the status to judge by where the true one has another meaning than usual.
    """

    status: int
    effective: bool | None
    note: str = ""
    means: int | None = None

    def __str__(self) -> str:
        return f"{self.status or 'no answer'}{f', {self.note}' if self.note else ''}"


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One attempt: what is tried, on what, what is expected of it, how it is tried and as whom.

    ``row`` is its name in the table, or beyond, which several attempts may share. ``policy`` is the rule that is about
    it, one of Keystone's unless it names another service. ``actor`` is the letter of the manager.
    """

    row: str
    action: str
    on: str
    policy: str
    expected: str
    attempt: Attempt
    actor: str = "A"

    def tried(self, outcome: str, observed: str = "nothing", reason: str = "") -> TriedRow:
        """What is recorded of it."""
        return TriedRow(
            row=self.row,
            block=_block(self.row),
            actor=self.actor,
            action=self.action,
            object=self.on,
            policy=self.policy if ":" in self.policy else f"identity:{self.policy}",
            expected=self.expected,
            observed=observed,
            outcome=outcome,
            reason=reason,
        )


def or_refused(attempt: Attempt) -> Attempt:
    """An attempt whose exception, where a listing is refused, is that refusal."""

    @functools.wraps(attempt)
    def tried(stage: Stage) -> Seen:
        try:
            return attempt(stage)
        except Refused as error:
            if undecided(error.status):
                raise
            return Seen(error.status, False)

    return tried


class UntriedError(Exception):
    """Something cannot be tried without a risk for what is there."""


class Stage:
    """The two managers, what they made for the rows to come, and what came of those that were tried.

    ``made`` is what rows created to be tried on by others, by kind. ``worker`` is the session of a user that manager A
    made, if it could log in.
    """

    def __init__(self, probing: Probing, first: Manager, second: Manager) -> None:
        self.probing = probing
        self.a = first
        self.b = second
        self.rows: list[TriedRow] = []
        self.foreign_domains = 0
        self.made: dict[str, Resource] = {}
        self.worker: Client | None = None
        self._roles: dict[str, str] | None = None

    def run(self, rows: Iterable[Row]) -> None:
        """Try one row after the other, and note what came of it; what cannot be decided does not keep the others.

        A row is taken when the one before has been tried. Raises Inconclusive if the run was interrupted.
        """
        for row in rows:
            self.a.janitor.check_cancelled()
            self.rows.append(self._tried(row))

    def _tried(self, row: Row) -> TriedRow:
        try:
            seen = row.attempt(self)
        except UntriedError as error:
            return row.tried("untried", reason=str(error))
        except Inconclusive as error:
            return row.tried("undecided", reason=str(error))
        except UNREADABLE as error:
            return row.tried("undecided", reason=f"the answer of the identity service: {form_problem(error)}")
        status = seen.status if seen.means is None else seen.means
        return row.tried(standard.outcome(row.expected, status, seen.effective), observed=str(seen))

    def manager(self, letter: str) -> Manager:
        """Manager A or B."""
        return self.a if letter == "A" else self.b

    def made_by(self, row: str, kind: str) -> Resource:
        """What a row created; raises Inconclusive where it could not."""
        if kind not in self.made:
            raise Inconclusive(f"there is no {kind}, because none could be created ({row})")
        return self.made[kind]

    def role(self, name: str) -> str:
        """The id of a role; raises Inconclusive if it is not known."""
        roles = self.all_roles()
        if name not in roles:
            raise Inconclusive(f"no role {name} is listed, so its id is not known")
        return roles[name]

    def all_roles(self) -> dict[str, str]:
        """The ids of all roles that manager A sees, by name; without permission to list those in its token."""
        if self._roles is None:
            self._roles = dict(self.a.roles)
            with contextlib.suppress(Refused):
                self._roles |= {entry["name"]: entry["id"] for entry in self.a.listing("role")}
        return self._roles

    def changeable_role(self) -> tuple[str, str]:
        """Name and id of a role that may be changed at all: Keystone protects those that it was installed with.

        The role member where there is no other; raises Inconclusive if nothing is known of it.
        """
        with contextlib.suppress(Refused):
            for entry in self.a.listing("role"):
                if not (entry.get("options") or {}).get("immutable"):
                    return entry["name"], entry["id"]
        return standard.MEMBER, self.role(standard.MEMBER)

    def lookup(self, actor: Manager, path: str) -> Seen:
        """Ask for something; there is nothing to verify but the answer."""
        status, _ = actor.ask("GET", path)
        return Seen(status, 200 <= status < 300)

    def attempt(
        self,
        actor: Manager,
        method: str,
        path: str,
        body: dict[str, Any] | None,
        effective: Callable[[], bool],
        note: str = "and it is in effect",
    ) -> Seen:
        """Send a request and look afterwards, whatever was answered; raises Inconclusive if neither shows anything."""
        status, problem = 0, None
        try:
            status, _ = actor.ask(method, path, body)
        except Inconclusive as error:
            problem = error
        done = effective()
        if problem and not done:
            raise problem
        return Seen(status, done, note if done else "and it is not in effect" if status < 300 else "")

    def creation(
        self, actor: Manager, kind: str, owner: Manager, body: dict[str, Any], *, keep: bool = False
    ) -> tuple[Seen, Resource | None]:
        """Try to create something that would be ``owner``'s to see and to remove; it is gone again unless ``keep``."""
        what = owner.next_name(kind)
        name = owner.janitor.name(STANDARD, what)
        status = 0
        problem: Inconclusive | None = None
        made: Resource | None = None
        try:
            made, _ = owner.janitor.create(kind, STANDARD, what, body, by=actor.client)
            status = 201
        except Refused as error:
            status, problem = error.status, error if undecided(error.status) else None
        except Inconclusive as error:
            problem = error
        self.a.janitor.check_cancelled()
        try:
            there = [owner.janitor.adopt(kind, name, identity) for identity in owner.find(kind, name)]
        except Refused as error:
            if problem or undecided(error.status):
                raise
            # Who may not list must ask for what was made, and where nothing was, the answer has to do.
            there = [made] if made and owner.shown(made) else []
            if not made:
                owner.withdraw(kind, name)
                return Seen(status, None, f"and the listing {error.status}"), None
        if problem and not there:
            raise problem
        if not there:
            owner.withdraw(kind, name)
        elif not keep:
            for resource in there:
                owner.drop(resource)
        return Seen(status, bool(there), "and it was there" if there else ""), there[0] if there else None

    def update(self, actor: Manager, owner: Manager, resource: Resource, key: str, value: str) -> Seen:
        """Change something of ``owner``'s, who looks whether it worked, and changes it back."""
        before = owner.show(resource).get(key)
        path, body = resource.kind.one(resource.id), {resource.kind.key: {key: value}}
        seen = self.attempt(actor, "PATCH", path, body, lambda: owner.show(resource).get(key) == value)
        if seen.effective and actor is not owner:
            with contextlib.suppress(Inconclusive):
                owner.ask("PATCH", path, {resource.kind.key: {key: before}})
        return seen

    def deletion(self, actor: Manager, owner: Manager, resource: Resource) -> Seen:
        """Delete something of ``owner``'s, which the run made, and let the owner look whether it is gone."""
        path = resource.kind.one(resource.id)
        seen = self.attempt(actor, "DELETE", path, None, lambda: not owner.there(resource), "and it is gone")
        if seen.effective:
            owner.lost(resource)
        return seen

    def grant(self, actor: Manager, owner: Manager, grant: Grant, *, keep: bool = False) -> Seen:
        """Assign a role on something of ``owner``'s, who looks whether it worked; undone again unless ``keep``."""
        seen = self.attempt(actor, "PUT", grant.path, None, lambda: owner.holds(grant))
        if seen.effective and not keep:
            self.undo(grant, owner, actor)
        return seen

    def undo(self, grant: Grant, *managers: Manager) -> None:
        """Take an assignment away that should not be; at the latest it goes with its user, group or project."""
        for manager in managers:
            with contextlib.suppress(Inconclusive):
                manager.ask("DELETE", grant.path)

    def prepare(self, owner: Manager, grant: Grant) -> None:
        """See to it that a role is assigned, which what is tried next needs; raises Inconclusive if it is not."""
        if owner.holds(grant):
            return
        owner.ask("PUT", grant.path)
        if not owner.holds(grant):
            raise Inconclusive(f"{owner} could not assign the role, which this needs")

    def revocation(self, actor: Manager, owner: Manager, grant: Grant) -> Seen:
        """Take an assignment away on something of ``owner``'s, who looks whether it is gone."""
        return self.attempt(actor, "DELETE", grant.path, None, lambda: not owner.holds(grant), "and it is gone")

    def clear(self) -> None:
        """Delete everything that was there to be tried on."""
        for manager in (self.a, self.b):
            manager.clear()


def _block(row: str) -> str:
    if row in standard.TABLE:
        return {"L": "login", "U": "users", "P": "projects", "G": "groups"}[row[0]]
    return next(testcase for testcase, names in standard.BEYOND.items() if row in names)
