# SPDX-License-Identifier: Apache-2.0
"""The stand-in of the monitor answers as the monitor was seen to: status and body, in the order of its checks."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from monitor_standin import Account, Monitor, Server, make_key, public_key, report_text, sign, token

from pytest_scs.pipeline.monitor.monitor_http import Answer, request

IAAS = "50393e6f-2ae1-4c5c-a62c-3b75f2abef3f"
TESTCASE = "scs-0100-syntax-check"
YAML = "application/x-signed-yaml"
NOW = dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0)


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_key(tmp_path_factory.mktemp("keys") / "key")


@pytest.fixture
def monitor(key: Path) -> Monitor:
    monitor = Monitor()
    monitor.accounts["a"] = Account("pw", [public_key(key.with_suffix(".pub"))])
    monitor.accounts["b"] = Account("pw", delegates={"zuul"})
    monitor.accounts["zuul"] = Account("pw", monitor.accounts["a"].keys, {"append_any"})
    return monitor


@pytest.fixture
def server(monitor: Monitor) -> Iterator[Server]:
    with Server(monitor) as server:
        yield server


def post(server: Server, body: bytes, account: str = "a", kind: str | None = YAML, secret: str = "pw") -> Answer:
    headers = {"Content-Type": kind} if kind else {}
    authorization = f"Basic {token(account, secret)}" if account else ""
    return request("POST", f"{server.url}reports", headers, body, authorization=authorization)


def body(key: Path, text: str | bytes, namespace: str = "report") -> bytes:
    content = text.encode() if isinstance(text, str) else text
    return sign(key, content, namespace) + b"&" + content


def report(subject: str = "a", **more: Any) -> str:
    return report_text({TESTCASE: 1}, subject=subject, **more)


def said(answer: Answer) -> tuple[int, object]:
    content = json.loads(answer.body) if answer.content_type == "application/json" else answer.body.decode()
    return answer.status, content["detail"] if isinstance(content, dict) and "detail" in content else content


ERROR = (500, "Internal Server Error")


def test_good_and_repeated(server: Server, key: Path) -> None:
    sent = body(key, report())
    assert said(post(server, sent)) == (200, None)
    assert said(post(server, sent)) == (409, "Conflict: report already present")


def test_who_may_send(server: Server, key: Path, monitor: Monitor) -> None:
    sent = body(key, report())
    assert said(post(server, sent, "")) == (401, "Not authenticated")
    assert said(post(server, sent, "nobody")) == (401, "Incorrect username or password")
    assert said(post(server, sent, secret="other")) == (401, "Incorrect username or password")
    answer = request("POST", f"{server.url}reports", {"Content-Type": YAML}, sent, authorization="Basic ???")
    assert said(answer) == (401, "Invalid authentication credentials")
    assert said(post(server, body(key, report("b")))) == (401, "Permission denied")
    assert said(post(server, body(key, report("c")), "zuul")) == (401, "delegation problem?")
    assert said(post(server, body(key, report("b")), "zuul")) == (200, None)


def test_signatures(server: Server, key: Path, tmp_path: Path, monitor: Monitor) -> None:
    good = body(key, report())
    bad = (401, "verification failed")
    assert said(post(server, good + b"\n")) == bad
    assert said(post(server, body(key, report(), "file"))) == bad
    assert said(post(server, body(make_key(tmp_path / "other"), report()))) == bad
    missing = (401, "missing signature")
    assert said(post(server, report().encode())) == missing
    armored, _, content = good.partition(b"&")
    assert said(post(server, armored.replace(b"\n", b"\r\n") + b"&" + content)) == missing
    assert said(post(server, armored.rstrip(b"\n") + b"&" + content)) == missing
    assert not monitor.documents


def test_content_types(server: Server, key: Path) -> None:
    sent = body(key, report())
    for kind in (f"{YAML}; charset=utf-8", "application/yaml", "text/plain"):
        assert said(post(server, sent, kind=kind)) == (415, "Unsupported Media Type")
    assert said(post(server, sent, kind=None)) == ERROR
    assert said(post(server, sent, kind="application/x-signed-json")) == ERROR


@pytest.mark.parametrize("text", ["a: [", "[]", "---\n", "a: 1\na: 2\n", "a: 1\n", b"\xff"])
def test_content_problems(server: Server, key: Path, text: str | bytes) -> None:
    assert said(post(server, body(key, text))) == ERROR


def test_a_batch_is_stored_whole_or_not_at_all(server: Server, key: Path, monitor: Monitor) -> None:
    assert said(post(server, body(key, "# nothing\n"))) == (200, "empty reports")
    assert said(post(server, body(key, report() + "---\n"))) == ERROR
    assert said(post(server, body(key, report() + report()))) == (409, "Conflict: report already present")
    assert said(post(server, body(key, report() + report("b", uuid="second")))) == (401, "Permission denied")
    assert not monitor.documents
    assert said(post(server, body(key, report() + report(uuid="second")))) == (200, None)
    assert len(monitor.documents) == 2


def get(server: Server, path: str, accept: str | None = "application/json", account: str = "") -> Answer:
    headers: dict[str, Any] = {"Accept": accept}
    authorization = f"Basic {token(account, 'pw')}" if account else ""
    return request("GET", f"{server.url}{path}", headers, authorization=authorization)


def test_reports_are_for_their_account(server: Server, key: Path, monitor: Monitor) -> None:
    post(server, body(key, report(uuid="u1")))
    assert said(get(server, "reports/u1")) == (401, "Not authenticated")
    assert said(get(server, "reports/u2", account="a")) == (404, "Not Found")
    assert said(get(server, "reports/u1", account="b")) == (401, "Permission denied")
    assert json.loads(get(server, "reports/u1", account="a").body)["run"]["uuid"] == "u1"
    monitor.accounts["b"].roles.add("read_any")
    assert get(server, "reports/u1", account="b").status == 200


def test_what_status_accepts(server: Server) -> None:
    assert said(get(server, "status", "text/html")) == (406, "Not Acceptable")
    assert said(get(server, "status", None)) == ERROR
    assert said(get(server, "status", "*/*")) == (200, {})
    assert get(server, "healthz").status == 200
    assert get(server, "metrics/a").status == 404


def test_the_newest_counts_and_of_equal_times_the_first(server: Server, key: Path, monitor: Monitor) -> None:
    def result() -> tuple[int, str]:
        found = json.loads(get(server, f"status?subject=a&scopeuuid={IAAS}").body)["a"][IAAS]["results"][TESTCASE]
        return found["result"], found["report"]

    for uuid, value, hours in (("u1", 1, 5), ("u2", -1, 5), ("u3", 0, 9)):
        when = str(NOW - dt.timedelta(hours=hours))
        text = report_text({TESTCASE: value, "scs-9999-x": 1}, subject="a", uuid=uuid, checked_at=when)
        assert said(post(server, body(key, text))) == (200, None)
        assert result() == (1, "u1")
    text = report_text({TESTCASE: 0}, subject="a", uuid="u4", checked_at=str(NOW))
    post(server, body(key, text))
    assert result() == (0, "u4")
    assert json.loads(get(server, "status?scopeuuid=scs-compatible-iaas").body) == {}
    monitor.skew = dt.timedelta(days=20)
    assert json.loads(get(server, "status?subject=a").body) == {}
