# SPDX-License-Identifier: Apache-2.0
"""The page of a dossier that people read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pytest_scs.base.words import shown
from pytest_scs.pipeline.dossier.manifest import Manifest
from pytest_scs.pipeline.report_store import StoredReport
from pytest_scs.reports.scs.model import made_elsewhere

README = "README.txt"

_HOW = """\
Dossier of SCS conformance

Verify it without any network, with pytest-scs installed (pip install pytest-scs):

    scs report verify dossier.zip --signers=ALLOWED_SIGNERS

That compares every file with its SHA-256 in manifest.json, checks who signed each
report, judges the recordings anew, and compares the verdicts. ALLOWED_SIGNERS has a
line for each key: NAME namespaces="report" ssh-ed25519 AAAA... Take the key from
somebody you trust, not from whoever gave you this file. Where there is manifest.json.sig,
the dossier is signed as a whole: nothing was added or left out since. Reports of other
tools come without a recording: who signed them is checked, their verdicts are not.
"""


def readme(manifest: Manifest, reports: Sequence[StoredReport]) -> str:
    """How to verify it, then reports with tools and data, scopes with their versions, and the newest results."""
    sections = [
        _HOW,
        "Reports\n\n" + "".join(_report(report) for report in reports),
        "Scopes\n\n" + "".join(map(_scope, manifest.scopes)),
        "Newest results\n\n" + "".join(map(_row, manifest.results)),
    ]
    return "\n".join(sections)


def _report(report: StoredReport) -> str:
    document, debug = report.document, report.document.debug
    data = debug.reading.get("data_as_of") if debug else None
    days = data if isinstance(data, dict) else {}
    about = (document.uuid, f"{document.checked_at} UTC", document.subject, document.spec.name)
    remark = "; its verdicts are not judged anew" if made_elsewhere(document) else ""
    lines = [
        f"  {'  '.join(map(shown, about))}",
        f"    tool: {shown(document.tool) or 'not said'}{remark}",
        f"    data as of: {', '.join(f'{shown(str(name))} {shown(str(day))}' for name, day in sorted(days.items()))}",
    ]
    return _text(lines if days else lines[:2])


def _scope(scope: dict[str, Any] | Any) -> str:
    lines = [f"  {shown(scope['name'])}  {scope['uuid']}  {scope['file']}"]
    for version in scope["versions"]:
        main = version["testcases"].get("main", [])
        stable = f", stable since {version['stabilized_at']}" if version["stabilized_at"] else ""
        lines.append(f"    {shown(version['version'])}: {len(main)} testcases in target main{stable}")
    for day, codes in scope["timeline"].items():
        lines.append(f"    from {day}: {', '.join(f'{shown(name)} {shown(code)}' for name, code in codes.items())}")
    return _text(lines)


def _row(row: dict[str, Any] | Any) -> str:
    until = f", counts until {row['counts_until']}" if "counts_until" in row else ""
    words = f"{shown(row['subject'])}  {shown(row['testcase'])}  {row['result']}"
    return f"  {words}  checked {row['checked_at']} UTC{until}\n"


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
