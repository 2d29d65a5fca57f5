# SPDX-License-Identifier: Apache-2.0
"""What is private is found where it is that, and nothing else is touched."""

from __future__ import annotations

import pytest

from pytest_scs.base.private import PrivateNames, values_under

ID = "4b7c1c0e-6f0b-4a57-9b53-0d4a9a1f2c11"


@pytest.fixture
def names() -> PrivateNames:
    found = PrivateNames()
    found.add_addresses(
        ["https://api.acme.example:5000/identity/v3", "http://10.1.2.3:8774", "https://[2001:db8::7]:6443", None, ""]
    )
    found.add_addresses(["http://127.0.0.1:41000/x"])
    found.add("USER", ["alice-op", "admin", None])
    found.add("PROJECT", ["proj42", "0123456789abcdef0123456789abcdef"])
    found.add_files(["/home/alice", "/etc/openstack/clouds.yaml"])
    return found


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("at https://api.acme.example:5000/identity/v3: refused", "at URL: refused"),
        ("(https://API.Acme.example/x?y=1)", "(URL)"),
        ("see https://cloud-images.ubuntu.com/releases/noble.", "see https://cloud-images.ubuntu.com/releases/noble."),
        ("no connection to s3.region1.acme.example:443, sorry", "no connection to HOST, sorry"),
        ("HTTPConnectionPool(host='api.acme.example', port=5000): x", "HTTPConnectionPool(host='HOST): x"),
        ("10.1.2.3:8774 and 10.1.2.34 and 110.1.2.3", "HOST and 10.1.2.34 and 110.1.2.3"),
        ("[2001:db8::7]:6443 or 2001:db8::7", "HOST or HOST"),
        ("listens on 127.0.0.1, found 127.0.0.1:41000", "listens on 127.0.0.1, found HOST"),
        ("notacme.example and acme.example", "notacme.example and HOST"),
        ("alice-op may not", "USER may not"),
        ("malice-op alice-operator alice-op2", "malice-op alice-operator alice-op2"),
        ("the role admin, user admin, --os-user=admin", "the role admin, user USER, --os-user=USER"),
        ("GET /v3/0123456789abcdef0123456789abcdef/types", "GET /v3/PROJECT/types"),
        ("/etc/openstack/clouds.yaml, /home/alice/.kube/config: x", "FILE, FILE: x"),
        ("/home/alicea/x", "/home/alicea/x"),
        (f"failed (req-{ID})", "failed (REQUEST-ID)"),
        ("Request-ID: tx123abc456-def", "Request-ID: REQUEST-ID"),
        (f"flavor x ({ID})", f"flavor x ({ID})"),
        ("", ""),
    ],
)
def test_what_is_known_has_a_label(names: PrivateNames, text: str, hidden: str) -> None:
    assert names.hide(text) == hidden
    assert names.hide(hidden) == hidden
    assert names.concerns(text) or text == hidden


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("redirects to https://sso.other.example:8443/login; see", "redirects to URL; see"),
        ("[Errno 2] No such file: '/opt/acme/ca.pem'", "[Errno 2] No such file: 'FILE'"),
        ("~/.config/openstack/clouds.yaml", "FILE"),
        ("from 192.0.2.7:8080 on port 8080", "from HOST on its port"),
        ("https://lists.example/spec.yaml", "https://lists.example/spec.yaml"),
        ("POST /identity/v3/auth/tokens with 503", "POST /v3/auth/tokens with 503"),
        ("GET /api/v1/nodes of v1.35.4, 12.5 s", "GET /api/v1/nodes of v1.35.4, 12.5 s"),
        ("write https:// or http://", "write https:// or http://"),
    ],
)
def test_of_the_words_of_others_also_what_looks_like_it(names: PrivateNames, text: str, hidden: str) -> None:
    assert names.hide_all(text, public={"lists.example"}) == hidden


def test_further_names_come_first(names: PrivateNames) -> None:
    assert names.hide("cloud acme-prod: user alice-op", {"acme-prod": "acme"}) == "cloud acme: user USER"
    assert names.hide("cluster alice-op: x", {"alice-op": "acme"}) == "cluster acme: x"
    assert names.hide("test: acme: test: x [test]", {"test": "acme"}) == "acme: acme: test: x [acme]"


def test_whoever_knows_nothing_changes_nothing() -> None:
    names = PrivateNames()
    names.add("USER", [None, ""])
    names.add_files(["/", ""])
    names.add_addresses(["", None, "://", "http://[", "x y"])
    assert names.hide("a / b: x y http://[ c") == "a / b: x y http://[ c"


def test_values_are_found_in_any_form_of_data() -> None:
    data = [{"url": "a", "x": [{"url": ["b", 3, None]}, 7]}, "url", None, {"y": {"url": {"url": "c"}}}]
    assert sorted(values_under(data, "url")) == ["a", "b", "c"]
    assert [*values_under(None, "url")] == []


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("answered GET /identity/v3/users with 404", "answered GET /v3/users with 404"),
        ("answered POST /x?y=1 with 404", "answered POST ?y=1 with 404"),
        ("answered GET /x/z with 404", "answered GET /z with 404"),
        ("answered GET /xy/z with 404", "answered GET /xy/z with 404"),
        ("answered GET /region/compute/servers with 500", "answered GET /servers with 500"),
        ("answered GET /region/volume with 500", "answered GET /volume with 500"),
        ("a path /x/z of nobody", "a path /x/z of nobody"),
    ],
)
def test_requests_are_told_without_what_paths_begin_with(names: PrivateNames, text: str, hidden: str) -> None:
    names.add_addresses(["http://api.acme.example/region/compute/v2.1", "http://api.acme.example/region"])
    assert names.hide_all(text) == hidden


def test_thousands_of_services_at_one_host_are_one_pattern() -> None:
    names = PrivateNames()
    names.add_addresses(f"http://api.acme.example:{8000 + number}/{number}" for number in range(1000))
    names.add_addresses(f"http://api.acme.example/{number}" for number in range(1000))
    assert len(names._hosts) == 1
    assert names.hide_all("answered GET /999/servers with 500") == "answered GET /servers with 500"
