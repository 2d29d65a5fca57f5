# SPDX-License-Identifier: Apache-2.0
"""What a report would do to what is published: whether it makes it worse, has no effect, or competes; pure.

Of each testcase the newest result counts, and one that could not be decided replaces a PASS as well as a FAIL
(docs/standards/framework.md#verdicts). So the report of a run during an outage takes a good overview away.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

from pytest_scs.base.words import shown, some
from pytest_scs.core.scope import Scope
from pytest_scs.core.verdict import Verdict
from pytest_scs.pipeline.monitor.monitor_status import PublishedResult, PublishedScope
from pytest_scs.pipeline.monitor.outgoing import SentDocument

#: A result of somebody else's that is not older than this says that somebody else sends reports, too.
COMPETING = dt.timedelta(hours=48)


def of_itself(document: SentDocument) -> str:
    """Why a report is not to be sent, whatever is published; empty if nothing speaks against it."""
    verdicts = list(document.results.values())
    if not verdicts:
        return "it has no results"
    if document.interrupted:
        return "its run was interrupted (debug.interrupted)"
    if all(verdict is Verdict.ABORT for verdict in verdicts):
        many = f"all {len(verdicts)} results are" if len(verdicts) > 1 else "its only result is"
        return f"{many} ABORT: nothing was decided, and at the monitor it would replace what was"
    return ""


def without_effect(document: SentDocument, published: PublishedScope, scope: Scope | None) -> str:
    """Why a report changes nothing: for each of its testcases something newer is published; empty if it does.

    Of equal times that one counts which was sent first.
    """
    counted = [one for one in document.results if scope is None or one in scope.testcases]
    newer = [found for one in counted if (found := published.results.get(one)) and _is_newer(found, document)]
    if not counted or len(newer) < len(counted):
        return ""
    example = max(newer, key=lambda result: result.checked_at)
    return (
        f"it is of {_time(document.checked_at)}, and for each of its testcases a newer result is published "
        f"({shown(example.testcase)}: {described(example)})"
    )


def _is_newer(found: PublishedResult, document: SentDocument) -> bool:
    return found.report != document.uuid and found.checked_at >= document.checked_at


def worsening(document: SentDocument, published: PublishedScope) -> str:
    """Why a report is not to be sent: ABORT would replace valid verdicts of more than half of its testcases; or empty.

    Results of this very report are none that it would replace.
    """
    replaced = [
        testcase
        for testcase, verdict in document.results.items()
        if verdict is Verdict.ABORT
        and (found := published.results.get(testcase))
        and found.verdict is not Verdict.ABORT
        and found.report != document.uuid
        and found.checked_at < document.checked_at
    ]
    if 2 * len(replaced) <= len(document.results):
        return ""
    return (
        f"ABORT would replace a PASS or FAIL that still counts for {len(replaced)} of its {len(document.results)} "
        f"testcases ({some(replaced, 3)})"
    )


def competing(
    document: SentDocument, published: PublishedScope, own: Collection[str], now: dt.datetime
) -> list[PublishedResult]:
    """Results of the last 48 hours for testcases of a report that come from reports of somebody else, newest first.

    ``own`` are the reports that were sent from here; ``now`` is UTC without zone.
    """
    found = [
        result
        for testcase in document.results
        if (result := published.results.get(testcase))
        and result.report != document.uuid
        and result.report not in own
        and result.checked_at > now - COMPETING
    ]
    return sorted(found, key=lambda result: result.checked_at, reverse=True)


def not_newest(document: SentDocument, published: PublishedScope, scope: Scope | None) -> list[str]:
    """Why testcases of a stored report do not show it, a line for each; those the scope does not know never do."""
    known: Mapping[str, object] = published.lifetimes or (scope.testcases if scope else {})
    lines = []
    for testcase in document.results:
        if testcase not in known:
            continue
        found = published.results.get(testcase)
        if found is None:
            lines.append(f"{shown(testcase)} has no result that counts there")
        elif found.report != document.uuid:
            lines.append(f"{shown(testcase)} is {described(found)}")
    return lines


def described(result: PublishedResult) -> str:
    """A published result's origin: ``from 2026-11-20 04:12 (report UUID)``."""
    return f"from {_time(result.checked_at)} (report {shown(result.report, 60)})"


def _time(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
