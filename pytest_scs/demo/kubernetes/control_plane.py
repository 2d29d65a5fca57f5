# SPDX-License-Identifier: Apache-2.0
"""The control plane of a demo cluster: its pods with their command lines, its flags and metrics, its kubelets."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Mapping, Sequence

from pytest_scs.demo.kubernetes.state import ClusterState, Object

_PKI = "/etc/kubernetes/pki"
#: What kubeadm gives the API server, whatever the cluster is for.
_API_SERVER = {
    "allow-privileged": "true",
    "authorization-mode": "Node,RBAC",
    "client-ca-file": f"{_PKI}/ca.crt",
    "enable-admission-plugins": "NodeRestriction",
    "enable-bootstrap-token-auth": "true",
    "etcd-cafile": f"{_PKI}/etcd/ca.crt",
    "etcd-certfile": f"{_PKI}/apiserver-etcd-client.crt",
    "etcd-keyfile": f"{_PKI}/apiserver-etcd-client.key",
    "kubelet-client-certificate": f"{_PKI}/apiserver-kubelet-client.crt",
    "kubelet-client-key": f"{_PKI}/apiserver-kubelet-client.key",
    "kubelet-preferred-address-types": "InternalIP,ExternalIP,Hostname",
    "secure-port": "6443",
    "service-account-issuer": "https://kubernetes.default.svc.cluster.local",
    "service-account-key-file": f"{_PKI}/sa.pub",
    "service-account-signing-key-file": f"{_PKI}/sa.key",
    "service-cluster-ip-range": "10.96.0.0/12",
    "tls-cert-file": f"{_PKI}/apiserver.crt",
    "tls-private-key-file": f"{_PKI}/apiserver.key",
}
#: What a hardened one has beside that.
HARDENED = {
    "admission-control-config-file": "/etc/kubernetes/admission.yaml",
    "enable-admission-plugins": "NodeRestriction,PodSecurity,EventRateLimit",
    "max-mutating-requests-inflight": "300",
    "max-requests-inflight": "800",
    "min-request-timeout": "1800",
    "oidc-client-id": "kubernetes",
    "oidc-issuer-url": "https://login.example.org/realms/demo",
}
#: What holds where nothing is set; /flagz shows it like anything else.
_DEFAULTS = {
    "anonymous-auth": "true",
    "audit-log-maxage": "0",
    "disable-admission-plugins": "[]",
    "enable-admission-plugins": "[]",
    "enable-priority-and-fairness": "true",
    "max-mutating-requests-inflight": "200",
    "max-requests-inflight": "400",
    "min-request-timeout": "1800",
    "profiling": "true",
    "token-auth-file": "",
}
_ETCD = {
    "cert-file": f"{_PKI}/etcd/server.crt",
    "client-cert-auth": "true",
    "data-dir": "/var/lib/etcd",
    "key-file": f"{_PKI}/etcd/server.key",
    "listen-metrics-urls": "http://127.0.0.1:2381",
    "peer-cert-file": f"{_PKI}/etcd/peer.crt",
    "peer-client-cert-auth": "true",
    "peer-key-file": f"{_PKI}/etcd/peer.key",
    "peer-trusted-ca-file": f"{_PKI}/etcd/ca.crt",
    "snapshot-count": "10000",
    "trusted-ca-file": f"{_PKI}/etcd/ca.crt",
}
#: What a conforming etcd has beside that.
COMPACTING = {"auto-compaction-mode": "periodic", "auto-compaction-retention": "8h"}
#: Priority levels with their shares of all seats.
_LEVELS = {
    "catch-all": 5,
    "global-default": 20,
    "leader-election": 10,
    "node-high": 40,
    "system": 30,
    "workload-high": 40,
    "workload-low": 100,
}


def add_control_plane(
    state: ClusterState,
    servers: Sequence[str],
    stores: Sequence[str],
    flags: Mapping[str, str],
    store: Mapping[str, str],
) -> None:
    """Give a cluster the pods of its control plane: API servers on these nodes, etcd on those.

    ``flags`` and ``store`` are what API server and etcd have beside what their installer sets.
    """
    places = {node["metadata"]["name"]: node["status"]["addresses"][0]["address"] for node in state.nodes}
    urls = ",".join(f"https://{places[name]}:2379" for name in stores)
    if list(stores) == list(servers) and len(stores) == 1:
        urls = "https://127.0.0.1:2379"
    set_here = _API_SERVER | {"etcd-servers": urls} | dict(flags)
    state.flags = dict(sorted((_DEFAULTS | set_here).items()))
    for name in servers:
        own = {"advertise-address": places[name], **set_here}
        state.pods.append(_static_pod(state, "kube-apiserver", name, own))
        for component in ("kube-controller-manager", "kube-scheduler"):
            ways = {"bind-address": "127.0.0.1", "kubeconfig": f"/etc/kubernetes/{component[5:]}.conf"}
            state.pods.append(_static_pod(state, component, name, {**ways, "leader-elect": "true"}))
    for name in stores:
        here = places[name]
        addresses = {
            "advertise-client-urls": f"https://{here}:2379",
            "initial-advertise-peer-urls": f"https://{here}:2380",
            "listen-client-urls": f"https://127.0.0.1:2379,https://{here}:2379",
            "listen-peer-urls": f"https://{here}:2380",
            "name": name,
        }
        state.pods.append(_static_pod(state, "etcd", name, {**addresses, **_ETCD, **store}))
    seats = int(state.flags["max-requests-inflight"]) + int(state.flags["max-mutating-requests-inflight"])
    state.metrics = metrics(seats)


def metrics(seats: int) -> list[str]:
    """The lines of /metrics about priority levels, which share the seats among them; rounded up, as really."""
    shares = sum(_LEVELS.values())
    name = "apiserver_flowcontrol_nominal_limit_seats"
    lines = [f"# TYPE {name} gauge", f'{name}{{priority_level="exempt"}} 0']
    lines += [f'{name}{{priority_level="{level}"}} {-(-seats * share // shares)}' for level, share in _LEVELS.items()]
    return [*lines, 'kubernetes_feature_enabled{name="PodSecurity",stage=""} 1']


def _static_pod(state: ClusterState, component: str, node: str, flags: Mapping[str, str]) -> Object:
    """A pod that its kubelet runs from a file: the API shows a mirror of it."""
    command = [component, *(f"--{name}={value}" for name, value in sorted(flags.items()))]
    release = str(state.version["gitVersion"])
    image = "registry.k8s.io/etcd:3.6.5-0" if component == "etcd" else f"registry.k8s.io/{component}:{release}"
    container = {"name": component, "image": image, "command": command, "imagePullPolicy": "IfNotPresent"}
    labels = {"component": component, "tier": "control-plane"}
    return running_pod(f"{component}-{node}", "kube-system", node, container, labels, hostNetwork=True)


def running_pod(
    name: str, namespace: str, node: str, container: Object, labels: Mapping[str, str], **spec: object
) -> Object:
    """A pod that runs since long ago."""
    status = {"name": container["name"], "image": container["image"], "imageID": "", "ready": True, "started": True}
    status |= {"restartCount": 0, "state": {"running": {"startedAt": None}}, "lastState": {}}
    return {
        "metadata": {"name": name, "namespace": namespace, "labels": dict(labels)},
        "spec": {"nodeName": node, "containers": [container], "restartPolicy": "Always", **spec},
        "status": {
            "phase": "Running",
            "conditions": [{"type": kind, "status": "True"} for kind in ("PodScheduled", "ContainersReady", "Ready")],
            "containerStatuses": [status],
        },
    }


def add_plugin(state: ClusterState, name: str) -> None:
    """Give a cluster its network plugin: a daemon set with a pod on each node."""
    labels = {"k8s-app": name}
    container: Object = {"name": f"{name}-agent", "image": f"registry.example.org/{name}/{name}:v1.18.2"}
    number = len(state.nodes)
    ready = dict.fromkeys(
        ("currentNumberScheduled", "desiredNumberScheduled", "numberReady", "numberAvailable"), number
    )
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container], "hostNetwork": True}}
    daemons = {
        "metadata": {"name": name, "namespace": "kube-system", "labels": dict(labels)},
        "spec": {"selector": {"matchLabels": dict(labels)}, "template": template},
        "status": ready | {"numberMisscheduled": 0},
    }
    state.all("daemonsets.apps").append(daemons)
    for node in state.nodes:
        where = node["metadata"]["name"]
        state.pods.append(
            running_pod(f"{name}-{where}", "kube-system", where, dict(container), labels, hostNetwork=True)
        )


def kubelet_settings(**changes: object) -> Object:
    """What /configz of a kubelet shows, as kubeadm sets it, with these changes of whole settings."""
    settings: Object = {
        "enableServer": True,
        "syncFrequency": "1m0s",
        "address": "0.0.0.0",  # noqa: S104 - what kubelets say, nobody listens
        "port": 10250,
        "tlsCertFile": "",
        "rotateCertificates": True,
        "authentication": {
            "x509": {"clientCAFile": f"{_PKI}/ca.crt"},
            "webhook": {"enabled": True, "cacheTTL": "2m0s"},
            "anonymous": {"enabled": False},
        },
        "authorization": {"mode": "Webhook", "webhook": {"cacheAuthorizedTTL": "5m0s", "cacheUnauthorizedTTL": "30s"}},
        "clusterDomain": "cluster.local",
        "clusterDNS": ["10.96.0.10"],
        "cgroupDriver": "systemd",
        "maxPods": 110,
        "protectKernelDefaults": False,
        "kind": "KubeletConfiguration",
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
    }
    return settings | changes


def signing_request(
    name: str, node: str, now: dt.datetime, *, signer: str = "kubelet-serving", hours: float = 1, approved: bool = True
) -> Object:
    """What a kubelet asks to be signed, so many hours ago; the certificate of an approved one is made at the start."""
    made = f"{now - dt.timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}"
    full = f"kubernetes.io/{signer}"
    condition = {"type": "Approved", "status": "True", "reason": "AutoApproved", "lastUpdateTime": made}
    request = base64.b64encode(b"-----BEGIN CERTIFICATE REQUEST-----\n").decode()
    return {
        "metadata": {"name": name, "uid": f"csr-{name}", "creationTimestamp": made, "resourceVersion": "900"},
        "spec": {
            "request": request,
            "signerName": full,
            "username": f"system:node:{node}",
            "groups": ["system:nodes", "system:authenticated"],
            "usages": ["digital signature", "server auth"],
        },
        "status": {"conditions": [condition]} if approved else {},
    }


def backups(now: dt.datetime) -> Object:
    """A job that saves etcd every night and did so last night."""
    last = f"{now - dt.timedelta(hours=9):%Y-%m-%dT%H:%M:%SZ}"
    container = {"name": "snapshot", "image": "registry.example.org/etcd-backup:v2", "args": ["snapshot", "save"]}
    pod = {"template": {"spec": {"containers": [container], "restartPolicy": "OnFailure"}}}
    return {
        "metadata": {"name": "etcd-backup", "namespace": "kube-system"},
        "spec": {"schedule": "0 2 * * *", "jobTemplate": {"spec": pod}},
        "status": {"lastScheduleTime": last, "lastSuccessfulTime": last},
    }
