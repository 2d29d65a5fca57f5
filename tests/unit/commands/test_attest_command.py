# SPDX-License-Identifier: Apache-2.0
"""``scs attest``: the template, and what is missing or due in a file of answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from pytest_scs.cli import main

Capture = pytest.CaptureFixture[str]
SCOPE = "--scs-scope=iaas-v5.1"
MANUAL = ("key-manager-docs-check", "availability-zones-check", "domain-manager-check")

#: The questions of domain-manager-check: those that take words, and those that want a yes.
WORDS = ("release", "managed-roles")
YES = ("since-2024-2", "enforce", "old-policy-removed", "admin-absent", "role-exists", "automated-run")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def answered(folder: Path) -> Callable[..., Path]:
    """A file with answers about ``mycloud`` that satisfy the check of domain managers, changed as a test needs it."""

    def write(subject: str = "mycloud", **changes: Any) -> Path:
        assert main(["attest", SCOPE, f"--scs-subject={subject}", "-o", f"{subject}.yaml"]) == 0
        path = folder / f"{subject}.yaml"
        document = yaml.safe_load(path.read_text())
        check = document["answers"]["domain-manager-check"]
        today = dt.datetime.now(dt.UTC).date()
        check |= {"answered_by": "Jane", "role": "head", "answered_at": today, "evidence": ["manual"]}
        check["questions"] = {
            **{name: {"answer": "member and reader"} for name in WORDS},
            **{name: {"answer": "yes", "text": "so it is"} for name in YES},
        }
        check |= changes
        document["answers"] = {"domain-manager-check": check}
        path.write_text(yaml.safe_dump(document))
        return path

    return write


def test_a_template_is_printed_and_has_every_manual_check(folder: Path, capsys: Capture) -> None:
    assert main(["attest", SCOPE]) == 0
    out, err = capsys.readouterr()
    assert list(yaml.safe_load(out)["answers"]) == list(MANUAL)
    assert err == ""


def test_a_template_is_written_once(folder: Path, capsys: Capture) -> None:
    assert main(["attest", SCOPE, "--scs-subject=mycloud", "-o", "a.yaml"]) == 0
    assert capsys.readouterr().out == "a.yaml: 3 manual checks to answer\n"
    assert yaml.safe_load((folder / "a.yaml").read_text())["subject"] == "mycloud"
    before = (folder / "a.yaml").read_text()
    assert main(["attest", SCOPE, "-o", "a.yaml"]) == 4
    assert "is there already, and answers in it would be lost" in capsys.readouterr().err
    assert (folder / "a.yaml").read_text() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name the scope whose manual checks are to be answered, e.g. scs attest --scs-scope=iaas-v5.1"),
        (["--scs-scope=iaas-v9"], "has no version 'v9'"),
        ([SCOPE, "--scs-subject="], "--scs-subject: the name is empty"),
        ([SCOPE, "--scs-subject=a b"], "has characters other than"),
        ([SCOPE, "-o", "none/a.yaml"], "there is no directory none"),
        (["--check", "none.yaml"], "none.yaml"),
    ],
)
def test_wrong_usage_is_one_line(folder: Path, capsys: Capture, arguments: list[str], message: str) -> None:
    assert main(["attest", *arguments]) == 4
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert message in err


def test_a_scope_without_manual_checks_is_refused(folder: Path, capsys: Capture, mini: str) -> None:
    (folder / "m.yaml").write_text(mini)
    assert main(["attest", "--scs-scope=m.yaml@v1"]) == 4
    assert capsys.readouterr().err == "scs: --scs-scope: m-v1 has no manual check\n"


def test_good_answers_pass_and_say_how_long(answered: Callable[..., Path], capsys: Capture) -> None:
    path = answered()
    capsys.readouterr()
    assert main(["attest", "--check", str(path)]) == 0
    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith("mycloud: domain-manager-check: PASS: ")
    assert " days left); reported today, at the monitor until " in line


def test_the_other_life_of_answers_is_that_of_the_newest_report(
    answered: Callable[..., Path], capsys: Capture, tmp_path: Path
) -> None:
    path = answered()
    capsys.readouterr()
    checked_at = dt.datetime(2026, 11, 26, 10)
    invocation = {
        "cmd": "self-assessment of 2026-11-20, counts until 2027-03-31",
        "results": {"domain-manager-check": 1},
    }
    report = {
        "spec": {"uuid": "50393e6f-2ae1-4c5c-a62c-3b75f2abef3f"},
        "checked_at": checked_at,
        "subject": "mycloud",
        "run": {"uuid": "0b0f7a0e-3d5c-4f0c-9d53-5a1f4d2f3a11", "assignment": {}, "invocations": {"a": invocation}},
    }
    folder = tmp_path / "reports"
    folder.mkdir()
    assert main(["attest", "--check", str(path), "--reports", str(folder)]) == 0
    (folder / "r.yaml").write_text(yaml.safe_dump(report))
    assert main(["attest", "--check", str(path), "--reports", str(folder)]) == 0
    before, after = capsys.readouterr().out.splitlines()
    assert "reported today, at the monitor until " in before
    assert "; reported 2026-11-26, at the monitor until 2026-12-06 (in no version)" in after


@pytest.mark.parametrize(
    ("args", "words"),
    [(["--reports", "x"], "--reports: goes with --check"), (["--check"], "--reports: x is no folder")],
)
def test_the_folder_of_reports_has_to_be_one(
    answered: Callable[..., Path], args: list[str], words: str, capsys: Capture
) -> None:
    path = answered()
    more = args if len(args) > 1 else [*args, str(path), "--reports", "x"]
    assert main(["attest", *more]) == 4
    assert words in capsys.readouterr().err


def test_with_a_scope_what_has_no_entry_is_missing(answered: Callable[..., Path], capsys: Capture) -> None:
    path = answered()
    capsys.readouterr()
    assert main(["attest", SCOPE, "--check", str(path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert sum("MISS: mycloud.yaml has no entry for it" in line for line in lines) == 2


def test_overdue_answers_are_missing(answered: Callable[..., Path], capsys: Capture) -> None:
    path = answered(answered_at=dt.date(2020, 1, 1))
    capsys.readouterr()
    assert main(["attest", "--check", str(path)]) == 1
    assert capsys.readouterr().out.startswith("mycloud: domain-manager-check: MISS: ")


def test_a_wrong_answer_fails(answered: Callable[..., Path], capsys: Capture) -> None:
    path = answered()
    document = yaml.safe_load(path.read_text())
    document["answers"]["domain-manager-check"]["questions"]["role-exists"]["answer"] = "no"
    path.write_text(yaml.safe_dump(document))
    capsys.readouterr()
    assert main(["attest", "--check", str(path)]) == 1
    assert "mycloud: domain-manager-check: FAIL: " in capsys.readouterr().out


def test_evidence_that_has_changed_is_undecided(answered: Callable[..., Path], capsys: Capture) -> None:
    path = answered(evidence=[{"file": "manual.pdf", "sha256": "0" * 64}])
    (path.parent / "manual.pdf").write_bytes(b"changed")
    capsys.readouterr()
    assert main(["attest", "--check", str(path)]) == 1
    assert "mycloud: domain-manager-check: ABORT: " in capsys.readouterr().out


def test_a_file_about_several_clouds_is_checked_for_all_or_for_one(
    answered: Callable[..., Path], folder: Path, capsys: Capture
) -> None:
    both = folder / "both.yaml"
    both.write_text("---\n".join(answered(name).read_text() for name in ("one", "two")))
    capsys.readouterr()
    assert main(["attest", "--check", str(both)]) == 0
    assert [line.partition(":")[0] for line in capsys.readouterr().out.splitlines()] == ["one", "two"]
    assert main(["attest", "--check", str(both), "--scs-subject=two"]) == 0
    assert capsys.readouterr().out.startswith("two: ")
    assert main(["attest", "--check", str(both), "--scs-subject=tow"]) == 4
    assert "is about one, two, not about tow; did you mean 'two'?" in capsys.readouterr().err


def test_a_scope_without_manual_check_names_the_declaration_that_its_certificate_needs(
    folder: Path, capsys: Capture
) -> None:
    assert main(["attest", "--scs-scope=kaas"]) == 4
    assert capsys.readouterr().err == (
        "scs: --scs-scope: kaas-v1 has no manual check; the declaration on scs-0214 is "
        "scs-0214-x-node-distribution-declaration in beyond-kaas\n"
    )


def test_the_declarations_on_clusters_have_a_template(folder: Path, capsys: Capture) -> None:
    assert main(["attest", "--scs-scope=beyond-kaas"]) == 0
    out, _ = capsys.readouterr()
    answers = yaml.safe_load(out)["answers"]
    assert list(answers) == [
        "scs-0210-x-rollout-declaration",
        "scs-0214-x-node-distribution-declaration",
        "scs-0215-x-declaration",
        "scs-0217-x-declaration",
    ]
    assert list(answers["scs-0214-x-node-distribution-declaration"]["questions"]) == [
        "physical-machines",
        "how-separated",
        "all-clusters",
        "zone-region",
        "labels-maintained",
        "control-plane-zones",
    ]
    assert "(a number; must be 2 or more)" in " ".join(out.replace("#", " ").split())
