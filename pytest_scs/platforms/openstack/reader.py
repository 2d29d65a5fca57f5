# SPDX-License-Identifier: Apache-2.0
"""One cloud for the time of a run: what is read at once, what probes read in the background, and who tidies up."""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading
import time
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING

from pytest_scs.core.cause import Cause, CauseKind
from pytest_scs.core.subject import Subject
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.evidence.journal import Journal
from pytest_scs.evidence.probes import Probes
from pytest_scs.evidence.request_count import RequestCount
from pytest_scs.evidence.section import with_needs
from pytest_scs.platforms.openstack import bounds
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.platforms.openstack.closing import Farewell
from pytest_scs.platforms.openstack.explain import in_words
from pytest_scs.platforms.openstack.extras import Extras
from pytest_scs.platforms.openstack.gather import gather
from pytest_scs.platforms.openstack.janitor import Janitor, new_run_id
from pytest_scs.platforms.openstack.probing import Probing
from pytest_scs.platforms.openstack.quota import Quota
from pytest_scs.platforms.openstack.sections import SECTIONS
from pytest_scs.platforms.openstack.surroundings import Surroundings
from pytest_scs.platforms.platform import RunContext

if TYPE_CHECKING:
    from openstack.config.cloud_region import CloudRegion


class Reader:
    """Reads one cloud: a SubjectReader (evidence/source.py)."""

    def __init__(
        self,
        subject: Subject,
        region: CloudRegion,
        context: RunContext,
        *,
        extras: Extras,
        others: Mapping[str, CloudRegion],
        journal: Callable[[str, str], Journal] = Journal,
        farewell: Farewell | None = None,
    ) -> None:
        """For extras and others see Probing; ``journal`` makes the journal of a run id in a cloud.

        ``farewell`` bounds the removals, for all clouds of the run together.
        """
        self.inventory = Inventory(subject, "")
        self.leftovers: list[str] = []
        self._region = region
        self._context = context
        self._client: Client | None = None
        self._requests = RequestCount()
        self._redact = context.redact
        self._extras = extras
        self._others = others
        self._journal = journal
        self._farewell = farewell or Farewell()
        self._cancelled = threading.Event()
        # The name of the cloud is empty for the judged one.
        self._janitors: list[tuple[str, Janitor]] = []
        self._surroundings = Surroundings.now()
        self._probes = Probes(SECTIONS, context.redact, f"cloud {subject}")
        self.phases = self._probes.phases

    def read(self, sections: Collection[str]) -> None:
        """Read what a listing tells; :meth:`start` sees to the rest."""
        wanted = with_needs(sections, SECTIONS)
        subject = self.inventory.subject
        try:
            self._client = Client(self._region, self._context.deadline, self._requests, self._surroundings)
            self.inventory = gather(
                subject,
                self._client,
                wanted,
                skip_preflight=self._context.skip_preflight,
                redact=self._redact,
                limit=self._context.limit,
                say=self._context.say,
                voice=self._context.voice_about(subject),
            )
            # The door: what the cloud repeats of our secrets is masked before anything is made of it.
            self.inventory.sections = self._redact.plain(self.inventory.sections)
        except Exception as error:  # SDKs raise what they like; whatever it is, it is ABORT with this cause
            text = self._redact(f"cloud {subject}: it cannot be read: {in_words(error)}")
            refused = Cause(text, CauseKind.OTHER)
            self.inventory = Inventory(subject, dt.datetime.now(dt.UTC).isoformat(), refusal=refused)
        if not self.inventory.refusal:
            self.inventory.pending = [name for name in wanted if SECTIONS[name].probe]

    def start(self, section_done: Callable[[str], None]) -> None:
        """Start the probes; from now on the inventory changes in the background.

        ``section_done`` is called with a section's name whenever a probe is through with it.
        """
        if not self.inventory.pending or self._client is None:
            return
        run = new_run_id()
        janitor = Janitor(self._client, run, self._journal(run, self.inventory.subject.name), self._cancelled)
        self._janitors.append(("", janitor))
        probing = Probing(
            client=self._client,
            janitor=janitor,
            quota=Quota(self._client, self._cancelled),
            inventory=self.inventory,
            cancelled=self._cancelled,
            extras=self._extras,
            others=self._others,
            progress=lambda line: self._context.say(self._redact(line)),
            enter=self._enter,
            conceal=self._redact.add,
            left=lambda line: self.leftovers.append(self._redact(line)),
        )
        self._probes.start(
            self.inventory,
            lambda name, tell: dataclasses.replace(probing.for_section(name), tell=tell),
            section_done,
        )

    def wait_for(self, section: str, meanwhile: Callable[[], None]) -> None:
        """Wait until a section is there or known to fail; ``meanwhile`` is called now and then."""
        self._probes.wait_for(section, meanwhile)

    def awaited(self) -> list[str]:
        """The sections of which nothing is known yet."""
        return self._probes.awaited()

    def close(self) -> None:
        """End the run: stop what nobody waits for any more, and remove what probes left.

        What cannot be removed is in ``leftovers``.
        """
        self._cancelled.set()
        until = self._farewell.until()
        try:
            limit = bounds.Limit.of(min(bounds.LISTING, until - time.monotonic()))
            self.leftovers += self._probes.end(limit, self._context.say, self.cleanup_command)
            while self._janitors:
                name, janitor = self._janitors[0]
                left = janitor.close(until)
                self._janitors.pop(0)
                self.leftovers += [self._redact(f"cloud {name}: {line}" if name else line) for line in left]
        except BaseException:
            self.abandon()
            raise
        self.inventory.pending = []
        if self._client:
            self.inventory.requests = self._requests.by_service()
            self.inventory.section_requests = self._requests.by_section()

    @property
    def cleanup_command(self) -> str:
        """The command that lists what is left in the cloud."""
        return f"scs cleanup --os-cloud={self.inventory.subject.name}"

    def remaining(self) -> list[str]:
        """What is still to be removed, in words."""
        return [self._redact(one) for _, janitor in list(self._janitors) for one in janitor.present()]

    def abandon(self) -> None:
        """Leave behind what is still there, with a line for each of it in ``leftovers``."""
        self._cancelled.set()
        self._probes.abandon()
        while self._janitors:
            _, janitor = self._janitors.pop(0)
            self.leftovers += [self._redact(line) for line in janitor.leave()]

    def _enter(self, name: str) -> tuple[Client, Janitor]:
        """A client of one of the other clouds, and a janitor with a run id of its own for what is created there."""
        client = Client(self._others[name], self._context.deadline, self._requests, self._surroundings)
        run = new_run_id()
        janitor = Janitor(client, run, self._journal(run, name), self._cancelled)
        self._janitors.append((name, janitor))
        return client, janitor
