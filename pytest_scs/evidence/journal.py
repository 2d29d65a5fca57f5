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
from pytest_scs.evidence.journal_file import append_line, journal_paths, read_journal, state_folder

__all__ = ["Journal", "Past", "Teller", "known_runs", "note_gone", "note_nothing_left", "past_runs", "state_folder"]

#: What tells the account of who creates something, a text that is the same for the same account only; raises
#: Inconclusive if it cannot be told, as for who cannot log in.
Teller = Callable[[], str]

#: Ids of processes are 32 bits at most.
_LAST_PROCESS = 2**31 - 1


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
            append_line(self.path, line)

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
    ``kind``, ``name``, ``id``, ``key``, ``mark``, ``bare`` and ``at`` (UTC); ``uncertain`` are the same without id,
    where no answer came to the request that was to create them, and ``unfound`` those of them that were not there when
    the run ended. ``key`` is what else a removal needs, ``mark`` what it can be known by that carries no name, and
    ``bare`` not empty for what was made without metadata. All of it is what a file says, which anybody may have
    written.
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


def past_runs(subject: str | None = None, folder: Path | None = None) -> Iterator[Past]:
    """The runs that this machine has a journal of, oldest first: they crashed, left something, or go on.

    ``subject`` is a name, which may be that of several subjects: each account is a :class:`Past` of its own. Without
    one it is the runs in all subjects.
    """
    found = []
    for path in journal_paths(folder):
        for (name, _), lines in _by_account(path).items():
            # The last event counts: more may have been created since.
            if subject in (None, name) and lines[-1]["event"] != "clean":
                found.append(_past(lines))
    yield from sorted(found, key=lambda past: past.began)


def _by_account(path: Path) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """What can be read of a journal, by subject and account; there is a line for each."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for line in read_journal(path).lines:
        found.setdefault((line["subject"], line["account"]), []).append(line)
    return found


def _past(lines: list[dict[str, Any]]) -> Past:
    # By kind and name, of which things of two kinds may share one, and id: a repeated request may have made two.
    known: dict[tuple[str, str, str], dict[str, str]] = {}
    unfound: set[tuple[str, str]] = set()
    for line in lines:
        resource = {name: line.get(name, "") for name in ("kind", "name", "id", "key", "mark", "at")}
        resource["bare"] = "yes" if line.get("bare") is True else ""
        kind, name, identity = (resource[key] for key in ("kind", "name", "id"))
        if line["event"] in ("intent", "created"):
            known[kind, name, identity] = resource
        elif line["event"] == "gone":
            known.pop((kind, name, identity), None)
        elif line["event"] == "unfound":
            unfound.add((kind, name))
        if line["event"] == "created" and identity and not line.get("twin"):
            known.pop((kind, name, ""), None)
    present = tuple(resource for resource in known.values() if resource["id"])
    uncertain = tuple(resource for resource in known.values() if not resource["id"])
    absent = tuple(resource for resource in uncertain if (resource["kind"], resource["name"]) in unfound)
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
    if line.get("host") != socket.gethostname() or not isinstance(process, int) or isinstance(process, bool):
        return False
    if not 0 < process <= _LAST_PROCESS:
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # it is somebody else's
    return process != os.getpid()


def _path(run: str) -> Path:
    return state_folder() / f"{run}.jsonl"


def known_runs() -> set[str]:
    """The ids of the runs that have a journal on this machine."""
    return {path.stem for path in journal_paths()}


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
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
    else:
        journal = Journal(run, subject)
        with contextlib.suppress(OSError):
            (journal.sign(lambda: account) if account else journal).write("clean")
