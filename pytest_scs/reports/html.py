# SPDX-License-Identifier: Apache-2.0
"""The HTML report: our verdicts and tables in pytest-html's page, through its hooks.

Everything goes through Jinja's autoescaping, because names and properties come from what is judged.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2
import markupsafe
import pytest

import pytest_scs
from pytest_scs.core.judge import Judge
from pytest_scs.core.results import Result, Run, RunOutcome, SubjectRun, about_run, causes
from pytest_scs.core.selection import ChosenVersion, Expected
from pytest_scs.core.verdict import MONITOR_ORDER, Verdict, combine
from pytest_scs.reports.terminal import counts, remark

#: Offenders shown per testcase; a page with more of them is of no use to anybody.
MAX_FINDINGS = 1000


class HtmlHooks:
    """pytest-html's hooks; registered only where pytest-html is there."""

    def __init__(
        self,
        title: str,
        is_ours: Callable[[str], bool],
        outcome: Callable[[], RunOutcome],
        redact: Callable[[str], str],
        replayed: Path | None,
    ) -> None:
        """``is_ours`` tells our testcases by node id, ``outcome`` gives what there is to report so far.

        ``replayed`` is the evidence file that was judged, if it was one.
        """
        self._title = title
        self._is_ours = is_ours
        self._outcome = outcome
        self._redact = redact
        self._replayed = replayed
        self._foreign = False

    def pytest_html_report_title(self, report: Any) -> None:
        """Say what was judged."""
        report.title = self._title

    @pytest.hookimpl(trylast=True)
    def pytest_html_results_table_row(self, report: pytest.TestReport | pytest.CollectReport, cells: list[str]) -> None:
        """Testcases stand in our own table; pytest-html's keeps other tests, and errors nobody foresaw."""
        if self._is_ours(report.nodeid):
            cells.clear()
        else:
            self._foreign = True

    def pytest_html_results_summary(self, prefix: list[str]) -> None:
        """Put our page in front of what pytest-html shows."""
        outcome = self._outcome()
        if outcome.run:
            page = render(outcome.run, outcome, self._replayed, hide_table=not self._foreign)
            prefix.append(self._redact(page))


def render(run: Run, outcome: RunOutcome, replayed: Path | None, *, hide_table: bool) -> str:
    """The report of a run as an HTML fragment; ``hide_table`` also hides pytest-html's own empty table."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["prose"] = _prose
    template = environment.get_template("conformance.html.j2")
    return template.render(
        hide_table=hide_table,
        subjects=[_subject(run, subject_run) for subject_run in run.subject_runs],
        facts=_facts(run, replayed),
        problems=[*outcome.problems, *(f"left incomplete: {line}" for line in outcome.incomplete)],
        css=environment.get_template("conformance.css").render(),
    )


@dataclasses.dataclass(frozen=True, slots=True)
class _Row:
    entry: Expected
    result: Result
    verdict: Verdict
    versions: str
    url: str
    violations: list[Any]
    left_out: int
    warnings: list[str]

    @property
    def worth_reading(self) -> bool:
        """Whether there is more to tell than what was examined."""
        return bool(self.violations or self.warnings or self.result.cause or self.result.details)

    @property
    def mild(self) -> bool:
        """Whether it fails without deciding the run."""
        return self.verdict is Verdict.FAIL and not self.entry.decisive

    @property
    def severe(self) -> bool:
        """Whether it fails the run."""
        return self.verdict is Verdict.FAIL and self.entry.decisive


def _prose(text: str) -> markupsafe.Markup:
    """Text in which `words in backticks` are code, as scope files have it."""
    parts = text.split("`")
    code = markupsafe.Markup("<code>{}</code>")
    return markupsafe.Markup().join(code.format(part) if number % 2 else part for number, part in enumerate(parts))


def _facts(run: Run, replayed: Path | None) -> list[tuple[str, str]]:
    facts = [
        ("Judged at", f"{run.now[:19].replace('T', ' ')} UTC"),
        ("Reference date", run.selection.date.isoformat()),
        ("Verdicts by", run.judge.words_for_many),
    ]
    if replayed:
        facts.append(("Evidence", f"replayed from {replayed.name}"))
    if run.partial:
        facts.append(("Partial run", f"{len(run.chosen)} of {len(run.selection.expected)} testcases"))
    if run.interrupted:
        facts.append(("Interrupted", "the run did not come to its end"))
    return [*facts, ("Made with", f"pytest-scs {pytest_scs.__version__}")]


def _subject(run: Run, subject_run: SubjectRun) -> dict[str, Any]:
    results = [subject_run.results[entry.id] for entry in run.expected(subject_run)]
    groups = list(_groups(run, subject_run))
    return {
        "name": subject_run.subject.name,
        "report_name": subject_run.subject.report_name,
        "cards": list(_cards(run, subject_run, [row for group in groups for row in group["rows"]])),
        "warnings": about_run(results),
        "facts": [("Requests", str(total))] if (total := subject_run.debug.get("requests_total")) else [],
        "causes": [
            (str(verdict), cause.text, str(cause.kind), ids)
            for verdict in (Verdict.ABORT, Verdict.MISS)
            for cause, ids in causes((one for one in results if one.verdict(run.judge) is verdict), verdict).items()
        ],
        "groups": groups,
    }


def _cards(run: Run, subject_run: SubjectRun, rows: list[_Row]) -> Iterator[dict[str, Any]]:
    for version in run.selection.versions:
        for target in run.selection.targets:
            if entries := run.members(version, target, subject_run):
                ids = {entry.id for entry in entries}
                shown = [row for row in rows if row.entry.id in ids]
                yield _card(run, subject_run, version, target, entries, shown)


def _card(
    run: Run, subject_run: SubjectRun, version: ChosenVersion, target: str, entries: list[Expected], rows: list[_Row]
) -> dict[str, Any]:
    """``rows`` are those of ``entries``, in the order of the page."""
    by = {judge: run.verdicts(subject_run, entries, judge) for judge in Judge}
    verdicts = by[run.judge]
    other = run.judge.other
    verdict = combine(verdicts)
    return {
        "title": version.title,
        "target": target,
        "code": version.code,
        "verdict": str(verdict),
        "counts": [
            (str(name), len(found), found[0])
            for name in MONITOR_ORDER
            if (found := [row.entry.id for row in rows if row.verdict is name])
        ],
        "total": len(verdicts),
        "other": None
        if by[other] == verdicts
        else {
            "who": f"By {other.words_for_many}",
            "verdict": str(combine(by[other])),
            "counts": counts(by[other]),
        },
        "remark": remark(run, version, target, verdict),
    }


def _groups(run: Run, subject_run: SubjectRun) -> Iterator[dict[str, Any]]:
    for standard, name, entries in run.selection.groups():
        rows = [_row(run, subject_run, entry) for entry in entries if run.concerns(subject_run, entry)]
        if rows:
            verdicts = [row.verdict for row in rows]
            yield {
                "standard": standard,
                "name": name,
                "verdict": str(combine(verdicts)),
                "counts": counts(verdicts),
                "rows": sorted(rows, key=_monitor_order),
            }


def _monitor_order(row: _Row) -> tuple[int, bool, str]:
    """FAIL, MISS, ABORT, PASS; in each those that a stable version demands first.

    See docs/standards/framework.md#order-in-lists.
    """
    attention = any(member.version.scope.attention(row.entry.id) for member in row.entry.memberships)
    return MONITOR_ORDER.index(row.verdict), not attention, row.entry.id


def _row(run: Run, subject_run: SubjectRun, entry: Expected) -> _Row:
    result = subject_run.results[entry.id]
    found = result.violations(run.judge)
    several = len(run.selection.scopes) > 1
    names = [member.version.label if several else member.version.name for member in entry.memberships]
    targets = dict.fromkeys(f"{name} {member.target}" for name, member in zip(names, entry.memberships, strict=True))
    return _Row(
        entry=entry,
        result=result,
        verdict=result.verdict(run.judge),
        versions=", ".join(targets),
        url=entry.testcase.url if urlsplit(entry.testcase.url).scheme in ("http", "https") else "",
        violations=found[:MAX_FINDINGS],
        left_out=max(0, len(found) - MAX_FINDINGS),
        warnings=result.warnings(run.judge)[:MAX_FINDINGS],
    )
