# SPDX-License-Identifier: Apache-2.0
"""The testcase of scs-0116 that looks for a key manager, on demo clouds."""

from __future__ import annotations

from typing import Any

from pytest_scs.demo.openstack.state import CloudState

PRESENCE = "scs-0116-presence"


def test_key_manager_in_the_catalog_passes(passes: Any) -> None:
    passes([PRESENCE], "scs-0116-presence")


def test_cloud_without_key_manager_fails_this_testcase_only(judge: Any, state: CloudState) -> None:
    keys = next(service for service in state.services if service["type"] == "key-manager")
    keys["type"] = "key-manager-v2"
    run = judge(state)
    assert run.failed == {PRESENCE}
    (found,) = run.violations(PRESENCE)
    assert found.resource == "service catalog"
    assert found.expected == "a service of type key-manager"
    assert "key-manager-v2" in found.found.split(", ")
    assert "load-balancer" in found.found.split(", ")
    assert found.hint == (
        "install barbican if it is not there yet; then: openstack service create --name barbican key-manager && "
        "openstack endpoint create --region RegionOne barbican public URL"
    )


def test_no_catalog_is_no_verdict(aborts: Any) -> None:
    aborts([PRESENCE], reads="catalog")
