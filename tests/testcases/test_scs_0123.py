# SPDX-License-Identifier: Apache-2.0
"""The testcases of scs-0123 that look into the catalog, on demo clouds without one service or another."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_scs.demo.openstack.state import CloudState

#: Testcase -> the type to look for, and the name of the service that should be created.
SERVICES = {
    "scs-0123-service-compute": ("compute", "nova"),
    "scs-0123-service-identity": ("identity", "keystone"),
    "scs-0123-service-image": ("image", "glance"),
    "scs-0123-service-network": ("network", "neutron"),
    "scs-0123-service-load-balancer": ("load-balancer", "octavia"),
    "scs-0123-service-placement": ("placement", "placement"),
    "scs-0123-service-s3": ("object-store-s3", "s3"),
    "scs-0123-storage-apis": ("block-storage or volumev3 or volume", "cinder"),
}
TESTCASES = tuple(SERVICES)
#: The first version of the standard accepts fewer of its names.
STORAGE = "scs-0123-storage-apis"
#: Nothing but the catalog is read.
SELECTED = ("-m", "scs_0123 and light and not creates_resources", "-k", "service or storage")


def _drop(state: CloudState, *kinds: str) -> None:
    state.services[:] = [service for service in state.services if service["type"] not in kinds]


def _offer(state: CloudState, kind: str) -> None:
    state.services.append({"type": kind, "name": "cinder", "path": "/volume/v3/{project_id}"})


def test_complete_catalog_passes(passes: Any) -> None:
    passes(TESTCASES, "scs-0123-service", "scs-0123-storage")


@pytest.mark.parametrize("half", [0, 1])
def test_missing_service_fails_its_own_testcase_and_no_other(judge: Any, state: CloudState, half: int) -> None:
    gone = TESTCASES[half::2]
    for testcase in gone:
        _drop(state, *SERVICES[testcase][0].split(" or "))
    # Names that only look like it do not count; an older one of block storage does, but not any.
    for kind in ("computev2", "s3", "Image"):
        _offer(state, kind)
    if STORAGE not in gone:
        _drop(state, "block-storage", "volumev3")
    _offer(state, "volumev2" if STORAGE in gone else "volume")
    run = judge(state, *SELECTED)
    assert run.ret == 1
    assert run.failed == set(gone)
    assert STORAGE not in run.differing
    for testcase in gone:
        wanted, name = SERVICES[testcase]
        (found,) = run.violations(testcase)
        assert found.resource == "service catalog", testcase
        assert found.expected == f"a service of type {wanted}", testcase
        assert {"computev2", "s3", "Image"} < set(found.found.split(", ")), testcase
        assert not set(wanted.split(" or ")) & set(found.found.split(", ")), testcase
        kind = wanted.split(" or ")[0]
        assert f"; then: openstack service create --name {name} {kind} && openstack endpoint" in found.hint, testcase
        assert found.hint.startswith("install "), testcase


def test_placement_is_missed_by_the_official_suite_only(both_judge: Any, dispute: Any, state: CloudState) -> None:
    _drop(state, "placement")
    disputes = [dispute("scs-0123-service-placement", "", "official", "DEV-0123-4")]
    both_judge(state, disputes, *SELECTED, ret=(1, 0))


def test_other_names_of_block_storage_are_accepted_by_the_text_of_the_second_version(
    both_judge: Any, dispute: Any, state: CloudState
) -> None:
    _drop(state, "block-storage", "volumev3")
    _offer(state, "volumev2")
    _offer(state, "block-store")
    disputes = [dispute(STORAGE, "", "official", "DEV-0123-5")]
    both_judge(state, disputes, *SELECTED, scope="iaas-next", ret=(1, 0))


def test_no_catalog_is_no_verdict(aborts: Any) -> None:
    aborts(TESTCASES, reads="catalog")
