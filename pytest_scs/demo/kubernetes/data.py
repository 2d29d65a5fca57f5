# SPDX-License-Identifier: Apache-2.0
"""The content of the clusters that come with the plugin: a conforming one, and one fresh from its installer."""

from __future__ import annotations

import datetime as dt

from pytest_scs.demo.kubernetes import resources
from pytest_scs.demo.kubernetes.control_plane import (
    COMPACTING,
    HARDENED,
    add_control_plane,
    add_plugin,
    backups,
    kubelet_settings,
    signing_request,
)
from pytest_scs.demo.kubernetes.rights import add_rights
from pytest_scs.demo.kubernetes.state import ClusterState, Object
from pytest_scs.standards.kaas import small_version_data

#: What the conforming cluster runs: the newest release of the version data for embedded clusters.
NEWEST = small_version_data.NEWEST.removeprefix("v")

_REGION = "topology.kubernetes.io/region"
_ZONE = "topology.kubernetes.io/zone"


def version_answer(release: str, suffix: str = "") -> Object:
    """What /version says of a release such as 1.36.3."""
    major, minor, _ = release.split(".")
    return {
        "major": major,
        "minor": minor,
        "emulationMajor": major,
        "emulationMinor": minor,
        "minCompatibilityMajor": major,
        "minCompatibilityMinor": str(int(minor) - 1),
        "gitVersion": f"v{release}{suffix}",
        "gitCommit": "9a1b2c3d4e5f60718293a4b5c6d7e8f901234567",
        "gitTreeState": "clean",
        "buildDate": "2026-08-20T11:21:07Z",
        "goVersion": "go1.26.0",
        "compiler": "gc",
        "platform": "linux/amd64",
    }


def node(
    name: str, release: str, *, number: int = 1, region: str = "", zone: str = "", role: str = "", images: int = 4
) -> Object:
    """A ready node; ``role`` ``control-plane`` keeps pods away, ``number`` makes its addresses."""
    labels = {
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
    }
    labels |= {key: value for key, value in ((_REGION, region), (_ZONE, zone)) if value}
    if role:
        labels[f"node-role.kubernetes.io/{role}"] = ""
    cidr = f"10.244.{number % 256}.0/24"
    spec: Object = {"podCIDR": cidr, "podCIDRs": [cidr], "providerID": f"openstack:///{_uuid(number)}"}
    if role:
        spec["taints"] = [{"key": f"node-role.kubernetes.io/{role}", "effect": "NoSchedule"}]
    return {
        "metadata": {"name": name, "labels": labels, "annotations": {}},
        "spec": spec,
        "status": _status(name, release, number, images),
    }


def _status(name: str, release: str, number: int, images: int) -> Object:
    # Addresses of the loopback interface, at which nobody listens: any other might be somebody's.
    quantities = {"cpu": "4", "ephemeral-storage": "81126Mi", "memory": "16384Mi", "pods": "110"}
    return {
        "addresses": [
            {"type": "InternalIP", "address": f"127.10.{number // 250}.{number % 250 + 1}"},
            {"type": "Hostname", "address": name},
        ],
        "allocatable": quantities,
        "capacity": dict(quantities),
        "conditions": [
            _condition("MemoryPressure", "False", "KubeletHasSufficientMemory"),
            _condition("DiskPressure", "False", "KubeletHasNoDiskPressure"),
            _condition("PIDPressure", "False", "KubeletHasSufficientPID"),
            _condition("Ready", "True", "KubeletReady"),
        ],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
        "images": [_image(one) for one in range(images)],
        "nodeInfo": {
            "architecture": "amd64",
            "bootID": _uuid(number + 20000),
            "containerRuntimeVersion": "containerd://2.3.1",
            "kernelVersion": "6.12.48+deb13-cloud-amd64",
            "kubeProxyVersion": "",
            "kubeletVersion": f"v{release}",
            "machineID": _uuid(number + 40000).replace("-", ""),
            "operatingSystem": "linux",
            "osImage": "Debian GNU/Linux 13 (trixie)",
            "systemUUID": _uuid(number),
        },
    }


def _uuid(number: int) -> str:
    return f"6b1f4c2e-0d3a-4e5b-8f70-{number:012x}"


def _image(number: int) -> Object:
    name = f"registry.example.org/system/part-{number}"
    return {"names": [f"{name}@sha256:{number:064x}", f"{name}:v1.{number}"], "sizeBytes": 10_000_000 + number}


def _condition(kind: str, status: str, reason: str) -> Object:
    return {"type": kind, "status": status, "reason": reason, "message": reason, "lastHeartbeatTime": None}


def _namespace(name: str, **labels: str) -> Object:
    marks = {"kubernetes.io/metadata.name": name, **labels}
    return {
        "metadata": {"name": name, "labels": marks},
        "spec": {"finalizers": ["kubernetes"]},
        "status": {"phase": "Active"},
    }


def _storage_class(name: str, provisioner: str, *, default: bool) -> Object:
    marks = {"storageclass.kubernetes.io/is-default-class": "true"} if default else {}
    return {
        "metadata": {"name": name, **({"annotations": marks} if marks else {})},
        "provisioner": provisioner,
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "WaitForFirstConsumer",
        "allowVolumeExpansion": True,
    }


def _plain(release: str) -> ClusterState:
    """What every cluster has."""
    state = ClusterState(version=version_answer(release))
    for name in ("default", "kube-node-lease", "kube-public", "kube-system"):
        state.namespaces.append(_namespace(name))
        state.all("serviceaccounts").append({"metadata": {"name": "default", "namespace": name}})
    add_rights(state)
    return state


def conformant(now: dt.datetime, release: str = NEWEST) -> ClusterState:
    """A cluster that meets everything that can be seen through the API: three zones, managed storage, Gateway API."""
    state = _plain(release)
    names: dict[str, list[str]] = {"control-plane": [], "etcd": [], "worker": []}
    for number, zone in enumerate(("zone-a", "zone-b", "zone-c"), start=1):
        for offset, (kind, found) in enumerate(names.items()):
            found.append(f"{kind}-{number}")
            place, role = number + 10 * offset, "" if kind == "worker" else kind
            made = node(found[-1], release, number=place, region="region-1", zone=zone, role=role)
            made["status"]["addresses"].append({"type": "ExternalIP", "address": f"127.11.0.{place}"})
            state.nodes.append(made)
    add_control_plane(state, names["control-plane"], names["etcd"], HARDENED, COMPACTING)
    _add_kubelets(state, now, serverTLSBootstrap=True)
    add_plugin(state, "cilium")
    state.admission_plugins = {"EventRateLimit", "NodeRestriction", "PodSecurity"}
    state.pod_security = "baseline"
    state.storage_classes.append(_storage_class("cinder", "cinder.csi.openstack.org", default=True))
    state.ingress_classes.append(_ingress_class())
    state.resources += [*resources.GATEWAY, *resources.ADMIN_POLICIES]
    state.gateway_classes.append(_gateway_class())
    state.all("cronjobs.batch").append(backups(now))
    return state


def vanilla(now: dt.datetime, release: str = "1.36.2") -> ClusterState:
    """A fresh cluster as its installer leaves it: one control-plane node, no labels of zones, no storage."""
    state = _plain(release)
    state.nodes.append(node("control-plane", release, number=1, role="control-plane"))
    state.nodes.extend(node(f"worker-{number}", release, number=number + 1) for number in (1, 2))
    add_control_plane(state, ["control-plane"], ["control-plane"], {}, {})
    _add_kubelets(state, now)
    add_plugin(state, "kube-flannel")
    state.network_policies = False
    return state


def _add_kubelets(state: ClusterState, now: dt.datetime, **changes: object) -> None:
    """The kubelets of all nodes, with the certificates that they have asked for lately."""
    for number, one in enumerate(state.nodes):
        name = one["metadata"]["name"]
        state.kubelets[name] = kubelet_settings(**changes)
        if changes.get("serverTLSBootstrap"):
            state.signing_requests.append(signing_request(f"csr-{number:05}", name, now))


def _ingress_class() -> Object:
    marks = {"ingressclass.kubernetes.io/is-default-class": "true"}
    return {"metadata": {"name": "nginx", "annotations": marks}, "spec": {"controller": "k8s.io/ingress-nginx"}}


def _gateway_class() -> Object:
    accepted = {"type": "Accepted", "status": "True", "reason": "Accepted", "message": "Valid GatewayClass"}
    return {
        "metadata": {"name": "cilium"},
        "spec": {"controllerName": "io.cilium/gateway-controller"},
        "status": {"conditions": [accepted]},
    }


def many(state: ClusterState, nodes: int, images: int = 50) -> None:
    """Have a cluster so many nodes, each with so many images, for load tests: workers spread over three zones."""
    release = str(state.version["gitVersion"]).removeprefix("v")
    for one in state.nodes:
        one["status"]["images"] = [_image(number) for number in range(images)]
    for number in range(len(state.nodes), nodes):
        zone = f"zone-{'abc'[number % 3]}"
        made = node(f"many-{number:05}", release, number=100 + number, region="region-1", zone=zone, images=images)
        state.nodes.append(made)
        state.kubelets[made["metadata"]["name"]] = kubelet_settings(serverTLSBootstrap=True)
