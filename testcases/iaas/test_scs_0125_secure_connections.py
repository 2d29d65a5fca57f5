# SPDX-License-Identifier: Apache-2.0
"""scs-0125: secure connections (document: scs-0125-v1, a draft).

By which profile TLS is judged is said by the scope, in its parameter `tls_profile`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial

import pytest

from pytest_scs.core.collector import Collector
from pytest_scs.standards.iaas import plain_http, tls, tls_certificates
from pytest_scs.standards.iaas.endpoints import Endpoint, check_https
from pytest_scs.standards.iaas.tls_endpoints import TlsEndpoints
from pytest_scs.standards.iaas.tls_profile import load_profiles


@pytest.mark.parametrize(
    "interface",
    [
        pytest.param(name, marks=pytest.mark.scs(f"scs-0125-x-{name}-https"), id=f"scs-0125-x-{name}-https")
        for name in ("public", "internal")
    ],
)
def test_scs_0125_https(scs: Collector, endpoints: Callable[[str], list[Endpoint]], interface: str) -> None:
    """All endpoints, internal and external ones, MUST be registered with an `https` address in the catalog.

    Source: scs-0125-v1. Fails when a URL does not begin with `https://`; aborts when the catalog lists no endpoint of
    the interface. Nothing is contacted.
    """
    scs.whole(f"{interface} endpoints", endpoints(interface), partial(check_https, interface))


@pytest.mark.scs("scs-0125-x-tls-intermediate")
def test_scs_0125_tls_intermediate(scs: Collector, tls_endpoints: TlsEndpoints) -> None:
    """All server-side TLS MUST follow Mozilla's profile "intermediate".

    Source: scs-0125-v1. Fails when an endpoint offers what is not in the profile, or is not TLS; aborts when one cannot
    be reached or scanned to the end, or when the package sslyze is not installed.
    """
    profiles = load_profiles(scs.parameters("tls_profile"))
    scs.examined("addresses", len(tls_endpoints.judged))
    scs.add(tls.check_intermediate(tls_endpoints, profiles))


@pytest.mark.scs("scs-0125-x-cert-trust")
def test_scs_0125_cert_trust(scs: Collector, tls_endpoints: TlsEndpoints, now: dt.datetime) -> None:
    """Certificates MUST be trusted, name the host and be valid, and SHOULD be so for two weeks more.

    Source: scs-0125-v1, as part of the profile. Fails when a certificate is none of these now; aborts when one cannot
    be read, or when no endpoint has any.
    """
    scs.examined("certificates", sum(len(endpoint.certificates) for endpoint in tls_endpoints.judged))
    scs.add(tls_certificates.check_all(tls_endpoints, now))


@pytest.mark.scs("scs-0125-x-no-plain-http")
def test_scs_0125_no_plain_http(scs: Collector, tls_endpoints: TlsEndpoints) -> None:
    """API hosts refuse or redirect plain HTTP, on the port of the API and on port 80.

    Not in the text, but what it is for. Fails when a request is answered otherwise; aborts when a host cannot be
    reached.
    """
    scs.examined("addresses", len(tls_endpoints.judged))
    scs.add(plain_http.check_no_plain_http(tls_endpoints))


@pytest.mark.scs("scs-0125-x-hsts")
def test_scs_0125_hsts(scs: Collector, tls_endpoints: TlsEndpoints) -> None:
    """Public endpoints send Strict-Transport-Security for as long as the profile says.

    Informational: warns, and never fails; aborts when no endpoint answers.
    """
    profiles = load_profiles(scs.parameters("tls_profile"))
    scs.examined("addresses", len(tls_endpoints.judged))
    scs.add(plain_http.check_hsts(tls_endpoints, max(profile.hsts for profile in profiles)))
