# SPDX-License-Identifier: Apache-2.0
"""The testcases of scs-0302, on demo clouds whose managers may what they should, more, or less."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_scs.demo.openstack import directory
from pytest_scs.demo.openstack.state import CloudState, Fault
from pytest_scs.platforms.openstack import removal

FULL, EXISTS = "scs-0302-x-full", "scs-0302-x-role-exists"
ROLES, ESCALATION = "scs-0302-x-no-role-admin", "scs-0302-x-no-escalation"
SYSTEM, DOMAINS = "scs-0302-x-no-system-scope", "scs-0302-x-domain-immutable"
CREDENTIALS, WORK = "scs-0302-x-foreign-credentials", "scs-0302-x-user-can-work"
ALL = {FULL, EXISTS, ROLES, ESCALATION, SYSTEM, DOMAINS, CREDENTIALS, WORK}

MANAGERS = "--scs-domain-managers=testcloud:manager-a,testcloud:manager-b"
SELECTION = ("-m", "scs_0302")

Judged = Callable[..., Any]


@pytest.fixture(autouse=True)
def _surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(removal, "ACCEPTANCE", 1)
    monkeypatch.setattr(removal, "DELETION", 1)
    monkeypatch.setattr(removal, "LEAST", 0)


@pytest.fixture
def judged(judge: Any) -> Judged:
    def run(state: CloudState, *args: str) -> Any:
        return judge(state, *SELECTION, MANAGERS, *args, scope="beyond-v1")

    return run


@pytest.fixture
def before(state: CloudState) -> dict[str, set[Any]]:
    return state.directory.snapshot()


def test_managers_as_they_should_be_pass(judged: Judged, state: CloudState, before: Any) -> None:
    run = judged(state)
    assert run.ret == 0
    assert run.verdicts == dict.fromkeys(ALL, "PASS")
    assert any("delete a role" in line and "was not tried" in line for line in run.remarks(ROLES))
    assert any("sees the names of 1 other domain;" in line for line in run.remarks(DOMAINS))
    assert state.directory.snapshot() == before


def test_leaky_policies_fail_and_say_which_rows(judged: Judged, state: CloudState, before: Any) -> None:
    state.directory.leaks = {"update_user", "create_group", "create_role", "delete_role", "system", "update_domain"}
    state.directory.leaks |= {"ec2_create_credential"}
    state.directory.managed_roles |= {"admin"}
    state.faults.append(Fault("GET", "/compute/v2.1/servers", status=403))
    run = judged(state)
    assert run.failed == ALL - {EXISTS}
    assert run.verdicts[EXISTS] == "PASS"
    found = {(entry.rule.partition(":")[0], entry.found) for entry in run.violations(FULL)}
    assert found == {
        ("U10", "200, and it is in effect"),
        ("G1", "201, and it was there"),
        ("G10", "204, and it is in effect"),
    }
    (mail,) = (entry for entry in run.violations(FULL) if entry.rule.startswith("U10"))
    assert mail.resource == "domain manager A"
    assert mail.rule == "U10: change a user's e-mail (foreign user)"
    assert mail.expected == "refused (403 or 404)"
    assert mail.hint.startswith("restrict identity:update_user to the manager's own domain in Keystone's policy")
    assert {entry.rule.partition(":")[0] for entry in run.violations(ROLES)} == {"role-create", "role-delete"}
    assert {entry.rule for entry in run.violations(ESCALATION)} == {
        "assign-user: assign the role admin (own user, own project)",
        "assign-user: assign the role admin (own user, own domain)",
    }
    assert [entry.rule.partition(":")[0] for entry in run.violations(SYSTEM)] == ["system-token"]
    assert {entry.rule.partition(":")[0] for entry in run.violations(DOMAINS)} == {"domain-rename", "domain-disable"}
    assert {entry.rule.partition(":")[0] for entry in run.violations(CREDENTIALS)} == {"ec2-create", "password"}
    (servers,) = run.violations(WORK)
    assert (servers.rule.partition(":")[0], servers.found) == ("work-servers", "403")
    assert state.directory.snapshot() == before


def test_cloud_without_the_role_manager_fails_that_testcase_only(judged: Judged, state: CloudState) -> None:
    kept = state.directory
    kept.manager_role = "domain-manager"
    kept.roles = [role for role in kept.roles if role["name"] != "manager"]
    kept.assignments = {one._replace(role=directory.role_id("domain-manager")) for one in kept.assignments}
    kept.roles.append({"id": directory.role_id("domain-manager"), "name": "domain-manager", "domain_id": None})
    run = judged(state)
    assert run.failed == {EXISTS}
    assert {testcase for testcase, verdict in run.verdicts.items() if verdict == "ABORT"} == ALL - {EXISTS}
    (found,) = run.violations(EXISTS)
    assert found.found == "not in the list of roles"
    assert found.hint.startswith("create the role manager (openstack role create manager)")


def test_without_managers_nothing_is_decided_and_the_way_is_shown(judge: Any, state: CloudState) -> None:
    run = judge(state, *SELECTION, scope="beyond-v1")
    assert run.verdicts == dict.fromkeys(ALL, "ABORT")
    for testcase in ALL:
        (cause,) = run.causes(testcase)
        assert "give the managers of two domains with --scs-domain-managers=A,B, two entries of clouds.yaml" in cause
    assert not any("/v3/users" in one.path for one in state.requests)


def test_manager_that_cannot_log_in_decides_nothing(judged: Judged, state: CloudState) -> None:
    state.directory.denied = set()
    state.faults.append(Fault("POST", "/auth/tokens", status=503))
    assert judged(state).verdicts == dict.fromkeys(ALL, "ABORT")


def test_keystone_that_stumbles_leaves_undecided_what_it_concerns(judged: Judged, state: CloudState) -> None:
    state.faults += [Fault("PUT", "/groups/", status=500), Fault("GET", "/compute/v2.1/servers", status=503)]
    run = judged(state)
    assert run.failed == set()
    assert {testcase for testcase, verdict in run.verdicts.items() if verdict == "ABORT"} == {FULL, WORK}
    (cause,) = run.causes(FULL)
    assert "G7" in cause
    assert "500" in cause


def test_roles_that_managers_are_meant_to_hand_out_are_named(judged: Judged, state: CloudState) -> None:
    state.directory.managed_roles |= {"heat_stack_user"}
    assert judged(state, "-k", ESCALATION).failed == {ESCALATION}
    assert judged(state, "-k", ESCALATION, "--scs-managed-roles=heat_stack_user").verdicts == {ESCALATION: "PASS"}


def test_recorded_attempts_are_judged_again_and_hold_no_secret(
    judged: Judged, state: CloudState, pytester: pytest.Pytester
) -> None:
    state.directory.leaks = {"delete_user"}
    judged(state, "--scs-record=evidence.json")
    text = (pytester.path / "evidence.json").read_text()
    assert "U10" in text
    for user in state.directory.users:
        assert user["_password"] not in text
    args = ("-p", "no:cacheprovider", "--scs-scope=beyond-v1", "--scs-replay=evidence.json", *SELECTION)
    result = pytester.runpytest_inprocess(*args)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*U10: delete a user (foreign user)*found 204, and it is gone*"])
