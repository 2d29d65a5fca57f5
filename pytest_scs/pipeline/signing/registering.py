# SPDX-License-Identifier: Apache-2.0
"""An account at the compliance monitor: its key, its passphrase, and what people have to enter there.

The monitor has no page to register: its operators merge an account into its bootstrap file, and a row into its list.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import importlib
import json
import os
import re
import secrets
from pathlib import Path
from typing import Any

import yaml

from pytest_scs.base.errors import InputError
from pytest_scs.base.files import create_atomically, read_bytes, why_unreadable, why_unwritable
from pytest_scs.base.private_files import PRIVATE, open_private_folder, read_private
from pytest_scs.base.signals import temporary_folder
from pytest_scs.base.words import install
from pytest_scs.pipeline.signing.signing_key import SigningKey, read_key
from pytest_scs.pipeline.signing.ssh_keygen import find_ssh_keygen, run_ssh_keygen

#: What names of files are made of; everything else in a subject's name becomes ``_``.
_NO_FILE_NAME = re.compile(r"[^A-Za-z0-9_.-]")

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")

_MAX_TOKEN = 4096
_MAX_KEY = 1 << 16


@dataclasses.dataclass(frozen=True, slots=True)
class Registration:
    """An account as the monitor's operators need it. ``made`` are the files that are new."""

    subject: str
    group: str
    key_name: str
    key: Path
    token_file: Path
    key_type: str
    public_key: str
    password_hash: str
    made: tuple[Path, ...]

    @property
    def account(self) -> str:
        """The entry of the bootstrap file (YAML)."""
        entry: dict[str, Any] = {"subject": self.subject}
        if self.group:
            entry["group"] = self.group
        entry["api_keys"] = [self.password_hash]
        entry["keys"] = [
            {"public_key": self.public_key, "public_key_type": self.key_type, "public_key_name": self.key_name}
        ]
        text: str = yaml.safe_dump([entry], sort_keys=False, allow_unicode=True, width=2**31 - 1)
        return text

    @property
    def row(self) -> str:
        """What the row of the overview is about: the subject, or the group it is in."""
        return f"group-{self.group}" if self.group else self.subject

    @property
    def configuration(self) -> str:
        """The lines of ``--scs-config`` (TOML)."""
        name = self.subject if _BARE_KEY.fullmatch(self.subject) else json.dumps(self.subject, ensure_ascii=False)
        files = {"token_file": self.token_file, "key": self.key}
        lines = [f"{word} = {json.dumps(str(path), ensure_ascii=False)}" for word, path in files.items()]
        return "\n".join([f"[accounts.{name}]", *lines]) + "\n"


def register(subject: str, group: str, key_name: str, key: Path | None, folder: Path) -> Registration:
    """Make key pair and passphrase, or take those there are; nothing is overwritten.

    ``key`` is the key to take, or where to make one; else it is named after the subject in ``folder``, as the file of
    the passphrase is. Raises InputError.
    """
    hasher = _hasher()
    name = _NO_FILE_NAME.sub("_", subject).lstrip(".-") or "subject"
    key = key or folder / name
    token_file = folder / f"{name}.token"
    program = find_ssh_keygen("report register")
    passphrase = _known_passphrase(token_file, subject)
    made: list[Path] = []
    try:
        found, new = _key(program, key, subject)
        made += new
        kind, public = _public(program, found)
        if passphrase is None:
            passphrase = secrets.token_urlsafe(32)
            open_private_folder(token_file.parent)
            create_atomically(token_file, base64.b64encode(f"{subject}:{passphrase}".encode()) + b"\n", PRIVATE)
            made.append(token_file)
    except OSError as error:
        where = error.filename2 or error.filename or token_file
        raise InputError(f"report register: cannot write {where}: {why_unwritable(error)}") from None
    return Registration(subject, group, key_name, key, token_file, kind, public, hasher.hash(passphrase), tuple(made))


def _hasher() -> Any:
    try:
        return importlib.import_module("argon2").PasswordHasher()
    except ImportError:
        raise InputError(
            f"report register: the monitor wants an argon2 hash, which needs argon2-cffi; {install('monitor')}"
        ) from None


def _known_passphrase(path: Path, subject: str) -> str | None:
    """The passphrase in a token file that is there, None if none is; raises InputError if it is of somebody else."""
    try:
        content, mode = read_private(path, _MAX_TOKEN)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"report register: cannot read {path}: {why_unreadable(error)}") from None
    if mode:
        raise InputError(f"report register: {path} can be read by others; chmod 600 {path}")
    try:
        user, colon, passphrase = base64.b64decode(content.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        user = colon = passphrase = ""
    if not colon or not passphrase:
        raise InputError(
            f"report register: {path} is no token file: base64 of SUBJECT:PASSPHRASE in one line; it stays as it is"
        )
    if user != subject:
        raise InputError(f"report register: {path} is of the account {user!r}, not of {subject!r}; it stays as it is")
    return passphrase


def _key(program: str, path: Path, comment: str) -> tuple[SigningKey, list[Path]]:
    """The key of a file; it is made where there is none. Returns the files made, too."""
    if os.path.lexists(path):
        return read_key(path, "--key"), []
    public = path.with_name(f"{path.name}.pub")
    if os.path.lexists(public):
        raise InputError(
            f"--key: {public} is there, but not {path}: give {public} if the private key is in ssh-agent or on "
            "hardware, or another name"
        )
    if path.suffix == ".pub":
        raise InputError(f"--key: there is no {path}; name the private key that is to be made")
    open_private_folder(path.parent)
    with temporary_folder(".scs-key-", path.parent) as folder:
        place = folder / "key"
        arguments = ["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(place)]
        answer = run_ssh_keygen(program, arguments, b"")
        if answer.code:
            raise InputError(f"report register: no key could be made; ssh-keygen says: {answer.reason}")
        create_atomically(path, place.read_bytes(), PRIVATE)
        create_atomically(public, place.with_name("key.pub").read_bytes(), 0o644)
    return read_key(path, "--key"), [path, public]


def _public(program: str, key: SigningKey) -> tuple[str, str]:
    """Type and public key of a key; raises InputError."""
    place = key.public_path
    if key.public or key.encrypted:
        try:
            content = read_bytes(place, _MAX_KEY)
        except OSError as error:
            raise InputError(f"--key: cannot read the public key {place}: {why_unreadable(error)}") from None
    else:
        # What lies beside it may be of another key.
        answer = run_ssh_keygen(program, ["-y", "-P", "", "-f", str(key.path.absolute())], b"")
        if answer.code:
            raise InputError(f"--key: {key.path} does not tell its public key; ssh-keygen says: {answer.reason}")
        content = answer.output
    kind, _, rest = content.decode("utf-8", "replace").strip().partition(" ")
    public = rest.split(" ")[0]
    if not public.startswith("AAAA"):
        raise InputError(f"--key: {place} is no public key of OpenSSH")
    return kind, public
