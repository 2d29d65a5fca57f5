# SPDX-License-Identifier: Apache-2.0
"""Robustness and hardening: a cluster that conforms, one that breaks every rule, one that shows nothing."""

from __future__ import annotations

import datetime as dt
import http.server
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from own_addresses import take_external_address

from pytest_scs.demo.kubernetes.control_plane import kubelet_settings, signing_request
from pytest_scs.demo.kubernetes.state import Account, ClusterState, Fault
from pytest_scs.platforms.kubernetes.janitor import MANAGED_BY

ROBUSTNESS = (
    "request-limits",
    "min-request-timeout",
    "event-rate-limit",
    "priority-and-fairness",
    "etcd-compaction",
    "certificate-lifetime",
    "kubelet-rotation",
    "pending-csrs",
    "ca-lifetime",
)
HARDENING = (
    "etcd-tls",
    "etcd-isolated",
    "ports-not-exposed",
    "read-only-port",
    "https",
    "service-account-tokens",
    "second-auth-method",
    "node-authorization",
    "authorization-mode",
    "kubelet-anonymous",
    "kubelet-authorization",
    "node-restriction",
    "pod-security-admission",
    "pod-security-baseline",
)
EVERY = {f"scs-0215-x-{name}" for name in ROBUSTNESS} | {f"scs-0217-x-{name}" for name in HARDENING}

#: What the command lines of pods say in a cluster that breaks every rule.
LAX = {
    "kube-apiserver": {
        "max-requests-inflight": "0",
        "max-mutating-requests-inflight": "0",
        "min-request-timeout": "0",
        "enable-priority-and-fairness": "false",
        "enable-admission-plugins": "LimitRanger",
        "authorization-mode": "AlwaysAllow",
        "etcd-servers": "http://127.0.0.1:2379",
        "client-ca-file": "",
        "oidc-issuer-url": "",
    },
    "etcd": {"auto-compaction-retention": "5m", "client-cert-auth": "false"},
}

Judged = Callable[..., Any]


@pytest.fixture
def now() -> dt.datetime:
    """This moment: certificates of a running cluster are as old as they are."""
    return dt.datetime.now(dt.UTC)


@pytest.fixture
def judged(judge_cluster: Any) -> Judged:
    """Judge a cluster by these testcases, in all targets."""

    def run(state: ClusterState, *args: str, **options: Any) -> Any:
        return judge_cluster(state, "-m", "(scs_0215 or scs_0217) and not manual", *args, **options).run

    return run


@pytest.fixture
def open_port(cluster_state: ClusterState) -> Iterator[None]:
    """Somebody who answers plain HTTP where a kubelet of the cluster has its port."""
    address = take_external_address(cluster_state, cluster_state.nodes[0]["metadata"]["name"])

    class Content(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    try:
        server = http.server.ThreadingHTTPServer((address, 10250), Content)
    except OSError:
        pytest.skip(f"port 10250 of {address} is taken")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield
    server.shutdown()
    server.server_close()
    thread.join()


def errors(run: Any, testcase: str) -> str:
    return " ".join(line for line in run.messages(testcase) if line.startswith("ERROR: "))


def break_everything(state: ClusterState, now: dt.datetime) -> None:
    """Let the cluster break every rule."""
    for pod in state.pods:
        component = pod["metadata"]["labels"].get("component")
        if component in LAX:
            command = pod["spec"]["containers"][0]["command"]
            pod["spec"]["containers"][0]["command"] = command[:1]
            kept = [word for word in command[1:] if word[2:].partition("=")[0] not in LAX[component]]
            pod["spec"]["containers"][0]["args"] = kept + [
                f"--{flag}={value}" for flag, value in LAX[component].items()
            ]
        if component == "etcd":
            pod["spec"]["nodeName"] = "control-plane-1"
    anonymous = {"anonymous": {"enabled": True}}
    for name in ("worker-1", "worker-3"):
        state.kubelets[name] = kubelet_settings(
            readOnlyPort=10255,
            rotateCertificates=False,
            authentication=anonymous,
            authorization={"mode": "AlwaysAllow"},
        )
    state.admission_plugins = set()
    state.pod_security = "privileged"
    state.serving = (400.0, 800.0)
    state.authority = (500.0, 510.0)
    state.signing_requests.append(signing_request("waits", "worker-2", now, hours=5, approved=False))
    state.accounts["admin"] = Account("system:serviceaccount:kube-system:admin", ("kubeadm:cluster-admins",))
    refused = '{"kind": "TokenReview", "status": {"authenticated": false, "error": "no"}}'
    state.faults.append(Fault("POST", "/tokenreviews", status=201, body=refused))


def test_a_conforming_cluster_passes_and_nothing_is_left(judged: Judged, cluster_state: ClusterState) -> None:
    run = judged(cluster_state, "--scs-record=evidence.json")
    assert run.verdicts == dict.fromkeys(EVERY, "PASS")
    assert run.ret == 0
    assert cluster_state.created(MANAGED_BY) == []
    made = [path for method, path, _ in cluster_state.requests if method == "POST" and path.endswith("/namespaces")]
    # One for the token, two for pods; the event is not needed where command lines are visible.
    assert len(made) == 3
    assert not [
        path
        for method, path, _ in cluster_state.requests
        if method == "POST" and "/pods" in path and "dryRun=All" not in path
    ]


def test_everything_that_is_wrong_is_named(
    judged: Judged, cluster_state: ClusterState, now: dt.datetime, open_port: None
) -> None:
    break_everything(cluster_state, now)
    run = judged(cluster_state, token=True)
    assert run.having("FAIL") == EVERY, run.verdicts
    for testcase, words in (
        ("scs-0215-x-request-limits", "pod kube-apiserver-control-plane-2: --max-requests-inflight"),
        ("scs-0215-x-min-request-timeout", "pod kube-apiserver-control-plane-3: --min-request-timeout"),
        ("scs-0215-x-event-rate-limit", "found not in --enable-admission-plugins"),
        ("scs-0215-x-priority-and-fairness", "found --enable-priority-and-fairness=false"),
        ("scs-0215-x-etcd-compaction", "pod etcd-etcd-1: --auto-compaction-retention: expected '8h', found '5m'"),
        ("scs-0215-x-certificate-lifetime", "serving certificate of the API server: renewed within a year"),
        ("scs-0215-x-kubelet-rotation", "kubelet of node worker-3: rotateCertificates: expected true, found false"),
        ("scs-0215-x-pending-csrs", "certificate signing request waits"),
        ("scs-0215-x-ca-lifetime", "certificate authority of the cluster: it is renewed in time"),
        ("scs-0217-x-etcd-tls", "pod etcd-etcd-2: --client-cert-auth: expected true, found false"),
        ("scs-0217-x-etcd-tls", "https:// only, found URL"),
        ("scs-0217-x-etcd-isolated", "on node control-plane-1, which runs the control plane"),
        ("scs-0217-x-ports-not-exposed", "found 10250 (kubelet)"),
        ("scs-0217-x-read-only-port", "kubelet of node worker-1: readOnlyPort: expected 0, found 10255"),
        ("scs-0217-x-https", "HTTP without TLS is answered"),
        ("scs-0217-x-service-account-tokens", "found not authenticated"),
        ("scs-0217-x-second-auth-method", "found none is set"),
        ("scs-0217-x-node-authorization", "expected the mode Node, found AlwaysAllow"),
        ("scs-0217-x-authorization-mode", "and not AlwaysAllow, found AlwaysAllow"),
        ("scs-0217-x-kubelet-anonymous", "kubelet of node worker-1: authentication.anonymous.enabled"),
        ("scs-0217-x-kubelet-authorization", "expected 'Webhook', found 'AlwaysAllow'"),
        ("scs-0217-x-node-restriction", "found not in --enable-admission-plugins"),
        ("scs-0217-x-pod-security-admission", "a pod with hostPID was accepted in a namespace that enforces baseline"),
        ("scs-0217-x-pod-security-baseline", "labels of namespaces have no effect"),
    ):
        assert words in errors(run, testcase), (testcase, errors(run, testcase))
    assert "worker-2" not in errors(run, "scs-0217-x-read-only-port")
    assert cluster_state.created(MANAGED_BY) == []


def test_a_hosted_control_plane_is_judged_by_its_behaviour(judged: Judged, cluster_state: ClusterState) -> None:
    cluster_state.pods[:] = [pod for pod in cluster_state.pods if "component" not in pod["metadata"]["labels"]]
    cluster_state.flags = cluster_state.metrics = None
    for node in cluster_state.nodes:
        node["status"]["addresses"] = node["status"]["addresses"][:1]
    cluster_state.kubelets["worker-2"] = None
    run = judged(cluster_state)
    assert run.having("FAIL") == set()
    hidden = "API server: cannot be judged: not visible on a hosted control plane; there is no pod kube-apiserver"
    silent = "kubelet of node worker-2: cannot be judged: "
    reasons = {
        "scs-0215-x-request-limits": hidden,
        "scs-0215-x-min-request-timeout": hidden,
        "scs-0215-x-event-rate-limit": hidden,
        "scs-0215-x-etcd-compaction": "etcd: cannot be judged: not visible on a hosted control plane",
        "scs-0217-x-etcd-tls": "etcd: cannot be judged: not visible on a hosted control plane",
        "scs-0217-x-etcd-isolated": "etcd: cannot be judged: not visible on a hosted control plane",
        "scs-0217-x-ports-not-exposed": "nodes: cannot be judged: nodes have no external address",
        "scs-0215-x-kubelet-rotation": silent,
        "scs-0217-x-read-only-port": silent,
        "scs-0217-x-kubelet-anonymous": silent,
        "scs-0217-x-kubelet-authorization": silent,
    }
    assert run.having("ABORT") == set(reasons), run.verdicts
    for testcase, words in reasons.items():
        assert words in errors(run, testcase), (testcase, errors(run, testcase))


def test_who_may_do_nothing_gets_no_verdict(judged: Judged, cluster_state: ClusterState) -> None:
    run = judged(cluster_state, account="stranger")
    assert run.having("FAIL") == set()
    # What needs no right: our own credential, and headers that every answer has.
    assert run.having("PASS") == {
        "scs-0215-x-priority-and-fairness",
        "scs-0215-x-ca-lifetime",
        "scs-0217-x-second-auth-method",
    }
    for testcase in run.having("ABORT") - {"scs-0215-x-request-limits"}:
        assert "(403)" in errors(run, testcase) or "403" in errors(run, testcase), (testcase, errors(run, testcase))
    assert cluster_state.created(MANAGED_BY) == []
