# SPDX-License-Identifier: Apache-2.0
"""What lists of a cluster tell: storage classes, nodes, network APIs, node software; on demo clusters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pytest_scs.demo.kubernetes.state import ClusterState, Fault

REGION = "topology.kubernetes.io/region"
ZONE = "topology.kubernetes.io/zone"

#: Testcase -> what it reads, by its path.
READS = {
    "scs-0211-x-default-storage-class": "/apis/storage.k8s.io/v1/storageclasses",
    "scs-0211-x-provisioner": "/apis/storage.k8s.io/v1/storageclasses",
    "scs-0211-x-volume-expansion": "/apis/storage.k8s.io/v1/storageclasses",
    "scs-0213-x-control-plane-redundancy": "/api/v1/nodes",
    "scs-0214-x-node-labels": "/api/v1/nodes",
    "scs-0214-x-control-plane-zones": "/api/v1/nodes",
    "scs-0214-x-worker-zones": "/api/v1/nodes",
    "scs-0219-x-admin-network-policy": "/apis",
    "scs-0219-x-ingress-class": "/apis/networking.k8s.io/v1/ingressclasses",
    "scs-0219-x-gateway-api": "/apis",
    "scs-0220-x-node-software": "/api/v1/nodes",
}
#: There is no PASS for this one, since nodes tell too little.
INVENTORY = "scs-0220-x-node-software"

Judged = Callable[..., Any]


@pytest.fixture
def judged(judge_cluster: Any) -> Judged:
    """Judge a cluster by these testcases, in all targets."""

    def run(state: ClusterState, *args: str, **options: Any) -> Any:
        chosen = " or ".join(sorted({f"scs_{testcase[4:8]}" for testcase in READS}))
        only = f"({chosen}) and light and not manual and not creates_resources"
        return judge_cluster(state, "-m", only, *args, **options).run

    return run


def errors(run: Any, testcase: str) -> list[str]:
    return [line for line in run.messages(testcase) if line.startswith("ERROR: ")]


def labels(node: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = node["metadata"]["labels"]
    return found


def test_a_conforming_cluster_passes_with_few_requests(judged: Judged, cluster_state: ClusterState) -> None:
    run = judged(cluster_state)
    assert run.verdicts == dict.fromkeys(READS, "PASS") | {INVENTORY: "ABORT"}
    assert errors(run, INVENTORY) == ["ERROR: not decided: nodes: cannot be judged: only an inventory is possible"]
    assert run.ret == 0
    assert run.differing == {}
    assert run.requests <= 12
    run.result.stdout.fnmatch_lines(
        [
            "*scs-0214-x-node-labels: node control-plane-1: control plane, region region-1, zone zone-a, providerID *",
            "*scs-0214-x-node-labels: node worker-3: worker, region region-1, zone zone-c, providerID openstack://",
        ]
    )
    # Where nodes are is not for everybody.
    assert not run.messages("scs-0214-x-node-labels")


def test_what_is_wrong_is_named_and_disturbs_nothing_else(judged: Judged, cluster_state: ClusterState) -> None:
    by_name = {node["metadata"]["name"]: node for node in cluster_state.nodes}
    del labels(by_name["worker-2"])[ZONE]
    labels(by_name["worker-3"])[REGION] = ""
    by_name["worker-1"]["status"]["nodeInfo"]["osImage"] = "Ubuntu 20.04.6 LTS"
    for number in (1, 2, 3):
        labels(by_name[f"control-plane-{number}"])[ZONE] = "zone-a"
    for number in (1, 2):
        by_name[f"control-plane-{number}"]["status"]["conditions"] = [{"type": "Ready", "status": "Unknown"}]
    cluster_state.nodes.append({"metadata": {"name": "odd"}})
    cluster_state.storage_classes[0]["provisioner"] = "rancher.io/local-path"
    del cluster_state.storage_classes[0]["metadata"]["annotations"]
    marks = {"storageclass.kubernetes.io/is-default-class": "true"}
    for name in ("first", "second"):
        cluster_state.storage_classes.append(
            {"metadata": {"name": name, "annotations": marks}, "provisioner": "rancher.io/local-path"}
        )
    kept = ("gatewayclasses", "gateways")
    cluster_state.resources = [
        one
        for one in cluster_state.resources
        if one.group != "policy.networking.k8s.io" and (one.plural in kept or one.group != "gateway.networking.k8s.io")
    ]
    cluster_state.ingress_classes[0]["metadata"]["annotations"] = {}
    run = judged(cluster_state)
    assert run.ret == 1
    assert run.having("FAIL") == set(READS) - {
        "scs-0211-x-volume-expansion",
        "scs-0214-x-worker-zones",
        "scs-0219-x-ingress-class",
    }
    assert run.having("PASS") == {"scs-0211-x-volume-expansion"}
    found = " ".join(errors(run, "scs-0214-x-node-labels"))
    for words in (f"node worker-2: {ZONE} missing", f"node worker-3: {REGION} empty", f"node odd: {ZONE} missing"):
        assert words in found
    assert "worker-1" not in found
    for testcase, words in (
        ("scs-0211-x-default-storage-class", "found 2: first, second"),
        ("scs-0211-x-provisioner", "'rancher.io/local-path', which keeps volumes on a node"),
        ("scs-0213-x-control-plane-redundancy", "1 of 3; not ready: control-plane-1, control-plane-2"),
        ("scs-0214-x-control-plane-zones", "3 nodes in zone 'zone-a' of region 'region-1'"),
        ("scs-0214-x-worker-zones", "the zone of worker-2, worker-3, odd is not known"),
        ("scs-0219-x-admin-network-policy", "the group is not there"),
        ("scs-0219-x-ingress-class", "none of nginx is the default; may be an option at order time"),
        ("scs-0219-x-gateway-api", "found v1: gatewayclasses, gateways"),
        (INVENTORY, "node worker-1: the operating system is maintained"),
    ):
        assert words in " ".join(errors(run, testcase)), testcase


def test_a_hosted_control_plane_and_no_options_leave_it_open(judged: Judged, cluster_state: ClusterState) -> None:
    cluster_state.nodes[:] = [node for node in cluster_state.nodes if node["metadata"]["name"] == "worker-1"]
    cluster_state.storage_classes[0]["provisioner"] = "csi.example.org"
    cluster_state.ingress_classes.clear()
    cluster_state.gateway_classes[0]["status"]["conditions"][0]["status"] = "False"
    cluster_state.all("daemonsets.apps").clear()
    run = judged(cluster_state)
    assert run.ret == 0
    assert run.having("FAIL") == set()
    for testcase, words in (
        ("scs-0211-x-provisioner", "unknown provisioner csi.example.org"),
        ("scs-0213-x-control-plane-redundancy", "control plane is not part of the cluster; see the declaration"),
        ("scs-0214-x-control-plane-zones", "control plane is not part of the cluster; see the declaration"),
        ("scs-0214-x-worker-zones", "the only worker is 'worker-1'"),
        ("scs-0219-x-admin-network-policy", "which proves little"),
        ("scs-0219-x-ingress-class", "there are none; may be an option at order time"),
        ("scs-0219-x-gateway-api", "the API is there, no controller accepts a class (Accepted of cilium: False)"),
    ):
        assert run.verdicts[testcase] == "ABORT", testcase
        assert words in " ".join(errors(run, testcase)), testcase


def test_who_may_read_nothing_gets_no_verdict(judged: Judged, cluster_state: ClusterState) -> None:
    run = judged(cluster_state, account="stranger")
    assert run.ret == 6
    # Discovery is for everybody; classes and daemon sets are not.
    assert run.verdicts == dict.fromkeys(READS, "ABORT")
    for testcase in READS:
        [line] = errors(run, testcase)
        assert "(403)" in line, testcase


def test_answers_of_another_form_are_no_verdict(judged: Judged, cluster_state: ClusterState) -> None:
    for path in sorted(set(READS.values())):
        cluster_state.faults.append(Fault("GET", path, action="garbage"))
    run = judged(cluster_state)
    assert run.ret == 6
    assert run.verdicts == dict.fromkeys(READS, "ABORT")
    for testcase in READS:
        [line] = errors(run, testcase)
        assert "cannot read" in line, testcase
