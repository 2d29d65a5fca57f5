# SPDX-License-Identifier: Apache-2.0
"""Answers that do not have their documented form, while it is tidied up: nothing is forgotten because of them."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from pytest_scs.cli import main as scs
from pytest_scs.core.cause import Inconclusive
from pytest_scs.demo.openstack.state import CloudState, Fault
from pytest_scs.evidence.journal import Journal
from pytest_scs.platforms.openstack import removal, sweep
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.platforms.openstack.config import find_cloud
from pytest_scs.platforms.openstack.janitor import Janitor
from pytest_scs.platforms.openstack.kinds import KINDS

RUN = "0badcafe"
CLEANUP = ("cleanup", "--os-cloud=testcloud", "--delete")

#: Listings of secrets that no Barbican gives.
ODD = ['{"secrets": null}', '{"secrets": [null]}', '{"secrets": ["a"]}', '{"secrets": 7}', '{"secrets": [[]]}']


def listing(body: str) -> Fault:
    """Every listing of secrets has this content."""
    return Fault("GET", "/secrets$", status=200, body=body, headers={"Content-Type": "application/json"})


@pytest.fixture
def janitor(serve: Any, healthy: CloudState) -> Janitor:
    serve(healthy)
    return Janitor(Client(find_cloud("testcloud"), 0), RUN, Journal(RUN, "testcloud"), threading.Event())


def make_volume(janitor: Janitor) -> str:
    return janitor.create("volume", "0117", "volume", {"size": 1})[0].id


def test_odd_listing_of_one_kind_does_not_keep_the_others(judge: Any, healthy: CloudState) -> None:
    before = healthy.belongings()
    healthy.faults += [Fault("POST", "/secrets$", "late", times=1), listing(ODD[0])]
    healthy.broken = {"restore"}  # so that volumes and backup are still there at the end
    run = judge(healthy, "-m", "main and (scs_0116 or scs_0117)")
    assert run.ret == 1
    run.result.stdout.fnmatch_lines(
        [
            "left incomplete: secret _scs-0116-* may be there: the key-manager service's listing of secrets does not "
            "have the documented form"
        ]
    )
    (secret,) = healthy.secrets
    assert healthy.belongings() == before | {"secrets": {secret["id"]}}


@pytest.mark.parametrize("body", ODD)
def test_command_names_a_listing_of_odd_form(
    janitor: Janitor, healthy: CloudState, capsys: pytest.CaptureFixture[str], body: str
) -> None:
    make_volume(janitor)
    healthy.faults.append(listing(body))
    assert scs(CLEANUP) == 1
    out = capsys.readouterr().out
    assert "ERROR: what is left of kind secret cannot be listed: the key-manager service's listing" in out
    assert "removed volume _scs-0117-0badcafe-volume" in out
    assert healthy.volumes == []


@pytest.mark.parametrize("metadata", ['"x"', "[]", "7", "null"])
def test_metadata_of_odd_form_prove_nothing(
    janitor: Janitor, healthy: CloudState, capsys: pytest.CaptureFixture[str], metadata: str
) -> None:
    body = f'{{"volumes": [{{"id": "v1", "name": "_scs-0117-12345678-volume", "metadata": {metadata}}}]}}'
    healthy.faults.append(Fault("GET", "/volumes/detail", status=200, body=body))
    assert scs(CLEANUP) == 0
    assert "nothing is left of any run" in capsys.readouterr().out
    assert not [one for one in healthy.requests if one.method == "DELETE"]


def test_answer_about_one_thing_of_odd_form_is_no_proof_of_its_end(
    janitor: Janitor, healthy: CloudState, capsys: pytest.CaptureFixture[str]
) -> None:
    identity = make_volume(janitor)
    show = Fault("GET", "/volumes/[0-9a-f-]+$", status=200, body='{"volume": null}')
    hidden = Fault("GET", "/volumes/detail", status=200, body='{"volumes": []}')
    healthy.faults += [show, hidden]
    assert scs(CLEANUP) == 1
    assert "is left cannot be told: the block-storage service does not show the volume" in capsys.readouterr().out
    healthy.faults.clear()
    assert scs(CLEANUP) == 0
    assert f"({identity})" in capsys.readouterr().out


def test_surprise_in_one_account_does_not_keep_the_others(
    janitor: Janitor, healthy: CloudState, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    client = Client(find_cloud("testcloud"), 0)
    other = janitor.beside(client, "testcloud")
    make_volume(janitor)
    secret, _ = other.create("secret", "0116", "secret", {"secret_type": "opaque"})
    remove = removal.remove_resources

    def broken(by: Client, *args: Any) -> list[str]:
        if by is client:
            return remove(by, *args)
        raise RuntimeError("a surprise")

    monkeypatch.setattr(removal, "remove_resources", broken)
    problems = janitor.close()
    assert problems == [
        f"volume _scs-0117-{RUN}-volume ({healthy.volumes[0]['id']}) may be there: "
        "tidying up was broken off (RuntimeError: a surprise)",
        "tidying up was broken off (RuntimeError: a surprise); see: scs cleanup --os-cloud=testcloud",
    ]
    assert healthy.secrets == []
    assert secret.kind is KINDS["secret"]
    assert list((tmp_path / "state").rglob("*.jsonl"))


# -- listings without their key --------------------------------------------------------------------------------------

MOVED = '{"message": "moved"}'


def test_answer_without_a_listing_is_no_empty_one(
    janitor: Janitor, healthy: CloudState, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    before = healthy.belongings()
    make_volume(janitor)
    next((tmp_path / "state").rglob("*.jsonl")).unlink()
    healthy.faults.append(Fault("GET", "/volumes/detail", status=200, body=MOVED))
    assert scs(CLEANUP) == 1
    out = capsys.readouterr().out
    assert "of kind volume cannot be listed: the block-storage service answered without a listing of volumes" in out
    assert "nothing is left" not in out
    healthy.faults.clear()
    assert scs(CLEANUP) == 0
    assert healthy.belongings() == before


def test_answer_without_a_listing_proves_no_deletion(
    serve: Any, healthy: CloudState, short_waits: None, tmp_path: Path
) -> None:
    serve(healthy)
    cloud = "testcloud:manager-a"
    client = Client(find_cloud(cloud), 0)
    janitor = Janitor(client, RUN, Journal(RUN, cloud), threading.Event())
    group, _ = janitor.create("group", "0302", "group-1", {"domain_id": client.access().domain_id})
    healthy.faults += [Fault("DELETE", "/groups/", status=204), Fault("GET", "/groups", status=200, body=MOVED)]
    (problem,) = janitor.close()
    assert problem.startswith(f"group _scs-0302-{RUN}-group-1 ({group.id}) could not be removed: it is still there ")


# -- listings that break off -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [403, 404])
def test_half_a_listing_is_not_taken_for_the_whole_one(serve: Any, healthy: CloudState, status: int) -> None:
    serve(healthy)
    client = Client(find_cloud("testcloud"), 0)
    for number in range(4):
        body = {"network": {"name": f"_scs-0128-12345678-network-{number}"}}
        client.post("network", "/networks", body, version="2")
    healthy.page_size = 2
    assert len(sweep.project_belongings(client)["network"] or ()) == 4
    healthy.faults.append(Fault("GET", "/networks\\?.*marker=", status=status))
    for ask in (
        lambda: sweep.project_belongings(client),
        lambda: list(sweep.named_by_programs(client)),
        lambda: sweep.lines_about_unproved(client, {}),
        lambda: sweep.proved_of_runs(client, [RUN], {"network": None}),
    ):
        with pytest.raises(Inconclusive, match="in the middle of a listing"):
            ask()


def test_command_says_that_a_listing_broke_off(
    serve: Any, healthy: CloudState, capsys: pytest.CaptureFixture[str]
) -> None:
    serve(healthy)
    client = Client(find_cloud("testcloud"), 0)
    for _ in range(3):
        client.post("block-storage", "/volumes", {"volume": {"size": 1}})
    healthy.page_size = 2
    healthy.faults.append(Fault("GET", "/volumes/detail.*marker=", status=404))
    assert scs(CLEANUP) == 1
    assert "ERROR: what is left of kind volume cannot be listed" in capsys.readouterr().out
