# SPDX-License-Identifier: Apache-2.0
"""scs-0121: availability zones (documents: scs-0121-v1, scs-0121-w1)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_scs.core.collector import Collector
from pytest_scs.standards.iaas import availability_zones
from pytest_scs.standards.iaas.model import ComputeZone


@pytest.mark.scs("availability-zones-check")
def test_availability_zones_check(
    scs: Collector, compute_zones: list[ComputeZone], attestation: Callable[[], None]
) -> None:
    """If there are several availability zones, each MUST be a fire zone, and redundant in itself.

    Source: scs-0121-v1 and its supplement, required documentation. Passes with at most one available zone; else a
    person has to answer. Fails when an answer does not conform; aborts when the zones cannot be read, or when evidence
    has changed.
    """
    if availability_zones.are_several(compute_zones):
        attestation()
    else:
        scs.whole("compute zones", compute_zones, availability_zones.explain_absence)
