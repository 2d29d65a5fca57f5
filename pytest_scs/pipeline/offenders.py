# SPDX-License-Identifier: Apache-2.0
"""The lines of a report about each testcase, and what of them names an offender (docs/standards/framework.md#lines)."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping

from pytest_scs.reports.lines import MEND
from pytest_scs.reports.scs.model import Invocation, ReportDocument

_LINE = re.compile(r"(?P<level>ERROR|WARNING): (?:(?P<testcase>[^\s:]+): )?(?P<text>.*)", re.DOTALL)
_MORE = re.compile(r"\.\.\. and (\d+) more")
_COUNT = re.compile(r"(?:\d+\b.* )?violates? the rule|\d+ of \d+ .*|\d+ violates? it")
_NUMBER = re.compile(r"(?<![\w.-])\d+(?:\.\d+)?(?![\w-])")
_BEGINNING = re.compile(r"(?P<what>.+?): expected .*, found ", re.DOTALL)


@dataclasses.dataclass(frozen=True, slots=True)
class Told:
    """What a report says of a testcase: ``lines`` as people read them, without level and id.

    ``offenders`` are those that name one, by what tells it from others: resource and rule, without counts, values and
    hints, which change. ``left_out`` is how many more the report says there are.
    """

    lines: tuple[str, ...] = ()
    offenders: Mapping[str, str] = dataclasses.field(default_factory=dict)
    left_out: int = 0


def told_by(document: ReportDocument) -> dict[str, Told]:
    """Testcase -> what the report says of it; of one that several invocations judged, what the last says."""
    found: dict[str, Told] = {}
    for invocation in document.run.invocations.values():
        lines = _lines(invocation)
        found |= {testcase: _told(lines.get(testcase, [])) for testcase in invocation.results}
    return found


def _lines(invocation: Invocation) -> dict[str, list[tuple[str, str]]]:
    """Testcase -> level and text of its lines; a line without id is about the only testcase of the invocation."""
    only = next(iter(invocation.results)) if len(invocation.results) == 1 else ""
    found: dict[str, list[tuple[str, str]]] = {}
    for line in invocation.stderr:
        match = _LINE.fullmatch(line)
        if match is None:
            continue
        named = match["testcase"] in invocation.results
        testcase = match["testcase"] if named else only
        text = match["text"] if named or not match["testcase"] else f"{match['testcase']}: {match['text']}"
        if testcase:
            found.setdefault(testcase, []).append((match["level"], text))
    return found


def _told(lines: list[tuple[str, str]]) -> Told:
    offenders: dict[str, str] = {}
    left_out = 0
    for level, text in lines:
        if more := _MORE.fullmatch(text):
            left_out += int(more[1][:9]) if level == "ERROR" else 0
        elif level == "ERROR" and not text.startswith(MEND.strip()) and not _COUNT.fullmatch(text):
            offenders.setdefault(key_of(text), text)
    shown = (text if level == "ERROR" else f"warning: {text}" for level, text in lines)
    return Told(tuple(shown), offenders, left_out)


def key_of(text: str) -> str:
    """What tells an offender from others, in a line about it."""
    match = _BEGINNING.match(text)
    return _NUMBER.sub("N", text) if match is None else match["what"]
