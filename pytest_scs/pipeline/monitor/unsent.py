# SPDX-License-Identifier: Apache-2.0
"""Which reports of a folder are to be sent: those that are signed, official and not sent yet."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

from pytest_scs.base.errors import InputError
from pytest_scs.base.files import read_bytes
from pytest_scs.core.scope import OFFICIAL
from pytest_scs.pipeline.monitor.checking import is_json
from pytest_scs.pipeline.report_store import files_below
from pytest_scs.pipeline.sent_notes import is_noted, note_of
from pytest_scs.pipeline.signing.signature_places import signature_of
from pytest_scs.reports.scs import loading, values
from pytest_scs.reports.scs.reader import MAX_BYTES


@dataclasses.dataclass(frozen=True, slots=True)
class Unsent:
    """Files in the order of their time, and how many reports were left out, and why.

    ``unreadable`` has a line for each folder that could not be looked into.
    """

    paths: tuple[Path, ...]
    sent: int = 0
    unsigned: int = 0
    unofficial: int = 0
    unreadable: tuple[str, ...] = ()

    @property
    def left_out(self) -> str:
        """What was left out, in words; empty if nothing was."""
        counts = (
            (self.sent, "sent already"),
            (self.unofficial, "on unofficial scopes"),
            (self.unsigned, "not signed (scs report sign)"),
        )
        return ", ".join(f"{number} {words}" for number, words in counts if number)


def find_unsent(folder: Path, monitor: str) -> Unsent:
    """What below a folder is to be sent to the monitor with this base URL.

    A signed file that cannot be read is, so that somebody hears of it. Raises InputError for what is no folder.
    """
    if not folder.is_dir():
        raise InputError(f"--new: {folder} is no folder; name that of --scs-report=DIR/, or give files without --new")
    found: list[tuple[dt.datetime, Path]] = []
    unreadable: list[str] = []
    sent = unsigned = unofficial = 0
    for path in sorted(files_below(folder, unreadable)):
        if not signature_of(path).exists():
            unsigned += _may_be_official(path)
            continue
        if _is_sent(path, monitor):
            sent += 1
            continue
        official, moment = _look_at(path)
        if official:
            found.append((moment, path))
        else:
            unofficial += 1
    return Unsent(tuple(path for _, path in sorted(found)), sent, unsigned, unofficial, tuple(unreadable))


def _may_be_official(path: Path) -> bool:
    """A cheap look at a file without signature, which may be anything."""
    try:
        content = read_bytes(path, MAX_BYTES)
    except OSError:
        return False
    return b"checked_at" in content and b"invocations" in content and any(one.encode() in content for one in OFFICIAL)


def _is_sent(path: Path, monitor: str) -> bool:
    """Whether a note beside a file is of this monitor and of its content: a file may have been written anew."""
    if not note_of(path).exists():
        return False
    try:
        return is_noted(path, read_bytes(path, MAX_BYTES), monitor)
    except OSError:
        return True


def _look_at(path: Path) -> tuple[bool, dt.datetime]:
    """Whether a signed file is to be sent, and its time."""
    try:
        content = read_bytes(path, MAX_BYTES)
        if b"checked_at" in content and not any(uuid.encode() in content for uuid in OFFICIAL):
            # There are as many of these as of the others, and they are never sent.
            return False, dt.datetime.min
        loaded = loading.load_quickly(content.decode("utf-8"), is_json=is_json(path))
        scopes = {document["spec"]["uuid"] for document in loaded.documents}
        moment = values.read_time(loaded.documents[0]["checked_at"], "checked_at")
    except (OSError, ValueError, LookupError, TypeError):
        return True, dt.datetime.min
    return not scopes or bool(scopes & set(OFFICIAL)), moment
