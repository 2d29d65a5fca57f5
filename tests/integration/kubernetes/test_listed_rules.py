# SPDX-License-Identifier: Apache-2.0
"""What lists of a real cluster tell: labels set and removed, storage classes, APIs with and without definitions.

The custom resource definitions come from Go's module cache, where the devcluster's programs were built.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from needs import lacking
from real_cluster import STATE, Devcluster, judged

LIGHT = "(scs_0211 or scs_0213 or scs_0214 or scs_0219 or scs_0220) and light and not manual and not creates_resources"
ROLES = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
POLICY, GATEWAY = "policy.networking.k8s.io", "gateway.networking.k8s.io"
#: Module and version -> definitions, by the beginning of their file names.
DEFINITIONS = {
    "sigs.k8s.io/network-policy-api@v0.1.7": (
        f"{POLICY}_adminnetworkpolicies",
        f"{POLICY}_baselineadminnetworkpolicies",
    ),
    "sigs.k8s.io/gateway-api@v1.7.0": (f"{GATEWAY}_gatewayclasses", f"{GATEWAY}_gateways", f"{GATEWAY}_httproutes"),
}
OBJECTS = [
    {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": "cilium", "namespace": "kube-system"},
        "spec": {
            "selector": {"matchLabels": {"app": "stand-in"}},
            "template": {
                "metadata": {"labels": {"app": "stand-in"}},
                # On no node: its name is enough.
                "spec": {"nodeSelector": {"no": "node"}, "containers": [{"name": "a", "image": "localhost/pause:1"}]},
            },
        },
    },
    {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "IngressClass",
        "metadata": {"name": "stand-in", "annotations": {"ingressclass.kubernetes.io/is-default-class": "true"}},
        "spec": {"controller": "example.org/ingress"},
    },
    {
        "apiVersion": f"{GATEWAY}/v1",
        "kind": "GatewayClass",
        "metadata": {"name": "stand-in"},
        "spec": {"controllerName": "example.org/gateway"},
    },
]

#: Looked up before pytester gives tests another home.
MODULES = Path(os.environ.get("GOMODCACHE", Path.home() / "go" / "pkg" / "mod"))

Kubectl = Callable[..., None]


@pytest.fixture
def kubectl(devcluster: Devcluster, kubeconfig: Path) -> Kubectl:
    """Run kubectl on the devcluster, with objects on its standard input."""
    if devcluster is None:
        lacking("cluster", "labels, classes and definitions are changed in a devcluster only")

    def run(*args: str, objects: list[dict[str, Any]] | None = None) -> None:
        subprocess.run(
            [STATE / "bin" / "kubectl", "--kubeconfig", kubeconfig, *args],
            check=True,
            stdout=subprocess.DEVNULL,
            input=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects or []}).encode(),
        )

    return run


@pytest.fixture
def broken(devcluster: Devcluster) -> Iterator[Callable[..., None]]:
    """Break the cluster in some ways, for the time of the test."""
    if devcluster is None:
        lacking("cluster", "only a devcluster is broken")
    names: list[str] = []

    def run(*faults: str) -> None:
        names.extend(faults)
        devcluster("break", *faults)

    yield run
    for name in reversed(names):
        devcluster("unbreak", name)


@pytest.fixture
def definitions(kubectl: Kubectl) -> Iterator[Callable[..., None]]:
    """Load custom resource definitions whose files begin with these names; they are removed again."""
    loaded: list[Path] = []

    def load(*names: str) -> None:
        for module, files in DEFINITIONS.items():
            for name in (one for one in files if one in names):
                path = MODULES / module / "config" / "crd" / "standard" / f"{name}.yaml"
                if not path.is_file():
                    lacking("cluster", f"no definitions: go mod download {module} fetches them")
                loaded.append(path)
                kubectl("apply", "--server-side", "-f", str(path))
        for path in loaded:
            kubectl("wait", "--for=condition=Established", "--timeout=30s", "-f", str(path))

    yield load
    for path in loaded:
        kubectl("delete", "--ignore-not-found", "-f", str(path))


@pytest.fixture
def verdicts(launch: Any, kubeconfig: Path) -> Callable[..., Any]:
    def run() -> Any:
        return judged(launch, kubeconfig, "--scs-target=all", "-vv", "-m", LIGHT, scope="beyond-kaas")

    return run


def text(run: Any, testcase: str) -> str:
    return " ".join(run.messages(testcase))


def test_a_cluster_as_it_is(verdicts: Any, broken: object) -> None:
    run = verdicts()
    assert run.having("PASS") == {
        "scs-0211-x-default-storage-class",
        "scs-0211-x-volume-expansion",
        "scs-0214-x-node-labels",
        "scs-0214-x-worker-zones",
    }
    assert run.having("FAIL") == {"scs-0211-x-provisioner", "scs-0219-x-admin-network-policy"}
    assert "control plane is not part of the cluster" in text(run, "scs-0213-x-control-plane-redundancy")
    assert "may be an option at order time" in text(run, "scs-0219-x-ingress-class")
    assert "may be an installable option" in text(run, "scs-0219-x-gateway-api")


def test_no_labels_and_no_default_class(verdicts: Any, broken: Callable[..., None]) -> None:
    broken("no-zones", "no-default-class")
    run = verdicts()
    assert {"scs-0214-x-node-labels", "scs-0211-x-default-storage-class"} <= run.having("FAIL")
    for node in ("node1", "node2"):
        for label in ("zone", "region"):
            assert f"node {node}: topology.kubernetes.io/{label} missing" in text(run, "scs-0214-x-node-labels")
    assert "the zone of node1, node2 is not known" in text(run, "scs-0214-x-worker-zones")
    assert "none of local-path" in text(run, "scs-0211-x-default-storage-class")
    assert run.verdicts["scs-0211-x-provisioner"] == "ABORT"


def test_one_zone_and_two_default_classes(verdicts: Any, broken: Callable[..., None]) -> None:
    broken("one-zone", "two-classes")
    run = verdicts()
    assert run.verdicts["scs-0214-x-node-labels"] == "PASS"
    assert "2 nodes in zone 'zone1' of region 'local'" in text(run, "scs-0214-x-worker-zones")
    assert "2: local-path, second; Kubernetes tolerates that since 1.26 and takes the newest, second" in text(
        run, "scs-0211-x-default-storage-class"
    )


def test_an_odd_node_disturbs_no_other(verdicts: Any, broken: Callable[..., None], kubectl: Kubectl) -> None:
    broken("odd-node")
    try:
        # Both labels of a control plane, the old one as well.
        for node, role in zip(("node1", "node2"), ROLES, strict=True):
            kubectl("label", "node", node, f"{role}=")
        run = verdicts()
    finally:
        kubectl("label", "node", "node1", "node2", *(f"{role}-" for role in ROLES))
    assert {"scs-0213-x-control-plane-redundancy", "scs-0214-x-control-plane-zones"} <= run.having("PASS")
    lines = text(run, "scs-0214-x-node-labels")
    assert "node odd: topology.kubernetes.io/zone missing" in lines
    assert "node1" not in lines
    assert "the only worker is 'odd'" in text(run, "scs-0214-x-worker-zones")


def test_apis_with_their_definitions(
    verdicts: Any, broken: object, kubectl: Kubectl, definitions: Callable[..., None]
) -> None:
    policies, gateways = DEFINITIONS.values()
    definitions(*policies, *gateways[:2])
    run = verdicts()
    assert "which proves little" in text(run, "scs-0219-x-admin-network-policy")
    assert run.verdicts["scs-0219-x-gateway-api"] == "FAIL"
    definitions(*gateways[2:])
    try:
        kubectl("create", "-f", "-", objects=OBJECTS)
        run = verdicts()
        assert {"scs-0219-x-admin-network-policy", "scs-0219-x-ingress-class"} <= run.having("PASS")
        assert "no controller accepts a class (Accepted of stand-in: Unknown)" in text(run, "scs-0219-x-gateway-api")
        accepted = {"type": "Accepted", "status": "True", "reason": "Accepted", "message": ""}
        status = {"conditions": [accepted | {"lastTransitionTime": "2026-11-20T00:00:00Z"}]}
        patch = json.dumps({"status": status})
        kubectl("patch", "gatewayclass", "stand-in", "--subresource=status", "--type=merge", "-p", patch)
        assert verdicts().verdicts["scs-0219-x-gateway-api"] == "PASS"
    finally:
        kubectl("delete", "--ignore-not-found", "-f", "-", objects=OBJECTS)
