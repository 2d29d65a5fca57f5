# SPDX-License-Identifier: Apache-2.0
"""scs-0117: volume backup (document: scs-0117-v1)."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_scs.collector import Collector
from pytest_scs.standards import volume_backup as standard


@pytest.mark.scs("scs-0117-test-backup")
def test_scs_0117_test_backup(scs: Collector, volume_backup: dict[str, Any]) -> None:
    """The function to back up volumes MUST work and be offered to customers.

    Source: scs-0117-v1. Fails when a step of backing up and restoring a volume does not succeed; aborts when the quota
    is too small or block storage does not answer.
    """
    scs.whole("steps", volume_backup["steps"], standard.check_backup)
