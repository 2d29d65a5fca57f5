# SPDX-License-Identifier: Apache-2.0
"""Score cards as a page, in the look of the test report; and what pages of a whole fleet share with it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest_scs
from pytest_scs.base.language import Language
from pytest_scs.base.words import cut, printable
from pytest_scs.core.verdict import MONITOR_ORDER, Verdict
from pytest_scs.pipeline.merging import KnownResult
from pytest_scs.pipeline.offenders import Told, told_by
from pytest_scs.pipeline.scorecard.aggregation import ScopeState, VersionState
from pytest_scs.pipeline.scorecard.certificates import Certificate, published_at
from pytest_scs.pipeline.scorecard.report_log import ReportLog, logs_of
from pytest_scs.pipeline.scorecard.scorecard import CardEntry, Fleet, ScoreCard, last_day
from pytest_scs.reports.html_environment import environment
from pytest_scs.reports.html_scopes import ScopeTable, scope_table
from pytest_scs.reports.readiness import sentences

#: Lines about a testcase that are shown; all are in the report.
LINES = 20

_LONGEST = 500

#: Where the report of a result can be read, as a link from the page; empty where there is no such place.
Link = Callable[[KnownResult], str]


@dataclasses.dataclass(frozen=True, slots=True)
class Cell:
    """A result in a scope as the overview shows it; ``drawn`` is what its symbol is drawn for."""

    drawn: tuple[Verdict, str]
    passed: str
    word: str
    small: str
    href: str = ""

    @property
    def verdict(self) -> Verdict:
        """That of its colour."""
        return self.drawn[0]


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """A testcase; ``columns`` are what it is in, for each version that is shown."""

    entry: CardEntry
    columns: list[str]
    until: str
    due: str
    link: str
    told: list[str]
    more: int

    @property
    def date(self) -> str:
        """The day of the result."""
        newest = self.entry.newest
        return f"{newest.checked_at:%Y-%m-%d}" if newest and not self.entry.expired else ""

    @property
    def tip(self) -> str:
        """The report and the full time."""
        newest = self.entry.newest
        return f"{printable(newest.report)}, {newest.checked_at:%Y-%m-%d %H:%M:%S} UTC" if newest else ""

    @property
    def name(self) -> str:
        """The testcase; reports may have any."""
        return printable(self.entry.testcase)

    @property
    def url(self) -> str:
        """Where the testcase is explained; nothing but the web."""
        url = self.entry.declared.url if self.entry.declared else ""
        return url if urlsplit(url).scheme in ("http", "https") else ""


@dataclasses.dataclass(frozen=True, slots=True)
class CardView:
    """A score card on a page; ``idle`` are testcases without a result that decide nothing.

    ``published`` is the address of what the monitor shows, where there is a certificate.
    """

    card: ScoreCard
    anchor: str
    title: str
    cell: Cell
    ready: str
    good: bool
    needed: list[str]
    certificate: str
    published: str
    counts: list[tuple[Verdict, int]]
    versions: list[VersionState]
    rows: list[Row]
    idle: list[Row]
    outside: list[Row]
    unknown: list[Row]
    logs: list[ReportLog]


@dataclasses.dataclass(frozen=True, slots=True)
class SubjectView:
    """A subject on a page."""

    name: str
    anchor: str
    cards: list[CardView]


@dataclasses.dataclass(frozen=True, slots=True)
class OverviewRow:
    """A row of the overview: a group, or a subject with a link to what is known of it."""

    name: str
    group: bool
    href: str
    inside: bool
    cells: list[Cell | None]


class Pages:
    """Makes pages of a fleet in a language; ``link`` tells where the report of a result can be read.

    Without one that is on the page itself. ``public``: of reports only what the monitor shows everybody.
    """

    def __init__(self, fleet: Fleet, words: Language, link: Link = lambda result: "", *, public: bool = False) -> None:
        self.fleet = fleet
        self.words = words
        self.public = public
        self._link = link
        self._made = environment(words, Path(__file__).parent)
        self._places = {subject: number for number, subject in enumerate(fleet.subjects, 1)}

    def render(self, template: str, title: str, subjects: list[SubjectView], **more: Any) -> str:
        """A page out of a template."""
        numbers = Counter(row.entry.verdict for one in subjects for card in one.cards for row in _all_rows(card))
        return self._made.get_template(template).render(
            given={"title": title, "public": self.public},
            subjects=subjects,
            verdicts=[(verdict, numbers[verdict]) for verdict in MONITOR_ORDER if numbers[verdict]],
            scopes=", ".join(printable(self.words.text(name)) for name in self.fleet.scopes.values()),
            columns=[printable(self.words.text(name)) for name in self.fleet.scopes.values()],
            date=f"{self.fleet.now:%Y-%m-%d}",
            tables=self._tables(subjects),
            sources=[(self.words.phrase("Made with"), f"pytest-scs {pytest_scs.__version__}")],
            **more,
        )

    def _tables(self, subjects: Iterable[SubjectView]) -> list[ScopeTable]:
        """Those of the scopes that the subjects have score cards in, in the order of the overview."""
        known = {card.card.uuid: card.card.scope for one in subjects for card in one.cards}
        scopes = [scope for uuid in self.fleet.scopes if (scope := known.get(uuid))]
        return [scope_table(scope, self.fleet.now.date(), self.words) for scope in scopes]

    def facts(self, reports: int, *, subjects: bool = True) -> list[tuple[str, str]]:
        """When and out of what the page was made; with the number of ``subjects`` where it is about all of them."""
        number = [(self.words.phrase("Subjects"), self.words.grouped(len(self.fleet.subjects)))] if subjects else []
        as_of = (self.words.phrase("As of"), f"{self.fleet.now:%Y-%m-%d %H:%M} UTC")
        return [as_of, *number, (self.words.phrase("Reports"), self.words.grouped(reports))]

    def anchor(self, subject: str) -> str:
        """The id of a subject on a page."""
        return f"subject-{self._places[subject]}"

    def overview(self, href: Callable[[str, str], str]) -> list[OverviewRow]:
        """The rows of the overview; ``href`` gives the link for a subject and the UUID of a scope (empty: none)."""
        rows = []
        for group in self.fleet.groups:
            standing = {
                uuid: self._cell(state, printable(member), href(member, uuid))
                for uuid, (member, state) in group.worst.items()
            }
            cells = [standing.get(uuid) for uuid in self.fleet.scopes]
            rows.append(OverviewRow(printable(group.name), True, "", False, cells))
            rows += [self._overview_row(member, href, inside=True) for member in group.members]
        return rows + [self._overview_row(subject, href, inside=False) for subject in self.fleet.ungrouped]

    def _overview_row(self, subject: str, href: Callable[[str, str], str], *, inside: bool) -> OverviewRow:
        cells: list[Cell | None] = []
        for uuid in self.fleet.scopes:
            card = self.fleet.cards.get((subject, uuid))
            cells.append(self.cell(card, href(subject, uuid)) if card else None)
        return OverviewRow(printable(subject), False, href(subject, "") if any(cells) else "", inside, cells)

    def cell(self, card: ScoreCard, href: str = "") -> Cell:
        """The result of a score card."""
        if card.scope is None:
            return Cell((Verdict.MISS, ""), "", self.words.phrase("unknown scope"), "", href)
        return self._cell(card.state, self._ready(card)[0] if card.state.official else "", href)

    def _cell(self, state: ScopeState, small: str, href: str) -> Cell:
        word = str(state.result) if state.result else self.words.phrase("no data")
        return Cell(_drawn(state), state.passed_text, word, small, href)

    def _ready(self, card: ScoreCard) -> tuple[str, bool]:
        if not card.state.official:
            return self.words.phrase("No certificate"), False
        if card.state.ready:
            return self.words.phrase("Ready to certify: yes"), True
        return self.words.phrase("Ready to certify: no"), False

    def subject(self, name: str) -> SubjectView:
        """All score cards of a subject."""
        anchor = self.anchor(name)
        cards = [self._card(card, f"{anchor}-{number}") for number, card in enumerate(self.fleet.of(name), 1)]
        return SubjectView(printable(name), anchor, cards)

    def _card(self, card: ScoreCard, anchor: str) -> CardView:
        ready, good = self._ready(card)
        versions = list(card.state.relevant)
        told = _told(card)
        counting = {entry.newest.report for entry in (*card.known, *card.unknown) if entry.newest and not entry.expired}
        reports = [one for one in card.reports if one.document.uuid in counting]
        logs = logs_of(reports, anchor, self.words, public=self.public)
        places = {one.uuid: f"#{one.anchor}" for one in logs}
        certificate = self.fleet.certificates.get((card.subject, card.uuid)) if card.scope else None
        return CardView(
            card=card,
            anchor=anchor,
            title=printable(self.words.text(card.name)),
            cell=self.cell(card),
            ready=ready if card.scope else self.words.phrase("No verdict: the scope is unknown here"),
            good=good,
            needed=sentences(card.needed, self.words) if good else [],
            certificate=self._certificate(certificate) if certificate else "",
            published=published_at(self.fleet.monitor, card.subject, card.scope) if certificate and card.scope else "",
            counts=[(verdict, number) for verdict, number in card.numbers.items() if number],
            versions=versions,
            rows=[self._row(entry, versions, told, places) for entry in card.entries if not _is_idle(entry)],
            idle=[self._row(entry, versions, told, places) for entry in card.entries if _is_idle(entry)],
            outside=[self._row(entry, [], told, places) for entry in card.outside if not entry.expired],
            unknown=[self._row(entry, [], told, places) for entry in card.unknown if not entry.expired],
            logs=logs,
        )

    def _certificate(self, certificate: Certificate) -> str:
        days = {"issued": certificate.issued, "day": certificate.last_day}
        if certificate.ended(self.fleet.now.date()):
            return self.words.phrase("The certificate of {issued} ended on {day}.", **days)
        if certificate.renewable(self.fleet.now.date()):
            return self.words.phrase("The certificate of {issued} holds until {day}: it is time to renew it.", **days)
        return self.words.phrase("The certificate of {issued} holds until {day}.", **days)

    def _row(
        self,
        entry: CardEntry,
        versions: Iterable[VersionState],
        told: Mapping[str, Told],
        places: Mapping[str, str],
    ) -> Row:
        lines = list(told[entry.testcase].lines) if entry.testcase in told and not entry.expired else []
        if entry.verdict is Verdict.PASS:
            lines = []
        return Row(
            entry=entry,
            columns=[entry.targets.get(version.name, "") for version in versions],
            until=self._until(entry),
            due=self._due(entry),
            link=(self._link(entry.newest) or places.get(entry.newest.report, "")) if entry.newest else "",
            told=[cut(printable(line), _LONGEST) for line in lines[:LINES]],
            more=max(0, len(lines) - LINES),
        )

    def _until(self, entry: CardEntry) -> str:
        """Until when the result counts; of what people answered, both lives."""
        if entry.expires_at is None or entry.newest is None:
            return ""
        day = _day(entry.expires_at)
        if entry.expired:
            return self.words.phrase("counted until {day}", day=day)
        answers = entry.due.answers_until if entry.due else None
        if answers is None or entry.newest.answered_on is None:
            return day
        return self.words.phrase(
            "answered {answered}, counts until {day}; at the monitor until {expires}",
            answered=entry.newest.answered_on,
            day=_day(answers),
            expires=day,
        )

    def _due(self, entry: CardEntry) -> str:
        if not entry.due or not (entry.awaited or entry.newest):
            return ""
        if not entry.due.due:
            return f"{entry.due.due_at:%Y-%m-%d}" if entry.due.due_at else ""
        return self.words.phrase("overdue") if entry.overdue else self.words.phrase("now")


def render(fleet: Fleet, words: Language, *, public: bool = False) -> str:
    """The score cards of a fleet as one self-contained page without a program.

    ``public``: of reports only what the monitor shows everybody.
    """
    pages = Pages(fleet, words, public=public)
    reports = sum(len(card.reports) for card in fleet.cards.values())
    subjects = [pages.subject(name) for name in fleet.subjects if fleet.of(name)]
    anchors = {(card.card.subject, card.card.uuid): card.anchor for one in subjects for card in one.cards}

    def href(subject: str, uuid: str) -> str:
        if not uuid:
            return f"#{pages.anchor(subject)}"
        return f"#{anchors[subject, uuid]}" if (subject, uuid) in anchors else ""

    title = words.phrase("SCS score card")
    return pages.render("scorecard.html.j2", title, subjects, rows=pages.overview(href), facts=pages.facts(reports))


def history_cell(pages: Pages, state: ScopeState) -> Cell:
    """The result of a scope at a time that is past."""
    return Cell(_drawn(state), state.passed_text, str(state.result or pages.words.phrase("no data")), "")


def _all_rows(card: CardView) -> list[Row]:
    return card.rows + card.idle + card.outside + card.unknown


def _is_idle(entry: CardEntry) -> bool:
    return entry.newest is None and not entry.decisive


def _drawn(state: ScopeState) -> tuple[Verdict, str]:
    """What the symbol of a result is drawn for; see :attr:`ScopeState.symbol`."""
    drawn = {"✅": (Verdict.PASS, ""), "✅*": (Verdict.ABORT, "scope"), "🟧": (Verdict.MISS, "scope")}
    return drawn.get(state.symbol, (Verdict.FAIL, ""))


def _told(card: ScoreCard) -> dict[str, Told]:
    """What the reports say of the testcases that do not pass; each report is looked at once."""
    wanted: dict[str, set[str]] = {}
    for entry in (*card.known, *card.unknown):
        if entry.newest and entry.verdict in (Verdict.FAIL, Verdict.ABORT):
            wanted.setdefault(entry.newest.report, set()).add(entry.testcase)
    found: dict[str, Told] = {}
    for report in card.reports:
        if testcases := wanted.get(report.document.run.uuid):
            told = told_by(report.document)
            found |= {testcase: told[testcase] for testcase in testcases if testcase in told}
    return found


def _day(moment: dt.datetime) -> str:
    return last_day(moment).isoformat()
