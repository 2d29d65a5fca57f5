# SPDX-License-Identifier: Apache-2.0
"""scs-0117: every step succeeds, and the official suite's time limit is told apart."""

from __future__ import annotations

import dataclasses
from typing import Any

from pytest_scs.findings import Basis, Finding
from pytest_scs.standards.volume_backup import OFFICIAL_PATIENCE, BackupStep, check_backup

GOOD = BackupStep("back the volume up", "backup b", "available", 9.0, ok=True, reason="")


def step(**changes: Any) -> BackupStep:
    return dataclasses.replace(GOOD, **changes)


def findings(*steps: BackupStep) -> list[Finding]:
    return [found for found in check_backup(steps) if isinstance(found, Finding)]


def test_steps_that_succeed_in_time_are_no_violation() -> None:
    assert findings(step(), step(seconds=OFFICIAL_PATIENCE)) == []


def test_step_that_fails_is_one_for_both_and_names_the_reason() -> None:
    [found] = findings(step(), step(ok=False, status="error", reason="no space"))
    assert found.basis is Basis.BOTH
    assert (found.resource, found.rule, found.title) == ("backup b", "scs-0117/backup_works", "back the volume up")
    assert found.observed == "'error' after 9.0 s (no space)"


def test_missing_backup_service_is_told_from_a_broken_one() -> None:
    [found] = findings(step(ok=False, status="refused", reason="Service cinder-backup could not be found."))
    assert found.rule == "scs-0117/backup_offered"
    assert found.title == "back the volume up: no backup service runs"


def test_slow_step_is_a_violation_for_the_official_suite_only() -> None:
    [found] = findings(step(seconds=OFFICIAL_PATIENCE + 0.1))
    assert (found.basis, found.deviation) == (Basis.OFFICIAL, "DEV-0117-3")
    assert found.rule == "scs-0117/backup_in_time"
    assert found.title == "back the volume up in the time the official suite allows"
