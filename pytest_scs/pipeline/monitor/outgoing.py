# SPDX-License-Identifier: Apache-2.0
"""A report file that is to be sent: what it holds, and its signature."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_scs.base.errors import InputError
from pytest_scs.base.files import read_bytes, why_unreadable
from pytest_scs.base.signals import NoTemporaryFile
from pytest_scs.core.verdict import Verdict
from pytest_scs.pipeline.configuration import Account
from pytest_scs.pipeline.monitor.checking import is_json
from pytest_scs.pipeline.signing.signature_places import signature_of
from pytest_scs.pipeline.signing.signatures import (
    END,
    MAX_SIGNATURE,
    BadSignature,
    UncheckedSignature,
    fingerprint_of,
    is_intact,
    read_signature,
)
from pytest_scs.pipeline.signing.ssh_keygen import NAMESPACE, find_ssh_keygen
from pytest_scs.reports.scs import loading, values
from pytest_scs.reports.scs.reader import MAX_BYTES

_OPTION = "scs report submit"


@dataclasses.dataclass(frozen=True, slots=True)
class SentDocument:
    """What matters of one document in a file that was found fit: its keys, its time, its results."""

    plain: Mapping[str, Any]
    subject: str
    scope: str
    uuid: str
    checked_at: dt.datetime
    results: Mapping[str, Verdict]

    @property
    def interrupted(self) -> bool:
        """Whether the run that made it was interrupted."""
        debug = self.plain.get("debug")
        return isinstance(debug, dict) and debug.get("interrupted") is True


@dataclasses.dataclass(frozen=True, slots=True)
class Outgoing:
    """A file as it is sent: its bytes, and what is read out of them."""

    path: Path
    content: bytes
    documents: tuple[SentDocument, ...]

    @property
    def kind(self) -> str:
        """How its content is called in a body: ``yaml`` or ``json``."""
        return "json" if is_json(self.path) else "yaml"

    @property
    def uuids(self) -> tuple[str, ...]:
        """The keys of its documents."""
        return tuple(document.uuid for document in self.documents)


def read_content(path: Path) -> bytes:
    """The bytes of a report file; raises InputError."""
    try:
        return read_bytes(path, MAX_BYTES)
    except OSError as error:
        raise InputError(f"cannot read report {path}: {why_unreadable(error)}") from None


def outgoing(path: Path, content: bytes) -> Outgoing:
    """What a file holds in which the check found nothing that is refused."""
    loaded = loading.load(content.decode("utf-8"), is_json=is_json(path))
    return Outgoing(path, content, tuple(_document(plain) for plain in loaded.documents))


def _document(plain: Mapping[str, Any]) -> SentDocument:
    results = {
        str(testcase): values.read_result(result, testcase)
        for invocation in plain["run"]["invocations"].values()
        for testcase, result in invocation["results"].items()
    }
    moment = values.read_time(plain["checked_at"], "checked_at")
    return SentDocument(plain, plain["subject"], plain["spec"]["uuid"], plain["run"]["uuid"], moment, results)


def fitting_signature(path: Path, content: bytes) -> bytes:
    """The signature beside a file, as it is sent ahead of its content.

    Raises InputError for one that the monitor would refuse.

    The armored text ends with a line end, whether its file does or not: the monitor looks for it.
    """
    place = signature_of(path)
    sign = f"scs report sign --key=KEY {path}"
    try:
        armored = read_bytes(place, MAX_SIGNATURE)
    except FileNotFoundError:
        raise InputError(f"{path} is not signed: there is no {place.name} beside it; {sign}") from None
    except OSError as error:
        raise InputError(f"cannot read signature {place}: {why_unreadable(error)}") from None
    if b"\r" in armored:
        raise InputError(
            f"{place} has line ends of Windows, and the monitor finds no signature in it; copy it as it was made, or "
            f"sign again: {sign}"
        )
    armored = armored.strip(b" \t\n") + b"\n"
    try:
        signature = read_signature(armored)
        if signature.namespace != NAMESPACE:
            raise InputError(
                f"{place} was made for the namespace {signature.namespace[:60]!r}, not for 'report'; sign again: {sign}"
            )
        intact = is_intact(find_ssh_keygen(_OPTION), content, armored)
    except UncheckedSignature as error:
        raise InputError(f"{place} is not proved to be the signature of {path.name}: {error}") from None
    except BadSignature as error:
        raise InputError(f"{place} is no signature: {error}; sign again: {sign}") from None
    except OSError as error:
        raise _no_ssh_keygen(error) from None
    if not intact:
        raise InputError(f"{place} is not the signature of {path.name} as it is now; sign again: {sign}")
    if not armored.endswith(f"{END}\n".encode()):
        raise InputError(f"{place} is no signature: something follows its end; sign again: {sign}")
    return armored


def _no_ssh_keygen(error: OSError) -> InputError:
    """Why a signature cannot be checked, which says nothing about it."""
    if isinstance(error, NoTemporaryFile):
        return InputError(f"{_OPTION}: {error}")
    return InputError(f"{_OPTION}: cannot run ssh-keygen: {error.strerror or error}")


def check_key(path: Path, armored: bytes, account: Account) -> None:
    """Raise InputError if the account's public key is known, and is not the one that made the signature ``armored``.

    It is known where it lies beside the key of the configuration (``KEY.pub``).
    """
    if account.key is None:
        return
    public = account.key if account.key.suffix == ".pub" else account.key.with_name(f"{account.key.name}.pub")
    try:
        line = read_bytes(public, MAX_SIGNATURE).decode("utf-8").split("\n", 1)[0].split()
    except (OSError, UnicodeDecodeError):
        return
    if len(line) < 2:
        return
    try:
        known = fingerprint_of(base64.b64decode(line[1], validate=True))
    except ValueError:
        return
    used = read_signature(armored)
    if used.fingerprint != known:
        raise InputError(
            f"{signature_of(path)} was made with another key ({used.key}) than {public}, which is "
            f"the one of account {account.name} by the configuration; sign again with it: "
            f"scs report sign --key={account.key} {path}"
        )
