# SPDX-License-Identifier: Apache-2.0
"""The ``scs`` fixture: gathers what a testcase examined and found, and ends it with a verdict."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from pytest_scs.core.cause import Cause, Inconclusive, common_kind
from pytest_scs.core.findings import Finding, Observation, Remark, Undecided
from pytest_scs.core.judge import Judge
from pytest_scs.core.selection import Expected
from pytest_scs.core.verdict import Verdict

T = TypeVar("T")


class NonConformance(AssertionError):
    """Raised by the collector, and by nothing else, when findings make a testcase FAIL."""


class Collector:
    """What one testcase examined and found on one subject.

    A testcase never raises for an offender; it hands over all of them. A testcase that names nothing it examined is
    ABORT: there is no verdict without evidence. ``attested`` is set where a person's answers decide: when they were
    given. ``as_of`` is set where what is judged was seen long before the run: that instant.
    """

    def __init__(self, expected: Expected, judge: Judge) -> None:
        self._expected = expected
        self._judge = judge
        self.evidence: dict[str, int] = {}
        self.findings: list[Finding] = []
        self.undecided: list[Undecided] = []
        self.remarks: list[Remark] = []
        self.attested = ""
        self.as_of: dt.datetime | None = None

    @property
    def modules(self) -> frozenset[str]:
        """Ids of the scope modules through which the testcase was selected."""
        return self._expected.modules

    def parameters(self, name: str) -> tuple[str, ...]:
        """The values of a scope parameter (such as ``image_spec``) for the selected versions."""
        return self._expected.parameters(name)

    def each(self, what: str, items: Sequence[T], check: Callable[[T], Iterable[Observation]]) -> None:
        """Examine every item on its own; ``what`` names the kind in the plural (``flavors``)."""
        self.examined(what, len(items))
        for item in items:
            self.add(check(item))

    def whole(self, what: str, items: Sequence[T], check: Callable[[Sequence[T]], Iterable[Observation]]) -> None:
        """Examine the list as a whole, for rules that speak about all of them together."""
        self.examined(what, len(items))
        self.add(check(items))

    def examined(self, what: str, count: int) -> None:
        """Say how many objects of a kind the verdict rests on."""
        self.evidence[what] = self.evidence.get(what, 0) + count

    def add(self, observations: Iterable[Observation]) -> None:
        """Take over what a check yields."""
        for observation in observations:
            match observation:
                case Finding():
                    self.findings.append(observation)
                case Undecided():
                    self.undecided.append(observation)
                case Remark():
                    self.remarks.append(observation)

    def verdict(self, judge: Judge) -> Verdict:
        """The verdict as the given judge sees it."""
        if any(finding.basis.concerns(judge) for finding in self.findings):
            return Verdict.FAIL
        if not self.evidence or any(entry.basis.concerns(judge) for entry in self.undecided):
            return Verdict.ABORT
        return Verdict.PASS

    def conclude(self) -> None:
        """End the testcase: raises NonConformance (FAIL) or Inconclusive (ABORT) unless everything was satisfied."""
        verdict = self.verdict(self._judge)
        if verdict is Verdict.FAIL:
            count = sum(finding.basis.concerns(self._judge) for finding in self.findings)
            raise NonConformance(f"{count} violation{'s' if count != 1 else ''}")
        if verdict is Verdict.ABORT:
            cause = undecided(entry for entry in self.undecided if entry.basis.concerns(self._judge))
            raise Inconclusive(cause.text, cause.kind)


def undecided(entries: Iterable[Undecided]) -> Cause:
    """Why a testcase is ABORT that came to its end: what could not be judged, or that nothing was examined."""
    found = list(entries)
    if not found:
        return Cause("the testcase recorded no evidence for its verdict")
    return Cause("; ".join(map(str, found)), common_kind([entry.kind for entry in found]))
