# SPDX-License-Identifier: Apache-2.0
"""The journal of what a run creates: an append-only file that is on disk before the request leaves.

Its lines name the subject as the user does. Others may have that name elsewhere, or later, so they say as well with
which account they were made: what a journal tells holds for that account only. What an account is, and which kinds of
things there are, the platform knows; here both are texts.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pytest_scs.core.cause import Inconclusive

#: What tells the account of who creates something, a text that is the same for the same account only; raises
#: Inconclusive if it cannot be told, as for who cannot log in.
Teller = Callable[[], str]

# Until 0.1 a line had these in place of ``subject`` and ``account``.
_FORMER_SUBJECT = "cloud"
_FORMER_ACCOUNT = ("user", "project", "domain")


class Journal:
    """One run's journal. It is removed when the run has left nothing behind, and kept otherwise."""

    def __init__(self, run: str, subject: str, folder: Path | None = None) -> None:
        """``subject`` names what is judged; ``folder`` defaults to the user's state directory."""
        self.path = (folder or state_folder()) / f"{run}.jsonl"
        self.run = run
        self.subject = subject
        self._about: dict[str, Any] = {
            "run": run,
            "subject": subject,
            "host": socket.gethostname(),
            "process": os.getpid(),
        }
        self._lock = threading.Lock()
        self._account: Teller | None = None

    def sign(self, account: Teller) -> Journal:
        """Let every line say with which account it was made; it is asked for before the first line. Returns itself."""
        self._account = account
        return self

    def write(self, event: str, **facts: Any) -> None:
        """Append one line and force it to the disk.

        Raises OSError, and for the first line Inconclusive if the account cannot be told; then nothing must be created.
        """
        with self._lock:
            if self._account:
                self._about["account"] = self._account()
                self._account = None
            line = json.dumps({"at": dt.datetime.now(dt.UTC).isoformat(), **self._about, "event": event, **facts})
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
                file.flush()
                os.fsync(file.fileno())

    def beside(self, subject: str) -> Journal:
        """The same journal, for what the run creates in a further subject; it is still to be signed."""
        return Journal(self.run, subject, self.path.parent)

    def close(self) -> None:
        """Forget the run: everything it created is gone."""
        with contextlib.suppress(OSError):  # a run that created nothing may be unable to look there
            self.path.unlink()


@dataclasses.dataclass(frozen=True, slots=True)
class Past:
    """What a journal tells of a run in one account of a subject.

    ``began`` is UTC in ISO format; ``present`` are the lines about what it created and did not remove, each with
    ``kind``, ``name``, ``id``, ``key`` and ``at`` (UTC); ``uncertain`` are the same without id, where no answer came to
    the request that was to create them, and ``unfound`` those of them that were not there when the run ended.
    ``programs``: what was there, by kind (None: could not be listed), when the run started a program that creates
    things by itself. ``running``: its process is still there. ``account`` empty: the journal does not say whose it is.
    """

    run: str
    subject: str
    began: str
    present: tuple[dict[str, str], ...]
    uncertain: tuple[dict[str, str], ...]
    unfound: tuple[dict[str, str], ...]
    programs: tuple[dict[str, list[str] | None], ...]
    running: bool
    account: str

    @property
    def path(self) -> Path:
        """Where the journal lies, if it is in the user's state directory."""
        return _path(self.run)

    @property
    def untidy(self) -> bool:
        """Whether something may be left that a user should know of; nothing hardly ever came of what is unfound."""
        return bool(self.present or len(self.uncertain) > len(self.unfound) or self.programs)

    @property
    def nothing_left(self) -> bool:
        """Whether nobody has to look for anything any more."""
        return not (self.present or self.uncertain or self.programs)


def past_runs(subject: str, folder: Path | None = None) -> Iterator[Past]:
    """The runs that this machine has a journal of, oldest first: they crashed, left something, or go on.

    ``subject`` is a name, which may be that of several subjects: each account is a :class:`Past` of its own.
    """
    found = []
    for path in (folder or state_folder()).glob("*.jsonl"):
        for (name, _), lines in _by_account(path).items():
            # The last event counts: more may have been created since.
            if name == subject and lines[-1]["event"] != "clean":
                found.append(_past(lines))
    yield from sorted(found, key=lambda past: past.began)


def _by_account(path: Path) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """What can be read of a journal, by subject and account; there is a line for each."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for line in _lines(path):
        found.setdefault((line["subject"], line["account"]), []).append(line)
    return found


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """What can be read of a journal; its last line may have been cut off by a crash."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    for written in text.splitlines():
        try:
            content = json.loads(written)
        except ValueError:
            continue
        if isinstance(content, dict) and {"at", "run", "event"} <= content.keys():
            line = _as_now(content)
            if isinstance(line["subject"], str):
                yield line


def _as_now(line: dict[str, Any]) -> dict[str, Any]:
    """A line with its subject and its account, which is empty if it does not say whose it is."""
    ids = [str(line.get(name) or "") for name in _FORMER_ACCOUNT]
    former = "/".join(ids) if ids[0] else ""
    return {
        **line,
        "subject": line.get("subject", line.get(_FORMER_SUBJECT)),
        "account": str(line.get("account") or former),
    }


def _past(lines: list[dict[str, Any]]) -> Past:
    # By name and id: a request that was repeated may have made two of one name.
    known: dict[tuple[str, str], dict[str, str]] = {}
    unfound: set[str] = set()
    for line in lines:
        resource = {name: str(line.get(name) or "") for name in ("kind", "name", "id", "key", "at")}
        if line["event"] in ("intent", "created"):
            known[resource["name"], resource["id"]] = resource
        elif line["event"] == "gone":
            known.pop((resource["name"], resource["id"]), None)
        elif line["event"] == "unfound":
            unfound.add(resource["name"])
        if line["event"] == "created" and resource["id"] and not line.get("twin"):
            known.pop((resource["name"], ""), None)
    present = tuple(resource for resource in known.values() if resource["id"])
    uncertain = tuple(resource for resource in known.values() if not resource["id"])
    absent = tuple(resource for resource in uncertain if resource["name"] in unfound)
    programs = tuple(line.get("before") or {} for line in lines if line["event"] == "program")
    first = lines[0]
    return Past(
        run=first["run"],
        subject=first["subject"],
        began=first["at"],
        present=present,
        uncertain=uncertain,
        unfound=absent,
        programs=programs,
        running=_running(first),
        account=first["account"],
    )


def _running(line: dict[str, Any]) -> bool:
    """Whether the process that wrote a line still runs, as far as this machine can tell."""
    process = line.get("process")
    if line.get("host") != socket.gethostname() or not isinstance(process, int):
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # it is somebody else's
    return process != os.getpid()


def state_folder() -> Path:
    """Where journals lie: ``$XDG_STATE_HOME/pytest-scs/runs``, by default below ``~/.local/state``."""
    base = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return Path(base, "pytest-scs", "runs")


def _path(run: str) -> Path:
    return state_folder() / f"{run}.jsonl"


def known_runs() -> set[str]:
    """The ids of the runs that have a journal on this machine."""
    return {path.stem for path in state_folder().glob("*.jsonl")}


def note_gone(account: Teller, subject: str, run: str, kind: str, name: str, identity: str) -> None:
    """Note in the journal of a run, if there is one, that something it created with this account is gone."""
    journal = Journal(run, subject).sign(account)
    if journal.path.exists():
        with contextlib.suppress(OSError, Inconclusive):
            journal.write("gone", kind=kind, name=name, id=identity)


def note_nothing_left(run: str, subject: str, account: str) -> None:
    """Note that nothing of a run is left in an account of a subject (empty: the one that the journal does not name).

    The journal goes when that holds for all that it is about.
    """
    path = _path(run)
    by_account = _by_account(path)
    if by_account.pop((subject, account), None) is None:
        return
    if all(lines[-1]["event"] == "clean" or _past(lines).nothing_left for lines in by_account.values()):
        path.unlink(missing_ok=True)
    else:
        journal = Journal(run, subject)
        with contextlib.suppress(OSError):
            (journal.sign(lambda: account) if account else journal).write("clean")
