# SPDX-License-Identifier: Apache-2.0
"""``--scs-report=FILE`` and ``--scs-report=DIR/`` in whole runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from pytest_scs.base.paths import SCOPES
from pytest_scs.cli import main as scs
from pytest_scs.demo.openstack.state import CloudState

PLAIN = ("-p", "no:cacheprovider", "--scs-target=all", "-m", "scs_0103 or scs_0104")
IAAS, BEYOND = "--scs-scope=iaas-v5.1", "--scs-scope=beyond-v1"
SECOND = "--os-cloud=second"


@pytest.fixture
def evidence(serve: Any, state: CloudState, pytester: pytest.Pytester) -> str:
    """The option that replays what is known of two clouds."""
    serve(state, "second")
    serve(state, "first")
    args = (*PLAIN, IAAS, BEYOND, "--os-cloud=first", SECOND, "--scs-record=evidence.json")
    assert pytester.runpytest_inprocess(*args).ret == 0
    return "--scs-replay=evidence.json"


def reports(folder: Path) -> dict[str, Any]:
    """Scope and subject -> the only document, by the folders it lies in."""
    return {
        "/".join(path.relative_to(folder).parts[:-1]): yaml.safe_load(path.read_text())
        for path in folder.rglob("*.yaml")
    }


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_official_and_unofficial_results_lie_in_two_files(
    pytester: pytest.Pytester, evidence: str, workers: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    args = (*PLAIN, IAAS, BEYOND, evidence, "--os-cloud=first", "--scs-report=here.yaml", *workers)
    run = pytester.runpytest_subprocess(*args)
    run.stdout.fnmatch_lines(["SCS report: *here.yaml", "SCS report: *here.unofficial.yaml (unofficial: not for *)"])
    official = yaml.safe_load((pytester.path / "here.yaml").read_text())
    beside = yaml.safe_load((pytester.path / "here.unofficial.yaml").read_text())
    assert official["spec"]["name"] == "SCS-compatible IaaS"
    assert not [name for entry in official["run"]["invocations"].values() for name in entry["results"] if "-x-" in name]
    assert all("-x-" in name for entry in beside["run"]["invocations"].values() for name in entry["results"])
    capsys.readouterr()
    assert scs(["report", "validate", str(pytester.path / "here.yaml")]) == 0
    assert scs(["report", "validate", str(pytester.path / "here.unofficial.yaml")]) == 1
    assert "is an unofficial scope (must not be sent to the official monitor" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("output", "code", "said"),
    [
        (">&-", 0, ""),
        (">/dev/full", 6, "scs: cannot write all of the output: No space left on device; give it another place\n"),
    ],
    ids=["closed", "full"],
)
def test_a_run_whose_output_is_lost_writes_its_report(
    pytester: pytest.Pytester, evidence: str, output: str, code: int, said: str
) -> None:
    args = [*PLAIN, IAAS, evidence, "--os-cloud=first", "--scs-report=here.yaml"]
    shell = ["sh", "-c", f'exec "$@" {output}', "sh", sys.executable, "-m", "pytest", *args]
    run = subprocess.run(shell, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (code, said)
    assert yaml.safe_load((pytester.path / "here.yaml").read_text())["run"]["invocations"]


def test_beyond_alone_writes_the_file_beside_only(pytester: pytest.Pytester, evidence: str) -> None:
    run = pytester.runpytest_inprocess(*PLAIN, BEYOND, evidence, "--os-cloud=first", "--scs-report=here.yaml")
    run.stdout.fnmatch_lines(
        [
            "SCS report: *here.unofficial.yaml (unofficial: *",
            "no official scope was judged, so *here.yaml is not written",
        ]
    )
    assert not (pytester.path / "here.yaml").exists()


def test_a_folder_takes_every_subject_and_scope(
    pytester: pytest.Pytester, evidence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pytester.makeini("[pytest]\nscs_report = reports/\n")
    for workers in ((), ("-n", "2")):
        run = pytester.runpytest_subprocess(*PLAIN, IAAS, BEYOND, evidence, *workers)
        assert run.stdout.str().count("SCS report: ") == 4
    found = reports(pytester.path / "reports")
    assert {name: document["subject"] for name, document in found.items()} == {
        f"{scope}/{subject}": subject for scope in ("beyond", "scs-compatible-iaas") for subject in ("first", "second")
    }
    names = {path.name for path in (pytester.path / "reports").rglob("*.yaml")}
    moment = found["beyond/first"]["checked_at"].strftime("%Y-%m-%dT%H%M%SZ")
    assert {f"{moment}.yaml", f"{moment}-2.yaml"} <= names
    capsys.readouterr()
    assert scs(["report", "validate", str(pytester.path / "reports")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sum("left out: an unofficial scope" in line for line in lines) == 4
    assert sum("the compliance monitor would take this report" in line for line in lines) == 4


@pytest.mark.parametrize("more", [(), ("--scs-plan",), ("-n", "2")])
def test_several_clouds_do_not_fit_into_a_file(
    pytester: pytest.Pytester, serve: Any, state: CloudState, more: tuple[str, ...]
) -> None:
    serve(state, "second")
    serve(state, "first")
    args = (*PLAIN, IAAS, "--os-cloud=first", SECOND, "--scs-report=here.yaml", *more)
    run = pytester.runpytest_subprocess(*args)
    assert run.ret == 4
    run.stderr.fnmatch_lines(
        ["ERROR: --scs-report: here.yaml holds one report, but there are 2 subjects (first, second); *=DIR/"]
    )
    assert state.requests == []
    assert not list(pytester.path.glob("here*"))


def test_several_recorded_clouds_do_not_fit_into_a_file(pytester: pytest.Pytester, evidence: str) -> None:
    run = pytester.runpytest_inprocess(*PLAIN, IAAS, evidence, "--scs-report=here.yaml")
    assert run.ret == 4
    run.stderr.fnmatch_lines(["*but there are 2 subjects (first, second); give a folder: --scs-report=DIR/"])


def test_two_official_scopes_do_not_fit_into_a_file(pytester: pytest.Pytester) -> None:
    """A scope is official by its UUID, whatever its file is called."""
    text = (SCOPES / "beyond.yaml").read_text()
    own = text.replace("5d3dee46-d4e2-4cac-badd-806d910e3a10", "1fffebe6-fd4b-44d3-a36c-fc58b4bb0180")
    (pytester.path / "beyond.yaml").write_text(own)
    args = (*PLAIN, IAAS, "--scs-scope=./beyond.yaml@v1", "--os-cloud=demo", "--scs-report=here.yaml")
    run = pytester.runpytest_inprocess(*args)
    assert run.ret == 4
    run.stderr.fnmatch_lines(["*but there are 2 official scopes (*); give a folder: --scs-report=DIR/"])


def test_a_folder_that_cannot_be_written_is_said_before_the_run(
    pytester: pytest.Pytester, serve: Any, state: CloudState
) -> None:
    serve(state, "first")
    (pytester.path / "reports").mkdir()
    (pytester.path / "reports" / "scs-compatible-iaas").write_text("in the way")
    run = pytester.runpytest_inprocess(*PLAIN, IAAS, "--os-cloud=first", "--scs-report=reports")
    assert run.ret == 4
    run.stderr.fnmatch_lines(["ERROR: --scs-report: *scs-compatible-iaas is no directory, so * cannot be written"])
    assert state.requests == []


def test_a_folder_without_reports_is_no_green_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert scs(["report", "validate", str(tmp_path)]) == 4
    assert "there is no report (*.yaml, *.json) in this folder" in capsys.readouterr().err
