# SPDX-License-Identifier: Apache-2.0
"""A node that gives itself a label which is not for nodes to give; nothing is stored (dry run)."""

from __future__ import annotations

import secrets
import urllib.parse
from collections.abc import Mapping
from typing import Any

from pytest_scs.base.fields import Fields
from pytest_scs.base.words import shown
from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.evidence.section import Section, single
from pytest_scs.platforms.kubernetes.client import Answer, Client
from pytest_scs.platforms.kubernetes.listings import nodes
from pytest_scs.platforms.kubernetes.probing import Probing
from pytest_scs.platforms.kubernetes.tried import tried
from pytest_scs.standards.kaas.admission import Attempt
from pytest_scs.standards.kaas.model import part

_WHO_AM_I = "/apis/authentication.k8s.io/v1/selfsubjectreviews"


def probe(probing: Probing) -> dict[str, Any]:
    """``status`` and ``message`` of the answer; raises Inconclusive if there is no node, or it may not be tried."""
    names = [node.name for node in nodes.SECTION.typed(probing.inventory)]
    if not names:
        raise Inconclusive("there is no node whose place could be taken")
    path = f"/api/v1/nodes/{urllib.parse.quote(names[0], safe='')}?dryRun=All"
    user = f"system:node:{names[0]}"
    node = {"Impersonate-User": user, "Impersonate-Group": "system:nodes"}
    headers = {**node, "Content-Type": "application/merge-patch+json"}
    label = {f"node-restriction.kubernetes.io/scs-{secrets.token_hex(3)}": "probe"}
    body = {"metadata": {"labels": label}}

    def attempt() -> Answer:
        return probing.client.raw("PATCH", path, headers=headers, body=body, again=True)

    def is_labelled(stored: Mapping[str, Any]) -> bool:
        metadata = stored.get("metadata")
        labels = metadata.get("labels") if isinstance(metadata, dict) else None
        return stored.get("kind") == "Node" and isinstance(labels, dict) and label.items() <= labels.items()

    found = tried(attempt, ("cannot impersonate",), is_labelled)
    if 200 <= found["status"] < 300:
        _require_taken_for(probing.client, user, node)
    return found


def _require_taken_for(client: Client, user: str, headers: Mapping[str, str]) -> None:
    """Raise Inconclusive unless the API server takes who sends these headers for that user.

    Something in between may drop them, and then it was we who were allowed to do it.
    """
    body = {"kind": "SelfSubjectReview", "apiVersion": "authentication.k8s.io/v1"}
    try:
        answer = client.raw("POST", _WHO_AM_I, headers=headers, body=body, again=True).of_kind("SelfSubjectReview")
        name = Fields("user", part(part(answer, "status"), "userInfo")).text("username", "")
    except Inconclusive as error:
        raise Inconclusive(f"for whom the API server took us cannot be told: {error}", error.kind) from None
    if name != user:
        raise Inconclusive(f"the API server took us for {shown(name) or 'nobody'}, not for {user}", CauseKind.MALFORMED)


SECTION = Section(
    name="node_restriction",
    words="PATCH /api/v1/nodes/NODE as that node (dry run)",
    summary="What becomes of a node that gives itself a label which is not for nodes to give.",
    load=single(Attempt.from_plain),
    probe=probe,
    needs=(nodes.SECTION.name,),
)
