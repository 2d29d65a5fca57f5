# SPDX-License-Identifier: Apache-2.0
"""How much of its quota the project uses, in the words of ``CloudState.quota``."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_scs.demo.openstack.state import CloudState

_COUNTED = ("volumes", "snapshots", "backups", "networks", "subnets", "ports", "routers", "security_groups", "secrets")


def used(state: CloudState) -> dict[str, int]:
    """What the project has of everything a quota may limit; RAM in MiB, sizes in GiB."""
    counts = {kind: sum(map(state.owns, getattr(state, kind))) for kind in _COUNTED}
    return counts | {
        "instances": len(state.servers),
        "cores": sum(server["_flavor"]["vcpus"] for server in state.servers),
        "ram": sum(server["_flavor"]["ram"] for server in state.servers),
        "gigabytes": sum(item["size"] for item in [*state.volumes, *state.snapshots]),
        "backup_gigabytes": sum(backup["size"] for backup in state.backups),
        "security_group_rules": sum(len(group["security_group_rules"]) for group in state.security_groups),
        "floatingips": 0,
    }


def limit(state: CloudState, name: str) -> int:
    """The quota of this name; -1 if there is none."""
    return state.quota.get(name, -1)


def exceeded(state: CloudState, wanted: Mapping[str, int]) -> list[str]:
    """The names of the quotas that so much more would exceed, in the order they are given."""
    has = used(state)
    return [name for name, count in wanted.items() if 0 <= limit(state, name) < has[name] + count]
