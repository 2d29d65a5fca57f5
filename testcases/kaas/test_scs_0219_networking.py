# SPDX-License-Identifier: Apache-2.0
"""scs-0219: network policies (documents: scs-0219-v1, scs-0219-w1)."""

from __future__ import annotations

import datetime as dt

import pytest

from pytest_scs.core.collector import Collector
from pytest_scs.standards.kaas import e2e_judgement as standard
from pytest_scs.standards.kaas.e2e_run import E2eRun


@pytest.mark.scs("kaas-networking-check")
def test_kaas_networking_check(scs: Collector, networking_run: E2eRun, now: dt.datetime) -> None:
    """All tests of the Kubernetes e2e suite about `NetworkPolicy` pass, except those on the published list.

    Source: scs-0219-v1, scs-0219-w1. Fails when one of them fails that is not on the list; aborts when not all of them
    ran, or when the suite did not come to its end.
    """
    scs.as_of = standard.as_of(networking_run, now)
    scs.add(standard.of_a_day_to_come(networking_run, now))
    scs.examined("NetworkPolicy tests", standard.count_tests(standard.NETWORKING, networking_run))
    scs.add(standard.judge_run(standard.NETWORKING, networking_run))
