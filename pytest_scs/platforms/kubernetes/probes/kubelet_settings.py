# SPDX-License-Identifier: Apache-2.0
"""The settings of every kubelet, which the API server fetches from it."""

from __future__ import annotations

from typing import Any

from pytest_scs.base.fields import FormError
from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.evidence.limit import Limit
from pytest_scs.evidence.section import Section, single
from pytest_scs.platforms.kubernetes import bounds
from pytest_scs.platforms.kubernetes.client import Client
from pytest_scs.platforms.kubernetes.listings import nodes
from pytest_scs.platforms.kubernetes.probing import Probing
from pytest_scs.platforms.kubernetes.spread import spread
from pytest_scs.standards.kaas.kubelets import read_kubelets, slim_configuration

#: Kinds of causes that may be gone at a second look.
_PASSING = (str(CauseKind.OUTAGE), str(CauseKind.TIMEOUT))


def probe(probing: Probing) -> dict[str, Any]:
    """One entry of ``kubelets`` for each node: its settings, or the ``problem`` that kept them from being read."""
    names = [node.name for node in nodes.SECTION.typed(probing.inventory)]
    limit = Limit.of(probing.patiently(bounds.NODES))

    def ask(name: str) -> dict[str, Any]:
        return _settings(probing.client, name)

    found = spread(ask, names, bounds.NODES_AT_ONCE, limit, probing.cancelled)
    # Once more where it may have been for a moment only; not longer, since there may be many nodes that are gone.
    again = [number for number, settings in found.items() if settings.get("kind") in _PASSING]
    repeated = spread(lambda number: ask(names[number]), again, bounds.NODES_AT_ONCE, limit, probing.cancelled)
    found.update({again[position]: settings for position, settings in repeated.items()})
    late = {"problem": f"it was not reached {limit.words}", "kind": str(CauseKind.TIMEOUT)}
    return {"kubelets": [{"node": name, **found.get(number, late)} for number, name in enumerate(names)]}


def _settings(client: Client, node: str) -> dict[str, Any]:
    try:
        method = "connect_get_node_proxy_with_path"
        return slim_configuration(client.get("CoreV1Api", method, node, "configz", again=False))
    except Inconclusive as error:
        return {"problem": str(error), "kind": str(error.kind)}
    except FormError as error:
        return {"problem": str(error), "kind": str(CauseKind.MALFORMED)}


SECTION = Section(
    name="kubelet_settings",
    words="GET /api/v1/nodes/NODE/proxy/configz",
    summary="The settings of every kubelet.",
    load=single(read_kubelets),
    probe=probe,
    needs=(nodes.SECTION.name,),
)
