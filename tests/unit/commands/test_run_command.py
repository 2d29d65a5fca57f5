# SPDX-License-Identifier: Apache-2.0
"""``scs run``: what becomes of its command line, without running anything."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from pytest_scs import cli
from pytest_scs.commands import run, run_words
from pytest_scs.platforms.openstack.platform import OpenStack
from pytest_scs.platforms.option import Option
from pytest_scs.run.options import all_options

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    """The command lines that pytest was started with, in an empty folder."""
    lines: list[list[str]] = []

    def start(args: list[str], plugins: Any) -> int:
        lines.append(list(args))
        return 6

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pytest, "main", start)
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", raising=False)
    return lines


ALONE = ["--config-file", os.devnull, "--rootdir", ".", "--noconftest"]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("iaas-v5.1 --cloud a", ["--scs-scope=iaas-v5.1", "--os-cloud=a"]),
        ("--cloud a iaas kaas-v1", ["--scs-scope=iaas", "--scs-scope=kaas-v1", "--os-cloud=a"]),
        ("iaas --cloud a kaas-v1", ["--scs-scope=iaas", "--scs-scope=kaas-v1", "--os-cloud=a"]),
        ("iaas --cloud a --cloud b", ["--scs-scope=iaas", "--os-cloud=a", "--os-cloud=b"]),
        ("iaas --os-cloud a --cloud b", ["--scs-scope=iaas", "--os-cloud=a", "--os-cloud=b"]),
        ("kaas-v1 --kubeconfig f --context c", ["--scs-scope=kaas-v1", "--scs-kubeconfig=f", "--scs-kube-context=c"]),
        ("kaas-v1 --kube-context c", ["--scs-scope=kaas-v1", "--scs-kube-context=c"]),
        ("iaas --html p.html", ["--scs-scope=iaas", "--html=p.html", "--self-contained-html"]),
        ("iaas --junit j.xml --plan", ["--scs-scope=iaas", "--scs-plan", "--junit-xml=j.xml"]),
        ("iaas --scs-report=r.yaml", ["--scs-scope=iaas", "--scs-report=r.yaml"]),
        ("iaas --read-only", ["--scs-scope=iaas", "-m", "not creates_resources"]),
        ("iaas --read-only -m light", ["--scs-scope=iaas", "-m", "(light) and not creates_resources"]),
        ("iaas -k 0102 -n auto -vv -q", ["--scs-scope=iaas", "-k", "0102", "-n", "auto", "-v", "-v", "-q"]),
        ("iaas -- --durations=5 -x", ["--scs-scope=iaas", "--durations=5", "-x"]),
        ("iaas -- -- x", ["--scs-scope=iaas", "--", "x"]),
    ],
)
def test_what_is_typed_becomes_a_command_line_of_pytest(
    started: list[list[str]], typed: str, expected: list[str]
) -> None:
    assert cli.main(["run", *typed.split()]) == 6
    assert started == [[*ALONE, *expected]]


@pytest.mark.parametrize(
    "typed", ["--config p.toml", "--config=p.toml", "--scs-config p.toml", "-- --scs-config p.toml"]
)
def test_presets_may_name_the_scope(started: list[list[str]], typed: str) -> None:
    Path("p.toml").write_text("options.scope = ['iaas-v5.1']")
    assert cli.main(["run", *typed.split()]) == 6
    assert "p.toml" in started[0][-1]


def test_presets_of_the_ini_file_may_name_the_scope(started: list[list[str]], capsys: Capture) -> None:
    Path("pytest.ini").write_text("[pytest]\nscs_config = p.toml\n")
    Path("p.toml").write_text("options.judge = 'text'")
    assert cli.main(["run"]) == 4
    assert "run: no scope is given" in capsys.readouterr().err
    Path("p.toml").write_text("options.scope = ['iaas-v5.1']")
    assert cli.main(["run"]) == 6
    assert started == [[]]


def test_values_stay_whole(started: list[list[str]]) -> None:
    assert cli.main(["run", "iaas", "--cloud", "my cloud", "--report", "a b.yaml"]) == 6
    assert started[0][-2:] == ["--scs-report=a b.yaml", "--os-cloud=my cloud"]


@pytest.mark.parametrize("option", all_options(), ids=lambda option: option.name)
def test_every_option_of_the_plugin_is_offered(option: Option, capsys: Capture) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["run", "--help-all"])
    assert ended.value.code == 0
    assert option.name == "scope" or f" {option.run_spelling}" in capsys.readouterr().out
    arguments = cli.parser("run").parse_args(["run", "x", option.spelling, *([] if option.switch else ["1"])])
    found = run.pytest_arguments(arguments)
    assert (option.spelling if option.switch else f"{option.spelling}=1") in found


def test_the_short_help_fits_a_screen_and_has_what_is_needed_first(capsys: Capture) -> None:
    with pytest.raises(SystemExit):
        cli.main(["run", "--help"])
    text = capsys.readouterr().out
    assert len(text.splitlines()) <= 60
    for word in (
        "SCOPE",
        "--cloud NAME",
        "--kubeconfig FILE",
        "--context NAME",
        "--report",
        "--html FILE",
        "Exit code",
    ):
        assert word in text
    assert "--tempest-accounts" not in text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "run: no scope is given; name one, e.g. scs run iaas-v5.1 --cloud demo; known: "),
        ("--cloud demo", "run: no scope is given"),
        ("iaas --cluod x", "run: unknown option '--cluod'; did you mean '--cloud'?; known: scs run --help-all"),
        ("iaas --xyz=5", "run: unknown option '--xyz'; known: scs run --help-all; options of pytest go behind --"),
        ("iaas -n many", "run: -n: 'many' is no number of processes; write -n 4, or -n auto"),
        ("iaas --html=", "run: --html: the file name is empty"),
        ("iaas --junit=", "run: --junit: the file name is empty"),
    ],
)
def test_mistakes_are_one_line(started: list[list[str]], capsys: Capture, typed: str, words: str) -> None:
    assert cli.main(["run", *typed.split()]) == 4
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"scs: {words}")
    assert started == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("--scs-report: no such folder", "--report: no such folder"),
        ("--scs-scope: unknown scope 'x'", "SCOPE: unknown scope 'x'"),
        ("add --scs-scope=SCOPE, e.g. iaas", "add SCOPE, e.g. iaas"),
        ("name one with --os-cloud=NAME", "name one with --cloud=NAME"),
        ("--scs-kube-context: give --kubeconfig", "--context: give --kubeconfig"),
        ("list it: scs cleanup --os-cloud=a --run=1; or --os-cloud=b", None),
        ("template: scs attest --scs-scope=iaas", "template: scs attest --scs-scope=iaas"),
        ("--scs-reporting stays", "--scs-reporting stays"),
    ],
)
def test_messages_are_told_with_the_spellings_of_run(text: str, expected: str | None) -> None:
    assert run_words.reworded(text) == (expected or "list it: scs cleanup --os-cloud=a --run=1; or --cloud=b")


@pytest.mark.parametrize(
    ("name", "content", "behind", "alone"),
    [
        ("pytest.ini", "[pytest]\naddopts = --cov=src\n", [], True),
        ("pytest.ini", "[pytest]\nscs_scope = iaas\n", [], False),
        ("pyproject.toml", '[tool.pytest]\nscs_os_cloud = ["a"]\n', [], False),
        ("pyproject.toml", "[project]\nname = 'x'\n", [], True),
        ("tox.ini", "[pytest]\nminversion = 99\n", [], True),
        ("test_own.py", "", ["test_own.py::test_a"], False),
        ("own.ini", "", ["-c", "own.ini"], False),
        ("own.ini", "", ["--config-file=own.ini"], False),
    ],
)
def test_the_settings_of_a_project_count_where_they_are_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: str, behind: list[str], alone: bool
) -> None:
    (tmp_path / name).write_text(content)
    monkeypatch.chdir(tmp_path)
    assert run.without_project(tmp_path, behind) == (ALONE if alone else [])


def test_a_scope_of_the_configuration_is_enough(tmp_path: Path, started: list[list[str]]) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\nscs_scope = iaas\n")
    assert cli.main(["run", "--cloud", "a"]) == 6
    assert started == [["--os-cloud=a"]]


def test_what_is_needed_is_loaded_where_plugins_do_not_load_themselves(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    cli.main(["run", "iaas"])
    assert started[0][:2] == ["-p", "xdist"]
    assert "pytest_scs.plugin" in started[0]


def test_the_help_of_an_option_may_have_signs_of_percent(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    odd = Option("odd", "At most 50% of them", "N", everyday=True)
    monkeypatch.setattr(OpenStack, "options", (*OpenStack.options, odd))
    with pytest.raises(SystemExit):
        cli.main(["run", "--help"])
    assert "at most 50% of them" in capsys.readouterr().out


def test_other_commands_are_not_loaded_for_it() -> None:
    import subprocess

    program = (
        "import sys; from pytest_scs.cli import parser; parser('run'); "
        "sys.exit(any(name in sys.modules for name in ('openstack', 'kubernetes', 'pytest_scs.commands.data')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
