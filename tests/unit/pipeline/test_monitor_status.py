# SPDX-License-Identifier: Apache-2.0
"""What the monitor has published: asked for within bounds, read strictly, in today's form and the announced one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from monitor_standin import Monitor, Row, Server
from tls_server import Authority, closed_port, context

from pytest_scs.base.errors import InputError
from pytest_scs.base.fields import FormError
from pytest_scs.core.scope import OFFICIAL
from pytest_scs.core.verdict import Verdict
from pytest_scs.pipeline.monitor import monitor_http
from pytest_scs.pipeline.monitor.monitor_http import Unreachable, request
from pytest_scs.pipeline.monitor.monitor_status import fetch_status, monitor_base, read_status

IAAS, KAAS = OFFICIAL
NOW = dt.datetime(2026, 11, 20, 12)
TESTCASE = "scs-0100-syntax-check"


def row(result: int = 1, hours: float = 1, number: int = 0, testcase: str = TESTCASE, scope: str = IAAS) -> Row:
    return Row(number, "cloud a/ü", scope, testcase, result, NOW - dt.timedelta(hours=hours), f"report-{number}")


@pytest.fixture
def monitor() -> Monitor:
    return Monitor(now=NOW)


@pytest.fixture
def server(monitor: Monitor) -> Iterator[Server]:
    with Server(monitor) as server:
        yield server


@pytest.mark.parametrize("announced", [False, True])
def test_both_forms_are_read(announced: bool) -> None:
    monitor = Monitor(now=NOW, announced=announced)
    monitor.rows = [row(-1), row(1, hours=2, number=1), row(0, testcase="scs-0101-entropy-avail")]
    with Server(monitor) as server:
        status = fetch_status(server.url, "cloud a/ü", IAAS)
    found = status.of("cloud a/ü", IAAS)
    assert found.results[TESTCASE].verdict is Verdict.FAIL
    assert found.results[TESTCASE].checked_at == NOW - dt.timedelta(hours=1)
    assert found.results[TESTCASE].report == "report-0"
    assert found.results["scs-0101-entropy-avail"].verdict is Verdict.ABORT
    assert TESTCASE in found.versions["v5.1"]
    assert found.lifetimes[TESTCASE] is None
    assert status.date == NOW.replace(tzinfo=dt.UTC)


def test_lifetimes_are_those_of_the_scope(monitor: Monitor, server: Server) -> None:
    monitor.rows = [row(testcase="cncf-k8s-conformance", scope=KAAS, hours=24 * 200)]
    found = fetch_status(server.url, "cloud a/ü", KAAS).of("cloud a/ü", KAAS)
    assert found.lifetimes["cncf-k8s-conformance"] == "year"
    assert set(found.results) == {"cncf-k8s-conformance"}


def test_what_is_unknown_or_expired_is_nothing(monitor: Monitor, server: Server) -> None:
    monitor.rows = [row(hours=24 * 20)]
    for uuid in (IAAS, KAAS):
        assert fetch_status(server.url, "cloud a/ü", uuid).of("cloud a/ü", uuid).results == {}


def test_a_number_that_is_no_verdict_is_no_result(monitor: Monitor, server: Server) -> None:
    monitor.rows = [row(2)]
    assert fetch_status(server.url, "cloud a/ü", IAAS).of("cloud a/ü", IAAS).results == {}


def scope(**changed: Any) -> dict[str, Any]:
    return {"c": {IAAS: {"testcases": {}, "results": {}, "versions": {}, **changed}}}


RESULT = {"result": 1, "checked_at": "2026-11-20T10:00:00", "report": "r"}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([], "status: expected an object"),
        (None, "status: expected an object"),
        ({"c": []}, "status.c: expected an object"),
        ({"c": {IAAS: None}}, f"status.c.{IAAS}: expected an object"),
        ({"c": {IAAS: {}}}, "testcases: expected an object, got nothing"),
        (scope(results=[]), "results: expected an object"),
        (scope(results={"a": 1}), "results.a: expected an object"),
        (scope(results={"a": {**RESULT, "result": "1"}}), "results.a.result: expected an integer"),
        (scope(results={"a": {**RESULT, "result": True}}), "results.a.result: expected an integer"),
        (scope(results={"a": {**RESULT, "report": None}}), "results.a.report: expected a text"),
        (scope(results={"a": {**RESULT, "report": ""}}), "results.a.report: expected a text"),
        (scope(results={"a": {**RESULT, "checked_at": "infinity"}}), "expected a time in ISO format, got 'infinity'"),
        (scope(results={"a": {**RESULT, "checked_at": 5}}), "results.a.checked_at: expected a text"),
        (scope(testcases={"a": {"lifetime": 5}}), "lifetime: expected a text or null"),
        (scope(versions={"v1": {"testcases": "abc"}}), "testcases: expected a list of texts"),
        (scope(versions={"v1": {"targets": []}}), "targets: expected an object"),
    ],
)
def test_another_form_is_refused_with_its_place(data: Any, words: str) -> None:
    with pytest.raises(FormError) as raised:
        read_status(data)
    assert words in str(raised.value)


@pytest.mark.parametrize("checked_at", ["2026-11-20T10:00:00Z", "2026-11-20T12:00:00+02:00", "2026-11-20T10:00:00"])
def test_a_time_with_a_zone_is_utc(checked_at: str) -> None:
    data = scope(results={"a": {**RESULT, "checked_at": checked_at}})
    assert read_status(data)["c", IAAS].results["a"].checked_at == dt.datetime(2026, 11, 20, 10)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("500", "answers 500 to /status"),
        ("503", "answers 503 to /status"),
        ("404", "answers 404 to /status"),
        ("redirect", "answers 307 to /status with a redirect, which is not followed"),
        ("html", "is not what a compliance monitor says: it is no JSON"),
        ("strange", "is not what a compliance monitor says: status.a: expected an object"),
        ("truncated", "broke off"),
        ("drop", "broke off the connection without a whole answer"),
        ("gzip", "in an encoding that was not asked for"),
    ],
)
def test_a_bad_answer_is_one_line(monitor: Monitor, server: Server, fault: str, words: str) -> None:
    monitor.always["GET /status"] = fault
    with pytest.raises(Unreachable) as raised:
        fetch_status(server.url, "c", IAAS)
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(("fault", "words"), [("endless", "answers with more than 1 MiB"), ("drip", "in time|within")])
def test_an_answer_without_end_is_given_up(monitor: Monitor, server: Server, fault: str, words: str) -> None:
    monitor.always["GET /status"] = fault
    with pytest.raises(Unreachable, match=words):
        request("GET", f"{server.url}status", {}, most=1 << 20, seconds=60 if fault == "endless" else 0.3)


def test_a_server_that_says_nothing_is_given_up(monitor: Monitor, server: Server) -> None:
    monitor.always["GET /status"] = "slow"
    with pytest.raises(Unreachable, match="does not answer within 0 s"):
        request("GET", f"{server.url}status", {}, seconds=0.3)


def test_nobody_listens() -> None:
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:\d+ cannot be reached \(Connection refused\)"):
        fetch_status(f"http://127.0.0.1:{closed_port()}/", "c", IAAS)


def test_a_certificate_that_is_not_trusted(authority: Authority, monitor: Monitor, monkeypatch: Any) -> None:
    tls = context(authority.issue("127.0.0.1", alone=True))
    with Server(monitor, tls) as server, pytest.raises(Unreachable) as raised:
        fetch_status(server.url, "c", IAAS)
    assert "its certificate is not trusted (self-signed certificate)" in str(raised.value)
    assert raised.value.for_good


def test_what_speaks_no_tls(monitor: Monitor, server: Server) -> None:
    with pytest.raises(Unreachable, match="no TLS connection") as raised:
        fetch_status(server.url.replace("http:", "https:"), "c", IAAS)
    assert raised.value.for_good


def test_no_proxy_is_asked_for_this_machine(
    monitor: Monitor, server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password canary\n", "utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    fetch_status(server.url, "c", IAAS)
    [(_, _, headers, _)] = monitor.requests
    assert "authorization" not in headers
    assert headers["accept"] == "application/json"


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("https://monitor.example", "https://monitor.example/"),
        ("https://monitor.example//", "https://monitor.example/"),
        ("https://monitor.example/scs/", "https://monitor.example/scs/"),
        (" http://localhost:8080 ", "http://localhost:8080/"),
        ("http://[::1]:8080", "http://[::1]:8080/"),
    ],
)
def test_a_base_url_ends_with_one_slash(given: str, base: str) -> None:
    assert monitor_base(given, "--monitor") == base


@pytest.mark.parametrize(
    "url",
    [
        *("http://monitor.example/", "monitor.example", "", "ftp://monitor.example", "https://"),
        *("https://a:b@monitor.example", "https://monitor.example/?a=b", "https://monitor.example/#a"),
        *("https://monitor. example/", "http://127.0.0.1.nip.io/", "https://[::1", "https://monitor.example:port/"),
    ],
)
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(InputError, match="--monitor: "):
        monitor_base(url, "--monitor")


def test_faults_of_libraries_have_words() -> None:
    import requests
    import urllib3

    refused = urllib3.exceptions.NameResolutionError("h", None, OSError())  # type: ignore[arg-type]
    for error in (
        requests.exceptions.InvalidURL("x"),
        requests.exceptions.ReadTimeout("x"),
        requests.exceptions.ChunkedEncodingError("x"),
        requests.exceptions.ConnectionError(refused),
        requests.exceptions.ProxyError("x"),
        UnicodeError("x"),
    ):
        text = str(monitor_http._unreachable(error, "h", 5))
        assert text.startswith("h ")
        assert "\n" not in text


def test_a_bundle_of_authorities_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    with pytest.raises(Unreachable, match=r"invalid path: /nowhere/ca\.pem"):
        fetch_status(f"https://127.0.0.1:{closed_port()}/", "c", IAAS)


def test_the_proxy_of_the_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{closed_port()}")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(Unreachable, match=r"monitor\.example \(by the proxy of the environment\) cannot be reached"):
        fetch_status("https://monitor.example/", "c", IAAS)
