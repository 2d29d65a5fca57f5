# SPDX-License-Identifier: Apache-2.0
"""One cloud for the time of a run: what is read at once, what probes read in the background, and who tidies up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from pytest_scs.errors import Inconclusive
from pytest_scs.inventory import PROBED, Inventory
from pytest_scs.openstack.client import Client
from pytest_scs.openstack.gather import gather
from pytest_scs.openstack.janitor import Janitor, new_run_id
from pytest_scs.openstack.journal import Journal
from pytest_scs.openstack.probes import Probe, Probing, probes

if TYPE_CHECKING:
    from openstack.config.cloud_region import CloudRegion

    from pytest_scs.redact import Redactor


class Reader:
    """Reads one cloud. ``settled`` is called with a section's name whenever a probe is through with it."""

    def __init__(
        self, cloud: str, region: CloudRegion, *, deadline: float, redact: Redactor, settled: Callable[[str], None]
    ) -> None:
        """``deadline`` (seconds) bounds the retries of a request."""
        self.inventory = Inventory(cloud, "")
        self.leftovers: list[str] = []
        self._client = Client(region, deadline)
        self._redact = redact
        self._settled = settled
        self._cancelled = threading.Event()
        self._janitor: Janitor | None = None
        self._pool: ThreadPoolExecutor | None = None
        self._pending: dict[str, Future[None]] = {}

    def read(self, sections: Collection[str], *, skip_preflight: bool) -> None:
        """Read what a listing tells, and start the probes for the rest."""
        wanted = {*sections, *(need for section in sections for need in PROBED.get(section, ()))}
        self.inventory = gather(
            self.inventory.cloud, self._client, wanted, skip_preflight=skip_preflight, redact=self._redact
        )
        probed = {name: probe for name, probe in probes().items() if name in sections}
        if self.inventory.refusal or not probed:
            return
        run = new_run_id()
        self._janitor = Janitor(self._client, run, Journal(run, self.inventory.cloud), self._cancelled)
        self._pool = ThreadPoolExecutor(len(probed), thread_name_prefix="scs-probe")
        probing = Probing(self._client, self._janitor, self.inventory, self._cancelled)
        self.inventory.pending = list(probed)
        for name, probe in probed.items():
            self._pending[name] = self._pool.submit(self._probe, name, probe, probing)

    def settle(self, section: str) -> None:
        """Wait until a section is there or known to fail."""
        if section in self._pending:
            self._pending[section].result()

    def close(self) -> None:
        """End the run: stop what nobody waits for any more, and remove what probes left.

        What cannot be removed is in ``leftovers``.
        """
        self._cancelled.set()
        if self._pool:
            self._pool.shutdown(wait=True)
            self._pool = None
        if self._janitor:
            self.leftovers = [self._redact(line) for line in self._janitor.close()]
            self._janitor = None
        self.inventory.pending = []
        self.inventory.requests = dict(self._client.requests)

    def _probe(self, name: str, probe: Probe, probing: Probing) -> None:
        started = time.monotonic()
        try:
            seen: dict[str, Any] = probe(probing)
            self.inventory.sections[name] = [seen]
        except Inconclusive as error:
            self.inventory.errors[name] = self._redact(f"cloud {self.inventory.cloud}: {error}")
        except Exception as error:  # whatever else a probe meets is ABORT for its testcases, and for no others
            cause = f"cloud {self.inventory.cloud}: reading {name} failed: {type(error).__name__}: {error}"
            self.inventory.errors[name] = self._redact(cause)
        self.inventory.probe_seconds[name] = round(time.monotonic() - started, 1)
        self._settled(name)
