# SPDX-License-Identifier: Apache-2.0
"""The nodes."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pytest_scs.base.fields import FormError
from pytest_scs.evidence.section import Entries, Section, each
from pytest_scs.platforms.kubernetes.client import Client
from pytest_scs.standards.kaas.model import Node, slim_node


def _nodes(client: Client) -> list[dict[str, Any]]:
    return [slim_node(node) for node in client.list("CoreV1Api", "list_node")]


def _load(entries: Entries) -> list[Node]:
    """The nodes, each once; raises FormError."""
    found = each(Node.from_plain)(entries)
    if len({node.name for node in found}) < len(found):
        again, _ = Counter(node.name for node in found).most_common(1)[0]
        raise FormError(f"expected every node once, and node {again} is there again")
    return found


SECTION = Section(
    name="nodes",
    words="GET /api/v1/nodes",
    summary="All nodes of the cluster.",
    load=_load,
    read=_nodes,
)
