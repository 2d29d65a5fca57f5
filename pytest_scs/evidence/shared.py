# SPDX-License-Identifier: Apache-2.0
"""What the main process read, handed to the workers through files in a folder of the run."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Iterable
from pathlib import Path

from pytest_scs.base.files import write_atomically
from pytest_scs.core.cause import Cause, CauseKind
from pytest_scs.core.subject import Subject
from pytest_scs.evidence.inventory import Inventory

#: Seconds a worker waits for a section: longer than any probe takes with all its deadlines.
PATIENCE = 5 * 3600

#: File in which the main process leaves the inventories for the workers.
SHARED = "inventories.json"


def share_inventories(folder: Path, inventories: Iterable[Inventory]) -> None:
    """Leave what is read so far for the workers, and a mark for every section that is still to come."""
    shared = list(inventories)
    write_atomically(folder / SHARED, json.dumps([inventory.to_plain() for inventory in shared]))
    for inventory in shared:
        for section in inventory.pending:
            _mark(folder, inventory.subject, section).touch()


def hand_over_section(folder: Path, inventory: Inventory, section: str) -> None:
    """Leave one section, or why it could not be read, for the workers.

    Where that cannot be written, as on a full disk, the mark is taken away, which needs no space: they wait no longer.
    """
    cause = inventory.errors.get(section)
    error = {"text": cause.text, "kind": str(cause.kind)} if cause else None
    content = {"section": inventory.sections.get(section), "error": error}
    try:
        write_atomically(folder / _handover(inventory.subject, section), json.dumps(content))
    except (OSError, TypeError, ValueError, RecursionError, MemoryError):
        with contextlib.suppress(OSError):
            _mark(folder, inventory.subject, section).unlink(missing_ok=True)


class SharedSource:
    """What the main process read, in a worker. It is written before the first test is sent to any worker."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._inventories: dict[Subject, Inventory] | None = None

    def inventory(self, subject: Subject) -> Inventory:
        """The inventory of one subject."""
        if self._inventories is None:
            entries = [Inventory.from_plain(entry) for entry in json.loads((self._folder / SHARED).read_bytes())]
            self._inventories = {entry.subject: entry for entry in entries}
        return self._inventories[subject]

    def wait_for(self, subject: Subject, section: str) -> None:
        """Wait for the file in which the main process leaves a section, or for the end of the mark that it will come.

        If the main process dies, so do its workers.
        """
        ended = time.monotonic() + PATIENCE
        inventory = self.inventory(subject)
        path, mark = self._folder / _handover(subject, section), _mark(self._folder, subject, section)
        while section in inventory.pending and section not in inventory.sections and section not in inventory.errors:
            marked = mark.exists()  # looked at before the file, which comes first
            if path.exists():
                content = json.loads(path.read_bytes())
                if content["error"] is None:
                    inventory.sections[section] = content["section"]
                else:
                    error = content["error"]
                    inventory.errors[section] = Cause(error["text"], CauseKind.named(error["kind"]))
            elif not marked:
                lost = f"{subject}: {section} could not be handed over to the workers; is there space on the disk?"
                inventory.errors[section] = Cause(lost, CauseKind.OTHER)
            elif time.monotonic() > ended:
                late = f"{subject}: {section} was not handed over within {PATIENCE} s"
                inventory.errors[section] = Cause(late, CauseKind.TIMEOUT)
            else:
                time.sleep(0.1)


def _mark(folder: Path, subject: Subject, section: str) -> Path:
    return folder / f"{_handover(subject, section)}.awaited"


def _handover(subject: Subject, section: str) -> str:
    digest = hashlib.sha256(f"{subject.platform}\0{subject.name}".encode()).hexdigest()[:16]
    return f"{digest}-{section}.json"
