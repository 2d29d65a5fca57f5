# SPDX-License-Identifier: Apache-2.0
"""The APIs of which little is needed: Barbican, Octavia, Placement, Swift and its S3 side."""

from __future__ import annotations

import uuid
from xml.sax.saxutils import escape

from keystoneauth1.fixture import DiscoveryList
from keystoneauth1.fixture.discovery import DiscoveryBase, MicroversionDiscovery
from werkzeug.wrappers import Request, Response

from pytest_scs.demo.services.discovery import dated, plain
from pytest_scs.demo.wire import (
    Api,
    Call,
    Handler,
    RefusedError,
    Route,
    challenge,
    constant,
    forbidden,
    reply,
    unauthorized,
)

# -- Barbican -------------------------------------------------------------------------------------------------------


def _barbican_refuse(request: Request, refused: RefusedError) -> Response:
    if refused.status == 401:
        return unauthorized(request)
    body = {"code": refused.status, "title": refused.title, "description": refused.message}
    return reply(body, refused.status, refused.headers)


def _barbican_version(call: Call) -> DiscoveryBase:
    entry = plain("v1", f"{call.base}/key-manager/v1/", "stable")
    entry.add_media_type("application/json", "application/vnd.openstack.key-manager-v1+json")
    return entry


def _barbican_versions(call: Call) -> Response:
    versions = DiscoveryList(v2=False, v3=False)
    versions.add_version(_barbican_version(call))
    return reply(versions, 300)


KEY_MANAGER = Api(
    "/key-manager",
    (
        Route("", _barbican_versions, public=True),
        Route("/v1", lambda call: reply({"version": _barbican_version(call)})),
        Route("/v1/secrets", constant({"secrets": [], "total": 0})),
        Route("/v1/containers", constant({"containers": [], "total": 0})),
    ),
    _barbican_refuse,
)

# -- Octavia --------------------------------------------------------------------------------------------------------

_BALANCER_ROLES = {"load-balancer_observer", "load-balancer_member", "load-balancer_admin", "admin"}
_NEWEST_BALANCER = 27


def _octavia_refuse(request: Request, refused: RefusedError) -> Response:
    if refused.status == 401:
        return unauthorized(request)
    culprit = "Client" if refused.status < 500 else "Server"
    body = {"faultcode": culprit, "faultstring": refused.message, "debuginfo": None}
    return reply(body, refused.status, refused.headers)


def _octavia_versions(call: Call) -> Response:
    """Octavia counts its versions up without microversions; all live at the same URL."""
    url = f"{call.base}/load-balancer/v2"
    older = [plain(f"v2.{minor}", url, "SUPPORTED") for minor in range(_NEWEST_BALANCER)]
    return reply({"versions": [*older, plain(f"v2.{_NEWEST_BALANCER}", url)]})


def _octavia_listing(key: str) -> Handler:
    def listing(call: Call) -> Response:
        if not _BALANCER_ROLES & set(call.state.roles):
            raise RefusedError(403, "Policy does not allow this request to be performed.")
        return reply({key: [], f"{key}_links": []})

    return listing


LOAD_BALANCER = Api(
    "/load-balancer",
    (
        Route("", _octavia_versions, public=True),
        *(
            Route(f"/{release}/lbaas/{collection}", _octavia_listing(collection))
            for release in ("v2", "v2.0")
            for collection in ("loadbalancers", "listeners", "pools", "flavors", "providers")
        ),
    ),
    _octavia_refuse,
)

# -- Placement ------------------------------------------------------------------------------------------------------


def _placement_refuse(request: Request, refused: RefusedError) -> Response:
    if refused.status == 401:
        return unauthorized(request)
    error = {
        "status": refused.status,
        "title": refused.title,
        "detail": f"{refused.message}\n\n   ",
        "request_id": f"req-{uuid.uuid4()}",
    }
    return reply({"errors": [error]}, refused.status, refused.headers)


def _placement_versions(call: Call) -> Response:
    entry = MicroversionDiscovery("", "v1.0", status="CURRENT", min_version="1.0", max_version="1.39")
    return reply({"versions": [dated(entry)]})


PLACEMENT = Api(
    "/placement",
    (
        Route("", _placement_versions, public=True),
        Route(
            "/resource_providers",
            forbidden("Policy does not allow placement:resource_providers:list to be performed."),
        ),
    ),
    _placement_refuse,
)

# -- Swift and S3 ---------------------------------------------------------------------------------------------------


def _swift_refuse(request: Request, refused: RefusedError) -> Response:
    headers = refused.headers | (challenge(request) if refused.status == 401 else {})
    page = f"<html><h1>{refused.title}</h1><p>{escape(refused.message)}</p></html>"
    return Response(page, refused.status, headers, content_type="text/html; charset=UTF-8")


def _account(call: Call) -> Response:
    """The containers of the project's account: there are none."""
    if call.arguments["account"] != f"AUTH_{call.state.project_id}":
        raise RefusedError(403, "Access was denied to this resource.")
    headers = dict.fromkeys(("X-Account-Container-Count", "X-Account-Object-Count", "X-Account-Bytes-Used"), "0")
    wants_json = call.query.get("format") == "json" or "application/json" in call.request.accept_mimetypes.values()
    if wants_json:
        return reply([], headers=headers)
    return Response(status=204, headers=headers, content_type="text/plain; charset=utf-8")


OBJECT_STORE = Api("/object-store", (Route("/v1/<account>", _account),), _swift_refuse)


def _buckets(call: Call) -> Response:
    """What S3 says at its root: nobody has keys here, so every signature is of an unknown key."""
    if not any(service["type"] in ("object-store", "object-store-s3") for service in call.state.services):
        raise RefusedError(404, "The resource could not be found.")
    signed = call.request.headers.get("Authorization", "").startswith("AWS") or "X-Amz-Signature" in call.query
    code, message = (
        ("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.")
        if signed
        else ("AccessDenied", "Access Denied.")
    )
    body = f"<Error><Code>{code}</Code><Message>{message}</Message><RequestId>{uuid.uuid4().hex}</RequestId></Error>"
    return Response(f"<?xml version='1.0' encoding='UTF-8'?>\n{body}", 403, content_type="application/xml")


#: The root of the server: S3 buckets, and whatever no service wants.
ROOT = Api("", (Route("/", _buckets, public=True),), _swift_refuse)
