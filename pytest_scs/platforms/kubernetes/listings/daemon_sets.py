# SPDX-License-Identifier: Apache-2.0
"""The names of the daemon sets, which tell the network plugin."""

from __future__ import annotations

from typing import Any

from pytest_scs.evidence.section import Section, each
from pytest_scs.platforms.kubernetes.client import Client
from pytest_scs.standards.kaas.network_model import DaemonSet, slim_daemon_set


def _daemon_sets(client: Client) -> list[dict[str, Any]]:
    return [slim_daemon_set(one) for one in client.list("AppsV1Api", "list_daemon_set_for_all_namespaces")]


SECTION = Section(
    name="daemon_sets",
    words="GET /apis/apps/v1/daemonsets",
    summary="The names of all daemon sets of the cluster.",
    load=each(DaemonSet.from_plain),
    read=_daemon_sets,
)
