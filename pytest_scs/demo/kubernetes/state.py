# SPDX-License-Identifier: Apache-2.0
"""What the demo cluster contains and how it misbehaves: plain data that a test may change while the cluster runs."""

from __future__ import annotations

import dataclasses
import itertools
import secrets
import threading
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from pytest_scs.demo import faults
from pytest_scs.demo.faults import Fault, LoggedRequest
from pytest_scs.demo.kubernetes.resources import Resource, built_in
from pytest_scs.demo.timeline import Timeline

__all__ = ["Account", "ClusterState", "Event", "Fault", "LoggedRequest"]

Object = dict[str, Any]


@dataclasses.dataclass(slots=True)
class Account:
    """Somebody who may use the cluster, by a client certificate or by ``token``."""

    name: str
    groups: tuple[str, ...] = ()
    token: str = dataclasses.field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)


class Event(NamedTuple):
    """One change of an object, for those who watch: the revision of the cluster, what happened, and to what."""

    revision: int
    kind: str
    resource: str
    item: Object


def _admin() -> dict[str, Account]:
    return {
        "admin": Account("kubernetes-admin", ("kubeadm:cluster-admins",)),
        "viewer": Account("viewer", ("viewers",)),
        "stranger": Account("stranger"),
    }


@dataclasses.dataclass(slots=True)
class ClusterState:
    """The content and the behaviour of one demo cluster.

    ``objects``: what it contains, as the API shows it, by the key of the resource (``nodes``,
    ``storageclasses.storage.k8s.io``); the properties are shorter names for what tests change most. An object needs
    no more than its name: what every object has (uid, revision, time of creation) is added when it is first shown.
    ``resources``: the kinds there are; an API that is not there is left out of it.

    ``version`` is what /version answers. ``accounts``: who may use the cluster, by a short name.
    ``authorizers``: as in ``--authorization-mode``. ``anonymous``: whether requests without a credential become
    those of ``system:anonymous`` instead of being refused.
    ``admission_plugins``: those that are active. ``pod_security``: the level every namespace without a label has.
    ``fairness``: whether API priority and fairness is on, which shows in a header of every answer.
    ``flags``: what /flagz shows of the API server; None is a server without it. ``metrics``: lines of /metrics
    beside those about admission; None: nothing is there.
    ``kubelets``: node -> what its kubelet has as configuration; None stands for a kubelet that cannot be reached.

    ``page_size``: the longest list given at once whatever is asked for; 0 is no limit. ``expire_after``: how many
    pages of a list are given until the token for the next one has expired; None is for ever. ``age``: how many days ago
    what is in ``objects`` was made, where it does not say so itself. ``latency``, ``clock_skew`` are seconds.

    ``network_policies``: whether the network plugin enforces them. ``delays`` (seconds) is about "schedule" (until a
    pod has a node), "pod" (until its containers start), "readiness" (between two looks at whether they are ready),
    "program" (until they have ended), "back-off", "claim" (until it is bound), "serviceaccount" (until a namespace has
    its default one), and "pod-deletion", "volume-deletion", "namespace" (until it is gone, after its deletion). What is
    in ``stuck`` never ends, what is in ``broken`` ends in an error, both under the same names.

    ``unschedulable``: why the scheduler finds no node for any pod. ``missing_images``: regular expressions for images
    that cannot be pulled. ``denials``: resource -> the words with which a webhook refuses every new object of it.
    ``zonal_volumes``: whether a volume can be used in its zone only; ``contents``: volume -> path -> what was written
    there; ``forgetful``: a volume is empty when it is mounted again.
    ``timeline.skip`` lets time pass without waiting.

    ``authority``, ``serving``, ``client``, ``kubelet``: since when and for how long the certificates hold, in days; of
    the certificate authority, the API server, the accounts and the kubelets.
    """

    version: Object = dataclasses.field(default_factory=dict)
    objects: dict[str, list[Object]] = dataclasses.field(default_factory=dict)
    resources: list[Resource] = dataclasses.field(default_factory=built_in)
    accounts: dict[str, Account] = dataclasses.field(default_factory=_admin)
    authorizers: tuple[str, ...] = ("Node", "RBAC")
    anonymous: bool = True
    admission_plugins: set[str] = dataclasses.field(default_factory=lambda: {"NodeRestriction", "PodSecurity"})
    pod_security: str = "privileged"
    fairness: bool = True
    flags: dict[str, str] | None = None
    metrics: list[str] | None = dataclasses.field(default_factory=list)
    kubelets: dict[str, Object | None] = dataclasses.field(default_factory=dict)

    network_policies: bool = True
    delays: dict[str, float] = dataclasses.field(default_factory=dict)
    stuck: set[str] = dataclasses.field(default_factory=set)
    broken: set[str] = dataclasses.field(default_factory=set)
    unschedulable: str = ""
    missing_images: list[str] = dataclasses.field(default_factory=list)
    denials: dict[str, str] = dataclasses.field(default_factory=dict)
    zonal_volumes: bool = False
    contents: dict[str, dict[str, str]] = dataclasses.field(default_factory=dict)
    forgetful: bool = False
    serving: tuple[float, float] = (30.0, 365.0)
    authority: tuple[float, float] = (30.0, 3650.0)
    client: tuple[float, float] = (30.0, 365.0)
    kubelet: tuple[float, float] = (30.0, 365.0)

    page_size: int = 0
    expire_after: int | None = None
    age: float = 30.0
    latency: float = 0.0
    clock_skew: float = 0.0
    faults: list[Fault] = dataclasses.field(default_factory=list)

    revision: int = 1000
    #: Up to which revision the changes are forgotten: who wants to watch from there has to list again.
    forgotten: int = 0
    requests: list[LoggedRequest] = dataclasses.field(default_factory=list, init=False, repr=False)
    events: list[Event] = dataclasses.field(default_factory=list, init=False, repr=False)
    #: What containers have printed, by the uid of the pod and the container's name.
    logs: dict[tuple[str, str], str] = dataclasses.field(default_factory=dict, init=False, repr=False)
    #: The uids of pods that wait for a volume in use elsewhere.
    attaching: set[str] = dataclasses.field(default_factory=set, init=False, repr=False)
    tokens: dict[str, tuple[Account, datetime]] = dataclasses.field(default_factory=dict, init=False, repr=False)
    timeline: Timeline = dataclasses.field(default_factory=Timeline, init=False, repr=False, compare=False)
    #: Held while a request is answered; who changes several things at once while the cluster runs should hold it, too.
    lock: threading.RLock = dataclasses.field(default_factory=threading.RLock, init=False, repr=False, compare=False)
    numbers: Iterator[int] = dataclasses.field(default_factory=itertools.count, init=False, repr=False, compare=False)
    stopping: bool = dataclasses.field(default=False, init=False, repr=False, compare=False)

    def now(self) -> datetime:
        """What the cluster's clock shows, in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self.clock_skew)

    def all(self, key: str) -> list[Object]:
        """The objects of a resource, to be changed; in the order they are listed in."""
        return self.objects.setdefault(key, [])

    @property
    def nodes(self) -> list[Object]:
        """The nodes."""
        return self.all("nodes")

    @property
    def pods(self) -> list[Object]:
        """The pods of all namespaces."""
        return self.all("pods")

    @property
    def namespaces(self) -> list[Object]:
        """The namespaces."""
        return self.all("namespaces")

    @property
    def storage_classes(self) -> list[Object]:
        """The storage classes."""
        return self.all("storageclasses.storage.k8s.io")

    @property
    def ingress_classes(self) -> list[Object]:
        """The ingress classes."""
        return self.all("ingressclasses.networking.k8s.io")

    @property
    def gateway_classes(self) -> list[Object]:
        """The gateway classes; shown only where the resource is among ``resources``."""
        return self.all("gatewayclasses.gateway.networking.k8s.io")

    @property
    def signing_requests(self) -> list[Object]:
        """The certificate signing requests."""
        return self.all("certificatesigningrequests.certificates.k8s.io")

    def resource(self, key: str) -> Resource | None:
        """The kind of this key, if the cluster has it."""
        return next((resource for resource in self.resources if resource.key == key), None)

    def find(self, key: str, name: str, namespace: str = "") -> Object | None:
        """One object, or None."""
        for item in self.all(key):
            metadata = item.get("metadata")
            if metadata and metadata.get("name") == name and (metadata.get("namespace") or "") == namespace:
                return item
        return None

    def complete(self, item: Object) -> Object:
        """Give an object what every object has, where it has metadata at all; returns the object."""
        metadata = item.get("metadata")
        if isinstance(metadata, dict) and "uid" not in metadata:
            metadata["uid"] = str(uuid.uuid4())
            metadata.setdefault("resourceVersion", str(self.revision))
            made = self.now() - timedelta(days=self.age)
            metadata.setdefault("creationTimestamp", f"{made:%Y-%m-%dT%H:%M:%SZ}")
        return item

    def catch_up(self) -> None:
        """Bring everything up to date with the clock, as each request does before it is answered."""
        with self.lock:
            self.timeline.run()

    def created(self, marks: Mapping[str, str]) -> list[tuple[str, str, str]]:
        """Resource, namespace and name of every object that carries these labels, to see what was left behind."""
        self.catch_up()
        with self.lock:
            return [
                (key, item["metadata"].get("namespace", ""), item["metadata"]["name"])
                for key, items in self.objects.items()
                for item in items
                if marks.items() <= (item["metadata"].get("labels") or {}).items()
            ]

    def log(self, method: str, path: str, status: int) -> None:
        """Note a request in ``requests``."""
        with self.lock:
            self.requests.append(LoggedRequest(method, path, status))

    def strike(self, method: str, path: str) -> Iterator[Fault]:
        """The faults that apply to a request, in order, each use counted; the last one decides the answer."""
        return faults.strike(self.faults, self.lock, method, path)
