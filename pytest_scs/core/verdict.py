# SPDX-License-Identifier: Apache-2.0
"""Verdicts and how they combine (scs-0003-v2; docs/standards/framework.md#verdicts)."""

from __future__ import annotations

import enum
from collections.abc import Iterable


class Verdict(enum.StrEnum):
    """What is known about one testcase, or about a list of testcases."""

    PASS = "PASS"  # noqa: S105 - the word of scs-0003, no password
    FAIL = "FAIL"
    ABORT = "ABORT"
    MISS = "MISS"

    @property
    def number(self) -> int:
        """The canonical integer of the report format: 1, -1 or 0.

        Raises ValueError for MISS, which must never be written into a report.
        """
        if self is Verdict.MISS:
            raise ValueError("a missing testcase has no number; leave it out of the report")
        return {Verdict.PASS: 1, Verdict.FAIL: -1, Verdict.ABORT: 0}[self]


#: Worst first for a list of testcases: a missing result outweighs an undecided one (scs-0003-v2).
PRECEDENCE = (Verdict.FAIL, Verdict.MISS, Verdict.ABORT, Verdict.PASS)

#: The order in which the compliance monitor lists testcases (docs/standards/framework.md#order-in-lists).
MONITOR_ORDER = (Verdict.FAIL, Verdict.MISS, Verdict.ABORT, Verdict.PASS)


def combine(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict of a list of testcases: any FAIL, else any MISS, else any ABORT, else PASS.

    See docs/standards/framework.md#combining-verdicts.

    An empty list is PASS, as for the monitor.
    """
    seen = set(verdicts)
    return next((verdict for verdict in PRECEDENCE if verdict in seen), Verdict.PASS)
