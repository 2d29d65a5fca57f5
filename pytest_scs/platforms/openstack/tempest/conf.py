# SPDX-License-Identifier: Apache-2.0
"""The files Tempest is configured with: tempest.conf and accounts.yaml; pure.

See docs/standards/scs-0128.md#configuration.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from pytest_scs.standards.iaas.tempest_choice import Parts

#: Networks that Tempest cuts its subnets from; nothing outside of the test projects sees them.
PROJECT_RANGE = "10.100.0.0/16"

#: The subnet of the network that servers are attached to, in each test project.
SERVER_RANGE = "10.101.0.0/24"

#: Seconds until a server has to be ready (docs/standards/scs-0128.md#configuration).
BUILD_TIMEOUT = 500

#: What a catalog may call block storage; Tempest takes the first that is there.
VOLUME_TYPES = ("volumev3", "block-storage", "volume")

Sections = Mapping[str, Mapping[str, object]]


@dataclasses.dataclass(frozen=True, slots=True)
class Account:
    """A throw-away user in a project of its own.

    ``domain_id`` is the project's domain, ``network`` the name of the network its servers are attached to.
    """

    name: str
    username: str
    password: str = dataclasses.field(repr=False)
    user_domain: str
    project: str
    project_id: str
    project_domain: str
    domain_id: str
    network: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Survey:
    """What Tempest has to know of the cloud.

    ``domain_id`` is the domain of the test projects, ``services`` are the types in the catalog, ``interface`` is
    ``public`` or ``internal``, ``microversions`` the newest one by service. ``verify`` and ``cacert`` are the TLS
    settings of clouds.yaml, ``patience`` stretches what Tempest waits for.
    """

    auth_url: str
    region: str
    domain_id: str
    interface: str
    verify: bool
    cacert: str
    services: frozenset[str]
    public_network: str
    network_extensions: tuple[str, ...]
    microversions: Mapping[str, str]
    parts: Parts
    patience: float = 1


def sections(survey: Survey, prefix: str, folder: Path) -> Sections:
    """What tempest.conf says, by section; ``prefix`` begins the names of whatever Tempest creates."""
    return {
        "DEFAULT": {"log_file": folder / "tempest.log", "debug": False, "resource_name_prefix": prefix},
        "oslo_concurrency": {"lock_path": folder / "locks"},
        "auth": {"use_dynamic_credentials": False, "test_accounts_file": folder / "accounts.yaml"},
        **_identity(survey),
        "service_available": _available(survey),
        **_compute(survey),
        **_network(survey),
        "image": _common(survey),
        "volume": {
            **_common(survey),
            "catalog_type": _volume_type(survey),
            "max_microversion": survey.microversions.get("block-storage", ""),
        },
        "validation": {"run_validation": False},
    }


def _common(survey: Survey) -> Mapping[str, object]:
    """What the sections of all services but identity share."""
    return {
        "build_timeout": round(BUILD_TIMEOUT * survey.patience),
        "region": survey.region,
        "endpoint_type": f"{survey.interface}URL",
    }


def _volume_type(survey: Survey) -> str:
    return next((name for name in VOLUME_TYPES if name in survey.services), VOLUME_TYPES[0])


def _identity(survey: Survey) -> Sections:
    return {
        "identity": {
            "uri_v3": survey.auth_url,
            "auth_version": "v3",
            "region": survey.region,
            "v3_endpoint_type": f"{survey.interface}URL",
            # A test shows it, which Keystone permits for one's own domain only.
            "default_domain_id": survey.domain_id,
            "disable_ssl_certificate_validation": not survey.verify,
            "ca_certificates_file": survey.cacert,
        },
        # Whether Keystone keeps a history of passwords cannot be seen from outside.
        "identity-feature-enabled": {"api_v3": True, "application_credentials": True, "security_compliance": False},
    }


def _available(survey: Survey) -> Mapping[str, object]:
    return {
        "nova": "compute" in survey.services,
        "neutron": "network" in survey.services,
        "glance": "image" in survey.services,
        "cinder": _volume_type(survey) in survey.services,
        # No listed test is about it.
        "swift": False,
        "horizon": False,
    }


def _compute(survey: Survey) -> Sections:
    parts = survey.parts
    return {
        "compute": {
            **_common(survey),
            "image_ref": parts.image.id,
            "image_ref_alt": parts.image_alt.id,
            "flavor_ref": parts.flavor.id,
            "flavor_ref_alt": (parts.flavor_alt or parts.flavor).id,
            "max_microversion": survey.microversions.get("compute", ""),
        },
        "compute-feature-enabled": {"resize": parts.flavor_alt is not None},
    }


def _network(survey: Survey) -> Sections:
    return {
        "network": {
            **_common(survey),
            "public_network_id": survey.public_network,
            "project_network_cidr": PROJECT_RANGE,
        },
        "network-feature-enabled": {
            "api_extensions": ",".join(survey.network_extensions),
            "available_features": "all",
            "ipv6": True,
            "ipv6_subnet_attributes": True,
            "floating_ips": bool(survey.public_network) and "router" in survey.network_extensions,
        },
    }


def render(content: Sections) -> str:
    """The text of tempest.conf; an empty value leaves Tempest's default."""
    lines = []
    for section, options in content.items():
        lines.append(f"[{section}]")
        lines += [f"{key} = {_value(value)}" for key, value in options.items() if str(value)]
    return "\n".join(lines) + "\n"


def accounts_yaml(accounts: Sequence[Account]) -> str:
    """The text of accounts.yaml, with passwords.

    Tempest 47 asks for a member and a reader of the same project at once, each an entry of its own. A member may read,
    so every account stands twice; the project's id makes the second entry another one. Members come first, because a
    test that wants a second user takes the first free entry, and needs one of another project.
    """
    members = [_entry(account) | {"roles": ["member"]} for account in accounts]
    readers = [_entry(account) | {"project_id": account.project_id, "roles": ["reader"]} for account in accounts]
    return yaml.safe_dump([*members, *readers], sort_keys=False)


def facts(survey: Survey) -> dict[str, Any]:
    """What of the configuration helps to understand results; no names of accounts, no secrets."""
    parts = survey.parts
    return {
        "image": parts.image.name or parts.image.id,
        "image_alt": parts.image_alt.name or parts.image_alt.id,
        "flavor": parts.flavor.name,
        "flavor_alt": parts.flavor_alt.name if parts.flavor_alt else "",
        "public_network": survey.public_network,
        "region": survey.region,
        "services": sorted(survey.services),
        "microversions": dict(survey.microversions),
    }


def _entry(account: Account) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "username": account.username,
        "password": account.password,
        "user_domain_name": account.user_domain,
        "project_name": account.project,
        "project_domain_name": account.project_domain,
        "domain_name": account.user_domain,
    }
    return entry | ({"resources": {"network": account.network}} if account.network else {})


def _value(value: object) -> str:
    """A value as oslo.config reads it back; ``$`` would begin a reference to another option."""
    text = str(value).replace("$", "$$")
    if any(char in text for char in "\r\n"):
        raise ValueError(f"{value!r} has a line break, which tempest.conf cannot hold")
    return text
