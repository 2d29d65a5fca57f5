# SPDX-License-Identifier: Apache-2.0
"""What the tests on a real Kubernetes have in common."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pytest_scs.platforms.kubernetes.client import Client
from pytest_scs.platforms.kubernetes.kubeconfig import find_clusters
from pytest_scs.platforms.kubernetes.settings import KubernetesSettings

#: State of the devcluster, with its programs and kubeconfig files, where its own default lies.
STATE = Path(os.environ.get("DEVCLUSTER_DIR", "/var/tmp/devcluster"))

#: Runs a command of the devcluster; None where a cluster of the user's is tested.
Devcluster = Callable[..., None] | None

#: What is listed before and after, by the class and the method of the client.
_KINDS = {
    "namespace": ("CoreV1Api", "list_namespace"),
    "persistent volume": ("CoreV1Api", "list_persistent_volume"),
    "cluster role": ("RbacAuthorizationV1Api", "list_cluster_role"),
    "cluster role binding": ("RbacAuthorizationV1Api", "list_cluster_role_binding"),
    "CRD": ("ApiextensionsV1Api", "list_custom_resource_definition"),
    "CSR": ("CertificatesV1Api", "list_certificate_signing_request"),
}


def client_of(kubeconfig: Path) -> Client:
    return Client(find_clusters(KubernetesSettings(files=(str(kubeconfig),)))[0], 60)


def belongings(kubeconfig: Path) -> dict[str, set[str]]:
    """Names of everything in the cluster that is in no namespace, by kind, nodes left out."""
    client = client_of(kubeconfig)
    try:
        return {
            kind: {str(entry["metadata"]["name"]) for entry in client.list(api, method)}
            for kind, (api, method) in _KINDS.items()
        }
    finally:
        client.close()


def judged(launch: Any, kubeconfig: Path, *args: str, scope: str = "kaas-v1", apart: bool = False) -> Any:
    """Judge the cluster in an inner run of pytest."""
    return launch(f"--scs-scope={scope}", f"--kubeconfig={kubeconfig}", "-p", "no:cacheprovider", *args, apart=apart)
