# SPDX-License-Identifier: Apache-2.0
"""The journal of what a run creates: an append-only file that is on disk before the request leaves."""

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
from typing import Any


class Journal:
    """One run's journal. It is removed when the run has left nothing behind, and kept otherwise."""

    def __init__(self, run: str, cloud: str, folder: Path | None = None) -> None:
        """``run`` is the run id, ``cloud`` the judged cloud; ``folder`` defaults to the user's state directory."""
        self.path = (folder or state_folder()) / f"{run}.jsonl"
        self.run = run
        self.cloud = cloud
        self._about = {"run": run, "cloud": cloud, "host": socket.gethostname(), "process": os.getpid()}
        self._lock = threading.Lock()

    def write(self, event: str, **facts: Any) -> None:
        """Append one line and force it to the disk; raises OSError, in which case nothing must be created."""
        line = json.dumps({"at": dt.datetime.now(dt.UTC).isoformat(), **self._about, "event": event, **facts})
        with self._lock:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
                file.flush()
                os.fsync(file.fileno())

    def beside(self, cloud: str) -> Journal:
        """The same journal, for what the run creates in a further cloud."""
        return Journal(self.run, cloud, self.path.parent)

    def close(self) -> None:
        """Forget the run: everything it created is gone."""
        self.path.unlink(missing_ok=True)


@dataclasses.dataclass(frozen=True, slots=True)
class Past:
    """What a journal tells of a run in one cloud.

    ``began`` is UTC in ISO format; ``present`` are the lines about what it created and did not remove, each with
    ``kind``, ``name``, ``id``, ``key`` and ``at`` (UTC); ``uncertain`` are the same without id, where no answer came to
    the request that was to create them, and ``unfound`` those of them that were not there when the run ended.
    ``programs``: what was there, by kind (None: could not be listed), when the run started a program that creates
    things by itself. ``running``: its process is still there.
    """

    run: str
    cloud: str
    began: str
    present: tuple[dict[str, str], ...]
    uncertain: tuple[dict[str, str], ...]
    unfound: tuple[dict[str, str], ...]
    programs: tuple[dict[str, list[str] | None], ...]
    running: bool

    @property
    def untidy(self) -> bool:
        """Whether something may be left that a user should know of; nothing hardly ever came of what is unfound."""
        return bool(self.present or len(self.uncertain) > len(self.unfound) or self.programs)

    @property
    def settled(self) -> bool:
        """Whether nobody has to look for anything any more."""
        return not (self.present or self.uncertain or self.programs)


def past_runs(cloud: str, folder: Path | None = None) -> Iterator[Past]:
    """The runs on a cloud, oldest first, that this machine has a journal of: they crashed, left something, or go on."""
    found = []
    for path in (folder or state_folder()).glob("*.jsonl"):
        lines = [line for line in _lines(path) if line["cloud"] == cloud]
        # The last event counts: more may have been created since.
        if lines and lines[-1]["event"] != "clean":
            found.append(_past(lines))
    yield from sorted(found, key=lambda past: past.began)


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
    return Past(first["run"], first["cloud"], first["at"], present, uncertain, absent, programs, _running(first))


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


def known() -> set[str]:
    """The ids of the runs that have a journal on this machine."""
    return {path.stem for path in state_folder().glob("*.jsonl")}


def note_gone(run: str, cloud: str, kind: str, name: str, identity: str) -> None:
    """Note in the journal of a run, if there is one, that something it created is gone."""
    journal = Journal(run, cloud)
    if journal.path.exists():
        with contextlib.suppress(OSError):
            journal.write("gone", kind=kind, name=name, id=identity)


def forget(run: str, cloud: str) -> None:
    """Note that nothing of a run is left in a cloud; the journal goes when that holds for all clouds it names."""
    path = state_folder() / f"{run}.jsonl"
    by_cloud: dict[str, list[dict[str, Any]]] = {}
    for line in _lines(path):
        by_cloud.setdefault(line["cloud"], []).append(line)
    if cloud not in by_cloud:
        return
    others = (lines for name, lines in by_cloud.items() if name != cloud)
    if all(lines[-1]["event"] == "clean" or _past(lines).settled for lines in others):
        path.unlink(missing_ok=True)
    else:
        with contextlib.suppress(OSError):
            Journal(run, cloud).write("clean")
