# SPDX-License-Identifier: Apache-2.0
"""Altered answers as they come out of the network: what is taken, and in which words what is not."""

from __future__ import annotations

import gzip
import re
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from raw_server import RawServer, Script

from pytest_scs.base import strict_json
from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.demo.openstack.server import DemoCloud
from pytest_scs.demo.openstack.state import CloudState
from pytest_scs.platforms.openstack import bounds
from pytest_scs.platforms.openstack.client import Client, Refused
from pytest_scs.platforms.openstack.config import find_cloud_in

BODY = b'{"zones": [1]}'
FINE = {"zones": [1]}


@pytest.fixture
def raw() -> Iterator[RawServer]:
    with RawServer() as server:
        yield server


@pytest.fixture
def stranger() -> Iterator[RawServer]:
    with RawServer() as server:
        yield server


@pytest.fixture
def odd(cloud: DemoCloud, raw: RawServer) -> Client:
    """A client of the demo cloud whose compute service is the raw server; it tries nothing again."""
    region = find_cloud_in(cloud.clouds_yaml(), "demo")
    region.config["compute_endpoint_override"] = raw.url
    made = Client(region, 0)
    made.access()
    return made


def answer(body: bytes = BODY, *header: str, status: str = "200 OK", length: int | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *header, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def chunked(*parts: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (*parts, b""))


def closing(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body


def deep(levels: int) -> bytes:
    return b'{"zones": ' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


RAW_DEFLATE = zlib.compressobj(wbits=-15)
PACKED = RAW_DEFLATE.compress(BODY) + RAW_DEFLATE.flush()
LINES = [f"X-Line-{number}: {'x' * 20}" for number in range(10_000)]

TAKEN: dict[str, bytes] = {
    "usual": answer(),
    "byte order mark": answer(b"\xef\xbb\xbf" + BODY),
    "64 levels": answer(deep(64)),
    "lone surrogate": answer(b'{"zones": [1], "a": "\\ud800"}'),
    "NUL and control characters": answer(b'{"zones": [1], "a": "\\u0000\x01\x7f"}'),
    "blanks around": answer(b" \n\t" * 1000 + BODY + b"\n" * 1000),
    "odd content type": answer(BODY, "Content-Type: text/html; charset=utf-16"),
    "no content length": closing(BODY),
    "chunked": chunked(BODY[:3], BODY[3:]),
    "chunk extension": chunked(BODY).replace(b"\r\n{", b";a=b\r\n{", 1),
    "interim answers": b"HTTP/1.1 100 Continue\r\nX: y\r\n\r\n" * 3 + answer(),
    "10000 header lines": answer(BODY, *LINES),
    "a header line of 200 kB": answer(BODY, f"X-Long: {'x' * 200_000}"),
    "header lines around what counts": answer(gzip.compress(BODY), *LINES, "Content-Encoding: gzip", *LINES),
    "folded header line": answer(BODY, "X-Folded: a", "  b", "\tc"),
    "header beyond ASCII": answer(BODY, "X-Name: \xfc\xff"),
    "surplus bytes": answer() + b"surplus" * 1000,
    "surplus answer": answer() + answer(b'{"zones": [2]}'),
    "gzip": answer(gzip.compress(BODY), "Content-Encoding: gzip"),
    "gzip with surplus": answer(gzip.compress(BODY) + b"more", "Content-Encoding: x-gzip"),
    "deflate": answer(zlib.compress(BODY), "Content-Encoding: deflate"),
    "raw deflate": answer(PACKED, "Content-Encoding: deflate"),
    "identity": answer(BODY, "Content-Encoding: identity"),
    "phrase missing": answer().replace(b"200 OK", b"200", 1),
    "lower case header": answer().replace(b"Content-Length", b"content-length", 1),
    "one more digit than a float has": answer(b'{"zones": [1], "a": 1.00000000000000000000000001}'),
}

UNUSABLE: dict[str, tuple[bytes, str]] = {
    "NaN": (answer(b'{"zones": NaN}'), "no JSON object: it has the number NaN"),
    "Infinity": (answer(b'{"zones": [Infinity]}'), "the number Infinity"),
    "-Infinity": (answer(b'{"zones": {"a": -Infinity}}'), "the number -Infinity"),
    "1e999": (answer(b'{"zones": 1e999}'), "the number 1e999, which is too large"),
    "-1e999": (answer(b'{"zones": -1e999}'), "the number -1e999, which is too large"),
    "5000 digits": (answer(b'{"zones": ' + b"9" * 5000 + b"}"), "more digits than can be read"),
    "key twice": (answer(b'{"zones": [1], "zones": []}'), "the key 'zones' twice"),
    "key twice inside": (answer(b'{"zones": [{"a": 1, "b": 2, "a": 1}]}'), "the key 'a' twice"),
    "long key twice": (answer(b'{"%b": 1, "%b": 1}' % (b"k" * 900, b"k" * 900)), f"the key '{'k' * 60}' twice"),
    "65 levels": (answer(deep(65)), "nested more than 64 levels"),
    "200000 levels": (answer(deep(200_000)), "nested more than 64 levels"),
    "never closed": (answer(b"[" * 100_000), "nested more than 64 levels|no JSON"),
    "Latin-1": (answer(b'{"zones": "\xfc"}'), "it is no UTF-8 \\(byte 11\\)"),
    "UTF-16": (answer('{"zones": [1]}'.encode("utf-16")), "it is no UTF-8"),
    "list": (answer(b"[]"), r"something that is no JSON object: the list \[\]$"),
    "null": (answer(b"null"), "something that is no JSON object: null$"),
    "text": (answer(b'"x"'), 'something that is no JSON object: the text "x"$'),
    "nothing": (answer(b""), "it is no JSON \\(line 1, column 1\\)"),
    "page": (answer(b"<html>"), "it is no JSON"),
    "two documents": (answer(BODY + BODY), "it is no JSON \\(line 1, column 15\\)"),
    "half a document": (answer(BODY[:7]), "it is no JSON"),
    "single quotes": (answer(b"{'zones': 1}"), "it is no JSON"),
    "half an answer": (answer(BODY, length=20, status="200 OK") + b"", "did not answer|no connection"),
    "negative chunk": (chunked(BODY).replace(b"e\r\n", b"-e\r\n", 1), "does not have the documented form"),
    "chunk that is no number": (
        chunked(BODY).replace(b"e\r\n", b"zz\r\n", 1),
        "no connection .*: the answer breaks off$",
    ),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.9\r\n", "no connection .*: what answers there does not speak HTTP$"),
    "unknown encoding": (answer(BODY, "Content-Encoding: br"), "in the encoding 'br', which nobody asked for"),
    "two encodings": (
        answer(gzip.compress(gzip.compress(BODY)), "Content-Encoding: gzip, gzip"),
        "in the encoding 'gzip, gzip'",
    ),
    "no gzip": (answer(BODY, "Content-Encoding: gzip"), "something that is not gzip, as it says"),
    "half a gzip": (answer(gzip.compress(BODY)[:-9], "Content-Encoding: gzip"), "half a gzip stream"),
    "too many values": (answer(b'{"zones": [' + b"1," * 5000 + b"1]}"), "more than 4000 values"),
    "body too large": (answer(b" " * 70_000 + BODY), "answers GET /x with more than 0.0625 MiB"),
    "body too large, in chunks": (chunked(*[b" " * 10_000] * 7, BODY), "with more than 0.0625 MiB"),
    "body too large, without length": (closing(b" " * 70_000 + BODY), "with more than 0.0625 MiB"),
    "unpacks to too much": (
        answer(gzip.compress(b" " * 5_000_000 + BODY), "Content-Encoding: gzip"),
        "with more than 0.25 MiB once it is unpacked",
    ),
    "deflates to too much": (
        answer(zlib.compress(b" " * 5_000_000 + BODY), "Content-Encoding: deflate"),
        "with more than 0.25 MiB once it is unpacked",
    ),
    "header too large": (answer(BODY, *[f"X: {'x' * 60_000}"] * 9), "with a header of more than 0.5 MiB"),
    "one line too large": (answer(BODY, f"X: {'x' * 900_000}"), "with a header of more than 0.5 MiB"),
    "interim answers without end": (b"HTTP/1.1 100 Continue\r\n\r\n" * 30_000, "with a header of more than 0.5 MiB"),
}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Less is allowed than elsewhere, so that a test need not send as much."""
    monkeypatch.setattr(strict_json, "MOST_VALUES", 4000)
    monkeypatch.setattr(bounds, "UNPACKED", 2**18)
    monkeypatch.setattr(bounds, "HEADER", 2**19)
    monkeypatch.setattr(bounds, "ERROR_BODY", 2**14)


@pytest.mark.parametrize("case", TAKEN)
def test_what_does_not_matter_is_no_fault(odd: Client, raw: RawServer, case: str) -> None:
    raw.script = lambda line: TAKEN[case]
    for _ in range(2):  # the connection may be used again, and nothing of this answer is taken for the next one
        assert "zones" in odd.get("compute", "/x")
    assert len(raw.seen) == 2


@pytest.mark.parametrize("case", UNUSABLE)
def test_unusable_answer_is_a_cause(
    odd: Client, raw: RawServer, small: None, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    body, told = UNUSABLE[case]
    if "body" in case:
        monkeypatch.setattr(bounds, "RECEIVED", 2**16)
    if "levels" in case:
        monkeypatch.setattr(bounds, "UNPACKED", 2**20)
        monkeypatch.setattr(strict_json, "MOST_VALUES", 10**6)
    monkeypatch.setattr(bounds, "ANSWER", 0.5 if case == "half an answer" else 60)
    raw.script = lambda line: body
    with pytest.raises(Inconclusive, match=told) as caught:
        odd.get("compute", "/x")
    text = str(caught.value)
    assert "compute service" in text
    assert "\n" not in text
    assert len(text) < 400
    assert not re.search(r"[A-Z][a-z]+(Error|Exception)\b|Traceback|line \d+ column", text)
    assert odd.get("block-storage", "/types")["volume_types"]  # nothing else suffers


# -- without end ------------------------------------------------------------------------------------------------------


def dripping(begin: bytes, drop: bytes = b" ") -> Script:
    def script(line: str) -> Iterator[bytes]:
        yield begin
        for _ in range(1000):
            time.sleep(0.02)
            yield drop

    return script


ENDLESS: dict[str, Script] = {
    "silence": dripping(b"", b""),
    "status line": dripping(b"HTTP/1.1 200", b" "),
    "header line": dripping(b"HTTP/1.1 200 OK\r\nX: ", b"x"),
    "header lines": dripping(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "body": dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"),
    "chunks": dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "chunk size": dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
    "trailer": dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"x"),
    "packed body": dripping(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(BODY)[:10], b"\0"),
    "interim answers": dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}


@pytest.mark.parametrize("case", ENDLESS)
def test_slow_answer_is_given_up(odd: Client, raw: RawServer, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    monkeypatch.setattr(bounds, "ANSWER", 0.3)
    raw.script = ENDLESS[case]
    with pytest.raises(Inconclusive) as caught:
        odd.get("compute", "/x")
    assert str(caught.value) == "the compute service did not answer GET /x completely within 0.3 s"
    assert caught.value.kind is CauseKind.TIMEOUT
    assert len(raw.seen) == 1


def test_tries_end_with_the_limit_of_the_client(odd: Client, raw: RawServer) -> None:
    raw.script = lambda line: answer(b"{}", status="503 Service Unavailable")
    patient = Client(odd.region, 60).until(bounds.Limit.of(0.5, "within the {seconds:g} s of --scs-deadline"))
    with pytest.raises(Refused, match="503"):
        patient.get("compute", "/x")
    assert len(raw.seen) == 1
    time.sleep(0.5)
    with pytest.raises(Inconclusive, match=r"did not answer GET /x completely within the 0.5 s of --scs-deadline"):
        patient.get("compute", "/x")
    assert len(raw.seen) == 1


@pytest.mark.parametrize("status", ["500 Error", "404 Not Found", "403 Forbidden"])
def test_error_without_end_is_that_error(odd: Client, raw: RawServer, small: None, status: str) -> None:
    def script(line: str) -> Iterator[bytes]:
        yield f"HTTP/1.1 {status}\r\nTransfer-Encoding: chunked\r\nContent-Type: text/plain\r\n\r\n".encode()
        while True:
            yield b"100\r\n" + b"<h1>" * 64 + b"\r\n"

    raw.script = script
    with pytest.raises(Refused) as caught:
        odd.get("compute", "/x")
    assert caught.value.status == int(status[:3])
    assert len(str(caught.value)) < 500


def test_download_takes_what_it_needs(odd: Client, raw: RawServer) -> None:
    def script(line: str) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\n\r\n"
        while True:
            yield b"x" * 1000

    raw.script = script
    assert odd.download("compute", "/x", 5000) == b"x" * 5000


# -- redirects --------------------------------------------------------------------------------------------------------


def redirecting(status: int, location: str | None) -> Script:
    def script(line: str) -> bytes:
        if not line.partition("?")[0].endswith("/x"):
            return answer()
        return answer(b"", *([f"Location: {location}"] if location is not None else []), status=f"{status} Moved")

    return script


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("location", ["/x/", "{own}/y", "y?a=b", "//{host}/y", "/y#fragment", "HTTP://{host}/y"])
def test_redirect_of_a_read_to_the_same_origin_is_followed(
    odd: Client, raw: RawServer, status: int, location: str
) -> None:
    raw.script = redirecting(status, location.format(own=raw.url, host=raw.url[7:]))
    assert odd.get("compute", "/x") == FINE
    assert len(raw.seen) == 2
    assert odd.requests_by_service()["compute"] == 2
    assert all("x-auth-token" in one.header for one in raw.seen)


ASTRAY = {
    "another port": (302, "{stranger}/steal"),
    "another port, permanently": (301, "{stranger}/steal"),
    "another port, method kept": (307, "{stranger}/steal"),
    "another port, for good": (308, "{stranger}/steal"),
    "another host": (302, "http://localhost:{port}/steal"),
    "without scheme": (302, "//localhost:{port}/steal"),
    "another scheme": (302, "https://127.0.0.1:{own_port}/x/"),
    "scheme of files": (302, "file:///etc/passwd"),
    "user information": (302, "http://user:secret@127.0.0.1:{own_port}/y"),
    "own host as user": (302, "http://127.0.0.1:{own_port}@localhost:{port}/steal"),
    "backslash": (302, "http://127.0.0.1:{own_port}\\@localhost:{port}/steal"),
    "blank": (302, "http://127.0.0.1 :{port}/steal"),
    "no port": (302, "http://127.0.0.1:x/steal"),
    "open bracket": (302, "http://[::1/steal"),
    "see other": (303, "/y"),
    "proxy": (305, "/y"),
    "itself": (302, "/x"),
    "nowhere": (302, None),
    "empty": (302, ""),
}


@pytest.mark.parametrize("case", ASTRAY)
def test_other_redirects_are_not_followed(odd: Client, raw: RawServer, stranger: RawServer, case: str) -> None:
    status, location = ASTRAY[case]
    own_port, port = (server.url.rpartition(":")[2] for server in (raw, stranger))
    target = location and location.format(stranger=stranger.url, port=port, own_port=own_port)
    raw.script = redirecting(status, target)
    with pytest.raises(Inconclusive) as caught:
        odd.get("compute", "/x")
    text = str(caught.value)
    assert text.startswith(f"the compute service redirects GET {raw.url}/x ")
    assert "secret" not in text
    if location:
        assert "; not followed, because " in text
        assert text.endswith("; correct the endpoint in the catalog (or auth_url)")
    assert stranger.seen == []
    assert len(raw.seen) == 1


def test_both_addresses_are_named(odd: Client, raw: RawServer, stranger: RawServer) -> None:
    raw.script = redirecting(302, f"{stranger.url}/steal?secret=1")
    with pytest.raises(Inconclusive, match=f"redirects GET {raw.url}/x to {stranger.url}/steal; not followed"):
        odd.get("compute", "/x?secret=1")


@pytest.mark.parametrize(
    ("method", "status"), [(method, status) for method in ("POST", "PUT", "DELETE") for status in (301, 302, 307, 308)]
)
@pytest.mark.parametrize("elsewhere", [True, False])
def test_redirect_of_a_change_is_not_followed(
    odd: Client, raw: RawServer, stranger: RawServer, method: str, status: int, elsewhere: bool
) -> None:
    raw.script = redirecting(status, f"{stranger.url if elsewhere else raw.url}/y")
    with pytest.raises(Inconclusive, match="not followed"):
        odd.send(method, "compute", "/x", {"secret": 1})
    assert stranger.seen == []
    assert len(raw.seen) == 1


@pytest.mark.parametrize(("number", "followed"), [(1, True), (3, True), (4, False)])
def test_only_so_many_redirects_are_followed(odd: Client, raw: RawServer, number: int, followed: bool) -> None:
    def script(line: str) -> bytes:
        at = int(line.rpartition("/")[2])
        return answer() if at == number else answer(b"", f"Location: /{at + 1}", status="302 Found")

    raw.script = script
    if followed:
        assert odd.get("compute", "/0") == FINE
    else:
        with pytest.raises(Inconclusive, match="there were 3 before it"):
            odd.get("compute", "/0")
    assert len(raw.seen) == number + followed


def test_redirects_in_a_circle_are_not_followed(odd: Client, raw: RawServer) -> None:
    raw.script = lambda line: answer(b"", f"Location: {'/y' if line.endswith('/x') else '/x'}", status="302 Found")
    with pytest.raises(Inconclusive, match="it leads in a circle"):
        odd.get("compute", "/x")
    assert len(raw.seen) == 2


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("elsewhere", [True, False])
def test_password_is_sent_once_to_auth_url_only(
    raw: RawServer, stranger: RawServer, state: CloudState, cloud: DemoCloud, status: int, elsewhere: bool
) -> None:
    region = find_cloud_in(cloud.clouds_yaml().replace(cloud.url, raw.url), "demo")
    versions = b'{"version": {"id": "v3.14", "status": "stable", "links": [{"rel": "self", "href": "%s/identity/v3"}]}}'
    raw.script = lambda line: (
        answer(versions % stranger.url.encode())
        if line.startswith("GET")
        else answer(b"", f"Location: {stranger.url if elsewhere else raw.url}/y", status=f"{status} Moved")
    )
    with pytest.raises(Inconclusive, match=f"redirects POST {raw.url}/identity/v3/auth/tokens to http"):
        Client(region, 0).log_in()
    assert stranger.seen == []
    assert sum(state.password.encode() in one.body for one in raw.seen) == 1


def test_versions_at_another_origin_lead_nowhere(odd: Client, raw: RawServer, stranger: RawServer) -> None:
    versions = b'{"versions": [{"id": "v2.9", "status": "CURRENT", "links": [{"rel": "self", "href": "%s/v2/"}]}]}'
    raw.script = lambda line: answer(versions % stranger.url.encode()) if line == "GET /" else answer()
    odd.region.config["image_endpoint_override"] = raw.url
    assert odd.get("image", "/images", version="2") == FINE
    assert stranger.seen == []


def test_versions_that_are_redirected_elsewhere_are_a_cause(
    odd: Client, raw: RawServer, stranger: RawServer, state: CloudState, cloud: DemoCloud
) -> None:
    region = find_cloud_in(cloud.clouds_yaml().replace(cloud.url, raw.url), "demo")
    raw.script = lambda line: answer(b"", f"Location: {stranger.url}/v3", status="302 Found")
    with pytest.raises(Inconclusive, match="the identity service redirects GET"):
        Client(region, 0).log_in()
    assert stranger.seen == []


def test_signed_requests_follow_nothing_elsewhere(odd: Client, raw: RawServer, stranger: RawServer) -> None:
    from pytest_scs.platforms.openstack.s3 import S3

    raw.script = redirecting(307, f"{stranger.url}/x")
    with pytest.raises(Inconclusive, match=f"redirects PUT {raw.url}/x to {stranger.url}/x; not followed"):
        S3(odd, raw.url, "access", "secret").send("PUT", "/x", b"content")
    with pytest.raises(Inconclusive, match="redirects GET"):
        S3(odd, raw.url, "access", "secret").send("GET", "/x")
    assert stranger.seen == []


def test_token_is_renewed_at_auth_url_only(client: Client, state: CloudState, stranger: RawServer) -> None:
    from pytest_scs.demo.openstack.state import Fault

    client.access()
    state.tokens.clear()
    state.faults.append(Fault("POST", "/auth/tokens", status=307, headers={"Location": f"{stranger.url}/y"}, body=""))
    with pytest.raises(Inconclusive, match="redirects POST"):
        client.get("compute", "/os-availability-zone")
    assert stranger.seen == []


def test_cookies_stay_at_their_origin(odd: Client, raw: RawServer, stranger: RawServer) -> None:
    raw.script = lambda line: answer(BODY, "Set-Cookie: session=secret; Path=/")
    odd.get("compute", "/x")
    odd.get("compute", "/x")
    odd.region.config["image_endpoint_override"] = stranger.url
    odd.get("image", "/y")
    assert "cookie: session=secret" in raw.seen[1].header
    assert "cookie" not in stranger.seen[0].header


def test_tempting_netrc_is_not_read(
    odd: Client, raw: RawServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "netrc"
    path.write_text("machine 127.0.0.1 login somebody password secret\n")
    path.chmod(0o600)
    monkeypatch.setenv("NETRC", str(path))
    odd.anonymous(f"{raw.url}/x")
    assert "authorization" not in raw.seen[0].header


# -- discovery that wants a token -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "logs_in"), [("/network/v2.0", False), ("/identity/v3", False), ("/v3", True)])
def test_versions_that_want_a_token_do_not_hang(raw: RawServer, cloud: DemoCloud, path: str, logs_in: bool) -> None:
    region = find_cloud_in(cloud.clouds_yaml().replace(f"{cloud.url}/identity/v3", raw.url + path), "demo")
    raw.script = lambda line: answer(b"{}", status="401 Unauthorized")
    with pytest.raises(Inconclusive):
        Client(region, 60).log_in()
    assert [one.line for one in raw.seen] == [f"GET {path}"] + [f"POST {path}/auth/tokens"] * logs_in


def test_usual_answer_costs_one_request(odd: Client, raw: RawServer) -> None:
    odd.get("compute", "/x")
    assert [one.line for one in raw.seen] == ["GET /x"]
    assert "accept-encoding: gzip, deflate\r\n" in raw.seen[0].header


NO_ADDRESSES = ["", "none", "ftp://a.example/", "http://", "http://[::1", "http://a.example:x/"]
NO_NAMES = ["http://a..example/", f"http://{'a' * 64}.example/", f"http://{'a' * 300}/"]


@pytest.mark.parametrize("url", [*NO_ADDRESSES, *NO_NAMES])
def test_address_that_is_none_is_said(odd: Client, url: Any) -> None:
    odd.region.config["image_endpoint_override"] = url or "http:///"
    with pytest.raises(Inconclusive) as caught:
        odd.get("image", "/y")
    assert re.search(r"the image service has the address .*, which is no URL of HTTP", str(caught.value))


@pytest.mark.parametrize("url", [*NO_NAMES, "ftp://a.example/", "http://[::1", "http://a.example:x/"])
def test_address_in_the_catalog_that_is_none_is_said(cloud: DemoCloud, state: CloudState, url: str) -> None:
    state.service("image")["urls"] = dict.fromkeys(("public", "internal", "admin"), url)
    client = Client(find_cloud_in(cloud.clouds_yaml(), "demo"), 0)
    client.get("block-storage", "/types")  # what is asked before has nothing to do with it
    with pytest.raises(Inconclusive, match=r"the image service .*is no URL of HTTP; correct the catalog") as caught:
        client.get("image", "/images", version="2")
    assert "/types" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ("201 Created", "created"),
        ("202 Accepted", "yet to be made"),
        ("206 Partial Content", "a part of"),
        ("207 Multi-Status", "several parts"),
        ("299 Odd", "not the usual"),
    ],
)
def test_part_of_an_answer_is_no_answer(odd: Client, raw: RawServer, status: str, why: str) -> None:
    raw.script = lambda line: answer(status=status)
    with pytest.raises(Inconclusive, match=f"the compute service answered GET /x with {status[:3]}: .*{why}") as caught:
        odd.get("compute", "/x")
    assert caught.value.kind is CauseKind.MALFORMED
    assert odd.post("compute", "/x", {}) == FINE


@pytest.mark.parametrize("status", ["300 Multiple Choices", "399 Odd"])
def test_answer_that_points_elsewhere_is_no_answer(odd: Client, raw: RawServer, status: str) -> None:
    raw.script = lambda line: answer(status=status)
    for ask in (lambda: odd.get("compute", "/x"), lambda: odd.post("compute", "/x", {})):
        with pytest.raises(Inconclusive, match=f"/x with {status[:3]}.*, where .* was expected") as caught:
            ask()
        assert caught.value.kind is CauseKind.MALFORMED


def test_proxy_that_tells_of_itself_is_believed(odd: Client, raw: RawServer) -> None:
    raw.script = lambda line: answer(status="203 Non-Authoritative Information")
    assert odd.get("compute", "/x") == FINE


@pytest.mark.parametrize("given", ["compute 2.1", "compute 1.99", " compute  2.60 "])
def test_answer_in_an_older_microversion_is_no_answer(odd: Client, raw: RawServer, given: str) -> None:
    raw.script = lambda line: answer(BODY, f"OpenStack-API-Version: {given}")
    with pytest.raises(Inconclusive, match=r"GET /x in the microversion [0-9.]+, where 2\.61 was asked for"):
        odd.get("compute", "/x", microversion="2.61")
    assert odd.get("compute", "/x") == FINE


@pytest.mark.parametrize("given", ["compute 2.61", "compute 2.96", "latest", "", "compute 2.\xb2"])
def test_what_else_is_said_of_the_microversion_is_no_fault(odd: Client, raw: RawServer, given: str) -> None:
    raw.script = lambda line: answer(BODY, f"OpenStack-API-Version: {given}")
    assert odd.get("compute", "/x", microversion="2.61") == FINE


def test_answers_by_a_proxy_are_bounded_as_well(
    cloud: DemoCloud, raw: RawServer, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("http_proxy", raw.url)
    region = find_cloud_in(cloud.clouds_yaml(), "demo")
    region.config["compute_endpoint_override"] = "http://cloud.invalid"
    client = Client(region, 0)
    monkeypatch.delenv("http_proxy")
    raw.script = lambda line: answer(BODY, *LINES)
    assert client.get("compute", "/x") == FINE
    assert [one.line for one in raw.seen] == ["GET http://cloud.invalid/x"]
    raw.script = lambda line: answer(BODY, *[f"X: {'x' * 60_000}"] * 9)
    with pytest.raises(Inconclusive, match=r"with a header of more than 0\.5 MiB"):
        client.get("compute", "/x")


@pytest.mark.parametrize("case", ["usual", "surplus answer", "surplus bytes", "gzip", "10000 header lines", "chunked"])
def test_tls_makes_no_difference(
    cloud: DemoCloud, authority: Any, tls_server: Any, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    from tls_server import context

    server = tls_server(context(authority.issue("localhost")))
    server.answer = TAKEN[case]
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.path))
    region = find_cloud_in(cloud.clouds_yaml(), "demo")
    region.config["compute_endpoint_override"] = f"https://localhost:{server.port}"
    client = Client(region, 0)
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    for _ in range(3):
        assert client.get("compute", "/x") == FINE
    server.answer = answer(b"", f"Location: http://localhost:{server.port}/y", status="302 Found")
    with pytest.raises(Inconclusive, match="not followed, because the credentials would go there"):
        client.get("compute", "/x")
