# SPDX-License-Identifier: Apache-2.0
"""The files of results that programs and administrators read, by the name of their option.

Another one is one more entry of `FILES`, and one more option in run/options.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from pytest_scs.core.results import Run, RunOutcome
from pytest_scs.reports.machines import csv_report, json_report, metrics, sarif
from pytest_scs.reports.remediation import script

#: Name of the option -> how the terminal calls the file, and what makes its text of a run.
FILES: Final[Mapping[str, tuple[str, Callable[[Run, RunOutcome], str]]]] = {
    "json": ("JSON report", json_report.render),
    "csv": ("findings as CSV", csv_report.render),
    "sarif": ("findings as SARIF", sarif.render),
    "metrics": ("metrics for Prometheus", metrics.render),
    "remediation": ("remediation script", script.render),
}
