# SPDX-License-Identifier: Apache-2.0
"""Signing report files: ``NAME.yaml.sig`` beside ``NAME.yaml``, as the compliance monitor wants it (docs/reports.md).

The content goes in on standard input and the signature comes out on standard output: given a file name and an old
signature, ``ssh-keygen`` keeps the old one without a word.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from pytest_scs.base.errors import InputError
from pytest_scs.base.files import read_bytes, why_unreadable, why_unwritable, write_atomically
from pytest_scs.pipeline.signing.signature_places import drop_signature, signature_of
from pytest_scs.pipeline.signing.signatures import BadSignature, UncheckedSignature, is_intact, read_signature
from pytest_scs.pipeline.signing.signing_key import SigningKey, read_key
from pytest_scs.pipeline.signing.ssh_keygen import (
    NAMESPACE,
    PATIENCE,
    PATIENCE_FOR_TOUCH,
    Answer,
    find_ssh_keygen,
    run_ssh_keygen,
)
from pytest_scs.reports.scs.reader import MAX_BYTES

_TRIAL = b"a text to try the key with, before a run takes its time\n"


class KeyFailed(InputError):
    """A key did not sign, and will not sign anything else, either."""


class Signer:
    """Signs files with one key; messages begin with the ``option`` that named it."""

    def __init__(self, path: Path, option: str) -> None:
        """Raises InputError for a key that cannot sign, as far as its file tells."""
        self.option = option
        self.program = find_ssh_keygen(option)
        self.key = read_key(path, option)

    def try_out(self) -> None:
        """Sign a text with it, and raise InputError if that does not work.

        Not with a security key: nobody wants to touch it when the run begins, and again when it ends.
        """
        if not self.key.hardware:
            self.signature(_TRIAL)

    def sign(self, path: Path) -> Path:
        """Write the signature of a file beside it, in place of an earlier one; returns where.

        Raises InputError, and leaves no signature then: not one that was there, either, if it is none of this content.
        """
        place = signature_of(path)
        try:
            content = read_bytes(path, MAX_BYTES)
        except OSError as error:
            raise InputError(f"{self.option}: cannot read {path}: {why_unreadable(error)}") from None
        signature = self.signature(content)
        try:
            write_atomically(place, signature.decode("ascii"))
        except OSError as error:
            raise InputError(f"{self.option}: cannot write {place}: {why_unwritable(error)}") from None
        try:
            written = is_intact(self.program, read_bytes(path, MAX_BYTES), read_bytes(place, MAX_BYTES))
        except (OSError, BadSignature):
            written = False
        if not written:
            with contextlib.suppress(OSError):
                drop_signature(path)
            raise InputError(f"{self.option}: {path} has changed while it was signed, so it is not signed; sign again")
        return place

    def signature(self, content: bytes) -> bytes:
        """The signature of a content, armored, once it has been verified; raises InputError."""
        answer = self._answer(content)
        try:
            intact = answer.code == 0 and is_intact(self.program, content, answer.output)
        except UncheckedSignature as error:
            raise KeyFailed(f"{self.option}: what {self.key.path} signed is not proved to be good: {error}") from None
        except BadSignature:
            intact = False
        except OSError as error:
            raise KeyFailed(f"{self.option}: {error.strerror or error}") from None
        if answer.code or answer.late:
            raise KeyFailed(f"{self.option}: {_why(self.key, answer)}")
        if not intact:
            raise KeyFailed(
                f"{self.option}: what {self.key.path} signed is no good signature of it; ssh-keygen says: "
                f"{answer.reason if answer.words else 'nothing'}"
            )
        return answer.output

    def _answer(self, content: bytes) -> Answer:
        environ = dict(os.environ)
        if self.key.hardware:
            sys.stderr.write(f"touch the key ({self.key.path.name}) to sign\n")
            sys.stderr.flush()
        else:
            # A window that asks for a passphrase would be waited for, in a run that nobody looks at.
            environ["SSH_ASKPASS_REQUIRE"] = "never"
        seconds = PATIENCE_FOR_TOUCH if self.key.hardware else PATIENCE
        arguments = ["-Y", "sign", "-n", NAMESPACE, "-f", str(self.key.path.absolute())]
        try:
            return run_ssh_keygen(self.program, arguments, content, seconds=seconds, environ=environ)
        except OSError as error:
            raise KeyFailed(f"{self.option}: cannot run {self.program}: {error.strerror or error}") from None


def signed_by(path: Path) -> str:
    """The fingerprint of the key that a file's signature names, empty where there is no signature that can be read."""
    try:
        return read_signature(read_bytes(signature_of(path), MAX_BYTES)).fingerprint
    except (OSError, BadSignature):
        return ""


def _why(key: SigningKey, answer: Answer) -> str:
    """Why ssh-keygen could not sign, and what to do."""
    path = key.path
    if answer.late:
        what = "nobody touched it" if key.hardware else "does the ssh-agent wait for somebody to confirm it?"
        seconds = PATIENCE_FOR_TOUCH if key.hardware else PATIENCE
        return f"{path} has not signed within {seconds} seconds; {what}"
    if key.public:
        private = path.with_suffix("") if path.suffix == ".pub" else path
        if private != path and (why := _why_private(private)):
            return why
        agent = "the ssh-agent does not have" if os.environ.get("SSH_AUTH_SOCK") else "no ssh-agent is running to have"
        begin = "" if os.environ.get("SSH_AUTH_SOCK") else "start one (eval $(ssh-agent)), and "
        return f"{path} is a public key, and {agent} its private part; {begin}load it: ssh-add {private}"
    if key.encrypted:
        return (
            f"{path} has a passphrase: load it into ssh-agent (ssh-add {path}) and give {key.public_path}, "
            "or make a key without one for signing alone"
        )
    if any("load public key" in word for word in answer.words):
        # A key in PEM form tells its public part to nobody.
        return (
            f"{path} is no private key that ssh-keygen can read: it is damaged, or {key.public_path} is missing beside "
            f"it (ssh-keygen -y -f {path} > {key.public_path})"
        )
    return f"{path} cannot sign; ssh-keygen says: {answer.reason}"


def _why_private(path: Path) -> str:
    """Why ``ssh-keygen`` did not take the private key beside a public one; empty if that is not there."""
    if not path.exists():
        return ""
    try:
        key = read_key(path, "")
    except InputError as error:
        return str(error).removeprefix(": ")
    return f"{path} has a passphrase: load it into ssh-agent (ssh-add {path})" if key.encrypted else ""
