# SPDX-License-Identifier: Apache-2.0
"""What an earlier run asked for without an answer, and did not find at its end: the next run looks again."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from pytest_scs.demo.openstack.state import CloudState, Fault
from pytest_scs.evidence.journal import Journal, known_runs, past_runs
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.platforms.openstack.journaling import teller
from pytest_scs.platforms.openstack.late import remove_late
from pytest_scs.platforms.openstack.resource import RUN_KEY

EARLIER, NOW = "1a2b3c4d", "0badcafe"
NAME = f"_scs-0117-{EARLIER}-volume"


def unfound(client: Client, kind: str = "volume", name: str = NAME, *, run: str = EARLIER, **more: Any) -> Path:
    """The journal of a run that asked for one thing, and did not find it at its end."""
    journal = Journal(run, "demo").sign(teller(client))
    for event in ("intent", "unfound"):
        journal.write(event, kind=kind, name=name, **more)
    return journal.path


def appear(client: Client, name: str = NAME, run: str = EARLIER) -> None:
    metadata = {RUN_KEY: run} if run else {}
    client.post("block-storage", "/volumes", {"volume": {"size": 1, "name": name, "metadata": metadata}})


def test_what_came_late_is_removed_and_the_journal_goes(client: Client, state: CloudState) -> None:
    unfound(client)
    appear(client)
    appear(client, "mine")
    appear(client, NAME, run="")
    appear(client, NAME, run=NOW)
    appear(client, f"{NAME}-2")
    assert remove_late(client, "demo", NOW) == []
    assert sorted(volume["name"] for volume in state.volumes) == [NAME, NAME, f"{NAME}-2", "mine"]
    assert known_runs() == set()


def test_what_is_made_without_metadata_needs_its_name_only(client: Client, state: CloudState) -> None:
    unfound(client, bare=True)
    appear(client, run="")
    appear(client, run=NOW)
    assert remove_late(client, "demo", NOW) == []
    assert [volume["metadata"] for volume in state.volumes] == [{RUN_KEY: NOW}]


@pytest.mark.parametrize(
    "name",
    ["precious-db", f"_scs-0117-{NOW}-volume", "_scs-0117-volume", f"x{NAME}", f"{NAME}\n", ""],
)
@pytest.mark.parametrize("bare", [False, True])
def test_name_in_a_journal_that_is_not_of_its_run_is_somebodys(
    client: Client, state: CloudState, name: str, bare: bool
) -> None:
    unfound(client, name=name, bare=bare)
    appear(client, name or "nameless", run="")
    state.volumes[0]["name"] = name
    assert remove_late(client, "demo", "bbbbbbbb") == []
    assert len(state.volumes) == 1
    assert not [one for one in state.requests if one.method == "DELETE"]


def test_thing_of_another_run_is_not_taken_along(client: Client, state: CloudState) -> None:
    unfound(client)
    other = {"size": 1, "name": f"_scs-0117-{NOW}-volume", "metadata": {RUN_KEY: NOW}}
    client.post("block-storage", "/volumes", {"volume": other})
    assert remove_late(client, "demo", NOW) == []
    assert [volume["name"] for volume in state.volumes] == [other["name"]]


def test_what_never_came_is_forgotten(client: Client) -> None:
    unfound(client)
    assert remove_late(client, "demo", NOW) == []
    assert known_runs() == set()


def test_without_earlier_runs_nothing_is_asked(client: Client, state: CloudState) -> None:
    assert remove_late(client, "demo", NOW) == []
    assert state.requests == []


@pytest.mark.parametrize("run", [EARLIER, NOW])
def test_the_present_run_is_none_of_the_earlier_ones(client: Client, state: CloudState, run: str) -> None:
    unfound(client, run=run)
    remove_late(client, "demo", run)
    assert known_runs() == {run}


def change(path: Path, **facts: Any) -> None:
    lines = [{**json.loads(line), **facts} for line in path.read_text().splitlines()]
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))


@pytest.mark.parametrize(
    "facts",
    [{"process": os.getppid()}, {"account": "u/p/"}, {"subject": "another"}],
    ids=["running", "account", "name"],
)
def test_journal_that_is_none_of_our_business_is_left_alone(
    client: Client, state: CloudState, facts: dict[str, Any]
) -> None:
    path = unfound(client)
    change(path, **facts)
    appear(client)
    assert remove_late(client, "demo", NOW) == []
    assert len(state.volumes) == 1
    assert path.exists()


def test_run_that_left_what_it_knows_is_for_the_user(client: Client, state: CloudState) -> None:
    path = unfound(client)
    Journal(EARLIER, "demo").sign(teller(client)).write("created", kind="server", name="x", id="1")
    appear(client)
    assert remove_late(client, "demo", NOW) == []
    assert len(state.volumes) == 1
    assert path.exists()


@pytest.mark.parametrize("kind", ["ec2-credential", "zeppelin"])
def test_what_nothing_tells_from_others_keeps_the_journal(client: Client, kind: str) -> None:
    path = unfound(client, kind)
    assert remove_late(client, "demo", NOW) == []
    assert path.exists()


def test_listing_that_fails_keeps_the_journal(client: Client, state: CloudState) -> None:
    path = unfound(client)
    state.faults.append(Fault("GET", "/volumes/detail", status=500))
    assert remove_late(client, "demo", NOW) == []
    assert path.exists()


def test_what_cannot_be_removed_is_told_and_noted(client: Client, state: CloudState) -> None:
    unfound(client)
    appear(client)
    state.faults.append(Fault("DELETE", "/volumes/", status=403))
    (line,) = remove_late(client, "demo", NOW)
    (volume,) = state.volumes
    assert line.startswith(f"volume {NAME} ({volume['id']}) could not be removed: ")
    (past,) = past_runs("demo")
    assert [one["id"] for one in past.present] == [volume["id"]]
    assert past.untidy
