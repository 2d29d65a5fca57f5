# SPDX-License-Identifier: Apache-2.0
"""What a probe works with, and what a probe is."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pytest_scs.evidence.inventory import Inventory
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.platforms.openstack.extras import Extras
from pytest_scs.platforms.openstack.janitor import Janitor
from pytest_scs.platforms.openstack.quota import Quota

if TYPE_CHECKING:
    from openstack.config.cloud_region import CloudRegion


def _nowhere(name: str) -> tuple[Client, Janitor]:
    raise KeyError(name)


@dataclasses.dataclass(frozen=True, slots=True)
class Probing:
    """What a probe works with. ``cancelled`` is set when the run was interrupted: stop waiting, go home.

    ``extras`` is what the user gave besides the cloud, ``others`` the clouds named there, by name. ``progress`` takes a
    line for a user who waits. ``enter`` gives a client of one of the others and a janitor who tidies up there at the
    end, ``conceal`` takes secrets that no text may show, ``left`` a line for what could not be undone. ``tell`` takes
    what the probe is going to return, as soon as that is certain: it is judged while the probe tidies up.
    """

    client: Client
    janitor: Janitor
    quota: Quota
    inventory: Inventory
    cancelled: threading.Event
    extras: Extras = dataclasses.field(default_factory=Extras)
    others: Mapping[str, CloudRegion] = dataclasses.field(default_factory=dict)
    progress: Callable[[str], None] = lambda line: None
    enter: Callable[[str], tuple[Client, Janitor]] = _nowhere
    conceal: Callable[[Iterable[object]], None] = lambda secrets: None
    left: Callable[[str], None] = lambda line: None

    tell: Callable[[Mapping[str, Any]], None] = lambda found: None

    def patiently(self, seconds: float) -> float:
        """So many seconds, stretched by the user's patience (docs/standards/framework.md#patience)."""
        return seconds * self.client.patience

    def for_section(self, section: str) -> Probing:
        """The same, where what is requested is counted for a section of the inventory."""

        def enter(name: str) -> tuple[Client, Janitor]:
            client, janitor = self.enter(name)
            return client.for_section(section), janitor.for_section(section)

        return dataclasses.replace(
            self,
            client=self.client.for_section(section),
            janitor=self.janitor.for_section(section),
            quota=self.quota.for_section(section),
            enter=enter,
        )
