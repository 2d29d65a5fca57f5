# SPDX-License-Identifier: Apache-2.0
"""A second platform, which is a folder of its own (folder_platform/), and runs that judge subjects of both."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "folder_platform"
SCOPE = f"--scs-scope={HERE / 'folders.yaml'}@v1"
TESTCASE = "scs-9901-x-no-empty-file"

Run = Callable[..., pytest.RunResult]


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run pytest with the tiny platform, in a process of its own: it changes what the plugin knows."""
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    (pytester.path / "tests").mkdir()
    (pytester.path / "tests" / "test_folders.py").write_text((HERE / "test_folders.py").read_text())
    for name, content in (("good", "x"), ("bad", "")):
        (pytester.path / name).mkdir()
        (pytester.path / name / "file").write_text(content)

    def start(*args: str) -> pytest.RunResult:
        return pytester.runpytest_subprocess("-p", "folder_platform", "-p", "no:cacheprovider", *args)

    return start


def test_a_scope_says_by_its_variables_who_judges_it(run: Run) -> None:
    result = run(SCOPE, "--folder=good", "tests")
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        ["scs: Tidy folders v1 (effective)*; folder good", "folders-v1 (effective) main: PASS*"]
    )


def test_every_subject_has_its_own_verdict(run: Run) -> None:
    result = run(SCOPE, "--folder=good", "--folder=bad", "tests", "-v")
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        [
            f"*FAIL {TESTCASE}: No file is empty.",
            "*file file: has a content: expected a content, found nothing",
            "good folders-v1 (effective) main: PASS*",
            "bad folders-v1 (effective) main: FAIL*",
        ]
    )


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "workers"])
def test_one_run_judges_subjects_of_two_platforms_each_by_its_own_testcases(
    run: Run, workers: tuple[str, ...], pytester: pytest.Pytester
) -> None:
    testcases = Path(__file__).parents[2] / "testcases" / "iaas" / "test_scs_0114_volume_types.py"
    result = run(
        SCOPE,
        "--scs-scope=iaas-v5.1",
        "--os-cloud=demo",
        "--folder=bad",
        "tests",
        str(testcases),
        "--scs-record=evidence.json",
        *workers,
    )
    assert result.ret == 1
    result.stdout.fnmatch_lines(["demo iaas-v5.1 (effective) main: 1 PASS of 1 chosen; *"])
    result.stdout.fnmatch_lines(["bad folders-v1 (effective) main: FAIL (1 FAIL)*"])
    result.stdout.no_fnmatch_line("bad iaas*")
    result.stdout.no_fnmatch_line("demo folders*")
    recorded = json.loads((pytester.path / "evidence.json").read_text())["clouds"]
    assert [(entry["cloud"], entry.get("platform", "openstack")) for entry in recorded] == [
        ("demo", "openstack"),
        ("bad", "folders"),
    ]
    again = run(SCOPE, "--scs-replay=evidence.json", "tests")
    again.stdout.fnmatch_lines(["folders-v1 (effective) main: FAIL (1 FAIL)*"])


def test_a_platform_without_subject_says_how_to_name_one(run: Run) -> None:
    result = run(SCOPE, "tests")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: no folder to judge: name one with --folder=PATH"])


def test_a_subject_that_no_scope_judges_is_refused(run: Run) -> None:
    result = run(SCOPE, "--folder=good", "--os-cloud=demo", "tests")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: --os-cloud: folders-v1 judges no clouds; leave it out, or add a scope for it"])


def test_a_scope_with_unknown_variables_is_refused(run: Run, pytester: pytest.Pytester) -> None:
    scope = pytester.path / "other.yaml"
    scope.write_text((HERE / "folders.yaml").read_text().replace("- folder\n", "- fridge\n"))
    result = run(f"--scs-scope={scope}@v1", "--folder=good", "tests")
    assert result.ret == 4
    result.stderr.fnmatch_lines(
        ["ERROR: *other.yaml: variables are fridge, which no platform has; known: folder, kubeconfig, os_cloud"]
    )


def test_evidence_of_another_shape_is_refused(run: Run, pytester: pytest.Pytester) -> None:
    run(SCOPE, "--folder=good", "--scs-record=evidence.json", "tests")
    path = pytester.path / "evidence.json"
    path.write_text(path.read_text().replace('"size": 1', '"size": "1"'))
    result = run(SCOPE, "--scs-replay=evidence.json", "tests")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*evidence.json is damaged: *: entry *: file.size: expected an integer, got *"])
    assert not list(pytester.path.glob("*.yaml"))


def test_cleanup_knows_the_option_of_every_platform(run: Run, pytester: pytest.Pytester) -> None:
    result = pytester.runpython_c(
        "import sys, folder_platform\nfrom pytest_scs.cli import main\nsys.exit(main(['cleanup', '--folder=good']))"
    )
    assert result.ret == 0
