# SPDX-License-Identifier: Apache-2.0
"""scs-0220: the software of nodes, as far as they tell of it (document: scs-0220-v1, a draft)."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from pytest_scs.base.shell import command
from pytest_scs.base.words import some
from pytest_scs.core.findings import Finding, Observation, Remark, Undecided, show
from pytest_scs.standards.kaas.model import Node
from pytest_scs.standards.kaas.node_distribution import is_control_plane

#: What a node tells of its software: key of its ``nodeInfo`` -> what it is.
_TOLD: Final = {
    "osImage": "operating systems",
    "kernelVersion": "kernels",
    "containerRuntimeVersion": "container runtimes",
}

#: Labels that name the pool of a node.
_POOLS: Final = (
    "worker.gardener.cloud/pool",
    "cluster.x-k8s.io/deployment-name",
    "topology.cluster.x-k8s.io/deployment-name",
    "eks.amazonaws.com/nodegroup",
    "cloud.google.com/gke-nodepool",
    "kubernetes.azure.com/agentpool",
)

# How releases name themselves; the first group is the version. Those that are not here are not judged.
_NAMES: Final = {
    "Ubuntu": re.compile(r"Ubuntu (\d{2}\.\d{2})\b"),
    "Debian": re.compile(r"Debian GNU/Linux (\d{1,2})\b"),
    "CentOS Stream": re.compile(r"CentOS Stream (?:release )?(\d+)\b"),
    "CentOS Linux": re.compile(r"CentOS Linux (?:release )?(\d+)\b"),
    "Red Hat Enterprise Linux": re.compile(r"Red Hat Enterprise Linux (?:Server )?(?:release )?(\d+)(?:\.\d+)?\b"),
    "AlmaLinux": re.compile(r"AlmaLinux (\d+)(?:\.\d+)?\b"),
    "Rocky Linux": re.compile(r"Rocky Linux (\d+)(?:\.\d+)?\b"),
    "openSUSE Leap": re.compile(r"openSUSE Leap (\d+\.\d+)\b"),
    "Fedora": re.compile(r"Fedora (?:Linux |CoreOS )?(\d{2})\b"),
}

#: The last day on which there are security updates for everybody, by release (docs/standards/scs-0220.md#end-of-life).
#: A release that is not here may be newer than this table.
_LAST_DAYS: Final = {
    "Ubuntu 14.04": dt.date(2019, 4, 25),
    "Ubuntu 16.04": dt.date(2021, 4, 30),
    "Ubuntu 18.04": dt.date(2023, 5, 31),
    "Ubuntu 19.10": dt.date(2020, 7, 17),
    "Ubuntu 20.04": dt.date(2025, 5, 31),
    "Ubuntu 20.10": dt.date(2021, 7, 22),
    "Ubuntu 21.04": dt.date(2022, 1, 20),
    "Ubuntu 21.10": dt.date(2022, 7, 14),
    "Ubuntu 22.04": dt.date(2027, 6, 1),
    "Ubuntu 22.10": dt.date(2023, 7, 20),
    "Ubuntu 23.04": dt.date(2024, 1, 25),
    "Ubuntu 23.10": dt.date(2024, 7, 11),
    "Ubuntu 24.04": dt.date(2029, 5, 31),
    "Ubuntu 24.10": dt.date(2025, 7, 10),
    "Ubuntu 25.04": dt.date(2026, 1, 15),
    "Ubuntu 25.10": dt.date(2026, 7, 9),
    "Ubuntu 26.04": dt.date(2031, 5, 29),
    "Debian 8": dt.date(2020, 6, 30),
    "Debian 9": dt.date(2022, 6, 30),
    "Debian 10": dt.date(2024, 6, 30),
    "Debian 11": dt.date(2026, 8, 31),
    "Debian 12": dt.date(2028, 6, 30),
    "Debian 13": dt.date(2030, 6, 30),
    "CentOS Linux 6": dt.date(2020, 11, 30),
    "CentOS Linux 7": dt.date(2024, 6, 30),
    "CentOS Linux 8": dt.date(2021, 12, 31),
    "CentOS Stream 8": dt.date(2024, 5, 31),
    "CentOS Stream 9": dt.date(2027, 5, 31),
    "Red Hat Enterprise Linux 6": dt.date(2020, 11, 30),
    "Red Hat Enterprise Linux 7": dt.date(2024, 6, 30),
    "Red Hat Enterprise Linux 8": dt.date(2029, 5, 31),
    "Red Hat Enterprise Linux 9": dt.date(2032, 5, 31),
    "AlmaLinux 8": dt.date(2029, 3, 1),
    "AlmaLinux 9": dt.date(2032, 5, 31),
    "Rocky Linux 8": dt.date(2029, 5, 31),
    "Rocky Linux 9": dt.date(2032, 5, 31),
    "openSUSE Leap 15.1": dt.date(2021, 1, 31),
    "openSUSE Leap 15.2": dt.date(2021, 12, 31),
    "openSUSE Leap 15.3": dt.date(2022, 12, 31),
    "openSUSE Leap 15.4": dt.date(2023, 12, 7),
    "openSUSE Leap 15.5": dt.date(2024, 12, 31),
    "openSUSE Leap 15.6": dt.date(2026, 4, 30),
    "Fedora 37": dt.date(2023, 12, 5),
    "Fedora 38": dt.date(2024, 5, 21),
    "Fedora 39": dt.date(2024, 11, 26),
    "Fedora 40": dt.date(2025, 5, 13),
    "Fedora 41": dt.date(2025, 12, 15),
}

#: Values of one pool that are told.
_VALUES: Final = 10


def check_software(nodes: Sequence[Node], now: dt.datetime) -> Iterator[Observation]:
    """Images of nodes hold no unmaintained software; only the end of life of the operating system can be seen.

    Source: scs-0220-v1, a draft (docs/standards/scs-0220.md#scs-0220-x-node-software). ``now`` is UTC. There is no
    PASS: what a node tells is a small part of its software.
    """
    for node in nodes:
        release = release_of(node.info.get("osImage", ""))
        last = _LAST_DAYS.get(release)
        if last and now.date() > last:
            yield Finding(
                resource=f"node {node.name}",
                rule="scs-0220/operating_system_maintained",
                title="the operating system is maintained",
                expected="a release with security updates",
                observed=f"{release}, which had them until {last}",
                hint="replace it by a node with a newer image, after "
                f"{command(['kubectl', 'drain', '--ignore-daemonsets'], node.name)}; "
                "a paid extension of maintenance cannot be seen",
            )
    yield Undecided("nodes", "only an inventory is possible" if nodes else "the cluster has none")
    yield from inventory(nodes)


def release_of(image: str) -> str:
    """The release that an ``osImage`` names, as in the table of ends of life; empty if it is no known name."""
    for name, pattern in _NAMES.items():
        if found := pattern.match(image):
            return f"{name} {found[1]}"
    return ""


def inventory(nodes: Sequence[Node]) -> Iterator[Remark]:
    """What the nodes tell of their software, pool by pool; several values in one pool are worth a warning."""
    pools: dict[str, list[Node]] = defaultdict(list)
    for node in nodes:
        pools[_pool(node)].append(node)
    for pool, members in sorted(pools.items()):
        for key, words in _TOLD.items():
            by_value = defaultdict(list)
            for node in members:
                by_value[node.info.get(key) or "not told"].append(node.name)
            told = [f"{show(value)}: {some(names)}" for value, names in sorted(by_value.items())]
            values = "; ".join(told[:_VALUES]) + (f"; {len(told) - _VALUES} more" if len(told) > _VALUES else "")
            if len(by_value) > 1:
                yield Remark(f"{len(by_value)} different {words}: {values}", pool)
            else:
                yield Remark(f"{words}: {values}", pool, public=False)


def _pool(node: Node) -> str:
    if is_control_plane(node):
        return "control plane"
    name = next((node.labels[label] for label in _POOLS if node.labels.get(label)), "")
    return f"pool {name}" if name else "workers"
