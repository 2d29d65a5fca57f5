# SPDX-License-Identifier: Apache-2.0
"""Certificates of endpoints: what a profile says about them, and whether they are trusted.

See docs/standards/scs-0125.md#certificates and docs/standards/scs-0125.md#trust.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from typing import Final

from pytest_scs.core.findings import Finding, Observation, Remark, Undecided, one_of
from pytest_scs.standards.iaas.tls_endpoints import Certificate, TlsEndpoints, preliminaries
from pytest_scs.standards.iaas.tls_profile import SIGNATURES, Profile, canonical_curve

#: Days of validity that should be left; fewer are a warning (docs/standards/scs-0125.md#trust).
DAYS_LEFT: Final = 14

# OpenSSL's codes for "not yet valid" and "expired" (X509_V_ERR_...).
_TOO_EARLY, _TOO_LATE = 9, 10

_RENEW: Final = "request a new certificate (with ACME it renews by itself)"


def check_profile(name: str, certificates: Sequence[Certificate], profile: Profile) -> Iterator[Observation]:
    """Type, key, signature and lifetime of the certificates of an endpoint are allowed.

    ``name`` is that of the endpoint in findings. See docs/standards/scs-0125.md#profile.
    """
    if not certificates:
        yield Undecided(name, "its certificate was not seen")
    for certificate in certificates:
        yield from _check_key(name, certificate, profile)
        signature = SIGNATURES.get(certificate.signature, certificate.signature)
        if signature not in profile.certificate_signatures:
            yield Finding(
                resource=name,
                rule="scs-0125/certificate_signature",
                title="signature of the certificate",
                expected=one_of(profile.certificate_signatures),
                observed=signature,
                hint="let a certificate authority sign it that uses SHA-256, or an ECDSA key",
            )
        start, end = certificate.not_before, certificate.not_after
        if profile.lifetime is not None and end - start > dt.timedelta(days=profile.lifetime):
            yield Finding(
                resource=name,
                rule="scs-0125/certificate_lifetime",
                title="lifetime of the certificate",
                expected=f"at most {profile.lifetime} days",
                observed=f"{_days(end - start)} days ({start.date()} to {end.date()})",
                hint=_RENEW,
            )


def check_all(seen: TlsEndpoints, now: dt.datetime) -> Iterator[Observation]:
    """The certificates of all public endpoints are trusted; see check_trust. ``now`` is when the evidence was read."""
    yield from preliminaries(seen)
    if not seen.verify:
        yield Remark("clouds.yaml switches the verification of certificates off; they are judged all the same")
    endpoints = seen.judged
    if endpoints and not any(endpoint.tls for endpoint in endpoints):
        yield Undecided("public endpoints", "none of them is TLS, so there is no certificate")
        return
    for endpoint in endpoints:
        if not endpoint.tls:
            yield Remark("has no certificate: it is not TLS", endpoint.label)
        elif endpoint.problem and not endpoint.certificates:
            yield Undecided(endpoint.label, endpoint.problem)
        else:
            yield from check_trust(endpoint.label, endpoint.certificates, seen.store, now)


def check_trust(name: str, certificates: Sequence[Certificate], store: str, now: dt.datetime) -> Iterator[Observation]:
    """The certificates of an endpoint are trusted, name its host, and are valid for some days more.

    ``store`` says whose certificate authorities were trusted, ``now`` is when the evidence was read. See
    docs/standards/scs-0125.md#trust.
    """
    if not certificates:
        yield Undecided(name, "its certificate was not seen")
    for certificate in certificates:
        yield from _check_dates_and_chain(name, certificate, store, now)
        if not certificate.host_matches:
            yield Finding(
                resource=name,
                rule="scs-0125/certificate_host",
                title="the certificate names the host",
                expected=f"the name {certificate.host}",
                observed=", ".join(certificate.names) or "no name in subjectAltName",
                hint=f"request a certificate with the alternative name {certificate.host}",
            )


def _check_dates_and_chain(name: str, certificate: Certificate, store: str, now: dt.datetime) -> Iterator[Observation]:
    start, end = certificate.not_before, certificate.not_after
    dated = start <= now <= end
    if not dated:
        yield Finding(
            resource=name,
            rule="scs-0125/certificate_validity",
            title="validity of the certificate",
            expected=f"valid on {now.date()}",
            observed=f"expired on {end.date()}" if now > end else f"valid from {start.date()}",
            hint=_RENEW,
        )
    elif end - now < dt.timedelta(days=DAYS_LEFT):
        yield Remark(f"the certificate expires in {_days(end - now)} days, on {end.date()}", name)
    if certificate.chain and (dated or certificate.chain_code not in (_TOO_EARLY, _TOO_LATE)):
        yield Finding(
            resource=name,
            rule="scs-0125/certificate_trusted",
            title="the certificate is trusted",
            expected=f"a complete chain to a certificate authority of {store}",
            observed=certificate.chain,
            hint="serve the intermediate certificates along with the certificate; a private authority belongs into "
            "cacert in clouds.yaml",
        )


def _check_key(name: str, certificate: Certificate, profile: Profile) -> Iterator[Observation]:
    kind, bits = certificate.type, certificate.bits
    if kind not in profile.certificate_types:
        yield Finding(
            resource=name,
            rule="scs-0125/certificate_type",
            title="type of the certificate",
            expected=one_of(profile.certificate_types),
            observed=str(kind),
            hint="make an ECDSA key: openssl ecparam -genkey -name prime256v1",
        )
    elif kind == "rsa" and profile.rsa_bits is not None and bits < profile.rsa_bits:
        yield Finding(
            resource=name,
            rule="scs-0125/certificate_rsa_key",
            title="RSA key of the certificate",
            expected=f"at least {profile.rsa_bits} bits",
            observed=f"{bits} bits",
            hint=f"make a new key: openssl genrsa {profile.rsa_bits}",
        )
    elif kind == "ecdsa" and canonical_curve(certificate.curve) not in profile.certificate_curves:
        yield Finding(
            resource=name,
            rule="scs-0125/certificate_curve",
            title="curve of the certificate's key",
            expected=one_of(profile.certificate_curves),
            observed=canonical_curve(certificate.curve),
            hint="make a new key: openssl ecparam -genkey -name prime256v1",
        )


def _days(span: dt.timedelta) -> str:
    """Days, rounded up to tenths: a second more than 366 must not be shown as 366."""
    return f"{math.ceil(span / dt.timedelta(days=0.1)) / 10:g}"
