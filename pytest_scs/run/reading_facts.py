# SPDX-License-Identifier: Apache-2.0
"""How a subject was read, in plain types: what a report says of it beside the verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pytest_scs.evidence.inventory import Inventory


def facts_of_reading(
    inventory: Inventory, reads: Mapping[str, Sequence[str]], left_incomplete: Iterable[str]
) -> dict[str, Any]:
    """When a subject was read, with which requests and roles, and how many seconds that took.

    ``reads``: testcase -> the sections of the inventory it reads. ``left_incomplete``: what was not cleaned up.
    """
    return {
        "evidence_read_at": inventory.fetched_at,
        "requests": dict(inventory.requests),
        "requests_total": sum(inventory.requests.values()),
        "requests_by_testcase": _requests(inventory, reads),
        "seconds_reading": inventory.seconds,
        "seconds_probing": dict(inventory.probe_seconds),
        "region": inventory.region,
        "roles": list(inventory.roles),
        "left_incomplete": list(left_incomplete),
    }


def _requests(inventory: Inventory, reads: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """How many requests each testcase took; testcases that read the same share them."""
    return {
        testcase: sum(inventory.section_requests.get(section, 0) for section in sections)
        for testcase, sections in reads.items()
    }
