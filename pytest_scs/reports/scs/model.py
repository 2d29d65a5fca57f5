# SPDX-License-Identifier: Apache-2.0
"""The report document as data: one subject, one scope, in the words of the official format.

Whoever reads reports (checks, score card, comparison, upload) reads them through here: what is refused is refused in
one place, with the same words. Further keys, which the format allows anywhere, are not kept: a report that exists is
never written again.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

from pytest_scs.core.report_format import ReportFormat
from pytest_scs.core.scope import OFFICIAL
from pytest_scs.core.verdict import Verdict
from pytest_scs.reports.scs import announced, values
from pytest_scs.reports.scs.announced import SELF_ASSESSMENT, Tested
from pytest_scs.reports.scs.values import COUNTED, Malformed

#: Form of what is ours in a document (``debug.form``). It grows when an entry gets another meaning, not with new ones.
FORM = 1

#: How ``debug.tool`` begins in our reports; what another tool writes under ``debug`` is its own affair.
TOOL = "pytest-scs "

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclasses.dataclass(frozen=True, slots=True)
class ScopeReference:
    """``spec``: the scope a report is about."""

    uuid: str
    name: str = ""
    url: str = ""

    @property
    def official(self) -> bool:
        """Whether the compliance monitor takes reports on this scope. Nothing but the UUID tells."""
        return self.uuid in OFFICIAL

    @classmethod
    def from_plain(cls, plain: Any, place: str, key: str = "uuid") -> ScopeReference:
        """``key`` is the one of the document that the UUID stands under. Raises Malformed."""
        if not isinstance(plain, dict) or plain.get("uuid") is None:
            raise Malformed(
                f"{place}.{key}", "is missing", "" if plain in (None, {"uuid": None}) else values.found_value(plain)
            )
        if not _UUID.fullmatch(str(plain["uuid"])):
            raise Malformed(f"{place}.{key}", f"{values.found_value(plain['uuid'])} is no UUID in small letters")
        return cls(
            plain["uuid"],
            values.read_optional_text(plain, "name", place),
            values.read_optional_text(plain, "url", place),
        )

    def to_plain(self) -> dict[str, Any]:
        """As the format writes it."""
        return {"uuid": self.uuid, "name": self.name, "url": self.url}


@dataclasses.dataclass(frozen=True, slots=True)
class Invocation:
    """One entry of ``run.invocations``: a program that ran, its lines, and the verdicts it gave.

    ``rc`` is its exit code, None where the report does not say. The four counts are the numbers of lines of both
    streams that begin with that word.
    """

    id: str
    cmd: str
    results: Mapping[str, Verdict]
    rc: int | None = None
    stdout: tuple[str, ...] = ()
    stderr: tuple[str, ...] = ()
    info: int = 0
    warning: int = 0
    error: int = 0
    critical: int = 0

    @classmethod
    def from_plain(cls, identity: str, plain: Any, place: str) -> Invocation:
        """``identity`` is its key. Counts that are not there are made from the streams. Raises Malformed."""
        results = {
            values.read_text(testcase, f"{place}.results"): values.read_result(result, f"{place}.results.{testcase}")
            for testcase, result in values.read_results(plain, place).items()
        }
        stdout, stderr = (values.read_lines(plain.get(name, []), f"{place}.{name}") for name in ("stdout", "stderr"))
        counts = {word: plain.get(word, number) for word, number in values.count_lines(stdout, stderr).items()}
        for name, number in {**counts, "rc": plain.get("rc")}.items():
            if type(number) is not int and (name, number) != ("rc", None):
                raise Malformed(f"{place}.{name}", "is no integer", values.found_value(number))
        command = values.read_optional_text(plain, "cmd", place)
        return cls(identity, command, results, plain.get("rc"), stdout, stderr, **counts)

    def to_plain(self) -> dict[str, Any]:
        """As the format writes it."""
        return {
            "id": self.id,
            "cmd": self.cmd,
            "results": {testcase: verdict.number for testcase, verdict in self.results.items()},
            "rc": self.rc,
            "stdout": list(self.stdout),
            "stderr": list(self.stderr),
            **{word: getattr(self, word) for word in COUNTED},
        }


@dataclasses.dataclass(frozen=True, slots=True)
class ReportedRun:
    """``run``: what was started, with which arguments and filters, and what came out. ``uuid`` is the report's key."""

    uuid: str
    argv: tuple[str, ...] = ()
    assignment: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    sections: str | tuple[str, ...] | None = None
    forced_version: str | tuple[str, ...] | None = None
    forced_tests: str | tuple[str, ...] | None = None
    invocations: Mapping[str, Invocation] = dataclasses.field(default_factory=dict)

    @classmethod
    def from_plain(cls, plain: Any, place: str) -> ReportedRun:
        """Raises Malformed."""
        values.read_mapping(plain, place)
        invocations = values.read_mapping(plain.get("invocations"), f"{place}.invocations")
        return cls(
            uuid=values.read_text(plain.get("uuid"), f"{place}.uuid"),
            argv=values.read_lines(plain.get("argv", []), f"{place}.argv"),
            assignment=values.read_mapping(plain.get("assignment"), f"{place}.assignment"),
            sections=values.read_filter(plain.get("sections"), f"{place}.sections"),
            forced_version=values.read_filter(plain.get("forced_version"), f"{place}.forced_version"),
            forced_tests=values.read_filter(plain.get("forced_tests"), f"{place}.forced_tests"),
            invocations={
                str(key): Invocation.from_plain(str(key), value, f"{place}.invocations.{key}")
                for key, value in invocations.items()
            },
        )

    def to_plain(self) -> dict[str, Any]:
        """As the format writes it."""
        return {
            "uuid": self.uuid,
            "argv": list(self.argv),
            "assignment": dict(self.assignment),
            **{name: _plain(getattr(self, name)) for name in ("sections", "forced_version", "forced_tests")},
            "invocations": {key: invocation.to_plain() for key, invocation in self.invocations.items()},
        }


@dataclasses.dataclass(frozen=True, slots=True)
class ReportDebug:
    """``debug``: what our reports say beyond the format, for whoever has to understand them later.

    ``missing`` are expected testcases without a verdict, ``causes`` why there is none (testcase -> kind of cause),
    ``differing`` those on which official suite and text do not agree (testcase -> judge -> verdict). ``reading`` is how
    the evidence was read, in the platform's own words.
    """

    tool: str
    judge: str = "official"
    targets: tuple[str, ...] = ()
    partial: bool = False
    interrupted: bool = False
    missing: tuple[str, ...] = ()
    causes: Mapping[str, str] = dataclasses.field(default_factory=dict)
    differing: Mapping[str, Mapping[str, Verdict]] = dataclasses.field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    reading: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @classmethod
    def from_plain(cls, plain: Any, place: str) -> ReportDebug | None:
        """None where no pytest-scs wrote it; one from before forms were numbered has none. Raises Malformed."""
        if not isinstance(plain, dict) or not str(plain.get("tool")).startswith(TOOL):
            return None
        form = plain.get("form", FORM)
        if type(form) is not int or not 0 < form <= FORM:
            raise Malformed(
                f"{place}.form", f"{form!r} is none that this pytest-scs reads (1 to {FORM}); {plain['tool']} wrote it"
            )
        readers: dict[str, Callable[[Any, str], Any]] = {
            "tool": values.read_text,
            "judge": values.read_text,
            "targets": values.read_lines,
            "partial": values.read_truth,
            "interrupted": values.read_truth,
            "missing": values.read_lines,
            "causes": values.read_words,
            "differing": values.read_differing,
            "warnings": values.read_lines,
        }
        known = {name: read(plain[name], f"{place}.{name}") for name, read in readers.items() if name in plain}
        rest = {name: value for name, value in plain.items() if name not in readers and name != "form"}
        return cls(**known, reading=rest)

    def to_plain(self) -> dict[str, Any]:
        """As we write it."""
        return {
            "form": FORM,
            # Not "creator" at the top: the monitor's next version takes that for its own format.
            "tool": self.tool,
            "judge": self.judge,
            "targets": list(self.targets),
            "partial": self.partial,
            "interrupted": self.interrupted,
            "missing": list(self.missing),
            "causes": dict(self.causes),
            "differing": {
                testcase: {judge: str(verdict) for judge, verdict in both.items()}
                for testcase, both in self.differing.items()
            },
            "warnings": list(self.warnings),
            **self.reading,
        }


def made_elsewhere(document: ReportDocument) -> str:
    """That another tool made a report, which records nothing to judge it anew from; empty for one of ours."""
    if document.tool.startswith(TOOL):
        return ""
    return f"made by {values.found_value(document.tool) if document.tool else 'another tool'}, which records nothing"


@dataclasses.dataclass(frozen=True, slots=True)
class ReportDocument:
    """One report: what one run found about one subject and one scope, whatever the form it is written in.

    ``checked_at`` is UTC without zone, as the monitor's database has it. ``debug`` is None in reports of other tools.
    ``format`` is the form; ``creator`` and ``log`` are there only in the announced one. What that form does not say of
    ``spec`` and ``run`` is empty here, and its tests are invocations: one for what was executed, and one for each
    self-assessment.
    """

    spec: ScopeReference
    checked_at: dt.datetime
    subject: str
    run: ReportedRun
    reference_date: dt.date | None = None
    debug: ReportDebug | None = None
    format: ReportFormat = ReportFormat.CURRENT
    creator: str = ""
    log: tuple[str, ...] = ()

    @property
    def uuid(self) -> str:
        """The key of the report, in either form."""
        return self.run.uuid

    @property
    def tool(self) -> str:
        """What wrote it, empty where it does not say."""
        return self.creator or (self.debug.tool if self.debug else "")

    @property
    def results(self) -> dict[str, Verdict]:
        """Testcase -> verdict; of one that several invocations judged, the last counts, as for the monitor."""
        return {key: verdict for one in self.run.invocations.values() for key, verdict in one.results.items()}

    @property
    def tests(self) -> dict[str, Tested]:
        """The same, and which of them people answered."""
        return {
            key: Tested(verdict, one.cmd if one.cmd.startswith(SELF_ASSESSMENT) else "")
            for one in self.run.invocations.values()
            for key, verdict in one.results.items()
        }

    def said(self) -> dict[str, list[str]]:
        """Testcase -> its lines, ``ERROR: TESTCASE: text`` or ``WARNING: ...``; those that name none are under ""."""
        lines = (line for one in self.run.invocations.values() for line in one.stderr)
        return announced.said_by(lines, self.results)

    @classmethod
    def from_plain(cls, plain: Any, place: str = "report") -> ReportDocument:
        """The document in what a YAML or JSON reader gives; raises Malformed, which names the first thing wrong.

        Reads what any pytest-scs wrote, and reports of the official tool in today's form and in the announced one. Not
        the one before, with its ``versions``: the monitor would read those in place of ``run.invocations``.
        """
        if not isinstance(plain, dict):
            raise Malformed(place, "is no mapping", values.found_value(plain))
        if announced.is_announced(plain):
            return _announced(plain, place)
        if "versions" in plain:
            raise Malformed(f"{place}.versions", "is read instead of run.invocations")
        return cls(
            spec=ScopeReference.from_plain(plain.get("spec"), f"{place}.spec"),
            run=ReportedRun.from_plain(plain.get("run"), f"{place}.run"),
            **_common(plain, place),
        )

    def to_plain(self) -> dict[str, Any]:
        """As its form writes it, keys in its order; raises Malformed if the two forms of one document differ."""
        common = {
            "checked_at": self.checked_at,
            "reference_date": self.reference_date,
            "subject": self.subject,
        }
        today = {"spec": self.spec.to_plain(), **common, "run": self.run.to_plain()}
        coming = {
            "uuid": self.uuid,
            announced.MARK: self.creator,
            **common,
            "scope": self.spec.uuid,
            "tests": {testcase: tested.to_plain() for testcase, tested in self.tests.items()},
            "log": list(self.log),
        }
        plain: dict[str, Any] = {
            **(today if self.format is not ReportFormat.NEXT else {}),
            **(coming if self.format.announced else {}),
            **({"debug": self.debug.to_plain()} if self.debug else {}),
        }
        if self.format is ReportFormat.BOTH:
            announced.check_agreement(plain, "report")
        return plain

    def in_format(self, wanted: ReportFormat) -> ReportDocument:
        """The same document to be written in another form; ``creator`` and ``log`` are made for the announced one."""
        if not wanted.announced:
            return dataclasses.replace(self, format=wanted, creator="", log=())
        first = [f"arguments: {' '.join(self.run.argv)}"] if self.run.argv else []
        log = announced.log_of(self.tests, self.said(), first)
        return dataclasses.replace(self, format=wanted, creator=self.tool or TOOL.strip(), log=tuple(log))


def _common(plain: dict[Any, Any], place: str) -> dict[str, Any]:
    """What both forms say in the same way."""
    return {
        "checked_at": values.read_time(plain.get("checked_at"), f"{place}.checked_at"),
        "subject": values.read_text(plain.get("subject"), f"{place}.subject"),
        "reference_date": values.read_date(plain.get("reference_date"), f"{place}.reference_date"),
        "debug": ReportDebug.from_plain(plain.get("debug"), f"{place}.debug"),
    }


def _announced(plain: dict[Any, Any], place: str) -> ReportDocument:
    """A document with the keys of the announced form, which go before those of today's; raises Malformed."""
    creator = values.read_text(plain[announced.MARK], f"{place}.{announced.MARK}")
    tests = announced.read_tests(plain.get("tests"), f"{place}.tests")
    log = announced.read_log(plain, place)
    said = announced.said_in(log)
    invocations: dict[str, Invocation] = {}
    for assessment in dict.fromkeys(["", *(one.assessment for one in tests.values())]):
        results = {name: one.verdict for name, one in tests.items() if one.assessment == assessment}
        lines = [line for name in (*(() if assessment else ("",)), *results) for line in said.get(name, ())]
        name = assessment or "tests"
        if results or lines:
            counts = values.count_lines(lines)
            invocations[name] = Invocation(name, assessment, results, None, (), tuple(lines), **counts)
    return ReportDocument(
        spec=ScopeReference.from_plain({"uuid": plain.get("scope")}, place, "scope"),
        run=ReportedRun(values.read_text(plain.get("uuid"), f"{place}.uuid"), invocations=invocations),
        format=ReportFormat.BOTH if not announced.is_announced_only(plain) else ReportFormat.NEXT,
        creator=creator,
        log=log,
        **_common(plain, place),
    )


def _plain(value: str | tuple[str, ...] | None) -> str | list[str] | None:
    return list(value) if isinstance(value, tuple) else value
