# SPDX-License-Identifier: Apache-2.0
"""One cluster for the time of a run: what is read at once, what probes read in the background, and who tidies up."""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading
import time
from collections.abc import Callable, Collection

from pytest_scs.base.fields import form_problem
from pytest_scs.core.cause import Cause, CauseKind, Inconclusive
from pytest_scs.core.subject import Subject
from pytest_scs.evidence import apart
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.evidence.journal import Journal
from pytest_scs.evidence.limit import Limit
from pytest_scs.evidence.listings import read_listings
from pytest_scs.evidence.probes import Probes
from pytest_scs.evidence.request_count import RequestCount
from pytest_scs.evidence.section import with_needs
from pytest_scs.platforms.kubernetes import bounds, preflight
from pytest_scs.platforms.kubernetes.cleanup_command import cleanup_command
from pytest_scs.platforms.kubernetes.client import Client
from pytest_scs.platforms.kubernetes.janitor import Janitor, new_run_id
from pytest_scs.platforms.kubernetes.kubeconfig import Access
from pytest_scs.platforms.kubernetes.probing import Probing
from pytest_scs.platforms.kubernetes.sections import SECTIONS
from pytest_scs.platforms.kubernetes.settings import KubernetesSettings
from pytest_scs.platforms.platform import RunContext

# Seconds from which on a probe is a run for which credential and nodes have to be good.
_LONG = 900


class Reader:
    """Reads one cluster: a SubjectReader (evidence/source.py)."""

    def __init__(
        self,
        subject: Subject,
        access: Access,
        settings: KubernetesSettings,
        context: RunContext,
        journal: Callable[[str, str], Journal] = Journal,
        clusters: Callable[[], Collection[Inventory]] = tuple,
    ) -> None:
        """``journal`` makes the journal of a run id in a cluster; ``clusters`` gives the inventories of all."""
        self.inventory = Inventory(subject, "")
        self.leftovers: list[str] = []
        self._access = access
        self._settings = settings
        self._context = context
        self._redact = context.redact
        self._requests = RequestCount()
        self._client = Client(
            access,
            context.deadline,
            self._requests,
            context.patience,
            limit=context.limit,
            conceal=context.redact.add,
        )
        self._journal = journal
        self._clusters = clusters
        self._cancelled = threading.Event()
        self._janitor: Janitor | None = None
        self._probes = Probes(SECTIONS, context.redact, f"cluster {subject}")
        self.phases = self._probes.phases

    def read(self, sections: Collection[str]) -> None:
        """Read what a listing tells; :meth:`start` sees to the rest."""
        started = time.monotonic()
        wanted = with_needs(sections, SECTIONS)
        inventory = Inventory(self.inventory.subject, dt.datetime.now(dt.UTC).isoformat())
        try:
            self._read(inventory, wanted)
        except Exception as error:  # whatever it is, it is ABORT with this cause
            kind = error.kind if isinstance(error, Inconclusive) else CauseKind.OTHER
            text = str(error) if isinstance(error, Inconclusive) else f"it cannot be read: {form_problem(error)}"
            inventory.refusal = Cause(self._redact(f"cluster {inventory.subject}: {text}"), kind)
        if not inventory.refusal:
            inventory.pending = [name for name in wanted if SECTIONS[name].probe]
        inventory.seconds = round(time.monotonic() - started, 3)
        self._count(inventory)
        self.inventory = inventory

    def start(self, section_done: Callable[[str], None]) -> None:
        """Start the probes; ``section_done`` is called with a section's name whenever one is through."""
        if not self.inventory.pending:
            return
        run = new_run_id()
        journal = self._journal(run, self.inventory.subject.name)
        self._janitor = Janitor(self._client, run, journal, self._cancelled, self.cleanup_command)
        probing = Probing(
            client=self._client,
            janitor=self._janitor,
            inventory=self.inventory,
            settings=self._settings,
            access=self._access,
            cancelled=self._cancelled,
            clusters=self._clusters,
            progress=lambda line: self._context.say(self._redact(line)),
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
        """End the run: stop what nobody waits for any more, and remove what probes left."""
        self._cancelled.set()
        try:
            limit = Limit.of(bounds.LISTING * self._context.patience)
            self.leftovers += self._probes.end(limit, self._context.say, self.cleanup_command)
            if self._janitor:
                left = self._janitor.close(limit.at)
                self._janitor = None
                self.leftovers += [self._redact(line) for line in left]
        except BaseException:
            self.abandon()
            raise
        self.inventory.pending = []
        self._count(self.inventory)
        self._client.close()

    @property
    def cleanup_command(self) -> str:
        """The command that lists what is left in the cluster."""
        return cleanup_command(self._settings.files, self._access.name, self._access.origin)

    def remaining(self) -> list[str]:
        """What is still to be removed, in words."""
        return [self._redact(one) for one in (self._janitor.present() if self._janitor else ())]

    def abandon(self) -> None:
        """Leave behind what is still there, with a line for each of it in ``leftovers``."""
        self._cancelled.set()
        self._probes.abandon()
        if self._janitor:
            self.leftovers += [self._redact(line) for line in self._janitor.leave()]
            self._janitor = None

    def _read(self, inventory: Inventory, wanted: Collection[str]) -> None:
        if not self._context.skip_preflight:
            about = f"cluster {self.inventory.subject}: "
            refused = apart.result_of(
                lambda: preflight.refusal(self._client, self._say_of_it),
                self._client.seconds_left,
                "its first answer",
                self._context.voice_about(None).through(lambda text: text and f"{about}{text}"),
            )
            if refused:
                inventory.refusal = Cause(self._redact(f"cluster {inventory.subject}: {refused}"), refused.kind)
                return
            if any(SECTIONS[name].lasts >= _LONG for name in wanted):
                for line in preflight.notices(self._client, self._settings.e2e_timeout, dt.datetime.now(dt.UTC)):
                    self._say_of_it(line)
        voice = self._context.voice_about(self.inventory.subject)
        listings = [SECTIONS[name] for name in wanted if SECTIONS[name].read]
        found = read_listings(listings, self._client, self._client.seconds_left, voice)
        for name, outcome in found.items():
            if isinstance(outcome, Cause):
                text = f"cluster {inventory.subject}: cannot read {name}: {outcome}"
                inventory.errors[name] = Cause(self._redact(text), outcome.kind)
            else:
                inventory.sections[name] = self._redact.plain(outcome)

    def _count(self, inventory: Inventory) -> None:
        inventory.requests = self._requests.by_service()
        inventory.section_requests = self._requests.by_section()

    def _say(self, line: str) -> None:
        self._context.say(self._redact(line))

    def _say_of_it(self, line: str) -> None:
        self._say(f"cluster {self.inventory.subject}: {line}")
