# SPDX-License-Identifier: Apache-2.0
"""Starting an embedded cloud and the configuration with which openstacksdk finds it."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_scs.demo import data
from pytest_scs.demo.server import DemoCloud
from pytest_scs.openstack.config import find_cloud

if TYPE_CHECKING:
    from openstack.config.cloud_region import CloudRegion


def launch(name: str) -> tuple[DemoCloud, CloudRegion]:
    """Start ``demo`` or ``demo:vanilla`` on a free port; the caller stops it."""
    now = dt.datetime.now(dt.UTC)
    state = data.vanilla(now) if name.endswith(":vanilla") else data.conformant(now)
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
