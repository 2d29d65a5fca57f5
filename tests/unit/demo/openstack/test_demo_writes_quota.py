# SPDX-License-Identifier: Apache-2.0
"""Quotas of the demo cloud, what they report and refuse; and many writers at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from openstack import exceptions
from openstack.connection import Connection

from pytest_scs.demo.openstack.server import DemoCloud
from pytest_scs.demo.openstack.state import DEFAULT_QUOTA, CloudState, Fault

#: What the SDK warns of is its own use of itself.
pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")


def server(connection: Connection, state: CloudState) -> Any:
    flavor = next(flavor for flavor in state.flavors if flavor["name"] == "SCS-2V-8-20")
    return connection.compute.create_server(
        name="mine", flavor_id=flavor["id"], image_id=state.images[0]["id"], networks="none"
    )


# -- reports --------------------------------------------------------------------------------------------------------


def test_the_limits_tell_what_is_used(state: CloudState, connection: Connection) -> None:
    state.quota |= {"instances": 3, "volumes": 4}
    server(connection, state)
    volume = connection.block_storage.create_volume(size=7)
    connection.block_storage.get_volume(volume.id)
    connection.block_storage.create_backup(volume_id=volume.id)
    absolute = connection.compute.get_limits().absolute
    assert (absolute.instances, absolute.instances_used) == (3, 1)
    assert (absolute.total_cores, absolute.total_cores_used) == (20, 2)
    assert (absolute.total_ram, absolute.total_ram_used) == (51200, 8192)
    absolute = connection.block_storage.get_limits().absolute
    assert (absolute.max_total_volumes, absolute.total_volumes_used, absolute.total_gigabytes_used) == (4, 1, 7)
    assert (absolute.max_total_backups, absolute.total_backups_used, absolute.total_backup_gigabytes_used) == (10, 1, 7)


def test_quota_sets_are_shown_with_and_without_use(
    state: CloudState, cloud: DemoCloud, connection: Connection, authenticated: requests.Session
) -> None:
    connection.block_storage.create_volume(size=7)
    project = connection.identity.get_project(state.project_id)
    quota = connection.block_storage.get_quota_set(project)
    assert (quota.volumes, quota.gigabytes, quota.backups) == (10, 1000, 10)
    quota = connection.block_storage.get_quota_set(project, usage=True)
    assert (quota.volumes, quota.usage["volumes"], quota.usage["gigabytes"]) == (10, 1, 7)
    url = f"{cloud.url}/volume/v3/{state.project_id}/os-quota-sets"
    assert authenticated.get(f"{url}/{'f' * 32}").status_code == 403
    assert authenticated.get(f"{url}/{state.project_id}").json()["quota_set"]["volumes_encrypted"] == -1


def test_network_quotas_are_shown_with_and_without_use(
    state: CloudState, cloud: DemoCloud, connection: Connection, authenticated: requests.Session
) -> None:
    connection.network.create_network(name="mine")
    quota = connection.network.get_quota(state.project_id)
    assert (quota.networks, quota.security_groups, quota.security_group_rules) == (100, 10, 100)
    quota = connection.network.get_quota(state.project_id, details=True)
    assert quota.networks == {"limit": 100, "used": 1, "reserved": 0}
    assert quota.security_groups == {"limit": 10, "used": 1, "reserved": 0}
    assert quota.security_group_rules["used"] == 4
    assert authenticated.get(f"{cloud.url}/network/v2.0/quotas/{'f' * 32}").status_code == 403


# -- refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "limit", "message"),
    [
        ("instances", 1, "Quota exceeded for instances: Requested 1, but already used 1 of 1 instances"),
        ("cores", 3, "Quota exceeded for cores: Requested 2, but already used 2 of 3 cores"),
        ("ram", 8192, "Quota exceeded for ram: Requested 8192, but already used 8192 of 8192 ram"),
    ],
)
def test_nova_forbids_a_server_too_much(
    name: str, limit: int, message: str, state: CloudState, connection: Connection
) -> None:
    state.quota[name] = limit
    server(connection, state)
    with pytest.raises(exceptions.ForbiddenException, match=message):
        server(connection, state)
    assert len(state.servers) == 1


def test_nova_forbids_a_port_too_much(state: CloudState, connection: Connection) -> None:
    state.quota["ports"] = 0
    image, flavor = state.images[0]["id"], next(flavor for flavor in state.flavors if flavor["disk"] > 8)
    with pytest.raises(exceptions.ForbiddenException, match="Maximum number of ports exceeded"):
        connection.compute.create_server(name="mine", flavor_id=flavor["id"], image_id=image, networks="auto")
    assert state.belongings()["networks"] == set()


@pytest.mark.parametrize(
    ("name", "limit", "message"),
    [
        ("volumes", 1, r"VolumeLimitExceeded: Maximum number of volumes allowed \(1\) exceeded for quota 'volumes'\."),
        ("gigabytes", 5, "Requested 3G, quota is 5G and 3G has been consumed."),
    ],
)
def test_cinder_has_no_room_for_a_volume_too_much(
    name: str, limit: int, message: str, state: CloudState, connection: Connection
) -> None:
    state.quota[name] = limit
    connection.block_storage.create_volume(size=3)
    with pytest.raises(exceptions.HttpException, match=message) as caught:
        connection.block_storage.create_volume(size=3)
    assert caught.value.status_code == 413
    assert caught.value.response.headers["Retry-After"] == "0"
    assert caught.value.response.json()["overLimit"]["retryAfter"] == "0"


@pytest.mark.parametrize(("name", "limit"), [("backups", 1), ("backup_gigabytes", 3)])
def test_cinder_has_no_room_for_a_backup_too_much(
    name: str, limit: int, state: CloudState, connection: Connection
) -> None:
    state.quota[name] = limit
    volume = connection.block_storage.create_volume(size=2)
    assert connection.block_storage.get_volume(volume.id).status == "available"
    connection.block_storage.create_backup(volume_id=volume.id)
    with pytest.raises(exceptions.HttpException, match=r"BackupLimit|BackupSize") as caught:
        connection.block_storage.create_backup(volume_id=volume.id)
    assert caught.value.status_code == 413
    assert connection.block_storage.get_volume(volume.id).status == "available"


def test_a_restore_needs_room_for_its_volume(state: CloudState, connection: Connection) -> None:
    volume = connection.block_storage.create_volume(size=2)
    assert connection.block_storage.get_volume(volume.id).status == "available"
    backup = connection.block_storage.create_backup(volume_id=volume.id)
    state.quota["volumes"] = 1
    with pytest.raises(exceptions.HttpException, match="VolumeLimitExceeded"):
        connection.block_storage.restore_backup(backup, name="restored")
    assert connection.block_storage.get_backup(backup.id).status == "available"


MAKERS: dict[str, Callable[[Connection, str], Any]] = {
    "networks": lambda c, network: c.network.create_network(name="mine"),
    "subnets": lambda c, network: c.network.create_subnet(network_id=network, ip_version=4, cidr="10.0.0.0/24"),
    "ports": lambda c, network: c.network.create_port(network_id=network),
    "routers": lambda c, network: c.network.create_router(name="mine"),
    "security_groups": lambda c, network: c.network.create_security_group(name="mine"),
    "security_group_rules": lambda c, network: c.network.create_security_group_rule(
        security_group_id=next(c.network.security_groups()).id, direction="ingress", protocol="tcp"
    ),
}


@pytest.mark.parametrize("name", MAKERS)
def test_neutron_is_in_conflict_with_one_too_much(name: str, state: CloudState, connection: Connection) -> None:
    network = connection.network.create_network(name="first").id
    state.quota[name] = {"networks": 1, "security_groups": 1, "security_group_rules": 4}.get(name, 0)
    with pytest.raises(exceptions.ConflictException, match=rf"Quota exceeded for resources: \['{name[:-1]}'\]\."):
        MAKERS[name](connection, network)
    state.quota[name] += 1
    MAKERS[name](connection, network)


def test_the_rules_of_a_new_group_count(state: CloudState, connection: Connection) -> None:
    state.quota["security_group_rules"] = 5  # four of the default group's, and two of the new one's
    with pytest.raises(exceptions.ConflictException, match=r"resources: \['security_group_rule'\]\."):
        connection.network.create_security_group(name="mine")
    assert [group.name for group in connection.network.security_groups()] == ["default"]
    state.quota["security_group_rules"] = 6
    connection.network.create_security_group(name="mine")


def test_barbican_forbids_a_secret_too_much(state: CloudState, connection: Connection) -> None:
    state.quota["secrets"] = 0
    with pytest.raises(exceptions.ForbiddenException):
        connection.key_manager.create_secret(name="mine")
    del state.quota["secrets"]
    connection.key_manager.create_secret(name="mine")


def test_clouds_do_not_share_their_quota(state: CloudState) -> None:
    state.quota["volumes"] = 0
    assert DEFAULT_QUOTA["volumes"] == CloudState().quota["volumes"] == 10


# -- all services ---------------------------------------------------------------------------------------------------


def test_many_writers_do_not_get_into_each_others_way(
    state: CloudState, cloud: DemoCloud, authenticated: requests.Session
) -> None:
    state.quota |= {"volumes": 20, "networks": 15}
    headers = {"X-Auth-Token": str(authenticated.headers["X-Auth-Token"])}
    volumes = f"{cloud.url}/volume/v3/{state.project_id}/volumes"
    networks = f"{cloud.url}/network/v2.0/networks"

    def write(number: int) -> tuple[str, int]:
        if number % 2:
            return "network", requests.post(networks, json={"network": {}}, headers=headers).status_code
        return "volume", requests.post(volumes, json={"volume": {"size": 1}}, headers=headers).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = Counter(pool.map(write, range(60)))
    assert answers == {("network", 201): 15, ("network", 409): 15, ("volume", 202): 20, ("volume", 413): 10}
    assert len({volume["id"] for volume in state.volumes}) == 20


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/volumes$"), ("DELETE", "/volumes/"), ("POST", "/servers$"), ("POST", "/security-groups$")],
)
def test_faults_strike_writes_as_well_and_then_nothing_has_happened(
    method: str, path: str, state: CloudState, connection: Connection
) -> None:
    volume = connection.block_storage.create_volume(size=1)
    state.catch_up()
    before = state.belongings()
    state.faults = [Fault(method, path, status=500)]
    act = {
        "/volumes$": lambda: connection.block_storage.create_volume(size=1),
        "/volumes/": lambda: connection.block_storage.delete_volume(volume, ignore_missing=False),
        "/servers$": lambda: server(connection, state),
        "/security-groups$": lambda: connection.network.create_security_group(name="mine"),
    }[path]
    with pytest.raises(exceptions.HttpException, match="This fault was asked for"):
        act()
    assert state.belongings() == before


def test_an_answer_that_is_lost_leaves_what_was_made(
    state: CloudState, cloud: DemoCloud, authenticated: requests.Session
) -> None:
    state.faults = [Fault("POST", "/volumes$", "truncate")]
    url = f"{cloud.url}/volume/v3/{state.project_id}/volumes"
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        authenticated.post(url, json={"volume": {"size": 1}})
    assert len(state.belongings()["volumes"]) == 1


def test_what_is_made_bears_the_time_of_the_cloud(state: CloudState, connection: Connection) -> None:
    state.clock_skew = -7 * 3600
    connection.block_storage.create_volume(size=1)
    connection.network.create_network(name="mine")
    connection.key_manager.create_secret(name="mine")
    server(connection, state)
    state.clock_skew = 0
    for item in (state.volumes[0], state.networks[-1], state.secrets[0], state.servers[0]):
        made = datetime.fromisoformat(item["created_at"]).replace(tzinfo=UTC)
        age = datetime.now(UTC) - made
        assert timedelta(hours=7) <= age + timedelta(seconds=1) < timedelta(hours=7, minutes=1)
