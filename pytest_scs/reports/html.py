# SPDX-License-Identifier: Apache-2.0
"""The HTML report: a page of our own in the file that pytest-html writes, with other people's tests at its end.

Everything goes through Jinja's autoescaping, because names and properties come from what is judged.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from pytest_scs.base.language import Language
from pytest_scs.base.words import printable
from pytest_scs.core.results import Run, RunOutcome, SubjectRun, about_run, causes
from pytest_scs.core.subject import subject_of
from pytest_scs.core.verdict import MONITOR_ORDER, Verdict
from pytest_scs.platforms.registry import platforms
from pytest_scs.reports.html_environment import environment
from pytest_scs.reports.html_overview import overview
from pytest_scs.reports.html_rows import Sections, sections
from pytest_scs.reports.html_scopes import scope_table
from pytest_scs.reports.html_todo import Todo, todo
from pytest_scs.reports.html_top import Card, cards, columns, facts, sources
from pytest_scs.reports.mending import mends_by_standard
from pytest_scs.standards import bundled_data

#: Up to so many testcases that fail the run are open from the beginning; more of them are a list to choose from.
FEW = 5


#: Ids of the page that belong to no subject; those of pytest-html's table have names of another kind.
IDS = (
    *("title", "head-title", "content", "overview", "scopes", "others", "environment", "copy-status"),
    *("theme-system", "theme-light", "theme-dark", "filter-text", "filter-status", "open-all", "close-all"),
    *(f"show-{verdict}" for verdict in Verdict),
    *("results-table", "results-table-head", "environment-header", "data-container", "not-found-message"),
)

#: Makes the page from what pytest-html has for its own, and what gives the program of its table.
Page = Callable[[Mapping[str, Any], Callable[[], str]], str | None]


class HtmlHooks:
    """pytest-html's hooks, and its page; registered only where pytest-html is there."""

    def __init__(
        self,
        title: str,
        is_ours: Callable[[str], bool],
        outcome: Callable[[], RunOutcome],
        replayed: Path | None,
        replace_page: Callable[[Page], None],
    ) -> None:
        """``is_ours`` tells our testcases by node id, ``outcome`` gives what there is to report so far.

        ``replayed`` is the evidence file that was judged, if it was one; ``replace_page`` makes pytest-html write what
        it is given in place of its own page.
        """
        self._replace_page = replace_page
        self._title = title
        self._is_ours = is_ours
        self._outcome = outcome
        self._replayed = replayed
        self._foreign = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Take over the page, as soon as there is one."""
        self._replace_page(self.page)

    def pytest_html_report_title(self, report: Any) -> None:
        """Say what was judged."""
        report.title = self._title

    @pytest.hookimpl(trylast=True)
    def pytest_html_results_table_row(self, report: pytest.TestReport | pytest.CollectReport, cells: list[str]) -> None:
        """Testcases stand in our own lists; pytest-html's keeps other tests, and errors nobody foresaw."""
        if self._is_ours(report.nodeid):
            cells.clear()
        else:
            self._foreign = True

    def page(self, given: Mapping[str, Any], script: Callable[[], str]) -> str | None:
        """The whole page from what pytest-html has for it; None as long as there is nothing of ours to tell.

        ``script`` gives the program that its table needs.
        """
        outcome = self._outcome()
        if outcome.run is None:
            return None
        others = OtherTests(given, script()) if self._foreign else None
        # Masked already, value by value; a mask in the finished page could hit what holds it together.
        return render(outcome.run, outcome, self._replayed, given, others)


@dataclasses.dataclass(frozen=True, slots=True)
class OtherTests:
    """What pytest-html has to show about tests that are not ours, and the program that shows it."""

    given: Mapping[str, Any]
    script: str


@dataclasses.dataclass(frozen=True, slots=True)
class _Subject:
    """A subject on the page; ``anchor`` begins all ids in its part of it, ``report_name`` is its name in reports.

    ``renamed``: somebody chose that, so that it says more than its own.
    """

    name: str
    report_name: str
    renamed: bool
    anchor: str
    columns: list[Card | None]
    warnings: list[str]
    facts: list[tuple[str, str]]
    causes: list[tuple[Verdict, str, str, list[str]]]
    sections: Sections
    todos: list[Todo]
    where: dict[str, str]

    @property
    def cards(self) -> list[Card]:
        """What it was judged for; what decides the run comes first."""
        return sorted(filter(None, self.columns), key=lambda card: not card.decisive)

    @property
    def few(self) -> bool:
        """Whether so little fails that all of it can be read at once."""
        return sum(row.severe for row in self.sections.rows()) <= FEW

    def todo_of(self, testcase: str) -> str:
        """The id of the place that says how to mend what a testcase found."""
        return f"{self.anchor}-todo-{self.where[testcase]}" if testcase in self.where else f"{self.anchor}-todo"

    def count(self, *verdicts: Verdict) -> int:
        """How many testcases have one of these verdicts."""
        return sum(row.verdict in verdicts for row in self.sections.rows())


def render(
    run: Run,
    outcome: RunOutcome,
    replayed: Path | None,
    given: Mapping[str, Any],
    others: OtherTests | None,
) -> str:
    """The report of a run as an HTML document; ``given`` is what pytest-html has for a page of its own."""
    words = run.language
    made = environment(words)
    subjects = list(_subjects(run, words))
    verdicts = Counter(row.verdict for subject in subjects for row in subject.sections.rows())
    return made.get_template("conformance.html.j2").render(
        given=given,
        others=others,
        additions=[part for parts in given.get("additional_summary", {}).values() for part in parts],
        environment=json.loads(given.get("test_data") or "{}").get("environment", {}),
        subjects=subjects,
        several=run.several,
        columns=columns(run, words),
        overview=overview(subjects, run.groups, _idle(run)),
        facts=facts(run, replayed, words),
        tables=[scope_table(scope, run.selection.date, words) for scope in run.selection.scopes],
        sources=sources(words),
        verdicts=[(verdict, verdicts[verdict]) for verdict in MONITOR_ORDER if verdicts[verdict]],
        problems=[
            *map(words.text, outcome.problems),
            *(words.phrase("left incomplete: {line}", line=words.text(line)) for line in outcome.incomplete),
        ],
        scopes=", ".join(dict.fromkeys(version.titled(words) for version in run.selection.versions)),
        date=run.now[:10],
    )


def _idle(run: Run) -> list[str]:
    """The names in reports of subjects of whom nothing is due."""
    judged = {(one.subject.platform, one.subject.report_name) for one in run.subject_runs}
    left = dict.fromkeys((one.subject.platform, one.subject.report_name) for one in run.left_out)
    return [name for platform, name in left if (platform, name) not in judged]


def _subjects(run: Run, words: Language) -> Iterator[_Subject]:
    nouns = {platform.name: platform.noun for platform in platforms()}
    names = Counter(subject_run.subject.name for subject_run in run.subject_runs)
    anchors = _anchors(run)
    for subject_run, anchor in zip(run.subject_runs, anchors, strict=True):
        subject = subject_run.subject
        # Subjects of two platforms may have one name.
        noun = f" ({words.text(nouns.get(subject.platform, subject.platform))})" if names[subject.name] > 1 else ""
        found = sections(run, subject_run)
        results = [subject_run.results[entry.id] for entry in run.expected(subject_run)]
        mends = mends_by_standard(run, subject_run)
        requests = subject_run.debug.get("requests_total")
        yield _Subject(
            name=f"{printable(subject.name)}{noun}",
            report_name=subject.report_name,
            renamed=subject.report_name != subject_of(subject.name),
            anchor=anchor,
            columns=cards(run, subject_run, found.rows(), anchor, words),
            warnings=[*map(words.text, _notices(run, subject_run)), *about_run(results, language=words)],
            facts=[(words.phrase("Requests"), words.grouped(requests))] if requests else [],
            causes=[
                (verdict, words.text(cause.text), str(cause.kind), ids)
                for verdict in (Verdict.MISS, Verdict.ABORT)
                for cause, ids in causes((one for one in results if one.verdict(run.judge) is verdict), verdict).items()
            ],
            sections=found,
            todos=[todo(standard, words) for standard in mends],
            where={
                testcase: standard.standard
                for standard in reversed(mends)
                for mend in standard.mends
                for testcase in mend.testcases
            },
        )


def _anchors(run: Run) -> list[str]:
    """What begins the ids of each subject: its name in reports, if no other id of the page is called like that."""
    names = [one.subject.report_name for one in run.subject_runs]
    standards = [standard for standard, _, _ in run.selection.groups()]
    columns = range(1, len(run.selection.versions) * len(run.selection.targets) + 1)
    within = (
        *("title", "broken", "undecided", "todo", "passed"),
        *(f"{what}-{standard}" for what in ("todo", "commands") for standard in standards),
        *(f"verdict-{number}{end}" for number in columns for end in ("", "-title")),
        *run.selection.expected,
    )
    taken = {*IDS, *(f"{name}-{what}" for name in names for what in within)}
    found = []
    for name in names:
        others = {one for one in names if one != name}
        numbered = (f"{name}-{number}" for number in itertools.count(2))
        anchor = next(one for one in itertools.chain((name,), numbered) if one not in taken and one not in others)
        taken.add(anchor)
        found.append(anchor)
    return found


def _notices(run: Run, subject_run: SubjectRun) -> Iterator[str]:
    for scope in run.scopes_of(subject_run):
        yield from bundled_data.notices(scope, run.selection.date)
