# SPDX-License-Identifier: Apache-2.0
"""The network of the provider that leads to the outside: every project sees it, none owns it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from pytest_scs.demo.openstack.state import CloudState

_NETWORK: Mapping[str, Any] = {
    "admin_state_up": True,
    "mtu": 1500,
    "status": "ACTIVE",
    "shared": False,
    "port_security_enabled": True,
    "router:external": True,
    "is_default": False,
    "availability_zone_hints": (),
    "availability_zones": (),
    "ipv4_address_scope": None,
    "ipv6_address_scope": None,
    "qos_policy_id": None,
}

_SUBNET: Mapping[str, Any] = {
    "ip_version": 4,
    "cidr": "203.0.113.0/24",
    "gateway_ip": "203.0.113.1",
    "allocation_pools": ({"start": "203.0.113.100", "end": "203.0.113.199"},),
}


def _stable_id(kind: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://demo.invalid/{kind}/public"))


def add(state: CloudState, owner: str) -> None:
    """Give a cloud an external network ``public`` of this project, with addresses for documentation (RFC 5737)."""
    network, subnet = _stable_id("network"), _stable_id("subnet")
    state.networks.append({**_described(owner), **_NETWORK, "id": network, "subnets": [subnet]})
    state.subnets.append({**_described(owner), **_SUBNET, "id": subnet, "network_id": network})


def _described(owner: str) -> dict[str, Any]:
    """What networks and subnets say of themselves alike."""
    return {
        "name": "public",
        "description": "",
        "project_id": owner,
        "tenant_id": owner,
        "tags": [],
        "created_at": "2024-01-01T00:00:00Z",
        "updated_at": "2024-01-01T00:00:00Z",
        "revision_number": 1,
    }
