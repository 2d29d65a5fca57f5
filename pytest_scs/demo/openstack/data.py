# SPDX-License-Identifier: Apache-2.0
"""What demo clouds contain: one that conforms to the SCS standards, and one that never heard of them.

The values follow scs-0103-v1 (flavors), scs-0102-v1/-v2 (image metadata), scs-0104-v1/-v2 (images and their sources),
scs-0114-v1 (volume types), scs-0115-v1 (default security-group rules) and scs-0123-v1/-v2 (services).
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from pytest_scs.demo.openstack import outside
from pytest_scs.demo.openstack.directory import Directory
from pytest_scs.demo.openstack.state import CloudState

_GIB = 2**30
_MIB = 2**20


def _stable_id(kind: str, name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://demo.invalid/{kind}/{name}"))


#: The project that owns what the provider publishes.
_PROVIDER = _stable_id("project", "provider").replace("-", "")

# -- flavors --------------------------------------------------------------------------------------------------------

#: The standard flavors of scs-0103-v1 as vCPUs, CPU letter, RAM (GiB), disk (GiB), disk letter.
_STANDARD_FLAVORS = [
    *((n, "V", ram, 0, "") for n, ram in ((1, 4), (2, 8), (4, 16), (8, 32))),
    *((n, "V", ram, 0, "") for n, ram in ((1, 2), (2, 4), (4, 8), (8, 16), (16, 32))),
    *((n, "V", ram, 0, "") for n, ram in ((1, 8), (2, 16), (4, 32))),
    (1, "L", 1, 0, ""),
    (2, "V", 4, 20, "s"),
    (4, "V", 16, 100, "s"),
    *((n, "V", ram, disk, "") for n, ram, disk in ((1, 4, 10), (2, 8, 20), (4, 16, 50), (8, 32, 100))),
    *((n, "V", ram, disk, "") for n, ram, disk in ((1, 2, 5), (2, 4, 10), (4, 8, 20), (8, 16, 50), (16, 32, 100))),
    *((n, "V", ram, disk, "") for n, ram, disk in ((1, 8, 20), (2, 16, 50), (4, 32, 100))),
    (1, "L", 1, 5, ""),
    *((n, "V", ram, 0, "") for n, ram in ((16, 64), (8, 64), (16, 128))),
]
_CPU_TYPES = {"V": "shared-core", "L": "crowded-core"}
_DISK_TYPES = {"s": "ssd", "n": "network", "": "network"}


def _flavor(name: str, vcpus: int, ram: int, disk: int, extra_specs: dict[str, str]) -> dict[str, Any]:
    return {
        "id": _stable_id("flavor", name),
        "name": name,
        "vcpus": vcpus,
        "ram": ram,
        "disk": disk,
        "is_public": True,
        "disabled": False,
        "description": None,
        "extra_specs": extra_specs,
    }


def _scs_flavor(vcpus: int, cpu: str, ram: int, disk: int, letter: str) -> dict[str, Any]:
    """A flavor called what it is, with the extra specs of scs-0103-v1; ``ram`` in GiB."""
    rest = f"-{ram}" + (f"-{disk}{letter}" if disk else "")
    extra_specs = {
        "scs:name-v1": f"SCS-{vcpus}{cpu}{rest.replace('-', ':')}",
        "scs:name-v2": f"SCS-{vcpus}{cpu}{rest}",
        "scs:cpu-type": _CPU_TYPES[cpu],
        "hw_rng:allowed": "True",
    }
    if disk:
        extra_specs["scs:disk0-type"] = _DISK_TYPES[letter]
    return _flavor(extra_specs["scs:name-v2"], vcpus, ram * 1024, disk, extra_specs)


# -- images ---------------------------------------------------------------------------------------------------------


class _Release(NamedTuple):
    """An image the provider publishes: ``min_disk`` in GiB, ``min_ram`` in MiB."""

    name: str
    distro: str
    version: str
    purpose: str
    min_disk: int
    min_ram: int
    source: str
    description: str


def _ubuntu(version: str, codename: str) -> _Release:
    host = "https://cloud-images.ubuntu.com"
    source = f"{host}/releases/{codename}/release/ubuntu-{version}-server-cloudimg-amd64.img"
    return _Release(f"Ubuntu {version}", "ubuntu", version, "generic", 8, 512, source, f"{host}/{codename}/")


def _debian(version: str, codename: str) -> _Release:
    folder = f"https://cloud.debian.org/images/cloud/{codename}"
    source = f"{folder}/latest/debian-{version}-genericcloud-amd64.qcow2"
    return _Release(f"Debian {version}", "debian", version, "generic", 8, 512, source, f"{folder}/")


def _capi(name: str, version: str) -> _Release:
    bucket = "https://nbg1.your-objectstorage.com/osism/openstack-k8s-capi-images"
    source = f"{bucket}/ubuntu-2404-kube-{version.rpartition('.')[0]}/ubuntu-2404-kube-{version}.qcow2"
    description = "https://github.com/osism/k8s-capi-images"
    return _Release(name, "ubuntu", "24.04", "k8snode", 20, 1024, source, description)


_RELEASES = [
    _ubuntu("24.04", "noble"),
    _ubuntu("22.04", "jammy"),
    _ubuntu("26.04", "resolute"),
    _debian("12", "bookworm"),
    _debian("13", "trixie"),
    _capi("ubuntu-capi-image-v1.33.1", "v1.33.1"),
    _capi("ubuntu-capi-image v1.32.4", "v1.32.4"),
]


def _bare_image(name: str, owner: str, visibility: str, registered: datetime, size: int) -> dict[str, Any]:
    """What Glance itself knows of an image; ``size`` in bytes."""
    identity = _stable_id("image", name)
    content = hashlib.sha512(identity.encode()).hexdigest()
    stamp = registered.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "id": identity,
        "name": name,
        "status": "active",
        "visibility": visibility,
        "owner": owner,
        "disk_format": "qcow2",
        "container_format": "bare",
        "size": size,
        "virtual_size": None,
        "min_disk": 0,
        "min_ram": 0,
        "protected": False,
        "os_hidden": False,
        "checksum": content[:32],
        "os_hash_algo": "sha512",
        "os_hash_value": content,
        "created_at": stamp,
        "updated_at": stamp,
        "tags": [],
    }


def _image(release: _Release, now: datetime) -> dict[str, Any]:
    """An image with all metadata scs-0102 knows, built three days and registered two days before ``now``."""
    registered = now - timedelta(days=2)
    image = _bare_image(release.name, _PROVIDER, "public", registered, 640 * _MIB)
    return image | {
        "virtual_size": (release.min_disk // 2) * _GIB,
        "min_disk": release.min_disk,
        "min_ram": release.min_ram,
        "tags": ["managed_by_demo", f"os:{release.distro}"],
        "architecture": "x86_64",
        "os_type": "linux",
        "os_distro": release.distro,
        "os_version": release.version,
        "os_purpose": release.purpose,
        "hypervisor_type": "qemu",
        "hw_disk_bus": "scsi",
        "hw_scsi_model": "virtio-scsi",
        "hw_rng_model": "virtio",
        "image_source": release.source,
        "image_description": release.description,
        "image_build_date": (now - timedelta(days=3)).date().isoformat(),
        "image_original_user": release.distro,
        "replace_frequency": "monthly",
        "provided_until": date(now.year + 2, 12, 31).isoformat(),
        "uuid_validity": "last-3",
        "hotfix_hours": "0",
        "patchlevel": "0",
    }


# -- the rest -------------------------------------------------------------------------------------------------------

_VOLUME_TYPES = {
    "standard": "Volumes without promises",
    "encrypted": "[scs:encrypted] LUKS with keys in the key manager",
    "replicated": "[scs:replicated] Three copies",
    "encrypted-replicated": "[scs:encrypted, replicated] LUKS, three copies",
    "__DEFAULT__": "Default volume type",
}
#: Type, name and path of the services every OpenStack has, and of those a conforming cloud adds.
_CORE_SERVICES = [
    ("identity", "keystone", "/identity"),
    ("compute", "nova", "/compute/v2.1"),
    ("image", "glance", "/image"),
    ("network", "neutron", "/network"),
    ("volumev3", "cinderv3", "/volume/v3/{project_id}"),
    ("placement", "placement", "/placement"),
]
_MORE_SERVICES = [
    ("block-storage", "cinder", "/volume/v3/{project_id}"),
    ("load-balancer", "octavia", "/load-balancer"),
    ("key-manager", "barbican", "/key-manager"),
    ("object-store", "swift", "/object-store/v1/AUTH_{project_id}"),
    ("object-store-s3", "s3", "/"),
]


def _volume_type(name: str, description: str | None) -> dict[str, Any]:
    identity = _stable_id("volume type", name)
    return {"id": identity, "name": name, "description": description, "is_public": True, "extra_specs": {}}


def _services(entries: list[tuple[str, str, str]]) -> list[dict[str, Any]]:
    return [{"type": kind, "name": name, "path": path} for kind, name, path in entries]


def _default_rules() -> list[dict[str, Any]]:
    """The template Neutron is installed with: all egress, and ingress inside the project's ``default`` group."""
    rules = []
    for direction, remote_group, in_custom in (("egress", None, True), ("ingress", "PARENT", False)):
        for ethertype in ("IPv4", "IPv6"):
            rule = {
                "id": _stable_id("default rule", f"{direction}/{ethertype}"),
                "direction": direction,
                "ethertype": ethertype,
                "protocol": None,
                "port_range_min": None,
                "port_range_max": None,
                "remote_ip_prefix": None,
                "remote_group_id": remote_group,
                "remote_address_group_id": None,
                "description": f"Legacy default SG rule for {direction} traffic",
                "used_in_default_sg": True,
                "used_in_non_default_sg": in_custom,
            }
            rules.append(rule)
    return rules


# -- the clouds -----------------------------------------------------------------------------------------------------


def conformant(now: datetime) -> CloudState:
    """A cloud that conforms to every standard it can be judged by from outside, by the suite and by the texts.

    ``now`` (aware, UTC) is the moment the images are fresh at. The project also has a private image without any
    metadata, which nobody may judge.
    """
    state = CloudState(
        flavors=[_scs_flavor(*numbers) for numbers in _STANDARD_FLAVORS],
        images=[_image(release, now) for release in _RELEASES],
        volume_types=[_volume_type(name, description) for name, description in _VOLUME_TYPES.items()],
        services=_services([*_CORE_SERVICES, *_MORE_SERVICES]),
        default_security_group_rules=_default_rules(),
    )
    outside.add(state, _PROVIDER)
    state.flavors.append(_flavor("m1.tiny", 1, 512, 1, {"hw_rng:allowed": "True"}))
    state.images.append(
        _bare_image("my own snapshot", state.project_id, "private", now - timedelta(days=400), 900 * _MIB)
    )
    return state


def vanilla(now: datetime) -> CloudState:
    """A freshly installed OpenStack that never heard of SCS; ``now`` as for ``conformant``."""
    sizes = {"tiny": (1, 512, 1), "small": (1, 2048, 20), "medium": (2, 4096, 40), "large": (4, 8192, 80)}
    sizes["xlarge"] = (8, 16384, 160)
    cirros = _bare_image("cirros-0.6.3-x86_64-disk", _PROVIDER, "public", now - timedelta(days=400), 21 * _MIB)
    state = CloudState(
        flavors=[_flavor(f"m1.{size}", *numbers, {}) for size, numbers in sizes.items()],
        images=[cirros | {"hw_rng_model": "virtio"}],
        volume_types=[_volume_type("__DEFAULT__", None)],
        services=_services(_CORE_SERVICES),
        default_security_group_rules=_default_rules(),
        roles=["member", "reader"],
        directory=Directory(),
    )
    outside.add(state, _PROVIDER)
    return state


def many(state: CloudState, images: int = 0, flavors: int = 0, now: datetime | None = None) -> None:
    """Add so many more conforming images and flavors to a cloud, for load tests.

    The images are for special purposes, of which any number may exist, and fresh at ``now`` (default: the cloud's
    present time); the flavors have disks larger than any standard flavor, so that names stay unique.
    """
    now = now or state.now()
    for number in range(len(state.images), len(state.images) + images):
        pattern = _ubuntu("24.04", "noble") if number % 2 else _debian("12", "bookworm")
        purpose = "minimal" if number % 3 else "custom"
        state.images.append(_image(pattern._replace(name=f"Appliance {number:05}", purpose=purpose), now))
    for number in range(len(state.flavors), len(state.flavors) + flavors):
        state.flavors.append(_scs_flavor(1 + number % 32, "V", 1 + number // 32 % 64, 200 + number // 2048, "n"))
