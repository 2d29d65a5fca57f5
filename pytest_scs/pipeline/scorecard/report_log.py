# SPDX-License-Identifier: Apache-2.0
"""What the reports behind a score card say, program by program: all of it, and what is public of it at the monitor.

There everybody sees commands and the assignment of variables, and some of the lines (docs/scorecard.md).
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import Final

from pytest_scs.base.language import Language
from pytest_scs.base.words import cut, printable
from pytest_scs.core.verdict import Verdict
from pytest_scs.pipeline.report_store import StoredReport
from pytest_scs.reports.scs.model import Invocation

#: Lines of a stream, and results of an invocation, that are shown; all are in the report.
LINES: Final = 200

_LONGEST: Final = 500
_SIGNS: Final = {Verdict.PASS: "✔", Verdict.FAIL: "✘"}
_PUBLIC: Final = {
    "stdout": re.compile(r".*: (?:PASS|ABORT|FAIL)", re.DOTALL),
    "stderr": re.compile(r"(?:WARNIN|ERROR:).*", re.DOTALL),
    "log": re.compile(r"(?:WARNING|ERROR|CRITICAL): .*|INFO: \*\*\*.*", re.DOTALL),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Stream:
    """The lines of one stream, each with whether it is public; ``more`` are not shown, ``hidden`` are not public."""

    name: str
    lines: tuple[tuple[str, bool], ...]
    more: int
    hidden: int


@dataclasses.dataclass(frozen=True, slots=True)
class InvocationLog:
    """A program that ran: its command, facts about it, its results with the monitor's signs, its streams."""

    command: str
    facts: tuple[tuple[str, str], ...]
    results: tuple[tuple[str, str, Verdict], ...]
    more: int
    streams: tuple[Stream, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class ReportLog:
    """A report that counts for something on the page."""

    anchor: str
    uuid: str
    facts: tuple[tuple[str, str], ...]
    invocations: tuple[InvocationLog, ...]

    @property
    def title(self) -> str:
        """Its key; other tools may write anything."""
        return printable(self.uuid)


def logs_of(reports: Sequence[StoredReport], anchor: str, words: Language, *, public: bool) -> list[ReportLog]:
    """What reports say, the newest first; with ``public`` what everybody sees alone. ``anchor`` begins their ids."""
    return [
        _of_report(report, f"{anchor}-log-{number}", words, public=public)
        for number, report in enumerate(reversed(reports), 1)
    ]


def _of_report(report: StoredReport, anchor: str, words: Language, *, public: bool) -> ReportLog:
    document = report.document
    assigned = ", ".join(f"{name}={value}" for name, value in sorted(document.run.assignment.items()))
    facts = [
        (words.phrase("Checked at"), f"{document.checked_at:%Y-%m-%d %H:%M:%S} UTC"),
        (words.phrase("Variable assignment"), _shown(assigned)),
        (words.phrase("Made with"), _shown(document.tool)),
    ]
    # In the announced form one log is about all of the tests.
    log = [_stream("log", document.log, public=public)] if document.log else None
    invocations = [
        _of_invocation(one, words, None if log is None else log if number == 0 else [], public=public)
        for number, one in enumerate(document.run.invocations.values())
    ]
    return ReportLog(anchor, document.uuid, tuple(fact for fact in facts if fact[1]), tuple(invocations))


def _of_invocation(one: Invocation, words: Language, log: Sequence[Stream] | None, *, public: bool) -> InvocationLog:
    counts = (
        (words.phrase("Exit code"), "" if one.rc is None else str(one.rc)),
        ("critical", str(one.critical or "")),
        ("error", str(one.error or "")),
        ("warning", str(one.warning or "")),
    )
    results = [(printable(name), _SIGNS.get(verdict, "⚠"), verdict) for name, verdict in one.results.items()]
    streams = [_stream(name, lines, public=public) for name, lines in (("stdout", one.stdout), ("stderr", one.stderr))]
    return InvocationLog(
        command=_shown(one.cmd),
        facts=tuple(fact for fact in counts if fact[1]),
        results=tuple(results[:LINES]),
        more=max(0, len(results) - LINES),
        streams=tuple(stream for stream in (streams if log is None else log) if stream.lines or stream.hidden),
    )


def _stream(name: str, lines: Sequence[str], *, public: bool) -> Stream:
    told = [(line, _PUBLIC[name].fullmatch(line) is not None) for line in lines]
    hidden = sum(not seen for _, seen in told)
    if public:
        told = [line for line in told if line[1]]
    shown = tuple((_shown(line), seen) for line, seen in told[:LINES])
    return Stream(name, shown, max(0, len(told) - LINES), hidden)


def _shown(text: str) -> str:
    return cut(printable(text), _LONGEST)
