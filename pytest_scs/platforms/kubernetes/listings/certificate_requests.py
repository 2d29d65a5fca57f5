# SPDX-License-Identifier: Apache-2.0
"""The certificate signing requests, with the validity of what was issued."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_scs.core.cause import Inconclusive
from pytest_scs.evidence.section import Section, each
from pytest_scs.platforms.kubernetes import certificate_facts
from pytest_scs.platforms.kubernetes.client import Client
from pytest_scs.standards.kaas.certificates import SERVING, SigningRequest, slim_request
from pytest_scs.standards.kaas.model import part


def _requests(client: Client) -> list[dict[str, Any]]:
    found = client.list("CertificatesV1Api", "list_certificate_signing_request")
    return [{**slim_request(request), **_issued(request)} for request in found]


def _issued(request: Mapping[str, Any]) -> dict[str, Any]:
    """When the serving certificate of a kubelet holds that was issued; nothing where there is none to be read."""
    content = part(request, "status").get("certificate")
    if not content or part(request, "spec").get("signerName") != SERVING:
        return {}
    try:
        return {"issued": certificate_facts.of_pem(certificate_facts.decoded(content))[0]}
    except Inconclusive:
        return {}


SECTION = Section(
    name="certificate_requests",
    words="GET /apis/certificates.k8s.io/v1/certificatesigningrequests",
    summary="All certificate signing requests.",
    load=each(SigningRequest.from_plain),
    read=_requests,
)
