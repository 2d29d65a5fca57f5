# SPDX-License-Identifier: Apache-2.0
"""Whole runs on clusters: which are judged, what keeps them from being judged, and what a report says of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from pytest_scs.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_scs.demo.kubernetes.state import ClusterState

    from ..conftest import JudgeCluster, Judged

VERSION = ("-m", "scs_0210 and light")
UGLY = "kubernetes-admin@kubernetes"


def causes(found: Judged) -> list[str]:
    return [
        line
        for document in found.documents
        for one in document["run"]["invocations"].values()
        for line in one["stderr"]
    ]


def test_a_report_has_labels_only(
    judge_cluster: JudgeCluster,
    cluster_state: ClusterState,
    pytester: pytest.Pytester,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = judge_cluster(
        cluster_state,
        *VERSION,
        f"--scs-subject={UGLY}=acme-1.36",
        "--scs-e2e-mode=serial",
        scope="kaas-v1",
        context=UGLY,
    )
    assert run.ret == 0
    [document] = run.documents
    assert document["subject"] == "acme-1.36"
    assert document["run"]["assignment"] == {"kubeconfig": "acme-1.36", "execution_mode": "serial"}
    [invocation] = document["run"]["invocations"].values()
    assert invocation["cmd"] == "pytest --scs-scope=kaas-v1 -m scs_0210"
    text = yaml.safe_dump(document)
    for private in ("kubernetes-admin", "127.0.0.1", str(tmp_path), "kubeconfig:/"):
        assert private not in text
    capsys.readouterr()
    assert main(["report", "validate", str(pytester.path / "report.yaml")]) == 0
    assert "version-policy-check" not in capsys.readouterr().err


def test_a_cause_names_the_label_in_the_report_and_the_server_in_the_terminal(
    judge_cluster: JudgeCluster, cluster_state: ClusterState
) -> None:
    from pytest_scs.demo.faults import Fault

    cluster_state.faults.append(Fault("*", "/version", status=503))
    run = judge_cluster(cluster_state, *VERSION, f"--scs-subject={UGLY}=acme", scope="kaas-v1", context=UGLY)
    assert run.ret == 6
    assert run.having("ABORT") == {"version-policy-check"}
    assert causes(run)[0].startswith(
        "ERROR: version-policy-check: not decided: cluster acme: cannot reach API server: the API server answered 503"
    )
    assert "127.0.0.1" not in yaml.safe_dump(run.documents)
    run.result.stdout.fnmatch_lines([f"*cluster {UGLY}: 127.0.0.1:*: the API server answered 503*"])


def test_a_server_that_asks_to_wait_for_an_hour_is_not_waited_for(
    judge_cluster: JudgeCluster, cluster_state: ClusterState
) -> None:
    from pytest_scs.demo.faults import Fault

    cluster_state.faults.append(Fault("*", ".", status=429, headers={"Retry-After": "3600"}))
    run = judge_cluster(cluster_state, *VERSION, "--scs-deadline=60", scope="kaas-v1")
    assert run.ret == 6
    assert "cannot reach API server: the API server asks to wait 3600 s" in causes(run)[0]
    assert len(cluster_state.requests) == 1


def changed(tmp_path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the user and the cluster of the kubeconfig of the run."""
    path = tmp_path / "kubeconfig"
    config = yaml.safe_load(path.read_text())
    change(config)
    path.write_text(yaml.safe_dump(config))


def test_a_credential_that_is_rejected_is_said_once_for_all_testcases(
    serve_cluster: Any, launch: Any, cluster_state: ClusterState, tmp_path: Path
) -> None:
    serve_cluster(cluster_state, token=True)
    changed(tmp_path, lambda config: config["users"][0]["user"].update(token="wrong-0123456789"))
    run = launch(
        "-p", "no:cacheprovider", "--scs-scope=kaas-v1", f"--kubeconfig={tmp_path / 'kubeconfig'}", "--scs-deadline=0"
    )
    assert run.ret == 6
    assert run.having("ABORT") == {"version-policy-check", "cncf-k8s-conformance", "kaas-networking-check"}
    assert {line.partition("not decided: ")[2] for line in causes(run) if line.startswith("ERROR")} == {
        "cluster ENTRY: credentials rejected (401)"
    }
    assert "wrong-0123456789" not in run.result.stdout.str()


def test_a_right_that_is_missing_costs_only_what_needs_it(
    judge_cluster: JudgeCluster, cluster_state: ClusterState
) -> None:
    run = judge_cluster(
        cluster_state,
        "-m",
        "light and (scs_0214 or scs_0210) and not creates_resources",
        scope="beyond-kaas",
        account="viewer",
    )
    nodes = [line for line in causes(run) if "scs-0214-x-" in line and "not decided" in line]
    assert nodes
    assert all("cannot read nodes: the right to list nodes is missing (403)" in line for line in nodes)


def test_several_clusters_each_have_a_report_and_can_be_judged_again(
    serve_cluster: Any, launch: Any, cluster_state: ClusterState, now: Any, tmp_path: Path, version_data_file: Path
) -> None:
    from pytest_scs.demo.kubernetes import data

    serve_cluster(cluster_state, "admin@a")
    serve_cluster(data.conformant(now), "admin@b")
    options = ("-p", "no:cacheprovider", "--scs-scope=kaas-v1", *VERSION)
    live = (
        f"--scs-kubeconfig={tmp_path / 'kubeconfig'}",
        "--scs-kube-context=admin@a",
        "--scs-kube-context=admin@b",
        f"--scs-k8s-data={version_data_file}",
    )
    evidence = tmp_path / "evidence.json"
    run = launch(*options, *live, "--scs-subject=admin@a=acme-a", "-n", "2", f"--scs-record={evidence}")
    assert run.ret == 0
    assert [document["subject"] for document in run.documents] == ["acme-a", "admin-b"]
    assert [document["run"]["assignment"]["kubeconfig"] for document in run.documents] == ["acme-a", "admin-b"]
    run.result.stdout.fnmatch_lines(
        [
            "scs: *; cluster admin@a, admin@b",
            "scs: cluster admin@a: from kubeconfig *",
            "scs: cluster admin@b is admin-b in the report; choose its name there: --scs-subject=admin@b=SUBJECT",
        ]
    )
    assert "PRIVATE KEY" not in evidence.read_text()
    assert "127.0.0.1" not in evidence.read_text()
    again = launch(*options, f"--scs-replay={evidence}", "--scs-kube-context=admin@b", "--scs-subject=b")
    assert again.ret == 0
    assert [document["subject"] for document in again.documents] == ["b"]
    assert again.documents[0]["run"]["assignment"] == {"kubeconfig": "b", "execution_mode": "full"}


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--os-cloud=demo"], "--os-cloud: kaas-v1 judges no clouds; leave it out, or add a scope for it"),
        (
            ["--scs-scope=iaas-v5.1", "--os-cloud=demo"],
            "no cluster to judge: name its kubeconfig with --kubeconfig=FILE or $KUBECONFIG, or try --kubeconfig=demo",
        ),
        (["--kubeconfig=none"], "cannot read kubeconfig none: No such file or directory; name a file that exists"),
        (["--kubeconfig", "two", "--kube-context=c"], "kubeconfig two has no context 'c'; it has: a, b"),
        (["--kubeconfig=two"], "kubeconfig two has no current-context; give --scs-kube-context (it has: a, b)"),
        (
            ["--kubeconfig=one", "--kubeconfig=two", "--kube-context=a"],
            "--scs-kube-context: several files are given, each stands for its current-context; leave it out",
        ),
        (
            ["--kubeconfig=two", "--kube-context=a", "--kube-context=b", "--scs-subject=x"],
            "--scs-subject names one cluster, but several are given: a, b; write --scs-subject=NAME=SUBJECT for each",
        ),
        (
            ["--kubeconfig=two", "--kube-context=a", "--kube-context=b", "--scs-subject=a=b"],
            "clusters a and b have one name in the report, b; choose another: --scs-subject=b=SUBJECT",
        ),
        (
            ["--kubeconfig=two", "--kube-context=a", "--scs-subject=c=x"],
            "--scs-subject: 'c' is not judged; it is about: a",
        ),
        (
            ["--kubeconfig=two", "--kube-context=a", "--kube-context=b", "--scs-report=r.yaml"],
            "--scs-report: r.yaml holds one report, but there are 2 subjects (a, b); give a folder: --scs-report=DIR/",
        ),
        (["--kubeconfig=one", "--scs-report=one"], "one is the file of --scs-kubeconfig as well; give each its own"),
        (["--kubeconfig=demo:x"], "--kubeconfig: unknown embedded cluster 'demo:x'; known: demo, demo:vanilla"),
        (["--kubeconfig=demo", "--scs-replay=e"], "--scs-kubeconfig: a recorded cluster is judged with what was "),
    ],
)
def test_mistakes_are_one_line(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, args: list[str], message: str
) -> None:
    monkeypatch.setenv("HOME", str(pytester.path))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    for name, contexts, current in (("one", "a", "a"), ("two", "ab", "")):
        config = {
            "current-context": current,
            "clusters": [{"name": "x", "cluster": {"server": "https://127.0.0.1:1"}}],
            "users": [{"name": "x", "user": {}}],
            "contexts": [{"name": one, "context": {"cluster": "x", "user": "x"}} for one in contexts],
        }
        (pytester.path / name).write_text(yaml.safe_dump(config))
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "--scs-scope=kaas-v1", *args)
    assert result.ret == 4
    lines = [line for line in result.stderr.lines if line]
    assert len(lines) == 1
    assert message in lines[0]


def test_a_plan_needs_no_kubeconfig_that_nobody_has_named(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(pytester.path / "config"))
    (pytester.path / "config").write_text("contexts: [{name: a, context: {}}]")
    options = ("-p", "no:cacheprovider", "--scs-scope=kaas-v1", "--scs-plan")
    result = pytester.runpytest_inprocess(*options)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["3 testcases; no cluster is named"])
    assert pytester.runpytest_inprocess(*options, "--kubeconfig=config").ret == 4


def test_a_run_on_clouds_has_nothing_to_do_with_kubeconfigs(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(pytester.path / "config"))
    (pytester.path / "config").write_text("contexts: 1")
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "--scs-scope=iaas-v5.1", "--scs-plan")
    assert result.ret == 0


def test_a_client_that_is_newer_than_any_tried_is_given_a_try(monkeypatch: pytest.MonkeyPatch) -> None:
    from pytest_scs.platforms.kubernetes import installed

    monkeypatch.setattr(installed.metadata, "version", lambda name: "99.1.0")
    assert installed.check_client().startswith("the package kubernetes 99.1.0 is newer than any that was tried (37)")
    monkeypatch.setattr(installed.metadata, "version", lambda name: "37.0.2")
    assert installed.check_client() == ""


def test_a_client_that_is_too_old_is_one_line(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    from pytest_scs.platforms.kubernetes import installed

    monkeypatch.setattr(installed.metadata, "version", lambda name: "35.0.0")
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "--scs-scope=kaas-v1", "--kubeconfig=demo")
    assert result.ret == 4
    result.stderr.fnmatch_lines(
        ["ERROR: the package kubernetes 35.0.0 is too old to judge clusters with; 36 or newer is needed: pip install *"]
    )
