# SPDX-License-Identifier: Apache-2.0
"""Probes: what has to be tried in a cloud because no listing tells it.

A probe creates something, looks, and removes it again through the janitor; what it saw is a section of the inventory
like any other, so that testcases judge plain data and a run can be recorded and judged again. Probes run in the process
that the user started, all at the same time, from the beginning of the run.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pytest_scs.extras import Extras
from pytest_scs.inventory import Inventory
from pytest_scs.openstack.client import Client
from pytest_scs.openstack.janitor import Janitor

if TYPE_CHECKING:
    from openstack.config.cloud_region import CloudRegion


@dataclasses.dataclass(frozen=True, slots=True)
class Probing:
    """What a probe works with. ``cancelled`` is set when the run was interrupted: stop waiting, go home.

    ``extras`` is what the user gave besides the cloud, ``others`` the clouds named there, by name. ``progress`` takes a
    line for a user who waits.
    """

    client: Client
    janitor: Janitor
    inventory: Inventory
    cancelled: threading.Event
    extras: Extras = dataclasses.field(default_factory=Extras)
    others: Mapping[str, CloudRegion] = dataclasses.field(default_factory=dict)
    progress: Callable[[str], None] = lambda line: None


Probe = Callable[[Probing], dict[str, Any]]


def probes() -> Mapping[str, Probe]:
    """Section -> probe."""
    from pytest_scs.openstack.probes import backup, default_group_rules, guest, s3, secret, tempest

    return {
        "default_group_rules": default_group_rules.probe,
        "s3_answer": s3.probe,
        "secret_roundtrip": secret.probe,
        "volume_backup": backup.probe,
        "guest": guest.probe,
        "tempest": tempest.probe,
    }
