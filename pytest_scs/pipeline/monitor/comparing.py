# SPDX-License-Identifier: Apache-2.0
"""Local results against published ones, of one subject and scope; pure."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping

from pytest_scs.base.words import shown
from pytest_scs.core.scope import Scope
from pytest_scs.core.verdict import Verdict
from pytest_scs.pipeline.due import valid_until
from pytest_scs.pipeline.merging import KnownResult
from pytest_scs.pipeline.monitor.monitor_status import PublishedResult, PublishedScope

#: From worst to best; what is not published at all is no result that could be worse.
_ORDER = (Verdict.FAIL, Verdict.ABORT, Verdict.PASS)


@dataclasses.dataclass(frozen=True, slots=True)
class Comparison:
    """Testcases by what comes out; ``expired`` are local results that count no longer and are not published, either.

    ``unknown`` are local results of testcases that the scope does not have: they are published nowhere.
    """

    same: tuple[str, ...]
    different: tuple[tuple[KnownResult, PublishedResult], ...]
    only_here: tuple[KnownResult, ...]
    only_there: tuple[PublishedResult, ...]
    expired: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def worse(self) -> tuple[str, ...]:
        """The testcases whose published verdict is worse than the local one."""
        return tuple(here.testcase for here, there in self.different if _is_worse(there.verdict, here.verdict))

    def lines(self) -> Iterator[str]:
        """A line for each testcase that is not the same, what is worse there first."""
        for here, there in sorted(self.different, key=lambda pair: not _is_worse(pair[1].verdict, pair[0].verdict)):
            newer = "here" if here.checked_at > there.checked_at else "there"
            which = f"newer {newer}" if here.checked_at != there.checked_at else "of the same time"
            worse = "worse: " if _is_worse(there.verdict, here.verdict) else ""
            yield (
                f"{worse}{shown(here.testcase)}: here {here.verdict} ({_time(here.checked_at)}), published "
                f"{there.verdict} ({_time(there.checked_at)}, report {shown(there.report, 60)}); {which}"
            )
        for known in self.only_here:
            yield f"{shown(known.testcase)}: only here, {known.verdict} ({_time(known.checked_at)})"
        for published in self.only_there:
            yield (
                f"{shown(published.testcase)}: only there, {published.verdict} ({_time(published.checked_at)}, report "
                f"{shown(published.report, 60)})"
            )


def compare(local: Mapping[str, KnownResult], published: PublishedScope, scope: Scope, now: dt.datetime) -> Comparison:
    """Compare the newest local results with what is published; ``now`` is UTC without zone."""
    both = [(here, published.results[testcase]) for testcase, here in local.items() if testcase in published.results]
    alone = [here for testcase, here in local.items() if testcase not in published.results]
    counted = [here for here in alone if here.testcase in scope.testcases]
    valid = [here for here in counted if now < valid_until(scope.testcases[here.testcase], here)]
    return Comparison(
        tuple(here.testcase for here, there in both if here.verdict is there.verdict),
        tuple((here, there) for here, there in both if here.verdict is not there.verdict),
        tuple(valid),
        tuple(there for testcase, there in published.results.items() if testcase not in local),
        tuple(here.testcase for here in counted if here not in valid),
        tuple(here.testcase for here in alone if here.testcase not in scope.testcases),
    )


def _is_worse(there: Verdict, here: Verdict) -> bool:
    return _ORDER.index(there) < _ORDER.index(here)


def _time(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
