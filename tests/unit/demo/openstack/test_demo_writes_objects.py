# SPDX-License-Identifier: Apache-2.0
"""EC2 credentials, buckets and containers in the demo cloud: openstacksdk for Swift, signed requests for S3."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
import requests
from openstack import exceptions
from openstack.connection import Connection

from pytest_scs.demo.openstack.server import DemoCloud
from pytest_scs.demo.openstack.state import CloudState, Fault

#: What the SDK warns of is its own use of itself.
pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")

Keys = dict[str, str]
PARTS = re.compile(r"<(Name|Key|Size|KeyCount|IsTruncated|NextContinuationToken|NextMarker)>([^<]*)<")


def ec2(cloud: DemoCloud, user: str | None = None) -> str:
    return f"{cloud.auth_url}/users/{user or cloud.state.user_id}/credentials/OS-EC2"


@pytest.fixture
def keys(cloud: DemoCloud, authenticated: requests.Session) -> Keys:
    answer = authenticated.post(ec2(cloud), json={"tenant_id": cloud.state.project_id})
    assert answer.status_code == 201
    credential: Keys = answer.json()["credential"]
    return credential


class S3:
    """The least that can sign a request to S3."""

    def __init__(self, url: str, access: str, secret: str, skew: float = 0) -> None:
        self.url, self.access, self.secret, self.skew = url, access, secret, timedelta(seconds=skew)
        self.http = requests.Session()
        self.http.trust_env = False

    def __call__(
        self, method: str, path: str, body: bytes = b"", query: dict[str, str] | None = None, **headers: str
    ) -> requests.Response:
        moment = (datetime.now(UTC) + self.skew).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{moment[:8]}/RegionOne/s3/aws4_request"
        digest = hashlib.sha256(body).hexdigest()
        signed = {"host": urlsplit(self.url).netloc, "x-amz-content-sha256": digest, "x-amz-date": moment}
        signed |= {name.replace("_", "-"): value for name, value in headers.items()}
        names = ";".join(sorted(signed))
        arguments = "&".join(f"{quote(name, '')}={quote(value, '')}" for name, value in sorted((query or {}).items()))
        canonical = "\n".join(
            [method, quote(path), arguments, *(f"{name}:{signed[name]}" for name in sorted(signed)), "", names]
        )
        request = hashlib.sha256(f"{canonical}\n{signed['x-amz-content-sha256']}".encode()).hexdigest()
        key = f"AWS4{self.secret}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        signature = hmac.digest(key, f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{request}".encode(), "sha256").hex()
        authorization = (
            f"AWS4-HMAC-SHA256 Credential={self.access}/{scope}, SignedHeaders={names}, Signature={signature}"
        )
        url = f"{self.url}{quote(path)}" + (f"?{arguments}" if arguments else "")
        return self.http.request(method, url, data=body, headers=signed | {"Authorization": authorization})


@pytest.fixture
def s3(cloud: DemoCloud, keys: Keys) -> S3:
    return S3(cloud.url, keys["access"], keys["secret"])


def code(answer: requests.Response) -> tuple[int, str | None]:
    found = re.search("<Code>(.*)</Code>", answer.text)
    return answer.status_code, found[1] if found else None


def parts(answer: requests.Response) -> list[tuple[str, str]]:
    assert answer.status_code == 200
    return PARTS.findall(answer.text)


# -- credentials ----------------------------------------------------------------------------------------------------


def test_keys_are_made_listed_and_deleted(
    state: CloudState, cloud: DemoCloud, authenticated: requests.Session, connection: Connection
) -> None:
    credential = connection.identity.post(
        f"/users/{state.user_id}/credentials/OS-EC2", json={"tenant_id": state.project_id}
    ).json()["credential"]
    assert (credential["user_id"], credential["tenant_id"]) == (state.user_id, state.project_id)
    assert authenticated.get(ec2(cloud)).json()["credentials"] == [credential]
    own = f"{ec2(cloud)}/{credential['access']}"
    assert credential["links"]["self"] == own
    assert authenticated.get(own).json() == {"credential": credential}
    assert [authenticated.delete(own).status_code for _ in range(2)] == [204, 404]
    assert authenticated.get(own).status_code == 404
    assert state.ec2_credentials == []
    assert credential["secret"] not in repr(state)


def test_keys_are_for_the_own_user_and_project_only(cloud: DemoCloud, authenticated: requests.Session) -> None:
    other = ec2(cloud, "f" * 32)
    assert authenticated.get(other).status_code == 403
    assert authenticated.post(other, json={"tenant_id": cloud.state.project_id}).status_code == 403
    bodies: tuple[object, ...] = ({"tenant_id": "f" * 32}, {}, [])
    for body in bodies:
        answer = authenticated.post(ec2(cloud), json=body)
        assert (answer.status_code, answer.json()["error"]["message"][:23]) == (404, "Could not find project:")


def test_a_restricted_application_credential_makes_no_keys(
    state: CloudState, connect: Callable[..., Connection]
) -> None:
    connection = connect(application_credential=True)
    answer = connection.identity.post(
        f"/users/{state.user_id}/credentials/OS-EC2", json={"tenant_id": state.project_id}
    )
    assert answer.status_code == 403
    assert "'application_credential' is not allowed" in answer.json()["error"]["message"]


# -- S3 -------------------------------------------------------------------------------------------------------------


def test_an_object_makes_the_round_trip(state: CloudState, s3: S3) -> None:
    """The procedure of scs-0123-x-s3-roundtrip."""
    before = state.belongings()
    content = bytes(range(256)) * 4
    assert parts(s3("GET", "/")) == []
    assert s3("PUT", "/scs-0123-run").status_code == 200
    assert parts(s3("GET", "/")) == [("Name", "scs-0123-run")]
    answer = s3("PUT", "/scs-0123-run/some key & more.bin", content, content_type="image/png", x_amz_meta_run="1")
    assert answer.headers["ETag"] == f'"{hashlib.md5(content).hexdigest()}"'
    for version in ({}, {"list-type": "2"}):
        assert ("Key", "some key &amp; more.bin") in parts(s3("GET", "/scs-0123-run", query=version))
    answer = s3("GET", "/scs-0123-run/some key & more.bin")
    assert (answer.content, answer.headers["Content-Type"]) == (content, "image/png")
    assert answer.headers["x-amz-meta-run"] == "1"
    answer = s3("HEAD", "/scs-0123-run/some key & more.bin")
    assert (answer.content, answer.headers["Content-Length"]) == (b"", "1024")
    assert code(s3("DELETE", "/scs-0123-run")) == (409, "BucketNotEmpty")
    assert [s3("DELETE", "/scs-0123-run/some key & more.bin").status_code for _ in range(2)] == [204, 204]
    assert code(s3("GET", "/scs-0123-run/some key & more.bin")) == (404, "NoSuchKey")
    assert s3("DELETE", "/scs-0123-run").status_code == 204
    assert code(s3("DELETE", "/scs-0123-run")) == (404, "NoSuchBucket")
    assert code(s3("PUT", "/scs-0123-run/key", b"x")) == (404, "NoSuchBucket")
    assert state.belongings() == before


@pytest.mark.parametrize("name", ["_scs", "Upper", "x", "a" * 64, "ends-"])
def test_buckets_have_names_that_can_be_hosts(name: str, s3: S3) -> None:
    assert code(s3("PUT", f"/{name}")) == (400, "InvalidBucketName")


def test_a_bucket_is_made_once(s3: S3) -> None:
    assert code(s3("PUT", "/mine")) == (200, None)
    assert code(s3("PUT", "/mine")) == (409, "BucketAlreadyOwnedByYou")


@pytest.mark.parametrize(
    ("version", "following", "asked"),
    [("2", "NextContinuationToken", "continuation-token"), ("1", "NextMarker", "marker")],
)
def test_buckets_are_listed_in_pages(version: str, following: str, asked: str, s3: S3) -> None:
    s3("PUT", "/mine")
    for number in range(5):
        s3("PUT", f"/mine/a{number}", b"x")
    s3("PUT", "/mine/b", b"x")
    query, seen = {"list-type": version, "prefix": "a", "max-keys": "2"}, []
    while True:
        found = parts(s3("GET", "/mine", query=query))
        seen += [value for name, value in found if name == "Key"]
        if dict(found)["IsTruncated"] == "false":
            break
        query[asked] = dict(found)[following]
    assert seen == [f"a{number}" for number in range(5)]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"access": "doesnotexist", "secret": ""}, (403, "InvalidAccessKeyId")),
        ({"secret": "wrong"}, (403, "SignatureDoesNotMatch")),
        ({"skew": 1800}, (403, "RequestTimeTooSkewed")),
        ({"skew": 600}, (200, None)),
    ],
)
def test_signatures_are_checked(
    change: dict[str, Any], expected: tuple[int, str | None], cloud: DemoCloud, keys: Keys
) -> None:
    given: dict[str, Any] = {"access": keys["access"], "secret": keys["secret"]} | change
    assert code(S3(cloud.url, **given)("GET", "/")) == expected


@pytest.mark.parametrize(
    ("header", "value", "expected"),
    [
        ("x-amz-date", "yesterday", (403, "AccessDenied")),
        ("x-amz-date", "20200101T000000Z", (403, "AccessDenied")),
        ("x-amz-content-sha256", None, (400, "InvalidRequest")),
        ("Authorization", "host;", (403, "AccessDenied")),
    ],
)
def test_requests_that_lack_something_are_refused(
    header: str, value: str | None, expected: tuple[int, str], cloud: DemoCloud, keys: Keys, http: requests.Session
) -> None:
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    authorization = (
        f"AWS4-HMAC-SHA256 Credential={keys['access']}/{now[:8]}/RegionOne/s3/aws4_request, "
        f"SignedHeaders=host;x-amz-date, Signature={'0' * 64}"
    )
    headers = {"x-amz-date": now, "x-amz-content-sha256": "UNSIGNED-PAYLOAD", "Authorization": authorization}
    if header == "Authorization":
        headers[header] = authorization.replace(str(value), "")
    elif value is None:
        del headers[header]
    else:
        headers[header] = value
    assert code(http.get(f"{cloud.url}/", headers=headers)) == expected


def test_a_signature_in_the_query_is_recognised(cloud: DemoCloud, keys: Keys, http: requests.Session) -> None:
    for access, expected in ((keys["access"], (400, "InvalidRequest")), ("nobody", (403, "InvalidAccessKeyId"))):
        query = {"X-Amz-Credential": f"{access}/20260101/x/s3/aws4_request", "X-Amz-Signature": "0" * 64}
        assert code(http.get(f"{cloud.url}/mine/a", params=query)) == expected


def test_a_signature_is_for_one_content(s3: S3) -> None:
    s3("PUT", "/mine")
    wrong = hashlib.sha256(b"other").hexdigest()
    assert code(s3("PUT", "/mine/a", b"x", x_amz_content_sha256=wrong)) == (400, "XAmzContentSHA256Mismatch")
    assert code(s3("PUT", "/mine/a", b"x", x_amz_content_sha256="UNSIGNED-PAYLOAD")) == (200, None)
    streamed = s3("PUT", "/mine/a", b"x", x_amz_content_sha256="STREAMING-UNSIGNED-PAYLOAD-TRAILER")
    assert code(streamed) == (501, "NotImplemented")


@pytest.mark.parametrize(
    ("authorization", "expected"),
    [
        ("AWS {access}:c2lnbmF0dXJl", (400, "InvalidRequest")),
        ("AWS4-HMAC-SHA256 Credential={access}/20260101/x/s3/aws4_request", (400, "InvalidRequest")),
        ("AWS nobody:c2lnbmF0dXJl", (403, "InvalidAccessKeyId")),
        ("Bearer {access}", (404, None)),
        ("", (404, None)),
    ],
)
def test_only_signatures_of_version_4_are_good(
    authorization: str, expected: tuple[int, str | None], cloud: DemoCloud, keys: Keys, http: requests.Session
) -> None:
    headers = {"Authorization": authorization.format(**keys)} if authorization else {}
    assert code(http.get(f"{cloud.url}/mine", headers=headers)) == expected


def test_keys_that_are_deleted_open_nothing(
    cloud: DemoCloud, keys: Keys, s3: S3, authenticated: requests.Session
) -> None:
    assert code(s3("GET", "/")) == (200, None)
    authenticated.delete(f"{ec2(cloud)}/{keys['access']}")
    assert code(s3("GET", "/")) == (403, "InvalidAccessKeyId")


def test_what_this_s3_has_not_got_is_refused_in_its_form(state: CloudState, s3: S3) -> None:
    s3("PUT", "/mine")
    assert code(s3("GET", "/mine", query={"acl": ""})) == (501, "NotImplemented")
    assert "<LocationConstraint" in s3("GET", "/mine", query={"location": ""}).text
    assert code(s3("POST", "/mine/a")) == (405, "MethodNotAllowed")
    state.faults = [Fault("PUT", "^/mine/", status=500), Fault("GET", "^/$", status=503)]
    assert code(s3("PUT", "/mine/a")) == (500, "InternalError")
    assert code(s3("GET", "/")) == (503, "SlowDown")


def test_without_object_storage_there_is_no_s3(state: CloudState, s3: S3) -> None:
    state.services = [service for service in state.services if not service["type"].startswith("object-store")]
    assert s3("GET", "/").status_code == 404


def test_a_client_that_waits_to_be_asked_for_the_body_is_asked(s3: S3) -> None:
    s3("PUT", "/mine")
    assert s3("PUT", "/mine/a", b"x" * 1024, expect="100-continue").status_code == 200
    assert s3("GET", "/mine/a").content == b"x" * 1024


# -- Swift ----------------------------------------------------------------------------------------------------------


def test_containers_and_objects_come_and_go(state: CloudState, connection: Connection, s3: S3) -> None:
    swift = connection.object_store
    swift.create_container(name="_mine")
    swift.set_container_metadata("_mine", run="1")
    swift.upload_object(container="_mine", name="a/b", data=b"hello")
    assert [(found.name, found.count, found.bytes) for found in swift.containers()] == [("_mine", 1, 5)]
    assert [(found.name, found.content_length) for found in swift.objects("_mine")] == [("a/b", 5)]
    assert swift.download_object("a/b", container="_mine") == b"hello"
    assert swift.get_container_metadata("_mine").metadata["run"] == "1"
    assert state.containers["_mine"].metadata == {"Run": "1"}
    assert parts(s3("GET", "/_mine"))[-2:] == [("Key", "a/b"), ("Size", "5")]
    with pytest.raises(exceptions.ConflictException):
        swift.delete_container("_mine", ignore_missing=False)
    swift.delete_object("a/b", container="_mine", ignore_missing=False)
    with pytest.raises(exceptions.NotFoundException):
        swift.delete_object("a/b", container="_mine", ignore_missing=False)
    swift.delete_container("_mine", ignore_missing=False)
    with pytest.raises(exceptions.NotFoundException):
        swift.delete_container("_mine", ignore_missing=False)
    assert state.containers == {}


def test_containers_are_listed_in_text_and_by_prefix(cloud: DemoCloud, authenticated: requests.Session) -> None:
    account = f"{cloud.url}/object-store/v1/AUTH_{cloud.state.project_id}"
    assert [authenticated.put(f"{account}/{name}").status_code for name in ("b1", "a", "b2", "a")] == [
        201,
        201,
        201,
        202,
    ]
    assert authenticated.get(account).text == "a\nb1\nb2\n"
    assert authenticated.get(f"{account}?prefix=b&marker=b1").text == "b2\n"
    assert authenticated.get(f"{account}?limit=1").text == "a\n"
    assert authenticated.head(account).headers["X-Account-Container-Count"] == "3"
    assert authenticated.put(f"{account}/none/x", data=b"x").status_code == 404
    assert authenticated.get(f"{account}/a").status_code == 204
    assert authenticated.put(f"{cloud.url}/object-store/v1/AUTH_x/a").status_code == 403


def test_objects_keep_their_type_and_metadata(cloud: DemoCloud, authenticated: requests.Session) -> None:
    container = f"{cloud.url}/object-store/v1/AUTH_{cloud.state.project_id}/mine"
    authenticated.put(container)
    headers = {"Content-Type": "text/x-mine", "X-Object-Meta-Run": "1"}
    answer = authenticated.put(f"{container}/a", data=b"hello", headers=headers)
    assert (answer.status_code, answer.headers["Etag"]) == (201, hashlib.md5(b"hello").hexdigest())
    answer = authenticated.get(f"{container}/a")
    assert (answer.headers["Content-Type"], answer.headers["X-Object-Meta-Run"]) == ("text/x-mine", "1")
    assert authenticated.post(f"{container}/a", headers={"X-Object-Meta-Run": "2"}).status_code == 202
    answer = authenticated.head(f"{container}/a")
    assert (answer.headers["X-Object-Meta-Run"], answer.headers["Content-Length"]) == ("2", "5")
