# SPDX-License-Identifier: Apache-2.0
"""A pod that shares the processes of its node, in two new namespaces; it is never created (dry run)."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from pytest_scs.evidence.section import Section, single
from pytest_scs.platforms.kubernetes.client import Answer, Client
from pytest_scs.platforms.kubernetes.probes.images import PAUSE
from pytest_scs.platforms.kubernetes.probing import Probing
from pytest_scs.platforms.kubernetes.tried import tried
from pytest_scs.standards.kaas.pod_security import ENFORCE, PodTrials


def probe(probing: Probing) -> dict[str, Any]:
    """``labelled`` and ``unlabelled``: status and message of the answer in a namespace with and without a level."""
    wanted: dict[str, dict[str, str]] = {"labelled": {ENFORCE: "baseline"}, "unlabelled": {}}
    namespaces = {kind: probing.janitor.namespace("0217", labels) for kind, labels in wanted.items()}
    found = {}
    for kind, namespace in namespaces.items():
        found[kind] = tried(functools.partial(_create, probing.client, namespace), ("cannot create resource",), _shares)
    for namespace in namespaces.values():
        probing.janitor.discard(namespace)
    return found


def _shares(stored: Mapping[str, Any]) -> bool:
    """Whether a pod of the API shares the processes of its node."""
    spec = stored.get("spec")
    return stored.get("kind") == "Pod" and isinstance(spec, dict) and spec.get("hostPID") is True


def _create(client: Client, namespace: str) -> Answer:
    return client.call("CoreV1Api", "create_namespaced_pod", namespace, pod("scs-probe"), dry_run="All")


def pod(name: str) -> dict[str, Any]:
    """A pod whose only fault is ``hostPID``: with privileges some servers refuse it for another reason."""
    limits = {"cpu": "10m", "memory": "16Mi"}
    container = {
        "name": "probe",
        "image": PAUSE,
        "resources": {"requests": limits, "limits": limits},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "runAsNonRoot": True,
            "runAsUser": 65535,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }
    spec = {"hostPID": True, "automountServiceAccountToken": False, "containers": [container]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


SECTION = Section(
    name="pod_security",
    words="POST pods (dry run) with hostPID",
    summary="What becomes of a pod with hostPID in a namespace that enforces baseline, and in one without a level.",
    load=single(PodTrials.from_plain),
    probe=probe,
    creates="two namespaces",
)
