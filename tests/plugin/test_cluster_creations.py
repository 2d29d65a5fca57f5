# SPDX-License-Identifier: Apache-2.0
"""Testcases that create something in a cluster: the right verdict, and nothing left behind, whatever goes wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_scs.cli import main as scs
from pytest_scs.demo.kubernetes.state import ClusterState, Fault
from pytest_scs.platforms.kubernetes.belongings import MANAGED_BY

CREATING = ("-k", "volumes or network_policy_probe", "-m", "creates_resources", "--scs-target=all")
TRIED = {"scs-0211-x-read-write-once", "scs-0211-x-not-node-bound", "scs-0219-x-network-policy-probe"}


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from pytest_scs.platforms.kubernetes import closing
    from pytest_scs.platforms.kubernetes.probes import policy

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(policy, "STEADY", 0.3)
    monkeypatch.setattr(policy, "LOOK", 0.1)
    monkeypatch.setattr(closing, "LATENESS", 1)
    monkeypatch.setattr(closing, "PAUSES", (0.2, 0.4, 0.8))


@pytest.fixture
def clean(cluster_state: ClusterState) -> Iterator[ClusterState]:
    """A cluster that must have afterwards what it had before."""
    before = namespaces(cluster_state)
    yield cluster_state
    assert namespaces(cluster_state) == before
    assert cluster_state.created(MANAGED_BY) == []


def namespaces(state: ClusterState) -> set[str]:
    state.catch_up()
    return {one["metadata"]["name"] for one in state.namespaces}


def journals(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "state").rglob("*.jsonl"))


def test_conforming_cluster_passes_what_is_tried_out(judge_cluster: Any, clean: ClusterState, tmp_path: Path) -> None:
    run = judge_cluster(clean, *CREATING)
    assert run.having("PASS") == TRIED
    assert run.ret == 0
    assert journals(tmp_path) == []


def test_creation_whose_answer_is_lost_leaves_nothing(judge_cluster: Any, clean: ClusterState, tmp_path: Path) -> None:
    clean.faults.append(Fault("POST", r"/namespaces(\?|$)", "late", 504, 2, seconds=0.3))
    clean.faults.append(Fault("POST", r"/pods(\?|$)", "drop", times=1))
    run = judge_cluster(clean, *CREATING, "--scs-deadline=40")
    assert run.having("PASS") == TRIED
    assert journals(tmp_path) == []


def test_interrupted_run_leaves_nothing_behind(
    judge_cluster: Any, clean: ClusterState, pytester: pytest.Pytester, tmp_path: Path
) -> None:
    clean.stuck.add("pod")
    pytester.makepyfile(
        breaker="""
        import time

        def pytest_runtest_setup(item):
            time.sleep(1)
            raise KeyboardInterrupt
        """
    )
    pytester.syspathinsert()
    run = judge_cluster(clean, *CREATING, "-p", "breaker", apart=True)
    assert run.ret == 2
    assert set(run.verdicts.values()) == {"MISS"}
    assert journals(tmp_path) == []


def test_killed_run_is_told_of_and_cleaned_up_by_command(
    judge_cluster: Any,
    clean: ClusterState,
    pytester: pytest.Pytester,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    clean.stuck.add("pod")
    pytester.makepyfile(
        breaker=f"""
        import os, signal, time
        from pathlib import Path

        def made():
            lines = [line for one in Path({str(tmp_path / "state")!r}).rglob("*.jsonl") for line in one.open()]
            return any('"created"' in line and "scs-0211-" in line for line in lines)

        def pytest_runtest_setup(item):
            until = time.monotonic() + 120
            while not made() and time.monotonic() < until:
                time.sleep(0.05)
            os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    pytester.syspathinsert()
    judge_cluster(clean, *CREATING, "-p", "breaker", apart=True)
    assert clean.created(MANAGED_BY) != []
    (journal,) = journals(tmp_path)
    assert json.loads(journal.read_text().splitlines()[0])["event"] == "intent"
    options = ("-p", "no:cacheprovider", "--scs-scope=kaas", f"--scs-kubeconfig={tmp_path / 'kubeconfig'}")
    shown = pytester.runpytest_inprocess(*options, "--collect-only")
    shown.stdout.re_match_lines([rf".*left something in testcluster; .*scs cleanup .*--run={journal.stem}"])
    capsys.readouterr()
    assert scs(["cleanup", f"--kubeconfig={tmp_path / 'kubeconfig'}", "--delete"]) == 0
    assert "removed namespace scs-0211-" in capsys.readouterr().out
    assert journals(tmp_path) == []


def test_namespace_that_hangs_is_left_incomplete(
    judge_cluster: Any, cluster_state: ClusterState, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pytest_scs.platforms.kubernetes import removal

    monkeypatch.setattr(removal, "DELETION", 1)
    cluster_state.stuck.add("namespace")
    run = judge_cluster(cluster_state, "-k", "network_policy_probe", "-m", "creates_resources", "--scs-target=all")
    assert run.having("PASS") == {"scs-0219-x-network-policy-probe"}
    assert run.ret == 6
    run.result.stdout.re_match_lines(
        [r"left incomplete: namespace scs-0219-.* is still there .*kubectl get apiservices"]
    )
