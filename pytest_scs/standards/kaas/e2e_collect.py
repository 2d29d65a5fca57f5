# SPDX-License-Identifier: Apache-2.0
"""From single entries of result files to one result of the e2e suite (docs/standards/scs-0201.md#result)."""

from __future__ import annotations

import dataclasses
import enum
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from pytest_scs.base.words import cut, printable
from pytest_scs.standards.kaas.e2e_run import Named, Part, Tally

#: Characters of a name and of a message that are kept.
MOST_NAME: Final = 500
MOST_MESSAGE: Final = 300

SERIAL: Final = "[Serial]"
DISRUPTIVE: Final = "[Disruptive]"

#: What the suite calls a test that did not pass; ``timeout`` stands in results that went through sonobuoy.
_FAILED: Final = frozenset(("failed", "panicked", "interrupted", "aborted", "timedout", "timeout"))
_GOOD: Final = frozenset(("", "passed"))
_LEFT_OUT: Final = frozenset(("skipped", "pending"))

# The suite puts the kind of node in front, [It] for tests. The tag in the second form is that of the group in charge.
_TEST: Final = re.compile(r"\[It\]|\[sig-")
_LEAF: Final = re.compile(r"\[It\]\s*")

# What stands in front of the message of a failure: "[FAILED] ", "[TIMEDOUT] ".
_STATE: Final = re.compile(r"\[[A-Z]+\]\s*")
# The suite says "skipped", and adds the reason of a test that skipped itself.
_REASON: Final = re.compile(r"skipped(?:\s*-\s*)?", re.IGNORECASE)


class Outcome(enum.IntEnum):
    """What became of a test; of several records of one test the highest counts."""

    SKIPPED = 0
    PASSED = 1
    UNCLEAR = 2
    FAILED = 3


@dataclasses.dataclass(frozen=True, slots=True)
class Record:
    """What one entry says about a test; ``retried``: its output tells of an attempt that failed."""

    outcome: Outcome
    message: str = ""
    retried: bool = False


def classify(status: str, failed: bool, skipped: bool, message: str, retried: bool = False) -> Record:
    """What an entry of a JUnit file means: its ``status``, whether it has a failure or an error, or is skipped.

    ``message`` belongs to these. See docs/standards/scs-0201.md#result.
    """
    status = status.strip().lower()
    if failed or status in _FAILED:
        return Record(Outcome.FAILED, first_line(message) or status)
    if skipped or status in _LEFT_OUT:
        return Record(Outcome.SKIPPED, first_line(_REASON.sub("", message, count=1)))
    if status in _GOOD:
        return Record(Outcome.PASSED, retried=retried)
    return Record(Outcome.UNCLEAR, f"status {cut(printable(status), 60)}")


def first_line(message: str) -> str:
    """The first line with something in it, without the state that the suite puts in front.

    A line that ends with a colon only introduces the next one.
    """
    lines = [line.strip() for line in _STATE.sub("", message.strip(), count=1).splitlines() if line.strip()]
    count = next((number for number, line in enumerate(lines, 1) if not line.endswith(":")), len(lines))
    return cut(printable(" ".join(lines[:count])), MOST_MESSAGE)


def is_test(name: str) -> bool:
    """Whether an entry is a test; others are nodes of the suite, such as ``[SynchronizedBeforeSuite]``."""
    return bool(_TEST.match(name))


def short(name: str) -> str:
    """A name as people know it, without the kind of node."""
    return _LEAF.sub("", name, count=1)


def is_conformance(name: str) -> bool:
    """Whether a test is one of ``cncf-k8s-conformance``."""
    return "[Conformance]" in name


def is_network_policy(name: str) -> bool:
    """Whether a test is one of ``kaas-networking-check``."""
    return "NetworkPolicy" in name


@dataclasses.dataclass(slots=True)
class Collected:
    """Records of tests, each test once, and failures of nodes of the suite."""

    records: dict[str, Record] = dataclasses.field(default_factory=dict)
    suite_failures: dict[str, str] = dataclasses.field(default_factory=dict)

    def add(self, name: str, record: Record) -> None:
        """One more entry of one run. Of a test with several the worst counts, unless the suite itself repeated it."""
        name = cut(printable(name), MOST_NAME)
        if not is_test(name):
            if record.outcome in (Outcome.FAILED, Outcome.UNCLEAR):
                self.suite_failures.setdefault(name, record.message)
            return
        self.records[name] = _joined(self.records[name], record) if name in self.records else record

    def add_all(self, other: Collected) -> None:
        """All entries of another run: of a test in both the worst counts."""
        for name, record in other.records.items():
            self.records[name] = max(self.records.get(name, record), record, key=_severity)
        for name, message in other.suite_failures.items():
            self.suite_failures.setdefault(name, message)

    def note_retried(self, lines: Iterable[str]) -> None:
        """Tests that a log names as repeated: each line begins with the name, and may go on with labels."""
        lines = tuple(lines)
        if not lines:
            return
        known = {short(name): name for name, record in self.records.items() if record.outcome is Outcome.PASSED}
        for line in lines:
            # Names hold blanks and brackets, so where the labels begin only the known names tell.
            found = max((name for name in known if line.startswith(name)), key=len, default=None)
            if found is not None:
                self.records[known[found]] = dataclasses.replace(self.records[known[found]], retried=True)

    @property
    def has_failures(self) -> bool:
        """Whether anything failed, a test or a node of the suite."""
        return bool(self.suite_failures) or any(one.outcome is Outcome.FAILED for one in self.records.values())

    def executed(self) -> int:
        """How many tests ran; one whose status nobody knows did not, as far as can be said."""
        return sum(record.outcome in (Outcome.PASSED, Outcome.FAILED) for record in self.records.values())

    def part(self, announced: int | None, known: int | None) -> Part:
        """What was to run and ran."""
        return Part(announced, known, self.executed())

    def tally(self, belongs: Callable[[str], bool] = bool) -> Tally:
        """The numbers of the tests whose names belong to something; of all by default."""
        return _tally({name: record for name, record in self.records.items() if belongs(name)})

    def having(self, outcome: Outcome) -> Iterator[Named]:
        """The tests with an outcome, by name; of those that were skipped the ones that skipped themselves."""
        for name, record in sorted(self.records.items()):
            if record.outcome is outcome and (record.message or outcome is not Outcome.SKIPPED):
                yield Named(short(name), record.message)

    def failed_nodes(self) -> tuple[Named, ...]:
        """The nodes of the suite that failed."""
        return tuple(Named(name, message) for name, message in sorted(self.suite_failures.items()))

    def flaky(self) -> tuple[str, ...]:
        """The tests that failed and passed when the suite repeated them."""
        return tuple(
            short(name)
            for name, record in sorted(self.records.items())
            if record.retried and record.outcome is Outcome.PASSED
        )


def _joined(one: Record, other: Record) -> Record:
    repeated = next((record for record in (one, other) if record.retried), None)
    return repeated or max(one, other, key=_severity)


def _severity(record: Record) -> int:
    return record.outcome


def _tally(records: Mapping[str, Record]) -> Tally:
    ran = [name for name, one in records.items() if one.outcome in (Outcome.PASSED, Outcome.FAILED)]
    out = [name for name, one in records.items() if one.outcome is Outcome.SKIPPED]
    failed = sum(one.outcome is Outcome.FAILED for one in records.values())
    return Tally(
        passed=len(ran) - failed,
        failed=failed,
        skipped=len(out),
        serial=sum(SERIAL in name for name in ran),
        serial_skipped=sum(SERIAL in name for name in out),
        marked_skipped=sum(SERIAL in name or DISRUPTIVE in name for name in out),
    )
