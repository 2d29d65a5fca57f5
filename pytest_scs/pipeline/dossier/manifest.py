# SPDX-License-Identifier: Apache-2.0
"""The manifest of a dossier: what each file in it is, its SHA-256, and what the reports say together."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pytest_scs.base.fields import Fields, FormError
from pytest_scs.base.words import shown
from pytest_scs.core.scope import Scope
from pytest_scs.pipeline.due import valid_until
from pytest_scs.pipeline.merging import newest_results
from pytest_scs.pipeline.report_store import StoredReport

FORMAT = "pytest-scs dossier"
VERSION = 1


@dataclasses.dataclass(frozen=True, slots=True)
class ReportEntry:
    """A report in a dossier, and what belongs to it, by the names of members; empty where there is none.

    ``sent``: when the compliance monitor got it, which decides between reports of one time.
    """

    file: str
    signature: str = ""
    evidence: str = ""
    attestations: str = ""
    sent: str = ""

    @classmethod
    def from_fields(cls, fields: Fields) -> ReportEntry:
        """Raises FormError."""
        others = ("signature", "evidence", "attestations", "sent")
        return cls(fields.name("file"), *(fields.text(name, "") for name in others))


@dataclasses.dataclass(frozen=True, slots=True)
class Manifest:
    """What a dossier says of itself. ``files``: name -> SHA-256; ``results`` as :func:`table` makes it.

    ``signed_at``: when it was signed as a whole, in UTC without zone; None where it was not.
    """

    made_by: str
    files: Mapping[str, str]
    reports: Sequence[ReportEntry]
    results: Sequence[Mapping[str, Any]]
    scopes: Sequence[Mapping[str, Any]] = ()
    signed_at: dt.datetime | None = None

    @property
    def summary(self) -> str:
        """How much it is: ``2 reports, 91 newest results``."""
        return f"{_so_many(len(self.reports), 'report')}, {_so_many(len(self.results), 'newest result')}"

    def text(self) -> str:
        """As JSON."""
        plain = {
            "format": FORMAT,
            "version": VERSION,
            "made_by": self.made_by,
            "files": dict(self.files),
            "reports": [dataclasses.asdict(entry) for entry in self.reports],
            "results": list(self.results),
            "scopes": list(self.scopes),
            **({"signed_at": self.signed_at.isoformat()} if self.signed_at else {}),
        }
        return json.dumps(plain, indent=1, ensure_ascii=False, sort_keys=True) + "\n"

    @classmethod
    def from_plain(cls, plain: object) -> Manifest:
        """Raises FormError."""
        top = Fields("manifest", plain)
        if top.text("format", "") != FORMAT:
            raise FormError(f"manifest.format: expected {FORMAT!r}")
        if top.whole("version") != VERSION:
            raise FormError(
                f"manifest.version: expected {VERSION}, got {top.whole('version')}; take a newer pytest-scs"
            )
        files = top.fields("files")
        return cls(
            top.text("made_by"),
            {name: files.text(name) for name in files.names()},
            [ReportEntry.from_fields(one) for one in top.each("reports")],
            [one.content for one in top.each("results")],
            [one.content for one in top.each("scopes")],
            _moment(top),
        )


def _moment(top: Fields) -> dt.datetime | None:
    text = top.text("signed_at", "")
    try:
        moment = dt.datetime.fromisoformat(text) if text else None
    except ValueError:
        raise FormError(f"manifest.signed_at: expected a time in UTC, got {shown(text)!r}") from None
    if moment and moment.tzinfo:
        raise FormError("manifest.signed_at: expected a time in UTC without zone")
    return moment


def table(reports: Iterable[StoredReport], scopes: Mapping[str, Scope]) -> list[dict[str, Any]]:
    """The newest result of each subject, scope and testcase; with the day until which it counts, if the scope is known.

    ``scopes`` by UUID.
    """
    rows = []
    for (subject, uuid), results in sorted(newest_results(reports).items()):
        declared = scopes[uuid].testcases if uuid in scopes else {}
        for testcase, known in sorted(results.items()):
            row = {
                "subject": subject,
                "scope": uuid,
                "testcase": testcase,
                "result": str(known.verdict),
                "checked_at": known.checked_at.isoformat(" "),
                "report": known.report,
            }
            if testcase in declared:
                row["counts_until"] = valid_until(declared[testcase], known).date().isoformat()
            rows.append(row)
    return rows


def scope_table(scope: Scope, file: str) -> dict[str, Any]:
    """The versions of a scope with their testcases, and from when on they count as what (the timeline)."""
    return {
        "uuid": scope.uuid,
        "name": scope.name,
        "url": scope.url,
        "file": file,
        "versions": [
            {
                "version": version.name,
                "stabilized_at": version.stabilized_at.isoformat() if version.stabilized_at else None,
                "testcases": version.targets(),
            }
            for version in scope.versions.values()
        ],
        "timeline": {day.isoformat(): dict(codes) for day, codes in sorted(scope.timeline.items())},
    }


def _so_many(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
