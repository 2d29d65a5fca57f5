# SPDX-License-Identifier: Apache-2.0
"""Secrets in the demo cloud's key manager, by the unchanged openstacksdk and beside it."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import requests
from openstack import exceptions
from openstack.connection import Connection

from pytest_scs.demo.openstack.server import DemoCloud
from pytest_scs.demo.openstack.state import CloudState

#: What the SDK warns of is its own use of itself.
pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")

UNKNOWN = "00000000-0000-4000-8000-000000000000"
TEXT = {"name": "mine", "secret_type": "opaque", "payload": "foo", "payload_content_type": "text/plain"}


def path(cloud: DemoCloud, rest: str = "") -> str:
    return f"{cloud.url}/key-manager/v1/secrets{rest}"


def make(cloud: DemoCloud, http: requests.Session, **given: Any) -> str:
    """The URL of a new secret."""
    answer = http.post(path(cloud), json=TEXT | given)
    assert answer.status_code == 201
    assert answer.headers["Location"] == answer.json()["secret_ref"]
    return str(answer.json()["secret_ref"])


@pytest.mark.parametrize("endpoint", ["/key-manager", "/key-manager/", "/key-manager/v1"])
def test_a_secret_is_made_listed_read_and_deleted(
    endpoint: str, state: CloudState, cloud: DemoCloud, connection: Connection
) -> None:
    state.service("key-manager")["path"] = endpoint
    secret = connection.key_manager.create_secret(**TEXT)
    identity = secret.secret_ref.rpartition("/")[2]
    assert secret.secret_ref == path(cloud, f"/{identity}")
    listed = list(connection.key_manager.secrets(name="mine"))
    assert [(found.name, found.secret_id, found.status) for found in listed] == [("mine", identity, "ACTIVE")]
    found = connection.key_manager.get_secret(identity)
    assert (found.payload, found.content_types) == ("foo", {"default": "text/plain"})
    assert [(kept["id"], kept["name"], kept["project_id"]) for kept in state.secrets] == [
        (identity, "mine", state.project_id)
    ]
    connection.key_manager.delete_secret(identity, ignore_missing=False)
    assert state.secrets == []
    answer = connection.key_manager.get(f"/secrets/{identity}")  # of which the SDK's own method makes an empty secret
    assert (answer.status_code, answer.json()["description"]) == (404, "Secret not found.")
    with pytest.raises(exceptions.NotFoundException):
        connection.key_manager.delete_secret(identity, ignore_missing=False)


def test_a_page_has_ten_secrets_and_the_sdk_follows(
    state: CloudState, cloud: DemoCloud, authenticated: requests.Session, connection: Connection
) -> None:
    for number in range(23):
        make(cloud, authenticated, name=f"s{number}")
    first = authenticated.get(path(cloud)).json()
    assert (len(first["secrets"]), first["total"], "previous" in first) == (10, 23, False)
    second = authenticated.get(first["next"]).json()
    assert second["secrets"][0]["name"] == "s10"
    last = authenticated.get(second["next"]).json()
    assert (len(last["secrets"]), "next" in last) == (3, False)
    assert authenticated.get(last["previous"]).json() == second
    assert [secret.name for secret in connection.key_manager.secrets()] == [f"s{number}" for number in range(23)]
    assert [secret.name for secret in connection.key_manager.secrets(name="s22")] == ["s22"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("limit=2", ["s0", "s1"]),
        ("limit=2&offset=1", ["s1", "s2"]),
        ("offset=3", []),
        ("limit=0", ["s0", "s1", "s2"]),
        ("limit=x", ["s0", "s1", "s2"]),
        ("name=s1", ["s1"]),
        ("name=s", []),
        ("secret_type=opaque", ["s0", "s2"]),
    ],
)
def test_secrets_are_found_by_exact_values(
    query: str, names: list[str], cloud: DemoCloud, authenticated: requests.Session
) -> None:
    for number, kind in enumerate(("opaque", "passphrase", "opaque")):
        make(cloud, authenticated, name=f"s{number}", secret_type=kind)
    assert [secret["name"] for secret in authenticated.get(f"{path(cloud)}?{query}").json()["secrets"]] == names


@pytest.mark.parametrize(
    ("accept", "status", "kind"),
    [
        (None, 200, "text/plain; charset=utf-8"),
        ("text/plain", 200, "text/plain; charset=utf-8"),
        ("application/octet-stream", 200, "application/octet-stream"),
        ("application/json", 406, "application/json"),
    ],
)
def test_a_payload_is_given_in_the_form_that_is_accepted(
    accept: str | None, status: int, kind: str, cloud: DemoCloud, authenticated: requests.Session
) -> None:
    answer = authenticated.get(f"{make(cloud, authenticated)}/payload", headers={"Accept": accept or "*/*"})
    assert (answer.status_code, answer.headers["Content-Type"].lower()) == (status, kind)
    assert status != 200 or answer.text == "foo"


def test_a_client_that_accepts_no_json_gets_the_payload(cloud: DemoCloud, authenticated: requests.Session) -> None:
    assert authenticated.get(make(cloud, authenticated), headers={"Accept": "text/plain"}).text == "foo"


def test_binary_payloads_come_back_as_they_were(cloud: DemoCloud, authenticated: requests.Session) -> None:
    content = bytes(range(256))
    binary = {"payload_content_type": "application/octet-stream", "payload_content_encoding": "base64"}
    url = make(cloud, authenticated, payload=base64.b64encode(content).decode(), **binary)
    assert authenticated.get(f"{url}/payload", headers={"Accept": "application/octet-stream"}).content == content


def test_a_secret_may_have_no_payload(cloud: DemoCloud, authenticated: requests.Session) -> None:
    url = authenticated.post(path(cloud), json={}).json()["secret_ref"]
    shown = authenticated.get(url).json()
    assert (shown["name"], "content_types" in shown) == (url.rpartition("/")[2], False)
    answer = authenticated.get(f"{url}/payload", headers={"Accept": "text/plain"})
    assert answer.status_code == 404
    assert answer.json()["description"].endswith("your secret has no payload.")


@pytest.mark.parametrize(
    ("change", "property_"),
    [
        ({"payload_content_type": None}, "payload_content_type"),
        ({"payload": " "}, "payload"),
        ({"payload": 7}, "payload"),
        ({"payload_content_type": "application/octet-stream"}, "payload_content_encoding"),
        (
            {"payload": "a", "payload_content_type": "image/png", "payload_content_encoding": "base64"},
            "payload",
        ),
        ({"secret_type": "odd"}, "secret_type"),
    ],
)
def test_secrets_that_make_no_sense_are_refused(
    change: dict[str, Any], property_: str, state: CloudState, cloud: DemoCloud, authenticated: requests.Session
) -> None:
    answer = authenticated.post(path(cloud), json=TEXT | change)
    assert (answer.status_code, answer.json()["title"]) == (400, "Bad Request")
    assert answer.json()["description"].endswith(f"Invalid property: '{property_}'")
    assert state.secrets == []


def test_broken_json_and_ids_are_refused(cloud: DemoCloud, authenticated: requests.Session) -> None:
    assert authenticated.post(path(cloud), data="{").json()["description"] == "Malformed JSON"
    assert authenticated.get(path(cloud, "/nope")).json()["description"].endswith("secret id is invalid.")
    assert authenticated.get(path(cloud, f"/{UNKNOWN}")).json()["description"] == "Secret not found."


def test_user_metadata_are_kept(cloud: DemoCloud, authenticated: requests.Session) -> None:
    url = f"{make(cloud, authenticated)}/metadata"
    assert authenticated.put(url, json={"metadata": {"run": "1"}}).json() == {"metadata_ref": url}
    assert authenticated.post(url, json={"key": "made", "value": "now"}).status_code == 201
    assert authenticated.post(url, json={"key": "made", "value": "then"}).status_code == 409
    assert authenticated.get(url).json() == {"metadata": {"run": "1", "made": "now"}}
    assert authenticated.get(f"{url}/made").json() == {"key": "made", "value": "now"}
    assert [authenticated.delete(f"{url}/made").status_code for _ in range(2)] == [204, 404]
    for bad in ({"metadata": "x"}, {"metadata": {"a": 1}}):
        assert authenticated.put(url, json=bad).status_code == 400
    assert authenticated.post(url, json={"key": "x"}).status_code == 400


def test_a_key_manager_that_does_not_obey_members_forbids_everything(
    state: CloudState, cloud: DemoCloud, authenticated: requests.Session, connection: Connection
) -> None:
    url = make(cloud, authenticated)
    state.key_manager_roles = {"creator"}
    with pytest.raises(exceptions.ForbiddenException):
        connection.key_manager.create_secret(**TEXT)
    reason = authenticated.post(path(cloud), json=TEXT).json()["description"]
    assert reason == "Secret creation attempt not allowed - please review your user/project privileges"
    for method, rest in (("GET", ""), ("GET", "/payload"), ("DELETE", "")):
        assert authenticated.request(method, url + rest).status_code == 403
    assert authenticated.get(path(cloud)).status_code == 403
    state.roles.append("creator")
    assert authenticated.delete(url).status_code == 204
