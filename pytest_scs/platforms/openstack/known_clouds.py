# SPDX-License-Identifier: Apache-2.0
"""The names of clouds for shells that complete them: read without openstacksdk, whose import takes too long for that.

What a run does with these files is openstacksdk's business (clouds_files.py).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from pytest_scs.base import yamlfile
from pytest_scs.base.errors import InputError
from pytest_scs.platforms.openstack.entry import clouds_in


def known_clouds() -> list[str]:
    """The entries of the first clouds.yaml that openstacksdk would take; none where it cannot be read."""
    for path in candidates():
        if path.is_file():
            try:
                found = clouds_in(yamlfile.load(path, "clouds.yaml")) or {}
            except (InputError, OSError):
                continue
            return [name for name in found if isinstance(name, str)]
    return []


def candidates() -> Iterator[Path]:
    """Where openstacksdk looks for clouds, in its order."""
    if named := os.environ.get("OS_CLIENT_CONFIG_FILE"):
        yield Path(named)
    home = Path(os.environ.get("SNAP_REAL_HOME") or os.path.expanduser("~"), ".config")
    site = os.environ.get("XDG_CONFIG_DIRS") or "/etc/xdg"
    folders = (
        Path(),
        Path(os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config"), "openstack"),
        Path(home, "openstack"),
        *(Path(folder, "openstack") for folder in site.split(os.pathsep)),
        Path("/etc/openstack"),
    )
    for folder in folders:
        for suffix in ("yaml", "yml", "json"):
            yield folder / f"clouds.{suffix}"
