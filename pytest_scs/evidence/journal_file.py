# SPDX-License-Identifier: Apache-2.0
"""The files that journals are: written for their owner alone, and read as what anybody may have damaged or forged."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import errno
import json
import os
import re
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pytest_scs.base.errors import InputError

#: Bytes of a journal; more than a run with thousands of things before it ever writes.
MOST_BYTES = 16 << 20

#: Characters of a text in a line; names and ids are shorter everywhere.
_LONGEST = 1024

#: Characters of a line that is cut off in front of something longer than the header of a terminal.
_SHOWN = 60

_RUN = re.compile(r"[0-9a-f]{8}")
_SPECIAL = {stat.S_IFIFO: "a pipe", stat.S_IFDIR: "a directory", stat.S_IFSOCK: "a socket"}
_TEXTS = ("kind", "name", "id", "key", "mark", "host", "standard")
_EVENTS = frozenset({"intent", "created", "gone", "unfound", "program", "clean"})

#: Seconds after which a journal without a whole line gets none any more: its run died before it created anything.
_STILLBORN = 60

# Until 0.1 a line had these in place of ``subject`` and ``account``.
_FORMER_SUBJECT = "cloud"
_FORMER_ACCOUNT = ("user", "project", "domain")

Line = dict[str, Any]


@dataclasses.dataclass(frozen=True, slots=True)
class JournalLines:
    """What can be read of a journal, and what is wrong with the rest, in words; empty if nothing is."""

    lines: list[Line]
    damage: str = ""


def is_run_id(text: str) -> bool:
    """Whether a text is a run id: eight hexadecimal digits in lower case."""
    return _RUN.fullmatch(text) is not None


def state_folder() -> Path:
    """Where journals lie: ``$XDG_STATE_HOME/pytest-scs/runs``, by default below ``~/.local/state``."""
    base = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return Path(base, "pytest-scs", "runs")


def journal_paths(folder: Path | None = None) -> list[Path]:
    """What has the name of a journal in a folder, in the order of names."""
    try:
        return sorted(path for path in (folder or state_folder()).glob("*.jsonl") if is_run_id(path.stem))
    except OSError:
        return []


def prepare_folder(folder: Path) -> None:
    """Make the folder of journals, for its owner alone; raises OSError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if folder.stat().st_uid == os.geteuid() and stat.S_IMODE(folder.stat().st_mode) != 0o700:
        folder.chmod(0o700)


def append_line(path: Path, line: str) -> None:
    """Add a line to a journal, and force it to the disk; raises OSError, also for what is no file of its own.

    A line that a crash cut off stays alone: the new one begins a line of its own.
    """
    prepare_folder(path.parent)
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    handle = os.open(path, flags, 0o600)
    with os.fdopen(handle, "r+b", buffering=0) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "the journal is no file", str(path))
        if stat.S_IMODE(status.st_mode) != 0o600 and status.st_uid == os.geteuid():
            os.fchmod(file.fileno(), 0o600)
        cut = status.st_size and os.pread(file.fileno(), 1, status.st_size - 1) != b"\n"
        _write_all(file.fileno(), (b"\n" if cut else b"") + line.encode() + b"\n")
        os.fsync(file.fileno())


def _write_all(handle: int, content: bytes) -> None:
    while content:
        content = content[os.write(handle, content) :]


def read_journal(path: Path) -> JournalLines:
    """What can be read of a journal, each line in the form of now; never raises.

    What a crash cut off is passed over in silence, everything else that is no line of a journal is damage.
    """
    try:
        text = _content(path)
    except FileNotFoundError:
        return JournalLines([])
    except OSError as error:
        linked = error.errno == errno.ELOOP
        return JournalLines([], "it is a link, not a file" if linked else error.strerror or "it cannot be read")
    lines: list[Line] = []
    damage = ""
    for number, written in enumerate(text.split("\n"), 1):
        if not written.strip() or _cut_off(written):
            continue
        try:
            lines.append(_checked(written, path.stem))
        except ValueError as error:
            damage = damage or f"line {number}: {error}"
    return JournalLines(lines, damage)


def _cut_off(written: str) -> bool:
    """Whether a line is only the beginning of one."""
    return written.startswith("{") and not written.rstrip("\r").endswith("}")


def _content(path: Path) -> str:
    """The text of a journal; raises OSError for what is no file of a sensible size."""
    kind = os.lstat(path).st_mode
    if not (stat.S_ISREG(kind) or stat.S_ISLNK(kind)):  # a socket cannot even be opened
        raise OSError(errno.EINVAL, f"it is {_SPECIAL.get(stat.S_IFMT(kind), 'a device')}, not a file")
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is no file")
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise OSError(errno.EFBIG, f"it is larger than {MOST_BYTES >> 20} MiB")
    return content.decode("utf-8", "replace")


def _checked(written: str, run: str) -> Line:
    """A line in the form of now; raises ValueError with what is wrong with it."""
    try:
        content = json.loads(written)
    except ValueError:
        raise ValueError("it is no JSON") from None
    except (RecursionError, MemoryError):
        raise ValueError("it is nested too deeply") from None
    if not isinstance(content, dict):
        raise ValueError("it is no JSON object")
    line = _as_now(content)
    for name in ("at", "event", "run", "subject", "account", *_TEXTS):
        if not isinstance(line.get(name, ""), str):
            raise ValueError(f"{name} is no text")
        if len(line.get(name, "")) > _LONGEST:
            raise ValueError(f"{name} is longer than {_LONGEST} characters")
    if line.get("run") != run:
        raise ValueError("it is about another run than the name of the file says")
    if not line.get("subject"):
        raise ValueError("it names no subject")
    _check_time(line.get("at", ""))
    _check_before(line.get("before"))
    if line.get("event") not in _EVENTS:
        raise ValueError(f"its event {str(line.get('event'))[:_SHOWN]!r} is unknown")
    return line


def _check_time(text: str) -> None:
    with contextlib.suppress(ValueError):
        if dt.datetime.fromisoformat(text).tzinfo is not None and text.isascii() and text.isprintable():
            return
    raise ValueError("'at' is no time")


def _check_before(before: object) -> None:
    """What was there before a program: ids by kind, or null for a kind that could not be listed."""
    if before is None:
        return
    if not isinstance(before, dict):
        raise ValueError("'before' is no mapping")
    for ids in before.values():
        if ids is not None and not (isinstance(ids, list) and all(isinstance(one, str) for one in ids)):
            raise ValueError("'before' holds something else than lists of ids")


def _as_now(line: Line) -> Line:
    """A line with its subject and its account, which is empty if it does not say whose it is; nulls are left out."""
    present = {key: value for key, value in line.items() if value is not None}
    ids = [present.get(name, "") for name in _FORMER_ACCOUNT]
    former = "/".join(ids) if all(isinstance(one, str) for one in ids) and ids[0] else ""
    subject = present.get("subject", present.get(_FORMER_SUBJECT))
    return {**present, "subject": "" if subject is None else subject, "account": present.get("account") or former}


def damaged_journals(folder: Path | None = None) -> Iterator[str]:
    """A line for each journal that cannot be read, or not as a whole: what it tells is not to be relied on."""
    for path in journal_paths(folder):
        if damage := read_journal(path).damage:
            yield (
                f"journal {path} is damaged ({damage}): what that run may have left is not all known; "
                "look at it, and delete it"
            )


def remove_empty_journals(folder: Path | None = None) -> None:
    """Remove the journals of runs that died before their first line was whole: nothing was created, nothing is left."""
    for path in journal_paths(folder):
        if read_journal(path) == JournalLines([]):
            with contextlib.suppress(OSError):
                if time.time() - path.lstat().st_mtime > _STILLBORN:  # else its run may be about to write
                    path.unlink()


def check_journal(folder: Path) -> None:
    """Raise InputError if the journals of what runs create cannot be written to a folder."""
    try:
        prepare_folder(folder)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(4096))
    except OSError as error:
        raise InputError(
            f"the journal of what the run creates cannot be written to {folder}: {error.strerror or error}; set "
            "XDG_STATE_HOME to a folder of yours, or create nothing: -m 'not creates_resources'"
        ) from None
