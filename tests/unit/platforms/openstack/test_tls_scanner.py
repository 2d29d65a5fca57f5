# SPDX-License-Identifier: Apache-2.0
"""The scanner in its own process: what it says of real servers, and that it can be stopped."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from tls_server import closed_port, context

from pytest_scs.platforms.openstack.tls import scan_program, scanner
from pytest_scs.platforms.openstack.tls.connection import Client, Server
from pytest_scs.standards.iaas.tls import CRITERIA


def scan(port: int, seconds: float = 60, cancelled: threading.Event | None = None) -> scanner.Scan:
    until = time.monotonic() + seconds
    return scanner.scan(
        Server("localhost", port, "127.0.0.1"), Client(), until, seconds, cancelled or threading.Event()
    )


def test_parts_of_the_scan_are_the_criteria_of_the_judgement() -> None:
    asked = [criterion for part in scan_program.PARTS for criterion in part]
    assert sorted(asked) == sorted(CRITERIA)


def test_scan_of_a_server_with_nothing_but_tls_13(tls_server: Any, authority: Any) -> None:
    import ssl

    only = context(authority.issue())
    only.minimum_version = ssl.TLSVersion.TLSv1_3
    found = scan(tls_server(only).port)
    assert (found.problem, found.errors) == ("", {})
    assert [version for version in list(CRITERIA)[:6] if found.results[version]] == ["TLSv1.3"]
    assert found.results["TLSv1.3"][0] == {
        "name": "TLS_CHACHA20_POLY1305_SHA256",
        "curve": "secp256r1",
        "dh_bits": None,
    }
    assert found.results["curves"] == ["secp256r1"]
    assert found.results["robot"] == "NOT_VULNERABLE_RSA_NOT_SUPPORTED"


def test_server_that_limits_connections_is_no_verdict(tls_server: Any, authority: Any) -> None:
    server = tls_server(context(authority.issue()))
    server.verify_request = lambda request, address: server.connections < 300
    found = scan(server.port)
    assert found.problem
    assert found.results["TLSv1.3"]
    # What was asked while it closed itself off does not count as "not offered".
    assert any("stopped answering meanwhile" in text for text in found.errors.values())
    assert set(found.errors) | (set(CRITERIA) - set(found.results)) >= {"SSLv2", "SSLv3", "curves", "heartbleed"}


def test_port_without_server_is_a_problem() -> None:
    found = scan(closed_port())
    assert found.results == {}
    assert found.problem == "Server rejected the connection"


@pytest.mark.parametrize("cancel", [True, False])
def test_scan_is_ended_at_once(tls_server: Any, authority: Any, cancel: bool) -> None:
    cancelled = threading.Event()
    if cancel:
        cancelled.set()
    found = scan(tls_server(context(authority.issue())).port, 60 if cancel else 0, cancelled)
    assert found.results == {}
    assert found.problem == ("the run was interrupted" if cancel else "the time limit of 0 s is over")


def test_program_that_fails_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    monkeypatch.setattr(scanner, "_PROGRAM", path)
    path.write_text("import nonsense_that_is_not_there\n")
    assert scan(1).problem == "the scanner failed: ModuleNotFoundError: No module named 'nonsense_that_is_not_there'"
    path.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n")
    assert scan(1).problem == "the scanner failed: exit code -11"
    path.write_text('print(\'{"results": {"curves": []}, "errors": {}}\')\nprint(\'{"resul\', end=\'\')\n')
    found = scan(1)
    assert (found.results, found.problem) == ({"curves": []}, "the scanner failed: exit code 0")


class Suites:
    """The result of one protocol version, as the scanner gives it."""

    def __init__(self, accepted: int, *messages: str) -> None:
        self.accepted_cipher_suites = [None] * accepted
        self.rejected_cipher_suites = [type("Rejected", (), {"error_message": message}) for message in messages]
        self.tls_version_used = 5


ALERT, CLOSED = "TLS alert: handshake failure", "Server closed the connection during the TLS handshake"
SILENT = "Connection to server timed out during the TLS handshake"


@pytest.mark.parametrize(
    ("suites", "highest", "doubt"),
    [
        (Suites(2, ALERT, ALERT), 5, ""),
        (Suites(0, ALERT, ALERT), 6, ""),
        (Suites(0, CLOSED, CLOSED), 6, ""),
        (Suites(2, CLOSED, CLOSED), 5, ""),
        (Suites(2, ALERT, SILENT), 5, "1 of 4 handshakes were not answered in time"),
        (Suites(0, ALERT, CLOSED), 6, "the server hung up in 1 of 2 handshakes and answered the others"),
        (Suites(0, ALERT), 5, "every suite was rejected, although a handshake had succeeded before"),
    ],
)
def test_rejections_that_prove_nothing_are_in_doubt(suites: Suites, highest: int, doubt: str) -> None:
    probed = type("Probed", (), {"highest_tls_version_supported": highest})
    assert scan_program._doubt(suites, probed) == doubt
