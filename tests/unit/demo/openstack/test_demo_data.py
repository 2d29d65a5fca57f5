# SPDX-License-Identifier: Apache-2.0
"""What the demo clouds contain is what the standards ask for, and not one thing less."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pytest

from pytest_scs.demo.openstack import data
from pytest_scs.demo.openstack.state import CloudState

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)

#: scs-0103-v1: name, vCPUs, RAM (MiB), disk, scs:cpu-type, scs:disk0-type
FLAVORS = """
SCS-1V-4 1 4096 0 shared-core -
SCS-2V-8 2 8192 0 shared-core -
SCS-4V-16 4 16384 0 shared-core -
SCS-4V-16-100s 4 16384 100 shared-core ssd
SCS-8V-32 8 32768 0 shared-core -
SCS-1V-2 1 2048 0 shared-core -
SCS-2V-4 2 4096 0 shared-core -
SCS-2V-4-20s 2 4096 20 shared-core ssd
SCS-4V-8 4 8192 0 shared-core -
SCS-8V-16 8 16384 0 shared-core -
SCS-16V-32 16 32768 0 shared-core -
SCS-1V-8 1 8192 0 shared-core -
SCS-2V-16 2 16384 0 shared-core -
SCS-4V-32 4 32768 0 shared-core -
SCS-1L-1 1 1024 0 crowded-core -
SCS-1V-4-10 1 4096 10 shared-core network
SCS-2V-8-20 2 8192 20 shared-core network
SCS-4V-16-50 4 16384 50 shared-core network
SCS-8V-32-100 8 32768 100 shared-core network
SCS-1V-2-5 1 2048 5 shared-core network
SCS-2V-4-10 2 4096 10 shared-core network
SCS-4V-8-20 4 8192 20 shared-core network
SCS-8V-16-50 8 16384 50 shared-core network
SCS-16V-32-100 16 32768 100 shared-core network
SCS-1V-8-20 1 8192 20 shared-core network
SCS-2V-16-50 2 16384 50 shared-core network
SCS-4V-32-100 4 32768 100 shared-core network
SCS-1L-1-5 1 1024 5 crowded-core network
SCS-16V-64 16 65536 0 shared-core -
SCS-8V-64 8 65536 0 shared-core -
SCS-16V-128 16 131072 0 shared-core -
"""


@pytest.fixture
def conformant() -> CloudState:
    return data.conformant(NOW)


def by_name(items: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {item["name"]: item for item in items}


def test_the_standard_flavors_are_complete_and_exact(conformant: CloudState) -> None:
    flavors = by_name(conformant.flavors)
    rows = [line.split() for line in FLAVORS.strip().splitlines()]
    assert len(rows) == 31
    for name, vcpus, ram, disk, cpu_type, disk_type in rows:
        flavor = flavors.pop(name)
        assert (flavor["vcpus"], flavor["ram"], flavor["disk"]) == (int(vcpus), int(ram), int(disk))
        expected = {
            "scs:name-v1": "SCS-" + name[4:].replace("-", ":"),
            "scs:name-v2": name,
            "scs:cpu-type": cpu_type,
            "hw_rng:allowed": "True",
        }
        assert flavor["extra_specs"] == expected | ({} if disk_type == "-" else {"scs:disk0-type": disk_type})
    assert list(flavors) == ["m1.tiny"]
    assert flavors["m1.tiny"]["extra_specs"] == {"hw_rng:allowed": "True"}


def test_the_flavors_are_public_and_enabled_and_have_ids_of_their_own(conformant: CloudState) -> None:
    assert all(flavor["is_public"] and not flavor["disabled"] for flavor in conformant.flavors)
    assert len({flavor["id"] for flavor in conformant.flavors}) == 32


def test_the_public_images_are_those_of_the_standard(conformant: CloudState) -> None:
    public = [image for image in conformant.images if image["visibility"] == "public"]
    prefixes = {
        "Ubuntu 24.04": "https://cloud-images.ubuntu.com/releases/noble/",
        "Ubuntu 22.04": "https://cloud-images.ubuntu.com/releases/jammy/",
        "Ubuntu 26.04": "https://cloud-images.ubuntu.com/releases/resolute/",
        "Debian 12": "https://cloud.debian.org/images/cloud/bookworm/",
        "Debian 13": "https://cloud.debian.org/images/cloud/trixie/",
        "ubuntu-capi-image-v1.33.1": "https://nbg1.your-objectstorage.com/osism/openstack-k8s-capi-images/",
        "ubuntu-capi-image v1.32.4": "https://nbg1.your-objectstorage.com/osism/openstack-k8s-capi-images/",
    }
    assert [image["name"] for image in public] == list(prefixes)
    for image in public:
        assert image["image_source"].startswith(prefixes[image["name"]])
        if "capi" in image["name"]:
            assert image["os_purpose"] == "k8snode"
            assert image["image_description"] == "https://github.com/osism/k8s-capi-images"


def assert_conforming_image(image: dict[str, Any], now: datetime) -> None:
    """scs-0102-v1/-v2, by the letter."""
    assert image["status"] == "active"
    assert image["architecture"] == "x86_64"
    assert image["os_distro"] in ("ubuntu", "debian")
    assert re.fullmatch(r"\d+(\.\d+)*", image["os_version"])
    assert image["os_purpose"] in ("generic", "minimal", "k8snode", "gpu", "network", "custom")
    assert image["hw_disk_bus"] == "scsi"
    assert image["hw_scsi_model"] == "virtio-scsi"
    assert image["hw_rng_model"] == "virtio"
    assert image["hypervisor_type"] == "qemu"
    assert image["min_ram"] >= 64
    assert image["min_disk"] * 2**30 >= max(image["size"], image["virtual_size"]) > 0
    assert image["os_hash_algo"] == "sha512"
    assert re.fullmatch(r"[0-9a-f]{128}", image["os_hash_value"])
    assert image["replace_frequency"] == "monthly"
    assert date.fromisoformat(image["provided_until"]) > now.date()
    assert image["uuid_validity"] == "last-3"
    assert image["hotfix_hours"].isdigit()
    assert re.fullmatch(r"https://[^/]+/.+", image["image_source"])
    assert image["image_description"].strip()
    assert image["image_original_user"] == image["os_distro"]
    built = datetime.fromisoformat(image["image_build_date"]).replace(tzinfo=UTC)
    created = datetime.strptime(image["created_at"], "%Y-%m-%dT%H:%M:%S%z")
    assert built <= created <= now
    assert (now - built).days < 8
    assert any(tag.startswith("managed_by_") for tag in image["tags"])
    assert f"os:{image['os_distro']}" in image["tags"]


@pytest.mark.parametrize(
    "now", [NOW, datetime(2028, 2, 29, tzinfo=UTC), datetime(2027, 1, 1, 0, 0, 1, tzinfo=UTC), datetime.now(UTC)]
)
def test_the_public_images_have_all_metadata_whatever_the_day(now: datetime) -> None:
    for image in data.conformant(now).images[:-1]:
        assert_conforming_image(image, now)


def test_only_one_generic_image_exists_of_each_system(conformant: CloudState) -> None:
    data.many(conformant, images=300, now=NOW)
    generic = [image for image in conformant.images if image.get("os_purpose") == "generic"]
    kinds = Counter((image["architecture"], image["os_distro"], image["os_version"]) for image in generic)
    assert len(kinds) == 5
    assert set(kinds.values()) == {1}


def test_the_private_image_of_the_project_would_not_conform(conformant: CloudState) -> None:
    private = conformant.images[-1]
    assert (private["visibility"], private["owner"]) == ("private", conformant.project_id)
    assert private["min_disk"] == 0
    assert "os_purpose" not in private


def test_the_volume_types_advertise_their_aspects(conformant: CloudState) -> None:
    descriptions = {volume_type["name"]: volume_type["description"] for volume_type in conformant.volume_types}
    aspects = {name: re.match(r"\[scs:([^\[\]]*)\] ", text) for name, text in descriptions.items()}
    assert {name: match[1] if match else None for name, match in aspects.items()} == {
        "standard": None,
        "encrypted": "encrypted",
        "replicated": "replicated",
        "encrypted-replicated": "encrypted, replicated",
        "__DEFAULT__": None,
    }


def test_the_security_group_template_lets_out_and_not_in(conformant: CloudState) -> None:
    rules = conformant.default_security_group_rules
    assert rules is not None
    assert Counter((rule["direction"], rule["ethertype"]) for rule in rules) == {
        ("egress", "IPv4"): 1,
        ("egress", "IPv6"): 1,
        ("ingress", "IPv4"): 1,
        ("ingress", "IPv6"): 1,
    }
    for rule in rules:
        ingress = rule["direction"] == "ingress"
        assert rule["used_in_default_sg"]
        assert rule["used_in_non_default_sg"] is not ingress
        assert rule["remote_group_id"] == ("PARENT" if ingress else None)
        assert rule["remote_ip_prefix"] is rule["protocol"] is None


def test_the_mandatory_services_are_in_the_catalog(conformant: CloudState) -> None:
    types = [service["type"] for service in conformant.services]
    mandatory = ["identity", "compute", "image", "network", "volumev3", "block-storage", "placement", "load-balancer"]
    assert sorted(types) == sorted([*mandatory, "key-manager", "object-store", "object-store-s3"])
    assert not {"admin", "manager"} & set(conformant.roles)


def test_a_vanilla_cloud_knows_nothing_of_scs() -> None:
    cloud = data.vanilla(NOW)
    assert [flavor["name"] for flavor in cloud.flavors] == [
        f"m1.{size}" for size in ("tiny", "small", "medium", "large", "xlarge")
    ]
    assert not any(flavor["extra_specs"] for flavor in cloud.flavors)
    [image] = cloud.images
    assert image["name"].startswith("cirros")
    assert not {"architecture", "os_distro", "os_version", "image_source", "replace_frequency"} & image.keys()
    assert [(kind["name"], kind["description"]) for kind in cloud.volume_types] == [("__DEFAULT__", None)]
    assert [service["type"] for service in cloud.services] == [
        "identity",
        "compute",
        "image",
        "network",
        "volumev3",
        "placement",
    ]


def test_many_more_still_conform_and_have_names_of_their_own(conformant: CloudState) -> None:
    data.many(conformant, images=500, flavors=5000, now=NOW)
    data.many(conformant, images=500, now=NOW)
    assert len({image["name"] for image in conformant.images}) == len(conformant.images) == 1008
    assert len({image["id"] for image in conformant.images}) == 1008
    assert len({flavor["name"] for flavor in conformant.flavors}) == len(conformant.flavors) == 5032
    for image in conformant.images[8:]:
        assert_conforming_image(image, NOW)
    for flavor in conformant.flavors[32:]:
        match = re.fullmatch(r"SCS-(\d+)V-(\d+)-(\d+)n", flavor["name"])
        assert match
        vcpus, ram, disk = map(int, match.groups())
        assert (flavor["vcpus"], flavor["ram"], flavor["disk"]) == (vcpus, ram * 1024, disk)
        assert flavor["extra_specs"]["scs:disk0-type"] == "network"
        assert flavor["extra_specs"]["scs:name-v1"] == f"SCS-{vcpus}V:{ram}:{disk}n"
