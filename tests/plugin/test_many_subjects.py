# SPDX-License-Identifier: Apache-2.0
"""Many subjects in one run: each has its own report, and one that is broken never spoils the others."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from pytest_scs.core.verdict import Verdict
from pytest_scs.demo.openstack import data
from pytest_scs.demo.openstack.state import CloudState
from pytest_scs.pipeline.report_store import read_store

PRESETS = """
[subjects]
acme-fine = {os-cloud = "fine"}
acme-gone = {os-cloud = "gone"}
acme-locked = {os-cloud = "locked"}
acme-k8s = {kubeconfig = "demo"}
[groups]
acme = ["acme-fine", "acme-gone"]
[options]
scope = ["iaas-v5.1", "kaas-v1"]
deadline = 0
report = "reports/"
"""


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["alone", "workers"])
def test_one_broken_cloud_never_spoils_the_others(
    pytester: pytest.Pytester, serve: Any, state: CloudState, now: dt.datetime, workers: tuple[str, ...]
) -> None:
    serve(state, "fine")
    serve(data.conformant(now), "gone").stop()
    locked = data.conformant(now)
    serve(locked, "locked")
    locked.password = "another-one"
    pytester.makefile(".toml", scs=PRESETS)
    result = pytester.runpytest(
        "--scs-config=scs.toml",
        "-m",
        "scs_0103 or scs_0210",
        "--html=report.html",
        "--self-contained-html",
        "-p",
        "no:cacheprovider",
        *workers,
    )
    assert result.ret == 6
    store = read_store([pytester.path / "reports"])
    assert store.unreadable == ()
    found = {one.document.subject: set(one.document.results.values()) for one in store.reports}
    assert found == {
        "acme-fine": {Verdict.PASS},
        "acme-gone": {Verdict.ABORT},
        "acme-locked": {Verdict.ABORT},
        "acme-k8s": {Verdict.PASS},
    }
    assert {(one.path.parts[-3], one.path.parts[-2], one.total) for one in store.reports} == {
        ("scs-compatible-iaas", "acme-fine", 1),
        ("scs-compatible-iaas", "acme-gone", 1),
        ("scs-compatible-iaas", "acme-locked", 1),
        ("scs-compatible-kaas", "acme-k8s", 1),
    }
    text = result.stdout.str()
    assert "no identity service answers at auth_url" in text
    assert "authentication was refused (401)" in text
    page = (pytester.path / "report.html").read_text()
    assert "acme <small>group of 2, its worst member</small>" in page
    assert '<p class="life">Valid until <b>' in page
    assert "another-one" not in text + page


def test_a_subject_of_its_own_name_on_the_command_line_keeps_its_name_in_reports(
    pytester: pytest.Pytester, serve: Any, state: CloudState
) -> None:
    serve(state, "fine")
    pytester.makefile(".toml", scs=PRESETS)
    result = pytester.runpytest(
        "--scs-config=scs.toml", "--scs-scope=iaas-v5.1", "--os-cloud=fine", "-m", "scs_0100", "-p", "no:cacheprovider"
    )
    assert result.ret == 0
    [report] = read_store([pytester.path / "reports"]).reports
    assert report.document.subject == "acme-fine"
