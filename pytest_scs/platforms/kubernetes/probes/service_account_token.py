# SPDX-License-Identifier: Apache-2.0
"""A token for a throw-away service account, and what a review says of it."""

from __future__ import annotations

from typing import Any

from pytest_scs.base.fields import Fields
from pytest_scs.evidence.section import Section, single
from pytest_scs.platforms.kubernetes.client import Client
from pytest_scs.platforms.kubernetes.probing import Probing
from pytest_scs.standards.kaas.authorization import ServiceAccountToken
from pytest_scs.standards.kaas.model import part

_NAME = "scs-probe"

#: Seconds that the token holds: the fewest that may be asked for.
_SECONDS = 600


def probe(probing: Probing) -> dict[str, Any]:
    """``authenticated``, whose the token is (``user``) and whose it should be (``expected``); raises Inconclusive."""
    client = probing.client
    namespace = probing.janitor.namespace("0217", furnished=False)
    probing.janitor.create("serviceaccount", namespace, _NAME, {"apiVersion": "v1", "kind": "ServiceAccount"})
    token = _token(client, namespace)
    probing.conceal([token])
    body = {"kind": "TokenReview", "apiVersion": "authentication.k8s.io/v1", "spec": {"token": token}}
    answer = client.call("AuthenticationV1Api", "create_token_review", body).of_kind("TokenReview")
    probing.janitor.discard(namespace)
    status = Fields("review", answer).fields("status")
    return {
        "authenticated": status.truth("authenticated", False),
        "expected": f"system:serviceaccount:{namespace}:{_NAME}",
        "user": Fields("user", part(status.content, "user")).text("username", ""),
    }


def _token(client: Client, namespace: str) -> str:
    body = {
        "kind": "TokenRequest",
        "apiVersion": "authentication.k8s.io/v1",
        "spec": {"audiences": [], "expirationSeconds": _SECONDS},
    }
    answer = client.get("CoreV1Api", "create_namespaced_service_account_token", _NAME, namespace, body, again=True)
    return Fields("token", part(answer, "status")).name("token")


SECTION = Section(
    name="service_account_token",
    words="POST serviceaccounts/NAME/token, POST tokenreviews",
    summary="What a review says of a new token of a service account.",
    load=single(ServiceAccountToken.from_plain),
    probe=probe,
    creates="a namespace with a service account",
)
