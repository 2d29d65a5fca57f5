# SPDX-License-Identifier: Apache-2.0
"""A run as everybody may read of it: labels in place of private names (docs/standards/framework.md#what-is-public).

The SCS report always shows a run so; the other files do it with ``--scs-public``.
"""

from __future__ import annotations

import dataclasses
import platform
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from pytest_scs.base.language import ENGLISH
from pytest_scs.base.private import FILE, HOST, PrivateNames, host_of
from pytest_scs.core.cause import Cause
from pytest_scs.core.findings import Finding, Remark, Undecided
from pytest_scs.core.results import Result, Run, RunOutcome, SubjectRun, in_few_looks
from pytest_scs.core.scope import Scope
from pytest_scs.core.subject import Subject
from pytest_scs.reports.lines import CAUSE, DETAIL

# The options of a command that cleans up name the user's files and entries.
_COMMAND = re.compile(r"\bscs cleanup(?: --?[^;)]*)?")

# Where to look is of use to whoever has the file.
_IN_A_FILE = re.compile(rf"(?:; | \()see (?:its auth section in |the )?{FILE}\)?(?=$|[.;)\]])")

Seen = TypeVar("Seen", Finding, Undecided, Remark)


def public_view(run: Run) -> Run:
    """The same run, in which no text has what only the operator of a subject needs to know.

    A subject is called as in the SCS report. Of entries and accounts, addresses, files and request ids there are labels
    (``HOST``, ``URL``, ``FILE``); what went wrong inside a program is left out. Verdicts and numbers are the same:
    offenders that are told apart by such a name alone get a number.
    """
    views = [_View(run, subject_run.subject) for subject_run in run.subject_runs]
    return dataclasses.replace(
        run,
        subject_runs=[view.subject_run(one) for view, one in zip(views, run.subject_runs, strict=True)],
        redact=_View(run, None).sentence,
    )


def public_view_of(run: Run, subject_run: SubjectRun) -> tuple[Run, SubjectRun]:
    """The same for a report on one of its subjects."""
    view = _View(run, subject_run.subject)
    return dataclasses.replace(run, redact=view.sentence), view.subject_run(subject_run)


def public_outcome(outcome: RunOutcome) -> RunOutcome:
    """The same of all that reports are made from; a line about a file that was written names no folder."""
    if outcome.run is None:
        return outcome
    view = _View(outcome.run, None)
    return dataclasses.replace(
        outcome,
        run=public_view(outcome.run),
        problems=[view.line(line) for line in outcome.problems],
        incomplete=[view.line(line) for line in outcome.incomplete],
        written=[view.line(line) for line in outcome.written],
        notes=[view.line(line) for line in outcome.notes],
    )


def public_text(run: Run | None, redact: Callable[[str], str], text: str) -> str:
    """A text out of a file that others write, about a run (None: there is none), as everybody may read it."""
    return _View(run, None, redact).page(text)


class _View:
    """How a run looks from outside, for the report on one subject; without one, for a report on all of them."""

    def __init__(self, run: Run | None, subject: Subject | None, redact: Callable[[str], str] | None = None) -> None:
        self._redact: Callable[[str], str] = redact or (run.redact if run else str)
        self._language = run.language if run else ENGLISH
        private = getattr(self._redact, "private", None)
        self._private: PrivateNames = private if isinstance(private, PrivateNames) else PrivateNames()
        self._labels = _names(run, subject)
        self._public = _hosts_in(run.selection.scopes) if run else frozenset()

    def sentence(self, text: str) -> str:
        """A text of our own, with values from outside in it."""
        return self._private.hide(self._redact(text), self._labels)

    def foreign(self, text: str) -> str:
        """A text that tells what went wrong, which others have worded."""
        hidden = self._private.hide_all(self._redact(text), self._labels, self._public)
        return _IN_A_FILE.sub("", hidden)

    def page(self, text: str) -> str:
        """A text of several lines in a file that others have begun: our explanations, output, names of machines."""
        if text == platform.node():
            return HOST
        for name, label in self._labels.items():
            # As pytest ends the name of a test that has several parameters.
            text = text.replace(f"-{name}]", f"-{label}]")
        lines = [line for line in self._redact(text).split("\n") if not line.startswith(DETAIL)]
        causes = (CAUSE, self._language.phrase("cause: "))
        return "\n".join((self.foreign if line.startswith(causes) else self.sentence)(line) for line in lines)

    def line(self, text: str) -> str:
        """A line for people about the run."""
        return _COMMAND.sub("scs cleanup", self.foreign(text))

    def subject_run(self, subject_run: SubjectRun) -> SubjectRun:
        """All results of a subject."""
        subject = _public(subject_run.subject)
        results = {identity: self._result(one, subject) for identity, one in subject_run.results.items()}
        debug = self._plain(subject_run.debug)
        if left := subject_run.debug.get("left_incomplete"):
            debug["left_incomplete"] = [self.line(line) for line in left]
        return dataclasses.replace(subject_run, subject=subject, results=results, debug=debug)

    def _result(self, result: Result, subject: Subject) -> Result:
        # Secrets first: one may be a part of what is hidden here.
        result = result.masked(self._redact)
        cause = result.cause and Cause(self.foreign(result.cause.text), result.cause.kind)
        return dataclasses.replace(
            result,
            subject=subject,
            findings=_told_apart(result.findings, in_few_looks(result.findings, self._is_open, self._seen)),
            undecided=[self._seen(one) for one in result.undecided],
            remarks=in_few_looks(result.remarks, self._is_open, self._seen),
            cause=cause,
            waived=[one.public for one in result.waived],
            # A traceback shows the machine it was made on.
            details="",
        )

    def _is_open(self, text: str) -> bool:
        """Whether there is nothing in a text, which may be long, that would have to be hidden."""
        return not self._private.concerns(text, self._labels)

    def _seen(self, one: Seen) -> Seen:
        """A finding or the like; as it is where there is nothing to hide, which is a cheap look at many of them."""
        texts = {
            name: value
            for name in ("resource", "resource_id", "observed", "expected", "hint", "title", "text")
            if (value := getattr(one, name, ""))
        }
        changed: dict[str, Any] = {}
        if not self._is_open("\n".join(texts.values())):
            changed = {name: self._private.hide(value, self._labels) for name, value in texts.items()}
        if isinstance(one, Undecided):
            changed["reason"] = self.foreign(one.reason)
        return dataclasses.replace(one, **changed) if changed else one

    def _plain(self, data: Any) -> Any:
        if isinstance(data, str):
            return self.foreign(data)
        if isinstance(data, Mapping):
            return {self.sentence(str(name)): self._plain(value) for name, value in data.items()}
        if isinstance(data, (list, tuple)):
            return [self._plain(value) for value in data]
        return data


def _public(subject: Subject) -> Subject:
    return Subject(subject.platform, subject.report_name, subject.report_name)


def _names(run: Run | None, subject: Subject | None) -> dict[str, str]:
    """What the user calls the subjects of a run, and what reports call them; that of one subject comes first."""
    subjects = [one.subject for one in run.subject_runs] if run else []
    ordered = [*subjects, *([subject] if subject else [])]
    return {one.name: one.report_name for one in ordered if one.name != one.report_name}


def _hosts_in(scopes: Iterable[Scope]) -> frozenset[str]:
    """The hosts of the addresses in scope files, such as those of lists that the standards refer to."""
    return frozenset(host_of(url) for scope in scopes for url in re.findall(r"https?://[^\s'\"]+", repr(scope)))


def _told_apart(before: list[Finding], after: list[Finding]) -> list[Finding]:
    """The findings ``after``, with a number for each object that now has the name of another one."""
    names: dict[tuple[str, str], tuple[str, str]] = {}
    for old, new in zip(before, after, strict=True):
        names[old.resource, old.resource_id] = (new.resource, new.resource_id)
    taken = Counter(names.values())
    if not any(number > 1 for number in taken.values()):
        return after
    seen: Counter[tuple[str, str]] = Counter()
    numbers: dict[tuple[str, str], int] = {}
    for old_name, new_name in names.items():
        seen[new_name] += 1
        numbers[old_name] = seen[new_name]
    return [
        dataclasses.replace(new, resource=f"{new.resource} #{numbers[old.resource, old.resource_id]}")
        if taken[new.resource, new.resource_id] > 1
        else new
        for old, new in zip(before, after, strict=True)
    ]
