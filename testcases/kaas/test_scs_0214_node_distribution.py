# SPDX-License-Identifier: Apache-2.0
"""scs-0214: distribution of nodes (document: scs-0214-v2). More: docs/standards/scs-0214.md."""

from __future__ import annotations

import pytest

from pytest_scs.core.collector import Collector
from pytest_scs.standards.kaas import node_distribution as standard
from pytest_scs.standards.kaas.model import Node


@pytest.mark.scs("scs-0214-x-node-labels")
def test_scs_0214_x_node_labels(scs: Collector, nodes: list[Node]) -> None:
    """Every node MUST have the labels of its zone and its region.

    Source: scs-0214-v2. Fails when a node lacks one of them, or its value is empty; aborts when the nodes cannot be
    read, or there are none.
    """
    scs.whole("nodes", nodes, standard.check_labels)


@pytest.mark.scs("scs-0214-x-control-plane-zones")
def test_scs_0214_x_control_plane_zones(scs: Collector, nodes: list[Node]) -> None:
    """The nodes of the control plane SHOULD be spread over several failure zones.

    Source: scs-0214-v2. Fails when there is one node, or one zone; aborts when the control plane is not part of the
    cluster, when one of its nodes has no labels, and when the nodes cannot be read.
    """
    scs.whole("nodes", nodes, standard.check_control_plane_zones)


@pytest.mark.scs("scs-0214-x-worker-zones")
def test_scs_0214_x_worker_zones(scs: Collector, nodes: list[Node]) -> None:
    """Workers are RECOMMENDED to be spread over several failure zones.

    Source: scs-0214-v2. Fails when all are in one zone; aborts when there are fewer than two, when one of them has no
    labels, and when the nodes cannot be read.
    """
    scs.whole("nodes", nodes, standard.check_worker_zones)
