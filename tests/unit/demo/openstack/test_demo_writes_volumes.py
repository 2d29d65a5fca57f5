# SPDX-License-Identifier: Apache-2.0
"""Volumes and backups in the demo cloud, by the unchanged openstacksdk, with their states and failures."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests
from openstack import exceptions
from openstack.connection import Connection

from pytest_scs.demo.openstack.server import DemoCloud
from pytest_scs.demo.openstack.services.backups import FAILURE
from pytest_scs.demo.openstack.state import CloudState

#: What the SDK warns of is its own use of itself.
pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def status(connection: Connection, thing: Any) -> str:
    return str(connection.block_storage.get(f"/{thing.base_path.strip('/')}/{thing.id}").json().popitem()[1]["status"])


# -- volumes --------------------------------------------------------------------------------------------------------


def test_a_volume_is_made_used_and_deleted(state: CloudState, connection: Connection) -> None:
    state.delays["volume"] = 60
    storage = connection.block_storage
    volume = storage.create_volume(name="mine", size=1, metadata={"run": "1"})
    assert (volume.status, volume.volume_type, volume.is_bootable) == ("creating", "__DEFAULT__", False)
    state.timeline.skip(59)
    assert status(connection, volume) == "creating"
    state.timeline.skip(1)
    assert status(connection, volume) == "available"
    kept = state.volumes[0]
    assert (kept["name"], kept["project_id"], kept["metadata"]) == ("mine", state.project_id, {"run": "1"})
    assert kept["created_at"] < kept["updated_at"]
    storage.delete_volume(volume, ignore_missing=False)
    assert status(connection, volume) == "deleting"
    with pytest.raises(exceptions.BadRequestException, match="Volume status must be available"):
        storage.delete_volume(volume, ignore_missing=False)
    state.timeline.skip(60)
    with pytest.raises(exceptions.NotFoundException, match=f"Volume {volume.id} could not be found"):
        storage.get_volume(volume.id)
    assert state.volumes == []


def test_time_passes_by_itself_as_well(state: CloudState, connection: Connection) -> None:
    state.delays |= {"volume": 0.2, "volume-deletion": 0.1}
    start = time.monotonic()
    volume = connection.block_storage.create_volume(size=1)
    connection.block_storage.wait_for_status(volume, "available", interval=0.02, wait=60)
    assert time.monotonic() - start >= 0.2
    connection.block_storage.delete_volume(volume)
    connection.block_storage.wait_for_delete(volume, interval=0.02, wait=60)
    assert time.monotonic() - start >= 0.3


def test_without_delay_the_next_look_finds_a_volume_ready(state: CloudState, connection: Connection) -> None:
    volume = connection.block_storage.create_volume(size=1)
    assert (volume.status, status(connection, volume)) == ("creating", "available")
    connection.block_storage.delete_volume(volume)
    assert connection.block_storage.find_volume(volume.id) is None


def test_stuck_volumes_stay_as_they_are_and_cannot_be_deleted(state: CloudState, connection: Connection) -> None:
    state.stuck = {"volume"}
    volume = connection.block_storage.create_volume(size=1)
    state.timeline.skip(1e6)
    assert status(connection, volume) == "creating"
    with pytest.raises(exceptions.BadRequestException):
        connection.block_storage.delete_volume(volume, ignore_missing=False)


def test_stuck_and_broken_deletions_leave_something_behind(state: CloudState, connection: Connection) -> None:
    for name, end in (("stuck", "deleting"), ("broken", "error_deleting")):
        volume = connection.block_storage.create_volume(size=1)
        setattr(state, name, {"volume-deletion"})
        connection.block_storage.delete_volume(volume, ignore_missing=False)
        assert status(connection, volume) == end
        state.stuck, state.broken = set(), set()
    assert len(state.belongings()["volumes"]) == 2


def test_broken_volumes_end_in_an_error_and_can_be_deleted(state: CloudState, connection: Connection) -> None:
    state.broken = {"volume"}
    volume = connection.block_storage.create_volume(size=1)
    assert status(connection, volume) == "error"
    connection.block_storage.delete_volume(volume, ignore_missing=False)
    assert state.belongings()["volumes"] == set()


def test_volumes_are_listed_newest_first_and_by_name_or_metadata(
    cloud: DemoCloud, state: CloudState, connection: Connection, authenticated: requests.Session
) -> None:
    for number in range(5):
        connection.block_storage.create_volume(name=f"v{number % 3}", size=1, metadata={"run": str(number)})
    assert [volume.name for volume in connection.block_storage.volumes()] == ["v1", "v0", "v2", "v1", "v0"]
    assert [volume.metadata for volume in connection.block_storage.volumes(name="v0")] == [{"run": "3"}, {"run": "0"}]
    assert [volume.name for volume in connection.block_storage.volumes(properties="{'run': '2'}")] == ["v2"]
    assert [volume.name for volume in connection.block_storage.volumes(details=False, status="error")] == []
    assert [volume.name for volume in connection.block_storage.volumes(limit=2)] == ["v1", "v0", "v2", "v1", "v0"]
    url = f"{cloud.url}/volume/v3/{state.project_id}/volumes"
    assert authenticated.get(f"{url}?metadata=x").json() == {"volumes": []}
    assert authenticated.get(f"{url}?marker={UNKNOWN}").status_code == 404
    assert [entry.keys() for entry in authenticated.get(f"{url}?name=v2").json()["volumes"]] == [
        {"id", "name", "links"}
    ]


def test_name_and_metadata_can_be_changed(state: CloudState, connection: Connection) -> None:
    volume = connection.block_storage.create_volume(name="mine", size=1, metadata={"a": "1"})
    connection.block_storage.set_volume_metadata(volume, b="2")
    assert state.volumes[0]["metadata"] == {"a": "1", "b": "2"}
    connection.block_storage.update_volume(volume, name="yours")
    found = connection.block_storage.get_volume(volume.id)
    assert (found.name, found.metadata) == ("yours", {"a": "1", "b": "2"})


def test_a_volume_of_an_image_remembers_it_and_boots(state: CloudState, connection: Connection) -> None:
    image = state.images[0]
    volume = connection.block_storage.create_volume(size=8, image_id=image["id"], volume_type="encrypted")
    found = connection.block_storage.get_volume(volume.id)
    assert (found.status, found.is_bootable, found.volume_type) == ("available", True, "encrypted")
    assert found.volume_image_metadata["image_id"] == image["id"]
    assert found.volume_image_metadata["os_distro"] == image["os_distro"]


@pytest.mark.parametrize(
    ("given", "expected", "message"),
    [
        ({}, 400, "malformed"),
        ({"size": 0}, 400, "less than the minimum of 1"),
        ({"size": "big"}, 400, "does not match"),
        ({"size": 1, "volume_type": "nope"}, 404, "Volume type with name nope could not be found."),
        ({"size": 1, "availability_zone": "mars"}, 400, "Availability zone 'mars' is invalid."),
        ({"size": 1, "imageRef": UNKNOWN}, 400, "Invalid image identifier"),
        ({"size": 7, "imageRef": "ubuntu"}, 400, "cannot be smaller than the image minDisk size 8GB"),
        ({"size": 1, "source_volid": UNKNOWN}, 404, f"Volume {UNKNOWN} could not be found."),
        ({"size": 1, "snapshot_id": UNKNOWN}, 404, f"Snapshot {UNKNOWN} could not be found."),
    ],
)
def test_volumes_that_make_no_sense_are_refused(
    given: dict[str, Any],
    expected: int,
    message: str,
    state: CloudState,
    cloud: DemoCloud,
    authenticated: requests.Session,
) -> None:
    if given.get("imageRef") == "ubuntu":
        given["imageRef"] = state.images[0]["id"]
    answer = authenticated.post(f"{cloud.url}/volume/v3/{state.project_id}/volumes", json={"volume": given})
    assert answer.status_code == expected
    assert message in answer.json().popitem()[1]["message"]
    assert state.volumes == []


def test_a_volume_may_be_a_copy(state: CloudState, connection: Connection) -> None:
    original = connection.block_storage.create_volume(size=8, image_id=state.images[0]["id"])
    copy = connection.block_storage.create_volume(source_volume_id=original.id)
    found = connection.block_storage.get_volume(copy.id)
    assert (found.size, found.is_bootable, found.source_volume_id) == (8, True, original.id)


def test_changes_of_volumes_that_make_no_sense_are_refused(
    state: CloudState, cloud: DemoCloud, connection: Connection, authenticated: requests.Session
) -> None:
    volume = connection.block_storage.create_volume(size=1, metadata={"a": "1"})
    url = f"{cloud.url}/volume/v3/{state.project_id}/volumes/{volume.id}"
    assert authenticated.put(url, json={"volume": {"size": 2}}).status_code == 400
    assert authenticated.put(url, json=[]).status_code == 400
    assert authenticated.put(f"{url}/metadata", json={"metadata": {"b": "2"}}).json() == {"metadata": {"b": "2"}}
    assert authenticated.get(f"{url}/metadata").json() == {"metadata": {"b": "2"}}


def test_a_volume_must_hold_its_image(state: CloudState, connection: Connection) -> None:
    state.images[0] |= {"min_disk": 0, "size": 2**33 + 1}
    with pytest.raises(exceptions.BadRequestException, match="image 9GB is larger than volume size 8GB"):
        connection.block_storage.create_volume(size=8, image_id=state.images[0]["id"])
    connection.block_storage.create_volume(size=9, image_id=state.images[0]["id"])


def test_images_that_are_not_active_make_no_volumes(state: CloudState, connection: Connection) -> None:
    state.images[0]["status"] = "queued"
    with pytest.raises(exceptions.BadRequestException, match="is not active"):
        connection.block_storage.create_volume(size=8, image_id=state.images[0]["id"])


# -- backups --------------------------------------------------------------------------------------------------------


def test_a_backup_is_made_and_restored(state: CloudState, connection: Connection) -> None:
    """The procedure of scs-0117-test-backup."""
    state.delays |= {"backup": 60, "restore": 30}
    before = state.belongings()
    storage = connection.block_storage
    volume = storage.create_volume(name="mine", size=1, metadata={"a": "1"})
    backup = storage.create_backup(name="mine-backup", volume_id=volume.id)
    found = storage.get_backup(backup.id)
    assert (found.status, found.fail_reason, status(connection, volume)) == ("creating", None, "backing-up")
    for refused, reason in (
        (lambda: storage.delete_backup(backup, ignore_missing=False), "Backup status must be available or error"),
        (lambda: storage.create_backup(volume_id=volume.id), 'current status is "backing-up"'),
        (lambda: storage.restore_backup(backup, name="mine-restored"), "Backup status must be available"),
        (lambda: storage.delete_volume(volume, ignore_missing=False), "Volume status must be available"),
    ):
        with pytest.raises(exceptions.BadRequestException, match=reason):
            refused()
    state.timeline.skip(60)
    found = storage.get_backup(backup.id)
    assert (found.status, found.size, status(connection, volume)) == ("available", 1, "available")
    assert [entry.id for entry in storage.backups(name="mine-backup")] == [backup.id]

    answer = storage.post(f"/backups/{backup.id}/restore", json={"restore": {"name": "mine-restored"}})
    assert answer.status_code == 202
    restored = storage.get_volume(answer.json()["restore"]["volume_id"])
    assert (restored.name, restored.status) == ("mine-restored", "restoring-backup")
    assert storage.get_backup(backup.id).status == "restoring"
    state.timeline.skip(30)
    restored = storage.get_volume(restored.id)
    assert (restored.status, restored.metadata) == ("available", {"a": "1", "src_backup_id": backup.id})
    assert storage.get_backup(backup.id).status == "available"

    state.delays.clear()
    storage.delete_backup(backup, ignore_missing=False)
    with pytest.raises(exceptions.NotFoundException, match=f"Backup {backup.id} could not be found"):
        storage.get_backup(backup.id)
    for left in (volume, restored):
        storage.delete_volume(left, ignore_missing=False)
    assert state.belongings() == before


def test_a_backup_is_restored_onto_a_volume_that_is_large_enough(connection: Connection) -> None:
    storage = connection.block_storage
    volumes = [storage.create_volume(size=size) for size in (2, 1, 3)]
    backup = storage.create_backup(volume_id=volumes[0].id)
    with pytest.raises(exceptions.BadRequestException, match="is too small to restore backup of size 2"):
        storage.restore_backup(backup, volume_id=volumes[1].id)
    with pytest.raises(exceptions.NotFoundException, match=f"Volume {UNKNOWN} could not be found"):
        storage.restore_backup(backup, volume_id=UNKNOWN)
    storage.restore_backup(backup, volume_id=volumes[2].id)
    assert storage.get_volume(volumes[2].id).metadata == {"src_backup_id": backup.id}


def test_a_volume_with_backups_can_be_deleted(connection: Connection) -> None:
    volume = connection.block_storage.create_volume(size=1)
    backup = connection.block_storage.create_backup(volume_id=volume.id)
    connection.block_storage.delete_volume(volume, ignore_missing=False)
    assert connection.block_storage.get_backup(backup.id).status == "available"


def test_incremental_backups_need_and_protect_a_full_one(connection: Connection) -> None:
    storage = connection.block_storage
    volume = storage.create_volume(size=1)
    with pytest.raises(exceptions.BadRequestException, match="No backups available to do an incremental backup"):
        storage.create_backup(volume_id=volume.id, is_incremental=True)
    full = storage.create_backup(volume_id=volume.id)
    assert storage.get_backup(full.id).has_dependent_backups is False
    part = storage.create_backup(volume_id=volume.id, is_incremental=True)
    assert storage.get_backup(part.id).is_incremental
    assert storage.get_backup(full.id).has_dependent_backups
    with pytest.raises(exceptions.BadRequestException, match="Incremental backups exist"):
        storage.delete_backup(full, ignore_missing=False)
    storage.delete_backup(part, ignore_missing=False)
    storage.delete_backup(full, ignore_missing=False)


def test_volumes_in_use_are_backed_up_by_force_only(state: CloudState, connection: Connection) -> None:
    volume = connection.block_storage.create_volume(size=8, image_id=state.images[0]["id"])
    assert status(connection, volume) == "available"
    disk = {"boot_index": 0, "uuid": volume.id, "source_type": "volume", "destination_type": "volume"}
    server = connection.compute.create_server(
        name="mine",
        flavor_id=state.flavors[0]["id"],
        networks="none",
        block_device_mapping=[disk | {"delete_on_termination": True}],
    )
    assert status(connection, volume) == "in-use"
    with pytest.raises(exceptions.BadRequestException, match="must use the force flag"):
        connection.block_storage.create_backup(volume_id=volume.id)
    backup = connection.block_storage.create_backup(volume_id=volume.id, force=True)
    assert (status(connection, backup), status(connection, volume)) == ("available", "in-use")
    state.delays["backup"] = 60
    backup = connection.block_storage.create_backup(volume_id=volume.id, force=True)
    connection.compute.delete_server(server)
    assert state.belongings()["servers"] == set()
    assert state.belongings()["volumes"] == set()
    state.timeline.skip(60)
    assert status(connection, backup) == "available"


def test_a_volume_that_is_busy_is_not_restored_to(state: CloudState, connection: Connection) -> None:
    first, second = (connection.block_storage.create_volume(size=1) for _ in range(2))
    backup = connection.block_storage.create_backup(volume_id=first.id)
    assert status(connection, backup) == "available"
    state.delays["backup"] = 60
    connection.block_storage.create_backup(volume_id=second.id)
    with pytest.raises(exceptions.BadRequestException, match="Volume to be restored to must be available"):
        connection.block_storage.restore_backup(backup, volume_id=second.id)


def test_a_backup_that_is_not_ready_is_no_parent(state: CloudState, connection: Connection) -> None:
    volume = connection.block_storage.create_volume(size=1)
    state.broken = {"backup"}
    connection.block_storage.create_backup(volume_id=volume.id)
    with pytest.raises(exceptions.BadRequestException, match="The parent backup must be available"):
        connection.block_storage.create_backup(volume_id=volume.id, is_incremental=True)


@pytest.mark.parametrize("reason", [None, "No space left in the backup store"])
def test_broken_backups_give_a_reason(reason: str | None, state: CloudState, connection: Connection) -> None:
    volume = connection.block_storage.create_volume(size=1)
    state.backup_error = reason
    if reason is None:
        state.broken = {"backup"}
    backup = connection.block_storage.create_backup(volume_id=volume.id)
    found = connection.block_storage.get_backup(backup.id)
    assert (found.status, found.fail_reason) == ("error", reason or FAILURE)
    assert status(connection, volume) == "available"
    connection.block_storage.delete_backup(backup, ignore_missing=False)


def test_a_stuck_backup_holds_its_volume(state: CloudState, connection: Connection) -> None:
    volume = connection.block_storage.create_volume(size=1)
    state.stuck = {"backup"}
    backup = connection.block_storage.create_backup(volume_id=volume.id)
    state.timeline.skip(1e6)
    assert (status(connection, backup), status(connection, volume)) == ("creating", "backing-up")


def test_a_broken_restore_shows_at_the_volume(state: CloudState, connection: Connection) -> None:
    volume = connection.block_storage.create_volume(size=1)
    backup = connection.block_storage.create_backup(volume_id=volume.id)
    state.broken = {"restore"}
    connection.block_storage.restore_backup(backup, name="restored")
    restored = connection.block_storage.find_volume("restored")
    assert (restored.status, status(connection, backup)) == ("error_restoring", "available")
    connection.block_storage.delete_volume(restored, ignore_missing=False)


def test_without_backup_service_nothing_happens_to_backups(state: CloudState, connection: Connection) -> None:
    volume = connection.block_storage.create_volume(size=1)
    backup = connection.block_storage.create_backup(volume_id=volume.id)
    assert status(connection, backup) == "available"
    state.backup_service = False
    with pytest.raises(exceptions.HttpException, match="Service cinder-backup could not be found") as caught:
        connection.block_storage.create_backup(volume_id=volume.id)
    assert caught.value.status_code == 503
    assert status(connection, volume) == "available"
    for refused in (
        lambda: connection.block_storage.delete_backup(backup, ignore_missing=False),
        lambda: connection.block_storage.restore_backup(backup, name="x"),
    ):
        with pytest.raises(exceptions.NotFoundException, match="Service cinder-backup could not be found"):
            refused()
    assert status(connection, backup) == "available"
