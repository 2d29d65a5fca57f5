# SPDX-License-Identifier: Apache-2.0
"""What is known of a cluster, typed; made of plain data, which is recorded.

A key that a server may leave out is absent or null here as there; what is there must have the form that the Kubernetes
API promises.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from pytest_scs.base.fields import Fields, FormError


@dataclasses.dataclass(frozen=True, slots=True)
class ServerVersion:
    """The version of the API server, as it says it: ``v1.36.3``."""

    git_version: str

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> ServerVersion:
        """Raises FormError."""
        return cls(Fields("version", data).name("gitVersion"))


@dataclasses.dataclass(frozen=True, slots=True)
class Taint:
    """A taint of a node."""

    key: str
    effect: str


@dataclasses.dataclass(frozen=True, slots=True)
class Node:
    """A node. ``conditions`` by type, ``info`` is ``status.nodeInfo``, ``addresses`` are pairs of type and address."""

    name: str
    labels: Mapping[str, str]
    taints: tuple[Taint, ...]
    unschedulable: bool
    provider_id: str
    pod_cidrs: tuple[str, ...]
    conditions: Mapping[str, str]
    info: Mapping[str, str]
    addresses: tuple[tuple[str, str], ...]

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Node:
        """A node of what :func:`slim_node` keeps; raises FormError."""
        name = Fields("node", data).name("name")
        where = f"node {name}"
        fields = Fields(where, data)
        return cls(
            name=name,
            labels=texts_by_name(where, data, "labels"),
            taints=tuple(Taint(taint.text("key", ""), taint.text("effect", "")) for taint in listed(fields, "taints")),
            unschedulable=fields.truth("unschedulable", False),
            provider_id=fields.text("providerID", ""),
            pod_cidrs=fields.texts("podCIDRs"),
            conditions={one.text("type", ""): one.text("status", "") for one in listed(fields, "conditions")},
            info=texts_by_name(where, data, "nodeInfo"),
            addresses=tuple((one.text("type", ""), one.text("address", "")) for one in listed(fields, "addresses")),
        )

    @property
    def ready(self) -> bool:
        """Whether the node says that it is ready."""
        return self.conditions.get("Ready") == "True"


@dataclasses.dataclass(frozen=True, slots=True)
class StorageClass:
    """A storage class."""

    name: str
    provisioner: str
    annotations: Mapping[str, str]
    allow_volume_expansion: bool
    volume_binding_mode: str
    created_at: str

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> StorageClass:
        """A class of what :func:`slim_storage_class` keeps; raises FormError."""
        name = Fields("storage class", data).name("name")
        where = f"storage class {name}"
        fields = Fields(where, data)
        return cls(
            name=name,
            provisioner=fields.text("provisioner"),
            annotations=texts_by_name(where, data, "annotations"),
            allow_volume_expansion=fields.truth("allowVolumeExpansion", False),
            volume_binding_mode=fields.text("volumeBindingMode", "Immediate"),
            created_at=fields.text("creationTimestamp", ""),
        )


def listed(fields: Fields, key: str) -> list[Fields]:
    """A list of mappings; empty where it is absent or null. Raises FormError."""
    return fields.each(key) if fields.has(key) else []


def texts_by_name(where: str, data: Mapping[str, Any], key: str) -> dict[str, str]:
    """A mapping of texts to texts, such as labels, without those that are null; empty where it is absent or null.

    Raises FormError.
    """
    if data.get(key) is None:
        return {}
    inner = Fields(where, data).fields(key)
    return {name: inner.text(name) for name in inner.names() if inner.has(name)}


def slim_node(node: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a node of the API, as it came; raises FormError. Absent and null are the same thing there."""
    metadata, spec, status = (part(node, name) for name in ("metadata", "spec", "status"))
    return _without_nulls(
        {
            "name": metadata.get("name"),
            "labels": metadata.get("labels"),
            "taints": _kept(spec.get("taints"), ("key", "effect")),
            "unschedulable": spec.get("unschedulable"),
            "providerID": spec.get("providerID"),
            "podCIDRs": spec.get("podCIDRs"),
            "conditions": _kept(status.get("conditions"), ("type", "status")),
            "nodeInfo": status.get("nodeInfo"),
            "addresses": _kept(status.get("addresses"), ("type", "address")),
        }
    )


def slim_storage_class(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a storage class of the API, as it came; raises FormError."""
    metadata = part(entry, "metadata")
    kept = {key: metadata.get(key) for key in ("name", "annotations", "creationTimestamp")}
    kept |= {key: entry.get(key) for key in ("provisioner", "allowVolumeExpansion", "volumeBindingMode")}
    return _without_nulls(kept)


def part(entry: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """A part of an object of the API that is an object itself; empty where it is absent or null. Raises FormError."""
    found = entry.get(key)
    if found is None:
        return {}
    if not isinstance(found, Mapping):
        raise FormError(f"{key} is no object")
    return found


def _kept(items: object, keys: tuple[str, ...]) -> object:
    """Of each item only some keys; what is no list of objects stays as it is, and is refused by who reads it."""
    if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
        return items
    return [{key: item[key] for key in keys if item.get(key) is not None} for item in items]


def _without_nulls(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if value is not None}
