# SPDX-License-Identifier: Apache-2.0
"""From what Tempest recorded to one entry for each listed test (docs/standards/scs-0128.md#verdict)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from pytest_scs.base.fields import Fields, FormError
from pytest_scs.base.value_words import value_in_words
from pytest_scs.standards.iaas.tempest_list import class_of, listed_tests, resolve

PASSED, FAILED, SKIPPED, UNKNOWN, NOT_RUN = "passed", "failed", "skipped", "unknown", "not-run"
STATUSES = (PASSED, FAILED, SKIPPED, UNKNOWN, NOT_RUN)

#: Where the same test was recorded more than once, the worst record counts: Tempest MUST NOT report any failed test.
_SEVERITY = {PASSED: 2, SKIPPED: 1, FAILED: 3, NOT_RUN: 0}

#: As much of a reason as is kept, in characters.
MAX_REASON = 300

_FIXTURE = re.compile(r"(?P<what>setUp|tearDown)(?P<level>Class|Module) \((?P<path>[\w.]+)\)")
_EXCEPTION = re.compile(r"(?P<type>[A-Za-z_]\w*(?:\.\w+)*)(?::|$)")


@dataclasses.dataclass(frozen=True, slots=True)
class Record:
    """What a stream of results says about one id; ``error`` is the type of the exception, ``reason`` one line."""

    id: str
    status: str
    reason: str = ""
    error: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one listed test; ``id`` is what the Tempest that ran calls it.

    ``level`` is ``class`` for what happened to all tests of a class in its set-up, else ``test``. ``reason`` is one
    line, ``error`` the type of the exception.
    """

    uuid: str
    id: str
    status: str
    reason: str = ""
    error: str = ""
    level: str = "test"
    attributes: tuple[str, ...] = ()

    @classmethod
    def read(cls, fields: Fields) -> Outcome:
        """What was recorded; raises ValueError for another shape."""
        status = fields.text("status")
        if status not in STATUSES:
            raise FormError(
                f"{fields.where}.status: expected one of {', '.join(STATUSES)}, got {value_in_words(status)}"
            )
        return cls(
            uuid=fields.text("uuid"),
            id=fields.text("id"),
            status=status,
            reason=fields.text("reason"),
            error=fields.text("error"),
            level=fields.text("level"),
            attributes=fields.texts("attributes"),
        )

    def to_plain(self) -> dict[str, Any]:
        """Plain data, to be recorded."""
        return dataclasses.asdict(self) | {"attributes": list(self.attributes)}


@dataclasses.dataclass(frozen=True, slots=True)
class Teardown:
    """A tear-down of a class that failed; ``reason`` and ``error`` as those of an :class:`Outcome`."""

    id: str
    reason: str
    error: str = ""

    @classmethod
    def read(cls, fields: Fields) -> Teardown:
        """What was recorded; raises ValueError for another shape."""
        return cls(fields.text("id"), fields.text("reason"), fields.text("error", ""))


@dataclasses.dataclass(frozen=True, slots=True)
class TempestRun:
    """The section ``tempest``: the results of Tempest.

    ``given``: there were accounts or a result. ``how``: ``ran``, ``file``, or empty where nothing could be; ``problem``
    says why there is no complete result. ``finished`` is in UTC where it is known, ``seconds`` how long it took,
    ``config`` what helps to understand the results.
    """

    given: bool
    how: str = ""
    problem: str = ""
    version: str = ""
    finished: dt.datetime | None = None
    seconds: float = 0.0
    config: Mapping[str, object] = dataclasses.field(default_factory=dict)
    tests: tuple[Outcome, ...] = ()
    teardowns: tuple[Teardown, ...] = ()

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> TempestRun:
        """What was recorded; raises ValueError for another shape."""
        read = Fields("tempest", data)
        how, config = read.text("how"), read.fields("config")
        return cls(
            given=read.truth("given", bool(how)),
            how=how,
            problem=read.text("problem"),
            version=read.text("version"),
            finished=read.moment("finished") if read.text("finished") else None,
            seconds=read.number("seconds", 0.0),
            config={key: config.value(key) for key in config.names()},
            tests=tuple(Outcome.read(test) for test in read.each("tests")),
            teardowns=tuple(Teardown.read(one) for one in read.each("teardowns")),
        )

    def to_plain(self) -> dict[str, Any]:
        """Plain data, to be recorded."""
        return {
            "given": self.given,
            "how": self.how,
            "problem": self.problem,
            "version": self.version,
            "finished": self.finished.isoformat() if self.finished else "",
            "seconds": self.seconds,
            "config": dict(self.config),
            "tests": [test.to_plain() for test in self.tests],
            "teardowns": [dataclasses.asdict(one) for one in self.teardowns],
        }


def failure(id_: str, traceback: str) -> Record:
    """The record of a failed test, from the text of its traceback."""
    error, reason = summary(traceback)
    return Record(id_, FAILED, reason, error)


def summary(traceback: str) -> tuple[str, str]:
    """The type of the exception that ended a traceback, and its message in one line with the type before it.

    Tempest's exceptions have their message in a line ``Details: ...`` after the one with the type.
    """
    lines = [line.rstrip() for line in traceback.splitlines() if line.strip()]
    ends = [
        number
        for number, line in enumerate(lines)
        if number and lines[number - 1].startswith(" ") and _EXCEPTION.match(line)
    ]
    start = ends[-1] if ends else next((n for n, line in enumerate(lines) if _EXCEPTION.match(line)), 0)
    text = one_line(" ".join(lines[start : start + 4]))
    match = _EXCEPTION.match(lines[start]) if lines else None
    return (match["type"] if match else ""), text or "no traceback was recorded"


def one_line(text: str) -> str:
    """Text in one line of at most ``MAX_REASON`` characters, without what a terminal would take for a command."""
    plain = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return plain if len(plain) <= MAX_REASON else plain[: MAX_REASON - 1] + "…"


def outcomes(records: Iterable[Record], known: Collection[str] | None = None) -> tuple[Outcome, ...]:
    """What became of each listed test.

    ``known`` are the ids of all tests the installed Tempest has, None where that is not known.
    """
    worst: dict[str, Record] = {}
    fixtures: dict[str, Record] = {}
    for record in records:
        match = _FIXTURE.fullmatch(record.id)
        if match is None:
            _keep_worst(worst, record.id, record)
        elif match["what"] == "setUp" and record.status in (FAILED, SKIPPED):
            _keep_worst(fixtures, match["path"], record)
    recorded, available = resolve(worst), resolve(known) if known is not None else None
    found = []
    for test in listed_tests():
        id_ = recorded.get(test.uuid) or (available or {}).get(test.uuid) or test.id
        own = worst.get(recorded.get(test.uuid, ""))
        above = _above(fixtures, class_of(id_))
        entry = Outcome(test.uuid, id_, NOT_RUN, "there is no result of it", attributes=test.attributes)
        if own and own.status != NOT_RUN:
            entry = dataclasses.replace(entry, status=own.status, reason=own.reason, error=own.error)
        elif above:
            entry = dataclasses.replace(
                entry, status=above.status, reason=above.reason, error=above.error, level="class"
            )
        elif available is not None and test.uuid not in available:
            entry = dataclasses.replace(entry, status=UNKNOWN, reason="the installed Tempest has no such test")
        elif own:
            entry = dataclasses.replace(entry, reason=own.reason)
        found.append(entry)
    return tuple(found)


def teardowns(records: Iterable[Record]) -> tuple[Teardown, ...]:
    """Failed tear-downs of classes with listed tests: Tempest reports them as failed, although each test passed."""
    records = list(records)
    # Paths move between releases of Tempest; what ran has today's.
    today = resolve(record.id for record in records).values()
    classes = {class_of(path) for path in (*(test.path for test in listed_tests()), *today)}
    found = {}
    for record in records:
        match = _FIXTURE.fullmatch(record.id)
        if match and match["what"] == "tearDown" and record.status == FAILED and match["path"] in classes:
            found[record.id] = Teardown(record.id, record.reason, record.error)
    return tuple(found.values())


def counts(tests: Iterable[Outcome]) -> dict[str, int]:
    """How many tests have each status."""
    found = dict.fromkeys(STATUSES, 0)
    for test in tests:
        found[test.status] += 1
    return found


def _keep_worst(found: dict[str, Record], key: str, record: Record) -> None:
    if key not in found or _SEVERITY[record.status] > _SEVERITY[found[key].status]:
        found[key] = record


def _above(fixtures: Mapping[str, Record], path: str) -> Record | None:
    """The set-up of the class, or of its module, that kept its tests from running."""
    return fixtures.get(path) or fixtures.get(path.rpartition(".")[0])
