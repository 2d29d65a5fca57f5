# SPDX-License-Identifier: Apache-2.0
"""Tokens of the demo cloud: who gets one, for how long, and what stands in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from keystoneauth1.exceptions import EndpointNotFound
from openstack import exceptions
from openstack.connection import Connection

from pytest_scs.demo.openstack import data
from pytest_scs.demo.openstack.server import DemoCloud
from pytest_scs.demo.openstack.state import CloudState

#: What the SDK warns of is its own use of itself.
pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")

UNAUTHORIZED = {"code": 401, "message": "The request you have made requires authentication.", "title": "Unauthorized"}


def proof(state: CloudState, **changes: Any) -> dict[str, Any]:
    """A correct proof by password, changed."""
    user = {"name": state.username, "domain": {"name": "Default"}, "password": state.password}
    return {"methods": ["password"], "password": {"user": user | changes}}


def authenticate(http: requests.Session, cloud: DemoCloud, identity: Any, scope: Any = None) -> requests.Response:
    body = {"auth": {"identity": identity} | ({} if scope is None else {"scope": scope})}
    return http.post(f"{cloud.auth_url}/auth/tokens", json=body)


def test_each_cloud_has_secrets_of_its_own() -> None:
    clouds = [data.conformant(datetime.now(UTC)) for _ in range(2)]
    for secret in ("username", "password", "application_credential_id", "application_credential_secret", "project_id"):
        values = {getattr(cloud, secret) for cloud in clouds}
        assert len(values) == 2
        assert all(len(value) >= 8 for value in values)
    assert clouds[0].password not in repr(clouds[0])
    assert clouds[0].application_credential_secret not in repr(clouds[0])


def test_a_token_shows_user_project_roles_and_catalog(state: CloudState, connection: Connection) -> None:
    access = connection.session.auth.get_access(connection.session)
    assert access.role_names == ["member", "reader", "load-balancer_member"]
    assert (access.user_id, access.project_id) == (state.user_id, state.project_id)
    assert [(service["type"], service["name"]) for service in access.service_catalog.catalog] == [
        (service["type"], service["name"]) for service in state.services
    ]
    assert timedelta(minutes=59) < access.expires - datetime.now(UTC) <= timedelta(hours=1)


def test_a_token_has_all_that_keystone_sends(state: CloudState, cloud: DemoCloud, http: requests.Session) -> None:
    credential = {"id": state.application_credential_id, "secret": state.application_credential_secret}
    identity = {"methods": ["application_credential"], "application_credential": credential}
    token = authenticate(http, cloud, identity).json()["token"]
    domain = {"id": "default", "name": "Default"}
    for key in ("issued_at", "expires_at"):
        assert datetime.strptime(token.pop(key), "%Y-%m-%dT%H:%M:%S.%fZ")
    assert len(token.pop("audit_ids")[0]) == 32
    assert [role["name"] for role in token.pop("roles")] == state.roles
    assert len(token.pop("catalog")) == len(state.services)
    assert token == {
        "methods": ["application_credential"],
        "user": {"id": state.user_id, "name": state.username, "domain": domain, "password_expires_at": None},
        "project": {"id": state.project_id, "name": "demo", "domain": domain},
        "is_domain": False,
        "application_credential": {"id": state.application_credential_id, "name": "demo", "restricted": True},
    }


def test_the_catalog_is_the_same_whoever_asks_for_it(
    state: CloudState, cloud: DemoCloud, authenticated: requests.Session
) -> None:
    state.regions = ["North", "South"]
    token = authenticate(authenticated, cloud, proof(state)).json()["token"]
    assert authenticated.get(f"{cloud.auth_url}/auth/catalog").json()["catalog"] == token["catalog"]
    endpoints = [endpoint for service in token["catalog"] for endpoint in service["endpoints"]]
    assert len({endpoint["id"] for endpoint in endpoints}) == len(endpoints) == len(state.services) * 6
    assert {(endpoint["region"], endpoint["region_id"], endpoint["interface"]) for endpoint in endpoints} == {
        (region, region, interface) for region in state.regions for interface in ("public", "internal", "admin")
    }


def test_a_cloud_without_services_has_an_empty_catalog(
    state: CloudState, cloud: DemoCloud, http: requests.Session
) -> None:
    state.services = []
    assert authenticate(http, cloud, proof(state)).json()["token"]["catalog"] == []


def test_the_catalog_has_the_urls_of_a_real_cloud(cloud: DemoCloud, connection: Connection) -> None:
    project = cloud.state.project_id
    urls = {
        "identity": "/identity",
        "compute": "/compute/v2.1",
        "image": "/image",
        "network": "/network",
        "volumev3": f"/volume/v3/{project}",
        "block-storage": f"/volume/v3/{project}",
        "object-store": f"/object-store/v1/AUTH_{project}",
        "object-store-s3": "/",
    }
    catalog = connection.session.auth.get_access(connection.session).service_catalog
    for service_type, path in urls.items():
        assert catalog.get_urls(service_type=service_type, interface="public") == (cloud.url + path,)


def test_services_without_path_have_no_endpoints_and_do_not_answer(
    state: CloudState, cloud: DemoCloud, authenticated: requests.Session
) -> None:
    next(service for service in state.services if service["type"] == "image")["path"] = None
    catalog = authenticated.get(f"{cloud.auth_url}/auth/catalog").json()["catalog"]
    assert {entry["type"]: entry["endpoints"] for entry in catalog}["image"] == []
    assert authenticated.get(f"{cloud.url}/image/v2/images").status_code == 404


def test_what_is_not_in_the_catalog_does_not_answer_except_identity(
    state: CloudState, cloud: DemoCloud, authenticated: requests.Session
) -> None:
    state.services = []
    assert authenticated.get(f"{cloud.auth_url}/regions").status_code == 200
    for path in ("/compute/v2.1", "/image", "/network", "/placement", "/key-manager", "/load-balancer"):
        assert authenticated.get(cloud.url + path).status_code == 404


def test_application_credentials_work_like_the_password(state: CloudState, connect: Callable[..., Connection]) -> None:
    connection = connect(application_credential=True)
    assert len(list(connection.compute.flavors(get_extra_specs=False))) == len(state.flavors)
    access = connection.session.auth.get_access(connection.session)
    assert access.application_credential_id == state.application_credential_id
    assert access.project_id == state.project_id


def test_a_wrong_application_credential_secret_is_refused(
    state: CloudState, cloud: DemoCloud, http: requests.Session
) -> None:
    credential = {"id": state.application_credential_id, "secret": state.password}
    identity = {"methods": ["application_credential"], "application_credential": credential}
    assert authenticate(http, cloud, identity).json() == {"error": UNAUTHORIZED}
    credential["secret"] = state.application_credential_secret
    assert authenticate(http, cloud, identity).status_code == 201


def test_a_wrong_password_is_refused_in_keystones_words(
    state: CloudState, cloud: DemoCloud, http: requests.Session, connect: Callable[..., Connection]
) -> None:
    answer = authenticate(http, cloud, proof(state, password="wrong"))
    assert (answer.status_code, answer.json()) == (401, {"error": UNAUTHORIZED})
    assert answer.headers["WWW-Authenticate"] == f'Keystone uri="{cloud.auth_url}"'
    connection = connect()
    state.password += "?"
    with pytest.raises(exceptions.SDKException, match=r"requires authentication\. \(HTTP 401\)"):
        connection.authorize()


@pytest.mark.parametrize(
    "changes", [{"name": "somebody"}, {"domain": {"name": "default"}}, {"domain": {"id": "Default"}}, {"id": "f" * 32}]
)
def test_other_users_are_refused(
    changes: dict[str, Any], state: CloudState, cloud: DemoCloud, http: requests.Session
) -> None:
    assert authenticate(http, cloud, proof(state, **changes)).status_code == 401


@pytest.mark.parametrize(
    ("scope", "status", "project"),
    [
        (None, 201, True),
        ({"project": {"name": "demo", "domain": {"id": "default"}}}, 201, True),
        ({"project": {"name": "other", "domain": {"id": "default"}}}, 401, False),
        ({"project": {"id": "f" * 32}}, 401, False),
        ({"domain": {"id": "default"}}, 401, False),
        ({"system": {"all": True}}, 401, False),
        ("unscoped", 201, False),
        ({"unscoped": {}}, 201, False),
    ],
)
def test_tokens_are_for_the_project_or_for_nothing(
    scope: Any, status: int, project: bool, state: CloudState, cloud: DemoCloud, http: requests.Session
) -> None:
    answer = authenticate(http, cloud, proof(state), scope)
    assert answer.status_code == status
    token = answer.json().get("token", {})
    assert ("project" in token, "roles" in token, "catalog" in token) == (project, project, project)


def test_user_and_project_may_be_named_by_their_ids(
    state: CloudState, cloud: DemoCloud, http: requests.Session
) -> None:
    user = {"id": state.user_id, "password": state.password}
    identity = {"methods": ["password"], "password": {"user": user}}
    answer = authenticate(http, cloud, identity, {"project": {"id": state.project_id}})
    assert answer.json()["token"]["project"]["name"] == "demo"


def test_a_user_without_roles_gets_no_token_for_the_project(
    state: CloudState, cloud: DemoCloud, http: requests.Session
) -> None:
    state.roles = []
    assert authenticate(http, cloud, proof(state)).status_code == 401
    assert authenticate(http, cloud, proof(state), "unscoped").status_code == 201


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        (b"{", "valid JSON"),
        (b"{}", "auth"),
        (b"[]", "auth"),
        (b'{"auth": {}}', "identity"),
        (b'{"auth": {"identity": {"methods": ["password"]}}}', "password"),
        (b'{"auth": {"identity": {"methods": ["totp"], "totp": {}}}}', "totp"),
        (b'{"auth": {"identity": {"methods": ["password"], "password": {}}}}', "user"),
        (b'{"auth": {"identity": {"methods": ["password"], "password": 1}}}', "not subscriptable"),
    ],
)
def test_malformed_requests_are_answered_with_400(
    body: bytes, missing: str, cloud: DemoCloud, http: requests.Session
) -> None:
    answer = http.post(f"{cloud.auth_url}/auth/tokens", data=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["title"] == "Bad Request"
    assert missing in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "path",
    [
        "/identity/v3/auth/projects",
        "/compute/v2.1/flavors/detail",
        "/compute/v2.1/nothing",
        "/volume/v3/x/types",
        "/network/v2.0/networks",
        "/key-manager/v1/secrets",
        "/load-balancer/v2/lbaas/loadbalancers",
        "/placement/resource_providers",
    ],
)
@pytest.mark.parametrize("token", [None, "unknown"])
def test_without_a_valid_token_there_is_a_401(
    path: str, token: str | None, cloud: DemoCloud, http: requests.Session
) -> None:
    answer = http.get(cloud.url + path, headers={"X-Auth-Token": token} if token else {})
    assert (answer.status_code, answer.json()) == (401, {"error": UNAUTHORIZED})
    assert answer.headers["WWW-Authenticate"].startswith("Keystone uri=")


def test_glance_and_swift_have_words_of_their_own_for_401(cloud: DemoCloud, http: requests.Session) -> None:
    answer = http.get(f"{cloud.url}/image/v2/images", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (401, "401 Unauthorized")
    answer = http.get(f"{cloud.url}/object-store/v1/AUTH_x")
    assert (answer.status_code, answer.text[:30]) == (401, "<html><h1>Unauthorized</h1><p>")


def test_a_token_ends_after_its_lifetime(state: CloudState, cloud: DemoCloud, authenticated: requests.Session) -> None:
    url = f"{cloud.url}/compute/v2.1/flavors"
    assert authenticated.get(url).status_code == 200
    state.clock_skew = 3599
    assert authenticated.get(url).status_code == 200
    state.clock_skew = 3601
    assert authenticated.get(url).status_code == 401


def test_the_sdk_gets_a_new_token_when_the_old_one_is_gone(state: CloudState, connection: Connection) -> None:
    first = connection.auth_token
    state.tokens.clear()
    assert list(connection.compute.flavors(get_extra_specs=False))
    assert connection.auth_token != first
    assert [request.status for request in state.requests if "/flavors" in request.path] == [401, 200]


def test_a_token_can_be_looked_at_and_exchanged(
    state: CloudState, cloud: DemoCloud, authenticated: requests.Session
) -> None:
    token = str(authenticated.headers["X-Auth-Token"])
    url = f"{cloud.auth_url}/auth/tokens"
    shown = authenticated.get(url, headers={"X-Subject-Token": token}).json()["token"]
    assert shown["project"]["id"] == state.project_id
    assert shown["catalog"]
    shown = authenticated.get(f"{url}?nocatalog", headers={"X-Subject-Token": token}).json()["token"]
    assert "catalog" not in shown
    assert authenticated.get(url).status_code == 403
    assert authenticated.get(url, headers={"X-Subject-Token": "unknown"}).status_code == 404
    answer = authenticate(authenticated, cloud, {"methods": ["token"], "token": {"id": token}})
    assert (answer.status_code, answer.json()["token"]["methods"]) == (201, ["token"])


def test_several_regions_appear_in_the_catalog(
    state: CloudState, cloud: DemoCloud, connect: Callable[..., Connection]
) -> None:
    state.regions = ["North", "South"]
    connection = connect(region="South")
    assert [region.id for region in connection.identity.regions()] == state.regions
    catalog = connection.session.auth.get_access(connection.session).service_catalog
    assert len(catalog.get_urls(service_type="compute", interface="public")) == 2
    assert len(list(connection.compute.flavors(get_extra_specs=False))) == len(state.flavors)


def test_a_region_the_cloud_has_not_got_has_no_endpoints(connect: Callable[..., Connection]) -> None:
    session = connect(region="Atlantis").session
    with pytest.raises(EndpointNotFound, match="Atlantis"):
        session.get_endpoint(service_type="compute", region_name="Atlantis")


def test_a_user_sees_itself_and_nobody_else(state: CloudState, connection: Connection) -> None:
    assert connection.identity.get_user(state.user_id).name == state.username
    assert connection.identity.get_project(state.project_id).name == "demo"
    for look in (
        lambda: connection.identity.get_project("f" * 32),
        lambda: connection.identity.get_user("f" * 32),
        lambda: list(connection.identity.users()),
        lambda: list(connection.identity.role_assignments()),
        lambda: list(connection.placement.resource_providers()),
        lambda: list(connection.compute.hypervisors()),
    ):
        with pytest.raises(exceptions.ForbiddenException):
            look()
