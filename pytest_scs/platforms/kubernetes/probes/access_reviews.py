# SPDX-License-Identifier: Apache-2.0
"""What the API server says others may do, which shows who authorizes. Reviews create nothing."""

from __future__ import annotations

import secrets
from typing import Any

from pytest_scs.base.fields import Fields
from pytest_scs.evidence.section import Section, single
from pytest_scs.platforms.kubernetes.client import Client
from pytest_scs.platforms.kubernetes.listings import nodes
from pytest_scs.platforms.kubernetes.probing import Probing
from pytest_scs.standards.kaas.authorization import AccessReviews
from pytest_scs.standards.kaas.model import part

_EVERYBODY = "system:authenticated"


def probe(probing: Probing) -> dict[str, Any]:
    """``node``, ``own`` and ``nobody``, each with ``allowed``, ``denied`` and ``reason``; raises Inconclusive."""
    client, stranger = probing.client, f"scs-nobody-{secrets.token_hex(4)}"
    secret = {"verb": "get", "resource": "secrets", "namespace": "kube-system"}
    own = {"verb": "create", "group": "authentication.k8s.io", "resource": "selfsubjectreviews"}
    found: dict[str, Any] = {
        "own": _review(client, stranger, [_EVERYBODY], own),
        "nobody": _review(client, stranger, [_EVERYBODY], secret),
    }
    for node in nodes.SECTION.typed(probing.inventory)[:1]:
        # One that does not exist: nobody can need it.
        missing = {**secret, "name": f"scs-{secrets.token_hex(8)}"}
        found["node"] = _review(client, f"system:node:{node.name}", ["system:nodes", _EVERYBODY], missing)
    return found


def _review(client: Client, user: str, groups: list[str], attributes: dict[str, str]) -> dict[str, Any]:
    spec = {"user": user, "groups": groups, "resourceAttributes": attributes}
    body = {"kind": "SubjectAccessReview", "apiVersion": "authorization.k8s.io/v1", "spec": spec}
    answer = client.call("AuthorizationV1Api", "create_subject_access_review", body).of_kind("SubjectAccessReview")
    status = Fields("review", part(answer, "status"))
    return {
        "allowed": status.truth("allowed"),
        "denied": status.truth("denied", False),
        "reason": status.text("reason", ""),
    }


SECTION = Section(
    name="access_reviews",
    words="POST subjectaccessreviews",
    summary="What nodes, users and strangers may do, and which authorizer says so.",
    load=single(AccessReviews.from_plain),
    probe=probe,
    needs=(nodes.SECTION.name,),
)
