# SPDX-License-Identifier: Apache-2.0
"""The demo cloud as a WSGI application: faults, tokens, routes, and the log of requests."""

from __future__ import annotations

import functools
import logging
import uuid
from collections.abc import Mapping

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from pytest_scs.demo.faults import Fault
from pytest_scs.demo.faulty_app import FaultyApp
from pytest_scs.demo.openstack.services import (
    compute,
    identity,
    image_writes,
    key_manager,
    network,
    object_store,
    others,
    s3,
    volume,
)
from pytest_scs.demo.openstack.state import CloudState, IssuedToken
from pytest_scs.demo.openstack.wire import Api, Call, RefusedError, Route, reply

_log = logging.getLogger(__name__)

_APIS = (
    identity.API,
    compute.API,
    image_writes.API,
    volume.API,
    network.API,
    key_manager.API,
    others.LOAD_BALANCER,
    others.PLACEMENT,
    object_store.API,
)


@functools.cache
def _routes(prefix: str) -> Map:
    """The routes of one service, compiled once; a path is the same with and without a slash at its end."""
    api = next(api for api in (*_APIS, s3.API) if api.prefix == prefix)
    rules = [Rule(f"{prefix}{route.path}", endpoint=route, methods=route.methods) for route in api.routes]
    return Map(rules, strict_slashes=False, merge_slashes=False)


class CloudApp(FaultyApp[CloudState]):
    """Answers requests out of a state, which may be changed at any time between two of them."""

    def mark(self, response: Response, request: Request) -> None:
        """Give the answer an id."""
        response.headers["x-openstack-request-id"] = f"req-{uuid.uuid4()}"

    def refuse(self, request: Request, fault: Fault) -> Response:
        """What the service says in its own form."""
        refused = RefusedError(fault.status, "This fault was asked for.", headers=fault.headers)
        return self._api(request).refuse(request, refused)

    def _api(self, request: Request) -> Api:
        """The service a path belongs to, going by its first segment; for all that is not offered S3, at the root."""
        prefix = "/" + request.path.split("/")[1]
        offered = [str(service["path"]).split("/")[1:2] for service in self.state.services]
        for api in _APIS:
            if api.prefix == prefix and (api is identity.API or [prefix[1:]] in offered):
                return api
        return s3.API

    def answer(self, request: Request) -> Response:
        """The true answer to a request, in the form of the service it is for."""
        api = self._api(request)
        try:
            return self._dispatch(api, request)
        except RefusedError as refused:
            return api.refuse(request, refused)
        except Exception:
            _log.exception("the demo cloud failed on %s %s", request.method, request.full_path)
            return api.refuse(request, RefusedError(500, "The demo cloud has a defect; see its log."))

    def _dispatch(self, api: Api, request: Request) -> Response:
        """Call the handler of a request; as in front of real services, a token is asked for before anything else."""
        route: Route | None = None
        arguments: Mapping[str, str] = {}
        problem: HTTPException | None = None
        try:
            route, arguments = _routes(api.prefix).bind_to_environ(request.environ).match()
        except HTTPException as error:
            problem = error
        public = route is not None and route.public
        issued = self.state.token(request.headers.get("X-Auth-Token"))
        authenticated = issued is not None
        if not authenticated and not public and api is not s3.API:
            raise RefusedError(401, "The request you have made requires authentication.")
        if isinstance(problem, MethodNotAllowed):
            headers = {"Allow": ", ".join(sorted(problem.valid_methods or ()))}
            raise RefusedError(405, f"The method {request.method} is not allowed for this resource.", headers=headers)
        if route is None:
            raise RefusedError(404, "The resource could not be found.")
        if issued and issued.user and not public and api is not identity.API:
            return _elsewhere(issued, request)
        with self.state.lock:
            self.state.catch_up()
            return route.handler(Call(self.state, request, arguments, issued is not None and issued.admin))


def _elsewhere(issued: IssuedToken, request: Request) -> Response:
    """What other services answer to a user of the directory: its project has no servers, and that is all they know."""
    if issued.scope[0] == "project" and request.method == "GET" and request.path == "/compute/v2.1/servers":
        return reply({"servers": []})
    raise RefusedError(403, "Policy does not allow this request to be performed.", "PolicyNotAuthorized")
