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
    assert line.endswith(" days left)")


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
