# SPDX-License-Identifier: Apache-2.0
"""The list of nodes as a section: what holds for the whole list, beyond its entries."""

from __future__ import annotations

import pytest

from pytest_scs.base.fields import FormError
from pytest_scs.platforms.kubernetes.listings.nodes import SECTION


def test_a_node_that_is_there_twice_is_no_second_node() -> None:
    entries = [{"name": "a"}, {"name": "b"}, {"name": "a"}]
    with pytest.raises(FormError, match="expected every node once, and node a is there again"):
        SECTION.loaded(entries)
    assert [node.name for node in SECTION.loaded(entries[:2])] == ["a", "b"]
    with pytest.raises(FormError, match="entry 2"):
        SECTION.loaded([{"name": "a"}, {}])
