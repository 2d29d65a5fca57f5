# SPDX-License-Identifier: Apache-2.0
"""scs-0115: default rules for security groups (document: scs-0115-v1)."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from pytest_scs.collector import Collector
from pytest_scs.standards import security_groups as standard


@pytest.mark.scs("scs-0115-default-rules")
def test_scs_0115_default_rules(scs: Collector, default_group_rules: dict[str, Any]) -> None:
    """New security groups MUST NOT admit anything from outside themselves, and SHOULD let everything out.

    Source: scs-0115-v1. Fails when a rule new groups are born with admits more, or egress is not open; aborts when the
    rules cannot be read.
    """
    rules = {
        kind: [standard.GroupRule.from_dict(rule) for rule in found]
        for kind, found in default_group_rules.items()
        if found is not None
    }
    if "template" in rules:
        scs.whole("rules in the template", rules["template"], standard.check_template)
    else:
        scs.whole("rules of a new group", rules["custom"], partial(standard.check_group, kind="custom"))
    scs.whole("rules of the project's default group", rules["default"], partial(standard.check_group, kind="default"))
