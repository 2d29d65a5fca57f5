# SPDX-License-Identifier: Apache-2.0
"""Reading report files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pytest_scs.base import yamlfile
from pytest_scs.base.errors import InputError
from pytest_scs.reports.scs import loading
from pytest_scs.reports.scs.model import ReportDocument
from pytest_scs.reports.scs.values import Malformed

#: Larger than any report of ours; the monitor itself takes 32 MB (docs/standards/framework.md#limits).
MAX_BYTES = 32 * 1024 * 1024


def read_reports(path: Path) -> list[ReportDocument]:
    """The reports in a file, YAML or JSON, usually one; raises InputError, which names the file and what is wrong."""
    return reports_in(plain_documents(yamlfile.read_text(path, "report", MAX_BYTES), path), path)


def plain_documents(text: str, path: Path) -> list[Any]:
    """The documents in the text of a file, as the compliance monitor reads them; raises InputError."""
    found = loading.load_quickly(text, is_json=path.suffix.lower() == ".json")
    if problem := found.broken or found.refused_here:
        place, cause = problem
        raise InputError(f"{path}{place.removeprefix('report')}: {cause}")
    return found.documents


def reports_in(documents: list[Any], path: Path) -> list[ReportDocument]:
    """The reports that the documents of a file are; raises InputError."""
    if not documents:
        raise InputError(f"{path}: no SCS report: the file is empty")
    try:
        return [
            ReportDocument.from_plain(document, f"document {number}" if len(documents) > 1 else "report")
            for number, document in enumerate(documents, start=1)
        ]
    except Malformed as error:
        raise InputError(f"{path}: no SCS report: {error}") from None
