# SPDX-License-Identifier: Apache-2.0
"""What crosses between the main process and xdist's workers: plain data, in files of a folder of the run."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypedDict

from pytest_scs.base.files import write_atomically
from pytest_scs.core.subject import Subject
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.evidence.shared import share_inventories

#: File in which a worker leaves what it collected: node id -> (testcase, subject), and testcase -> sections it reads.
COLLECTION = "collection.json"

#: The same two, and what was left out for not being due.
Published = tuple[dict[str, tuple[str, Subject]], dict[str, list[str]], list[tuple[str, Subject]]]


class WorkerInput(TypedDict):
    """What a worker is told: the folder, the subjects as [platform, name, name in the report], the reference date.

    ``not_due``: what is left out, and what is unless it needs no answers, as [testcase, number of the subject]; None
    where everything is judged.
    """

    folder: str
    subjects: list[list[str]]
    date: str
    not_due: list[list[tuple[str, int]]] | None


class WorkerFolder:
    """The folder of one run, seen from the main process (``worker`` is empty) or from a worker."""

    def __init__(self, path: Path, worker: str = "") -> None:
        self.path = path
        self._worker = worker

    @classmethod
    def create(cls) -> WorkerFolder:
        """A new folder, in the main process."""
        return cls(Path(tempfile.mkdtemp(prefix="scs-")))

    @property
    def is_worker(self) -> bool:
        """Whether this is a worker."""
        return bool(self._worker)

    def for_worker(
        self,
        subjects: Iterable[Subject],
        date: dt.date,
        not_due: Iterable[Iterable[tuple[str, Subject]]] | None = None,
    ) -> dict[str, Any]:
        """What a worker needs to know."""
        order = list(subjects)
        named = [[subject.platform, subject.name, subject.report_name] for subject in order]
        pairs = None
        if not_due is not None:
            pairs = [[(testcase, order.index(subject)) for testcase, subject in one] for one in not_due]
        return {**WorkerInput(folder=str(self.path), subjects=named, date=date.isoformat(), not_due=pairs)}

    def publish(
        self,
        collected: Mapping[str, tuple[str, Subject]],
        reads: Mapping[str, list[str]],
        left_out: Iterable[tuple[str, Subject]] = (),
    ) -> None:
        """Tell the main process what this worker collected, and left out; all workers write the same."""
        items = {
            nodeid: [testcase, subject.platform, subject.name, subject.report_name]
            for nodeid, (testcase, subject) in collected.items()
        }
        left = [[testcase, one.platform, one.name, one.report_name] for testcase, one in left_out]
        write_atomically(self.path / COLLECTION, json.dumps({"items": items, "reads": dict(reads), "left_out": left}))

    def published(self) -> Published | None:
        """What a worker collected; None if none has come so far."""
        path = self.path / COLLECTION
        if not path.exists():
            return None
        data = json.loads(path.read_bytes())
        items = {nodeid: (entry[0], Subject(*entry[1:])) for nodeid, entry in data["items"].items()}
        return items, data["reads"], [(entry[0], Subject(*entry[1:])) for entry in data["left_out"]]

    def share(self, inventories: Iterable[Inventory]) -> None:
        """Leave inventories that are complete for the workers."""
        share_inventories(self.path, inventories)

    def remove(self) -> None:
        """Remove the folder, which the main process alone may do."""
        if not self._worker:
            shutil.rmtree(self.path, ignore_errors=True)
