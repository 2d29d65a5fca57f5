# SPDX-License-Identifier: Apache-2.0
"""Judging a manual testcase by a person's answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path

from pytest_scs.attestations.file import AttestationFile, inspect, load_attestations
from pytest_scs.base.errors import InputError
from pytest_scs.base.words import did_you_mean
from pytest_scs.core.collector import Collector
from pytest_scs.core.findings import Remark
from pytest_scs.core.scope import Scope, Testcase
from pytest_scs.core.scope_file import load_scope
from pytest_scs.core.selection import ChosenVersion, bundled_scopes
from pytest_scs.standards import manual_checks
from pytest_scs.standards.declarations import state_of, wanted_for
from pytest_scs.standards.manual_check_data import check_for

#: Why a manual testcase has no verdict when nobody was asked.
UNANSWERED = "manual check: answer it with --scs-attestations"


def open_attestations(path: Path, scopes: Sequence[Scope], subjects: Sequence[str]) -> AttestationFile:
    """Load the answers for a run that judges ``subjects`` by ``scopes``.

    Raises InputError for a broken file, and for one that is about none of the subjects: answers about one subject say
    nothing about another.
    """
    known = [*map(load_scope, bundled_scopes().values()), *scopes]
    file = load_attestations(path, known, dt.datetime.now(dt.UTC))
    if subjects and not set(subjects) & file.subjects.keys():
        hint = did_you_mean(subjects[0], file.subjects)
        raise InputError(
            f"--scs-attestations: {path} is about {', '.join(file.subjects)}, not about {', '.join(subjects)}{hint}; "
            "its key 'subject' must be its name, or what --scs-subject says"
        )
    return file


def declared(
    versions: Iterable[ChosenVersion], subject: str, file: AttestationFile | None, now: dt.datetime
) -> dict[str, str]:
    """Testcase -> whether it was answered about a subject, for the declarations that certificates for versions need.

    ``now`` is UTC.
    """
    found = {}
    for wanted in (
        one for version in versions if version.certifiable for one in wanted_for(version.scope, [version.name])
    ):
        answers = file.subjects.get(subject, {}).get(wanted.testcase.id) if file else None
        seen = inspect(file, answers) if file and answers else None
        found[wanted.testcase.id] = state_of(wanted, seen, now)
    return found


class Attested:
    """What was answered to one manual testcase about one subject, if anything."""

    def __init__(
        self,
        testcase: Testcase,
        subject: str,
        file: AttestationFile | None,
        now: dt.datetime,
        scopes: Iterable[Scope] = (),
    ) -> None:
        """``now`` is the UTC instant at which it is decided whether answers count; ``scopes`` have the testcase."""
        self._testcase = testcase
        self._scopes = tuple(scopes)
        self._subject = subject
        self._file = file
        self._now = now

    def hand_over(self, scs: Collector) -> str:
        """Hand over what the answers say.

        Returns why they give no verdict (MISS), empty if they do.
        """
        if self._file is None:
            return UNANSWERED
        found = self._file.subjects.get(self._subject, {}).get(self._testcase.id)
        if found is None:
            return f"manual check: {self._file.path.name} has no entry for it about {self._subject}"
        check = check_for(self._testcase.id, self._testcase.description)
        answers = inspect(self._file, found)
        reason, observations = manual_checks.judge_answers(check, answers, self._testcase.lifetime, self._now)
        if reason:
            return f"manual check: {reason}"
        scs.attested = manual_checks.validity(answers, self._testcase.lifetime)
        scs.examined("answers", len(answers.asked(check)))
        scs.add([Remark(manual_checks.signature(answers), public=False)])
        if life := manual_checks.at_monitor(self._scopes, self._testcase.id, self._now):
            scs.add([Remark(f"reported {self._now.date()}, {life}: upload again before that", public=False)])
        scs.add(observations)
        return ""
