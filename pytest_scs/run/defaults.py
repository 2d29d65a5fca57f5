# SPDX-License-Identifier: Apache-2.0
"""Defaults for other people's options that fit a conformance run; whatever the user gave stays."""

from __future__ import annotations

import pytest

from pytest_scs.run import pytest_internals


def apply(config: pytest.Config) -> None:
    """Set the defaults; runs before xdist reads its options."""
    if config.option.scs_plan:
        # A plan is made in this process, without workers.
        pytest_internals.set_no_workers(config)
    else:
        # One standard's testcases share a worker; loadgroup is broken with pytest 9.2 (pytest-xdist #1386).
        pytest_internals.set_worker_defaults(config, dist="loadfile", restarts=0)
