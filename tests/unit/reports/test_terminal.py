# SPDX-License-Identifier: Apache-2.0
"""What stands beside the verdict on a version, in the terminal and on the cards of the HTML report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from pytest_scs.core.results import Run
from pytest_scs.core.verdict import Verdict
from pytest_scs.reports.terminal import remark


@pytest.mark.parametrize(
    ("spec", "verdict", "said"),
    [
        ("iaas-v5.1", Verdict.PASS, "ready to certify: yes"),
        ("iaas-v5.1", Verdict.ABORT, "ready to certify: no"),
        ("iaas-next", Verdict.PASS, "draft, cannot be certified"),
        ("iaas-v4", Verdict.PASS, "deprecated, cannot be certified"),
        ("beyond-v1", Verdict.PASS, "unofficial, there is no certificate"),
    ],
)
def test_what_a_verdict_is_good_for(make_run: Callable[..., Run], spec: str, verdict: Verdict, said: str) -> None:
    run = make_run(specs=[spec], date=dt.date(2026, 6, 15))
    [version] = run.selection.versions
    assert remark(run, version, "main", verdict) == said
    assert remark(run, version, "preview", verdict) == ""


def test_a_partial_run_is_good_for_nothing(make_run: Callable[..., Run]) -> None:
    run = make_run(specs=["iaas-v5.1"], chosen=["scs-0100-syntax-check"])
    [version] = run.selection.versions
    assert remark(run, version, "main", Verdict.PASS) == "partial run, no verdict on the version"
