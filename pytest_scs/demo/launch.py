# SPDX-License-Identifier: Apache-2.0
"""Starting an embedded cloud and the configuration with which openstacksdk finds it."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from pytest_scs.demo import data, guest
from pytest_scs.demo.server import DemoCloud
from pytest_scs.errors import InputError
from pytest_scs.openstack.config import find_cloud
from pytest_scs.standards.guest_check import NO_PYTHON

if TYPE_CHECKING:
    from openstack.config.cloud_region import CloudRegion


def manager(cloud: DemoCloud, name: str) -> CloudRegion:
    """How the manager of a domain in a started cloud logs in; raises InputError if there is none of this name."""
    entries = cloud.managers()
    if name not in entries:
        known = ", ".join(sorted(entries)) or "none"
        raise InputError(f"--scs-domain-managers: the embedded cloud has no {name!r}; known: {known}")
    return _region(name, yaml.safe_dump({"clouds": {name: entries[name]}}))


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
        state.disk = guest.disk(guest.HEALTHY)
    cloud = DemoCloud(state)
    cloud.start()
    try:
        return cloud, _region(name, cloud.clouds_yaml(name))
    except BaseException:
        cloud.stop()
        raise


def _region(name: str, text: str) -> CloudRegion:
    """The configuration of a cloud out of the text of a clouds.yaml."""
    with tempfile.TemporaryDirectory(prefix="scs-demo-") as folder:
        path = Path(folder, "clouds.yaml")
        path.touch(mode=0o600)
        path.write_text(text, "utf-8")
        return find_cloud(name, [str(path)])
