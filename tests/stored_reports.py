# SPDX-License-Identifier: Apache-2.0
"""Report documents for tests of what becomes of them, without a run."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

from pytest_scs.core.scope import OFFICIAL
from pytest_scs.core.verdict import Verdict
from pytest_scs.pipeline.report_store import StoredReport
from pytest_scs.reports.scs.model import Invocation, ReportDocument, ReportedRun, ScopeReference
from pytest_scs.reports.scs.writer import render

IAAS, KAAS = OFFICIAL

#: A Friday, and a time a few days later at which all that was checked then still counts.
CHECKED = dt.datetime(2026, 11, 20, 20, 0)
NOW = dt.datetime(2026, 11, 23, 12, 0)


def stored(
    results: Mapping[str, str],
    subject: str = "prod1",
    checked_at: dt.datetime = CHECKED,
    *,
    scope: str = IAAS,
    lines: Sequence[str] = (),
    identity: str = "",
    command: str = "pytest --scs-scope=iaas",
    name: str = "SCS-compatible IaaS",
) -> StoredReport:
    """A report; ``results``: testcase -> verdict, ``lines`` are those of stderr."""
    verdicts = {testcase: Verdict(verdict) for testcase, verdict in results.items()}
    identity = identity or str(uuid.uuid5(uuid.NAMESPACE_URL, f"{subject} {checked_at} {scope} {results} {lines}"))
    invocation = Invocation("a", command, verdicts, 0, (), tuple(lines))
    document = ReportDocument(
        ScopeReference(scope, name), checked_at, subject, ReportedRun(identity, invocations={"a": invocation})
    )
    return StoredReport(Path(f"{identity}.yaml"), document)


def written(folder: Path, *reports: StoredReport) -> list[Path]:
    """The files of some reports below a folder."""
    paths = []
    folder.mkdir(parents=True, exist_ok=True)
    for report in reports:
        path = folder / report.path.name
        path.write_text(render([report.document]), "utf-8")
        paths.append(path)
    return paths
