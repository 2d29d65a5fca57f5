# SPDX-License-Identifier: Apache-2.0
"""The testcases on the HTML page: what is broken first, what could not be decided, what passes."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from pytest_scs.core.findings import Finding
from pytest_scs.core.results import Result, Run, SubjectRun, Times
from pytest_scs.core.selection import Expected
from pytest_scs.core.verdict import MONITOR_ORDER, Verdict, combine
from pytest_scs.reports.mends import shared_by, shared_mends

_ANSWERED = re.compile(r"answered on (\S+), counts until (\S+)")

#: Offenders shown per testcase; a page with more of them is of no use to anybody. All are in what there is to do.
MAX_FINDINGS = 1000

#: Offenders shown on the whole page of a subject, so that many testcases with many of them stay readable.
MAX_SHOWN = 2000

#: The fewest that a testcase shows nevertheless, if it has them.
MIN_SHOWN = 20


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """A testcase on the page. ``violations`` are those that are shown, ``left_out`` is how many more there are.

    ``life`` says how long its result counts, and when it is due again: what, and the day.
    """

    entry: Expected
    result: Result
    verdict: Verdict
    versions: str
    url: str
    violations: list[Finding]
    left_out: int
    covered: frozenset[int]
    warnings: list[str]
    life: list[tuple[str, str]]

    @property
    def shown(self) -> list[tuple[Finding, str]]:
        """Each violation with how to mend it; nothing where a mend for many of them says it."""
        return [(finding, "" if id(finding) in self.covered else finding.hint) for finding in self.violations]

    @property
    def total(self) -> int:
        """How many violations there are."""
        return len(self.violations) + self.left_out

    @property
    def has_mends(self) -> bool:
        """Whether it is said how to mend one of the violations."""
        return any(finding.hint for finding in self.violations)

    @property
    def worth_reading(self) -> bool:
        """Whether there is more to tell than what was examined."""
        return bool(self.violations or self.warnings or self.result.cause or self.result.details)

    @property
    def mild(self) -> bool:
        """Whether it fails without deciding the run."""
        return self.verdict is Verdict.FAIL and not self.severe

    @property
    def severe(self) -> bool:
        """Whether it fails the run."""
        return self.verdict is Verdict.FAIL and self.entry.decisive and not self.result.waived


@dataclasses.dataclass(frozen=True, slots=True)
class Group:
    """The rows of one standard, in the monitor's order."""

    standard: str
    name: str
    rows: list[Row]

    @property
    def verdict(self) -> Verdict:
        """That of all its rows together."""
        return combine(row.verdict for row in self.rows)

    @property
    def url(self) -> str:
        """Where all of its testcases are explained; empty if each has a place of its own."""
        found = {row.url for row in self.rows}
        return found.pop() if len(found) == 1 else ""

    def counts(self) -> list[tuple[Verdict, int]]:
        """How many rows there are of each verdict, worst first."""
        verdicts = [row.verdict for row in self.rows]
        return [(verdict, number) for verdict in MONITOR_ORDER if (number := verdicts.count(verdict))]


@dataclasses.dataclass(frozen=True, slots=True)
class Sections:
    """The groups of a subject by what its reader has to do about them."""

    broken: list[Group]
    undecided: list[Group]
    passed: list[Group]

    def rows(self) -> list[Row]:
        """All rows in the order of the page."""
        return [row for groups in (self.broken, self.undecided, self.passed) for group in groups for row in group.rows]


def sections(run: Run, subject_run: SubjectRun) -> Sections:
    """The testcases of a subject: what fails the run first, then what does not decide it."""
    groups = []
    limit = _limit(run, subject_run)
    # By the name in reports: on a page for everybody there is no other.
    own = subject_run.subject.platform, subject_run.subject.report_name
    times = {
        one.testcase: one
        for one in run.times
        if (one.subject.platform, one.subject.report_name) == own and not one.left_out
    }
    for standard, name, entries in run.selection.groups():
        rows = [
            _row(run, subject_run, entry, limit, times.get(entry.id))
            for entry in entries
            if run.concerns(subject_run, entry)
        ]
        if rows:
            groups.append(Group(standard, name, sorted(rows, key=_monitor_order)))
    broken = _only(groups, lambda row: row.verdict is Verdict.FAIL)
    return Sections(
        broken=sorted(broken, key=lambda group: not any(row.severe for row in group.rows)),
        undecided=_only(groups, lambda row: row.verdict in (Verdict.ABORT, Verdict.MISS)),
        passed=_only(groups, lambda row: row.verdict is Verdict.PASS),
    )


def _only(groups: Iterable[Group], wanted: Callable[[Row], bool]) -> list[Group]:
    found = (dataclasses.replace(group, rows=list(filter(wanted, group.rows))) for group in groups)
    return [group for group in found if group.rows]


def _limit(run: Run, subject_run: SubjectRun) -> int:
    """How many offenders each testcase may show, so that all together keep to their number."""
    numbers = [len(subject_run.results[entry.id].violations(run.judge)) for entry in run.expected(subject_run)]
    limit = MAX_FINDINGS
    while limit > MIN_SHOWN and sum(min(number, limit) for number in numbers) > MAX_SHOWN:
        limit = max(MIN_SHOWN, limit * 3 // 4)
    return limit


def _monitor_order(row: Row) -> tuple[int, bool, str]:
    """FAIL, MISS, ABORT, PASS; in each those that a stable version demands first.

    See docs/standards/framework.md#order-in-lists.
    """
    attention = any(member.version.scope.attention(row.entry.id) for member in row.entry.memberships)
    return MONITOR_ORDER.index(row.verdict), not attention, row.entry.id


def _row(run: Run, subject_run: SubjectRun, entry: Expected, limit: int, times: Times | None) -> Row:
    result = subject_run.results[entry.id]
    found = result.violations(run.judge)
    several = len(run.selection.scopes) > 1
    names = [member.version.label if several else member.version.name for member in entry.memberships]
    targets = dict.fromkeys(f"{name} {member.target}" for name, member in zip(names, entry.memberships, strict=True))
    return Row(
        entry=entry,
        result=result,
        verdict=result.verdict(run.judge),
        versions=", ".join(targets),
        url=entry.testcase.url if urlsplit(entry.testcase.url).scheme in ("http", "https") else "",
        violations=found[:limit],
        left_out=max(0, len(found) - limit),
        covered=frozenset(shared_by(shared_mends(found))),
        warnings=result.warnings(run.judge, language=run.language)[:limit],
        life=_life(run, entry, result, times) if times else [],
    )


def _life(run: Run, entry: Expected, result: Result, times: Times) -> list[tuple[str, str]]:
    """How long a result counts, and when it is due; answers of people have a life of their own beside it."""
    words = run.language
    found: list[tuple[str, str]] = []
    if answered := _ANSWERED.match(result.attested):
        found.append((words.phrase("Answered"), answered[1]))
        found.append((words.phrase("Answers count until"), answered[2]))
    if times.valid_until:
        manual = entry.testcase.manual
        until = words.phrase("At the monitor until") if manual else words.phrase("Valid until")
        found.append((until, f"{times.valid_until - dt.timedelta(days=1):%Y-%m-%d}"))
    judged = dt.datetime.fromisoformat(run.now).astimezone(dt.UTC).replace(tzinfo=None)
    later = times.due_at is not None and times.due_at > judged
    found.append((words.phrase("Due"), f"{times.due_at:%Y-%m-%d}" if later else words.phrase("now")))
    return found
