# SPDX-License-Identifier: Apache-2.0
"""The lines that a report shows everybody: what each testcase may say, and how (docs/standards/framework.md#lines).

The monitor's public page keeps lines that begin with ``ERROR:`` or ``WARNING:``, and says so where it drops one; so
there are no others. It takes them for HTML.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

from pytest_scs.base.words import cut, printable
from pytest_scs.core.judge import Judge
from pytest_scs.core.results import Result
from pytest_scs.core.verdict import Verdict
from pytest_scs.reports.lines import MEND, count, more, violations

#: An invocation has at most so many lines, and a line so many characters; cuts are marked
#: (docs/standards/framework.md#size).
MAX_LINES = 2000
MAX_LENGTH = 500

#: So many lines a testcase may have in any case.
MIN_LINES = 20

#: A command that mends something is whole up to this many characters, and left out beyond: a part of it is no command.
MAX_COMMAND = 4000

#: What would be markup on the monitor's pages is spelled with characters that look alike.
PLAIN_MARKUP = str.maketrans({"<": "\u2039", ">": "\u203a", "&": "\uff06", "`": "\u2019"})


def messages(results: Sequence[Result], judge: Judge, redact: Callable[[str], str]) -> list[str]:
    """What some testcases have to say, in their order, each with its count or cause first and within its share."""
    wanted = {result.testcase: _Said.by(result, judge) for result in results}
    shares = shared_out({testcase: said.wanted for testcase, said in wanted.items()}, MAX_LINES)
    return [
        line
        for result in results
        for line in _of_one(result, wanted[result.testcase], judge, shares[result.testcase], redact)
    ]


def shared_out(wanted: Mapping[str, int], lines: int) -> dict[str, int]:
    """How many of the lines each gets: what it wants or an equal share; what one leaves goes to the others.

    Nobody gets less than MIN_LINES of what he wants.
    """
    shares: dict[str, int] = {}
    for place, (name, number) in enumerate(sorted(wanted.items(), key=lambda item: item[1])):
        shares[name] = min(number, max(MIN_LINES, (lines - sum(shares.values())) // (len(wanted) - place)))
    return shares


@dataclasses.dataclass(frozen=True, slots=True)
class _Said:
    """What a testcase would say if there were room: a first line, one or two on each offender, warnings."""

    first: str
    offenders: int
    warnings: list[str]

    @classmethod
    def by(cls, result: Result, judge: Judge) -> _Said:
        verdict = result.verdict(judge)
        warnings = result.warnings(judge, public=True)
        if verdict is Verdict.FAIL:
            # More than there is room for need not be worded to be counted.
            return cls(f"ERROR: {count(result, judge)}", len(violations(result, judge, MAX_LINES)), warnings)
        cause = f"ERROR: {result.testcase}: not decided: {result.cause}" if verdict is Verdict.ABORT else ""
        return cls(cause, 0, warnings)

    @property
    def wanted(self) -> int:
        """The number of lines."""
        return bool(self.first) + self.offenders + len(self.warnings)


def _of_one(result: Result, said: _Said, judge: Judge, share: int, redact: Callable[[str], str]) -> list[str]:
    """The lines of one testcase; where they are too many, most of its share is for offenders."""
    lines = [_line(said.first, redact)] if said.first else []
    warnings = said.warnings
    room = share - len(lines)
    if said.offenders:
        for_warnings = min(len(warnings), max(room - said.offenders, room // 4))
        lines += [_about_offender(result, line, redact) for line in _fitting(result, judge, room - for_warnings)]
        room = for_warnings
    if len(warnings) > room:
        warnings = [*warnings[: max(room - 1, 0)], more(len(warnings) - max(room - 1, 0))][: max(room, 0)]
    return [*lines, *(_line(f"WARNING: {result.testcase}: {text}", redact) for text in warnings)]


def _fitting(result: Result, judge: Judge, room: int) -> list[str]:
    """As much of the violations as there is room for, whole offenders with how to mend them."""
    limit = max(room, 1)
    while len(lines := violations(result, judge, limit)) > room and limit > 1:
        # One offender less is at most two lines less.
        limit = max(1, limit - max(1, (len(lines) - room) // 2))
    return lines


def _about_offender(result: Result, text: str, redact: Callable[[str], str]) -> str:
    """A line of `violations`: an offender, or how to mend it."""
    start = f"ERROR: {result.testcase}: "
    if not text.startswith(MEND):
        return _line(start + text, redact)
    # The sign between two commands is one that pages take for markup.
    whole = _line(start + text.strip().replace(" && ", ", and if that works: "), redact, most=None)
    if len(whole) <= MAX_COMMAND:
        return whole
    return f"{start}{MEND.strip()} by a command too long for this report; the HTML report and the terminal show it"


def _line(text: str, redact: Callable[[str], str], most: int | None = MAX_LENGTH) -> str:
    """Secrets are masked before a line is cut."""
    line = printable(redact(text)).rstrip().translate(PLAIN_MARKUP)
    return cut(line, most) if most else line
