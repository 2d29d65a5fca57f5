# SPDX-License-Identifier: Apache-2.0
"""What has to be known of a cluster before the e2e suite is run in it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_scs.base import yamlfile
from pytest_scs.base.errors import InputError
from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.platforms.kubernetes.belongings import items_in, part_of
from pytest_scs.platforms.kubernetes.client import Client
from pytest_scs.platforms.kubernetes.runners.commands import plain_version

NO_RIGHTS = "conformance needs cluster-admin, which this context has not"

#: Processes of the suite that run side by side, where hydrophone has to be told.
_FEWEST, _MOST = 2, 8

#: The image with which hydrophone fetches results, as the suite's own image list names it.
_BUSYBOX = "busybox:1.36.1-1"

_DNS_LABELS = "k8s-app in (kube-dns, coredns)"


@dataclasses.dataclass(frozen=True, slots=True)
class Surroundings:
    """``version`` is the server's without a vendor's suffix, ``minor`` its second number; ``cluster`` identifies it.

    ``processes``: how many of the suite's may run side by side. ``unusual_dns``: the cluster's DNS works, and has
    other labels than sonobuoy looks for.
    """

    version: str
    minor: int
    cluster: str
    processes: int
    unusual_dns: bool


def look(client: Client) -> Surroundings:
    """Look at the cluster; raises Inconclusive, also where the rights do not suffice."""
    _require_rights(client)
    version = plain_version(str(client.get("VersionApi", "get_code").get("gitVersion") or ""))
    if not version:
        raise Inconclusive("the API server does not tell its version", CauseKind.MALFORMED)
    identity = client.get("CoreV1Api", "read_namespace", "kube-system").get("metadata")
    return Surroundings(
        version=version,
        minor=int(version.split(".")[1]),
        cluster=str(identity.get("uid") or "") if isinstance(identity, Mapping) else "",
        processes=_processes(client),
        unusual_dns=_unusual_dns(client),
    )


def namespace_exists(client: Client, name: str) -> bool:
    """Whether a namespace is there; raises Inconclusive."""
    return bool(client.list("CoreV1Api", "list_namespace", field_selector=f"metadata.name={name}"))


def busybox(repo_config: Path | None) -> str:
    """The image that hydrophone fetches results with, where a registry map says where it is; else empty."""
    if repo_config is None:
        return ""
    try:
        content = yamlfile.load(repo_config, "registry map")
    except InputError:
        return ""  # whoever started the run has checked it
    registry = content.get("promoterE2eRegistry") if isinstance(content, Mapping) else None
    return f"{registry.rstrip('/')}/{_BUSYBOX}" if isinstance(registry, str) and registry else ""


class Marking:
    """Labels a run's namespace as ours, once it is there: the runners make it without."""

    def __init__(self, client: Client, namespace: str, labels: Mapping[str, str]) -> None:
        self._client = client
        self._namespace = namespace
        self._labels = dict(labels)

    def __call__(self) -> None:
        """Label it if that was not done yet; the next time, if it cannot be done now."""
        if not self._labels:
            return
        body = {"metadata": {"labels": self._labels}}
        try:
            self._client.call("CoreV1Api", "patch_namespace", self._namespace, body)
        except Inconclusive:
            return
        self._labels = {}


def _require_rights(client: Client) -> None:
    """Raise Inconclusive unless everything is allowed, as the suite and its runners need it."""
    attributes = {"verb": "*", "group": "*", "resource": "*"}
    body = {"spec": {"resourceAttributes": attributes}}
    answer = client.get("AuthorizationV1Api", "create_self_subject_access_review", body)
    status = answer.get("status")
    if not isinstance(status, Mapping) or status.get("allowed") is not True:
        raise Inconclusive(NO_RIGHTS, CauseKind.PERMISSION)


def _processes(client: Client) -> int:
    """As many as the smallest node has processors, within reason."""
    counts = [_processors(node) for node in client.list("CoreV1Api", "list_node")]
    return max(_FEWEST, min(_MOST, *(count for count in counts if count), _MOST))


def _processors(node: Mapping[str, Any]) -> int:
    text = str(part_of(part_of(node, "status"), "capacity").get("cpu") or "")
    return int(text) if re.fullmatch(r"[0-9]{1,4}", text) else 0


def _unusual_dns(client: Client) -> bool:
    """Whether no pod has the labels that sonobuoy looks for, and the service of DNS has somebody behind it."""
    if client.list("CoreV1Api", "list_namespaced_pod", "kube-system", label_selector=_DNS_LABELS):
        return False
    selector = "kubernetes.io/service-name=kube-dns"
    slices = client.list("DiscoveryV1Api", "list_namespaced_endpoint_slice", "kube-system", label_selector=selector)
    endpoints = [one for part in slices for one in items_in(part, "endpoints")]
    return any(part_of(one, "conditions").get("ready") is not False for one in endpoints)
