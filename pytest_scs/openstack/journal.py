# SPDX-License-Identifier: Apache-2.0
"""The journal of what a run creates: an append-only file that is on disk before the request leaves."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import threading
from pathlib import Path
from typing import Any


class Journal:
    """One run's journal. It is removed when the run has left nothing behind, and kept otherwise."""

    def __init__(self, run: str, cloud: str, folder: Path | None = None) -> None:
        """``run`` is the run id, ``cloud`` the judged cloud; ``folder`` defaults to the user's state directory."""
        self.path = (folder or state_folder()) / f"{run}.jsonl"
        self.cloud = cloud
        self._about = {"run": run, "cloud": cloud}
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
        return Journal(self._about["run"], cloud, self.path.parent)

    def close(self) -> None:
        """Forget the run: everything it created is gone."""
        self.path.unlink(missing_ok=True)


def state_folder() -> Path:
    """Where journals lie: ``$XDG_STATE_HOME/pytest-scs/runs``, by default below ``~/.local/state``."""
    base = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return Path(base, "pytest-scs", "runs")


def read(run: str) -> list[dict[str, Any]]:
    """The events of a run, empty if no journal of it is here; lines that a crash cut off are left out."""
    try:
        lines = (state_folder() / f"{run}.jsonl").read_text("utf-8").splitlines()
    except OSError:
        return []
    events = []
    for line in lines:
        with contextlib.suppress(ValueError):
            event = json.loads(line)
            events += [event] if isinstance(event, dict) else []
    return events


def known() -> list[str]:
    """The ids of the runs that have a journal on this machine."""
    return sorted(path.stem for path in state_folder().glob("*.jsonl"))


def forget(run: str, cloud: str) -> None:
    """Note that nothing of a run is left in a cloud; the journal goes when that holds for all clouds it names."""
    events = read(run)
    if not events:
        return
    # The last event of a cloud counts: more may have been created there since.
    last = {event.get("cloud"): event.get("event") for event in events} | {cloud: "clean"}
    if set(last.values()) == {"clean"}:
        (state_folder() / f"{run}.jsonl").unlink(missing_ok=True)
    elif any(event.get("cloud") == cloud for event in events):
        with contextlib.suppress(OSError):
            Journal(run, cloud).write("clean")
