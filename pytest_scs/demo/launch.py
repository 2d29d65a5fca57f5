# SPDX-License-Identifier: Apache-2.0
"""Starting an embedded cloud and the configuration with which openstacksdk finds it."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_scs.demo import data, guest
from pytest_scs.demo.server import DemoCloud
from pytest_scs.openstack.config import find_cloud
from pytest_scs.standards.guest_check import NO_PYTHON

if TYPE_CHECKING:
    from openstack.config.cloud_region import CloudRegion


def launch(name: str) -> tuple[DemoCloud, CloudRegion]:
    """Start ``demo`` or ``demo:vanilla`` on a free port; the caller stops it."""
    now = dt.datetime.now(dt.UTC)
    if name.endswith(":vanilla"):
        state = data.vanilla(now)
        # A cirros image: it boots, and has nothing to run the measurement with.
        state.console = f"Linux version 6.8.0 (cirros)\n{NO_PYTHON}\n"
    else:
        state = data.conformant(now)
        state.console = guest.console(guest.HEALTHY)
    cloud = DemoCloud(state)
    cloud.start()
    try:
        with tempfile.TemporaryDirectory(prefix="scs-demo-") as folder:
            path = Path(folder, "clouds.yaml")
            cloud.write_clouds_yaml(path, name)
            return cloud, find_cloud(name, [str(path)])
    except BaseException:
        cloud.stop()
        raise
