# SPDX-License-Identifier: Apache-2.0
"""An entry of the user's own called demo is never replaced by the embedded cloud, wherever openstacksdk finds it.

Processes of their own: openstacksdk looks at folder and home when it is imported.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_scs.cli import main

ENTRY = {"auth": {"auth_url": "http://127.0.0.1:9/v3", "username": "u", "password": "s3cr3t-word", "project_name": "p"}}
RUN = ("-p", "no:cacheprovider", "--scs-scope=iaas-v5.1", "-m", "scs_0103 and not creates_resources")


def clouds(name: str) -> str:
    """A file with one entry, as JSON, which is YAML as well."""
    return json.dumps({"clouds": {name: ENTRY}})


@pytest.fixture(autouse=True)
def home(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder, and nothing in the environment about clouds."""
    for name in ("OS_CLIENT_CONFIG_FILE", "OS_CLOUD", "XDG_CONFIG_HOME", "OS_AUTH_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(pytester.path))
    return pytester.path


@pytest.mark.parametrize(
    ("file", "named"),
    [
        ("clouds.yml", "option"),
        ("clouds.json", "environment"),
        (".config/openstack/clouds.yaml", "ini"),
        ("xdg/openstack/clouds.yml", "option"),
        ("secure.yaml", "environment"),
    ],
)
def test_run_stops_and_names_the_file(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, file: str, named: str
) -> None:
    path = pytester.path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(clouds("demo"))
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(pytester.path / "none.yaml"))  # and that is not there
    if file.startswith("xdg"):
        monkeypatch.setenv("XDG_CONFIG_HOME", str(pytester.path / "xdg"))
    if named == "environment":
        monkeypatch.setenv("OS_CLOUD", "demo")
    if named == "ini":
        pytester.makeini("[pytest]\nscs_os_cloud = demo\n")
    result = pytester.runpytest_subprocess(*RUN, *(("--os-cloud=demo",) if named == "option" else ()))
    assert result.ret == 4
    assert [line for line in result.errlines if line] == [
        f"ERROR: --os-cloud: demo is embedded, but {path} has an entry 'demo' as well; rename that"
    ]


def test_file_that_openstacksdk_does_not_read_stops_nothing(pytester: pytest.Pytester) -> None:
    (pytester.path / "clouds.yaml").write_text(clouds("other"))
    (pytester.path / "clouds.yml").write_text(clouds("demo"))
    (pytester.path / ".config/openstack").mkdir(parents=True)
    (pytester.path / ".config/openstack/clouds.yaml").write_text(clouds("demo"))
    result = pytester.runpytest_subprocess(*RUN, "--os-cloud=demo")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["scs: cloud demo: embedded cloud"])


def test_plan_says_which_file_it_would_be(pytester: pytest.Pytester) -> None:
    path = pytester.path / "clouds.yml"
    path.write_text(clouds("mine"))
    result = pytester.runpytest_subprocess(*RUN, "--scs-plan", "--os-cloud=mine", "--os-cloud=demo", "--os-cloud=none")
    assert result.ret == 0
    result.stdout.fnmatch_lines([f"scs: cloud mine: from {path}", "scs: cloud demo: embedded cloud"])
    result.stdout.no_fnmatch_line("scs: cloud none:*")


def test_openrc_that_nobody_names(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OS_AUTH_URL", "http://127.0.0.1:9/v3")
    result = pytester.runpytest_inprocess(*RUN)
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: no cloud to judge: *; OS_AUTH_URL is set: --os-cloud=envvars takes *"])


def test_cleanup_asks_the_same(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    path = home / "own.json"
    path.write_text(clouds("demo"))
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(path))
    assert main(["cleanup", "--os-cloud=demo"]) == 4
    assert f"demo is embedded, but {path} has an entry 'demo' as well" in capsys.readouterr().err
