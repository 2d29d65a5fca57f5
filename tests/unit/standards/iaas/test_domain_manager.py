# SPDX-License-Identifier: Apache-2.0
"""What attempts of domain managers show, and how they are judged."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.core.findings import Finding, Remark, Undecided
from pytest_scs.standards.iaas import domain_manager as standard
from pytest_scs.standards.iaas.domain_manager import (
    ALLOWED,
    BEYOND,
    INEFFECTIVE,
    REFUSED,
    TABLE,
    DomainManagers,
    outcome,
)

STATUSES = st.sampled_from([0, 200, 201, 204, 300, 400, 401, 403, 404, 409, 413, 429, 500, 503])
EFFECTS = st.sampled_from([True, False, None])


@pytest.mark.parametrize(
    ("expected", "status", "effective", "shows"),
    [
        (ALLOWED, 201, True, "ok"),
        (ALLOWED, 201, False, "violated"),
        (ALLOWED, 201, None, "undecided"),
        (ALLOWED, 0, True, "ok"),
        (ALLOWED, 404, True, "undecided"),
        (ALLOWED, 403, False, "violated"),
        (ALLOWED, 404, False, "violated"),
        (ALLOWED, 409, False, "undecided"),
        (REFUSED, 403, False, "ok"),
        (REFUSED, 404, None, "ok"),
        (REFUSED, 403, True, "violated"),
        (REFUSED, 200, False, "violated"),
        (REFUSED, 204, None, "violated"),
        (REFUSED, 400, False, "undecided"),
        (REFUSED, 0, True, "violated"),
        (INEFFECTIVE, 204, False, "ok"),
        (INEFFECTIVE, 204, True, "violated"),
        (INEFFECTIVE, 204, None, "undecided"),
        (INEFFECTIVE, 403, False, "ok"),
        (INEFFECTIVE, 409, False, "undecided"),
    ],
)
def test_what_an_attempt_shows(expected: str, status: int, effective: bool | None, shows: str) -> None:
    assert outcome(expected, status, effective) == shows


@given(status=STATUSES, effective=EFFECTS, expected=st.sampled_from([ALLOWED, REFUSED, INEFFECTIVE]))
def test_outages_and_bad_requests_never_pass_and_never_fail_by_themselves(
    status: int, effective: bool | None, expected: str
) -> None:
    shows = outcome(expected, status, effective)
    if not 200 <= status < 300 and status not in (403, 404) and not effective:
        assert shows == "undecided"


@given(status=STATUSES, expected=st.sampled_from([REFUSED, INEFFECTIVE]))
def test_what_was_seen_to_work_is_a_violation_whatever_was_answered(status: int, expected: str) -> None:
    assert outcome(expected, status, True) == "violated"


@given(status=STATUSES, effective=EFFECTS)
def test_nothing_is_both_allowed_and_refused(status: int, effective: bool | None) -> None:
    assert {outcome(ALLOWED, status, effective), outcome(REFUSED, status, effective)} != {"ok"}


def row(name: str, outcome: str = "ok", **more: str) -> dict[str, str]:
    entry = {
        "row": name,
        "block": "",
        "actor": "A",
        "action": "create a user",
        "object": "foreign domain",
        "reason": "",
    }
    return {
        **entry,
        "policy": "identity:create_user",
        "expected": REFUSED,
        "observed": "201",
        "outcome": outcome,
        **more,
    }


def seen(*changed: dict[str, str], foreign: int = 0, without: tuple[str, ...] = ()) -> DomainManagers:
    names = {entry["row"] for entry in changed}
    every = (*TABLE, *itertools.chain(*BEYOND.values()))
    rows = [row(name) for name in every if name not in names and name not in without]
    return DomainManagers.from_plain({"given": True, "rows": [*rows, *changed], "foreign_domains": foreign})


def test_all_rows_as_expected_yield_nothing() -> None:
    assert list(standard.check_table(seen())) == []
    for testcase in BEYOND:
        assert list(standard.check_beyond(seen(), testcase)) == []


def test_the_table_is_complete() -> None:
    assert [*TABLE[:3], TABLE[-1], len(TABLE)] == ["L1", "L2", "U1", "G16", 2 + 12 + 9 + 16]


def test_a_violation_names_actor_row_status_and_a_remedy() -> None:
    (found,) = standard.check_table(seen(row("U8", "violated")))
    assert isinstance(found, Finding)
    assert str(found) == (
        "domain manager A: U8: create a user (foreign domain): expected refused (403 or 404), found 201"
    )
    assert found.rule == "scs-0302/u8_create_foreign_user"
    assert found.hint.startswith("restrict identity:create_user to the manager's own domain")


def test_every_row_has_a_rule_of_its_own() -> None:
    rows = [*TABLE, *itertools.chain(*BEYOND.values())]
    assert list(standard.RULES) == rows
    assert len(set(standard.RULES.values())) == len(rows) == len(set(rows))
    for row, rule in standard.RULES.items():
        assert rule.startswith(f"scs-0302/{row.lower().replace('-', '_')}")


@pytest.mark.parametrize(
    ("name", "testcase", "more", "hint"),
    [
        ("U1", None, {"expected": ALLOWED}, "permit identity:create_user to the role manager within its domain"),
        ("G10", None, {}, "take the role out of the rule is_domain_managed_role"),
        ("assign-self", "no-escalation", {}, "--scs-managed-roles"),
        ("password", "foreign-credentials", {}, "restrict identity:create_user to the manager's own domain"),
        ("domain-data", "domain-immutable", {}, "restrict identity:create_user to the manager's own domain"),
        ("role-create", "no-role-admin", {}, "do not permit identity:create_user to the role manager"),
        ("system-token", "no-system-scope", {}, "do not permit identity:create_user to the role manager"),
        ("role-exists", "role-exists", {"expected": ALLOWED}, "create the role manager"),
        ("work-servers", "user-can-work", {"expected": ALLOWED}, "let the role member be enough"),
    ],
)
def test_each_kind_of_violation_has_its_remedy(
    name: str, testcase: str | None, more: dict[str, str], hint: str
) -> None:
    data = seen(row(name, "violated", **more))
    (found,) = standard.check_beyond(data, testcase) if testcase else standard.check_table(data)
    assert isinstance(found, Finding)
    assert hint in found.hint


def test_a_violation_concerns_its_own_testcase_only() -> None:
    data = seen(row("ec2-create", "violated"))
    assert [testcase for testcase in BEYOND if list(standard.check_beyond(data, testcase))] == ["foreign-credentials"]
    assert list(standard.check_table(data)) == []


def test_what_is_undecided_or_was_not_tried_is_no_verdict() -> None:
    (found,) = standard.check_table(seen(row("G3", "undecided", reason="Keystone answered 503")))
    assert isinstance(found, Undecided)
    assert "G3: create a user (foreign domain): Keystone answered 503" in str(found)
    (found,) = standard.check_table(seen(without=("P5",)))
    assert isinstance(found, Undecided)
    assert str(found) == "P5: cannot be judged: it was not tried"
    (found,) = standard.check_beyond(seen(row("role-delete", "strange")), "no-role-admin")
    assert isinstance(found, Undecided)


def test_what_would_be_a_risk_is_a_warning() -> None:
    (found,) = standard.check_beyond(seen(row("role-delete", "untried", reason="a risk")), "no-role-admin")
    assert isinstance(found, Remark)
    assert "role-delete" in str(found)
    assert "a risk; see to it that identity:create_user is forbidden" in str(found)


def test_names_of_other_domains_are_a_warning() -> None:
    (found,) = standard.check_beyond(seen(foreign=2), "domain-immutable")
    assert isinstance(found, Remark)
    assert "2 other domains" in str(found)


def test_without_managers_there_is_one_instruction() -> None:
    data = DomainManagers(given=False)
    for found in (standard.check_table(data), *(standard.check_beyond(data, testcase) for testcase in BEYOND)):
        (entry,) = found
        assert isinstance(entry, Undecided)
        assert "--scs-domain-managers=A,B" in entry.reason
