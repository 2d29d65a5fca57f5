# SPDX-License-Identifier: Apache-2.0
"""Declarations that a certificate needs beside the automatic testcases of a version.

They are manual checks: those that the version lists itself (scs-0004), and those of another scope where no version asks
for them (docs/standards/scs-0214.md#the-declaration, DEV-0214-1).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Final

from pytest_scs.core.findings import Finding, Undecided
from pytest_scs.core.scope import Scope, Testcase
from pytest_scs.core.scope_file import load_scope
from pytest_scs.core.selection import bundled_scopes, version_label
from pytest_scs.standards.manual_check_data import check_for
from pytest_scs.standards.manual_checks import Attestation, judge_answers, last_day


@dataclasses.dataclass(frozen=True, slots=True)
class Declaration:
    """A declaration on ``standard`` that a certificate for ``scope`` (a UUID) needs.

    ``testcase`` is the manual check that asks for it, ``asked_in`` the name of the bundled scope that has it.
    ``instead_of`` is the testcase that the official scope file declares for it, and puts into no version.
    """

    scope: str
    standard: str
    testcase: str
    asked_in: str
    instead_of: str


@dataclasses.dataclass(frozen=True, slots=True)
class Wanted:
    """A manual ``testcase`` of a ``scope`` that people have to answer for a certificate.

    ``standard`` is what readers know it by, ``asked_in`` the scope version that has its questions, as users write it.
    """

    standard: str
    testcase: Testcase
    scope: Scope
    asked_in: str

    @property
    def command(self) -> str:
        """How to get its questions."""
        return f"scs attest --scs-scope={self.asked_in}"

    @property
    def unanswered(self) -> str:
        """What is said of it where nobody has answered."""
        return f"not answered: {self.command}"


@dataclasses.dataclass(frozen=True, slots=True)
class Needed:
    """A declaration that a certificate needs; ``state`` is what is known of it, in English."""

    standard: str
    testcase: str
    state: str


DECLARATIONS: Final = (
    Declaration(
        scope="1fffebe6-fd4b-44d3-a36c-fc58b4bb0180",
        standard="scs-0214",
        testcase="scs-0214-x-node-distribution-declaration",
        asked_in="beyond-kaas",
        instead_of="node-distribution-check",
    ),
)


def wanted_for(scope: Scope, versions: Iterable[str]) -> Iterator[Wanted]:
    """What certificates for ``versions`` of a scope need to be answered: each once, of other scopes first."""
    for one in DECLARATIONS:
        if one.scope == scope.uuid:
            asking = load_scope(bundled_scopes()[one.asked_in])
            yield Wanted(one.standard, asking.testcases[one.testcase], asking, one.asked_in)
    seen: set[str] = set()
    for version in versions:
        listed = {testcase for found in scope.versions[version].targets().values() for testcase in found} - seen
        seen |= listed
        for testcase in sorted(one for one in listed if scope.testcases[one].manual):
            yield Wanted(testcase, scope.testcases[testcase], scope, version_label(scope.path, version))


def declaration_for(testcase: str) -> Declaration | None:
    """The declaration that takes the place of a testcase which no version contains."""
    return next((one for one in DECLARATIONS if one.instead_of == testcase), None)


def state_of(wanted: Wanted, answers: Attestation | None, now: dt.datetime) -> str:
    """Whether a declaration was given, and until when it counts, in words for beside a verdict.

    ``answers`` are those whose evidence has been looked at, None if there are none; ``now`` is UTC.
    """
    testcase = wanted.testcase
    day = answers.answered_at if answers else None
    if answers is None or day is None or not any(answer.answer for answer in answers.answers.values()):
        return wanted.unanswered
    until = last_day(day, testcase.lifetime)
    if now.date() > until:
        return f"overdue: answered {day}, counted until {until}"
    reason, observations = judge_answers(check_for(testcase.id, testcase.description), answers, testcase.lifetime, now)
    if reason:
        return f"answered {day}, incomplete: {reason}"
    if wrong := [entry.resource for entry in observations if isinstance(entry, Finding)]:
        return f"answered {day}, does not conform: {', '.join(wrong)}"
    if doubtful := [entry.resource for entry in observations if isinstance(entry, Undecided)]:
        return f"answered {day}, cannot be judged: {', '.join(doubtful)}"
    return f"answered {day}, counts until {until}"
