# SPDX-License-Identifier: Apache-2.0
"""What authors of testcases import; the names here stay, wherever the package keeps what is behind them.

A testcase gets a ``Collector`` by the fixture ``scs`` and the objects it judges by other fixtures. Its rules are
functions that yield ``Finding``, ``Undecided`` or ``Remark``.
"""

from __future__ import annotations

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.core.collector import Collector
from pytest_scs.core.findings import Basis, Finding, Observation, Remark, Undecided, one_of, show
from pytest_scs.core.judge import Judge
from pytest_scs.evidence.section import Section
from pytest_scs.standards.iaas.model import ComputeZone, Flavor, Image, Service, VolumeType

__all__ = [  # noqa: RUF022 - in the order in which they are explained
    "Collector",
    "Finding",
    "Undecided",
    "Remark",
    "Observation",
    "Basis",
    "Judge",
    "Inconclusive",
    "CauseKind",
    "show",
    "one_of",
    "Flavor",
    "Image",
    "VolumeType",
    "ComputeZone",
    "Service",
    "Section",
]
