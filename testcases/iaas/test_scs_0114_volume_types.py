# SPDX-License-Identifier: Apache-2.0
"""scs-0114: volume types and the aspects they advertise (documents: scs-0114-v1, scs-0114-w1).

More: docs/standards/scs-0114.md.
"""

from __future__ import annotations

from functools import partial

import pytest

from pytest_scs.core.collector import Collector
from pytest_scs.standards.iaas import volume_types as standard
from pytest_scs.standards.iaas.model import VolumeType


@pytest.mark.scs("scs-0114-syntax-check")
def test_scs_0114_syntax_check(scs: Collector, volume_types: list[VolumeType]) -> None:
    """A list of aspects at the start of a description MUST be sorted and name each aspect once.

    Source: scs-0114-v1. Fails when a list is not sorted, repeats an aspect, contains an empty one, or (official suite
    only) one that is not standardized; aborts when the volume types cannot be read.
    """
    scs.each("volume types", volume_types, standard.check_aspect_list)


@pytest.mark.scs("scs-0114-encrypted-type")
def test_scs_0114_encrypted_type(scs: Collector, volume_types: list[VolumeType]) -> None:
    """A volume type SHOULD advertise encryption.

    Source: scs-0114-v1. Fails when no list of aspects contains `encrypted`; aborts when the volume types cannot be
    read.
    """
    scs.whole("volume types", volume_types, partial(standard.check_aspect_offered, "encrypted"))


@pytest.mark.scs("scs-0114-replicated-type")
def test_scs_0114_replicated_type(scs: Collector, volume_types: list[VolumeType]) -> None:
    """A volume type SHOULD advertise replication.

    Source: scs-0114-v1. Fails when no list of aspects contains `replicated`; aborts when the volume types cannot be
    read.
    """
    scs.whole("volume types", volume_types, partial(standard.check_aspect_offered, "replicated"))
