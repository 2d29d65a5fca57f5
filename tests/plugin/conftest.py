# SPDX-License-Identifier: Apache-2.0
"""Clouds for runs that create something, and little patience with them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

#: The tests of a private scope, which test_second_platform.py runs.
collect_ignore = ["folder_platform"]

if TYPE_CHECKING:
    from pytest_scs.demo.openstack.state import CloudState


@pytest.fixture(autouse=True)
def _own_state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up after seconds where a real cloud gets minutes."""
    from pytest_scs.platforms.openstack import closing, removal
    from pytest_scs.platforms.openstack.probes import backup, copies, report_disk, s3_roundtrip
    from pytest_scs.platforms.openstack.probes import guest as guest_probe

    for module, name, seconds in (
        (closing, "LATENESS", 1.5),
        (removal, "ACCEPTANCE", 3),
        (removal, "DELETION", 3),
        (removal, "LEAST", 0),
        (removal, "ASIDE", 3),
        (backup, "PATIENCE", 2),
        (copies, "PATIENCE", 2),
        (report_disk, "PATIENCE", 2),
        (s3_roundtrip, "LAG", 2),
        (guest_probe, "BOOT", 2),
        (guest_probe, "VOLUME", 2),
        (guest_probe, "CONSOLE", 3),
    ):
        monkeypatch.setattr(module, name, seconds)


@pytest.fixture
def healthy(state: CloudState, short_waits: None) -> CloudState:
    """A cloud with a healthy guest, and little patience with it."""
    from pytest_scs.demo.openstack import guest

    state.console = guest.console(guest.HEALTHY)
    return state


@pytest.fixture
def clean(healthy: CloudState) -> Iterator[CloudState]:
    """A healthy cloud that must have afterwards what it had before."""
    before = healthy.belongings()
    yield healthy
    assert healthy.belongings() == before
