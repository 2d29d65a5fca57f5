# SPDX-License-Identifier: Apache-2.0
"""The service catalog in the token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pytest_scs.evidence.inventory import Inventory
from pytest_scs.evidence.section import DerivedFixture, Section, each
from pytest_scs.platforms.openstack.answers import reading
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.platforms.openstack.token import TOKEN_REQUEST
from pytest_scs.standards.iaas.endpoints import Endpoint, endpoints_of
from pytest_scs.standards.iaas.model import Service


def read_catalog(client: Client) -> list[dict[str, Any]]:
    """The entries of the catalog, without ids and links; costs no request once the client is authenticated.

    Raises Inconclusive for a catalog of another form.
    """
    with reading(TOKEN_REQUEST):
        return [_service(Service.from_plain(entry)) for entry in client.access().service_catalog.catalog]


def _service(service: Service) -> dict[str, Any]:
    endpoints = [
        {"interface": one.interface, "region_id": one.region or None, "url": one.url} for one in service.endpoints
    ]
    return {"type": service.type, "name": service.name or None, "endpoints": endpoints}


SECTION = Section(
    name="catalog",
    words="the token's service catalog",
    summary="The entries of the service catalog in the token.",
    load=each(Service.from_plain),
    read=read_catalog,
)


def _endpoints(inventory: Inventory) -> Callable[[str], list[Endpoint]]:
    services = SECTION.typed(inventory)
    return lambda interface: endpoints_of(services, interface, inventory.region)


ENDPOINTS = DerivedFixture(
    name="endpoints",
    summary="The endpoints of an interface (``public``, ``internal``) in the judged region, as the catalog lists them.",
    needs=("catalog",),
    make=_endpoints,
)
