# SPDX-License-Identifier: Apache-2.0
"""Trying out domain managers on demo clouds that are leaky or strict: which rows are named, and what is left."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_scs.demo.openstack import directory
from pytest_scs.demo.openstack.server import DemoCloud
from pytest_scs.demo.openstack.state import CloudState, Fault
from pytest_scs.platforms.openstack.probes.domain_manager import credentials
from pytest_scs.platforms.openstack.reader import Reader
from pytest_scs.standards.iaas import domain_manager as standard

FOREIGN_USER, OWN_DOMAIN, FOREIGN_DOMAIN = "foreign user", "own domain", "foreign domain"
DATA = ("domain-data", FOREIGN_DOMAIN)

#: Policy rule that holds for managers in any domain -> the rows (with what they are about) that show it.
READING = {
    "list_users": {("U4", "all users"), DATA},
    "get_user": {("U9", FOREIGN_USER)},
    "list_projects": {("P5", "foreign project"), DATA},
    "get_project": {("P5", "foreign project")},
    "list_user_projects": {("P9", FOREIGN_USER)},
    "list_groups": {("G3", "all groups"), DATA},
    "get_group": {("domain-data", "foreign group")},
    "list_users_in_group": {("G14", "foreign group")},
    "check_user_in_group": {("G6", "foreign user, foreign group")},
    "list_application_credentials": {("application-credentials-list", FOREIGN_USER)},
    "ec2_list_credentials": {("ec2-list", FOREIGN_USER)},
    "list_trusts_for_trustor": {("trusts-list", FOREIGN_USER)},
}
CREATING = {
    "create_user": {("U7", "no domain named"), ("U8", FOREIGN_DOMAIN)},
    "create_project": {("P4", "no domain named"), ("P4", FOREIGN_DOMAIN)},
    "create_group": {("G1", "no domain named"), ("G1", FOREIGN_DOMAIN)},
    "create_application_credential": {("application-credentials-create", FOREIGN_USER)},
    "ec2_create_credential": {("ec2-create", FOREIGN_USER)},
    "create_trust": {("trusts-create", FOREIGN_USER)},
    "create_system_grant_for_user": {("system-assign", "own user, system")},
    "system": {("system-token", "system")},
    "update_domain": {
        (row, whose) for row in ("domain-rename", "domain-disable") for whose in (OWN_DOMAIN, FOREIGN_DOMAIN)
    },
    "update_role": {("role-rename", "roles")},
}
CHANGING = {
    "update_user": {("U10", FOREIGN_USER), ("password", FOREIGN_USER)},
    "delete_user": {("U10", FOREIGN_USER)},
    "update_project": {("P6", "foreign project")},
    "delete_project": {("P6", "foreign project")},
    "update_group": {("G4", "foreign group")},
    "delete_group": {("G4", "foreign group"), ("G14", "foreign group")},
    "remove_user_from_group": {("G14", "foreign group")},
    "revoke_grant": {
        ("U12", "foreign user, foreign domain"),
        ("P8", "foreign user, foreign project"),
        ("G12", "foreign group, foreign project"),
        ("G12", "foreign group, foreign domain"),
    },
}
ADDING = {
    "add_user_to_group": {
        ("G8", f"{user} user, {group} group")
        for user, group in (("own", "foreign"), ("foreign", "own"), ("foreign", "foreign"))
    },
    "create_grant": {
        ("U11", "own user, foreign domain"),
        ("U11", "foreign user, foreign domain"),
        ("P7", "foreign user, foreign project"),
        ("P7", "foreign user, own project"),
        ("P7", "own user, foreign project"),
        ("G15", "foreign group, foreign project"),
        ("G15", "foreign group, foreign domain"),
    },
}
#: What managers may not do in their own domain -> the rows that show it.
DENIED = {
    "list_users": {("U2", "own user"), ("U4", "all users")},
    "get_user": {("U2", "own user")},
    "create_user": {("U1", OWN_DOMAIN)},
    "update_user": {("U3", "own user")},
    "list_projects": {("P1", "own project")},
    "create_project": {("P1", OWN_DOMAIN)},
    "list_user_projects": {("P2", "own user")},
    "create_group": {("G2", OWN_DOMAIN)},
    "list_groups": {("G3", "all groups")},
    "check_user_in_group": {("G5", "own user, own group")},
    "create_grant": {
        ("U5", "own user, own domain"),
        ("P2", "own user, own project"),
        ("G11", "own group, own project"),
        ("G11", "own group, own domain"),
    },
    "revoke_grant": {
        ("U5", "own user, own domain"),
        ("P2", "own user, own project"),
        ("G13", "own group, own project"),
        ("G13", "own group, own domain"),
    },
}

Read = Callable[..., Reader]


def rows(reader: Reader, outcome: str) -> set[tuple[str, str]]:
    found = reader.inventory.section("domain_manager")[0]["rows"]
    return {(entry["row"], entry["object"]) for entry in found if entry["outcome"] == outcome}


def cause(reader: Reader) -> str:
    return reader.inventory.errors["domain_manager"].text


@pytest.fixture
def before(state: CloudState) -> dict[str, set[Any]]:
    return state.directory.snapshot()


def test_every_row_is_tried_and_as_expected(read: Read, state: CloudState, before: Any, tmp_path: Path) -> None:
    reader = read()
    tried = {row for row, _ in rows(reader, "ok")}
    assert tried == {*standard.TABLE, *(row for names in standard.BEYOND.values() for row in names)} - {
        "role-delete",
        "domain-delete",
    }
    assert rows(reader, "untried") == {("role-delete", "roles"), ("domain-delete", "domains")}
    assert rows(reader, "violated") == rows(reader, "undecided") == set()
    assert state.directory.snapshot() == before
    assert reader.leftovers == []
    assert list((tmp_path / "state").rglob("*.jsonl")) == []
    assert 0 < reader.inventory.section_requests["domain_manager"] < 250


@pytest.mark.parametrize("leaks", [READING, CREATING, CHANGING, ADDING])
def test_leaks_are_seen_in_exactly_their_rows(
    read: Read, state: CloudState, before: Any, leaks: dict[str, set[tuple[str, str]]]
) -> None:
    state.directory.leaks = set(leaks)
    reader = read()
    assert rows(reader, "violated") == set().union(*leaks.values())
    assert rows(reader, "undecided") == set()
    # Nothing stays, wherever it was made and whoever was able to delete it.
    assert state.directory.snapshot() == before
    assert reader.leftovers == []


@pytest.mark.parametrize("rule", ["create_user", "delete_group"])
def test_one_leak_alone(read: Read, state: CloudState, before: Any, rule: str) -> None:
    state.directory.leaks = {rule}
    reader = read()
    assert rows(reader, "violated") == {**READING, **CREATING, **CHANGING}[rule]
    assert state.directory.snapshot() == before


@pytest.mark.parametrize("rule", DENIED)
def test_what_is_denied_in_the_own_domain_is_seen_in_exactly_its_rows(
    read: Read, state: CloudState, before: Any, rule: str
) -> None:
    state.directory.denied = {rule}
    reader = read()
    assert rows(reader, "violated") == DENIED[rule]
    assert state.directory.snapshot() == before
    assert reader.leftovers == []


def test_user_who_is_not_let_in_is_seen_in_the_row_of_its_login(
    read: Read, before: Any, state: CloudState, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = credentials.Password
    monkeypatch.setattr(credentials, "Password", lambda url, **user: login(url, **{**user, "password": "another"}))
    reader = read()
    assert {row for row, _ in rows(reader, "violated")} == {"work-login"}
    assert state.directory.snapshot() == before


def test_what_managers_may_not_delete_is_left_and_said(read: Read, state: CloudState) -> None:
    state.directory.denied = {"delete_user"}
    reader = read()
    assert rows(reader, "violated") == {("U6", "own user")}
    left = {user["name"] for user in state.directory.users if user["name"].startswith("_scs-")}
    assert left
    for name in left:
        assert any(name in line for line in reader.leftovers), name


@pytest.mark.parametrize("kind", ["role", "domain"])
def test_role_or_domain_that_could_be_created_is_deleted_again(
    read: Read, state: CloudState, before: Any, kind: str
) -> None:
    state.directory.leaks = {f"create_{kind}", f"delete_{kind}"}
    reader = read()
    # Only what the manager made itself shows whether it may delete.
    assert rows(reader, "violated") == {(f"{kind}-create", f"{kind}s"), (f"{kind}-delete", f"{kind}s")}
    assert state.directory.snapshot() == before
    assert reader.leftovers == []


def test_role_that_could_be_created_and_cannot_be_deleted_is_said(read: Read, state: CloudState) -> None:
    state.directory.leaks = {"create_role"}
    reader = read()
    assert rows(reader, "violated") == {("role-create", "roles")}
    (line,) = reader.leftovers
    assert re.search(r"cloud demo:manager-a: role _scs-0302-[0-9a-f]{8}-role-\d+ \(.*\) could not be removed", line)


def test_nothing_that_was_there_is_ever_deleted(read: Read, state: CloudState, before: Any) -> None:
    rules = {*READING, *CREATING, *CHANGING, *ADDING}
    state.directory.leaks = rules | {
        "create_role",
        "delete_role",
        "create_domain",
        "delete_domain",
        "create_implied_role",
    }
    state.directory.leaks |= {"delete_implied_role", "revoke_system_grant_for_user"}
    known = {identity for kind in ("domains", "users", "roles") for identity in before[kind]}
    reader = read()
    deleted = {one.path.rpartition("/")[2] for one in state.requests if one.method == "DELETE" and one.status == 204}
    # Role assignments end in the id of a role; those are taken away, the role is not.
    assert not {one.path for one in state.requests if one.method == "DELETE"} & {
        f"/identity/v3/{kind}/{identity}" for kind in ("domains", "users", "roles") for identity in known
    }
    assert deleted
    assert {domain["name"] for domain in state.directory.domains} == {"manager-a", "manager-b"}
    assert all(domain["enabled"] for domain in state.directory.domains)
    assert state.directory.snapshot() == before
    assert reader.leftovers == []


def test_implied_role_that_could_be_made_is_removed_or_said(read: Read, state: CloudState, before: Any) -> None:
    state.directory.leaks = {"create_implied_role", "delete_implied_role"}
    reader = read()
    assert rows(reader, "violated") == {("role-imply", "admin implies member")}
    assert state.directory.snapshot() == before
    state.directory.leaks = {"create_implied_role"}
    assert any("openstack implied role delete admin --implied-role member" in line for line in read().leftovers)
    # Where the rule is there already, Keystone says 409, which it does not say to who may not create it.
    reader = read()
    assert rows(reader, "violated") == {("role-imply", "admin implies member")}
    assert reader.leftovers == []


def test_admin_and_unnamed_roles_must_not_be_assignable(read: Read, state: CloudState, before: Any) -> None:
    state.directory.managed_roles = {"member", "admin", "heat_stack_user"}
    reader = read(managed_roles=("heat_stack_user",))
    assert rows(reader, "violated") == {
        ("G10", "own group, own project"),
        ("G10", "own group, own domain"),
        ("assign-user", "own user, own project"),
        ("assign-user", "own user, own domain"),
    }
    found = reader.inventory.section("domain_manager")[0]["rows"]
    actions = {entry["action"] for entry in found if entry["row"] == "assign-user" and entry["outcome"] == "violated"}
    assert actions == {"assign the role admin"}
    # What works with another user is not tried on the manager, who stays.
    assert not any(entry["row"] == "assign-self" and "admin" in entry["action"] for entry in found)
    assert state.directory.snapshot() == before
    assert "assign the role heat_stack_user" in {
        entry["action"]
        for entry in read().inventory.section("domain_manager")[0]["rows"]
        if entry["outcome"] == "violated"
    }


def test_role_that_implies_admin_is_an_escalation(read: Read, state: CloudState) -> None:
    state.directory.implied = {(directory.role_id("load-balancer_member"), directory.role_id("admin"))}
    assert rows(read(), "violated") == {("assign-implied", "own user, own project")}


def test_answers_that_say_nothing_decide_nothing_and_keep_no_other_row(
    read: Read, state: CloudState, before: Any
) -> None:
    state.faults = [
        Fault("PATCH", "/users/", status=500),
        Fault("GET", r"/v3/users/[0-9a-f]+$", action="drop"),
        Fault("POST", "/trusts", action="garbage"),
    ]
    reader = read()
    undecided = {row for row, _ in rows(reader, "undecided")}
    assert undecided == {"U2", "U3", "U9", "U10", "password", "trusts-create"}
    assert rows(reader, "violated") == set()
    assert state.directory.snapshot() == before


def test_half_a_listing_is_not_taken_for_the_whole_one(read: Read, state: CloudState, before: Any) -> None:
    state.faults = [
        Fault("GET", "/v3/users$", status=200, body='{"users": [], "truncated": true, "links": {"next": null}}'),
        Fault(
            "GET", "/v3/groups$", status=200, body='{"groups": [], "links": {"next": "http://other.invalid/v3/groups"}}'
        ),
    ]
    reader = read()
    assert rows(reader, "violated") == set()
    assert rows(reader, "undecided") == {("U4", "all users"), ("G3", "all groups")}
    assert state.directory.snapshot() == before


def test_role_that_nobody_may_change_shows_nothing_so_another_is_tried(read: Read, state: CloudState) -> None:
    state.directory.leaks = {"update_role"}
    read()
    tried = {one.path.rpartition("/")[2] for one in state.requests if one.method == "PATCH" and "/roles/" in one.path}
    protected = {role["id"] for role in state.directory.roles if role["options"]["immutable"]}
    assert len(tried) == 1
    assert not tried & protected


@pytest.mark.parametrize("path", ["/v3/users$", "/v3/groups$", "/v3/projects$"])
def test_lost_answers_to_creations_leave_nothing(read: Read, state: CloudState, before: Any, path: str) -> None:
    state.directory.leaks = {"create_user", "create_group", "create_project"}
    state.faults = [Fault("POST", path, action="truncate")]
    reader = read()
    # It was seen in a listing: that it could be made is known, although no answer said so.
    assert rows(reader, "violated") & {("U8", FOREIGN_DOMAIN), ("P4", FOREIGN_DOMAIN), ("G1", FOREIGN_DOMAIN)}
    assert state.directory.snapshot() == before
    assert reader.leftovers == []


def test_interrupted_run_stops_early_and_leaves_nothing(
    read: Read, state: CloudState, before: Any, tmp_path: Path
) -> None:
    state.latency = 0.01

    def interrupt(reader: Reader) -> None:
        while not any("/groups" in one.path for one in state.requests):
            time.sleep(0.01)
        reader.close()

    reader = read(meanwhile=interrupt)
    assert cause(reader) == "cloud demo: the run was interrupted"
    assert not any("OS-TRUST" in one.path for one in state.requests)
    assert state.directory.snapshot() == before
    assert reader.leftovers == []
    assert list((tmp_path / "state").rglob("*.jsonl")) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda state: state.directory.users[0].update(_password="another"),
            "demo:manager-a: authentication was refused (401)",
        ),
        (lambda state: give(state, "admin"), "demo:manager-a has the role admin (roles found: admin, manager)"),
        (
            lambda state: give(state, "member", instead=True),
            "demo:manager-a does not have the role manager on its domain",
        ),
    ],
)
def test_manager_who_is_none_is_one_line(
    cloud: DemoCloud, read: Read, state: CloudState, change: Any, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    regions = cloud.managers()
    monkeypatch.setattr(cloud, "managers", lambda: regions)
    change(state)
    reader = read()
    assert cause(reader).startswith("cloud demo: --scs-domain-managers: ")
    assert words in cause(reader)
    assert "\n" not in cause(reader)


def give(state: CloudState, role: str, *, instead: bool = False) -> None:
    manager = state.directory.users[0]
    assigned = directory.Assignment("user", manager["id"], "domain", manager["domain_id"], directory.role_id(role))
    if instead:
        state.directory.assignments = {one for one in state.directory.assignments if one.holder_id != manager["id"]}
    state.directory.assignments.add(assigned)


def test_entry_without_password_scope_or_in_another_cloud_is_one_line(
    cloud: DemoCloud, read: Read, state: CloudState, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = cloud.managers()

    def given(name: str, entry: dict[str, Any]) -> str:
        with monkeypatch.context() as patch:
            patch.setattr(cloud, "managers", lambda: {**entries, "demo:other": entry})
            return cause(read(("demo:other", "demo:manager-b")))

    own = {"auth_url": cloud.auth_url, "username": state.username, "password": state.password}
    project = {**own, "project_name": "demo", "user_domain_name": "Default", "project_domain_name": "Default"}
    assert "is not scoped to a domain; in clouds.yaml, write domain_name" in given("x", {"auth": project})
    application = {
        "auth_type": "v3applicationcredential",
        "auth": {"auth_url": cloud.auth_url, "application_credential_id": "a", "application_credential_secret": "b"},
    }
    assert "logs in by v3applicationcredential, but a domain manager needs user name" in given("x", application)
    same = given("x", entries["demo:manager-b"])
    assert "demo:other and demo:manager-b manage the same domain; two are needed" in same
    from pytest_scs.demo.openstack import data

    with DemoCloud(data.conformant(state.now())) as other:
        assert "demo:other belongs to another cloud" in given("x", other.managers()["demo:manager-a"])


def test_no_managers_means_nothing_is_tried(read: Read, state: CloudState) -> None:
    reader = read(())
    assert reader.inventory.section("domain_manager") == [{"given": False, "rows": [], "foreign_domains": 0}]
    assert [one.method for one in state.requests] == ["GET", "POST"]


def test_cloud_where_managers_have_another_role_has_this_row_only(read: Read, state: CloudState) -> None:
    old_fashioned(state)
    reader = read()
    assert rows(reader, "violated") == {("role-exists", "roles")}
    assert len(reader.inventory.section("domain_manager")[0]["rows"]) == 1


def old_fashioned(state: CloudState) -> None:
    """What managers were called before the standard: the role ``manager`` does not exist."""
    kept = state.directory
    kept.manager_role = "domain-manager"
    kept.roles = [role for role in kept.roles if role["name"] != "manager"]
    kept.roles.append({"id": directory.role_id("domain-manager"), "name": "domain-manager", "domain_id": None})
    kept.assignments = {one._replace(role=directory.role_id("domain-manager")) for one in kept.assignments}


def test_secrets_of_created_users_are_known_to_the_redactor(
    read: Read, state: CloudState, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    made: list[str] = []

    class Users(list[dict[str, Any]]):
        def append(self, user: dict[str, Any]) -> None:
            made.append(user.get("_password", ""))
            super().append(user)

    state.directory.users = Users(state.directory.users)
    state.directory.leaks = {"update_user", "ec2_create_credential", "create_application_credential"}
    reader = read()
    passwords = [password for password in made if password]
    assert len(passwords) == 1
    assert reader._redact(passwords[0]) == "***"
    text = caplog.text + repr(reader.inventory.to_plain())
    for secret in [*passwords, *(user["_password"] for user in state.directory.users if user.get("_password"))]:
        assert secret not in text
