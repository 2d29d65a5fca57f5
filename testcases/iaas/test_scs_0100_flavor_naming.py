# SPDX-License-Identifier: Apache-2.0
"""SCS flavor naming standard, scs-0100-v3: https://docs.scs.community/standards/scs-0100-v3-flavor-naming.

A flavor whose name starts with `SCS-` says in its name what a server gets: CPUs and their kind, RAM, disk, and
optionally hypervisor, CPU, GPU and InfiniBand. Other flavors may be called anything. More: docs/standards/scs-0100.md.
"""

from __future__ import annotations

import pytest

from pytest_scs.core.collector import Collector
from pytest_scs.standards.iaas import flavor_naming
from pytest_scs.standards.iaas.model import Flavor


@pytest.mark.scs("scs-0100-syntax-check")
def test_scs_0100_syntax_check(scs: Collector, flavors: list[Flavor]) -> None:
    """Every flavor whose name starts with `SCS-` MUST follow the naming grammar.

    Source: scs-0100-v3, proposal and extensions. Fails when such a name has a part that the grammar does not know, or
    parts in the wrong order; names in the v1 syntax are tolerated with a warning. Aborts when the flavors cannot be
    read.
    """
    scs.each("flavors", flavors, flavor_naming.check_syntax)


@pytest.mark.scs("scs-0100-semantics-check")
def test_scs_0100_semantics_check(scs: Collector, flavors: list[Flavor]) -> None:
    """Every flavor whose name follows the grammar MUST have at least the CPUs, RAM and disk that the name promises.

    Source: scs-0100-v3, naming policy compliance. Fails when a flavor has less; more is allowed, and names that do not
    follow the grammar are left to the syntax check. Aborts when the flavors cannot be read.
    """
    scs.each("flavors", flavors, flavor_naming.check_semantics)
