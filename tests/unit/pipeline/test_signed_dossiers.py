# SPDX-License-Identifier: Apache-2.0
"""A dossier that is signed as a whole, and reports of other tools in one: what is said, and what is proved."""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ssh_keys import make_key, public
from stored_reports import stored, written

from pytest_scs.base.errors import InputError
from pytest_scs.base.signals import NoTemporaryFile
from pytest_scs.cli import main as scs
from pytest_scs.pipeline.dossier import gathering
from pytest_scs.pipeline.dossier.archive import Archive, packed
from pytest_scs.pipeline.dossier.checking import check_dossier
from pytest_scs.pipeline.signing.signing import Signer
from pytest_scs.pipeline.signing.verifying import Checked, Verifier

SYNTAX, SEMANTICS, ENTROPY = "scs-0100-syntax-check", "scs-0100-semantics-check", "scs-0101-entropy-check"
AT = dt.datetime(2026, 11, 24, 8)

Files = dict[str, bytes]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key, its signers, and two reports of another tool on one subject, of the same time."""
    folder = tmp_path_factory.mktemp("dossier")
    make_key(folder / "key")
    (folder / "signers").write_text(f'ops@prod1 namespaces="report" {public(folder / "key")}\n')
    one = stored({SYNTAX: "PASS", ENTROPY: "PASS"}, identity="aaa")
    other = stored({SYNTAX: "FAIL", SEMANTICS: "PASS"}, identity="bbb")
    written(folder / "reports", one, other)
    for report in (one, other):
        Signer(folder / "key", "--key").sign(folder / "reports" / report.path)
    (folder / "reports/bbb.yaml.sent").write_text("time: 2026-11-20 21:00:00\nreports: [bbb]\n")
    return folder


@pytest.fixture(scope="module")
def contents(home: Path) -> gathering.Contents:
    found = gathering.gather(gathering.Wanted([home / "reports"]))
    return gathering.signed(found, Signer(home / "key", "--sign"), AT)


@pytest.fixture
def verified(home: Path, tmp_path: Path) -> Callable[[Files], list[Checked]]:
    def verify(files: Files) -> list[Checked]:
        (tmp_path / "d.zip").write_bytes(packed(files))
        return list(check_dossier(tmp_path / "d.zip", Verifier(home / "signers", any_signer=False)))

    return verify


def refitted(files: Files, **changed: Any) -> Files:
    """Other files with a manifest that fits them."""
    manifest = json.loads(files["manifest.json"]) | changed
    rest = {name: text for name, text in files.items() if not name.startswith("manifest.json")}
    manifest["files"] = {name: hashlib.sha256(text).hexdigest() for name, text in rest.items()}
    kept = {name: text for name, text in files.items() if name == "manifest.json.sig"}
    return {**rest, **kept, "manifest.json": json.dumps(manifest).encode()}


def test_it_is_proved_as_a_whole(contents: gathering.Contents, verified: Callable[[Files], list[Checked]]) -> None:
    whole = next(one for one in verified(dict(contents.files)) if "as a whole" in one.words)
    assert whole.good
    assert whole.words.startswith(
        "the dossier as a whole, signed at 2026-11-24 08:00:00 UTC: good signature of ops@prod1"
    )
    assert set(contents.files) - {"manifest.json", "manifest.json.sig"} == set(contents.manifest.files)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda files: refitted({**files, "README.txt": b"all is well"}), "altered: it is not what"),
        (lambda files: refitted(files, made_by="somebody"), "altered: it is not what"),
        (
            lambda files: {k: v for k, v in files.items() if not k.endswith("json.sig")},
            "by what it says, and not signed",
        ),
        (lambda files: {**files, "manifest.json.sig": b"nothing"}, "the signature is none"),
        (lambda files: refitted(files, signed_at=""), "does not say when it was signed"),
    ],
)
def test_what_was_changed_since_is_noticed(
    contents: gathering.Contents,
    verified: Callable[[Files], list[Checked]],
    change: Callable[[Files], Files],
    words: str,
) -> None:
    found = [one for one in verified(change(dict(contents.files))) if words in one.words]
    assert [one.good for one in found] == [False]


@pytest.mark.parametrize("moment", ["yesterday", "2026-11-24T08:00:00+01:00", 7])
def test_a_time_that_is_none_is_no_manifest(
    contents: gathering.Contents, verified: Callable[[Files], list[Checked]], moment: object
) -> None:
    with pytest.raises(Exception, match=r"no dossier: manifest\.json: manifest\.signed_at: expected"):
        verified(refitted(dict(contents.files), signed_at=moment))


def test_one_that_is_not_signed_says_so_and_fails_nothing(
    home: Path, verified: Callable[[Files], list[Checked]]
) -> None:
    found = verified(dict(gathering.gather(gathering.Wanted([home / "reports"])).files))
    assert [one.good for one in found if one.words.startswith("not signed as a whole")] == [True]


def test_reports_of_other_tools_are_said_not_to_be_judged_anew(
    contents: gathering.Contents, verified: Callable[[Files], list[Checked]]
) -> None:
    told = "made by another tool, which records nothing"
    said = [line.partition(": ")[2] for line in contents.lacking]
    assert said == [f"{told}: its verdicts will not be judged anew"] * 2
    lines = [one.words.partition(": ")[2] for one in verified(dict(contents.files)) if "judged anew: made" in one.words]
    assert lines == [f"2 verdicts not judged anew: {told}"] * 2
    assert contents.files["README.txt"].decode().count("tool: not said; its verdicts are not judged anew") == 2


def test_what_was_sent_first_counts_in_it_too(
    contents: gathering.Contents, verified: Callable[[Files], list[Checked]]
) -> None:
    counting = {row["testcase"]: row["report"] for row in contents.manifest.results}
    assert counting == {SYNTAX: "bbb", SEMANTICS: "bbb", ENTROPY: "aaa"}
    assert sorted(one.sent for one in contents.manifest.reports) == ["", "2026-11-20T21:00:00"]
    assert not [one for one in verified(dict(contents.files)) if "newest results are not" in one.words]


def test_a_pipe_is_no_dossier_and_is_not_waited_for(home: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "d.zip")
    with pytest.raises(InputError, match=r"cannot read the dossier .*: it is a pipe, not a file"):
        list(check_dossier(tmp_path / "d.zip", Verifier(home / "signers", any_signer=False)))


def test_a_full_disk_is_not_the_fault_of_a_dossier(
    contents: gathering.Contents, verified: Callable[[Files], list[Checked]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, *rest: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    def verify(files: Files) -> None:
        write = Path.write_bytes
        monkeypatch.setattr(
            Path, "write_bytes", lambda self, *rest: (write if self.name == "d.zip" else full)(self, *rest)
        )
        verified(files)

    with pytest.raises(NoTemporaryFile, match=r"no temporary file can be written: No space left.*TMPDIR"):
        verify(dict(contents.files))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("subject: prod1\nanswers:\n  scs-0121-x: [\n", True),
        ("{answers: 3, subject: prod1}\n", True),
        ("subject: prod1\nresults: {}\n# answers: none\n", False),
    ],
)
def test_answers_that_cannot_be_read_are_named(home: Path, text: str, said: bool) -> None:
    path = home / "reports/answers.yaml"
    path.write_text(text)
    try:
        lacking = gathering.gather(gathering.Wanted([home / "reports"])).lacking
    finally:
        path.unlink()
    assert [line for line in lacking if str(path) in line and "the answers in it are left out" in line] == [
        line for line in lacking if str(path) in line
    ]
    assert any(str(path) in line for line in lacking) is said


def test_the_command_signs_and_says_by_whom(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "d.zip"
    assert scs(["report", "dossier", str(home / "reports"), "-o", str(output), f"--sign={home / 'key'}"]) == 1
    assert ", signed as a whole by SHA256:" in capsys.readouterr().out
    with Archive(output) as archive:
        assert "manifest.json.sig" in archive.names
    assert scs(["report", "dossier", str(home / "reports"), "-o", str(tmp_path / "e.zip"), "--sign=/gone"]) == 4
    assert "/gone" in capsys.readouterr().err
    assert not (tmp_path / "e.zip").exists()
