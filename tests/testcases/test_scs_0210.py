# SPDX-License-Identifier: Apache-2.0
"""The testcases of scs-0210 on demo clusters: what they say in runs, and what becomes of their evidence."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from version_cases import PLAIN

from pytest_scs.demo.kubernetes.data import conformant
from pytest_scs.demo.kubernetes.state import ClusterState
from pytest_scs.standards.kaas.bundled_data import VERSIONS_FILE

POLICY = "version-policy-check"
SOON = "scs-0210-x-critical-within-2-days"
NODES = "scs-0210-x-node-versions"
MINOR = "scs-0210-x-minor-version-offered"
BRANCHES = "scs-0210-x-branches-offered"
ENDED = "scs-0210-x-eol-not-offered"
EVERYTHING = ("--scs-scope=kaas-v1", "-m", "scs_0210 and not manual")

#: As of the instant at which the runs judge, 2026-06-15 noon: 1.36.1 is new and fixes a CVE of 1.36.0.
CVE = {"id": "CVE-2026-1234", "score": 8.8, "cvss": "3.1", "official": True}
DATA = {
    **PLAIN,
    "generated_at": "2026-06-14T00:00:00Z",
    "releases": [
        *PLAIN["releases"],
        {"version": "1.36.1", "published_at": "2026-06-10T12:00:00Z", "exact": True},
    ],
    "cves": [{**CVE, "affected": [{"introduced": "1.36.0", "fixed": "1.36.1"}]}],
}


def passed(run: Any) -> set[str]:
    """The testcases that pass."""
    return set(run.run.having("PASS"))


def aborted(run: Any) -> set[str]:
    """The testcases without a verdict."""
    return set(run.run.having("ABORT"))


def set_version(state: ClusterState, server: str, *kubelets: str) -> ClusterState:
    """Let the API server and the nodes run some versions; the last one is that of all further nodes."""
    state.version = {**state.version, "gitVersion": server}
    for number, node in enumerate(state.nodes):
        version = kubelets[min(number, len(kubelets) - 1)] if kubelets else server
        node["status"]["nodeInfo"]["kubeletVersion"] = version
    return state


@pytest.fixture
def options(tmp_path: Path) -> Any:
    """The options that name version data, with other content under the keys given, and a list of offered versions."""

    def make(*offered: str, **changes: Any) -> list[str]:
        data = tmp_path / "versions.json"
        data.write_text(json.dumps({**DATA, **changes}), "utf-8")
        listed = tmp_path / "offered.txt"
        listed.write_text("\n".join(offered), "utf-8")
        return [f"--scs-k8s-data={data}", *([f"--scs-offered-versions={listed}"] if offered else [])]

    return make


def test_a_cluster_and_an_offering_that_conform(judge_cluster: Any, cluster_state: ClusterState, options: Any) -> None:
    set_version(cluster_state, "v1.36.1")
    run = judge_cluster(cluster_state, *EVERYTHING, *options("1.36.1", "1.35", "1.34"))
    assert passed(run) >= {POLICY, SOON, NODES, MINOR, BRANCHES, ENDED}


def test_dev_0210_13_the_policy_looks_at_the_api_server_only(
    judge_cluster: Any, cluster_state: ClusterState, options: Any
) -> None:
    set_version(cluster_state, "v1.36.1", "v1.31.2", "v1.36.1")
    run = judge_cluster(cluster_state, *EVERYTHING, *options("1.36.1", "1.35", "1.34"))
    assert POLICY in passed(run)
    assert run.failed == {NODES}


def test_a_cluster_and_an_offering_that_break_every_rule(
    judge_cluster: Any, cluster_state: ClusterState, options: Any
) -> None:
    set_version(cluster_state, "v1.35.0-eks-1", "v1.36.0", "v1.31.2", "v1.35.0")
    fixed = [{**CVE, "affected": [{"introduced": "1.35.0", "fixed": "1.35.1"}]}]
    run = judge_cluster(cluster_state, *EVERYTHING, *options("1.33.7", cves=fixed))
    assert run.failed == {POLICY, SOON, NODES, MINOR, BRANCHES, ENDED}
    assert {found.rule: found.expected for found in run.violations(POLICY)} == {
        "the fix of a critical CVE is offered within 14 days": "v1.35.1 or newer "
        "(published 2026-05-01, 45 days ago; limit 14 days), which fixes CVE-2026-1234 (score 8.8)",
        "a patch release is offered within 1 month": "v1.35.1 or newer "
        "(published 2026-05-01, 45 days ago; limit 31 days)",
    }
    assert any("kubeadm upgrade apply v1.35.1" in line for line in run.messages(POLICY))
    assert [found.found for found in run.violations(SOON)] == ["v1.35.0"]
    assert {(found.resource, found.rule) for found in run.violations(NODES)} >= {
        (f"node {cluster_state.nodes[0]['metadata']['name']}", "a node is not newer than the API server"),
        (
            f"node {cluster_state.nodes[1]['metadata']['name']}",
            "a node is not more than 3 minor versions behind the API server",
        ),
    }
    assert [found.resource for found in run.violations(MINOR)] == ["offering"]
    assert len(run.violations(BRANCHES)) == 2
    assert [found.found for found in run.violations(ENDED)] == ["1.33.7"]


@pytest.mark.parametrize("judge", ["official", "text"])
def test_an_ended_branch_fails_by_the_official_suite(
    judge_cluster: Any, cluster_state: ClusterState, options: Any, judge: str
) -> None:
    set_version(cluster_state, "v1.33.0")
    run = judge_cluster(cluster_state, *EVERYTHING, f"--scs-judge={judge}", *options())
    assert (POLICY in run.failed) == (judge == "official")
    assert (POLICY in passed(run)) == (judge == "text")
    # Nobody tells what is offered; the cluster's own branch is enough for this one.
    assert ENDED in run.failed
    assert {MINOR, BRANCHES} <= aborted(run)
    assert "give --scs-offered-versions" in run.causes(MINOR)[0]


def test_old_data_are_no_pass(judge_cluster: Any, cluster_state: ClusterState, options: Any) -> None:
    set_version(cluster_state, "v1.36.1")
    old = options("1.36", "1.35", "1.34", generated_at="2026-05-01T00:00:00Z")
    run = judge_cluster(cluster_state, *EVERYTHING, *old)
    assert aborted(run) == {POLICY, SOON, NODES, MINOR, BRANCHES, ENDED}
    (cause,) = run.causes(POLICY)
    assert 'version data is 45 days old (2026-05-01); run "scs data refresh"' in cause


def test_old_data_can_be_accepted(judge_cluster: Any, cluster_state: ClusterState, options: Any) -> None:
    set_version(cluster_state, "v1.36.1")
    old = options("1.36", "1.35", "1.34", generated_at="2026-05-01T00:00:00Z")
    run = judge_cluster(cluster_state, *EVERYTHING, *old, "--scs-allow-stale-data")
    assert passed(run) == {POLICY, SOON, NODES, MINOR, BRANCHES, ENDED}
    assert any("version data is 45 days old" in line for line in run.remarks(POLICY))


def test_by_the_bundled_data_nothing_passes_any_more(judge_cluster: Any, cluster_state: ClusterState) -> None:
    run = judge_cluster(set_version(cluster_state, "v1.36.9"), *EVERYTHING, f"--scs-k8s-data={VERSIONS_FILE}")
    assert {POLICY, SOON, NODES} <= aborted(run)


def test_a_version_that_is_none(judge_cluster: Any, cluster_state: ClusterState, options: Any) -> None:
    set_version(cluster_state, "v1.37.0-rc.1", "v1.36.1")
    run = judge_cluster(cluster_state, *EVERYTHING, *options("1.36", "1.35", "1.34"))
    assert aborted(run) == {POLICY, SOON, NODES}
    assert "pre-release version" in run.causes(POLICY)[0]


def test_a_recording_is_judged_by_the_data_of_its_time(
    judge_cluster: Any, cluster_state: ClusterState, options: Any, pytester: pytest.Pytester, tmp_path: Path
) -> None:
    set_version(cluster_state, "v1.36.1")
    evidence = tmp_path / "evidence.json"
    given = options("1.36.1", "1.35", "1.34")
    judge_cluster(cluster_state, *EVERYTHING, *given, f"--scs-record={evidence}")
    [inventory] = json.loads(evidence.read_text("utf-8"))["clouds"]
    [held] = inventory["sections"]["version_data"]
    assert held["generated_at"] == "2026-06-14T00:00:00Z"
    assert {entry["version"] for entry in held["releases"]} == {
        "1.33.0",
        "1.34.0",
        "1.35.0",
        "1.35.1",
        "1.36.0",
        "1.36.1",
    }
    assert str(tmp_path) not in json.dumps(held)
    replay = ("-p", "no:cacheprovider", "--scs-scope=kaas-v1", f"--scs-replay={evidence}", "-m", "scs_0210")
    again = pytester.runpytest(*replay)
    assert again.ret == 0
    refused = pytester.runpytest(*replay, *given)
    assert refused.ret == 4
    refused.stderr.fnmatch_lines(["*--scs-k8s-data*--scs-replay*"])


def test_the_versions_of_all_clusters_are_what_is_offered(
    serve_cluster: Any, now: dt.datetime, options: Any, launch: Any, tmp_path: Path
) -> None:
    for version, context in (("v1.36.1", "new"), ("v1.35.1", "old")):
        serve_cluster(set_version(conformant(now), version), context)
    run = launch(
        "-p",
        "no:cacheprovider",
        "--scs-scope=beyond-kaas",
        f"--scs-kubeconfig={tmp_path / 'kubeconfig'}",
        "--scs-kube-context=new",
        "--scs-kube-context=old",
        "--scs-target=all",
        "-m",
        "scs_0210 and not manual",
        *options(),
    )
    text = run.result.stdout.str()
    # 1.34 is in support and runs nowhere.
    assert text.count("FAIL scs-0210-x-branches-offered") == 2, text
    assert "a version of Kubernetes 1.34" in text


@pytest.mark.parametrize(
    ("option", "text", "words"),
    [
        ("--scs-k8s-data", "{}", "it.schema: expected an integer, got nothing"),
        ("--scs-k8s-data", None, "--scs-k8s-data"),
        ("--scs-offered-versions", "latest", "line 1: expected a version like 1.36.3"),
        ("--scs-offered-versions", None, "--scs-offered-versions"),
    ],
)
def test_a_file_that_cannot_be_used_is_wrong_usage(
    launch: Any, pytester: pytest.Pytester, tmp_path: Path, option: str, text: str | None, words: str
) -> None:
    file = tmp_path / "given"
    if text is not None:
        file.write_text(text, "utf-8")
    result = pytester.runpytest(
        "--scs-scope=beyond-kaas", "--scs-kubeconfig=demo", "-m", "scs_0210", f"{option}={file}"
    )
    assert result.ret == 4
    (line,) = [line for line in result.errlines if line.startswith("ERROR")]
    assert option in line
    assert words in line


def test_the_embedded_cluster_is_judged_by_data_of_its_own(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest("--scs-scope=kaas-v1", "--scs-kubeconfig=demo", "-m", "light", "-vv")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*what the embedded cluster brings along*"])
    vanilla = pytester.runpytest("--scs-scope=kaas-v1", "--scs-kubeconfig=demo:vanilla", "-m", "light")
    assert vanilla.ret == 1
    vanilla.stdout.fnmatch_lines(["*a patch release is offered within 1 month*"])


@pytest.mark.parametrize(("name", "text"), [("k8s-versions.json", "{}"), ("tempest_tests.txt", "x")])
def test_a_damaged_copy_of_data_is_wrong_usage(
    pytester: pytest.Pytester, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    monkeypatch.setenv("PYTEST_SCS_DATA", str(tmp_path))
    (tmp_path / name).write_text(text, "utf-8")
    result = pytester.runpytest("--scs-scope=kaas-v1", "--scs-kubeconfig=demo", "-m", "light")
    assert result.ret == 4
    (line,) = [line for line in result.errlines if line]
    assert line.startswith("ERROR: ")
    assert name in line
    assert "delete it, or" in line


def test_clocks_are_as_the_tests_expect(now: dt.datetime) -> None:
    assert now.isoformat() == "2026-06-15T12:00:00+00:00"
