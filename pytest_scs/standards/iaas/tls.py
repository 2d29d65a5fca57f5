# SPDX-License-Identifier: Apache-2.0
"""What endpoints offer by TLS, judged by a profile: what is offered must be in the profile.

Source: scs-0125-v1, "Transport Layer Security (TLS)" (docs/standards/scs-0125.md#profile and #scan).
A server that offers less than the profile conforms.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Final

from pytest_scs.core.cause import CauseKind
from pytest_scs.core.findings import Finding, Observation, Undecided
from pytest_scs.standards.iaas import tls_certificates
from pytest_scs.standards.iaas.tls_endpoints import Scan, TlsEndpoint, TlsEndpoints, preliminaries
from pytest_scs.standards.iaas.tls_profile import VERSIONS, Profile, canonical_curve, canonical_suite

#: What a scan tells, as keys of its ``results`` and in words; the six protocol versions with their suites come first.
CRITERIA: Final = {
    "SSLv2": "SSL 2.0",
    "SSLv3": "SSL 3.0",
    "TLSv1": "TLS 1.0",
    "TLSv1.1": "TLS 1.1",
    "TLSv1.2": "TLS 1.2",
    "TLSv1.3": "TLS 1.3",
    "curves": "curves",
    "compression": "compression",
    "ccs_injection": "CCS injection",
    "fallback_scsv": "fallback SCSV",
    "heartbleed": "Heartbleed",
    "robot": "ROBOT",
    "secure_renegotiation": "secure renegotiation",
    "extended_master_secret": "extended master secret",
}


@dataclasses.dataclass(frozen=True, slots=True)
class _Weakness:
    """The answer that is ``right``, what is expected, what is found otherwise, and what mends it."""

    rule: str
    right: bool
    expected: str
    found: str
    hint: str


_WEAKNESSES: Final = {
    "compression": _Weakness(
        "scs-0125/compression",
        False,
        "TLS without compression",
        "compression is offered",
        "switch TLS compression off",
    ),
    "ccs_injection": _Weakness(
        "scs-0125/ccs_injection",
        False,
        "not vulnerable",
        "vulnerable to CCS injection (CVE-2014-0224)",
        "update OpenSSL",
    ),
    "heartbleed": _Weakness(
        "scs-0125/heartbleed",
        False,
        "not vulnerable",
        "vulnerable to Heartbleed (CVE-2014-0160)",
        "update OpenSSL",
    ),
    "fallback_scsv": _Weakness(
        "scs-0125/fallback_scsv",
        True,
        "downgrades are refused",
        "a downgrade is accepted (RFC 7507)",
        "update the TLS library",
    ),
    "secure_renegotiation": _Weakness(
        "scs-0125/secure_renegotiation",
        True,
        "supported",
        "not supported (RFC 5746)",
        "update the TLS library",
    ),
    "extended_master_secret": _Weakness(
        "scs-0125/extended_master_secret",
        True,
        "supported",
        "not supported (RFC 7627)",
        "update the TLS library",
    ),
}

_MORE: Final = "; whole configurations: https://ssl-config.mozilla.org, level intermediate"


def check_intermediate(seen: TlsEndpoints, profiles: Sequence[Profile]) -> Iterator[Observation]:
    """No public endpoint offers what a profile does not allow (docs/standards/scs-0125.md#scan)."""
    yield from preliminaries(seen)
    if seen.scanner_problem:
        yield Undecided("TLS scan", seen.scanner_problem, kind=CauseKind.MISSING_TOOL)
        return
    for endpoint in seen.judged:
        if not endpoint.tls:
            yield Finding(
                resource=endpoint.label,
                rule="scs-0125/tls_used",
                title="uses TLS",
                expected="an https address",
                observed="not TLS",
                hint="put TLS before the API, then openstack endpoint set --url https://HOST:PORT/PATH ID",
            )
        elif endpoint.problem:
            yield Undecided(endpoint.label, endpoint.problem)
        else:
            for profile in profiles:
                yield from check_endpoint(endpoint, profile)


def check_endpoint(endpoint: TlsEndpoint, profile: Profile) -> Iterator[Observation]:
    """One endpoint: protocol versions, suites, curves, known weaknesses, and what its certificates are made of."""
    name, scan = endpoint.label, endpoint.scan
    yield from _check_versions(name, scan, profile)
    yield from _check_suites(name, scan, profile)
    yield from _check_curves(name, scan, profile)
    yield from _check_dh(name, scan, profile)
    yield from _check_weaknesses(name, scan)
    yield from tls_certificates.check_profile(name, endpoint.certificates, profile)
    yield from _check_complete(name, endpoint)


def _check_versions(name: str, scan: Scan, profile: Profile) -> Iterator[Observation]:
    offered = [version for version in VERSIONS if scan.suites.get(version)]
    if extra := [version for version in offered if version not in profile.versions]:
        lowest = min(profile.versions, key=VERSIONS.index)
        yield Finding(
            resource=name,
            rule="scs-0125/protocol_versions",
            title="protocol versions",
            expected=f"only {' and '.join(profile.versions)}",
            observed=", ".join(extra),
            hint=f"nginx: ssl_protocols {' '.join(profile.versions)}; haproxy: ssl-min-ver {_dotted(lowest)}" + _MORE,
        )


def _dotted(version: str) -> str:
    return f"{version}.0" if version in ("TLSv1",) else version


def _check_suites(name: str, scan: Scan, profile: Profile) -> Iterator[Observation]:
    """Suites up to TLS 1.2, then those of TLS 1.3: they are configured apart."""
    old = [version for version in VERSIONS if version != "TLSv1.3"]
    kinds = (
        ("scs-0125/cipher_suites", "", old, profile.suites, "nginx: ssl_ciphers; haproxy: ciphers"),
        (
            "scs-0125/cipher_suites_tls13",
            " of TLS 1.3",
            ["TLSv1.3"],
            profile.suites13,
            "nginx: ssl_conf_command; haproxy: ciphersuites",
        ),
    )
    for rule, which, versions, allowed, hint in kinds:
        found = {canonical_suite(suite.name) for suite in scan.offered(versions)}
        if extra := sorted(found - allowed):
            yield Finding(
                resource=name,
                rule=rule,
                title=f"cipher suites{which}",
                expected=f"only {', '.join(sorted(allowed)) or 'none'}",
                observed=", ".join(extra),
                hint=hint + _MORE,
            )


def _check_curves(name: str, scan: Scan, profile: Profile) -> Iterator[Observation]:
    """Curves that were tried one by one, and those that were negotiated with suites."""
    negotiated = [suite.curve for suite in scan.offered() if suite.curve]
    found = {canonical_curve(curve) for curve in [*(scan.curves or ()), *negotiated]}
    if extra := sorted(found.difference(profile.curves)):
        yield Finding(
            resource=name,
            rule="scs-0125/key_exchange_curves",
            title="key-exchange curves",
            expected=f"only {', '.join(profile.curves)}",
            observed=", ".join(extra),
            hint="nginx: ssl_ecdh_curve X25519:prime256v1:secp384r1; haproxy: curves X25519:P-256:P-384" + _MORE,
        )


def _check_dh(name: str, scan: Scan, profile: Profile) -> Iterator[Observation]:
    if profile.dh_bits is None:
        return
    suites = [suite for suite in scan.offered() if "_DHE_" in suite.name or "_DH_anon" in suite.name]
    small = {suite.dh_bits for suite in suites if suite.dh_bits and suite.dh_bits < profile.dh_bits}
    if small:
        yield Finding(
            resource=name,
            rule="scs-0125/dh_group_size",
            title="size of the Diffie-Hellman group",
            expected=f"at least {profile.dh_bits} bits",
            observed=f"{min(small)} bits",
            hint="nginx: ssl_dhparam with ffdhe2048 (RFC 7919); haproxy: tune.ssl.default-dh-param 2048" + _MORE,
        )
    elif any(not suite.dh_bits for suite in suites):
        # The scanner takes a suite whose group is too small for its own library as offered, but does not know the size.
        yield Undecided(name, "a suite with Diffie-Hellman is offered, but the size of its group cannot be read")


def _check_weaknesses(name: str, scan: Scan) -> Iterator[Observation]:
    for criterion, weakness in _WEAKNESSES.items():
        if criterion in scan.answers and scan.answers[criterion] is not weakness.right:
            yield Finding(
                resource=name,
                rule=weakness.rule,
                title=CRITERIA[criterion],
                expected=weakness.expected,
                observed=weakness.found,
                hint=weakness.hint,
            )
    if str(scan.answers.get("robot", "")).startswith("VULNERABLE"):
        yield Finding(
            resource=name,
            rule="scs-0125/robot",
            title="ROBOT",
            expected="not vulnerable",
            observed="vulnerable to ROBOT",
            hint="offer no suites with RSA key exchange",
        )


def _check_complete(name: str, endpoint: TlsEndpoint) -> Iterator[Observation]:
    """What the scan did not decide is said, together with what it did (docs/standards/scs-0125.md#scan)."""
    scan, decided = endpoint.scan, endpoint.scan.decided
    missing = [key for key in CRITERIA if key in scan.errors or key not in decided]
    if not missing:
        return
    reasons = dict.fromkeys(scan.errors[key] for key in missing if key in scan.errors)
    causes = "; ".join([*([scan.problem] if scan.problem else []), *reasons]) or "the scan gave no result"
    known = [CRITERIA[key] for key in CRITERIA if key not in missing]
    yield Undecided(
        name,
        f"not decided: {', '.join(CRITERIA[key] for key in missing)} ({causes}); "
        f"decided: {', '.join([*known, *(['certificate'] if endpoint.certificates else [])]) or 'nothing'}",
    )
