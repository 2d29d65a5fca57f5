# SPDX-License-Identifier: Apache-2.0
"""The demo cloud as a server: start, stop, open connections, clouds.yaml, and the command."""

from __future__ import annotations

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path

import pytest
import requests
import yaml
from timing import shortest

from pytest_scs.demo.openstack import data
from pytest_scs.demo.openstack.server import DemoCloud
from pytest_scs.demo.openstack.state import CloudState


def test_it_listens_on_loopback_as_soon_as_it_has_started(state: CloudState) -> None:
    DemoCloud(state).start().stop()  # whatever is to be done once per process
    cloud = DemoCloud(state)

    def start() -> None:
        cloud.stop()
        cloud.start()

    assert shortest(0.05, start) < 0.05
    try:
        match = re.fullmatch(r"http://127\.0\.0\.1:(\d+)", cloud.url)
        assert match
        assert cloud.auth_url == f"{cloud.url}/identity/v3"
        socket.create_connection(("127.0.0.1", int(match[1]))).close()
    finally:
        cloud.stop()


def test_one_connection_serves_many_requests(state: CloudState, cloud: DemoCloud) -> None:
    with closing(HTTPConnection("127.0.0.1", int(cloud.url.rpartition(":")[2]))) as client:
        client.connect()
        first = client.sock
        for number in range(20):
            client.request("GET", "/compute")
            assert client.getresponse().read().startswith(b'{"versions"')
            client.request("POST", "/identity/v3/auth/tokens", b"x" * number * 1000)  # a body nobody wants
            assert client.getresponse().read().startswith(b'{"error"')
        assert client.sock is first  # http.client would have opened another one in silence
    assert len(state.requests) == 40


def test_small_answers_do_not_wait_for_acknowledgements(cloud: DemoCloud, http: requests.Session) -> None:
    http.get(f"{cloud.url}/compute")

    def requests_one_by_one() -> None:
        for _ in range(20):
            http.get(f"{cloud.url}/compute")

    assert shortest(0.4, requests_one_by_one) < 0.4  # delayed acknowledgements would make it 0.8


def test_clients_that_close_are_answered_and_closed(cloud: DemoCloud, http: requests.Session) -> None:
    answer = http.get(f"{cloud.url}/compute", headers={"Connection": "close"})
    assert answer.headers["Connection"] == "close"
    port = int(cloud.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"GET /compute HTTP/1.0\r\nHost: demo\r\n\r\n")
        received = b""
        while chunk := client.recv(65536):
            received += chunk
    assert received.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b'"http://demo/compute/v2.1/"' in received


def test_stopping_does_not_wait_for_open_connections(state: CloudState) -> None:
    cloud = DemoCloud(state)
    with requests.Session() as http:
        seconds = []
        for _ in range(5):  # one of them is not disturbed by other programs
            url = cloud.start().url
            assert http.get(f"{url}/compute").status_code == 200
            start = time.monotonic()
            cloud.stop()
            seconds.append(time.monotonic() - start)
        assert min(seconds) < 0.5
        with pytest.raises(requests.ConnectionError):
            http.get(f"{url}/compute")
    assert not [thread.name for thread in threading.enumerate() if thread.name == "demo-cloud"]


def test_stopping_does_not_wait_for_slow_answers(state: CloudState) -> None:
    state.latency = 20
    cloud = DemoCloud(state).start()
    port = int(cloud.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"GET /compute HTTP/1.1\r\nHost: demo\r\n\r\n")
        time.sleep(0.05)
        start = time.monotonic()
        cloud.stop()
        assert client.recv(1) == b""
        assert time.monotonic() - start < 10


def test_requests_are_answered_side_by_side(state: CloudState, cloud: DemoCloud) -> None:
    state.latency = 1
    start = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(requests.get, [f"{cloud.url}/compute"] * 8))
    assert time.monotonic() - start < 8
    assert [answer.status_code for answer in answers] == [200] * 8
    assert len(state.requests) == 8


def test_a_stopped_cloud_has_no_url_and_can_be_started_again(state: CloudState, http: requests.Session) -> None:
    cloud = DemoCloud(state)
    with pytest.raises(RuntimeError, match="not running"):
        _ = cloud.url
    cloud.stop()
    for _ in range(2):
        with cloud:
            assert http.get(cloud.auth_url).status_code == 200
            with pytest.raises(RuntimeError, match="already running"):
                cloud.start()


def test_a_port_that_is_taken_is_an_error_and_not_the_end_of_the_process(cloud: DemoCloud, state: CloudState) -> None:
    port = int(cloud.url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        DemoCloud(state, port).start()


def test_two_clouds_do_not_know_each_other(cloud: DemoCloud, authenticated: requests.Session) -> None:
    with DemoCloud(data.vanilla(datetime.now(UTC))) as other:
        assert authenticated.get(f"{cloud.url}/compute/v2.1/flavors").status_code == 200
        assert authenticated.get(f"{other.url}/compute/v2.1/flavors").status_code == 401


def test_clouds_yaml_is_for_its_owner_only(cloud: DemoCloud, tmp_path: Path) -> None:
    path = tmp_path / "clouds.yaml"
    path.write_text("something longer than what will be there" * 100)
    path.chmod(0o644)
    cloud.write_clouds_yaml(path, "mine")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    entry = yaml.safe_load(path.read_text())["clouds"]["mine"]
    assert (entry["region_name"], entry["interface"]) == ("RegionOne", "public")
    assert entry["auth"] == {
        "auth_url": cloud.auth_url,
        "username": cloud.state.username,
        "password": cloud.state.password,
        "project_name": "demo",
        "user_domain_name": "Default",
        "project_domain_name": "Default",
    }


def test_clouds_yaml_can_leave_the_region_to_the_user(cloud: DemoCloud) -> None:
    assert "region_name" not in yaml.safe_load(cloud.clouds_yaml(region=""))["clouds"]["demo"]


def test_the_data_can_be_had_without_the_server(tmp_path: Path) -> None:
    code = (
        "import sys, pytest_scs.demo.openstack.data; "
        "sys.exit(bool({'werkzeug', 'openstack', 'keystoneauth1', 'fixtures'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "services", "inherited", "sign"),
    [
        ((), 11, "-", signal.SIGINT),
        ((), 11, "-", signal.SIGTERM),
        # As a job in the background of a script: everything is ignored that was not set otherwise.
        (("--vanilla",), 6, '""', signal.SIGINT),
        (("--vanilla",), 6, '""', signal.SIGTERM),
    ],
)
def test_the_command_serves_until_it_is_interrupted(
    arguments: tuple[str, ...], services: int, inherited: str, sign: signal.Signals
) -> None:
    command = ["sh", "-c", f'trap {inherited} INT TERM; exec "$@"', "sh", sys.executable, "-m", "pytest_scs.demo"]
    command += arguments
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            lines = []
            while "Ctrl-C" not in (line := process.stdout.readline()):
                assert line, "the command ended early"
                lines.append(line)
            text = "".join(lines)
            exported = re.search(r"^export OS_CLIENT_CONFIG_FILE=(\S+) OS_CLOUD=standalone$", text, re.MULTILINE)
            assert exported
            config = Path(exported[1])
            auth = yaml.safe_load(config.read_text())["clouds"]["standalone"]["auth"]
            user = {"name": auth["username"], "domain": {"id": "default"}, "password": auth["password"]}
            identity = {"methods": ["password"], "password": {"user": user}}
            answer = requests.post(f"{auth['auth_url']}/auth/tokens", json={"auth": {"identity": identity}}, timeout=30)
            assert len(answer.json()["token"]["catalog"]) == services
            os.kill(process.pid, sign)
            assert process.wait(30) == 0
            assert not config.exists()
        finally:
            process.kill()


def test_the_command_says_that_a_port_is_taken(cloud: DemoCloud) -> None:
    port = cloud.url.rpartition(":")[2]
    command = [sys.executable, "-m", "pytest_scs.demo", "--port", port]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 4
    assert f"cannot listen on port {port}" in done.stderr


def test_the_command_serves_a_cluster_as_well() -> None:
    command = [sys.executable, "-m", "pytest_scs.demo", "--cluster", "--vanilla"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            exported = re.fullmatch(r"export KUBECONFIG=(\S+)\n", process.stdout.readline())
            assert exported
            config = Path(exported[1])
            assert yaml.safe_load(config.read_text())["current-context"] == "standalone"
            while "Ctrl-C" not in process.stdout.readline():
                pass
            os.kill(process.pid, signal.SIGTERM)
            assert process.wait(30) == 0
            assert not config.exists()
        finally:
            process.kill()
