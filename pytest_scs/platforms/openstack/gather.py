# SPDX-License-Identifier: Apache-2.0
"""Fetching an inventory: authenticate once, check who we are, then all sections at the same time."""

from __future__ import annotations

import datetime as dt
import time
import warnings
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from pytest_scs.core.cause import Cause, CauseKind, Inconclusive
from pytest_scs.core.subject import Subject
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.evidence.section import Section
from pytest_scs.platforms.openstack import preflight
from pytest_scs.platforms.openstack.authentication import authenticate
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.platforms.openstack.listings.catalog import read_catalog
from pytest_scs.platforms.openstack.sections import SECTIONS

if TYPE_CHECKING:
    from pytest_scs.base.redact import Redactor


def gather(
    subject: Subject,
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
    inventory = Inventory(subject, fetched_at=dt.datetime.now(dt.UTC).isoformat())
    # Deprecations inside the SDK are no business of the judged cloud, whatever the user's filterwarnings say.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            _read(client, inventory, sections, skip_preflight, redact)
            inventory.requests = client.requests_by_service()
            inventory.section_requests = client.requests_by_section()
        except Inconclusive as error:
            inventory.refusal = Cause(redact(f"cloud {subject}: {error}"), error.kind)
    inventory.seconds = round(time.monotonic() - started, 3)
    return inventory


def _read(
    client: Client, inventory: Inventory, sections: Collection[str], skip_preflight: bool, redact: Redactor
) -> None:
    login = authenticate(client)
    access = login.access
    redact.add([access.auth_token])
    catalog = read_catalog(client)
    inventory.roles = sorted(access.role_names)
    regions = [endpoint["region_id"] for service in catalog for endpoint in service["endpoints"]]
    configured = client.region.get_region_name()
    inventory.region, unknown = preflight.region_of(
        inventory.subject.name, configured, [name for name in regions if name]
    )
    problem = Cause(unknown, CauseKind.NOT_GIVEN) if unknown else None
    if problem is None and not skip_preflight:
        skew = login.server_time - dt.datetime.now(dt.UTC) if login.server_time else None
        problem = preflight.refusal(inventory.subject.name, inventory.roles, skew)
    if problem:
        inventory.refusal = problem.masked(redact)
        return
    wanted = [section for section in SECTIONS.values() if section.name in sections and section.read]
    with ThreadPoolExecutor(max_workers=max(1, len(wanted))) as pool:
        for section, outcome in zip(wanted, pool.map(lambda one: _attempt(one, client), wanted), strict=True):
            if isinstance(outcome, Cause):
                text = f"cloud {inventory.subject}: cannot read {section.name}: {outcome}"
                inventory.errors[section.name] = Cause(redact(text), outcome.kind)
            else:
                inventory.sections[section.name] = outcome


def _attempt(section: Section[Any], client: Client) -> list[dict[str, Any]] | Cause:
    """The entries of a section, or why they cannot be read."""
    assert section.read is not None  # noqa: S101 - only listings come here
    try:
        return section.read(client.for_section(section.name))
    except Inconclusive as error:
        return error.cause
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        text = f"the answer does not have the documented form ({type(error).__name__}: {error})"
        return Cause(text, CauseKind.MALFORMED)
