# SPDX-License-Identifier: Apache-2.0
"""Results of the e2e suite that were made elsewhere, in whole runs: both judges, outputs, reports of another time."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import e2e_results as made
import pytest
import yaml

if TYPE_CHECKING:
    pass
from pytest_scs.demo.kubernetes.state import ClusterState
from pytest_scs.platforms.kubernetes.runners.programs import MISSING

CONFORMANCE, NETWORKING = "cncf-k8s-conformance", "kaas-networking-check"
SCTP = "[It] [sig-network] NetworkPolicy [Feature:SCTPConnectivity] should hold"


@pytest.fixture
def version(cluster_state: ClusterState) -> str:
    """What the embedded cluster says of its version."""
    return str(cluster_state.version["gitVersion"])


def result(path: Path, tests: list[made.Test], version: str, minutes: int = 10, **properties: str) -> Path:
    """An archive of sonobuoy about a cluster of this version, which ended some minutes ago."""
    ended = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=minutes)
    files = made.sonobuoy(tests) | {"serverversion.json": json.dumps({"gitVersion": version})}
    timestamp = (ended - dt.timedelta(seconds=600)).strftime("%Y-%m-%dT%H:%M:%S")
    files["plugins/e2e/results/global/junit_01.xml"] = made.junit(
        tests, timestamp=timestamp, seconds="600", **properties
    )
    return made.archive(path, files)


def given(testcase: str, path: Path) -> str:
    return f"--scs-e2e-results={testcase}={path}"


def test_both_testcases_pass_by_given_results(
    judge_cluster: Any, cluster_state: ClusterState, version: str, tmp_path: Path
) -> None:
    conformance = result(tmp_path / "a.tar.gz", made.conformance(), version)
    networking = result(tmp_path / "b.tar.gz", [*made.networking(), made.Test(SCTP, "failed", "no SCTP")], version)
    args = (given(CONFORMANCE, conformance), given(NETWORKING, networking), "-m", "heavy")
    judged = judge_cluster(cluster_state, *args, scope="kaas-v1")
    assert (judged.verdicts[CONFORMANCE], judged.verdicts[NETWORKING]) == ("PASS", "PASS")
    assert judged.differing == {}
    assert judged.ret == 0
    assert judged.messages(CONFORMANCE)[0] == "WARNING: 446 passed, 0 failed, 0 excused, 51 skipped"
    assert "WARNING: 1 failure excused (SCTP is optional: 1)" in judged.messages(NETWORKING)
    # What excused which test is no public matter.
    assert not [line for line in judged.messages(NETWORKING) if "should hold" in line]


def test_serial_tests_left_out_and_a_failure(
    judge_cluster: Any, cluster_state: ClusterState, version: str, tmp_path: Path
) -> None:
    """DEV-0201-1, and an offender with its message and a command."""
    conformance = result(tmp_path / "a.tar.gz", made.conformance(serial="skipped"), version)
    failed = made.Test("[It] [sig-network] NetworkPolicy is ignored", "failed", "timed out\nand more")
    networking = result(tmp_path / "b.tar.gz", [*made.networking(), failed], version, SuiteSucceeded="false")
    args = (given(CONFORMANCE, conformance), given(NETWORKING, networking))
    official = judge_cluster(cluster_state, *args, scope="kaas-v1")
    assert official.ret == 1
    assert (official.verdicts[CONFORMANCE], official.verdicts[NETWORKING]) == ("PASS", "FAIL")
    left_out = "WARNING: 29 serial tests were not run: not decided by the text (DEV-0201-1)"
    assert left_out in official.messages(CONFORMANCE)
    assert official.differing == {CONFORMANCE: {"official": "PASS", "text": "ABORT"}}
    count, offender, mend, *_ = official.messages(NETWORKING)
    name = "[sig-network] NetworkPolicy is ignored"
    assert offender == f"ERROR: {name}: the test passes: expected passed, found timed out"
    assert "sonobuoy run --plugin e2e" in mend
    assert count == "ERROR: 1 of 51 NetworkPolicy tests violates the rule"


def test_the_text_does_not_decide_without_serial_tests_also_in_a_replay(
    judge_cluster: Any, launch: Any, cluster_state: ClusterState, version: str, tmp_path: Path
) -> None:
    path = result(tmp_path / "a.tar.gz", made.conformance(serial="skipped"), version)
    args = ("-k", "cncf_k8s", "--scs-judge=text")
    judged = judge_cluster(cluster_state, *args, given(CONFORMANCE, path), "--scs-record=e.json", scope="kaas-v1")
    again = launch("--scs-scope=kaas-v1", "-p", "no:cacheprovider", *args, "--scs-replay=e.json")
    for one in (judged, again):
        assert one.verdicts[CONFORMANCE] == "ABORT"
        assert one.ret == 6
        assert one.messages(CONFORMANCE)[0].startswith("ERROR: not decided: 29 serial tests were not run")


@pytest.mark.parametrize("who", ["official", "text"])
def test_no_judge_passes_what_was_not_tested(
    judge_cluster: Any, cluster_state: ClusterState, version: str, who: str, tmp_path: Path
) -> None:
    conformance = result(tmp_path / "a.tar.gz", made.conformance("skipped", "skipped"), version)
    args = (given(CONFORMANCE, conformance), given(NETWORKING, made.archive(tmp_path / "b.tar.gz", made.timed_out())))
    report = ("--scs-report=reports/", f"--scs-judge={who}", "-m", "heavy")
    judged = judge_cluster(cluster_state, *args, *report, scope="kaas-v1")
    assert judged.ret == 6
    found = {
        document["checked_at"]: [line for one in document["run"]["invocations"].values() for line in one["stderr"]]
        for path in Path("reports").rglob("*.yaml")
        for document in yaml.safe_load_all(path.read_text())
    }
    # The second one ended on the first day of 2026.
    assert len(found) == 2
    lines = [line for each in found.values() for line in each]
    assert f"ERROR: {CONFORMANCE}: not decided: only 0 of 446 tests ran" in lines
    assert f"WARNING: {CONFORMANCE}: the official suite would say PASS (DEV-0201-3)" in lines
    assert [line for line in lines if line.startswith(f"ERROR: {NETWORKING}: not decided: ")]


@pytest.mark.parametrize("who", ["official", "text"])
def test_without_a_runner_both_judges_abort(
    judge_cluster: Any, cluster_state: ClusterState, who: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DEV-0201-6."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    judged = judge_cluster(cluster_state, "-m", "heavy", f"--scs-judge={who}", scope="kaas-v1")
    assert judged.ret == 6
    for testcase, row in ((CONFORMANCE, "DEV-0201-6"), (NETWORKING, "DEV-0219-1")):
        assert judged.messages(testcase) == [
            f"ERROR: not decided: {MISSING}",
            f"WARNING: the official suite would say nothing ({row})",
        ]


def test_an_old_result_needs_a_folder(
    judge_cluster: Any, cluster_state: ClusterState, version: str, tmp_path: Path
) -> None:
    path = result(tmp_path / "a.tar.gz", made.conformance(), version, minutes=300)
    refused = judge_cluster(cluster_state, given(CONFORMANCE, path), scope="kaas-v1")
    assert refused.ret == 4
    refused.result.stderr.fnmatch_lines(["ERROR: --scs-e2e-results=*: the result is of * give a folder: *=DIR/"])
    assert refused.documents == []


def test_an_old_result_has_its_own_time_in_a_folder(
    judge_cluster: Any, cluster_state: ClusterState, version: str, tmp_path: Path, pytester: pytest.Pytester
) -> None:
    old = result(tmp_path / "a.tar.gz", made.conformance(), version, minutes=300)
    new = result(tmp_path / "b.tar.gz", made.networking(), version)
    args = (given(CONFORMANCE, old), given(NETWORKING, new), "--scs-report=reports/", "-m", "heavy")
    assert judge_cluster(cluster_state, *args, scope="kaas-v1").ret == 0
    documents = [yaml.safe_load(one.read_text()) for one in sorted((pytester.path / "reports").rglob("*.yaml"))]
    invocations = [list(document["run"]["invocations"].values()) for document in documents]
    assert [one["results"] for one in invocations[0]] == [{CONFORMANCE: 1}]
    assert [one["results"] for one in invocations[1]] == [{NETWORKING: 1}]
    apart = documents[1]["checked_at"] - documents[0]["checked_at"]
    assert dt.timedelta(hours=5) <= apart < dt.timedelta(hours=5, minutes=5)


def test_another_branch_and_a_list_that_excuses_more(
    judge_cluster: Any, cluster_state: ClusterState, version: str, tmp_path: Path
) -> None:
    conformance = result(tmp_path / "a.tar.gz", made.conformance(), "v1.2.3")
    networking = result(tmp_path / "b.tar.gz", made.networking("failed"), version, SuiteSucceeded="false")
    (tmp_path / "mine.yaml").write_text("okToFail:\n- {regex: NetworkPolicy, reason: ours}\n")
    args = (given(CONFORMANCE, conformance), given(NETWORKING, networking), f"--scs-okfail={tmp_path / 'mine.yaml'}")
    judged = judge_cluster(cluster_state, *args, scope="kaas-v1")
    assert (judged.verdicts[CONFORMANCE], judged.verdicts[NETWORKING]) == ("ABORT", "PASS")
    assert judged.messages(CONFORMANCE)[0] == (
        f"ERROR: not decided: the result is about Kubernetes v1.2.3, and the cluster runs {version}: "
        "give a result of the same branch"
    )
    warning = "--scs-okfail excuses what the published list does not"
    assert [line for line in judged.messages(NETWORKING) if line.startswith(f"WARNING: {warning}")]
    judged.result.stdout.fnmatch_lines([f"WARNING: {warning}*: 1 entry: 'NetworkPolicy'"])
    assert warning in str(judged.documents[0]["debug"]["warnings"])


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--scs-e2e-results=kaas-networking=x"], "*did you mean 'kaas-networking-check'*"),
        ([f"--scs-e2e-results={CONFORMANCE}=none"], "*cannot read *none: No such file*"),
        (["--scs-okfail=none.yaml"], "*--scs-okfail: cannot read list of exceptions *none.yaml: No such file*"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_read(
    judge_cluster: Any, cluster_state: ClusterState, args: list[str], words: str
) -> None:
    judged = judge_cluster(cluster_state, *args, scope="kaas-v1")
    assert judged.ret == 4
    judged.result.stderr.fnmatch_lines([f"ERROR: {words}"])
    assert "Traceback" not in judged.result.stderr.str()
