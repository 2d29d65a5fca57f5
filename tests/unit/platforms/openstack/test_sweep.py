# SPDX-License-Identifier: Apache-2.0
"""What is of a run in a project, and what only appeared meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pytest_scs.core.cause import Inconclusive
from pytest_scs.platforms.openstack import sweep
from pytest_scs.platforms.openstack.client import Client, Refused
from pytest_scs.platforms.openstack.kinds import KINDS

RUN = "1a2b3c4d"
PREFIX = f"_scs-0128-{RUN}"


class FakeClient:
    """Listings by path, each of one page."""

    def __init__(self, **listings: list[dict[str, Any]]) -> None:
        self.listings = listings
        self.broken = ""
        self.refused: dict[str, int] = {}

    def offers(self, service: str) -> bool:
        return service != "key-manager"

    def access(self) -> Any:
        return SimpleNamespace(project_id="ours")

    def pages(self, service: str, path: str, following: Any, **options: Any) -> Iterator[dict[str, Any]]:
        plural = next(kind.plural for kind in KINDS.values() if kind.listing == path)
        if plural == self.broken:
            raise Inconclusive("the service is away")
        if plural in self.refused:
            raise Refused("not for you", self.refused[plural])
        yield {plural: self.listings.get(plural, [])}


def client(**listings: list[dict[str, Any]]) -> Client:
    return cast(Client, FakeClient(**listings))


def test_names_of_the_run_prove_whatever_kind_it_is() -> None:
    found = sweep.proved_of_runs(
        client(
            keypairs=[{"keypair": {"name": f"{PREFIX}-keypair-1"}}, {"keypair": {"name": "mine"}}],
            application_credentials=[{"id": "a1", "name": f"{PREFIX}-App-2"}],
            images=[{"id": "i1", "name": f"{PREFIX}-\N{SNOWMAN}-3"}, {"id": "i2", "name": None}],
            volumes=[{"id": "v1", "name": "_scs-0128-99999999-volume-1"}, {"id": "v2", "name": f"x{PREFIX}-volume"}],
        ),
        [RUN],
        {},
    )
    assert {(one.kind.name, one.id, one.run) for one in found} == {
        ("keypair", f"{PREFIX}-keypair-1", RUN),
        ("application-credential", "a1", RUN),
        ("image", "i1", RUN),
    }


def test_what_hangs_on_something_of_the_run_is_proved_by_it() -> None:
    found = sweep.proved_of_runs(
        client(
            networks=[{"id": "n1", "name": f"{PREFIX}-network"}, {"id": "n2", "name": "mine"}],
            routers=[{"id": "r1", "name": f"{PREFIX}-router"}],
            ports=[
                {"id": "p1", "name": "", "network_id": "n1", "device_owner": ""},
                {"id": "p2", "name": "", "network_id": "n1", "device_owner": "compute:nova", "device_id": "s1"},
                {"id": "p3", "name": "", "network_id": "n1", "device_owner": "network:dhcp", "device_id": "d"},
                {"id": "p4", "name": "", "network_id": "n2", "device_owner": "compute:nova", "device_id": "s2"},
                {
                    "id": "p5",
                    "name": "",
                    "network_id": "n2",
                    "device_owner": "network:router_gateway",
                    "device_id": "r1",
                },
            ],
            floatingips=[
                {"id": "f1", "port_id": "p1"},
                {"id": "f2", "router_id": "r1", "port_id": None},
                {"id": "f3", "port_id": None, "router_id": None},
                {"id": "f4", "port_id": "p4", "router_id": "mine"},
            ],
        ),
        [RUN],
        {},
    )
    assert {(one.kind.name, one.id) for one in found} == {
        ("network", "n1"),
        ("router", "r1"),
        ("port", "p1"),
        ("port", "p2"),
        ("server", "s1"),
        ("floating-ip", "f1"),
        ("floating-ip", "f2"),
    }
    assert {one.run for one in found} == {RUN}


def test_what_appeared_is_named_unless_it_is_of_others() -> None:
    now = client(
        floatingips=[{"id": "f1", "floating_ip_address": "203.0.113.5", "project_id": "ours"}],
        networks=[{"id": "n1", "name": "shared", "project_id": "theirs"}, {"id": "n2", "name": "old"}],
        images=[{"id": "i1", "name": "public", "owner": "theirs"}],
        ports=[{"id": "p1", "device_owner": "compute:nova"}, {"id": "p2", "device_owner": "", "name": ""}],
        snapshots=[{"id": "s1", "name": "s"}],
    )
    lines = sweep.lines_about_unproved(now, {"network": ["n2"]})
    assert [line.partition(" appeared")[0] for line in lines] == [
        "floating-ip 203.0.113.5 (f1)",
        "snapshot s (s1)",
        "port without a name (p2)",
    ]
    assert lines[0].endswith("openstack floating ip delete f1")
    assert lines[1].endswith("openstack volume snapshot delete s1")
    assert sweep.project_belongings(now)["network"] == ["n2"]


def test_listing_that_fails_is_not_taken_for_an_empty_one() -> None:
    now = client(volumes=[])
    cast(FakeClient, now).broken = "volumes"
    for ask in (
        lambda: sweep.project_belongings(now),
        lambda: sweep.proved_of_runs(now, [RUN], {}),
        lambda: sweep.lines_about_unproved(now, {}),
    ):
        with pytest.raises(Inconclusive, match="the service is away"):
            ask()


@pytest.mark.parametrize("status", [401, 500, 503])
def test_service_that_fails_is_not_taken_for_one_that_forbids(status: int) -> None:
    now = client(volumes=[])
    cast(FakeClient, now).refused = {"routers": status}
    for ask in (
        lambda: sweep.project_belongings(now),
        lambda: sweep.lines_about_unproved(now, {"router": None}),
        lambda: list(sweep.named_by_programs(now)),
    ):
        with pytest.raises(Inconclusive, match="what the project has of kind router cannot be listed: not for you"):
            ask()
    with pytest.raises(Refused, match="not for you"):
        sweep.proved_of_runs(now, [RUN], {})


def test_what_programs_named_is_found_for_any_run() -> None:
    found = sweep.named_by_programs(
        client(
            keypairs=[{"keypair": {"name": f"{PREFIX}-keypair-1"}}],
            networks=[
                {"id": "n1", "name": "_scs-0128-00c0ffee-Net-1", "project_id": "ours"},
                {"id": "n2", "name": "_scs-0128-00c0ffee-Net-2", "project_id": "theirs"},
                {"id": "n3", "name": "_scs-0128-00c0ff-Net-3", "project_id": "ours"},
                {"id": "n4", "name": "_scs-0117-00c0ffee-volume", "project_id": "ours"},
                {"id": "n5", "name": None, "project_id": "ours"},
                {"id": "n6", "project_id": "ours"},
            ],
        )
    )
    assert [(one.kind.name, one.id, one.run) for one in found] == [
        ("network", "n1", "00c0ffee"),
        ("keypair", f"{PREFIX}-keypair-1", RUN),
    ]


@pytest.mark.parametrize("status", [403, 404])
def test_kind_that_was_never_listed_is_no_problem(status: int) -> None:
    now = client(volumes=[])
    cast(FakeClient, now).refused = {"routers": status}
    before = sweep.project_belongings(now)
    assert before["router"] is None
    assert before["volume"] == []
    assert sweep.proved_of_runs(now, [RUN], before) == []
    assert sweep.lines_about_unproved(now, before) == []
    assert list(sweep.named_by_programs(now)) == []


@pytest.mark.parametrize("status", [403, 404])
def test_kind_that_is_not_listed_any_more_may_be_left(status: int) -> None:
    now = client(volumes=[])
    before = sweep.project_belongings(now)
    cast(FakeClient, now).refused = {"routers": status}
    with pytest.raises(Refused, match="not for you"):
        sweep.proved_of_runs(now, [RUN], before)
    with pytest.raises(Inconclusive, match="what the project has of kind router cannot be listed any more"):
        sweep.lines_about_unproved(now, before)


def test_kind_that_is_listed_only_now_gets_no_command() -> None:
    now = client(routers=[{"id": "r1", "name": "mine"}])
    cast(FakeClient, now).refused = {"routers": 403, "volumes": 403}
    before = sweep.project_belongings(now)
    cast(FakeClient, now).refused.clear()
    assert sweep.lines_about_unproved(now, before) == [
        "router: could not be listed before the run, so what appeared since cannot be told"
    ]
