# SPDX-License-Identifier: Apache-2.0
"""``scs report verify``: whose signature it is, of what, and at what time, with the real ssh-keygen."""

from __future__ import annotations

import base64
import datetime as dt
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from report_text import render
from ssh_keys import fingerprint, public, sign

from pytest_scs.cli import main as scs
from pytest_scs.core.results import Run
from pytest_scs.pipeline.signing.verifying import Verifier

Verify = Callable[..., tuple[int, str]]


@pytest.fixture
def verify(report: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Verify:
    """Verify the report against lines of signers; exit code and output."""

    def run(*lines: str, more: tuple[str, ...] = (), place: Path = report) -> tuple[int, str]:
        signers = tmp_path / "signers.txt"
        signers.write_text("".join(f"{line}\n" for line in lines))
        words = [f"--signers={signers}"] if lines else []
        code = scs(["report", "verify", str(place), *words, *more])
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


@pytest.fixture
def one(keys: Path) -> str:
    return public(keys / "one")


def test_a_good_signature(report: Path, keys: Path, one: str, verify: Verify) -> None:
    sign(keys / "one", report)
    code, said = verify("# who", f'ops@prod1 namespaces="report" {one} comment')
    assert code == 0
    assert said == (
        f"{report}: good signature of ops@prod1 (ssh-ed25519 {fingerprint(keys / 'one')}), "
        "valid at the time of the check\n"
    )


@pytest.fixture(params=["UTC", "America/Los_Angeles"])
def zone(request: pytest.FixtureRequest) -> Iterator[str]:
    """The time zone of this machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", request.param)
        time.tzset()
        yield request.param
    time.tzset()


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ('valid-before="20260616"', "good signature of ops"),
        ('valid-after="20260601",valid-before="20260701"', "good signature of ops"),
        (
            'valid-before="202606151203"',
            "the key had expired at the time of the check, 2026-06-15 12:03:44 UTC (line 1)",
        ),
        ('valid-before="202606151204"', "good signature of ops"),
        ('valid-after="202606151204"', "the key was not valid yet at the time of the check"),
        (
            'namespaces="git"',
            'the key cannot be used: line 1: key is not permitted for use in signature namespace "report"',
        ),
        ('namespaces="git,report"', "good signature of ops"),
    ],
)
def test_the_key_counts_at_the_time_of_the_check(
    report: Path,
    keys: Path,
    one: str,
    verify: Verify,
    times: str,
    words: str,
    zone: str,
) -> None:
    """The report is of 2026-06-15 12:03:44 UTC; times of signers are UTC, wherever this machine is."""
    sign(keys / "one", report)
    code, said = verify(f"ops {times} {one}")
    assert words in said
    assert code == (0 if words.startswith("good") else 1)


def test_a_second_line_of_the_same_key_counts_too(report: Path, keys: Path, one: str, verify: Verify) -> None:
    sign(keys / "one", report)
    code, said = verify(f'ops namespaces="git" {one}', f'ops valid-after="20260101" {one}')
    assert (code, "good signature of ops" in said) == (0, True)


def test_a_key_with_several_names(report: Path, keys: Path, one: str, verify: Verify) -> None:
    sign(keys / "one", report)
    code, said = verify(f"!nobody@x,*@prod1 {one}")
    assert (code, "good signature of *@prod1" in said) == (0, True)


def test_an_unknown_key(report: Path, keys: Path, verify: Verify, tmp_path: Path) -> None:
    sign(keys / "one", report)
    key = f"(ssh-ed25519 {fingerprint(keys / 'one')})"
    assert verify() == (1, f"{report}: intact, signed by an unknown key {key}\n")
    assert verify(more=("--any-signer",)) == (0, f"{report}: intact, signed by an unknown key {key}\n")
    other = f"ops {public(keys / 'two')}"
    code, said = verify(other)
    assert (code, said) == (
        1,
        f"{report}: intact, signed by an unknown key {key}, which is not in {tmp_path}/signers.txt\n",
    )
    assert verify(other, more=("--any-signer",))[0] == 0


def test_an_expired_key_is_not_any_key(report: Path, keys: Path, one: str, verify: Verify) -> None:
    sign(keys / "one", report)
    assert verify(f'ops valid-before="20200101" {one}', more=("--any-signer",))[0] == 1


def _altered(report: Path, keys: Path) -> None:
    sign(keys / "one", report)
    report.write_text(report.read_text().replace(": 1", ": 0", 1))


def _namespace(report: Path, keys: Path) -> None:
    sign(keys / "one", report, "file")


def _missing(report: Path, keys: Path) -> None:
    return


def _none(report: Path, keys: Path) -> None:
    report.with_name("report.yaml.sig").write_text("-----BEGIN PGP SIGNATURE-----\n")


def _folder(report: Path, keys: Path) -> None:
    report.with_name("report.yaml.sig").mkdir()


def _other_key_inside(report: Path, keys: Path) -> None:
    """A signature that names a key which did not make it."""
    place = sign(keys / "two", report)
    lines = place.read_text().split("\n")
    blob = base64.b64decode("".join(lines[1:-2]))
    names = [base64.b64decode(public(keys / name).split()[1]) for name in ("two", "one")]
    text = base64.b64encode(blob.replace(*names)).decode()
    place.write_text(f"{lines[0]}\n{text}\n-----END SSH SIGNATURE-----\n")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_altered, "altered: it is not what ssh-ed25519 SHA256:"),
        (_other_key_inside, "altered: it is not what ssh-ed25519 SHA256:"),
        (_namespace, "signed for another purpose: namespace 'file' instead of 'report'"),
        (_missing, "not signed: there is no report.yaml.sig beside it (scs report sign "),
        (_none, "the signature is none: it does not begin with -----BEGIN SSH SIGNATURE-----"),
        (_folder, "report.yaml.sig cannot be read: it is a directory"),
    ],
)
def test_what_proves_nothing_says_why(
    report: Path, keys: Path, one: str, verify: Verify, spoil: Callable[[Path, Path], None], words: str
) -> None:
    spoil(report, keys)
    for more in ((), ("--any-signer",)):
        code, said = verify(f"ops {one}", more=more)
        assert code == 1
        assert words in said
        assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["# nobody"], "signers.txt has no signer; a line is: NAME"),
        (["ops ssh-ed25519"], "signers.txt has no signer"),
        (["\x00\x01"], "signers.txt has no signer"),
    ],
)
def test_signers_that_are_none(report: Path, keys: Path, verify: Verify, lines: list[str], words: str) -> None:
    sign(keys / "one", report)
    code, said = verify(*lines)
    assert (code, words in said) == (4, True)


def test_signers_that_cannot_be_read(report: Path, verify: Verify) -> None:
    code, said = verify(more=(f"--signers={report.parent}/none",))
    assert code == 4
    assert "--signers: cannot read" in said


def test_several_documents_have_one_signature_which_counts_at_the_time_of_each(
    report: Path, keys: Path, one: str, verify: Verify, make_run: Callable[..., Run]
) -> None:
    later = make_run(specs=["iaas-v5.1"], now="2026-08-01T00:00:00+00:00")
    report.write_text(report.read_text() + render(later))
    sign(keys / "one", report)
    assert verify(f"ops {one}")[0] == 0
    code, said = verify(f'ops valid-before="20260701" {one}')
    assert code == 1
    assert "had expired at the time of the check, 2026-08-01 00:00:00 UTC" in said


def test_a_folder_has_each_copy_of_a_report_verified(report: Path, keys: Path, one: str, verify: Verify) -> None:
    sign(keys / "one", report)
    copy = report.parent / "deep" / "copy.yaml"
    copy.parent.mkdir()
    copy.write_bytes(report.read_bytes())
    (report.parent / "notes.txt").write_text("x")
    code, said = verify(f"ops {one}", place=report.parent)
    assert code == 1
    assert f"{report}: good signature of ops" in said
    assert f"{copy}: not signed" in said
    sign(keys / "one", copy)
    assert verify(f"ops {one}", place=report.parent)[0] == 0


def test_a_folder_without_reports(tmp_path: Path, verify: Verify) -> None:
    (tmp_path / "empty").mkdir()
    code, said = verify(place=tmp_path / "empty")
    assert (code, "there is no report (*.yaml, *.json) in this folder" in said) == (4, True)


def test_what_is_no_report(tmp_path: Path, verify: Verify) -> None:
    (tmp_path / "x.yaml").write_text("a: b\n")
    code, said = verify(place=tmp_path / "x.yaml")
    assert (code, "no SCS report" in said) == (4, True)


def test_a_report_of_a_time_that_no_key_knows(report: Path, keys: Path, one: str, verify: Verify) -> None:
    report.write_text(report.read_text().replace("checked_at: 2026-06-15", "checked_at: 0001-06-15"))
    sign(keys / "one", report)
    code, said = verify(f"ops {one}")
    assert code == 1
    assert "no key was valid at the time of the check (0001-06-15" in said


def test_signers_with_a_mark_at_the_beginning_and_line_ends_of_windows(
    report: Path, keys: Path, one: str, verify: Verify
) -> None:
    sign(keys / "one", report)
    code, said = verify(f"\ufeffops {one}\r")
    assert (code, "good signature of ops (" in said) == (0, True)


def test_a_name_that_no_command_line_takes(report: Path, keys: Path, one: str, verify: Verify) -> None:
    sign(keys / "one", report)
    code, said = verify(f"{'x' * 200_000} {one}")
    assert (code, "cannot be used" in said, len(said) < 1000) == (1, True, True)


def test_what_was_read_of_the_signers_counts(report: Path, keys: Path, one: str, tmp_path: Path) -> None:
    signers = tmp_path / "signers"
    signers.write_text(f"ops {one}\n")
    verifier = Verifier(signers, any_signer=False)
    signers.write_text(f"somebody {one}\n")
    checked = verifier.check(report.read_bytes(), sign(keys / "one", report).read_bytes(), {dt.datetime(2026, 11, 1)})
    assert "good signature of ops (" in checked.words
