# SPDX-License-Identifier: Apache-2.0
"""What is visible of a control plane, by the order of trust of docs/standards/scs-0215.md#evidence."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pytest_scs.base.fields import Fields
from pytest_scs.core.findings import Undecided
from pytest_scs.standards.kaas.component_flags import (
    API_SERVER_FLAGS,
    ETCD_FLAGS,
    ComponentFlags,
    command_line,
    etcd_environment,
)
from pytest_scs.standards.kaas.model import part
from pytest_scs.standards.kaas.unseen import Unseen, hidden

#: The components that are looked for, by the label ``component`` of their pods.
API_SERVER, ETCD = "kube-apiserver", "etcd"
KNOWN_FLAGS = {API_SERVER: API_SERVER_FLAGS, ETCD: ETCD_FLAGS}

#: What is judged in findings and causes where the pod is not known.
SERVER = "API server"

#: A flag without which no API server starts: a command line without it is not the server's.
_INDISPENSABLE = "etcd-servers"


@dataclasses.dataclass(frozen=True, slots=True)
class ComponentPod:
    """A running pod of the control plane: its component, the node it is on, and its flags."""

    name: str
    component: str
    node: str
    flags: ComponentFlags

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> ComponentPod:
        """A pod of what :func:`slim_pod` keeps; raises FormError."""
        name = Fields("pod", data).name("name")
        fields = Fields(f"pod {name}", data)
        return cls(
            name=name,
            component=fields.name("component"),
            node=fields.text("node", ""),
            flags=ComponentFlags.read(f"pod {name}", fields, "flags"),
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Metrics:
    """What the API server counts: admission plugins that were used, and seats by priority level."""

    admission_plugins: frozenset[str]
    seats: Mapping[str, float]

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Metrics:
        """Raises FormError."""
        fields = Fields("metrics", data)
        seats = fields.fields("seats")
        return cls(
            admission_plugins=frozenset(fields.texts("admission_plugins")),
            seats={level: seats.number(level) for level in seats.names()},
        )


@dataclasses.dataclass(frozen=True, slots=True)
class ControlPlane:
    """What was seen of a control plane; what was not seen says why.

    ``flags`` are those that ``/flagz`` shows, defaults included.
    """

    pods: Sequence[ComponentPod] | Unseen
    flags: ComponentFlags | Unseen
    metrics: Metrics | Unseen

    @property
    def api_servers(self) -> list[ComponentFlags]:
        """The flags of every API server: those of the command lines, else those that ``/flagz`` shows."""
        found = [pod.flags for pod in self._pods_of(API_SERVER) if pod.flags.listed(_INDISPENSABLE)]
        return found or ([self.flags] if isinstance(self.flags, ComponentFlags) else [])

    def unread(self) -> Iterator[Undecided]:
        """The pods of API servers that show no settings while others do: what holds for these is not known of them."""
        pods = self._pods_of(API_SERVER)
        if any(pod.flags.listed(_INDISPENSABLE) for pod in pods):
            for pod in pods:
                if not pod.flags.listed(_INDISPENSABLE):
                    yield Undecided(pod.flags.name, "its command line shows no settings")

    @property
    def etcds(self) -> list[ComponentPod]:
        """The pods of etcd."""
        return self._pods_of(ETCD)

    @property
    def api_server_nodes(self) -> set[str]:
        """The nodes that pods of the API server are on."""
        return {pod.node for pod in self._pods_of(API_SERVER) if pod.node}

    @property
    def counted(self) -> Metrics | None:
        """The metrics, if they could be read."""
        return self.metrics if isinstance(self.metrics, Metrics) else None

    @property
    def seen(self) -> int:
        """How many API servers are visible by any evidence."""
        return len(self.api_servers) or int(self.counted is not None)

    def unseen(self, *more: Unseen, pods: str = API_SERVER) -> list[Unseen]:
        """Why there is no evidence, for each kind; ``pods`` are those of the component that were looked for."""
        none = [Unseen(f"there is no pod {pods} with a command line in kube-system")]
        found = [self.pods] if isinstance(self.pods, Unseen) else none if not self._pods_of(pods) else []
        return [*found, *(one for one in (self.flags, *more) if isinstance(one, Unseen))]

    def hidden(self, *more: Unseen) -> Undecided:
        """That nothing shows the settings of the API server, and why."""
        return hidden(SERVER, self.unseen(*more))

    def _pods_of(self, component: str) -> list[ComponentPod]:
        return [] if isinstance(self.pods, Unseen) else [pod for pod in self.pods if pod.component == component]


def slim_pod(pod: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What is kept of a pod of the API: one entry if it runs a component whose flags are judged; raises FormError."""
    metadata, spec = part(pod, "metadata"), part(pod, "spec")
    component = part(metadata, "labels").get("component")
    if component not in KNOWN_FLAGS or part(pod, "status").get("phase") not in (None, "Running"):
        return
    containers = [one.content for one in Fields("pod", spec).each("containers")]
    named = [one for one in containers if one.get("name") == component] or containers
    flags: dict[str, list[str]] = {}
    for container in named:
        if component == ETCD:
            flags = {**flags, **etcd_environment(container)}
        flags = {**flags, **command_line(container, KNOWN_FLAGS[component])}
    yield {"name": metadata.get("name"), "component": component, "node": spec.get("nodeName") or "", "flags": flags}
