# SPDX-License-Identifier: Apache-2.0
"""Waivers: violations that somebody answers for until a day (docs/waivers.md).

A waiver changes no verdict: a waived FAIL stays FAIL in the SCS report, and does not fail the run.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Sequence

from pytest_scs.base.language import ENGLISH, Language
from pytest_scs.base.words import printable
from pytest_scs.core.cause import Cause
from pytest_scs.core.findings import Finding, Remark, Undecided


@dataclasses.dataclass(frozen=True, slots=True)
class Waived:
    """Why a violation does not fail the run, and who answers for it, until the end of the day ``expires`` (UTC).

    ``number`` counts the waivers of all files of the run from 1. Texts are empty for readers outside.
    """

    number: int
    expires: str
    reason: str = ""
    owner: str = ""
    ticket: str = ""
    approved_by: str = ""

    def worded(self, language: Language) -> str:
        """In one line."""
        if not self.reason:
            return language.phrase("waived until {day}", day=self.expires)
        return language.phrase(
            "waived until {day} by {owner}: {reason} ({ticket})",
            day=self.expires,
            owner=self.owner,
            reason=self.reason,
            ticket=f"{self.ticket}; {language.phrase('approved by {name}', name=self.approved_by)}"
            if self.approved_by
            else self.ticket,
        )

    def __str__(self) -> str:
        return self.worded(ENGLISH)

    def masked(self, redact: Callable[[str], str]) -> Waived:
        """The same without the secrets that ``redact`` knows."""
        texts = map(redact, (self.reason, self.owner, self.ticket, self.approved_by))
        return Waived(self.number, self.expires, *texts)

    @property
    def public(self) -> Waived:
        """The same for readers outside: until when, and nothing of who and why."""
        return Waived(self.number, self.expires)


@dataclasses.dataclass(frozen=True, slots=True)
class Waiver:
    """One entry of a waiver file, ``where`` it stands there (file and line).

    ``testcase``, ``rule``, ``resource`` and ``subject`` (its name in the report) are patterns in which ``*`` stands for
    any text; empty ones fit everything. ``expires`` is the last day (UTC) on which it counts.
    """

    number: int
    where: str
    expires: dt.date
    reason: str
    owner: str
    ticket: str
    approved_by: str = ""
    testcase: str = ""
    rule: str = ""
    resource: str = ""
    subject: str = ""

    def concerns(self, testcase: str, subject: str) -> bool:
        """Whether it may be about a violation of a testcase by a subject (its name in the report)."""
        return fits(self.testcase, testcase) and fits(self.subject, subject)

    def covers(self, finding: Finding) -> bool:
        """Whether it is about a violation, of a testcase and subject that it concerns."""
        named = (finding.resource, finding.resource_id) if finding.resource_id else (finding.resource,)
        return fits(self.rule, finding.rule) and any(fits(self.resource, name) for name in named)

    def counts(self, day: dt.date) -> bool:
        """Whether it counts on a day (UTC)."""
        return day <= self.expires

    @property
    def words(self) -> str:
        """What it is about, for lines about the waiver itself."""
        about = {"testcase": self.testcase, "rule": self.rule, "resource": self.resource, "subject": self.subject}
        return printable(", ".join(f"{name} {text}" for name, text in about.items() if text))

    @property
    def waived(self) -> Waived:
        """What a result says about it."""
        return Waived(self.number, self.expires.isoformat(), self.reason, self.owner, self.ticket, self.approved_by)


def fits(pattern: str, text: str) -> bool:
    """Whether a text is as a pattern says, in which ``*`` stands for any text; an empty pattern fits everything."""
    first, *others = pattern.split("*")
    if not pattern or not others:
        return pattern in ("", text)
    *inner, last = others
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return False
    place, end = len(first), len(text) - len(last)
    for piece in inner:
        found = text.find(piece, place, end)
        if found < 0:
            return False
        place = found + len(piece)
    return True


def waive(
    waivers: Iterable[Waiver],
    testcase: str,
    subject: str,
    violations: Sequence[Finding],
    unsure: Sequence[Undecided],
    cause: Cause | None,
) -> tuple[list[Waived], list[Remark]]:
    """What waives a FAIL by these ``violations``, empty if something is left; and what to say of what is not enough.

    ``waivers`` are those that count today. A testcase of which something is ``unsure``, or that was not examined to the
    end (``cause``), would be ABORT without its violations, and that is never waived.
    """
    mine = [waiver for waiver in waivers if waiver.concerns(testcase, subject)]
    used: dict[int, Waived] = {}
    bare = 0
    for finding in violations:
        found = next((waiver for waiver in mine if waiver.covers(finding)), None)
        if found is None:
            bare += 1
        else:
            used.setdefault(found.number, found.waived)
    if not used:
        return [], []
    if bare:
        total = len(violations)
        return [], [Remark(f"{total - bare} of {total} violations are waived; the others fail it", public=False)]
    if cause or unsure:
        why = (
            "it was not examined to the end"
            if cause
            else f"{len(unsure)} resource{'s' if len(unsure) > 1 else ''} could not be judged"
        )
        return [], [Remark(f"its violations are waived, but {why}, which no waiver covers", public=False)]
    return list(used.values()), []
