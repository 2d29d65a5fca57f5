# SPDX-License-Identifier: Apache-2.0
"""Finding and removing what runs created: in the right order, by id, and verified.

See docs/standards/framework.md#inventory.
"""

from __future__ import annotations

import dataclasses
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable

import tenacity

from pytest_scs.base.fields import Fields
from pytest_scs.base.forms import objects
from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.platforms.openstack import polling, s3
from pytest_scs.platforms.openstack.answers import reading
from pytest_scs.platforms.openstack.client import Client, Refused
from pytest_scs.platforms.openstack.kinds import KINDS
from pytest_scs.platforms.openstack.listed import entries_of_kind, show_resource
from pytest_scs.platforms.openstack.proof import NotOurs, proved
from pytest_scs.platforms.openstack.resource import CREATED_KEY, RUN_KEY, Resource
from pytest_scs.platforms.openstack.retrying import LoginRefused

__all__ = ["CREATED_KEY", "RUN_KEY", "Lent", "Resource", "delete_resource", "remove_resources", "show_resource"]

#: Seconds to wait until all deletions are accepted, and until all are carried out.
ACCEPTANCE = 110
DELETION = 300

#: Seconds that each deletion gets, however long those before took: what holds one must not make others look left.
LEAST = 5

#: Seconds to wait until deletions are carried out of which the end of the run would see to the rest.
ASIDE = 60

#: Seconds to wait for what the cloud says is not there when it is to be deleted, and shows all the same.
CONTRADICTION = 10


class StaysThere(Inconclusive):
    """A cloud that says that something is gone goes on showing it: no waiting helps."""


@dataclasses.dataclass(frozen=True, slots=True)
class Lent:
    """EC2 credentials for the removal of a bucket, and a line for each other pair that there may be by now."""

    key: Resource
    doubts: list[str]


# What owns a port by which a router is in a network.
_INTERFACE = "network:router_interface"


def delete_resource(
    client: Client, resource: Resource, seconds: float | None = None, cancelled: threading.Event | None = None
) -> None:
    """Delete a resource and make sure that it is gone; raises Refused (also 403) or Inconclusive if it is not.

    Nothing is sent but questions unless it is seen to be what a run made (NotOurs). ``seconds`` bound the wait after
    the deletion was accepted; ``cancelled`` ends it earlier.
    """
    seconds = DELETION * client.patience if seconds is None else seconds
    try:
        resource = proved(client, resource)
    except Refused as error:
        if error.status == 404:
            return
        raise
    if resource.kind.name == "bucket":
        s3.remove_bucket(client, resource.id, resource.key)
        return
    denied = _ask_for_deletion(client, resource)
    if denied:
        seconds = min(seconds, CONTRADICTION)
    if _wait_until_gone(client, resource, seconds, cancelled or threading.Event(), also_listed=denied):
        return
    if denied:
        raise StaysThere("its deletion is answered as if it were gone, but it is still shown", CauseKind.OUTAGE)
    if seconds < 1:
        raise Inconclusive("it is still there after its deletion was accepted", CauseKind.TIMEOUT)
    raise Inconclusive(f"it is still there {seconds:.0f} s after its deletion was accepted", CauseKind.TIMEOUT)


def _ask_for_deletion(client: Client, resource: Resource) -> bool:
    """Whether the cloud denies that it is there; raises Refused or Inconclusive if the deletion is not accepted."""
    try:
        if resource.kind.name == "router":
            _detach(client, resource)
        client.delete(resource.kind.service, resource.kind.one(resource.id), version=resource.kind.version)
    except Refused as error:
        if error.status == 404:
            return True
        if error.status != 403 or not _unlisted(client, resource):
            raise
    return False


def _wait_until_gone(
    client: Client, resource: Resource, seconds: float, cancelled: threading.Event, *, also_listed: bool
) -> bool:
    gone = tenacity.Retrying(
        retry=tenacity.retry_if_result(lambda result: not result),
        wait=polling.growing_pause,
        stop=tenacity.stop_after_delay(seconds) | tenacity.stop_when_event_set(cancelled),
        sleep=tenacity.sleep_using_event(cancelled),
        retry_error_callback=lambda state: False,
    )
    return bool(gone(_gone, client, resource, also_listed=also_listed))


def remove_resources(
    client: Client,
    resources: Iterable[Resource],
    removed: Callable[[Resource], None],
    lend: Callable[[Resource], Lent],
    until: float | None = None,
) -> list[str]:
    """Remove resources in the order of kinds; returns a line for each that is still there. Never raises.

    ``until``, on the monotonic clock, ends it: what was not begun then is left. All of them together are waited for:
    what holds one resource often holds the next. The key of a bucket that is still there is kept, for nothing else
    could remove the bucket. Where that key is gone, ``lend`` makes a bucket a new one, which is removed afterwards,
    whether the bucket is gone or not. Buckets are known from journals only, never by name.
    """
    started = time.monotonic()
    problems, doubts, needed = list[str](), list[str](), set[str]()
    waiting = deque(sorted(resources, key=lambda one: list(KINDS).index(one.kind.name)))
    while waiting:
        resource = waiting.popleft()
        key = resource.key
        if why := _why_not(resource, needed, until):
            problems.append(f"{resource} is {why}")
            needed.update([key] if key else [])
            continue
        try:
            try:
                _patiently(client, resource, started, until)
            except s3.KeyGone:
                key = ""
                lent = lend(resource)
                waiting.appendleft(lent.key)
                doubts += lent.doubts
                _patiently(client, dataclasses.replace(resource, key=waiting[0].id), started, until)
        except Exception as error:  # one that cannot be removed must not keep the others
            problems.append(f"{resource} could not be removed: {words_of_error(error)}")
            needed.update([key] if key else [])
        else:
            removed(resource)
    return problems + doubts


def _why_not(resource: Resource, needed: Collection[str], until: float | None) -> str:
    """Why the removal of something is not begun; empty if it is."""
    if resource.id in needed:
        return "kept: its bucket cannot be removed without it"
    return "left: the time for removals is over" if until is not None and time.monotonic() >= until else ""


def words_of_error(error: Exception) -> str:
    """What went wrong, in the words of an Inconclusive, else with the kind of error before it."""
    return str(error) if isinstance(error, Inconclusive) else f"{type(error).__name__}: {error}"


def _patiently(client: Client, resource: Resource, started: float, until: float | None) -> None:
    """Cinder refuses to delete what is still being made, and an API may be down: try until it is accepted.

    ``started``: when the removal of all of them began, on the monotonic clock; ``until``: when it has to end.
    """
    now = time.monotonic()
    passed = now - started
    left = DELETION * client.patience if until is None else until - now
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception(_may_pass),
        wait=tenacity.wait_exponential(multiplier=1, max=10),
        stop=tenacity.stop_after_delay(max(0, min(left, ACCEPTANCE * client.patience - passed))),
        sleep=time.sleep,
        reraise=True,
    )
    retrying(delete_resource, client, resource, max(0, min(left, max(LEAST, DELETION * client.patience - passed))))


def _may_pass(error: BaseException) -> bool:
    """Whether waiting may help; what is forbidden stays so."""
    if isinstance(error, (s3.KeyGone, s3.HoldsOthers, s3.NotAllowed, NotOurs, StaysThere)):
        return False
    if isinstance(error, Refused):
        return error.status not in (401, 403)
    if isinstance(error, LoginRefused):
        return not error.for_good
    return isinstance(error, Inconclusive)


def _unlisted(client: Client, resource: Resource) -> bool:
    """Whether a listing says that it is gone: Keystone answers 403 also to who asks for what does not exist."""
    if resource.kind.held_by == "project":
        return False
    try:
        return _missing(client, resource)
    except Inconclusive:
        return False


def _unlisted_or_untold(client: Client, resource: Resource) -> bool:
    try:
        return _missing(client, resource)
    except Inconclusive:
        return True


def _missing(client: Client, resource: Resource) -> bool:
    return all(identity != resource.id for identity, _ in entries_of_kind(client, resource.kind))


def _gone(client: Client, resource: Resource, *, also_listed: bool = False) -> bool:
    """Whether it is gone; ``also_listed``: where the cloud denies it anyway, a listing must not have it, either."""
    shared = resource.kind.held_by != "project"
    try:
        if shared:
            return _missing(client, resource)
    except Refused:
        pass  # who may not list it may still ask for it
    except Inconclusive as error:
        return _untold(error)
    try:
        status = str(show_resource(client, resource).get("status", "")).lower()
    except Refused as error:
        if error.status == 404 and also_listed and resource.kind.listing:
            return _unlisted_or_untold(client, resource)
        return error.status == 404 or (shared and error.status == 403)
    except Inconclusive as error:
        return _untold(error)
    if status == "soft_deleted":
        _force(client, resource)
    return status == "deleted"


def _untold(error: Inconclusive) -> bool:
    """That something is not seen to be gone; raises the error again if no waiting will change that."""
    if isinstance(error, LoginRefused) and error.for_good:
        raise error
    return False


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
    """Take a router off its networks, which Neutron demands before its deletion; raises Inconclusive."""
    answer = client.get("network", f"/ports?device_id={router.id}", version="2")
    with reading("network GET /v2.0/ports"):
        ports = [Fields("port", port) for port in objects(answer, "ports")]
        inside = [port.name("id") for port in ports if port.text("device_owner").startswith(_INTERFACE)]
    for port in inside:
        path = f"{router.kind.one(router.id)}/remove_router_interface"
        client.put("network", path, {"port_id": port}, version="2")
