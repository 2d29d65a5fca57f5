# SPDX-License-Identifier: Apache-2.0
"""Fetching an inventory: authenticate once, check who we are, then all sections at the same time."""

from __future__ import annotations

import datetime as dt
import time
import warnings
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from pytest_scs.core.cause import Cause, CauseKind, Inconclusive
from pytest_scs.core.subject import Subject
from pytest_scs.evidence import apart
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.evidence.listings import read_listings
from pytest_scs.evidence.progress import SILENT, Voice
from pytest_scs.platforms.openstack import bounds, preflight
from pytest_scs.platforms.openstack.authentication import authenticate, check_project, fixed_roles_of, place_of
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.platforms.openstack.listings.catalog import read_catalog
from pytest_scs.platforms.openstack.private import learn_login
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
    limit: float | None = None,
    say: Callable[[str], None] = lambda line: None,
    voice: Voice = SILENT,
) -> Inventory:
    """Read the given sections of one cloud, those that need no probe.

    ``limit``: seconds for all of that, where the user gave some; ``say`` takes a line for a user who waits, to whom
    ``voice`` tells how far it is.

    Never raises for what the cloud does: a failed authentication or preflight becomes the inventory's ``refusal``, a
    section that cannot be read becomes its error. Both are remembered, so that nothing is asked twice.
    """
    started = time.monotonic()
    inventory = Inventory(subject, fetched_at=dt.datetime.now(dt.UTC).isoformat())
    # Deprecations inside the SDK are no business of the judged cloud, whatever the user's filterwarnings say.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if limit:
                client = client.until(bounds.Limit.of(limit, "within the {seconds:g} s of --scs-deadline"))
            _read(client, inventory, sections, skip_preflight, redact, lambda line: say(redact(line)), voice)
            inventory.requests = client.requests_by_service()
            inventory.section_requests = client.requests_by_section()
        except Inconclusive as error:
            inventory.refusal = Cause(redact(f"cloud {subject}: {error}"), error.kind)
    inventory.seconds = round(time.monotonic() - started, 3)
    return inventory


def _read(
    client: Client,
    inventory: Inventory,
    sections: Collection[str],
    skip_preflight: bool,
    redact: Redactor,
    say: Callable[[str], None],
    voice: Voice,
) -> None:
    what = f"the login at cloud {inventory.subject}"
    login = apart.result_of(lambda: authenticate(client), client.seconds_left, what, voice)
    if login.remark:
        say(f"cloud {inventory.subject}: {login.remark}")
    access = login.access
    redact.add([access.auth_token])
    check_project(client, access)
    catalog = read_catalog(client)
    learn_login(redact.private, access, catalog)
    inventory.roles = sorted(access.role_names)
    regions = [endpoint["region_id"] for service in catalog for endpoint in service["endpoints"]]
    configured = client.region.get_region_name()
    inventory.region, unknown = preflight.region_of(
        inventory.subject.name, configured, [name for name in regions if name]
    )
    problem = Cause(f"{unknown}; see {place_of(client)}", CauseKind.NOT_GIVEN) if unknown else None
    if problem is None and not skip_preflight:
        skew = login.server_time - dt.datetime.now(dt.UTC) if login.server_time else None
        fixed = fixed_roles_of(client, access)
        problem = preflight.refusal(inventory.subject.name, inventory.roles, skew, fixed=fixed)
    if problem:
        inventory.refusal = problem.masked(redact)
        return
    wanted = [section for section in SECTIONS.values() if section.name in sections and section.read]
    for name, outcome in read_listings(wanted, client, client.seconds_left, voice).items():
        if isinstance(outcome, Cause):
            text = f"cloud {inventory.subject}: cannot read {name}: {outcome}"
            inventory.errors[name] = Cause(redact(text), outcome.kind)
        else:
            inventory.sections[name] = outcome
