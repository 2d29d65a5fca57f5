# SPDX-License-Identifier: Apache-2.0
"""Starting an embedded cloud, and the entries of clouds.yaml with which clients find it."""

from __future__ import annotations

import yaml

from pytest_scs.base.errors import InputError
from pytest_scs.demo.openstack.presets import preset
from pytest_scs.demo.openstack.server import DemoCloud


def manager_yaml(cloud: DemoCloud, name: str) -> str:
    """A clouds.yaml with the entry ``name``: how the manager of a domain in a started cloud logs in.

    Raises InputError if there is none of this name.
    """
    entries = cloud.managers()
    if name not in entries:
        known = ", ".join(sorted(entries)) or "none"
        raise InputError(f"--scs-domain-managers: the embedded cloud has no {name!r}; known: {known}")
    text: str = yaml.safe_dump({"clouds": {name: entries[name]}})
    return text


def launch(name: str) -> tuple[DemoCloud, str]:
    """Start ``demo`` or ``demo:vanilla`` on a free port, which the caller stops; returns its clouds.yaml as well."""
    cloud = DemoCloud(preset(name.endswith(":vanilla")))
    cloud.start()
    return cloud, cloud.clouds_yaml(name)
