# SPDX-License-Identifier: Apache-2.0
"""What can be broken in the demo cluster, by the names that ``scs demo --cluster --break`` takes."""

from __future__ import annotations

from pytest_scs.demo.defects import Defect
from pytest_scs.demo.faults import Fault
from pytest_scs.demo.kubernetes.data import version_answer
from pytest_scs.demo.kubernetes.state import ClusterState, Object

_ZONE = "topology.kubernetes.io/zone"


def _version_old(state: ClusterState) -> None:
    state.version = version_answer("1.29.4")
    for node in state.nodes:
        node["status"]["nodeInfo"]["kubeletVersion"] = "v1.29.4"


def _node_unlabelled(state: ClusterState) -> None:
    del _node(state, "worker-2")["metadata"]["labels"][_ZONE]


def _zone_shared(state: ClusterState) -> None:
    for number in (1, 2, 3):
        _node(state, f"control-plane-{number}")["metadata"]["labels"][_ZONE] = "zone-a"


def _node_down(state: ClusterState) -> None:
    for number in (2, 3):
        _node(state, f"control-plane-{number}")["status"]["conditions"] = [{"type": "Ready", "status": "Unknown"}]


def _node(state: ClusterState, name: str) -> Object:
    """A node by name; raises LookupError."""
    return {node["metadata"]["name"]: node for node in state.nodes}[name]


def _storage_default_missing(state: ClusterState) -> None:
    del state.storage_classes[0]["metadata"]["annotations"]


def _pods_privileged(state: ClusterState) -> None:
    state.pod_security = "privileged"


def _nodes_down(state: ClusterState) -> None:
    state.faults.append(Fault("GET", "/nodes", status=503))


def _login_refused(state: ClusterState) -> None:
    state.faults.append(Fault("*", "/", status=401))


def _slow(state: ClusterState) -> None:
    state.latency = 2.0


DEFECTS: tuple[Defect[ClusterState], ...] = (
    Defect(
        "version-old",
        "Kubernetes 1.29.4, which nobody maintains",
        ("version-policy-check", "scs-0210-x-node-versions", "scs-0210-x-eol-not-offered"),
        _version_old,
    ),
    Defect("node-unlabelled", "worker-2 does not say its zone", ("scs-0214-x-node-labels",), _node_unlabelled),
    Defect("zone-shared", "the control plane is in one zone", ("scs-0214-x-control-plane-zones",), _zone_shared),
    Defect(
        "node-down",
        "two nodes of the control plane are not ready",
        ("scs-0213-x-control-plane-redundancy",),
        _node_down,
    ),
    Defect(
        "storage-default-missing",
        "no storage class is the default",
        ("scs-0211-x-default-storage-class",),
        _storage_default_missing,
    ),
    Defect(
        "pods-privileged",
        "namespaces let pods do everything",
        ("scs-0217-x-pod-security-baseline",),
        _pods_privileged,
    ),
    Defect("nodes-down", "the list of nodes answers with 503", (), _nodes_down),
    Defect("login-refused", "every request is answered with 401", (), _login_refused),
    Defect("slow", "every answer takes two seconds, which is no violation", (), _slow),
)
