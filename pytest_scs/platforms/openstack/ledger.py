# SPDX-License-Identifier: Apache-2.0
"""What a run has in one account of a cloud: kept in memory, and in the journal on disk before it comes into being."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
import time
from collections.abc import Collection, Iterator

from pytest_scs.evidence.journal import Journal
from pytest_scs.platforms.openstack.kinds import Kind
from pytest_scs.platforms.openstack.removal import Resource
from pytest_scs.platforms.openstack.retrying import Refused
from pytest_scs.platforms.openstack.sweep import Belongings


class Ledger:
    """What was intended, created and removed in one account; may be used by several threads."""

    def __init__(self, journal: Journal) -> None:
        """``journal`` is signed already."""
        self.journal = journal
        #: What the account had when a program was started that creates things by itself.
        self.before_program: Belongings | None = None
        self._lock = threading.Lock()
        self._present: list[Resource] = []
        # When they were asked for, on the monotonic clock.
        self._unanswered: dict[Resource, float] = {}

    def present(self) -> list[Resource]:
        """What is there, as far as is known, in the order of its creation; without id what may be there."""
        with self._lock:
            return list(self._present)

    def among(self, resources: Collection[Resource]) -> list[Resource]:
        """Those of some resources that are present."""
        with self._lock:
            return [resource for resource in resources if resource in self._present]

    def unanswered(self, seconds: float | None = None) -> list[Resource]:
        """What was asked for without an answer, and not found: ever, or not longer ago than this."""
        now = time.monotonic()
        with self._lock:
            asked_for = list(self._unanswered.items())
        return [one for one, asked in asked_for if seconds is None or now - asked < seconds]

    def give_up(self, intended: Resource) -> None:
        """Wait no longer for what cannot be looked for."""
        with self._lock:
            self._unanswered.pop(intended, None)

    def intend(self, kind: Kind, name: str) -> Resource:
        """Note on disk that something is about to be created; raises OSError if that cannot be done."""
        intended = Resource(kind, name, "")
        self.journal.write("intent", kind=kind.name, name=name)
        with self._lock:
            self._present.append(intended)
        return intended

    @contextlib.contextmanager
    def asking(self, intended: Resource) -> Iterator[None]:
        """Forget what was certainly not created, and keep in mind what may still be, as its creation was not answered.

        Refused at a repetition, an earlier try may have been carried out, and be the very reason of the refusal.
        """
        try:
            yield
        except Exception as error:
            if not isinstance(error, Refused) or error.status >= 500:
                with self._lock:
                    self._unanswered[intended] = time.monotonic()
            elif not error.doubtful:
                self.forget(intended)
            raise

    def note(self, intended: Resource, identity: str, key: str = "", *, twin: bool = False) -> Resource:
        """Note what was created; ``twin``: an earlier try of the request may have made another one of this name."""
        resource = dataclasses.replace(intended, id=identity, key=key)
        with self._lock:
            self._unanswered.pop(intended, None)
            self._present[self._present.index(intended)] = resource
            if twin:
                self._present.append(intended)
        self.journal.write("created", kind=resource.kind.name, name=resource.name, id=identity, key=key, twin=twin)
        return resource

    def adopt(self, found: Resource) -> Resource:
        """Take on what is there under a name of this run, although its creation was refused or not answered."""
        with self._lock:
            if found in self._present:
                return found
            intended = dataclasses.replace(found, id="")
            if intended not in self._present:
                self._present.append(intended)
        return self.note(intended, found.id)

    def note_found(self, intended: Resource, found: Collection[Resource]) -> None:
        """Note what came into being of what was intended; what was not answered is still waited for if that is none."""
        for one in found:
            with contextlib.suppress(OSError):
                self.journal.write("created", kind=one.kind.name, name=one.name, id=one.id)
        if found or intended not in self._unanswered:
            self.forget(intended)
        with self._lock:
            self._present += found

    def note_unfound(self) -> None:
        """Let the journal keep what was not answered and is not there yet: later runs look again."""
        with contextlib.suppress(OSError):
            for one in self.unanswered():
                self.journal.write("unfound", kind=one.kind.name, name=one.name)

    def forget(self, resource: Resource) -> None:
        """Note that something is gone, or never came into being (without id)."""
        with contextlib.suppress(OSError):
            self.journal.write("gone", kind=resource.kind.name, name=resource.name, id=resource.id)
        with self._lock:
            self._unanswered.pop(resource, None)
            if resource in self._present:
                self._present.remove(resource)
