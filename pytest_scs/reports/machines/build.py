# SPDX-License-Identifier: Apache-2.0
"""From a run to the report that programs read. Its texts are masked already, value by value."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator
from importlib import metadata
from typing import Any

import pytest_scs
from pytest_scs.base.language import ENGLISH
from pytest_scs.core.findings import Finding
from pytest_scs.core.judge import Judge
from pytest_scs.core.results import Result, Run, RunOutcome, SubjectRun, about_run, causes
from pytest_scs.core.selection import ChosenVersion, Expected
from pytest_scs.core.verdict import MONITOR_ORDER, Verdict, combine
from pytest_scs.reports.machines import model
from pytest_scs.reports.readiness import needed_of_run
from pytest_scs.reports.terminal import remark
from pytest_scs.standards import bundled_data

# What may change how a subject is read or shown.
_PACKAGES = (
    "pytest",
    "pytest-xdist",
    "pytest-html",
    "openstacksdk",
    "keystoneauth1",
    "kubernetes",
    "sslyze",
    "tempest",
)


def machine_report(run: Run, outcome: RunOutcome) -> model.MachineReport:
    """The whole report, in English as all that programs read; ``outcome`` says what went wrong beside the verdicts."""
    run = dataclasses.replace(run, language=ENGLISH)
    return model.MachineReport(
        format=model.FORMAT,
        tool=model.ToolEntry("pytest-scs", pytest_scs.__version__),
        packages=dict(_packages()),
        data_as_of=bundled_data.days(),
        run=_run(run, outcome),
        subjects=tuple(_subject(run, subject_run) for subject_run in run.subject_runs),
    )


def _packages() -> Iterator[tuple[str, str]]:
    for name in _PACKAGES:
        try:
            yield name, metadata.version(name)
        except metadata.PackageNotFoundError:
            continue


def _run(run: Run, outcome: RunOutcome) -> model.RunEntry:
    decisive = [entry for entry in run.expected() if entry.decisive]
    return model.RunEntry(
        judged_at=run.now,
        reference_date=run.selection.date.isoformat(),
        judge=run.judge,
        targets=tuple(run.selection.targets),
        verdict=combine(verdict for one in run.subject_runs for verdict in run.verdicts(one, decisive)),
        chosen=len(run.chosen),
        expected=len(run.selection.expected),
        partial=run.partial,
        interrupted=run.interrupted,
        problems=tuple(outcome.problems),
        left_incomplete=tuple(outcome.incomplete),
    )


def _subject(run: Run, subject_run: SubjectRun) -> model.SubjectEntry:
    results = [subject_run.results[entry.id] for entry in run.expected(subject_run)]
    requests = subject_run.debug.get("requests_by_testcase", {})
    return model.SubjectEntry(
        platform=subject_run.subject.platform,
        name=subject_run.subject.name,
        report_name=subject_run.subject.report_name,
        versions=tuple(_versions(run, subject_run)),
        causes=tuple(
            model.CommonCauseEntry(verdict, cause.kind, cause.text, tuple(ids))
            for verdict in (Verdict.ABORT, Verdict.MISS)
            for cause, ids in causes((one for one in results if one.verdict(run.judge) is verdict), verdict).items()
        ),
        warnings=(
            *(line for scope in run.scopes_of(subject_run) for line in bundled_data.notices(scope, run.selection.date)),
            *about_run(results),
        ),
        reading=_reading(subject_run.debug),
        results=tuple(
            _result(run, entry, subject_run.results[entry.id], requests.get(entry.id))
            for _, _, entries in run.selection.groups()
            for entry in entries
            if run.concerns(subject_run, entry)
        ),
    )


def _reading(debug: dict[str, Any]) -> model.ReadingEntry:
    return model.ReadingEntry(
        read_at=debug.get("evidence_read_at") or "",
        seconds=debug.get("seconds_reading"),
        requests=debug.get("requests", {}),
        requests_total=debug.get("requests_total", 0),
        probe_seconds=debug.get("seconds_probing", {}),
    )


def _versions(run: Run, subject_run: SubjectRun) -> Iterator[model.VersionEntry]:
    for version in run.selection.versions:
        for target in run.selection.targets:
            if entries := run.members(version, target, subject_run):
                yield _version(run, subject_run, version, target, entries)


def _version(
    run: Run, subject_run: SubjectRun, version: ChosenVersion, target: str, entries: list[Expected]
) -> model.VersionEntry:
    verdicts = run.verdicts(subject_run, entries)
    numbers = Counter(verdicts)
    verdict = combine(verdicts)
    complete = run.covers(version, target, subject_run.subject)
    asked = complete and target == "main" and version.certifiable
    return model.VersionEntry(
        scope=version.scope.name,
        scope_uuid=version.scope.uuid,
        official=version.scope.official,
        version=version.name,
        label=version.label,
        title=version.title,
        code=version.code,
        target=target,
        decisive=version.decisive and target == "main",
        complete=complete,
        verdict=verdict,
        by={judge: combine(run.verdicts(subject_run, entries, judge)) for judge in Judge},
        counts={name: numbers[name] for name in MONITOR_ORDER},
        ready_to_certify=verdict is Verdict.PASS if asked else None,
        remark=remark(run, version, target, verdict, subject_run),
        needed=tuple(
            model.NeededEntry(one.standard, one.testcase, one.state)
            for one in (needed_of_run(version, subject_run) if asked else ())
        ),
        testcases=tuple(entry.id for entry in entries),
    )


def _result(run: Run, entry: Expected, result: Result, requests: int | None) -> model.ResultEntry:
    verdict = result.verdict(run.judge)
    undecided = verdict in (Verdict.ABORT, Verdict.MISS) and result.cause is not None
    return model.ResultEntry(
        testcase=entry.id,
        standard=entry.standard,
        standard_name=entry.standard_name,
        description=entry.testcase.description,
        url=entry.testcase.url,
        decisive=entry.decisive,
        manual=entry.testcase.manual,
        memberships=tuple(
            model.MembershipEntry(member.version.label, member.target, member.module.id) for member in entry.memberships
        ),
        verdict=verdict,
        official=result.official,
        text=result.text,
        cause=model.CauseEntry(result.cause.kind, result.cause.text) if undecided and result.cause else None,
        findings=tuple(_finding(run, one) for one in sorted(result.findings, key=_in_order)),
        waived=tuple(
            model.WaiverEntry(one.expires, one.reason, one.owner, one.ticket, one.approved_by) for one in result.waived
        ),
        undecided=tuple(
            model.UndecidedEntry(one.resource, one.resource_id, one.reason, one.kind, one.basis)
            for one in result.undecided
        ),
        warnings=tuple(result.warnings(run.judge)),
        examined=dict(result.evidence),
        requests=requests,
        duration_seconds=result.duration,
        attested=result.attested,
        as_of=result.as_of,
        details=result.details,
    )


def _in_order(finding: Finding) -> tuple[str, str, str]:
    return finding.resource, finding.resource_id, finding.title or finding.rule


def _finding(run: Run, finding: Finding) -> model.FindingEntry:
    return model.FindingEntry(
        rule=finding.rule,
        title=finding.title,
        resource=finding.resource,
        resource_id=finding.resource_id,
        expected=finding.expected,
        observed=finding.observed,
        hint=finding.hint,
        basis=finding.basis,
        deviation=finding.deviation,
        counts=finding.basis.concerns(run.judge),
    )
