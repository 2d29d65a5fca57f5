# SPDX-License-Identifier: Apache-2.0
"""scs-0125: addresses in the catalog, the ignore list, and endpoints that are not https."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.core.findings import Finding, Undecided
from pytest_scs.standards.iaas.endpoints import (
    Address,
    address_of,
    check_https,
    endpoints_of,
    ignored_by,
    parse_ignored,
)
from pytest_scs.standards.iaas.model import Service


def entry(kind: str, *endpoints: tuple[str, str | None, str | None], name: str = "") -> Service:
    """A service of the catalog with endpoints of (interface, region, URL)."""
    made = [{"interface": interface, "region_id": region, "url": url} for interface, region, url in endpoints]
    return Service.from_plain({"type": kind, "name": name, "endpoints": made})


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://api.example/v3", "https://api.example:443"),
        ("HTTPS://API.Example:5000", "https://api.example:5000"),
        ("http://api.example", "http://api.example:80"),
        ("https://[2001:DB8::1]/x", "https://[2001:db8::1]:443"),
        ("https://[::1]:8774/v2.1", "https://[::1]:8774"),
        (" https://192.0.2.1:1\n", "https://192.0.2.1:1"),
        ("https://user:secret@api.example:1/", "https://api.example:1"),
    ],
)
def test_address_has_scheme_host_and_port(url: str, address: str) -> None:
    assert str(address_of(url)) == address


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "api.example",
        "//api.example",
        "ftp://api.example",
        "https://",
        "https://:443",
        "https://a:0",
        "https://a:65536",
        "https://a:b",
        "https://[::1",
        "https://[nonsense]",
        "https://a b/",
    ],
)
def test_url_without_usable_address_is_refused(url: str | None) -> None:
    with pytest.raises(ValueError, match="no usable URL"):
        address_of(url)


@given(st.text())
def test_any_text_gives_an_address_or_a_value_error(text: str) -> None:
    try:
        address = address_of(text)
    except ValueError:
        return
    assert address.scheme in ("http", "https")
    assert 0 < address.port < 65536


@given(
    st.sampled_from(["http", "https"]),
    st.one_of(st.from_regex(r"[a-z0-9]([a-z0-9.-]{0,20}[a-z0-9])?", fullmatch=True), st.ip_addresses().map(str)),
    st.integers(1, 65535),
)
def test_address_survives_its_own_spelling(scheme: str, host: str, port: int) -> None:
    address = Address(scheme, host, port)
    assert address_of(f"{address}/v3") == address
    assert parse_ignored(address.authority) == (host, port)
    assert ignored_by(address, [address.authority]) == address.authority


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("api.example", ("api.example", None)),
        (" API.example:5000 ", ("api.example", 5000)),
        ("[2001:DB8::1]", ("2001:db8::1", None)),
        ("[::1]:443", ("::1", 443)),
    ],
)
def test_ignore_list_takes_hosts_and_hosts_with_port(text: str, parsed: tuple[str, int | None]) -> None:
    assert parse_ignored(text) == parsed


@pytest.mark.parametrize(
    "text", ["", "a b", "https://a", "a/", "a:b", "a:", "a:0", "a:65536", "::1", "[a]", "[::1", "a:1:2"]
)
def test_anything_else_in_the_ignore_list_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        parse_ignored(text)


@given(st.text())
def test_ignore_list_refuses_with_a_value_error_only(text: str) -> None:
    try:
        host, _ = parse_ignored(text)
    except ValueError:
        return
    assert host


def test_ignore_list_matches_exactly() -> None:
    address = Address("https", "api.example", 5000)
    assert ignored_by(address, ["example", "api.example:5001", "xapi.example", "api.example.org"]) is None
    assert ignored_by(address, ["example", "api.example"]) == "api.example"
    assert ignored_by(Address("https", "2001:db8::1", 1), ["[2001:db8:0::1]"]) == "[2001:db8:0::1]"


def test_endpoints_are_those_of_interface_and_region_of_every_service() -> None:
    catalog = [
        entry("identity", ("public", "A", "https://a"), ("internal", "A", "https://i"), ("public", "B", "https://b")),
        entry("compute", ("public", None, "https://c"), ("admin", "A", "https://d"), name="nova"),
        entry("image"),
    ]
    assert [endpoint.url for endpoint in endpoints_of(catalog, "public", "A")] == ["https://a", "https://c"]
    assert [endpoint.url for endpoint in endpoints_of(catalog, "public", "")] == ["https://a", "https://b", "https://c"]
    assert [endpoint.label for endpoint in endpoints_of(catalog, "internal", "A")] == ["internal endpoint of identity"]
    assert endpoints_of(catalog, "public", "B")[1].label == "public endpoint of compute (nova)"


def test_endpoint_that_is_not_https_is_named_with_its_url_and_a_command() -> None:
    catalog = [
        entry("identity", ("public", "A", "https://a"), name="keystone"),
        entry("compute", ("public", "A", "http://a:8774/v2.1"), name="nova"),
        entry("image", ("public", "A", "a.example")),
        entry("network", ("public", "A", "HTTPS://n")),
    ]
    first, second = check_https("public", endpoints_of(catalog, "public", "A"))
    assert isinstance(first, Finding)
    assert isinstance(second, Finding)
    assert (first.rule, first.title) == ("scs-0125/https_address", "registered with an https address")
    assert (first.resource, first.expected) == ("public endpoint of compute (nova)", "https://...")
    assert (first.observed, second.observed) == ("http://a:8774/v2.1", "a.example")
    assert first.hint.startswith(
        "openstack endpoint list --service compute --interface public --region A && openstack "
    )


def test_no_endpoint_and_endpoint_without_url_are_undecided() -> None:
    [none] = check_https("internal", [])
    assert str(none) == "service catalog: cannot be judged: it lists no internal endpoint in the judged region"
    [without] = check_https("public", endpoints_of([entry("image", ("public", None, None))], "public", ""))
    assert isinstance(without, Undecided)
