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
from pytest_scs.platforms.openstack.resource import Resource
from pytest_scs.platforms.openstack.retrying import LoginRefused, NotSent, Refused
from pytest_scs.platforms.openstack.sweep import Belongings

#: A gateway that did not wait for the request to be carried out.
_REQUEST_TIMEOUT = 408


def _bare(resource: Resource) -> dict[str, bool]:
    return {"bare": True} if resource.bare else {}


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

    def intend(self, kind: Kind, name: str, *, bare: bool = False) -> Resource:
        """Note on disk that something is about to be created; raises OSError if that cannot be done.

        ``bare``: it is made without metadata, so its name has to do for a while.
        """
        intended = Resource(kind, name, "", bare=bare)
        self.journal.write("intent", kind=kind.name, name=name, **_bare(intended))
        with self._lock:
            self._present.append(intended)
        return intended

    @contextlib.contextmanager
    def asking(self, intended: Resource) -> Iterator[None]:
        """Forget what was certainly not created, and keep in mind what may still be, as its creation was not answered.

        Refused at a repetition, an earlier try may have been carried out, and be the very reason of the refusal. See
        docs/standards/framework.md#what-a-probe-creates.
        """
        try:
            yield
        except Exception as error:
            if isinstance(error, NotSent) or (isinstance(error, (Refused, LoginRefused)) and error.definite):
                self.forget(intended)
            elif not isinstance(error, Refused) or error.status >= 500 or error.status == _REQUEST_TIMEOUT:
                with self._lock:
                    self._unanswered[intended] = time.monotonic()
            raise

    def note(self, intended: Resource, identity: str, key: str = "", *, mark: str = "", twin: bool = False) -> Resource:
        """Note what was created; ``twin``: an earlier try of the request may have made another one of this name."""
        resource = dataclasses.replace(intended, id=identity, key=key, mark=mark)
        with self._lock:
            self._unanswered.pop(intended, None)
            self._present[self._present.index(intended)] = resource
            if twin:
                self._present.append(intended)
        facts = {"key": key, "mark": mark, "twin": twin, **_bare(resource)}
        self.journal.write("created", kind=resource.kind.name, name=resource.name, id=identity, **facts)
        return resource

    def confirm(self, resource: Resource, confirmed: Resource) -> Resource:
        """Keep in mind that a resource was seen to be what the run made."""
        with self._lock:
            if resource in self._present:
                self._present[self._present.index(resource)] = confirmed
        return confirmed

    def doubt(self, resource: Resource, intended: Resource) -> None:
        """Note that the id which the answer to a creation named is not of what was made: that is still to be found."""
        with contextlib.suppress(OSError):
            # In this order: a crash between them must not lose what was intended.
            self.journal.write("intent", kind=intended.kind.name, name=intended.name, **_bare(intended))
            self.journal.write("gone", kind=resource.kind.name, name=resource.name, id=resource.id)
        with self._lock:
            if resource in self._present:
                self._present.remove(resource)
            if intended not in self._present:
                self._present.append(intended)

    def adopt(self, found: Resource) -> Resource:
        """Take on what is there under a name of this run, although its creation was refused or not answered."""
        with self._lock:
            if found in self._present:
                return found
            intended = dataclasses.replace(found, id="")
            if intended not in self._present:
                self._present.append(intended)
        noted = self.note(intended, found.id)
        return self.confirm(noted, dataclasses.replace(noted, proved=found.proved))

    def note_found(self, intended: Resource, found: Collection[Resource]) -> None:
        """Note what came into being of what was intended; what was not answered is still waited for if that is none."""
        for one in found:
            with contextlib.suppress(OSError):
                self.journal.write("created", kind=one.kind.name, name=one.name, id=one.id, **_bare(one))
        if found or intended not in self._unanswered:
            self.forget(intended)
        with self._lock:
            self._present += found

    def note_unfound(self) -> None:
        """Let the journal keep what was not answered and is not there yet: later runs look again."""
        with contextlib.suppress(OSError):
            for one in self.unanswered():
                self.journal.write("unfound", kind=one.kind.name, name=one.name, **_bare(one))

    def forget(self, resource: Resource) -> None:
        """Note that something is gone, or never came into being (without id)."""
        with contextlib.suppress(OSError):
            self.journal.write("gone", kind=resource.kind.name, name=resource.name, id=resource.id)
        with self._lock:
            self._unanswered.pop(resource, None)
            if resource in self._present:
                self._present.remove(resource)
