# SPDX-License-Identifier: Apache-2.0
"""Starting an embedded cloud and the configuration with which openstacksdk finds it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from pytest_scs.demo.presets import preset
from pytest_scs.demo.server import DemoCloud
from pytest_scs.errors import InputError
from pytest_scs.openstack.config import find_cloud

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
    cloud = DemoCloud(preset(name.endswith(":vanilla")))
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
