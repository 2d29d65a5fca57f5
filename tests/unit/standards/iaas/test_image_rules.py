# SPDX-License-Identifier: Apache-2.0
"""What all rules about single images share (scs-0102)."""

from __future__ import annotations

import pytest

from pytest_scs.core.findings import Basis
from pytest_scs.standards.iaas.image_rules import RULES, offence
from pytest_scs.standards.iaas.model import Image


@pytest.mark.parametrize("key", RULES)
def test_a_rule_about_a_property_is_named_after_it_and_titled_like_it(key: str) -> None:
    finding = offence(Image({"id": "id-1", "name": "a", key: "x"}), key, True, False, official="y", hint="")
    assert (finding.rule, finding.title) == (f"scs-0102/{key}", key)
    assert (finding.basis, finding.observed) == (Basis.TEXT, "'x'")
