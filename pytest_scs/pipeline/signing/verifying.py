# SPDX-License-Identifier: Apache-2.0
"""Whether a report is the one that somebody signed, and whether a key was his at the time of the check.

The times of keys in a file of signers bound what they may have signed, so a key that has expired since still proves an
old report; ``ssh-keygen`` goes by today unless it is told.
"""

from __future__ import annotations

import base64
import codecs
import dataclasses
import datetime as dt
import os
import re
from collections.abc import Collection
from pathlib import Path

from pytest_scs.base.errors import InputError
from pytest_scs.base.files import read_bytes, why_unreadable
from pytest_scs.base.signals import NoTemporaryFile
from pytest_scs.base.words import cut, shown
from pytest_scs.pipeline.signing.signatures import (
    BadSignature,
    Signature,
    UncheckedSignature,
    fingerprint_of,
    is_intact,
    read_signature,
    signature_file,
    signers_beside,
)
from pytest_scs.pipeline.signing.ssh_keygen import NAMESPACE, Answer, find_ssh_keygen, run_ssh_keygen

#: Larger than the keys of a whole organisation.
MAX_SIGNERS = 1 << 22

#: The years in which a key can be valid for ssh-keygen.
_YEARS = range(1971, 10000)

#: Characters; longer names are nobody's, and do not fit on a command line.
_LONGEST_NAME = 1000

_ABOUT_LINE = re.compile(r"^.*?:(\d+): (.*)$")


@dataclasses.dataclass(frozen=True, slots=True)
class Checked:
    """Whether a signature proves what it should, and in words what it does or does not."""

    good: bool
    words: str


class Verifier:
    """Checks signatures against a file of allowed signers; without one, and with ``any_signer``, takes unknown keys.

    Without either a signature of an unknown key is intact, but proves nothing.
    """

    def __init__(self, signers: Path | None, any_signer: bool) -> None:
        """Raises InputError if there is no ssh-keygen, or no signer in the file."""
        self._program = find_ssh_keygen("report verify")
        self._signers = signers.absolute() if signers else None
        self._any_signer = any_signer
        # What is read here is what ssh-keygen gets, whatever becomes of the file.
        self._allowed = _read(signers) if signers else b""
        self._listed = _listed(self._allowed, signers) if signers else frozenset()

    def check(self, content: bytes, armored: bytes, times: Collection[dt.datetime]) -> Checked:
        """Whether ``armored`` is a signature of a content by somebody whose key was valid at ``times`` (UTC).

        Raises InputError if ssh-keygen cannot be run.
        """
        try:
            return self._check(content, armored, times)
        except NoTemporaryFile:
            raise
        except OSError as error:
            why = error.strerror or error
            raise InputError(f"report verify: cannot run {self._program}: {why}") from None

    def _check(self, content: bytes, armored: bytes, times: Collection[dt.datetime]) -> Checked:
        try:
            signature = read_signature(armored)
        except BadSignature as error:
            return Checked(False, f"the signature is none: {error}")
        if signature.namespace != NAMESPACE:
            return Checked(
                False,
                f"signed for another purpose: namespace {shown(signature.namespace)!r} instead of {NAMESPACE!r}, "
                f"by {_key(signature)}",
            )
        try:
            intact = is_intact(self._program, content, armored)
        except UncheckedSignature as error:
            return Checked(False, f"nothing is proved by the signature of {_key(signature)}: {error}")
        if not intact:
            return Checked(False, f"altered: it is not what {_key(signature)} has signed")
        if self._signers is None:
            return self._unknown(signature, "")
        return self._of_somebody(content, signature, times)

    def _of_somebody(self, content: bytes, signature: Signature, times: Collection[dt.datetime]) -> Checked:
        names: list[str] = []
        for time in sorted(times):
            if time.year not in _YEARS:
                return Checked(False, f"no key was valid at the time of the check ({time} UTC), {_key(signature)}")
            name, answer = self._signer(content, signature, time)
            if not name:
                if signature.fingerprint not in self._listed:
                    return self._unknown(signature, f", which is not in {self._signers}")
                return Checked(
                    False, f"signed by {_key(signature)}, listed in {self._signers}; the key {_why(answer, time)}"
                )
            names.append(name)
        who = ", ".join(dict.fromkeys(map(shown, names)))
        return Checked(True, f"good signature of {who} ({_key(signature)}), valid at the time of the check")

    def _signer(self, content: bytes, signature: Signature, time: dt.datetime) -> tuple[str, Answer]:
        """Who made a signature, empty if it is nobody whose key was valid at a time; and what ssh-keygen said last."""
        # Times without a zone are local, off by an hour in summer, and only later versions know one. So all is UTC,
        # in the file of signers as well, and whoever verifies gets the same answer.
        environ = {**os.environ, "TZ": "UTC"}
        with signature_file(signature.armored, self._allowed) as path:
            common = ["-f", str(signers_beside(path)), "-s", str(path), f"-Overify-time={time:%Y%m%d%H%M%S}"]
            found = answer = run_ssh_keygen(self._program, ["-Y", "find-principals", *common], b"", environ=environ)
            for name in found.output.decode("utf-8", "replace").splitlines() if found.code == 0 else []:
                if not name or name.startswith("!") or len(name) > _LONGEST_NAME:
                    continue
                arguments = ["-Y", "verify", "-n", NAMESPACE, "-I", name, *common]
                answer = run_ssh_keygen(self._program, arguments, content, environ=environ)
                if answer.code == 0:
                    return name, answer
        return "", answer

    def _unknown(self, signature: Signature, where: str) -> Checked:
        return Checked(self._any_signer, f"intact, signed by an unknown key ({_key(signature)}){where}")


def _read(signers: Path) -> bytes:
    try:
        return read_bytes(signers, MAX_SIGNERS).removeprefix(codecs.BOM_UTF8)
    except OSError as error:
        raise InputError(f"--signers: cannot read {signers}: {why_unreadable(error)}") from None


def _listed(content: bytes, signers: Path) -> frozenset[str]:
    """The fingerprints of the keys in a file of signers, at least one."""
    found = set()
    for line in content.splitlines():
        if not line.lstrip().startswith(b"#"):
            found |= {_fingerprint(word) for word in line.split() if word.startswith(b"AAAA")}
    found.discard("")
    if not found:
        raise InputError(
            f'--signers: {signers} has no signer; a line is: NAME namespaces="{NAMESPACE}" ssh-ed25519 AAAA...'
        )
    return frozenset(found)


def _fingerprint(word: bytes) -> str:
    try:
        return fingerprint_of(base64.b64decode(word, validate=True))
    except ValueError:
        return ""


def _key(signature: Signature) -> str:
    return f"{shown(signature.kind)} {signature.fingerprint}"


def _why(answer: Answer, time: dt.datetime) -> str:
    """Why a key that is known proves nothing."""
    for word in answer.words:
        if match := _ABOUT_LINE.match(word):
            if "expired" in match[2]:
                return f"had expired at the time of the check, {time:%Y-%m-%d %H:%M:%S} UTC (line {match[1]})"
            if "not yet valid" in match[2]:
                return f"was not valid yet at the time of the check, {time:%Y-%m-%d %H:%M:%S} UTC (line {match[1]})"
            return f"cannot be used: line {match[1]}: {cut(match[2], 200)}"
    return f"cannot be used: {cut(answer.reason, 200)}"
