# SPDX-License-Identifier: Apache-2.0
"""What is sent without the official client is what that one would send, and a run that only reads never imports it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from api_server import access_to

from pytest_scs.platforms.kubernetes import client as client_module
from pytest_scs.platforms.kubernetes.client import Client
from pytest_scs.platforms.kubernetes.plain_calls import OPTIONS, READ, REVIEWS, plain_call
from pytest_scs.platforms.kubernetes.transport import Received, Transport

SERVER = "https://127.0.0.1:1"

SPECS = {
    "create_self_subject_review": {},
    "create_token_review": {"spec": {"token": "ä"}},
    "create_self_subject_access_review": {"spec": {"resourceAttributes": {"verb": "list", "resource": "nodes"}}},
    "create_subject_access_review": {"spec": {"user": "ä", "groups": ["a"]}},
}

#: Values for the braces of a path, of which one has to be quoted.
PARTS = ("a/b ü", "v1", "c")

CALLS = [
    *((call, PARTS[: path.count("{}")], {}) for call, path in READ.items()),
    *((call, ({"kind": "Review", **SPECS[call[1]]},), {}) for call in REVIEWS),
    (("CoreV1Api", "list_node"), (), {"limit": 500, "_continue": "a=&b c"}),
    (("CoreV1Api", "list_namespaced_pod"), ("x",), {"label_selector": "a in (b,c),d!=e", "limit": 3}),
    (("CoreV1Api", "list_namespace"), (), {"field_selector": "metadata.name=x"}),
]

Sent = tuple[str, str, list[str], dict[str, str], object]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Sent]:
    """Method, path, parts of the query in order, headers and content of each request, none of which leaves."""
    found: list[Sent] = []

    def request(
        self: Transport, method: str, url: str, *, headers: dict[str, str], body: Any = None, **options: Any
    ) -> Received:
        path, _, query = url.removeprefix(SERVER).partition("?")
        if options.get("fields"):  # so does version 36 of the official client, and urllib3 makes a query of them
            query = urlencode(options["fields"], quote_via=quote)
        content = json.loads(body) if body else None
        names = {name.lower(): value for name, value in headers.items()}
        found.append((method, path, sorted(query.split("&")), names, content))
        return Received(200, "OK", b"{}", {})

    monkeypatch.setattr(Transport, "request", request)
    return found


@pytest.mark.parametrize(("call", "arguments", "options"), CALLS, ids=[call[0][1] for call in CALLS])
def test_it_is_sent_as_the_official_client_sends_it(
    sent: list[Sent],
    monkeypatch: pytest.MonkeyPatch,
    call: tuple[str, str],
    arguments: tuple[Any, ...],
    options: dict[str, Any],
) -> None:
    client = Client(access_to(SERVER), 0)
    client.call(*call, *arguments, **options)
    monkeypatch.setattr(client_module, "plain_call", lambda *whatever: None)
    client.call(*call, *arguments, **options)
    plain, official = sent
    assert plain[:3] == official[:3]
    assert plain[4] == official[4]
    # What is handed on to a kubelet may be anything to the official client, and JSON is what it is by itself.
    assert official[3]["accept"] in (plain[3]["accept"], "*/*")
    if plain[4]:
        assert official[3].get("content-type", "application/json") == plain[3]["content-type"]


@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("create_namespace", {}),
        ("delete_namespace", {}),
        ("list_node", {"watch": True}),
        ("read_namespaced_pod_log", {"limit_bytes": 5}),
    ],
)
def test_all_else_is_left_to_the_official_client(method: str, options: dict[str, Any]) -> None:
    assert not options.keys() & OPTIONS.keys()
    assert plain_call("CoreV1Api", method, ("x",), options) is None


def test_a_run_that_only_reads_does_not_import_the_official_client(tmp_path: Path) -> None:
    (tmp_path / "witness.py").write_text(
        "import sys\n\n\ndef pytest_unconfigure():\n    print('imported:', 'kubernetes' in sys.modules)\n"
    )
    command = [sys.executable, "-m", "pytest", "-p", "witness", "-q", "-p", "no:cacheprovider", "-s"]
    light = ["--scs-scope=kaas-v1", "--scs-scope=beyond-kaas", "-m", "light and not creates_resources"]
    done = subprocess.run(
        [*command, *light, "--kubeconfig=demo"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "imported: False" in done.stdout, done.stdout
    assert " PASS" in done.stdout
