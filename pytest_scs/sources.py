# SPDX-License-Identifier: Apache-2.0
"""Where inventories come from: a cloud, an evidence file, or the process that read the cloud for all workers."""

from __future__ import annotations

import functools
import hashlib
import json
import shutil
import tempfile
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pytest_scs.base.words import check_single, install
from pytest_scs.errors import InputError
from pytest_scs.extras import Extras
from pytest_scs.files import write_atomically
from pytest_scs.inventory import CREATES, PROBED, SECTIONS, Inventory
from pytest_scs.progress import Progress, Waiting, keep_telling

if TYPE_CHECKING:
    from openstack.config.cloud_region import CloudRegion

    from pytest_scs.demo.server import DemoCloud
    from pytest_scs.openstack.reader import Reader
    from pytest_scs.redact import Redactor

#: Clouds that come with the plugin.
DEMO_CLOUDS = ("demo", "demo:vanilla")


class Source(Protocol):
    """Gives the inventory of each cloud of the run."""

    clouds: tuple[str, ...]

    def check(self, sections: Collection[str]) -> None:
        """Raise InputError if this machine does not allow what reading the sections needs."""

    def prepare(self, sections: Collection[str]) -> None:
        """Read what the selected testcases need, before the first of them runs."""

    def share(self, folder: Path) -> None:
        """Leave what is read for the workers, before anything is read in the background."""

    def start(self) -> None:
        """Start reading in the background what no listing tells."""

    def inventory(self, cloud: str) -> Inventory:
        """The inventory of one cloud, as far as it is read."""

    def settle(self, cloud: str, section: str) -> None:
        """Wait until a section that is read in the background is there, or known to fail."""

    def close(self) -> list[str]:
        """End whatever was started; returns what could not be removed from the clouds."""


class Clouds:
    """Reads clouds, each once; runs in the process that the user started, never in a worker."""

    def __init__(
        self,
        names: Sequence[str],
        *,
        deadline: float,
        skip_preflight: bool,
        redact: Redactor,
        extras: Extras,
        progress: Progress,
    ) -> None:
        """Find the clouds, and those that ``extras`` names, and start embedded ones; raises InputError.

        ``deadline`` in seconds.
        """
        from pytest_scs.openstack.config import find_cloud, secrets_of
        from pytest_scs.openstack.tempest.given import read_results

        self.clouds = tuple(names)
        self._deadline = deadline
        self._skip_preflight = skip_preflight
        self._redact = redact
        self._folder: Path | None = None
        self._readers: dict[str, Reader] = {}
        self._demos: list[DemoCloud] = []
        self._regions: dict[str, CloudRegion] = {}
        self._extras = extras
        self._others: dict[str, CloudRegion] = {}
        self._progress = progress
        self._journals: Path | None = None
        self._ended = threading.Event()
        try:
            for name in names:
                if _embedded(name):
                    self._regions[name] = self._start(name)
                else:
                    self._regions[name] = find_cloud(name, embedded=DEMO_CLOUDS[0])
                redact.add(secrets_of(self._regions[name]))
            for option, others in (
                ("--scs-domain-managers", extras.domain_managers),
                ("--scs-tempest-accounts", extras.tempest_accounts),
            ):
                for name in others:
                    self._others[name] = self._companion(option, name)
                    redact.add(secrets_of(self._others[name]))
            if extras.tempest_results:
                # A mistake in it is better known now than when the run has come to its testcase.
                read_results(extras.tempest_results)
        except BaseException:
            self.close()
            raise

    def check(self, sections: Collection[str]) -> None:
        """Raise InputError if something is to be created and its journal cannot be written."""
        if not any(section in CREATES and section not in self._extras.harmless for section in sections):
            return
        if all(_embedded(name) for name in (*self.clouds, *self._extras.clouds)):
            # What is left in an embedded cloud goes with it.
            self._journals = Path(tempfile.mkdtemp(prefix="scs-journal-"))
        else:
            from pytest_scs.evidence.journal import state_folder

            _check_journal(state_folder())

    def prepare(self, sections: Collection[str]) -> None:
        """Read the listings of every cloud; :meth:`start` begins with what no listing tells."""
        from pytest_scs.evidence.journal import Journal
        from pytest_scs.openstack.reader import Reader

        for name, region in self._regions.items():
            self._readers[name] = Reader(
                name,
                region,
                deadline=self._deadline,
                redact=self._redact,
                settled=functools.partial(self._settled, name),
                extras=self._extras,
                others=self._others,
                progress=self._progress.say,
                journal=functools.partial(Journal, folder=self._journals),
            )
            self._readers[name].read(sections, skip_preflight=self._skip_preflight)

    def inventory(self, cloud: str) -> Inventory:
        """The inventory of one cloud; :meth:`prepare` comes first."""
        return self._readers[cloud].inventory

    def settle(self, cloud: str, section: str) -> None:
        """Wait for the probe of a section, and say so now and then."""
        waiting = Waiting(SECTIONS[section], self._progress.say)

        def meanwhile() -> None:
            waiting.tick()
            self._progress.flush()

        self._readers[cloud].settle(section, meanwhile)

    def share(self, folder: Path) -> None:
        """Write the inventories for the workers, and from now on every section as soon as its probe is through."""
        plain = [reader.inventory.to_plain() for reader in self._readers.values()]
        write_atomically(folder / SHARED, json.dumps(plain))
        self._folder = folder

    def start(self) -> None:
        """Start the probes of every cloud; the inventories change from now on."""
        for reader in self._readers.values():
            reader.start()
        if self._progress.at_once:
            keep_telling(self._awaited, self._progress.say, self._ended)

    def _awaited(self) -> list[str]:
        names = {section for reader in self._readers.values() for section in reader.awaited()}
        return [SECTIONS[section] for section in SECTIONS if section in names]

    def close(self) -> list[str]:
        """Stop the probes, remove what they created, stop the embedded clouds."""
        self._ended.set()
        leftovers = []
        for reader in self._readers.values():
            reader.close()
            leftovers += reader.leftovers
        while self._demos:
            self._demos.pop().stop()
        if self._journals:
            shutil.rmtree(self._journals, ignore_errors=True)
        return leftovers

    def _settled(self, cloud: str, section: str) -> None:
        """Hand a section to the workers."""
        if self._folder and section in PROBED:
            inventory = self._readers[cloud].inventory
            content = {"section": inventory.sections.get(section), "error": inventory.errors.get(section)}
            write_atomically(self._folder / _handover(cloud, section), json.dumps(content))

    def _companion(self, option: str, name: str) -> CloudRegion:
        """A further account, which ``option`` names: of clouds.yaml, or in the embedded cloud that is judged."""
        from pytest_scs.openstack.config import check_embedded, find_cloud

        if not _embedded(name):
            try:
                return find_cloud(name)
            except InputError as error:
                raise InputError(f"{option}: {error}") from None
        check_embedded(name, option)
        if option != "--scs-domain-managers":
            raise InputError(f"{option}: the embedded cloud has no accounts for it; name two clouds of clouds.yaml")
        if not self._demos:
            raise InputError(f"{option}: {name} is an account in the embedded cloud: judge that with --os-cloud=demo")
        from pytest_scs.demo.launch import manager

        return manager(self._demos[0], name)

    def _start(self, name: str) -> CloudRegion:
        from pytest_scs.openstack.config import check_embedded

        check_embedded(name)
        check_single("--os-cloud", name)
        if name not in DEMO_CLOUDS:
            raise InputError(f"--os-cloud: unknown embedded cloud {name!r}; known: {', '.join(DEMO_CLOUDS)}")
        try:
            from pytest_scs.demo.launch import launch
        except ModuleNotFoundError as error:
            raise InputError(f"--os-cloud={name} needs the package {error.name}; {install('demo')}") from None
        demo, region = launch(name)
        self._demos.append(demo)
        return region


def _check_journal(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(4096))
    except OSError as error:
        raise InputError(
            f"the journal of what the run creates cannot be written to {folder}: {error.strerror or error}; set "
            "XDG_STATE_HOME to a folder of yours, or create nothing: -m 'not creates_resources'"
        ) from None


def _embedded(name: str) -> bool:
    """Whether a name means an embedded cloud, or an account there."""
    return name.partition(":")[0] == DEMO_CLOUDS[0]


class Recorded:
    """Inventories that are there already: from an evidence file, or none at all where nothing may be contacted."""

    def __init__(self, inventories: Mapping[str, Inventory]) -> None:
        self.clouds = tuple(inventories)
        self._inventories = inventories

    def check(self, sections: Collection[str]) -> None:
        """Nothing to check."""

    def prepare(self, sections: Collection[str]) -> None:
        """Nothing to read."""

    def inventory(self, cloud: str) -> Inventory:
        """The inventory of one cloud."""
        return self._inventories[cloud]

    def share(self, folder: Path) -> None:
        """Write the inventories for the workers."""
        write_atomically(folder / SHARED, json.dumps([entry.to_plain() for entry in self._inventories.values()]))

    def start(self) -> None:
        """Nothing to start."""

    def settle(self, cloud: str, section: str) -> None:
        """Nothing to wait for."""

    def close(self) -> list[str]:
        """Nothing to end."""
        return []


#: Seconds a worker waits for a section: longer than any probe takes with all its deadlines.
PATIENCE = 5 * 3600

#: File in which the main process leaves the inventories for the workers.
SHARED = "inventories.json"


class Shared:
    """What the main process read, in a worker. It is written before the first test is sent to any worker."""

    def __init__(self, folder: Path, clouds: Sequence[str]) -> None:
        self.clouds = tuple(clouds)
        self._folder = folder
        self._inventories: dict[str, Inventory] | None = None

    def check(self, sections: Collection[str]) -> None:
        """Nothing to check."""

    def prepare(self, sections: Collection[str]) -> None:
        """The main process does it."""

    def share(self, folder: Path) -> None:
        """The main process does it."""

    def start(self) -> None:
        """The main process does it."""

    def inventory(self, cloud: str) -> Inventory:
        """The inventory of one cloud."""
        if self._inventories is None:
            entries = [Inventory.from_plain(entry) for entry in json.loads((self._folder / SHARED).read_bytes())]
            self._inventories = {entry.cloud: entry for entry in entries}
        return self._inventories[cloud]

    def settle(self, cloud: str, section: str) -> None:
        """Wait for the file in which the main process leaves a section.

        If the main process dies, so do its workers; a full disk ends the wait after ``PATIENCE``.
        """
        ended = time.monotonic() + PATIENCE
        inventory = self.inventory(cloud)
        path = self._folder / _handover(cloud, section)
        while section in inventory.pending and section not in inventory.sections and section not in inventory.errors:
            if path.exists():
                content = json.loads(path.read_bytes())
                if content["error"] is None:
                    inventory.sections[section] = content["section"]
                else:
                    inventory.errors[section] = content["error"]
            elif time.monotonic() > ended:
                inventory.errors[section] = f"cloud {cloud}: {section} was not handed over within {PATIENCE} s"
            else:
                time.sleep(0.1)

    def close(self) -> list[str]:
        """Nothing to end."""
        return []


def _handover(cloud: str, section: str) -> str:
    digest = hashlib.sha256(cloud.encode()).hexdigest()[:16]
    return f"{digest}-{section}.json"
