# SPDX-License-Identifier: Apache-2.0
"""Flavors, with their extra specs."""

from __future__ import annotations

from typing import Any

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.evidence.section import Section, each
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.platforms.openstack.listings.links import next_link
from pytest_scs.standards.iaas.model import Flavor

#: The first microversion with extra specs in the flavor list (Nova Queens).
FLAVOR_MICROVERSION = "2.61"


def _flavors(client: Client) -> list[dict[str, Any]]:
    found = []
    pages = client.pages(
        "compute",
        "/flavors/detail",
        lambda page: next_link(page.get("flavors_links")),
        microversion=FLAVOR_MICROVERSION,
    )
    for page in pages:
        for flavor in page["flavors"]:
            if "extra_specs" not in flavor:
                raise Inconclusive(
                    "the compute service does not show extra specs to this user (policy os-flavor-extra-specs:index)",
                    CauseKind.PERMISSION,
                )
            found.append(
                {
                    "id": flavor["id"],
                    "name": flavor["name"],
                    "vcpus": flavor["vcpus"],
                    "ram": flavor["ram"],
                    "disk": flavor["disk"],
                    "is_public": flavor.get("os-flavor-access:is_public", True),
                    "disabled": flavor.get("OS-FLV-DISABLED:disabled", False),
                    "extra_specs": flavor["extra_specs"],
                    **_unjudged(flavor),
                }
            )
    return found


def _unjudged(flavor: dict[str, Any]) -> dict[str, Any]:
    """What a command needs that makes the flavor anew, where it is not as usual; old Novas say "" for no swap."""
    names = (("swap", "swap", 0), ("ephemeral", "OS-FLV-EXT-DATA:ephemeral", 0), ("rxtx", "rxtx_factor", 1))
    found = {key: (flavor.get(name), usual) for key, name, usual in names}
    return {key: value for key, (value, usual) in found.items() if isinstance(value, int | float) and value != usual}


SECTION = Section(
    name="flavors",
    words="compute GET /flavors/detail, extra specs included",
    summary="All flavors the project can see, with extra specs.",
    load=each(Flavor.from_plain),
    read=_flavors,
)
