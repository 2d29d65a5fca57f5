# SPDX-License-Identifier: Apache-2.0
"""Since when and until when a version of a scope has the validity that it has on a date."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Final

from pytest_scs.core.scope import CERTIFIABLE, NOT_YET, Scope

#: Who is to be certified for a version that ends within so many days is warned.
ENDS_SOON: Final = 60


@dataclasses.dataclass(frozen=True, slots=True)
class Validity:
    """The validity of a version on a date; ``since`` is None where it was never another, ``until`` where none is known.

    ``until`` is the first day on which it is another one, ``then``. ``certifiable_until`` is the first day on which
    nobody can be certified for the version any more; None where that is not known, or is so already.
    """

    code: str
    since: dt.date | None
    until: dt.date | None
    then: str
    certifiable_until: dt.date | None


def validity_of(scope: Scope, version: str, date: dt.date) -> Validity:
    """What the timeline of a scope says about a version on ``date`` (docs/standards/framework.md#timeline)."""
    stable = scope.versions[version].stabilized_at
    days = sorted({*scope.timeline, *([stable] if stable else ())})
    code = scope.code(version, date)
    since = None
    for day in reversed([day for day in days if day <= date]):
        if scope.code(version, day) != code:
            break
        since = day
    before = code if since in (None, dt.date.min) else scope.code(version, since - dt.timedelta(days=1))
    if before == code or (code == "deprecated" and before == NOT_YET):
        # It was so before the timeline begins, which leaves out what is long past.
        since = None
    later = [(day, scope.code(version, day)) for day in days if day > date]
    until, then = next(((day, other) for day, other in later if other != code), (None, ""))
    ends = next((day for day, other in later if other not in CERTIFIABLE), None)
    return Validity(code, since, until, then, ends if code in CERTIFIABLE else None)


def warnings_about(scope: Scope, version: str, date: dt.date) -> list[str]:
    """What speaks against choosing a version on ``date``, in sentences without its name; empty if nothing does.

    That it expires, that it is no longer in force, or that it ends within :data:`ENDS_SOON` days (scs-0003-v1).
    """
    validity = validity_of(scope, version, date)
    days = (validity.certifiable_until - date).days if validity.certifiable_until else None
    if validity.code == "deprecated":
        others = [name for name in scope.versions if scope.code(name, date) in CERTIFIABLE]
        known = f"; in force: {', '.join(others)}" if others else ""
        return [f"not in force any more: nobody can be certified for it{known}"]
    end = f" on {validity.certifiable_until}, in {days} day{'s' if days != 1 else ''}" if days is not None else ""
    if validity.code == "warn":
        return [f"still in force, but about to expire{end}: plan for the next version"]
    if days is not None and days <= ENDS_SOON:
        return [f"in force, and expires{end}: plan for the next version"]
    return []
