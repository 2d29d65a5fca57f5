# SPDX-License-Identifier: Apache-2.0
"""The clouds that come with the plugin, embedded or served by themselves: their content and how their servers boot."""

from __future__ import annotations

import datetime as dt

from pytest_scs.demo.openstack import data, guest
from pytest_scs.demo.openstack.state import CloudState
from pytest_scs.standards.iaas.hopeless_boot import NO_PYTHON


def preset(vanilla: bool) -> CloudState:
    """A conforming cloud with healthy guests or, if ``vanilla``, an OpenStack that never heard of SCS."""
    now = dt.datetime.now(dt.UTC)
    if vanilla:
        state = data.vanilla(now)
        # A cirros image: it boots, and has nothing to run the measurement with.
        state.console = f"Linux version 6.8.0 (cirros)\n{NO_PYTHON}\n"
    else:
        state = data.conformant(now)
        state.console = guest.console(guest.HEALTHY)
        state.disk = guest.disk(guest.HEALTHY)
    return state
