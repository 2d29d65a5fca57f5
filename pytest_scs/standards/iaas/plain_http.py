# SPDX-License-Identifier: Apache-2.0
"""What API hosts answer to plain HTTP, and whether they tell clients to stay with https.

See docs/standards/scs-0125.md#plain-http and docs/standards/scs-0125.md#strict-transport-security.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from pytest_scs.core.findings import Finding, Observation, Remark, Undecided
from pytest_scs.standards.iaas.endpoints import bracketed
from pytest_scs.standards.iaas.tls_endpoints import PlainAnswer, TlsEndpoint, TlsEndpoints, preliminaries

#: Statuses by which a server says that it does not serve this here. 401 is none of them: an API asks for a token.
_REFUSALS: Final = (400, 403, 404, 405, 410, 421, 426)

_MAX_AGE: Final = re.compile(r'\s*max-age\s*=\s*"?([0-9]+)"?\s*', re.IGNORECASE)


def check_no_plain_http(seen: TlsEndpoints) -> Iterator[Observation]:
    """Plain HTTP to the TLS port and to port 80 of each API host is refused or redirected.

    Of each answer there is ``port``, ``outcome`` ("refused", "silent", "closed", "other", "answered", "unreachable"),
    ``status``, ``location`` and ``api``. An endpoint registered with http is asked at its own port.
    """
    yield from preliminaries(seen)
    named: set[tuple[str, int, str]] = set()
    for endpoint in seen.judged:
        if not endpoint.plain or not endpoint.reachable:
            yield Undecided(endpoint.label, endpoint.problem or "it was not asked")
            continue
        for answer in endpoint.plain:
            for observation in _check_answer(endpoint, answer):
                # Several endpoints may share a host, and thereby what its port 80 answers.
                key = (endpoint.host, answer.port, type(observation).__name__)
                if answer.port == endpoint.port or key not in named:
                    yield observation
                named.add(key)


def check_hsts(seen: TlsEndpoints, minimum: int) -> Iterator[Observation]:
    """Public endpoints send Strict-Transport-Security for ``minimum`` seconds or more; informational, never a finding.

    Undecided if no endpoint could be asked (docs/standards/scs-0125.md#strict-transport-security).
    """
    endpoints = seen.judged
    any_tls = any(endpoint.tls for endpoint in endpoints)
    answered = [endpoint for endpoint in endpoints if endpoint.https.status]
    for observation in preliminaries(seen):
        # An informational testcase has no verdict only where it saw nothing.
        yield Remark(observation.reason, observation.resource) if isinstance(observation, Undecided) else observation
    for endpoint in endpoints:
        age = max_age(endpoint.https.hsts)
        if not endpoint.tls:
            # Said once below where it is so for all.
            if not any_tls:
                continue
            yield Remark("sends no Strict-Transport-Security: it is not TLS", endpoint.label)
        elif endpoint not in answered:
            cause = endpoint.problem or endpoint.https.problem or "it was not asked"
            yield Remark(f"was not asked for Strict-Transport-Security: {cause}", endpoint.label)
        elif age is None:
            yield Remark("sends no usable Strict-Transport-Security header", endpoint.label)
        elif age < minimum:
            yield Remark(f"Strict-Transport-Security: max-age is {age} s, recommended are {minimum}", endpoint.label)
    if not answered:
        yield Undecided("public endpoints", "none of them answered a request by https")


def max_age(header: str | None) -> int | None:
    """The seconds in a Strict-Transport-Security header; None if there is none or it is invalid (RFC 6797, 6.1)."""
    ages = [match[1] for part in (header or "").split(";") if (match := _MAX_AGE.fullmatch(part))]
    return int(ages[0][:18]) if len(ages) == 1 else None


def _check_answer(endpoint: TlsEndpoint, answer: PlainAnswer) -> Iterator[Observation]:
    where = f"http://{bracketed(endpoint.host)}:{answer.port}"
    outcome, status = answer.outcome, answer.status
    if outcome == "unreachable":
        yield Undecided(where, answer.problem)
    if outcome != "answered":
        return
    # An endpoint that is registered with http answers there on purpose, and so does an API that signs its refusal.
    serves = answer.api or (not endpoint.tls and answer.port == endpoint.port)
    if status in _REFUSALS and not serves:
        return
    if 300 <= status < 400 and urlsplit(answer.location or "").scheme.lower() == "https":
        return
    if status >= 500 and not serves:
        if (endpoint.https.status or 500) >= 500:
            yield Undecided(where, f"it answers {status} to plain HTTP, and nothing better to https")
        return
    target = f" to {answer.location}" if answer.location else ""
    yield Finding(
        resource=f"{where} ({', '.join(endpoint.services[:3])})",
        rule="scs-0125/no_plain_http",
        title="plain HTTP is refused or redirected to https",
        expected="no connection, an error, or a redirection to https",
        observed=f"HTTP {status}{target}",
        hint="haproxy: http-request redirect scheme https unless { ssl_fc }; nginx: return 301 https://$host$request_uri",
    )
