# SPDX-License-Identifier: Apache-2.0
"""Clusters that answer with refusals, oddities or nothing: what is not known is ABORT, and all else is judged."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_scs.demo.kubernetes.rights import grant
from pytest_scs.demo.kubernetes.state import ClusterState, Fault

LABELS = "scs-0214-x-node-labels"
STORAGE = "scs-0211-x-default-storage-class"
VERSION = "version-policy-check"
SCOPES = ("--scs-scope=kaas-v1", "--scs-target=all", "-m", "not creates_resources and not heavy and not manual")


@pytest.fixture
def judged(judge_cluster: Any, cluster_state: ClusterState) -> Any:
    def run(*args: str, **options: Any) -> Any:
        return judge_cluster(cluster_state, *SCOPES, *args, **options)

    return run


def abort_causes(run: Any, testcase: str) -> list[str]:
    assert run.verdicts[testcase] == "ABORT", (testcase, run.messages(testcase))
    return [line for line in run.messages(testcase) if line.startswith("ERROR: not decided: ")]


def test_an_account_is_judged_by_its_token_as_by_its_certificate(judged: Any) -> None:
    run = judged("-k", "node_labels or default_storage_class or version_policy", token=True)
    assert {LABELS, STORAGE, VERSION} <= run.having("PASS")


def test_who_asks_to_wait_for_an_hour_is_not_waited_for(judged: Any, cluster_state: ClusterState) -> None:
    fault = Fault("GET", "/api/v1/nodes", status=429, headers={"Retry-After": "3600"})
    cluster_state.faults.append(fault)
    run = judged("--scs-deadline=60", "-k", "node_labels or default_storage_class")
    assert "asks to wait 3600 s" in abort_causes(run, LABELS)[0]
    assert run.verdicts[STORAGE] == "PASS"
    asked = [request for request in cluster_state.requests if request.path.startswith("/api/v1/nodes?")]
    assert len(asked) <= 2  # one of them to see what the cluster is like before it is judged
    assert run.ret == 6


def test_a_short_wait_is_waited_for(judged: Any, cluster_state: ClusterState) -> None:
    fault = Fault("GET", "/storageclasses", status=429, headers={"Retry-After": "0"}, times=1)
    cluster_state.faults.append(fault)
    run = judged("--scs-deadline=20", "-k", "default_storage_class")
    assert run.verdicts[STORAGE] == "PASS"


def test_an_odd_node_disturbs_no_other(judged: Any, cluster_state: ClusterState) -> None:
    for number, name in enumerate(("no-labels", "null-fields", "bare")):
        node = [
            {
                "metadata": {"name": name, "labels": None},
                "spec": {},
                "status": {"nodeInfo": {"kubeletVersion": "v1.36.4"}},
            },
            {
                "metadata": {"name": name},
                "spec": None,
                "status": {"conditions": None, "addresses": None, "nodeInfo": None},
            },
            {"metadata": {"name": name}},
        ][number]
        cluster_state.nodes.append(node)
    run = judged("-k", "node_labels or control_plane_zones or worker_zones or redundancy")
    assert run.having("FAIL") == {LABELS}
    lines = [line for line in run.messages(LABELS) if line.startswith("ERROR: node ")]
    assert {line.split()[2].rstrip(":") for line in lines} == {"no-labels", "null-fields", "bare"}


def test_lists_in_small_pages_and_pages_that_expire_change_nothing(judged: Any, cluster_state: ClusterState) -> None:
    cluster_state.page_size = 2
    run = judged("-k", "node_labels or default_storage_class")
    assert {LABELS, STORAGE} <= run.having("PASS")
    cluster_state.page_size = 0


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"status": 403}, "403"),
        ({"action": "garbage"}, "no JSON"),
        ({"action": "drop"}, ""),
        ({"body": '{"items": [{"metadata": {"name": 7}}]}', "status": 200}, ""),
    ],
    ids=lambda value: "" if isinstance(value, str) else str(value.get("action") or value["status"]),
)
def test_what_cannot_be_read_is_abort_for_who_needs_it_and_for_nobody_else(
    judged: Any, cluster_state: ClusterState, fault: dict[str, Any], words: str
) -> None:
    cluster_state.faults.append(Fault("GET", "/storageclasses", **fault))
    run = judged("-k", "node_labels or default_storage_class or version_policy")
    (cause,) = abort_causes(run, STORAGE)
    assert words in cause
    assert "Traceback" not in cause
    assert run.having("FAIL") == set()
    assert {LABELS, VERSION} <= run.having("PASS")
    assert run.ret == 6


def test_who_lacks_a_right_is_told_which(judged: Any, cluster_state: ClusterState) -> None:
    grant(cluster_state, "stranger", "some", {"verbs": ["list"], "apiGroups": [""], "resources": ["nodes"]})
    run = judged("-k", "node_labels or default_storage_class or version_policy", account="stranger")
    (cause,) = abort_causes(run, STORAGE)
    assert "storageclasses" in cause
    assert {LABELS, VERSION} <= run.having("PASS")


def test_a_wrong_credential_ends_it_once(judged: Any, cluster_state: ClusterState) -> None:
    cluster_state.faults.append(Fault("*", "^/api", status=401))
    run = judged("-k", "node_labels or default_storage_class or version_policy")
    assert run.having("FAIL") == run.having("PASS") == set()
    assert all("credentials rejected (401)" in abort_causes(run, one)[0] for one in (LABELS, STORAGE, VERSION))


STATUS = '{"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 200}'
BARE = "{}"


@pytest.mark.parametrize("body", [STATUS, BARE, '{"items": []', '{"kind": "List", "kind": "List"}', "null"])
def test_an_answer_that_is_no_evidence_decides_nothing(
    judge_cluster: Any, cluster_state: ClusterState, body: str
) -> None:
    """Whatever a cluster is asked for while nothing is created, it answers 200 with something else."""
    cluster_state.faults.append(Fault("*", "^/(?!version|.*selfsubjectreviews)", status=200, body=body))
    run = judge_cluster(cluster_state, "--scs-target=all", "-m", "not creates_resources and not heavy and not manual")
    # What the kubeconfig, the handshake and the version say is evidence all the same.
    of_these = ("0210", "ca-lifetime", "certificate-lifetime", "priority-and-fairness", "second-auth-method")
    seen = {testcase for testcase in run.verdicts if any(word in testcase for word in of_these)}
    assert run.having("FAIL") - seen == set()
    assert run.having("PASS") - seen == set()
    assert "Traceback" not in run.result.stdout.str()
