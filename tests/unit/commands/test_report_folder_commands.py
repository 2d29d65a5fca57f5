# SPDX-License-Identifier: Apache-2.0
"""scs report scorecard, history, diff, metrics and site, as they are typed."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
from pathlib import Path

import pytest
from stored_reports import CHECKED, IAAS, NOW, stored, written

from pytest_scs.cli import main
from pytest_scs.commands.report import history, metrics, places
from pytest_scs.core.selection import known_scopes

MAIN = known_scopes()[IAAS].versions["v5.1"].targets()["main"]
SYNTAX = "scs-0100-syntax-check"

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (places, history, metrics):
        monkeypatch.setattr(module, "now", lambda: NOW)


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """Two subjects, of which one fails since yesterday."""
    folder = tmp_path / "reports"
    written(
        folder,
        stored(dict.fromkeys(MAIN, "PASS")),
        stored(dict.fromkeys(MAIN, "PASS"), "prod2"),
        stored({SYNTAX: "FAIL"}, "prod2", CHECKED + dt.timedelta(days=1)),
    )
    return folder


def test_the_answer_for_each_subject_comes_first(reports: Path, capsys: Capture) -> None:
    assert main(["report", "scorecard", str(reports), "--group=p=prod1", "--group=p=prod2"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "group p  SCS-compatible IaaS  🛑 \N{EN DASH} (prod2)"
    assert out[1].startswith("  prod1  SCS-compatible IaaS  ✅ v5.1; ready to certify: yes (v5.1)")
    assert (
        out[2] == f"  prod2  SCS-compatible IaaS  🛑 \N{EN DASH}; ready to certify: no (1 FAIL, {len(MAIN) - 1} PASS)"
    )
    assert f"  FAIL  {SYNTAX}  of 2026-11-21, counts until 2026-11-29" in out


def test_files_of_score_cards(reports: Path, tmp_path: Path, capsys: Capture) -> None:
    files = [f"--html={tmp_path}/card.html", f"--json={tmp_path}/card.json"]
    assert main(["report", "scorecard", str(reports), *files, "--write", "--lang=de"]) == 0
    assert "Urteile über alles" in (tmp_path / "card.html").read_text()
    assert len(json.loads((tmp_path / "card.json").read_text())["cards"]) == 2
    card = reports / "scs-compatible-iaas" / "prod2" / "scorecard.yaml"
    assert card.is_file()
    capsys.readouterr()
    # Score cards that lie among the reports are no reports, and no mistake.
    assert main(["report", "scorecard", str(reports)]) == 0
    assert capsys.readouterr().err == ""


def test_due_says_by_its_exit_code_whether_something_is_overdue(
    reports: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    assert main(["report", "scorecard", str(reports), "--due"]) == 0
    assert "of which overdue: 0" in capsys.readouterr().out.splitlines()[0]
    monkeypatch.setattr(places, "now", lambda: NOW + dt.timedelta(days=10))
    assert main(["report", "scorecard", str(reports), "--due"]) == 1


def test_certificates_of_the_configuration(reports: Path, tmp_path: Path, capsys: Capture) -> None:
    config = tmp_path / "scs.toml"
    config.write_text("[certificates.prod1]\nscs-compatible-iaas = 2025-12-20\n[monitor]\nurl = 'https://m.example'\n")
    named = f"--scs-config={config}"
    assert main(["report", "scorecard", str(reports), named]) == 0
    out = capsys.readouterr().out
    assert (
        "prod1, SCS-compatible IaaS: of 2025-12-20, holds until 2026-12-19, 27 more days: apply for its renewal" in out
    )
    assert "https://m.example/page/detail/prod1/scs-compatible-iaas" in out
    assert main(["report", "scorecard", str(reports), named, "--due"]) == 0
    assert "\ndue: prod1, SCS-compatible IaaS: certificate of 2025-12-20" in capsys.readouterr().out
    config.write_text("[certificates.prod1]\nscs-compatible-iaas = 2024-12-20\n")
    assert main(["report", "scorecard", str(reports), named, "--due"]) == 1
    assert main(["report", "site", str(reports), named, "-o", str(tmp_path / "public")]) == 0
    assert "The certificate of 2024-12-20 ended on" in (tmp_path / "public" / "subjects" / "prod1.html").read_text()
    config.write_text("[certificates.prod1]\niaas = 2024-12-20\n")
    assert main(["report", "scorecard", str(reports), named]) == 4
    assert f"{config}: [certificates.prod1]: there are no certificates for 'iaas'" in capsys.readouterr().err


def test_unreadable_files_are_named_and_the_rest_is_shown(reports: Path, capsys: Capture) -> None:
    (reports / "broken.yaml").write_text("spec: {uuid: x}\nsubject: a\nrun: [\n")
    (reports / "notes.yaml").write_text("a: 1\n")
    for action in (["scorecard"], ["history"], ["metrics"], ["site", "-o", str(reports.parent / "public")]):
        assert main(["report", action[0], str(reports), *action[1:]]) == 1
        told = capsys.readouterr()
        assert "broken.yaml" in told.err
        assert "notes.yaml" not in told.err
        assert told.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["scorecard", "NOWHERE"], "NOWHERE"),
        (["scorecard", "EMPTY"], "there is no report"),
        (["scorecard", "REPORTS", "--html=REPORTS"], "is a directory"),
        (["scorecard", "REPORTS", "--html=NO/card.html"], "there is no directory"),
        (["scorecard", "REPORTS", "--html=x", "--json=x"], "give each its own"),
        (["scorecard", "REPORTS", "EMPTY", "--write"], "name one folder"),
        (["scorecard", "REPORTS", "--group=prod"], "no NAME=SUBJECT"),
        (["scorecard", "REPORTS", "--group=p=a,b"], "once for each: --group=p=a --group=p=b"),
        (["scorecard", "REPORTS", "--lang=xx"], "unknown language 'xx'"),
        (["scorecard", "REPORTS", "--scs-config=NOWHERE"], "NOWHERE"),
        (["scorecard", "REPORTS", "--scs-scope=NOWHERE"], "NOWHERE"),
        (["history", "REPORTS", "--since=yesterday"], "no date"),
        (["history", "REPORTS", "--older-than=18"], "no age"),
        (["history", "REPORTS", "--older-than=18months", "--since=2026-11-21"], "not allowed with argument"),
        (["diff", "REPORTS", "NOWHERE"], "NOWHERE"),
        (["metrics", "REPORTS", "-o", "REPORTS"], "is a directory"),
        (["site", "REPORTS"], "-o"),
    ],
)
def test_wrong_usage_is_one_line(
    reports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture, arguments: list[str], words: str
) -> None:
    (tmp_path / "EMPTY").mkdir()
    monkeypatch.chdir(tmp_path)
    reports.rename("REPORTS")
    try:
        code = main(["report", *arguments])
    except SystemExit as left:
        code = int(left.code or 0)
    told = capsys.readouterr()
    assert code == 4
    assert told.out == ""
    assert words in told.err
    assert told.err.count("\n") == 1


def test_history(reports: Path, capsys: Capture) -> None:
    assert main(["report", "history", str(reports)]) == 0
    out = capsys.readouterr().out
    assert f"  2026-11-21 20:00  🛑 \N{EN DASH} FAIL  (1 FAIL)\n      PASS -> FAIL: {SYNTAX}\n" in out
    assert main(["report", "history", str(reports), "--since=2026-11-21"]) == 0
    assert "prod1" not in capsys.readouterr().out
    assert main(["report", "history", str(reports), "--older-than=2days"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "older than 2026-11-21: 2 of 3 reports"
    assert len(out) == 3


@pytest.mark.parametrize(
    ("age", "day"),
    [
        ((1, "month"), "2027-02-28"),
        ((18, "month"), "2025-09-30"),
        ((2, "year"), "2025-03-31"),
        ((3, "day"), "2027-03-28"),
        ((1, "week"), "2027-03-24"),
        ((9999, "year"), "0001-01-01"),
    ],
)
def test_ages_go_by_the_calendar(age: tuple[int, str], day: str) -> None:
    assert history._before(dt.datetime(2027, 3, 31), age).date().isoformat() == day


def test_differences(reports: Path, tmp_path: Path, capsys: Capture) -> None:
    old = tmp_path / "old"
    written(old, stored(dict.fromkeys(MAIN, "PASS"), "prod2"))
    assert main(["report", "diff", str(old), str(old)]) == 0
    assert capsys.readouterr().out.startswith("no differences")
    assert main(["report", "diff", str(old), str(reports), f"--json={tmp_path}/d.json"]) == 1
    assert f"  newly failing: {SYNTAX} (PASS before)" in capsys.readouterr().out
    assert json.loads((tmp_path / "d.json").read_text())["worse"] is True


def test_metrics_into_a_file_and_a_site(reports: Path, tmp_path: Path, capsys: Capture) -> None:
    assert main(["report", "metrics", str(reports), "-o", str(tmp_path / "scs.prom")]) == 0
    assert (tmp_path / "scs.prom").read_text().endswith("# EOF\n")
    assert main(["report", "site", str(reports), "-o", str(tmp_path / "public"), "--group=g=prod1"]) == 0
    assert "prod2" in (tmp_path / "public/index.html").read_text()
    assert "index.html (2 subjects)" in capsys.readouterr().out


def test_a_scope_file_of_ones_own_gives_a_verdict(reports: Path, tmp_path: Path, capsys: Capture) -> None:
    own = "0f6d2a34-9f5e-4c27-8a53-3c1e4b7d9a01"
    file = tmp_path / "own.yaml"
    file.write_text(
        f"uuid: {own}\nname: Own\nurl: https://example.com/own.yaml\nscripts: [{{testcases: [{{id: own-check}}]}}]\n"
        "modules: [{id: m, name: M, url: 'https://example.com', targets: {main: [own-check]}}]\n"
        "timeline: [{date: 2026-01-01, versions: {v1: effective}}]\n"
        "versions: [{version: v1, include: [m], stabilized_at: 2026-01-01}]\n"
    )
    written(reports, stored({"own-check": "PASS"}, scope=own, name="Own"))
    assert main(["report", "scorecard", str(reports)]) == 0
    assert "unknown scope" in capsys.readouterr().out
    assert main(["report", "scorecard", str(reports), f"--scs-scope={file}"]) == 0
    assert "✅ v1; 1 PASS; unofficial" in capsys.readouterr().out


@pytest.mark.parametrize("action", ["show", "validate", "verify", "scorecard", "history", "diff", "sign", "dossier"])
def test_no_name_of_a_file_makes_lines_or_signs_of_its_own(
    reports: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], action: str
) -> None:
    report = next(reports.rglob("*.yaml"))
    odd = report.rename(report.with_name("a\x1b[2J\nscs: PASS\udcff.yaml"))
    key = tmp_path / "key\u202e"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    words = {
        "diff": [odd, odd],
        "sign": [odd, f"--key={key}"],
        "dossier": [odd, "-o", tmp_path / "d\x07.zip"],
        "validate": [reports],
        "verify": [reports],
    }.get(action, [reports, odd])
    assert main(["report", action, *map(str, words)]) in (0, 1)
    said = "".join(capfd.readouterr())
    assert all(char.isprintable() for char in said if char != "\n")
    assert not [line for line in said.split("\n") if line.startswith("scs: PASS")]
