# SPDX-License-Identifier: Apache-2.0
"""The command ``scs``."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from report_text import render

import pytest_scs
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


@pytest.mark.parametrize("name", ["", "m1.small", "SCS-", "SCS-4V", "scs-4V-16", " SCS-4V-16", "SCS-4V-16\n"])
def test_what_is_no_flavor_name_is_exit_code_1(capsys: Capture, name: str) -> None:
    assert main(["flavor", name]) == 1
    assert "not a valid SCS flavor name" in capsys.readouterr().out


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
    path.write_text(render(make_run(specs=["iaas-v5.1"])), "utf-8")
    return path


def test_a_good_report_would_be_taken(capsys: Capture, report: Path) -> None:
    assert main(["report", "validate", str(report)]) == 0
    out, err = capsys.readouterr()
    assert (out, err) == (f"{report}: the compliance monitor would take this report\n", "")


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
    assert f"{report}: ERROR: report.subject: is missing or no text (the monitor answers 500)\n" in out
    assert "scs-0117-test-backup: 2 is none of -1, 0, 1" in out
    assert "would take" not in out
    assert len(out.splitlines()) == 2


def test_an_empty_file_name_is_no_directory(capsys: Capture) -> None:
    with pytest.raises(SystemExit) as refusal:
        main(["report", "validate", ""])
    assert refusal.value.code == 4
    assert "argument FILE: the file name is empty; name a file" in capsys.readouterr().err


def test_a_report_for_another_account_is_exit_code_1(capsys: Capture, report: Path) -> None:
    assert main(["report", "validate", "--account=testcloud", str(report)]) == 0
    assert main(["report", "validate", "--account", "somebody", str(report)]) == 1
    assert "'testcloud' is not the account 'somebody'" in capsys.readouterr().out


def test_a_file_that_is_no_yaml_is_exit_code_1(capsys: Capture, report: Path) -> None:
    report.write_text("a: 1\nb: [\n")
    assert main(["report", "validate", str(report)]) == 1
    assert capsys.readouterr().out.startswith(f"{report}: ERROR: report:3: not valid YAML: ")


@pytest.mark.parametrize("kind", ["missing", "folder", "binary"])
def test_a_file_that_cannot_be_read_is_exit_code_4_and_one_line(capsys: Capture, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.yaml"
    if kind == "folder":
        path.mkdir()
    elif kind == "binary":
        path.write_bytes(b"\xff\xfe\x00")
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
        (["flavour"], "invalid choice: 'flavour'"),
        (["report"], "the following arguments are required: ACTION"),
        (["report", "validate"], "the following arguments are required: FILE"),
        (["report", "validate", "a", "b"], "unrecognized arguments: b"),
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


def test_an_empty_flavor_name_is_shown(capsys: Capture) -> None:
    assert main(["flavor", ""]) == 1
    assert capsys.readouterr().out.startswith("'': not a valid SCS flavor name: ")
