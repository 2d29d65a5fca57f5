# SPDX-License-Identifier: Apache-2.0
"""Services in the catalog (scs-0123-v1, scs-0123-v2, scs-0116-v1)."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from pytest_scs.core.findings import Basis, Finding, Observation
from pytest_scs.core.judge import Judge
from pytest_scs.standards.iaas import services
from pytest_scs.standards.iaas.model import Service

V1 = frozenset({"scs-0123-v1"})
V2 = frozenset({"scs-0123-v2"})
NONE: frozenset[str] = frozenset()


def catalog(*types: str) -> list[Service]:
    return [Service(kind, f"name of {kind}") for kind in types]


def accepted(observations: Iterable[Observation]) -> tuple[bool, bool]:
    """Whether the official suite and the text accept the catalog."""
    found = [entry for entry in observations if isinstance(entry, Finding)]
    official = not any(entry.basis.concerns(Judge.OFFICIAL) for entry in found)
    return official, not any(entry.basis.concerns(Judge.TEXT) for entry in found)


@pytest.mark.parametrize(
    "kind", ["compute", "identity", "image", "network", "load-balancer", "placement", "object-store-s3"]
)
def test_an_entry_of_the_exact_type_satisfies(kind: str) -> None:
    assert list(services.check_service(kind, catalog("dns", kind))) == []


@pytest.mark.parametrize(
    ("kind", "present"),
    [
        ("compute", "compute_legacy"),
        ("compute", "Compute"),
        ("network", "networking"),
        ("image", "imagev2"),
        ("load-balancer", "loadbalancer"),
        ("object-store-s3", "s3"),
        ("object-store-s3", "object-store"),
    ],
)
def test_a_similar_type_does_not_satisfy(kind: str, present: str) -> None:
    assert accepted(services.check_service(kind, catalog(present))) == (False, False)


def test_the_name_of_an_entry_does_not_count() -> None:
    assert accepted(services.check_service("compute", [Service("x", "compute")])) == (False, False)


def test_a_missing_service_is_reported_with_all_types_present() -> None:
    [finding] = services.check_service("compute", catalog("network", "image", "network"))
    assert isinstance(finding, Finding)
    assert finding.resource == "service catalog"
    assert finding.title == "the compute service is listed"
    assert finding.expected == "a service of type compute"
    assert finding.observed == "image, network"
    assert "openstack service create --name nova compute" in finding.hint
    assert "openstack endpoint create --region REGION nova public URL" in finding.hint
    assert (finding.basis, finding.deviation) == (Basis.BOTH, "")


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("compute", "scs-0123/compute_listed"),
        ("identity", "scs-0123/identity_listed"),
        ("image", "scs-0123/image_listed"),
        ("network", "scs-0123/network_listed"),
        ("load-balancer", "scs-0123/load_balancer_listed"),
        ("placement", "scs-0123/placement_listed"),
        ("object-store-s3", "scs-0123/s3_listed"),
        ("key-manager", "scs-0116/key_manager_listed"),
    ],
)
def test_each_service_has_a_rule_of_its_own(kind: str, rule: str) -> None:
    [finding] = services.check_service(kind, [])
    assert isinstance(finding, Finding)
    assert finding.rule == rule


def test_an_empty_catalog_fails_every_service() -> None:
    for kind in ("compute", "identity", "image", "network", "load-balancer", "object-store-s3"):
        [finding] = services.check_service(kind, [])
        assert isinstance(finding, Finding)
        assert finding.observed == "an empty catalog"
    assert accepted(services.check_block_storage(V1, [])) == (False, False)
    assert accepted(services.check_key_manager([])) == (False, False)


def test_missing_placement_is_counted_by_the_official_suite_only() -> None:
    [finding] = services.check_service("placement", catalog("compute"))
    assert isinstance(finding, Finding)
    assert (finding.basis, finding.deviation) == (Basis.OFFICIAL, "DEV-0123-4")


@pytest.mark.parametrize("modules", [V1, V2, V1 | V2, NONE])
@pytest.mark.parametrize("kind", ["block-storage", "volumev3", "volume"])
def test_the_usual_types_of_block_storage_are_accepted_by_both(modules: frozenset[str], kind: str) -> None:
    assert list(services.check_block_storage(modules, catalog("compute", kind))) == []


@pytest.mark.parametrize("kind", ["volumev2", "block-store"])
def test_the_other_aliases_are_accepted_by_the_text_of_version_2(kind: str) -> None:
    [finding] = services.check_block_storage(V2, catalog(kind))
    assert isinstance(finding, Finding)
    assert (finding.basis, finding.deviation) == (Basis.OFFICIAL, "DEV-0123-5")


@pytest.mark.parametrize("modules", [V1, V1 | V2, NONE])
@pytest.mark.parametrize("kind", ["volumev2", "block-store"])
def test_the_other_aliases_do_not_suffice_where_version_1_asks(modules: frozenset[str], kind: str) -> None:
    assert accepted(services.check_block_storage(modules, catalog(kind))) == (False, False)


@pytest.mark.parametrize("modules", [V1, V2])
@pytest.mark.parametrize("kind", ["volumes", "Volume", "cinder", "volumev4"])
def test_any_other_type_is_no_block_storage(modules: frozenset[str], kind: str) -> None:
    assert accepted(services.check_block_storage(modules, catalog(kind))) == (False, False)


def test_missing_block_storage_is_reported_with_all_accepted_types() -> None:
    [finding] = services.check_block_storage(V1, catalog("compute"))
    assert isinstance(finding, Finding)
    assert finding.rule == "scs-0123/block_storage_listed"
    assert finding.expected == "a service of type block-storage or volumev3 or volume"
    assert "openstack service create --name cinder block-storage" in finding.hint


def test_a_key_manager_must_have_the_exact_type() -> None:
    assert list(services.check_key_manager(catalog("key-manager"))) == []
    [finding] = services.check_key_manager(catalog("keymanager", "barbican"))
    assert isinstance(finding, Finding)
    assert finding.basis is Basis.BOTH
    assert "openstack service create --name barbican key-manager" in finding.hint
