# SPDX-License-Identifier: Apache-2.0
"""The throw-away accounts for Tempest: whether they may be used, and what the cloud looks like to them.

See docs/standards/scs-0128.md#accounts.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.platforms.openstack import preflight, quota, sweep
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.platforms.openstack.janitor import Janitor
from pytest_scs.platforms.openstack.tempest.conf import SERVER_RANGE, VOLUME_TYPES, Account, Survey
from pytest_scs.standards.iaas.tempest_choice import Parts

#: What one account needs at a time: a class of tests has up to three servers, another six volumes.
NEEDS = {"instances": 4, "volumes": 8, "gigabytes": 10}

#: What of the quota for servers depends on the flavors.
_SERVERS = 4


@dataclasses.dataclass(frozen=True, slots=True)
class Opened:
    """An account that was let in: its entry for Tempest, and the connection to its project."""

    account: Account
    client: Client
    user: str
    endpoints: frozenset[str]


def open_account(name: str, client: Client) -> Opened:
    """Authenticate; raises Inconclusive with one line if the account is none for Tempest."""
    config = client.region.config.get("auth") or {}
    if not config.get("password"):
        raise Inconclusive(
            f"account {name}: Tempest needs a user name and a password in clouds.yaml, no other way in",
            CauseKind.NOT_GIVEN,
        )
    try:
        access = client.access()
    except Inconclusive as error:
        raise Inconclusive(f"account {name}: {error}", error.kind) from None
    if not access.project_id:
        raise Inconclusive(
            f"account {name}: it has no project; give it one in clouds.yaml (project_name)", CauseKind.NOT_GIVEN
        )
    if refusal := preflight.refusal(name, list(access.role_names), None):
        raise Inconclusive(f"account {refusal.text.removeprefix('cloud ')}", refusal.kind)
    account = Account(
        name=name,
        username=str(access.username),
        password=str(config["password"]),
        user_domain=str(access.user_domain_name),
        project=str(access.project_name),
        project_id=str(access.project_id),
        project_domain=str(access.project_domain_name),
        domain_id=str(access.project_domain_id),
    )
    return Opened(account, client, str(access.user_id), _endpoints(access))


def check_apart(judged: Client, region: str, accounts: Sequence[Opened]) -> None:
    """Raise Inconclusive unless the accounts are of the judged cloud, and apart from its user and from each other.

    ``region`` is the judged one.
    """
    access = judged.access()
    ours = _endpoints(access)
    for opened in accounts:
        name = opened.account.name
        if ours.isdisjoint(opened.endpoints):
            raise Inconclusive(f"account {name}: it belongs to another cloud than the judged one", CauseKind.NOT_GIVEN)
        configured = opened.client.region.get_region_name()
        if region and configured != region:
            raise Inconclusive(
                f"account {name}: its region is {configured or 'not set'}, and {region} is judged; "
                f"set region_name: {region} in clouds.yaml",
                CauseKind.NOT_GIVEN,
            )
        if opened.user == access.user_id or opened.account.project_id == access.project_id:
            raise Inconclusive(
                f"account {name}: it is the user or the project of the judged account, and Tempest must not run in "
                "those; make throw-away users in projects of their own",
                CauseKind.NOT_GIVEN,
            )
    first, second = accounts
    names = f"accounts {first.account.name} and {second.account.name}"
    if first.user == second.user or first.account.project == second.account.project:
        raise Inconclusive(f"{names}: they must be two users in two projects with different names", CauseKind.NOT_GIVEN)
    if first.account.domain_id != second.account.domain_id:
        raise Inconclusive(
            f"{names}: their projects must be in one domain, because Tempest knows one only", CauseKind.NOT_GIVEN
        )


def survey(opened: Opened, region: str, parts: Parts) -> Survey:
    """What Tempest has to know of the cloud, as the first account sees it; raises Inconclusive."""
    client = opened.client
    verify, certificate = client.region.get_requests_verify_args()
    if certificate:
        raise Inconclusive(
            f"account {opened.account.name}: Tempest cannot use client certificates", CauseKind.NOT_GIVEN
        )
    services = frozenset(str(entry["type"]) for entry in client.access().service_catalog.catalog)
    extensions: tuple[str, ...] = ()
    public = ""
    if "network" in services:
        found = client.get("network", "/extensions", version="2").get("extensions", ())
        extensions = tuple(sorted(str(entry["alias"]) for entry in found))
        public = _public_network(client.get("network", "/networks?router:external=True", version="2")["networks"])
    versions = {"compute": client.newest("compute")}
    if not services.isdisjoint(VOLUME_TYPES):
        versions["block-storage"] = client.newest("block-storage")
    interface = client.region.get_interface("compute") or "public"
    return Survey(
        auth_url=_v3(str(client.endpoint("identity"))),
        region=region,
        domain_id=opened.account.domain_id,
        interface=(interface if isinstance(interface, str) else interface[0]).removesuffix("URL"),
        verify=bool(verify),
        cacert=verify if isinstance(verify, str) else "",
        services=services,
        public_network=public,
        network_extensions=extensions,
        microversions={service: version for service, version in versions.items() if version},
        parts=parts,
        patience=client.patience,
    )


def check_idle(opened: Opened) -> None:
    """Raise Inconclusive if another run's Tempest is, or was, at work in the project: they would disturb each other."""
    if found := next(sweep.named_by_programs(opened.client), None):
        name = opened.account.name
        raise Inconclusive(
            f"account {name}: there is {found}, of another run; wait until that has ended, or remove what it left: "
            f"scs cleanup --os-cloud={name} --run={found.run} --delete"
        )


def require_quota(opened: Opened, parts: Parts) -> None:
    """Raise Inconclusive if the quota of an account cannot hold what Tempest creates at a time."""
    needs = NEEDS | {"cores": _SERVERS * parts.flavor.vcpus, "ram": _SERVERS * parts.flavor.ram}
    try:
        quota.require_quota(opened.client, needs)
    except Inconclusive as error:
        raise Inconclusive(f"account {opened.account.name}: {error}", error.kind) from None


def add_network(opened: Opened, janitor: Janitor) -> Opened:
    """Create the network that servers of the account are attached to; without one, Nova would guess."""
    network, _ = janitor.create("network", "0128", "network", {"admin_state_up": True})
    subnet = {"network_id": network.id, "ip_version": 4, "cidr": SERVER_RANGE}
    janitor.create("subnet", "0128", "subnet", subnet)
    return dataclasses.replace(opened, account=dataclasses.replace(opened.account, network=network.name))


def _public_network(networks: Sequence[dict[str, Any]]) -> str:
    """The external network that is the default, or the first one by name that has subnets."""
    usable = [one for one in networks if one.get("subnets") or one.get("is_default")]
    chosen = sorted(usable, key=lambda one: (not one.get("is_default"), one.get("name") or "", one["id"]))
    return str(chosen[0]["id"]) if chosen else ""


def _endpoints(access: Any) -> frozenset[str]:
    """What distinguishes a cloud: the ids of its endpoints, which Keystone gives out once, and for good."""
    return frozenset(
        str(endpoint.get("id") or endpoint.get("url"))
        for entry in access.service_catalog.catalog
        for endpoint in entry.get("endpoints", ())
    )


def _v3(url: str) -> str:
    """The versioned address of Keystone, which the catalog may give without a version."""
    plain = url.rstrip("/")
    return plain if plain.endswith("/v3") else f"{plain}/v3"
