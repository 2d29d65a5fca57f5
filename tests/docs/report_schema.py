# SPDX-License-Identifier: Apache-2.0
"""The JSON Schemas in docs/ out of the classes of what is written.

``python tests/docs/report_schema.py`` writes them anew; a test says when that is due.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pytest_scs.pipeline.changes import diff
from pytest_scs.pipeline.scorecard import scorecard_json
from pytest_scs.reports.machines import json_report

DOCS = Path(__file__).resolve().parents[2] / "docs"

#: Where each is published, and what makes it.
SCHEMAS: Mapping[Path, Callable[[], dict[str, Any]]] = {
    DOCS / "report.schema.json": json_report.schema,
    DOCS / "scorecard.schema.json": scorecard_json.schema,
    DOCS / "diff.schema.json": diff.schema,
}


def render(schema: Callable[[], dict[str, Any]]) -> str:
    """The file as it should be."""
    return json.dumps(schema(), indent=2) + "\n"


if __name__ == "__main__":
    for path, made in SCHEMAS.items():
        path.write_text(render(made), "utf-8")
