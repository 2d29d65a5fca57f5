# SPDX-License-Identifier: Apache-2.0
"""What a request for a new server asks for: read, checked as Nova checks it, and not yet done."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import uuid
from typing import Any

from pytest_scs.demo.openstack.services import image, networks, usage
from pytest_scs.demo.openstack.services import network_base as neutron
from pytest_scs.demo.openstack.services.compute_base import version
from pytest_scs.demo.openstack.services.security_groups import ensure_default
from pytest_scs.demo.openstack.state import CloudState
from pytest_scs.demo.openstack.wire import Call, RefusedError, content, find

_GIB = 2**30
_MAX_USER_DATA = 65535
_KNOWN = {
    *("name", "imageRef", "flavorRef", "networks", "block_device_mapping_v2", "security_groups", "availability_zone"),
    *("user_data", "metadata", "tags", "description", "hostname", "key_name", "config_drive", "personality"),
    *("adminPass", "OS-DCF:diskConfig", "accessIPv4", "accessIPv6", "min_count", "max_count", "return_reservation_id"),
    *("trusted_image_certificates", "host", "hypervisor_hostname"),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Disk:
    """A volume for a server: one that exists, or one to be made (``size`` in GiB), of an image, a snapshot or empty."""

    volume: str | None
    image: str | None
    size: int | None
    vanishes: bool
    kind: str | None
    snapshot: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Wanted:
    """A server that may be made: ``networks`` are ids, or None for one that is yet to be made."""

    name: str
    flavor: dict[str, Any]
    image: str | None
    disks: tuple[Disk, ...]
    networks: tuple[str | None, ...]
    groups: tuple[dict[str, Any], ...]
    given: dict[str, Any]


def _invalid(field: str, value: Any, reason: str) -> RefusedError:
    return RefusedError(400, f"Invalid input for field/attribute {field}. Value: {value}. {reason}")


def read(call: Call) -> Wanted:
    """What the body asks for; raises RefusedError (400, 403, 409) where Nova would not do it."""
    asked = version(call)
    state = call.state
    given = content(call, "server", "Invalid input for field/attribute server. 'server' is a required property")
    _check_schema(given, asked)
    flavor = find(state.flavors, str(given["flavorRef"]))
    if flavor is None:
        raise RefusedError(400, f"Flavor {given['flavorRef']} could not be found.")
    zone = given.get("availability_zone")
    if zone and not state.compute_zones.get(zone):
        raise RefusedError(400, "The requested availability zone is not available")
    if given.get("key_name") and all(one["name"] != given["key_name"] for one in state.keypairs):
        raise RefusedError(400, "Invalid key_name provided.")
    listed = _networks(state, given.get("networks"))
    groups = tuple(_group(state, entry) for entry in given.get("security_groups") or [{"name": "default"}])
    picture, disks = _block_devices(state, given, flavor)
    wanted = Wanted(given["name"], flavor, picture, disks, listed, groups, given)
    _check_quota(state, wanted)
    return wanted


def _check_schema(given: dict[str, Any], asked: tuple[int, int]) -> None:
    required = ["name", "flavorRef", *(["networks"] if asked >= (2, 37) else [])]
    for name in required:
        if name not in given:
            raise _invalid("server", given, f"'{name}' is a required property")
    if unknown := sorted(given.keys() - _KNOWN):
        reason = f"Additional properties are not allowed ({', '.join(map(repr, unknown))} was unexpected)"
        raise _invalid("server", given, reason)
    for name, since in (("description", (2, 19)), ("tags", (2, 52)), ("hostname", (2, 90))):
        if name in given and asked < since:
            raise _invalid("server", given, f"Additional properties are not allowed ('{name}' was unexpected)")
    if not isinstance(given["name"], str) or not given["name"].strip():
        raise _invalid("name", given["name"], "'' is too short")
    listed = given.get("networks", [])
    if not isinstance(listed, list) and (asked < (2, 37) or listed not in ("auto", "none")):
        reason = "is not of type 'array'" if asked < (2, 37) else "is not valid under any of the given schemas"
        raise _invalid("networks", listed, f"{listed!r} {reason}")
    if {given.get("min_count", 1), given.get("max_count", 1)} != {1}:
        raise RefusedError(400, "The demo cloud makes one server at a time.")
    _check_user_data(given.get("user_data"))


def _check_user_data(data: Any) -> None:
    if data is None:
        return
    try:
        base64.b64decode(data)  # as lenient as Nova
    except (TypeError, binascii.Error):
        raise _invalid("user_data", data, f"{data!r} is not a 'base64'") from None
    if len(data) > _MAX_USER_DATA:
        raise _invalid("user_data", data, f"{data!r} is too long")


# -- disks ----------------------------------------------------------------------------------------------------------


def _block_devices(
    state: CloudState, given: dict[str, Any], flavor: dict[str, Any]
) -> tuple[str | None, tuple[Disk, ...]]:
    """The image the server runs from, unless it runs from a volume, and its volumes."""
    devices = given.get("block_device_mapping_v2") or []
    reference = given.get("imageRef")
    root = next((device for device in devices if str(device.get("boot_index")) == "0"), None)
    disks = tuple(_disk(state, device, flavor) for device in devices if device.get("destination_type") != "local")
    if root is not None and root.get("destination_type") == "volume":
        return None, disks
    if not reference:
        raise RefusedError(400, "Missing imageRef attribute")
    picture = image_for(state, reference, flavor)
    if flavor["disk"] == 0:
        raise RefusedError(403, "Only volume-backed servers are allowed for flavors with zero disk.")
    if flavor["disk"] < picture["min_disk"]:
        message = (
            "Flavor's disk is smaller than the minimum size specified in image metadata. "
            f"Flavor disk is {flavor['disk'] * _GIB} bytes, minimum size is {picture['min_disk'] * _GIB} bytes."
        )
        raise RefusedError(400, message)
    return reference, disks


def image_for(state: CloudState, reference: Any, flavor: dict[str, Any]) -> dict[str, Any]:
    """The image that a server of this flavor is to run from; raises RefusedError (400)."""
    try:
        uuid.UUID(reference)
    except (AttributeError, TypeError, ValueError):
        reason = f"{reference!r} is not valid under any of the given schemas"
        raise _invalid("imageRef", reference, reason) from None
    picture = image.find_accessible(state, reference)
    if picture is None:
        raise RefusedError(400, "Can not find requested image")
    if picture["status"] != "active":
        raise RefusedError(400, f"Image {reference} is not active.")
    if flavor["ram"] < picture["min_ram"]:
        raise RefusedError(400, "Flavor's memory is too small for requested image.")
    return picture


def _disk(state: CloudState, device: dict[str, Any], flavor: dict[str, Any]) -> Disk:
    source, reference, size = device.get("source_type"), device.get("uuid"), device.get("volume_size")
    vanishes, kind = bool(device.get("delete_on_termination")), device.get("volume_type")
    if source == "volume":
        volume = find(state.volumes, str(reference))
        if volume is None:
            raise RefusedError(400, f"Block Device Mapping is Invalid: failed to get volume {reference}.")
        if volume["status"] != "available":
            status = f"status must be 'available'. Currently in '{volume['status']}'"
            raise RefusedError(400, f"Invalid volume: volume '{reference}' {status}")
        return Disk(volume["id"], None, None, vanishes, None)
    if source == "snapshot" and (taken := find(state.snapshots, str(reference))):
        return Disk(None, None, int(size or taken["size"]), vanishes, kind, taken["id"])
    if source not in ("image", "blank"):
        raise RefusedError(400, f"Block Device Mapping is Invalid: failed to get snapshot {reference}.")
    if not size:
        message = f"{source.title()}s with destination_type 'volume' need to have a non-zero size specified"
        raise RefusedError(400, f"Block Device Mapping is Invalid: {message}")
    if source == "blank":
        return Disk(None, None, int(size), vanishes, kind)
    picture = image_for(state, reference, flavor)
    if int(size) < picture["min_disk"]:
        message = (
            "Volume is smaller than the minimum size specified in image metadata. "
            f"Volume size is {int(size) * _GIB} bytes, minimum size is {picture['min_disk'] * _GIB} bytes."
        )
        raise RefusedError(400, message)
    return Disk(None, picture["id"], int(size), vanishes, kind)


# -- networks, groups, quota ----------------------------------------------------------------------------------------


def _networks(state: CloudState, listed: Any) -> tuple[str | None, ...]:
    """The networks a server is to be on: those listed, or the only one of the project, or with ``auto`` a new one."""
    if listed == "none":
        return ()
    if listed in (None, [], "auto"):
        own = [network["id"] for network in state.networks if state.owns(network) or network["shared"]]
        if len(own) > 1:
            message = "Multiple possible networks found, use a Network ID to be more specific."
            raise RefusedError(409, message)
        return tuple(own) or ((None,) if listed == "auto" else ())
    return tuple(_network(state, entry) for entry in listed)


def _network(state: CloudState, entry: dict[str, Any]) -> str:
    wanted = str(entry.get("uuid"))
    network = find(state.networks, wanted)
    if network is None or not neutron.visible(state, network):
        raise RefusedError(400, f"Network {wanted} could not be found.")
    if network["router:external"] and not network["shared"]:
        raise RefusedError(403, f"It is not allowed to create an interface on external network {wanted}")
    if not network["subnets"]:
        raise RefusedError(400, f"Network {wanted} requires a subnet in order to boot instances on.")
    for subnet in state.subnets:
        if subnet["network_id"] == wanted:
            networks.free_address(state, subnet)
    return wanted


def _group(state: CloudState, entry: dict[str, Any]) -> dict[str, Any]:
    wanted = entry.get("name")
    ensure_default(state)
    for group in state.security_groups:
        if wanted in (group["name"], group["id"]):
            return group
    raise RefusedError(400, f"Unable to find security_group with name or id '{wanted}'")


def _check_quota(state: CloudState, wanted: Wanted) -> None:
    needs = {"cores": wanted.flavor["vcpus"], "instances": 1, "ram": wanted.flavor["ram"]}
    if over := usage.exceeded(state, needs):
        used = usage.used(state)
        names, requested, has, allowed = (
            ", ".join(map(str, column))
            for column in zip(*((name, needs[name], used[name], state.quota[name]) for name in over), strict=True)
        )
        message = f"Quota exceeded for {names}: Requested {requested}, but already used {has} of {allowed} {names}"
        raise RefusedError(403, message)
    if usage.exceeded(state, {"ports": len(wanted.networks)}):
        raise RefusedError(403, "Maximum number of ports exceeded")
