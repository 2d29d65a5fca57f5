# SPDX-License-Identifier: Apache-2.0
"""How often the scopes demand that testcases are performed (docs/standards/framework.md#lifetimes).

That is not how long a result counts: scope files hold lifetimes and no intervals, the texts of the scopes hold
intervals. One row per scope text and group of testcases; the first that fits is the one.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Final

from pytest_scs.core.scope import OFFICIAL, Scope, Testcase
from pytest_scs.standards.manual_checks import last_day

_IAAS, _KAAS = OFFICIAL
_IAAS_V6 = "0e7b3c52-6f0d-4b0a-9a57-2f4c1f7d86e4"


@dataclasses.dataclass(frozen=True, slots=True)
class Interval:
    """How often testcases of a scope are performed.

    ``scope`` is a UUID, empty for every scope without a row of its own; ``testcases`` are ids, or beginnings of ids
    that end in ``*``, empty for all. ``every`` is the time from one check to the next; None where the text asks for no
    more than a result that counts, so that its expiry decides. ``words`` is what the text says, ``source`` where.
    """

    scope: str
    testcases: tuple[str, ...]
    every: dt.timedelta | None
    words: str
    source: str = ""
    manual: bool = False

    def covers(self, scope: Scope, testcase: Testcase) -> bool:
        """Whether this row is about a testcase of a scope."""
        return (
            self.scope in ("", scope.uuid)
            and self.manual is testcase.manual
            and (not self.testcases or any(_fits(pattern, testcase.id) for pattern in self.testcases))
        )


_WEEK = dt.timedelta(days=7)

INTERVALS: Final = (
    Interval("", (), None, "every quarter", "scs-0004", manual=True),
    Interval(_IAAS, ("scs-0128-*",), None, "at least yearly", "scs-0501-v5"),
    Interval(_IAAS, (), _WEEK, "weekly", "scs-0501-v5"),
    Interval(_IAAS_V6, (), _WEEK, "weekly", "scs-0501-v6"),
    Interval(_KAAS, ("version-policy-check",), dt.timedelta(days=1), "daily", "scs-0502-v1"),
    Interval(_KAAS, ("cncf-k8s-conformance", "kaas-networking-check"), None, "at least yearly", "scs-0502-v1"),
    Interval(_KAAS, (), _WEEK, "weekly", "scs-0502-v1"),
    Interval("", (), None, "before its result expires"),
)


def interval_for(scope: Scope, testcase: Testcase) -> Interval:
    """How often a testcase of a scope is performed."""
    return next(row for row in INTERVALS if row.covers(scope, testcase))


def answers_end(answered_on: dt.date, period: str | None = None) -> dt.date:
    """The day at whose beginning answers of people stop counting: the end of the next quarter (scs-0004).

    ``period`` is the testcase's lifetime, by which a scope file can say otherwise.
    """
    return last_day(answered_on, period) + dt.timedelta(days=1)


def _fits(pattern: str, identity: str) -> bool:
    return identity.startswith(pattern[:-1]) if pattern.endswith("*") else identity == pattern
