# SPDX-License-Identifier: Apache-2.0
"""What changed from some reports to others: newly failing, fixed, still failing, newly missing; by offender.

On both sides the newest result of each testcase is looked at, expired or not. Pure: no files, no clock.
"""

from __future__ import annotations

import dataclasses
import enum
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Final

import pytest_scs
from pytest_scs.base.words import cut, printable, some
from pytest_scs.core.verdict import Verdict
from pytest_scs.pipeline.merging import KnownResult, newest_results
from pytest_scs.pipeline.offenders import Told, told_by
from pytest_scs.pipeline.report_store import StoredReport
from pytest_scs.reports.machines.model import ToolEntry, plain
from pytest_scs.reports.machines.schema import schema_of

#: Number of the form of the JSON.
FORMAT: Final = 1

SCHEMA_ID: Final = "urn:pytest-scs:diff:1"

#: Offenders shown for each testcase on the terminal.
SHOWN: Final = 10

_LONGEST = 500


class Change(enum.StrEnum):
    """What became of a testcase, in the order in which it is told."""

    NEWLY_FAILING = "newly failing"
    STILL_FAILING = "still failing"
    NEWLY_UNDECIDED = "newly undecided"
    NEWLY_MISSING = "newly missing"
    FIXED = "fixed"
    NEWLY_PASSING = "newly passing"


# Without offenders, so all of them are told in a line.
_SHORT = (Change.NEWLY_UNDECIDED, Change.NEWLY_MISSING, Change.NEWLY_PASSING)


@dataclasses.dataclass(frozen=True, slots=True)
class ChangedTestcase:
    """A testcase that changed, or fails still, and its offenders: those of now only, those of before only, both.

    Reports are cut where they are too long: ``left_out`` is how many offenders neither list can know of.
    """

    testcase: str
    change: Change
    before: Verdict
    after: Verdict
    new: tuple[str, ...]
    gone: tuple[str, ...]
    still: tuple[str, ...]
    left_out: int


@dataclasses.dataclass(frozen=True, slots=True)
class ChangedSubject:
    """What changed about a subject in a scope (a UUID with its name)."""

    subject: str
    scope: str
    name: str
    testcases: tuple[ChangedTestcase, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Differences:
    """All that changed; docs/diff.schema.json is made from these classes.

    ``only_before`` and ``only_after`` are subjects and scopes that one side alone has reports on.
    """

    format: Annotated[int, "number of this form"]
    tool: ToolEntry
    worse: Annotated[bool, "whether anything is newly failing: a testcase, or an offender of one that failed before"]
    subjects: tuple[ChangedSubject, ...]
    only_before: Annotated[tuple[tuple[str, ...], ...], "subject, name of the scope"]
    only_after: Annotated[tuple[tuple[str, ...], ...], "subject, name of the scope"]


def difference(before: Sequence[StoredReport], after: Sequence[StoredReport]) -> Differences:
    """What changed from some reports to others; the order on each side does not matter.

    A subject without any report before is new, so whatever fails is newly failing; one without any after is named.
    """
    old, new = newest_results(before), newest_results(after)
    told_old, told_new = _Lines(before), _Lines(after)
    names = {one.document.spec.uuid: one.document.spec.name for one in (*before, *after) if one.document.spec.name}
    found = []
    for key in sorted(new):
        changed = sorted(
            _changed(old.get(key, {}), new[key], told_old, told_new),
            key=lambda one: (list(Change).index(one.change), one.testcase),
        )
        if changed:
            found.append(ChangedSubject(*key, names.get(key[1], key[1]), tuple(changed)))
    return Differences(
        format=FORMAT,
        tool=ToolEntry("pytest-scs", pytest_scs.__version__),
        worse=any(_worse(one) for subject in found for one in subject.testcases),
        subjects=tuple(found),
        only_before=tuple((key[0], names.get(key[1], key[1])) for key in sorted(old.keys() - new.keys())),
        only_after=tuple((key[0], names.get(key[1], key[1])) for key in sorted(new.keys() - old.keys())),
    )


class _Lines:
    """The lines of reports, looked at when they are needed."""

    def __init__(self, reports: Iterable[StoredReport]) -> None:
        self._reports = {one.document.run.uuid: one for one in reports}
        self._told: dict[str, dict[str, Told]] = {}

    def of(self, result: KnownResult | None) -> Told:
        """What the report of a result says of the testcase, if that failed."""
        if result is None or result.verdict is not Verdict.FAIL:
            return Told()
        if result.report not in self._told:
            self._told[result.report] = told_by(self._reports[result.report].document)
        return self._told[result.report].get(result.testcase, Told())


def _changed(
    old: Mapping[str, KnownResult], new: Mapping[str, KnownResult], told_old: _Lines, told_new: _Lines
) -> Iterator[ChangedTestcase]:
    for testcase in old.keys() | new.keys():
        was, now = old.get(testcase), new.get(testcase)
        before, after = (one.verdict if one else Verdict.MISS for one in (was, now))
        change = _change(before, after)
        if change is None:
            continue
        left, right = told_old.of(was), told_new.of(now)
        yield ChangedTestcase(
            testcase=testcase,
            change=change,
            before=before,
            after=after,
            new=tuple(text for key, text in right.offenders.items() if key not in left.offenders),
            gone=tuple(text for key, text in left.offenders.items() if key not in right.offenders),
            still=tuple(text for key, text in right.offenders.items() if key in left.offenders),
            left_out=max(left.left_out, right.left_out),
        )


def _change(before: Verdict, after: Verdict) -> Change | None:
    if after is Verdict.FAIL:
        return Change.STILL_FAILING if before is Verdict.FAIL else Change.NEWLY_FAILING
    if after is before:
        return None
    if after is Verdict.PASS:
        return Change.FIXED if before is Verdict.FAIL else Change.NEWLY_PASSING
    return Change.NEWLY_MISSING if after is Verdict.MISS else Change.NEWLY_UNDECIDED


def _worse(one: ChangedTestcase) -> bool:
    """Whether a testcase is newly failing, or has offenders that it had not; lists that are cut cannot tell."""
    if one.change is Change.NEWLY_FAILING:
        return True
    return one.change is Change.STILL_FAILING and bool(one.new) and not one.left_out


def render_json(found: Differences) -> str:
    """The differences for programs."""
    return json.dumps(plain(found), ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema of that."""
    return schema_of(Differences, SCHEMA_ID, f"Differences between reports by pytest-scs, format {FORMAT}")


def lines(found: Differences) -> Iterator[str]:
    """The differences for the terminal: numbers first, then each subject."""
    counts = dict.fromkeys(Change, 0)
    for subject in found.subjects:
        for one in subject.testcases:
            counts[one.change] += 1
    told = ", ".join(f"{number} {change}" for change, number in counts.items() if number)
    yield told or "no differences"
    for subject in found.subjects:
        yield ""
        yield f"{printable(subject.subject)}, {printable(subject.name)}:"
        for one in subject.testcases:
            if one.change not in _SHORT:
                yield from _of_testcase(one)
        for change in _SHORT:
            if ids := [printable(one.testcase) for one in subject.testcases if one.change is change]:
                yield f"  {change}: {some(ids)}"
    yield from [""] if found.only_before or found.only_after else []
    yield from (f"newly missing, no report any more: {', '.join(map(printable, one))}" for one in found.only_before)
    yield from (f"new, no report before: {', '.join(map(printable, one))}" for one in found.only_after)


def _of_testcase(one: ChangedTestcase) -> Iterator[str]:
    was = "" if one.before is one.after else f" ({one.before} before)"
    yield f"  {one.change}: {printable(one.testcase)}{was}"
    yield from _some("+ ", one.new)
    yield from _some("- ", one.gone)
    if one.still:
        yield f"      {len(one.still)} as before"
    if one.left_out:
        yield f"      at least {one.left_out} more that the reports do not name: they cannot be compared"


def _some(sign: str, offenders: Sequence[str]) -> Iterator[str]:
    yield from (f"    {sign}{cut(printable(text), _LONGEST)}" for text in offenders[:SHOWN])
    if len(offenders) > SHOWN:
        yield f"    {sign}... and {len(offenders) - SHOWN} more"
