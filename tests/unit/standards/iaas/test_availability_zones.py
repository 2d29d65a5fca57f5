# SPDX-License-Identifier: Apache-2.0
"""When availability zones have to be documented (scs-0121-v1)."""

from __future__ import annotations

import pytest

from pytest_scs.core.findings import Remark
from pytest_scs.standards.iaas.availability_zones import are_several, explain_absence
from pytest_scs.standards.iaas.model import ComputeZone

ONE, TWO, CLOSED = ComputeZone("one", True), ComputeZone("two", True), ComputeZone("closed", False)


@pytest.mark.parametrize(
    ("zones", "several"),
    [([], False), ([ONE], False), ([ONE, CLOSED], False), ([ONE, TWO], True), ([CLOSED, ONE, TWO], True)],
)
def test_two_available_zones_have_to_be_documented(zones: list[ComputeZone], several: bool) -> None:
    assert are_several(zones) is several


@pytest.mark.parametrize(
    ("zones", "text"),
    [
        ([CLOSED, ONE], "not applicable: the only available zone is one"),
        ([CLOSED], "not applicable: no zone is available"),
        ([], "not applicable: no zone is available"),
    ],
)
def test_what_is_not_applicable_is_said_with_its_reason(zones: list[ComputeZone], text: str) -> None:
    assert list(explain_absence(zones)) == [Remark(text)]
