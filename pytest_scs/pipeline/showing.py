# SPDX-License-Identifier: Apache-2.0
"""A report in words for people, whoever wrote it and in whatever form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pytest_scs.base.words import cut, printable
from pytest_scs.core.lifetime import expiry
from pytest_scs.core.scope import Scope
from pytest_scs.core.verdict import MONITOR_ORDER, Verdict
from pytest_scs.pipeline.report_store import StoredReport
from pytest_scs.pipeline.scorecard.aggregation import VersionState, scope_state
from pytest_scs.reports.scs.model import ReportDocument

#: So many lines of a testcase, and so many characters of a line.
MOST_LINES = 20
MOST_CHARACTERS = 500

# The monitor's symbols of results; a FAIL that no stable version has in its
# target main is milder.
_SYMBOLS = {Verdict.PASS: "✅", Verdict.ABORT: "❔", Verdict.MISS: "❓", Verdict.FAIL: "🛑"}
_MILD = "🟧"
_OF_VERSIONS = {Verdict.PASS: "✅", Verdict.ABORT: "✅*", Verdict.MISS: "🟧", Verdict.FAIL: "🛑"}

_HEADINGS = {Verdict.FAIL: "Failed", Verdict.ABORT: "Not decided"}


def lines(report: StoredReport, scopes: Mapping[str, Scope], now: dt.datetime, *, all_lines: bool) -> Iterator[str]:
    """What a report says, with the verdict on each version; ``scopes`` are the known ones by UUID, ``now`` is UTC.

    The verdicts are by the monitor's rule from this report alone, with the versions that were in force on its day.
    """
    scope = scopes.get(report.document.spec.uuid)
    for line in (
        *_head(report, scope, now),
        "",
        *_versions(report.document, scope),
        *_testcases(report.document, scope, all_lines=all_lines),
    ):
        # Whatever a foreign file says: no line of its own, nothing that a terminal obeys.
        yield cut(printable(line), MOST_CHARACTERS)


def _head(report: StoredReport, scope: Scope | None, now: dt.datetime) -> Iterator[str]:
    document = report.document
    name = scope.name if scope else document.spec.name or f"scope {document.spec.uuid}"
    kind = "" if document.spec.official else " (unofficial: no certificate)"
    yield f"{document.subject}: {name}{kind}"
    place = f", document {report.number} of {report.total}" if report.total > 1 else ""
    facts = {
        "file": f"{report.path}{place}",
        "report": document.uuid,
        "checked at": f"{document.checked_at:%Y-%m-%d %H:%M:%S} UTC, {_age(document.checked_at, now)}",
        "counts until": _until(document, scope),
        "written by": f"{document.tool or 'a tool that does not say its name'} (format: {document.format})",
        "signature": f"{report.signature} (scs report verify checks it)" if report.signature.is_file() else "none",
    }
    yield from (f"  {key:<13}{value}" for key, value in facts.items() if value)
    for number, remark in enumerate(_remarks(document)):
        yield f"  {'' if number else 'remarks':<13}{remark}"


def _age(moment: dt.datetime, now: dt.datetime) -> str:
    days = (now - moment).days
    if moment > now:
        return "in the future"
    return "less than a day ago" if days < 1 else f"{days} day{'s' if days > 1 else ''} ago"


def _until(document: ReportDocument, scope: Scope | None) -> str:
    """Until when its results count at the monitor, the first of them and the last."""
    if scope is None or not document.results:
        return ""
    lifetimes = {scope.testcases[one].lifetime for one in document.results if one in scope.testcases}
    try:
        days = sorted(expiry(document.checked_at, one) - dt.timedelta(days=1) for one in lifetimes)
    except (OverflowError, ValueError):  # at the end of the calendar
        return ""
    if not days:
        return ""
    return f"{days[0]}" if days[0] == days[-1] else f"{days[0]}, the last of its results {days[-1]}"


def _remarks(document: ReportDocument) -> Iterator[str]:
    debug = document.debug
    if debug is None:
        return
    if debug.interrupted:
        yield "the run was interrupted"
    if debug.partial:
        yield "only some testcases were chosen"
    if debug.missing:
        yield f"no verdict on {len(debug.missing)} of the testcases that were chosen"
    if debug.judge == "text":
        yield "judged by the text of the standards, not by the official suite"
    if debug.differing:
        yield f"official suite and text differ on {len(debug.differing)}"
    yield from debug.warnings


def _versions(document: ReportDocument, scope: Scope | None) -> Iterator[str]:
    results = document.results
    yield f"{_numbers(results.values())} in this report"
    if scope is None:
        yield "the scope is not known here, so there is no verdict; name its file with --scs-scope=FILE"
        return
    listed = scope_state(scope, results, document.checked_at.date()).listed
    for version in listed:
        yield f"{_OF_VERSIONS[version.verdict]} {version.marked} ({version.code}): {_verdict(version)}"
    if not listed:
        yield f"no version of {scope.name} was in force on {document.checked_at.date()}"
    foreign = sum(testcase not in scope.testcases for testcase in results)
    if foreign:
        yield f"{foreign} of its testcases {'is' if foreign == 1 else 'are'} none of the scope, and ignored"


def _verdict(version: VersionState) -> str:
    of_main = [f"{number} {verdict}" for verdict in MONITOR_ORDER if (number := version.numbers.get(verdict, 0))]
    return f"{version.verdict} (target main: {', '.join(of_main) or 'no testcases'})"


def _numbers(verdicts: Iterable[Verdict]) -> str:
    found = list(verdicts)
    return ", ".join(f"{found.count(one)} {one}" for one in MONITOR_ORDER if one in found) or "no results"


def _testcases(document: ReportDocument, scope: Scope | None, *, all_lines: bool) -> Iterator[str]:
    said = document.said()
    tests = document.tests
    stable = _in_stable_main(scope)
    for verdict, heading in _HEADINGS.items():
        names = [name for name, tested in tests.items() if tested.verdict is verdict]
        if names:
            yield ""
            yield f"{heading}: {len(names)}"
        for name in sorted(names, key=lambda one: (one not in stable, one)):
            mild = verdict is Verdict.FAIL and scope is not None and name not in stable
            known = scope.testcases.get(name) if scope else None
            words = f"  {' '.join(known.description.split())}" if known else ""
            yield f"{_MILD if mild else _SYMBOLS[verdict]} {name}{words}"
            if tests[name].assessment:
                yield f"    {tests[name].assessment}"
            yield from _said(name, said.get(name, ()), all_lines=all_lines)
    if rest := said.get("", ()):
        yield ""
        yield "Lines that name no testcase:"
        yield from _said("", rest, all_lines=all_lines)


def _said(name: str, found: Sequence[str], *, all_lines: bool) -> Iterator[str]:
    """The lines of a testcase without its name, which stands above them."""
    shown = found if all_lines or len(found) <= MOST_LINES else found[: MOST_LINES - 1]
    for line in shown:
        level, _, text = line.partition(": ")
        text = text.removeprefix(f"{name}: ")
        yield f"    {text}" if level == "ERROR" else f"    {level.lower()}: {text}"
    if len(shown) < len(found):
        yield f"    ... and {len(found) - len(shown)} more lines (--all-lines)"


def _in_stable_main(scope: Scope | None) -> frozenset[str]:
    if scope is None:
        return frozenset()
    stable = [version for version in scope.versions.values() if version.stable]
    return frozenset(testcase for version in stable for testcase in version.targets().get("main", ()))
