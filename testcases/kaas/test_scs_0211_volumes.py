# SPDX-License-Identifier: Apache-2.0
"""scs-0211: volumes of the default storage class, tried out (document: scs-0211-v1)."""

from __future__ import annotations

import pytest

from pytest_scs.core.collector import Collector
from pytest_scs.standards.kaas import volumes
from pytest_scs.standards.kaas.volumes import VolumeRoundtrip


@pytest.mark.scs("scs-0211-x-read-write-once")
def test_scs_0211_read_write_once(scs: Collector, volume_roundtrip: VolumeRoundtrip) -> None:
    """A claim without a storage class MUST be bound with ReadWriteOnce, and keep what a pod wrote.

    Source: scs-0211-v1. Fails when the claim is not bound, or a new pod does not find what was written; aborts when
    pods do not run.
    """
    scs.examined("claims", 1)
    scs.add(volumes.check_read_write_once(volume_roundtrip))


@pytest.mark.scs("scs-0211-x-not-node-bound")
def test_scs_0211_not_node_bound(scs: Collector, volume_roundtrip: VolumeRoundtrip) -> None:
    """Volumes of the default storage class MUST NOT be bound to the lifecycle of a node.

    Source: scs-0211-v1. Fails when a volume lies on a node, or another node does not find its data; aborts when there
    is no other node that can use it.
    """
    scs.examined("volumes", int(volume_roundtrip.volume is not None))
    scs.add(volumes.check_not_node_bound(volume_roundtrip))
