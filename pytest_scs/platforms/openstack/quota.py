# SPDX-License-Identifier: Apache-2.0
"""Whether the project's quota holds what a probe is about to create: asked first, so that nothing is begun in vain.

Probes run at the same time and share the project. Where the quota holds each of them, but not all at once, they take
turns.
"""

from __future__ import annotations

import contextlib
import copy
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.platforms.openstack.client import Client

# Need -> (limit, used) in what each service says about its limits.
_TABLES = {
    "compute": {
        "instances": ("maxTotalInstances", "totalInstancesUsed"),
        "cores": ("maxTotalCores", "totalCoresUsed"),
        "ram": ("maxTotalRAMSize", "totalRAMUsed"),
    },
    "block-storage": {
        "volumes": ("maxTotalVolumes", "totalVolumesUsed"),
        "gigabytes": ("maxTotalVolumeGigabytes", "totalGigabytesUsed"),
        "backups": ("maxTotalBackups", "totalBackupsUsed"),
        "backup_gigabytes": ("maxTotalBackupGigabytes", "totalBackupGigabytesUsed"),
    },
    "network": {
        "security_groups": ("security_group limit", "security_group used"),
        "security_group_rules": ("security_group_rule limit", "security_group_rule used"),
    },
}


class Quota:
    """The quota of the judged project, and what the probes of this run have claimed of it."""

    def __init__(self, client: Client, cancelled: threading.Event) -> None:
        """``cancelled`` ends the wait for other probes."""
        self._client = client
        self._cancelled = cancelled
        self._changed = threading.Condition()
        self._claimed: Counter[str] = Counter()
        self._limits: dict[str, dict[str, Any]] = {}

    def for_section(self, section: str) -> Quota:
        """The same quota, whose requests are counted for a section of the inventory."""
        quota = copy.copy(self)
        quota._client = self._client.for_section(section)
        return quota

    @contextlib.contextmanager
    def claim(self, needs: Mapping[str, int]) -> Iterator[None]:
        """Keep ``needs`` (``ram`` in MiB, gigabytes in GiB) for the caller, waiting for other probes if that helps.

        Raises Inconclusive with the numbers if the quota cannot hold them at all, or if the run is interrupted.
        """
        with self._changed:
            while self._short(needs, self._claimed):
                if short := self._short(needs, {}):
                    raise Inconclusive(f"the project's quota is too small: {'; '.join(short)}", CauseKind.QUOTA)
                if self._cancelled.is_set():
                    raise Inconclusive("the run was interrupted", CauseKind.INTERRUPTED)
                self._changed.wait(timeout=1)
            self._claimed.update(needs)
        try:
            yield
        finally:
            with self._changed:
                self._claimed.subtract(needs)
                self._changed.notify_all()

    def _short(self, needs: Mapping[str, int], claimed: Mapping[str, int]) -> list[str]:
        """What the quota cannot hold beside what is claimed, in words."""
        short = []
        for service, table in _TABLES.items():
            for need, (limit_key, used_key) in table.items():
                if need not in needs:
                    continue
                limit, used = self._read(service).get(limit_key), self._read(service).get(used_key)
                # -1 is "no limit"; a service that does not say is believed to have room.
                if type(limit) is int and type(used) is int and limit >= 0:
                    number = needs[need]
                    if limit < used + claimed.get(need, 0) + number:
                        short.append(f"{need} {number} needed, {used} of {limit} used")
        return short

    def _read(self, service: str) -> dict[str, Any]:
        """The limits of a service as they were before this run made anything there: read once."""
        if service not in self._limits:
            self._limits[service] = _of_network(self._client) if service == "network" else _of(self._client, service)
        return self._limits[service]


def _of(client: Client, service: str) -> dict[str, Any]:
    return _inner(_inner(_answer(client, service, "/limits"), "limits"), "absolute")


def _of_network(client: Client) -> dict[str, Any]:
    """Neutron has no /limits, and what is used of its quotas is an extension."""
    path = f"/quotas/{client.access().project_id}/details"
    quotas = _inner(_answer(client, "network", path, version="2"), "quota")
    return {f"{name} {key}": number for name in quotas for key, number in _inner(quotas, name).items()}


def _answer(client: Client, service: str, path: str, **options: Any) -> dict[str, Any]:
    """What a service says about its limits; nothing where it does not say.

    No verdict rests on that: whether there is room shows when something is created.
    """
    try:
        return client.get(service, path, **options)
    except Inconclusive:
        return {}


def _inner(content: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The object under a key; an empty one for anything else."""
    found = content.get(key)
    return found if isinstance(found, dict) else {}


def require_quota(client: Client, needs: Mapping[str, int]) -> None:
    """Raise Inconclusive with the numbers if a quota cannot hold ``needs``, where no other probe shares it."""
    with Quota(client, threading.Event()).claim(needs):
        pass
