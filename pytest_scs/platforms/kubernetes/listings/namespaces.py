# SPDX-License-Identifier: Apache-2.0
"""The namespaces, with the level of pod security that each of them enforces."""

from __future__ import annotations

from typing import Any

from pytest_scs.evidence.section import Section, each
from pytest_scs.platforms.kubernetes.client import Client
from pytest_scs.standards.kaas.pod_security import Namespace, slim_namespace


def _namespaces(client: Client) -> list[dict[str, Any]]:
    return [slim_namespace(namespace) for namespace in client.list("CoreV1Api", "list_namespace")]


SECTION = Section(
    name="namespaces",
    words="GET /api/v1/namespaces",
    summary="All namespaces, with the level of pod security that each of them enforces.",
    load=each(Namespace.from_plain),
    read=_namespaces,
)
