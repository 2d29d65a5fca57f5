# SPDX-License-Identifier: Apache-2.0
"""Removing what runs made in a cluster: only what is seen to be theirs, by uid, and verified.

See docs/standards/framework.md#inventory.
"""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pytest_scs.base.words import shown
from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.platforms.kubernetes.belongings import (
    Belonging,
    claimed_namespace,
    is_of_run,
    metadata_of,
    name_of,
    part_of,
    uid_of,
)
from pytest_scs.platforms.kubernetes.client import Client, Refused
from pytest_scs.platforms.kubernetes.kinds import KINDS
from pytest_scs.platforms.kubernetes.polling import looks, may_pass

#: Seconds to wait until all deletions are carried out.
DELETION = 300

#: Characters of what a cluster says in a message.
_SHOWN = 400


class NotOurs(Inconclusive):
    """What has the name is not what a run made, or nothing says that it is: it is never removed."""


def find(client: Client, belonging: Belonging) -> Mapping[str, Any] | None:
    """What the cluster has under a name, seen to be what the run made; None if it is not there (any more).

    Raises NotOurs where something else has that name, and Inconclusive where it cannot be told.
    """
    try:
        entry = _read(client, belonging)
    except Refused as error:
        if error.status == 404:
            return None
        raise
    if belonging.uid and uid_of(entry) != belonging.uid:
        return entry if _says_so_itself(belonging, entry) else None
    if not is_of_run(belonging, entry):
        raise NotOurs(f"what is called {belonging.name} is not what a run made, or nothing says so: it is left alone")
    return entry


def _read(client: Client, belonging: Belonging) -> Mapping[str, Any]:
    """What the cluster has under a name; raises Refused, and Inconclusive where it answers with something else.

    That another one has the name by now is told by its uid: an answer without says nothing.
    """
    kind, name = belonging.kind, belonging.name
    entry = client.get(kind.api, kind.read, name)
    if name_of(entry) != name or not uid_of(entry):
        raise Inconclusive(f"the API server answered with another {kind.name} than {name}", CauseKind.MALFORMED)
    return entry


def _says_so_itself(belonging: Belonging, entry: Mapping[str, Any]) -> bool:
    """Whether what has the name of something by now is of that run as well: a lost request was carried out late."""
    return is_of_run(dataclasses.replace(belonging, uid="", claimed=False), entry)


def begin(client: Client, belonging: Belonging) -> Belonging | None:
    """Have something deleted; returns it with its uid, or None if it is gone already.

    Nothing is sent but questions unless it is seen to be what a run made. Raises NotOurs, Refused and Inconclusive.
    """
    entry = find(client, belonging)
    if entry is None:
        return None
    found = dataclasses.replace(belonging, uid=uid_of(entry))
    if not belonging.kind.deleted:
        let_volume_go(client, entry)
        return found
    if metadata_of(entry).get("deletionTimestamp"):
        return found
    if belonging.kind.name == "namespace":
        free_volumes(client, belonging.name)
    options = {"preconditions": {"uid": found.uid}, "propagationPolicy": "Background"}
    try:
        client.call(belonging.kind.api, belonging.kind.delete, belonging.name, body=options, again=True)
    except Refused as error:
        # 409: it is being removed already, or it is another one by now. 404: it was there a moment ago; who waits sees.
        if error.status not in (404, 409):
            raise
    return found


def free_volumes(client: Client, namespace: str) -> None:
    """Have the volumes of the claims in a namespace of ours go with them, also where their class would keep them."""
    try:
        volumes = client.list("CoreV1Api", "list_persistent_volume")
    except Inconclusive:
        return  # who may not even list them has claimed none
    for volume in volumes:
        if claimed_namespace(volume) == namespace:
            let_volume_go(client, volume)


def let_volume_go(client: Client, volume: Mapping[str, Any]) -> None:
    """Have a volume that was made for a claim of ours deleted with that claim; never raises."""
    name = name_of(volume)
    if name and part_of(volume, "spec").get("persistentVolumeReclaimPolicy") == "Retain":
        # With its uid, so that nothing else of that name is changed.
        body = {"metadata": {"uid": uid_of(volume)}, "spec": {"persistentVolumeReclaimPolicy": "Delete"}}
        try:
            client.call("CoreV1Api", "patch_persistent_volume", name, body)
        except Inconclusive:
            return  # it is looked for at the end


def remove_belongings(
    client: Client,
    belongings: Iterable[Belonging],
    removed: Callable[[Belonging], None],
    until: float | None = None,
) -> list[str]:
    """Remove things; returns a line for each that is still there. Never raises Inconclusive.

    All deletions are asked for first, then waited for. ``until``, on the monotonic clock, ends it: what was not begun
    then is left. ``removed`` gets what is gone.
    """
    order = list(KINDS)
    things = sorted(belongings, key=lambda one: order.index(one.kind.name))
    limit = time.monotonic() + DELETION * client.patience
    until = limit if until is None else min(until, limit)
    problems: list[str] = []
    begun: list[tuple[Belonging, Belonging]] = []
    for thing in things:
        if time.monotonic() >= until:
            problems.append(f"{thing} is left: the time for removals is over; {command_for(thing)}")
            continue
        try:
            found = _patiently(client, thing, until)
        except Inconclusive as error:
            problems.append(f"{thing} could not be removed: {with_command(thing, error)}")
            continue
        if found is None:
            removed(thing)
        else:
            begun.append((thing, found))
    for thing, found in begun:
        if problem := _wait(client, found, until):
            problems.append(problem)
        else:
            removed(thing)
    return problems


def _patiently(client: Client, thing: Belonging, until: float) -> Belonging | None:
    """Ask for a deletion until it is accepted, refused for good, or the time is over."""
    for _ in looks(max(0.0, min(client.deadline, until - time.monotonic())), threading.Event()):
        try:
            return begin(client, thing)
        except NotOurs:
            raise
        except Inconclusive as error:
            problem = error
            if not may_pass(error):
                break
    raise problem


def _wait(client: Client, thing: Belonging, until: float) -> str:
    """Wait until something is gone; a line about it if it is still there, or nobody can tell."""
    began = time.monotonic()
    entry: Mapping[str, Any] = {}
    problem = ""
    for _ in looks(max(0.0, until - began), threading.Event()):
        try:
            found = _read(client, thing)
        except Inconclusive as error:
            if isinstance(error, Refused) and error.status == 404:
                return ""
            problem = str(error)
            continue
        if uid_of(found) != thing.uid:
            if not _says_so_itself(thing, found):
                return ""
            try:
                thing = begin(client, thing) or thing
            except Inconclusive as error:
                problem = str(error)
                continue
        entry, problem = found, ""
    seconds = time.monotonic() - began
    why = problem or what_holds(entry) or "the cluster does not say why"
    return f"{thing} is still there {seconds:.0f} s after its deletion was asked for: {why}; {command_for(thing)}"


def what_holds(entry: Mapping[str, Any]) -> str:
    """What keeps something from vanishing, in the cluster's words: conditions that hold, else finalizers."""
    status, spec, metadata = (entry.get(key) for key in ("status", "spec", "metadata"))
    conditions = status.get("conditions") if isinstance(status, Mapping) else None
    holding = [
        f"{one.get('reason') or one.get('type')}: {one.get('message')}"
        for one in (conditions if isinstance(conditions, list) else ())
        if isinstance(one, Mapping) and one.get("status") == "True"
    ]
    if isinstance(status, Mapping) and status.get("message"):
        holding.append(f"{status.get('phase')}: {status['message']}")
    if holding:
        return shown("; ".join(holding), _SHOWN)
    finalizers = [
        str(one)
        for part in (metadata, spec)
        if isinstance(part, Mapping) and isinstance(part.get("finalizers"), list)
        for one in part["finalizers"]
    ]
    return shown(f"held by {', '.join(finalizers)}", _SHOWN) if finalizers else ""


def with_command(thing: Belonging, error: Inconclusive) -> str:
    """Why something cannot be removed, with what to do about it; only a look at it where nothing says it is ours."""
    if isinstance(error, NotOurs):
        return f"{error}; see: kubectl get {thing.kind.name} {thing.name} --show-labels"
    return f"{error}; {command_for(thing)}"


def command_for(thing: Belonging) -> str:
    """What to do about something that is still there, as commands of kubectl."""
    if thing.kind.name == "namespace":
        return (
            f"see: kubectl get namespace {thing.name} -o yaml; kubectl get apiservices | grep False; "
            f"then: kubectl delete namespace {thing.name}"
        )
    if thing.kind.name == "persistentvolume":
        return f"see: kubectl describe persistentvolume {thing.name}"
    return f"then: kubectl delete {thing.kind.name} {thing.name}"
