# SPDX-License-Identifier: Apache-2.0
"""What a cloud shows of the kinds of things that runs create: one of them, all of them, and those of runs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.platforms.openstack.kinds import Kind
from pytest_scs.platforms.openstack.resource import NAME, TEMPEST_NAME, Resource, carries_none, carries_run, identity_of

#: Names that a journal says a run was about to give, by kind; True for what is made without metadata.
Vouched = Mapping[tuple[str, str], bool]


def show_resource(client: Client, resource: Resource) -> dict[str, Any]:
    """The resource as the cloud has it now; raises Refused (404 when it is gone) and Inconclusive."""
    kind = resource.kind
    answer = client.get(kind.service, kind.one(resource.id), **kind.options)
    content = answer.get(kind.key, None if kind.enveloped else answer)
    if not isinstance(content, dict):
        raise Inconclusive(
            f"the {kind.service} service does not show the {kind.name} in the documented form", CauseKind.MALFORMED
        )
    return content


def resources_of_runs(
    client: Client,
    kind: Kind,
    runs: Collection[str] = (),
    vouched: Vouched | None = None,
    unmarked: list[Resource] | None = None,
) -> Iterator[Resource]:
    """All resources of a kind that carry a run id; raises Inconclusive if they cannot be listed.

    What belongs to another project, which shares it or made it public, is never among them. Names as Tempest makes them
    are recognised for the run ids in ``runs``, which somebody has to vouch for; ``vouched`` is needed for what has no
    metadata yet. ``unmarked`` gets what could be such a thing for which nobody vouches.
    """
    for identity, entry in entries_of_kind(client, kind):
        if kind.held_by == "project" and not belongs_to_project(client, entry):
            continue
        name = entry.get("name")
        if not isinstance(name, str):
            continue
        bare = (vouched or {}).get((kind.name, name), False)
        match = NAME.fullmatch(name)
        tempest = TEMPEST_NAME.fullmatch(name)
        if (match and carries_run(kind, entry, match["run"], bare=bare)) or (tempest and tempest["run"] in runs):
            created = entry.get("created_at") or entry.get("created") or ""
            yield Resource(kind, name, identity, str(created), bare=bare, proved=True)
        elif match and unmarked is not None and kind.copied and carries_none(kind, entry):
            unmarked.append(Resource(kind, name, identity))


def entries_of_kind(client: Client, kind: Kind) -> Iterator[tuple[str, dict[str, Any]]]:
    """Id and content of all resources of a kind that we can see; raises Inconclusive if they cannot be listed."""
    try:
        yield from _entries(client, kind)
    except (KeyError, TypeError, AttributeError):
        listing = f"the {kind.service} service's listing of {kind.plural}"
        raise Inconclusive(f"{listing} does not have the documented form", CauseKind.MALFORMED) from None


def _entries(client: Client, kind: Kind) -> Iterator[tuple[str, dict[str, Any]]]:
    for page in client.pages(kind.service, kind.listing, lambda page: _next_link(kind, page), **kind.options):
        if kind.plural not in page:
            raise Inconclusive(
                f"the {kind.service} service answered without a listing of {kind.plural}", CauseKind.MALFORMED
            )
        if not isinstance(page[kind.plural], list):
            raise TypeError  # a mapping or a text can be walked through, too
        for listed in page[kind.plural]:
            # Nova puts each key pair into an envelope of its own, and knows it by its name.
            entry = listed.get(kind.key) if isinstance(listed.get(kind.key), dict) else listed
            identity = identity_of(entry) or entry["name"]
            if not isinstance(identity, str) or not identity:
                raise TypeError
            yield identity, entry


def belongs_to_project(client: Client, entry: Mapping[str, Any]) -> bool:
    """Whether what a listing shows is the project's: those of networks and images have what is of others, too."""
    project = client.access().project_id
    owner = entry.get("project_id") or entry.get("tenant_id") or entry.get("owner") or project
    return bool(owner == project)


def _next_link(kind: Kind, page: dict[str, Any]) -> str | None:
    if page.get("truncated"):
        raise Inconclusive(
            f"the {kind.service} service gives only the first {kind.plural} (list_limit)", CauseKind.MALFORMED
        )
    links = page.get("links")
    if isinstance(links, dict) and links.get("next"):
        return str(links["next"])
    if isinstance(page.get("next"), str):
        return str(page["next"])
    for key in (f"{kind.plural}_links", f"{kind.key}_links"):
        for link in page.get(key) or ():
            if link.get("rel") == "next":
                return str(link["href"])
    return None
