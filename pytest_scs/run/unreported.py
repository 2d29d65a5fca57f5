# SPDX-License-Identifier: Apache-2.0
"""The testcase that has a result of which pytest does not know all yet: an interruption may come in between."""

from __future__ import annotations

import dataclasses

import pytest


@dataclasses.dataclass(frozen=True, slots=True)
class Unreported:
    """A testcase with a result, and the report on it; None once that was handed on, and only its end is open."""

    item: pytest.Item
    report: pytest.TestReport | None

    def after(self, report: pytest.TestReport) -> Unreported | None:
        """What is still open when pytest has handed on a report."""
        if report.nodeid != self.item.nodeid:
            return self
        if report.when == "teardown":
            return None
        return Unreported(self.item, None) if report is self.report else self
