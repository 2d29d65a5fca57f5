# SPDX-License-Identifier: Apache-2.0
"""The serial console of servers in the demo cloud: what a guest shows, when, and what a test makes it show."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import requests
from openstack import exceptions
from openstack.connection import Connection

from pytest_scs.demo.openstack import bootlog
from pytest_scs.demo.openstack.server import DemoCloud
from pytest_scs.demo.openstack.state import CloudState

#: What the SDK warns of is its own use of itself.
pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")


def create(connection: Connection, state: CloudState, **options: Any) -> Any:
    flavor = next(flavor for flavor in state.flavors if flavor["name"] == "SCS-1V-4-10")
    image = state.images[0]["id"]
    return connection.compute.create_server(
        name="mine", flavor_id=flavor["id"], image_id=image, networks="none", **options
    )


def console(connection: Connection, server: Any, length: int | None = None) -> str:
    return str(connection.compute.get_server_console_output(server, length=length)["output"])


def test_the_console_shows_half_the_boot_log_until_the_guest_is_up(state: CloudState, connection: Connection) -> None:
    state.delays |= {"server": 5, "console": 30}
    server = create(connection, state)
    with pytest.raises(exceptions.ConflictException, match=f"Instance {server.id} is not ready"):
        console(connection, server)
    state.timeline.skip(5)
    half = console(connection, server)
    assert half.startswith("[    0.000000] Linux version")
    assert "_scs-test-end" not in half
    state.timeline.skip(30)
    whole = console(connection, server)
    assert whole.startswith(half)
    assert len(half.splitlines()) == len(whole.splitlines()) // 2
    assert "cloud-init[861]: _scs-test-entropy-avail: 256\n" in whole
    assert "cloud-init[861]: _scs-test-end\n" in whole
    assert all(line in whole for line in bootlog.HEALTHY.splitlines())


def test_the_last_lines_of_the_console_can_be_had(
    state: CloudState, connection: Connection, cloud: DemoCloud, authenticated: requests.Session
) -> None:
    state.console_text = "one\ntwo\n"
    server = create(connection, state)
    whole = console(connection, server).splitlines()
    assert [line.rpartition("]: ")[2] for line in whole[-3:-1]] == ["one", "two"]
    assert console(connection, server, length=2).splitlines() == whole[-2:]
    assert console(connection, server, length=1000).splitlines() == whole
    url = f"{cloud.url}/compute/v2.1/servers/{server.id}/action"
    for length, lines in ((-1, len(whole)), ("3", 3), (0, 0)):
        answer = authenticated.post(url, json={"os-getConsoleOutput": {"length": length}})
        assert len(answer.json()["output"].splitlines()) == lines
    answer = authenticated.post(url, json={"os-getConsoleOutput": {"length": "x"}})
    assert (answer.status_code, authenticated.post(url, json={"os-dance": None}).status_code) == (400, 400)


def test_the_console_may_be_replaced(state: CloudState, connection: Connection) -> None:
    server = create(connection, state, user_data=base64.b64encode(b"#!").decode())
    state.console = "first\r\nsecond\x00\n"
    assert console(connection, server) == "first\nsecond\n"
    state.console = lambda server: f"I am {server['name']}, told {base64.b64decode(server['user_data'])!r}\n"
    assert console(connection, server) == "I am mine, told b'#!'\n"
    state.console = "x" * 200_000
    assert console(connection, server) == "x" * 102_400
    state.console, state.stuck = "1\n2\n3\n4\n", {"console"}
    state.timeline.skip(1e6)
    assert console(connection, server) == "1\n2\n"
