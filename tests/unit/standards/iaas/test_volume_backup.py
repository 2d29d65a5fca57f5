# SPDX-License-Identifier: Apache-2.0
"""scs-0117: every step succeeds, and the official suite's time limit is told apart."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from pytest_scs.core.findings import Basis, Finding, Observation, Undecided
from pytest_scs.standards.iaas.volume_backup import BackupContent, BackupStep, VolumeHash, check_backup, check_content

GOOD = BackupStep("back the volume up", "backup b", "available", 9.0, ok=True, reason="")


def step(**changes: Any) -> BackupStep:
    return dataclasses.replace(GOOD, **changes)


def findings(*steps: BackupStep) -> list[Finding]:
    return [found for found in check_backup(steps) if isinstance(found, Finding)]


def test_steps_that_succeed_in_time_are_no_violation() -> None:
    assert findings(step(), step(seconds=110), step(seconds=110.0)) == []


def test_step_that_fails_is_one_for_both_and_names_the_reason() -> None:
    [found] = findings(step(), step(ok=False, status="error", reason="no space"))
    assert found.basis is Basis.BOTH
    assert (found.resource, found.rule, found.title) == ("backup b", "scs-0117/backup_works", "back the volume up")
    assert found.observed == "'error' after 9.0 s (no space)"


@pytest.mark.parametrize("steps", [(), (step(),), (step(step="create a volume"), step())])
def test_steps_without_the_last_one_show_nothing(steps: tuple[BackupStep, ...]) -> None:
    [found] = check_backup(steps)
    assert str(found) == "what was seen ends before the last step: restore the backup"
    assert list(check_backup((*steps, step(step="restore the backup")))) == []


def test_missing_backup_service_is_told_from_a_broken_one() -> None:
    [found] = findings(step(ok=False, status="refused", reason="Service cinder-backup could not be found."))
    assert found.rule == "scs-0117/backup_offered"
    assert found.title == "back the volume up: no backup service runs"


def test_slow_step_is_a_violation_for_the_official_suite_only() -> None:
    [found] = findings(step(seconds=110.1))
    assert (found.expected, found.observed) == ("at most 110 s", "110.1 s")
    assert (found.basis, found.deviation) == (Basis.OFFICIAL, "DEV-0117-3")
    assert found.rule == "scs-0117/backup_in_time"
    assert found.title == "back the volume up in the time the official suite allows"


# -- content ----------------------------------------------------------------------------------------------------------


def compared(original: str, restored: str, algorithms: tuple[str, str] = ("sha512", "sha512")) -> list[Observation]:
    first, second = algorithms
    seen = BackupContent(VolumeHash("volume o", first, original), VolumeHash("volume r", second, restored), 1)
    return list(check_content(seen))


def test_restored_volume_with_the_same_hash_is_fine() -> None:
    assert compared("a" * 128, "a" * 128) == []


def test_restored_volume_with_another_hash_is_a_violation_for_both() -> None:
    [found] = compared("a" * 128, "b" * 128)
    assert isinstance(found, Finding)
    assert (found.basis, found.resource) == (Basis.BOTH, "volume r")
    assert found.rule == "scs-0117/content_restored"
    assert found.title == "has the content of the volume that was backed up"
    assert (found.expected, found.observed) == (f"sha512 {'a' * 16}...", f"{'b' * 16}...")


@pytest.mark.parametrize(("length", "shown"), [(15, "c" * 15), (16, "c" * 16), (17, f"{'c' * 16}...")])
def test_long_hash_is_cut(length: int, shown: str) -> None:
    [found] = compared("a", "c" * length)
    assert isinstance(found, Finding)
    assert (found.expected, found.observed) == ("sha512 a", shown)


@pytest.mark.parametrize(("original", "restored"), [("", "b"), ("a", ""), ("", "")])
def test_without_both_hashes_nothing_is_decided(original: str, restored: str) -> None:
    [undecided] = compared(original, restored)
    assert isinstance(undecided, Undecided)
    assert undecided.resource == "volume r"


@pytest.mark.parametrize("restored", ["a", "b"])
def test_hashes_of_different_algorithms_decide_nothing(restored: str) -> None:
    [undecided] = compared("a", restored, ("sha512", "sha256"))
    assert isinstance(undecided, Undecided)
    assert "no comparable hashes" in undecided.reason
