# SPDX-License-Identifier: Apache-2.0
"""The journal of what a run creates: an append-only file that is on disk before the request leaves."""

from __future__ import annotations

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

    def close(self) -> None:
        """Forget the run: everything it created is gone."""
        self.path.unlink(missing_ok=True)


def state_folder() -> Path:
    """Where journals lie: ``$XDG_STATE_HOME/pytest-scs/runs``, by default below ``~/.local/state``."""
    base = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return Path(base, "pytest-scs", "runs")


def forget(run: str) -> None:
    """Remove the journal of a run whose leftovers were removed by other means."""
    (state_folder() / f"{run}.jsonl").unlink(missing_ok=True)
