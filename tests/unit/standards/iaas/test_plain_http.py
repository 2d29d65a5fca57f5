# SPDX-License-Identifier: Apache-2.0
"""scs-0125-x-no-plain-http and scs-0125-x-hsts on what the probe recorded."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.core.findings import Finding, Observation, Remark, Undecided
from pytest_scs.standards.iaas.plain_http import check_hsts, check_no_plain_http, max_age
from pytest_scs.standards.iaas.tls_endpoints import TlsEndpoints

TWO_YEARS = 63072000


def answer(port: int = 443, outcome: str = "answered", **changes: Any) -> dict[str, Any]:
    seen = {"port": port, "outcome": outcome, "status": None, "location": None, "api": False, "problem": ""}
    return {**seen, **changes}


def endpoint(*plain: dict[str, Any], **changes: Any) -> dict[str, Any]:
    good = {
        "address": "https://api.example:443",
        "host": "api.example",
        "port": 443,
        "services": ["identity"],
        "ignored": None,
        "tls": True,
        "addresses": ["192.0.2.1"],
        "reachable": True,
        "problem": "",
        "certificates": [],
        "scan": {"results": {}, "errors": {}, "problem": ""},
        "plain": list(plain),
        "https": {"status": 200, "hsts": f"max-age={TWO_YEARS}", "problem": ""},
    }
    return {**good, **changes}


def seen(*endpoints: dict[str, Any], **changes: Any) -> TlsEndpoints:
    about = {"scanner": {"name": "sslyze", "problem": ""}, "store": "it", "verify": True}
    return TlsEndpoints.from_plain({**about, "endpoints": list(endpoints), "unusable": [], "unmatched": [], **changes})


def plain(*endpoints: dict[str, Any]) -> list[Observation]:
    return list(check_no_plain_http(seen(*endpoints)))


def hsts(*endpoints: dict[str, Any], **changes: Any) -> list[Observation]:
    return list(check_hsts(seen(*endpoints, **changes), TWO_YEARS))


@pytest.mark.parametrize("outcome", ["refused", "silent", "closed", "other"])
def test_port_that_does_not_speak_http_is_what_is_wanted(outcome: str) -> None:
    assert plain(endpoint(answer(outcome=outcome), answer(80, outcome))) == []


@pytest.mark.parametrize("status", [400, 403, 404, 405, 410, 421, 426, 500, 503])
def test_refusal_by_a_proxy_conforms(status: int) -> None:
    assert plain(endpoint(answer(80, status=status))) == []


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirection_to_https_conforms_and_any_other_does_not(status: int) -> None:
    assert plain(endpoint(answer(80, status=status, location="HTTPS://elsewhere.example/"))) == []
    for location in (None, "/v3", "http://api.example/v3", "//api.example/"):
        [found] = plain(endpoint(answer(80, status=status, location=location)))
        assert isinstance(found, Finding)
        assert found.observed == f"HTTP {status}" + (f" to {location}" if location else "")


@pytest.mark.parametrize("status", [200, 204, 300, 304, 401, 409])
def test_api_that_answers_is_found(status: int) -> None:
    [found] = plain(endpoint(answer(80, status=status)))
    assert isinstance(found, Finding)
    assert found.resource == "http://api.example:80 (identity)"
    assert found.observed == f"HTTP {status}"
    assert "redirect scheme https" in found.hint


@pytest.mark.parametrize("status", [403, 404, 500])
def test_refusal_that_the_api_signs_is_an_answer_of_the_api(status: int) -> None:
    [found] = plain(endpoint(answer(80, status=status, api=True)))
    assert isinstance(found, Finding)


def test_endpoint_registered_with_http_is_an_offence_unless_it_redirects() -> None:
    http = {"tls": False, "port": 5000, "address": "http://api.example:5000"}
    [found] = plain(endpoint(answer(5000, status=403), **http))
    assert isinstance(found, Finding)
    assert plain(endpoint(answer(5000, status=301, location="https://api.example"), **http)) == []


def test_failing_proxy_is_undecided_unless_https_works() -> None:
    for https in ({"status": 502}, {"status": None}):
        [found] = plain(endpoint(answer(80, status=503), https={"hsts": None, "problem": "", **https}))
        assert isinstance(found, Undecided)


def test_host_that_cannot_be_reached_is_undecided() -> None:
    [gone] = plain(endpoint(reachable=False, problem="no connection"))
    assert str(gone) == "https://api.example:443 (identity): cannot be judged: no connection"
    [lost] = plain(endpoint(answer(80, "unreachable", problem="no connection: No route to host")))
    assert isinstance(lost, Undecided)
    assert lost.resource == "http://api.example:80"


def test_port_80_of_a_host_is_named_once() -> None:
    first = endpoint(answer(443, "closed"), answer(80, status=200))
    second = endpoint(answer(8774, "closed"), answer(80, status=200), port=8774)
    other = endpoint(answer(80, status=200), host="image.example")
    found = [item.resource for item in plain(first, second, other) if isinstance(item, Finding)]
    assert found == ["http://api.example:80 (identity)", "http://image.example:80 (identity)"]


def test_endpoints_of_one_host_are_named_each_with_its_own_port() -> None:
    found = plain(
        endpoint(answer(5000, status=200), answer(80, "refused"), port=5000),
        endpoint(answer(8774, status=200), answer(80, "refused"), port=8774),
    )
    assert [item.resource for item in found if isinstance(item, Finding)] == [
        "http://api.example:5000 (identity)",
        "http://api.example:8774 (identity)",
    ]


def test_both_ports_of_an_endpoint_are_named() -> None:
    found = plain(endpoint(answer(5000, status=200), answer(80, status=200), port=5000))
    assert [item.resource for item in found if isinstance(item, Finding)] == [
        "http://api.example:5000 (identity)",
        "http://api.example:80 (identity)",
    ]


def test_port_80_is_named_again_where_it_is_the_own_port_of_another_endpoint() -> None:
    secure = endpoint(answer(443, "closed"), answer(80, status=200))
    own = endpoint(answer(80, status=200), port=80, tls=False, address="http://api.example:80", services=["image"])
    found = [item for item in plain(secure, own) if isinstance(item, Finding)]
    assert [item.resource for item in found] == ["http://api.example:80 (identity)", "http://api.example:80 (image)"]
    assert {item.rule for item in found} == {"scs-0125/no_plain_http"}


def test_ipv6_is_in_brackets() -> None:
    [found] = plain(endpoint(answer(80, status=200), host="2001:db8::1"))
    assert isinstance(found, Finding)
    assert found.resource.startswith("http://[2001:db8::1]:80 ")


def test_hsts_of_two_years_is_good_and_less_is_a_remark() -> None:
    assert hsts(endpoint()) == []
    for header, words in (
        (None, "no usable Strict"),
        ("includeSubDomains", "no usable Strict"),
        ("max-age=31536000", "max-age is 31536000 s, recommended are 63072000"),
    ):
        [found] = hsts(endpoint(https={"status": 401, "hsts": header, "problem": ""}))
        assert isinstance(found, Remark)
        assert words in found.text


def test_hsts_is_never_a_finding_and_undecided_only_if_nobody_answers() -> None:
    silent = endpoint(https={"status": None, "hsts": None, "problem": "no answer by https: x"})
    http = endpoint(tls=False, https={"status": None, "hsts": None, "problem": ""})
    unusable = [{"service": "image", "problem": "no usable URL"}]
    found = hsts(endpoint(), silent, http, unusable=unusable)
    assert [type(item) for item in found] == [Remark] * 3
    remark, undecided = hsts(silent)
    assert isinstance(remark, Remark)
    assert "no answer by https: x" in remark.text
    assert isinstance(undecided, Undecided)
    [nothing] = hsts(http)
    assert isinstance(nothing, Undecided)


@pytest.mark.parametrize(
    ("header", "age"),
    [
        ("max-age=1", 1),
        ('includeSubDomains; MAX-AGE = "20" ; preload', 20),
        ("max-age=", None),
        ("max-age=-1", None),
        ("max-age=1; max-age=2", None),
        ("", None),
        (None, None),
    ],
)
def test_max_age_is_read_as_the_standard_writes_it(header: str | None, age: int | None) -> None:
    assert max_age(header) == age


@given(st.text())
def test_any_header_gives_a_number_or_nothing(header: str) -> None:
    age = max_age(header)
    assert age is None or age >= 0
