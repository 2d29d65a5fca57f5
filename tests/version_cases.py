# SPDX-License-Identifier: Apache-2.0
"""Small sets of version data, and what two judges make of a version by them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pytest_scs.core.findings import Finding, Observation, Remark, Undecided
from pytest_scs.core.judge import Judge
from pytest_scs.standards.kaas.version_data import VersionData, from_plain

#: 1.35 with four patches and a CVE that 1.35.2 fixes; 1.34 ended, 1.36 young; a table of the official suite.
PLAIN: Mapping[str, Any] = {
    "schema": 1,
    "generated_at": "2026-06-10T00:00:00Z",
    "sources": {},
    "branches": [
        {"branch": "1.33", "released": "2025-04-23", "maintenance": "2026-02-28", "eol": "2026-05-12"},
        {"branch": "1.34", "released": "2025-08-27", "maintenance": "2026-08-27", "eol": "2026-10-27"},
        {"branch": "1.35", "released": "2025-12-17", "maintenance": "2026-12-28", "eol": "2027-02-28"},
        {"branch": "1.36", "released": "2026-04-22", "eol": "2027-06-28"},
    ],
    "releases": [
        {"version": "1.33.0", "published_at": "2025-04-23T18:00:00Z", "exact": True},
        {"version": "1.34.0", "published_at": "2025-08-27T18:00:00Z", "exact": True},
        {"version": "1.35.0", "published_at": "2025-12-17T18:00:00Z", "exact": True},
        {"version": "1.35.1", "published_at": "2026-05-01T12:00:00Z", "exact": True},
        {"version": "1.36.0", "published_at": "2026-04-22T18:00:00Z", "exact": True},
    ],
    "official_eol": {
        "copied_at": "2026-06-01",
        "branches": {"1.36": "2027-06-28", "1.35": "2027-02-28", "1.34": "2026-10-27", "1.33": "2026-04-28"},
    },
    "cves": [],
}


def at(text: str) -> dt.datetime:
    """An instant in UTC."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def version_data(**changes: Any) -> VersionData:
    """The small set, with other content under the keys given."""
    return from_plain({**PLAIN, **changes})


class Seen:
    """What a check yielded, sorted by kind, and both verdicts."""

    def __init__(self, observations: Iterable[Observation]) -> None:
        self.all: Sequence[Observation] = [*observations]
        self.findings = [one for one in self.all if isinstance(one, Finding)]
        self.undecided = [one for one in self.all if isinstance(one, Undecided)]
        self.warnings = [one.text for one in self.all if isinstance(one, Remark) and one.public]
        self.rows = {one.deviation for one in self.all if isinstance(one, Finding | Remark) and one.deviation}

    def verdict(self, judge: Judge) -> str:
        """As the collector decides."""
        if any(one.basis.concerns(judge) for one in self.findings):
            return "FAIL"
        return "ABORT" if any(one.basis.concerns(judge) for one in self.undecided) else "PASS"

    @property
    def verdicts(self) -> tuple[str, str]:
        """By the official suite, and by the text."""
        return self.verdict(Judge.OFFICIAL), self.verdict(Judge.TEXT)
