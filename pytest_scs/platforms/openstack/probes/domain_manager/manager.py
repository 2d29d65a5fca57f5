# SPDX-License-Identifier: Apache-2.0
"""One manager of a domain: asks Keystone, makes things in its domain, and looks what is there."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Mapping
from typing import Any

from pytest_scs.base.fields import Fields
from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.platforms.openstack.answers import reading
from pytest_scs.platforms.openstack.client import Client, Refused
from pytest_scs.platforms.openstack.janitor import Janitor
from pytest_scs.platforms.openstack.kinds import KINDS
from pytest_scs.platforms.openstack.probes.domain_manager import listed
from pytest_scs.platforms.openstack.removal import Resource

STANDARD = "0302"

#: Statuses that say nothing about permissions: lost authentication, time out, too many requests.
_UNDECIDED = (401, 408, 429)


def undecided(status: int) -> bool:
    """Whether a status says nothing about what is permitted: the outages, and those that say "again" or "who?"."""
    return status >= 500 or status in _UNDECIDED


@dataclasses.dataclass(frozen=True, slots=True)
class Grant:
    """A role of a user or group (``holder``) on a project or domain (``scope``); ids, with their kinds before them."""

    scope: tuple[str, str]
    holder: tuple[str, str]
    role: str

    @property
    def path(self) -> str:
        """Where it is made and taken away."""
        (scope, where), (kind, who) = self.scope, self.holder
        return f"/{scope}s/{where}/{kind}s/{who}/roles/{self.role}"


@dataclasses.dataclass(slots=True)
class Manager:
    """The manager of a domain, ``letter`` A or B; ``name`` is its entry in clouds.yaml.

    ``roles`` are those in its token, by name. ``password`` is its own; ``user`` and ``domain`` are ids.
    """

    letter: str
    name: str
    client: Client
    janitor: Janitor
    user: str
    domain: str
    domain_name: str
    roles: Mapping[str, str]
    password: str = dataclasses.field(repr=False)
    _live: dict[tuple[str, str], Resource] = dataclasses.field(default_factory=dict)
    _made: int = 0

    def ask(
        self, method: str, path: str, body: dict[str, Any] | None = None, **options: Any
    ) -> tuple[int, dict[str, Any]]:
        """Status and content of Keystone's answer; raises Inconclusive if the status says nothing."""
        try:
            return self.client.send(method, "identity", path, body, version="3", log=False, **options)
        except Refused as error:
            if undecided(error.status):
                raise
            return error.status, {}

    def log_in(self, auth: dict[str, Any]) -> int:
        """The status with which Keystone answers a request for a token; the token itself is never read."""
        try:
            path, options = "/auth/tokens", {"version": "3", "log": False, "authenticated": False}
            return self.client.send("POST", "identity", path, {"auth": auth}, **options)[0]
        except Refused as error:
            if undecided(error.status) and error.status != 401:
                raise
            return error.status

    def demand(self, path: str) -> dict[str, Any]:
        """What Keystone shows; raises Inconclusive also where it refuses."""
        status, content = self.ask("GET", path)
        if status != 200:
            raise Inconclusive(
                f"{self} cannot verify it: GET {path.partition('?')[0]} was answered {status}",
                CauseKind.of_status(status),
            )
        return content

    def listing(self, kind: str, query: str = "") -> list[dict[str, Any]]:
        """All users, groups, projects, ... that a query gives; raises Inconclusive unless that is the whole list."""
        described = KINDS[kind]
        found: list[dict[str, Any]] = []
        try:
            with reading(f"identity GET /v3{described.path}"):
                for page in self.client.pages("identity", f"{described.path}{query}", _following, **described.options):
                    if page.get("truncated"):
                        raise Inconclusive(
                            f"Keystone gives only the first {described.plural} (list_limit)", CauseKind.MALFORMED
                        )
                    found += map(dict, listed.FORMS[kind].entries(page, described.plural))
        except Refused as error:
            raise Refused(f"{self} may not list {described.plural}: {error.status}", error.status) from error
        return found

    def find(self, kind: str, name: str) -> list[str]:
        """The ids of what has a name in the own domain (of roles and domains: anywhere)."""
        own = f"&domain_id={self.domain}" if KINDS[kind].held_by == "domain" else ""
        return [entry["id"] for entry in self.listing(kind, f"?name={name}{own}") if entry["name"] == name]

    def show(self, resource: Resource) -> dict[str, Any]:
        """Something of the own domain as it is now; raises Inconclusive if it is not shown."""
        path = resource.kind.one(resource.id)
        content = self.demand(path)
        with reading(f"identity GET /v3{path}"):
            return dict(Fields("answer", content).fields(resource.kind.key).content)

    def holds(self, grant: Grant) -> bool:
        """Whether a role assignment in the own domain is there."""
        return grant.role in self.assigned(grant.scope, grant.holder)

    def assigned(self, scope: tuple[str, str], holder: tuple[str, str], *, implied: bool = False) -> set[str]:
        """The ids of the roles that a user or group has somewhere in the own domain."""
        query = f"?{holder[0]}.id={holder[1]}&scope.{scope[0]}.id={scope[1]}{'&effective' if implied else ''}"
        return listed.roles_assigned(self.demand(f"/role_assignments{query}"))

    def withdraw(self, kind: str, name: str) -> None:
        """Forget what was to be created and, as was seen, was not."""
        self.janitor.forget(Resource(KINDS[kind], name, ""))

    def next_name(self, kind: str) -> str:
        """What the next thing is called behind the run id."""
        self._made += 1
        return f"{kind}-{self._made}"

    def body(self, kind: str, **more: Any) -> dict[str, Any]:
        """What to create in the own domain. Users have no password: nobody can log in as one of them."""
        plain = {"user": {"email": "before@example.org"}, "project": {"description": "before"}}
        return {"domain_id": self.domain, **plain.get(kind, {}), **more}

    def make(self, kind: str, **more: Any) -> Resource:
        """Create something in the own domain; raises Refused or Inconclusive."""
        return self.janitor.create(kind, STANDARD, self.next_name(kind), self.body(kind, **more))[0]

    def live(self, kind: str, part: str = "") -> Resource:
        """The user, group or project of the own domain that is there for others to try on; raises Inconclusive.

        Where one is not enough, each has a ``part``. One that another manager was able to delete is replaced.
        """
        if (kind, part) not in self._live:
            try:
                self._live[kind, part] = self.make(kind)
            except Refused as error:
                raise Inconclusive(
                    f"{self} could not create a {kind}, which this needs: {error.status}", error.kind
                ) from None
        return self._live[kind, part]

    def keep(self, resource: Resource, part: str) -> None:
        """Let a resource be the live one of a part from now on."""
        self._live[resource.kind.name, part] = resource

    def shown(self, resource: Resource) -> bool:
        """Whether Keystone shows something of the own domain."""
        return self.ask("GET", resource.kind.one(resource.id))[0] == 200

    def finds(self, resource: Resource) -> bool:
        """Whether something of the own domain is listed; raises Refused if it may not be listed."""
        return resource.id in self.find(resource.kind.name, resource.name)

    def there(self, resource: Resource) -> bool:
        """Whether something of the own domain is still there: listed, or shown where it may not be listed."""
        own = f"&domain_id={self.domain}" if resource.kind.held_by == "domain" else ""
        try:
            # Not by its name, which another one may have been able to change.
            found = self.listing(resource.kind.name, f"?name__startswith=_scs-{own}")
            return any(entry["id"] == resource.id for entry in found)
        except Refused as error:
            if undecided(error.status):
                raise
            return self.shown(resource)

    def lost(self, resource: Resource) -> None:
        """It was seen to be gone: forget it, and make a new one when the next one is needed."""
        self.janitor.forget(resource)
        self._live = {key: one for key, one in self._live.items() if one != resource}

    def drop(self, resource: Resource) -> None:
        """Delete what is not needed any more; what cannot be deleted now is tried again at the end of the run."""
        with contextlib.suppress(Inconclusive):
            self.janitor.delete(resource)

    def clear(self) -> None:
        """Delete what was there for others to try on."""
        while self._live:
            self.drop(self._live.popitem()[1])

    def __str__(self) -> str:
        return f"manager {self.letter}"


def _following(page: dict[str, Any]) -> str | None:
    return (page.get("links") or {}).get("next")
