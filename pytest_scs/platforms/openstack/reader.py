# SPDX-License-Identifier: Apache-2.0
"""One cloud for the time of a run: what is read at once, what probes read in the background, and who tidies up."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any

from pytest_scs.core.cause import Cause, CauseKind, Inconclusive
from pytest_scs.core.subject import Subject
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.evidence.journal import Journal
from pytest_scs.evidence.section import with_needs
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.platforms.openstack.counting import RequestCount
from pytest_scs.platforms.openstack.extras import Extras
from pytest_scs.platforms.openstack.gather import gather
from pytest_scs.platforms.openstack.janitor import Janitor, new_run_id
from pytest_scs.platforms.openstack.probing import Probing
from pytest_scs.platforms.openstack.quota import Quota
from pytest_scs.platforms.openstack.sections import SECTIONS
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
    ) -> None:
        """For extras and others see Probing; ``journal`` makes the journal of a run id in a cloud."""
        self.inventory = Inventory(subject, "")
        self.leftovers: list[str] = []
        self._region = region
        self._context = context
        self._client: Client | None = None
        self._requests = RequestCount()
        self._redact = context.redact
        self._section_done: Callable[[str], None] = lambda section: None
        self._extras = extras
        self._others = others
        self._journal = journal
        self._cancelled = threading.Event()
        self._janitor: Janitor | None = None
        self._entered: list[tuple[str, Janitor]] = []
        self._pool: ThreadPoolExecutor | None = None
        self._pending: dict[str, Future[None]] = {}

    def read(self, sections: Collection[str]) -> None:
        """Read what a listing tells; :meth:`start` sees to the rest."""
        wanted = with_needs(sections, SECTIONS)
        subject = self.inventory.subject
        try:
            self._client = Client(self._region, self._context.deadline, self._requests)
            self.inventory = gather(
                subject, self._client, wanted, skip_preflight=self._context.skip_preflight, redact=self._redact
            )
        except Exception as error:  # SDKs raise what they like; whatever it is, it is ABORT with this cause
            text = self._redact(f"cloud {subject}: reading it failed: {type(error).__name__}: {error}")
            refused = Cause(text, CauseKind.OTHER)
            self.inventory = Inventory(subject, dt.datetime.now(dt.UTC).isoformat(), refusal=refused)
        if not self.inventory.refusal:
            self.inventory.pending = [name for name in wanted if SECTIONS[name].probe]

    def start(self, section_done: Callable[[str], None]) -> None:
        """Start the probes; from now on the inventory changes in the background.

        ``section_done`` is called with a section's name whenever a probe is through with it.
        """
        self._section_done = section_done
        if not self.inventory.pending or self._client is None:
            return
        probed = {name: probe for name in self.inventory.pending if (probe := SECTIONS[name].probe)}
        run = new_run_id()
        self._janitor = Janitor(self._client, run, self._journal(run, self.inventory.subject.name), self._cancelled)
        self._pool = ThreadPoolExecutor(len(probed), thread_name_prefix="scs-probe")
        probing = Probing(
            client=self._client,
            janitor=self._janitor,
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
        for name, probe in probed.items():
            self._pending[name] = self._pool.submit(self._probe, name, probe, probing)

    def wait_for(self, section: str, meanwhile: Callable[[], None]) -> None:
        """Wait until a section is there or known to fail; ``meanwhile`` is called now and then."""
        while section in self._pending and not wait([self._pending[section]], timeout=1).done:
            meanwhile()
        meanwhile()

    def awaited(self) -> list[str]:
        """The sections whose probes are not through."""
        return [section for section, probe in list(self._pending.items()) if not probe.done()]

    def close(self) -> None:
        """End the run: stop what nobody waits for any more, and remove what probes left.

        What cannot be removed is in ``leftovers``.
        """
        self._cancelled.set()
        if self._pool:
            self._pool.shutdown(wait=True)
            self._pool = None
        # Taken away first: an interrupted removal must not start all over when pytest ends.
        janitor, self._janitor = self._janitor, None
        if janitor:
            self.leftovers += [self._redact(line) for line in janitor.close()]
        while self._entered:
            name, other = self._entered.pop()
            self.leftovers += [self._redact(f"cloud {name}: {line}") for line in other.close()]
        self.inventory.pending = []
        if self._client:
            self.inventory.requests = self._requests.by_service()
            self.inventory.section_requests = self._requests.by_section()

    def _enter(self, name: str) -> tuple[Client, Janitor]:
        """A client of one of the other clouds, and a janitor with a run id of its own for what is created there."""
        client = Client(self._others[name], self._context.deadline, self._requests)
        run = new_run_id()
        janitor = Janitor(client, run, self._journal(run, name), self._cancelled)
        self._entered.append((name, janitor))
        return client, janitor

    def _probe(self, name: str, probe: Callable[[Probing], Mapping[str, Any]], probing: Probing) -> None:
        started = time.monotonic()
        try:
            self.inventory.sections[name] = [dict(probe(probing.for_section(name)))]
        except Inconclusive as error:
            text = self._redact(f"cloud {self.inventory.subject}: {error}")
            self.inventory.errors[name] = Cause(text, error.kind)
        except Exception as error:  # whatever else a probe meets is ABORT for its testcases, and for no others
            cause = f"cloud {self.inventory.subject}: reading {name} failed: {type(error).__name__}: {error}"
            self.inventory.errors[name] = Cause(self._redact(cause), CauseKind.OTHER)
        self.inventory.probe_seconds[name] = round(time.monotonic() - started, 1)
        self._section_done(name)
