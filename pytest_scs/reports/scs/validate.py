# SPDX-License-Identifier: Apache-2.0
"""Local checks of an SCS report: a refusal by the compliance monitor carries no hint."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pytest_scs.base import yamlfile
from pytest_scs.base.errors import InputError
from pytest_scs.core.scope import Scope
from pytest_scs.core.subject import SUBJECT
from pytest_scs.reports.scs import values
from pytest_scs.reports.scs.model import ScopeReference

#: A report may be this much ahead of our clock; a later one would stay newest for ever
#: (docs/standards/framework.md#time-of-the-check).
MAX_AHEAD = dt.timedelta(minutes=5)

_CLAIMS = {500: "the monitor answers 500", 401: "the monitor answers 401", 409: "the monitor answers 409"}
_COUNTS = ("warning", "error", "critical")

#: What is said of a report on a scope that there are no certificates for.
UNOFFICIAL = "is an unofficial scope"

T = TypeVar("T")


@dataclasses.dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a report. ``fatal``: it is refused, or stored and of no use."""

    place: str
    text: str
    consequence: str
    fatal: bool = True

    def __str__(self) -> str:
        kind = "ERROR" if self.fatal else "WARNING"
        return f"{kind}: {self.place}: {self.text} ({self.consequence})"


def validate(text: str, scopes: Mapping[str, Scope], *, now: dt.datetime, account: str | None = None) -> list[Problem]:
    """Every problem in a report; ``scopes`` are the known ones by UUID, ``now`` is UTC, ``account`` the uploader."""
    if "\0" in text:
        return [Problem("report", "contains the character NUL", _CLAIMS[500])]
    try:
        documents = yamlfile.load_documents(text, "report")
    except InputError as error:
        place, _, cause = str(error).partition(": ")
        # The monitor itself would resolve aliases and nest without end.
        refused = cause.startswith("not valid YAML")
        consequence = f"this is no SCS report; {_CLAIMS[500]}" if refused else "nothing else could be checked"
        return [Problem(place, cause, consequence)]
    if not documents or documents == [None]:
        return [Problem("report", "contains no document", "the monitor answers 200 and stores nothing")]
    problems: list[Problem] = []
    for number, document in enumerate(documents, start=1):
        check = _Check(scopes, now, account)
        check.document(document, f"document {number}" if len(documents) > 1 else "report")
        problems += check.problems
    runs = Counter(
        str(document["run"]["uuid"])
        for document in documents
        if isinstance(document, dict) and isinstance(document.get("run"), dict) and document["run"].get("uuid")
    )
    problems += [
        Problem("report", f"run.uuid {uuid} occurs {count} times", _CLAIMS[409])
        for uuid, count in runs.items()
        if count > 1
    ]
    return problems


class _Check:
    """The check of one document. Every part is read by itself, so that all problems are found at once."""

    def __init__(self, scopes: Mapping[str, Scope], now: dt.datetime, account: str | None) -> None:
        self.problems: list[Problem] = []
        self._scopes = scopes
        self._now = now
        self._account = account

    def document(self, document: Any, place: str) -> None:
        """Note every problem of a document."""
        if not isinstance(document, dict):
            self._problem(place, "is no mapping", f"this is no SCS report; {_CLAIMS[500]}")
            return
        if _has_nul(document):
            self._problem(place, "contains the character NUL", _CLAIMS[500])
        if "versions" in document:
            self._problem(f"{place}.versions", "is read instead of run.invocations", "the results would be ignored")
        scope = self._spec(document.get("spec"), f"{place}.spec")
        self._checked_at(document.get("checked_at"), f"{place}.checked_at")
        self._subject(document.get("subject"), f"{place}.subject")
        run = self._read(values.read_mapping, document.get("run"), f"{place}.run")
        if run is None:
            return
        self._read(values.read_text, run.get("uuid"), f"{place}.run.uuid")
        self._read(
            values.read_mapping, run.get("assignment"), f"{place}.run.assignment", "stored, but its page answers 500"
        )
        self._invocations(run.get("invocations"), f"{place}.run.invocations", scope)
        debug = document.get("debug")
        if isinstance(debug, dict) and debug.get("judge") == "text":
            what = "the verdicts are by the text of the standards (--scs-judge=text)"
            self._warning(f"{place}.debug.judge", what, "the monitor expects those of the official suite")

    def _problem(self, place: str, text: str, consequence: str) -> None:
        self.problems.append(Problem(place, text, consequence))

    def _warning(self, place: str, text: str, consequence: str) -> None:
        self.problems.append(Problem(place, text, consequence, fatal=False))

    def _read(self, read: Callable[[Any, str], T], value: Any, place: str, consequence: str = _CLAIMS[500]) -> T | None:
        """What the document's model makes of a value; None if it refuses it, which is noted."""
        try:
            return read(value, place)
        except values.Malformed as error:
            self._problem(error.place, error.text, consequence)
            return None

    def _spec(self, plain: Any, place: str) -> Scope | None:
        named = isinstance(plain, dict) and plain.get("uuid") is not None
        consequence = "stored, but it belongs to no scope" if named else _CLAIMS[500]
        spec = self._read(ScopeReference.from_plain, plain, place, consequence)
        if spec is None:
            return None
        if not spec.official:
            self._problem(f"{place}.uuid", UNOFFICIAL, "must not be sent to the official monitor")
        elif spec.uuid not in self._scopes:
            self._warning(f"{place}.uuid", f"{spec.uuid} is no scope known here", "ids are not checked")
        return self._scopes.get(spec.uuid)

    def _checked_at(self, value: Any, place: str) -> None:
        readable = value is None or isinstance(value, str)
        consequence = _CLAIMS[500] if readable else "the monitor takes midnight or answers 500"
        moment = self._read(values.read_time, value, place, consequence)
        if moment is None:
            return
        if isinstance(value, str) and dt.datetime.fromisoformat(value).tzinfo is not None:
            self._warning(place, "is quoted and has a time zone", "the monitor drops the zone")
        if moment.replace(tzinfo=dt.UTC) > self._now + MAX_AHEAD:
            self._problem(place, f"{moment} lies in the future (UTC)", "such a result never expires")

    def _subject(self, value: Any, place: str) -> None:
        subject = self._read(values.read_text, value, place)
        if subject is None:
            return
        if not SUBJECT.fullmatch(subject):
            self._problem(place, f"{subject!r} has characters no account can have", _CLAIMS[401])
        elif self._account is not None and subject != self._account:
            consequence = f"{_CLAIMS[401]} unless {self._account!r} is its delegate"
            self._problem(place, f"{subject!r} is not the account {self._account!r}", consequence)

    def _invocations(self, plain: Any, place: str, scope: Scope | None) -> None:
        invocations = self._read(values.read_mapping, plain, place)
        if invocations is None:
            return
        seen: Counter[str] = Counter()
        for identity, invocation in invocations.items():
            where = f"{place}.{identity}"
            results = self._read(values.read_results, invocation, where)
            if results is None:
                continue
            for testcase, result in results.items():
                seen[str(testcase)] += 1
                self._result(testcase, result, f"{where}.results.{testcase}", scope)
            self._streams(invocation, where)
        for testcase, count in seen.items():
            if count > 1:
                self._warning(place, f"{testcase} occurs in {count} invocations", "the last one wins")
        if not seen:
            self._warning(place, "has no results", "nothing is stored but the report itself")

    def _result(self, testcase: Any, value: Any, place: str, scope: Scope | None) -> None:
        consequence = _CLAIMS[500]
        if value is None:
            consequence = "it counts as missing; leave it out"
        elif type(value) is int:
            consequence = "the monitor would count it as passed or worse"
        self._read(values.read_result, value, place, consequence)
        if scope and testcase not in scope.testcases:
            self._warning(place, f"is no testcase of {scope.name}", "it is ignored")

    def _streams(self, invocation: Mapping[str, Any], place: str) -> None:
        streams = []
        for name in ("stdout", "stderr"):
            content = invocation.get(name, [])
            consequence = "stored, but the report's page may answer 500"
            lines = self._read(values.read_lines, content, f"{place}.{name}", consequence)
            if lines is None:
                return
            streams.append(lines)
        found = values.count_lines(*streams)
        for word in _COUNTS:
            if word in invocation and invocation[word] != found[word]:
                what = f"says {invocation[word]}, the streams have {found[word]}"
                self._warning(f"{place}.{word}", what, "shown wrongly")


def _has_nul(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_nul(part) for pair in value.items() for part in pair)
    if isinstance(value, list):
        return any(map(_has_nul, value))
    return isinstance(value, str) and "\0" in value
