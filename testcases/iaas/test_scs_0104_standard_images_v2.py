# SPDX-License-Identifier: Apache-2.0
"""scs-0104: standard images by metadata (document: scs-0104-v2, a draft without official tests).

Judged are the visible, active images, public or community. More: docs/standards/scs-0104.md.
"""

from __future__ import annotations

import datetime as dt
from functools import partial

import pytest

from pytest_scs.core.collector import Collector
from pytest_scs.standards.iaas import standard_images_v2 as standard
from pytest_scs.standards.iaas.model import Image


@pytest.mark.scs("scs-0104-x-v2-generic-source")
def test_scs_0104_x_v2_generic_source(scs: Collector, images: list[Image]) -> None:
    """Every generic Ubuntu or Debian image MUST come from its vendor.

    Source: scs-0104-v2, generic OS images. Fails when `image_source` is another place. Aborts when the images cannot be
    read.
    """
    scs.each("images", standard.subjects(images), standard.check_generic_source)


@pytest.mark.scs("scs-0104-x-v2-capi")
def test_scs_0104_x_v2_capi(scs: Collector, images: list[Image]) -> None:
    """Every image named like an official CAPI image MUST be one.

    Source: scs-0104-v2, CAPI images. Fails when its `image_source`, `os_purpose` or `image_description` is another one.
    Aborts when the images cannot be read.
    """
    scs.each("images", standard.subjects(images), standard.check_capi)


@pytest.mark.scs("scs-0104-x-v2-ubuntu-lts")
def test_scs_0104_x_v2_ubuntu_lts(scs: Collector, images: list[Image], now: dt.datetime) -> None:
    """A generic image of the latest Ubuntu LTS MUST exist, from 30 April of its year on.

    Source: scs-0104-v2, list of images. Fails when there is none. Aborts when the images cannot be read or the known
    releases are outdated.
    """
    scs.whole("images", standard.subjects(images), partial(standard.check_ubuntu_lts, today=now.date()))


@pytest.mark.scs("scs-0104-x-v2-ubuntu-prev")
def test_scs_0104_x_v2_ubuntu_prev(scs: Collector, images: list[Image], now: dt.datetime) -> None:
    """A generic image of the previous Ubuntu LTS SHOULD exist.

    Source: scs-0104-v2, list of images. Fails when there is none. Aborts when the images cannot be read or the known
    releases are outdated.
    """
    scs.whole("images", standard.subjects(images), partial(standard.check_ubuntu_prev, today=now.date()))


@pytest.mark.scs("scs-0104-x-v2-debian-stable")
def test_scs_0104_x_v2_debian_stable(scs: Collector, images: list[Image], now: dt.datetime) -> None:
    """A generic image of Debian stable SHOULD exist, one month after its release.

    Source: scs-0104-v2, list of images. Fails when there is none. Aborts when the images cannot be read or the known
    releases are outdated.
    """
    scs.whole("images", standard.subjects(images), partial(standard.check_debian_stable, today=now.date()))


@pytest.mark.scs("scs-0104-x-v2-debian-prev")
def test_scs_0104_x_v2_debian_prev(scs: Collector, images: list[Image], now: dt.datetime) -> None:
    """A generic image of the previous Debian stable SHOULD exist.

    Source: scs-0104-v2, list of images. Fails when there is none. Aborts when the images cannot be read or the known
    releases are outdated.
    """
    scs.whole("images", standard.subjects(images), partial(standard.check_debian_prev, today=now.date()))


@pytest.mark.scs("scs-0104-x-v2-capi-present")
def test_scs_0104_x_v2_capi_present(scs: Collector, images: list[Image]) -> None:
    """A CAPI image SHOULD exist, with a dash before its version.

    Source: scs-0104-v2, list of images. Fails when there is none. Aborts when the images cannot be read.
    """
    scs.whole("images", standard.subjects(images), standard.check_capi_present)
