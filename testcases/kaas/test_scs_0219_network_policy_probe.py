# SPDX-License-Identifier: Apache-2.0
"""scs-0219: network policies are enforced at all (document: scs-0219-v1)."""

from __future__ import annotations

import pytest

from pytest_scs.core.collector import Collector
from pytest_scs.standards.kaas import policy_probe
from pytest_scs.standards.kaas.policy_probe import PolicyEnforcement


@pytest.mark.scs("scs-0219-x-network-policy-probe")
def test_scs_0219_network_policy_probe(scs: Collector, policy_enforcement: PolicyEnforcement) -> None:
    """The network plugin MUST enforce network policies.

    Source: scs-0219-v1. Fails when pods connect that may not, or do not connect that may; aborts when pods do not run,
    or do not connect without policies. Necessary, not sufficient: the e2e suite tests far more.
    """
    scs.examined("policies", len(policy_enforcement.steps))
    scs.add(policy_probe.check_enforcement(policy_enforcement))
