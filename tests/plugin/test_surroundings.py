# SPDX-License-Identifier: Apache-2.0
"""The user's directory and pytest configuration must not change a verdict."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from pytest_scs.base.paths import TESTCASES
from pytest_scs.demo.openstack.state import CloudState

DEMO = ("--scs-scope=iaas-v5.1", "--os-cloud=demo", "-p", "no:cacheprovider", "-m", "not creates_resources")


@pytest.mark.parametrize(
    "ini",
    [
        "python_files = check_*.py",
        "python_functions = check_*\npython_classes = Check*",
        "addopts = --strict-markers",
        "strict = true",
        "xfail_strict = true",
        "testpaths = somewhere",
        "norecursedirs = *",
        "addopts = -p no:html",
        "addopts = --import-mode=importlib",
        "usefixtures =",
    ],
)
def test_hostile_ini_does_not_matter(pytester: pytest.Pytester, ini: str) -> None:
    pytester.makeini("[pytest]\n" + ini + "\n")
    pytester.mkdir("somewhere")
    result = pytester.runpytest_subprocess(*DEMO)
    assert result.ret == 0
    result.assert_outcomes(passed=49)


def test_warnings_of_libraries_and_plugins_are_no_errors_of_ours(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    warns = 'import warnings\nwarnings.warn("outdated", DeprecationWarning)\n'
    (pytester.mkdir("osprofiler") / "__init__.py").touch()
    # openstacksdk imports it where it is there; Debian's warns of a module that Python 3.13 has not.
    (pytester.path / "osprofiler" / "web.py").write_text(f"{warns}def get_trace_id_headers(): return {{}}\n")
    pytester.makepyfile(old_plugin=f"def pytest_runtest_setup():\n    {warns.replace(chr(10), '; ', 1)}")
    pytester.makeini("[pytest]\nfilterwarnings = error\naddopts = -p old_plugin\n")
    monkeypatch.setenv("PYTHONPATH", str(pytester.path))
    result = pytester.runpytest_subprocess(*DEMO)
    assert result.ret == 0
    result.assert_outcomes(passed=49)


def test_settings_may_stand_in_the_ini_file(pytester: pytest.Pytester) -> None:
    pytester.makeini(
        """
        [pytest]
        scs_scope = iaas-v5.1
        scs_os_cloud = demo
        scs_target = recommended
        scs_report = from-ini.yaml
        """
    )
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        ["scs: SCS-compatible IaaS v5.1 (effective); target recommended; *cloud demo (embedded)"]
    )
    assert (pytester.path / "from-ini.yaml").exists()


@pytest.mark.parametrize("key", ["scs_scop", "scs_date"])
def test_key_that_the_ini_file_cannot_have_is_said(pytester: pytest.Pytester, key: str) -> None:
    pytester.makeini(f"[pytest]\n{key} = 2025-01-01\n")
    result = pytester.runpytest_subprocess(*DEMO, "-m", "scs_0103")
    assert result.ret == 0
    result.stdout.fnmatch_lines([f"*PytestConfigWarning: Unknown config option: {key}"])
    assert "warning" not in pytester.runpytest_subprocess(*DEMO, "-m", "scs_0103", "-W", "ignore").stdout.str().lower()


def test_value_that_a_key_cannot_have_is_said_with_the_key(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nscs_public = maybe\n")
    result = pytester.runpytest_inprocess(*DEMO, "-p", "no:cacheprovider")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: scs_public in pytest's ini file: *'maybe'"])
    assert len([line for line in result.stderr.lines if line]) == 1


def test_native_toml_configuration_works(pytester: pytest.Pytester) -> None:
    pytester.makefile(".toml", pyproject='[tool.pytest]\nscs_scope = ["iaas-v5.1"]\nscs_os_cloud = ["demo"]\n')
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-m", "scs_0103")
    assert result.ret == 0


def test_own_package_named_testcases_is_not_confused_with_ours(pytester: pytest.Pytester) -> None:
    folder = pytester.mkpydir("testcases")
    (folder / "test_own.py").write_text("def test_own():\n    assert False\n")
    result = pytester.runpytest_subprocess(*DEMO, "-m", "scs_0103")
    assert result.ret == 0
    result.assert_outcomes(passed=15)


def test_markers_of_an_own_scope_file_work_although_nothing_else_announces_them(pytester: pytest.Pytester) -> None:
    (pytester.path / "scs-compatible-kaas.yaml").write_text(
        """
name: My clusters
uuid: 0f6d2a34-9f5e-4c27-8a53-3c1e4b7d9a01
url: https://scs.example/kaas.yaml
scripts:
- testcases:
  - {id: version-policy-check, description: The version is recent.}
  - {id: scs-0210-other, description: So is the other.}
modules:
- id: scs-0210-v2
  name: Versions
  targets: {main: [version-policy-check], preview: [scs-0210-other]}
timeline:
- date: 2025-01-01
  versions: {v1: effective}
versions:
- {version: v1, stabilized_at: 2025-01-01, include: [scs-0210-v2]}
"""
    )
    path = pytester.makepyfile(
        """
        import pytest

        @pytest.mark.kaas
        @pytest.mark.scs("version-policy-check")
        def test_version(scs):
            scs.examined("clusters", 1)

        def test_own():
            pass
        """
    )
    args = ("--scs-scope=scs-compatible-kaas.yaml@v1", "--os-cloud=demo", "--strict-markers", "-p", "no:cacheprovider")
    for marker in ("kaas", "kaas_v1", "kaas and scs_0210", "main and not iaas"):
        result = pytester.runpytest_inprocess(*args, "-m", marker, path)
        assert result.ret == 0, marker
        result.assert_outcomes(passed=1, deselected=1)


NOBODY = """
import os, pwd

def unknown(uid):
    raise KeyError(uid)

pwd.getpwuid = unknown
os.environ.pop("HOME", None)
"""


def test_user_without_home_can_judge(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    # What a container has whose user id is in no passwd: openstacksdk cannot be imported there.
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    pytester.makepyfile(nobody=NOBODY)
    result = pytester.runpytest_subprocess("-p", "nobody", *DEMO, "-m", "scs_0103 or scs_0116")
    assert result.ret == 0
    result.assert_outcomes(passed=16)
    assert not (pytester.path / "~").exists()


def test_user_without_home_can_clean_up(pytester: pytest.Pytester) -> None:
    program = "import sys; from pytest_scs.cli import main; sys.exit(main(['cleanup', '--os-cloud=none']))"
    result = pytester.run(sys.executable, "-c", NOBODY + program)
    assert result.ret == 4
    result.stderr.fnmatch_lines(["scs: cloud 'none'*"])


@pytest.fixture
def no_state(monkeypatch: pytest.MonkeyPatch) -> None:
    """Below a device nothing can be created, not even by root."""
    monkeypatch.setenv("XDG_STATE_HOME", "/dev/null/state")


@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_journal_that_cannot_be_written_is_said_before_anything_is_contacted(
    judge: Any, state: CloudState, no_state: None, workers: tuple[str, ...]
) -> None:
    run = judge(state, "-m", "scs_0116 or scs_0103", *workers, apart=True)
    assert run.ret == 4
    assert run.documents == state.requests == []
    start = "ERROR: the journal of what the run creates cannot be written to /dev/null/state/pytest-scs/runs: *; set "
    run.result.stderr.fnmatch_lines([f"{start}XDG_STATE_HOME to a folder of yours, or create nothing: -m *"])


def test_run_that_creates_nothing_needs_no_journal(judge: Any, state: CloudState, no_state: None) -> None:
    assert judge(state).ret == 0


def test_embedded_cloud_needs_no_state_folder(pytester: pytest.Pytester, no_state: None) -> None:
    args = ("-p", "no:cacheprovider", "--scs-scope=iaas-v5.1", "--os-cloud=demo", "-m", "scs_0116")
    assert pytester.runpytest_inprocess(*args).ret == 0


def test_local_conftest_is_still_loaded(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("def pytest_report_header():\n    return 'local policy'\n")
    result = pytester.runpytest_inprocess(*DEMO, "-m", "scs_0103")
    result.stdout.fnmatch_lines(["local policy"])


def test_own_testcases_replace_the_bundled_ones(pytester: pytest.Pytester) -> None:
    path = pytester.makepyfile(
        """
        import pytest

        @pytest.mark.scs("scs-0100-syntax-check")
        def test_mine(scs, flavors):
            scs.examined("flavors", len(flavors))
        """
    )
    result = pytester.runpytest_inprocess(*DEMO, str(path))
    assert result.ret == 0
    result.stdout.fnmatch_lines(["collected 1 item"])


@pytest.mark.parametrize("loud", [(), ("-v",)], ids=["plain", "verbose"])
def test_bundled_files_have_their_own_names_where_the_root_is_elsewhere(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, loud: tuple[str, ...]
) -> None:
    pytester.mkdir("here")
    project = pytester.mkdir("project")
    (project / "pytest.ini").write_text("[pytest]\n")
    (project / "test_own.py").write_text("def test_own(): pass\n")
    monkeypatch.chdir(pytester.path / "here")
    result = pytester.runpytest_inprocess(
        *DEMO, "-k", "own or volume", *loud, str(project / "test_own.py"), str(TESTCASES)
    )
    assert result.ret == 0
    # Of other files pytest says where they are, seen from here.
    result.stdout.fnmatch_lines(["iaas/test_scs_0114_volume_types.py*", "../project/test_own.py*"])
    result.stdout.no_fnmatch_line("*project/iaas*")


def test_collect_only_contacts_nothing(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_inprocess("--scs-scope=iaas-v5.1", "--collect-only", "-q", "-p", "no:cacheprovider")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*::test_scs_0100_syntax_check", "*::test_scs_0117_test_backup"])


def test_auto_number_of_workers_waits_for_the_cloud_not_for_processors(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess(*DEMO, "-n", "auto", "-m", "scs_0103 or scs_0100")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*4 workers*"])


def test_one_standard_stays_on_one_worker(pytester: pytest.Pytester) -> None:
    # Fails on the day a new pytest-xdist quietly distributes otherwise: created resources are shared in a file.
    pytester.makepyfile(
        spy="""
        def pytest_runtest_logreport(report):
            if report.when == "call" and hasattr(report, "node"):
                print("SPY", report.node.gateway.id, report.nodeid.partition("::")[0])
        """
    )
    pytester.syspathinsert()
    result = pytester.runpytest_subprocess(*DEMO, "-n", "3", "-s", "-p", "spy")
    pairs = {tuple(line.partition("SPY ")[2].split()) for line in result.outlines if "SPY " in line}
    files = [pair[1] for pair in pairs]
    assert len(files) >= 6
    assert len(files) == len(set(files))
