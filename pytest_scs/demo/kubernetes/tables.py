# SPDX-License-Identifier: Apache-2.0
"""Lists as kubectl shows them: the columns of the kinds that people look at most."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from pytest_scs.demo.kubernetes.state import Object
from pytest_scs.demo.kubernetes.wire import Call

MEDIA_TYPE = "application/json;as=Table;v=v1;g=meta.k8s.io"
_ROLE = "node-role.kubernetes.io/"
_NONE = "<none>"
#: A column: its title and what it shows of an object.
_Column = tuple[str, Callable[[Object], Any]]


def wanted(call: Call) -> bool:
    """Whether a request asks for a table."""
    first = call.request.headers.get("Accept", "").replace(" ", "").split(",")[0]
    return "as=Table" in first and "v=v1" in first.split(";")


def table(call: Call, items: list[Object], metadata: dict[str, Any]) -> dict[str, Any]:
    """A table of objects, which have all that every object has."""
    columns = [*_COLUMNS.get(call.kind.key, ()), ("Age", lambda item: _age(call, item))]
    titles = [{"name": "Name", "type": "string", "format": "name", "description": "", "priority": 0}]
    titles += [
        {"name": title, "type": "string", "format": "", "description": "", "priority": 0} for title, _ in columns
    ]
    head = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1"}
    rows = [
        {
            "cells": [item["metadata"]["name"], *(str(show(item)) for _, show in columns)],
            "object": {**head, "metadata": item["metadata"]},
        }
        for item in items
    ]
    own = {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata}
    return {**own, "columnDefinitions": titles, "rows": rows}


def _age(call: Call, item: Object) -> str:
    """How old an object is, as kubectl says it."""
    made = datetime.fromisoformat(item["metadata"]["creationTimestamp"])
    seconds = max(int((call.state.now() - made).total_seconds()), 0)
    for unit, length, least in (("d", 86400, 2 * 86400), ("h", 3600, 3 * 3600), ("m", 60, 120)):
        if seconds >= least:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"


# -- what the columns show ------------------------------------------------------------------------------------------


def _at(path: str, otherwise: Any = _NONE) -> Callable[[Object], Any]:
    """What an object has at a path of keys."""

    def show(item: Object) -> Any:
        found: Any = item
        for key in path.split("."):
            found = found.get(key) if isinstance(found, dict) else None
        return otherwise if found in (None, "") else found

    return show


def _count(path: str) -> Callable[[Object], int]:
    """How many entries an object has at a path of keys."""
    find = _at(path, ())
    return lambda item: len(find(item))


def _node_status(item: Object) -> str:
    conditions = {one.get("type"): one.get("status") for one in (item.get("status") or {}).get("conditions") or ()}
    words = ["Ready" if conditions.get("Ready") == "True" else "NotReady"]
    if (item.get("spec") or {}).get("unschedulable"):
        words.append("SchedulingDisabled")
    return ",".join(words)


def _roles(item: Object) -> str:
    labels = item["metadata"].get("labels") or {}
    return ",".join(sorted(name.removeprefix(_ROLE) for name in labels if name.startswith(_ROLE))) or _NONE


def _containers(item: Object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (item.get("status") or {}).get("containerStatuses") or []
    return found


def _ready(item: Object) -> str:
    return f"{sum(bool(one.get('ready')) for one in _containers(item))}/{len(item['spec'].get('containers') or ())}"


def _pod_status(item: Object) -> str:
    """The phase of a pod, or what its containers wait for."""
    if item["metadata"].get("deletionTimestamp"):
        return "Terminating"
    for one in _containers(item):
        waits = ((one.get("state") or {}).get("waiting") or {}).get("reason")
        if waits:
            return str(waits)
    return str((item.get("status") or {}).get("phase") or "Unknown")


def _restarts(item: Object) -> int:
    return sum(int(one.get("restartCount") or 0) for one in _containers(item))


def _ports(item: Object) -> str:
    ports = (item.get("spec") or {}).get("ports") or ()
    return ",".join(f"{one.get('port')}/{one.get('protocol', 'TCP')}" for one in ports) or _NONE


def _of_wanted(item: Object) -> str:
    """How many of the replicas that are wanted are ready."""
    return f"{_at('status.readyReplicas', 0)(item)}/{_at('spec.replicas', 1)(item)}"


def _role(item: Object) -> str:
    role = item.get("roleRef") or {}
    return f"{role.get('kind')}/{role.get('name')}"


_REPLICAS: tuple[_Column, ...] = (
    ("Ready", _of_wanted),
    ("Up-to-date", _at("status.updatedReplicas", 0)),
    ("Available", _at("status.availableReplicas", 0)),
)
_COLUMNS: dict[str, tuple[_Column, ...]] = {
    "namespaces": (("Status", _at("status.phase", "Active")),),
    "nodes": (
        ("Status", _node_status),
        ("Roles", _roles),
        ("Version", _at("status.nodeInfo.kubeletVersion")),
    ),
    "pods": (
        ("Ready", _ready),
        ("Status", _pod_status),
        ("Restarts", _restarts),
        ("Node", _at("spec.nodeName")),
    ),
    "configmaps": (("Data", _count("data")),),
    "secrets": (("Type", _at("type", "Opaque")), ("Data", _count("data"))),
    "services": (
        ("Type", _at("spec.type", "ClusterIP")),
        ("Cluster-IP", _at("spec.clusterIP")),
        ("Port(s)", _ports),
    ),
    "persistentvolumeclaims": (
        ("Status", _at("status.phase", "Pending")),
        ("Volume", _at("spec.volumeName", "")),
        ("Storageclass", _at("spec.storageClassName", "")),
    ),
    "persistentvolumes": (
        ("Capacity", _at("spec.capacity.storage")),
        ("Status", _at("status.phase", "Pending")),
        ("Storageclass", _at("spec.storageClassName", "")),
    ),
    "events": (
        ("Type", _at("type", "Normal")),
        ("Reason", _at("reason", "")),
        ("Object", lambda item: f"{_at('involvedObject.kind')(item)}/{_at('involvedObject.name')(item)}".lower()),
        ("Message", _at("message", "")),
    ),
    "deployments.apps": _REPLICAS,
    "statefulsets.apps": _REPLICAS[:1],
    "storageclasses.storage.k8s.io": (
        ("Provisioner", _at("provisioner")),
        ("Reclaimpolicy", _at("reclaimPolicy", "Delete")),
        ("Volumebindingmode", _at("volumeBindingMode", "Immediate")),
    ),
    "rolebindings.rbac.authorization.k8s.io": (("Role", _role),),
    "clusterrolebindings.rbac.authorization.k8s.io": (("Role", _role),),
    "certificatesigningrequests.certificates.k8s.io": (
        ("Signername", _at("spec.signerName")),
        ("Requestor", _at("spec.username")),
    ),
}
