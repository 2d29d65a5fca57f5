# SPDX-License-Identifier: Apache-2.0
"""What a client tells beside the content of answers: how much was asked, and whether it may have happened twice."""

from __future__ import annotations

import datetime as dt
import threading

import pytest

from pytest_scs.demo.openstack.state import CloudState, Fault
from pytest_scs.evidence.journal import Journal
from pytest_scs.platforms.openstack import retrying
from pytest_scs.platforms.openstack.client import Client, Refused
from pytest_scs.platforms.openstack.janitor import Janitor
from pytest_scs.platforms.openstack.quota import Quota

VOLUME = {"volume": {"size": 1, "name": "x"}}


@pytest.fixture
def patient(client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A client that tries again, at once."""
    monkeypatch.setattr(retrying, "pause", lambda _: 0.0)
    return Client(client.region, 60)


# -- counting ---------------------------------------------------------------------------------------------------------


def test_requests_are_counted_for_the_section_they_were_made_for(client: Client, state: CloudState) -> None:
    types, zones = client.for_section("types"), client.for_section("zones")
    client.access()
    login = len(state.requests)
    types.get("block-storage", "/types")
    zones.get("compute", "/os-availability-zone")
    types.get("block-storage", "/types")
    client.get("block-storage", "/types")
    assert client.requests_by_section() == {"types": 2, "zones": 1}
    assert client.requests_by_service() == {"identity": login, "block-storage": 3, "compute": 1}
    assert zones.requests_by_service() == client.requests_by_service()
    assert sum(client.requests_by_service().values()) == len(state.requests)


def test_tries_are_counted_and_threads_do_not_matter(patient: Client, state: CloudState) -> None:
    patient.access()
    state.faults.append(Fault("GET", "/types", status=503, times=2))
    reading = threading.Thread(target=patient.for_section("types").get, args=("block-storage", "/types"))
    reading.start()
    reading.join()
    assert patient.requests_by_section() == {"types": 3}


def test_login_counts_for_whoever_needs_it_first(client: Client, state: CloudState) -> None:
    client.for_section("types").get("block-storage", "/types")
    assert client.requests_by_section() == {"types": len(state.requests)}
    assert client.requests_by_service() == {"block-storage": len(state.requests)}


def test_what_a_janitor_and_a_quota_ask_counts_for_the_section_they_are_used_for(client: Client) -> None:
    client.access()
    janitor = Janitor(client, "1a2b3c4d", Journal("1a2b3c4d", "demo"), threading.Event())
    quota = Quota(client, threading.Event())
    with quota.for_section("a").claim({"volumes": 1}):
        volume, _ = janitor.for_section("a").create("volume", "0117", "volume", {"size": 1})
    asked = client.requests_by_section()
    assert asked == {"a": 3}  # quota, creation, and what was made read back
    with quota.for_section("b").claim({"volumes": 1}):
        pass  # read once for all
    janitor.for_section("b").delete(volume)
    assert client.requests_by_section().keys() == {"a", "b"}
    assert client.requests_by_section()["a"] == 3
    counted = client.requests_by_section()
    assert janitor.close() == []
    assert client.requests_by_section() == counted


def test_sections_wait_for_each_other_where_the_quota_is_small(client: Client, state: CloudState) -> None:
    state.quota |= {"volumes": 1}
    quota = Quota(client, threading.Event())
    got = threading.Event()

    def claim() -> None:
        with quota.for_section("b").claim({"volumes": 1}):
            got.set()

    with quota.for_section("a").claim({"volumes": 1}):
        waiting = threading.Thread(target=claim)
        waiting.start()
        assert not got.wait(0.1)
    waiting.join(10)
    assert got.is_set()


# -- what else is learnt ----------------------------------------------------------------------------------------------


def test_login_tells_the_time_of_the_cloud(client: Client) -> None:
    login = client.log_in()
    assert login.access.user_id == client.user_id
    assert login.server_time is not None
    assert abs(login.server_time - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1)
    assert client.log_in().server_time is None  # the token is there, so nothing was asked


@pytest.mark.parametrize(("status", "doubtful"), [(None, False), (429, False), (503, True)])
def test_creation_says_whether_there_may_be_two(
    patient: Client, state: CloudState, status: int | None, doubtful: bool
) -> None:
    if status:
        state.faults.append(Fault("POST", "/volumes$", status=status, times=1))
    created = patient.create("block-storage", "/volumes", VOLUME)
    assert created.doubtful is doubtful
    assert created.content["volume"]["name"] == "x"
    assert len(state.volumes) == 1
    assert patient.create("block-storage", "/volumes", VOLUME).doubtful is False


@pytest.mark.parametrize(("statuses", "doubtful"), [([400], False), ([429, 400], False), ([503, 400], True)])
def test_refusal_says_whether_an_earlier_try_may_have_been_carried_out(
    patient: Client, state: CloudState, statuses: list[int], doubtful: bool
) -> None:
    state.faults += [Fault("POST", "/volumes$", status=status, times=1) for status in statuses]
    with pytest.raises(Refused) as caught:
        patient.create("block-storage", "/volumes", VOLUME)
    assert (caught.value.status, caught.value.doubtful) == (400, doubtful)


def test_creation_that_may_have_been_carried_out_is_not_repeated(patient: Client, state: CloudState) -> None:
    state.faults.append(Fault("POST", "/volumes$", status=500, times=1))
    with pytest.raises(Refused) as caught:
        patient.create("block-storage", "/volumes", VOLUME)
    assert (caught.value.status, caught.value.doubtful) == (500, False)
    assert state.volumes == []
