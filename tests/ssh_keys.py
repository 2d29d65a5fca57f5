# SPDX-License-Identifier: Apache-2.0
"""Keys of OpenSSH for tests, and an agent that ends with them; both are the real programs."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from needs import lacking

PASSPHRASE = "correct horse battery"


def make_key(path: Path, passphrase: str = "", kind: str = "ed25519") -> Path:
    """A key pair, ``path`` and ``path.pub``."""
    size = ("-b", "2048") if kind == "rsa" else ()
    _ssh("ssh-keygen", "-q", "-t", kind, *size, "-N", passphrase, "-C", "test", "-f", str(path))
    return path


def public(key: Path) -> str:
    """Type and public key, as files of signers have them."""
    return " ".join(key.with_name(f"{key.name}.pub").read_text().split()[:2])


def fingerprint(key: Path) -> str:
    """The fingerprint of a key, as ssh-keygen says it."""
    return _ssh("ssh-keygen", "-lf", str(key.with_name(f"{key.name}.pub"))).split()[1]


def sign(key: Path, path: Path, namespace: str = "report") -> Path:
    """The signature beside a file, made by ssh-keygen alone."""
    place = path.with_name(f"{path.name}.sig")
    with path.open("rb") as content, place.open("wb") as signature:
        subprocess.run(
            [_found("ssh-keygen"), "-Y", "sign", "-n", namespace, "-f", str(key)],
            stdin=content,
            stdout=signature,
            stderr=subprocess.DEVNULL,
            check=True,
        )
    return place


@contextlib.contextmanager
def agent() -> Iterator[str]:
    """A new agent without keys; the name of its socket."""
    # Names of sockets are short.
    with tempfile.TemporaryDirectory(prefix="scs-agent-") as folder:
        socket = f"{folder}/s"
        command = [_found("ssh-agent"), "-D", "-a", socket]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            try:
                assert process.stdout
                process.stdout.readline()  # it says where it listens once it does
                yield socket
            finally:
                process.kill()


def load(key: Path, passphrase: str, socket: str) -> None:
    """Give a key to an agent."""
    ask = key.with_name("ask")
    ask.write_text(f"#!/bin/sh\necho '{passphrase}'\n")
    ask.chmod(0o700)
    environ = {**os.environ, "SSH_AUTH_SOCK": socket, "SSH_ASKPASS": str(ask), "SSH_ASKPASS_REQUIRE": "force"}
    subprocess.run([_found("ssh-add"), "-q", str(key)], env=environ, stdin=subprocess.DEVNULL, check=True)


def _ssh(program: str, *arguments: str) -> str:
    done = subprocess.run(
        [_found(program), *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
    )
    return done.stdout


def _found(program: str) -> str:
    return shutil.which(program) or lacking("ssh", "no OpenSSH (openssh-client)")
