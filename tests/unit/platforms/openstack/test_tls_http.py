# SPDX-License-Identifier: Apache-2.0
"""Requests to real servers, plain and by TLS: what is answered is told, and not followed."""

from __future__ import annotations

import errno
import socket
from typing import Any

import pytest
from tls_server import closed_port, context

from pytest_scs.platforms.openstack.tls import connection, http
from pytest_scs.platforms.openstack.tls.connection import Client, Server
from pytest_scs.platforms.openstack.tls.http import ask, ask_plainly


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "TIMEOUT", 0.5)


def at(port: int, host: str = "localhost") -> Server:
    return Server(host, port, "127.0.0.1")


def test_answer_is_told_without_its_query_and_the_redirection_is_not_followed(tls_server: Any) -> None:
    target = tls_server()
    server = tls_server(status=301, headers={"Location": f"http://localhost:{target.port}/x?token=secret"})
    seen = ask_plainly(at(server.port), server.port, "/v3/a b\r\nX: y")
    assert seen == {
        "port": server.port,
        "outcome": "answered",
        "status": 301,
        "location": f"http://localhost:{target.port}/x",
        "api": False,
        "problem": "",
    }
    assert target.connections == 0
    [request] = server.requests
    assert request.splitlines()[:2] == [
        b"GET /v3/a%20b%0D%0AX:%20y HTTP/1.1",
        f"Host: localhost:{server.port}".encode(),
    ]
    assert b"X-Auth-Token" not in request


@pytest.mark.parametrize("header", ["x-openstack-request-id", "X-Trans-Id", "x-amz-request-id"])
def test_answer_of_an_api_is_known_by_its_headers(tls_server: Any, header: str) -> None:
    server = tls_server(status=403, headers={header: "tx1"})
    seen = ask_plainly(at(server.port), server.port, "")
    assert (seen["status"], seen["api"]) == (403, True)
    assert server.requests[0].startswith(b"GET / HTTP/1.1\r\n")


def test_ports_that_do_not_answer_http(tls_server: Any, authority: Any) -> None:
    port = closed_port()
    assert ask_plainly(at(port), port, "/")["outcome"] == "refused"
    tls = tls_server(context(authority.issue()))
    assert ask_plainly(at(tls.port), tls.port, "/")["outcome"] in ("closed", "other")
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        assert ask_plainly(at(port), port, "/")["outcome"] == "silent"
    odd = tls_server()
    odd.answer = b"\x15\x03\x01\x00\x02\x02F\n"
    assert ask_plainly(at(odd.port), odd.port, "/")["outcome"] == "other"


def test_host_without_a_route_is_not_taken_for_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*args: Any) -> socket.socket:
        raise OSError(errno.EHOSTUNREACH, "No route to host")

    monkeypatch.setattr(http, "connect", connect)
    seen = ask_plainly(at(1), 1, "/")
    assert (seen["outcome"], seen["problem"]) == ("unreachable", "no connection: No route to host")


def test_ipv6_and_names_beyond_ascii_are_written_as_hosts_are(tls_server: Any) -> None:
    server = tls_server()
    for host, written in (("2001:db8::1", "[2001:db8::1]"), ("wölke.example", "xn--wlke-5qa.example")):
        ask_plainly(at(server.port, host), server.port, "/")
        assert f"Host: {written}:{server.port}\r\n".encode() in server.requests[-1]


def test_header_is_read_by_tls_whoever_signed_the_certificate(tls_server: Any, authority: Any) -> None:
    certificate = authority.issue("elsewhere.example", alone=True)
    server = tls_server(context(certificate), status=401, headers={"strict-transport-security": "max-age=5"})
    assert ask(at(server.port), "/v3", Client()) == {"status": 401, "hsts": "max-age=5", "problem": ""}
    without = tls_server(context(certificate))
    assert ask(at(without.port), "/v3", Client()) == {"status": 200, "hsts": None, "problem": ""}


def test_server_that_does_not_answer_by_tls_is_a_problem(tls_server: Any) -> None:
    for port in (closed_port(), tls_server().port):
        seen = ask(at(port), "/", Client())
        assert (seen["status"], seen["hsts"]) == (None, None)
        assert seen["problem"].startswith("no answer by https: ")
