# SPDX-License-Identifier: Apache-2.0
"""Where the two managers act: attempts of one seen by the other, and the book of what came of them."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable
from typing import Any

from pytest_scs.errors import Inconclusive
from pytest_scs.openstack.client import Refused
from pytest_scs.openstack.probes.domain_manager.manager import STANDARD, Grant, Manager, undecided
from pytest_scs.openstack.probing import Probing
from pytest_scs.openstack.removal import Resource
from pytest_scs.standards import domain_manager as standard

Attempt = Callable[[], "Seen"]


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


def described(expected: str, row: str, action: str, on: str, policy: str, letter: str) -> dict[str, str]:
    """A row before anything came of it; ``policy`` is a rule of Keystone's unless it names another service."""
    entry = {"row": row, "block": _block(row), "actor": letter, "action": action, "object": on}
    return entry | {"policy": policy if ":" in policy else f"identity:{policy}", "expected": expected, "reason": ""}


def or_refused(attempt: Attempt) -> Seen:
    """What came of an attempt that ends in an exception where a listing is refused."""
    try:
        return attempt()
    except Refused as error:
        if undecided(error.status):
            raise
        return Seen(error.status, False)


class UntriedError(Exception):
    """Something cannot be tried without a risk for what is there."""


class Stage:
    """The two managers, and the rows of what they tried.

    A row has ``row`` (its name in the table, which several may share), ``block``, ``actor``, ``action``, ``object``,
    ``policy`` (the rule of Keystone's that is about it), ``expected``, ``observed``, ``outcome`` (as
    :func:`standard.outcome` has it, or ``untried``) and ``reason``.
    """

    def __init__(self, probing: Probing, first: Manager, second: Manager) -> None:
        self.probing = probing
        self.a = first
        self.b = second
        self.rows: list[dict[str, str]] = []
        self.foreign_domains = 0
        self._roles: dict[str, str] | None = None

    def allowed(
        self, row: str, action: str, on: str, policy: str, attempt: Attempt, *, actor: Manager | None = None
    ) -> None:
        """Try what must work, A unless another ``actor`` is named; see :meth:`_check`."""
        self._check(standard.ALLOWED, row, action, on, policy, attempt, actor)

    def refused(
        self, row: str, action: str, on: str, policy: str, attempt: Attempt, *, actor: Manager | None = None
    ) -> None:
        """Try what must be refused, A unless another ``actor`` is named; see :meth:`_check`."""
        self._check(standard.REFUSED, row, action, on, policy, attempt, actor)

    def ineffective(
        self, row: str, action: str, on: str, policy: str, attempt: Attempt, *, actor: Manager | None = None
    ) -> None:
        """Try what must have no effect whatever is answered, A unless ``actor`` is named; see :meth:`_check`."""
        self._check(standard.INEFFECTIVE, row, action, on, policy, attempt, actor)

    def _check(
        self, expected: str, row: str, action: str, on: str, policy: str, attempt: Attempt, actor: Manager | None
    ) -> None:
        """Try something and enter what came of it; what cannot be decided does not keep the others.

        Raises Inconclusive if the run was interrupted.
        """
        self.a.janitor.check_cancelled()
        entry = described(expected, row, action, on, policy, (actor or self.a).letter)
        try:
            seen = attempt()
            entry |= {
                "observed": str(seen),
                "outcome": standard.outcome(
                    expected, seen.status if seen.means is None else seen.means, seen.effective
                ),
            }
        except UntriedError as error:
            entry |= {"observed": "nothing", "outcome": "untried", "reason": str(error)}
        except Inconclusive as error:
            entry |= {"observed": "nothing", "outcome": "undecided", "reason": str(error)}
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            reason = f"the answer does not have the documented form ({type(error).__name__}: {error})"
            entry |= {"observed": "nothing", "outcome": "undecided", "reason": reason}
        self.rows.append(entry)

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
