# SPDX-License-Identifier: Apache-2.0
"""scs-0115: default rules for security groups (document: scs-0115-v1)."""

from __future__ import annotations

from functools import partial

import pytest

from pytest_scs.core.collector import Collector
from pytest_scs.standards.iaas import new_security_group
from pytest_scs.standards.iaas import security_groups as standard
from pytest_scs.standards.iaas.new_security_group import NewGroupRules


@pytest.mark.scs("scs-0115-default-rules")
def test_scs_0115_default_rules(scs: Collector, default_group_rules: NewGroupRules) -> None:
    """New security groups MUST NOT admit anything from outside themselves, and SHOULD let everything out.

    Source: scs-0115-v1. Fails when a rule new groups are born with admits more, or egress is not open; aborts when the
    rules cannot be read.
    """
    seen = default_group_rules
    scs.add(new_security_group.remark_faults(seen))
    if seen.template is not None:
        scs.whole("rules in the template", seen.template, standard.check_template)
        scs.add(new_security_group.remark_admission(seen.custom or (), seen.template))
    else:
        scs.whole("rules of a new group", seen.custom or (), partial(standard.check_group, kind="custom"))
    if seen.default is not None:
        own = partial(standard.check_group, kind="default")
        scs.whole("rules of the project's default group", seen.default, own)
    else:
        scs.add(standard.default_group_unread())


@pytest.mark.scs("scs-0115-x-custom-group")
def test_scs_0115_x_custom_group(scs: Collector, default_group_rules: NewGroupRules) -> None:
    """A new security group MUST NOT admit anything, whatever the template says.

    Source: scs-0115-v1; the official suite looks at a new group only where there is no template (DEV-0115-5). Fails
    when a group that was just created has a rule for ingress; aborts when none could be created or read.
    """
    scs.examined("rules of a new group", len(default_group_rules.custom or ()))
    scs.add(new_security_group.check_new_group(default_group_rules))
