# SPDX-License-Identifier: Apache-2.0
"""Whether a cloud may be judged with these credentials at all (docs/standards/framework.md#preflight); pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from pytest_scs.core.cause import Cause, CauseKind

#: Conformance has to be shown without these (docs/standards/framework.md#preflight); compared without regard to case.
ELEVATED = ("admin", "manager")
REQUIRED = "member"

#: Clocks further apart make every date rule a guess.
MAX_SKEW = dt.timedelta(minutes=5)


# What to do about a missing role, by what gave the login its roles once and for all.
_NEW_LOGIN = {
    "": "assign it: openstack role add --user USER --project PROJECT member",
    "application credential": "its roles cannot be changed: a user who has the role makes a new one: openstack "
    "application credential create --role member NAME",
    "trust": "its roles cannot be changed: a user who has the role makes a new one",
    "token": "if the user has it in the project by now, take a new token for it: openstack token issue",
}


def refusal(cloud: str, roles: Sequence[str], skew: dt.timedelta | None, *, fixed: str = "") -> Cause | None:
    """Why the cloud must not be judged with this token, None if it may.

    ``skew``: cloud's clock minus ours, None where the cloud sent no date. ``fixed``: what has given the login its roles
    for ever (``application credential``, ``trust``, ``token``), empty where they are those of the user.
    """
    found = ", ".join(sorted(roles)) or "none"
    lower = {role.lower() for role in roles}
    if elevated := sorted(lower.intersection(ELEVATED)):
        return Cause(
            f"cloud {cloud}: the user has the role {' and '.join(elevated)} (roles found: {found}); conformance must "
            "be shown without elevated rights: use an ordinary user with role member",
            CauseKind.PERMISSION,
        )
    if REQUIRED not in lower:
        who = f"the {fixed}" if fixed else "the user"
        return Cause(
            f"cloud {cloud}: {who} does not have the role member in its project (roles found: {found}); "
            f"{_NEW_LOGIN[fixed]}",
            CauseKind.PERMISSION,
        )
    if skew is not None and abs(skew) > MAX_SKEW:
        minutes = round(abs(skew).total_seconds() / 60)
        ahead = "ahead of" if skew > dt.timedelta() else "behind"
        return Cause(
            f"cloud {cloud}: its clock is {minutes} minutes {ahead} this machine's, so dates cannot be judged; "
            "synchronize both with NTP"
        )
    return None


def region_of(cloud: str, configured: str | None, regions: Sequence[str]) -> tuple[str, str]:
    """The region to judge and, if there is none, why: exactly one region per run."""
    known = sorted(set(regions))
    if configured:
        if known and configured not in known:
            return (
                "",
                f"cloud {cloud}: region {configured!r} of clouds.yaml is not in the catalog; known: {', '.join(known)}",
            )
        return configured, ""
    if len(known) > 1:
        return "", (
            f"cloud {cloud}: the catalog has several regions and clouds.yaml chooses none; "
            f"set region_name to one of {', '.join(known)}"
        )
    return (known[0] if known else ""), ""
