# SPDX-License-Identifier: Apache-2.0
"""What crosses between the main process and workers."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator

import pytest

from pytest_scs.core.subject import Subject
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.evidence.shared import SharedSource
from pytest_scs.run.workers import WorkerFolder

CRATE = Subject("boxes", "crate", "Crate-1")
CLOUD = Subject("openstack", "crate")


@pytest.fixture
def main() -> Iterator[WorkerFolder]:
    folder = WorkerFolder.create()
    yield folder
    folder.remove()


def test_the_main_process_makes_a_folder_of_its_own(main: WorkerFolder) -> None:
    assert main.path.is_dir()
    assert main.path.stat().st_mode & 0o077 == 0
    assert not main.is_worker
    assert WorkerFolder(main.path, "gw0").is_worker


def test_a_worker_is_told_folder_subjects_and_date_in_plain_types(main: WorkerFolder) -> None:
    told = main.for_worker([CRATE, CLOUD], dt.date(2026, 6, 15))
    assert (
        json.loads(json.dumps(told))
        == told
        == {
            "folder": str(main.path),
            "subjects": [["boxes", "crate", "Crate-1"], ["openstack", "crate", "crate"]],
            "date": "2026-06-15",
            "not_due": None,
        }
    )
    assert type(told) is dict


def test_a_worker_is_told_what_to_leave_out(main: WorkerFolder) -> None:
    told = main.for_worker([CRATE, CLOUD], dt.date(2026, 6, 15), ({("lids", CLOUD)}, set()))
    assert told["not_due"] == [[("lids", 1)], []]


def test_what_a_worker_collected_arrives(main: WorkerFolder) -> None:
    assert main.published() is None
    collected = {"a.py::x[1]": ("scs-9902-x-closed", CRATE), "a.py::x[2]": ("scs-9902-x-closed", CLOUD)}
    for worker in ("gw0", "gw1"):
        WorkerFolder(main.path, worker).publish(collected, {"scs-9902-x-closed": ["lids"]}, [("lids", CLOUD)])
    published = main.published()
    assert published == (collected, {"scs-9902-x-closed": ["lids"]}, [("lids", CLOUD)])
    assert published[0]["a.py::x[1]"][1].report_name == "Crate-1"


def test_an_empty_collection_is_one(main: WorkerFolder) -> None:
    WorkerFolder(main.path, "gw0").publish({}, {})
    assert main.published() == ({}, {}, [])


def test_inventories_arrive(main: WorkerFolder) -> None:
    main.share([Inventory(CRATE, "2026-06-15T12:00:00+00:00", sections={"lids": []})])
    assert SharedSource(main.path).inventory(CRATE).sections == {"lids": []}


def test_only_the_main_process_removes_the_folder(main: WorkerFolder) -> None:
    (main.path / "x").touch()
    WorkerFolder(main.path, "gw0").remove()
    assert main.path.is_dir()
    main.remove()
    assert not main.path.exists()
    main.remove()


def test_folders_of_two_runs_are_two(main: WorkerFolder) -> None:
    other = WorkerFolder.create()
    assert other.path != main.path
    other.remove()
