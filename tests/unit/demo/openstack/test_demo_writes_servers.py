# SPDX-License-Identifier: Apache-2.0
"""Servers in the demo cloud, by the unchanged openstacksdk: states, disks, networks, consoles, failures."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import requests
from openstack import exceptions
from openstack.connection import Connection

from pytest_scs.demo.openstack.server import DemoCloud
from pytest_scs.demo.openstack.services.servers import FAILURE
from pytest_scs.demo.openstack.state import CloudState

#: What the SDK warns of is its own use of itself.
pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")

UNKNOWN = "00000000-0000-4000-8000-000000000000"
MICROVERSION = {"OpenStack-API-Version": "compute 2.90"}


def flavor(state: CloudState, name: str = "SCS-1V-4-10") -> dict[str, Any]:
    return next(flavor for flavor in state.flavors if flavor["name"] == name)


def disk(state: CloudState, **changes: Any) -> dict[str, Any]:
    """A volume to boot from, made of an image and gone with the server."""
    return {
        "boot_index": 0,
        "uuid": state.images[0]["id"],
        "source_type": "image",
        "destination_type": "volume",
        "volume_size": 8,
        "delete_on_termination": True,
    } | changes


def create(connection: Connection, state: CloudState, **options: Any) -> Any:
    given = {"name": "mine", "flavor_id": flavor(state)["id"], "image_id": state.images[0]["id"], "networks": "none"}
    return connection.compute.create_server(**given | options)


def show(connection: Connection, server: Any) -> Any:
    return connection.compute.get_server(server.id)


# -- life -----------------------------------------------------------------------------------------------------------


def test_a_server_boots_from_a_volume_on_a_network_and_takes_all_with_it(
    state: CloudState, connection: Connection
) -> None:
    """The procedure of the sample VM of scs-0101."""
    state.delays |= {"volume": 10, "server": 20, "server-deletion": 5}
    network = connection.network.create_network(name="mine")
    connection.network.create_subnet(network_id=network.id, ip_version=4, cidr="10.1.0.0/24")
    before = state.belongings()
    server = create(
        connection,
        state,
        flavor_id=flavor(state, "SCS-1L-1")["id"],
        image_id="",
        networks=[{"uuid": network.id}],
        block_device_mapping=[disk(state)],
        user_data=base64.b64encode(b"#cloud-config\n").decode(),
        metadata={"run": "1"},
        tags=["conformance"],
    )
    assert (server.admin_password is None, server.security_groups) == (False, [{"name": "default"}])
    found = show(connection, server)
    assert (found.status, found.task_state, found.vm_state) == ("BUILD", "spawning", "building")
    assert (found.addresses, found.attached_volumes) == ({}, [])
    state.timeline.skip(10)
    assert connection.block_storage.get_volume(state.volumes[0]["id"]).status == "reserved"
    state.timeline.skip(19)
    assert show(connection, server).status == "BUILD"
    state.timeline.skip(1)
    found = show(connection, server)
    assert (found.status, found.task_state, found.vm_state, found.power_state) == ("ACTIVE", None, "active", 1)
    assert (found.metadata, found.tags, bool(found.image)) == ({"run": "1"}, ["conformance"], False)
    assert [address["addr"] for address in found.addresses["mine"]] == ["10.1.0.2"]
    assert found.flavor["original_name"] == "SCS-1L-1"
    volume = connection.block_storage.get_volume(found.attached_volumes[0].id)
    assert (volume.status, volume.size, volume.is_bootable) == ("in-use", 8, True)
    assert volume.attachments[0]["server_id"] == server.id
    assert state.servers[0]["user_data"] == "I2Nsb3VkLWNvbmZpZwo="
    assert (state.servers[0]["project_id"], state.servers[0]["created_at"]) == (state.project_id, found.created_at)

    with pytest.raises(exceptions.BadRequestException, match="Volume status must be available"):
        connection.block_storage.delete_volume(volume, ignore_missing=False)
    with pytest.raises(exceptions.ConflictException, match="ports still in use"):
        connection.network.delete_network(network, ignore_missing=False)
    connection.compute.delete_server(server, ignore_missing=False)
    found = show(connection, server)
    assert (found.status, found.task_state) == ("ACTIVE", "deleting")
    connection.compute.delete_server(server, ignore_missing=False)
    state.timeline.skip(5)
    with pytest.raises(exceptions.NotFoundException, match=f"Instance {server.id} could not be found"):
        show(connection, server)
    assert connection.block_storage.get_volume(volume.id).status == "deleting"
    state.timeline.skip(10)
    assert state.belongings() == before


def test_the_sdk_waits_for_servers(state: CloudState, connection: Connection) -> None:
    state.delays["server"] = 0.2
    server = create(connection, state)
    assert connection.compute.wait_for_server(server, interval=0.05, wait=5).status == "ACTIVE"
    connection.compute.delete_server(server)
    connection.compute.wait_for_delete(server, interval=0.05, wait=5)
    assert state.servers == []


def test_without_delay_the_next_look_finds_a_server_active(state: CloudState, connection: Connection) -> None:
    server = create(connection, state)
    found = show(connection, server)
    assert (found.status, found.image.id, found.addresses) == ("ACTIVE", state.images[0]["id"], {})
    connection.compute.delete_server(server)
    assert connection.compute.find_server("mine") is None


def test_volumes_that_existed_before_stay(state: CloudState, connection: Connection) -> None:
    volume = connection.block_storage.create_volume(size=8, image_id=state.images[0]["id"])
    assert connection.block_storage.get_volume(volume.id).status == "available"
    own = disk(state, source_type="volume", uuid=volume.id, delete_on_termination=False)
    data = {"source_type": "blank", "destination_type": "volume", "volume_size": 2, "delete_on_termination": False}
    server = create(connection, state, image_id="", block_device_mapping=[own, data])
    assert [volume.status for volume in connection.block_storage.volumes()] == ["in-use", "in-use"]
    with pytest.raises(exceptions.BadRequestException, match="Currently in 'in-use'"):
        create(connection, state, image_id="", block_device_mapping=[own])
    connection.compute.delete_server(server)
    assert [(volume.status, volume.attachments) for volume in connection.block_storage.volumes()] == [
        ("available", []),
        ("available", []),
    ]


def test_a_server_reports_on_a_labelled_disk_and_shuts_down(state: CloudState, connection: Connection) -> None:
    state.disk = lambda server: f"report of {server['name']}"
    state.delays["console"] = 5
    label = b"_scs-disk-1a2b3c4d\n"
    image = connection.image.create_image(
        "label", data=label, disk_format="raw", container_format="bare", validate_checksum=False
    )
    labelled, other = (
        connection.block_storage.create_volume(size=1, name=name, image_id=source)
        for name, source in (("labelled", image.id), ("other", None))
    )
    state.catch_up()
    volumes = [
        {"boot_index": -1, "uuid": one.id, "source_type": "volume", "destination_type": "volume"}
        for one in (labelled, other)
    ]
    server = create(
        connection,
        state,
        flavor_id=flavor(state, "SCS-1L-1")["id"],
        image_id="",
        block_device_mapping=[disk(state), *volumes],
    )
    state.catch_up()
    assert show(connection, server).status == "ACTIVE"
    state.timeline.skip(5)
    found = show(connection, server)
    assert (found.status, found.vm_state, found.power_state) == ("SHUTOFF", "stopped", 4)
    assert {one.id for one in found.attached_volumes} > {labelled.id, other.id}
    heads = {volume["name"]: volume["_head"] for volume in state.volumes}
    assert heads["labelled"] == label.ljust(4096, b"\0") + f"report of {server.name}".encode()
    assert heads["other"] == b""
    connection.compute.delete_server(server, ignore_missing=False)
    state.catch_up()
    assert connection.block_storage.get_volume(labelled.id).status == "available"


def test_servers_are_listed_newest_first_and_by_name(
    state: CloudState, connection: Connection, cloud: DemoCloud, authenticated: requests.Session
) -> None:
    for name in ("mine-1", "mine-2", "yours"):
        create(connection, state, name=name, tags=[name])
    assert [server.name for server in connection.compute.servers()] == ["yours", "mine-2", "mine-1"]
    assert [server.name for server in connection.compute.servers(name="^mine")] == ["mine-2", "mine-1"]
    assert [server.name for server in connection.compute.servers(details=False, name="2")] == ["mine-2"]
    assert [server.name for server in connection.compute.servers(status="ERROR")] == []
    assert [server.name for server in connection.compute.servers(tags="yours")] == ["yours"]
    assert [server.name for server in connection.compute.servers(limit=2)] == ["yours", "mine-2", "mine-1"]
    url = f"{cloud.url}/compute/v2.1/servers"
    assert authenticated.get(f"{url}?all_tenants=1").status_code == 403
    assert authenticated.get(f"{url}?name=(").status_code == 400
    shown = authenticated.get(f"{url}/detail").json()["servers"][0]
    assert "tags" not in shown
    assert shown["flavor"]["id"] == flavor(state)["id"]


def test_name_metadata_and_tags_can_be_changed(
    state: CloudState, connection: Connection, cloud: DemoCloud, authenticated: requests.Session
) -> None:
    server = create(connection, state, metadata={"a": "1"}, tags=["x"])
    connection.compute.set_server_metadata(server, b="2")
    connection.compute.update_server(server, name="yours")
    connection.compute.add_tag_to_server(server, "y")
    found = show(connection, server)
    assert (found.name, found.metadata, found.tags) == ("yours", {"a": "1", "b": "2"}, ["x", "y"])
    tags = f"{cloud.url}/compute/v2.1/servers/{server.id}/tags"
    assert authenticated.get(tags).status_code == 404
    authenticated.headers.update(MICROVERSION)
    assert authenticated.put(tags, json={"tags": ["z", "z"]}).json() == {"tags": ["z"]}
    assert authenticated.put(f"{tags}/z").status_code == 204
    assert authenticated.put(tags, json={}).status_code == 400


# -- networks -------------------------------------------------------------------------------------------------------


def test_auto_takes_the_only_network_or_makes_one(state: CloudState, connection: Connection) -> None:
    first = show(connection, create(connection, state, networks="auto"))
    assert list(first.addresses) == ["auto_allocated_network"]
    second = show(connection, create(connection, state, networks="auto"))
    assert [address["addr"] for address in second.addresses["auto_allocated_network"]] == ["10.0.0.3"]
    connection.network.create_network(name="another")
    with pytest.raises(exceptions.ConflictException, match="Multiple possible networks found"):
        create(connection, state, networks="auto")


def test_before_microversion_2_37_networks_may_be_left_out_and_have_no_short_names(
    state: CloudState, cloud: DemoCloud, authenticated: requests.Session
) -> None:
    url = f"{cloud.url}/compute/v2.1/servers"
    server = {"name": "mine", "flavorRef": flavor(state)["id"], "imageRef": state.images[0]["id"]}
    assert authenticated.post(url, json={"server": server}).status_code == 202
    answer = authenticated.post(url, json={"server": server}, headers=MICROVERSION)
    assert "'networks' is a required property" in answer.json()["badRequest"]["message"]
    for given in ({"tags": []}, {"description": "new"}, {"hostname": "mine"}):
        answer = authenticated.post(url, json={"server": server | given})
        assert f"('{next(iter(given))}' was unexpected)" in answer.json()["badRequest"]["message"]
    answer = authenticated.post(url, json={"server": server | {"networks": "none"}})
    assert "'none' is not of type 'array'" in answer.json()["badRequest"]["message"]


# -- refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "status", "message"),
    [
        ({"flavorRef": "nope"}, 400, "Flavor nope could not be found."),
        ({"flavorRef": "SCS-1L-1"}, 403, "Only volume-backed servers are allowed for flavors with zero disk."),
        ({"flavorRef": "m1.tiny"}, 400, "Flavor's disk is smaller than the minimum size"),
        ({"imageRef": "nope"}, 400, "Invalid input for field/attribute imageRef. Value: nope."),
        ({"imageRef": UNKNOWN}, 400, "Can not find requested image"),
        ({"imageRef": ""}, 400, "Missing imageRef attribute"),
        ({"name": " "}, 400, "Invalid input for field/attribute name."),
        ({"networks": "some"}, 400, "'some' is not valid under any of the given schemas"),
        ({"networks": [{"uuid": UNKNOWN}]}, 400, f"Network {UNKNOWN} could not be found."),
        ({"networks": [{"uuid": "public"}]}, 403, "It is not allowed to create an interface on external network"),
        ({"networks": [{"uuid": "empty"}]}, 400, "requires a subnet in order to boot instances on."),
        ({"security_groups": [{"name": "nope"}]}, 400, "Unable to find security_group with name or id 'nope'"),
        ({"availability_zone": "mars"}, 400, "The requested availability zone is not available"),
        ({"key_name": "mine"}, 400, "Invalid key_name provided."),
        ({"user_data": "a"}, 400, "'a' is not a 'base64'"),
        ({"user_data": "aaaa" * 16384}, 400, "is too long"),
        ({"colour": "red"}, 400, "Additional properties are not allowed ('colour' was unexpected)"),
        ({"max_count": 2}, 400, "one server at a time"),
    ],
)
def test_servers_that_make_no_sense_are_refused(
    change: dict[str, Any],
    status: int,
    message: str,
    state: CloudState,
    cloud: DemoCloud,
    authenticated: requests.Session,
) -> None:
    empty = authenticated.post(f"{cloud.url}/network/v2.0/networks", json={"network": {}}).json()["network"]["id"]
    known = {"empty": empty, "public": state.networks[0]["id"]}
    server = {
        "name": "mine",
        "flavorRef": flavor(state)["id"],
        "imageRef": state.images[0]["id"],
        "networks": "none",
    } | change
    if change.get("flavorRef") in ("SCS-1L-1", "m1.tiny"):
        server["flavorRef"] = flavor(state, change["flavorRef"])["id"]
    if isinstance(server["networks"], list):
        server["networks"] = [{"uuid": known.get(network["uuid"], network["uuid"])} for network in server["networks"]]
    answer = authenticated.post(f"{cloud.url}/compute/v2.1/servers", json={"server": server}, headers=MICROVERSION)
    assert answer.status_code == status
    assert message in answer.json().popitem()[1]["message"]
    assert state.servers == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"volume_size": 7}, "Volume is smaller than the minimum size"),
        ({"volume_size": None}, "need to have a non-zero size specified"),
        ({"uuid": UNKNOWN}, "Can not find requested image"),
        ({"source_type": "volume", "uuid": UNKNOWN}, f"failed to get volume {UNKNOWN}"),
        ({"source_type": "snapshot", "uuid": UNKNOWN}, f"failed to get snapshot {UNKNOWN}"),
    ],
)
def test_disks_that_make_no_sense_are_refused(
    change: dict[str, Any], message: str, state: CloudState, connection: Connection
) -> None:
    with pytest.raises(exceptions.BadRequestException, match=message):
        create(connection, state, image_id="", block_device_mapping=[disk(state, **change)])
    assert state.belongings()["volumes"] == set()


def test_images_that_need_more_memory_or_are_not_active_are_refused(state: CloudState, connection: Connection) -> None:
    state.images[0]["min_ram"] = 8192
    with pytest.raises(exceptions.BadRequestException, match="Flavor's memory is too small"):
        create(connection, state)
    state.images[0] |= {"min_ram": 0, "status": "deactivated"}
    with pytest.raises(exceptions.BadRequestException, match="is not active"):
        create(connection, state)


# -- failures -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("message", [None, "The hypervisor is on fire."])
def test_broken_servers_end_in_a_fault(message: str | None, state: CloudState, connection: Connection) -> None:
    state.server_error = message
    if message is None:
        state.broken = {"server"}
    state.delays["server"] = 10
    server = create(connection, state, image_id="", block_device_mapping=[disk(state)])
    assert show(connection, server).status == "BUILD"
    state.timeline.skip(10)
    found = show(connection, server)
    assert (found.status, found.vm_state, found.fault["message"]) == ("ERROR", "error", message or FAILURE)
    assert found.fault["code"] == 500
    connection.compute.delete_server(server, ignore_missing=False)
    state.timeline.skip(10)
    assert state.belongings()["servers"] == set()


def test_stuck_servers_stay_in_build_and_can_be_deleted(state: CloudState, connection: Connection) -> None:
    state.stuck = {"server"}
    server = create(connection, state, image_id="", block_device_mapping=[disk(state)])
    state.timeline.skip(1e6)
    assert show(connection, server).status == "BUILD"
    connection.compute.delete_server(server)
    assert state.belongings() | {"servers": set(), "volumes": set()} == state.belongings()


def test_a_server_waits_for_its_volume(state: CloudState, connection: Connection) -> None:
    state.stuck = {"volume"}
    server = create(connection, state, image_id="", block_device_mapping=[disk(state)])
    state.timeline.skip(1e6)
    assert show(connection, server).status == "BUILD"
    state.stuck, state.broken = set(), {"volume"}
    server = create(connection, state, image_id="", block_device_mapping=[disk(state)])
    assert "And its status is error." in show(connection, server).fault["message"]


def test_a_deleted_server_does_not_come_back(state: CloudState, connection: Connection) -> None:
    state.delays |= {"server": 10, "volume": 10, "server-deletion": 30, "volume-deletion": 5}
    server = create(connection, state, image_id="", block_device_mapping=[disk(state)])
    connection.compute.delete_server(server)
    state.timeline.skip(20)
    found = show(connection, server)
    assert (found.status, found.task_state) == ("BUILD", "deleting")
    state.timeline.skip(10)
    assert [volume.status for volume in connection.block_storage.volumes()] == ["deleting"]
    state.timeline.skip(5)
    assert state.belongings()["volumes"] == set()


def test_a_volume_too_much_is_a_fault_of_the_server(state: CloudState, connection: Connection) -> None:
    state.quota["volumes"] = 0
    server = create(connection, state, image_id="", block_device_mapping=[disk(state)])
    message = show(connection, server).fault["message"]
    assert message.startswith(f"Build of instance {server.id} aborted: VolumeLimitExceeded")


@pytest.mark.parametrize(("name", "status"), [("stuck", "ACTIVE"), ("broken", "ERROR")])
def test_servers_may_refuse_to_go(name: str, status: str, state: CloudState, connection: Connection) -> None:
    server = create(connection, state)
    setattr(state, name, {"server-deletion"})
    connection.compute.delete_server(server)
    assert show(connection, server).status == status


def test_a_deleted_server_may_be_set_aside_until_it_is_deleted_for_good(
    state: CloudState, connection: Connection
) -> None:
    state.deferred_deletion = True
    server = create(connection, state)
    assert show(connection, server).status == "ACTIVE"
    connection.compute.delete_server(server)
    assert show(connection, server).status == "SOFT_DELETED"
    assert list(connection.compute.servers()) == []
    assert list(connection.compute.servers(details=False)) == []
    connection.compute.delete_server(server, force=True)
    state.catch_up()
    assert state.servers == []


def test_a_server_that_never_ran_is_not_set_aside(state: CloudState, connection: Connection) -> None:
    state.deferred_deletion = True
    state.broken = {"server"}
    server = create(connection, state)
    connection.compute.delete_server(server)
    state.catch_up()
    assert state.servers == []
