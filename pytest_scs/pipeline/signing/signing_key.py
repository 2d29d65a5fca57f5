# SPDX-License-Identifier: Apache-2.0
"""The key that reports are signed with: what kind of file it is, and what ``ssh-keygen`` would only stumble over."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import os
import stat
from pathlib import Path

from pytest_scs.base.errors import InputError
from pytest_scs.base.files import read_bytes, why_unreadable

#: Larger than any key.
MAX_BYTES = 1 << 17

_BEGIN = b"-----BEGIN "
_OPENSSH = b"openssh-key-v1\0"
_PUBLIC = (b"ssh-", b"ecdsa-", b"sk-")
_HARDWARE = (b"sk-ssh-", b"sk-ecdsa-")
_ENCRYPTED_PEM = (b"Proc-Type: 4,ENCRYPTED", b"-----BEGIN ENCRYPTED PRIVATE KEY")


@dataclasses.dataclass(frozen=True, slots=True)
class SigningKey:
    """A key file. ``public``: only the public key, of which the ssh-agent has the other part.

    ``encrypted``: it has a passphrase; ``hardware``: a security key signs, which waits for a touch.
    """

    path: Path
    public: bool
    encrypted: bool
    hardware: bool

    @property
    def public_path(self) -> Path:
        """The file of its public key."""
        return self.path if self.public else self.path.with_name(f"{self.path.name}.pub")


def read_key(path: Path, option: str) -> SigningKey:
    """Look at a key file; raises InputError, which begins with the option, for what cannot sign."""
    content = _content(path, option)
    if content.startswith(_PUBLIC):
        return SigningKey(path, True, False, content.startswith(_HARDWARE))
    if not content.lstrip().startswith(_BEGIN):
        raise InputError(f"{option}: {path} is no SSH key; make one: ssh-keygen -t ed25519 -f FILE")
    if b"PUBLIC KEY" in content.split(b"\n", 1)[0] or b"SSH SIGNATURE" in content.split(b"\n", 1)[0]:
        raise InputError(f"{option}: {path} is no private key of OpenSSH; make one: ssh-keygen -t ed25519 -f FILE")
    _check_mode(path, option)
    if b"\r" in content:
        raise InputError(
            f"{option}: {path} has line ends of Windows, which ssh-keygen cannot read; sed -i 's/\\r$//' {path}"
        )
    if not content.endswith(b"\n"):
        raise InputError(
            f"{option}: {path} has no newline at its end, which ssh-keygen needs and secrets of CI systems lose; "
            f"echo >> {path}"
        )
    encrypted, hardware = _inside(content)
    return SigningKey(path, False, encrypted, hardware)


def _content(path: Path, option: str) -> bytes:
    try:
        content = read_bytes(path, MAX_BYTES)
    except OSError as error:
        raise InputError(f"{option}: cannot read the key {path}: {why_unreadable(error)}") from None
    except ValueError:
        raise InputError(f"{option}: {str(path)!r} is no name of a file") from None
    if not content.strip():
        raise InputError(f"{option}: the key {path} is empty; was the secret set?")
    return content


def _check_mode(path: Path, option: str) -> None:
    """What others can read ssh-keygen ignores; keys of other owners, as in mounted secrets, it takes as they are."""
    status = path.stat()
    if status.st_uid == os.geteuid() and status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise InputError(
            f"{option}: {path} can be read by others (mode {stat.S_IMODE(status.st_mode):04o}), "
            f"so ssh-keygen ignores it; chmod 600 {path}"
        )


def _inside(content: bytes) -> tuple[bool, bool]:
    """Whether a private key has a passphrase, and whether it is on hardware. What is no such key ssh-keygen tells."""
    if any(mark in content for mark in _ENCRYPTED_PEM):
        return True, False
    try:
        blob = base64.b64decode(b"".join(content.strip().splitlines()[1:-1]), validate=True)
    except (binascii.Error, ValueError):
        return False, False
    if not blob.startswith(_OPENSSH):
        return False, False
    cipher, rest = _string(blob[len(_OPENSSH) :])
    _, rest = _string(rest)
    _, rest = _string(rest)
    public, _ = _string(rest[4:])
    kind, _ = _string(public)
    return cipher not in (b"", b"none"), kind.startswith(_HARDWARE)


def _string(blob: bytes) -> tuple[bytes, bytes]:
    """The first text of SSH's binary form, and what follows it."""
    length = int.from_bytes(blob[:4])
    return blob[4 : 4 + length], blob[4 + length :]
