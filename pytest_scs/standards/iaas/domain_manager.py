# SPDX-License-Identifier: Apache-2.0
"""scs-0302: what the manager of a domain may do, and what not (docs/standards/scs-0302.md#table)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from pytest_scs.base.fields import Fields
from pytest_scs.core.cause import CauseKind
from pytest_scs.core.findings import Finding, Observation, Remark, Undecided

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

#: Row of the table -> its rule. The table is the testcase scs-0302-x-full and the manual check domain-manager-check.
TABLE_RULES = {
    "L1": "scs-0302/l1_log_in",
    "L2": "scs-0302/l2_find_own_domain",
    "U1": "scs-0302/u1_create_user",
    "U2": "scs-0302/u2_find_user",
    "U3": "scs-0302/u3_change_user",
    "U4": "scs-0302/u4_list_own_users_only",
    "U5": "scs-0302/u5_assign_role_to_user",
    "U6": "scs-0302/u6_delete_user",
    "U7": "scs-0302/u7_create_user_without_domain",
    "U8": "scs-0302/u8_create_foreign_user",
    "U9": "scs-0302/u9_look_up_foreign_user",
    "U10": "scs-0302/u10_change_foreign_user",
    "U11": "scs-0302/u11_assign_role_on_foreign_domain",
    "U12": "scs-0302/u12_revoke_role_on_foreign_domain",
    "P1": "scs-0302/p1_create_find_change_project",
    "P2": "scs-0302/p2_assign_role_on_project",
    "P3": "scs-0302/p3_delete_project",
    "P4": "scs-0302/p4_create_foreign_project",
    "P5": "scs-0302/p5_look_up_foreign_project",
    "P6": "scs-0302/p6_change_foreign_project",
    "P7": "scs-0302/p7_assign_role_on_foreign_project",
    "P8": "scs-0302/p8_revoke_role_on_foreign_project",
    "P9": "scs-0302/p9_list_projects_of_foreign_user",
    "G1": "scs-0302/g1_create_foreign_group",
    "G2": "scs-0302/g2_create_group",
    "G3": "scs-0302/g3_list_no_foreign_groups",
    "G4": "scs-0302/g4_change_foreign_group",
    "G5": "scs-0302/g5_ask_for_member",
    "G6": "scs-0302/g6_ask_for_foreign_member",
    "G7": "scs-0302/g7_add_member",
    "G8": "scs-0302/g8_add_foreign_member",
    "G9": "scs-0302/g9_list_members",
    "G10": "scs-0302/g10_assign_admin_to_group",
    "G11": "scs-0302/g11_assign_role_to_group",
    "G12": "scs-0302/g12_revoke_role_of_foreign_group",
    "G13": "scs-0302/g13_revoke_role_of_group",
    "G14": "scs-0302/g14_use_foreign_group",
    "G15": "scs-0302/g15_assign_role_to_foreign_group",
    "G16": "scs-0302/g16_delete_group",
}
TABLE = tuple(TABLE_RULES)

#: Row beyond the table -> its rule.
BEYOND_RULES = {
    "role-exists": "scs-0302/role_exists",
    "role-create": "scs-0302/role_create",
    "role-rename": "scs-0302/role_rename",
    "role-delete": "scs-0302/role_delete",
    "role-imply": "scs-0302/role_imply",
    "assign-user": "scs-0302/assign_user",
    "assign-self": "scs-0302/assign_self",
    "assign-implied": "scs-0302/assign_implied",
    "system-token": "scs-0302/system_token",
    "system-assign": "scs-0302/system_assign",
    "domain-rename": "scs-0302/domain_rename",
    "domain-disable": "scs-0302/domain_disable",
    "domain-create": "scs-0302/domain_create",
    "domain-delete": "scs-0302/domain_delete",
    "domain-data": "scs-0302/domain_data",
    "application-credentials-list": "scs-0302/application_credentials_list",
    "application-credentials-create": "scs-0302/application_credentials_create",
    "ec2-list": "scs-0302/ec2_list",
    "ec2-create": "scs-0302/ec2_create",
    "trusts-list": "scs-0302/trusts_list",
    "trusts-create": "scs-0302/trusts_create",
    "password": "scs-0302/password",
    "work-login": "scs-0302/work_login",
    "work-servers": "scs-0302/work_servers",
}

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

RULES = TABLE_RULES | BEYOND_RULES

NOT_GIVEN = (
    "give the managers of two domains with --scs-domain-managers=A,B, two entries of clouds.yaml: users with a "
    "password and the role manager on a domain of their own, and domain_name in their auth section instead of a project"
)

_GENERATOR = "effective rules: oslopolicy-policy-generator --namespace keystone"


@dataclasses.dataclass(frozen=True, slots=True)
class TriedRow:
    """What came of one attempt.

    ``row`` is its name in the table, which several attempts may share, ``block`` its part of the table, or the
    testcase. ``actor`` is the manager A or B, ``object`` what the attempt was about, ``policy`` the rule that is about
    it. ``outcome`` is as :func:`outcome` has it, or ``untried``; where nothing can be told, ``reason`` says why.
    """

    row: str
    block: str
    actor: str
    action: str
    object: str
    policy: str
    expected: str
    observed: str
    outcome: str
    reason: str = ""

    @classmethod
    def read(cls, fields: Fields) -> TriedRow:
        """What was recorded; raises ValueError for another shape."""
        return cls(**{field.name: fields.text(field.name) for field in dataclasses.fields(cls)})

    def __str__(self) -> str:
        return f"{self.row}: {self.action} ({self.object})"


@dataclasses.dataclass(frozen=True, slots=True)
class DomainManagers:
    """The section ``domain_manager``: what the managers of two domains could do.

    ``given``: the user named managers. ``foreign_domains`` is how many other domains manager A can see.
    """

    given: bool
    rows: tuple[TriedRow, ...] = ()
    foreign_domains: int = 0

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> DomainManagers:
        """What was recorded; raises ValueError for another shape."""
        read = Fields("domain_manager", data)
        rows = tuple(TriedRow.read(row) for row in read.each("rows"))
        return cls(read.truth("given"), rows, read.whole("foreign_domains", 0))


def outcome(expected: str, status: int, effective: bool | None) -> Outcome:
    """What an attempt shows (docs/standards/scs-0302.md#what-an-attempt-shows).

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


def check_table(seen: DomainManagers) -> Iterator[Observation]:
    """All rows of the table are as expected (scs-0302-v1; docs/standards/scs-0302.md#table)."""
    yield from _check(seen, TABLE)


def check_beyond(seen: DomainManagers, testcase: str) -> Iterator[Observation]:
    """The checks of one testcase beyond the table; ``testcase`` is a key of BEYOND.

    See docs/standards/scs-0302.md#beyond-the-table.
    """
    yield from _check(seen, BEYOND[testcase])
    if testcase == "domain-immutable" and (foreign := seen.foreign_domains):
        yield Remark(
            f"a manager sees the names of {foreign} other domain{'s' if foreign > 1 else ''}; "
            "the policy before Keystone 2024.2 permits that (scs-0302-w1)",
            "domain manager A",
        )


def rows(seen: DomainManagers, names: Sequence[str]) -> list[TriedRow]:
    """The recorded attempts of these rows."""
    return [tried for tried in seen.rows if tried.row in names]


def _check(seen: DomainManagers, names: Sequence[str]) -> Iterator[Observation]:
    if not seen.given:
        yield Undecided("domain managers", NOT_GIVEN, kind=CauseKind.NOT_GIVEN)
        return
    found = rows(seen, names)
    known = {tried.row for tried in found}
    for name in names:
        if name not in known:
            yield Undecided(name, "it was not tried")
    for tried in found:
        if tried.outcome == "violated":
            yield Finding(
                resource=f"domain manager {tried.actor}",
                rule=RULES[tried.row],
                title=str(tried),
                expected=tried.expected,
                observed=tried.observed,
                hint=_hint(tried),
            )
        elif tried.outcome == "untried":
            yield Remark(f"{tried} was not tried: {tried.reason}; see to it that {tried.policy} is forbidden")
        elif tried.outcome != "ok":
            yield Undecided(f"domain manager {tried.actor}", f"{tried}: {tried.reason or tried.observed}")


def _hint(tried: TriedRow) -> str:
    policy = tried.policy
    if tried.row == "role-exists":
        return (
            "create the role manager (openstack role create manager), and a policy for it (scs-0302-w1; native since "
            "Keystone 2024.2)"
        )
    if tried.row in BEYOND["user-can-work"]:
        return "let the role member be enough for it: see the policy of the service that refused"
    if tried.expected == ALLOWED:
        return f"permit {policy} to the role manager within its domain in Keystone's policy (scs-0302-w1; {_GENERATOR})"
    if tried.row in BEYOND["no-escalation"] or tried.row == "G10":
        return (
            "take the role out of the rule is_domain_managed_role in Keystone's policy; a role other than admin that "
            "managers are meant to hand out is named with --scs-managed-roles"
        )
    if tried.row in (*TABLE, "domain-data", "password"):
        return f"restrict {policy} to the manager's own domain in Keystone's policy (scs-0302-w1; {_GENERATOR})"
    return f"do not permit {policy} to the role manager in Keystone's policy (scs-0302-w1; {_GENERATOR})"
