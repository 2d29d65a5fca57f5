# SPDX-License-Identifier: Apache-2.0
"""What Keystone keeps of domains with managers (scs-0302): plain data that a test may change while the cloud runs."""

from __future__ import annotations

import dataclasses
import secrets
import uuid
from typing import Any, NamedTuple

#: The roles every cloud has; ids as in tokens.
ROLES = ("admin", "manager", "member", "reader", "load-balancer_member", "heat_stack_user")


#: Those that nobody can change or delete, as Keystone installs them.
IMMUTABLE = ("admin", "manager", "member", "reader")


class Assignment(NamedTuple):
    """A role of a ``user`` or ``group`` on a ``project``, a ``domain`` or the ``system``."""

    holder: str
    holder_id: str
    scope: str
    scope_id: str
    role: str


@dataclasses.dataclass(slots=True)
class Directory:
    """Domains, their managers, and what these made. The demo's own user and project are not in it.

    ``domains``, ``users``, ``groups``, ``projects``, ``roles`` have ``id`` and ``name``; keys with an underscore are
    not shown. ``members`` are pairs of group and user, ``implied`` of roles of which the first implies the second,
    ``credentials`` triples of kind, user and secret.

    A manager, who has ``manager_role`` on a domain, may what the standard says. ``leaks`` are names of Keystone's
    policy rules (``update_user``) that hold for managers in every domain, ``denied`` those that managers have not got
    at all. ``system`` among the leaks gives managers a token for the system. ``managed_roles`` may be assigned.
    """

    domains: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    users: list[dict[str, Any]] = dataclasses.field(default_factory=list, repr=False)
    groups: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    projects: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    roles: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    assignments: set[Assignment] = dataclasses.field(default_factory=set)
    members: set[tuple[str, str]] = dataclasses.field(default_factory=set)
    implied: set[tuple[str, str]] = dataclasses.field(default_factory=set)
    credentials: set[tuple[str, str, str]] = dataclasses.field(default_factory=set, repr=False)
    manager_role: str = "manager"
    managed_roles: set[str] = dataclasses.field(default_factory=lambda: {"member", "load-balancer_member"})
    leaks: set[str] = dataclasses.field(default_factory=set)
    denied: set[str] = dataclasses.field(default_factory=set)

    def find(self, collection: str, identity: str | None) -> dict[str, Any] | None:
        """The user, group, ... with this id."""
        return next((item for item in getattr(self, collection) if item["id"] == identity), None)

    def domain_of(self, collection: str, identity: str | None) -> str | None:
        """The domain that something belongs to; None if there is no such thing."""
        item = self.find(collection, identity)
        return str(item["domain_id"]) if item else None

    def role_ids(self, user: str, scope: str, scope_id: str) -> set[str]:
        """What a user has somewhere: its own roles, those of its groups, and what they imply."""
        holders = {("user", user)} | {("group", group) for group, member in self.members if member == user}
        found = {
            entry.role
            for entry in self.assignments
            if (entry.holder, entry.holder_id) in holders and (entry.scope, entry.scope_id) == (scope, scope_id)
        }
        while more := {after for before, after in self.implied if before in found} - found:
            found |= more
        return found

    def forget(self, collection: str, identity: str) -> None:
        """Remove something with all that hangs on it."""
        getattr(self, collection).remove(self.find(collection, identity))
        kind = collection.removesuffix("s")
        self.members = {pair for pair in self.members if identity not in pair}
        self.implied = {pair for pair in self.implied if identity not in pair}
        self.credentials = {entry for entry in self.credentials if entry[1] != identity}
        self.assignments = {
            entry
            for entry in self.assignments
            if (entry.holder, entry.holder_id) != (kind, identity)
            and (entry.scope, entry.scope_id) != (kind, identity)
            and entry.role != identity
        }

    def snapshot(self) -> dict[str, set[Any]]:
        """What there is, to compare before and after."""
        names = ("domains", "users", "groups", "projects", "roles")
        found: dict[str, set[Any]] = {name: {item["id"] for item in getattr(self, name)} for name in names}
        for name in ("assignments", "members", "implied", "credentials"):
            found[name] = set(getattr(self, name))
        return found


def with_managers(*names: str) -> Directory:
    """Domains of these names, each with a user ``manager`` who manages it; by default two."""
    directory = Directory(
        roles=[
            {"id": role_id(name), "name": name, "domain_id": None, "options": {"immutable": name in IMMUTABLE}}
            for name in ROLES
        ]
    )
    for name in names or ("manager-a", "manager-b"):
        domain, user = uuid.uuid4().hex, uuid.uuid4().hex
        directory.domains.append({"id": domain, "name": name, "enabled": True, "description": ""})
        password = secrets.token_urlsafe(18)
        directory.users.append(
            {"id": user, "name": "manager", "domain_id": domain, "enabled": True, "_password": password}
        )
        directory.assignments.add(Assignment("user", user, "domain", domain, role_id("manager")))
    return directory


def role_id(name: str) -> str:
    """The id of a role, the same in every cloud."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"role/{name}").hex
