# SPDX-License-Identifier: Apache-2.0
"""An address of a node at which somebody may listen, without being seen in the clusters of tests in other processes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_scs.demo.kubernetes.state import ClusterState


def take_external_address(state: ClusterState, name: str) -> str:
    """Give a node an external address of the loopback interface that only this process knows, and return it.

    All embedded clusters have the same addresses: a port that one test opens at them is open to all others.
    """
    high, low = divmod(os.getpid() % 62500, 250)
    [node] = [node for node in state.nodes if node["metadata"]["name"] == name]
    [entry] = [entry for entry in node["status"]["addresses"] if entry["type"] == "ExternalIP"]
    entry["address"] = f"127.12.{high}.{low + 1}"
    return str(entry["address"])
