# SPDX-License-Identifier: Apache-2.0
"""scs report show: a report in words, in either form, whoever wrote it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from pytest_scs.cli import main
from pytest_scs.core.report_format import ReportFormat
from pytest_scs.core.scope import OFFICIAL
from pytest_scs.core.verdict import Verdict
from pytest_scs.reports.scs.model import Invocation, ReportDocument, ReportedRun, ScopeReference
from pytest_scs.reports.scs.writer import render

IAAS = "50393e6f-2ae1-4c5c-a62c-3b75f2abef3f"
FAILED = "scs-0100-syntax-check"
OPEN = "scs-0102-prop-image_description"


def document(form: ReportFormat = ReportFormat.CURRENT, scope: str = IAAS, lines: int = 2) -> ReportDocument:
    results = {FAILED: Verdict.FAIL, OPEN: Verdict.ABORT, "scs-0102-prop-hw_disk_bus": Verdict.PASS}
    said = [f"ERROR: {FAILED}: flavor {number} is bad" for number in range(lines)]
    said += [f"ERROR: {OPEN}: not decided: no answer", "WARNING: an old tool"]
    asked = Invocation("q", "self-assessment of 2026-11-20", {"node-check": Verdict.FAIL})
    one = Invocation("i", "pytest", results, 1, (), tuple(said))
    run = ReportedRun("0b0f7a0e-3d5c-4f0c-9d53-5a1f4d2f3a11", invocations={"i": one, "q": asked})
    spec = ScopeReference(scope, "" if scope in OFFICIAL else "Boxes")
    return ReportDocument(spec, dt.datetime(2026, 11, 20, 20), "prod1", run).in_format(form)


def shown(capsys: pytest.CaptureFixture[str], *args: str | Path) -> str:
    assert main(["report", "show", *map(str, args)]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("form", ReportFormat)
@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_either_form_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], form: ReportFormat, suffix: str
) -> None:
    path = tmp_path / f"report.{suffix}"
    one = document(form)
    path.write_text(render([one]) if suffix == "yaml" else json.dumps(one.to_plain(), default=str))
    lines = shown(capsys, path).splitlines()
    assert lines[0] == "prod1: SCS-compatible IaaS"
    assert f"  file         {path}" in lines
    assert any(line.startswith("  checked at   2026-11-20 20:00:00 UTC, ") for line in lines)
    assert "  counts until 2026-11-29" in lines
    assert "  signature    none" in lines
    assert any(line.startswith("🛑 v5.1 (effective): FAIL (target main: 1 FAIL, ") for line in lines)
    assert "1 of its testcases is none of the scope, and ignored" in lines
    failed = lines.index("Failed: 2")
    assert lines[failed + 1].startswith(f"🛑 {FAILED}  ")
    assert lines[failed + 2 : failed + 4] == ["    flavor 0 is bad", "    flavor 1 is bad"]
    assert lines[failed + 4 : failed + 6] == ["🟧 node-check", "    self-assessment of 2026-11-20"]
    undecided = lines.index("Not decided: 1")
    assert lines[undecided + 1].startswith(f"❔ {OPEN}  ")
    assert lines[undecided + 2] == "    not decided: no answer"


def test_a_signature_beside_it_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "report.yaml"
    path.write_text(render([document()]))
    (tmp_path / "report.yaml.sig").touch()
    assert f"  signature    {path}.sig (scs report verify checks it)" in shown(capsys, path)


def test_all_reports_of_a_folder_and_what_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.yaml").write_text(render([document()]))
    (tmp_path / "bad.yaml").write_text("spec: [\nsubject: x\n")
    assert main(["report", "show", str(tmp_path)]) == 1
    out, err = capsys.readouterr()
    assert out.startswith("prod1: SCS-compatible IaaS\n")
    assert "bad.yaml" in err


def test_many_lines_are_cut_unless_all_are_wanted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "report.yaml"
    path.write_text(render([document(lines=30)]))
    assert "    ... and 11 more lines (--all-lines)\n" in shown(capsys, path)
    assert "    flavor 29 is bad\n" in shown(capsys, path, "--all-lines")


def test_an_unknown_scope_has_no_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "report.yaml"
    path.write_text(render([document(scope="7c1c1a1e-6a0f-4a55-9b53-0d2f3f7a9a22")]))
    out = shown(capsys, path)
    assert out.startswith("prod1: Boxes (unofficial: no certificate)\n")
    assert "the scope is not known here, so there is no verdict; name its file with --scs-scope=FILE" in out


@pytest.mark.parametrize("form", [ReportFormat.NEXT, ReportFormat.BOTH])
def test_hostile_words_stay_words(tmp_path: Path, capsys: pytest.CaptureFixture[str], form: ReportFormat) -> None:
    plain = document(form).to_plain()
    plain |= {"subject": "a\x1b[2J\nSCS", "creator": "tool\u202e", "log": [f"INFO: *** {FAILED}", "ERROR: \x07\nx"]}
    path = tmp_path / "report.json"
    path.write_text(json.dumps(plain, default=str))
    out = shown(capsys, path)
    assert all(line.isprintable() for line in out.splitlines())
    assert "a\\x1b[2J\\nSCS: SCS-compatible IaaS" in out
