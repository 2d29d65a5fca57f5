# SPDX-License-Identifier: Apache-2.0
"""scs-0121: when the demands on availability zones apply (documents: scs-0121-v1, scs-0121-w1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_scs.core.findings import Observation, Remark
from pytest_scs.standards.iaas.model import ComputeZone


def are_several(zones: Sequence[ComputeZone]) -> bool:
    """Whether the cloud uses availability zones, so that they have to be documented.

    Source: scs-0121-w1, "Required Documentation" (docs/standards/scs-0121.md#when-it-applies).
    """
    return len(_available(zones)) > 1


def explain_absence(zones: Sequence[ComputeZone]) -> Iterator[Observation]:
    """Say why nothing has to be documented."""
    names = _available(zones)
    yield Remark(f"not applicable: {f'the only available zone is {names[0]}' if names else 'no zone is available'}")


def _available(zones: Sequence[ComputeZone]) -> list[str]:
    return [zone.name for zone in zones if zone.available]
