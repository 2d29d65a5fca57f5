# SPDX-License-Identifier: Apache-2.0
"""scs-0117: volume backup (document: scs-0117-v1)."""

from __future__ import annotations

import pytest

from pytest_scs.core.collector import Collector
from pytest_scs.standards.iaas import volume_backup as standard
from pytest_scs.standards.iaas.volume_backup import BackupContent, VolumeBackup


@pytest.mark.scs("scs-0117-test-backup")
def test_scs_0117_test_backup(scs: Collector, volume_backup: VolumeBackup) -> None:
    """The function to back up volumes MUST work and be offered to customers.

    Source: scs-0117-v1. Fails when a step of backing up and restoring a volume does not succeed; aborts when the quota
    is too small or block storage does not answer.
    """
    scs.whole("steps", volume_backup.steps, standard.check_backup)


@pytest.mark.scs("scs-0117-x-content")
def test_scs_0117_x_content(scs: Collector, backup_content: BackupContent) -> None:
    """A restored volume MUST have the content of the volume that was backed up.

    Source: scs-0117-v1 (backups have to work); the official suite compares nothing (DEV-0117-4). Fails when the hashes
    of both volumes differ; aborts when one of them cannot be had.
    """
    scs.examined("restored volumes", 1)
    scs.add(standard.check_content(backup_content))
