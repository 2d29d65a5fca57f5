# SPDX-License-Identifier: Apache-2.0
"""Signatures of OpenSSH as data, and whether one is that of a content (PROTOCOL.sshsig of OpenSSH)."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pytest_scs.base.signals import NoTemporaryFile, temporary_folder
from pytest_scs.pipeline.signing.ssh_keygen import NAMESPACE, run_ssh_keygen

#: How a signature begins and ends; the monitor looks for the end where signature and report come in one body.
BEGIN, END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"

#: Larger than any signature: those of RSA keys have some thousand bytes.
MAX_SIGNATURE = 1 << 16

_MAGIC = b"SSHSIG"

# What ssh-keygen says where a signature is none of the content.
_OF_SOMETHING_ELSE = "incorrect signature"


class BadSignature(ValueError):
    """What should be a signature is none; the text says why."""


class UncheckedSignature(BadSignature):
    """It may be one, but ``ssh-keygen`` does not tell what of; the text says why."""


@dataclasses.dataclass(frozen=True, slots=True)
class Signature:
    """A signature: its armored text, what it was made for, and the public key that made it."""

    armored: bytes
    namespace: str
    kind: str
    fingerprint: str

    @property
    def key(self) -> str:
        """The key in words: ``ssh-ed25519 SHA256:...``."""
        return f"{self.kind} {self.fingerprint}"


def read_signature(armored: bytes) -> Signature:
    """Read a signature file; raises BadSignature."""
    if len(armored) > MAX_SIGNATURE:
        raise BadSignature(f"it is larger than {MAX_SIGNATURE >> 10} KiB")
    try:
        lines = armored.decode("ascii").rstrip("\n").split("\n")
    except UnicodeDecodeError:
        raise BadSignature("it is no text") from None
    if lines[0] != BEGIN or lines[-1] != END:
        raise BadSignature(f"it does not begin with {BEGIN} and end with {END}")
    try:
        blob = base64.b64decode("".join(lines[1:-1]), validate=True)
    except binascii.Error:
        raise BadSignature("it is damaged") from None
    if not blob.startswith(_MAGIC) or len(blob) < 10:
        raise BadSignature("it is damaged")
    public, rest = _string(blob[10:])
    namespace, _ = _string(rest)
    kind, _ = _string(public)
    text = namespace.decode("utf-8", "replace"), kind.decode("utf-8", "replace")
    return Signature(armored, *text, fingerprint_of(public))


def fingerprint_of(public: bytes) -> str:
    """The fingerprint of a public key (its binary form), as OpenSSH writes it: ``SHA256:...``."""
    return f"SHA256:{base64.b64encode(hashlib.sha256(public).digest()).decode().rstrip('=')}"


def is_intact(program: str, content: bytes, armored: bytes) -> bool:
    """Whether a signature, made as one of a report, is that of a content, by whatever key.

    ``program`` is ``ssh-keygen``. Raises BadSignature if it is none, UncheckedSignature, and OSError.
    """
    read_signature(armored)
    with signature_file(armored) as path:
        answer = run_ssh_keygen(program, ["-Y", "check-novalidate", "-n", NAMESPACE, "-s", str(path)], content)
    # That it was altered accuses somebody; a program that crashes, or does not know the kind of key, is no proof.
    if answer.code and not any(_OF_SOMETHING_ELSE in word for word in answer.words):
        raise UncheckedSignature(f"ssh-keygen cannot check it: {answer.reason}")
    return answer.code == 0


@contextmanager
def signature_file(armored: bytes, signers: bytes = b"") -> Iterator[Path]:
    """A file with a signature, as ``ssh-keygen`` wants it, beside one with ``signers``; gone afterwards.

    Raises NoTemporaryFile.
    """
    with temporary_folder("scs-signature-") as folder:
        path = folder / "signature"
        try:
            path.write_bytes(armored)
            signers_beside(path).write_bytes(signers)
        except OSError as error:
            raise NoTemporaryFile(error) from None
        yield path


def signers_beside(signature: Path) -> Path:
    """Where the signers lie that may have made the signature in a file of :func:`signature_file`."""
    return signature.with_name("signers")


def _string(blob: bytes) -> tuple[bytes, bytes]:
    """The first text of SSH's binary form, and what follows it; raises BadSignature where it ends too early."""
    length = int.from_bytes(blob[:4])
    if len(blob) < 4 + length:
        raise BadSignature("it is damaged")
    return blob[4 : 4 + length], blob[4 + length :]
