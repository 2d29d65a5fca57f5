# SPDX-License-Identifier: Apache-2.0
"""Ports of the control plane and of kubelets, tried at the external addresses of nodes."""

from __future__ import annotations

from typing import Any

from pytest_scs.evidence.limit import Limit
from pytest_scs.evidence.section import Section, single
from pytest_scs.platforms.kubernetes import bounds, ports
from pytest_scs.platforms.kubernetes.listings import nodes
from pytest_scs.platforms.kubernetes.probing import Probing
from pytest_scs.platforms.kubernetes.spread import spread
from pytest_scs.standards.kaas.exposure import PORTS, ExternalPorts

#: A port where nobody listens: whoever is let in there is let in everywhere by something in between.
NOBODY = 1


def probe(probing: Probing) -> dict[str, Any]:
    """``nodes``, each with an external ``address`` and its ``open`` ports or a ``problem``; ``own`` addresses.

    With ``proxy`` nothing is tried: what cannot be reached directly looks closed.
    """
    every = nodes.SECTION.typed(probing.inventory)
    targets = [(node.name, text) for node in every for kind, text in node.addresses if kind == "ExternalIP"]
    if ports.behind_proxy(probing.client):
        return {"nodes": [_entry(*target, "not tried") for target in targets], "own": [], "proxy": True}
    tries = [(address, port) for _, address in targets for port in (*PORTS, NOBODY)]
    limit = Limit.of(probing.patiently(bounds.NODES))
    own: set[str] = set()

    def attempt(one: tuple[str, int]) -> bool | None:
        return _attempt(*one, own)

    found = spread(attempt, tries, bounds.PORTS_AT_ONCE, limit, probing.cancelled)
    by_address: dict[str, dict[int, bool | None]] = {}
    for number, (address, port) in enumerate(tries):
        by_address.setdefault(address, {})[port] = found.get(number)
    entries = [_judged(name, address, by_address[address]) for name, address in targets]
    own.update(filter(None, (ports.own_address(address) for _, address in targets[:1])))
    return {"nodes": entries, "own": sorted(own), "proxy": False}


def _attempt(address: str, port: int, own: set[str]) -> bool | None:
    """Whether a port lets us in; None if this machine has no way there."""
    try:
        connection = ports.connect(address, port, bounds.PORT)
    except ports.NoWay:
        return None
    if connection is None:
        return False
    with connection:
        own.add(str(connection.getsockname()[0]))
    return True


def _judged(name: str, address: str, tried: dict[int, bool | None]) -> dict[str, Any]:
    if any(state is None for state in tried.values()):
        return _entry(name, address, "this machine has no way to its external address, or not all ports were tried")
    if tried[NOBODY]:
        return _entry(name, address, f"even port {NOBODY} lets everybody in: something in between answers for it")
    return {**_entry(name, address, ""), "open": [{"port": port} for port, state in tried.items() if state]}


def _entry(name: str, address: str, problem: str) -> dict[str, Any]:
    return {"node": name, "address": address, "open": [], "problem": problem}


SECTION = Section(
    name="external_ports",
    words="connections to ports of external addresses of nodes",
    summary="Ports of the control plane and of kubelets that can be reached from outside.",
    load=single(ExternalPorts.from_plain),
    probe=probe,
    needs=(nodes.SECTION.name,),
)
