# SPDX-License-Identifier: Apache-2.0
"""Runs of the e2e suite with a stand-in of hydrophone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from e2e_stage import GONE, MARGIN, Phases, Stage, junit_of, log_of, names_of

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.evidence.phase import told_in
from pytest_scs.platforms.kubernetes.runners.running import run_suite

NAMES = names_of(400)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    (stage.folder / "junit.xml").write_bytes(junit_of(NAMES))
    return stage


def run(stage: Stage, **changes: Any) -> Any:
    return run_suite(stage.order(runner="hydrophone", **changes))


def nothing_left(stage: Stage) -> bool:
    return not any(stage.names(kind) for kind in ("namespaces", "clusterroles", "clusterrolebindings", "pods"))


def test_a_good_run_has_a_result_and_leaves_nothing(stage: Stage) -> None:
    stage.play(log=log_of(NAMES), test_namespaces=["pods-1"])
    phases = Phases()
    with told_in(phases, "conformance_run"):
        result = run(stage)
    assert "conformance: 400 of 400 tests done, 0 failed" in phases.told
    assert (result.problems, result.runner, result.runner_version) == ((), "hydrophone", "0.8.0")
    assert (result.conformance.passed, result.parts[0].announced) == (400, 400)
    assert nothing_left(stage)
    assert (stage.left, stage.ledger.expected) == ([], set())
    assert "--disable-progress-status" in stage.calls("--conformance")[0]


def test_the_exit_code_decides_nothing(stage: Stage) -> None:
    stage.play(log=log_of(NAMES), code=1)
    assert run(stage).conformance.passed == 400


def test_failures_are_named(stage: Stage) -> None:
    (stage.folder / "junit.xml").write_bytes(junit_of(NAMES, {NAMES[3]: "failed"}))
    stage.play(log=log_of(NAMES, {NAMES[3]}), code=1)
    assert [one.name for one in run(stage).failures] == [NAMES[3]]
    assert f"conformance: failed: {NAMES[3]}" in stage.said


def test_results_that_could_not_be_fetched_are_asked_for_again(stage: Stage) -> None:
    stage.play(log=log_of(NAMES), then="fetching fails")
    assert run(stage).conformance.passed == 400
    assert ["--continue" in call for call in stage.calls("--conformance")] == [False, True]


def test_an_image_that_is_not_there_is_named(stage: Stage) -> None:
    waiting = {"reason": "ErrImagePull", "message": 'failed to pull "x"'}
    status = {"name": "conformance-container", "state": {"waiting": waiting}}
    stage.play(
        pod={"phase": "Pending", "containerStatuses": [status]}, refused='Back-off pulling image "x"', before=0.6
    )
    with pytest.raises(Inconclusive) as caught:
        run(stage)
    assert str(caught.value) == (
        'runner did not start: e2e pod pending: ErrImagePull (failed to pull "x"); '
        'Error: failed to deploy tests: Back-off pulling image "x".'
    )
    assert nothing_left(stage)


def test_a_pod_that_was_deleted_ends_the_run(stage: Stage) -> None:
    stage.play(log=log_of(NAMES[:9], {NAMES[4]}, announced=446), then="pod deleted")
    result = run(stage, limits=GONE)
    assert result.problems[0].text == "the pod of the suite is gone: no events tell why"
    assert [one.name for one in result.failures] == [NAMES[4]]
    assert nothing_left(stage)


def test_a_crash_is_told_in_the_programs_own_words(stage: Stage) -> None:
    stage.play(log=log_of(NAMES[:9]), then="crashes")
    with pytest.raises(Inconclusive, match=r"hydrophone ended without results: .*failed to get test logs"):
        run(stage)
    assert nothing_left(stage)


def test_a_program_that_hangs_is_ended_at_the_limit(stage: Stage) -> None:
    stage.play(log=log_of(NAMES[:9], announced=446), then="hangs")
    with pytest.raises(Inconclusive, match=r"run exceeded 1 s \(9 of 446 tests done\)") as caught:
        run(stage, timeout=1, limits=MARGIN)
    assert caught.value.kind is CauseKind.TIMEOUT
    assert nothing_left(stage)


def test_an_interrupted_run_is_removed_at_once(stage: Stage) -> None:
    stage.play(log=log_of(NAMES[:9], {NAMES[4]}), then="hangs", test_namespaces=["pods-1"])
    stage.interrupt_at = "failed: "
    with pytest.raises(Inconclusive, match=r"^interrupted$"):
        run(stage)
    assert nothing_left(stage)


def test_a_cleanup_that_fails_is_done_by_hand(stage: Stage) -> None:
    stage.play(log=log_of(NAMES), delete="fails")
    assert run(stage).conformance.passed == 400
    assert nothing_left(stage)
    assert stage.left == []


def test_a_recorded_run_is_attached_to(stage: Stage) -> None:
    stage.play(log=log_of(NAMES))
    run(stage)
    path = stage.results / "conformance.json"
    record = json.loads(path.read_text())
    record["finished"] = record["rounds"][0]["over"] = False
    path.write_text(json.dumps(record))
    stage.put("namespaces", record["rounds"][0]["namespace"])
    assert run_suite(stage.order(resume=True)).conformance.passed == 400
    assert "--continue" in stage.calls("--conformance")[-1]


@pytest.mark.parametrize(
    ("version", "problem"),
    [("v0.6.1", "hydrophone 0.6.1 is too old; install hydrophone 0.7.0 or newer"), ("v0.7.3", ""), ("", ""), ("-", "")],
)
def test_versions(stage: Stage, version: str, problem: str) -> None:
    stage.play(log=log_of(NAMES), version=version)
    if problem:
        with pytest.raises(Inconclusive, match=problem):
            run(stage)
    else:
        assert run(stage).runner_version == version.strip("v-")


def test_it_is_taken_where_sonobuoy_is_not_installed(stage: Stage) -> None:
    (stage.programs / "sonobuoy").unlink()
    stage.play(log=log_of(NAMES))
    assert run_suite(stage.order()).runner == "hydrophone"


def test_programs_of_the_users_own_folder_are_found(stage: Stage) -> None:
    own = stage.folder / ".local" / "bin"
    own.mkdir(parents=True)
    (stage.programs / "hydrophone").rename(own / "hydrophone")
    stage.play(log=log_of(NAMES))
    assert run(stage).runner == "hydrophone"
