# SPDX-License-Identifier: Apache-2.0
"""A result of the Kubernetes e2e suite, as far as it is judged (docs/standards/scs-0201.md#result)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any

from pytest_scs.base.errors import InputError
from pytest_scs.base.fields import Fields, FormError
from pytest_scs.core.cause import CauseKind
from pytest_scs.standards.kaas.e2e_exceptions import ExcusedTest


@dataclasses.dataclass(frozen=True, slots=True)
class Tally:
    """How many tests passed, failed and were left out.

    ``serial`` of those that ran, ``serial_skipped`` of those that did not, are marked ``[Serial]``;
    ``marked_skipped`` were left out, and are marked ``[Serial]`` or ``[Disruptive]``.
    """

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    serial: int = 0
    serial_skipped: int = 0
    marked_skipped: int = 0

    @property
    def executed(self) -> int:
        """How many ran."""
        return self.passed + self.failed

    @property
    def listed(self) -> int:
        """How many the result names, whether they ran or not."""
        return self.executed + self.skipped

    @classmethod
    def read(cls, fields: Fields) -> Tally:
        """What was recorded; raises FormError for another form."""
        return cls(**{field.name: _count(fields, field.name) for field in dataclasses.fields(cls)})


@dataclasses.dataclass(frozen=True, slots=True)
class Named:
    """A test, or a node of the suite, by its full name, and one line of what it said."""

    name: str
    message: str = ""

    @classmethod
    def read(cls, fields: Fields) -> Named:
        """What was recorded; raises FormError for another form."""
        return cls(fields.text("name"), fields.text("message", ""))


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """One run of the suite. A result has several in mode ``split``.

    ``announced`` of ``known`` tests were to run, as the log says in its line ``Will run N of M specs``; None without
    it. ``executed`` ran.
    """

    announced: int | None
    known: int | None
    executed: int

    @classmethod
    def read(cls, fields: Fields) -> Part:
        """What was recorded; raises FormError for another form."""
        announced, known = (_count(fields, key) if fields.has(key) else None for key in ("announced", "known"))
        return cls(announced, known, _count(fields, "executed"))


@dataclasses.dataclass(frozen=True, slots=True)
class Problem:
    """Something that kept the result from being complete, in one line; the kind is that of an ABORT."""

    text: str
    kind: CauseKind = CauseKind.UNDECIDABLE

    @classmethod
    def read(cls, fields: Fields) -> Problem:
        """What was recorded; raises FormError for another form."""
        return cls(fields.text("text"), CauseKind.named(fields.text("kind")))


@dataclasses.dataclass(frozen=True, slots=True)
class E2eRun:
    """The sections ``conformance_run`` and ``networking_run``: a result of the e2e suite.

    ``given``: it was made elsewhere, and read from files. ``runner`` is ``sonobuoy``, ``hydrophone`` or empty where
    only a JUnit file is known; ``mode`` is that of ``--scs-e2e-mode``, empty for a given result. ``aggregator`` is what
    sonobuoy says of the suite (``passed``, ``failed``, ...), as it stands there. ``server_version`` is that of the
    cluster, ``suite_version`` that of the tests; all versions are empty where they are not known. ``started`` and
    ``ended`` are in UTC. ``dry``: tests were listed, and not run.

    ``cluster_version`` is the one the cluster has now, where the result is given. ``exceptions`` is the list that was
    given instead of the bundled one, None where none was.

    ``problems`` are errors of the runner and what could not be read. ``every`` counts all tests, ``conformance`` and
    ``network_policy`` those of one testcase. ``failures`` failed, ``flaky`` failed and passed when they were repeated,
    ``left_out`` began and skipped themselves, ``unclear`` have a status that nobody knows; ``suite_failures`` are nodes
    of the suite such as ``[SynchronizedBeforeSuite]``. ``files`` are what was read, by their names in the result.
    """

    given: bool = False
    runner: str = ""
    runner_version: str = ""
    mode: str = ""
    aggregator: str = ""
    server_version: str = ""
    suite_version: str = ""
    started: dt.datetime | None = None
    ended: dt.datetime | None = None
    dry: bool = False
    problems: tuple[Problem, ...] = ()
    parts: tuple[Part, ...] = ()
    every: Tally = Tally()
    conformance: Tally = Tally()
    network_policy: Tally = Tally()
    failures: tuple[Named, ...] = ()
    flaky: tuple[str, ...] = ()
    left_out: tuple[Named, ...] = ()
    unclear: tuple[Named, ...] = ()
    suite_failures: tuple[Named, ...] = ()
    files: tuple[str, ...] = ()
    cluster_version: str = ""
    exceptions: tuple[ExcusedTest, ...] | None = None

    def with_problem(self, text: str, kind: CauseKind = CauseKind.UNDECIDABLE) -> E2eRun:
        """The same with one more problem."""
        return dataclasses.replace(self, problems=(*self.problems, Problem(text, kind)))

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> E2eRun:
        """What was recorded; raises FormError, naming the key and what was found, for another form."""
        read = Fields("e2e_run", data)

        def named(key: str) -> tuple[Named, ...]:
            return tuple(map(Named.read, read.each(key)))

        found = cls(
            given=read.truth("given"),
            runner=read.text("runner"),
            runner_version=read.text("runner_version"),
            mode=read.text("mode"),
            aggregator=read.text("aggregator"),
            server_version=read.text("server_version"),
            suite_version=read.text("suite_version"),
            started=read.moment("started") if read.has("started") else None,
            ended=read.moment("ended") if read.has("ended") else None,
            dry=read.truth("dry"),
            problems=tuple(map(Problem.read, read.each("problems"))),
            parts=tuple(map(Part.read, read.each("parts"))),
            every=Tally.read(read.fields("every")),
            conformance=Tally.read(read.fields("conformance")),
            network_policy=Tally.read(read.fields("network_policy")),
            failures=named("failures"),
            flaky=read.texts("flaky"),
            left_out=named("left_out"),
            unclear=named("unclear"),
            suite_failures=named("suite_failures"),
            files=read.texts("files"),
            cluster_version=read.text("cluster_version", ""),
            exceptions=_exceptions(read),
        )
        for key, own in (("conformance", found.conformance), ("network_policy", found.network_policy)):
            if own.passed > found.every.passed or own.failed > found.every.failed or own.serial > own.executed:
                raise FormError(f"{read.where}.{key}: expected no more tests than there are of all, got {own}")
        return found

    def to_plain(self) -> dict[str, Any]:
        """Plain data, to be recorded."""
        plain = dataclasses.asdict(self)
        for key in ("started", "ended"):
            plain[key] = plain[key].isoformat() if plain[key] else None
        return {key: list(value) if isinstance(value, tuple) else value for key, value in plain.items()}


def _exceptions(fields: Fields) -> tuple[ExcusedTest, ...] | None:
    if not fields.has("exceptions"):
        return None
    try:
        return tuple(ExcusedTest.from_plain(entry.content) for entry in fields.each("exceptions"))
    except InputError as error:
        raise FormError(str(error)) from None


def _count(fields: Fields, key: str) -> int:
    number = fields.whole(key)
    if number < 0:
        raise FormError(f"{fields.where}.{key}: expected a number of tests, got {number}")
    return number
