# SPDX-License-Identifier: Apache-2.0
"""The journal of what a run creates: an append-only file that is on disk before the request leaves.

Its lines name the cloud as clouds.yaml does. Other clouds may have that name elsewhere, or later, so they say as well
whose they are, by ids: what a journal tells holds for that account only.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import json
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_scs.errors import Inconclusive

if TYPE_CHECKING:
    from pytest_scs.openstack.client import Client


@dataclasses.dataclass(frozen=True, slots=True)
class Account:
    """Who created something, and where, by ids: a user, and the project or else the domain that the token is for."""

    user: str
    project: str
    domain: str


def account_of(client: Client) -> Account:
    """The account of a client; raises Inconclusive if it cannot log in."""
    access = client.access()
    return Account(str(access.user_id), str(access.project_id or ""), str(access.domain_id or ""))


class Journal:
    """One run's journal. It is removed when the run has left nothing behind, and kept otherwise."""

    def __init__(self, run: str, cloud: str, folder: Path | None = None) -> None:
        """``run`` is the run id, ``cloud`` the judged cloud; ``folder`` defaults to the user's state directory."""
        self.path = (folder or state_folder()) / f"{run}.jsonl"
        self.run = run
        self.cloud = cloud
        self._about: dict[str, Any] = {"run": run, "cloud": cloud, "host": socket.gethostname(), "process": os.getpid()}
        self._lock = threading.Lock()
        self._client: Client | None = None

    def sign(self, client: Client) -> Journal:
        """Let every line say whose it is, from the first one on: that of this client's account. Returns itself."""
        self._client = client
        return self

    def write(self, event: str, **facts: Any) -> None:
        """Append one line and force it to the disk.

        Raises OSError, and for the first line Inconclusive if its client cannot log in; then nothing must be created.
        """
        with self._lock:
            if self._client:
                self._about |= dataclasses.asdict(account_of(self._client))
                self._client = None
            line = json.dumps({"at": dt.datetime.now(dt.UTC).isoformat(), **self._about, "event": event, **facts})
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
                file.flush()
                os.fsync(file.fileno())

    def beside(self, cloud: str) -> Journal:
        """The same journal, for what the run creates in a further cloud; it is still to be signed."""
        return Journal(self.run, cloud, self.path.parent)

    def close(self) -> None:
        """Forget the run: everything it created is gone."""
        with contextlib.suppress(OSError):  # a run that created nothing may be unable to look there
            self.path.unlink()


@dataclasses.dataclass(frozen=True, slots=True)
class Past:
    """What a journal tells of a run in one account of a cloud.

    ``began`` is UTC in ISO format; ``present`` are the lines about what it created and did not remove, each with
    ``kind``, ``name``, ``id``, ``key`` and ``at`` (UTC); ``uncertain`` are the same without id, where no answer came to
    the request that was to create them, and ``unfound`` those of them that were not there when the run ended.
    ``programs``: what was there, by kind (None: could not be listed), when the run started a program that creates
    things by itself. ``running``: its process is still there. ``account`` None: the journal does not say whose it is.
    """

    run: str
    cloud: str
    began: str
    present: tuple[dict[str, str], ...]
    uncertain: tuple[dict[str, str], ...]
    unfound: tuple[dict[str, str], ...]
    programs: tuple[dict[str, list[str] | None], ...]
    running: bool
    account: Account | None

    @property
    def path(self) -> Path:
        """Where the journal lies, if it is in the user's state directory."""
        return _path(self.run)

    @property
    def untidy(self) -> bool:
        """Whether something may be left that a user should know of; nothing hardly ever came of what is unfound."""
        return bool(self.present or len(self.uncertain) > len(self.unfound) or self.programs)

    @property
    def settled(self) -> bool:
        """Whether nobody has to look for anything any more."""
        return not (self.present or self.uncertain or self.programs)


def past_runs(cloud: str, folder: Path | None = None) -> Iterator[Past]:
    """The runs that this machine has a journal of, oldest first: they crashed, left something, or go on.

    ``cloud`` is a name, which may be that of several clouds: each account is a :class:`Past` of its own.
    """
    found = []
    for path in (folder or state_folder()).glob("*.jsonl"):
        for (name, _), lines in _by_account(path).items():
            # The last event counts: more may have been created since.
            if name == cloud and lines[-1]["event"] != "clean":
                found.append(_past(lines))
    yield from sorted(found, key=lambda past: past.began)


def own_runs(client: Client, cloud: str) -> list[Past]:
    """Those of :func:`past_runs` that were this client's; raises Inconclusive if it cannot log in."""
    account = account_of(client)
    return [past for past in past_runs(cloud) if past.account == account]


def _by_account(path: Path) -> dict[tuple[str, Account | None], list[dict[str, Any]]]:
    """What can be read of a journal, by cloud and account; there is a line for each."""
    found: dict[tuple[str, Account | None], list[dict[str, Any]]] = {}
    for line in _lines(path):
        found.setdefault((line["cloud"], _account(line)), []).append(line)
    return found


def _account(line: dict[str, Any]) -> Account | None:
    """Whose a line of a journal is, None if it does not say so."""
    user, project, domain = (str(line.get(name) or "") for name in ("user", "project", "domain"))
    return Account(user, project, domain) if user else None


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """What can be read of a journal; its last line may have been cut off by a crash."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    for line in text.splitlines():
        try:
            content = json.loads(line)
        except ValueError:
            continue
        if isinstance(content, dict) and {"at", "run", "cloud", "event"} <= content.keys():
            yield content


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
    running, account = _running(first), _account(first)
    return Past(first["run"], first["cloud"], first["at"], present, uncertain, absent, programs, running, account)


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


def known() -> set[str]:
    """The ids of the runs that have a journal on this machine."""
    return {path.stem for path in state_folder().glob("*.jsonl")}


def note_gone(client: Client, cloud: str, run: str, kind: str, name: str, identity: str) -> None:
    """Note in the journal of a run, if there is one, that something it created with this account is gone."""
    journal = Journal(run, cloud).sign(client)
    if journal.path.exists():
        with contextlib.suppress(OSError, Inconclusive):
            journal.write("gone", kind=kind, name=name, id=identity)


def forget(run: str, cloud: str, account: Account | None) -> None:
    """Note that nothing of a run is left in an account of a cloud (None: the one that the journal does not name).

    The journal goes when that holds for all that it is about.
    """
    path = _path(run)
    by_account = _by_account(path)
    if by_account.pop((cloud, account), None) is None:
        return
    if all(lines[-1]["event"] == "clean" or _past(lines).settled for lines in by_account.values()):
        path.unlink(missing_ok=True)
    else:
        with contextlib.suppress(OSError):
            Journal(run, cloud).write("clean", **(dataclasses.asdict(account) if account else {}))
