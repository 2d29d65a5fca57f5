# SPDX-License-Identifier: Apache-2.0
"""A certificate that needs a declaration: what runs say of it, whether its scope is selected or not."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import e2e_results as made
import pytest
import yaml

from pytest_scs.standards.manual_check_data import known_checks
from pytest_scs.standards.manual_checks import last_day

if TYPE_CHECKING:
    from pytest_scs.demo.kubernetes.state import ClusterState

DECLARATION = "scs-0214-x-node-distribution-declaration"
TODAY = dt.datetime.now(dt.UTC).date()


@pytest.fixture
def results(cluster_state: ClusterState, tmp_path: Path) -> list[str]:
    """Options that give results of the e2e suite in which everything passed."""
    ended = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=20)
    given = []
    for testcase, tests in (
        ("cncf-k8s-conformance", made.conformance()),
        ("kaas-networking-check", made.networking()),
    ):
        files = made.sonobuoy(tests) | {
            "serverversion.json": json.dumps({"gitVersion": cluster_state.version["gitVersion"]}),
            "plugins/e2e/results/global/junit_01.xml": made.junit(
                tests, timestamp=ended.strftime("%Y-%m-%dT%H:%M:%S"), seconds="600"
            ),
        }
        given.append(f"--scs-e2e-results={testcase}={made.archive(tmp_path / f'{testcase}.tar.gz', files)}")
    return given


@pytest.fixture
def answers(pytester: pytest.Pytester) -> Any:
    """Write answers to the declaration that conform, but for the number of machines."""

    def write(machines: int = 3) -> str:
        given: dict[str, Any] = {"text": "words", "number": machines}
        questions = {
            question.key: {"answer": given.get(question.wants, question.wants), "text": "so it is"}
            for question in known_checks()[DECLARATION].questions
        }
        entry = {"answered_by": "Jane", "role": "head", "answered_at": TODAY, "evidence": ["a plan"]}
        document = {"subject": "testcluster", "answers": {DECLARATION: entry | {"questions": questions}}}
        (pytester.path / "answers.yaml").write_text(yaml.safe_dump(document))
        return "--scs-attestations=answers.yaml"

    return write


def test_a_run_without_violations_names_the_declaration(
    judge_cluster: Any, launch: Any, cluster_state: ClusterState, results: list[str], answers: Any, pytester: Any
) -> None:
    run = judge_cluster(cluster_state, *results, "--scs-record=evidence.json", scope="kaas-v1")
    assert run.ret == 0
    promise = "kaas-v1 (effective) main: PASS (3 PASS); ready to certify: yes, plus declaration scs-0214"
    run.result.stdout.fnmatch_lines([f"{promise} (not answered: scs attest --scs-scope=beyond-kaas)"])
    assert "node-distribution-check" not in (pytester.path / "report.yaml").read_text()

    replay = ("-p", "no:cacheprovider", "--scs-scope=kaas-v1", "--scs-replay=evidence.json")
    again = launch(*replay, answers(), "--html=page.html", "--self-contained-html")
    said = f"(answered {TODAY}, counts until {last_day(TODAY, 'quarter')})"
    again.result.stdout.fnmatch_lines([f"{promise} {said}"])
    assert said.strip("()") in (pytester.path / "page.html").read_text()
    assert DECLARATION not in (pytester.path / "report.yaml").read_text()

    wrong = launch(*replay, answers(machines=1))
    wrong.result.stdout.fnmatch_lines([f"{promise} (answered {TODAY}, does not conform: question physical-machines)"])


def test_the_declarations_are_judged_where_their_scope_is_selected(
    judge_cluster: Any, cluster_state: ClusterState, answers: Any
) -> None:
    args = ("--scs-target=all", "-vv", "-m", "manual")
    run = judge_cluster(cluster_state, *args, answers(machines=1))
    assert run.verdicts == {DECLARATION: "FAIL"} | dict.fromkeys(
        ("scs-0210-x-rollout-declaration", "scs-0215-x-declaration", "scs-0217-x-declaration"), "MISS"
    )
    assert run.ret == 0
    [line] = [one for one in run.messages(DECLARATION) if "physical-machines" in one]
    assert "on how many different physical machines, at least?: expected 2 or more, found 1" in line
