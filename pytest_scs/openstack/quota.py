# SPDX-License-Identifier: Apache-2.0
"""Whether the project's quota holds what a probe is about to create: asked first, so that nothing is begun in vain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_scs.errors import Inconclusive
from pytest_scs.openstack.client import Client

# Need -> (limit, used) in the answer to GET /limits of each service.
_COMPUTE = {
    "instances": ("maxTotalInstances", "totalInstancesUsed"),
    "cores": ("maxTotalCores", "totalCoresUsed"),
    "ram": ("maxTotalRAMSize", "totalRAMUsed"),
}
_STORAGE = {
    "volumes": ("maxTotalVolumes", "totalVolumesUsed"),
    "gigabytes": ("maxTotalVolumeGigabytes", "totalGigabytesUsed"),
    "backups": ("maxTotalBackups", "totalBackupsUsed"),
    "backup_gigabytes": ("maxTotalBackupGigabytes", "totalBackupGigabytesUsed"),
}


def require(client: Client, needs: Mapping[str, int]) -> None:
    """Raise Inconclusive with the numbers if the quota cannot hold ``needs`` (``ram`` in MiB, ``gigabytes`` in GiB)."""
    short = []
    for service, table in (("compute", _COMPUTE), ("block-storage", _STORAGE)):
        wanted = {need: number for need, number in needs.items() if need in table}
        if not wanted:
            continue
        limits: dict[str, Any] = client.get(service, "/limits").get("limits", {}).get("absolute", {})
        for need, number in wanted.items():
            limit, used = (limits.get(key) for key in table[need])
            # -1 is "no limit"; a service that does not say is believed to have room.
            if isinstance(limit, int) and isinstance(used, int) and 0 <= limit < used + number:
                short.append(f"{need} {number} needed, {used} of {limit} used")
    if short:
        raise Inconclusive(f"the project's quota is too small: {'; '.join(short)}")
