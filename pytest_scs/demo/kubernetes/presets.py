# SPDX-License-Identifier: Apache-2.0
"""The clusters that come with the plugin, embedded or served by themselves."""

from __future__ import annotations

import datetime as dt

from pytest_scs.demo.kubernetes import data
from pytest_scs.demo.kubernetes.state import ClusterState


def preset(vanilla: bool) -> ClusterState:
    """A conforming cluster or, if ``vanilla``, a fresh one as its installer leaves it."""
    now = dt.datetime.now(dt.UTC)
    return data.vanilla(now) if vanilla else data.conformant(now)
