# SPDX-License-Identifier: Apache-2.0
"""scs-0125-x-tls-intermediate on what a scan recorded: what is offered beyond the profile, and what is not known."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.core.findings import Finding, Observation, Remark, Undecided
from pytest_scs.standards.iaas.tls import CRITERIA, check_intermediate
from pytest_scs.standards.iaas.tls_endpoints import TlsEndpoints
from pytest_scs.standards.iaas.tls_profile import DEFAULT, VERSIONS, load_profile

PROFILE = load_profile(DEFAULT)


def suite(name: str, curve: str | None = None, dh_bits: int | None = None) -> dict[str, Any]:
    return {"name": name, "curve": curve, "dh_bits": dh_bits}


def certificate(**changes: Any) -> dict[str, Any]:
    good = {
        "type": "ecdsa",
        "bits": 256,
        "curve": "secp256r1",
        "signature": "1.2.840.10045.4.3.2",
        "not_before": "2026-06-01T00:00:00+00:00",
        "not_after": "2026-08-30T00:00:00+00:00",
        "host": "api.example",
        "host_matches": True,
        "names": ["api.example"],
        "chain": "",
        "chain_code": 0,
    }
    return {**good, **changes}


GOOD: dict[str, Any] = {
    "SSLv2": [],
    "SSLv3": [],
    "TLSv1": [],
    "TLSv1.1": [],
    "TLSv1.2": [
        suite("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "secp256r1"),
        suite("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", None, 2048),
    ],
    "TLSv1.3": [suite("TLS_AES_128_GCM_SHA256", "X25519")],
    "curves": ["X25519", "secp256r1", "secp384r1"],
    "compression": False,
    "ccs_injection": False,
    "fallback_scsv": True,
    "heartbleed": False,
    "robot": "NOT_VULNERABLE_RSA_NOT_SUPPORTED",
    "secure_renegotiation": True,
    "extended_master_secret": True,
}


def endpoint(**changes: Any) -> dict[str, Any]:
    results = {**copy.deepcopy(GOOD), **changes.pop("results", {})}
    good = {
        "address": "https://api.example:5000",
        "host": "api.example",
        "port": 5000,
        "services": ["identity"],
        "ignored": None,
        "tls": True,
        "addresses": ["192.0.2.1"],
        "reachable": True,
        "problem": "",
        "certificates": [certificate()],
        "scan": {"results": results, "errors": changes.pop("errors", {}), "problem": changes.pop("unfinished", "")},
        "plain": [],
        "https": {"status": 200, "hsts": None, "problem": ""},
    }
    return {**good, **changes}


def seen(*endpoints: dict[str, Any], **changes: Any) -> TlsEndpoints:
    good = {"scanner": {"name": "sslyze", "problem": ""}, "store": "it", "verify": True}
    return TlsEndpoints.from_plain({**good, "endpoints": list(endpoints), "unusable": [], "unmatched": [], **changes})


def judge(*endpoints: dict[str, Any], **changes: Any) -> list[Observation]:
    return list(check_intermediate(seen(*endpoints, **changes), [PROFILE]))


def test_server_that_offers_the_profile_conforms() -> None:
    assert judge(endpoint()) == []


def test_server_that_offers_less_conforms() -> None:
    only13 = {"TLSv1.2": [], "curves": ["X25519"], "TLSv1.3": [suite("TLS_AES_256_GCM_SHA384", "X25519")]}
    assert judge(endpoint(results=only13)) == []
    assert judge(endpoint(results={"TLSv1.3": []})) == []


OFFENCES: list[tuple[dict[str, Any], str, str, str]] = [
    (
        {"TLSv1": [suite("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")]},
        "protocol versions",
        "TLSv1",
        "only TLSv1.2 and TLSv",
    ),
    ({"SSLv2": [suite("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", None, 4096)]}, "protocol versions", "SSLv2", "only TLSv1"),
    (
        {"TLSv1.2": [suite("TLS_RSA_WITH_AES_128_CBC_SHA")]},
        "cipher suites",
        "TLS_RSA_WITH_AES_128_CBC_SHA",
        "only TLS_",
    ),
    (
        {"TLSv1.3": [suite("TLS_AES_128_CCM_SHA256")]},
        "cipher suites of TLS 1.3",
        "TLS_AES_128_CCM_SHA256",
        "only TLS_AE",
    ),
    ({"curves": ["X448", "secp256r1"]}, "key-exchange curves", "X448", "only X25519, secp256r1, secp384r1"),
    ({"TLSv1.3": [suite("TLS_AES_128_GCM_SHA256", "secp521r1")]}, "key-exchange curves", "secp521r1", "only X25519"),
    (
        {"TLSv1.2": [suite("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", None, 1024)]},
        "size of the Diffie-Hellman group",
        "1024 bits",
        "at least 2048 bits",
    ),
    ({"compression": True}, "compression", "compression is offered", "TLS without compression"),
    ({"ccs_injection": True}, "CCS injection", "vulnerable to CCS injection (CVE-2014-0224)", "not vulnerable"),
    ({"heartbleed": True}, "Heartbleed", "vulnerable to Heartbleed (CVE-2014-0160)", "not vulnerable"),
    ({"fallback_scsv": False}, "fallback SCSV", "a downgrade is accepted (RFC 7507)", "downgrades are refused"),
    ({"robot": "VULNERABLE_WEAK_ORACLE"}, "ROBOT", "vulnerable to ROBOT", "not vulnerable"),
    ({"robot": "VULNERABLE_STRONG_ORACLE"}, "ROBOT", "vulnerable to ROBOT", "not vulnerable"),
    ({"secure_renegotiation": False}, "secure renegotiation", "not supported (RFC 5746)", "supported"),
    ({"extended_master_secret": False}, "extended master secret", "not supported (RFC 7627)", "supported"),
]


RULES = {
    "protocol versions": "scs-0125/protocol_versions",
    "cipher suites": "scs-0125/cipher_suites",
    "cipher suites of TLS 1.3": "scs-0125/cipher_suites_tls13",
    "key-exchange curves": "scs-0125/key_exchange_curves",
    "size of the Diffie-Hellman group": "scs-0125/dh_group_size",
    "compression": "scs-0125/compression",
    "CCS injection": "scs-0125/ccs_injection",
    "Heartbleed": "scs-0125/heartbleed",
    "fallback SCSV": "scs-0125/fallback_scsv",
    "ROBOT": "scs-0125/robot",
    "secure renegotiation": "scs-0125/secure_renegotiation",
    "extended master secret": "scs-0125/extended_master_secret",
}


@pytest.mark.parametrize(("results", "title", "observed", "expected"), OFFENCES)
def test_each_offence_is_one_finding_with_what_is_allowed(
    results: dict[str, Any], title: str, observed: str, expected: str
) -> None:
    [found] = judge(endpoint(), endpoint(results=results, services=["image", "compute", "network", "a", "b"]))
    assert isinstance(found, Finding)
    assert found.resource == "https://api.example:5000 (image, compute, network and 2 more)"
    assert (found.rule, found.title, found.observed) == (RULES[title], title, observed)
    assert found.expected.startswith(expected)
    assert found.hint


def test_several_offences_of_a_kind_are_one_line() -> None:
    old = [suite("TLS_RSA_WITH_AES_128_CBC_SHA"), suite("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "secp521r1")]
    versions, suites, curves = judge(endpoint(results={"TLSv1": old, "TLSv1.1": old, "SSLv3": old[:1]}))
    assert isinstance(versions, Finding)
    assert versions.observed == "SSLv3, TLSv1, TLSv1.1"
    assert isinstance(suites, Finding)
    assert suites.observed == "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA, TLS_RSA_WITH_AES_128_CBC_SHA"
    assert isinstance(curves, Finding)
    assert curves.observed == "secp521r1"


@given(st.sets(st.sampled_from(VERSIONS)))
def test_exactly_the_versions_outside_the_profile_are_offences(offered: set[str]) -> None:
    allowed = {"TLSv1.3": [suite("TLS_AES_128_GCM_SHA256")]}
    results = {
        version: allowed.get(version, [suite("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")]) if version in offered else []
        for version in VERSIONS
    }
    found = [item.observed for item in judge(endpoint(results=results)) if isinstance(item, Finding)]
    bad = [version for version in VERSIONS if version in offered and version not in ("TLSv1.2", "TLSv1.3")]
    assert found == ([", ".join(bad)] if bad else [])


def test_group_that_is_not_known_is_undecided_unless_another_is_too_small() -> None:
    unknown = suite("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256")
    [found] = judge(endpoint(results={"TLSv1.2": [unknown]}))
    assert isinstance(found, Undecided)
    assert "the size of its group cannot be read" in found.reason
    small = suite("TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", None, 768)
    [offence] = judge(endpoint(results={"TLSv1.2": [unknown, small]}))
    assert isinstance(offence, Finding)


def test_profile_without_diffie_hellman_has_no_least_size() -> None:
    profile = dataclasses.replace(PROFILE, dh_bits=None)
    results = {"TLSv1.2": [suite("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256")]}
    assert list(check_intermediate(seen(endpoint(results=results)), [profile])) == []


def test_every_profile_of_several_is_judged_by() -> None:
    strict = dataclasses.replace(PROFILE, versions=("TLSv1.3",))
    [found] = check_intermediate(seen(endpoint()), [PROFILE, strict])
    assert isinstance(found, Finding)
    assert (found.expected, found.observed) == ("only TLSv1.3", "TLSv1.2")
    assert "ssl-min-ver TLSv1.3" in found.hint


def test_what_the_scan_left_open_is_undecided_and_what_it_decided_is_said() -> None:
    results = {key: GOOD[key] for key in ("TLSv1.2", "TLSv1.3", "curves")}
    target = endpoint(errors={"curves": "no idea"}, unfinished="the time limit of 120 s is over")
    target["scan"]["results"] = results
    [found] = judge(target)
    assert isinstance(found, Undecided)
    assert found.reason.startswith(
        "not decided: SSL 2.0, SSL 3.0, TLS 1.0, TLS 1.1, curves, compression, CCS injection"
    )
    assert found.reason.endswith("(the time limit of 120 s is over; no idea); decided: TLS 1.2, TLS 1.3, certificate")


@pytest.mark.parametrize("criterion", CRITERIA)
def test_no_criterion_passes_without_an_answer(criterion: str) -> None:
    for target in (endpoint(), endpoint(errors={criterion: "in doubt"})):
        if not target["scan"]["errors"]:
            del target["scan"]["results"][criterion]
        [found] = judge(target)
        assert isinstance(found, Undecided)
        assert f"not decided: {CRITERIA[criterion]} (" in found.reason


def test_offence_counts_although_the_scan_did_not_end() -> None:
    target = endpoint(results={"TLSv1": [suite("TLS_RSA_WITH_AES_128_CBC_SHA")]}, errors={"TLSv1": "in doubt"})
    kinds = [type(found) for found in judge(target)]
    assert kinds == [Finding, Finding, Undecided]


def test_endpoint_without_tls_or_without_connection() -> None:
    first, second, third = judge(
        endpoint(tls=False, address="http://a:80"),
        endpoint(problem="no connection to b:1: Connection refused"),
        endpoint(certificates=[]),
    )
    assert isinstance(first, Finding)
    assert str(first) == "http://a:80 (identity): uses TLS: expected an https address, found not TLS"
    assert isinstance(second, Undecided)
    assert second.reason == "no connection to b:1: Connection refused"
    assert isinstance(third, Undecided)
    assert third.reason == "its certificate was not seen"


def test_no_scanner_is_said_once_and_nothing_is_judged() -> None:
    [found] = judge(endpoint(tls=False), endpoint(), scanner={"name": "", "problem": "install it"})
    assert str(found) == "TLS scan: cannot be judged: install it"


def test_ignored_endpoints_are_remarks_and_nothing_else_is_no_verdict() -> None:
    ignored, nothing = judge(endpoint(ignored="api.example", tls=False))
    assert isinstance(ignored, Remark)
    assert "not judged, because of --scs-tls-ignore=api.example" in str(ignored)
    assert isinstance(nothing, Undecided)


@pytest.mark.parametrize(
    ("entry", "rest"),
    [
        ("x", "; known: api.example:5000, [2001:db8::1]:443"),
        ("API.exampel", "; did you mean 'api.example'?"),
        ("api.example:500", "; did you mean 'api.example:5000'?"),
    ],
)
def test_entry_that_ignores_nothing_is_about_the_run_and_says_what_there_is(entry: str, rest: str) -> None:
    other = endpoint(host="2001:db8::1", port=443)
    [unmatched] = judge(endpoint(), endpoint(), other, unmatched=[entry])
    assert isinstance(unmatched, Remark)
    assert unmatched.about_run
    assert (
        str(unmatched)
        == f"--scs-tls-ignore={entry} names no public endpoint in the judged region, so it ignores nothing{rest}"
    )


def test_further_addresses_of_a_host_are_not_passed_over_in_silence() -> None:
    [found] = judge(endpoint(addresses=["192.0.2.1", "192.0.2.2", "2001:db8::1"]))
    assert isinstance(found, Remark)
    assert found.text == "examined at 192.0.2.1, but not at 192.0.2.2, 2001:db8::1"


def test_endpoint_without_usable_address_is_undecided() -> None:
    [found] = judge(endpoint(), unusable=[{"service": "image", "problem": "no usable URL: 'x'"}])
    assert str(found) == "public endpoint of image: cannot be judged: no usable URL: 'x'"
