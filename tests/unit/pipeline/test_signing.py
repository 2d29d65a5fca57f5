# SPDX-License-Identifier: Apache-2.0
"""Signing with the real ssh-keygen: what comes out, and what keeps a key from signing."""

from __future__ import annotations

import base64
import errno
import os
import shutil
import signal
import stat
import struct
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ssh_keys import PASSPHRASE, agent, fingerprint, load, make_key, sign

from pytest_scs.base.errors import InputError
from pytest_scs.base.home import expanded
from pytest_scs.cli import main as scs
from pytest_scs.pipeline.signing import signing, ssh_keygen
from pytest_scs.pipeline.signing.signature_places import replacing, signature_of
from pytest_scs.pipeline.signing.signatures import BadSignature, read_signature
from pytest_scs.pipeline.signing.signing import KeyFailed, Signer
from pytest_scs.pipeline.signing.signing_key import read_key
from pytest_scs.pipeline.signing.ssh_keygen import Answer

Capture = pytest.CaptureFixture[str]


def verified(report: Path) -> bool:
    command = [str(shutil.which("ssh-keygen")), "-Y", "check-novalidate", "-n", "report", "-s", f"{report}.sig"]
    with report.open("rb") as content:
        return subprocess.run(command, stdin=content, capture_output=True, check=False).returncode == 0


def refused(key: Path) -> str:
    """The one line that says why a key cannot sign."""
    with pytest.raises(InputError) as raised:
        Signer(key, "--scs-sign").try_out()
    text = str(raised.value)
    assert text.startswith("--scs-sign: ")
    assert "\n" not in text
    return text


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_every_kind_of_key_signs(tmp_path: Path, report: Path, kind: str) -> None:
    place = Signer(make_key(tmp_path / "key", kind=kind), "--key").sign(report)
    assert place == report.with_name("report.yaml.sig")
    assert verified(report)
    text = place.read_text("ascii")
    assert text.startswith("-----BEGIN SSH SIGNATURE-----\n")
    assert text.endswith("-----END SSH SIGNATURE-----\n")
    assert read_signature(text.encode()).namespace == "report"
    assert read_signature(text.encode()).fingerprint == fingerprint(tmp_path / "key")


def test_an_old_signature_is_replaced_without_a_question(report: Path, keys: Path) -> None:
    Signer(keys / "one", "--key").sign(report)
    report.write_text(report.read_text() + "\n")
    assert not verified(report)
    Signer(keys / "two", "--key").sign(report)
    assert verified(report)
    assert [path.name for path in report.parent.iterdir() if "sig" in path.name] == ["report.yaml.sig"]


def test_a_relative_name_and_one_that_looks_like_an_option(
    tmp_path: Path, keys: Path, report: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("-key", "näme mit blank"):
        shutil.copy(keys / "one", name)
        Signer(Path(name), "--key").sign(report)
        assert verified(report)


def test_a_passphrase_needs_the_agent(keys: Path) -> None:
    text = refused(keys / "locked")
    locked = keys / "locked"
    assert f"{locked} has a passphrase: load it into ssh-agent (ssh-add {locked}) and give {locked}.pub" in text


@pytest.mark.parametrize("name", ["locked", "locked.pub"])
def test_a_key_in_the_agent_signs(keys: Path, report: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with agent() as socket:
        load(keys / "locked", PASSPHRASE, socket)
        monkeypatch.setenv("SSH_AUTH_SOCK", socket)
        signer = Signer(keys / name, "--key")
        signer.try_out()
        signer.sign(report)
    assert verified(report)


def test_a_public_key_without_its_private_part(keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lonely = shutil.copy(keys / "locked.pub", tmp_path / "lonely.pub")
    text = refused(Path(lonely))
    assert (
        "is a public key, and no ssh-agent is running to have its private part; start one (eval $(ssh-agent))" in text
    )
    with agent() as socket:
        monkeypatch.setenv("SSH_AUTH_SOCK", socket)
        text = refused(Path(lonely))
    assert f"the ssh-agent does not have its private part; load it: ssh-add {tmp_path}/lonely" in text


def test_the_private_key_beside_a_public_one_tells_why_it_did_not_sign(keys: Path, tmp_path: Path) -> None:
    assert f"{keys}/locked has a passphrase: load it into ssh-agent" in refused(keys / "locked.pub")
    for name in ("one", "one.pub"):
        shutil.copy(keys / name, tmp_path / name)
    (tmp_path / "one").chmod(0o640)
    assert "one can be read by others (mode 0640)" in refused(tmp_path / "one.pub")


def test_no_window_asks_for_a_passphrase(keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = tmp_path / "ask"
    ask.write_text(f"#!/bin/sh\ntouch {tmp_path}/asked\necho wrong\n")
    ask.chmod(0o700)
    monkeypatch.setenv("SSH_ASKPASS", str(ask))
    monkeypatch.setenv("SSH_ASKPASS_REQUIRE", "force")
    monkeypatch.setenv("DISPLAY", ":9")
    refused(keys / "locked")
    assert not (tmp_path / "asked").exists()


def _mode(key: Path) -> None:
    key.chmod(0o644)


def _no_newline(key: Path) -> None:
    key.write_bytes(key.read_bytes().rstrip(b"\n"))


def _windows(key: Path) -> None:
    key.write_bytes(key.read_bytes().replace(b"\n", b"\r\n"))


def _cut(key: Path) -> None:
    key.write_bytes(b"\n".join(key.read_bytes().split(b"\n")[:3]) + b"\n")


def _empty(key: Path) -> None:
    key.write_bytes(b"\n")


def _other(key: Path) -> None:
    key.write_bytes(b"\x00\xffno key\n")


def _certificate(key: Path) -> None:
    key.write_bytes(b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")


def _large(key: Path) -> None:
    key.write_bytes(b"-----BEGIN OPENSSH PRIVATE KEY-----\n" * 10000)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_mode, "can be read by others (mode 0644), so ssh-keygen ignores it; chmod 600"),
        (_no_newline, "has no newline at its end, which ssh-keygen needs and secrets of CI systems lose; echo >>"),
        (_windows, "has line ends of Windows"),
        (_cut, "is no private key that ssh-keygen can read: it is damaged, or"),
        (_empty, "is empty; was the secret set?"),
        (_other, "is no SSH key; make one: ssh-keygen -t ed25519"),
        (_certificate, "is no private key of OpenSSH"),
        (_large, "it is larger than"),
        (Path.unlink, "No such file or directory; name a file that exists"),
    ],
)
def test_what_is_wrong_with_a_key_is_said_in_one_line(
    keys: Path, tmp_path: Path, spoil: Callable[[Path], None], words: str
) -> None:
    key = Path(shutil.copy(keys / "one", tmp_path / "key"))
    spoil(key)
    text = refused(key)
    assert words in text
    assert str(key) in text


def test_a_folder_and_a_pipe_are_no_keys(tmp_path: Path) -> None:
    assert "it is a directory, not a file" in refused(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    assert "it is a pipe" in refused(tmp_path / "pipe")


def test_an_old_key_in_pem_form_with_a_passphrase(tmp_path: Path) -> None:
    key = tmp_path / "old"
    command = [str(shutil.which("ssh-keygen")), "-q", "-t", "ecdsa", "-m", "PEM", "-N", "secret words", "-f", str(key)]
    subprocess.run(command, check=True)
    assert read_key(key, "--key").encrypted
    assert "has a passphrase" in refused(key)


def test_without_openssh(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert "there is no ssh-keygen on this machine; install OpenSSH" in refused(keys / "one")


def _blob(*parts: bytes) -> bytes:
    return b"".join(struct.pack(">L", len(part)) + part for part in parts)


@pytest.fixture
def security_key(tmp_path: Path) -> Path:
    """A file that says that its key is on hardware."""
    public = _blob(b"sk-ssh-ed25519@openssh.com", bytes(32), b"ssh:")
    blob = b"openssh-key-v1\0" + _blob(b"none", b"none", b"") + struct.pack(">L", 1) + _blob(public, bytes(64))
    key = tmp_path / "token"
    text = base64.encodebytes(blob).decode()
    key.write_text(f"-----BEGIN OPENSSH PRIVATE KEY-----\n{text}-----END OPENSSH PRIVATE KEY-----\n")
    key.chmod(0o600)
    return key


def test_a_security_key_is_waited_for_and_touched_once(
    security_key: Path, keys: Path, report: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """The hardware is played by another key; everything else is real."""
    waited: list[float] = []

    def played(program: str, arguments: list[str], content: bytes, **options: object) -> Answer:
        waited.append(float(str(options.get("seconds"))))
        words = [str(keys / "one") if word == str(security_key) else word for word in arguments]
        return ssh_keygen.run_ssh_keygen(program, words, content)

    monkeypatch.setattr(signing, "run_ssh_keygen", played)
    signer = Signer(security_key, "--scs-sign")
    signer.try_out()
    assert waited == []
    signer.sign(report)
    assert verified(report)
    assert waited == [ssh_keygen.PATIENCE_FOR_TOUCH]
    assert ssh_keygen.PATIENCE_FOR_TOUCH >= 60
    assert capsys.readouterr().err == "touch the key (token) to sign\n"


def test_a_touch_that_does_not_come(security_key: Path, report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "run_ssh_keygen", lambda *a, **k: Answer(-1, b"", (), late=True))
    with pytest.raises(InputError, match=r"token has not signed within 120 seconds; nobody touched it"):
        Signer(security_key, "--scs-sign").sign(report)
    assert not signature_of(report).exists()


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put another ssh-keygen ahead of the real one, which it knows as ``$REAL``."""

    def put(body: str) -> None:
        folder = tmp_path / "bin"
        folder.mkdir()
        place = folder / "ssh-keygen"
        place.write_text(f"#!/bin/sh\nREAL={shutil.which('ssh-keygen')}\n{body}\n")
        place.chmod(0o700)
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    return put


def test_a_program_that_does_not_answer_is_ended(
    keys: Path, program: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    program("sleep 300 & sleep 300")
    monkeypatch.setattr(signing, "PATIENCE", 0.2)
    assert "has not signed within 0.2 seconds; does the ssh-agent wait" in refused(keys / "one")


@pytest.mark.parametrize("output", ["", " >&2"])
def test_of_a_program_that_writes_without_end_little_is_read(
    keys: Path, program: Callable[[str], None], output: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(f"exec yes{output}")
    heard: list[Answer] = []

    def noted(*arguments: Any, **named: Any) -> Answer:
        heard.append(ssh_keygen.run_ssh_keygen(*arguments, **named))
        return heard[-1]

    monkeypatch.setattr(signing, "run_ssh_keygen", noted)
    assert "cannot sign; ssh-keygen says: " in refused(keys / "one")
    assert not heard[0].late
    assert len(heard[0].output) + sum(map(len, heard[0].words)) <= ssh_keygen.MOST + (1 << 16)


def test_what_a_program_leaves_behind_is_not_waited_for(
    keys: Path, report: Path, program: Callable[[str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an agent that it starts, and which holds its output open."""
    monkeypatch.setattr(ssh_keygen, "_GRACE", 0.2)
    program(f'setsid sleep 300 & echo $! >> {tmp_path}/left; exec $REAL "$@"')
    try:
        Signer(keys / "one", "--key").sign(report)
    finally:
        for number in (tmp_path / "left").read_text().split():
            os.kill(int(number), signal.SIGKILL)
    assert signature_of(report).exists()


@pytest.mark.parametrize(
    ("last", "why"),
    [("kill -SEGV $$", "it was ended by signal 11"), ("exit 3", "it ended with code 3"), ("echo no >&2; exit 1", "no")],
)
def test_what_cannot_be_checked_is_neither_good_nor_altered(
    keys: Path, report: Path, program: Callable[[str], None], capsys: pytest.CaptureFixture[str], last: str, why: str
) -> None:
    sign(keys / "one", report)
    program(f'if [ "$2" = check-novalidate ]; then cat >/dev/null; {last}; fi; exec $REAL "$@"')
    assert scs(["report", "verify", str(report)]) == 1
    said = capsys.readouterr().out
    assert f"nothing is proved by the signature of ssh-ed25519 {fingerprint(keys / 'one')}: " in said
    assert f"ssh-keygen cannot check it: {why}\n" in said
    with pytest.raises(KeyFailed, match=f"signed is not proved to be good: ssh-keygen cannot check it: {why}$"):
        Signer(keys / "one", "--key").sign(report)


def test_a_signature_of_something_else_is_none(keys: Path, report: Path, program: Callable[[str], None]) -> None:
    """As of a truncated file: it was made, and is of another content."""
    program('if [ "$2" = sign ]; then cat >/dev/null; echo other | exec $REAL "$@"; fi; exec $REAL "$@"')
    with pytest.raises(InputError, match="is no good signature of it"):
        Signer(keys / "one", "--key").sign(report)
    assert not signature_of(report).exists()


def test_a_place_for_temporary_files_that_is_full_is_said(
    keys: Path, report: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**rest: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    signer = Signer(keys / "one", "--scs-sign")
    monkeypatch.setattr(tempfile, "TemporaryDirectory", full)
    with pytest.raises(KeyFailed, match=r"^--scs-sign: no temporary file can be written: No space left on device; "):
        signer.sign(report)
    assert not signature_of(report).exists()


def test_no_signature_at_all_at_exit_code_0(keys: Path, report: Path, program: Callable[[str], None]) -> None:
    program("cat >/dev/null; exit 0")
    with pytest.raises(InputError, match="is no good signature of it; ssh-keygen says: nothing"):
        Signer(keys / "one", "--key").sign(report)


def test_a_report_that_changes_meanwhile_is_left_without_signature(
    keys: Path, report: Path, program: Callable[[str], None]
) -> None:
    program(f'if [ "$2" = sign ]; then echo "# more" >> {report}; fi; exec $REAL "$@"')
    with pytest.raises(InputError, match="has changed while it was signed, so it is not signed; sign again"):
        Signer(keys / "one", "--key").sign(report)
    assert not signature_of(report).exists()


def test_a_program_too_old_says_what_it_says(keys: Path, program: Callable[[str], None]) -> None:
    program("echo 'unknown option -- Y' >&2; exit 1")
    assert "cannot sign; ssh-keygen says: unknown option -- Y" in refused(keys / "one")


@pytest.mark.parametrize(
    "text",
    [b"", b"\xff", b"-----BEGIN SSH SIGNATURE-----\nU1NI!\n-----END SSH SIGNATURE-----\n", b"x" * 100_000]
    + [b"-----BEGIN SSH SIGNATURE-----\n%s\n-----END SSH SIGNATURE-----\n" % base64.b64encode(blob)
       for blob in (b"SSHSIG", b"SSHSIG\0\0\0\1\xff\xff\xff\xff", b"SSHSIG\0\0\0\1\0\0\0\2ab")],
)  # fmt: skip
def test_what_is_no_signature(text: bytes) -> None:
    with pytest.raises(BadSignature):
        read_signature(text)


def test_a_signature_lies_there_again_where_its_file_was_not_replaced(report: Path, keys: Path) -> None:
    place = sign(keys / "one", report)
    before = place.read_bytes()
    with pytest.raises(FileNotFoundError), replacing(report):
        place.unlink()  # it is not there meanwhile
    assert place.read_bytes() == before
    with replacing(report) as stuck:
        pass
    assert stuck == []
    assert not [path.name for path in report.parent.iterdir() if "sig" in path.name]


def test_the_signature_beside_what_a_link_leads_to(report: Path, keys: Path, tmp_path: Path) -> None:
    sign(keys / "one", report)
    link = tmp_path / "latest.yaml"
    link.symlink_to(report)
    with replacing(link):
        pass
    assert not signature_of(report).exists()


def test_sign_command(report: Path, keys: Path, capsys: Capture) -> None:
    assert scs(["report", "sign", str(report), f"--key={keys / 'one'}"]) == 0
    assert capsys.readouterr().out == f"{report}: signed: {report}.sig\n"
    assert verified(report)
    assert stat.S_IMODE(signature_of(report).stat().st_mode) == stat.S_IMODE(report.stat().st_mode)
    assert scs(["report", "sign", str(report), f"--key={keys / 'two'}"]) == 0
    assert f"(in place of that by {fingerprint(keys / 'one')})" in capsys.readouterr().out


def test_sign_command_signs_nothing_where_one_is_no_report(report: Path, keys: Path, capsys: Capture) -> None:
    other = report.with_name("other.yaml")
    other.write_text("a: b\n")
    assert scs(["report", "sign", str(report), str(other), f"--key={keys / 'one'}"]) == 4
    assert f"{other}: no SCS report" in capsys.readouterr().err
    assert not signature_of(report).exists()
    assert scs(["report", "sign", str(report.parent), f"--key={keys / 'one'}"]) == 4
    assert "is a folder; name the reports" in capsys.readouterr().err


def test_sign_command_and_a_key_that_cannot(report: Path, keys: Path, capsys: Capture) -> None:
    sign(keys / "one", report)
    before = signature_of(report).read_bytes()
    assert scs(["report", "sign", str(report), f"--key={keys / 'locked'}"]) == 4
    assert "has a passphrase: load it into ssh-agent" in capsys.readouterr().err
    assert signature_of(report).read_bytes() == before


def test_no_program_of_the_current_folder_signs(keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports lie there, which others have made; an empty entry of PATH, or one with a dot, means that folder."""
    (tmp_path / "bin").mkdir()
    for place in (tmp_path, tmp_path / "bin"):
        (place / "ssh-keygen").write_text("#!/bin/sh\ntouch started\n")
        (place / "ssh-keygen").chmod(0o755)
    real = os.path.dirname(str(shutil.which("ssh-keygen")))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.pathsep.join(["", ".", "bin", real]))
    Signer(keys / "one", "--key").try_out()
    monkeypatch.setenv("PATH", os.pathsep.join(["", ".", "bin"]))
    assert "there is no ssh-keygen on this machine" in refused(keys / "one")
    monkeypatch.setenv("PATH", "")
    assert "there is no ssh-keygen on this machine" in refused(keys / "one")
    assert not (tmp_path / "started").exists()


@pytest.mark.parametrize("option", ["--key", "--signers", "--folder"])
def test_a_home_folder_of_nobody(option: str) -> None:
    with pytest.raises(InputError, match=f"^{option}: ~nobody-has-it/x: there is no home folder '~nobody-has-it'"):
        expanded(Path("~nobody-has-it/x"), option)
