# SPDX-License-Identifier: Apache-2.0
"""Reading report files."""

from __future__ import annotations

from pathlib import Path

from pytest_scs.base import yamlfile
from pytest_scs.base.errors import InputError
from pytest_scs.reports.scs.model import ReportDocument
from pytest_scs.reports.scs.values import Malformed

#: Larger than any report of ours; the monitor itself takes 32 MB (docs/standards/framework.md#limits).
MAX_BYTES = 32 * 1024 * 1024


def read_reports(path: Path) -> list[ReportDocument]:
    """The reports in a file, YAML or JSON, usually one; raises InputError, which names the file and what is wrong."""
    documents = yamlfile.load_documents(yamlfile.read_text(path, "report", MAX_BYTES), str(path))
    try:
        return [
            ReportDocument.from_plain(document, f"document {number}" if len(documents) > 1 else "report")
            for number, document in enumerate(documents, start=1)
        ]
    except Malformed as error:
        raise InputError(f"{path}: no SCS report: {error}") from None
