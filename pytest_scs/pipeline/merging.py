# SPDX-License-Identifier: Apache-2.0
"""Merging reports: of each subject, scope and testcase the newest result counts (scs-0003-v2).

Of equal times the one counts that the compliance monitor got first, as there (docs/scorecard.md#the-score-card).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from pytest_scs.core.verdict import Verdict
from pytest_scs.pipeline.report_store import StoredReport


@dataclasses.dataclass(frozen=True, slots=True)
class KnownResult:
    """The verdict of one report on one testcase; ``checked_at`` is UTC without zone, ``report`` the report's UUID.

    ``attested``: people answered it (a self-assessment), on the day ``answered_on`` as far as the report says.
    """

    testcase: str
    verdict: Verdict
    checked_at: dt.datetime
    report: str
    path: Path | None = None
    attested: bool = False
    answered_on: dt.date | None = None


_SELF_ASSESSMENT = re.compile(r"self-assessment of (\d{4}-\d\d-\d\d)\b", re.ASCII)

#: Subject's name in reports, UUID of the scope.
SubjectAndScope = tuple[str, str]


def newest_results(reports: Iterable[StoredReport]) -> dict[SubjectAndScope, dict[str, KnownResult]]:
    """Subject and scope -> testcase -> its newest result, expired or not; all in the order of their names.

    Of equal times the first in :func:`in_order` counts; the order in which the reports are given never matters.
    """
    merged: dict[SubjectAndScope, dict[str, KnownResult]] = {}
    for report in in_order(reports):
        document = report.document
        known = merged.setdefault((document.subject, document.spec.uuid), {})
        at, uuid, path = document.checked_at, document.uuid, report.path
        for testcase, tested in document.tests.items():
            before = known.get(testcase)
            if before is None or before.checked_at < at:
                known[testcase] = KnownResult(testcase, tested.verdict, at, uuid, path, *_assessed(tested.assessment))
    return {place: dict(sorted(known.items())) for place, known in sorted(merged.items())}


def in_order(reports: Iterable[StoredReport]) -> list[StoredReport]:
    """Reports from the oldest to the newest, equal ones as the monitor got them.

    What was sent comes before what was not, and what nothing is known of is in the order of the UUIDs.
    """
    given = list(reports)
    equal = Counter(_occasion(one) for one in given)

    def place(one: StoredReport) -> tuple[object, ...]:
        # Notes are read where it matters only: there may be very many.
        sent = one.sent_at() if equal[_occasion(one)] > 1 else None
        return one.document.checked_at, sent is None, sent or dt.datetime.max, one.document.uuid, str(one.path)

    return sorted(given, key=place)


def _occasion(report: StoredReport) -> tuple[str, str, dt.datetime]:
    return report.document.subject, report.document.spec.uuid, report.document.checked_at


def _assessed(command: str) -> tuple[bool, dt.date | None]:
    """Whether people answered, and when, by the command of an invocation (docs/attestations.md#in-reports)."""
    if not command.startswith("self-assessment"):
        return False, None
    found = _SELF_ASSESSMENT.match(command)
    try:
        return True, dt.date.fromisoformat(found[1]) if found else None
    except ValueError:
        return True, None
