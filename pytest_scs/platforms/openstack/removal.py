# SPDX-License-Identifier: Apache-2.0
"""Finding and removing what runs created: in the right order, by id, and verified.

See docs/standards/framework.md#inventory.
"""

from __future__ import annotations

import dataclasses
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

import tenacity

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.platforms.openstack import s3
from pytest_scs.platforms.openstack.client import Client, Refused
from pytest_scs.platforms.openstack.kinds import KINDS, Kind

#: Names of what runs create: ``_scs-0117-1a2b3c4d-volume``.
NAME = re.compile(r"_scs-(?P<standard>\d{4})-(?P<run>[0-9a-f]{8})-(?P<what>[a-z0-9-]+)")

#: Names of what Tempest creates for a run: ``_scs-0128-1a2b3c4d-ServersTestJSON-server-42``. Nothing but the run id
#: tells where they come from, so they count only for runs that are known.
TEMPEST_NAME = re.compile(r"_scs-0128-(?P<run>[0-9a-f]{8})-.+", re.DOTALL)

#: Metadata keys of what runs create, where the kind has metadata.
RUN_KEY = "scs_conformance_run"
CREATED_KEY = "scs_conformance_created"

#: Seconds to wait until all deletions are accepted, and until all are carried out.
ACCEPTANCE = 110
DELETION = 300


@dataclasses.dataclass(frozen=True, slots=True)
class Resource:
    """Something a run created, or is about to create (then without id).

    ``created``: UTC in ISO format, if known. ``key``: what else its removal needs, the access key of a bucket.
    """

    kind: Kind
    name: str
    id: str
    created: str = ""
    key: str = ""

    @property
    def standard(self) -> str:
        """The number of the standard it was made for, ``0123``; empty where its name does not say."""
        match = NAME.fullmatch(self.name)
        return match["standard"] if match else ""

    @property
    def run(self) -> str:
        """The id of the run that made it."""
        match = NAME.fullmatch(self.name) or TEMPEST_NAME.fullmatch(self.name)
        return match["run"] if match else ""

    def __str__(self) -> str:
        return f"{self.kind.name} {self.name} ({self.id})"


@dataclasses.dataclass(frozen=True, slots=True)
class Lent:
    """EC2 credentials for the removal of a bucket, and a line for each other pair that there may be by now."""

    key: Resource
    doubts: list[str]


def identity_of(entry: dict[str, Any]) -> str:
    """The id in a cloud's answer about one resource; Barbican's is the end of a URL, EC2 credentials have a key."""
    reference = str(entry.get("secret_ref", "")).rstrip("/")
    return str(entry.get("id") or entry.get("access") or reference.rpartition("/")[2])


def show_resource(client: Client, resource: Resource) -> dict[str, Any]:
    """The resource as the cloud has it now; raises Refused (404 when it is gone) and Inconclusive."""
    answer = client.get(resource.kind.service, resource.kind.one(resource.id), **resource.kind.options)
    content = answer.get(resource.kind.key, answer)
    if not isinstance(content, dict):
        kind = resource.kind
        raise Inconclusive(
            f"the {kind.service} service does not show the {kind.name} in the documented form", CauseKind.MALFORMED
        )
    return content


def delete_resource(
    client: Client, resource: Resource, seconds: float | None = None, cancelled: threading.Event | None = None
) -> None:
    """Delete a resource and make sure that it is gone; raises Refused (also 403) or Inconclusive if it is not.

    ``seconds`` bound the wait after the deletion was accepted; ``cancelled`` ends it earlier.
    """
    seconds = DELETION if seconds is None else seconds
    cancelled = cancelled or threading.Event()
    if resource.kind.name == "bucket":
        s3.remove_bucket(client, resource.id, resource.key)
        return
    try:
        if resource.kind.name == "router":
            _detach(client, resource)
        client.delete(resource.kind.service, resource.kind.one(resource.id), version=resource.kind.version)
    except Refused as error:
        if error.status != 404 and not (error.status == 403 and _unlisted(client, resource)):
            raise
    gone = tenacity.Retrying(
        retry=tenacity.retry_if_result(lambda result: not result),
        wait=tenacity.wait_exponential(multiplier=0.25, max=5),
        stop=tenacity.stop_after_delay(seconds) | tenacity.stop_when_event_set(cancelled),
        sleep=tenacity.sleep_using_event(cancelled),
        retry_error_callback=lambda state: False,
    )
    if not gone(_gone, client, resource):
        raise Inconclusive(f"it is still there {seconds:.0f} s after its deletion was accepted", CauseKind.TIMEOUT)


def remove_resources(
    client: Client,
    resources: Iterable[Resource],
    removed: Callable[[Resource], None],
    lend: Callable[[Resource], Lent],
) -> list[str]:
    """Remove resources in the order of kinds; returns a line for each that is still there. Never raises.

    All of them together are waited for: what holds one resource often holds the next. The key of a bucket that is still
    there is kept, for nothing else could remove the bucket. Where that key is gone, ``lend`` makes a bucket a new one,
    which is removed afterwards, whether the bucket is gone or not. Buckets are known from journals only, never by name.
    """
    order = list(KINDS)
    started = time.monotonic()
    problems: list[str] = []
    doubts: list[str] = []
    needed: set[str] = set()
    waiting = deque(sorted(resources, key=lambda one: order.index(one.kind.name)))
    while waiting:
        resource = waiting.popleft()
        if resource.id in needed:
            problems.append(f"{resource} is kept: its bucket cannot be removed without it")
            continue
        key = resource.key
        try:
            try:
                _patiently(client, resource, started)
            except s3.KeyGone:
                key = ""
                lent = lend(resource)
                waiting.appendleft(lent.key)
                doubts += lent.doubts
                _patiently(client, dataclasses.replace(resource, key=waiting[0].id), started)
        except Exception as error:  # one that cannot be removed must not keep the others
            problems.append(f"{resource} could not be removed: {words_of_error(error)}")
            needed.update([key] if key else [])
        else:
            removed(resource)
    return problems + doubts


def words_of_error(error: Exception) -> str:
    """What went wrong, in the words of an Inconclusive, else with the kind of error before it."""
    return str(error) if isinstance(error, Inconclusive) else f"{type(error).__name__}: {error}"


def resources_of_runs(
    client: Client, kind: Kind, runs: Collection[str] = (), names: Collection[str] = ()
) -> Iterator[Resource]:
    """All resources of a kind that carry a run id; raises Inconclusive if they cannot be listed.

    What belongs to another project, which shares it or made it public, is never among them. Names as Tempest makes them
    are recognised for the run ids in ``runs``, which somebody has to vouch for; ``names`` are those that a journal says
    a run was about to give.
    """
    for identity, entry in entries_of_kind(client, kind):
        if kind.held_by == "project" and not belongs_to_project(client, entry):
            continue
        name = str(entry.get("name") or "")
        match = NAME.fullmatch(name)
        tempest = TEMPEST_NAME.fullmatch(name)
        if name in names or (match and _ours(kind, entry, match["run"])) or (tempest and tempest["run"] in runs):
            created = entry.get("created_at") or entry.get("created") or ""
            yield Resource(kind, name, identity, str(created))


def entries_of_kind(client: Client, kind: Kind) -> Iterator[tuple[str, dict[str, Any]]]:
    """Id and content of all resources of a kind that we can see; raises Inconclusive if they cannot be listed."""
    try:
        yield from _entries(client, kind)
    except (KeyError, TypeError, AttributeError) as error:
        listing = f"the {kind.service} service's listing of {kind.plural}"
        raise Inconclusive(
            f"{listing} does not have the documented form ({words_of_error(error)})", CauseKind.MALFORMED
        ) from None


def _entries(client: Client, kind: Kind) -> Iterator[tuple[str, dict[str, Any]]]:
    for page in client.pages(kind.service, kind.listing, lambda page: _next_link(kind, page), **kind.options):
        if kind.plural not in page:
            raise Inconclusive(
                f"the {kind.service} service answered without a listing of {kind.plural}", CauseKind.MALFORMED
            )
        for listed in page[kind.plural]:
            # Nova puts each key pair into an envelope of its own, and knows it by its name.
            entry = listed.get(kind.key) if isinstance(listed.get(kind.key), dict) else listed
            yield identity_of(entry) or str(entry.get("name")), entry


def belongs_to_project(client: Client, entry: dict[str, Any]) -> bool:
    """Whether what a listing shows is the project's: those of networks and images have what is of others, too."""
    project = client.access().project_id
    owner = entry.get("project_id") or entry.get("tenant_id") or entry.get("owner") or project
    return bool(owner == project)


def _patiently(client: Client, resource: Resource, started: float) -> None:
    """Cinder refuses to delete what is still being made, and an API may be down: try until it is accepted.

    ``started``: when the removal of all of them began, on the monotonic clock.
    """
    passed = time.monotonic() - started
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception(_may_pass),
        wait=tenacity.wait_exponential(multiplier=1, max=10),
        stop=tenacity.stop_after_delay(max(0, ACCEPTANCE - passed)),
        sleep=time.sleep,
        reraise=True,
    )
    retrying(delete_resource, client, resource, max(0, DELETION - passed))


def _may_pass(error: BaseException) -> bool:
    """Whether waiting may help; what is forbidden stays so."""
    if isinstance(error, Refused):
        return error.status not in (401, 403)
    return isinstance(error, Inconclusive) and not isinstance(error, (s3.KeyGone, s3.HoldsOthers))


def _unlisted(client: Client, resource: Resource) -> bool:
    """Whether a listing says that it is gone: Keystone answers 403 also to who asks for what does not exist."""
    if resource.kind.held_by == "project":
        return False
    try:
        return _missing(client, resource)
    except Inconclusive:
        return False


def _missing(client: Client, resource: Resource) -> bool:
    return all(found.id != resource.id for found in resources_of_runs(client, resource.kind))


def _gone(client: Client, resource: Resource) -> bool:
    shared = resource.kind.held_by != "project"
    try:
        if shared:
            return _missing(client, resource)
    except Refused:
        pass  # who may not list it may still ask for it
    except Inconclusive:
        return False
    try:
        status = str(show_resource(client, resource).get("status", "")).lower()
    except Refused as error:
        return error.status == 404 or (shared and error.status == 403)
    except Inconclusive:
        return False
    if status == "soft_deleted":
        _force(client, resource)
    return status == "deleted"


def _force(client: Client, server: Resource) -> None:
    """Delete a server for good that Nova only set aside (reclaim_instance_interval); its owner may ask for that.

    Raises Refused where waiting does not help.
    """
    try:
        client.send("POST", server.kind.service, f"{server.kind.one(server.id)}/action", {"forceDelete": None})
    except Inconclusive as error:
        if isinstance(error, Refused) and error.status in (400, 401, 403):
            raise


def _detach(client: Client, router: Resource) -> None:
    """Take a router off its networks, which Neutron demands before its deletion."""
    ports = client.get("network", f"/ports?device_id={router.id}", version="2").get("ports", ())
    for port in ports:
        if str(port.get("device_owner", "")).startswith("network:router_interface"):
            path = f"{router.kind.one(router.id)}/remove_router_interface"
            client.put("network", path, {"port_id": port["id"]}, version="2")


def _ours(kind: Kind, entry: dict[str, Any], run: str) -> bool:
    """Where a kind has metadata, the name alone does not prove that a run made it."""
    if not kind.metadata:
        return True
    if kind.metadata == "description":
        return str(entry.get("description")) == description_for_run(run)
    tags = entry if kind.metadata == "properties" else entry.get("metadata")
    return isinstance(tags, dict) and bool(tags.get(RUN_KEY) == run)


def description_for_run(run: str) -> str:
    """The description of what a run makes, where a kind has no metadata."""
    return f"{RUN_KEY}={run}"


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
