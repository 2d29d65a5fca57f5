# SPDX-License-Identifier: Apache-2.0
"""What every report changed: the result of a scope at the time of each, with the lifetimes and versions of then.

scs-0004 asks for the results of the past 18 months. Nothing is removed here, only listed. Pure but for signatures.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pytest_scs.base.files import read_bytes
from pytest_scs.base.words import printable
from pytest_scs.core.scope import Scope
from pytest_scs.core.verdict import MONITOR_ORDER, Verdict
from pytest_scs.pipeline.merging import KnownResult, SubjectAndScope, in_order, newest_results
from pytest_scs.pipeline.report_store import StoredReport
from pytest_scs.pipeline.scorecard.aggregation import ScopeState, scope_state
from pytest_scs.pipeline.scorecard.scorecard import verdicts_at
from pytest_scs.pipeline.signing.signatures import MAX_SIGNATURE, BadSignature, read_signature

#: Testcases of a change that are named.
NAMED = 5


@dataclasses.dataclass(frozen=True, slots=True)
class Moment:
    """A report and what it meant at its time.

    ``numbers`` are its own verdicts, ``state`` is the result of the scope then, from it and all before it; None
    where the scope is unknown. ``changes`` are the testcases whose verdict it changed: testcase -> before, after.
    """

    report: StoredReport
    numbers: Mapping[Verdict, int]
    state: ScopeState | None
    changes: Mapping[str, tuple[Verdict, Verdict]]

    @property
    def checked_at(self) -> dt.datetime:
        """When it was checked, in UTC without zone."""
        return self.report.document.checked_at

    @property
    def signed(self) -> str:
        """By which key it is signed, in words; whether the signature fits, ``scs report verify`` tells."""
        try:
            return f"signed by {signer(self.report)}"
        except FileNotFoundError:
            return "not signed"
        except (OSError, BadSignature) as error:
            return f"signature unreadable: {getattr(error, 'strerror', None) or error}"


def signer(report: StoredReport) -> str:
    """The fingerprint of the key that the signature of a report names; raises OSError and BadSignature."""
    return read_signature(read_bytes(report.signature, MAX_SIGNATURE)).fingerprint


def histories(reports: Iterable[StoredReport], scopes: Mapping[str, Scope]) -> dict[SubjectAndScope, list[Moment]]:
    """Subject and scope -> what each of its reports meant, oldest first; the order of the reports does not matter."""
    found: dict[SubjectAndScope, list[StoredReport]] = {}
    for report in reports:
        found.setdefault((report.document.subject, report.document.spec.uuid), []).append(report)
    return {key: _history(own, scopes.get(key[1])) for key, own in sorted(found.items())}


def _history(reports: Sequence[StoredReport], scope: Scope | None) -> list[Moment]:
    moments: list[Moment] = []
    known: dict[str, KnownResult] = {}
    before: dict[str, Verdict] = {}
    # Of equal times the first stays, as in newest_results: what comes later changes nothing.
    for report in in_order(reports):
        document = report.document
        for results in newest_results([report]).values():
            for testcase, result in results.items():
                if testcase not in known or known[testcase].checked_at < result.checked_at:
                    known[testcase] = result
        now = verdicts_at(known, scope, document.checked_at) if scope else _all(known)
        own = list(document.results.values())
        moments.append(
            Moment(
                report=report,
                numbers={verdict: own.count(verdict) for verdict in MONITOR_ORDER if verdict in own},
                state=scope_state(scope, now, document.checked_at.date()) if scope else None,
                changes=dict(_changes(before, now)) if before or len(moments) else {},
            )
        )
        before = now
    return moments


def _all(known: Mapping[str, KnownResult]) -> dict[str, Verdict]:
    return {testcase: result.verdict for testcase, result in known.items()}


def _changes(
    before: Mapping[str, Verdict], now: Mapping[str, Verdict]
) -> Iterator[tuple[str, tuple[Verdict, Verdict]]]:
    for testcase in sorted(before.keys() | now.keys()):
        was, new = before.get(testcase, Verdict.MISS), now.get(testcase, Verdict.MISS)
        if was is not new:
            yield testcase, (was, new)


def numbers_told(moment: Moment) -> str:
    """``2 FAIL, 13 PASS``."""
    return ", ".join(f"{number} {verdict}" for verdict, number in moment.numbers.items()) or "no result"


def state_told(moment: Moment) -> str:
    """The result of the scope at that time: ``✅ v5.1 PASS``."""
    if moment.state is None:
        return "unknown scope"
    return f"{moment.state.text} {moment.state.result or 'no data'}"


def changes_told(moment: Moment) -> list[str]:
    """What the report changed: ``now FAIL: a, b and 3 more (PASS before)``, worst first."""
    groups: dict[tuple[Verdict, Verdict], list[str]] = {}
    for testcase, change in moment.changes.items():
        groups.setdefault(change, []).append(printable(testcase))
    order = sorted(groups.items(), key=lambda one: (MONITOR_ORDER.index(one[0][1]), MONITOR_ORDER.index(one[0][0])))
    return [f"{was} -> {new}: {_some(ids)}" for (was, new), ids in order]


def _some(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - NAMED} more" if len(ids) > NAMED else ""
    return ", ".join(ids[:NAMED]) + more
