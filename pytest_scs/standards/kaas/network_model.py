# SPDX-License-Identifier: Apache-2.0
"""What is known of a cluster's network, typed: API groups, classes, and daemon sets that may be a network plugin."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pytest_scs.base.fields import Fields, FormError
from pytest_scs.standards.kaas.model import listed, part, texts_by_name

GATEWAY_GROUP: Final = "gateway.networking.k8s.io"
POLICY_GROUP: Final = "policy.networking.k8s.io"

#: The API groups whose resources rules ask for.
GROUPS: Final = (GATEWAY_GROUP, POLICY_GROUP)


def _required(fields: Fields, key: str) -> tuple[str, ...]:
    """A list of texts that has to be there; raises FormError."""
    if not fields.has(key):
        raise FormError(f"{fields.where}.{key}: expected a list of texts, got nothing")
    return fields.texts(key)


@dataclasses.dataclass(frozen=True, slots=True)
class ServedVersion:
    """A version of an API group, and the plural names of its resources.

    ``stale``: the server does not know them at the moment.
    """

    version: str
    resources: frozenset[str]
    stale: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class ApiGroup:
    """An API group with its versions, the preferred one first."""

    name: str
    versions: tuple[ServedVersion, ...]

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> ApiGroup:
        """Raises FormError."""
        name = Fields("API group", data).name("name")
        fields = Fields(f"API group {name}", data)
        return cls(
            name,
            tuple(
                ServedVersion(one.name("version"), frozenset(_required(one, "resources")), one.truth("stale", False))
                for one in fields.each("versions")
            ),
        )


@dataclasses.dataclass(frozen=True, slots=True)
class IngressClass:
    """An ingress class and the controller that serves it."""

    name: str
    annotations: Mapping[str, str]
    controller: str

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> IngressClass:
        """A class of what :func:`slim_ingress_class` keeps; raises FormError."""
        name = Fields("ingress class", data).name("name")
        where = f"ingress class {name}"
        return cls(name, texts_by_name(where, data, "annotations"), Fields(where, data).text("controller", ""))


@dataclasses.dataclass(frozen=True, slots=True)
class GatewayClass:
    """A class of gateways. ``accepted`` is the status of its condition Accepted, empty where it has none."""

    name: str
    controller: str
    accepted: str

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> GatewayClass:
        """A class of what :func:`slim_gateway_class` keeps; raises FormError."""
        name = Fields("gateway class", data).name("name")
        fields = Fields(f"gateway class {name}", data)
        found = {one.text("type", ""): one.text("status", "") for one in listed(fields, "conditions")}
        return cls(name, fields.text("controllerName", ""), found.get("Accepted", ""))


@dataclasses.dataclass(frozen=True, slots=True)
class DaemonSet:
    """A daemon set."""

    namespace: str
    name: str

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> DaemonSet:
        """Raises FormError."""
        fields = Fields("daemon set", data)
        return cls(fields.name("namespace"), fields.name("name"))

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


def slim_ingress_class(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of an ingress class of the API, as it came; raises FormError."""
    metadata = part(entry, "metadata")
    kept = {"name": metadata.get("name"), "annotations": metadata.get("annotations")}
    kept["controller"] = part(entry, "spec").get("controller")
    return {key: value for key, value in kept.items() if value is not None}


def slim_gateway_class(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a gateway class of the API, as it came; raises FormError."""
    kept: dict[str, Any] = {
        "name": part(entry, "metadata").get("name"),
        "controllerName": part(entry, "spec").get("controllerName"),
        "conditions": part(entry, "status").get("conditions"),
    }
    if isinstance(kept["conditions"], list):
        kept["conditions"] = [
            {key: one[key] for key in ("type", "status") if one.get(key) is not None}
            if isinstance(one, Mapping)
            else one
            for one in kept["conditions"]
        ]
    return {key: value for key, value in kept.items() if value is not None}


def slim_daemon_set(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a daemon set of the API, as it came; raises FormError."""
    metadata = part(entry, "metadata")
    return {key: metadata[key] for key in ("namespace", "name") if metadata.get(key) is not None}


def groups_of_discovery(document: Mapping[str, Any], wanted: Sequence[str] = GROUPS) -> list[dict[str, Any]]:
    """The wanted groups with their resources, of an aggregated discovery document; raises FormError.

    Other groups are not looked at: what is odd in them does not matter.
    """
    return [
        {
            "name": name,
            "versions": [
                {
                    "version": version.name("version"),
                    "resources": [one.name("resource") for one in listed(version, "resources")],
                    "stale": version.text("freshness", "") == "Stale",
                }
                for version in listed(group, "versions")
            ],
        }
        for name, group in _named(document, "items", wanted, lambda entry: part(entry, "metadata").get("name"))
    ]


def versions_of_groups(document: Mapping[str, Any], wanted: Sequence[str] = GROUPS) -> list[tuple[str, list[str]]]:
    """The wanted groups with their versions, of a plain list of groups; raises FormError."""
    return [
        (name, [version.name("version") for version in listed(group, "versions")])
        for name, group in _named(document, "groups", wanted, lambda entry: entry.get("name"))
    ]


def resources_of_version(document: Mapping[str, Any]) -> list[str]:
    """The plural names of the resources in a version of a group, without parts of resources; raises FormError."""
    names = [one.name("name") for one in _resources(Fields("resources", document))]
    return [name for name in names if "/" not in name]


def _resources(fields: Fields) -> list[Fields]:
    """An empty list may be written as null; without the key it is another document."""
    if "resources" not in fields.content:
        raise FormError("resources.resources: expected a list of objects, got nothing")
    return listed(fields, "resources")


def _named(document: Mapping[str, Any], key: str, wanted: Sequence[str], name_of: Any) -> Iterable[tuple[str, Fields]]:
    entries = document.get(key)
    if not isinstance(entries, list) or not entries:
        # There is no API server without any group.
        raise FormError(f"discovery.{key}: expected a list of API groups")
    named = [(name_of(entry) if isinstance(entry, Mapping) else None, entry) for entry in entries]
    found = [(str(name), entry) for name, entry in named if name in wanted]
    if len(found) < len(wanted) and not all(isinstance(name, str) for name, _ in named):
        # One without a name may be the one that is missing.
        raise FormError(f"discovery.{key}: expected API groups with names")
    for name, entry in found:
        yield name, Fields(f"API group {name}", entry)
