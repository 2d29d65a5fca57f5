# SPDX-License-Identifier: Apache-2.0
"""How the demo cloud misbehaves on demand, and how each of its services says no."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
import requests
from keystoneauth1.exceptions import ConnectFailure, ServiceUnavailable
from openstack import exceptions
from openstack.connection import Connection

from pytest_scs.demo.openstack.server import DemoCloud
from pytest_scs.demo.openstack.state import CloudState, Fault, LoggedRequest

#: What the SDK warns of is its own use of itself.
pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")

TYPES = "/volume/v3/{project}/types"


def url(cloud: DemoCloud, path: str) -> str:
    return cloud.url + path.format(project=cloud.state.project_id)


# -- faults ---------------------------------------------------------------------------------------------------------


def test_a_status_fault_has_the_headers_and_the_body_it_was_given(
    state: CloudState, cloud: DemoCloud, authenticated: requests.Session
) -> None:
    state.faults = [Fault("GET", "/types", status=429, headers={"Retry-After": "3"}, body="slow down")]
    answer = authenticated.get(url(cloud, TYPES))
    assert (answer.status_code, answer.headers["Retry-After"], answer.text) == (429, "3", "slow down")


def test_faults_apply_as_often_as_they_say_and_in_their_order(
    state: CloudState, cloud: DemoCloud, authenticated: requests.Session
) -> None:
    state.faults = [Fault("*", "/types", status=503, times=2), Fault("*", "/types", status=500, times=1)]
    assert [authenticated.get(url(cloud, TYPES)).status_code for _ in range(5)] == [503, 503, 500, 200, 200]


def test_faults_look_at_method_and_query(state: CloudState, cloud: DemoCloud, authenticated: requests.Session) -> None:
    state.faults = [Fault("GET", r"/types\?.*marker=", status=500)]
    assert authenticated.get(url(cloud, TYPES)).status_code == 200
    assert authenticated.get(url(cloud, TYPES) + "?limit=1&marker=x").status_code == 500
    assert authenticated.post(url(cloud, TYPES) + "?marker=x").status_code == 403


def test_a_fault_at_the_identity_service_stops_everything(state: CloudState, connection: Connection) -> None:
    state.faults = [Fault("POST", "/auth/tokens", status=503)]
    with pytest.raises(ServiceUnavailable, match="HTTP 503"):
        list(connection.compute.flavors())


def test_a_dropped_connection_is_one_for_the_sdk_and_comes_back(state: CloudState, connection: Connection) -> None:
    connection.authorize()
    state.faults = [Fault("GET", "/flavors", "drop", times=1)]
    with pytest.raises(ConnectFailure):
        list(connection.compute.flavors(get_extra_specs=False))
    assert state.requests[-1].status == 0
    assert list(connection.compute.flavors(get_extra_specs=False))


def test_a_truncated_answer_ends_in_the_middle(
    state: CloudState, cloud: DemoCloud, authenticated: requests.Session
) -> None:
    whole = authenticated.get(f"{cloud.url}/image/v2/images")
    state.faults = [Fault("GET", "/images", "truncate", times=1)]
    with authenticated.get(f"{cloud.url}/image/v2/images", stream=True) as answer:
        assert answer.headers["Content-Length"] == whole.headers["Content-Length"]
        received = answer.raw.read(len(whole.content) // 2)
        assert whole.content.startswith(received)
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            _ = answer.content
    assert authenticated.get(f"{cloud.url}/image/v2/images").content == whole.content


def test_garbage_is_a_success_that_is_no_json(
    state: CloudState, cloud: DemoCloud, authenticated: requests.Session
) -> None:
    state.faults = [Fault("GET", "/networks", "garbage", times=1)]
    answer = authenticated.get(f"{cloud.url}/network/v2.0/networks")
    assert answer.status_code == 200
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()


def test_a_delay_comes_before_whatever_else_happens(
    state: CloudState, cloud: DemoCloud, authenticated: requests.Session
) -> None:
    state.faults = [Fault("GET", "/types", "delay", seconds=1, times=2), Fault("GET", "/types", status=502, times=1)]
    for status in (502, 200):
        start = time.monotonic()
        assert authenticated.get(url(cloud, TYPES)).status_code == status
        assert time.monotonic() - start >= 1
    start = time.monotonic()
    assert authenticated.get(url(cloud, TYPES)).status_code == 200
    assert time.monotonic() - start < 1


def test_latency_applies_to_every_request(state: CloudState, cloud: DemoCloud, http: requests.Session) -> None:
    state.latency = 0.1
    start = time.monotonic()
    for path in ("/identity/v3", "/compute", "/nowhere"):
        http.get(cloud.url + path)
    assert time.monotonic() - start >= 0.3


@pytest.mark.parametrize("skew", [0, 7200, -7200])
def test_the_clock_of_the_cloud_may_be_wrong(
    skew: int, state: CloudState, cloud: DemoCloud, http: requests.Session
) -> None:
    state.clock_skew = skew
    shown = parsedate_to_datetime(http.get(cloud.auth_url).headers["Date"])
    assert abs(shown - datetime.now(UTC) - timedelta(seconds=skew)) < timedelta(seconds=5)


def test_the_log_has_every_request_with_its_query_and_status(
    state: CloudState, cloud: DemoCloud, authenticated: requests.Session
) -> None:
    state.requests.clear()
    authenticated.get(f"{cloud.url}/compute/v2.1/flavors?limit=2&marker=")
    authenticated.post(f"{cloud.url}/image/v2/images", json={})
    authenticated.get(f"{cloud.url}/nowhere")
    assert state.requests == [
        LoggedRequest("GET", "/compute/v2.1/flavors?limit=2&marker=", 200),
        LoggedRequest("POST", "/image/v2/images", 201),
        LoggedRequest("GET", "/nowhere", 404),
    ]


# -- refusals -------------------------------------------------------------------------------------------------------

ERRORS: dict[str, tuple[str, int, Callable[[requests.Response], object], object]] = {
    "keystone": ("/identity/v3/none", 404, lambda a: a.json()["error"]["code"], 404),
    "nova": (
        "/compute/v2.1/flavors/x",
        404,
        lambda a: a.json()["itemNotFound"]["message"],
        "Flavor x could not be found.",
    ),
    "cinder": (f"{TYPES}/x", 404, lambda a: a.json()["itemNotFound"]["message"], "Volume type x could not be found."),
    "cinder, foreign project": (
        "/volume/v3/x/types",
        400,
        lambda a: a.json(),
        {"badRequest": {"code": 400, "message": "Malformed request url"}},
    ),
    "neutron": ("/network/v2.0/none", 404, lambda a: a.json()["NeutronError"]["type"], "HTTPNotFound"),
    "glance": ("/image/v2/images/x", 404, lambda a: re.findall("<h1>(.*)</h1>", a.text), ["404 Not Found"]),
    "barbican": ("/key-manager/v1/none", 404, lambda a: (a.json()["code"], a.json()["title"]), (404, "Not Found")),
    "octavia": ("/load-balancer/v2/none", 404, lambda a: a.json()["faultcode"], "Client"),
    "placement": ("/placement/none", 404, lambda a: a.json()["errors"][0]["status"], 404),
    "swift": ("/object-store/v1/AUTH_x", 403, lambda a: a.text.startswith("<html><h1>Forbidden</h1>"), True),
}


@pytest.mark.parametrize("service", ERRORS)
def test_each_service_says_no_in_its_own_form(service: str, cloud: DemoCloud, authenticated: requests.Session) -> None:
    path, status, extract, expected = ERRORS[service]
    answer = authenticated.get(url(cloud, path))
    assert (answer.status_code, extract(answer)) == (status, expected)


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("/compute/v2.1/flavors", "serviceUnavailable"),
        (TYPES, "serviceUnavailable"),
        ("/network/v2.0/networks", "NeutronError"),
        ("/identity/v3/regions", "error"),
        ("/placement", "errors"),
    ],
)
def test_a_status_fault_without_body_has_the_form_of_the_service(
    path: str, fault: str, state: CloudState, cloud: DemoCloud, authenticated: requests.Session
) -> None:
    state.faults = [Fault("*", ".", status=503)]
    answer = authenticated.get(url(cloud, path))
    assert answer.status_code == 503
    assert list(answer.json()) == [fault]


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("application/json", "application/json"),
        ("text/html", "text/html; charset=UTF-8"),
        ("*/*", "text/html; charset=UTF-8"),
        ("text/plain", "text/plain; charset=UTF-8"),
    ],
)
def test_glance_words_its_errors_as_the_client_accepts_them(
    accept: str, content_type: str, cloud: DemoCloud, authenticated: requests.Session
) -> None:
    answer = authenticated.get(f"{cloud.url}/image/v2/images/x", headers={"Accept": accept})
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, content_type)
    assert "No image found with ID x" in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/compute/v2.1/flavors", 403),
        ("DELETE", "/compute/v2.1/flavors/x", 403),
        ("POST", TYPES, 403),
        ("POST", "/network/v2.0/default-security-group-rules", 403),
        ("POST", "/identity/v3/users", 403),
        ("PUT", "/image/v2/images", 405),
        ("POST", "/volume/v3/{project}/messages", 405),
        ("POST", "/key-manager/v1/containers", 405),
        ("POST", "/load-balancer/v2/lbaas/loadbalancers", 405),
        ("PUT", "/object-store/v1/AUTH_{project}", 405),
    ],
)
def test_what_is_for_administrators_or_not_here_cannot_be_written(
    method: str, path: str, status: int, cloud: DemoCloud, authenticated: requests.Session
) -> None:
    answer = authenticated.request(method, url(cloud, path), json={"x": {}})
    assert answer.status_code == status
    assert ("Allow" in answer.headers) is (status == 405)


def test_the_sdk_shows_what_nova_said(connection: Connection) -> None:
    with pytest.raises(exceptions.NotFoundException, match=r"Flavor nope could not be found\."):
        connection.compute.get_flavor("nope")


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        (
            {"Authorization": "AWS4-HMAC-SHA256 Credential=doesnotexist/20260101/x/s3/aws4_request"},
            "InvalidAccessKeyId",
        ),
        ({"Authorization": "AWS doesnotexist:abc"}, "InvalidAccessKeyId"),
        ({}, "AccessDenied"),
    ],
)
def test_the_root_speaks_s3(headers: dict[str, str], code: str, cloud: DemoCloud, http: requests.Session) -> None:
    answer = http.get(f"{cloud.url}/", headers=headers)
    assert answer.status_code == 403
    assert f"<Code>{code}</Code>" in answer.text


def test_without_object_storage_the_root_is_unknown(
    state: CloudState, cloud: DemoCloud, http: requests.Session
) -> None:
    state.services = [service for service in state.services if not service["type"].startswith("object-store")]
    assert http.get(f"{cloud.url}/").status_code == 404


def test_a_defect_of_the_state_is_a_500_in_the_form_of_the_service(
    state: CloudState, cloud: DemoCloud, authenticated: requests.Session, caplog: pytest.LogCaptureFixture
) -> None:
    del state.flavors[0]["vcpus"]
    answer = authenticated.get(f"{cloud.url}/compute/v2.1/flavors/detail")
    assert (answer.status_code, answer.json()["computeFault"]["code"]) == (500, 500)
    assert "KeyError: 'vcpus'" in caplog.text


@pytest.mark.parametrize("seconds", [0, 60])
def test_a_late_request_is_refused_and_carried_out_all_the_same(
    state: CloudState, cloud: DemoCloud, authenticated: requests.Session, seconds: float
) -> None:
    state.faults = [Fault("POST", "/volumes$", "late", status=504, seconds=seconds)]
    answer = authenticated.post(url(cloud, "/volume/v3/{project}/volumes"), json={"volume": {"size": 1}})
    assert answer.status_code == 504
    assert len(state.volumes) == (0 if seconds else 1)
    state.timeline.skip(seconds)
    state.catch_up()
    assert len(state.volumes) == 1
