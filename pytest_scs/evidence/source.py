# SPDX-License-Identifier: Apache-2.0
"""Where inventories come from: what is read in this run, or what was recorded; for workers see shared.py."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from pytest_scs.core.subject import Subject
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.evidence.progress import Progress, Waiting, keep_telling
from pytest_scs.evidence.shared import hand_over_section, share_inventories


class Source(Protocol):
    """Gives the inventory of each subject of the run."""

    def inventory(self, subject: Subject) -> Inventory:
        """The inventory of one subject, as far as it is read; raises KeyError if nothing is read yet."""

    def wait_for(self, subject: Subject, section: str) -> None:
        """Wait until a section that is read in the background is there, or known to fail."""


class RecordedSource:
    """Inventories that are there already: from an evidence file, or empty ones where nothing may be contacted."""

    def __init__(self, inventories: Mapping[Subject, Inventory]) -> None:
        self._inventories = inventories

    def inventory(self, subject: Subject) -> Inventory:
        """The inventory of one subject."""
        return self._inventories[subject]

    def wait_for(self, subject: Subject, section: str) -> None:
        """What is not there was not recorded."""


class SubjectReader(Protocol):
    """Reads one subject; the room of its platform has it. What it cannot read becomes an error of the inventory."""

    @property
    def inventory(self) -> Inventory:
        """What is known; empty before :meth:`read`."""

    @property
    def leftovers(self) -> list[str]:
        """What could not be removed, a line each; complete after :meth:`close`."""

    def read(self, sections: Collection[str]) -> None:
        """Read what a listing tells of these sections and of those they need; note as pending what has to be tried."""

    def start(self, section_done: Callable[[str], None]) -> None:
        """Start trying out what is pending, in the background; ``section_done`` gets the name of each one done."""

    def wait_for(self, section: str, meanwhile: Callable[[], None]) -> None:
        """Wait until a section is there or known to fail; ``meanwhile`` is called now and then, at least once."""

    def awaited(self) -> list[str]:
        """The sections that are still being tried out."""

    def close(self) -> None:
        """Stop what nobody waits for any more, and remove what was created."""


class OpenedSubjects(Protocol):
    """The subjects of one platform, found and ready to be read."""

    @property
    def readers(self) -> Mapping[Subject, SubjectReader]:
        """A reader for each subject."""

    def check(self, sections: Collection[str]) -> None:
        """Raise InputError if this machine does not allow what reading the sections needs; contacts nothing."""

    def close(self) -> None:
        """End what was started besides the readers."""


def broken_off(error: BaseException) -> str:
    """A line about tidying up that did not come to its end."""
    return f"tidying up was broken off ({str(error) or type(error).__name__}); see: scs cleanup --help"


def _closed(what: SubjectReader | OpenedSubjects) -> list[str]:
    try:
        what.close()
    except Exception as error:  # whatever it is, the verdicts and the other subjects must not suffer
        return [broken_off(error)]
    return []


class LiveSource:
    """Reads subjects, each once; runs in the process that the user started, never in a worker."""

    def __init__(
        self, opened: Sequence[OpenedSubjects], words: Callable[[Subject, str], str], progress: Progress
    ) -> None:
        """``words`` says what a section of a subject is, to people who wait for it."""
        self._opened = opened
        self._words = words
        self._progress = progress
        self._folder: Path | None = None
        self._ended = threading.Event()
        self._readers = {subject: reader for one in opened for subject, reader in one.readers.items()}

    def read(self, wanted: Mapping[Subject, Collection[str]]) -> None:
        """Read the listings of every subject; :meth:`start` begins with what no listing tells."""
        for subject, sections in wanted.items():
            self._readers[subject].read(sections)

    def check(self, wanted: Mapping[Subject, Collection[str]]) -> None:
        """Raise InputError if this machine does not allow what reading the sections needs; contacts nothing."""
        for one in self._opened:
            one.check({section for subject in one.readers for section in wanted.get(subject, ())})

    def share(self, folder: Path) -> None:
        """Write the inventories for the workers, and from now on every section as soon as its probe is through."""
        share_inventories(folder, (reader.inventory for reader in self._readers.values()))
        self._folder = folder

    def start(self) -> None:
        """Start the probes of every subject; the inventories change from now on."""
        for reader in self._readers.values():
            reader.start(self._hand_over(reader))
        if self._progress.at_once:
            keep_telling(self._awaited, self._progress.say, self._ended)

    def inventory(self, subject: Subject) -> Inventory:
        """The inventory of one subject; :meth:`read` comes first."""
        inventory = self._readers[subject].inventory
        if not inventory.fetched_at:
            raise KeyError(subject)
        return inventory

    def wait_for(self, subject: Subject, section: str) -> None:
        """Wait for the probe of a section, and say so now and then."""
        waiting = Waiting(self._words(subject, section), self._progress.say)

        def meanwhile() -> None:
            waiting.tick()
            self._progress.flush()

        self._readers[subject].wait_for(section, meanwhile)

    def close(self, note: Callable[[list[str]], None] = lambda lines: None) -> None:
        """Stop the probes, remove what they created, end what is embedded; ``note`` gets what could not be removed.

        It gets it subject by subject: who interrupts this is told of those before. An error with one subject is such a
        line, too: it must not keep the others from being tidied up.
        """
        self._ended.set()
        for reader in self._readers.values():
            try:
                note(_closed(reader))
            finally:
                note(reader.leftovers)
        for one in self._opened:
            note(_closed(one))

    def _hand_over(self, reader: SubjectReader) -> Callable[[str], None]:
        def section_done(section: str) -> None:
            if self._folder:
                hand_over_section(self._folder, reader.inventory, section)

        return section_done

    def _awaited(self) -> list[str]:
        awaited = [(subject, section) for subject, reader in self._readers.items() for section in reader.awaited()]
        return list(dict.fromkeys(self._words(subject, section) for subject, section in awaited))
