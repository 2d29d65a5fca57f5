# SPDX-License-Identifier: Apache-2.0
"""The two entropy properties that scs-0101-v1 recommended up to its version 1.0."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_scs.core.findings import Basis, Finding, Remark
from pytest_scs.standards.iaas import entropy
from pytest_scs.standards.iaas.model import Flavor, Image


def flavor(**extra_specs: str) -> Flavor:
    specs = {key.replace("__", ":"): value for key, value in extra_specs.items()}
    return Flavor("f-1", "SCS-1V-4", 1, 4096, 0, True, False, specs)


def image(**properties: Any) -> Image:
    return Image({"id": "i-1", "name": "Ubuntu 24.04", "visibility": "public", "status": "active", **properties})


@pytest.mark.parametrize("value", ["true", "True", "TRUE", "tRuE"])
def test_a_flavor_allowing_the_device_in_any_case_is_fine(value: str) -> None:
    assert list(entropy.check_flavor(flavor(hw_rng__allowed=value))) == []


@pytest.mark.parametrize("value", ["false", "", "1", "yes", " true", "True "])
def test_a_flavor_with_another_value_is_an_offender(value: str) -> None:
    [finding] = entropy.check_flavor(flavor(hw_rng__allowed=value))
    assert isinstance(finding, Finding)
    assert finding.basis is Basis.BOTH
    assert (finding.resource, finding.resource_id) == ("flavor SCS-1V-4", "f-1")
    assert (finding.expected, finding.observed) == ("'true'", repr(value))
    assert finding.rule == "scs-0101/flavor_allows_rng"
    assert finding.title == "extra spec hw_rng:allowed allows a random number device"


def test_a_flavor_without_the_extra_spec_is_told_how_to_set_it() -> None:
    [finding] = entropy.check_flavor(flavor())
    assert isinstance(finding, Finding)
    assert finding.observed == "not set"
    assert finding.hint == "openstack flavor set --property hw_rng:allowed=true f-1"


def test_a_public_image_with_virtio_is_fine() -> None:
    assert list(entropy.check_image(image(hw_rng_model="virtio"))) == []


@pytest.mark.parametrize(("value", "observed"), [(None, "not set"), ("Virtio", "'Virtio'"), ("virtio ", "'virtio '")])
def test_a_public_image_with_another_model_is_an_offender(value: str | None, observed: str) -> None:
    [finding] = entropy.check_image(image(hw_rng_model=value))
    assert isinstance(finding, Finding)
    assert finding.basis is Basis.BOTH
    assert (finding.expected, finding.observed) == ("'virtio'", observed)
    assert finding.rule == "scs-0101/image_selects_rng"
    assert finding.title == "property hw_rng_model selects the virtio random number device"
    assert finding.hint == "openstack image set --property hw_rng_model=virtio i-1"


@pytest.mark.parametrize("visibility", ["community", "private", "shared"])
def test_an_image_that_is_not_public_is_no_subject(visibility: str) -> None:
    assert list(entropy.check_image(image(visibility=visibility))) == []


def test_an_image_without_a_name_is_reported_by_its_id() -> None:
    [finding] = entropy.check_image(image(name=None))
    assert isinstance(finding, Finding)
    assert finding.resource == "image i-1"


def test_all_flavors_are_judged_and_the_testcase_gets_one_remark() -> None:
    remark, *findings = entropy.check_flavors([flavor(), flavor(hw_rng__allowed="true"), flavor()])
    assert isinstance(remark, Remark)
    assert remark.deviation == "DEV-0101-6"
    assert "ABORT" in remark.text
    assert [type(finding) for finding in findings] == [Finding, Finding]


def test_all_images_are_judged_and_the_testcase_gets_one_remark() -> None:
    remark, *findings = entropy.check_images([image(), image(hw_rng_model="virtio"), image(hw_rng_model="x")])
    assert isinstance(remark, Remark)
    assert remark.deviation == "DEV-0101-6"
    assert [type(finding) for finding in findings] == [Finding, Finding]


def test_the_remark_also_stands_where_there_is_nothing_to_judge() -> None:
    assert [type(entry) for entry in entropy.check_flavors([])] == [Remark]
    assert [type(entry) for entry in entropy.check_images([])] == [Remark]
