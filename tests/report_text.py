# SPDX-License-Identifier: Apache-2.0
"""The report documents of a run, official and unofficial, as one text."""

from __future__ import annotations

from pytest_scs.core.results import Run
from pytest_scs.reports.scs import writer


def render(run: Run) -> str:
    """What the files of a run hold, one document after the other."""
    return writer.render(writer.report_document(run, *which) for which in writer.reported(run))
