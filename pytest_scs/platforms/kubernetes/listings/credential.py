# SPDX-License-Identifier: Apache-2.0
"""What the kubeconfig holds, without secrets, and how the API server authenticates us."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping
from typing import Any

from pytest_scs.base.fields import Fields
from pytest_scs.core.cause import Inconclusive
from pytest_scs.evidence.section import Section, single
from pytest_scs.platforms.kubernetes import certificate_facts
from pytest_scs.platforms.kubernetes.client import Client
from pytest_scs.standards.kaas.credential import Credential, Method
from pytest_scs.standards.kaas.model import part

_CREDENTIAL_ID = "authentication.kubernetes.io/credential-id"
_PLUGINS = ("exec", "auth-provider")


def _credential(client: Client) -> list[dict[str, Any]]:
    user, cluster = client.access.user, client.access.cluster
    found = {"method": str(_method(client, user)), "scheme": urllib.parse.urlsplit(client.server).scheme}
    return [{**found, **_own(user), **_authorities(cluster)}]


def _method(client: Client, user: Mapping[str, Any]) -> Method:
    """How the API server authenticated us, by what it says of us; what it does not say is in the kubeconfig."""
    review = client.call("AuthenticationV1Api", "create_self_subject_review", {"kind": "SelfSubjectReview"}).mapping
    info = Fields("user", part(part(review, "status"), "userInfo"))
    name = info.text("username", "")
    credential = "".join(Fields("extra", part(info.content, "extra")).texts(_CREDENTIAL_ID)[:1])
    if name.startswith("system:serviceaccount:"):
        return Method.SERVICE_ACCOUNT
    if name.startswith("system:bootstrap:"):
        return Method.BOOTSTRAP
    if credential.startswith("X509"):
        return Method.CERTIFICATE
    if not name or name == "system:anonymous":
        # What is shown and not looked at is no method: it may be a token of a service account.
        return Method.UNKNOWN
    if any(user.get(key) for key in _PLUGINS):
        return Method.PLUGIN
    if user.get("token") or user.get("tokenFile"):
        return Method.TOKEN
    return Method.CERTIFICATE if user.get("client-certificate-data") else Method.UNKNOWN


def _own(user: Mapping[str, Any]) -> dict[str, Any]:
    """When our client certificate holds, or why that is not known; nothing where we have none."""
    try:
        if content := _content(user, "client-certificate"):
            return {"certificate": certificate_facts.of_pem(content)[0]}
    except Inconclusive as error:
        return {"certificate_problem": str(error)}
    return {}


def _authorities(cluster: Mapping[str, Any]) -> dict[str, Any]:
    try:
        content = _content(cluster, "certificate-authority")
        return {"authorities": certificate_facts.of_pem(content) if content else []}
    except Inconclusive as error:
        return {"authorities_problem": str(error)}


def _content(holder: Mapping[str, Any], key: str) -> bytes:
    """What is in the kubeconfig under a key, where files that it names are embedded; empty if nothing is."""
    data = holder.get(f"{key}-data")
    return certificate_facts.decoded(data) if data else b""


SECTION = Section(
    name="credential",
    words="the kubeconfig, and POST selfsubjectreviews",
    summary="What the kubeconfig holds, without secrets, and how the API server authenticates us.",
    load=single(Credential.from_plain),
    read=_credential,
)
