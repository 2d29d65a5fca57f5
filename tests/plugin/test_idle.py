# SPDX-License-Identifier: Apache-2.0
"""Without a scope the plugin costs nothing and does nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROBE = """
import sys
import pytest

class Probe:
    def pytest_sessionfinish(self, session):
        print("MODULES", *sorted({name.partition(".")[0] for name in sys.modules}))

sys.exit(pytest.main([*sys.argv[1:], "-p", "no:cacheprovider"], plugins=[Probe()]))
"""

#: What pytest itself may import, and the plugins that our dependencies bring.
ALLOWED = {"pytest", "_pytest", "pluggy", "iniconfig", "packaging", "pygments", "xdist", "execnet", "pytest_html"}


def _modules(pytester: pytest.Pytester, *args: str) -> set[str]:
    result = subprocess.run(
        [sys.executable, "-c", PROBE, *args], capture_output=True, text=True, cwd=pytester.path, check=False
    )
    line = next(line for line in result.stdout.splitlines() if "MODULES" in line)
    return set(line.partition("MODULES ")[2].split())


def test_idle_plugin_imports_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_own():\n    pass\n")
    without = _modules(pytester, "-p", "no:scs")
    idle = _modules(pytester)
    assert idle - without - sys.stdlib_module_names <= {"pytest_scs"}
    heavy = {"yaml", "openstack", "keystoneauth1", "requests", "tenacity", "werkzeug", "kubernetes", "jinja2"}
    # pytest-html needs Jinja itself; nothing else of these may be there because of us.
    assert heavy & (idle - without) == set()


def test_a_run_that_asks_for_nothing_of_the_pipeline_imports_nothing_of_it(pytester: pytest.Pytester) -> None:
    code = (
        "import sys, pytest; pytest.main(sys.argv[1:]); "
        "print('PIPELINE', *[name for name in sys.modules if name.startswith('pytest_scs.pipeline.')])"
    )
    words = ["--scs-scope=iaas-v5.1", "--os-cloud=demo", "-m", "scs_0100", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, cwd=pytester.path, check=False
    )
    assert "2 PASS of 2 chosen" in done.stdout
    [line] = [line for line in done.stdout.splitlines() if line.startswith("PIPELINE")]
    # These tell where a signature lies, for a place that takes reports.
    assert set(line.split()[1:]) <= {"pytest_scs.pipeline.signing", "pytest_scs.pipeline.signing.signature_places"}


def test_idle_plugin_shows_nothing_and_selects_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_own():\n    pass\n")
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*scs:*")
    result.stdout.no_fnmatch_line("*SCS*")


@pytest.mark.parametrize(
    "ini", ["scs_os_cloud = demo\nscs_report = report.yaml", "addopts = --os-cloud=demo --scs-skip-preflight"]
)
def test_settings_in_the_ini_file_without_scope_are_in_nobodys_way(pytester: pytest.Pytester, ini: str) -> None:
    pytester.makeini(f"[pytest]\n{ini}\n")
    pytester.makepyfile("def test_own():\n    pass\n")
    result = pytester.runpytest_inprocess()
    assert result.ret == 0
    result.assert_outcomes(passed=1)
    assert not (pytester.path / "report.yaml").exists()


def test_idle_plugin_has_no_fixtures_in_the_way(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_own(images):\n    pass\n")
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*fixture 'images' not found*"])


def test_markers_are_explained(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_inprocess("--markers")
    assert result.ret == 0
    result.stdout.fnmatch_lines_random(
        [
            "@pytest.mark.scs(testcase_id): *",
            "@pytest.mark.scs_0103: testcases of scs-0103",
            "@pytest.mark.scs_0100_v3_1: testcases of module scs-0100-v3.1 *",
            "@pytest.mark.iaas_v5_1: testcases of SCS-compatible IaaS v5.1",
            "@pytest.mark.main: *",
            "@pytest.mark.heavy: *",
        ]
    )


def test_no_marker_is_announced_that_no_testcase_has(pytester: pytest.Pytester) -> None:
    from pytest_scs.core.selection import known_markers
    from pytest_scs.run.startup import MARKERS

    # Neither comes out of a scope file.
    assert MARKERS.keys() - known_markers().keys() == {"scs(testcase_id)", "creates_resources"}
    pytester.runpytest_inprocess("--markers").stdout.no_fnmatch_line("@pytest.mark.faas:*")


def test_help_works_with_a_scope_in_the_ini_file(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nscs_scope = iaas-v5.1\n")
    result = pytester.runpytest_inprocess("--help")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["SCS conformance*", "  --scs-scope=SCOPE*", "  --os-cloud=NAME*"])


def test_plugin_can_be_loaded_by_name(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    result = pytester.runpytest_subprocess("-p", "pytest_scs.plugin", "--scs-scope=iaas-v5.1", "--scs-plan")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*scs-0100-syntax-check: light; reads flavors*"])


@pytest.mark.parametrize("missing", ["xdist", "html"])
def test_works_without_xdist_or_html(pytester: pytest.Pytester, missing: str) -> None:
    result = pytester.runpytest_subprocess(
        "-p", f"no:{missing}", "--scs-scope=iaas-v5.1", "--os-cloud=demo", "-m", "scs_0103"
    )
    assert result.ret == 0
    result.assert_outcomes(passed=15)
