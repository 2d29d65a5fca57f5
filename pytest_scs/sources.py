# SPDX-License-Identifier: Apache-2.0
"""Where inventories come from: a cloud, an evidence file, or the process that read the cloud for all workers."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pytest_scs.errors import InputError
from pytest_scs.files import write_atomically
from pytest_scs.inventory import Inventory

if TYPE_CHECKING:
    from openstack.config.cloud_region import CloudRegion

    from pytest_scs.demo.server import DemoCloud
    from pytest_scs.redact import Redactor

#: Clouds that come with the plugin.
DEMO_CLOUDS = ("demo", "demo:vanilla")


class Source(Protocol):
    """Gives the inventory of each cloud of the run."""

    clouds: tuple[str, ...]

    def prepare(self, sections: Collection[str]) -> None:
        """Read what the selected testcases need, before the first of them runs."""

    def inventory(self, cloud: str) -> Inventory:
        """The inventory of one cloud."""

    def close(self) -> None:
        """End whatever was started."""


class Clouds:
    """Reads clouds, each once; runs in the process that the user started, never in a worker."""

    def __init__(self, names: Sequence[str], *, deadline: float, skip_preflight: bool, redact: Redactor) -> None:
        """Find the clouds and start embedded ones; raises InputError. ``deadline`` in seconds."""
        from pytest_scs.openstack.config import find_cloud, secrets_of

        self.clouds = tuple(names)
        self._deadline = deadline
        self._skip_preflight = skip_preflight
        self._redact = redact
        self._inventories: dict[str, Inventory] = {}
        self._demos: list[DemoCloud] = []
        self._regions: dict[str, CloudRegion] = {}
        try:
            for name in names:
                if name.partition(":")[0] == "demo":
                    self._regions[name] = self._start(name)
                else:
                    self._regions[name] = find_cloud(name)
                redact.add(secrets_of(self._regions[name]))
        except BaseException:
            self.close()
            raise

    def prepare(self, sections: Collection[str]) -> None:
        """Read the sections of every cloud; the embedded clouds are done with afterwards."""
        from pytest_scs.openstack.gather import gather

        for name, region in self._regions.items():
            self._inventories[name] = gather(
                name,
                region,
                sections,
                deadline=self._deadline,
                skip_preflight=self._skip_preflight,
                redact=self._redact,
            )

    def inventory(self, cloud: str) -> Inventory:
        """The inventory of one cloud; :meth:`prepare` comes first."""
        return self._inventories[cloud]

    def share(self, folder: Path) -> None:
        """Write the inventories for the workers."""
        plain = [inventory.to_plain() for inventory in self._inventories.values()]
        write_atomically(folder / SHARED, json.dumps(plain))

    def close(self) -> None:
        """Stop the embedded clouds."""
        while self._demos:
            self._demos.pop().stop()

    def _start(self, name: str) -> CloudRegion:
        if name not in DEMO_CLOUDS:
            raise InputError(f"--os-cloud: unknown embedded cloud {name!r}; known: {', '.join(DEMO_CLOUDS)}")
        try:
            from pytest_scs.demo.launch import launch
        except ModuleNotFoundError as error:
            raise InputError(
                f"--os-cloud={name} needs the package {error.name}; install it with: pip install 'pytest-scs[demo]'"
            ) from None
        demo, region = launch(name)
        self._demos.append(demo)
        return region


class Recorded:
    """Inventories that are there already: from an evidence file, or none at all where nothing may be contacted."""

    def __init__(self, inventories: Mapping[str, Inventory]) -> None:
        self.clouds = tuple(inventories)
        self._inventories = inventories

    def prepare(self, sections: Collection[str]) -> None:
        """Nothing to read."""

    def inventory(self, cloud: str) -> Inventory:
        """The inventory of one cloud."""
        return self._inventories[cloud]

    def share(self, folder: Path) -> None:
        """Write the inventories for the workers."""
        write_atomically(folder / SHARED, json.dumps([entry.to_plain() for entry in self._inventories.values()]))

    def close(self) -> None:
        """Nothing to end."""


#: File in which the main process leaves the inventories for the workers.
SHARED = "inventories.json"


class Shared:
    """What the main process read, in a worker. It is written before the first test is sent to any worker."""

    def __init__(self, folder: Path, clouds: Sequence[str]) -> None:
        self.clouds = tuple(clouds)
        self._folder = folder
        self._inventories: dict[str, Inventory] | None = None

    def prepare(self, sections: Collection[str]) -> None:
        """The main process does it."""

    def inventory(self, cloud: str) -> Inventory:
        """The inventory of one cloud."""
        if self._inventories is None:
            entries = [Inventory.from_plain(entry) for entry in json.loads((self._folder / SHARED).read_bytes())]
            self._inventories = {entry.cloud: entry for entry in entries}
        return self._inventories[cloud]

    def close(self) -> None:
        """Nothing to end."""
