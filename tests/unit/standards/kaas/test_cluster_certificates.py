# SPDX-License-Identifier: Apache-2.0
"""Ages of certificates, requests that wait, and the authority: on a frozen clock, around every limit."""

from __future__ import annotations

import datetime as dt

import pytest
from control_plane_cases import NOW, Told

from pytest_scs.core.cause import CauseKind
from pytest_scs.standards.kaas.certificates import (
    SigningRequest,
    Validity,
    check_authority,
    check_lifetime,
    check_pending,
    issued_to_kubelets,
    slim_request,
)
from pytest_scs.standards.kaas.credential import Credential, Method
from pytest_scs.standards.kaas.exposure import Endpoint, TlsEndpoints, certificates_shown
from pytest_scs.standards.kaas.unseen import Unseen

API = "serving certificate of the API server"
SILENT = Unseen("there was no TLS handshake with it", CauseKind.OUTAGE)


def validity(age: float, left: float) -> Validity:
    """A certificate so many days old, with so many days left."""
    return Validity(NOW - dt.timedelta(days=age), NOW + dt.timedelta(days=left))


@pytest.mark.parametrize(
    ("age", "left", "verdict", "said"),
    [
        (0, 365, "PASS", []),
        (366.5, 30, "PASS", [f"{API}: holds until 2026-07-15: it has to be renewed long before its end"]),
        (335, 31, "PASS", []),
        (367, 30, "FAIL", [(API, "certificate_renewed", "367 days old (since 2025-06-13)")]),
        (400, -0.1, "FAIL", [(API, "certificate_valid", "expired on 2026-06-15")]),
        (10, 0.001, "PASS", [f"{API}: expires in 0 days, on 2026-06-15"]),
        (10, 29.9, "PASS", [f"{API}: expires in 29 days, on 2026-07-15"]),
        (10, 30, "PASS", []),
        (10, 3640, "PASS", [f"{API}: holds until 2036-06-02: it has to be renewed long before its end"]),
    ],
)
def test_a_certificate_is_renewed_within_a_year(age: float, left: float, verdict: str, said: list[object]) -> None:
    told = Told.by(check_lifetime({API: validity(age, left)}, {}, NOW))
    assert told.verdict == verdict
    assert said == (told.remarks if verdict == "PASS" else told.offenders)


def test_every_certificate_that_is_seen_is_judged() -> None:
    old = validity(500, 500)
    seen = TlsEndpoints(
        Endpoint("", validity(1, 300), "refused"),
        (Endpoint("w1", old, "refused"), Endpoint("w2", SILENT, "no HTTP")),
        3,
    )
    own = Credential(Method.CERTIFICATE, "https", old, ())
    shown = certificates_shown(seen, own)
    issued = {
        f"serving certificate of the kubelet of node {name}": one for name, one in (("w1", validity(1, 1)), ("w3", old))
    }
    told = Told.by(check_lifetime(shown, issued, NOW))
    assert sorted(resource for resource, _, _ in told.offenders) == [
        "client certificate of the kubeconfig",
        "serving certificate of the kubelet of node w1",
        "serving certificate of the kubelet of node w3",
    ]
    assert told.reasons == [
        "serving certificate of the kubelet of node w2: cannot be judged: there was no TLS handshake with it"
    ]


def test_certificates_that_cannot_be_seen_are_not_judged() -> None:
    behind = Unseen("the API server is reached through a proxy")
    shown = certificates_shown(behind, Credential(Method.TOKEN, "https", None, ()))
    assert shown == {API: behind}
    assert Told.by(check_lifetime(shown, {}, NOW)).reasons == [
        f"{API}: cannot be judged: the API server is reached through a proxy"
    ]
    broken = Unseen("the certificate cannot be read")
    shown = certificates_shown(behind, Credential(Method.CERTIFICATE, "https", broken, ()))
    assert shown["client certificate of the kubeconfig"] == broken
    assert certificates_shown(behind, behind)["client certificate of the kubeconfig"] == behind


def request(name: str, hours: float, signer: str = "kubernetes.io/kubelet-serving", kind: str = "") -> SigningRequest:
    created = NOW - dt.timedelta(hours=hours)
    plain = {
        "metadata": {"name": name, "creationTimestamp": created.strftime("%Y-%m-%dT%H:%M:%SZ")},
        "spec": {"signerName": signer, "username": "system:node:w1", "request": "AAAA"},
        "status": {"conditions": [{"type": kind, "status": "True"}]} if kind else {},
    }
    return SigningRequest.from_plain(slim_request(plain))


def test_requests_of_kubelets_are_answered_within_an_hour() -> None:
    requests = [
        request("young", 0.99),
        request("edge", 1),
        request("late", 1.5),
        request("client", 30, "kubernetes.io/kube-apiserver-client-kubelet"),
        request("approved", 30, kind="Approved"),
        request("denied", 30, kind="Denied"),
        request("failed", 30, kind="Failed"),
        request("of-others", 30, "example.org/signer"),
    ]
    told = Told.by(check_pending(requests, NOW))
    assert told.offenders == [
        ("certificate signing request late", "request_answered", "pending for 1.5 h"),
        ("certificate signing request client", "request_answered", "pending for 30.0 h"),
    ]
    assert told.findings[0].hint.startswith("kubectl certificate approve late  # ")
    assert Told.by(check_pending([], NOW)).verdict == "PASS"


def test_who_asks_is_recorded_only_if_it_is_a_node() -> None:
    plain = {
        "metadata": {"name": "x", "creationTimestamp": "2026-06-01T00:00:00Z"},
        "spec": {"signerName": "kubernetes.io/kube-apiserver-client", "username": "jane@example.org"},
    }
    assert slim_request(plain)["requestor"] == ""


def test_the_newest_certificate_of_a_kubelet_counts() -> None:
    made = [
        SigningRequest("a", "kubernetes.io/kubelet-serving", "system:node:w1", NOW, True, validity(1, 1)),
        SigningRequest(
            "b", "kubernetes.io/kubelet-serving", "system:node:w1", NOW - dt.timedelta(1), True, validity(9, 9)
        ),
        SigningRequest("c", "kubernetes.io/kubelet-serving", "system:node:w2", NOW, False, None),
    ]
    assert issued_to_kubelets(made) == {"serving certificate of the kubelet of node w1": validity(1, 1)}
    assert issued_to_kubelets(SILENT) == {}


@pytest.mark.parametrize(
    ("left", "verdict", "said"),
    [
        ([365], "PASS", []),
        ([364.9], "PASS", ["certificate authority of the cluster: expires in 364 days, on 2027-06-15"]),
        ([30], "PASS", ["certificate authority of the cluster: expires in 30 days, on 2026-07-15"]),
        ([29.9], "FAIL", ["29 days (until 2026-07-15)"]),
        ([-1], "FAIL", ["expired on 2026-06-14"]),
        ([-1, 3650, 20], "PASS", []),
        ([-9, 20], "FAIL", ["20 days (until 2026-07-05)"]),
        ([], "ABORT", [CauseKind.NOT_GIVEN]),
    ],
)
def test_the_authority_that_ends_last_is_judged(left: list[float], verdict: str, said: list[object]) -> None:
    told = Told.by(check_authority([validity(100, days) for days in left], NOW))
    assert told.verdict == verdict
    assert (
        said
        == {
            "PASS": told.remarks,
            "FAIL": [observed for _, _, observed in told.offenders],
            "ABORT": told.kinds,
        }[verdict]
    )


def test_an_authority_that_cannot_be_read_is_not_judged() -> None:
    told = Told.by(check_authority(Unseen("the certificate cannot be read", CauseKind.MALFORMED), NOW))
    assert told.reasons == ["certificate authority of the cluster: cannot be judged: the certificate cannot be read"]
