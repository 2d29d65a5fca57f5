# SPDX-License-Identifier: Apache-2.0
"""Availability zones of compute."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_scs.base.fields import Fields
from pytest_scs.base.forms import objects
from pytest_scs.base.words import shown
from pytest_scs.evidence.section import Section, each
from pytest_scs.platforms.openstack.answers import reading
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.standards.iaas.model import ComputeZone


def _compute_zones(client: Client) -> list[dict[str, Any]]:
    with reading("compute GET /os-availability-zone"):
        answer = client.get("compute", "/os-availability-zone")
        return [_zone(zone) for zone in objects(answer, "availabilityZoneInfo")]


def _zone(zone: Mapping[str, Any]) -> dict[str, Any]:
    name = Fields("zone", zone).text("zoneName")
    state = Fields(f"zone {shown(name)}", zone).fields("zoneState")
    return {"name": name, "available": state.truth("available")}


SECTION = Section(
    name="compute_zones",
    words="compute GET /os-availability-zone",
    summary="The availability zones of compute.",
    load=each(ComputeZone.from_plain),
    read=_compute_zones,
)
