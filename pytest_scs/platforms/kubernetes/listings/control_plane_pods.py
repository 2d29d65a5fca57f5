# SPDX-License-Identifier: Apache-2.0
"""The pods of the control plane, where it runs in pods that are visible."""

from __future__ import annotations

from typing import Any

from pytest_scs.evidence.section import Section, each
from pytest_scs.platforms.kubernetes.client import Client
from pytest_scs.standards.kaas.control_plane import KNOWN_FLAGS, ComponentPod, slim_pod


def _pods(client: Client) -> list[dict[str, Any]]:
    """The pods of API servers and of etcd, with those of their flags that rules look at."""
    selector = f"component in ({','.join(KNOWN_FLAGS)})"
    found = client.list("CoreV1Api", "list_namespaced_pod", "kube-system", label_selector=selector)
    return [entry for pod in found for entry in slim_pod(pod)]


SECTION = Section(
    name="control_plane_pods",
    words="GET /api/v1/namespaces/kube-system/pods (label component)",
    summary="The pods of API servers and of etcd, with their flags.",
    load=each(ComponentPod.from_plain),
    read=_pods,
)
