# SPDX-License-Identifier: Apache-2.0
"""Images of the project in the demo cloud, by the unchanged openstacksdk and beside it."""

from __future__ import annotations

import hashlib

import pytest
import requests
from openstack.connection import Connection

from pytest_scs.demo.openstack.server import DemoCloud
from pytest_scs.demo.openstack.state import CloudState

pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")

CONTENT = b"0123456789" * 100
DIGEST = hashlib.sha512(CONTENT).hexdigest()


def make(connection: Connection) -> str:
    image = connection.image.create_image(
        "mine", data=CONTENT, disk_format="raw", container_format="bare", visibility="private", validate_checksum=False
    )
    return str(image.id)


def test_an_image_is_made_filled_changed_and_deleted(state: CloudState, connection: Connection) -> None:
    before = state.belongings()
    identity = make(connection)
    found = connection.image.get_image(identity)
    assert (found.name, found.status, found.size, found.hash_value) == ("mine", "active", len(CONTENT), DIGEST)
    connection.image.update_image(identity, color="red")
    assert connection.image.get_image(identity).properties["color"] == "red"
    connection.image.delete_image(identity)
    assert state.belongings() == before


def test_content_goes_from_image_to_volume_to_backup_to_volume_to_image(
    state: CloudState, connection: Connection, cloud: DemoCloud, authenticated: requests.Session
) -> None:
    storage = connection.block_storage
    volume = storage.create_volume(size=1, name="v", image_id=make(connection))
    storage.wait_for_status(volume, "available", interval=0.05, wait=5)
    backup = storage.create_backup(volume_id=volume.id, name="b")
    storage.wait_for_status(backup, "available", interval=0.05, wait=5)
    path = f"{cloud.url}/volume/v3/{state.project_id}"
    answer = authenticated.post(f"{path}/backups/{backup.id}/restore", json={"restore": {"name": "r"}})
    restored = answer.json()["restore"]["volume_id"]
    storage.wait_for_status(storage.get_volume(restored), "available", interval=0.05, wait=5)
    for source in (volume.id, restored):
        wish = {"os-volume_upload_image": {"image_name": "copy", "disk_format": "raw"}}
        told = authenticated.post(f"{path}/volumes/{source}/action", json=wish)
        assert told.status_code == 202
        image = connection.image.get_image(told.json()["os-volume_upload_image"]["image_id"])
        assert (image.name, image.status, image.hash_value, image.size) == ("copy", "active", DIGEST, 2**30)


def test_an_image_that_is_changed_while_it_is_filled_is_lost(
    state: CloudState, connection: Connection, cloud: DemoCloud, authenticated: requests.Session
) -> None:
    state.delays["upload"] = 60
    volume = connection.block_storage.create_volume(size=1, name="v")
    path = f"{cloud.url}/volume/v3/{state.project_id}/volumes/{volume.id}"
    state.catch_up()
    told = authenticated.post(f"{path}/action", json={"os-volume_upload_image": {"image_name": "copy"}})
    url = f"{cloud.url}/image/v2/images/{told.json()['os-volume_upload_image']['image_id']}"
    assert authenticated.get(url).json()["status"] == "saving"
    assert authenticated.get(path).json()["volume"]["status"] == "uploading"
    authenticated.patch(url, json=[{"op": "add", "path": "/color", "value": "red"}])
    assert authenticated.get(url).status_code == 404


def test_content_can_be_read_back_once_it_is_there(
    state: CloudState, connection: Connection, cloud: DemoCloud, authenticated: requests.Session
) -> None:
    url = f"{cloud.url}/image/v2/images"
    answer = authenticated.get(f"{url}/{make(connection)}/file")
    assert (answer.content, answer.headers["Content-Type"]) == (CONTENT, "application/octet-stream")
    empty = authenticated.post(url, json={"name": "empty", "disk_format": "raw", "container_format": "bare"}).json()
    assert authenticated.get(f"{url}/{empty['id']}/file").status_code == 204
    assert authenticated.get(f"{url}/x/file").status_code == 404


@pytest.mark.parametrize(
    ("method", "rest", "body", "status"),
    [
        ("POST", "", {"name": "x", "visibility": "public"}, 403),
        ("POST", "", [], 400),
        ("DELETE", "/{public}", None, 403),
        ("PATCH", "/{own}", {}, 400),
        ("PUT", "/{own}/file", None, 409),
        ("DELETE", "/x", None, 404),
    ],
)
def test_what_a_member_may_not_or_cannot_do(
    state: CloudState,
    connection: Connection,
    cloud: DemoCloud,
    authenticated: requests.Session,
    method: str,
    rest: str,
    body: object,
    status: int,
) -> None:
    url = f"{cloud.url}/image/v2/images" + rest.format(public=state.images[0]["id"], own=make(connection))
    assert authenticated.request(method, url, json=body).status_code == status


def test_a_volume_that_is_busy_is_not_copied(
    state: CloudState, cloud: DemoCloud, connection: Connection, authenticated: requests.Session
) -> None:
    state.stuck.add("volume")
    volume = connection.block_storage.create_volume(size=1, name="v")
    url = f"{cloud.url}/volume/v3/{state.project_id}/volumes/{volume.id}/action"
    assert authenticated.post(url, json={"os-volume_upload_image": {"image_name": "copy"}}).status_code == 400
    assert authenticated.post(url, json={"os-extend": {"new_size": 2}}).status_code == 400
