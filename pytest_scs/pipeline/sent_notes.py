# SPDX-License-Identifier: Apache-2.0
"""Notes beside reports that they were sent: ``NAME.yaml.sent``, a YAML document for each compliance monitor.

That a report is at one monitor says nothing of another (docs/monitor.md#the-compliance-monitor).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from pytest_scs.base import yamlfile
from pytest_scs.base.errors import InputError
from pytest_scs.base.files import read_bytes, write_atomically

#: Larger than any note.
MAX_NOTE = 1 << 16

# Seconds; longer than results are looked at that somebody else may have sent.
_LATELY = 4 * 24 * 3600.0

_PORTS = {"http": 80, "https": 443}

# Notes are many, and of each these lines are wanted alone.
_BETWEEN = re.compile(rb"^---\s*$", re.MULTILINE)
_DIGEST = re.compile(rb"^sha256: ([0-9a-f]{64})\s*$", re.MULTILINE)
_MONITOR = re.compile(rb"^monitor: *['\"]?([^\s'\"]+)", re.MULTILINE)
_TIME = re.compile(rb"^time: *['\"]?(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[0-9.:+Z-]*)", re.MULTILINE)


def note_of(path: Path) -> Path:
    """Where it is noted that a file was sent: ``NAME.yaml.sent``."""
    return path.with_name(f"{path.name}.sent")


def is_noted(path: Path, content: bytes, monitor: str) -> bool:
    """Whether a note beside a file says that this content is at the monitor with this base URL; raises OSError.

    A note that names no monitor, or says nothing of the content, is of every one: people keep a report back by it.
    """
    try:
        notes = _notes(path)
    except FileNotFoundError:
        return False
    digest = hashlib.sha256(content).hexdigest().encode()
    return any(
        (found := _DIGEST.search(note)) is None or found[1] == digest for note in notes if _is_about(note, monitor)
    )


def write_note(path: Path, content: bytes, uuids: Sequence[str], monitor: str, account: str, answer: str) -> None:
    """Note beside a file that it was sent now, in place of an earlier note on the same monitor; raises OSError."""
    note = {
        "time": dt.datetime.now(dt.UTC).replace(tzinfo=None),
        "monitor": monitor,
        "account": account,
        "answer": answer,
        "reports": list(uuids),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    text: bytes = yaml.safe_dump(note, sort_keys=False, allow_unicode=True, encoding="utf-8")
    try:
        others = [one.strip() + b"\n" for one in _notes(path) if _MONITOR.search(one) and not _is_about(one, monitor)]
    except OSError:
        others = []
    write_atomically(note_of(path), b"---\n".join([*others, text]))


def first_sent(path: Path, uuid: str) -> dt.datetime | None:
    """When a report in a file was first sent, in UTC without zone; None where no note tells."""
    try:
        notes = _notes(path)
    except (OSError, ValueError):  # ValueError: a place that no file can have
        return None
    # A note may be left of another report, whose file had this name.
    moments = [_moment(note) for note in notes if uuid.encode("utf-8", "replace") in note]
    return min((moment for moment in moments if moment), default=None)


def noted_reports(paths: Iterable[Path], below: Path | None = None) -> set[str]:
    """The keys of the reports that were sent lately from the folders of some files, and from below one folder.

    Notes that are older than a few days are not read: there may be very many. What is no note tells nothing.
    """
    found: set[str] = set()
    places = [place for folder in dict.fromkeys(path.parent for path in paths) for place in folder.glob("*.sent")]
    since = time.time() - _LATELY
    for place in dict.fromkeys([*places, *(below.rglob("*.sent") if below else ())]):
        try:
            if place.stat().st_mtime < since:
                continue
            for note in yamlfile.load_documents(read_bytes(place, MAX_NOTE).decode("utf-8"), str(place)):
                found |= {uuid for uuid in note["reports"] if isinstance(uuid, str)}
        except (OSError, ValueError, InputError, TypeError, LookupError):
            continue
    return found


def _notes(path: Path) -> list[bytes]:
    """The notes beside a file, at least one (of which nothing need be known); raises OSError where there is none."""
    found = _BETWEEN.split(read_bytes(note_of(path), MAX_NOTE))
    return [note for note in found if note.strip()] or [b""]


def _is_about(note: bytes, monitor: str) -> bool:
    found = _MONITOR.search(note)
    return not found or _place(found[1].decode("utf-8", "replace")) == _place(monitor)


def _place(url: str) -> object:
    """What of a base URL makes two the same, however they are written."""
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme), parts.path.rstrip("/")
    except ValueError:
        return url


def _moment(note: bytes) -> dt.datetime | None:
    found = _TIME.search(note)
    try:
        moment = dt.datetime.fromisoformat(found[1].decode()) if found else None
        return moment.astimezone(dt.UTC).replace(tzinfo=None) if moment and moment.tzinfo else moment
    except (ValueError, OverflowError):
        return None
