# SPDX-License-Identifier: Apache-2.0
"""Volume types."""

from __future__ import annotations

from typing import Any

from pytest_scs.evidence.section import Section, each
from pytest_scs.platforms.openstack.answers import reading
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.platforms.openstack.links import next_link
from pytest_scs.platforms.openstack.paging import Shown
from pytest_scs.standards.iaas.forms import VOLUME_TYPE
from pytest_scs.standards.iaas.model import VolumeType


def _volume_types(client: Client) -> list[dict[str, Any]]:
    found, shown = [], Shown("volume type")
    with reading("block-storage GET /types"):
        for page in client.pages("block-storage", "/types", lambda page: next_link(page.get("volume_type_links"))):
            for kind in shown.new(VOLUME_TYPE.entries(page, "volume_types")):
                found.append({"description": None, **VOLUME_TYPE.plain(kind, {})})
    return found


SECTION = Section(
    name="volume_types",
    words="block-storage GET /types",
    summary="All volume types the project can see.",
    load=each(VolumeType.from_plain),
    read=_volume_types,
)
