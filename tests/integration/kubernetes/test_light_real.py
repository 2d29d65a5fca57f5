# SPDX-License-Identifier: Apache-2.0
"""The official scope's light testcase on a real Kubernetes, and what goes wrong with the access to it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from needs import lacking
from real_cluster import STATE, Devcluster, judged

from pytest_scs.standards.kaas.small_version_data import small_version_data
from pytest_scs.standards.kaas.version_data import Release, to_plain
from pytest_scs.standards.kaas.versions import Version


@pytest.fixture
def version_data(tmp_path: Path, now: dt.datetime) -> str:
    """Data in which the version of the devcluster misses a patch of 40 days."""
    data = small_version_data(now)
    missed = Release(Version(1, 36, 4), now - dt.timedelta(days=40), exact=True)
    path = tmp_path / "k8s-versions.json"
    path.write_text(json.dumps(to_plain(dataclasses.replace(data, releases=(*data.releases, missed)))))
    return f"--scs-k8s-data={path}"


def test_outdated_cluster_is_told_what_it_misses(
    launch: Any, kubeconfig: Path, devcluster: Devcluster, version_data: str
) -> None:
    if devcluster is None:
        lacking("cluster", "only the version of the devcluster is known")
    run = judged(launch, kubeconfig, "-m", "light", version_data)
    assert run.verdicts == {"version-policy-check": "FAIL"}
    run.result.stdout.fnmatch_lines(["*a patch release is offered within 1 month: expected v1.36.4*found v1.36.3"])


def test_version_of_a_vendor_is_the_same_version(
    launch: Any, kubeconfig: Path, devcluster: Devcluster, version_data: str
) -> None:
    if devcluster is None:
        lacking("cluster", "only the devcluster can be broken")
    devcluster("break", "vendor-version")
    try:
        run = judged(launch, kubeconfig, "-m", "light", version_data)
    finally:
        devcluster("unbreak", "vendor-version")
    assert run.verdicts == {"version-policy-check": "FAIL"}


@pytest.mark.parametrize(
    ("account", "words"),
    [
        ("wrong-token", "*credentials rejected (401)*"),
        ("wrong-ca", "*cannot reach API server: *certificate*"),
        ("refused", "*cannot reach API server: connection refused*"),
    ],
)
def test_cluster_that_lets_nobody_in_is_one_cause(
    launch: Any, devcluster: Devcluster, account: str, words: str, version_data: str
) -> None:
    if devcluster is None:
        lacking("cluster", "only the devcluster has these accounts")
    run = judged(launch, STATE / f"kubeconfig-{account}", version_data, "--scs-deadline=0")
    assert set(run.verdicts.values()) == {"ABORT"}
    run.result.stdout.fnmatch_lines([f"ABORT 3 testcases: {words}"])


def test_account_without_rights_can_tell_the_version(launch: Any, devcluster: Devcluster, version_data: str) -> None:
    if devcluster is None:
        lacking("cluster", "only the devcluster has this account")
    run = judged(launch, STATE / "kubeconfig-stranger", "-m", "light", version_data)
    assert run.verdicts == {"version-policy-check": "FAIL"}
