# SPDX-License-Identifier: Apache-2.0
"""S3: where it is, what is sent to it, and how a bucket is removed with nothing but what a run stored."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from pytest_scs.core.cause import Inconclusive
from pytest_scs.core.subject import Subject
from pytest_scs.demo.openstack.state import CloudState, Container, Fault, StoredObject
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.platforms.openstack import s3
from pytest_scs.platforms.openstack.client import Client, Refused
from pytest_scs.platforms.openstack.probes import s3 as s3_probe
from pytest_scs.platforms.openstack.probing import Probing

BUCKET = "scs-0123-1a2b3c4d"


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3, "PAUSE", 0)
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda seconds: None)


@pytest.fixture
def access(client: Client, state: CloudState) -> str:
    """The access key of new EC2 credentials."""
    body = {"tenant_id": state.project_id}
    made = client.post("identity", "/users/{user}/credentials/OS-EC2", body, version="3", log=False)
    return str(made["credential"]["access"])


def store_of(client: Client, access: str) -> s3.S3:
    url = s3.base_url(client)
    assert url
    return s3.S3(client, url, access, s3._secret(client, access))


def fill(state: CloudState, *names: str) -> None:
    state.containers[BUCKET] = Container(state.now())
    for name in names:
        state.containers[BUCKET].objects[name] = StoredObject(b"x", "text/plain", "0" * 32, state.now())


# -- where it is ------------------------------------------------------------------------------------------------------


def test_cloud_speaks_s3_at_its_own_endpoint_before_that_of_its_object_store(client: Client, state: CloudState) -> None:
    object_store = client.endpoint("object-store")
    assert s3.base_url(client) == object_store.partition("/object-store")[0]


def test_cloud_without_object_store_speaks_no_s3(client: Client, state: CloudState) -> None:
    state.services[:] = [one for one in state.services if not one["type"].startswith("object-store")]
    assert s3.base_url(client) is None
    with pytest.raises(Inconclusive, match="the catalog has no S3 endpoint any more"):
        s3.remove_bucket(client, BUCKET, "a")


@pytest.mark.parametrize(("region", "port"), [("south", 2), ("north", 1), ("", 1)])
def test_answer_is_asked_of_the_public_endpoint_in_the_judged_region(client: Client, region: str, port: int) -> None:
    endpoints = [
        {"interface": interface, "region_id": name, "url": f"http://127.0.0.1:{number}/swift/v1"}
        for interface, name, number in (("internal", "south", 3), ("public", "north", 1), ("public", "south", 2))
    ]
    inventory = Inventory(Subject("openstack", "demo"), "", region=region)
    inventory.sections["catalog"] = [{"type": "object-store", "name": "swift", "endpoints": endpoints}]
    seen = s3_probe.probe(cast(Probing, SimpleNamespace(client=client, inventory=inventory)))
    assert seen["url"] == f"http://127.0.0.1:{port}"
    assert "Connection refused" in seen["problem"]


def test_object_store_without_public_endpoint_is_no_verdict(client: Client) -> None:
    inventory = Inventory(Subject("openstack", "demo"), "")
    internal = {"interface": "internal", "region_id": None, "url": "http://127.0.0.1:3/"}
    inventory.sections["catalog"] = [{"type": "object-store", "name": None, "endpoints": [internal]}]
    with pytest.raises(Inconclusive, match="the public endpoint of the object store in the catalog is no usable URL"):
        s3_probe.probe(cast(Probing, SimpleNamespace(client=client, inventory=inventory)))


# -- what is sent -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "times", "answered"), [(503, 1, 404), (429, 3, 404), (503, 4, 503), (500, 1, 500)])
def test_request_that_the_store_asks_to_repeat_is_repeated(
    client: Client, state: CloudState, access: str, status: int, times: int, answered: int
) -> None:
    state.faults.append(Fault("GET", f"/{BUCKET}", status=status, times=times))
    answer, repeated = store_of(client, access).send_counted("GET", f"/{BUCKET}")
    assert answer.status_code == answered
    assert repeated is (status != 500)


def test_request_that_was_sent_once_is_not_repeated(client: Client, access: str) -> None:
    store = store_of(client, access)
    assert store.send_counted("PUT", f"/{BUCKET}")[1] is False
    assert store.send("GET", f"/{BUCKET}").ok


def test_requests_count_for_the_object_store_and_their_section(client: Client, access: str) -> None:
    before = client.requests_by_service().get("object-store", 0)
    store_of(client, access)
    s3.S3(client.for_section("s3"), s3.base_url(client) or "", access, "x").send("GET", f"/{BUCKET}")
    assert client.requests_by_service()["object-store"] == before + 1
    assert client.requests_by_section() == {"s3": 1}


def test_names_of_objects_are_read_as_they_are(client: Client, state: CloudState, access: str) -> None:
    fill(state, "a&b", "object", "c<d>")
    answer, names = store_of(client, access).keys(BUCKET)
    assert answer.status_code == 200
    assert sorted(names) == ["a&b", "c<d>", "object"]
    answer, names = store_of(client, access).keys("scs-0123-00000000")
    assert (answer.status_code, names) == (404, [])


# -- removing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("names", [(), (s3.OBJECT,)])
def test_bucket_goes_with_what_a_run_stored(
    client: Client, state: CloudState, access: str, names: tuple[str, ...]
) -> None:
    fill(state, *names)
    s3.remove_bucket(client, BUCKET, access)
    assert BUCKET not in state.containers


def test_bucket_that_is_not_there_is_as_good(client: Client, access: str) -> None:
    s3.remove_bucket(client, BUCKET, access)


def test_bucket_with_what_no_run_stored_is_left_alone(client: Client, state: CloudState, access: str) -> None:
    fill(state, "object", "a", "b" * 61, "c", "d")
    with pytest.raises(s3.HoldsOthers) as caught:
        s3.remove_bucket(client, BUCKET, access)
    assert str(caught.value).startswith(f"it holds 'a', '{'b' * 60}...', 'c' and more, which no run stored")
    assert len(state.containers[BUCKET].objects) == 5


def test_bucket_whose_keys_are_gone_needs_others(client: Client, state: CloudState) -> None:
    fill(state)
    with pytest.raises(s3.KeyGone, match="the EC2 credentials it was created with are gone"):
        s3.remove_bucket(client, BUCKET, "gone")
    assert BUCKET in state.containers


def test_keys_that_cannot_be_read_are_not_taken_for_gone(client: Client, state: CloudState, access: str) -> None:
    state.faults.append(Fault("GET", "/OS-EC2/", status=500))
    with pytest.raises(Refused) as caught:
        s3.remove_bucket(client, BUCKET, access)
    assert not isinstance(caught.value, s3.KeyGone)


@pytest.mark.parametrize("status", [300, 403, 409])
def test_refused_deletion_is_told(client: Client, state: CloudState, access: str, status: int) -> None:
    fill(state, "object")
    state.faults.append(Fault("DELETE", f"/{BUCKET}", status=status))
    with pytest.raises(Inconclusive, match=f"^S3 answered DELETE with {status}$"):
        s3.remove_bucket(client, BUCKET, access)


def test_object_that_is_gone_by_now_is_as_good(client: Client, state: CloudState, access: str) -> None:
    fill(state, "object")
    state.faults.append(Fault("DELETE", f"/{BUCKET}/object", "late", status=404, times=1))
    s3.remove_bucket(client, BUCKET, access)
    assert BUCKET not in state.containers


def test_object_that_stays_in_the_listing_is_told(client: Client, state: CloudState, access: str) -> None:
    fill(state, "object")
    state.faults.append(Fault("DELETE", f"/{BUCKET}/object", status=204))
    with pytest.raises(Inconclusive, match="its objects are still listed after their deletion"):
        s3.remove_bucket(client, BUCKET, access)


def test_bucket_that_stays_is_told(client: Client, state: CloudState, access: str) -> None:
    fill(state)
    state.faults.append(Fault("DELETE", f"/{BUCKET}$", status=204))
    with pytest.raises(Inconclusive, match="it is still there after its deletion was accepted"):
        s3.remove_bucket(client, BUCKET, access)
