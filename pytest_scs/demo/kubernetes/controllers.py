# SPDX-License-Identifier: Apache-2.0
"""What the demo cluster does by itself when an object comes or is to go: pods run, claims bind, namespaces empty."""

from __future__ import annotations

from pytest_scs.demo.kubernetes import kubelet, scheduler, volumes, workloads
from pytest_scs.demo.kubernetes.changes import add, later, remove, stamp, touch
from pytest_scs.demo.kubernetes.state import ClusterState, Object

_PROTECTED = "kubernetes.io/pvc-protection"
_HANGS = (
    "Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: "
    "metrics.k8s.io/v1beta1: stale GroupVersion discovery: metrics.k8s.io/v1beta1"
)


def prepare(state: ClusterState, key: str, item: Object) -> None:
    """Give a new object what the API server adds before it is stored."""
    metadata = item["metadata"]
    if key == "namespaces":
        metadata["labels"] = {"kubernetes.io/metadata.name": metadata["name"], **(metadata.get("labels") or {})}
        item["spec"] = {"finalizers": ["kubernetes"]}
        item["status"] = {"phase": "Active"}
    elif key == "pods":
        spec = item["spec"]
        spec.setdefault("serviceAccountName", "default")
        spec.setdefault("restartPolicy", "Always")
        spec.setdefault("terminationGracePeriodSeconds", 30)
        item["status"] = {"phase": "Pending", "qosClass": "BestEffort"}
    elif key == volumes.CLAIMS:
        metadata.setdefault("finalizers", []).append(_PROTECTED)
        item["status"] = {"phase": "Pending"}
    elif key in workloads.KEYS:
        workloads.prepare(item)
    elif key == "services":
        number = 10 + next(state.numbers)
        item["spec"].setdefault("clusterIP", f"10.96.{number // 250}.{number % 250}")
    elif key == "certificatesigningrequests.certificates.k8s.io":
        item.setdefault("status", {})


def changed(state: ClusterState, key: str, item: Object) -> None:
    """See to an object that somebody has changed: perhaps nothing holds it any more."""
    settle(state, key, item)
    if key in workloads.KEYS:
        _replicate(state, key, item)
    phase = (item.get("status") or {}).get("phase")
    if key == volumes.VOLUMES and phase == "Released":
        volumes.reclaim(state, item)


def created(state: ClusterState, key: str, item: Object) -> None:
    """Begin with what a new object is there for."""
    if key == "pods":
        scheduler.created(state, item)
    elif key == volumes.CLAIMS:
        volumes.claimed(state, item)
    elif key in workloads.KEYS:
        _replicate(state, key, item)
    elif key == "namespaces":
        later(state, "serviceaccount", lambda: _furnish(state, item))


def _replicate(state: ClusterState, key: str, item: Object) -> None:
    """Make the pods that are wanted and not there."""
    if "deletionTimestamp" in item["metadata"]:
        return
    for pod in workloads.settle(state, key, item):
        prepare(state, "pods", pod)
        add(state, "pods", pod)
        created(state, "pods", pod)


def _furnish(state: ClusterState, namespace: Object) -> None:
    """What every namespace has."""
    if "deletionTimestamp" in namespace["metadata"]:
        return
    name = namespace["metadata"]["name"]
    for key, called in (("configmaps", "kube-root-ca.crt"), ("serviceaccounts", "default")):
        if state.find(key, called, name) is None:
            add(state, key, {"metadata": {"name": called, "namespace": name}})


def delete(state: ClusterState, key: str, item: Object, *, at_once: bool = False) -> bool:
    """Have an object deleted; returns whether it is gone. What has finalizers stays until somebody takes them off."""
    metadata = item["metadata"]
    begun = "deletionTimestamp" in metadata
    if not begun:
        metadata["deletionTimestamp"] = stamp(state)
        metadata["deletionGracePeriodSeconds"] = 0
    if key == "namespaces":
        if not begun:
            _empty(state, item)
        return False
    if key == "pods":
        touch(state, key, item)
        kubelet.terminate(state, item, at_once=at_once)
        return item not in state.all(key)
    if settle(state, key, item):
        return True
    touch(state, key, item)
    if not begun and key == volumes.CLAIMS:
        _wait_for_pods(state, item)
    return False


def _wait_for_pods(state: ClusterState, claim: Object) -> None:
    """Look now and then whether the pods are gone that hold a claim which is to go."""
    if any(one is claim for one in state.all(volumes.CLAIMS)) and not settle(state, volumes.CLAIMS, claim):
        state.timeline.later(kubelet.PAUSE, lambda: _wait_for_pods(state, claim))


def settle(state: ClusterState, key: str, item: Object) -> bool:
    """Take an object out that is to be deleted, if nothing holds it any more; returns whether it is gone."""
    metadata = item["metadata"]
    if "deletionTimestamp" not in metadata:
        return False
    if key == volumes.CLAIMS and not _in_use(state, item):
        metadata["finalizers"] = [one for one in metadata.get("finalizers") or () if one != _PROTECTED]
    if metadata.get("finalizers"):
        return False
    remove(state, key, item)
    for pod in workloads.pods_of(state, item) if key in workloads.KEYS else ():
        delete(state, "pods", pod)
    if key == volumes.CLAIMS:
        volumes.released(state, item)
    return True


def _in_use(state: ClusterState, claim: Object) -> bool:
    """Whether a pod that has not ended mounts a claim."""
    metadata = claim["metadata"]
    for pod in state.pods:
        if pod["metadata"].get("namespace") != metadata["namespace"]:
            continue
        ended = (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")
        names = [(one.get("persistentVolumeClaim") or {}).get("claimName") for one in pod["spec"].get("volumes") or ()]
        if metadata["name"] in names and not ended:
            return True
    return False


def _empty(state: ClusterState, namespace: Object) -> None:
    """Delete what a namespace contains, and it when nothing is left."""
    name = namespace["metadata"]["name"]
    namespace["status"] = {"phase": "Terminating"}
    if "namespace" in state.stuck:
        namespace["status"]["conditions"] = [_condition("NamespaceDeletionDiscoveryFailure", "DiscoveryFailed", _HANGS)]
    touch(state, "namespaces", namespace)
    for key, item in _content(state, name):
        if "deletionTimestamp" not in item["metadata"]:
            delete(state, key, item)
    later(state, "namespace", lambda: _finish(state, namespace))


def _content(state: ClusterState, name: str) -> list[tuple[str, Object]]:
    found = [(key, item) for key in state.objects for item in state.all(key)]
    return [(key, item) for key, item in found if key != "events" and item["metadata"].get("namespace") == name]


def _finish(state: ClusterState, namespace: Object) -> None:
    """Take out a namespace that is to go, when its content is gone and nothing holds it; else look again."""
    name = namespace["metadata"]["name"]
    for key, item in _content(state, name):
        settle(state, key, item)
    left = _content(state, name)
    if not left and not namespace["metadata"].get("finalizers"):
        state.objects["events"] = [one for one in state.all("events") if one["metadata"].get("namespace") != name]
        remove(state, "namespaces", namespace)
        return
    if left and "conditions" not in namespace["status"]:
        words = f"Some resources are remaining: {left[0][0]} has {len(left)} resource instances"
        namespace["status"]["conditions"] = [_condition("NamespaceContentRemaining", "SomeResourcesRemain", words)]
        touch(state, "namespaces", namespace)
    state.timeline.later(kubelet.PAUSE, lambda: _finish(state, namespace))


def _condition(kind: str, reason: str, message: str) -> dict[str, str]:
    return {"type": kind, "status": "True", "reason": reason, "message": message}
