# SPDX-License-Identifier: Apache-2.0
"""The versions of nodes beside that of the API server."""

from __future__ import annotations

import datetime as dt

import pytest
from version_cases import Seen, at, version_data

from pytest_scs.standards.kaas.node_versions import check_node_versions
from pytest_scs.standards.kaas.version_policy import check_version_policy

PASS, FAIL, ABORT = "PASS", "FAIL", "ABORT"
NOW = at("2026-06-09T00:00:00")


def judged(server: str, **kubelets: str) -> Seen:
    return Seen(check_node_versions(server, kubelets, version_data(), NOW))


def test_nodes_of_the_clusters_version_pass() -> None:
    assert judged("v1.35.1", a="v1.35.1", b="v1.35.1+k3s1").verdicts == (PASS, PASS)


def test_a_node_must_not_be_newer() -> None:
    seen = judged("v1.35.1", a="v1.35.1", b="v1.36.0", c="v1.35.2")
    assert [(one.rule, one.resource, one.observed) for one in seen.findings] == [
        ("scs-0210/node_not_newer", "node b", "v1.36.0"),
        ("scs-0210/node_not_newer", "node c", "v1.35.2"),
    ]
    assert seen.verdicts == (FAIL, FAIL)


@pytest.mark.parametrize(
    ("kubelet", "far"), [("v1.33.0", False), ("v1.32.9", True), ("v2.0.0", False), ("v0.9.0", True)]
)
def test_a_node_must_not_be_more_than_three_behind(kubelet: str, far: bool) -> None:
    seen = judged("v1.36.0", a="v1.36.0", b=kubelet)
    assert [one.resource for one in seen.findings if one.rule == "scs-0210/node_skew"] == ["node b"] * far


def test_the_oldest_node_is_judged_as_the_cluster_is() -> None:
    seen = judged("v1.35.1", a="v1.35.1", c="v1.35.0", b="v1.35.0")
    assert [(one.rule, one.resource, one.observed) for one in seen.findings] == [
        ("scs-0210/patch_offered", "node b and 1 more", "v1.35.0")
    ]
    assert seen.verdicts == (FAIL, FAIL)


def test_dev_0210_13_the_version_policy_itself_looks_at_the_api_server_only() -> None:
    assert Seen(check_version_policy("v1.35.1", version_data(), NOW)).verdicts == (PASS, PASS)
    assert judged("v1.35.1", a="v1.35.0").verdicts == (FAIL, FAIL)


def test_the_oldest_node_of_each_branch_is_judged() -> None:
    seen = judged("v1.35.1", a="v1.34.0", b="v1.35.1", c="v1.35.0")
    assert [(one.resource, one.observed) for one in seen.findings] == [("node c", "v1.35.0")]


def test_an_odd_node_disturbs_no_other() -> None:
    seen = judged("v1.35.1", a="v1.35.1", b="", c="strange", d="v1.36.0")
    assert [one.resource for one in seen.undecided] == ["node b", "node c"]
    assert [one.resource for one in seen.findings] == ["node d"]
    assert judged("v1.35.1", a="v1.35.1", b="").verdicts == (ABORT, ABORT)
    assert judged("v1.35.1", a="v1.36.0-alpha.1").verdicts == (ABORT, ABORT)


def test_without_a_version_or_a_node_there_is_no_verdict() -> None:
    assert judged("strange", a="v1.35.1").verdicts == (ABORT, ABORT)
    assert judged("v1.36.0-rc.1", a="v1.35.1").verdicts == (ABORT, ABORT)
    assert judged("v1.35.1").verdicts == (ABORT, ABORT)


@pytest.mark.parametrize(("age", "verdict"), [(13, PASS), (15, PASS), (30, PASS), (32, ABORT)])
def test_old_data_give_no_pass(age: int, verdict: str) -> None:
    data = version_data(generated_at=(NOW - dt.timedelta(days=age)).isoformat())
    seen = Seen(check_node_versions("v1.35.1", {"a": "v1.35.1"}, data, NOW))
    assert seen.verdicts == (verdict, verdict)
