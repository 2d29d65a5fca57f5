# SPDX-License-Identifier: Apache-2.0
"""The scheduler of the demo cluster: which node a new pod runs on, and where its volumes are made."""

from __future__ import annotations

from typing import Any

from pytest_scs.demo.kubernetes import volumes
from pytest_scs.demo.kubernetes.changes import report, touch
from pytest_scs.demo.kubernetes.kubelet import PAUSE, PODS, alive, claims_of, place
from pytest_scs.demo.kubernetes.state import ClusterState, Object


def created(state: ClusterState, pod: Object) -> None:
    """Begin with a new pod."""
    pod["status"] = {"phase": "Pending", "qosClass": "BestEffort", "conditions": []}
    state.timeline.later(state.delays.get("schedule", 0.0), lambda: schedule(state, pod))


def schedule(state: ClusterState, pod: Object) -> None:
    """Find a node for a pod, and have its volumes made there."""
    if not alive(state, pod):
        return
    claims = claims_of(state, pod)
    missing = next((name for name, claim in claims.items() if claim is None), None)
    node = None
    if state.unschedulable or "schedule" in state.stuck:
        words = state.unschedulable
    elif missing:
        words = f'persistentvolumeclaim "{missing}" not found'
    else:
        node, words = _node(state, pod, [claim for claim in claims.values() if claim])
    if node is None:
        _unscheduled(state, pod, words)
        state.timeline.later(PAUSE, lambda: schedule(state, pod))
        return
    waiting = [claim for claim in claims.values() if claim and not claim["spec"].get("volumeName")]
    if not waiting:
        place(state, pod, node)
        return
    chosen = node

    def bound() -> None:
        if all(claim["spec"].get("volumeName") for claim in waiting):
            place(state, pod, chosen)

    for claim in waiting:
        volumes.provision(state, claim, node, bound)


def _node(state: ClusterState, pod: Object, claims: list[Object]) -> tuple[Object | None, str]:
    """The node with the fewest pods of those that suit, or None and the words of the scheduler."""
    given = pod["spec"].get("nodeName")
    if given:
        return state.find("nodes", given), f'node "{given}" not found'
    suiting, against = [], dict.fromkeys(("taint", "ready", "selector", "volume", "unschedulable"), 0)
    for node in state.nodes:
        problem = _problem(state, node, pod, claims)
        if problem:
            against[problem] += 1
        else:
            suiting.append(node)
    if suiting:
        load = [one["spec"].get("nodeName") for one in state.pods if one.get("spec")]
        return min(suiting, key=lambda one: load.count(one["metadata"]["name"])), ""
    words = {
        "taint": "node(s) had untolerated taint(s)",
        "ready": "node(s) were not ready",
        "selector": "node(s) didn't match Pod's node affinity/selector",
        "volume": "node(s) had volume node affinity conflict",
        "unschedulable": "node(s) were unschedulable",
    }
    listed = ", ".join(f"{number} {words[key]}" for key, number in against.items() if number)
    return None, f"0/{len(state.nodes)} nodes are available: {listed or 'no nodes'}."


def _problem(state: ClusterState, node: Object, pod: Object, claims: list[Object]) -> str:
    """Why a pod cannot run on a node, in a word; empty if it can."""
    spec, wanted = node.get("spec") or {}, pod["spec"]
    labels = node["metadata"].get("labels") or {}
    if spec.get("unschedulable"):
        return "unschedulable"
    conditions = (node.get("status") or {}).get("conditions") or ()
    if any(one.get("type") == "Ready" and one.get("status") != "True" for one in conditions):
        return "ready"
    for taint in spec.get("taints") or ():
        if taint.get("effect") != "PreferNoSchedule" and not _tolerated(taint, wanted.get("tolerations") or ()):
            return "taint"
    required = ((wanted.get("affinity") or {}).get("nodeAffinity") or {}).get(
        "requiredDuringSchedulingIgnoredDuringExecution"
    )
    selected = (wanted.get("nodeSelector") or {}).items() <= labels.items()
    if not selected or (required and not volumes.fits(required, node)):
        return "selector"
    return "" if all(volumes.reachable(state, claim, node) for claim in claims) else "volume"


def _tolerated(taint: dict[str, Any], tolerations: Any) -> bool:
    for one in tolerations:
        if one.get("operator") == "Exists" and one.get("key") in (None, "", taint.get("key")):
            return True
        if one.get("key") == taint.get("key") and one.get("value", "") == taint.get("value", ""):
            return True
    return False


def _unscheduled(state: ClusterState, pod: Object, words: str) -> None:
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": words}
    if pod["status"].get("conditions") == [condition]:
        return
    pod["status"]["conditions"] = [condition]
    touch(state, PODS, pod)
    report(state, PODS, pod, "FailedScheduling", words, bad=True)
