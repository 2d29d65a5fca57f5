# SPDX-License-Identifier: Apache-2.0
"""Results: the verdict of every expected testcase on every subject, and what hangs on them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable
from typing import Any

from pytest_scs.core.cause import Cause, CauseKind
from pytest_scs.core.findings import Basis, Finding, Remark, Undecided
from pytest_scs.core.judge import Judge
from pytest_scs.core.scope import Scope
from pytest_scs.core.selection import ChosenVersion, Expected, Selection
from pytest_scs.core.subject import Subject
from pytest_scs.core.verdict import Verdict, combine


@dataclasses.dataclass(slots=True)
class Result:
    """One testcase's verdict on one subject, by both judges, with all that supports it.

    ``cause`` is set for ABORT and MISS: why there is no verdict. ``evidence`` is kind -> number of objects examined,
    ``duration`` is in seconds. ``attested`` is set where a person's answers decided: when they were given.
    """

    testcase: str
    subject: Subject
    official: Verdict
    text: Verdict
    findings: list[Finding] = dataclasses.field(default_factory=list)
    undecided: list[Undecided] = dataclasses.field(default_factory=list)
    remarks: list[Remark] = dataclasses.field(default_factory=list)
    evidence: dict[str, int] = dataclasses.field(default_factory=dict)
    cause: Cause | None = None
    details: str = ""
    duration: float = 0.0
    attested: str = ""

    def verdict(self, judge: Judge) -> Verdict:
        """The verdict by one of the judges."""
        return self.text if judge is Judge.TEXT else self.official

    def violations(self, judge: Judge) -> list[Finding]:
        """The findings that count for the judge, sorted by resource and then as they are worded."""
        return sorted(
            (finding for finding in self.findings if finding.basis.concerns(judge)),
            key=lambda finding: (finding.resource, finding.resource_id, finding.title or finding.rule),
        )

    def warnings(self, judge: Judge, *, public: bool = False) -> list[str]:
        """What does not touch the verdict but should be read: remarks, findings of the other judge, empty evidence.

        ``public``: for readers outside, without remarks that are not meant for them.
        """
        remarks = [remark for remark in self.remarks if remark.public or not public]
        lines = [f"{remark} ({remark.deviation})" if remark.deviation else str(remark) for remark in remarks]
        if self.verdict(judge) is Verdict.FAIL:
            lines += map(str, self.undecided)
        for finding in self.findings:
            if not finding.basis.concerns(judge):
                row = f" ({finding.deviation})" if finding.deviation else ""
                lines.append(f"{finding}; a violation only for {judge.other.words}{row}")
        if self.official is not self.text and all(finding.basis.concerns(judge) for finding in self.findings):
            lines.append(f"official suite: {self.official}, text of the standard: {self.text}")
        if self.evidence and not any(self.evidence.values()) and self.verdict(judge) is Verdict.PASS:
            lines.append(f"not applicable: 0 {' and '.join(self.evidence)} examined")
        return lines

    def to_json(self) -> str:
        """The result as text, to cross process borders."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Result:
        """The inverse of :meth:`to_json`."""
        data = json.loads(text)
        return cls(
            **{
                **data,
                "subject": Subject(**data["subject"]),
                "official": Verdict(data["official"]),
                "text": Verdict(data["text"]),
                "findings": [Finding(**{**entry, "basis": Basis(entry["basis"])}) for entry in data["findings"]],
                "undecided": [
                    Undecided(**{**entry, "basis": Basis(entry["basis"]), "kind": CauseKind(entry["kind"])})
                    for entry in data["undecided"]
                ],
                "remarks": [Remark(**entry) for entry in data["remarks"]],
                "cause": _cause(data["cause"]),
            }
        )


@dataclasses.dataclass(slots=True)
class SubjectRun:
    """All results of one subject, complete: what has no result is MISS."""

    subject: Subject
    results: dict[str, Result]
    debug: dict[str, Any] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(slots=True)
class Run:
    """A whole run: what reports are made from. ``chosen`` are the testcases the user's own filters left over.

    ``interrupted`` tells that the run did not come to its end. ``now`` is the UTC instant the dates were judged at, in
    ISO format, ``redact`` masks secrets in text.
    """

    selection: Selection
    judge: Judge
    subject_runs: list[SubjectRun]
    chosen: frozenset[str]
    now: str
    interrupted: bool = False
    redact: Callable[[str], str] = str

    @property
    def partial(self) -> bool:
        """Whether the user's filters left out expected testcases."""
        return len(self.chosen) < len(self.selection.expected)

    def covers(self, version: ChosenVersion, target: str) -> bool:
        """Whether the user's filters left every testcase of this target of this version in the run."""
        return all(entry.id in self.chosen for entry in self.selection.members(version, target))

    def concerns(self, subject_run: SubjectRun | None, entry: Expected) -> bool:
        """Whether a testcase is among the chosen ones and about the platform of this subject (None: of any)."""
        return entry.id in self.chosen and (subject_run is None or entry.id in subject_run.results)

    def scopes_of(self, subject_run: SubjectRun) -> list[Scope]:
        """The scopes that judge this subject, each once; a report document is written for each."""
        return [
            scope
            for scope in self.selection.scopes
            if any(
                member.version.scope is scope
                for identity in subject_run.results
                for member in self.selection.expected[identity].memberships
            )
        ]

    def expected(self, subject_run: SubjectRun | None = None) -> list[Expected]:
        """The testcases this run was to judge (on one subject), in scope order."""
        return [entry for entry in self.selection.expected.values() if self.concerns(subject_run, entry)]

    def members(self, version: ChosenVersion, target: str, subject_run: SubjectRun | None = None) -> list[Expected]:
        """The chosen testcases of one target of one version (that are about one subject)."""
        return [entry for entry in self.selection.members(version, target) if self.concerns(subject_run, entry)]

    def verdicts(
        self, subject_run: SubjectRun, entries: Iterable[Expected], judge: Judge | None = None
    ) -> list[Verdict]:
        """The verdicts of some testcases on one subject."""
        return [
            subject_run.results[entry.id].verdict(judge or self.judge)
            for entry in entries
            if entry.id in subject_run.results
        ]

    def exit_code(self) -> int:
        """0: everything decisive PASS; 1: a FAIL; 6: no FAIL, but ABORT or MISS.

        See docs/standards/framework.md#exit-codes.
        """
        decisive = [entry for entry in self.expected() if entry.decisive]
        verdicts = [verdict for one in self.subject_runs for verdict in self.verdicts(one, decisive)]
        return {Verdict.PASS: 0, Verdict.FAIL: 1}.get(combine(verdicts), 6)


@dataclasses.dataclass(slots=True)
class RunOutcome:
    """What reports are made from. ``run`` is None as long as there are no verdicts.

    ``problems`` keep the run from being complete, ``incomplete`` is what was not cleaned up, ``written`` the files
    there are now: a line each, for people.
    """

    run: Run | None = None
    problems: list[str] = dataclasses.field(default_factory=list)
    incomplete: list[str] = dataclasses.field(default_factory=list)
    written: list[str] = dataclasses.field(default_factory=list)


def missing(entry: Expected, subject: Subject, cause: Cause) -> Result:
    """The result of a testcase that was not attempted."""
    return Result(entry.id, subject, Verdict.MISS, Verdict.MISS, cause=cause)


def aborted(testcase: str, subject: Subject, cause: Cause) -> Result:
    """The result of a testcase that was attempted and could not be decided."""
    return Result(testcase, subject, Verdict.ABORT, Verdict.ABORT, cause=cause)


def about_run(results: Iterable[Result], *, public: bool = False) -> list[str]:
    """The remarks that whoever started the run must not miss, each once however many testcases make it.

    ``public``: for readers outside, without remarks that are not meant for them.
    """
    remarks = (remark for result in results for remark in result.remarks)
    chosen = (remark for remark in remarks if remark.about_run and (remark.public or not public))
    return list(dict.fromkeys(map(str, chosen)))


def causes(results: Iterable[Result], verdict: Verdict) -> dict[Cause, list[str]]:
    """Cause -> ids, for the results with the given verdict (by either judge): one broken API, one message."""
    grouped: dict[Cause, list[str]] = {}
    for result in results:
        if verdict in (result.official, result.text) and result.cause and result.cause.text:
            grouped.setdefault(result.cause, []).append(result.testcase)
    return grouped


def _cause(data: dict[str, str] | None) -> Cause | None:
    return Cause(data["text"], CauseKind(data["kind"])) if data else None
