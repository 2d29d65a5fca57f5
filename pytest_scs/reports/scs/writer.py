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
from pytest_scs.core.judge import Judge
from pytest_scs.core.results import Result, Run, SubjectRun, about_run
from pytest_scs.core.scope import TARGETS, Scope
from pytest_scs.core.selection import Expected
from pytest_scs.core.verdict import Verdict, combine
from pytest_scs.reports.public import public_view_of
from pytest_scs.reports.scs.announced import SELF_ASSESSMENT
from pytest_scs.reports.scs.messages import PLAIN_MARKUP, messages
from pytest_scs.reports.scs.model import TOOL, Invocation, ReportDebug, ReportDocument, ReportedRun, ScopeReference
from pytest_scs.reports.scs.public import assignment
from pytest_scs.reports.scs.values import count_lines
from pytest_scs.standards import bundled_data

#: So many microseconds may what is judged again be later than what it is about: two years of minutes.
MOST_LATER = 999_999

#: Exit code of an invocation by its verdict.
_RC = {Verdict.PASS: 0, Verdict.FAIL: 1}

# Wider than any line; libyaml takes an int of C.
_ANY_WIDTH = 2**31 - 1

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
        # A long line is no more than one line, also for whoever reads it without a parser.
        width=_ANY_WIDTH,
    )
    return text


def reported(run: Run) -> list[tuple[SubjectRun, Scope, str]]:
    """What a run makes reports on: each subject with each scope, official and unofficial, and a time.

    The time is empty for what was seen in this run. What was seen at another time makes a report of its own, since a
    report has one time (docs/standards/framework.md#report).
    """
    return [
        (subject_run, scope, as_of)
        for subject_run in run.subject_runs
        for scope in run.scopes_of(subject_run)
        for as_of in _times(run, subject_run, scope)
    ]


def _times(run: Run, subject_run: SubjectRun, scope: Scope) -> list[str]:
    """The times of the verdicts on one subject and scope, that of the run first; that one where there is none."""
    results = [
        subject_run.results[entry.id] for entries in _by_standard(run, subject_run, scope).values() for entry in entries
    ]
    found = {result.as_of for result in results if result.verdict(run.judge) is not Verdict.MISS}
    return sorted(found) or [""]


def report_document(run: Run, subject_run: SubjectRun, scope: Scope, as_of: str = "") -> ReportDocument:
    """The report on one subject and one scope, with the verdicts that are ``as_of`` a time; empty: that of the run."""
    run, subject_run = public_view_of(run, subject_run)
    versions = [version for version in run.selection.versions if version.scope.uuid == scope.uuid]
    argv = [f"--scs-scope={version.label}" for version in versions]
    if tuple(run.selection.targets) != TARGETS[:1]:
        targets = "all" if set(run.selection.targets) == set(TARGETS) else ",".join(run.selection.targets)
        argv.append(f"--scs-target={targets}")
    if run.judge is not Judge.OFFICIAL:
        argv.append(f"--scs-judge={run.judge}")
    return ReportDocument(
        spec=ScopeReference(scope.uuid, scope.name, scope.url),
        checked_at=_checked_at(run, as_of),
        reference_date=run.selection.date,
        subject=subject_run.subject.report_name,
        run=ReportedRun(
            uuid=str(uuid.uuid4()),
            argv=tuple(argv),
            assignment=assignment(subject_run, scope),
            forced_version=versions[0].name if len(versions) == 1 else None,
            invocations={one.id: one for one in _invocations(run, subject_run, scope, argv, as_of)},
        ),
        debug=_debug(run, subject_run, scope, as_of),
    )


def _checked_at(run: Run, as_of: str) -> dt.datetime:
    """When it was seen; of what was seen before this run, a little later each time that it is judged.

    Of two reports with one time the monitor goes by the first it was sent, so a judgement that came later would never
    count (docs/standards/framework.md#time-of-the-check). UTC without zone: the monitor's column has none, and it drops
    the zone of quoted times.
    """
    seen = dt.datetime.fromisoformat(as_of or run.now).astimezone(dt.UTC)
    if as_of or run.replayed_at:
        judged = dt.datetime.fromisoformat(run.replayed_at or run.now).astimezone(dt.UTC)
        minutes = max(0, (judged - seen) // dt.timedelta(minutes=1))
        seen += dt.timedelta(microseconds=min(1 + minutes, MOST_LATER))
    return seen.replace(tzinfo=None)


def _invocations(run: Run, subject_run: SubjectRun, scope: Scope, argv: list[str], as_of: str) -> Iterable[Invocation]:
    """One invocation per standard with at least one verdict, and one for all that people answered at one time.

    MISS is never written (docs/standards/framework.md#report).
    """
    attested: dict[str, list[tuple[Expected, Result]]] = {}
    for standard, entries in _by_standard(run, subject_run, scope).items():
        judged = [(entry, subject_run.results[entry.id]) for entry in entries]
        judged = [
            (entry, result)
            for entry, result in judged
            if result.verdict(run.judge) is not Verdict.MISS and result.as_of == as_of
        ]
        for entry, result in judged:
            if result.attested:
                attested.setdefault(result.attested, []).append((entry, result))
        judged = [(entry, result) for entry, result in judged if not result.attested]
        if judged:
            # There is a marker of that name only where there is a standard.
            filters = [] if standard == "other" else ["-m", standard.replace("-", "_")]
            yield _invocation(" ".join(["pytest", *argv, *filters]).translate(PLAIN_MARKUP), judged, run)
    for when, answered in sorted(attested.items()):
        # Commands are shown as they are; a line that says it would be dropped from the public page.
        answers = _invocation(f"{SELF_ASSESSMENT} {when.replace('answered on', 'of', 1)}", answered, run)
        # Nothing was executed that could have failed (docs/attestations.md#in-reports).
        yield dataclasses.replace(answers, rc=1 if Verdict.FAIL in answers.results.values() else 0)


def _by_standard(run: Run, subject_run: SubjectRun, scope: Scope) -> dict[str, list[Expected]]:
    """The testcases of one scope by standard, in scope order; a testcase in two scopes is in both documents."""
    groups: dict[str, list[Expected]] = {}
    for entry in run.expected(subject_run):
        if any(member.version.scope.uuid == scope.uuid for member in entry.memberships):
            groups.setdefault(entry.standard, []).append(entry)
    return groups


def _invocation(command: str, judged: list[tuple[Expected, Result]], run: Run) -> Invocation:
    verdicts = {result.testcase: result.verdict(run.judge) for _, result in judged}
    stdout = [f"{testcase}: {verdict}" for testcase, verdict in verdicts.items()]
    stderr = messages([result for _, result in judged], run.judge, run.redact)
    return Invocation(
        id=str(uuid.uuid4()),
        cmd=command,
        results=verdicts,
        rc=_RC.get(combine(verdicts.values()), 6),
        stdout=tuple(stdout),
        stderr=tuple(stderr),
        **count_lines(stdout, stderr),
    )


def _debug(run: Run, subject_run: SubjectRun, scope: Scope, as_of: str) -> ReportDebug:
    """For whoever has to understand the report later; the monitor keeps and ignores it."""
    entries = [entry for group in _by_standard(run, subject_run, scope).values() for entry in group]
    results = [result for entry in entries if (result := subject_run.results[entry.id]).as_of == as_of]
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
        warnings=tuple(
            run.redact(line)
            for line in (*bundled_data.notices(scope, run.selection.date), *about_run(results, public=True))
        ),
        reading={
            **_of_testcases(subject_run.debug, {result.testcase for result in results}),
            "data_as_of": bundled_data.days(),
        },
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
