# SPDX-License-Identifier: Apache-2.0
"""Results: the verdict of every expected testcase on every subject, and what hangs on them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

from pytest_scs.base.language import ENGLISH, Language
from pytest_scs.base.redact import Redactor
from pytest_scs.core.cause import Cause, CauseKind
from pytest_scs.core.findings import Basis, Finding, Remark, Undecided
from pytest_scs.core.judge import Judge
from pytest_scs.core.scope import Scope
from pytest_scs.core.selection import ChosenVersion, Expected, Selection
from pytest_scs.core.subject import Subject
from pytest_scs.core.verdict import Verdict, combine
from pytest_scs.core.waiver import Waived

Seen = TypeVar("Seen", Finding, Undecided, Remark)

#: Exit code: no FAIL, but something that should have a verdict has none, or something was left behind.
INCOMPLETE: Final = 6

# The fields of findings and the like that hold what a subject says: alone, and in sentences of ours.
_VALUES = ("resource", "resource_id", "observed")
_SENTENCES = ("expected", "hint", "title", "reason", "text")

#: As many observations are looked at together.
_AT_ONCE = 100


@dataclasses.dataclass(slots=True)
class Result:
    """One testcase's verdict on one subject, by both judges, with all that supports it.

    ``cause`` is set for ABORT and MISS: why there is no verdict. ``evidence`` is kind -> number of objects examined,
    ``duration`` is in seconds. ``attested`` is set where a person's answers decided: when they were given.
    ``as_of`` is set where the verdict is about another time than that of the run: the UTC instant, in ISO format.
    ``waived``: what keeps its FAIL from failing the run; empty for every other verdict.
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
    as_of: str = ""
    waived: list[Waived] = dataclasses.field(default_factory=list)

    def verdict(self, judge: Judge) -> Verdict:
        """The verdict by one of the judges."""
        return self.text if judge is Judge.TEXT else self.official

    def violations(self, judge: Judge) -> list[Finding]:
        """The findings that count for the judge, sorted by resource and then as they are worded."""
        return sorted(
            (finding for finding in self.findings if finding.basis.concerns(judge)),
            key=lambda finding: (finding.resource, finding.resource_id, finding.title or finding.rule),
        )

    def warnings(self, judge: Judge, *, public: bool = False, language: Language = ENGLISH) -> list[str]:
        """What does not touch the verdict but should be read: remarks, findings of the other judge, empty evidence.

        ``public``: for readers outside, without remarks that are not meant for them. ``language``: that of the lines.
        """
        remarks = [remark for remark in self.remarks if remark.public or not public]
        lines = [] if public else [one.worded(language) for one in self.waived]
        lines += [one.worded(language) + (f" ({one.deviation})" if one.deviation else "") for one in remarks]
        if self.verdict(judge) is Verdict.FAIL:
            lines += [one.worded(language) for one in self.undecided]
        lines += [
            language.phrase(
                "{finding}; a violation only for {judge}{row}",
                finding=finding.worded(language),
                judge=judge.other.worded(language),
                row=f" ({finding.deviation})" if finding.deviation else "",
            )
            for finding in self.findings
            if not finding.basis.concerns(judge)
        ]
        if self.official is not self.text and all(finding.basis.concerns(judge) for finding in self.findings):
            lines.append(
                language.phrase(
                    "official suite: {official}, text of the standard: {text}", official=self.official, text=self.text
                )
            )
        if self.evidence and not any(self.evidence.values()) and self.verdict(judge) is Verdict.PASS:
            kinds = language.phrase(" and ").join(map(language.text, self.evidence))
            lines.append(language.phrase("not applicable: 0 {kinds} examined", kinds=kinds))
        return lines

    def masked(self, redact: Callable[[str], str]) -> Result:
        """The same with every text in it masked on its own, before any report formats it."""
        return dataclasses.replace(
            self,
            findings=_all_masked(self.findings, redact),
            undecided=_all_masked(self.undecided, redact),
            remarks=_all_masked(self.remarks, redact),
            cause=self.cause.masked(redact) if self.cause else None,
            details=redact(self.details),
            waived=[one.masked(redact) for one in self.waived],
        )

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
                "waived": [Waived(**entry) for entry in data["waived"]],
            }
        )


@dataclasses.dataclass(slots=True)
class SubjectRun:
    """All results of one subject, complete: what has no result is MISS.

    ``assignment`` says what the variables of a scope file were in the run, as far as anybody may know; ``debug`` is for
    whoever has to understand the results later.
    ``declared`` says of declarations that a certificate needs beside them whether they were given: testcase -> words.
    """

    subject: Subject
    results: dict[str, Result]
    debug: dict[str, Any] = dataclasses.field(default_factory=dict)
    assignment: dict[str, str] = dataclasses.field(default_factory=dict)
    declared: dict[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, slots=True)
class Times:
    """When a testcase of a ``standard`` is due on a subject, and when its newest result stops counting.

    Both are UTC without zone. ``due_at`` None: it is due since nobody knows when; ``valid_until`` None: there is no
    result. ``left_out``: it was not due, so this run has no result of it.
    """

    testcase: str
    standard: str
    subject: Subject
    due_at: dt.datetime | None
    valid_until: dt.datetime | None
    left_out: bool = False


@dataclasses.dataclass(slots=True)
class Run:
    """A whole run: what reports are made from. ``chosen`` are the testcases the user's own filters left over.

    ``interrupted`` tells that the run did not come to its end. ``now`` is the UTC instant the dates were judged at, in
    ISO format, ``redact`` masks secrets in text, ``language`` is that of reports for people. ``replayed_at`` is set
    where recorded evidence was judged: when that was, also in ISO format. ``times`` tell what is due when, as far as
    somebody asked; what was left out for not being due is in no ``results``. ``groups`` are subjects that belong
    together: name -> names in reports, also of those that this run does not judge.
    """

    selection: Selection
    judge: Judge
    subject_runs: list[SubjectRun]
    chosen: frozenset[str]
    now: str
    interrupted: bool = False
    redact: Callable[[str], str] = str
    language: Language = ENGLISH
    replayed_at: str = ""
    times: tuple[Times, ...] = ()
    groups: Mapping[str, Sequence[str]] = dataclasses.field(default_factory=dict)

    @property
    def left_out(self) -> list[Times]:
        """What was left out because it is not due."""
        return [one for one in self.times if one.left_out]

    @property
    def several(self) -> bool:
        """Whether this is about several subjects, so that a verdict needs the name of its subject."""
        subjects = [*(one.subject for one in self.subject_runs), *(one.subject for one in self.times)]
        return len({(subject.platform, subject.report_name) for subject in subjects}) > 1

    @property
    def partial(self) -> bool:
        """Whether the user's filters, or what is not due, left out expected testcases."""
        return len(self.chosen) < len(self.selection.expected) or bool(self.left_out)

    def covers(self, version: ChosenVersion, target: str, subject: Subject | None = None) -> bool:
        """Whether every testcase of this target of this version is in the run, on one subject (None: on all)."""
        members = {entry.id for entry in self.selection.members(version, target)}
        # By the name in reports: for readers outside a subject has no other.
        absent = {
            one.testcase
            for one in self.left_out
            if subject is None
            or (one.subject.platform, one.subject.report_name) == (subject.platform, subject.report_name)
        }
        return members <= self.chosen and not members & absent

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
        """0: everything decisive PASS, or validly waived; 1: a FAIL; 6: no FAIL, but ABORT or MISS.

        See docs/standards/framework.md#exit-codes.
        """
        decisive = [entry for entry in self.expected() if entry.decisive]
        verdicts = [
            Verdict.PASS if (result := one.results[entry.id]).waived else result.verdict(self.judge)
            for one in self.subject_runs
            for entry in decisive
            if entry.id in one.results
        ]
        return {Verdict.PASS: 0, Verdict.FAIL: 1}.get(combine(verdicts), INCOMPLETE)


@dataclasses.dataclass(slots=True)
class RunOutcome:
    """What reports are made from. ``run`` is None as long as there are no verdicts.

    ``problems`` keep the run from being complete, ``incomplete`` is what was not cleaned up, ``written`` the files
    there are now, ``notes`` explain the exit code: a line each, for people, who read them in ``language``.
    """

    run: Run | None = None
    problems: list[str] = dataclasses.field(default_factory=list)
    incomplete: list[str] = dataclasses.field(default_factory=list)
    written: list[str] = dataclasses.field(default_factory=list)
    language: Language = ENGLISH
    notes: list[str] = dataclasses.field(default_factory=list)


def missing(entry: Expected, subject: Subject, cause: Cause) -> Result:
    """The result of a testcase that was not attempted."""
    return Result(entry.id, subject, Verdict.MISS, Verdict.MISS, cause=cause)


def aborted(testcase: str, subject: Subject, cause: Cause) -> Result:
    """The result of a testcase that was attempted and could not be decided."""
    return Result(testcase, subject, Verdict.ABORT, Verdict.ABORT, cause=cause)


def about_run(results: Iterable[Result], *, public: bool = False, language: Language = ENGLISH) -> list[str]:
    """The remarks that whoever started the run must not miss, each once however many testcases make it.

    ``public``: for readers outside, without remarks that are not meant for them. ``language``: that of the lines.
    """
    remarks = (remark for result in results for remark in result.remarks)
    chosen = (remark for remark in remarks if remark.about_run and (remark.public or not public))
    return list(dict.fromkeys(remark.worded(language) for remark in chosen))


def causes(results: Iterable[Result], verdict: Verdict) -> dict[Cause, list[str]]:
    """Cause -> ids, for the results with the given verdict (by either judge): one broken API, one message."""
    grouped: dict[Cause, list[str]] = {}
    for result in results:
        if verdict in (result.official, result.text) and result.cause and result.cause.text:
            grouped.setdefault(result.cause, []).append(result.testcase)
    return grouped


def in_few_looks(
    observations: Sequence[Seen], same: Callable[[str], bool], change: Callable[[Seen], Seen]
) -> list[Seen]:
    """Observations, changed where that is needed.

    ``same`` says of a text, which may be long, that there is nothing to change in it: one look at the texts of many is
    much cheaper than one at each, and there is hardly ever anything.
    """
    found: list[Seen] = []
    for start in range(0, len(observations), _AT_ONCE):
        few = observations[start : start + _AT_ONCE]
        # What stands between them is no blank: nothing that looks like a secret goes on in the next text.
        together = "\n\0\n".join(text for one in few for text in _texts(one).values())
        found += few if same(together) else map(change, few)
    return found


def _all_masked(observations: Sequence[Seen], redact: Callable[[str], str]) -> list[Seen]:
    """What was found, with the texts masked that can hold what a subject says."""
    value = redact.value if isinstance(redact, Redactor) else redact

    def masked(one: Seen) -> Seen:
        texts = _texts(one)
        changed: dict[str, Any] = {name: (value if name in _VALUES else redact)(text) for name, text in texts.items()}
        return one if changed == texts else dataclasses.replace(one, **changed)

    return in_few_looks(observations, lambda text: value(text) == text, masked)


def _texts(observation: Finding | Undecided | Remark) -> dict[str, str]:
    return {name: text for name in (*_VALUES, *_SENTENCES) if (text := getattr(observation, name, ""))}


def _cause(data: dict[str, str] | None) -> Cause | None:
    return Cause(data["text"], CauseKind(data["kind"])) if data else None
