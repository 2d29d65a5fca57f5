# SPDX-License-Identifier: Apache-2.0
"""What the tests on a real OpenStack have in common."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pytest_scs.platforms.openstack import sweep
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.platforms.openstack.config import find_cloud

#: State of the devcloud and its clouds.yaml, where its own default lies.
STATE = Path(os.environ.get("DEVCLOUD_DIR", "/var/tmp/devcloud"))

Devcloud = Callable[..., None] | None

READ_ONLY = "not creates_resources"
CREATING = "scs_0115 or scs_0116 or scs_0117"


def belongings(cloud: str) -> dict[str, set[str]]:
    """Ids of everything the project has, by kind."""
    client = Client(find_cloud(cloud), 60)
    found = {kind: set(ids or ()) for kind, ids in sweep.project_belongings(client).items()}
    if client.offers("object-store"):
        found["containers"] = set(client.text("object-store", "").split())
    return found


def judged(launch: Any, cloud: str, selection: str, *args: str, apart: bool = False) -> Any:
    scope = ("--scs-scope=iaas-v5.1", f"--os-cloud={cloud}", "-p", "no:cacheprovider")
    return launch(*scope, "-m", selection, *args, apart=apart)
