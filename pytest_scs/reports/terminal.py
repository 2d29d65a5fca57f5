# SPDX-License-Identifier: Apache-2.0
"""The terminal: findings by standard, the verdict per version last."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable, Iterable

import pytest

from pytest_scs.core.judge import Judge
from pytest_scs.core.results import Result, Run, RunOutcome, SubjectRun, about_run, causes
from pytest_scs.core.selection import ChosenVersion, Expected
from pytest_scs.core.verdict import MONITOR_ORDER, Verdict, combine
from pytest_scs.reports.lines import printable, violations

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
        self._terminal.section(title, sep=sep)

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
        return
    limit = None if terminal.config.get_verbosity() >= 2 else SHOWN
    for subject_run in run.subject_runs:
        name = f" of {subject_run.subject.name}" if len(run.subject_runs) > 1 else ""
        screen.section(f"SCS conformance{name}", sep="=")
        _standards(screen, run, subject_run, limit)
        _undecided(screen, run, subject_run, limit)
        for line in about_run(subject_run.results.values()):
            screen.line(f"WARNING: {line}", yellow=True)
    for line in outcome.incomplete:
        screen.line(f"left incomplete: {line}", red=True)
    _problems(screen, outcome)
    for line in outcome.written:
        screen.line(line)
    screen.section("Verdicts", sep="-")
    for subject_run in run.subject_runs:
        for version in run.selection.versions:
            for target in run.selection.targets:
                _version(screen, run, subject_run, version, target, limit)


def _problems(screen: _Screen, outcome: RunOutcome) -> None:
    for line in outcome.problems:
        screen.line(f"ERROR: {line}", red=True)


def _standards(screen: _Screen, run: Run, subject_run: SubjectRun, limit: int | None) -> None:
    for standard, name, entries in run.selection.groups():
        chosen = [entry for entry in entries if run.concerns(subject_run, entry)]
        if not chosen:
            continue
        verdicts = run.verdicts(subject_run, chosen)
        screen.write(f"{standard:<9} {name if len(name) <= 40 else name[:39] + '…':<40} ")
        screen.line(counts(verdicts), **_COLORS[combine(verdicts)])
        links: dict[str, None] = {}
        for entry in chosen:
            result = subject_run.results[entry.id]
            if result.verdict(run.judge) is Verdict.FAIL:
                _failure(screen, entry, result, run.judge, limit)
                links[entry.testcase.url] = None
        for url in filter(None, links):
            screen.line(f"  see {url}")
        if limit is None:
            requests = subject_run.debug.get("requests_by_testcase", {})
            for entry in chosen:
                if number := requests.get(entry.id):
                    screen.line(f"  {entry.id}: {_number(number, 'request')}")
                for text in subject_run.results[entry.id].warnings(run.judge):
                    screen.line(f"  warning {entry.id}: {text}")


def _failure(screen: _Screen, entry: Expected, result: Result, judge: Judge, limit: int | None) -> None:
    where = "" if entry.decisive else " (does not decide the run)"
    screen.line(
        f"  FAIL {entry.id}{where}: {entry.testcase.description}", red=entry.decisive, yellow=not entry.decisive
    )
    for line in violations(result, judge, limit):
        screen.line(f"    {line}")


def _undecided(screen: _Screen, run: Run, subject_run: SubjectRun, limit: int | None) -> None:
    """Each cause once, however many testcases it took down."""
    results = [subject_run.results[entry.id] for entry in run.expected(subject_run)]
    for verdict in (Verdict.ABORT, Verdict.MISS):
        affected = [result for result in results if result.verdict(run.judge) is verdict]
        for cause, ids in causes(affected, verdict).items():
            screen.line(f"{verdict} {_number(len(ids), 'testcase')}: {cause}", yellow=True)
            _listing(screen, "    ", "", ids, limit)


def _listing(screen: _Screen, indent: str, title: str, ids: list[str], limit: int | None) -> None:
    """The ids of testcases, at most ``limit`` of them, in as many lines as it takes."""
    listed = ids if limit is None else ids[:limit]
    text = title + ", ".join(listed) + (f" and {len(ids) - len(listed)} more" if len(listed) < len(ids) else "")
    for line in textwrap.wrap(text, 116 - len(indent), break_on_hyphens=False, break_long_words=False):
        screen.line(f"{indent}{line}")


def _version(
    screen: _Screen, run: Run, subject_run: SubjectRun, version: ChosenVersion, target: str, limit: int | None
) -> None:
    entries = run.members(version, target, subject_run)
    if not entries:
        return
    verdicts = run.verdicts(subject_run, entries)
    verdict = combine(verdicts)
    name = f"{subject_run.subject.name} " if len(run.subject_runs) > 1 else ""
    about = remark(run, version, target, verdict)
    screen.write(f"{name}{version.label} ({version.code}) {target}: ")
    screen.write(str(verdict), bold=True, **_COLORS[verdict])
    screen.line(f" ({counts(verdicts)}){'; ' if about else ''}{about}")
    other = run.judge.other
    if (second := run.verdicts(subject_run, entries, other)) != verdicts:
        screen.line(f"    by {other.words_for_many}: {combine(second)} ({counts(second)})")
        different: dict[str, list[str]] = {}
        for entry, ours, theirs in zip(entries, verdicts, second, strict=True):
            if ours is not theirs:
                different.setdefault(f"{theirs} instead of {ours}", []).append(entry.id)
        for what, ids in different.items():
            _listing(screen, "        ", f"{what}: ", ids, limit)


def remark(run: Run, version: ChosenVersion, target: str, verdict: Verdict) -> str:
    """What the verdict on one target of one version is good for; empty where there is nothing to say."""
    if not run.covers(version, target):
        return "partial run, no verdict on the version"
    if target != "main":
        return ""
    if not version.scope.official:
        return "unofficial, there is no certificate"
    if not version.certifiable:
        return f"{version.code}, cannot be certified"
    return f"ready to certify: {'yes' if verdict is Verdict.PASS else 'no'}"


def counts(verdicts: Iterable[Verdict]) -> str:
    """``2 FAIL, 13 PASS``: numbers by verdict, worst first, none left out."""
    numbers = Counter(verdicts)
    return ", ".join(f"{numbers[verdict]} {verdict}" for verdict in MONITOR_ORDER if numbers[verdict])


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' if count != 1 else ''}"
