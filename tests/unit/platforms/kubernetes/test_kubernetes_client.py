# SPDX-License-Identifier: Apache-2.0
"""The client of a cluster, with the official client behind it, against a server that does what servers do."""

from __future__ import annotations

import gzip
import json
import os
import ssl
import stat
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from api_server import Answer, ApiServer, access_to, answer, drip, refusal

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.platforms.kubernetes import bounds, retrying
from pytest_scs.platforms.kubernetes.client import Client, Refused
from pytest_scs.platforms.kubernetes.explain import Unreachable
from pytest_scs.platforms.kubernetes.transport import USER_AGENT, proxy_for

if TYPE_CHECKING:
    from tls_server import Authority

VERSION = {"gitVersion": "v1.36.3"}

Serve = Callable[[Callable[[str], Answer]], ApiServer]


@pytest.fixture
def sleeps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What would have been slept."""
    found: list[float] = []
    monkeypatch.setattr(retrying.time, "sleep", found.append)
    monkeypatch.setattr(retrying.tried, "__kwdefaults__", {"sleep": found.append})
    return found


@pytest.fixture
def tls(authority: Authority) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.issue("127.0.0.1"))
    return context


@pytest.fixture
def serve(tls: ssl.SSLContext) -> Iterator[Serve]:
    servers: list[ApiServer] = []

    def start(script: Callable[[str], Answer]) -> ApiServer:
        servers.append(ApiServer(tls, script).__enter__())
        return servers[-1]

    yield start
    for server in servers:
        server.__exit__()


@pytest.fixture
def client_of(authority: Authority) -> Callable[..., Client]:
    def make(server: ApiServer, deadline: float = 60, **options: Any) -> Client:
        return Client(access_to(server.url, authority.path, **options), deadline)

    return make


ClientOf = Callable[..., Client]


def one_after_the_other(*answers: Answer) -> Callable[[str], Answer]:
    """A script that gives these answers, the last one for ever."""
    pending = [*answers]
    return lambda line: pending.pop(0) if len(pending) > 1 else pending[0]


def version_of(client: Client) -> dict[str, Any]:
    return client.get("VersionApi", "get_code")


def test_an_answer_is_plain_data_and_requests_say_who_asks(serve: Serve, client_of: ClientOf) -> None:
    server = serve(one_after_the_other(answer({"gitVersion": "v1.36.3", "odd": None})))
    client = client_of(server)
    assert version_of(client) == {"gitVersion": "v1.36.3", "odd": None}
    assert server.lines() == ["GET /version/"]
    assert server.seen[0].headers["user-agent"] == USER_AGENT
    assert server.seen[0].headers["authorization"] == "Bearer a-token"
    assert client.count.by_service() == {"VersionApi": 1}


def test_a_path_of_ones_own(serve: Serve, client_of: ClientOf) -> None:
    server = serve(one_after_the_other(answer(b"a_metric 1\n", x_header="y")))
    client = client_of(server).for_section("metrics")
    found = client.raw("GET", "/metrics", accept="text/plain", headers={"Impersonate-User": "x"})
    assert (found.status, found.text, found.headers["x-header"]) == (200, "a_metric 1\n", "y")
    assert server.seen[0].headers["impersonate-user"] == "x"
    assert server.seen[0].headers["accept"] == "text/plain"
    assert server.seen[0].headers["authorization"] == "Bearer a-token"
    assert client.count.by_section() == {"metrics": 1}
    client.raw("POST", "/x", body={"a": 1})
    assert json.loads(server.seen[1].body) == {"a": 1}


def test_a_body_goes_through_the_official_client(serve: Serve, client_of: ClientOf) -> None:
    server = serve(one_after_the_other(answer({"kind": "Namespace"}, 201)))
    body = {"metadata": {"name": "scs-x", "labels": {"a": "b"}}}
    assert client_of(server).call("CoreV1Api", "create_namespace", body, dry_run="All").status == 201
    assert server.lines() == ["POST /api/v1/namespaces?dryRun=All"]
    assert json.loads(server.seen[0].body) == body


def nodes(*names: str, following: str = "") -> bytes:
    metadata = {"continue": following} if following else {}
    return answer({"metadata": metadata, "items": [{"metadata": {"name": name}} for name in names]})


def test_a_listing_is_all_its_pages(serve: Serve, client_of: ClientOf) -> None:
    server = serve(one_after_the_other(nodes("a", "b", following="2"), nodes("c")))
    found = client_of(server).list("CoreV1Api", "list_node")
    assert [one["metadata"]["name"] for one in found] == ["a", "b", "c"]
    assert server.lines() == ["GET /api/v1/nodes?limit=500", "GET /api/v1/nodes?limit=500&continue=2"] or (
        server.lines() == ["GET /api/v1/nodes?limit=500", "GET /api/v1/nodes?continue=2&limit=500"]
    )


def test_a_listing_that_expires_begins_again_once_without_pages(serve: Serve, client_of: ClientOf) -> None:
    server = serve(one_after_the_other(nodes("a", following="2"), refusal(410, reason="Expired"), nodes("a", "b")))
    assert len(client_of(server).list("CoreV1Api", "list_node")) == 2
    assert server.lines()[2] == "GET /api/v1/nodes"
    server = serve(one_after_the_other(nodes("a", following="2"), refusal(410, reason="Expired")))
    with pytest.raises(Refused, match="410"):
        client_of(server).list("CoreV1Api", "list_node")


@pytest.mark.parametrize(
    "page",
    [
        answer({"items": {}}),
        answer({"items": [1]}),
        answer({}),
        answer([]),
        answer(b"<html>"),
        answer(b"[" * 100_000),
        nodes("a", following="same"),
        answer({"metadata": {}}),
        answer({"kind": "Status", "metadata": {}, "status": "Success"}),
        answer({"kind": "Status", "metadata": {}, "items": []}),
        answer({"kind": "Node", "metadata": {"name": "a"}, "items": None}),
        answer({"items": [], "metadata": {"continue": 7}}),
        answer({"items": [], "metadata": {"continue": {"token": "a"}}}),
        answer({"items": [], "metadata": {"remainingItemCount": 3}}),
        answer({"items": [], "metadata": {"remainingItemCount": "many", "continue": ""}}),
        answer({"kind": "PodList", "metadata": {}, "items": []}),
        answer({"kind": "List", "metadata": {}, "items": []}),
        answer({"kind": ["NodeList"], "metadata": {}, "items": []}),
        answer(b'{"metadata": {}, "items": [], "items": null}'),
        answer(b'{"metadata": {"resourceVersion": NaN}, "items": []}'),
        answer(b'{"metadata": {"resourceVersion": 1e999}, "items": []}'),
    ],
)
def test_a_listing_of_another_form_is_none(serve: Serve, client_of: ClientOf, page: bytes) -> None:
    with pytest.raises(Inconclusive) as caught:
        client_of(serve(one_after_the_other(page))).list("CoreV1Api", "list_node")
    assert caught.value.kind is CauseKind.MALFORMED


PLAIN_NODES = b'{"metadata": {}, "items": [{"metadata": {"name": "a"}}]}'


def chunked(content: bytes, *, ended: bool = True) -> bytes:
    """An answer in chunks of seven bytes, with or without the last chunk."""
    parts = [content[number : number + 7] for number in range(0, len(content), 7)]
    body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + (b"0\r\n\r\n" if ended else b"")
    return b"HTTP/1.1 200 It\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + body


@pytest.mark.parametrize(
    "page",
    [
        chunked(PLAIN_NODES),
        answer(gzip.compress(PLAIN_NODES), content_encoding="gzip"),
        answer(gzip.compress(PLAIN_NODES[:20]) + gzip.compress(PLAIN_NODES[20:]), content_encoding="gzip"),
        answer(zlib.compress(PLAIN_NODES), content_encoding="deflate"),
    ],
    ids=["chunked", "gzip", "two-members", "deflate"],
)
def test_an_answer_may_come_in_pieces_or_packed(serve: Serve, client_of: ClientOf, page: bytes) -> None:
    found = client_of(serve(one_after_the_other(page))).list("CoreV1Api", "list_node")
    assert [one["metadata"]["name"] for one in found] == ["a"]


@pytest.mark.parametrize(
    "page",
    [
        chunked(PLAIN_NODES, ended=False),
        answer(gzip.compress(PLAIN_NODES)[:-20], content_encoding="gzip"),
        answer(gzip.compress(PLAIN_NODES[:20]), content_encoding="gzip"),
        answer(b"no gzip at all", content_encoding="gzip"),
        answer(gzip.compress(PLAIN_NODES)),
        answer(gzip.compress(PLAIN_NODES), content_encoding="x-unknown"),
        answer(PLAIN_NODES.replace(b'"a"', b'"a\xff').replace(b"}}]", b"}]")),
    ],
    ids=["no-end", "cut", "half", "plain", "not-said", "unknown", "no-json"],
)
def test_an_answer_that_cannot_be_unpacked_is_none(serve: Serve, client_of: ClientOf, page: bytes) -> None:
    with pytest.raises(Inconclusive):
        client_of(serve(one_after_the_other(page)), 0).list("CoreV1Api", "list_node")


def test_what_unpacks_to_more_than_any_answer_is_none(
    serve: Serve, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "ANSWER", 2**20)
    page = answer(gzip.compress(b" " * 2**23 + PLAIN_NODES), content_encoding="gzip")
    with pytest.raises(Inconclusive, match="its answer is larger than 1 MiB"):
        client_of(serve(one_after_the_other(page)), 0).list("CoreV1Api", "list_node")


def test_a_listing_whose_pages_do_not_belong_together_is_none(serve: Serve, client_of: ClientOf) -> None:
    client = client_of(serve(one_after_the_other(nodes("a", "b", following="2"), nodes("b", "c"))))
    with pytest.raises(Inconclusive, match=r"^the API server's listing has b twice$") as caught:
        client.list("CoreV1Api", "list_node")
    assert caught.value.kind is CauseKind.MALFORMED
    pods = [{"metadata": {"name": "a", "namespace": namespace}} for namespace in ("x", "y")]
    client = client_of(serve(one_after_the_other(answer({"kind": "PodList", "items": [*pods, {}, {}]}))))
    assert len(client.list("CoreV1Api", "list_pod_for_all_namespaces")) == 4


def test_how_many_items_are_to_come_is_no_promise(serve: Serve, client_of: ClientOf) -> None:
    first = answer({"kind": "NodeList", "metadata": {"continue": "2", "remainingItemCount": 900}, "items": []})
    last = answer({"kind": "NodeList", "metadata": {"continue": "", "remainingItemCount": 0}, "items": []})
    assert client_of(serve(one_after_the_other(first, last))).list("CoreV1Api", "list_node") == []


@pytest.mark.parametrize(
    ("api", "method", "kind"),
    [
        ("AppsV1Api", "list_daemon_set_for_all_namespaces", "DaemonSetList"),
        ("CertificatesV1Api", "list_certificate_signing_request", "CertificateSigningRequestList"),
        ("StorageV1Api", "list_storage_class", "StorageClassList"),
        ("CoreV1Api", "list_pod_for_all_namespaces", "PodList"),
    ],
)
def test_a_listing_is_of_what_was_asked_for(
    serve: Serve, client_of: ClientOf, api: str, method: str, kind: str
) -> None:
    page = {"kind": kind, "metadata": {}, "items": [{"metadata": {"name": "a"}}]}
    assert len(client_of(serve(one_after_the_other(answer(page)))).list(api, method)) == 1
    with pytest.raises(Inconclusive, match="answered a listing with the kind NodeList"):
        client_of(serve(one_after_the_other(answer({**page, "kind": "NodeList"})))).list(api, method)


def test_a_listing_that_goes_round_in_a_circle_has_no_end(serve: Serve, client_of: ClientOf) -> None:
    pages = [nodes(following="1"), *[nodes(following="2"), nodes(following="1")] * 3]
    server = serve(one_after_the_other(*pages))
    with pytest.raises(Inconclusive, match="no end"):
        client_of(server).list("CoreV1Api", "list_node")
    assert len(server.lines()) == 3


def test_an_empty_listing_may_be_written_as_null(serve: Serve, client_of: ClientOf) -> None:
    page = answer({"metadata": {"resourceVersion": "1"}, "items": None})
    assert client_of(serve(one_after_the_other(page))).list("CoreV1Api", "list_node") == []


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(serve: Serve, client_of: ClientOf, sleeps: list[float], status: int) -> None:
    server = serve(one_after_the_other(refusal(status), refusal(status), b"", answer(VERSION)))
    assert version_of(client_of(server)) == VERSION
    assert len(server.seen) == 4
    assert [round(seconds / pause, 1) for seconds, pause in zip(sleeps, (0.5, 1, 2), strict=True)] == pytest.approx(
        [1, 1, 1], abs=0.21
    )


@pytest.mark.parametrize("status", [301, 307, 400, 401, 403, 404, 409, 422])
def test_other_refusals_are_final(serve: Serve, client_of: ClientOf, sleeps: list[float], status: int) -> None:
    server = serve(one_after_the_other(refusal(status, location="https://127.0.0.1:1/")))
    with pytest.raises(Refused) as caught:
        version_of(client_of(server))
    assert caught.value.status == status
    assert len(server.seen) == 1
    assert not sleeps


def test_a_server_is_waited_for_as_it_asks_but_not_for_ever(
    serve: Serve, client_of: ClientOf, sleeps: list[float]
) -> None:
    server = serve(one_after_the_other(refusal(429, retry_after="2"), refusal(503, retry_after="60"), answer(VERSION)))
    assert version_of(client_of(server, deadline=100)) == VERSION
    assert sleeps == [2, 60]
    server = serve(one_after_the_other(refusal(429, retry_after="3600")))
    with pytest.raises(Inconclusive, match=r"^the API server asks to wait 3600 s$"):
        version_of(client_of(server))
    assert len(server.seen) == 1
    for days in ("86400", "604800", "Fri, 31 Dec 9999 23:59:59 GMT"):
        with pytest.raises(Inconclusive, match=r"^the API server asks to wait \d{5,} s$"):
            version_of(client_of(serve(one_after_the_other(refusal(503, retry_after=days)))))
    assert len(sleeps) == 2


@pytest.mark.parametrize("asked", ["soon", "-1", "2.5", "1e3", "\u0663", "9" * 400, "Fri, 99 Foo 2026", ""])
def test_a_pause_of_another_form_is_none(serve: Serve, client_of: ClientOf, sleeps: list[float], asked: str) -> None:
    sent = {"retry_after": asked.encode().decode("latin-1")}
    assert version_of(client_of(serve(one_after_the_other(refusal(429, **sent), answer(VERSION))))) == VERSION
    assert sleeps == [pytest.approx(0.5, abs=0.11)]


def test_a_deadline_ends_it(serve: Serve, client_of: ClientOf, sleeps: list[float]) -> None:
    server = serve(one_after_the_other(refusal(503, "the server is currently unable to handle the request")))
    with pytest.raises(Refused) as caught:
        version_of(client_of(server, deadline=0))
    assert str(caught.value) == ("the API server answered 503 (the server is currently unable to handle the request)")
    assert caught.value.kind is CauseKind.OUTAGE
    with pytest.raises(Refused):
        version_of(client_of(serve(one_after_the_other(refusal(429, retry_after="30"))), deadline=20))
    assert not sleeps


def test_a_creation_is_carried_out_once_unless_its_name_is_ours(
    serve: Serve, client_of: ClientOf, sleeps: list[float]
) -> None:
    body = {"metadata": {"name": "scs-x"}}
    server = serve(one_after_the_other(refusal(503), answer(body, 201)))
    with pytest.raises(Refused, match="503"):
        client_of(server).call("CoreV1Api", "create_namespace", body)
    server = serve(one_after_the_other(b"", answer(body, 201)))
    with pytest.raises(Unreachable):
        client_of(server).call("CoreV1Api", "create_namespace", body)
    server = serve(one_after_the_other(refusal(429), answer(body, 201)))
    assert client_of(server).call("CoreV1Api", "create_namespace", body).status == 201
    server = serve(one_after_the_other(b"", refusal(409, "exists", "AlreadyExists")))
    with pytest.raises(Refused) as caught:
        client_of(server).call("CoreV1Api", "create_namespace", body, again=True)
    assert caught.value.doubtful
    assert caught.value.reason == "AlreadyExists"
    server = serve(one_after_the_other(refusal(409)))
    with pytest.raises(Refused) as caught:
        client_of(server).call("CoreV1Api", "create_namespace", body, again=True)
    assert not caught.value.doubtful


def test_a_token_that_was_accepted_is_loaded_again_once(serve: Serve, client_of: ClientOf, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("first\n")

    def script(line: str) -> Answer:
        return answer(VERSION) if server.seen[-1].headers["authorization"] == f"Bearer {good}" else refusal(401)

    server, good = serve(script), "first"
    client = client_of(server, user={"tokenFile": str(token)})
    assert version_of(client) == VERSION
    good = "second"
    token.write_text("second\n")
    assert version_of(client) == VERSION
    assert len(server.seen) == 3
    good = "third"
    with pytest.raises(Refused) as caught:
        version_of(client)
    assert str(caught.value) == "credentials rejected (401)"
    assert len(server.seen) == 5
    good = "none"
    fresh = client_of(server, user={"tokenFile": str(token)})
    with pytest.raises(Refused):
        version_of(fresh)
    assert len(server.seen) == 6


PLUGIN = """\
import json, os, sys
info = json.loads(os.environ["KUBERNETES_EXEC_INFO"])
assert info["kind"] == "ExecCredential" and os.environ["WHO"] == "me" and not info["spec"]["interactive"]
print(json.dumps({"status": {"token": sys.argv[1] + info["spec"]["cluster"]["server"][:5]}}))
"""


def _exec(program: Path, *arguments: str) -> dict[str, Any]:
    return {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": sys.executable,
            "args": [str(program), *arguments],
            "env": [{"name": "WHO", "value": "me"}],
            "provideClusterInfo": True,
        }
    }


def test_a_plug_in_gives_the_token_and_it_is_concealed(serve: Serve, authority: Authority, tmp_path: Path) -> None:
    program = tmp_path / "plugin.py"
    program.write_text(PLUGIN)
    server = serve(one_after_the_other(answer(VERSION)))
    secrets: list[object] = []
    client = Client(access_to(server.url, authority.path, _exec(program, "given-")), 0, conceal=secrets.extend)
    version_of(client)
    version_of(client)
    assert [one.headers["authorization"] for one in server.seen] == ["Bearer given-https"] * 2
    assert secrets == ["given-https"]


def test_a_plug_in_is_told_of_the_cluster_all_that_is_meant_for_it(
    serve: Serve, authority: Authority, tmp_path: Path
) -> None:
    told = tmp_path / "told.json"
    program = tmp_path / "plugin.py"
    program.write_text(f"import os; open({str(told)!r}, 'w').write(os.environ['KUBERNETES_EXEC_INFO'])\n{PLUGIN}")
    server = serve(one_after_the_other(answer(VERSION)))
    access = access_to(server.url, authority.path, _exec(program, "a"))
    access.config["clusters"][0]["cluster"]["extensions"] = [
        {"name": "minikube.sigs.k8s.io", "extension": {"profile": "x"}},
        {"name": "client.authentication.k8s.io/exec", "extension": {"audience": "06e3fbd18de8", "list": [1, None]}},
    ]
    version_of(Client(access, 0))
    cluster = json.loads(told.read_text())["spec"]["cluster"]
    assert cluster["config"] == {"audience": "06e3fbd18de8", "list": [1, None]}
    assert set(cluster) == {"server", "certificate-authority-data", "config"}


def test_a_plug_in_that_always_wants_a_person_is_not_started(serve: Serve, client_of: ClientOf, tmp_path: Path) -> None:
    started = tmp_path / "started"
    program = tmp_path / "plugin.py"
    program.write_text(f"open({str(started)!r}, 'w')")
    user = _exec(program)
    user["exec"]["interactiveMode"] = "Always"
    with pytest.raises(Inconclusive, match=r"at each run \(interactiveMode: Always\), and here is none") as caught:
        version_of(client_of(serve(one_after_the_other(answer(VERSION))), user=user))
    assert caught.value.kind is CauseKind.AUTHENTICATION
    assert not started.exists()


@pytest.mark.parametrize(
    ("program", "cause"),
    [
        ("import sys; sys.exit('log in first')", "ended with exit code 1"),
        ("print('{}')", "gave something that is no ExecCredential with a status"),
        (
            'print(\'{"kind": "Pod", "status": {"token": "a"}}\')',
            "gave something of the kind 'Pod', not ExecCredential",
        ),
        (
            'print(\'{"apiVersion": "v2", "status": {"token": "a"}}\')',
            "gave the version 'v2', where the kubeconfig says 'client.authentication.k8s.io/v1'",
        ),
        (
            'print(\'{"status": {"token": "a", "clientCertificateData": "b"}}\')',
            "gave a certificate without its key",
        ),
        ("print('a' * 2**21)", "gave more than 1 MiB"),
        ("print('{\"status\": {}}')", "gave neither a token nor a certificate with its key"),
    ],
)
def test_a_plug_in_that_gives_nothing_is_said_in_a_line(
    serve: Serve, client_of: ClientOf, tmp_path: Path, program: str, cause: str
) -> None:
    path = tmp_path / "plugin.py"
    path.write_text(program)
    server = serve(one_after_the_other(answer(VERSION)))
    with pytest.raises(Inconclusive) as caught:
        version_of(client_of(server, user=_exec(path)))
    name = Path(sys.executable).name
    assert str(caught.value) == f"the credential plug-in {name} of the kubeconfig {cause}"
    assert not server.seen


@pytest.mark.parametrize("token", ["a\\nX-Evil: 1", "a\\u20ac", "a\\u0000"])
def test_a_token_that_no_header_can_hold_is_said_and_not_sent(serve: Serve, client_of: ClientOf, token: str) -> None:
    server = serve(one_after_the_other(answer(VERSION)))
    given = f'{{"kind": "ExecCredential", "status": {{"token": "{token}"}}}}'
    plugin = {"apiVersion": "client.authentication.k8s.io/v1", "command": sys.executable}
    user = {"exec": {**plugin, "args": ["-c", f"print({given!r})"]}}
    with pytest.raises(Inconclusive, match="has a line break, or a character that no token has") as caught:
        version_of(client_of(server, user=user))
    assert caught.value.kind is CauseKind.AUTHENTICATION
    assert server.lines() == []


@pytest.mark.parametrize(
    "ends", ["0001-01-01T00:00:00+12:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "x"]
)
def test_an_end_beyond_all_calendars_does_no_harm(serve: Serve, client_of: ClientOf, ends: str) -> None:
    server = serve(one_after_the_other(answer(VERSION)))
    given = json.dumps({"kind": "ExecCredential", "status": {"token": "abc", "expirationTimestamp": ends}})
    plugin = {"apiVersion": "client.authentication.k8s.io/v1", "command": sys.executable}
    client = client_of(server, user={"exec": {**plugin, "args": ["-c", f"print({given!r})"]}})
    version_of(client)
    version_of(client)
    assert [one.headers["authorization"] for one in server.seen] == ["Bearer abc"] * 2


def test_a_certificate_may_have_words_of_any_language_around_it(
    serve: Serve, authority: Authority, tmp_path: Path
) -> None:
    path = tmp_path / "authority.pem"
    path.write_text(f"# Z\u00fcrich\n{Path(authority.path).read_text()}", "utf-8")
    server = serve(one_after_the_other(answer(VERSION)))
    version_of(Client(access_to(server.url, path, {"token": "abc"}), 0))
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("proxy", "login"),
    [("http://m%40e:p%C3%A4ss@127.0.0.1:1", "m@e:p\u00e4ss"), ("http://\u20ac:x@127.0.0.1:1", "\u20ac:x")],
)
def test_the_login_of_a_proxy_is_sent_as_it_is_meant(proxy: str, login: str) -> None:
    import base64

    from pytest_scs.platforms.kubernetes.transport import _proxied

    header = _proxied(proxy, {}).proxy_headers["proxy-authorization"]
    assert base64.b64decode(header.removeprefix("Basic ")).decode() == login


@pytest.mark.filterwarnings("error")
def test_a_proxy_that_cannot_be_used_is_said_in_a_line(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", "http://a:b:c")
    with pytest.raises(Inconclusive, match="the address of the proxy cannot be used"):
        version_of(Client(access_to("https://127.0.0.1:1", authority.path, {"token": "abc"}), 0))
    monkeypatch.setitem(sys.modules, "socks", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setenv("https_proxy", "socks5://127.0.0.1:1")
    with pytest.raises(Inconclusive, match="takes the package PySocks"):
        version_of(Client(access_to("https://127.0.0.1:1", authority.path, {"token": "abc"}), 0))


def test_a_plug_in_that_is_missing_or_never_ends(serve: Serve, client_of: ClientOf, tmp_path: Path) -> None:
    from pytest_scs.platforms.kubernetes.exec_plugin import run_plugin

    plugin = {"apiVersion": "client.authentication.k8s.io/v1", "command": "no-such-login", "installHint": "brew\n it"}
    with pytest.raises(Inconclusive) as caught:
        run_plugin(plugin, {})
    assert str(caught.value) == "the credential plug-in no-such-login of the kubeconfig is not installed here (brew it)"
    assert caught.value.kind is CauseKind.MISSING_TOOL
    plugin["command"] = sys.executable
    with pytest.raises(Inconclusive, match=r"gave nothing within 0\.2 s \(it may want a person to log in\)"):
        run_plugin(plugin | {"args": ["-c", "import time; time.sleep(9)"]}, {}, seconds=0.2)


def test_a_client_certificate_is_shown_and_its_key_is_in_no_file(
    authority: Authority, tls: ssl.SSLContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import base64

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    modes: list[int] = []
    load = ssl.SSLContext.load_cert_chain

    def watched(self: ssl.SSLContext, path: Any, *args: Any, **options: Any) -> None:
        modes.append(stat.S_IMODE(os.stat(path).st_mode))
        load(self, path, *args, **options)

    pem = authority.issue("client").read_text()
    key_at = pem.index("-----BEGIN PRIVATE KEY")
    user = {
        "client-certificate-data": base64.b64encode(pem[:key_at].encode()).decode(),
        "client-key-data": base64.b64encode(pem[key_at:].encode()).decode(),
    }
    tls.verify_mode = ssl.CERT_REQUIRED
    tls.load_verify_locations(authority.path)
    with ApiServer(tls, one_after_the_other(answer(VERSION))) as server:
        monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", watched)
        assert version_of(Client(access_to(server.url, authority.path, user), 0)) == VERSION
        assert modes == [0o600]
        assert not list(tmp_path.rglob("*.pem"))
        assert "authorization" not in server.seen[0].headers
        with pytest.raises(Unreachable, match=r"client certificate|dropped"):
            version_of(Client(access_to(server.url, authority.path, {}), 0))


def test_trouble_with_tls_is_said_in_words_and_never_repeated(
    authority: Authority, tls: ssl.SSLContext, sleeps: list[float], tmp_path_factory: pytest.TempPathFactory
) -> None:
    from tls_server import Authority as NewAuthority
    from tls_server import Server

    def cause(certificate: Path, ca: Path, **cluster: Any) -> str:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        with ApiServer(context, one_after_the_other(answer(VERSION))) as server:
            with pytest.raises(Unreachable) as caught:
                version_of(Client(access_to(server.url, ca, **cluster), 60))
            assert server.url.rpartition(":")[2] not in str(caught.value)
        return str(caught.value)

    good = authority.issue("127.0.0.1")
    other = NewAuthority(tmp_path_factory.mktemp("other"))
    assert cause(good, other.path) == (
        "TLS failed: its certificate is not signed by the certificate authority of the kubeconfig"
    )
    assert cause(authority.issue("elsewhere"), authority.path) == "TLS failed: its certificate is for another name"
    assert cause(authority.issue("127.0.0.1", days=1, age=2), authority.path) == (
        "TLS failed: its certificate has expired"
    )
    plain = Server().start()
    with pytest.raises(Unreachable, match=r"^TLS failed: what answers there does not speak TLS$"):
        version_of(Client(access_to(f"https://127.0.0.1:{plain.port}", authority.path), 60))
    plain.stop()
    assert not sleeps


def test_a_server_by_another_name_or_not_verified_at_all(
    authority: Authority, recwarn: pytest.WarningsRecorder
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.issue("elsewhere"))
    with ApiServer(context, one_after_the_other(answer(VERSION))) as server:
        named = access_to(server.url, authority.path, **{"tls-server-name": "elsewhere"})
        assert version_of(Client(named, 0)) == VERSION
        blind = access_to(server.url, **{"insecure-skip-tls-verify": True})
        assert version_of(Client(blind, 0)) == VERSION
    assert not recwarn.list


def test_no_connection_is_said_in_words(authority: Authority, sleeps: list[float]) -> None:
    from tls_server import closed_port

    with pytest.raises(Unreachable) as caught:
        version_of(Client(access_to(f"https://127.0.0.1:{closed_port()}", authority.path), 3))
    assert str(caught.value) == "connection refused"
    assert caught.value.kind is CauseKind.OUTAGE
    assert len(sleeps) > 1
    sleeps.clear()
    with pytest.raises(Unreachable) as caught:
        version_of(Client(access_to("https://no-such-host.invalid", authority.path), 60))
    assert str(caught.value) == "the name of the server is unknown"
    assert not sleeps


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        (b"", "the connection was dropped"),
        (b"hello\r\n\r\n", "what answers there does not speak HTTP"),
        (b"HTTP/1.1 200 It\r\nContent-Length: 99\r\n\r\n{}", "its answer breaks off"),
    ],
)
def test_broken_answers_are_said_in_words(tls: ssl.SSLContext, authority: Authority, said: bytes, cause: str) -> None:
    def script(line: str) -> Answer:
        yield said
        raise OSError

    with ApiServer(tls, script) as server, pytest.raises(Unreachable) as caught:
        version_of(Client(access_to(server.url, authority.path), 0))
    assert str(caught.value) == cause


def test_an_answer_has_bounds_in_size_and_time(
    serve: Serve, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "ANSWER", 2**20)
    with pytest.raises(Unreachable, match="larger than 1 MiB"):
        version_of(client_of(serve(one_after_the_other(answer(b" " * 2**21))), deadline=0))
    monkeypatch.setattr(bounds, "WHOLE_ANSWER", 0.3)
    with pytest.raises(Unreachable, match=r"did not end within 0\.3 s"):
        version_of(client_of(serve(lambda line: drip(answer(b" " * 200))), deadline=0))
    monkeypatch.setattr(bounds, "READ", 0.2)
    with pytest.raises(Unreachable, match="no answer in time"):
        version_of(client_of(serve(lambda line: drip(answer(VERSION), 1)), deadline=0))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            refusal(
                403, 'nodes is forbidden: User "jane@acme" cannot list resource "nodes" in API group "" at the cluster'
            ),
            "the right to list nodes is missing (403)",
        ),
        (
            refusal(403, 'forbidden: User "jane" cannot create resource "x" in API group "y.io" in the namespace "z"'),
            "the right to create x of y.io is missing (403)",
        ),
        (refusal(403, 'forbidden: User "jane" cannot get path "/flagz"'), "the right to get /flagz is missing (403)"),
        (refusal(403, 'User "jane" is odd'), "the API server answered 403 (the user is odd)"),
        (answer(b"<html><h1>Bad gateway of lb.example</h1>", 502), "the API server answered 502"),
        (answer(b"404 page not found\n", 404), "the API server answered 404 (404 page not found)"),
        (answer([1], 404), "the API server answered 404"),
        (answer({"message": 1, "reason": []}, 404), "the API server answered 404"),
    ],
)
def test_refusals_are_said_in_words(serve: Serve, client_of: ClientOf, content: bytes, words: str) -> None:
    with pytest.raises(Refused) as caught:
        version_of(client_of(serve(one_after_the_other(content)), deadline=0))
    assert str(caught.value) == words


@pytest.mark.parametrize(
    ("environment", "cluster", "proxy"),
    [
        ({}, {}, ""),
        ({"HTTPS_PROXY": "proxy.example:3128"}, {}, "http://proxy.example:3128"),
        ({"HTTP_PROXY": "http://proxy.example:3128"}, {}, ""),
        ({"HTTPS_PROXY": "http://proxy.example:3128", "NO_PROXY": "api.example"}, {}, ""),
        ({"HTTPS_PROXY": "http://proxy.example:3128", "NO_PROXY": "other.example"}, {}, "http://proxy.example:3128"),
        ({"HTTPS_PROXY": "http://a.example"}, {"proxy-url": "socks5://b.example"}, "socks5://b.example"),
    ],
)
def test_a_proxy_is_that_of_the_kubeconfig_else_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], cluster: dict[str, str], proxy: str
) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert proxy_for({"server": "https://api.example:6443", **cluster}) == proxy
