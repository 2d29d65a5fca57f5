# SPDX-License-Identifier: Apache-2.0
"""The terminal: findings by standard, the verdict per version last."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable, Iterable

import pytest

from pytest_scs.base.language import Language
from pytest_scs.base.words import printable
from pytest_scs.core.results import Result, Run, RunOutcome, SubjectRun, about_run, causes
from pytest_scs.core.selection import ChosenVersion, Expected
from pytest_scs.core.verdict import MONITOR_ORDER, Verdict, combine
from pytest_scs.reports import readiness
from pytest_scs.reports.lines import violations

#: Offenders shown per testcase without ``-vv``.
SHOWN = 10

_COLORS = {
    Verdict.PASS: {"green": True},
    Verdict.FAIL: {"red": True},
    Verdict.ABORT: {"yellow": True},
    Verdict.MISS: {"yellow": True},
}


class _Screen:
    """Writes to pytest's terminal, with secrets masked and without control characters."""

    def __init__(self, terminal: pytest.TerminalReporter, redact: Callable[[str], str]) -> None:
        self._terminal = terminal
        self._redact = redact

    def section(self, title: str, sep: str) -> None:
        self._terminal.section(printable(self._redact(title)), sep=sep)

    def write(self, text: str, **style: bool) -> None:
        self._terminal.write(printable(self._redact(text)), **style)

    def line(self, text: str, **style: bool) -> None:
        self._terminal.line(printable(self._redact(text)), **style)


def summary(terminal: pytest.TerminalReporter, outcome: RunOutcome, redact: Callable[[str], str]) -> None:
    """What a user reads after the run; ``redact`` masks secrets."""
    run = outcome.run
    screen = _Screen(terminal, redact)
    if run is None:
        _problems(screen, outcome)
        for line in outcome.notes:
            screen.line(outcome.language.text(line))
        return
    limit = None if terminal.config.get_verbosity() >= 2 else SHOWN
    for subject_run in run.subject_runs:
        phrase = run.language.phrase
        name = subject_run.subject.name
        title = phrase("SCS conformance of {name}", name=name) if run.several else phrase("SCS conformance")
        screen.section(title, sep="=")
        _standards(screen, run, subject_run, limit)
        _undecided(screen, run, subject_run, limit)
        for line in about_run(subject_run.results.values(), language=run.language):
            screen.line(phrase("WARNING: {line}", line=line), yellow=True)
    for line in outcome.incomplete:
        screen.line(run.language.phrase("left incomplete: {line}", line=run.language.text(line)), red=True)
    _problems(screen, outcome)
    for line in outcome.written:
        screen.line(run.language.text(line))
    screen.section(run.language.phrase("Verdicts"), sep="-")
    for subject_run in run.subject_runs:
        for version in run.selection.versions:
            for target in run.selection.targets:
                _version(screen, run, subject_run, version, target, limit)
    for line in outcome.notes:
        screen.line(run.language.text(line), yellow=True)


def _problems(screen: _Screen, outcome: RunOutcome) -> None:
    for line in outcome.problems:
        line = outcome.language.text(line)
        screen.line(outcome.language.phrase("ERROR: {line}", line=line), red=True)


def _standards(screen: _Screen, run: Run, subject_run: SubjectRun, limit: int | None) -> None:
    for standard, name, entries in run.selection.groups():
        chosen = [entry for entry in entries if run.concerns(subject_run, entry)]
        if not chosen:
            continue
        verdicts = run.verdicts(subject_run, chosen)
        name = run.language.text(name)
        screen.write(f"{standard:<9} {name if len(name) <= 40 else name[:39] + '…':<40} ")
        screen.line(counts(verdicts) + _waived(run, subject_run, chosen), **_COLORS[combine(verdicts)])
        links: dict[str, None] = {}
        for entry in chosen:
            result = subject_run.results[entry.id]
            if result.verdict(run.judge) is Verdict.FAIL:
                _failure(screen, entry, result, run, limit)
                links[entry.testcase.url] = None
        for url in filter(None, links):
            screen.line(run.language.phrase("  see {url}", url=url))
        if limit is None:
            requests = subject_run.debug.get("requests_by_testcase", {})
            for entry in chosen:
                if number := requests.get(entry.id):
                    told = run.language.number(number, "{count} request", "{count} requests")
                    screen.line(f"  {entry.id}: {told}")
                for text in subject_run.results[entry.id].warnings(run.judge, language=run.language):
                    screen.line(run.language.phrase("  warning {testcase}: {text}", testcase=entry.id, text=text))


def _waived(run: Run, subject_run: SubjectRun, entries: Iterable[Expected]) -> str:
    """How many of some testcases are waived, behind their numbers by verdict."""
    number = sum(bool(subject_run.results[entry.id].waived) for entry in entries)
    return run.language.phrase(" ({number} FAIL waived)", number=number) if number else ""


def _failure(screen: _Screen, entry: Expected, result: Result, run: Run, limit: int | None) -> None:
    where = "" if entry.decisive else run.language.phrase(" (does not decide the run)")
    description = run.language.text(entry.testcase.description)
    severe = entry.decisive and not result.waived
    screen.line(f"  FAIL {entry.id}{where}: {description}", red=severe, yellow=not severe)
    for waived in result.waived:
        screen.line(f"    {waived.worded(run.language)}", yellow=True)
    for line in violations(result, run.judge, limit, language=run.language):
        screen.line(f"    {line}")


def _undecided(screen: _Screen, run: Run, subject_run: SubjectRun, limit: int | None) -> None:
    """Each cause once, however many testcases it took down."""
    results = [subject_run.results[entry.id] for entry in run.expected(subject_run)]
    for verdict in (Verdict.ABORT, Verdict.MISS):
        affected = [result for result in results if result.verdict(run.judge) is verdict]
        for cause, ids in causes(affected, verdict).items():
            number = run.language.number(len(ids), "{count} testcase", "{count} testcases")
            screen.line(f"{verdict} {number}: {cause.worded(run.language)}", yellow=True)
            _listing(screen, "    ", ids, limit, run.language)


def _listing(
    screen: _Screen, indent: str, ids: list[str], limit: int | None, language: Language, title: str = ""
) -> None:
    """The ids of testcases, at most ``limit`` of them, in as many lines as it takes."""
    listed = ids if limit is None else ids[:limit]
    text = title + ", ".join(listed)
    if len(listed) < len(ids):
        text = language.phrase("{listed} and {count} more", listed=text, count=len(ids) - len(listed))
    for line in textwrap.wrap(text, 116 - len(indent), break_on_hyphens=False, break_long_words=False):
        screen.line(f"{indent}{line}")


def _version(
    screen: _Screen, run: Run, subject_run: SubjectRun, version: ChosenVersion, target: str, limit: int | None
) -> None:
    entries = run.members(version, target, subject_run)
    if not entries:
        return
    verdicts = run.verdicts(subject_run, entries)
    name = f"{subject_run.subject.name} " if run.several else ""
    whole = run.covers(version, target, subject_run.subject)
    screen.write(f"{name}{version.label} ({run.language.text(version.code)}) {target}: ")
    if whole:
        about = remark(run, version, target, combine(verdicts), subject_run)
        _verdict(screen, verdicts, about + _waived(run, subject_run, entries))
        if readiness.is_ready(run, version, target, combine(verdicts), subject_run):
            for line in readiness.listed(readiness.needed_of_run(version, subject_run), run.language):
                screen.line(f"    {line}")
    else:
        _chosen(screen, verdicts, run.language)
    other = run.judge.other
    if (second := run.verdicts(subject_run, entries, other)) != verdicts:
        who = run.language.text(other.words_for_many)
        found = f"{combine(second)} ({counts(second)})" if whole else counts(second)
        screen.line(run.language.phrase("    by {who}: {verdict}", who=who, verdict=found))
        different: dict[str, list[str]] = {}
        for entry, ours, theirs in zip(entries, verdicts, second, strict=True):
            if ours is not theirs:
                what = run.language.phrase("{theirs} instead of {ours}: ", theirs=theirs, ours=ours)
                different.setdefault(what, []).append(entry.id)
        for what, ids in different.items():
            _listing(screen, "        ", ids, limit, run.language, what)


def _verdict(screen: _Screen, verdicts: list[Verdict], about: str) -> None:
    """The verdict on a version, and what it is good for."""
    verdict = combine(verdicts)
    screen.write(str(verdict), bold=True, **_COLORS[verdict])
    screen.line(f" ({counts(verdicts)}){'; ' if about else ''}{about}")


def _chosen(screen: _Screen, verdicts: list[Verdict], language: Language) -> None:
    """What a part of a version came to: no verdict on it, so nothing that looks like one, such as a green PASS."""
    worst = combine(verdicts)
    told = language.phrase("{counts} of {number} chosen", counts=counts(verdicts), number=len(verdicts))
    screen.write(told, **(_COLORS[worst] if worst is not Verdict.PASS else {}))
    screen.line(language.phrase("; no verdict on the version"))


def remark(run: Run, version: ChosenVersion, target: str, verdict: Verdict, subject_run: SubjectRun) -> str:
    """What the verdict on one target of one version is good for; empty where there is nothing to say."""
    phrase = run.language.phrase
    if not run.covers(version, target, subject_run.subject):
        return phrase("partial run, no verdict on the version")
    if target != "main":
        return ""
    if not version.scope.official:
        return phrase("unofficial, there is no certificate")
    if not version.certifiable:
        return phrase("{state}, cannot be certified", state=run.language.text(version.code))
    if verdict is not Verdict.PASS:
        return phrase("ready to certify: no")
    return readiness.certifiable(readiness.needed_of_run(version, subject_run), run.language)


def counts(verdicts: Iterable[Verdict]) -> str:
    """``2 FAIL, 13 PASS``: numbers by verdict, worst first, none left out."""
    numbers = Counter(verdicts)
    return ", ".join(f"{numbers[verdict]} {verdict}" for verdict in MONITOR_ORDER if numbers[verdict])
