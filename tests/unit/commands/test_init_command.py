# SPDX-License-Identifier: Apache-2.0
"""``scs init``: what is asked, what is written, and what is left alone."""

from __future__ import annotations

import configparser
import errno
import os
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_scs import cli
from pytest_scs.commands.init_answers import Answers
from pytest_scs.commands.init_config import configuration, merged
from pytest_scs.run import pytest_internals

Capture = pytest.CaptureFixture[str]

TYPED = "iaas-v5.1 --cloud mycloud --report report.yaml --html report.html"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, below one where pytest stops looking for configuration."""
    (tmp_path / "clouds.yaml").write_text("clouds: {mycloud: {}, other: {}}")
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "clouds.yaml"))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "nothing"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


def given(monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
    """A terminal, and somebody who answers."""
    left: Iterator[str] = iter(answers)

    def answer(question: str = "") -> str:
        sys.stdout.write(f"{question}\n")
        try:
            return next(left)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", answer)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)


def sections(text: str) -> dict[str, dict[str, str]]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    return {name: dict(parser[name]) for name in parser.sections()}


def test_what_is_typed_is_written_for_pytest(folder: Path, capsys: Capture) -> None:
    assert cli.main(["init", *TYPED.split()]) == 0
    assert sections((folder / "pytest.ini").read_text()) == {
        "pytest": {
            "scs_scope": "\niaas-v5.1",
            "scs_report": "report.yaml",
            "scs_os_cloud": "\nmycloud",
            "addopts": "--html=report.html --self-contained-html",
        }
    }
    assert capsys.readouterr().out.splitlines()[0] == "written: pytest.ini"


def test_nothing_is_written_where_it_is_to_be_printed(folder: Path, capsys: Capture) -> None:
    assert cli.main(["init", *TYPED.split(), "--ci", "gitlab", "--timer", "systemd", "--print"]) == 0
    assert list(folder.iterdir()) == []
    out = capsys.readouterr().out
    heads = [line for line in out.splitlines() if line.startswith("# ----")]
    assert heads == [f"# ---- {name} ----" for name in ("pytest.ini", ".gitlab-ci.yml", "scs.service", "scs.timer")]
    assert "scs run iaas-v5.1 --report report.yaml --cloud mycloud --html report.html\n" in out


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "init: there is no terminal to ask on; say what is to be judged: scs init iaas-v5.1 --cloud mycloud"),
        ("iaas-5.1", "init: SCOPE: 'iaas-5.1': SCS-compatible IaaS has no version '5.1'; did you mean 'iaas-v5.1'?"),
        ("nothing", "init: SCOPE: unknown scope 'nothing'"),
        ("kaas-v1 --cloud mycloud", "init: --cloud: no scope here judges clouds; leave it out, or name a scope about"),
        ("iaas --context prod", "init: --context: no scope here judges clusters"),
        ("iaas --cloud=", "init: --cloud: the value is empty; write --cloud=NAME"),
    ],
)
def test_mistakes_are_one_line_and_write_nothing(folder: Path, capsys: Capture, typed: str, words: str) -> None:
    assert cli.main(["init", *typed.split()]) == 4
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"scs: {words}")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("option", ["--cloud", "--html", "--junit", "--report"])
def test_a_line_break_cannot_make_lines_of_a_file(folder: Path, capsys: Capture, option: str) -> None:
    assert cli.main(["init", "iaas", option, "a\nscs_target = all"]) == 4
    assert "no configuration file can hold" in capsys.readouterr().err
    assert list(folder.iterdir()) == []


def test_questions_are_asked_again_until_the_answer_is_one(
    folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(monkeypatch, "nonsense", "iaas-v5.1", "", "myclod", "mycloud, other", "", "", "j.xml", "travis", "zuul", "")
    assert cli.main(["init"]) == 0
    out = capsys.readouterr().out
    assert f"Clouds in {folder.parent}/clouds.yaml: mycloud, other" in out
    for words in ("unknown scope 'nonsense'", "no cloud 'myclod'; did you mean 'mycloud'?", "'travis' is none of"):
        assert words in out
    keys = sections((folder / "pytest.ini").read_text())["pytest"]
    assert keys["scs_os_cloud"] == "\nmycloud\nother"
    assert keys["scs_report"] == "reports/"
    assert keys["addopts"] == "--html=report.html --self-contained-html --junit-xml=j.xml"
    assert (folder / "playbooks/scs/run.yaml").exists()


def test_what_comes_with_the_plugin_is_named_as_its_platform_wants(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(monkeypatch, "kaas-v1", "demo", "none", "-", "", "github", "")
    assert cli.main(["init"]) == 0
    assert sections((folder / "pytest.ini").read_text()) == {
        "pytest": {"scs_scope": "\nkaas-v1", "scs_kubeconfig": "\ndemo"}
    }
    job = (folder / ".github/workflows/scs.yml").read_text()
    assert "pip install --quiet 'pytest-scs[demo]'" in job
    assert "secrets." not in job


def test_an_input_that_ends_writes_nothing(folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, "iaas")
    assert cli.main(["init"]) == 4
    assert "scs: init: the input ended before the last answer; nothing was written" in capsys.readouterr().err
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("pytest.ini", "[pytest]\naddopts = -x\n", "pytest.ini exists; pytest.ini is about tests of its own"),
        ("pytest.ini", "", "pytest.ini exists"),
        ("pytest.toml", "[pytest]\naddopts = ['-x']\n", "pytest reads pytest.toml here"),
        (
            "pyproject.toml",
            "[tool.pytest]\naddopts = ['-x']\n",
            "pytest reads pyproject.toml here, and would read only",
        ),
    ],
)
def test_what_is_there_is_not_changed_without_leave(
    folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, name: str, content: str, words: str
) -> None:
    (folder / name).write_text(content)
    assert cli.main(["init", *TYPED.split()]) == 4
    assert f"scs: init: {words}" in capsys.readouterr().err
    given(monkeypatch, "n")
    assert cli.main(["init", *TYPED.split()]) == 4
    assert (folder / name).read_text() == content
    assert [path.name for path in folder.iterdir()] == [name]
    given(monkeypatch, "y")
    assert cli.main(["init", *TYPED.split()]) == 0
    assert "scs_scope" in (folder / "pytest.ini").read_text()


def test_a_job_that_is_there_is_not_changed_without_leave(folder: Path, capsys: Capture) -> None:
    (folder / ".gitlab-ci.yml").write_text("own: {}\n")
    assert cli.main(["init", *TYPED.split(), "--ci", "gitlab"]) == 4
    assert ".gitlab-ci.yml exists" in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == [".gitlab-ci.yml"]


def answers(html: str = "") -> Answers:
    return Answers(["iaas-v5.1"], {"os_cloud": ['my "cloud"']}, html)


@pytest.mark.parametrize(
    "old",
    [
        "",
        "[pytest]\naddopts = -x\n# kept\nmarkers =\n    own: mine\n\n[other]\nscs_scope = kept\n",
        "[other]\na = 1\n[pytest]\nscs_scope =\n    iaas\n    kaas-v1\nxfail_strict = true\n",
    ],
)
def test_other_keys_of_an_ini_file_stay(tmp_path: Path, old: str) -> None:
    path = tmp_path / "pytest.ini"
    path.write_text(old)
    before = sections(old)
    text = merged(path, configuration(answers()))
    after = sections(text)
    assert after.pop("pytest") == before.pop("pytest", {}) | {
        "scs_scope": "\niaas-v5.1",
        "scs_os_cloud": '\nmy "cloud"',
    }
    assert after == before
    path.write_text(text)
    assert merged(path, configuration(answers())) == text
    assert ("# kept" in text) == ("# kept" in old)


def test_pytest_reads_what_is_written_behind_a_heading_with_a_comment(folder: Path) -> None:
    path = folder / "pytest.ini"
    path.write_text("\ufeff[pytest]  # of ours\naddopts = -x\n  [pytest]\n[other]\na = 1\n", "utf-8")
    path.write_text(merged(path, configuration(answers())))
    keys = pytest_internals.configuration_of(folder)
    assert (keys["scs_scope"].value, keys["addopts"].value) == ("iaas-v5.1", "-x\n[pytest]")


@pytest.mark.parametrize(
    ("name", "old"),
    [
        ("pytest.ini", "[pytest]\r\naddopts = -x\r\n"),
        ("pyproject.toml", "[project]\r\nname = 'x'\r\n[tool.pytest]\r\nxfail_strict = true\r\n"),
    ],
)
def test_lines_end_as_they_did(folder: Path, name: str, old: str) -> None:
    path = folder / name
    path.write_bytes(old.encode())
    assert cli.main(["init", "iaas-v5.1", "--cloud", "mycloud", "--into", name, "--force"]) == 0
    written = path.read_bytes()
    assert written.count(b"\n") == written.count(b"\r\n") > old.count("\n")
    assert all(line in written.decode().split("\r\n") for line in old.split("\r\n"))
    assert "scs_scope" in pytest_internals.configuration_of(folder)


def test_a_text_with_odd_characters_in_a_toml_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    old = "[project]\ndescription = 'a\u2028b'\n"
    path.write_text(old, "utf-8")
    assert merged(path, configuration(answers())).startswith(old)


@pytest.mark.parametrize("content", [b"[pytest\nfoo\n", b"[pytest]\na = \xe4\n"])
@pytest.mark.parametrize("command", ["init iaas-v5.1 --cloud mycloud --force", "run --cloud mycloud"])
def test_a_configuration_that_pytest_cannot_read_is_one_line(
    folder: Path, capsys: Capture, content: bytes, command: str
) -> None:
    (folder / "pytest.ini").write_bytes(content)
    assert cli.main(command.split()) == 4
    [line] = capsys.readouterr().err.splitlines()
    assert re.search("pytest cannot read its configuration .*pytest.ini|pytest.ini cannot be read", line)
    assert (folder / "pytest.ini").read_bytes() == content


@pytest.mark.parametrize(
    ("old", "section"),
    [
        ("", "[tool.pytest]"),
        ("[project]\nname = 'x'  # kept\n[tool.ruff]\nline-length = 1", "[tool.pytest]"),
        ("[tool.pytest]\nxfail_strict = true\n\n[tool.ruff]\na = [\n 1,\n]\n", "[tool.pytest]"),
        ('[tool.pytest.ini_options] # kept\naddopts = "-x"\n', "[tool.pytest.ini_options]"),
    ],
)
def test_everything_else_in_a_toml_file_stays(tmp_path: Path, old: str, section: str) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text(old)
    text = merged(path, configuration(answers()))
    has, had = tomllib.loads(text), tomllib.loads(old)
    found = has["tool"]["pytest"].get("ini_options", has["tool"]["pytest"])
    assert (found.pop("scs_scope"), found.pop("scs_os_cloud")) == (["iaas-v5.1"], ['my "cloud"'])
    if not found:
        del has["tool"]["pytest"]
    assert (has.get("tool") or None, has.get("project")) == (had.get("tool"), had.get("project"))
    assert section in text
    assert all(line in text.splitlines() for line in old.splitlines())


@pytest.mark.parametrize(
    ("old", "words"),
    [
        ("[tool.pytest]\naddopts = []\n", "[tool.pytest] has addopts already; remove it there, or write a pytest.ini"),
        ("tool.pytest.xfail_strict = true\n", "stand in no section of that name; write a pytest.ini"),
        ("[tool\n", "is not valid TOML"),
    ],
)
def test_a_toml_file_that_cannot_be_extended_is_left_alone(folder: Path, capsys: Capture, old: str, words: str) -> None:
    (folder / "pyproject.toml").write_text(old)
    assert cli.main(["init", *TYPED.split(), "--into", "pyproject.toml", "--force"]) == 4
    assert words in capsys.readouterr().err
    assert (folder / "pyproject.toml").read_text() == old


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("--lang fr", "scs: init: --lang: unknown language 'fr'; known: de, en"),
        ("--target foo", "scs: init: --target: unknown target 'foo'; known: main, recommended, preview, all"),
        ("--target all,mian", "scs: init: --target: unknown target 'mian'; did you mean 'main'?"),
        ("--subject a/b", "scs: init: --subject: 'a/b' has characters other than"),
    ],
)
def test_what_the_run_would_refuse_is_refused(folder: Path, capsys: Capture, typed: str, line: str) -> None:
    assert cli.main(["init", *TYPED.split(), *typed.split()]) == 4
    assert capsys.readouterr().err.startswith(line)
    assert not list(folder.iterdir())


def test_a_full_disk_is_one_line_that_says_what_to_do(
    folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path, text: str) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("pytest_scs.commands.init.write_atomically", fail)
    assert cli.main(["init", "iaas-v5.1", "--cloud", "demo"]) == 4
    line = "scs: init: cannot write pytest.ini: No space left on device; free some space, or name another place\n"
    assert capsys.readouterr().err == line


@pytest.mark.parametrize(("typed", "locale"), [(["--lang", "de"], "C"), ([], "de_DE.UTF-8")])
def test_the_questions_are_those_of_the_language(
    folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, typed: list[str], locale: str
) -> None:
    monkeypatch.delenv("LANGUAGE", raising=False)
    monkeypatch.setenv("LC_ALL", locale)
    (folder / "pytest.ini").write_text("")
    given(monkeypatch, "nonsense", "iaas-v5.1", "mycloud", "", "", "", "", "", "ja")
    assert cli.main(["init", *typed]) == 0
    lines = capsys.readouterr().out.splitlines()
    for line in (
        "Was soll beurteilt werden? [iaas] ",
        "Welche Clouds? [] ",
        "pytest.ini ist schon da.",
        "Trotzdem ändern? [j/N] ",
        "geschrieben: pytest.ini",
        "Zum Beurteilen: scs run, oder pytest",
    ):
        assert line in lines
