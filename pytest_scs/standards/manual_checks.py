# SPDX-License-Identifier: Apache-2.0
"""Manual checks: what is asked, and what follows from the answers (scs-0004-v1; docs/attestations.md#the-verdict)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal

from pytest_scs.core.cause import CauseKind
from pytest_scs.core.findings import Finding, Observation, Remark, Undecided, show
from pytest_scs.core.lifetime import expiry
from pytest_scs.core.scope import Scope, Testcase

YES: Final = "yes"
NO: Final = "no"
NOT_APPLICABLE: Final = "not applicable"

#: How long answers count where the scope file says nothing: manual checks are repeated every quarter (scs-0004).
PERIOD: Final = "quarter"

# They may cover redundancy, but never that there are fire zones and one zone in each (scs-0121-w1).
_CERTIFICATE = re.compile(r"(?<![a-z])iso[\W_]*(iec[\W_]*)?(27001|9001)", re.IGNORECASE)
_STANDARD = re.compile(r"scs-[0-9]{4}")
_MEND: Final = "mend the cloud, then answer the question again"


@dataclasses.dataclass(frozen=True, slots=True)
class Question:
    """One question of a manual check; see data/manual-checks.yaml for what the fields mean.

    ``only_if`` holds pairs of a question's key and an answer to it, of which one must have been given. ``rule`` is the
    id of the rule that a wrong answer breaks; only questions that a wrong answer can fail have one. An answer that is a
    number must be ``least`` or more.
    """

    key: str
    ask: str
    wants: Literal["yes", "no", "either", "text", "number"]
    rule: str = ""
    level: Literal["must", "should"] = "must"
    tell: str = ""
    only_if: tuple[tuple[str, str], ...] = ()
    not_applicable: str = ""
    own_evidence: bool = False
    mend: str = ""
    least: int = 0

    @property
    def answers(self) -> tuple[str, ...]:
        """What may be answered; empty for an answer in words, and for a number."""
        if self.wants in ("text", "number"):
            return ()
        return (YES, NO, NOT_APPLICABLE) if self.not_applicable else (YES, NO)

    @property
    def expected(self) -> str:
        """The answer that conforms, as findings print it."""
        return f"{self.least} or more" if self.wants == "number" else show(self.wants)


@dataclasses.dataclass(frozen=True, slots=True)
class ManualCheck:
    """The questions of a testcase; ``needed`` says when it needs an answer, and is empty where it always does."""

    questions: tuple[Question, ...]
    needed: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Evidence:
    """A document that proves an answer.

    ``kind`` ``file``: a file of this name, with the SHA-256 it had when the answer was given. ``problem``: why the file
    is not what it was, ``seen``: whether it was there to be compared.
    """

    kind: Literal["file", "url", "document"]
    name: str
    sha256: str = ""
    problem: str = ""
    seen: bool = True

    @property
    def title(self) -> str:
        """The name without the folders or the site it lies in."""
        return self.name if self.kind == "document" else self.name.rstrip("/").rpartition("/")[2]


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to one question, the words that go with it, and evidence for it alone; all may be empty."""

    answer: str = ""
    text: str = ""
    evidence: tuple[Evidence, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Attestation:
    """A person's answers to one manual testcase; ``evidence`` is for all of them. Empty is what was not filled in."""

    answers: Mapping[str, Answer]
    answered_by: str = ""
    role: str = ""
    answered_at: dt.date | None = None
    evidence: tuple[Evidence, ...] = ()
    remarks: str = ""

    @property
    def all_evidence(self) -> tuple[Evidence, ...]:
        """All evidence, each piece once."""
        pieces = [*self.evidence, *(piece for answer in self.answers.values() for piece in answer.evidence)]
        return tuple(dict.fromkeys(pieces))

    def asked(self, check: ManualCheck) -> list[Question]:
        """The questions that are asked, given the answers to those they depend on."""
        given = {(key, answer.answer) for key, answer in self.answers.items()}
        return [question for question in check.questions if not question.only_if or given & set(question.only_if)]

    def to(self, question: Question) -> Answer:
        """The answer to a question, an empty one where there is none."""
        return self.answers.get(question.key) or Answer()


def last_day(answered_at: dt.date, period: str | None) -> dt.date:
    """The last day on which answers count (docs/attestations.md#how-long-answers-count).

    ``period`` is the testcase's lifetime.
    """
    return expiry(dt.datetime.combine(answered_at, dt.time()), period or PERIOD) - dt.timedelta(days=1)


def validity(attestation: Attestation, period: str | None) -> str:
    """When the answers were given and how long they count; empty without a date."""
    day = attestation.answered_at
    return f"answered on {day}, counts until {last_day(day, period)}" if day else ""


def at_monitor(scopes: Iterable[Scope], testcase: str, reported: dt.datetime) -> str:
    """Until when the official monitor has a result of answers, which is a life of its own (DEV-0004-1).

    ``reported`` is the time of the report (UTC). Empty where no official scope has the testcase: it never gets there.
    """
    for scope in scopes:
        if scope.official and testcase in scope.testcases:
            until = monitor_until(scope.testcases[testcase], reported)
            decides = any(testcase in version.targets().get("main", ()) for version in scope.versions.values())
            return f"at the monitor until {until}" + ("" if decides else " (in no version)")
    return ""


def monitor_until(testcase: Testcase, reported: dt.datetime) -> dt.date:
    """The last day on which the monitor has a result of a testcase of an official scope."""
    return expiry(reported, testcase.lifetime) - dt.timedelta(days=1)


def judge_answers(
    check: ManualCheck, attestation: Attestation, period: str | None, now: dt.datetime
) -> tuple[str, list[Observation]]:
    """What follows from answers whose evidence has been looked at: why there is no verdict (MISS), or observations.

    A violation stays one, whatever else is missing. ``period`` is the testcase's lifetime, ``now`` is UTC.
    """
    if reason := shortcoming(check, attestation, period, now):
        return reason, []
    observations = list(check_answers(check, attestation))
    lacking = "; ".join(gaps(check, attestation))
    if lacking and not any(isinstance(entry, Finding) for entry in observations):
        return lacking, []
    return "", [*observations, *([Remark(lacking)] if lacking else [])]


def shortcoming(check: ManualCheck, attestation: Attestation, period: str | None, now: dt.datetime) -> str:
    """Why answers do not count (MISS), whatever they are: incomplete signature, too old. Empty if they do.

    ``now`` is UTC.
    """
    asked = attestation.asked(check)
    if not any(attestation.to(question).answer for question in asked):
        return "not answered yet"
    blank = [
        name
        for name, value in (
            ("answered_by", attestation.answered_by),
            ("role", attestation.role),
            ("answered_at", attestation.answered_at),
        )
        if not value
    ]
    if blank or attestation.answered_at is None:
        return f"{' and '.join(blank)} {'is' if len(blank) == 1 else 'are'} empty"
    until = last_day(attestation.answered_at, period)
    return f"overdue: answered on {attestation.answered_at}, which counted until {until}" if now.date() > until else ""


def gaps(check: ManualCheck, attestation: Attestation) -> list[str]:
    """What is missing in the answers, so that there is no verdict (MISS) unless one of them is a violation.

    A question without answer, an answer without the words or the evidence it needs.
    """
    found = []
    lacking = []
    for question in attestation.asked(check):
        answer = attestation.to(question)
        if not answer.answer:
            found.append(question.key)
        elif answer.answer == NOT_APPLICABLE:
            if not answer.text:
                lacking.append(f"{question.key}: text has to say why it is not applicable")
        elif question.wants != "text" and not _differs(question, answer):
            if question.tell and not answer.text:
                lacking.append(f"{question.key}: text has to say {question.tell}")
            if not _proven(question, answer, attestation):
                lacking.append(f"{question.key}: {_wanted_evidence(question)}")
    return ([f"no answer to {', '.join(found)}"] if found else []) + lacking


def check_answers(check: ManualCheck, attestation: Attestation) -> Iterator[Observation]:
    """Answers are those that conform, and the evidence is still what it was (docs/attestations.md#the-verdict).

    A wrong answer to a MUST is a violation, to a SHOULD a remark. A file that has changed since it was named as
    evidence leaves the answers undecided: they were given, so they are not missing, but nobody knows whether they hold.
    """
    for question in attestation.asked(check):
        answer = attestation.to(question)
        if answer.answer == NOT_APPLICABLE:
            yield Remark(f"not applicable: {answer.text}", _name(question), public=False)
        elif _differs(question, answer) and question.level == "should":
            text = f"{question.ask} It should be {question.wants}, and is {answer.answer}"
            yield Remark(text, _name(question), public=False)
        elif _violates(question, answer):
            yield Finding(
                resource=_name(question),
                rule=question.rule,
                title=question.ask,
                expected=question.expected,
                observed=answer.answer if question.wants == "number" else show(answer.answer),
                hint=question.mend or _MEND,
            )
    for piece in attestation.all_evidence:
        if piece.problem:
            yield Undecided(f"evidence {piece.name}", piece.problem, kind=CauseKind.NOT_ANSWERED)
        elif not piece.seen:
            yield Remark("is not here, so its SHA-256 was not compared", f"evidence {piece.name}", public=False)


def signature(attestation: Attestation) -> str:
    """Who answered, when, and with which evidence, for people."""
    names = [piece.name for piece in attestation.all_evidence]
    evidence = f"; evidence: {', '.join(names)}" if names else ""
    remarks = f"; {attestation.remarks}" if attestation.remarks else ""
    return f"answered by {attestation.answered_by} ({attestation.role}) on {attestation.answered_at}{evidence}{remarks}"


def generic_check(testcase: str, description: str) -> ManualCheck:
    """The check for a manual testcase nobody wrote questions for: whether it is as its description says.

    Its rule is named after the standard in the testcase's id, or after the testcase where the id names none.
    """
    ask = f"Is it so? {description}" if description else "Is what the testcase demands so?"
    named = _STANDARD.match(testcase)
    return ManualCheck((Question("conforms", ask, "yes", f"{named[0] if named else testcase}/answer_conforms"),))


def _name(question: Question) -> str:
    return f"question {question.key}"


def _differs(question: Question, answer: Answer) -> bool:
    if question.wants == "number":
        return answer.answer.isdecimal() and int(answer.answer) < question.least
    return question.wants in (YES, NO) and answer.answer in (YES, NO) and answer.answer != question.wants


def _violates(question: Question, answer: Answer) -> bool:
    return question.level == "must" and _differs(question, answer)


def _proven(question: Question, answer: Answer, attestation: Attestation) -> bool:
    if question.own_evidence:
        return any(not _CERTIFICATE.search(piece.title) for piece in answer.evidence)
    return bool(answer.evidence or attestation.evidence)


def _wanted_evidence(question: Question) -> str:
    if question.own_evidence:
        return "no evidence of its own (certificates after ISO 27001 or 9001 do not count here)"
    return "no evidence"
