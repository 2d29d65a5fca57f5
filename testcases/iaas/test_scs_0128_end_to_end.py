# SPDX-License-Identifier: Apache-2.0
"""scs-0128: end-to-end testing (documents: scs-0128-v1, a draft, and scs-0128-w1)."""

from __future__ import annotations

import datetime as dt

import pytest

from pytest_scs.core.collector import Collector
from pytest_scs.standards.iaas import end_to_end as standard
from pytest_scs.standards.iaas.tempest_outcomes import TempestRun


@pytest.mark.scs("scs-0128-x-tempest")
def test_scs_0128_x_tempest(scs: Collector, tempest: TempestRun, now: dt.datetime) -> None:
    """Tempest MUST NOT report any failed test of the prescribed list; skipped tests are no failures.

    Source: scs-0128-v1. Fails when a test of the list, or the set-up of its class, fails; aborts when tests of the list
    were not run, when none passed, and when accounts or configuration were the cause.
    """
    scs.examined("Tempest tests", standard.count_tests_with_result(tempest))
    scs.add(standard.check_results(tempest, now))


@pytest.mark.scs("scs-0128-x-tempest-coverage")
def test_scs_0128_x_tempest_coverage(scs: Collector, tempest: TempestRun, now: dt.datetime) -> None:
    """Not more than a tenth of the prescribed tests should be skipped.

    Source: none; a verdict that rests on few tests says little. Fails when more are skipped; aborts when there is no
    complete result.
    """
    scs.examined("Tempest tests", standard.count_tests_with_result(tempest))
    scs.add(standard.check_coverage(tempest, now))
