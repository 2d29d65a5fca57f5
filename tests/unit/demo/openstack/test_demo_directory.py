# SPDX-License-Identifier: Apache-2.0
"""The domains of the demo cloud and their managers, as the openstacksdk sees them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import openstack
import pytest
from openstack import exceptions
from openstack.connection import Connection

from pytest_scs.demo.openstack.server import DemoCloud
from pytest_scs.demo.openstack.state import CloudState

pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")

Manager = Callable[[str], Connection]


@pytest.fixture
def manager(cloud: DemoCloud) -> Iterator[Manager]:
    with ExitStack() as stack:

        def connect(name: str) -> Connection:
            entry = cloud.managers()[f"demo:{name}"]
            connection = openstack.connect(auth=entry["auth"], region_name=entry["region_name"])
            stack.callback(connection.session.session.close)
            stack.callback(connection.close)
            return connection

        yield connect


def test_a_manager_runs_its_own_domain(state: CloudState, manager: Manager) -> None:
    before = state.directory.snapshot()
    identity = manager("manager-a").identity
    domain = identity.find_domain("manager-a")
    user = identity.create_user(name="jane", domain_id=domain.id)
    group = identity.create_group(name="crew", domain_id=domain.id)
    project = identity.create_project(name="work", domain_id=domain.id)
    member = identity.find_role("member")
    assert {found.name for found in identity.users()} == {"manager", "jane"}
    identity.add_user_to_group(user, group)
    assert identity.check_user_in_group(user, group)
    identity.assign_project_role_to_group(project, group, member)
    assert [found.name for found in identity.user_projects(user)] == ["work"]
    for thing, delete in (
        (project, identity.delete_project),
        (group, identity.delete_group),
        (user, identity.delete_user),
    ):
        delete(thing, ignore_missing=False)
    assert state.directory.snapshot() == before


def test_a_manager_has_nothing_elsewhere(state: CloudState, manager: Manager) -> None:
    first, second = manager("manager-a").identity, manager("manager-b").identity
    other = second.find_domain("manager-b")
    user = second.create_user(name="jane", domain_id=other.id)
    for refused in (
        lambda: first.create_user(name="joe", domain_id=other.id),
        lambda: first.get_user(user.id),
        lambda: first.update_user(user.id, email="a@example.org"),
        lambda: first.delete_user(user.id, ignore_missing=False),
        lambda: first.create_role(name="king"),
        lambda: first.create_domain(name="realm"),
    ):
        with pytest.raises(exceptions.ForbiddenException):
            refused()
    with pytest.raises(exceptions.ForbiddenException):
        list(manager("manager-a").compute.servers())


def test_the_demos_own_user_is_no_manager(connection: Connection) -> None:
    with pytest.raises(exceptions.ForbiddenException):
        list(connection.identity.users())


def test_a_manager_with_a_wrong_password_or_scope_gets_no_token(cloud: DemoCloud) -> None:
    auth = cloud.managers()["demo:manager-a"]["auth"]
    for wrong in ({"password": "wrong"}, {"domain_name": "manager-b"}, {"user_domain_name": "Default"}):
        with pytest.raises(exceptions.SDKException, match="401"):
            openstack.connect(auth={**auth, **wrong}, region_name="RegionOne").authorize()
