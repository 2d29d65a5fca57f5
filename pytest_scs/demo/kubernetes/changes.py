# SPDX-License-Identifier: Apache-2.0
"""How objects of the demo cluster come, change and go, so that those who watch see it; and what takes its time."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable
from typing import Any

from pytest_scs.demo.kubernetes.state import ClusterState, Event, Object


def add(state: ClusterState, key: str, item: Object) -> Object:
    """Store a new object and give it what every object has; returns it."""
    metadata = item["metadata"]
    metadata["uid"] = str(uuid.uuid4())
    metadata["creationTimestamp"] = stamp(state)
    state.all(key).append(item)
    _note(state, "ADDED", key, item)
    return item


def touch(state: ClusterState, key: str, item: Object) -> Object:
    """Note that a stored object has changed."""
    state.complete(item)
    _note(state, "MODIFIED", key, item)
    return item


def remove(state: ClusterState, key: str, item: Object) -> None:
    """Take an object out, if it is still there."""
    items = state.all(key)
    if any(other is item for other in items):
        items[:] = [other for other in items if other is not item]
        _note(state, "DELETED", key, item)


def _note(state: ClusterState, kind: str, key: str, item: Object) -> None:
    state.revision += 1
    item["metadata"]["resourceVersion"] = str(state.revision)
    state.events.append(Event(state.revision, kind, key, copy.deepcopy(item)))


def stamp(state: ClusterState) -> str:
    """The time as the API writes it."""
    return f"{state.now():%Y-%m-%dT%H:%M:%SZ}"


def report(state: ClusterState, key: str, item: Object, reason: str, message: str, *, bad: bool = False) -> None:
    """Make an Event about an object in its namespace."""
    resource = state.resource(key)
    metadata = item["metadata"]
    namespace = metadata.get("namespace") or "default"
    about: dict[str, Any] = {"kind": resource.kind if resource else "", "apiVersion": "v1", "name": metadata["name"]}
    about |= {"namespace": metadata.get("namespace", ""), "uid": metadata.get("uid", "")}
    now = stamp(state)
    event: Object = {
        "metadata": {"name": f"{metadata['name']}.{uuid.uuid4().hex[:16]}", "namespace": namespace},
        "involvedObject": about,
        "reason": reason,
        "message": message,
        "type": "Warning" if bad else "Normal",
        "firstTimestamp": now,
        "lastTimestamp": now,
        "count": 1,
        "source": {"component": "demo"},
    }
    add(state, "events", event)


def later(state: ClusterState, task: str, done: Callable[[], None], failed: Callable[[], None] | None = None) -> None:
    """Have a task end well or, if it is broken, badly, when its time has come; never if it is stuck."""
    if task in state.stuck:
        return
    action = failed if failed is not None and task in state.broken else done
    state.timeline.later(state.delays.get(task, 0.0), action)
