# SPDX-License-Identifier: Apache-2.0
"""Rebuilding, resizing, images of servers, more volumes, snapshots: the states that Nova and Cinder go through."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
from openstack import exceptions
from openstack.connection import Connection

from pytest_scs.demo.openstack.server import DemoCloud
from pytest_scs.demo.openstack.state import CloudState

#: What the SDK warns of is its own use of itself.
pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")


def _flavor(state: CloudState, name: str) -> str:
    return str(next(flavor["id"] for flavor in state.flavors if flavor["name"] == name))


@pytest.fixture
def server(state: CloudState, connection: Connection) -> Any:
    compute, image = connection.compute, state.images[0]["id"]
    made = compute.create_server(name="x", flavor_id=_flavor(state, "SCS-2V-8-20"), image_id=image, networks="none")
    return compute.wait_for_server(made)


def test_a_resize_is_on_trial_until_it_is_confirmed(state: CloudState, connection: Connection, server: Any) -> None:
    compute, larger = connection.compute, _flavor(state, "SCS-4V-16-50")
    with pytest.raises(exceptions.ConflictException, match=r"'confirmResize' .* vm_state active"):
        compute.confirm_server_resize(server)
    compute.resize_server(server, larger)
    assert state.servers[0]["status"] == "RESIZE"
    tried = compute.get_server(server.id)
    assert (tried.status, tried.vm_state, tried.flavor.original_name) == ("VERIFY_RESIZE", "resized", "SCS-4V-16-50")
    compute.confirm_server_resize(server)
    assert compute.get_server(server.id).status == "ACTIVE"
    with pytest.raises(exceptions.BadRequestException, match="must change flavor"):
        compute.resize_server(server, larger)


def test_a_resize_that_is_taken_back_leaves_flavor_and_status(
    state: CloudState, connection: Connection, server: Any
) -> None:
    compute = connection.compute
    compute.stop_server(server)
    compute.resize_server(server, _flavor(state, "SCS-4V-16-50"))
    assert compute.get_server(server.id).status == "VERIFY_RESIZE"
    compute.revert_server_resize(server)
    after = compute.get_server(server.id)
    assert (after.status, after.flavor.original_name, after.task_state) == ("SHUTOFF", "SCS-2V-8-20", None)


@pytest.mark.parametrize(
    ("flavor", "quota", "error"),
    [
        ("SCS-4V-16", 20, "zero disk flavor is not allowed"),
        ("nosuch", 20, "Flavor nosuch could not be found"),
        ("SCS-4V-16-50", 3, "Quota exceeded for cores: Requested 2"),
    ],
)
def test_a_resize_that_cannot_be_is_refused(
    state: CloudState, connection: Connection, server: Any, flavor: str, quota: int, error: str
) -> None:
    state.quota["cores"] = quota
    wanted = flavor if flavor == "nosuch" else _flavor(state, flavor)
    with pytest.raises(exceptions.HttpException, match=error):
        connection.compute.resize_server(server, wanted)
    assert connection.compute.get_server(server.id).status == "ACTIVE"


def test_a_server_is_rebuilt_on_another_image(state: CloudState, connection: Connection, server: Any) -> None:
    compute, image = connection.compute, state.images[1]["id"]
    state.delays["server"] = 60
    compute.rebuild_server(server, image=image, name="y")
    assert compute.get_server(server.id).status == "REBUILD"
    with pytest.raises(exceptions.ConflictException, match="task_state rebuilding"):
        compute.rebuild_server(server, image=image)
    state.timeline.skip(60)
    after = compute.get_server(server.id)
    assert (after.status, after.image.id, after.name) == ("ACTIVE", image, "y")
    assert connection.compute.get_server_console_output(server)["output"]


def test_a_server_deleted_while_it_is_resized_is_gone(state: CloudState, connection: Connection, server: Any) -> None:
    state.delays["server"] = 60
    connection.compute.resize_server(server, _flavor(state, "SCS-4V-16-50"))
    connection.compute.delete_server(server)
    state.timeline.skip(120)
    assert state.belongings()["servers"] == set()


def test_the_image_of_a_server_is_saved_with_what_its_own_image_says(
    state: CloudState, connection: Connection, server: Any
) -> None:
    state.delays["upload"] = 60
    image = connection.compute.create_server_image(server, "kept", wait=False)
    assert connection.image.get_image(image.id).status == "saving"
    state.timeline.skip(60)
    saved = connection.image.get_image(image.id)
    assert (saved.status, saved.visibility, saved.owner_id) == ("active", "private", state.project_id)
    assert saved.os_distro == state.images[0]["os_distro"]
    assert saved.size == 20 * 2**30
    assert saved.properties["base_image_ref"] == state.images[0]["id"]


def test_the_image_of_a_server_on_a_volume_names_a_snapshot_to_boot_from(
    state: CloudState, connection: Connection
) -> None:
    compute = connection.compute
    disk = {"boot_index": 0, "uuid": state.images[0]["id"], "source_type": "image", "destination_type": "volume"}
    wanted = {"name": "x", "flavor_id": _flavor(state, "SCS-2V-8"), "networks": "none"}
    made = compute.create_server(**wanted, block_device_mapping=[disk | {"volume_size": 30}])
    image = compute.create_server_image(compute.wait_for_server(made), "kept", wait=False)
    [device] = json.loads(connection.image.get_image(image.id).properties["block_device_mapping"])
    [snapshot] = connection.block_storage.snapshots()
    assert (device["snapshot_id"], snapshot.size, snapshot.status) == (snapshot.id, 30, "available")
    again = [{"boot_index": 0, "uuid": snapshot.id, "source_type": "snapshot", "destination_type": "volume"}]
    second = compute.wait_for_server(compute.create_server(**wanted, block_device_mapping=again))
    assert connection.block_storage.get_volume(second.attached_volumes[0].id).snapshot_id == snapshot.id


def test_a_volume_is_attached_and_detached(state: CloudState, connection: Connection, server: Any) -> None:
    volume = connection.block_storage.create_volume(size=1, name="data")
    assert connection.compute.create_volume_attachment(server, volume_id=volume.id).device == "/dev/vdb"
    assert connection.block_storage.get_volume(volume.id).status == "in-use"
    with pytest.raises(exceptions.BadRequestException, match="current status is in-use"):
        connection.compute.create_volume_attachment(server, volume_id=volume.id)
    connection.compute.delete_volume_attachment(server, volume.id)
    assert connection.block_storage.get_volume(volume.id).status == "available"


def test_a_volume_with_a_snapshot_stays_and_a_volume_is_made_of_it(state: CloudState, connection: Connection) -> None:
    storage = connection.block_storage
    volume = storage.create_volume(size=2, image_id=state.images[0]["id"] if state.images[0]["min_disk"] < 3 else None)
    assert storage.get_volume(volume.id).status == "available"
    snapshot = storage.create_snapshot(volume_id=volume.id, name="s")
    assert snapshot.status == "creating"
    assert storage.get_snapshot(snapshot.id).status == "available"
    with pytest.raises(exceptions.BadRequestException, match="have snapshots"):
        storage.delete_volume(volume)
    copy = storage.create_volume(snapshot_id=snapshot.id)
    assert (copy.size, copy.snapshot_id) == (2, snapshot.id)
    with pytest.raises(exceptions.BadRequestException, match="cannot be smaller"):
        storage.create_volume(snapshot_id=snapshot.id, size=1)
    storage.delete_snapshot(snapshot)
    storage.delete_volume(volume)
    storage.get_volume(copy.id)
    assert state.belongings()["snapshots"] == set()
    assert state.belongings()["volumes"] == {copy.id}


def test_snapshots_count_for_the_quota(state: CloudState, connection: Connection) -> None:
    volume = connection.block_storage.create_volume(size=2)
    connection.block_storage.get_volume(volume.id)
    for quota, error in (({"gigabytes": 3}, "exceeds allowed gigabytes"), ({"snapshots": 0}, "SnapshotLimitExceeded")):
        state.quota |= {"gigabytes": 1000} | quota
        with pytest.raises(exceptions.HttpException, match=error):
            connection.block_storage.create_snapshot(volume_id=volume.id)


def test_a_volume_is_extended(connection: Connection) -> None:
    storage = connection.block_storage
    volume = storage.create_volume(size=1)
    storage.get_volume(volume.id)
    storage.extend_volume(volume, 3)
    assert storage.get_volume(volume.id).size == 3
    with pytest.raises(exceptions.BadRequestException, match=r"current: 3, extended: 2"):
        storage.extend_volume(volume, 2)


def test_a_server_has_the_key_pair_that_was_named(state: CloudState, connection: Connection) -> None:
    connection.compute.create_keypair(name="mine", public_key="ssh-ed25519 AAAA")
    wanted = {"flavor_id": _flavor(state, "SCS-2V-8-20"), "image_id": state.images[0]["id"], "networks": "none"}
    made = connection.compute.create_server(name="x", key_name="mine", **wanted)
    assert connection.compute.get_server(made.id).key_name == "mine"
    with pytest.raises(exceptions.BadRequestException, match="Invalid key_name"):
        connection.compute.create_server(name="x", key_name="other", **wanted)


@pytest.mark.parametrize(
    ("action", "status", "words"),
    [
        ({"os-getVNCConsole": {"type": "novnc"}}, 400, "Unavailable console type novnc."),
        ({"shelve": None}, 501, "does not do 'shelve'"),
        ({"migrate": None}, 403, "os_compute_api:os-migrate-server:migrate"),
        ({"dance": None}, 400, "no such action: dance"),
        ({}, 400, "no such action"),
    ],
)
def test_what_is_not_acted_is_refused_in_words(
    cloud: DemoCloud, server: Any, authenticated: requests.Session, action: Any, status: int, words: str
) -> None:
    answer = authenticated.post(f"{cloud.url}/compute/v2.1/servers/{server.id}/action", json=action)
    [fault] = answer.json().values()
    assert (answer.status_code, fault["code"]) == (status, status)
    assert words in fault["message"]


def test_no_console_is_served(connection: Connection, server: Any) -> None:
    with pytest.raises(exceptions.BadRequestException, match="Unavailable console type novnc"):
        connection.compute.create_console(server, "novnc")


def test_images_are_changed_as_glance_changes_them(
    cloud: DemoCloud, connection: Connection, authenticated: requests.Session
) -> None:
    image = connection.image.create_image("mine", disk_format="raw", container_format="bare", colour="red")
    url = f"{cloud.url}/image/v2/images/{image.id}"

    def patch(*change: dict[str, Any]) -> int:
        return authenticated.patch(url, json=change).status_code

    assert patch({"op": "replace", "path": "/visibility", "value": "public"}) == 403
    assert patch({"op": "remove", "path": "/colour"}) == 200
    assert "colour" not in authenticated.get(url).json()
    assert patch({"op": "replace", "path": "/protected", "value": True}) == 200
    assert authenticated.delete(url).status_code == 403
