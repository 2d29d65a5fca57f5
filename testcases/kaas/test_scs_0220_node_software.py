# SPDX-License-Identifier: Apache-2.0
"""scs-0220: software of nodes (document: scs-0220-v1, a draft). More: docs/standards/scs-0220.md."""

from __future__ import annotations

import datetime as dt

import pytest

from pytest_scs.core.collector import Collector
from pytest_scs.standards.kaas import node_software as standard
from pytest_scs.standards.kaas.model import Node


@pytest.mark.scs("scs-0220-x-node-software")
def test_scs_0220_x_node_software(scs: Collector, nodes: list[Node], now: dt.datetime) -> None:
    """Images of nodes hold no unmaintained software.

    Source: scs-0220-v1. Fails for an operating system beyond its end of life. Never passes: nodes tell a small part of
    their software, so anything else aborts with an inventory.
    """
    scs.whole("nodes", nodes, lambda found: standard.check_software(found, now))
