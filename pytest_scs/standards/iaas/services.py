# SPDX-License-Identifier: Apache-2.0
"""Services in the catalog (scs-0123-v1, scs-0123-v2, scs-0116-v1): only the type of an entry counts.

See docs/standards/scs-0123.md#catalog-entries.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from pytest_scs.base.shell import quote
from pytest_scs.core.findings import Basis, Finding, Observation
from pytest_scs.standards.iaas.model import Service

#: What the official suite accepts as block storage, whatever the version of the standard.
BLOCK_STORAGE_TYPES = ("block-storage", "volumev3", "volume")

#: The further names that OpenStack's service-types authority allows for it, and thereby scs-0123-v2 ("Mandatory IaaS
#: APIs"; docs/standards/scs-0123.md#block-storage).
BLOCK_STORAGE_ALIASES = ("volumev2", "block-store")

#: Required by the official suite, but in the list of neither version of scs-0123 (DEV-0123-4).
UNLISTED_TYPES = frozenset({"placement"})

#: The rule that a service of this type is listed.
_RULES = {
    "block-storage": "scs-0123/block_storage_listed",
    "compute": "scs-0123/compute_listed",
    "identity": "scs-0123/identity_listed",
    "image": "scs-0123/image_listed",
    "key-manager": "scs-0116/key_manager_listed",
    "load-balancer": "scs-0123/load_balancer_listed",
    "network": "scs-0123/network_listed",
    "object-store-s3": "scs-0123/s3_listed",
    "placement": "scs-0123/placement_listed",
}

# The usual name of the service behind a type, for the hints.
_PROJECTS = {
    "block-storage": "cinder",
    "compute": "nova",
    "identity": "keystone",
    "image": "glance",
    "key-manager": "barbican",
    "load-balancer": "octavia",
    "network": "neutron",
    "object-store-s3": "s3",
}


def check_service(service_type: str, catalog: Sequence[Service]) -> Iterator[Observation]:
    """The catalog lists a service of exactly this type, which is one of those in ``_RULES``.

    Source: scs-0123-v1 and scs-0123-v2, "Mandatory IaaS APIs" (docs/standards/scs-0123.md#catalog-entries).
    DEV-0123-4: ``placement`` is missed by the official suite only.
    """
    if service_type not in _types(catalog):
        unlisted = service_type in UNLISTED_TYPES
        yield _missing((service_type,), catalog, "DEV-0123-4" if unlisted else "")


def check_block_storage(modules: Collection[str], catalog: Sequence[Service]) -> Iterator[Observation]:
    """The catalog lists block storage under an accepted type (docs/standards/scs-0123.md#block-storage).

    ``modules`` are the ids of the scope modules that asked. Version 2 of the standard permits all aliases of the
    service-types authority, of which the official suite knows only some (DEV-0123-5). Where version 1 asked as well,
    one verdict serves both, and the shorter list decides.
    """
    present = _types(catalog)
    if present.isdisjoint(BLOCK_STORAGE_TYPES):
        aliases_permitted = "scs-0123-v2" in modules and "scs-0123-v1" not in modules
        alias_found = aliases_permitted and not present.isdisjoint(BLOCK_STORAGE_ALIASES)
        yield _missing(BLOCK_STORAGE_TYPES, catalog, "DEV-0123-5" if alias_found else "")


def check_key_manager(catalog: Sequence[Service]) -> Iterator[Observation]:
    """The catalog lists a key manager (recommendation of scs-0116-v1; docs/standards/scs-0116.md)."""
    yield from check_service("key-manager", catalog)


def registration(name: str, service_type: str, regions: Collection[str] = ()) -> str:
    """What mends the absence of a service from the catalog; ``regions`` are those that the catalog has."""
    region = quote(next(iter(regions))) if len(regions) == 1 else "REGION"
    what = "an S3 API (of Ceph or Swift)" if service_type == "object-store-s3" else name
    return (
        f"install {what} if it is not there yet; then: openstack service create --name {name} {service_type} && "
        f"openstack endpoint create --region {region} {name} public URL"
    )


def _types(catalog: Sequence[Service]) -> frozenset[str]:
    return frozenset(service.type for service in catalog)


def _missing(wanted: Sequence[str], catalog: Sequence[Service], deviation: str) -> Finding:
    """The finding that none of the types is there; with a deviation it is one of the official suite only."""
    canonical = wanted[0]
    name = _PROJECTS.get(canonical, canonical)
    return Finding(
        resource="service catalog",
        rule=_RULES[canonical],
        title=f"the {canonical} service is listed",
        expected=f"a service of type {' or '.join(wanted)}",
        observed=", ".join(sorted(_types(catalog))) or "an empty catalog",
        hint=registration(name, canonical, {region for service in catalog for region in service.regions}),
        basis=Basis.OFFICIAL if deviation else Basis.BOTH,
        deviation=deviation,
    )
