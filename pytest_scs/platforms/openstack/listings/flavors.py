# SPDX-License-Identifier: Apache-2.0
"""Flavors, with their extra specs."""

from __future__ import annotations

from typing import Any

from pytest_scs.base.forms import objects
from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.evidence.section import Section, each
from pytest_scs.platforms.openstack.answers import reading
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.platforms.openstack.links import next_link
from pytest_scs.platforms.openstack.paging import Shown
from pytest_scs.standards.iaas.forms import FLAVOR
from pytest_scs.standards.iaas.model import Flavor

#: The first microversion with extra specs in the flavor list (Nova Queens).
FLAVOR_MICROVERSION = "2.61"


#: What Nova calls otherwise than the inventory.
SPELLED = {
    "is_public": "os-flavor-access:is_public",
    "disabled": "OS-FLV-DISABLED:disabled",
    "ephemeral": "OS-FLV-EXT-DATA:ephemeral",
    "rxtx": "rxtx_factor",
}

# What a command needs that makes the flavor anew, with its usual value; old Novas say "" for no swap.
_USUAL = {"swap": (0, ""), "ephemeral": (0,), "rxtx": (1, None)}


def _flavors(client: Client) -> list[dict[str, Any]]:
    found, shown = [], Shown("flavor")
    with reading("compute GET /flavors/detail"):
        pages = client.pages(
            "compute",
            "/flavors/detail",
            lambda page: next_link(page.get("flavors_links")),
            microversion=FLAVOR_MICROVERSION,
        )
        for page in pages:
            _require_extra_specs(page)
            for flavor in shown.new(FLAVOR.entries(page, "flavors", SPELLED)):
                plain = {"is_public": True, "disabled": False, **FLAVOR.plain(flavor, SPELLED)}
                found.append({key: value for key, value in plain.items() if value not in _USUAL.get(key, ())})
    return found


def _require_extra_specs(page: dict[str, Any]) -> None:
    """Raise Inconclusive where no flavor has extra specs, which a policy hides; a single one without is a fault."""
    flavors = objects(page, "flavors")
    if flavors and not any("extra_specs" in flavor for flavor in flavors):
        FLAVOR.entries({"flavors": [{"extra_specs": {}, **flavor} for flavor in flavors]}, "flavors", SPELLED)
        raise Inconclusive(
            "the compute service does not show extra specs to this user (policy os-flavor-extra-specs:index)",
            CauseKind.PERMISSION,
        )


SECTION = Section(
    name="flavors",
    words="compute GET /flavors/detail, extra specs included",
    summary="All flavors the project can see, with extra specs.",
    load=each(Flavor.from_plain),
    read=_flavors,
)
