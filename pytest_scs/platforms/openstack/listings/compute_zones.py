# SPDX-License-Identifier: Apache-2.0
"""Availability zones of compute."""

from __future__ import annotations

from typing import Any

from pytest_scs.evidence.section import Section, each
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.standards.iaas.model import ComputeZone


def _compute_zones(client: Client) -> list[dict[str, Any]]:
    zones = client.get("compute", "/os-availability-zone")["availabilityZoneInfo"]
    return [{"name": zone["zoneName"], "available": zone["zoneState"]["available"]} for zone in zones]


SECTION = Section(
    name="compute_zones",
    words="compute GET /os-availability-zone",
    summary="The availability zones of compute.",
    load=each(ComputeZone.from_plain),
    read=_compute_zones,
)
