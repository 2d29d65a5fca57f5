# SPDX-License-Identifier: Apache-2.0
"""The command ``scs``."""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest
import yaml
from report_text import render

import pytest_scs
from pytest_scs import cli
from pytest_scs.base.signals import NoTemporaryFile
from pytest_scs.cli import main
from pytest_scs.core.results import Run

Capture = pytest.CaptureFixture[str]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def give(text: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(text))

    return give


def test_a_flavor_name_is_read_aloud(capsys: Capture) -> None:
    assert main(["flavor", "SCS-4V-16-100s"]) == 0
    out, err = capsys.readouterr()
    [line] = out.splitlines()
    assert line.startswith("SCS-4V-16-100s: ")
    for word in ("4", "16 GiB", "100 GB", "SSD"):
        assert word in line
    assert err == ""


def test_every_name_is_answered_in_order(capsys: Capture) -> None:
    assert main(["flavor", "SCS-1V-4", "SCS-2V-8"]) == 0
    assert [line.partition(":")[0] for line in capsys.readouterr().out.splitlines()] == ["SCS-1V-4", "SCS-2V-8"]


def test_an_invalid_name_is_explained_and_the_others_are_answered(capsys: Capture) -> None:
    assert main(["flavor", "SCS-4X-16", "SCS-1V-4"]) == 1
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("SCS-4X-16: not a valid SCS flavor name: expected ")
    assert "after 'SCS-4'" in first
    assert "found 'X-16'" in first
    assert second.startswith("SCS-1V-4: ")


@pytest.mark.parametrize(
    "name", ["SCS-", "SCS-4V", "SCS-foo", "SCS-4V-16\n", "SCS-4V-16 ", "SCS-4V-16\nSCS-1V-4: fine"]
)
def test_what_is_no_valid_name_is_exit_code_1(capsys: Capture, name: str) -> None:
    assert main(["flavor", name]) == 1
    [line] = capsys.readouterr().out.splitlines()
    assert "not a valid SCS flavor name" in line


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("m1.tiny", "m1.tiny: no SCS name"),
        ("octavia", "octavia: no SCS name"),
        ("SCS_4V_16", "SCS_4V_16: no SCS name"),
        ("", "'': no SCS name"),
        ("x\nSCS-1V-4: fine", r"'x\nSCS-1V-4: fine': no SCS name"),
        ("scs-4V-16", "scs-4V-16: no SCS name; one begins with 'SCS-' in this spelling"),
        ("Scs-foo", "Scs-foo: no SCS name; one begins with 'SCS-' in this spelling"),
        (" SCS-4V-16", "' SCS-4V-16': no SCS name; it would be one without what stands before 'SCS-'"),
        ("\tSCS-4V-16", r"'\tSCS-4V-16': no SCS name; it would be one without what stands before 'SCS-'"),
    ],
)
def test_the_standard_says_nothing_about_other_names(capsys: Capture, name: str, line: str) -> None:
    assert main(["flavor", name]) == 0
    assert capsys.readouterr().out.splitlines() == [line]
    assert main(["flavor", "--strict", name]) == 1


def test_a_whole_list_of_flavors_is_fine_if_its_scs_names_are(capsys: Capture, stdin: Callable[[str], None]) -> None:
    stdin("# flavors of the cloud\nSCS-4V-16\nm1.tiny\n\noctavia\n")
    assert main(["flavor"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 4
    stdin("SCS-4V-16\nm1.tiny\nSCS-4X-16\n")
    assert main(["flavor"]) == 1


def test_a_name_only_one_side_accepts_is_said_to_be_so(capsys: Capture) -> None:
    assert main(["flavor", "SCS-04V-16"]) == 1
    assert "not valid for" in capsys.readouterr().out


def test_names_come_from_standard_input(capsys: Capture, stdin: Callable[[str], None]) -> None:
    stdin("SCS-1V-4\r\n\nSCS-2V-8")
    assert main(["flavor"]) == 0
    assert [line.partition(":")[0] for line in capsys.readouterr().out.splitlines()] == ["SCS-1V-4", "SCS-2V-8"]


def test_an_invalid_name_on_standard_input_is_exit_code_1(capsys: Capture, stdin: Callable[[str], None]) -> None:
    stdin("SCS-1V-4\nSCS-x\nSCS-2V-8\n")
    assert main(["flavor"]) == 1
    assert len(capsys.readouterr().out.splitlines()) == 3


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_no_name_at_all_is_bad_usage(capsys: Capture, stdin: Callable[[str], None], text: str) -> None:
    stdin(text)
    assert main(["flavor"]) == 4
    out, err = capsys.readouterr()
    assert (out, err) == ("", "scs: no flavor name given; example: scs flavor SCS-4V-16-100s\n")


def test_nobody_is_left_waiting_at_a_terminal(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Terminal("SCS-1V-4\n"))
    assert main(["flavor"]) == 4
    assert "no flavor name given" in capsys.readouterr().err


@pytest.fixture
def report(make_run: Callable[..., Run], tmp_path: Path) -> Path:
    path = tmp_path / "report.yaml"
    path.write_text(render(make_run(specs=["iaas-v5.1"], now=dt.datetime.now(dt.UTC).isoformat())), "utf-8")
    return path


def test_a_good_report_would_be_taken(capsys: Capture, report: Path) -> None:
    assert main(["report", "validate", str(report)]) == 0
    out, err = capsys.readouterr()
    assert (out, err) == (f"{report}: the compliance monitor would take this report\n", "")


def test_several_reports_and_folders_are_checked_in_one_go(capsys: Capture, report: Path, tmp_path: Path) -> None:
    (tmp_path / "more/.snapshot").mkdir(parents=True)
    for name in ("more/copy.yaml", "more/.snapshot/bad.yaml"):
        (tmp_path / name).write_text(report.read_text() if "copy" in name else "subject: [", "utf-8")
    (tmp_path / "more/gone.yaml").symlink_to("nowhere")
    bad = tmp_path / "bad.yaml"
    bad.write_text("subject: [", "utf-8")
    assert main(["report", "validate", str(report), str(bad), str(tmp_path / "more")]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines.pop().startswith(f"cannot read report {tmp_path / 'more/gone.yaml'}: No such file")
    assert [line.partition(":")[0] for line in lines] == list(map(str, (report, bad, tmp_path / "more/copy.yaml")))


def test_a_report_with_warnings_is_taken_and_the_warnings_are_counted(capsys: Capture, report: Path) -> None:
    report.write_text(report.read_text().replace("scs-0117-test-backup: 1", "scs-0117-x: 1"))
    assert main(["report", "validate", str(report)]) == 0
    first, last = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{report}: WARNING: report.run.invocations.")
    assert first.endswith("scs-0117-x: is no testcase of SCS-compatible IaaS (it is ignored)")
    assert last == f"{report}: the compliance monitor would take this report (1 warning)"


def test_a_bad_report_is_exit_code_1_with_every_problem(capsys: Capture, report: Path) -> None:
    text = report.read_text().replace("subject: testcloud", "subject: 7")
    report.write_text(text.replace("scs-0117-test-backup: 1", "scs-0117-test-backup: 2"))
    assert main(["report", "validate", str(report)]) == 1
    out = capsys.readouterr().out
    assert f"{report}: ERROR: report.subject: is missing or no text (the monitor answers 401)\n" in out
    assert "scs-0117-test-backup: 2 is none of -1, 0, 1" in out
    assert "would take" not in out
    assert len(out.splitlines()) == 2


def test_an_empty_file_name_is_no_directory(capsys: Capture) -> None:
    with pytest.raises(SystemExit) as refusal:
        main(["report", "validate", ""])
    assert refusal.value.code == 4
    assert "argument FILE|DIR: the file name is empty; name a file" in capsys.readouterr().err


def test_a_report_for_another_account_is_a_warning(capsys: Capture, report: Path) -> None:
    assert main(["report", "validate", "--account=testcloud", str(report)]) == 0
    assert main(["report", "validate", "--account", "somebody", str(report)]) == 0
    said = "'testcloud' is not the account 'somebody' (the monitor answers 401 unless 'somebody' is its delegate)"
    assert said in capsys.readouterr().out


def test_a_file_that_is_no_yaml_is_exit_code_1(capsys: Capture, report: Path) -> None:
    report.write_text("a: 1\nb: [\n")
    assert main(["report", "validate", str(report)]) == 1
    assert capsys.readouterr().out.startswith(f"{report}: ERROR: report:3: not valid YAML: ")


def test_what_is_no_text_is_said_to_be_refused(capsys: Capture, report: Path) -> None:
    report.write_bytes("a: ü".encode("latin-1"))
    assert main(["report", "validate", str(report)]) == 1
    said = f"{report}: ERROR: report: is not UTF-8 text (byte 3) (the monitor answers 500)\n"
    assert capsys.readouterr().out == said


def test_what_is_larger_than_any_report_is_not_said_to_be_refused_by_the_monitor(
    capsys: Capture, report: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pytest_scs.pipeline.monitor.checking.MAX_BYTES", 100)
    assert main(["report", "validate", str(report)]) == 1
    assert "500" not in capsys.readouterr().out


def test_a_folder_that_changes_meanwhile_is_one_line(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = os.scandir

    def gone(place: Any) -> Any:
        if Path(place) == tmp_path:
            raise FileNotFoundError(2, "No such file or directory", str(tmp_path))
        return look(place)

    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", gone)
        assert main(["report", "validate", str(tmp_path)]) == 1
    line = f"cannot read folder {tmp_path}: No such file or directory; name a file that exists\n"
    assert capsys.readouterr().out == line


def test_json_among_other_files_is_checked_as_json(capsys: Capture, report: Path) -> None:
    plain = yaml.safe_load(report.read_text())
    plain["debug"] = float("nan")
    report.with_name("b.json").write_text(json.dumps(plain, default=str))
    report.with_name("evidence.json").write_text("{}")
    assert main(["report", "validate", str(report.parent)]) == 1
    out = capsys.readouterr().out
    assert "b.json: ERROR: report.debug: is no number (.nan)" in out
    assert "evidence.json" not in out


@pytest.mark.parametrize("kind", ["missing", "folder"])
def test_a_file_that_cannot_be_read_is_exit_code_4_and_one_line(capsys: Capture, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.yaml"
    if kind == "folder":
        path.mkdir()
    assert main(["report", "validate", str(path)]) == 4
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("scs: ")
    assert str(path) in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["flavour"], "unknown 'flavour'; did you mean 'flavor'?; known: run, "),
        (
            ["report", "scorecrd"],
            "scs report: ACTION: unknown 'scorecrd'; did you mean 'scorecard'?; known: validate, ",
        ),
        (["report", "submit", "--nwe", "x"], "scs report submit: unrecognized arguments: --nwe; did you mean '--new'?"),
        (
            ["report", "scorecard", "x", "--htlm=f"],
            "--htlm=f; did you mean '--html'? (try scs report scorecard --help",
        ),
        (["completion", "bsh"], "unknown 'bsh'; did you mean 'bash'?; known: bash, zsh"),
        (["report"], "the following arguments are required: ACTION"),
        (["report", "validate"], "the following arguments are required: FILE"),
        (["report", "diff", "a", "b", "c"], "unrecognized arguments: c"),
        (["report", "validate", "a", "--account"], "expected one argument"),
        (["flavor", "--colour"], "unrecognized arguments: --colour"),
    ],
)
def test_bad_usage_is_exit_code_4_and_one_line(capsys: Capture, argv: list[str], words: str) -> None:
    with pytest.raises(SystemExit) as caught:
        main(argv)
    out, err = capsys.readouterr()
    assert (caught.value.code, out) == (4, "")
    assert words in err
    assert err.count("\n") == 1
    assert "--help)" in err


@pytest.mark.parametrize(
    ("argv", "command"),
    [
        (["flavor", "SCS-1V-4", "--colour"], "scs flavor"),
        (["report", "diff", "a", "b", "c"], "scs report diff"),
        (["report", "--colour", "validate", "a"], "scs report validate"),
    ],
)
def test_surplus_words_point_to_the_help_that_says_what_is_allowed(
    capsys: Capture, argv: list[str], command: str
) -> None:
    with pytest.raises(SystemExit):
        main(argv)
    err = capsys.readouterr().err
    assert err.startswith(f"{command}: ")
    assert err.endswith(f"(try {command} --help)\n")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["flavour"], "scs: COMMAND: 'flavour' gibt es nicht; vielleicht 'flavor'?; bekannt: run, "),
        (["report"], "scs report: diese Argumente fehlen: ACTION (siehe scs report --help)"),
        (["run", "iaas", "--cloud"], "scs run: Argument --cloud: der Wert fehlt (siehe scs run --help)"),
        (["flavor", "a", "--colour"], "scs flavor: unbekannte Argumente: --colour (siehe scs flavor --help)"),
        (["report", "validate", "nix"], "scs: Bericht nix ist nicht lesbar: Datei oder Verzeichnis nicht gefunden; "),
        (["run"], "scs: run: es ist kein Scope angegeben; einen nennen, z. B. "),
    ],
)
def test_wrong_usage_in_german_whole_or_not_at_all(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, argv: list[str], said: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    with contextlib.suppress(SystemExit):
        main(argv)
    err = capsys.readouterr().err
    assert err.startswith(said)
    assert err.count("\n") == 1


@pytest.mark.parametrize("argv", [["--help"], ["flavor", "--help"], ["report", "--help"], ["report", "validate", "-h"]])
def test_help_is_no_error(capsys: Capture, argv: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(argv)
    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith("usage: scs")


def test_the_version_is_that_of_the_package(capsys: Capture) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"pytest-scs {pytest_scs.__version__}\n"


def test_ctrl_c_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(io.StringIO):
        def isatty(self) -> bool:
            raise KeyboardInterrupt

    monkeypatch.setattr("sys.stdin", Interrupted())
    assert main(["flavor"]) == 130


def test_before_a_run_it_is_the_exit_code_of_pytest(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*given: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "parser", interrupted)
    assert main(["run", "iaas"]) == 2
    assert capsys.readouterr().err == "scs: interrupted\n"


def test_a_full_place_for_temporary_files_is_one_line(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*given: object) -> NoReturn:
        raise NoTemporaryFile(OSError(errno.ENOSPC, "No space left on device"))

    monkeypatch.setattr(cli, "parser", full)
    assert main(["report", "sign", "r.yaml"]) == 4
    said = capsys.readouterr().err
    assert said.startswith("scs: no temporary file can be written: No space left on device; ")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("typed", "code", "line"),
    [
        pytest.param("explain FAIL >&-", 0, "", id="output-closed"),
        pytest.param("explain FAIL >/dev/full", 4, "scs: cannot write the output: No space left on device", id="full"),
        pytest.param("flavor <&-", 4, "scs: no flavor name given", id="input-closed"),
        pytest.param("init <&-", 4, "scs: init: there is no terminal to ask on", id="nobody-to-ask"),
        pytest.param("run nothing >/dev/full", 4, "scs: run: SCOPE: ", id="run-and-full"),
    ],
)
def test_closed_and_full_streams_are_no_errors_of_the_program(typed: str, code: int, line: str) -> None:
    shell = ["sh", "-c", f'exec "$0" -m pytest_scs.cli {typed}', sys.executable]
    done = subprocess.run(shell, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith(line)
    assert len(done.stderr.splitlines()) == (1 if line else 0)


def test_an_action_imports_nothing_of_the_others() -> None:
    code = (
        "import sys; from pytest_scs.cli import parser; parser('report', 'show'); "
        "sys.exit(any(name.startswith('pytest_scs.commands.report.sub') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
