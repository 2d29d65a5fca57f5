# SPDX-License-Identifier: Apache-2.0
"""What a creation is answered, and what came of it: refused for good, without id, with the id of another thing."""

from __future__ import annotations

import json
import re
import threading
import time
from typing import Any

import pytest

from pytest_scs.core.cause import Inconclusive
from pytest_scs.demo.openstack.state import CloudState, Fault
from pytest_scs.evidence.journal import Journal, known_runs
from pytest_scs.platforms.openstack import proof, removal
from pytest_scs.platforms.openstack.client import Client, Refused
from pytest_scs.platforms.openstack.janitor import Janitor
from pytest_scs.platforms.openstack.kinds import KINDS
from pytest_scs.platforms.openstack.resource import Resource
from pytest_scs.platforms.openstack.retrying import NotSent

RUN = "1a2b3c4d"
WISHES = {
    "volume": ("0117", {"size": 1}, "/volumes$"),
    "secret": ("0116", {"secret_type": "opaque"}, "/secrets$"),
    "security-group": ("0115", {}, "/security-groups$"),
    "image": ("0117", {"disk_format": "raw", "container_format": "bare"}, "/images$"),
}


@pytest.fixture
def made(client: Client, monkeypatch: pytest.MonkeyPatch) -> Janitor:
    monkeypatch.setattr(proof, "PAUSES", (0.01,))
    return Janitor(client, RUN, Journal(RUN, "demo"), threading.Event())


def create(janitor: Janitor, kind: str) -> Resource:
    standard, body, _ = WISHES[kind]
    return janitor.create(kind, standard, "thing", dict(body))[0]


# -- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", WISHES)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 422, 451, 501])
def test_definite_refusal_is_believed(made: Janitor, state: CloudState, kind: str, status: int) -> None:
    state.faults.append(Fault("POST", WISHES[kind][2], status=status))
    with pytest.raises(Refused):
        create(made, kind)
    state.requests.clear()
    assert made.close() == []
    assert state.requests == []
    assert known_runs() == set()


@pytest.mark.parametrize("status", [408, 409, 423, 425, 500, 502, 504])
def test_doubtful_refusal_is_looked_into(made: Janitor, state: CloudState, status: int) -> None:
    state.faults.append(Fault("POST", "/volumes$", "late", status=status, times=1))
    with pytest.raises(Refused):
        create(made, "volume")
    assert len(state.volumes) == 1
    assert made.close() == []
    state.catch_up()
    assert state.volumes == []


@pytest.mark.parametrize("kind", ["volume", "image"])
def test_where_nobody_listens_nothing_was_made(made: Janitor, client: Client, cloud: Any, kind: str) -> None:
    removed = create(made, kind)  # what has to be known of the service is known
    made.delete(removed)
    cloud.stop()
    with pytest.raises(NotSent, match="Connection refused"):
        create(made, kind)
    assert made.close() == []
    assert known_runs() == set()


def test_connection_that_is_lost_leaves_a_doubt(made: Janitor, state: CloudState) -> None:
    state.faults.append(Fault("POST", "/volumes$", "drop", times=1))
    with pytest.raises(Inconclusive) as caught:
        create(made, "volume")
    assert not isinstance(caught.value, NotSent)
    state.requests.clear()
    made.close()
    assert state.requests != []


def test_refusal_after_an_attempt_of_unknown_outcome_is_looked_into(state: CloudState, cloud: Any) -> None:
    from pytest_scs.platforms.openstack.config import find_cloud_in

    client = Client(find_cloud_in(cloud.clouds_yaml(), "demo"), 5)
    janitor = Janitor(client, RUN, Journal(RUN, "demo"), threading.Event())
    state.faults += [Fault("POST", "/volumes$", "late", status=503, times=1), Fault("POST", "/volumes$", status=403)]
    with pytest.raises(Refused, match="403"):
        create(janitor, "volume")
    assert len(state.volumes) == 1
    assert janitor.close() == []
    assert state.volumes == []


# -- answers without a usable id --------------------------------------------------------------------------------------

NO_IDS = ["{}", '{"KEY": {}}', '{"KEY": null}', '{"KEY": []}', '{"KEY": {"id": ""}}', '{"KEY": {"id": 7}}']
NO_IDS += [f'{{"KEY": {{"id": "{odd}"}}}}' for odd in ("../x", "a/b", "..", "x?y", "x#y", "%2e%2e", " ")]


@pytest.mark.parametrize("body", NO_IDS)
@pytest.mark.parametrize("kind", ["volume", "security-group"])
def test_answer_without_id_is_undecided_and_what_was_made_goes(
    made: Janitor, state: CloudState, kind: str, body: str
) -> None:
    state.faults.append(late(WISHES[kind][2], body.replace("KEY", KINDS[kind].key)))
    before = state.belongings()
    with pytest.raises(Inconclusive, match="without a usable id"):
        create(made, kind)
    assert state.belongings() != before
    assert made.close() == []
    assert state.belongings() == before
    assert known_runs() == set()
    assert not [one for one in state.requests if ".." in one.path or "#" in one.path]


@pytest.mark.parametrize("reference", ["garbage", "", "http://x/v1/secrets/../", 7, None, ["x"]])
def test_secret_whose_reference_is_garbage_goes(made: Janitor, state: CloudState, reference: Any) -> None:
    state.faults.append(late("/secrets$", json.dumps({"secret_ref": reference})))
    with pytest.raises(Inconclusive, match="without a usable id"):
        create(made, "secret")
    assert len(state.secrets) == 1
    assert made.close() == []
    assert state.secrets == []


def late(path: str, body: str) -> Fault:
    """The creation is carried out, and answered with something else."""
    return Fault("POST", path, "late", status=202, body=body, headers={"Content-Type": "application/json"}, times=1)


# -- answers with a wrong id ------------------------------------------------------------------------------------------


def mine(client: Client) -> str:
    made = client.post("block-storage", "/volumes", {"volume": {"size": 1, "name": "precious-db"}})
    return str(made["volume"]["id"])


@pytest.mark.parametrize("what", ["another volume", "nothing"])
def test_creation_answered_with_the_id_of_something_else_touches_nothing_foreign(
    made: Janitor, client: Client, state: CloudState, what: str
) -> None:
    precious = mine(client)
    said = precious if what == "another volume" else "11111111-2222-3333-4444-555555555555"
    state.faults.append(late("/volumes$", json.dumps({"volume": {"id": said}})))
    with pytest.raises(Inconclusive, match=f"with the id {said}, but what has that id"):
        create(made, "volume")
    assert made.close() == []
    state.catch_up()
    assert [volume["id"] for volume in state.volumes] == [precious]
    assert not [one for one in state.requests if one.method == "DELETE" and precious in one.path]


def test_restore_answered_with_the_id_of_another_volume_touches_nothing_foreign(
    made: Janitor, client: Client, state: CloudState
) -> None:
    precious = mine(client)
    volume = create(made, "volume")
    state.catch_up()
    backup, _ = made.create("backup", "0117", "backup", {"volume_id": volume.id})
    state.catch_up()
    for said in (precious, volume.id):
        state.faults.append(late("/restore$", json.dumps({"restore": {"volume_id": said}})))
        with pytest.raises(Inconclusive, match=f"with the id {said}, but what has that id is called "):
            made.restore(backup, "0117", f"restored-{len(state.volumes)}")
        state.catch_up()
    assert not [one for one in state.requests if one.method == "POST" and f"{precious}/metadata" in one.path]
    assert made.close() == []
    state.catch_up()
    assert [one["id"] for one in state.volumes] == [precious]
    assert state.backups == []


def test_credentials_that_were_there_before_are_not_taken_for_new_ones(
    made: Janitor, client: Client, state: CloudState
) -> None:
    body = {"tenant_id": state.project_id}
    own = client.post("identity", "/users/{user}/credentials/OS-EC2", body, version="3", log=False)["credential"]
    answer = json.dumps({"credential": own})
    state.faults.append(
        Fault("POST", "/OS-EC2$", status=201, body=answer, headers={"Content-Type": "application/json"}, times=1)
    )
    with pytest.raises(Inconclusive, match="which was there before"):
        made.create("ec2-credential", "0123", "key", body)
    made.close()
    assert [one["access"] for one in state.ec2_credentials] == [own["access"]]


@pytest.mark.parametrize("status", [None, 7, "", [], {"x": 1}])
def test_status_that_is_no_text_is_undecided_at_once(made: Janitor, state: CloudState, status: Any) -> None:
    volume = create(made, "volume")
    body = json.dumps({"volume": {"id": volume.id, "name": volume.name, "status": status}})
    state.faults.append(
        Fault("GET", f"/volumes/{volume.id}", status=200, body=body, headers={"Content-Type": "application/json"})
    )
    with pytest.raises(Inconclusive, match=r"with the status .*, not a text"):
        made.wait(volume, lambda status: status == "available", 600)


# -- proof before a removal -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["precious-db", "_scs-0117-volume", "_scs-", "_scs-0117-1234567g-volume", "", f"_scs-0117-{RUN}"]
)
def test_nothing_without_a_run_id_is_removed(client: Client, state: CloudState, name: str) -> None:
    body = {"volume": {"size": 1, "name": name}}
    identity = client.post("block-storage", "/volumes", body)["volume"]["id"]
    with pytest.raises(proof.NotOurs):
        removal.delete_resource(client, Resource(KINDS["volume"], name, identity, proved=True))
    assert len(state.volumes) == 1


@pytest.mark.parametrize("identity", ["", "..", "../x", "a/../b", "x?force=1", "x#", "a b", "a%2fb", "a\nb", "." * 3])
def test_odd_ids_are_never_sent(client: Client, state: CloudState, identity: str) -> None:
    client.access()
    state.requests.clear()
    for kind in KINDS.values():
        resource = Resource(kind, f"_scs-0117-{RUN}-thing", identity, proved=True)
        with pytest.raises(Inconclusive):
            removal.delete_resource(client, resource)
    assert state.requests == []


@pytest.mark.parametrize("also_shown", [True, False])
def test_secret_whose_deletion_is_answered_404_while_it_stays_ends(
    made: Janitor, state: CloudState, monkeypatch: pytest.MonkeyPatch, also_shown: bool
) -> None:
    monkeypatch.setattr(removal, "DELETION", 600)
    monkeypatch.setattr(removal, "ACCEPTANCE", 600)
    monkeypatch.setattr(removal, "CONTRADICTION", 0.5)
    secret = create(made, "secret")
    state.faults.append(Fault("DELETE" if also_shown else "*", f"/secrets/{secret.id}", status=404))
    (line,) = made.close()
    assert line.endswith("its deletion is answered as if it were gone, but it is still shown")


def test_time_for_removals_is_bounded(made: Janitor, state: CloudState) -> None:
    secret, volume = create(made, "secret"), create(made, "volume")
    lines = made.close(time.monotonic() - 1)
    assert sorted(lines) == sorted(f"{one} is left: the time for removals is over" for one in (secret, volume))
    assert not [one for one in state.requests if one.method == "DELETE"]


def test_who_leaves_names_what_stays_and_the_command(made: Janitor) -> None:
    volume = create(made, "volume")
    assert made.present() == [str(volume)]
    assert made.leave() == [
        f"{volume} was left behind; remove it with: scs cleanup --os-cloud=demo --run={RUN} --delete"
    ]


# -- what a creation needs ---------------------------------------------------------------------------------------------

VERSIONS = {
    "null": "null",
    "no list": '{"versions": null}',
    "no values": '{"versions": {"values": [7]}}',
    "none": '{"versions": {"values": []}}',
    "no object": '{"versions": "x"}',
}


@pytest.mark.parametrize("case", VERSIONS)
def test_creation_that_was_never_sent_leaves_nothing(made: Janitor, state: CloudState, case: str) -> None:
    state.faults.append(Fault("GET", "^/key-manager/?$", status=200, body=VERSIONS[case]))
    for _ in range(2):  # what was read of the versions is not read again
        with pytest.raises(Inconclusive) as caught:
            create(made, "secret")
        assert not isinstance(caught.value, Refused)
        assert re.match(
            r"the key-manager service (gives no usable list of its versions|lists no version of its API that can be "
            r"used, at http://127\.0\.0\.1:\d+/key-manager$)",
            str(caught.value),
        )
    assert not [one for one in state.requests if one.method == "POST" and "secrets" in one.path]
    assert made.present() == []
    assert made.close() == []
    assert known_runs() == set()


@pytest.mark.parametrize(
    ("status", "body"), [(404, "{}"), (500, ""), (200, "<html></html>"), (200, ""), (200, "[]"), (204, "")]
)
def test_404_where_versions_cannot_be_read_is_no_answer(
    made: Janitor, client: Client, state: CloudState, status: int, body: str
) -> None:
    client.access()
    for _ in range(2):
        # The demo has nothing below the address in its catalog but a version, as real services.
        state.faults.append(Fault("GET", "^/key-manager/?$", status=status, body=body))
        with pytest.raises(Inconclusive) as caught:
            client.get("key-manager", "/secrets", version="1")
        assert not isinstance(caught.value, Refused)  # who takes 404 for "not there" must not do so
        assert str(caught.value) == (
            "the key-manager service answered GET /key-manager/secrets with 404 (The resource could not be found); "
            "it gives no usable list of its versions (GET /key-manager)"
        )
    with pytest.raises(Inconclusive, match=r"usable list of its versions \(GET /key-manager\)$"):
        create(made, "secret")
    assert made.present() == []
    state.faults.clear()
    with pytest.raises(Refused, match=r"with 404 \([^)]*\)$"):
        client.get("key-manager", f"/secrets/{RUN}", version="1")


def test_choice_of_versions_where_a_listing_was_asked_for_names_the_reason(client: Client, state: CloudState) -> None:
    state.faults.append(Fault("GET", "^/image/?$", status=503))
    state.faults.append(Fault("GET", "^/image/images$", status=300, body='{"versions": []}'))
    with pytest.raises(Inconclusive, match=r"with 300: .*; it gives no usable list of its versions \(GET /image\)$"):
        client.get("image", "/images", version="2")


@pytest.mark.parametrize("location", [{}, {"Location": "http://elsewhere.example/v2/"}])
def test_choice_of_versions_at_the_root_is_normal(client: Client, state: CloudState, location: dict[str, str]) -> None:
    links = '[{"rel": "self", "href": "v2/"}]'
    body = f'{{"versions": [{{"id": "v2.9", "status": "CURRENT", "links": {links}}}]}}'
    state.faults.append(Fault("GET", "^/image/?$", status=300, body=body, headers=location))
    assert client.get("image", "/images", version="2")["images"]


def test_creation_that_may_have_been_sent_is_looked_for(made: Janitor, state: CloudState) -> None:
    state.faults.append(Fault("POST", "/secrets$", "late", status=200, times=1, body="null"))
    with pytest.raises(Inconclusive):
        create(made, "secret")
    assert len(made.present()) == 1
    assert made.close() == []
    assert state.secrets == []
