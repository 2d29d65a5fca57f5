# SPDX-License-Identifier: Apache-2.0
"""Whole runs on clouds with one hostile answer; for the answers see unit/platforms/openstack/test_transport.py."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from pytest_scs.demo.openstack.state import CloudState, Fault

#: What rests on the listing of flavors, in the selection below.
COMPUTE = {"scs-0100-syntax-check", "scs-0100-semantics-check"}
SELECTION = ("-m", "scs_0100 or scs_0114")


@pytest.fixture
def stranger() -> Iterator[tuple[str, list[str]]]:
    """The address of a host that belongs to nobody, and what it was sent."""
    seen: list[str] = []

    class Stranger(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(f"{self.command} {self.path}")
            self.send_error(404)

        do_POST = do_GET  # noqa: N815 - the name that http.server has for it

        def log_message(self, *arguments: Any) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stranger)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", seen
    server.shutdown()
    server.server_close()


def test_one_hostile_answer_takes_down_what_rests_on_it(
    judge: Any, state: CloudState, stranger: tuple[str, list[str]]
) -> None:
    url, seen = stranger
    state.faults.append(Fault("GET", "/flavors/detail", status=302, body="", headers={"Location": f"{url}/steal"}))
    run = judge(state, *SELECTION)
    assert run.having("ABORT") == COMPUTE
    assert run.having("PASS") == {"scs-0114-syntax-check"}
    run.result.stdout.fnmatch_lines(
        [f"ABORT 2 testcases: *redirects GET http://*/flavors/detail to {url}/steal; not *"]
    )
    assert seen == []


def test_password_goes_to_auth_url_only(judge: Any, state: CloudState, stranger: tuple[str, list[str]]) -> None:
    url, seen = stranger
    state.faults.append(Fault("POST", "/auth/tokens", status=307, body="", headers={"Location": f"{url}/steal"}))
    run = judge(state, *SELECTION)
    assert run.verdicts.keys() == run.having("ABORT")
    run.result.stdout.fnmatch_lines([f"ABORT 3 testcases: *redirects POST http://*/auth/tokens to {url}/steal; not *"])
    assert seen == []


def test_discovery_that_wants_a_token_ends_the_run(judge: Any, state: CloudState) -> None:
    state.faults.append(Fault("GET", "/identity/v3$", status=401))
    run = judge(state, *SELECTION, "--scs-deadline=60")
    assert run.verdicts.keys() == run.having("ABORT")
    # Who is there is asked as well, without credentials.
    assert {one.method for one in state.requests} == {"GET"}
    assert len(state.requests) < 10


def test_deadline_holds_for_what_is_read(judge: Any, state: CloudState) -> None:
    state.faults.append(Fault("GET", "/flavors/detail", "delay", seconds=8))
    run = judge(state, *SELECTION, "--scs-deadline=4")
    assert run.having("ABORT") == COMPUTE
    run.result.stdout.fnmatch_lines(["ABORT 2 testcases: *completely within the 4 s of --scs-deadline*"])
