# SPDX-License-Identifier: Apache-2.0
"""What a run shows in files, which everybody may read where the user wants that (``--scs-public``)."""

from __future__ import annotations

import dataclasses

from pytest_scs.base.redact import Redactor
from pytest_scs.core.results import Run, RunOutcome
from pytest_scs.core.subject import Subject
from pytest_scs.reports.public import public_outcome, public_text


class FileView:
    """The outcome of a run as files show it. Owns no result: it looks at those of the session."""

    def __init__(self, outcome: RunOutcome, redact: Redactor, *, public: bool) -> None:
        """``public``: files are for everybody, and leave out what is private."""
        self._outcome = outcome
        self._redact = redact
        self._public = public

    @property
    def outcome(self) -> RunOutcome:
        """What reports are made from; its ``run`` is None before the end."""
        return public_outcome(self._outcome) if self._public else self._outcome

    def outcome_of(self, run: Run) -> RunOutcome:
        """The same with a run that is not the outcome's yet."""
        outcome = dataclasses.replace(self._outcome, run=run)
        return public_outcome(outcome) if self._public else outcome

    def shown(self, run: Run) -> Run:
        """A run as a file shows it."""
        return self.outcome_of(run).run or run

    def redact(self, text: str) -> str:
        """A text of a file without secrets, and without what is private."""
        return public_text(self._outcome.run, self._redact, text) if self._public else self._redact(text)

    def name(self, subject: Subject) -> str:
        """What a subject is called in a file."""
        return subject.report_name if self._public else subject.name
