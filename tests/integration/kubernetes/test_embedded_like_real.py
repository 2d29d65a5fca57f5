# SPDX-License-Identifier: Apache-2.0
"""The embedded cluster answers like a real one: the same status, the same reason, the same words.

Nothing is changed here: what would create something is a dry run. The real cluster has to be a plain one, with the
authorizers Node and RBAC.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from real_cluster import client_of

from pytest_scs.demo.kubernetes import data
from pytest_scs.demo.kubernetes.server import DemoCluster
from pytest_scs.platforms.kubernetes.client import Client, Refused
from pytest_scs.platforms.kubernetes.kubeconfig import Access

POD = {"containers": [{"name": "main", "image": "localhost/pause:1"}]}
RESTRICTED = {"metadata": {"name": "scs-like", "labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}
MERGE = {"Content-Type": "application/merge-patch+json"}
AS_NODE = {"Impersonate-User": "system:node:NODE", "Impersonate-Group": "system:nodes", **MERGE}
PROTECTED = {"metadata": {"labels": {"node-restriction.kubernetes.io/probe": "x"}}}
NODES = ["system:nodes", "system:authenticated"]
DRY = "?dryRun=All"
PODS = f"/api/v1/namespaces/default/pods{DRY}"
CLAIMS = f"/api/v1/namespaces/default/persistentvolumeclaims{DRY}"
REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
FLAGZ = "application/json;v=v1beta1;g=config.k8s.io;as=Flagz"


class Asked(NamedTuple):
    """A request; NODE stands for the name of a node, OTHER for that of another one."""

    path: str
    method: str = "GET"
    body: Any = None
    headers: dict[str, str] = {}


def review(user: str, groups: list[str], **attributes: str) -> Asked:
    spec = {"user": user, "groups": groups, "resourceAttributes": attributes}
    return Asked(REVIEWS, "POST", {"spec": spec})


SECRET = {"verb": "get", "resource": "secrets", "namespace": "kube-system", "name": "nope"}
REQUESTS = {
    "version": Asked("/version"),
    "version with a slash": Asked("/version/"),
    "no such path": Asked("/nothing"),
    "no such group": Asked("/apis/nothing.example.org/v1"),
    "no such kind": Asked("/api/v1/nothings"),
    "no such part": Asked("/api/v1/nodes/NODE/nothing"),
    "no such node": Asked("/api/v1/nodes/nope"),
    "no such role": Asked("/apis/rbac.authorization.k8s.io/v1/clusterroles/nope"),
    "no such pod's log": Asked("/api/v1/namespaces/default/pods/nope/log"),
    "a method that is none": Asked("/api/v1/nodes", "PUT", {}),
    "a list": Asked("/api/v1/nodes"),
    "a page": Asked("/api/v1/nodes?limit=1"),
    "a selector that is none": Asked("/api/v1/nodes?fieldSelector=x"),
    "an empty list": Asked("/apis/networking.k8s.io/v1/networkpolicies"),
    "the groups": Asked("/apis"),
    "a group": Asked("/apis/storage.k8s.io"),
    "its kinds": Asked("/apis/storage.k8s.io/v1"),
    "a kubelet's settings": Asked("/api/v1/nodes/NODE/proxy/configz"),
    "a kubelet that is none": Asked("/api/v1/nodes/nope/proxy/configz"),
    "the flags": Asked("/flagz", headers={"Accept": FLAGZ}),
    "the flags as any JSON": Asked("/flagz", headers={"Accept": "application/json"}),
    "who am I": Asked("/apis/authentication.k8s.io/v1/selfsubjectreviews", "POST", {}),
    "a node's right to a secret": review("system:node:NODE", NODES, **SECRET),
    "a node's right to all secrets": review("system:node:NODE", NODES, verb="list", resource="secrets"),
    "a node's right to those of a namespace": review(
        "system:node:NODE", NODES, verb="list", resource="secrets", namespace="kube-system"
    ),
    "somebody's right to a secret": review("somebody", ["system:authenticated"], **SECRET),
    "somebody's right to ask": review(
        "somebody",
        ["system:authenticated"],
        verb="create",
        group="authentication.k8s.io",
        resource="selfsubjectreviews",
    ),
    "a master's right": review("root", ["system:masters"], **SECRET),
    "rules without a namespace": Asked("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", "POST", {"spec": {}}),
    "a wrong token": Asked("/apis/authentication.k8s.io/v1/tokenreviews", "POST", {"spec": {"token": "x"}}),
    "a node's protected label": Asked(f"/api/v1/nodes/NODE{DRY}", "PATCH", PROTECTED, AS_NODE),
    "another node's label": Asked(f"/api/v1/nodes/OTHER{DRY}", "PATCH", PROTECTED, AS_NODE),
    "a group without a user": Asked("/api/v1/nodes", headers={"Impersonate-Group": "system:nodes"}),
    "somebody who may nothing": Asked("/api/v1/nodes", headers={"Impersonate-User": "somebody"}),
    "somebody who may not see": Asked("/metrics", headers={"Impersonate-User": "somebody"}),
    "somebody without a proxy": Asked("/api/v1/nodes/NODE/proxy/configz", headers={"Impersonate-User": "somebody"}),
    "a namespace": Asked(f"/api/v1/namespaces{DRY}", "POST", RESTRICTED),
    "a namespace that is there": Asked(f"/api/v1/namespaces{DRY}", "POST", {"metadata": {"name": "default"}}),
    "a namespace without a name": Asked(f"/api/v1/namespaces{DRY}", "POST", {"metadata": {}}),
    "a pod": Asked(PODS, "POST", {"metadata": {"name": "scs-like"}, "spec": {**POD, "hostPID": True}}),
    "a pod without containers": Asked(PODS, "POST", {"metadata": {"name": "scs-like"}, "spec": {"containers": []}}),
    "a pod of nobody": Asked(
        PODS, "POST", {"metadata": {"name": "scs-like"}, "spec": {**POD, "serviceAccountName": "nope"}}
    ),
    "a pod for elsewhere": Asked(PODS, "POST", {"metadata": {"name": "scs-like", "namespace": "x"}, "spec": POD}),
    "a pod nowhere": Asked(f"/api/v1/namespaces/nope/pods{DRY}", "POST", {"metadata": {"name": "x"}, "spec": POD}),
    "a claim": Asked(
        CLAIMS,
        "POST",
        {
            "metadata": {"name": "scs-like"},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
        },
    ),
    "a namespace to be deleted": Asked(f"/api/v1/namespaces/nope{DRY}", "DELETE"),
}


@pytest.fixture(scope="module")
def embedded() -> Iterator[Client]:
    with DemoCluster(data.vanilla(dt.datetime.now(dt.UTC))) as cluster:
        client = Client(Access("embedded", cluster.kubeconfig(), "a test"), 0)
        yield client
        client.close()


@pytest.fixture
def real(kubeconfig: Path) -> Iterator[Client]:
    client = client_of(kubeconfig)
    yield client
    client.close()


def _said(client: Client, asked: Asked) -> tuple[Any, ...]:
    """Status, and of a refusal reason and words, of anything else what it is and what a review says."""
    names = [node["metadata"]["name"] for node in client.list("CoreV1Api", "list_node")]

    def filled(text: str) -> str:
        return text.replace("NODE", names[0]).replace("OTHER", names[1])

    body = json.loads(filled(json.dumps(asked.body))) if asked.body is not None else None
    headers = {key: filled(value) for key, value in asked.headers.items()}
    accept = headers.pop("Accept", "application/json")
    try:
        answer = client.raw(asked.method, filled(asked.path), accept=accept, headers=headers, body=body)
    except Refused as refused:
        words = refused.message.replace(names[0], "NODE").replace(names[1], "OTHER")
        return refused.status, refused.reason, words
    found = answer.mapping
    status = found.get("status") or {}
    said = {key: status.get(key) for key in ("allowed", "reason", "authenticated", "error", "phase")}
    if said["reason"]:
        said["reason"] = said["reason"].replace(names[0], "NODE")
    fair = "x-kubernetes-pf-flowschema-uid" in answer.headers
    return answer.status, found.get("kind"), found.get("apiVersion"), said, fair


@pytest.mark.parametrize("what", REQUESTS)
def test_it_answers_like_a_real_cluster(what: str, embedded: Client, real: Client) -> None:
    asked = REQUESTS[what]
    assert _said(embedded, asked) == _said(real, asked)
