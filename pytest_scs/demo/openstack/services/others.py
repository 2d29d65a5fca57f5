# SPDX-License-Identifier: Apache-2.0
"""The APIs of which little is needed: Octavia and Placement."""

from __future__ import annotations

import uuid

from keystoneauth1.fixture.discovery import MicroversionDiscovery
from werkzeug.wrappers import Request, Response

from pytest_scs.demo.openstack.services.discovery import dated, plain
from pytest_scs.demo.openstack.wire import Api, Call, Handler, RefusedError, Route, forbidden, reply, unauthorized

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
