# SPDX-License-Identifier: Apache-2.0
"""scs-0213: redundancy of nodes (document: scs-0213-v1, a draft). More: docs/standards/scs-0213.md."""

from __future__ import annotations

import pytest

from pytest_scs.core.collector import Collector
from pytest_scs.standards.kaas import node_distribution as standard
from pytest_scs.standards.kaas.model import Node


@pytest.mark.scs("scs-0213-x-control-plane-redundancy")
def test_scs_0213_x_control_plane_redundancy(scs: Collector, nodes: list[Node]) -> None:
    """At least two nodes of the control plane are ready.

    Source: scs-0213-v1. Fails when fewer are; aborts when the control plane is not part of the cluster, and when the
    nodes cannot be read.
    """
    scs.whole("nodes", nodes, standard.check_control_plane_redundancy)
