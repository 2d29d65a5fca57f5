# SPDX-License-Identifier: Apache-2.0
"""How Nova shows a server, in the microversion that is asked for."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from pytest_scs.demo.openstack.services import compute_base as base
from pytest_scs.demo.openstack.services import server_parts, volumes
from pytest_scs.demo.openstack.state import CloudState
from pytest_scs.demo.openstack.wire import Call, find

_BUILT = ("ACTIVE", "SHUTOFF", "PAUSED", "SUSPENDED", "REBUILD", "RESIZE", "VERIFY_RESIZE", "REVERT_RESIZE")
_POWER_STATES = {**dict.fromkeys(_BUILT, 1), "PAUSED": 3, "SHUTOFF": 4, "SUSPENDED": 4}


def _flavor(call: Call, flavor: Mapping[str, Any]) -> dict[str, Any]:
    if base.version(call) < (2, 47):
        return {"id": flavor["id"], "links": [base.bookmark(call, "flavors", flavor["id"])]}
    shown = {"vcpus": flavor["vcpus"], "ram": flavor["ram"], "disk": flavor["disk"], "ephemeral": 0, "swap": 0}
    return shown | {"original_name": flavor["name"], "extra_specs": flavor["extra_specs"]}


def _addresses(state: CloudState, server: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    addresses: dict[str, list[dict[str, Any]]] = {}
    for port in state.ports if server["status"] in _BUILT else ():
        if port["device_id"] != server["id"]:
            continue
        network = find(state.networks, port["network_id"]) or {"name": ""}
        for fixed in port["fixed_ips"]:
            entry = {
                "version": 6 if ":" in fixed["ip_address"] else 4,
                "addr": fixed["ip_address"],
                "OS-EXT-IPS:type": "fixed",
                "OS-EXT-IPS-MAC:mac_addr": port["mac_address"],
            }
            addresses.setdefault(network["name"], []).append(entry)
    return addresses


def _attached(call: Call, server: Mapping[str, Any]) -> list[dict[str, Any]]:
    attached = server["_volumes"] if server["status"] in _BUILT else []
    if base.version(call) < (2, 3):
        return [{"id": identity} for identity, _ in attached]
    return [{"id": identity, "delete_on_termination": vanishes} for identity, vanishes in attached]


def show(call: Call, server: Mapping[str, Any]) -> dict[str, Any]:
    """A server with its details, in the microversion that is asked for."""
    active = server["status"] in _BUILT
    image = server["image"]
    host = hashlib.sha224(f"{call.state.project_id}demo-compute".encode()).hexdigest()
    shown = {
        "id": server["id"],
        "name": server["name"],
        "status": server["status"],
        "tenant_id": server["project_id"],
        "user_id": call.state.user_id,
        "metadata": server["metadata"],
        "hostId": host if active else "",
        "image": {"id": image, "links": [base.bookmark(call, "images", image)]} if image else "",
        "flavor": _flavor(call, server["_flavor"]),
        "created": server["created_at"],
        "updated": server["updated_at"],
        "addresses": _addresses(call.state, server),
        "accessIPv4": "",
        "accessIPv6": "",
        "links": base.links(call, "servers", server["id"]),
        "OS-DCF:diskConfig": "MANUAL",
        "OS-EXT-AZ:availability_zone": volumes.ZONE if active else "",
        "config_drive": "True" if server["config_drive"] else "",
        "key_name": server["key_name"],
        "OS-SRV-USG:launched_at": server["launched_at"],
        "OS-SRV-USG:terminated_at": None,
        "OS-EXT-STS:task_state": server["task_state"],
        "OS-EXT-STS:vm_state": server_parts.VM_STATES.get(server["status"], server["status"].lower()),
        "OS-EXT-STS:power_state": _POWER_STATES.get(server["status"], 0),
        "os-extended-volumes:volumes_attached": _attached(call, server),
    }
    if active:
        shown |= {"progress": 0, "security_groups": [{"name": name} for name in server["security_groups"]]}
    if server["fault"]:
        shown["fault"] = server["fault"]
    return shown | _shown_later(call, server)


def _shown_later(call: Call, server: Mapping[str, Any]) -> dict[str, Any]:
    """What later microversions show of a server, up to the one that is asked for."""
    later = {
        (2, 9): {"locked": server["locked"]},
        (2, 19): {"description": server["description"]},
        (2, 26): {"tags": server["tags"]},
        (2, 63): {"trusted_image_certificates": None},
        (2, 71): {"server_groups": []},
        (2, 73): {"locked_reason": server["locked_reason"]},
        (2, 90): {"OS-EXT-SRV-ATTR:hostname": re.sub(r"[^a-z0-9-]+", "-", server["name"].lower()).strip("-")},
        (2, 96): {"pinned_availability_zone": None},
    }
    version = base.version(call)
    return {
        name: value for since, attributes in later.items() if version >= since for name, value in attributes.items()
    }
