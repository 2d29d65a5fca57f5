# SPDX-License-Identifier: Apache-2.0
"""scs-0201: CNCF conformance (document: scs-0201-v1)."""

from __future__ import annotations

import datetime as dt

import pytest

from pytest_scs.core.collector import Collector
from pytest_scs.standards.kaas import e2e_judgement as standard
from pytest_scs.standards.kaas.e2e_run import E2eRun


@pytest.mark.scs("cncf-k8s-conformance")
def test_cncf_k8s_conformance(scs: Collector, conformance_run: E2eRun, now: dt.datetime) -> None:
    """All tests tagged `[Conformance]` of the Kubernetes e2e suite pass, except those on the published list.

    Source: scs-0201-v1. Fails when one of them fails that is not on the list; aborts when not all of them ran, or when
    the suite did not come to its end.
    """
    scs.as_of = standard.as_of(conformance_run, now)
    scs.add(standard.of_a_day_to_come(conformance_run, now))
    scs.examined("conformance tests", standard.count_tests(standard.CONFORMANCE, conformance_run))
    scs.add(standard.judge_run(standard.CONFORMANCE, conformance_run))
