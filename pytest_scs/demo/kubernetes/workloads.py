# SPDX-License-Identifier: Apache-2.0
"""Deployments and what is like them: their pods come and go with the number that is wanted, and how many there are."""

from __future__ import annotations

import copy
import secrets
from typing import Any

from pytest_scs.demo.kubernetes import kubelet
from pytest_scs.demo.kubernetes.changes import touch
from pytest_scs.demo.kubernetes.state import ClusterState, Object

#: The resources whose pods are made here.
KEYS = ("deployments.apps", "replicasets.apps", "statefulsets.apps")


def prepare(item: Object) -> None:
    """Give a new one what the API server adds before it is stored."""
    item["spec"].setdefault("replicas", 1)
    item["status"] = {"replicas": 0}


def pods_of(state: ClusterState, item: Object) -> list[Object]:
    """The pods of one, oldest first."""
    uid = item["metadata"].get("uid")
    return [
        pod
        for pod in state.pods
        if any(owner.get("uid") == uid for owner in pod["metadata"].get("ownerReferences") or ())
    ]


def settle(state: ClusterState, key: str, item: Object) -> list[Object]:
    """Note how many pods are wanted, and return those that are to be made; surplus ones are taken out."""
    spec, metadata = item["spec"], item["metadata"]
    wanted = int(spec.get("replicas", 1))
    present = pods_of(state, item)
    for pod in present[wanted:]:
        kubelet.terminate(state, pod, at_once=True)
    resource = state.resource(key)
    owner = {"apiVersion": "apps/v1", "kind": resource.kind if resource else "", "name": metadata["name"]}
    owner |= {"uid": metadata["uid"], "controller": True}
    new = []
    for _ in range(wanted - len(present)):
        own: dict[str, Any] = copy.deepcopy((spec.get("template") or {}).get("metadata") or {})
        own |= {"name": f"{metadata['name']}-{secrets.token_hex(3)[:5]}", "namespace": metadata["namespace"]}
        pod = {"metadata": own | {"ownerReferences": [owner]}, "spec": copy.deepcopy(spec["template"]["spec"])}
        new.append(pod)
    counts = dict.fromkeys(("replicas", "readyReplicas", "updatedReplicas", "availableReplicas"), wanted)
    conditions = [{"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable"}]
    status = {**counts, "observedGeneration": metadata.get("generation", 0), "conditions": conditions}
    if item.get("status") != status:
        item["status"] = status
        touch(state, key, item)
    return new
