# SPDX-License-Identifier: Apache-2.0
"""Claims and volumes of the demo cluster: a provisioner makes what is claimed, when its class says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pytest_scs.demo.kubernetes.changes import add, later, remove, report, touch
from pytest_scs.demo.kubernetes.network import matches
from pytest_scs.demo.kubernetes.state import ClusterState, Object

CLAIMS, VOLUMES = "persistentvolumeclaims", "persistentvolumes"
_CLASSES = "storageclasses.storage.k8s.io"
_DEFAULT = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")
_HOSTNAME = "kubernetes.io/hostname"
#: Provisioners whose volumes are folders or disks of one node.
NODE_BOUND = ("rancher.io/local-path", "openebs.io/local", "topolvm.io")


def default_class(state: ClusterState) -> str:
    """The name of the default class, of several the newest; empty if there is none."""
    found = [one for one in state.all(_CLASSES) if _is_default(one)]
    found.sort(key=lambda one: str(state.complete(one)["metadata"].get("creationTimestamp")))
    return str(found[-1]["metadata"]["name"]) if found else ""


def _is_default(one: Object) -> bool:
    marks = (one.get("metadata") or {}).get("annotations") or {}
    return any(marks.get(key) == "true" for key in _DEFAULT)


def claimed(state: ClusterState, claim: Object) -> None:
    """Begin with a new claim: bind it at once, or say that it waits for its first pod."""
    claim["status"] = {"phase": "Pending"}
    spec = claim["spec"]
    if "storageClassName" not in spec and (name := default_class(state)):
        spec["storageClassName"] = name
    kind = state.find(_CLASSES, spec.get("storageClassName") or "")
    if kind is None:
        message = "no persistent volumes available for this claim and no storage class is set"
        if spec.get("storageClassName"):
            message = f'storageclass.storage.k8s.io "{spec["storageClassName"]}" not found'
        report(state, CLAIMS, claim, "FailedBinding", message, bad=bool(spec.get("storageClassName")))
    elif kind.get("volumeBindingMode") == "WaitForFirstConsumer":
        words = "waiting for first consumer to be created before binding"
        report(state, CLAIMS, claim, "WaitForFirstConsumer", words)
    else:
        provision(state, claim, None, lambda: None)


def provision(state: ClusterState, claim: Object, node: Object | None, then: Callable[[], None]) -> None:
    """Have a volume made for a claim, near a node if its class is bound to one; what comes next waits for it."""
    kind = state.find(_CLASSES, claim["spec"].get("storageClassName") or "")
    driver = str((kind or {}).get("provisioner", ""))
    if kind is None or driver.endswith("no-provisioner"):
        return
    if node is not None:
        marks = claim["metadata"].setdefault("annotations", {})
        marks["volume.kubernetes.io/selected-node"] = node["metadata"]["name"]
        touch(state, CLAIMS, claim)
    words = f'Waiting for a volume to be created either by the external provisioner "{driver}" or manually'
    report(state, CLAIMS, claim, "ExternalProvisioning", words)

    def done() -> None:
        if claim not in state.all(CLAIMS):
            return
        _bind(state, claim, kind, driver, node)
        then()

    def failed() -> None:
        message = f'failed to provision volume with StorageClass "{kind["metadata"]["name"]}": no space left'
        report(state, CLAIMS, claim, "ProvisioningFailed", message, bad=True)

    later(state, "claim", done, failed)


def _bind(state: ClusterState, claim: Object, kind: Object, driver: str, node: Object | None) -> None:
    metadata, spec = claim["metadata"], claim["spec"]
    name = f"pvc-{metadata['uid']}"
    size = spec["resources"]["requests"]["storage"]
    reference = {"kind": "PersistentVolumeClaim", "namespace": metadata["namespace"], "name": metadata["name"]}
    volume: Object = {
        "metadata": {"name": name, "annotations": {"pv.kubernetes.io/provisioned-by": driver}},
        "spec": {
            "capacity": {"storage": size},
            "accessModes": list(spec["accessModes"]),
            "persistentVolumeReclaimPolicy": kind.get("reclaimPolicy") or "Delete",
            "storageClassName": kind["metadata"]["name"],
            "claimRef": {**reference, "apiVersion": "v1", "uid": metadata["uid"]},
            "volumeMode": spec.get("volumeMode") or "Filesystem",
            **_place(state, driver, name, node),
        },
        "status": {"phase": "Bound"},
    }
    add(state, VOLUMES, volume)
    state.contents[name] = {}
    spec["volumeName"] = name
    claim["status"] = {"phase": "Bound", "accessModes": list(spec["accessModes"]), "capacity": {"storage": size}}
    touch(state, CLAIMS, claim)
    report(state, CLAIMS, claim, "ProvisioningSucceeded", f"Successfully provisioned volume {name}")


def _place(state: ClusterState, driver: str, name: str, node: Object | None) -> dict[str, Any]:
    """Where a volume is: a folder of a node, or a volume of the network that all nodes or those of a zone reach."""
    labels = (node or {}).get("metadata", {}).get("labels") or {}
    if driver in NODE_BOUND:
        here = _only(_HOSTNAME, labels.get(_HOSTNAME, ""))
        return {"hostPath": {"path": f"/opt/volumes/{name}", "type": "DirectoryOrCreate"}, "nodeAffinity": here}
    found: dict[str, Any] = {"csi": {"driver": driver, "volumeHandle": name.removeprefix("pvc-"), "fsType": "ext4"}}
    if state.zonal_volumes:
        zone = "topology.kubernetes.io/zone"
        found["nodeAffinity"] = _only(zone, labels.get(zone, ""))
    return found


def _only(key: str, value: str) -> dict[str, Any]:
    term = {"matchExpressions": [{"key": key, "operator": "In", "values": [value]}]}
    return {"required": {"nodeSelectorTerms": [term]}}


def reachable(state: ClusterState, claim: Object, node: Object) -> bool:
    """Whether the volume of a bound claim can be used on a node; a claim without volume can be bound anywhere."""
    volume = state.find(VOLUMES, claim["spec"].get("volumeName") or "")
    affinity = ((volume or {}).get("spec", {}).get("nodeAffinity") or {}).get("required")
    return affinity is None or fits(affinity, node)


def fits(selector: dict[str, Any], node: Object) -> bool:
    """Whether a node fulfils a node selector: all expressions of one of its terms."""
    labels, fields = node["metadata"].get("labels") or {}, {"metadata.name": node["metadata"]["name"]}
    return any(
        all(matches(one, labels) for one in term.get("matchExpressions") or ())
        and all(matches(one, fields) for one in term.get("matchFields") or ())
        for term in selector.get("nodeSelectorTerms") or ()
    )


def released(state: ClusterState, claim: Object) -> None:
    """A claim is gone: so is its volume, unless its class keeps it."""
    volume = state.find(VOLUMES, claim["spec"].get("volumeName") or "")
    if volume is not None:
        volume["status"] = {"phase": "Released"}
        touch(state, VOLUMES, volume)
        reclaim(state, volume)


def reclaim(state: ClusterState, volume: Object) -> None:
    """Delete a volume that nobody claims any more, if it is not to be kept."""
    if volume["spec"].get("persistentVolumeReclaimPolicy") != "Delete":
        return

    def gone() -> None:
        remove(state, VOLUMES, volume)
        state.contents.pop(volume["metadata"]["name"], None)

    later(state, "volume-deletion", gone)
