# SPDX-License-Identifier: Apache-2.0
"""scs-0101: entropy in VMs, and the properties that version 1.0 recommended (documents: scs-0101-v1, scs-0101-w1)."""

from __future__ import annotations

import pytest

from pytest_scs.core.collector import Collector
from pytest_scs.standards.iaas import entropy, guest_check
from pytest_scs.standards.iaas.guest_report import GuestReading
from pytest_scs.standards.iaas.model import Flavor, Image


@pytest.mark.scs("scs-0101-flavor-property")
def test_scs_0101_flavor_property(scs: Collector, flavors: list[Flavor]) -> None:
    """Every flavor SHOULD allow a random number device: extra spec `hw_rng:allowed` is `true`, in any case.

    Source: scs-0101-v1 up to 1.0; dropped by 1.1. Fails when a flavor has no or another value; aborts when the flavors
    cannot be read.
    """
    scs.whole("flavors", flavors, entropy.check_flavors)


@pytest.mark.scs("scs-0101-image-property")
def test_scs_0101_image_property(scs: Collector, images: list[Image]) -> None:
    """Every public image SHOULD select a random number device: property `hw_rng_model` is `virtio`.

    Source: scs-0101-v1 up to 1.0; dropped by 1.1. Fails when a public image has no or another value; aborts when the
    images cannot be read.
    """
    scs.whole("public images", [image for image in images if image.public], entropy.check_images)


@pytest.mark.scs("scs-0101-entropy-avail")
def test_scs_0101_entropy_avail(scs: Collector, guest: GuestReading) -> None:
    """CPUs MUST give VMs entropy: the kernel of a sample VM has 256 bits of it.

    Source: scs-0101-v1; the official surrogate for instructions that no API shows. Fails when the value is another;
    aborts when the VM cannot be started or reports nothing.
    """
    scs.each("sample VMs", [guest.report], guest_check.check_entropy)


@pytest.mark.scs("scs-0101-fips-test")
def test_scs_0101_fips_test(scs: Collector, guest: GuestReading) -> None:
    """What `/dev/random` of a VM gives MUST look random: the FIPS 140-2 tests on 1000 blocks.

    Source: scs-0101-v1, scs-0101-w1. Fails when more blocks fail than chance explains (a good generator does with a
    probability below 0.1 %, and is measured twice); aborts when the VM cannot be started or reports nothing.
    """
    scs.each("sample VMs", [guest.report], guest_check.check_fips)


@pytest.mark.scs("scs-0101-rngd")
def test_scs_0101_rngd(scs: Collector, guest: GuestReading) -> None:
    """A VM SHOULD run the service `rngd`.

    Source: scs-0101-v1 up to 1.0; dropped by 1.1. Fails when the service is missing or inactive; aborts when the VM
    cannot be started or reports nothing.
    """
    scs.each("sample VMs", [guest.report], guest_check.check_rngd)
