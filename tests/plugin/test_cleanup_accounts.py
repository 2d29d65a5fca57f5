# SPDX-License-Identifier: Apache-2.0
"""Journals hold for the user and the project that they were written with, whatever clouds.yaml calls them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pytest_scs.cli import main as scs
from pytest_scs.demo.openstack import data
from pytest_scs.demo.openstack.state import CloudState, Fault
from pytest_scs.evidence.journal import Journal
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.platforms.openstack.config import find_cloud
from pytest_scs.platforms.openstack.journaling import own_runs, teller

LIST = ("cleanup", "--os-cloud=testcloud")
DELETE = (*LIST, "--delete")
MANAGER = "testcloud:manager-a"
RUN = "1a2b3c4d"
STRANGER = "journal {} is of another user or project than testcloud is now; "


@pytest.fixture
def other(now: Any) -> CloudState:
    """Another project, which gets the name of the judged cloud."""
    return data.conformant(now)


def client(name: str = "testcloud") -> Client:
    return Client(find_cloud(name), 0)


def journal(tmp_path: Path) -> Path:
    (path,) = (tmp_path / "state").rglob("*.jsonl")
    return path


def left_keys(judge: Any, healthy: CloudState) -> None:
    """Let a run leave EC2 credentials, of which only its journal knows."""
    healthy.faults.append(Fault("DELETE", "/OS-EC2/", status=403))
    judge(healthy, "-m", "main", "-k", "scs-0123-x-s3-roundtrip", scope="beyond-v1")
    healthy.faults.clear()
    assert len(healthy.ec2_credentials) == 1


@pytest.mark.parametrize("moved", ["user_id", "project_id", "cloud"])
def test_journal_survives_a_cleanup_in_another_account_of_that_name(
    judge: Any,
    serve: Any,
    healthy: CloudState,
    other: CloudState,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    moved: str,
) -> None:
    left_keys(judge, healthy)
    path = journal(tmp_path)
    facts = [json.loads(line) for line in path.read_text().splitlines()]
    assert {line["account"] for line in facts} == {f"{healthy.user_id}/{healthy.project_id}/"}
    if moved != "cloud":
        for name in {"user_id", "project_id"} - {moved}:
            setattr(other, name, getattr(healthy, name))
    before = path.read_text()
    serve(other)
    capsys.readouterr()
    for command in (LIST, DELETE, (*DELETE, f"--run={path.stem}")):
        assert scs(command) == 0
        shown = capsys.readouterr().out
        assert shown.count(STRANGER.format(path)) == 1
        assert "cloud testcloud: there is nothing to remove\n" in shown
        assert "OS-EC2" not in shown
    assert path.read_text() == before
    assert not any(one.method == "DELETE" for one in other.requests)
    serve(healthy)
    assert scs(DELETE) == 0
    assert "removed ec2-credential _scs-0123-" in capsys.readouterr().out
    assert healthy.ec2_credentials == []
    assert not path.exists()


def test_journal_of_another_run_is_not_named(
    judge: Any, serve: Any, healthy: CloudState, other: CloudState, capsys: pytest.CaptureFixture[str]
) -> None:
    left_keys(judge, healthy)
    serve(other)
    capsys.readouterr()
    assert scs([*DELETE, "--run=00000000"]) == 0
    assert capsys.readouterr().out == "cloud testcloud: nothing is left of any run\n"


def test_what_is_in_another_project_did_not_appear_during_a_run(
    serve: Any, healthy: CloudState, other: CloudState, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    serve(healthy)
    Journal(RUN, "testcloud").sign(teller(client())).write("program", standard="0128", before={})
    serve(other)
    client().post("block-storage", "/volumes", {"volume": {"size": 1, "name": "production"}})
    assert scs(DELETE) == 0
    shown = capsys.readouterr().out
    assert "production" not in shown
    assert "openstack" not in shown
    assert STRANGER.format(journal(tmp_path)) in shown
    # In the project it is about, it tells.
    serve(healthy)
    client().post("block-storage", "/volumes", {"volume": {"size": 1, "name": "production"}})
    assert scs(LIST) == 0
    assert "not removed: volume production (" in capsys.readouterr().out


def test_name_in_a_journal_of_another_project_proves_nothing(
    serve: Any, healthy: CloudState, other: CloudState, capsys: pytest.CaptureFixture[str]
) -> None:
    name = f"_scs-0117-{RUN}-volume"
    serve(healthy)
    Journal(RUN, "testcloud").sign(teller(client())).write("intent", kind="volume", name=name, bare=True)
    for state in (other, healthy):
        serve(state)
        client().post("block-storage", "/volumes", {"volume": {"size": 1, "name": name}})
        assert scs([*DELETE, f"--run={RUN}"]) == 0
    assert [volume["name"] for volume in other.volumes] == [name]
    assert healthy.belongings()["volumes"] == set()


def test_journal_that_does_not_say_whose_it_is_is_named_and_kept(
    judge: Any, healthy: CloudState, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    left_keys(judge, healthy)
    path = journal(tmp_path)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        del line["account"]
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    before = path.read_text()
    capsys.readouterr()
    assert scs(DELETE) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("journal ")]
    assert line == (
        f"journal {path} does not say whose it is; clean up with the clouds.yaml of then, or delete that file if that "
        "user or project is gone"
    )
    assert path.read_text() == before
    assert len(healthy.ec2_credentials) == 1


def test_journal_of_a_manager_holds_for_the_domain(serve: Any, healthy: CloudState, other: CloudState) -> None:
    serve(healthy)
    manager = client(MANAGER)
    Journal(RUN, "testcloud").beside(MANAGER).sign(teller(manager)).write("created", kind="user", name="x", id="1")
    (past,) = own_runs(manager, MANAGER)
    assert past.account == f"{manager.user_id}//{manager.access().domain_id}"
    assert manager.access().domain_id
    serve(other)
    assert own_runs(client(MANAGER), MANAGER) == []
