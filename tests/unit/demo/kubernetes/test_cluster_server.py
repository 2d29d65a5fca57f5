# SPDX-License-Identifier: Apache-2.0
"""The demo cluster as a server: certificates, faults, connections, and that nothing is left of it."""

from __future__ import annotations

import datetime as dt
import http.client
import os
import socket
import ssl
import stat
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import urllib3
import yaml
from cryptography import x509

from pytest_scs.demo.kubernetes.launch import launch
from pytest_scs.demo.kubernetes.server import DemoCluster
from pytest_scs.demo.kubernetes.state import ClusterState, Fault


def test_launch_gives_a_kubeconfig_with_everything_inside() -> None:
    for name in ("demo", "demo:vanilla"):
        cluster, config = launch(name)
        try:
            assert config["current-context"] == config["contexts"][0]["name"] == name
            assert config["clusters"][0]["cluster"]["server"] == cluster.url
            assert set(config["users"][0]["user"]) == {"client-certificate-data", "client-key-data"}
        finally:
            cluster.stop()


def test_nothing_is_left_of_it(cluster_state: ClusterState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = set(threading.enumerate())
    cluster = DemoCluster(cluster_state).start()
    port = int(cluster.url.rpartition(":")[2])
    idle = socket.create_connection(("127.0.0.1", port))  # never shakes hands
    watching = http.client.HTTPSConnection("127.0.0.1", port, context=trusting(cluster))
    watching.request("GET", "/version")
    assert watching.getresponse().read()
    cluster.stop()
    cluster.stop()
    assert set(threading.enumerate()) == before
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port)).close()
    with pytest.raises(RuntimeError, match="not running"):
        _ = cluster.url
    idle.close()
    watching.close()


def trusting(cluster: DemoCluster) -> ssl.SSLContext:
    """What a client needs that has no credential."""
    import base64

    data = cluster.kubeconfig()["clusters"][0]["cluster"]["certificate-authority-data"]
    return ssl.create_default_context(cadata=base64.b64decode(data).decode())


def test_it_can_be_started_again(cluster_state: ClusterState) -> None:
    cluster = DemoCluster(cluster_state)
    for _ in range(2):
        cluster.start()
        with pytest.raises(RuntimeError, match="already running"):
            cluster.start()
        cluster.stop()


def test_the_kubeconfig_is_for_its_owner_only(cluster: DemoCluster, tmp_path: Path) -> None:
    path = tmp_path / "kubeconfig"
    path.touch(0o644)
    cluster.write_kubeconfig(path, "a", account="viewer", token=True)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    written = yaml.safe_load(path.read_text())
    assert written["users"][0]["user"] == {"token": cluster.state.accounts["viewer"].token}


def test_the_certificates_have_the_ages_that_were_asked_for(cluster_state: ClusterState) -> None:
    cluster_state.serving = (400.0, 500.0)
    cluster_state.kubelet = (100.0, 200.0)
    with DemoCluster(cluster_state) as cluster:
        pem = ssl.get_server_certificate(("127.0.0.1", int(cluster.url.rpartition(":")[2])))
        age = dt.datetime.now(dt.UTC) - x509.load_pem_x509_certificate(pem.encode()).not_valid_before_utc
        assert age.days == 400
        import base64

        signed = base64.b64decode(cluster_state.signing_requests[0]["status"]["certificate"])
        ends = x509.load_pem_x509_certificate(signed).not_valid_after_utc
        assert (ends - dt.datetime.now(dt.UTC)).days == 99


def test_plain_http_is_told_that_this_is_https(cluster: DemoCluster) -> None:
    port = int(cluster.url.rpartition(":")[2])
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/version")
    response = connection.getresponse()
    assert (response.status, response.read()) == (400, b"Client sent an HTTP request to an HTTPS server.\n")
    connection.close()


def test_who_trusts_somebody_else_gets_no_answer(cluster: DemoCluster, cluster_state: ClusterState) -> None:
    other = DemoCluster(ClusterState())
    with other, pytest.raises(ssl.SSLCertVerificationError):
        http.client.HTTPSConnection("127.0.0.1", int(cluster.url[-5:]), context=trusting(other)).request("GET", "/")
    assert cluster_state.requests == []


@pytest.mark.parametrize("status", [401, 403, 404, 500, 503])
def test_a_fault_is_answered_with_a_status(ask: Any, status: int) -> None:
    ask.state.faults.append(Fault("GET", "/api/v1/nodes", status=status))
    assert ask.refused("CoreV1Api", "list_node")["code"] == status
    assert ask("CoreV1Api", "list_namespace")["items"]


def test_too_many_requests_are_refused_in_words_with_the_time_to_wait(ask: Any) -> None:
    ask.state.faults.append(Fault("*", "/api/v1/nodes", status=429, headers={"Retry-After": "3600"}, times=1))
    response = ask.raw("/api/v1/nodes")
    assert (response.status, response.headers["Retry-After"]) == (429, "3600")
    assert response.data == b"Too many requests, please try again later.\n"
    assert ask.raw("/api/v1/nodes").status == 200


def test_an_answer_may_be_garbage_half_late_or_nothing(ask: Any) -> None:
    faults = ask.state.faults
    faults[:] = [Fault("GET", "/version", "garbage", times=1)]
    assert ask.raw("/version").data.startswith(b"<html>")
    faults[:] = [Fault("GET", "/version", "truncate", times=1)]
    with pytest.raises(urllib3.exceptions.ProtocolError):
        _ = ask.raw("/version").data
    faults[:] = [Fault("GET", "/version", "drop", times=1)]
    with pytest.raises(urllib3.exceptions.HTTPError):
        ask.raw("/version")
    faults[:] = [Fault("POST", "/namespaces", "late", status=504)]
    body = {"metadata": {"name": "made"}}
    assert ask.refused("CoreV1Api", "create_namespace", body)["code"] == 504
    assert ask.state.find("namespaces", "made")
    assert [entry.status for entry in ask.state.requests] == [200, 200, 0, 504]


def test_an_answer_may_take_its_time(ask: Any) -> None:
    ask.state.latency = 0.05
    ask.state.faults.append(Fault("GET", "/version", "delay", seconds=0.05))
    begun = time.monotonic()
    assert ask.raw("/version").status == 200
    assert time.monotonic() - begun >= 0.1


def test_a_defect_of_its_own_is_an_internal_error(ask: Any) -> None:
    ask.state.nodes.append({"metadata": {"name": object()}})
    assert ask.refused("CoreV1Api", "list_node")["code"] == 500
