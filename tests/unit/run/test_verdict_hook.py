# SPDX-License-Identifier: Apache-2.0
"""The command that is told of verdicts that changed."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from pytest_scs.core.verdict import Verdict
from pytest_scs.pipeline.merging import KnownResult
from pytest_scs.run import verdict_hook
from pytest_scs.run.verdict_hook import changes_in, newest_in, tell

BEFORE = dt.datetime(2026, 6, 14, 3)


def known(run: Any, verdict: Verdict) -> Any:
    return {
        ("testcloud", scope.uuid): {
            testcase: KnownResult(testcase, verdict, BEFORE, "old") for testcase in run.selection.expected
        }
        for scope in run.selection.scopes
    }


def test_what_differs_is_told_with_what_was_before(make_run: Any) -> None:
    run = make_run()
    first, second, third = list(run.selection.expected)[:3]
    run = make_run({first: "FAIL", second: "ABORT", third: "MISS"})
    changes = {one["testcase"]: one for one in changes_in(run, known(run, Verdict.PASS))}
    assert list(changes) == [first, second]
    assert changes[first]["verdict"] == "FAIL"
    assert changes[first]["before"] == {"verdict": "PASS", "checked_at": "2026-06-14 03:00:00", "report": "old"}
    assert (changes[first]["violations"], changes[first]["subject"]) == (1, "testcloud")
    assert changes[second]["cause"] == "compute answers 503 [outage]"


def test_a_first_verdict_is_no_change(make_run: Any) -> None:
    assert changes_in(make_run(), {}) == []


def test_a_folder_that_is_not_there_has_no_results(tmp_path: Path) -> None:
    assert newest_in(tmp_path / "gone") == {}


def script(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "hook.py"
    path.write_text(text)
    return [sys.executable, str(path)]


def test_the_command_reads_json(make_run: Any, tmp_path: Path) -> None:
    target = tmp_path / "told"
    command = script(tmp_path, f"import sys; open({str(target)!r}, 'w').write(sys.stdin.read())")
    assert tell(command, make_run(), [{"testcase": "é"}], [Path("r.yaml")]) == ""
    told = json.loads(target.read_text())
    assert (told["form"], told["changes"], told["reports"]) == (1, [{"testcase": "é"}], ["r.yaml"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import sys; print('no smtp', file=sys.stderr); sys.exit(3)", "failed (exit code 3): no smtp"),
        ("import os; os.kill(os.getpid(), 9)", "failed (signal 9)"),
        ("import sys; sys.stderr.write('\\x1b[31m' + 'x' * 100_000); sys.exit(1)", "failed (exit code 1): "),
    ],
)
def test_its_failure_is_one_line(make_run: Any, tmp_path: Path, text: str, words: str) -> None:
    line = tell(script(tmp_path, text), make_run(), [], [])
    assert words in line
    assert len(line) < 1000
    assert "\x1b" not in line


def test_who_does_not_read_is_no_failure(make_run: Any, tmp_path: Path) -> None:
    assert tell(script(tmp_path, ""), make_run(), [{"text": "x" * 1_000_000}], []) == ""


def test_a_program_that_cannot_be_started_is_said(make_run: Any, tmp_path: Path) -> None:
    line = tell([str(tmp_path / "gone")], make_run(), [], [])
    assert line.endswith("could not be started: No such file or directory")


def test_a_flood_of_errors_does_not_fill_the_disk(
    make_run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verdict_hook, "MOST_ERRORS", 1 << 20)
    monkeypatch.setattr(verdict_hook, "PATIENCE", 600.0)
    # No more than that in all, so that a failing test does not fill it either.
    text = (
        "import sys, time\nfor _ in range(3): sys.stderr.write('x' * (1 << 20))\nsys.stderr.flush()\ntime.sleep(600)\n"
    )
    line = tell(script(tmp_path, text), make_run(), [], [])
    assert line.endswith("was ended: it wrote more than 1 MiB to standard error")


def test_it_is_ended_with_all_it_started(make_run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdict_hook, "PATIENCE", 3.0)
    child = tmp_path / "child"
    text = (
        "import subprocess, sys, time\n"
        "one = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(child)!r}, 'w').write(str(one.pid))\n"
        "time.sleep(600)\n"
    )
    line = tell(script(tmp_path, text), make_run(), [], [])
    assert line.endswith("was ended: it took longer than 3 s")
    if child.exists():  # on a loaded machine it may not have come that far
        number = int(child.read_text() or 0)
        for _ in range(1000):
            try:
                os.kill(number, 0)
            except ProcessLookupError:
                break
            if Path(f"/proc/{number}/stat").exists() and " Z " in Path(f"/proc/{number}/stat").read_text():
                break
            time.sleep(0.01)
        else:
            pytest.fail("the child lives")
