# SPDX-License-Identifier: Apache-2.0
"""scs-0125: what certificates are made of, whether they are trusted, name the host and are valid."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.base.fields import Fields
from pytest_scs.core.findings import Finding, Observation, Remark, Undecided
from pytest_scs.standards.iaas.tls_certificates import check_all, check_profile, check_trust
from pytest_scs.standards.iaas.tls_endpoints import Certificate, TlsEndpoints
from pytest_scs.standards.iaas.tls_profile import DEFAULT, load_profile

NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
PROFILE = load_profile(DEFAULT)


def certificate(**changes: Any) -> dict[str, Any]:
    good = {
        "type": "rsa",
        "bits": 2048,
        "curve": "",
        "signature": "1.2.840.113549.1.1.11",
        "not_before": "2026-06-01T00:00:00+00:00",
        "not_after": "2026-08-30T00:00:00+00:00",
        "host": "api.example",
        "host_matches": True,
        "names": ["api.example"],
        "chain": "",
        "chain_code": 0,
    }
    return {**good, **changes}


def typed(**changes: Any) -> Certificate:
    return Certificate.read(Fields("certificate", certificate(**changes)))


def by_profile(**changes: Any) -> list[Observation]:
    return list(check_profile("api", [typed(**changes)], PROFILE))


def trust(now: dt.datetime = NOW, **changes: Any) -> list[Observation]:
    return list(check_trust("api", [typed(**changes)], "the system's store", now))


def test_good_certificates_conform() -> None:
    assert by_profile() == by_profile(bits=4096) == trust() == []
    for curve in ("secp256r1", "secp384r1", "prime256v1"):
        assert by_profile(type="ecdsa", bits=256, curve=curve, signature="1.2.840.10045.4.3.4") == []


@pytest.mark.parametrize(
    ("changes", "title", "rule", "expected", "observed"),
    [
        ({"type": "ed25519", "bits": 0}, "type of the certificate", "certificate_type", "one of ecdsa, rsa", "ed25519"),
        ({"bits": 2047}, "RSA key of the certificate", "certificate_rsa_key", "at least 2048 bits", "2047 bits"),
        (
            {"type": "ecdsa", "curve": "secp521r1"},
            "curve of the certificate's key",
            "certificate_curve",
            "one of secp256r1, secp3",
            "secp521r1",
        ),
        (
            {"signature": "1.2.840.113549.1.1.5"},
            "signature of the certificate",
            "certificate_signature",
            "one of sha256With",
            "sha1WithRSAEncryption",
        ),
        ({"signature": "1.2.3"}, "signature of the certificate", "certificate_signature", "one of sha256With", "1.2.3"),
        (
            {"not_after": "2027-06-02T00:00:01+00:00"},
            "lifetime of the certificate",
            "certificate_lifetime",
            "at most 366 days",
            "366.1 days (2026-06-01 to 2027-06-02)",
        ),
        (
            {"not_after": "2027-07-06T00:00:00+00:00"},
            "lifetime of the certificate",
            "certificate_lifetime",
            "at most 366 days",
            "400 days (2026-06-01 to 2027-07-06)",
        ),
    ],
)
def test_what_the_profile_does_not_allow_is_found(
    changes: dict[str, Any], title: str, rule: str, expected: str, observed: str
) -> None:
    [found] = by_profile(**changes)
    assert isinstance(found, Finding)
    assert (found.resource, found.title, found.rule, found.observed) == ("api", title, f"scs-0125/{rule}", observed)
    assert found.expected.startswith(expected)
    assert found.hint


@given(st.integers(1, 2_000 * 86400))
def test_lifetime_of_366_days_is_the_longest(seconds: int) -> None:
    start = dt.datetime.fromisoformat(certificate()["not_before"])
    end = (start + dt.timedelta(seconds=seconds)).isoformat()
    assert bool(by_profile(not_after=end)) == (seconds > 366 * 86400)


def test_every_certificate_of_a_server_is_judged() -> None:
    found = list(check_profile("api", [typed(bits=1024), typed(), typed(bits=512)], PROFILE))
    assert [item.observed for item in found if isinstance(item, Finding)] == ["1024 bits", "512 bits"]
    found = list(check_trust("api", [typed(), typed(chain="x", chain_code=20)], "it", NOW))
    assert len(found) == 1


def test_no_certificate_is_no_verdict() -> None:
    assert [type(item) for item in check_profile("api", [], PROFILE)] == [Undecided]
    assert [type(item) for item in check_trust("api", [], "it", NOW)] == [Undecided]


def test_untrusted_chain_is_found_with_the_words_of_openssl() -> None:
    [found] = trust(chain="unable to get local issuer certificate", chain_code=20)
    assert isinstance(found, Finding)
    assert found.expected == "a complete chain to a certificate authority of the system's store"
    assert found.observed == "unable to get local issuer certificate"
    assert "cacert in clouds.yaml" in found.hint


@pytest.mark.parametrize(("names", "observed"), [(["a", "b"], "a, b"), ([], "no name in subjectAltName")])
def test_other_host_is_found(names: list[str], observed: str) -> None:
    [found] = trust(host_matches=False, names=names)
    assert isinstance(found, Finding)
    assert found.rule == "scs-0125/certificate_host"
    assert (found.expected, found.observed) == ("the name api.example", observed)


def test_expired_certificate_is_one_finding_by_the_date_of_the_evidence() -> None:
    late = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
    [found] = trust(late, chain="certificate has expired", chain_code=10)
    assert isinstance(found, Finding)
    assert found.rule == "scs-0125/certificate_validity"
    assert (found.expected, found.observed) == ("valid on 2026-09-01", "expired on 2026-08-30")
    [early] = trust(dt.datetime(2026, 5, 1, tzinfo=dt.UTC), chain="certificate is not yet valid", chain_code=9)
    assert isinstance(early, Finding)
    assert early.observed == "valid from 2026-06-01"
    # An intermediate certificate that has expired is another thing.
    [chain] = trust(chain="certificate has expired", chain_code=10)
    assert isinstance(chain, Finding)
    assert (chain.rule, chain.title) == ("scs-0125/certificate_trusted", "the certificate is trusted")


@pytest.mark.parametrize(("days", "remarks"), [(14, 0), (13.9, 1), (0.5, 1), (0, 1)])
def test_less_than_two_weeks_are_a_warning(days: float, remarks: int) -> None:
    end = dt.datetime.fromisoformat(certificate()["not_after"])
    found = trust(end - dt.timedelta(days=days))
    assert [type(item) for item in found] == [Remark] * remarks


def test_all_endpoints_are_judged_and_verify_false_changes_nothing() -> None:
    common = {"services": ["identity"], "ignored": None, "addresses": ["::1"], "problem": "", "host": "a", "port": 1}
    common |= {"reachable": True, "scan": {"results": {}, "errors": {}, "problem": ""}, "plain": [], "https": {}}
    good = {**common, "address": "https://a:1", "tls": True, "certificates": [certificate()]}
    bad = {**good, "address": "https://b:1", "certificates": [certificate(host_matches=False)]}
    gone = {**good, "address": "https://c:1", "certificates": [], "problem": "no connection"}
    http = {**common, "address": "http://d:1", "tls": False, "certificates": []}
    seen = {"endpoints": [good, bad, gone, http], "unusable": [], "unmatched": [], "verify": False, "store": "it"}
    seen |= {"scanner": {"name": "sslyze", "problem": ""}}
    verify, finding, undecided, remark = check_all(TlsEndpoints.from_plain(seen), NOW)
    assert isinstance(verify, Remark)
    assert "judged all the same" in verify.text
    assert isinstance(finding, Finding)
    assert finding.resource == "https://b:1 (identity)"
    assert isinstance(undecided, Undecided)
    assert undecided.reason == "no connection"
    assert isinstance(remark, Remark)
    assert remark.text == "has no certificate: it is not TLS"
    # Nothing went wrong, and there is no certificate all the same; or something did, after it was seen.
    silent = {**gone, "problem": ""}
    late = {**bad, "problem": "no connection"}
    for endpoint, kind, words in (
        (silent, Undecided, "its certificate was not seen"),
        (late, Finding, "names the host"),
    ):
        [found] = check_all(TlsEndpoints.from_plain({**seen, "endpoints": [endpoint], "verify": True}), NOW)
        assert isinstance(found, kind)
        assert words in str(found)
    [nothing] = check_all(TlsEndpoints.from_plain({**seen, "endpoints": [http], "verify": True}), NOW)
    assert isinstance(nothing, Undecided)
