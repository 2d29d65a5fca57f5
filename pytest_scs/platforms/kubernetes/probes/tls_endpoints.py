# SPDX-License-Identifier: Apache-2.0
"""The certificates that the API server and kubelets show, and what they answer without TLS."""

from __future__ import annotations

from typing import Any

from pytest_scs.core.cause import Inconclusive
from pytest_scs.evidence.limit import Limit
from pytest_scs.evidence.section import Section, single
from pytest_scs.platforms.kubernetes import bounds, ports
from pytest_scs.platforms.kubernetes.listings import nodes
from pytest_scs.platforms.kubernetes.probing import Probing
from pytest_scs.platforms.kubernetes.spread import spread
from pytest_scs.standards.kaas.exposure import TlsEndpoints
from pytest_scs.standards.kaas.model import Node

KUBELET_PORT = 10250

#: So many nodes are tried first; if none of them can be reached, the others are not tried.
_FIRST = 4

#: Which addresses of a node are tried.
_KINDS = ("InternalIP", "ExternalIP")


def probe(probing: Probing) -> dict[str, Any]:
    """``server`` and ``kubelets``, each with ``certificate`` or ``problem``, and what it answers without TLS.

    ``unreachable`` counts nodes whose kubelets cannot be reached from here. Raises Inconclusive if a proxy is between.
    """
    client = probing.client
    if ports.behind_proxy(client):
        raise Inconclusive("the API server is reached through a proxy, so its own port cannot be spoken to")
    host, port, name = ports.server_address(client)
    server = _spoken_to(host, port, name, bounds.CONNECT)
    limit = Limit.of(probing.patiently(bounds.NODES))
    every = nodes.SECTION.typed(probing.inventory)
    kubelets: list[dict[str, Any]] = []
    for some in (every[:_FIRST], every[_FIRST:]):
        found = spread(_kubelet, some, bounds.PORTS_AT_ONCE, limit, probing.cancelled)
        kubelets += [entry for _, entry in sorted(found.items()) if entry]
        if not kubelets:
            break
    return {"server": server, "kubelets": kubelets, "unreachable": len(every) - len(kubelets)}


def _kubelet(node: Node) -> dict[str, Any]:
    """What the kubelet of a node shows; empty if it cannot be reached from here."""
    for kind in _KINDS:
        for address in (text for one, text in node.addresses if one == kind):
            try:
                connection = ports.connect(address, KUBELET_PORT, bounds.PORT)
            except ports.NoWay:
                continue
            if connection is not None:
                connection.close()
                return {"node": node.name, **_spoken_to(address, KUBELET_PORT, node.name, bounds.PORT)}
    return {}


def _spoken_to(host: str, port: int, name: str, seconds: float) -> dict[str, Any]:
    found: dict[str, Any]
    try:
        found = {"certificate": ports.certificate(host, port, name, seconds)}
    except Inconclusive as error:
        found = {"problem": str(error)}
    return {**found, "plain": ports.plain_answer(host, port, seconds)}


SECTION = Section(
    name="tls_endpoints",
    words="TLS handshakes with the API server and with port 10250 of nodes",
    summary="The certificates that the API server and kubelets show, and what they answer without TLS.",
    load=single(TlsEndpoints.from_plain),
    probe=probe,
    needs=(nodes.SECTION.name,),
)
