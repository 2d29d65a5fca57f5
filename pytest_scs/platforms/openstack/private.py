# SPDX-License-Identifier: Apache-2.0
"""What is known of a cloud that only its operator needs to know (docs/standards/framework.md#what-is-public)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pytest_scs.base.private import PrivateNames, values_under
from pytest_scs.platforms.openstack.config import ORIGIN

if TYPE_CHECKING:
    from openstack.config.cloud_region import CloudRegion

    from pytest_scs.evidence.inventory import Inventory

# Keys of auth, and attributes of what a login gives, by what they are names of.
_USER = ("username", "user_id", "application_credential_id", "application_credential_name", "trust_id")
_PROJECT = ("project_name", "project_id", "tenant_name", "tenant_id")
_DOMAIN = ("user_domain_name", "user_domain_id", "project_domain_name", "project_domain_id", "domain_name", "domain_id")

# Every cloud has it.
_USUAL_DOMAIN = "default"


def learn_entry(private: PrivateNames, region: CloudRegion) -> None:
    """Learn what an entry of clouds.yaml says: addresses, files, and whose account it is."""
    config = region.config
    auth = config.get("auth") or {}
    urls = [value for key, value in config.items() if str(key).endswith("_endpoint_override")]
    private.add_addresses(filter(_is_address, [auth.get("auth_url"), *urls]))
    private.add_files(str(config[key]) for key in ("cacert", "cert", "key") if config.get(key))
    # One path, or two with a word between them.
    private.add_files(re.findall(r"(?:^|(?<=\s))/[^,;]+?(?= and /|$)", str(config.get(ORIGIN) or "")))
    _learn_account(private, auth.get)


def learn_login(private: PrivateNames, access: Any, catalog: list[dict[str, Any]]) -> None:
    """Learn what a login told: whose it is (keystoneauth's AccessInfo), and where the services are."""
    _learn_account(private, lambda key: getattr(access, key, None))
    private.add_addresses(values_under(catalog, "url"))


def addresses_of(inventory: Inventory) -> list[str]:
    """The addresses in what was read of a cloud: those of the catalog, and what their names stand for."""
    numbers = values_under(inventory.sections.get("tls_endpoints"), "addresses")
    return [*values_under(inventory.sections.get("catalog"), "url"), *numbers]


def _learn_account(private: PrivateNames, value_of: Callable[[str], Any]) -> None:
    for label, keys in (("USER", _USER), ("PROJECT", _PROJECT), ("DOMAIN", _DOMAIN)):
        known = (value_of(key) for key in keys)
        private.add(label, (one for one in known if isinstance(one, str) and one.lower() != _USUAL_DOMAIN))


def _is_address(value: object) -> bool:
    return isinstance(value, str) and "://" in value
