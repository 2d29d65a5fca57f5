# SPDX-License-Identifier: Apache-2.0
"""The testcases of scs-0101 on demo clouds that read properties only."""

from __future__ import annotations

from typing import Any

from pytest_scs.demo.openstack.state import CloudState

FLAVORS, IMAGES = TESTCASES = ("scs-0101-flavor-property", "scs-0101-image-property")


def test_conforming_cloud_passes_though_the_rule_was_dropped(passes: Any, conforming: Any) -> None:
    passes(TESTCASES, "scs-0101-flavor", "scs-0101-image")
    for testcase in TESTCASES:
        (remark,) = conforming().remarks(testcase)
        assert "the official suite gives ABORT" in remark
        assert remark.endswith("(DEV-0101-6)")


def test_flavors_and_images_without_random_number_device_are_named(
    judge: Any, state: CloudState, add_flavor: Any, add_image: Any
) -> None:
    flavors = {
        add_flavor("bad-absent", extra_specs={}): "not set",
        add_flavor("bad-false", extra_specs={"hw_rng:allowed": "false"}): "'false'",
    }
    add_flavor("good-TRUE", extra_specs={"hw_rng:allowed": "TRUE"})
    images = {add_image("bad-absent", hw_rng_model=None): "not set"}
    community = add_image("own", hw_rng_model=None, visibility="community", owner=state.project_id)
    hidden = add_image("hidden", hw_rng_model=None, os_hidden=True)
    run = judge(state)
    assert run.failed == {FLAVORS, IMAGES}

    assert run.named(FLAVORS) == set(flavors)
    for found in run.violations(FLAVORS):
        assert found.resource.startswith("flavor bad-")
        assert (found.expected, found.found) == ("'true'", flavors[found.uuid])
        assert found.hint == f"openstack flavor set --property hw_rng:allowed=true {found.uuid}"

    assert run.named(IMAGES) == set(images)
    assert not run.named(IMAGES) & {community, hidden}
    for found in run.violations(IMAGES):
        assert found.resource.startswith("image bad-")
        assert (found.expected, found.found) == ("'virtio'", images[found.uuid])
        assert found.hint == f"openstack image set --property hw_rng_model=virtio {found.uuid}"


def test_unreadable_flavors_or_images_are_no_verdict(aborts: Any) -> None:
    aborts([FLAVORS], reads="flavors")
    aborts([IMAGES], reads="images")
