# SPDX-License-Identifier: Apache-2.0
"""What a run has in one cluster: kept in memory, and in the journal on disk before it comes into being."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
import time
from collections.abc import Sequence

from pytest_scs.evidence.journal import Journal
from pytest_scs.platforms.kubernetes.belongings import Belonging


class Ledger:
    """What was intended, created and removed in one cluster; may be used by several threads."""

    def __init__(self, journal: Journal, run: str) -> None:
        """``journal`` is signed already."""
        self.journal = journal
        self.run = run
        self._lock = threading.Lock()
        self._present: list[Belonging] = []
        # When they were asked for, on the monotonic clock.
        self._unanswered: dict[Belonging, float] = {}
        self._several: set[Belonging] = set()
        self._twins: dict[Belonging, float] = {}

    def present(self) -> list[Belonging]:
        """What is there, as far as is known, in the order of its creation; without uid what may be there."""
        with self._lock:
            return list(self._present)

    def named(self, kind: str, name: str) -> Belonging | None:
        """What is present of a kind under a name."""
        return next((one for one in self.present() if (one.kind.name, one.name) == (kind, name)), None)

    def unanswered(self, seconds: float | None = None) -> list[Belonging]:
        """What was asked for without an answer, and not found: ever, or not longer ago than this."""
        now = time.monotonic()
        with self._lock:
            return [one for one, asked in self._unanswered.items() if seconds is None or now - asked < seconds]

    def intend(self, belonging: Belonging) -> Belonging:
        """Note on disk that something is about to be created; raises OSError, and Inconclusive as the journal does."""
        self.journal.write("intent", kind=belonging.kind.name, name=belonging.name)
        with self._lock:
            self._present.append(belonging)
        return belonging

    def doubt(self, intended: Belonging, *, several: bool = False) -> None:
        """Keep in mind that a creation was not answered: it may still be carried out, ``several`` times if removed."""
        with self._lock:
            if several:
                self._several.add(intended)
            self._unanswered[intended] = time.monotonic()

    def note(self, intended: Belonging, uid: str, *, twin: bool = False) -> Belonging:
        """Note what was created; ``twin``: an earlier request may make another one of this name when it is gone.

        So may others of several requests that were not answered, where it was found later.
        """
        made = dataclasses.replace(intended, uid=uid)
        with self._lock:
            asked = self._unanswered.pop(intended, None)
            if twin or intended in self._several:
                self._twins[intended] = asked or time.monotonic()
            self._present = [made if one == intended else one for one in self._present]
            if made not in self._present:
                self._present.append(made)
        with contextlib.suppress(OSError):  # that it was intended is on disk
            self.journal.write("created", kind=made.kind.name, name=made.name, id=uid)
        return made

    def expect_twins(self, seconds: float) -> None:
        """Look out for what a request that was not answered may still make, now that its name is free.

        Those that are longer ago than ``seconds`` are carried out no more.
        """
        now = time.monotonic()
        with self._lock:
            for one, asked in self._twins.items():
                if now - asked < seconds and not any(known.name == one.name for known in self._present):
                    self._unanswered[one] = asked
                    self._present.append(one)
            self._twins.clear()

    def forget(self, belonging: Belonging) -> None:
        """Note that something is gone, or never came into being (without uid)."""
        with contextlib.suppress(OSError):
            self.journal.write("gone", kind=belonging.kind.name, name=belonging.name, id=belonging.uid)
            if belonging.uid:
                self.journal.write("gone", kind=belonging.kind.name, name=belonging.name, id="")
        with self._lock:
            self._unanswered.pop(belonging, None)
            self._present = [one for one in self._present if one != belonging]

    def note_unfound(self, waiting: Sequence[Belonging]) -> None:
        """Let the journal keep what was not answered and is not there yet: later runs look again."""
        with contextlib.suppress(OSError):
            for one in waiting:
                self.journal.write("unfound", kind=one.kind.name, name=one.name)
        with self._lock:
            self._present = [one for one in self._present if one not in waiting]
