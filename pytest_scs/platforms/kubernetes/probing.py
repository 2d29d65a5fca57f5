# SPDX-License-Identifier: Apache-2.0
"""What a probe of a cluster works with."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from pytest_scs.evidence.inventory import Inventory
from pytest_scs.platforms.kubernetes.client import Client
from pytest_scs.platforms.kubernetes.janitor import Janitor
from pytest_scs.platforms.kubernetes.kubeconfig import Access
from pytest_scs.platforms.kubernetes.settings import KubernetesSettings


@dataclasses.dataclass(frozen=True, slots=True)
class Probing:
    """What a probe works with. ``cancelled`` is set when the run was interrupted: stop waiting, go home.

    ``inventory`` has what was read before, the probes' own sections as they come; ``clusters`` gives the inventories of
    all clusters of the run. ``access`` is how other programs reach the cluster. Who runs for hours holds ``heavy``: of
    those of one cluster one goes after the other. ``progress`` takes a line for a user who waits, ``conceal`` takes
    secrets that no text may show, ``left`` a line for what could not be undone. ``tell`` takes what the probe is going
    to return, as soon as that is certain: it is judged while the probe tidies up.
    """

    client: Client
    janitor: Janitor
    inventory: Inventory
    settings: KubernetesSettings
    access: Access
    cancelled: threading.Event
    heavy: threading.Lock = dataclasses.field(default_factory=threading.Lock)
    clusters: Callable[[], Collection[Inventory]] = tuple
    progress: Callable[[str], None] = lambda line: None
    conceal: Callable[[Iterable[object]], None] = lambda secrets: None
    left: Callable[[str], None] = lambda line: None
    tell: Callable[[Mapping[str, Any]], None] = lambda found: None

    def patiently(self, seconds: float) -> float:
        """So many seconds, stretched by the user's patience (docs/standards/framework.md#patience)."""
        return seconds * self.client.patience

    def for_section(self, section: str) -> Probing:
        """The same, where what is requested is counted for a section of the inventory."""
        return dataclasses.replace(
            self, client=self.client.for_section(section), janitor=self.janitor.for_section(section)
        )
