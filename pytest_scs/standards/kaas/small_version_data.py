# SPDX-License-Identifier: Apache-2.0
"""Version data for clusters that are not real: small, complete in itself, and never old (docs/standards/scs-0210.md).

Embedded clusters bring it along, because by the real data they would be outdated some weeks after each release of this
package. Four branches, one of them ended, are there on any day.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from pytest_scs.standards.dates import add_months
from pytest_scs.standards.kaas.cve_ranges import Range
from pytest_scs.standards.kaas.version_data import BranchDates, Cve, OfficialTable, Release, VersionData
from pytest_scs.standards.kaas.versions import Branch, Version

#: What a conformant embedded cluster runs: the newest release of the newest branch.
NEWEST: Final = "v1.36.3"

#: Months from the release of a branch to today, and from today to its end.
_BRANCHES: Final = {(1, 33): (15, -1), (1, 34): (11, 3), (1, 35): (8, 6), (1, 36): (5, 9)}
#: Days since the releases .0, .1, ... of a branch; the first one counts from the beginning of the branch.
_PATCHES: Final = {(1, 33): (120, 60), (1, 34): (90, 60, 40), (1, 35): (120, 90, 60, 10), (1, 36): (120, 80, 40)}
#: In 1.36.0 and 1.36.1; no real CVE.
_CVE: Final = Cve("CVE-2000-0000", 8.8, "3.1", True, (Range(Version(1, 36, 0), fixed=Version(1, 36, 2)),))


def small_version_data(now: dt.datetime) -> VersionData:
    """Such a set for an instant in UTC.

    1.36.3 and 1.35.4 are the newest of their branches. 1.36.2 misses a patch of 40 days, 1.36.1 also the fix of a
    critical CVE; 1.35.3 misses one of 10 days, which is fine; 1.33 has ended.
    """
    today = now.astimezone(dt.UTC).date()
    branches = {
        Branch(*branch): BranchDates(
            Branch(*branch), add_months(today, -began), add_months(today, ends - 2), add_months(today, ends)
        )
        for branch, (began, ends) in _BRANCHES.items()
    }
    releases = [Release(Version(*branch, 0), _noon(dates.released), exact=True) for branch, dates in branches.items()]
    for branch, ages in _PATCHES.items():
        for patch, days in enumerate(ages, 1):
            releases.append(Release(Version(*branch, patch), _noon(today - dt.timedelta(days=days)), exact=True))
    return VersionData(
        generated_at=now.astimezone(dt.UTC).replace(microsecond=0),
        branches=branches,
        releases=tuple(sorted(releases, key=lambda release: release.version)),
        official=OfficialTable(today, {branch: dates.eol for branch, dates in branches.items()}),
        cves=(_CVE,),
        origin="what the embedded cluster brings along",
    )


def _noon(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, 12, tzinfo=dt.UTC)
