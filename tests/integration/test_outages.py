# SPDX-License-Identifier: Apache-2.0
"""A real OpenStack of which a part does not work: the right verdict, and nothing stays."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from needs import lacking
from real_cloud import STATE, Devcloud, belongings, judged

from pytest_scs.cli import main as scs
from pytest_scs.platforms.openstack import removal
from pytest_scs.platforms.openstack.probes import backup

GUEST = {"scs-0101-entropy-avail", "scs-0101-fips-test"}

#: What Nova's policy is while nobody may read consoles, and otherwise: it has to stay there once it was read.
FORBIDDEN, ALLOWED = '{"os_compute_api:os-console-output": "!"}', "{}"


@pytest.fixture(autouse=True)
def _state_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


@pytest.fixture
def breakable(devcloud: Devcloud) -> Any:
    """Runs commands of the devcloud."""
    if devcloud is None:
        lacking("cloud", "only the devcloud can be broken")
    return devcloud


@pytest.fixture
def forbidden_consoles(breakable: Any) -> Iterator[None]:
    if os.environ.get("DEVCLOUD_VIRT") != "libvirt":
        lacking("guests", "needs real virtual machines: DEVCLOUD_VIRT=libvirt")
    policy = STATE / "etc/nova/policy.yaml"
    policy.write_text(FORBIDDEN)
    yield
    policy.write_text(ALLOWED)


def test_stopped_backup_service_is_a_violation_and_what_it_holds_is_cleaned_up_later(
    launch: Any, cloud: str, breakable: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Patience with a backup that never comes is not what is tested here.
    monkeypatch.setattr(backup, "PATIENCE", 20)
    monkeypatch.setattr(removal, "ACCEPTANCE", 10)
    before = belongings(cloud)
    breakable("break", "no-backup")
    try:
        run = judged(launch, cloud, "scs_0117")
    finally:
        breakable("unbreak", "no-backup")
    assert run.verdicts == {"scs-0117-test-backup": "FAIL"}
    left = run.documents[0]["debug"]["left_incomplete"]
    assert [line.split(" _scs-")[0] for line in left] == ["backup", "volume"]
    # The service goes on with the backup that was asked for, or says that it cannot; both take a while.
    monkeypatch.setattr(removal, "ACCEPTANCE", 110)
    assert scs(["cleanup", f"--os-cloud={cloud}", "--delete"]) == 0
    assert belongings(cloud) == before


def test_stopped_compute_service_is_undecided(launch: Any, cloud: str, breakable: Any) -> None:
    before = belongings(cloud)
    breakable("break", "compute-down")
    try:
        run = judged(launch, cloud, "scs_0101 and main")
    finally:
        breakable("unbreak", "compute-down")
    assert run.having("ABORT") == set(run.verdicts) == GUEST
    assert "No valid host" in run.result.stdout.str()
    assert belongings(cloud) == before


def test_volume_service_that_hangs_for_a_while_leaves_nothing_behind(launch: Any, cloud: str, breakable: Any) -> None:
    before = belongings(cloud)
    service = int((STATE / "run/cinder-api.pid").read_text().split()[0])
    timers = [
        threading.Timer(2, os.killpg, (service, signal.SIGSTOP)),
        threading.Timer(22, os.killpg, (service, signal.SIGCONT)),
    ]
    for timer in timers:
        timer.start()
    try:
        run = judged(launch, cloud, "scs_0117")
    finally:
        for timer in timers:
            timer.cancel()
        os.killpg(service, signal.SIGCONT)
    assert run.verdicts["scs-0117-test-backup"] in ("PASS", "ABORT")
    assert belongings(cloud) == before


def test_guest_reports_by_a_disk_where_consoles_are_forbidden(
    launch: Any, cloud: str, forbidden_consoles: None
) -> None:
    before = belongings(cloud)
    run = judged(launch, cloud, "scs_0101 and main")
    assert run.having("PASS") == set(run.verdicts) == GUEST
    assert any("by a disk" in line for line in run.messages("scs-0101-entropy-avail"))
    assert belongings(cloud) == before
