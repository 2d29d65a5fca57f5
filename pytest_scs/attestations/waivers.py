# SPDX-License-Identifier: Apache-2.0
"""Waiver files: loaded and validated (format: docs/waivers.md)."""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_scs.base import yamlfile
from pytest_scs.base.errors import InputError
from pytest_scs.base.pages import ids_in, load_pages, names
from pytest_scs.base.words import cut, did_you_mean
from pytest_scs.base.yamlwalk import Place, Walker
from pytest_scs.core.results import Result, Run
from pytest_scs.core.scope import Module, Scope, standard_of
from pytest_scs.core.scope_file import load_scope
from pytest_scs.core.selection import Selection, bundled_scopes
from pytest_scs.core.subject import SUBJECT
from pytest_scs.core.verdict import Verdict
from pytest_scs.core.waiver import Waiver, fits
from pytest_scs.standards.manual_check_data import check_for

#: No waiver counts longer than this from today: what lasts is no exception.
LONGEST = dt.timedelta(days=366)

#: So long before its last day a waiver that was used is said to end.
SOON = dt.timedelta(days=14)

_TOP = ("waivers",)
_REQUIRED = ("reason", "owner", "ticket", "expires")
_PATTERNS = ("testcase", "rule", "resource", "subject")
_ENTRY = (*_PATTERNS, *_REQUIRED, "approved_by")
_RULE = re.compile(r"[a-z]+[a-z0-9*-]*/[A-Za-z0-9_.*/-]+|\*/[A-Za-z0-9_.*/-]+")
_MOST = 1000
_MOST_TEXT = 500
_LISTED = 5


def load_waivers(
    paths: Iterable[Path], scopes: Sequence[Scope], today: dt.date, *, checked: bool = False
) -> tuple[Waiver, ...]:
    """The waivers of several files, in order; ``scopes`` are those of the run, ``today`` is in UTC.

    Raises InputError with file and line for anything that is wrong. That one has expired is not wrong. ``checked``: it
    is known that each may be about something.
    """
    bundled = bundled_scopes().values()
    known = _Known([*map(load_scope, bundled)], [scope for scope in scopes if scope.path not in bundled])
    found: list[Waiver] = []
    for path in paths:
        documents = yamlfile.load_documents(yamlfile.read_text(path, "waiver file"), str(path))
        if not documents:
            raise InputError(f"{path}: the waiver file is empty; it needs the key waivers, with a list")
        for number, document in enumerate(documents):
            found += _Reader(path, number, None if checked else known, today, len(found)).waivers(document)
    return tuple(found)


class _Known:
    """What waivers may be about: the testcases of all scopes, and the rules of all standards."""

    def __init__(self, bundled: Sequence[Scope], own: Sequence[Scope]) -> None:
        """``own`` are scopes of the user's: the rules of testcases that these alone have, only their programs know."""
        ours = dict.fromkeys(identity for scope in bundled for identity in scope.testcases)
        self._scopes = [*bundled, *own]
        self.testcases: Collection[str] = ours | dict.fromkeys(one for scope in own for one in scope.testcases)
        self._open = {
            standard_of(testcase, [module for module in scope.modules.values() if _has(module, testcase.id)])
            for scope in own
            for testcase in scope.testcases.values()
            if testcase.id not in ours
        }

    def lists(self, rule: str) -> bool:
        """Whether there are no other rules that a pattern may be about than those of the pages and manual checks.

        The rule of a testcase begins with the standard that it is of, or with a word of its writer's.
        """
        named = re.fullmatch(r"scs-(\d{4})/.*", rule)
        return not self._open or bool(named and named[1] not in self._open)

    @functools.cached_property
    def rules(self) -> Mapping[str, str]:
        """Rule -> the testcases it belongs to, in words in which ``*`` may stand for the rest of an id."""
        found = {rule: where for page in load_pages().values() for rule, (_, where) in page.rules.items()}
        manual = (one for scope in self._scopes for one in scope.testcases.values() if one.manual)
        asked = {question.rule: one.id for one in manual for question in check_for(one.id, "").questions}
        return asked | found

    def together(self, testcase: str, rule: str) -> bool:
        """Whether a rule that fits one pattern is of a testcase that fits the other."""
        ids = [one for one in self.testcases if fits(testcase, one)]
        places = [where for name, where in self.rules.items() if fits(rule, name)]
        return any(not ids_in(where) or any(names(where, one) for one in ids) for where in places)


def _has(module: Module, testcase: str) -> bool:
    return any(testcase in ids for ids in module.targets.values())


class _Reader(Walker):
    """Reads one document."""

    def __init__(self, path: Path, document: int, known: _Known | None, today: dt.date, before: int) -> None:
        """``before`` is the number of waivers that there are already."""
        super().__init__(path, "waiver file", document)
        self.known = known
        self.today = today
        self.before = before

    def waivers(self, value: Any) -> Iterator[Waiver]:
        top = self.mapping(value, (), _TOP, _TOP)
        entries = self.sequence(top["waivers"], ("waivers",))
        if len(entries) > _MOST:
            self.fail(("waivers",), f"{len(entries)} waivers are too many; there may be {_MOST}")
        for number, entry in enumerate(entries):
            yield self.waiver(entry, ("waivers", number), self.before + number + 1)

    def waiver(self, value: Any, place: Place, number: int) -> Waiver:
        raw = self.mapping(value, place, _ENTRY, _REQUIRED)
        texts = {key: self.words(raw[key], (*place, key)) for key in _ENTRY if key != "expires" and key in raw}
        given = [key for key in ("testcase", "rule") if key in texts]
        # What is nothing but signs for any text says as little, unless a resource is named.
        limited = any(texts.get(key, "").strip("*/") for key in ("testcase", "rule", "resource"))
        if not given or not limited:
            self.fail(place, "needs a testcase, or the rule of a finding: a waiver for everything is none")
        rule = texts.get("rule", "")
        if rule and not _RULE.fullmatch(rule):
            self.fail((*place, "rule"), f"{rule!r} is no rule of a finding; write one such as scs-0102/image_source")
        if self.known:
            self.check_testcase(self.known, texts.get("testcase", ""), (*place, "testcase"))
            self.check_rule(self.known, rule, texts.get("testcase", ""), (*place, "rule"))
            self.check_subject(texts.get("subject", ""), (*place, "subject"))
        line = yamlfile.line_of(self.path, place, self.document)
        return Waiver(
            number, f"{self.path.name}:{line or 1}", self.expiry(raw["expires"], (*place, "expires")), **texts
        )

    def words(self, value: Any, place: Place) -> str:
        """Text in one line that is not empty."""
        if isinstance(value, bool) or value is None:
            self.fail(place, "must be text; put it in quotes" if value is not None else "is empty; fill it in")
        text = " ".join(self.text(value, place).replace("\0", "").split())
        if not text:
            self.fail(place, "is empty; fill it in, or leave the keyword out where it is optional")
        if len(text) > _MOST_TEXT:
            self.fail(place, f"is longer than {_MOST_TEXT} characters")
        return text

    def check_testcase(self, known: _Known, pattern: str, place: Place) -> None:
        """A waiver for what no scope has would never be used, and nobody would notice."""
        if not pattern or any(fits(pattern, identity) for identity in known.testcases):
            return
        hint = did_you_mean(pattern, known.testcases) or "; scs scopes lists them, and * stands for any text"
        self.fail(place, f"no scope has a testcase {pattern!r}{hint}")

    def check_rule(self, known: _Known, pattern: str, testcase: str, place: Place) -> None:
        """Neither would one for a rule that no standard has, or for one of other testcases."""
        if not pattern or not known.lists(pattern):
            return
        if not any(fits(pattern, rule) for rule in known.rules):
            hint = did_you_mean(pattern, known.rules) or f"; {_rules_near(pattern, known.rules)}"
            self.fail(place, f"no standard has a rule {pattern!r}{hint}")
        if testcase and not known.together(testcase, pattern):
            of = sorted({one for rule, where in known.rules.items() if fits(pattern, rule) for one in ids_in(where)})
            self.fail(place, f"{pattern!r} is no rule of {testcase!r}, but of {cut(', '.join(of), _MOST_TEXT)}")

    def check_subject(self, pattern: str, place: Place) -> None:
        """Nor one for a subject with a name that none can have in a report."""
        if pattern.strip("*") and not SUBJECT.fullmatch(pattern.replace("*", "x")):
            self.fail(place, f"no subject is named {pattern!r}: letters, digits, '_', '-', '.', and * for any text")

    def expiry(self, value: Any, place: Place) -> dt.date:
        """The last day, quoted or not."""
        day = self.quoted_date(value, place)
        latest = self.today + LONGEST
        if day > latest:
            self.fail(place, f"{day} is too far away: no waiver counts for more than a year, so {latest} at the latest")
        return day


def _rules_near(pattern: str, rules: Iterable[str]) -> str:
    """What rules there are of the standard that a pattern names, else where they are listed."""
    standard = pattern.partition("/")[0]
    own = [rule for rule in rules if fits(standard, rule.partition("/")[0])]
    if not own:
        return "scs explain lists the standards, scs explain STANDARD their rules; * stands for any text"
    return f"allowed: {cut(', '.join(own), _MOST_TEXT)}"


def beside_selection(waivers: Sequence[Waiver], selection: Selection, subjects: Sequence[str]) -> list[str]:
    """Lines about waivers that concern nothing of what is selected, to be read before the run.

    ``subjects`` are names in reports. That a waiver is for other scopes is no mistake: one file may serve many runs.
    """
    lines, others = [], []
    for waiver in waivers:
        standard = waiver.rule.partition("/")[0]
        if not any(
            fits(waiver.testcase, entry.id) and fits(standard, entry.standard) for entry in selection.expected.values()
        ):
            others.append(f"{waiver.where} ({waiver.words})")
        elif not any(fits(waiver.subject, subject) for subject in subjects):
            hint = did_you_mean(waiver.subject, subjects)
            name = f"waiver {waiver.where} ({waiver.words})"
            lines.append(f"{name} is for no subject of this run{hint}; it is about: {cut(', '.join(subjects), 200)}")
    if others:
        listed = ", ".join(others[:_LISTED]) + (f" and {len(others) - _LISTED} more" if others[_LISTED:] else "")
        lines.append(f"{len(others)} of {len(waivers)} waivers are for no testcase of this selection: {listed}")
    return lines


def about_waivers(waivers: Sequence[Waiver], run: Run, today: dt.date) -> list[str]:
    """What whoever answers for waivers has to know: expired, unused and soon-to-expire ones, a line each."""
    results = [
        (result, one.subject.report_name)
        for one in run.subject_runs
        for entry in run.expected(one)
        for result in [one.results[entry.id]]
    ]
    used = {waived.number for result, _ in results for waived in result.waived}
    lines = []
    for waiver in waivers:
        judged = [result for result, subject in results if waiver.concerns(result.testcase, subject)]
        name = f"waiver {waiver.where} ({waiver.words})"
        if not waiver.counts(today):
            still = "; it would be needed" if _needed(waiver, judged, run) else ""
            lines.append(f"{name} has expired on {waiver.expires}{still}: renew it, or remove it")
        elif waiver.number in used and waiver.expires - today <= SOON:
            lines.append(f"{name} expires on {waiver.expires}; {waiver.owner} has to renew it ({waiver.ticket})")
        elif waiver.number not in used and _is_idle(waiver, run) and not _needed(waiver, judged, run):
            lines.append(f"{name} was not needed: nothing that it covers is violated; remove it")
    return lines


def _needed(waiver: Waiver, judged: Iterable[Result], run: Run) -> bool:
    return any(waiver.covers(finding) for result in judged for finding in result.violations(run.judge))


def _is_idle(waiver: Waiver, run: Run) -> bool:
    """Whether all that it may be about has a verdict: what could not be judged, or is not due, may be violated.

    Rules begin with the standard that they are of.
    """
    standard = waiver.rule.partition("/")[0]
    about = [
        (entry.id, one.results.get(entry.id) if entry.id in run.chosen else None)
        for one in run.subject_runs
        for entry in run.selection.expected.values()
        if waiver.concerns(entry.id, one.subject.report_name) and fits(standard, entry.standard)
    ]
    # What a subject has no result of, though others have, is about another platform, or not due.
    judged = [result for identity, result in about if result or identity not in run.chosen]
    return (
        not run.interrupted
        and bool(judged)
        and all(result and result.verdict(run.judge) in (Verdict.PASS, Verdict.FAIL) for result in judged)
        and not any(waiver.concerns(one.testcase, one.subject.report_name) for one in run.left_out)
    )
