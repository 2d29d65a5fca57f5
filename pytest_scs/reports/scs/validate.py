# SPDX-License-Identifier: Apache-2.0
"""Local checks of an SCS report: a refusal by the compliance monitor carries no hint.

What is said to follow from a problem was seen at the monitor (docs/standards/framework.md#what-the-monitor-refuses).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from pytest_scs.core.lifetime import expiry
from pytest_scs.core.scope import Scope
from pytest_scs.core.subject import SUBJECT
from pytest_scs.reports.scs import announced, loading, values
from pytest_scs.reports.scs.consequences import (
    CLAIMS,
    CODE_500,
    NOT_READ_HERE,
    UNREACHABLE,
    of_result,
    of_run_id,
    of_scope_id,
    of_subject,
    of_time,
)
from pytest_scs.reports.scs.model import ReportDocument, ScopeReference

#: A report may be this much ahead of our clock; a later one would stay newest for ever
#: (docs/standards/framework.md#time-of-the-check).
MAX_AHEAD = dt.timedelta(minutes=5)

_COUNTS = ("warning", "error", "critical")
_MARKUP = frozenset("<>&`")

#: What is said of a report on a scope that there are no certificates for.
UNOFFICIAL = "is an unofficial scope"

#: What follows where every result is beyond its lifetime.
COUNTS_NOWHERE = "stored, and counts nowhere"

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


def validate(
    text: str,
    scopes: Mapping[str, Scope],
    *,
    now: dt.datetime,
    account: str | None = None,
    is_json: bool = False,
) -> list[Problem]:
    """Every problem in a report; ``scopes`` are the known ones by UUID, ``now`` is UTC, ``account`` the uploader.

    ``is_json``: the file says that it is JSON, which is read in another way than YAML.
    """
    if "\0" in text:
        return [Problem("report", "contains the character NUL", CODE_500)]
    loaded = loading.load(text, is_json=is_json)
    if loaded.broken:
        return [Problem(*loaded.broken, f"this is no SCS report; {CODE_500}")]
    if loaded.refused_here:
        return [Problem(*loaded.refused_here, NOT_READ_HERE)]
    documents = loaded.documents
    if not documents:
        return [Problem("report", "contains no document", 'the monitor answers 200 "empty reports" and stores nothing')]
    if documents == [None]:
        return [Problem("report", "contains an empty document", CODE_500)]
    problems = [Problem("report", f"has the key {key!r} twice", "the last one counts") for key in loaded.twice]
    for number, document in enumerate(documents, start=1):
        check = _Check(scopes, now, account)
        check.document(document, f"document {number}" if len(documents) > 1 else "report")
        problems += check.problems
    return [*problems, *_of_several(documents)]


def _of_several(documents: list[Any]) -> Iterator[Problem]:
    """What is wrong with several reports in one file."""
    if len(documents) > 1:
        text = f"{len(documents)} reports in one file"
        yield Problem("report", text, "one signature for all, and all are refused if one is", fatal=False)
    runs = Counter(
        str(document["run"]["uuid"])
        for document in documents
        if isinstance(document, dict) and isinstance(document.get("run"), dict) and document["run"].get("uuid")
    )
    for uuid, count in runs.items():
        if count > 1:
            yield Problem("report", f"run.uuid {uuid} occurs {count} times", CLAIMS[409])


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
            self._problem(place, "is no mapping", f"this is no SCS report; {CODE_500}")
            return
        for where, text in loading.unstorable(document, place):
            self._problem(where, text, CODE_500)
        if announced.is_announced(document) and not self._announced(document, place):
            return
        if "versions" in document:
            self._problem(f"{place}.versions", "is read instead of run.invocations", "the results would be ignored")
        scope = self._spec(document.get("spec"), f"{place}.spec")
        moment = self._checked_at(document.get("checked_at"), f"{place}.checked_at")
        self._subject(document.get("subject"), f"{place}.subject")
        run = self._read(values.read_mapping, document.get("run"), f"{place}.run")
        if run is None:
            return
        self._run(run, f"{place}.run")
        results = self._invocations(run.get("invocations"), f"{place}.run.invocations", scope)
        self._lifetimes(results, moment, scope, place)
        debug = document.get("debug")
        if isinstance(debug, dict) and debug.get("judge") == "text":
            what = "the verdicts are by the text of the standards (--scs-judge=text)"
            self._warning(f"{place}.debug.judge", what, "the monitor expects those of the official suite")

    def _announced(self, document: dict[Any, Any], place: str) -> bool:
        """Note what is wrong with the announced form; returns whether today's form is there, too."""
        alone = announced.is_announced_only(document)
        try:
            found = ReportDocument.from_plain(document, place)
        except values.Malformed as error:
            found = None
            note = self._problem if alone else self._warning
            note(error.place, error.text, "the coming monitor cannot use it")
        if alone:
            what = f"is in the announced format only (key {announced.MARK!r})"
            self._problem(place, what, f"{CODE_500} today; --scs-report-format=current or both writes what it takes")
            if found:
                scope = self._spec({"uuid": found.spec.uuid}, f"{place}.scope")
                for testcase in found.results if scope else ():
                    self._result(testcase, 0, f"{place}.tests.{testcase}", scope)
            return False
        for where, text in announced.differences(document, place):
            self._problem(where, text, "today's monitor and the coming one would count different things")
        return True

    def _problem(self, place: str, text: str, consequence: str) -> None:
        # What is said twice of a place is one problem: a number that is none, and as a result.
        if not any(known.place == place and known.fatal for known in self.problems):
            self.problems.append(Problem(place, text, consequence))

    def _warning(self, place: str, text: str, consequence: str) -> None:
        self.problems.append(Problem(place, text, consequence, fatal=False))

    def _read(self, read: Callable[[Any, str], T], value: Any, place: str, consequence: str = CODE_500) -> T | None:
        """What the document's model makes of a value; None if it refuses it, which is noted."""
        try:
            return read(value, place)
        except values.Malformed as error:
            self._problem(error.place, error.text, consequence)
            return None

    def _spec(self, plain: Any, place: str) -> Scope | None:
        named = {"uuid": plain.get("uuid")} if isinstance(plain, dict) else plain
        spec = self._read(ScopeReference.from_plain, named, place, of_scope_id(plain))
        if spec is None:
            return None
        name = plain.get("name")
        if name is not None and not isinstance(name, str):
            self._warning(f"{place}.name", f"is no text (found {values.found_value(name)})", "shown wrongly")
        self._markup([name] if isinstance(name, str) else [], f"{place}.name")
        if not spec.official:
            self._problem(f"{place}.uuid", UNOFFICIAL, "must not be sent to the official monitor")
        elif spec.uuid not in self._scopes:
            self._warning(f"{place}.uuid", f"{spec.uuid} is no scope known here", "ids are not checked")
        return self._scopes.get(spec.uuid)

    def _checked_at(self, value: Any, place: str) -> dt.datetime | None:
        moment = self._read(values.read_time, value, place, of_time(value))
        if moment is None:
            return None
        if isinstance(value, str) and dt.datetime.fromisoformat(value).tzinfo is not None:
            self._warning(place, "is quoted and has a time zone", "the monitor drops the zone")
        if moment.replace(tzinfo=dt.UTC) > self._now + MAX_AHEAD:
            self._problem(place, f"{moment} lies in the future (UTC)", "such a result never expires")
        return moment

    def _subject(self, value: Any, place: str) -> None:
        subject = self._read(values.read_text, value, place, of_subject(value))
        if subject is None:
            return
        if not SUBJECT.fullmatch(subject):
            what = f"{subject!r} has characters other than letters, digits, '_', '-' and '.'"
            self._warning(place, what, f"not advisable for an account; {CLAIMS[401]} unless it is the account's name")
        elif self._account is not None and subject != self._account:
            consequence = f"{CLAIMS[401]} unless {self._account!r} is its delegate"
            self._warning(place, f"{subject!r} is not the account {self._account!r}", consequence)

    def _run(self, run: dict[Any, Any], place: str) -> None:
        """The parts of ``run`` besides the results."""
        identity = self._read(values.read_text, run.get("uuid"), f"{place}.uuid", of_run_id(run.get("uuid")))
        if identity and (set(identity) & set("/?#%") or identity in (".", "..")):
            what = f"{identity!r} has a character that addresses cannot have"
            self._problem(f"{place}.uuid", what, UNREACHABLE)
        consequence = "stored, but its page answers 500"
        assignment = self._read(values.read_mapping, run.get("assignment"), f"{place}.assignment", consequence)
        self._markup([str(one) for pair in (assignment or {}).items() for one in pair], f"{place}.assignment")
        if not _is_lines(run.get("argv")):
            self._coming(f"{place}.argv", run.get("argv"))

    def _invocations(self, plain: Any, place: str, scope: Scope | None) -> list[str]:
        """Note what is wrong with them; returns the testcases that have a result."""
        invocations = self._read(values.read_mapping, plain, place)
        if invocations is None:
            return []
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
        return [*seen]

    def _result(self, testcase: Any, value: Any, place: str, scope: Scope | None) -> None:
        self._read(values.read_result, value, place, of_result(value))
        if not isinstance(testcase, str):
            self._problem(place, "is a result of something that is no text", f"{CODE_500}, or it is ignored")
        elif scope and testcase not in scope.testcases:
            self._warning(place, f"is no testcase of {scope.name}", "it is ignored")

    def _lifetimes(self, testcases: list[str], moment: dt.datetime | None, scope: Scope | None, place: str) -> None:
        """Whether any result still counts."""
        known = [scope.testcases[one].lifetime for one in testcases if one in scope.testcases] if scope else []
        if moment is None or not known:
            return
        today = self._now.replace(tzinfo=None)
        try:
            ends = max(dt.datetime.combine(expiry(moment, lifetime), dt.time()) for lifetime in known)
        except (OverflowError, ValueError):  # at the end of the calendar, or a lifetime that only another tool knows
            return
        if ends <= today:
            what = f"is of {moment.date()}: the last of its results counted until {ends.date() - dt.timedelta(days=1)}"
            self._problem(f"{place}.checked_at", what, COUNTS_NOWHERE)

    def _streams(self, invocation: Mapping[str, Any], place: str) -> None:
        for name in ("cmd", "stderr"):
            if name not in invocation or (name == "cmd" and not isinstance(invocation[name], str)):
                self._coming(f"{place}.{name}", invocation.get(name))
        if isinstance(invocation.get("cmd"), str):
            self._markup([invocation["cmd"]], f"{place}.cmd")
        streams = []
        for name in ("stdout", "stderr"):
            content = invocation.get(name, [])
            lines = self._read(values.read_lines, content, f"{place}.{name}", "stored, but its page answers 500")
            if lines is None:
                return
            self._markup(lines, f"{place}.{name}")
            streams.append(lines)
        found = values.count_lines(*streams)
        for word in _COUNTS:
            if word in invocation and invocation[word] != found[word]:
                what = f"says {values.found_value(invocation[word])}, the streams have {found[word]}"
                self._warning(f"{place}.{word}", what, "shown wrongly")

    def _markup(self, lines: Any, place: str) -> None:
        marked = [number for number, line in enumerate(lines, start=1) if _MARKUP & set(line)]
        if marked:
            more = f" and {len(marked) - 1} more" if len(marked) > 1 else ""
            self._warning(place, f"has <, >, & or a backtick (line {marked[0]}{more})", "shown as markup")

    def _coming(self, place: str, value: Any) -> None:
        what = "is missing" if value is None else "is not what it has to be"
        self._warning(place, what, "the pages of the coming monitor answer 500")


def _is_lines(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(line, str) for line in value)
