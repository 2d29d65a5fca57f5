# SPDX-License-Identifier: Apache-2.0
"""Whether something in a cloud is what a run made: asked before anything is removed, and before anything is used.

A run id in the name (and the metadata, where the kind has any) of what the cloud has under an id is the proof. What a
journal says is no proof: it is a file. See docs/standards/framework.md#inventory.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from typing import Any

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.core.findings import show
from pytest_scs.platforms.openstack.client import Client, Refused
from pytest_scs.platforms.openstack.listed import belongs_to_project, entries_of_kind, show_resource
from pytest_scs.platforms.openstack.resource import Resource, bucket_name, carries_run, mark_of

#: Seconds between looks for something whose creation was answered and that is not shown yet.
PAUSES = (1, 2)

#: Characters of a foreign name in a message.
_SHOWN = 60


class NotOurs(Inconclusive):
    """What is there under an id is not what a run made, or nothing says that it is: it is never removed."""


def proved(client: Client, resource: Resource) -> Resource:
    """The resource, seen to be what a run made.

    Raises NotOurs if it is not, Refused with 404 if nothing is there under its id, and else Refused or Inconclusive if
    that cannot be told. No id that could lead elsewhere is sent.
    """
    if not resource.run:
        raise NotOurs(f"{resource.kind.name} {_short(resource.name)} carries no run id in its name")
    if resource.kind.name == "bucket":
        if not resource.standard or resource.id != bucket_name(resource.standard, resource.run):
            raise NotOurs(f"the bucket {_short(resource.id)} is not the one of the run")
        return dataclasses.replace(resource, proved=True)
    resource.kind.one(resource.id)  # also of what is proved
    if resource.proved:
        return resource
    try:
        entry: Mapping[str, Any] = show_resource(client, resource)
    except Inconclusive as error:
        entry = _listed(client, resource, error)
    if not _is(client, resource, entry):
        raise NotOurs(f"what has the id {resource.id} is not the {resource.kind.name} {resource.name} that a run made")
    return dataclasses.replace(resource, proved=True)


def confirmed(client: Client, resource: Resource) -> Resource:
    """What the answer to a creation named, read back by its id; ``proved`` where somebody could tell.

    Raises Inconclusive where another thing, or none, has that id: then nobody knows what was made. Who may neither look
    at it nor list it has nothing but the answer, which counts.
    """
    for pause in (*PAUSES, 0):
        try:
            entry = show_resource(client, resource)
            break
        except Refused as error:
            if error.status not in (403, 404):
                return resource
            there = _ids_of_name(client, resource)
            # Keystone answers 403 also about what does not exist, so there an empty listing tells more.
            untold = there is None or (not there and resource.kind.held_by == "project")
            if resource.id in (there or ()) or (error.status == 403 and untold):
                return dataclasses.replace(resource, proved=True)
            if there or not pause:
                raise _wrong(resource, "is not there") from None
            time.sleep(pause)
        except Inconclusive:
            return resource
    if resource.kind.named and entry.get("name") != resource.name:
        raise _wrong(resource, f"is called {_short(entry.get('name'))}")
    if not resource.kind.named and mark_of(resource.run, entry) != resource.mark:
        raise _wrong(resource, "is another one")
    return dataclasses.replace(resource, proved=True)


def _wrong(resource: Resource, what: str) -> Inconclusive:
    said = f"answered the creation of {resource.kind.name} {resource.name} with the id {resource.id}"
    return Inconclusive(
        f"the {resource.kind.service} service {said}, but what has that id {what}",
        CauseKind.MALFORMED,
    )


def _is(client: Client, resource: Resource, entry: Mapping[str, Any]) -> bool:
    if resource.kind.held_by == "project" and not belongs_to_project(client, entry):
        return False
    if not resource.kind.named:
        return bool(resource.mark) and mark_of(resource.run, entry) == resource.mark
    if entry.get("name") != resource.name:
        return False
    return not resource.standard or carries_run(resource.kind, entry, resource.run, bare=resource.bare)


def _listed(client: Client, resource: Resource, refusal: Inconclusive) -> Mapping[str, Any]:
    """The entry of a listing, for what cannot be looked at by its id.

    Keystone answers 403 also to who asks for what does not exist: raises Refused with 404 if the listing is without it
    then, and ``refusal`` in all other cases, also if there is no listing.
    """
    status = refusal.status if isinstance(refusal, Refused) else 0
    if status == 404:
        raise refusal
    try:
        for identity, entry in entries_of_kind(client, resource.kind):
            if identity == resource.id:
                return entry
    except Inconclusive:
        raise refusal from None
    if status != 403:
        raise refusal
    raise Refused(f"the {resource.kind.service} service does not list it any more", 404)


def _ids_of_name(client: Client, resource: Resource) -> list[str] | None:
    """The ids of what a listing has under the name of a resource; None if nothing can tell."""
    if not resource.kind.named:
        return None
    try:
        return [
            identity for identity, entry in entries_of_kind(client, resource.kind) if entry.get("name") == resource.name
        ]
    except Inconclusive:
        return None


def _short(text: object) -> str:
    shown = show(text)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
