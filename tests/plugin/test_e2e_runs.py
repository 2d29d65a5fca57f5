# SPDX-License-Identifier: Apache-2.0
"""The e2e testcases of a cluster, with a stand-in of sonobuoy in the PATH: from the options to the report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from e2e_stage import Stage, archive_of, junit_of, log_of, names_of

NAMES = [*names_of(400), *(f"[sig-network] Netpol NetworkPolicy should deny {number}" for number in range(40))]
HEAVY = ("-m", "heavy", "--scs-scope=kaas-v1")


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    stage = Stage(tmp_path)
    monkeypatch.setenv("PATH", str(stage.programs))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("E2E_STANDIN", str(stage.folder))
    return stage


def play(stage: Stage, *failed: str) -> None:
    """The suite is through at the first look, and these tests failed."""
    log = log_of(NAMES, set(failed))
    archive = stage.archive(archive_of(junit_of(NAMES, dict.fromkeys(failed, "failed")), log))
    stage.play(archive=archive, log=log, states=["complete"])


def test_both_testcases_pass_and_results_stay(
    judge_cluster: Any, cluster_state: Any, stage: Stage, pytester: pytest.Pytester
) -> None:
    play(stage)
    judged = judge_cluster(cluster_state, *HEAVY, "--scs-subject=prod", scope="kaas-v1")
    assert judged.ret == 0
    assert judged.verdicts == {"cncf-k8s-conformance": "PASS", "kaas-networking-check": "PASS"}
    # Of one cluster one goes after the other.
    calls = [line for line in stage.calls("-n") if line[1] in ("run", "delete")]
    assert [line[1] for line in calls] == ["run", "delete", "run", "delete"]
    judged.result.stdout.fnmatch_lines(["conformance: begins with sonobuoy 0.57.3, mode full, in namespace scs-conf-*"])
    # Beside the report.
    folder = pytester.path / "e2e-prod"
    assert {path.name for path in folder.glob("*.json")} == {"conformance.json", "networking.json"}
    assert len(list(folder.glob("*/results.tar.gz"))) == 2


def test_failed_tests_are_named(judge_cluster: Any, cluster_state: Any, stage: Stage) -> None:
    play(stage, NAMES[3])
    judged = judge_cluster(cluster_state, *HEAVY, "-k", "cncf", scope="kaas-v1")
    assert judged.ret == 1
    judged.result.stdout.fnmatch_lines(["*[[]sig-node[]] Pods should do thing 3*"])


def test_without_a_runner_nothing_is_judged(judge_cluster: Any, cluster_state: Any, stage: Stage) -> None:
    for path in stage.programs.iterdir():
        path.unlink()
    judged = judge_cluster(cluster_state, *HEAVY, "--scs-judge=official", scope="kaas-v1")
    assert judged.ret == 6
    judged.result.stdout.fnmatch_lines(["*neither sonobuoy nor hydrophone found in PATH*"])


def test_what_is_to_be_taken_up_has_to_be_there(judge_cluster: Any, cluster_state: Any, stage: Stage) -> None:
    judged = judge_cluster(cluster_state, *HEAVY, "--scs-e2e-resume", scope="kaas-v1")
    assert judged.ret == 4
    judged.result.stderr.fnmatch_lines(["*--scs-e2e-resume: no run of conformance is recorded in */e2e-testcluster;*"])


def test_an_interrupted_run_is_no_run_that_was_left_out(
    judge_cluster: Any, cluster_state: Any, stage: Stage, pytester: pytest.Pytester
) -> None:
    stage.play(archive=None, log=log_of(NAMES[:3], set()), states=["running"])
    pytester.makepyfile(
        breaker="""
        import os, signal, threading
        from pathlib import Path

        def end():
            calls = Path(os.environ["E2E_STANDIN"], "calls.jsonl")
            while not (calls.exists() and "status" in calls.read_text()):
                timer.wait(0.1)
            os.kill(os.getpid(), signal.SIGINT)

        timer = threading.Event()

        def pytest_collection_finish(session):
            threading.Thread(target=end, daemon=True).start()
        """
    )
    pytester.syspathinsert()
    judged = judge_cluster(cluster_state, *HEAVY, "-p", "breaker", scope="kaas-v1", apart=True)
    assert judged.ret == 2
    assert judged.verdicts == {"cncf-k8s-conformance": "ABORT", "kaas-networking-check": "ABORT"}
    judged.result.stdout.fnmatch_lines(["ABORT 2 testcases: *interrupted*"])
