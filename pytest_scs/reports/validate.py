# SPDX-License-Identifier: Apache-2.0
"""Local checks of an SCS report: a refusal by the compliance monitor carries no hint (certification.md, 2.4)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from pytest_scs import yamlfile
from pytest_scs.core.subject import SUBJECT
from pytest_scs.errors import InputError
from pytest_scs.scope import Scope

#: A report may be this much ahead of our clock; a later one would stay newest for ever (certification.md, 1.3).
MAX_AHEAD = dt.timedelta(minutes=5)

_CLAIMS = {500: "the monitor answers 500", 401: "the monitor answers 401", 409: "the monitor answers 409"}
_COUNTS = ("warning", "error", "critical")


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
        place = f"document {number}" if len(documents) > 1 else "report"
        problems += _document(document, place, scopes, now, account)
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


def _document(
    document: Any, place: str, scopes: Mapping[str, Scope], now: dt.datetime, account: str | None
) -> Iterator[Problem]:
    if not isinstance(document, dict):
        yield Problem(place, "is no mapping", f"this is no SCS report; {_CLAIMS[500]}")
        return
    if _has_nul(document):
        yield Problem(place, "contains the character NUL", _CLAIMS[500])
    if "versions" in document:
        yield Problem(f"{place}.versions", "is read instead of run.invocations", "the results would be ignored")
    yield from _spec(document.get("spec"), place, scopes)
    yield from _checked_at(document.get("checked_at"), place, now)
    yield from _subject(document.get("subject"), place, account)
    run = document.get("run")
    if not isinstance(run, dict):
        yield Problem(f"{place}.run", "is missing or no mapping", _CLAIMS[500])
        return
    if not isinstance(run.get("uuid"), str) or not run["uuid"]:
        yield Problem(f"{place}.run.uuid", "is missing or no text", _CLAIMS[500])
    if not isinstance(run.get("assignment"), dict):
        yield Problem(f"{place}.run.assignment", "is missing or no mapping", "stored, but its page answers 500")
    spec = document.get("spec")
    scope = scopes.get(str(spec.get("uuid"))) if isinstance(spec, dict) else None
    yield from _invocations(run.get("invocations"), f"{place}.run.invocations", scope)
    debug = document.get("debug")
    if isinstance(debug, dict) and debug.get("judge") == "text":
        what = "the verdicts are by the text of the standards (--scs-judge=text)"
        yield Problem(f"{place}.debug.judge", what, "the monitor expects those of the official suite", fatal=False)


def _has_nul(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_nul(part) for pair in value.items() for part in pair)
    if isinstance(value, list):
        return any(map(_has_nul, value))
    return isinstance(value, str) and "\0" in value


def _spec(spec: Any, place: str, scopes: Mapping[str, Scope]) -> Iterator[Problem]:
    if not isinstance(spec, dict) or spec.get("uuid") is None:
        yield Problem(f"{place}.spec.uuid", "is missing", _CLAIMS[500])
    elif not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", str(spec["uuid"])):
        yield Problem(f"{place}.spec.uuid", f"{spec['uuid']!r} is no UUID", "stored, but it belongs to no scope")
    elif spec["uuid"] not in scopes:
        yield Problem(
            f"{place}.spec.uuid", f"{spec['uuid']} is no scope known here", "ids are not checked", fatal=False
        )
    elif scopes[spec["uuid"]].path.stem == "beyond":
        consequence = "must not be sent to the official monitor; judge it in a run of its own"
        yield Problem(f"{place}.spec.uuid", "is an unofficial scope", consequence)


def _checked_at(value: Any, place: str, now: dt.datetime) -> Iterator[Problem]:
    where = f"{place}.checked_at"
    if value is None:
        yield Problem(where, "is missing", _CLAIMS[500])
        return
    if isinstance(value, str):
        try:
            moment = dt.datetime.fromisoformat(value)
        except ValueError:
            yield Problem(where, f"{value!r} is no point in time", _CLAIMS[500])
            return
        if moment.tzinfo is not None:
            yield Problem(where, "is quoted and has a time zone", "the monitor drops the zone", fatal=False)
            moment = moment.replace(tzinfo=None)
    elif isinstance(value, dt.datetime):
        moment = value
    else:
        yield Problem(where, f"{value!r} is no point in time", "the monitor takes midnight or answers 500")
        return
    utc = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    if utc > now + MAX_AHEAD:
        yield Problem(where, f"{moment} lies in the future (UTC)", "such a result never expires")


def _subject(value: Any, place: str, account: str | None) -> Iterator[Problem]:
    where = f"{place}.subject"
    if not isinstance(value, str) or not value:
        yield Problem(where, "is missing or no text", _CLAIMS[500])
    elif not SUBJECT.fullmatch(value):
        yield Problem(where, f"{value!r} has characters no account can have", _CLAIMS[401])
    elif account is not None and value != account:
        yield Problem(
            where, f"{value!r} is not the account {account!r}", f"{_CLAIMS[401]} unless {account!r} is its delegate"
        )


def _invocations(value: Any, place: str, scope: Scope | None) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield Problem(place, "is missing or no mapping", _CLAIMS[500])
        return
    seen: Counter[str] = Counter()
    for identity, invocation in value.items():
        where = f"{place}.{identity}"
        if not isinstance(invocation, dict) or not isinstance(invocation.get("results"), dict):
            yield Problem(f"{where}.results", "is missing or no mapping", _CLAIMS[500])
            continue
        for testcase, result in invocation["results"].items():
            seen[str(testcase)] += 1
            yield from _result(testcase, result, f"{where}.results", scope)
        yield from _streams(invocation, where)
    for testcase, count in seen.items():
        if count > 1:
            yield Problem(place, f"{testcase} occurs in {count} invocations", "the last one wins", fatal=False)
    if not seen:
        yield Problem(place, "has no results", "nothing is stored but the report itself", fatal=False)


def _result(testcase: Any, result: Any, place: str, scope: Scope | None) -> Iterator[Problem]:
    where = f"{place}.{testcase}"
    if result is None:
        yield Problem(where, "is null", "it counts as missing; leave it out")
    elif type(result) is not int:
        yield Problem(where, f"{result!r} is no integer", _CLAIMS[500])
    elif result not in (-1, 0, 1):
        yield Problem(where, f"{result} is none of -1, 0, 1", "the monitor would count it as passed or worse")
    if scope and testcase not in scope.testcases:
        yield Problem(where, f"is no testcase of {scope.name}", "it is ignored", fatal=False)


def _streams(invocation: Mapping[str, Any], place: str) -> Iterator[Problem]:
    lines: list[str] = []
    for stream in ("stdout", "stderr"):
        content = invocation.get(stream, [])
        if not isinstance(content, list) or not all(isinstance(line, str) for line in content):
            yield Problem(f"{place}.{stream}", "is no list of lines", "stored, but the report's page may answer 500")
            return
        lines += content
    for word in _COUNTS:
        if word in invocation and invocation[word] != (found := sum(line.lower().startswith(word) for line in lines)):
            yield Problem(
                f"{place}.{word}", f"says {invocation[word]}, the streams have {found}", "shown wrongly", fatal=False
            )
