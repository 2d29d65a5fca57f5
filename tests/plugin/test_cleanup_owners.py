# SPDX-License-Identifier: Apache-2.0
"""``scs cleanup`` and what merely looks like a run's: what others share or made public, and what hangs on it."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_scs.cli import main as scs
from pytest_scs.demo.openstack.state import CloudState
from pytest_scs.platforms.openstack import sweep
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.platforms.openstack.config import find_cloud

DELETE = ("cleanup", "--os-cloud=testcloud", "--delete")
RUN = "abcdef01"
NAME = f"_scs-0128-{RUN}-net"


@pytest.fixture
def client(serve: Any, healthy: CloudState) -> Client:
    serve(healthy)
    return Client(find_cloud("testcloud"), 0)


@pytest.fixture
def network(client: Client, healthy: CloudState) -> dict[str, Any]:
    """A network that looks like one of a run, with a server of the user on it; no journal knows the run."""
    wish = {"name": NAME, "description": f"scs_conformance_run={RUN}"}
    made = client.post("network", "/networks", {"network": wish}, version="2")["network"]
    subnet = {"network_id": made["id"], "ip_version": 4, "cidr": "192.0.2.0/24"}
    client.post("network", "/subnets", {"subnet": subnet}, version="2")
    server = {
        "name": "precious-db",
        "flavorRef": next(one["id"] for one in healthy.flavors if one["disk"]),
        "imageRef": healthy.images[0]["id"],
        "networks": [{"uuid": made["id"]}],
    }
    client.post("compute", "/servers", {"server": server})
    assert [port["network_id"] for port in healthy.ports] == [made["id"]]
    return next(one for one in healthy.networks if one["id"] == made["id"])


def shared(healthy: CloudState, network: dict[str, Any]) -> None:
    network |= {"project_id": "other", "tenant_id": "other", "shared": True}
    for subnet in healthy.subnets:
        subnet |= {"project_id": "other", "tenant_id": "other"}


@pytest.mark.parametrize("more", [(), (f"--run={RUN}",)], ids=["", "run"])
def test_server_on_a_network_that_others_share_is_nobodys_but_the_users(
    healthy: CloudState, network: dict[str, Any], capsys: pytest.CaptureFixture[str], more: tuple[str, ...]
) -> None:
    shared(healthy, network)
    before = healthy.belongings()
    assert scs([*DELETE, *more]) == 0
    assert capsys.readouterr().out == "cloud testcloud: nothing is left of any run\n"
    assert healthy.belongings() == before
    assert [one["id"] for one in healthy.networks if one["name"] == NAME] == [network["id"]]
    assert not [one for one in healthy.requests if one.method == "DELETE"]


def test_run_itself_leaves_alone_what_others_share(
    client: Client, healthy: CloudState, network: dict[str, Any]
) -> None:
    shared(healthy, network)
    assert sweep.proved_of_runs(client, [RUN], sweep.project_belongings(client)) == []


def test_server_on_a_network_of_a_run_goes_only_if_somebody_vouches_for_the_run(
    healthy: CloudState, network: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert network["id"] in healthy.belongings()["networks"]
    assert scs(DELETE) == 1
    shown = capsys.readouterr().out
    assert "server" not in shown
    assert f"ERROR: network {NAME} ({network['id']}) could not be removed: " in shown
    assert [server["name"] for server in healthy.servers] == ["precious-db"]
    assert scs([*DELETE, f"--run={RUN}"]) == 0
    left = healthy.belongings()
    assert left["servers"] == left["ports"] == left["networks"] == set()


def test_image_that_somebody_else_made_public_is_not_ours(
    serve: Any, healthy: CloudState, capsys: pytest.CaptureFixture[str]
) -> None:
    serve(healthy)
    theirs = next(one for one in healthy.images if one["owner"] != healthy.project_id and one["visibility"] == "public")
    theirs |= {"name": f"_scs-0117-{RUN}-image", "scs_conformance_run": RUN}
    assert scs(DELETE) == 0
    assert capsys.readouterr().out == "cloud testcloud: nothing is left of any run\n"
    theirs["owner"] = healthy.project_id
    assert scs(DELETE) == 0
    assert f"removed image _scs-0117-{RUN}-image ({theirs['id']})" in capsys.readouterr().out
