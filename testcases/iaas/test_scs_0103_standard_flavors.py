# SPDX-License-Identifier: Apache-2.0
"""SCS standard flavors, scs-0103-v1: https://docs.scs.community/standards/scs-0103-v1-standard-flavors.

15 flavors are mandatory on every x86-64 cloud, 16 are recommended. They are recognised by the extra spec `scs:name-v2`.
More: docs/standards/scs-0103.md.
"""

from __future__ import annotations

from functools import partial

import pytest

from pytest_scs.core.collector import Collector
from pytest_scs.standards.iaas.model import Flavor
from pytest_scs.standards.iaas.standard_flavors import STANDARD_FLAVORS, StandardFlavor, check_standard_flavor


@pytest.mark.parametrize(
    "standard",
    [
        pytest.param(standard, marks=pytest.mark.scs(standard.testcase), id=standard.testcase)
        for standard in STANDARD_FLAVORS
    ],
)
def test_scs_0103_flavor(scs: Collector, flavors: list[Flavor], standard: StandardFlavor) -> None:
    """The standard flavor MUST exist (the recommended ones SHOULD) and match its row of the table exactly.

    Source: scs-0103-v1, standard SCS flavors and extra specs. Fails when no flavor carries the name, or when CPUs, RAM,
    disk or one of the extra specs `scs:name-v1`, `scs:name-v2`, `scs:cpu-type`, `scs:disk0-type` differ. Aborts when
    the flavors cannot be read.
    """
    scs.whole("flavors", flavors, partial(check_standard_flavor, standard))
