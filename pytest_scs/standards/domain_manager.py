# SPDX-License-Identifier: Apache-2.0
"""scs-0302: what the manager of a domain may do, and what not (document: scs-0302-v1; the table is spec 21.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from pytest_scs.findings import Finding, Observation, Remark, Undecided

#: What is expected of an attempt. Keystone answers 404 as well as 403 for what is not the caller's (DEV-0302-4).
ALLOWED = "allowed"
REFUSED = "refused (403 or 404)"
INEFFECTIVE = "without effect"

Outcome = Literal["ok", "violated", "undecided"]

#: The role that a manager hands out to its users (DEV-0302-5: the default of the official suite's ``member_role``).
MEMBER = "member"

#: The roles every domain manager may hand out, and the two that no parameter is about: scs-0302-v1 leaves ``manager``
#: to the provider and forbids ``admin``.
ASSIGNABLE = (MEMBER, "load-balancer_member", "reader")
MANAGER = "manager"
ADMIN = "admin"

#: The rows of the table, which are the testcase scs-0302-x-full and the manual check domain-manager-check.
TABLE = (
    *(f"L{number}" for number in range(1, 3)),
    *(f"U{number}" for number in range(1, 13)),
    *(f"P{number}" for number in range(1, 10)),
    *(f"G{number}" for number in range(1, 17)),
)

#: The checks beyond the table by testcase (``scs-0302-x-...``).
BEYOND = {
    "role-exists": ("role-exists",),
    "no-role-admin": ("role-create", "role-rename", "role-delete", "role-imply"),
    "no-escalation": ("assign-user", "assign-self", "assign-implied"),
    "no-system-scope": ("system-token", "system-assign"),
    "domain-immutable": ("domain-rename", "domain-disable", "domain-create", "domain-delete", "domain-data"),
    "foreign-credentials": (
        "application-credentials-list",
        "application-credentials-create",
        "ec2-list",
        "ec2-create",
        "trusts-list",
        "trusts-create",
        "password",
    ),
    "user-can-work": ("work-login", "work-servers"),
}

NOT_GIVEN = (
    "give the managers of two domains with --scs-domain-managers=A,B, two entries of clouds.yaml: users with a "
    "password and the role manager on a domain of their own, and domain_name in their auth section instead of a project"
)

_GENERATOR = "effective rules: oslopolicy-policy-generator --namespace keystone"


def outcome(expected: str, status: int, effective: bool | None) -> Outcome:
    """What an attempt shows (spec 21.3).

    ``status`` is the HTTP status of the answer, 0 if there was none; ``effective``: whether a listing shows the effect
    afterwards, None where nobody could look. What is seen counts more than what was answered, and an answer that fits
    neither way decides nothing.
    """
    accepted, refused = 200 <= status < 300, status in (403, 404)
    if expected == ALLOWED:
        if effective:
            # Done in spite of a refusal: that was the answer to a repeated request.
            return "ok" if accepted or not status else "undecided"
        # Accepted, but nobody could look; or neither done nor refused.
        return "violated" if refused or (accepted and effective is False) else "undecided"
    if effective or (accepted and expected == REFUSED):
        return "violated"
    if effective is None and not refused:
        return "undecided"
    return "ok" if refused or accepted else "undecided"


def check_table(seen: Mapping[str, Any]) -> Iterator[Observation]:
    """All rows of the table are as expected (scs-0302-v1; spec 21.3, with the fixes of 21.4).

    ``seen`` as the probe recorded it: ``given``, ``rows``.
    """
    yield from _check(seen, TABLE)


def check_beyond(seen: Mapping[str, Any], testcase: str) -> Iterator[Observation]:
    """The checks of one testcase beyond the table; ``testcase`` is a key of BEYOND (scs-0302-v1; spec 21.5)."""
    yield from _check(seen, BEYOND[testcase])
    if testcase == "domain-immutable" and (foreign := seen.get("foreign_domains")):
        yield Remark(
            f"a manager sees the names of {foreign} other domain{'s' if foreign > 1 else ''}; "
            "the policy before Keystone 2024.2 permits that (scs-0302-w1)",
            "domain manager A",
        )


def rows(seen: Mapping[str, Any], names: Sequence[str]) -> list[Mapping[str, Any]]:
    """The recorded attempts of these rows."""
    return [entry for entry in seen["rows"] if entry["row"] in names]


def _check(seen: Mapping[str, Any], names: Sequence[str]) -> Iterator[Observation]:
    if not seen["given"]:
        yield Undecided("domain managers", NOT_GIVEN)
        return
    tried = rows(seen, names)
    known = {entry["row"] for entry in tried}
    for name in names:
        if name not in known:
            yield Undecided(name, "it was not tried")
    for entry in tried:
        what = f"{entry['row']}: {entry['action']} ({entry['object']})"
        if entry["outcome"] == "violated":
            yield Finding(
                resource=f"domain manager {entry['actor']}",
                rule=what,
                expected=str(entry["expected"]),
                observed=str(entry["observed"]),
                hint=_hint(entry),
            )
        elif entry["outcome"] == "untried":
            yield Remark(f"{what} was not tried: {entry['reason']}; see to it that {entry['policy']} is forbidden")
        elif entry["outcome"] != "ok":
            yield Undecided(f"domain manager {entry['actor']}", f"{what}: {entry['reason'] or entry['observed']}")


def _hint(entry: Mapping[str, Any]) -> str:
    policy = entry["policy"]
    if entry["row"] == "role-exists":
        return "openstack role create manager, and a policy for it (scs-0302-w1; native since Keystone 2024.2)"
    if entry["row"] in BEYOND["user-can-work"]:
        return "let the role member be enough for it: see the policy of the service that refused"
    if entry["expected"] == ALLOWED:
        return f"permit {policy} to the role manager within its domain in Keystone's policy (scs-0302-w1; {_GENERATOR})"
    if entry["row"] in BEYOND["no-escalation"] or entry["row"] == "G10":
        return (
            "take the role out of the rule is_domain_managed_role in Keystone's policy; a role other than admin that "
            "managers are meant to hand out is named with --scs-managed-roles"
        )
    if entry["row"] in (*TABLE, "domain-data", "password"):
        return f"restrict {policy} to the manager's own domain in Keystone's policy (scs-0302-w1; {_GENERATOR})"
    return f"do not permit {policy} to the role manager in Keystone's policy (scs-0302-w1; {_GENERATOR})"
