# SPDX-License-Identifier: Apache-2.0
"""From a run to its official SCS reports: one document per subject and scope, as the compliance monitor takes it.

The format: docs/standards/framework.md#report, docs/reports.md. What is public there unredacted (command, assignment)
is made from an allow-list here, never from the command line or the environment.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import uuid
from collections.abc import Iterable
from typing import Any

import yaml

import pytest_scs
from pytest_scs.base import yamlfile
from pytest_scs.base.words import cut
from pytest_scs.core.judge import Judge
from pytest_scs.core.results import Result, Run, SubjectRun, about_run
from pytest_scs.core.scope import TARGETS, Scope
from pytest_scs.core.selection import Expected
from pytest_scs.core.verdict import Verdict, combine
from pytest_scs.reports.lines import MEND, count, violations
from pytest_scs.reports.scs.model import TOOL, Invocation, ReportDebug, ReportDocument, ReportedRun, ScopeReference
from pytest_scs.reports.scs.values import count_lines

#: A stream is cut at this many lines, a line at this many characters; cuts are marked
#: (docs/standards/framework.md#size).
MAX_LINES = 2000
MAX_LENGTH = 500

#: A command that mends something is whole up to this many characters, and left out beyond: a part of it is no command.
MAX_COMMAND = 4000

#: The command of the invocation that holds what people answered (docs/attestations.md#in-reports).
SELF_ASSESSMENT = "self-assessment"

#: Exit code of an invocation by its verdict.
_RC = {Verdict.PASS: 0, Verdict.FAIL: 1}

# Numbers to a YAML 1.2 reader such as the monitor's, but text to PyYAML, which would leave them unquoted.
_NUMBER_12 = re.compile(r"[-+]?(\.[\d_]+|[\d_]+(\.[\d_]*)?)([eE][-+]?[\d_]+)?|0o[0-7_]+")


def render(documents: Iterable[ReportDocument]) -> str:
    """Report documents as YAML text."""
    text: str = yaml.dump_all(
        [document.to_plain() for document in documents],
        Dumper=_Dumper,
        explicit_start=True,
        sort_keys=False,
        allow_unicode=True,
        width=120,
    )
    return text


def reported(run: Run) -> list[tuple[SubjectRun, Scope]]:
    """What a run makes reports on: each subject with each scope, official and unofficial."""
    return [(subject_run, scope) for subject_run in run.subject_runs for scope in run.scopes_of(subject_run)]


def report_document(run: Run, subject_run: SubjectRun, scope: Scope) -> ReportDocument:
    """The report on one subject and one scope."""
    versions = [version for version in run.selection.versions if version.scope.uuid == scope.uuid]
    argv = [f"--scs-scope={version.label}" for version in versions]
    if tuple(run.selection.targets) != TARGETS[:1]:
        targets = "all" if set(run.selection.targets) == set(TARGETS) else ",".join(run.selection.targets)
        argv.append(f"--scs-target={targets}")
    if run.judge is not Judge.OFFICIAL:
        argv.append(f"--scs-judge={run.judge}")
    return ReportDocument(
        spec=ScopeReference(scope.uuid, scope.name, scope.url),
        # UTC without zone: the monitor's column has none, and it drops the zone of quoted times.
        checked_at=dt.datetime.fromisoformat(run.now).astimezone(dt.UTC).replace(tzinfo=None),
        reference_date=run.selection.date,
        subject=subject_run.subject.report_name,
        run=ReportedRun(
            uuid=str(uuid.uuid4()),
            argv=tuple(argv),
            assignment=dict.fromkeys(scope.variables or ("os_cloud",), subject_run.subject.report_name),
            forced_version=versions[0].name if len(versions) == 1 else None,
            invocations={one.id: one for one in _invocations(run, subject_run, scope, argv)},
        ),
        debug=_debug(run, subject_run, scope),
    )


def _invocations(run: Run, subject_run: SubjectRun, scope: Scope, argv: list[str]) -> Iterable[Invocation]:
    """One invocation per standard with at least one verdict, and one for all that people answered.

    MISS is never written (docs/standards/framework.md#report).
    """
    attested: list[tuple[Expected, Result]] = []
    for standard, entries in _by_standard(run, scope).items():
        judged = [(entry, subject_run.results[entry.id]) for entry in entries]
        judged = [(entry, result) for entry, result in judged if result.verdict(run.judge) is not Verdict.MISS]
        attested += [(entry, result) for entry, result in judged if result.attested]
        judged = [(entry, result) for entry, result in judged if not result.attested]
        if judged:
            yield _invocation(" ".join(["pytest", *argv, "-m", standard.replace("-", "_")]), judged, run)
    if attested:
        answers = _invocation(SELF_ASSESSMENT, attested, run)
        # Nothing was executed that could have failed (docs/attestations.md#in-reports).
        yield dataclasses.replace(answers, rc=1 if Verdict.FAIL in answers.results.values() else 0)


def _by_standard(run: Run, scope: Scope) -> dict[str, list[Expected]]:
    """The testcases of one scope by standard, in scope order; a testcase in two scopes is in both documents."""
    groups: dict[str, list[Expected]] = {}
    for entry in run.expected():
        if any(member.version.scope.uuid == scope.uuid for member in entry.memberships):
            groups.setdefault(entry.standard, []).append(entry)
    return groups


def _invocation(command: str, judged: list[tuple[Expected, Result]], run: Run) -> Invocation:
    verdicts = {result.testcase: result.verdict(run.judge) for _, result in judged}
    stdout = [f"{testcase}: {verdict}" for testcase, verdict in verdicts.items()]
    stderr = [line for _, result in judged for line in _messages(result, run)]
    if len(stderr) > MAX_LINES:
        left = len(stderr) - MAX_LINES + 1
        stderr = [
            *stderr[: MAX_LINES - 1],
            f"WARNING: {left} more lines are left out here; pytest -vv shows them all",
        ]
    return Invocation(
        id=str(uuid.uuid4()),
        cmd=command,
        results=verdicts,
        rc=_RC.get(combine(verdicts.values()), 6),
        stdout=tuple(stdout),
        stderr=tuple(stderr),
        **count_lines(stdout, stderr),
    )


def _messages(result: Result, run: Run) -> list[str]:
    """What survives the monitor's public redaction: lines starting with ``ERROR:`` or ``WARNING:``.

    See docs/standards/framework.md#report. Of a person's answers it is said when they were given, but not by whom: the
    monitor's pages are public. Secrets are masked before YAML spells the lines (a mask inside a plain scalar could make
    the document unreadable) and before they are cut.
    """
    verdict = result.verdict(run.judge)
    lines = []
    if verdict is Verdict.FAIL:
        lines += [_about_offender(result, line, run) for line in violations(result, run.judge, limit=None)]
        lines.append(_line(f"ERROR: {count(result, run.judge)}", run))
    elif verdict is Verdict.ABORT:
        lines.append(_line(f"ERROR: {result.testcase}: not decided: {result.cause}", run))
    lines += [_line(f"WARNING: {result.testcase}: {text}", run) for text in result.warnings(run.judge, public=True)]
    if result.attested:
        lines.append(_line(f"INFO: {result.testcase}: {result.attested}", run))
    return lines


def _about_offender(result: Result, text: str, run: Run) -> str:
    """A line of `violations`: an offender, or how to mend it."""
    start = f"ERROR: {result.testcase}: "
    if not text.startswith(MEND):
        return _line(start + text, run)
    whole = _line(start + text.strip(), run, most=None)
    if len(whole) <= MAX_COMMAND:
        return whole
    return f"{start}{MEND.strip()} by a command too long for this report; the HTML report and the terminal show it"


def _line(text: str, run: Run, most: int | None = MAX_LENGTH) -> str:
    line = run.redact(" ".join(text.replace("\0", "").split()))
    return cut(line, most) if most else line


def _debug(run: Run, subject_run: SubjectRun, scope: Scope) -> ReportDebug:
    """For whoever has to understand the report later; the monitor keeps and ignores it."""
    results = [subject_run.results[entry.id] for entries in _by_standard(run, scope).values() for entry in entries]
    return ReportDebug(
        tool=f"{TOOL}{pytest_scs.__version__}",
        judge=str(run.judge),
        targets=tuple(run.selection.targets),
        partial=run.partial,
        interrupted=run.interrupted,
        missing=tuple(sorted(result.testcase for result in results if result.verdict(run.judge) is Verdict.MISS)),
        causes={
            result.testcase: str(result.cause.kind)
            for result in results
            if result.cause and result.verdict(run.judge) in (Verdict.ABORT, Verdict.MISS)
        },
        differing={
            result.testcase: {"official": result.official, "text": result.text}
            for result in results
            if result.official is not result.text
        },
        warnings=tuple(run.redact(line) for line in about_run(results, public=True)),
        reading=_of_testcases(subject_run.debug, {result.testcase for result in results}),
    )


def _of_testcases(debug: dict[str, Any], testcases: set[str]) -> dict[str, Any]:
    """What is known of the run, without what concerns the testcases of other scopes."""
    if "requests_by_testcase" not in debug:
        return debug
    counted = {testcase: number for testcase, number in debug["requests_by_testcase"].items() if testcase in testcases}
    return {**debug, "requests_by_testcase": counted}


class _Dumper(yamlfile.Dumper):  # type: ignore[misc]
    """Block style; text that a YAML 1.2 reader would take for a number is quoted.

    What UTF-8 or the monitor cannot take (half characters, NUL; JSON from a subject may hold both) is replaced.
    """

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: Any, value: str) -> yaml.ScalarNode:
    style = "'" if _NUMBER_12.fullmatch(value) else None
    value = value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    node: yaml.ScalarNode = dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)
    return node


_Dumper.add_representer(str, _text)
