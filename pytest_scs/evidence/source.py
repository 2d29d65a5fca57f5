# SPDX-License-Identifier: Apache-2.0
"""Where inventories come from: what is read in this run, or what was recorded; for workers see shared.py."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Protocol, runtime_checkable

from pytest_scs.base.errors import InputError
from pytest_scs.core.subject import Subject
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.evidence.phase import Phase
from pytest_scs.evidence.progress import LOOK, Progress, Waiting, keep_telling, waiting_for
from pytest_scs.evidence.shared import hand_over_section, share_inventories

#: As many things are named in a line.
_NAMED = 8

#: So much that goes on is told in a line.
_BESIDE = 4


class Source(Protocol):
    """Gives the inventory of each subject of the run."""

    def inventory(self, subject: Subject) -> Inventory:
        """The inventory of one subject, as far as it is read; raises KeyError if nothing is read yet."""

    def wait_for(self, subject: Subject, section: str) -> None:
        """Wait until a section that is read in the background is there, or known to fail."""


class RecordedSource:
    """Inventories that are there already: from an evidence file, or empty ones where nothing may be contacted."""

    def __init__(self, inventories: Mapping[Subject, Inventory], place: str = "") -> None:
        """``place`` names the evidence file; empty if there is none."""
        self._inventories = inventories
        self._place = place

    def check(self, wanted: Mapping[Subject, Collection[str]]) -> None:
        """Raise InputError if nothing at all was recorded of a subject of which sections are wanted."""
        for subject, sections in wanted.items():
            known = self._inventories[subject]
            something = any(known.sections.values()) or known.errors or known.refusal
            if sections and self._place and not something:
                raise InputError(
                    f"--scs-replay: {self._place} is damaged: all sections of {subject} are empty; record it again"
                )

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


@runtime_checkable
class LeavesThings(Protocol):
    """What a reader has besides if it creates something in its subject: what is left of that, and for whom."""

    @property
    def cleanup_command(self) -> str:
        """The command that lists what is left in the subject."""

    def remaining(self) -> list[str]:
        """What is still to be removed, in words."""

    def abandon(self) -> None:
        """Leave behind what is still there, with a line for each of it in ``leftovers``."""


@runtime_checkable
class TellsPhases(Protocol):
    """What a reader has besides if it knows what is being done for a section."""

    @property
    def phases(self) -> Mapping[str, Phase]:
        """What is being done, by section; nothing of those that are not begun, or through."""


class OpenedSubjects(Protocol):
    """The subjects of one platform, found and ready to be read."""

    @property
    def readers(self) -> Mapping[Subject, SubjectReader]:
        """A reader for each subject."""

    def check(self, sections: Collection[str]) -> None:
        """Raise InputError if this machine does not allow what reading the sections needs; contacts nothing."""

    def close(self) -> None:
        """End what was started besides the readers."""


def broken_off(error: BaseException, command: str = "") -> str:
    """A line about tidying up that did not come to its end; ``command`` lists what is left."""
    command = command or "scs cleanup --help"
    if isinstance(error, KeyboardInterrupt):
        return f"tidying up was interrupted; see: {command}"
    return f"tidying up was broken off ({str(error) or type(error).__name__}); see: {command}"


def _closed(what: SubjectReader | OpenedSubjects) -> list[str]:
    try:
        what.close()
    except Exception as error:  # whatever it is, the verdicts and the other subjects must not suffer
        return [broken_off(error, what.cleanup_command) if isinstance(what, LeavesThings) else broken_off(error)]
    return []


def _few(things: Sequence[str]) -> str:
    """The first of some things."""
    more = f" and {len(things) - _NAMED} more" if len(things) > _NAMED else ""
    return f"{', '.join(things[:_NAMED])}{more}"


def _beside(texts: Sequence[str]) -> str:
    """The first of what goes on at the same time, in a line."""
    more = f"; and {len(texts) - _BESIDE} more" if len(texts) > _BESIDE else ""
    return f"{'; '.join(texts[:_BESIDE])}{more}"


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
        """Write the inventories for the workers, and from now on every section as soon as its probe is through.

        Raises InputError where that is impossible, as on a full disk.
        """
        try:
            share_inventories(folder, (reader.inventory for reader in self._readers.values()))
        except OSError as error:
            raise InputError(f"cannot leave what was read for the workers in {folder}: {error.strerror}") from None
        self._folder = folder

    def start(self) -> None:
        """Start the probes of every subject; the inventories change from now on."""
        for reader in self._readers.values():
            reader.start(self._hand_over(reader))
        if self._progress.at_once:
            keep_telling(self._awaited, self._progress.say, self._ended, self._progress.show)

    def inventory(self, subject: Subject) -> Inventory:
        """The inventory of one subject; :meth:`read` comes first."""
        inventory = self._readers[subject].inventory
        if not inventory.fetched_at:
            raise KeyError(subject)
        return inventory

    def wait_for(self, subject: Subject, section: str) -> None:
        """Wait for the probe of a section, and say so now and then."""

        def state(passed: float) -> str:
            return self._state(subject, section, passed)

        def show(passed: float) -> bool:
            if passed < LOOK:
                return False  # a flicker tells nothing
            others = [text for text in self._states(passed) if text != state(passed)]
            return self._progress.show(_beside([state(passed), *others]))

        waiting = Waiting(state, self._progress.say, show)

        def meanwhile() -> None:
            self._progress.flush()
            waiting.tick()

        try:
            self._readers[subject].wait_for(section, meanwhile)
        finally:
            self._progress.show("")
            self._progress.flush()

    def close(
        self,
        note: Callable[[list[str]], None] = lambda lines: None,
        interruptible: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        """Stop the probes, remove what they created, end what is embedded; ``note`` gets what could not be removed.

        It gets it subject by subject: who interrupts this is told of those before, and of what is left in the others.
        An error with one subject is such a line, too: it must not keep the others from being tidied up. What is waited
        for is said every half minute. Within ``interruptible`` things are removed.
        """
        self._ended.set()
        self._progress.speak_freely()
        over = threading.Event()
        keep_telling(self._in_removal, self._progress.announce, over, self._progress.show)
        readers = list(self._readers.values())
        try:
            with interruptible():
                while readers:
                    reader = readers.pop(0)
                    try:
                        note(_closed(reader))
                    finally:
                        note(reader.leftovers)
            for one in self._opened:
                note(_closed(one))
        finally:
            over.set()
            for reader in readers:
                if isinstance(reader, LeavesThings):
                    reader.abandon()
                    note(reader.leftovers)

    def announce_removal(self) -> None:
        """Say at once, to who has interrupted the run, what is being removed and what a second time does."""
        for subject, reader in self._readers.items():
            if isinstance(reader, LeavesThings) and (left := reader.remaining()):
                self._progress.announce(
                    f"scs: interrupted; removing what the run has in {subject}: {_few(left)}. "
                    f"A second Ctrl-C leaves it behind (then: {reader.cleanup_command})"
                )
        self._progress.flush()

    @property
    def cleanup_commands(self) -> str:
        """The commands that list what is left in the subjects, in one text; empty if none leaves anything."""
        commands = [reader.cleanup_command for reader in self._readers.values() if isinstance(reader, LeavesThings)]
        return " and ".join(dict.fromkeys(commands))

    def _in_removal(self, passed: float) -> str:
        """What is still to be removed, in words."""
        left = [
            one for reader in self._readers.values() if isinstance(reader, LeavesThings) for one in reader.remaining()
        ]
        return waiting_for(f"the removal of {_few(left)}", passed) if left else ""

    def _hand_over(self, reader: SubjectReader) -> Callable[[str], None]:
        def section_done(section: str) -> None:
            if self._folder:
                hand_over_section(self._folder, reader.inventory, section)

        return section_done

    def _awaited(self, passed: float) -> str:
        return _beside(self._states(passed))

    def _states(self, passed: float) -> list[str]:
        """What is being tried out, each in words."""
        awaited = [(subject, section) for subject, reader in self._readers.items() for section in reader.awaited()]
        return list(dict.fromkeys(filter(None, (self._state(*one, passed) for one in awaited))))

    def _state(self, subject: Subject, section: str, passed: float) -> str:
        """What is being done for a section, which has been waited for so many seconds."""
        reader = self._readers[subject]
        phase = reader.phases.get(section) if isinstance(reader, TellsPhases) else None
        if phase is None:
            return waiting_for(self._words(subject, section), passed)
        return f"{subject.name}: {phase}" if len(self._readers) > 1 else str(phase)
