# SPDX-License-Identifier: Apache-2.0
"""The announced form of a report (pull request 1237 of the standards repository): its tests and its log, as plain data.

The key ``creator`` decides: where it is, the monitor of that pull request reads ``uuid``, ``scope``, ``tests`` and
``log`` and nothing of ``spec`` and ``run``; today's monitor reads these only. Both may be in one document.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pytest_scs.core.verdict import Verdict
from pytest_scs.reports.scs import values
from pytest_scs.reports.scs.values import Malformed

#: The key that is in every document in the announced form.
MARK = "creator"

# A testcase begins in the log (which is its anchor on the monitor's page), and ends.
_BEGINS = "INFO: *** "
_ENDS = "INFO: +++ "

# What we note beside the result of a testcase that people answered; further keys are kept by the monitor.
_ASSESSED = "self_assessment"

#: How the command of an invocation begins that holds what people answered (docs/attestations.md#in-reports).
SELF_ASSESSMENT = "self-assessment"

# A line of the log that the public page shows, and whom it names if it is ours.
_SHOWN = re.compile(r"(WARNING|ERROR|CRITICAL): (?:([^\s:]+): )?")


@dataclasses.dataclass(frozen=True, slots=True)
class Tested:
    """The verdict on a testcase; ``assessment`` is how a self-assessment says when it was: ``self-assessment of DAY``.

    It is empty for everything that was not answered by people.
    """

    verdict: Verdict
    assessment: str = ""

    @classmethod
    def from_plain(cls, plain: Any, place: str) -> Tested:
        """Raises Malformed."""
        result = values.read_mapping(plain, place).get("result")
        assessed = values.read_optional_text(plain, _ASSESSED, place)
        return cls(values.read_result(result, f"{place}.result"), f"{SELF_ASSESSMENT} {assessed}" if assessed else "")

    def to_plain(self) -> dict[str, Any]:
        """As the form writes it."""
        assessed = {_ASSESSED: self.assessment.removeprefix(SELF_ASSESSMENT).strip()} if self.assessment else {}
        return {"result": self.verdict.number, **assessed}


def is_announced(plain: Any) -> bool:
    """Whether a document says that it is in the announced form, alone or beside today's."""
    return isinstance(plain, Mapping) and MARK in plain


def is_announced_only(plain: Any) -> bool:
    """Whether it is in nothing but the announced form, so that today's monitor answers 500."""
    return is_announced(plain) and not {"run", "spec"} & plain.keys()


def read_tests(plain: Any, place: str) -> dict[str, Tested]:
    """Testcase -> what is said of it; raises Malformed."""
    return {
        values.read_text(testcase, place): Tested.from_plain(one, f"{place}.{testcase}")
        for testcase, one in values.read_mapping(plain, place).items()
    }


def read_log(plain: Mapping[Any, Any], place: str) -> tuple[str, ...]:
    """The lines of the log, none where there is none; raises Malformed."""
    return values.read_lines(plain.get("log", []), f"{place}.log")


def log_of(tests: Mapping[str, Tested], said: Mapping[str, Sequence[str]], first: Iterable[str]) -> Iterator[str]:
    """The lines of a log: ``first`` for all, then each testcase, what is ``said`` of it, and its verdict."""
    yield from (f"INFO: {line}" for line in first)
    for testcase, tested in tests.items():
        yield f"{_BEGINS}{testcase}"
        if tested.assessment:
            yield f"INFO: {tested.assessment}"
        yield from said.get(testcase, ())
        yield f"{_ENDS}{testcase}: {tested.verdict}"


def said_in(log: Iterable[str]) -> dict[str, list[str]]:
    """Testcase -> the warnings and errors in its part of a log, each with its name; what stands outside is under ""."""
    said: dict[str, list[str]] = {}
    current = ""
    for line in log:
        if line.startswith(_BEGINS):
            current = line.removeprefix(_BEGINS).strip()
        elif line.startswith(_ENDS):
            current = ""
        elif found := _SHOWN.match(line):
            named = not current or found[2] == current
            text = line if named else f"{found[1]}: {current}: {line[len(found[1]) + 2 :]}"
            said.setdefault(current, []).append(text)
    return said


def said_by(lines: Iterable[str], testcases: Iterable[str]) -> dict[str, list[str]]:
    """Testcase -> those of the lines that name it, as ``ERROR: TESTCASE: text``; those of nobody are under ""."""
    known = set(testcases)
    said: dict[str, list[str]] = {}
    for line in lines:
        found = _SHOWN.match(line)
        if found:
            said.setdefault(found[2] if found[2] in known else "", []).append(line)
    return said


def differences(plain: Mapping[Any, Any], place: str) -> Iterator[tuple[str, str]]:
    """Place and words for everything in which the two forms of one document differ, once each of them can be read."""
    spec, run = plain.get("spec"), plain.get("run")
    if not isinstance(spec, Mapping) or not isinstance(run, Mapping):
        return
    for announced, (where, key) in {"uuid": (run, "run.uuid"), "scope": (spec, "spec.uuid")}.items():
        if plain.get(announced) != where.get("uuid"):
            found, other = values.found_value(plain.get(announced)), values.found_value(where.get("uuid"))
            yield f"{place}.{announced}", f"is {found}, but {key} is {other}"
    today = _numbers(run.get("invocations"))
    tests = plain.get("tests")
    coming = {
        testcase: one.get("result") if isinstance(one, Mapping) else None
        for testcase, one in (tests.items() if isinstance(tests, Mapping) else ())
    }
    for testcase in dict.fromkeys([*today, *coming]):
        both = coming.get(testcase), today.get(testcase)
        if both[0] != both[1] or type(both[0]) is not type(both[1]):
            says, other = map(values.found_value, both)
            yield f"{place}.tests.{testcase}", f"says {says}, but run.invocations {other}"


def _numbers(invocations: Any) -> dict[Any, Any]:
    """Testcase -> the result that today's form says."""
    each = invocations.values() if isinstance(invocations, Mapping) else ()
    results = [one.get("results") for one in each if isinstance(one, Mapping)]
    return {key: value for one in results if isinstance(one, Mapping) for key, value in one.items()}


def check_agreement(plain: Mapping[Any, Any], place: str) -> None:
    """Raise Malformed if the two forms of one document differ."""
    for where, text in differences(plain, place):
        raise Malformed(where, text)
