# SPDX-License-Identifier: Apache-2.0
"""The JSON report: the typed report as it is, described by docs/report.schema.json."""

from __future__ import annotations

import json
from typing import Any

from pytest_scs.core.results import Run, RunOutcome
from pytest_scs.reports.machines import model
from pytest_scs.reports.machines.build import machine_report
from pytest_scs.reports.machines.schema import schema_of

#: The address under which the schema is published.
SCHEMA_ID = "urn:pytest-scs:report:1"


def render(run: Run, outcome: RunOutcome) -> str:
    """The report of a run as JSON text."""
    report = model.plain(machine_report(run, outcome))
    return json.dumps(report, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema of the report."""
    return schema_of(model.MachineReport, SCHEMA_ID, f"Report of pytest-scs, format {model.FORMAT}")
