# SPDX-License-Identifier: Apache-2.0
"""scs-0211: default storage class (documents: scs-0211-v1 and -v2). More: docs/standards/scs-0211.md."""

from __future__ import annotations

import pytest

from pytest_scs.core.collector import Collector
from pytest_scs.standards.kaas import default_storage_class as standard
from pytest_scs.standards.kaas.model import StorageClass


@pytest.mark.scs("scs-0211-x-default-storage-class")
def test_scs_0211_x_default_storage_class(scs: Collector, storage_classes: list[StorageClass]) -> None:
    """There MUST be exactly one default storage class.

    Source: scs-0211-v1. Fails when there is none, or several, or when the class has no provisioner; aborts when the
    storage classes cannot be read.
    """
    scs.whole("storage classes", storage_classes, standard.check_default)


@pytest.mark.scs("scs-0211-x-provisioner")
def test_scs_0211_x_provisioner(scs: Collector, storage_classes: list[StorageClass]) -> None:
    """The default storage class is RECOMMENDED to be storage in the network.

    Source: scs-0211-v2. Fails for drivers that keep volumes on a node; aborts for unknown drivers, and when there is no
    default storage class.
    """
    scs.whole("storage classes", storage_classes, standard.check_provisioner)


@pytest.mark.scs("scs-0211-x-volume-expansion")
def test_scs_0211_x_volume_expansion(scs: Collector, storage_classes: list[StorageClass]) -> None:
    """Volumes of the default storage class MAY be expanded.

    Source: scs-0211-v2. Never fails, the answer is a remark; aborts when there is no default storage class.
    """
    scs.whole("storage classes", storage_classes, standard.tell_volume_expansion)
