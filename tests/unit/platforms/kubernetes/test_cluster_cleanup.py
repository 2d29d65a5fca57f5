# SPDX-License-Identifier: Apache-2.0
"""``scs cleanup`` of a cluster: what it takes for a run's, what it leaves alone, what it does about the e2e suite."""

from __future__ import annotations

import json
import os
import socket
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_scs.cli import main
from pytest_scs.demo.kubernetes.server import DemoCluster
from pytest_scs.demo.kubernetes.state import ClusterState, Fault
from pytest_scs.evidence.journal import past_runs
from pytest_scs.platforms.kubernetes import cleanup, closing, removal
from pytest_scs.platforms.kubernetes.belongings import MANAGED_BY, RUN_LABEL

RUN, OTHER = "1a2b3c4d", "9f8e7d6c"
CONF, ROLE = "scs-conf-123abc", "sonobuoy-serviceaccount-scs-conf-123abc"
ROLES = ("clusterrolebindings.rbac.authorization.k8s.io", "clusterroles.rbac.authorization.k8s.io")
SUITE = {"e2e-framework": "pods", "e2e-run": str(uuid.uuid4())}
Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def own_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setattr(closing, "LATENESS", 0)


@pytest.fixture
def cluster(cluster_state: ClusterState, serve_cluster: Callable[..., DemoCluster]) -> DemoCluster:
    return serve_cluster(cluster_state)


@pytest.fixture
def clean_up(cluster: DemoCluster, tmp_path: Path, capsys: Capture) -> Callable[..., tuple[int, list[str]]]:
    """Runs ``scs cleanup``; returns its exit code and what it printed, with FILE for the kubeconfig."""

    def run(*arguments: str) -> tuple[int, list[str]]:
        code = main(["cleanup", f"--kubeconfig={tmp_path / 'kubeconfig'}", *arguments])
        out, err = capsys.readouterr()
        return code, (out + err).replace(str(tmp_path / "kubeconfig"), "FILE").splitlines()

    return run


def add(state: ClusterState, key: str, name: str, labels: dict[str, str] | None = None, **content: Any) -> None:
    item = {"metadata": {"name": name, "labels": labels or {}}, **content}
    if key == "namespaces":
        item |= {"spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}}
    state.all(key).append(state.complete(item))


def labelled(run: str) -> dict[str, str]:
    return {**MANAGED_BY, RUN_LABEL: run}


def namespaces(state: ClusterState) -> set[str]:
    state.catch_up()
    return {one["metadata"]["name"] for one in state.namespaces}


def journal(cluster: DemoCluster, *things: tuple[str, str], run: str = RUN, process: int = 0) -> Path:
    server = cluster.kubeconfig()["clusters"][0]["cluster"]["server"]
    about = {
        "at": "2026-06-15T11:00:00+00:00",
        "run": run,
        "subject": "testcluster",
        "host": socket.gethostname(),
        "process": process,
        "account": f"{server} kubernetes-admin",
    }
    path = Path(os.environ["XDG_STATE_HOME"], "pytest-scs", "runs", f"{run}.jsonl")
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps({**about, "event": "intent", "kind": kind, "name": name}) for kind, name in things]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_cluster_without_leftovers_says_so(clean_up: Any) -> None:
    assert clean_up() == (0, ["cluster testcluster: nothing is left of any run"])


def test_namespace_of_a_run_is_listed_then_removed(cluster_state: ClusterState, clean_up: Any) -> None:
    name = f"scs-0211-{RUN}-5e6f"
    add(cluster_state, "namespaces", name, labelled(RUN))
    before = namespaces(cluster_state)
    code, lines = clean_up()
    assert code == 0
    assert lines[0].startswith(f"namespace {name}, created ")
    assert lines[1:] == ["1 left; remove them with: scs cleanup --kubeconfig=FILE --kube-context=testcluster --delete"]
    assert namespaces(cluster_state) == before
    code, lines = clean_up("--delete")
    assert (code, lines[-1]) == (0, f"removed namespace {name}")
    assert namespaces(cluster_state) == before - {name}


def test_nothing_that_is_not_ours_is_touched(cluster_state: ClusterState, clean_up: Any) -> None:
    add(cluster_state, "namespaces", f"scs-0211-{RUN}-5e6f", labelled(OTHER))
    add(cluster_state, "namespaces", f"scs-0211-{RUN}-0000")
    add(cluster_state, "namespaces", "scs-production")
    add(cluster_state, "namespaces", "team-a", labelled(RUN))
    before = namespaces(cluster_state)
    code, lines = clean_up("--delete", "--force")
    assert code == 0
    assert "namespace team-a carries our label, but no name of ours: left alone" in lines
    assert "cluster testcluster: there is nothing to remove" in lines
    assert namespaces(cluster_state) == before
    assert not any(one.method == "DELETE" for one in cluster_state.requests)


def test_only_the_named_run_is_removed(cluster_state: ClusterState, clean_up: Any) -> None:
    add(cluster_state, "namespaces", f"scs-0211-{RUN}-5e6f", labelled(RUN))
    add(cluster_state, "namespaces", f"scs-0219-{OTHER}-5e6f", labelled(OTHER))
    code, lines = clean_up("--delete", f"--run={RUN}")
    assert (code, lines[-1]) == (0, f"removed namespace scs-0211-{RUN}-5e6f")
    assert f"scs-0219-{OTHER}-5e6f" in namespaces(cluster_state)


def test_run_in_progress_on_this_machine_is_left_alone_unless_named(
    cluster: DemoCluster, cluster_state: ClusterState, clean_up: Any
) -> None:
    name = f"scs-0211-{RUN}-5e6f"
    add(cluster_state, "namespaces", name, labelled(RUN))
    path = journal(cluster, ("namespace", name), process=os.getppid())
    code, lines = clean_up("--delete")
    assert code == 0
    assert lines[0] == f"run {RUN} is still in progress on this machine and left alone (--run={RUN} includes it)"
    assert name in namespaces(cluster_state)
    assert path.exists()
    assert clean_up("--delete", f"--run={RUN}")[0] == 0
    assert name not in namespaces(cluster_state)
    assert not path.exists()


def test_what_the_runner_of_a_killed_run_made_is_known_from_the_journal(
    cluster: DemoCluster, cluster_state: ClusterState, clean_up: Any
) -> None:
    add(cluster_state, "namespaces", CONF)
    for key in ROLES:
        add(cluster_state, key, ROLE)
    path = journal(cluster, ("namespace", CONF), ("clusterrolebinding", ROLE), ("clusterrole", ROLE), process=2**22 + 1)
    (past,) = past_runs("testcluster")
    assert (past.untidy, past.running) == (True, False)
    code, lines = clean_up("--delete")
    assert code == 0
    assert lines[-3:] == [
        f"removed namespace {CONF}",
        f"removed clusterrolebinding {ROLE}",
        f"removed clusterrole {ROLE}",
    ]
    assert not path.exists()


def test_suite_that_has_our_labels_needs_no_journal(cluster_state: ClusterState, clean_up: Any) -> None:
    add(cluster_state, "namespaces", CONF, labelled(RUN))
    for key in ROLES:
        add(cluster_state, key, ROLE)
    code, lines = clean_up("--delete", f"--run={RUN}")
    assert (code, len([line for line in lines if line.startswith("removed ")])) == (0, 3)


def test_mere_name_of_a_suite_is_removed_only_if_insisted_on(cluster_state: ClusterState, clean_up: Any) -> None:
    add(cluster_state, "namespaces", CONF)
    add(cluster_state, ROLES[1], ROLE)
    code, lines = clean_up("--delete")
    assert code == 0
    assert lines[:2] == [
        f"namespace {CONF} looks like ours, but only its name says so: --force includes it",
        f"clusterrole {ROLE} looks like ours, but only its name says so: --force includes it",
    ]
    assert CONF in namespaces(cluster_state)
    code, lines = clean_up("--delete", "--force")
    assert (code, lines[-2:]) == (0, [f"removed namespace {CONF}", f"removed clusterrole {ROLE}"])


def test_journal_cannot_lead_to_what_is_not_ours(
    cluster: DemoCluster, cluster_state: ClusterState, clean_up: Any
) -> None:
    before = namespaces(cluster_state)
    add(cluster_state, ROLES[1], "cluster-admin-of-somebody")
    things = [("namespace", "kube-system"), ("clusterrole", "cluster-admin-of-somebody"), ("node", "worker-1")]
    journal(cluster, *things)
    assert clean_up("--delete", "--force")[0] == 0
    assert namespaces(cluster_state) == before
    assert cluster_state.find(ROLES[1], "cluster-admin-of-somebody")


def test_volume_that_outlived_its_namespace_is_let_go(cluster_state: ClusterState, clean_up: Any) -> None:
    claim = {"namespace": f"scs-0211-{RUN}-5e6f", "name": "scs-data"}
    spec = {"claimRef": claim, "persistentVolumeReclaimPolicy": "Retain"}
    add(cluster_state, "persistentvolumes", "pvc-1", spec=spec, status={"phase": "Released"})
    other = {"claimRef": {"namespace": "team-a"}, "persistentVolumeReclaimPolicy": "Retain"}
    add(cluster_state, "persistentvolumes", "pvc-2", spec=other)
    removal_seconds = removal.DELETION
    removal.DELETION = 0
    try:
        code, lines = clean_up("--delete")
    finally:
        removal.DELETION = removal_seconds
    assert code == 1
    assert any(line.startswith("ERROR: persistentvolume pvc-1 is ") for line in lines)


def test_namespace_that_hangs_is_an_error_with_its_condition(
    cluster_state: ClusterState, clean_up: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removal, "DELETION", 0.5)
    cluster_state.stuck.add("namespace")
    add(cluster_state, "namespaces", f"scs-0211-{RUN}-5e6f", labelled(RUN))
    code, lines = clean_up("--delete")
    assert code == 1
    assert lines[-1].startswith(f"ERROR: namespace scs-0211-{RUN}-5e6f is still there ")
    assert "stale GroupVersion discovery" in lines[-1]


def test_what_tests_of_the_suite_left_is_listed_and_needs_force(cluster_state: ClusterState, clean_up: Any) -> None:
    add(cluster_state, "namespaces", "pods-1234", SUITE)
    before = namespaces(cluster_state)
    code, lines = clean_up("--delete")
    assert code == 0
    assert lines[-2:] == [
        "namespace pods-1234 is of a test of the e2e suite",
        "these may be somebody else's; if they are not, remove them with: scs cleanup --kubeconfig=FILE "
        "--kube-context=testcluster --delete --force",
    ]
    assert namespaces(cluster_state) == before
    code, lines = clean_up("--delete", "--force")
    assert (code, lines[-1]) == (0, "removed namespace pods-1234")
    assert namespaces(cluster_state) == before - {"pods-1234"}


def test_suite_that_runs_somewhere_keeps_its_namespaces(cluster_state: ClusterState, clean_up: Any) -> None:
    add(cluster_state, "namespaces", "pods-1234", SUITE)
    add(cluster_state, "namespaces", "sonobuoy")
    pod = {"metadata": {"name": "e2e", "namespace": "sonobuoy", "labels": {"sonobuoy-plugin": "e2e"}}}
    cluster_state.pods.append(cluster_state.complete(pod | {"status": {"phase": "Running"}}))
    code, lines = clean_up("--delete", "--force")
    assert code == 1
    assert (
        "the e2e suite runs in namespace sonobuoy: what its tests make (1 namespaces at present) is left alone" in lines
    )
    assert "pods-1234" in namespaces(cluster_state)


@pytest.mark.parametrize("account", ["other account", ""])
def test_journal_of_another_account_is_named(
    cluster: DemoCluster, cluster_state: ClusterState, clean_up: Any, account: str
) -> None:
    path = journal(cluster, ("namespace", CONF))
    path.write_text(path.read_text().replace(json.loads(path.read_text())["account"], account))
    add(cluster_state, "namespaces", CONF)
    code, lines = clean_up("--delete")
    assert code == 0
    assert any(line.startswith(f"journal {path} is of another API server or user") for line in lines)
    assert CONF in namespaces(cluster_state)


def test_kind_that_cannot_be_listed_is_an_error(cluster_state: ClusterState, clean_up: Any) -> None:
    cluster_state.faults.append(Fault("GET", r"/persistentvolumes(\?|$)", status=403))
    code, lines = clean_up()
    assert code == 1
    assert lines[0].startswith("ERROR: what is left of kind persistentvolume cannot be listed: ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--kubeconfig=demo"], "--kubeconfig: demo is made anew for every run; there is nothing to clean up"),
        (["--kubeconfig=f", "--run=xyz"], "--run: 'xyz' is no run id; it has eight hexadecimal digits"),
        (["--kubeconfig=f", "--older-than=1"], "--older-than: '1' is no age; write for example 30m, 6h or 2d"),
        (["--os-cloud=x", "--force"], "--force is about clusters; leave it out for a cloud"),
        (["--os-cloud=x", "--kube-context=y"], "--kube-context is about clusters; leave it out for a cloud"),
    ],
)
def test_wrong_arguments_are_one_line(capsys: Capture, arguments: list[str], message: str) -> None:
    assert main(["cleanup", *arguments]) == 4
    assert capsys.readouterr() == ("", f"scs: {message}\n")


def test_nothing_named_is_one_line_with_the_usage(capsys: Capture) -> None:
    assert main(["cleanup"]) == 4
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "[--os-cloud NAME | --kubeconfig FILE]" in err


def test_cluster_that_cannot_be_reached_is_one_line(
    cluster: DemoCluster, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cleanup, "_DEADLINE", 0)
    cluster.stop()
    assert main(["cleanup", f"--kubeconfig={tmp_path / 'kubeconfig'}"]) == 4
    assert capsys.readouterr().err.count("\n") == 1


ODD: tuple[Any, ...] = (None, [], "x", 7, {"labels": ["a"], "taints": 7, "phase": {}}, {"taints": ["x", {"key": 7}]})


@pytest.mark.parametrize("odd", ODD)
def test_odd_objects_break_nothing_and_are_left_alone(
    cluster_state: ClusterState, clean_up: Callable[..., tuple[int, list[str]]], odd: Any
) -> None:
    pod = {"metadata": {"name": "e2e", "namespace": "default", "labels": {"sonobuoy-plugin": "e2e"}}, "status": odd}
    lists = {
        "/api/v1/namespaces": [{"metadata": odd}, {"metadata": {"name": "y", "labels": odd}}],
        "/api/v1/persistentvolumes": [{"metadata": odd, "spec": odd}, {"spec": {"claimRef": odd}}],
        "/clusterroles": [{"metadata": odd}],
        "/api/v1/nodes": [{"metadata": odd, "spec": odd}, {"metadata": {"name": "n"}, "spec": odd}],
        "/api/v1/pods": [pod],
    }
    for path, items in lists.items():
        body = json.dumps({"metadata": {}, "items": items})
        cluster_state.faults.append(Fault("GET", rf"{path}(\?|$)", status=200, body=body))
    code, lines = clean_up()
    assert code in (0, 1)
    assert not [one for one in cluster_state.requests if one.method in ("DELETE", "PATCH")]
    assert all("Traceback" not in line for line in lines)
