# SPDX-License-Identifier: Apache-2.0
"""``scs report register``: what is printed, what is made, and that no secret is shown and nothing overwritten."""

from __future__ import annotations

import base64
import importlib
import shutil
import stat
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from ssh_keys import make_key, public

from pytest_scs.cli import main as scs
from pytest_scs.pipeline.configuration import read_configuration
from pytest_scs.pipeline.signing import registering

Capture = pytest.CaptureFixture[str]


class Hasher:
    """Quicker than argon2, which is slow on purpose; argon2 has a test of its own."""

    def hash(self, passphrase: str) -> str:
        """No secret in it."""
        return f"$hash${sum(passphrase.encode())}"


@pytest.fixture
def real_hash() -> None:
    """The test wants argon2."""


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    monkeypatch.chdir(tmp_path)
    if "real_hash" not in request.fixturenames:
        monkeypatch.setattr(registering, "_hasher", Hasher)


def register(capsys: Capture, *words: str) -> tuple[int, str, str]:
    code = scs(["report", "register", *words])
    said = capsys.readouterr()
    return code, said.out, said.err


def parts(text: str) -> tuple[Any, dict[str, Any]]:
    """The account (YAML) and the configuration (TOML) out of what is printed."""
    blocks: list[list[str]] = [[]]
    for line in text.split("\n"):
        if line.startswith("    "):
            blocks[-1].append(line[4:])
        elif blocks[-1]:
            blocks.append([])
    account, _, _, configuration = ["\n".join(block) for block in blocks if block]
    return yaml.safe_load(account), tomllib.loads(configuration)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_an_account_with_everything_new(tmp_path: Path, capsys: Capture) -> None:
    code, text, errors = register(capsys, "--scs-subject=prod1", "--group=acme", "--key-name=primary-2027")
    assert (code, errors) == (0, "")
    account, configuration = parts(text)
    kind, key = public(tmp_path / "secrets" / "prod1").split()
    token = (tmp_path / "secrets" / "prod1.token").read_text()
    subject, passphrase = base64.b64decode(token).decode().split(":")
    assert account == [
        {
            "subject": "prod1",
            "group": "acme",
            "api_keys": [Hasher().hash(passphrase)],
            "keys": [{"public_key": key, "public_key_type": kind, "public_key_name": "primary-2027"}],
        }
    ]
    assert "2. A row for group-acme " in text
    assert configuration == {"accounts": {"prod1": {"token_file": "secrets/prod1.token", "key": "secrets/prod1"}}}
    assert subject == "prod1"
    assert len(passphrase) >= 40
    assert token.count("\n") == 1
    assert token.endswith("\n")
    assert mode(tmp_path / "secrets") == 0o700
    assert mode(tmp_path / "secrets" / "prod1") == 0o600
    assert mode(tmp_path / "secrets" / "prod1.token") == 0o600
    assert sorted(path.name for path in (tmp_path / "secrets").iterdir()) == ["prod1", "prod1.pub", "prod1.token"]
    for secret in (passphrase, token.strip(), (tmp_path / "secrets" / "prod1").read_text().split("\n")[1]):
        assert secret not in text


def test_a_second_time_everything_is_taken(tmp_path: Path, capsys: Capture) -> None:
    _, first, _ = register(capsys, "--scs-subject=prod1")
    before = {path: path.read_bytes() for path in (tmp_path / "secrets").iterdir()}
    code, second, _ = register(capsys, "--scs-subject=prod1")
    assert code == 0
    assert {path: path.read_bytes() for path in (tmp_path / "secrets").iterdir()} == before
    assert first.replace("(made now)", "(was there)") == second


@pytest.mark.parametrize("name", ["own", "own.pub"])
def test_a_key_of_ones_own(tmp_path: Path, capsys: Capture, name: str) -> None:
    make_key(tmp_path / "own", "" if name == "own" else "a passphrase")
    code, text, _ = register(capsys, "--scs-subject=prod1", f"--key={name}", "--folder=deep/secrets")
    assert code == 0
    account, configuration = parts(text)
    assert account[0]["keys"][0]["public_key"] == public(tmp_path / "own").split()[1]
    assert configuration["accounts"]["prod1"] == {"token_file": "deep/secrets/prod1.token", "key": name}
    assert [path.name for path in (tmp_path / "deep" / "secrets").iterdir()] == ["prod1.token"]


def test_the_public_key_of_somebody_else_lies_beside_it(tmp_path: Path, capsys: Capture) -> None:
    make_key(tmp_path / "own")
    make_key(tmp_path / "other")
    mine = public(tmp_path / "own").split()[1]
    shutil.copy(tmp_path / "other.pub", tmp_path / "own.pub")
    _, text, _ = register(capsys, "--scs-subject=prod1", "--key=own")
    assert parts(text)[0][0]["keys"][0]["public_key"] == mine


@pytest.mark.parametrize(
    ("subject", "file"),
    [("acme-1.35", "acme-1.35"), ("../up", "_up"), ("Wölke 7", "W_lke_7"), ("a/b", "a_b"), ('x"]y', "x__y")],
)
def test_names_stay_in_the_folder_and_are_quoted(tmp_path: Path, capsys: Capture, subject: str, file: str) -> None:
    code, text, _ = register(capsys, f"--scs-subject={subject}")
    assert code == 0
    account, configuration = parts(text.removeprefix("not advisable: "))
    assert account[0]["subject"] == subject
    (tmp_path / "scs.toml").write_text(text[text.index("    [accounts") :].replace("\n    ", "\n").strip() + "\n")
    assert read_configuration(tmp_path / "scs.toml").accounts[subject].key == tmp_path / "secrets" / file
    assert configuration["accounts"][subject]["token_file"] == f"secrets/{file}.token"
    assert text.startswith("not advisable") == (file != "acme-1.35")
    assert [path.name for path in tmp_path.iterdir() if path.name != "scs.toml"] == ["secrets"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--scs-subject=a:b"], "--scs-subject: an account with ':' in its name cannot log in"),
        (["--scs-subject="], "--scs-subject: the name is empty"),
        (["--scs-subject=a\nb"], "--scs-subject: 'a\\nb' is no name"),
        (["--scs-subject=a", "--key-name= "], "--key-name: the name is empty"),
        (["--scs-subject=a", "--group=group-x"], "--group: the monitor puts 'group-' before the name itself"),
        (["--scs-subject=a", "--key=new.pub"], "--key: there is no new.pub; name the private key"),
        (["--scs-subject=a", "--key=."], "--key: cannot read the key .: it is a directory"),
        (["--scs-subject=a", "--folder=/proc/none"], "report register: cannot write /proc/none"),
    ],
)
def test_what_cannot_be_registered(tmp_path: Path, capsys: Capture, words: list[str], said: str) -> None:
    code, text, errors = register(capsys, *words)
    assert (code, text) == (4, "")
    assert said in errors
    assert errors.count("\n") == 1
    assert list(tmp_path.rglob("*")) == []


def test_a_public_key_without_its_private_one_is_not_overwritten(tmp_path: Path, capsys: Capture) -> None:
    make_key(tmp_path / "own")
    (tmp_path / "own").unlink()
    code, _, errors = register(capsys, "--scs-subject=a", "--key=own")
    assert code == 4
    assert "own.pub is there, but not own: give own.pub if the private key is in ssh-agent" in errors
    assert not (tmp_path / "secrets").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (base64.b64encode(b"other:words") + b"\n", "is of the account 'other', not of 'prod1'; it stays as it is"),
        (b"prod1:words\n", "is no token file: base64 of SUBJECT:PASSPHRASE in one line"),
        (base64.b64encode(b"prod1:"), "is no token file"),
        (b"", "is no token file"),
    ],
)
def test_a_token_file_of_something_else(tmp_path: Path, capsys: Capture, content: bytes, said: str) -> None:
    token = tmp_path / "secrets" / "prod1.token"
    token.parent.mkdir()
    token.write_bytes(content)
    token.chmod(0o600)
    code, _, errors = register(capsys, "--scs-subject=prod1")
    assert code == 4
    assert said in errors
    assert b"words" not in errors.encode()
    assert [path.name for path in token.parent.iterdir()] == ["prod1.token"]
    assert token.read_bytes() == content


def test_a_token_file_that_others_can_read(tmp_path: Path, capsys: Capture) -> None:
    token = tmp_path / "secrets" / "prod1.token"
    token.parent.mkdir()
    token.write_bytes(base64.b64encode(b"prod1:words"))
    token.chmod(0o640)
    code, _, errors = register(capsys, "--scs-subject=prod1")
    assert (code, "can be read by others; chmod 600" in errors) == (4, True)


@pytest.mark.usefixtures("real_hash")
def test_the_hash_is_one_that_the_monitor_takes(tmp_path: Path, capsys: Capture) -> None:
    argon2 = pytest.importorskip("argon2")
    _, text, _ = register(capsys, "--scs-subject=prod1")
    found = parts(text)[0][0]["api_keys"][0]
    assert found.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    token = base64.b64decode((tmp_path / "secrets" / "prod1.token").read_text()).decode()
    assert argon2.PasswordHasher().verify(found, token.removeprefix("prod1:"))


@pytest.mark.usefixtures("real_hash")
def test_without_argon2_nothing_is_made(tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "argon2", None)
    with pytest.raises(ImportError):
        importlib.import_module("argon2")
    code, _, errors = register(capsys, "--scs-subject=prod1")
    assert code == 4
    assert "needs argon2-cffi; install pytest-scs with its extra monitor" in errors
    assert list(tmp_path.iterdir()) == []
