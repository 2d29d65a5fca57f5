# SPDX-License-Identifier: Apache-2.0
"""Fetching an inventory: authenticate once, check who we are, then all sections at the same time."""

from __future__ import annotations

import datetime as dt
import time
import warnings
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from pytest_scs.errors import Inconclusive
from pytest_scs.inventory import SECTIONS, Inventory
from pytest_scs.openstack import preflight
from pytest_scs.openstack.client import Client, LogIn
from pytest_scs.openstack.explain import innermost

if TYPE_CHECKING:
    from pytest_scs.redact import Redactor

#: The first microversion with extra specs in the flavor list (Nova Queens).
FLAVOR_MICROVERSION = "2.61"

#: As many entries per page as Glance allows by default.
PAGE = 1000

# Neither belongs into evidence: internals of the cloud, and what names the project.
_IMAGE_NOISE = frozenset(("self", "file", "schema", "locations", "direct_url", "owner", "stores", "members"))
_IMAGE_NOISE_PREFIXES = ("os_glance_", "owner_")


def gather(
    cloud: str,
    client: Client,
    sections: Collection[str],
    *,
    skip_preflight: bool,
    redact: Redactor,
) -> Inventory:
    """Read the given sections of one cloud, those that need no probe.

    Never raises for what the cloud does: a failed authentication or preflight becomes the inventory's ``refusal``, a
    section that cannot be read becomes its error. Both are remembered, so that nothing is asked twice.
    """
    started = time.monotonic()
    inventory = Inventory(cloud, fetched_at=dt.datetime.now(dt.UTC).isoformat())
    # Deprecations inside the SDK are no business of the judged cloud, whatever the user's filterwarnings say.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            _read(client, inventory, sections, skip_preflight, redact)
            inventory.requests = client.requests_by_service()
            inventory.section_requests = client.requests_by_section()
        except Inconclusive as error:
            inventory.refusal = redact(f"cloud {cloud}: {error}")
    inventory.seconds = round(time.monotonic() - started, 3)
    return inventory


def _read(
    client: Client, inventory: Inventory, sections: Collection[str], skip_preflight: bool, redact: Redactor
) -> None:
    login = authenticate(client)
    access = login.access
    redact.add([access.auth_token])
    catalog = [_service(entry) for entry in access.service_catalog.catalog]
    inventory.roles = sorted(access.role_names)
    regions = [endpoint["region_id"] for service in catalog for endpoint in service["endpoints"]]
    configured = client.region.get_region_name()
    inventory.region, problem = preflight.region_of(inventory.cloud, configured, [name for name in regions if name])
    if not problem and not skip_preflight:
        skew = login.server_time - dt.datetime.now(dt.UTC) if login.server_time else None
        problem = preflight.refusal(inventory.cloud, inventory.roles, skew)
    if problem:
        inventory.refusal = redact(problem)
        return
    if "catalog" in sections:
        inventory.sections["catalog"] = catalog
    wanted = [name for name in SECTIONS if name in sections and name in _READERS]
    with ThreadPoolExecutor(max_workers=max(1, len(wanted))) as pool:
        for name, outcome in zip(wanted, pool.map(lambda name: _attempt(name, client), wanted), strict=True):
            if isinstance(outcome, str):
                inventory.errors[name] = redact(f"cloud {inventory.cloud}: cannot read {name}: {outcome}")
            else:
                inventory.sections[name] = outcome


def authenticate(client: Client) -> LogIn:
    """Log in; raises Inconclusive, in words about clouds.yaml."""
    from keystoneauth1 import exceptions

    try:
        return client.log_in()
    except Inconclusive as error:
        if isinstance(error.__cause__, exceptions.Unauthorized):
            auth_type = client.region.config.get("auth_type") or ""
            what = (
                "the token is expired or invalid" if "token" in auth_type else "wrong user, password, secret or project"
            )
            raise Inconclusive(
                f"authentication was refused (401): {what}; see its auth section in clouds.yaml"
            ) from None
        if isinstance(error.__cause__, exceptions.MissingAuthPlugin):
            raise Inconclusive("clouds.yaml has no credentials for it") from None
        if isinstance(error.__cause__, exceptions.DiscoveryFailure):
            url = (client.region.config.get("auth") or {}).get("auth_url")
            cause = innermost(error.__cause__)
            raise Inconclusive(f"no identity service answers at auth_url {url}: {cause}") from None
        raise


def _attempt(section: str, client: Client) -> list[dict[str, Any]] | str:
    try:
        return _READERS[section](client.for_section(section))
    except Inconclusive as error:
        return str(error)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return f"the answer does not have the documented form ({type(error).__name__}: {error})"


def _service(entry: dict[str, Any]) -> dict[str, Any]:
    endpoints = [
        {
            "interface": endpoint.get("interface"),
            "region_id": endpoint.get("region_id") or endpoint.get("region"),
            "url": endpoint.get("url"),
        }
        for endpoint in entry.get("endpoints", ())
    ]
    return {"type": entry["type"], "name": entry.get("name"), "endpoints": endpoints}


def _flavors(client: Client) -> list[dict[str, Any]]:
    found = []
    pages = client.pages(
        "compute",
        "/flavors/detail",
        lambda page: _next(page.get("flavors_links")),
        microversion=FLAVOR_MICROVERSION,
    )
    for page in pages:
        for flavor in page["flavors"]:
            if "extra_specs" not in flavor:
                raise Inconclusive(
                    "the compute service does not show extra specs to this user (policy os-flavor-extra-specs:index)"
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


def _images(client: Client) -> list[dict[str, Any]]:
    query = urlencode({"limit": PAGE, "member_status": "all"})
    found = []
    pages = client.pages("image", f"/images?{query}", lambda page: page.get("next"), version="2")
    for page in pages:
        for image in page["images"]:
            # Private and shared images are the project's own business (docs/standards/framework.md#inventory).
            if image["visibility"] in ("public", "community"):
                found.append({key: value for key, value in image.items() if not _noise(key)})
    return found


def _noise(key: str) -> bool:
    return key in _IMAGE_NOISE or key.startswith(_IMAGE_NOISE_PREFIXES)


def _volume_types(client: Client) -> list[dict[str, Any]]:
    found = []
    for page in client.pages("block-storage", "/types", lambda page: _next(page.get("volume_type_links"))):
        for kind in page["volume_types"]:
            found.append({"id": kind["id"], "name": kind["name"], "description": kind.get("description")})
    return found


def _compute_zones(client: Client) -> list[dict[str, Any]]:
    zones = client.get("compute", "/os-availability-zone")["availabilityZoneInfo"]
    return [{"name": zone["zoneName"], "available": zone["zoneState"]["available"]} for zone in zones]


def _next(links: list[dict[str, str]] | None) -> str | None:
    """The link to the next page in a list of links as Nova and Cinder give it."""
    return next((link["href"] for link in links or () if link["rel"] == "next"), None)


_READERS: dict[str, Callable[[Client], list[dict[str, Any]]]] = {
    "flavors": _flavors,
    "images": _images,
    "volume_types": _volume_types,
    "compute_zones": _compute_zones,
}
