# SPDX-License-Identifier: Apache-2.0
"""What counts as the proof that something is gone, and that a janitor deletes nothing twice."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from pytest_scs.core.cause import Inconclusive
from pytest_scs.demo.openstack.state import CloudState, Fault
from pytest_scs.evidence.journal import Journal, known_runs
from pytest_scs.platforms.openstack import bounds, removal
from pytest_scs.platforms.openstack import janitor as janitor_module
from pytest_scs.platforms.openstack.client import Client, Refused
from pytest_scs.platforms.openstack.janitor import Janitor
from pytest_scs.platforms.openstack.removal import Resource
from pytest_scs.platforms.openstack.retrying import LoginRefused

RUN = "1a2b3c4d"


def janitor(client: Client) -> Janitor:
    return Janitor(client, RUN, Journal(RUN, "demo"), threading.Event())


@pytest.fixture
def group(manager: Client) -> Resource:
    """A group, of which Keystone answers 403 also when it is gone: only listings tell."""
    domain = manager.access().domain_id
    return janitor(manager).create("group", "0302", "group", {"domain_id": domain})[0]


GROUPS = "/groups[?]"
GARBAGE = Fault("GET", GROUPS, "garbage")
FORBIDDEN = Fault("GET", GROUPS, status=403)


def test_listing_without_it_is_a_proof(manager: Client, group: Resource) -> None:
    removal.delete_resource(manager, group)


@pytest.mark.parametrize(
    "listing", [GARBAGE, Fault("GET", "/groups[?]", "drop"), Fault("GET", "/groups[?]", status=500)]
)
def test_listing_that_fails_is_no_proof_of_deletion(
    manager: Client, state: CloudState, group: Resource, listing: Fault
) -> None:
    state.faults += [Fault("DELETE", "/groups/", status=204), listing]
    with pytest.raises(Inconclusive, match="it is still there after its deletion was accepted"):
        removal.delete_resource(manager, group, 0.3)
    state.faults.clear()
    removal.delete_resource(manager, group)


def test_failed_listing_does_not_turn_a_refused_deletion_into_none(
    manager: Client, state: CloudState, group: Resource
) -> None:
    state.faults += [Fault("DELETE", "/groups/", status=403), GARBAGE]
    with pytest.raises(Inconclusive, match="answered DELETE"):
        removal.delete_resource(manager, group, 0.3)


def test_who_may_not_list_may_still_ask_for_it(manager: Client, state: CloudState, group: Resource) -> None:
    state.faults.append(FORBIDDEN)
    removal.delete_resource(manager, group)
    assert not [one for one in state.requests if one.method == "DELETE" and one.status != 204]


@pytest.mark.parametrize("answer", [Fault("GET", "/secrets/", "garbage"), Fault("GET", "/secrets/", status=500)])
def test_answer_that_fails_is_no_proof_of_deletion(client: Client, state: CloudState, answer: Fault) -> None:
    secret, _ = janitor(client).create("secret", "0116", "secret", {"secret_type": "opaque"})
    state.faults.append(answer)
    with pytest.raises(Inconclusive, match="it is still there"):
        removal.delete_resource(client, secret, 0.3)


# -- the janitor ------------------------------------------------------------------------------------------------------


def deletions(state: CloudState) -> int:
    return sum(one.method == "DELETE" for one in state.requests)


def test_what_was_deleted_is_not_deleted_again(client: Client, state: CloudState, tmp_path: Path) -> None:
    made = janitor(client)
    secret, _ = made.create("secret", "0116", "secret", {"secret_type": "opaque"})
    made.create("volume", "0117", "volume", {"size": 1})
    made.delete(secret)
    assert deletions(state) == 1
    made.discard(secret)
    assert deletions(state) == 1
    assert made.close() == []
    assert deletions(state) == 2
    assert (state.secrets, state.volumes) == ([], [])
    assert known_runs() == set()


def test_what_stays_does_not_make_what_goes_look_left(
    client: Client, state: CloudState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removal, "LEAST", 20)
    made = janitor(client)
    made.create("volume", "0117", "volume", {"size": 1})
    made.create("secret", "0116", "secret", {"secret_type": "opaque"})
    state.faults += [
        Fault("DELETE", "/volumes/", status=202),
        Fault("DELETE", "/secrets/", "late", status=202, seconds=0.3),
    ]
    # The volume takes all the time that there is.
    [problem] = made.close()
    assert problem.startswith(f"volume _scs-0117-{RUN}-volume (")
    assert state.secrets == []


def test_what_could_not_be_deleted_is_tried_again_at_the_end(client: Client, state: CloudState) -> None:
    made = janitor(client)
    secret, _ = made.create("secret", "0116", "secret", {"secret_type": "opaque"})
    state.faults.append(Fault("DELETE", "/secrets/", status=500, times=1))
    made.discard(secret)
    assert len(state.secrets) == 1
    assert made.close() == []
    assert state.secrets == []


@pytest.mark.parametrize(("patience", "longest"), [(1.0, 60), (100.0, 150)])
def test_what_is_removed_aside_takes_one_time_altogether(
    client: Client, state: CloudState, monkeypatch: pytest.MonkeyPatch, patience: float, longest: float
) -> None:
    made = janitor(client)
    resources = [made.create("secret", "0116", f"secret-{one}", {"secret_type": "opaque"})[0] for one in "abc"]
    now, waited = [0.0], list[float]()

    def take_long(client: Client, resource: Resource, seconds: float) -> None:
        waited.append(seconds)
        now[0] += 0.6 * longest

    monkeypatch.setattr(Client, "patience", patience)
    monkeypatch.setattr(removal, "ASIDE", 60)
    monkeypatch.setattr(bounds, "LISTING", 300.0)
    monkeypatch.setattr(janitor_module, "time", SimpleNamespace(monotonic=lambda: now[0]))
    with monkeypatch.context() as slow:
        slow.setattr(removal, "delete_resource", take_long)
        made.dismiss(*resources)
    assert waited == pytest.approx([longest, 0.4 * longest])
    assert [one.partition("-secret-")[2][0] for one in made.present()] == ["c"]
    assert made.close() == []


@pytest.mark.parametrize("status", [500, 504])
def test_creation_that_failed_on_the_server_is_looked_for(client: Client, state: CloudState, status: int) -> None:
    made = janitor(client)
    state.faults.append(Fault("POST", "/secrets$", "late", status=status, times=1))
    with pytest.raises(Refused):
        made.create("secret", "0116", "secret", {"secret_type": "opaque"})
    assert len(state.secrets) == 1
    assert made.close() == []
    assert state.secrets == []


def test_what_is_forgotten_is_left_alone(client: Client, state: CloudState) -> None:
    made = janitor(client)
    secret, _ = made.create("secret", "0116", "secret", {"secret_type": "opaque"})
    made.forget(secret)
    assert made.close() == []
    assert len(state.secrets) == 1
    assert deletions(state) == 0


def test_interrupted_run_creates_nothing_more(client: Client, state: CloudState) -> None:
    cancelled = threading.Event()
    made = Janitor(client, RUN, Journal(RUN, "demo"), cancelled)
    cancelled.set()
    with pytest.raises(Inconclusive, match="the run was interrupted"):
        made.create("secret", "0116", "secret", {"secret_type": "opaque"})
    assert state.secrets == []
    assert known_runs() == set()


@pytest.mark.parametrize(
    "body", ["{}", '{"ports": null}', '{"ports": {}}', '{"ports": [7]}', '{"ports": [{"id": "p"}]}']
)
def test_ports_of_another_form_are_told_in_words(client: Client, state: CloudState, body: str) -> None:
    made = janitor(client)
    router, _ = made.create("router", "0128", "router", {})
    state.faults.append(Fault("GET", "/ports", status=200, body=body))
    with pytest.raises(Inconclusive, match=r"^network GET /v2\.0/ports: port.*: expected"):
        made.delete(router)
    state.faults.clear()
    assert made.close() == []
    assert state.routers == []


@pytest.mark.parametrize("status", [404, 401, 403])
def test_a_login_that_is_not_renewed_says_of_nothing_that_it_is_gone(
    client: Client, state: CloudState, status: int
) -> None:
    """A token that ends during a run cannot be renewed, and Keystone answers 404 to who tries."""
    janny = janitor(client)
    volume, _ = janny.create("volume", "0117", "volume", {"size": 1})
    state.tokens.clear()
    state.faults.append(Fault("POST", "/auth/tokens", status=status))
    tries = len([one for one in state.requests if one.path.endswith("/auth/tokens")])
    left = janny.close()
    assert [line.partition(": ")[0] for line in left] == [f"{volume} could not be removed"]
    assert f"the identity service answered POST /identity/v3/auth/tokens with {status}" in left[0]
    assert len([one for one in state.requests if one.path.endswith("/auth/tokens")]) == tries + 1
    state.faults.clear()
    assert list(state.volumes)
    assert janny.close() == []
    assert not state.volumes


def test_deletion_that_is_under_way_is_not_waited_for_with_a_login_that_is_not_renewed(
    client: Client, state: CloudState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removal, "DELETION", 300)
    volume, _ = janitor(client).create("volume", "0117", "volume", {"size": 1})
    state.faults.append(Fault("DELETE", "/volumes/", status=202))
    ended = [Fault("GET", "/volumes/", status=401), Fault("POST", "/auth/tokens", status=401)]
    ask = client.delete
    monkeypatch.setattr(client, "delete", lambda *args, **options: (ask(*args, **options), state.faults.extend(ended)))
    with pytest.raises(LoginRefused, match="the login was refused"):
        removal.delete_resource(client, volume)


def test_creation_that_a_login_kept_from_being_sent_is_looked_for_nowhere(client: Client, state: CloudState) -> None:
    janny = janitor(client)
    client.access()
    state.tokens.clear()
    state.faults.append(Fault("POST", "/auth/tokens", status=401))
    with pytest.raises(LoginRefused):
        janny.create("volume", "0117", "volume", {"size": 1})
    assert janny.present() == janny.close() == []
