# SPDX-License-Identifier: Apache-2.0
"""Attestation files: answers to manual checks, loaded and validated (format: docs/attestations.md)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from pytest_scs.base import yamlfile
from pytest_scs.base.errors import InputError
from pytest_scs.base.words import did_you_mean
from pytest_scs.base.yamlwalk import Place, Walker, kind_of
from pytest_scs.core.scope import Scope, Testcase
from pytest_scs.core.subject import SUBJECT
from pytest_scs.standards.declarations import declaration_for
from pytest_scs.standards.manual_check_data import check_for
from pytest_scs.standards.manual_checks import (
    NO,
    NOT_APPLICABLE,
    YES,
    Answer,
    Attestation,
    Evidence,
    ManualCheck,
    Question,
)

_TOP = ("subject", "answers")
_ENTRY = ("answered_by", "role", "answered_at", "evidence", "remarks", "questions")
_ANSWER = ("answer", "text", "evidence")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NUMBER = re.compile(r"[0-9]{1,6}")
_SPELLINGS = {"n/a": NOT_APPLICABLE, "true": YES, "false": NO}

#: Where a date may be a day ahead of UTC.
_FURTHEST_EAST = dt.timedelta(hours=14)


@dataclasses.dataclass(frozen=True, slots=True)
class AttestationFile:
    """All answers in a file: subject -> testcase id -> answers."""

    path: Path
    subjects: Mapping[str, Mapping[str, Attestation]]


def load_attestations(path: Path, scopes: Iterable[Scope], now: dt.datetime) -> AttestationFile:
    """Read an attestation file, one YAML document per subject.

    ``scopes`` declare the testcases that may be answered, ``now`` (UTC) bounds the dates. Raises InputError with file
    and line for anything that is wrong; what is not filled in is not wrong, and left empty.
    """
    known = list(scopes)
    testcases = {identity: testcase for scope in known for identity, testcase in scope.testcases.items()}
    unused = testcases.keys() - {identity for scope in known for identity in scope.included}
    latest = (now + _FURTHEST_EAST).date()
    subjects: dict[str, Mapping[str, Attestation]] = {}
    documents = yamlfile.load_documents(yamlfile.read_text(path, "attestation file"), str(path))
    for number, document in enumerate(documents):
        reader = _Reader(path, number, testcases, unused, latest)
        subject, answers = reader.document_of(document)
        if subject in subjects:
            reader.fail(("subject",), f"{subject!r} has a document already; write its answers into one")
        subjects[subject] = answers
    if not subjects:
        raise InputError(f"{path}: the attestation file is empty; scs attest writes a template")
    return AttestationFile(path, subjects)


def inspect(file: AttestationFile, attestation: Attestation) -> Attestation:
    """The same answers, with each evidence file that is there compared with its SHA-256."""

    def look(pieces: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
        return tuple(_inspected(file.path.parent, piece) if piece.kind == "file" else piece for piece in pieces)

    answers = {
        key: dataclasses.replace(answer, evidence=look(answer.evidence)) for key, answer in attestation.answers.items()
    }
    return dataclasses.replace(attestation, answers=answers, evidence=look(attestation.evidence))


def _inspected(folder: Path, piece: Evidence) -> Evidence:
    path = folder / piece.name
    try:
        if not path.exists():
            return dataclasses.replace(piece, seen=False)
        if not path.is_file():
            return dataclasses.replace(piece, problem="it is no file")
        found = _digest(path)
    except (OSError, ValueError) as error:
        return dataclasses.replace(piece, problem=f"it cannot be read: {getattr(error, 'strerror', None) or error}")
    if found != piece.sha256:
        problem = f"it has changed since it was named as evidence: SHA-256 {piece.sha256} then, {found} now"
        return dataclasses.replace(piece, problem=problem)
    return piece


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Reader(Walker):
    """Reads one document."""

    def __init__(
        self, path: Path, number: int, testcases: Mapping[str, Testcase], unused: Collection[str], latest: dt.date
    ) -> None:
        """``unused`` are the testcases that no version of any scope contains, ``latest`` is the last possible day."""
        super().__init__(path, "attestation file", number)
        self.testcases = testcases
        self.unused = unused
        self.latest = latest

    def document_of(self, value: Any) -> tuple[str, dict[str, Attestation]]:
        top = self.mapping(value, (), _TOP, ("subject",))
        subject = self.words(top["subject"], ("subject",))
        if not SUBJECT.fullmatch(subject):
            self.fail(("subject",), f"{subject!r} has characters other than letters, digits, '_', '-' and '.'")
        answers = top.get("answers") or {}
        if not isinstance(answers, dict):
            self.fail(("answers",), f"must be a mapping, found {kind_of(answers)}")
        return subject, {str(key): self.entry(str(key), value) for key, value in answers.items()}

    def entry(self, identity: str, value: Any) -> Attestation:
        place: Place = ("answers", identity)
        testcase = self.testcases.get(identity)
        manual = [entry.id for entry in self.testcases.values() if entry.manual and entry.id not in self.unused]
        if testcase is None:
            hint = did_you_mean(identity, manual) or f"; known: {', '.join(manual)}"
            self.fail(place, f"no scope has a manual testcase {identity!r}{hint}")
        if not testcase.manual:
            self.fail(place, f"{identity} is judged automatically and takes no answers; known: {', '.join(manual)}")
        if identity in self.unused:
            other = declaration_for(identity)
            instead = f"answer {other.testcase} of {other.asked_in} instead" if other else f"known: {', '.join(manual)}"
            self.fail(place, f"no version of a scope contains {identity}; {instead}")
        if value is None:
            return Attestation({})
        raw = self.mapping(value, place, _ENTRY, ())
        answered_at = raw.get("answered_at")
        return Attestation(
            answers=self.answers(
                raw.get("questions"), (*place, "questions"), check_for(identity, testcase.description)
            ),
            answered_by=self.words(raw.get("answered_by"), (*place, "answered_by")),
            role=self.words(raw.get("role"), (*place, "role")),
            answered_at=None if answered_at in (None, "") else self.day(answered_at, (*place, "answered_at")),
            evidence=self.evidence(raw.get("evidence"), (*place, "evidence")),
            remarks=self.words(raw.get("remarks"), (*place, "remarks")),
        )

    def answers(self, value: Any, place: Place, check: ManualCheck) -> dict[str, Answer]:
        known = {question.key: question for question in check.questions}
        raw = self.mapping({} if value is None else value, place, tuple(known), ())
        return {key: self.answer(answer, (*place, key), known[key]) for key, answer in raw.items()}

    def answer(self, value: Any, place: Place, question: Question) -> Answer:
        if value is None:
            return Answer()
        raw = self.mapping(value, place, _ANSWER, ())
        return Answer(
            answer=self.given(raw.get("answer"), (*place, "answer"), question),
            text=self.words(raw.get("text"), (*place, "text")),
            evidence=self.evidence(raw.get("evidence"), (*place, "evidence")),
        )

    def given(self, value: Any, place: Place, question: Question) -> str:
        """An answer; YAML reads a bare yes or no as true or false."""
        if question.wants == "text":
            return self.words(value, place)
        if question.wants == "number":
            return self.number(value, place, question)
        if isinstance(value, bool):
            return YES if value else NO
        found = self.words(value, place)
        word = _SPELLINGS.get(found.lower(), found.lower())
        if word and word not in question.answers:
            allowed = ", ".join(question.answers)
            self.fail(place, f"{found!r} is no answer to {question.ask!r}; allowed: {allowed}")
        return word

    def number(self, value: Any, place: Place, question: Question) -> str:
        """A whole number, in digits; empty where nothing was filled in."""
        if isinstance(value, bool):
            found = YES if value else NO
        else:
            found = str(value) if isinstance(value, int) else self.words(value, place)
        if found and not _NUMBER.fullmatch(found):
            self.fail(place, f"{found!r} is no answer to {question.ask!r}; allowed: a whole number such as 3")
        return str(int(found)) if found else ""

    def words(self, value: Any, place: Place) -> str:
        """Text in one line, empty where nothing was filled in."""
        if value is None:
            return ""
        if isinstance(value, bool):
            self.fail(place, f"must be text, found {'yes' if value else 'no'}; put it in quotes if it is meant so")
        return " ".join(self.text(value, place).replace("\0", "").split())

    def day(self, value: Any, place: Place) -> dt.date:
        """A date, quoted or not, that is not in the future."""
        day = self.quoted_date(value, place)
        if day > self.latest:
            self.fail(place, f"{day} is in the future")
        return day

    def evidence(self, value: Any, place: Place) -> tuple[Evidence, ...]:
        """A list of evidence: an address, the name of a document, or a file with its SHA-256."""
        entries = self.sequence([] if value is None else value, place)
        return tuple(
            self.piece(entry, (*place, number)) for number, entry in enumerate(entries) if entry not in (None, "")
        )

    def piece(self, value: Any, place: Place) -> Evidence:
        if not isinstance(value, dict):
            name = self.words(value, place)
            if not name:
                self.fail(place, "must be an address, the name of a document, or a file with its sha256")
            kind: Literal["url", "document"] = "url" if re.match(r"https?://\S+$", name) else "document"
            return Evidence(kind, _shown(name) if kind == "url" else name)
        raw = self.mapping(value, place, ("file", "sha256"), ("file",))
        name = self.text(raw["file"], (*place, "file"))
        sha256 = self.words(raw.get("sha256"), (*place, "sha256")).lower()
        if not sha256:
            self.fail(place, f"keyword 'sha256' is missing{self.suggested(name)}")
        if not _SHA256.fullmatch(sha256):
            self.fail((*place, "sha256"), f"must be 64 hexadecimal digits, found {sha256!r}; sha256sum prints them")
        return Evidence("file", name, sha256)

    def suggested(self, name: str) -> str:
        """What to write where the SHA-256 is missing."""
        path = self.path.parent / name
        try:
            return f"; it is {_digest(path)} now" if path.is_file() else "; sha256sum prints it"
        except (OSError, ValueError):
            return "; sha256sum prints it"


def _shown(url: str) -> str:
    """An address without user, query and fragment, which may hold a secret."""
    scheme, _, rest = url.partition("://")
    host, slash, path = re.split(r"[?#]", rest)[0].partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"
