# SPDX-License-Identifier: Apache-2.0
"""scs-0102: image metadata (documents: scs-0102-v1, scs-0102-v2, scs-0102-w1).

Judged are the visible public images; the official suite also looks at the project's own community images. More:
docs/standards/scs-0102.md.
"""

from __future__ import annotations

import datetime as dt
from functools import partial

import pytest

from pytest_scs.core.collector import Collector
from pytest_scs.standards.iaas import image_metadata as metadata
from pytest_scs.standards.iaas import image_promises as promises
from pytest_scs.standards.iaas.image_recency import check_recency
from pytest_scs.standards.iaas.image_rules import visible
from pytest_scs.standards.iaas.image_uniqueness import check_uniqueness
from pytest_scs.standards.iaas.model import Image


@pytest.mark.scs("scs-0102-prop-architecture")
def test_scs_0102_prop_architecture(scs: Collector, images: list[Image]) -> None:
    """Every image MUST name the CPU architecture in the vocabulary of OpenStack.

    Source: scs-0102-v1 and -v2, `architecture`. Fails when it is absent or unknown; the official suite knows `x86_64`,
    `aarch64` and `risc-v` only. Aborts when the images cannot be read.
    """
    scs.each("images", visible(images), metadata.check_architecture)


@pytest.mark.scs("scs-0102-prop-hash_algo")
def test_scs_0102_prop_hash_algo(scs: Collector, images: list[Image]) -> None:
    """Every image SHOULD carry a hash of its data made with sha256 or sha512.

    Source: scs-0102-v1 and -v2, `os_hash_algo`. Fails when the algorithm is another one or, by the text, the hash is
    missing. Aborts when the images cannot be read.
    """
    scs.each("images", visible(images), metadata.check_hash_algo)


@pytest.mark.scs("scs-0102-prop-min_disk")
def test_scs_0102_prop_min_disk(scs: Collector, images: list[Image]) -> None:
    """Every image MUST say what root disk it needs (GiB).

    Source: scs-0102-v1 and -v2, `min_disk`. Fails when `min_disk` is 0 or less than the image takes. Aborts when the
    images cannot be read.
    """
    scs.each("images", visible(images), metadata.check_min_disk)


@pytest.mark.scs("scs-0102-prop-min_ram")
def test_scs_0102_prop_min_ram(scs: Collector, images: list[Image]) -> None:
    """Every image MUST say how much memory it needs to boot (MiB).

    Source: scs-0102-v1 and -v2, `min_ram`. Fails when `min_ram` is 0. Aborts when the images cannot be read.
    """
    scs.each("images", visible(images), metadata.check_min_ram)


@pytest.mark.scs("scs-0102-prop-os_version")
def test_scs_0102_prop_os_version(scs: Collector, images: list[Image]) -> None:
    """Every image MUST name the version of its operating system.

    Source: scs-0102-v1 and -v2, `os_version`. Fails when it is empty or, by the text, no number although the
    distribution numbers its releases. Aborts when the images cannot be read.
    """
    scs.each("images", visible(images), metadata.check_os_version)


@pytest.mark.scs("scs-0102-prop-os_distro")
def test_scs_0102_prop_os_distro(scs: Collector, images: list[Image]) -> None:
    """Every image MUST name its distribution in the vocabulary of OpenStack.

    Source: scs-0102-v1 and -v2, `os_distro`. Fails when it is empty or, by the text, spelled in another way (`Ubuntu`).
    Aborts when the images cannot be read.
    """
    scs.each("images", visible(images), metadata.check_os_distro)


@pytest.mark.scs("scs-0102-prop-os_purpose")
def test_scs_0102_prop_os_purpose(scs: Collector, images: list[Image]) -> None:
    """Every image MUST (scs-0102-v1: SHOULD) tell its purpose.

    Source: scs-0102-v1 and -v2, `os_purpose`. Fails when it is none of `generic`, `minimal`, `k8snode`, `gpu`,
    `network`, `custom` and, since scs-0102-v2, `oldgeneric`. Aborts when the images cannot be read.
    """
    scs.each("images", visible(images), partial(metadata.check_os_purpose, v1_only=_v1_only(scs)))


@pytest.mark.scs("scs-0102-prop-hw_disk_bus")
def test_scs_0102_prop_hw_disk_bus(scs: Collector, images: list[Image]) -> None:
    """Every image MUST name the bus of its disks, preferably `scsi`.

    Source: scs-0102-v1 and -v2, `hw_disk_bus`. Fails when it is unknown to OpenStack or, by the text, absent; the
    official suite knows `virtio` and `scsi` only. Aborts when the images cannot be read.
    """
    scs.each("images", visible(images), metadata.check_hw_disk_bus)


@pytest.mark.scs("scs-0102-prop-hypervisor_type")
def test_scs_0102_prop_hypervisor_type(scs: Collector, images: list[Image]) -> None:
    """Every image SHOULD name its hypervisor, and if so in the vocabulary of OpenStack.

    Source: scs-0102-v1 and -v2, `hypervisor_type`. Fails when it is set to something else. Aborts when the images
    cannot be read.
    """
    scs.each("images", visible(images), metadata.check_hypervisor_type)


@pytest.mark.scs("scs-0102-prop-hw_rng_model")
def test_scs_0102_prop_hw_rng_model(scs: Collector, images: list[Image]) -> None:
    """Every image SHOULD have a random number generator, which is `virtio`.

    Source: scs-0102-v1 and -v2, `hw_rng_model`. Fails when `hw_rng_model` is set to something else. Aborts when the
    images cannot be read.
    """
    scs.each("images", visible(images), metadata.check_hw_rng_model)


@pytest.mark.scs("scs-0102-prop-image_build_date")
def test_scs_0102_prop_image_build_date(scs: Collector, images: list[Image], now: dt.datetime) -> None:
    """Every image MUST tell up to when patches are included.

    Source: scs-0102-v1 and -v2, `image_build_date`. Fails when it is no date, later than the registration, or in the
    future. Aborts when the images cannot be read.
    """
    scs.each("images", visible(images), partial(promises.check_image_build_date, now=now))


@pytest.mark.scs("scs-0102-prop-image_original_user")
def test_scs_0102_prop_image_original_user(scs: Collector, images: list[Image]) -> None:
    """Every image MUST name the user to log in as, or `none`.

    Source: scs-0102-v1 and -v2, `image_original_user`. Fails when it is empty. Aborts when the images cannot be read.
    """
    scs.each("images", visible(images), promises.check_image_original_user)


@pytest.mark.scs("scs-0102-prop-image_source")
def test_scs_0102_prop_image_source(scs: Collector, images: list[Image]) -> None:
    """Every image MUST tell the URL it came from, or `private`.

    Source: scs-0102-v1 and -v2, `image_source`. Fails when it is something else; the official suite looks at the scheme
    only. Aborts when the images cannot be read.
    """
    scs.each("images", visible(images), promises.check_image_source)


@pytest.mark.scs("scs-0102-prop-image_description")
def test_scs_0102_prop_image_description(scs: Collector, images: list[Image]) -> None:
    """Every image MUST have a description, or the URL of one.

    Source: scs-0102-v1 and -v2, `image_description`. Fails when it is empty. Aborts when the images cannot be read.
    """
    scs.each("images", visible(images), promises.check_image_description)


@pytest.mark.scs("scs-0102-prop-replace_frequency")
def test_scs_0102_prop_replace_frequency(scs: Collector, images: list[Image]) -> None:
    """Every image MUST promise how often it is replaced.

    Source: scs-0102-v1 and -v2, `replace_frequency`. Fails when it is none of `yearly`, `quarterly`, `monthly`,
    `weekly`, `daily`, `critical_bug`, `never`. Aborts when the images cannot be read.
    """
    scs.each("images", visible(images), promises.check_replace_frequency)


@pytest.mark.scs("scs-0102-prop-provided_until")
def test_scs_0102_prop_provided_until(scs: Collector, images: list[Image]) -> None:
    """Every image MUST promise how long its name is provided.

    Source: scs-0102-v1 and -v2, `provided_until`. Fails when it is empty or, by the text, neither `none`, `notice` nor
    a date. Aborts when the images cannot be read.
    """
    scs.each("images", visible(images), promises.check_provided_until)


@pytest.mark.scs("scs-0102-prop-uuid_validity")
def test_scs_0102_prop_uuid_validity(scs: Collector, images: list[Image]) -> None:
    """Every image MUST promise how long it can be used by its UUID.

    Source: scs-0102-v1 and -v2, `uuid_validity`. Fails when it is not `none`, `last-N`, a date, `notice` or `forever`;
    the official suite lets it be absent. Aborts when the images cannot be read.
    """
    scs.each("images", visible(images), promises.check_uuid_validity)


@pytest.mark.scs("scs-0102-prop-hotfix_hours")
def test_scs_0102_prop_hotfix_hours(scs: Collector, images: list[Image]) -> None:
    """Every image MAY promise within how many hours critical fixes are included.

    Source: scs-0102-v1 and -v2, `hotfix_hours`. Fails when it is set to something that is no number. Aborts when the
    images cannot be read.
    """
    scs.each("images", visible(images), promises.check_hotfix_hours)


@pytest.mark.scs("scs-0102-image-recency")
def test_scs_0102_image_recency(scs: Collector, images: list[Image], now: dt.datetime) -> None:
    """Every image MUST be as recent as its `replace_frequency` promises.

    Source: scs-0102-v1 and -v2, `replace_frequency` and `provided_until`. Fails when an image is older than its period
    and no fresh image took over its name. Aborts when the images cannot be read, or when neither build date nor
    registration of one is known.
    """
    scs.whole("images", visible(images), partial(check_recency, now=now))


@pytest.mark.scs("scs-0102-os_purpose-uniqueness")
def test_scs_0102_os_purpose_uniqueness(scs: Collector, images: list[Image]) -> None:
    """At most one image per architecture, distribution and version MUST (scs-0102-v1: SHOULD) be generic.

    Source: scs-0102-v2, `os_purpose`. Fails when several public images with the same values are, by scs-0102-v2 also
    when community images are among them. Aborts when the images cannot be read.
    """
    scs.whole("images", visible(images), partial(check_uniqueness, v1_only=_v1_only(scs)))


def _v1_only(scs: Collector) -> bool:
    """Whether no version but scs-0102-v1 is asked for."""
    return bool(scs.modules) and all(module.startswith("scs-0102-v1") for module in scs.modules)
