# SPDX-License-Identifier: Apache-2.0
"""What people try first with the openstack client: each path answers as a real cloud's member is answered."""

from __future__ import annotations

import pytest
import requests
from openstack import exceptions
from openstack.connection import Connection

from pytest_scs.demo.openstack.server import DemoCloud
from pytest_scs.demo.openstack.state import CloudState

#: What the SDK warns of is its own use of itself.
pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")

_ANSWERED = [
    "/compute/v2.1/os-quota-sets/PROJECT",
    "/compute/v2.1/os-quota-sets/PROJECT/detail",
    "/compute/v2.1/os-quota-sets/PROJECT/defaults",
    "/compute/v2.1/os-availability-zone",
    "/compute/v2.1/os-simple-tenant-usage/PROJECT",
    "/compute/v2.1/os-server-groups",
    "/network/v2.0/availability_zones",
    "/network/v2.0/quotas/PROJECT",
    "/network/v2.0/address-scopes",
    "/network/v2.0/qos/policies",
    "/network/v2.0/service-providers",
    "/network/v2.0/rbac-policies",
    "/network/v2.0/floatingips",
    "/network/v2.0/trunks",
    "/network/v2.0/network-ip-availabilities",
    "/volume/v3/PROJECT/os-quota-sets/PROJECT",
    "/volume/v3/PROJECT/extensions",
    "/volume/v3/PROJECT/attachments/detail",
    "/volume/v3/PROJECT/snapshots/detail",
    "/volume/v3/PROJECT/volume-transfers/detail",
    "/volume/v3/PROJECT/groups/detail",
    "/volume/v3/PROJECT/messages",
    "/identity/v3/credentials",
    "/identity/v3/limits",
]
_NOT_HERE = [
    "/compute/v2.1/os-server-groups",
    "/network/v2.0/trunks",
    "/network/v2.0/qos/policies",
    "/volume/v3/PROJECT/volume-transfers",
    "/volume/v3/PROJECT/groups",
]
_REFUSED = [
    "/compute/v2.1/os-availability-zone/detail",
    "/compute/v2.1/os-hypervisors/detail",
    "/compute/v2.1/os-services",
    "/compute/v2.1/os-aggregates",
    "/compute/v2.1/os-hosts",
    "/compute/v2.1/os-migrations",
    "/compute/v2.1/os-simple-tenant-usage",
    "/compute/v2.1/os-quota-sets/OTHER",
    "/network/v2.0/quotas/OTHER",
    "/volume/v3/PROJECT/os-services",
    "/volume/v3/PROJECT/qos-specs",
    "/volume/v3/PROJECT/scheduler-stats/get_pools",
    "/identity/v3/policies",
    "/identity/v3/OS-FEDERATION/mappings",
    "/identity/v3/registered_limits",
]


@pytest.mark.parametrize(("paths", "status"), [(_ANSWERED, 200), (_REFUSED, 403)], ids=["answered", "refused"])
def test_no_path_of_everyday_commands_is_unknown(
    paths: list[str], status: int, cloud: DemoCloud, state: CloudState, authenticated: requests.Session
) -> None:
    urls = [cloud.url + path.replace("PROJECT", state.project_id).replace("OTHER", "f" * 32) for path in paths]
    answers = {url: authenticated.get(url).status_code for url in urls}
    assert answers == dict.fromkeys(urls, status)


def test_what_is_not_made_here_is_refused_in_words(
    cloud: DemoCloud, state: CloudState, authenticated: requests.Session
) -> None:
    for path in _NOT_HERE:
        answer = authenticated.post(cloud.url + path.replace("PROJECT", state.project_id), json={})
        assert (answer.status_code, "The demo cloud makes no " in answer.text) == (501, True), path


def test_labels_of_servers_and_volumes_are_taken_away(
    cloud: DemoCloud, state: CloudState, connection: Connection, authenticated: requests.Session
) -> None:
    volume = connection.block_storage.create_volume(size=1, metadata={"a": "b", "c": "d"})
    url = f"{cloud.url}/volume/v3/{state.project_id}/volumes/{volume.id}/metadata"
    assert [authenticated.delete(f"{url}/a").status_code for _ in range(2)] == [200, 404]
    flavor = next(flavor for flavor in state.flavors if flavor["name"] == "SCS-2V-8-20")
    wanted = {"flavor_id": flavor["id"], "image_id": state.images[0]["id"], "networks": "none"}
    server = connection.compute.create_server(name="x", metadata={"a": "b", "c": "d"}, **wanted)
    url = f"{cloud.url}/compute/v2.1/servers/{server.id}/metadata"
    assert [authenticated.delete(f"{url}/a").status_code for _ in range(2)] == [204, 404]
    assert authenticated.get(url).json() == {"metadata": {"c": "d"}}


def test_groups_are_taken_from_servers_and_given_to_them(state: CloudState, connection: Connection) -> None:
    flavor = next(flavor for flavor in state.flavors if flavor["name"] == "SCS-2V-8-20")
    wanted = {"flavor_id": flavor["id"], "image_id": state.images[0]["id"], "networks": "none"}
    server = connection.compute.create_server(name="x", **wanted)
    group = connection.network.create_security_group(name="web")
    connection.compute.add_security_group_to_server(server, group)
    assert state.servers[0]["security_groups"] == ["default", "web"]
    connection.compute.remove_security_group_from_server(server, group)
    assert state.servers[0]["security_groups"] == ["default"]
    with pytest.raises(exceptions.NotFoundException, match="not associated"):
        connection.compute.remove_security_group_from_server(server, group)


def test_the_content_of_an_image_that_nobody_uploaded_is_refused(
    cloud: DemoCloud, state: CloudState, authenticated: requests.Session
) -> None:
    url = f"{cloud.url}/image/v2/images/{state.images[0]['id']}"
    assert authenticated.get(f"{url}/file").status_code == 501
    assert authenticated.get(f"{url}/members").status_code == 403


def test_a_key_pair_is_made_shown_and_deleted(connection: Connection) -> None:
    made = connection.compute.create_keypair(name="mine")
    assert made.private_key.startswith("-----BEGIN OPENSSH PRIVATE KEY-----")
    assert made.public_key.startswith("ssh-ed25519 ")
    assert [keypair.name for keypair in connection.compute.keypairs()] == ["mine"]
    assert connection.compute.get_keypair("mine").fingerprint == made.fingerprint
    with pytest.raises(exceptions.ConflictException):
        connection.compute.create_keypair(name="mine", public_key="ssh-rsa AAAA")
    connection.compute.delete_keypair("mine", ignore_missing=False)
    assert not list(connection.compute.keypairs())


def test_a_server_is_switched_off_and_on(state: CloudState, connection: Connection) -> None:
    flavor = next(flavor for flavor in state.flavors if flavor["name"] == "SCS-2V-8-20")
    compute = connection.compute
    server = compute.create_server(name="x", flavor_id=flavor["id"], image_id=state.images[0]["id"], networks="none")
    server = compute.wait_for_server(server)
    compute.stop_server(server)
    assert compute.get_server(server.id).status == "SHUTOFF"
    with pytest.raises(exceptions.ConflictException, match="vm_state stopped"):
        compute.stop_server(server)
    compute.start_server(server)
    assert compute.get_server(server.id).status == "ACTIVE"
    assert [action.action for action in compute.server_actions(server)] == ["create"]
    assert not list(compute.volume_attachments(server))


def test_floating_ips_need_an_external_network(connection: Connection) -> None:
    network = connection.network.create_network(name="inside")
    with pytest.raises(exceptions.BadRequestException, match="not a valid external network"):
        connection.network.create_ip(floating_network_id=network.id)
