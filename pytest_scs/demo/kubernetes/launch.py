# SPDX-License-Identifier: Apache-2.0
"""Starting an embedded cluster, and the kubeconfig with which clients find it."""

from __future__ import annotations

from typing import Any

from pytest_scs.demo.kubernetes.presets import preset
from pytest_scs.demo.kubernetes.server import DemoCluster


def launch(name: str) -> tuple[DemoCluster, dict[str, Any]]:
    """Start ``demo`` or ``demo:vanilla`` on a free port, which the caller stops; returns its kubeconfig as well."""
    cluster = DemoCluster(preset(name.endswith(":vanilla")))
    cluster.start()
    return cluster, cluster.kubeconfig(name)
