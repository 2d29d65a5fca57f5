# SPDX-License-Identifier: Apache-2.0
"""The demo cloud as a WSGI application: faults, tokens, routes, and the log of requests."""

from __future__ import annotations

import functools
import logging
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.http import http_date
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

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
from pytest_scs.demo.openstack.state import CloudState, Fault, IssuedToken
from pytest_scs.demo.openstack.wire import Api, Call, RefusedError, Route, reply

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

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


class NoAnswerError(ConnectionError):
    """The connection is to be closed here, whatever has been sent so far."""


@functools.cache
def _routes(prefix: str) -> Map:
    """The routes of one service, compiled once; a path is the same with and without a slash at its end."""
    api = next(api for api in (*_APIS, s3.API) if api.prefix == prefix)
    rules = [Rule(f"{prefix}{route.path}", endpoint=route, methods=route.methods) for route in api.routes]
    return Map(rules, strict_slashes=False, merge_slashes=False)


class CloudApp:
    """Answers requests out of a state, which may be changed at any time between two of them."""

    def __init__(self, state: CloudState) -> None:
        self.state = state

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The WSGI entry; raises NoAnswerError where a fault wants the connection closed."""
        request = Request(environ)
        request.get_data()  # an unread body would be taken for the next request of the connection
        path = request.full_path.rstrip("?")
        time.sleep(self.state.latency)
        fault = self._strike(request.method, path)
        if fault and fault.action == "drop":
            self.state.log(request.method, path, 0)
            raise NoAnswerError
        if fault and fault.action == "late":
            self._carry_out(request, fault.seconds)
        response = self._fail(request, fault) if fault and fault.action != "truncate" else self.answer(request)
        response.headers["Date"] = http_date(self.state.now())
        response.headers["x-openstack-request-id"] = f"req-{uuid.uuid4()}"
        self.state.log(request.method, path, response.status_code)
        if fault and fault.action == "truncate":
            return _half(response(environ, start_response))
        return response(environ, start_response)

    def _carry_out(self, request: Request, seconds: float) -> None:
        """Do what a request asks for, now or when so much time has passed; nobody sees the answer."""

        def act() -> None:
            self.answer(request)

        if not seconds:
            act()
            return
        with self.state.lock:
            self.state.timeline.later(seconds, act)

    def _strike(self, method: str, path: str) -> Fault | None:
        """Sit through the delays that apply to the request; the other fault that does, if there is one."""
        for fault in self.state.strike(method, path):
            if fault.action != "delay":
                return fault
            time.sleep(fault.seconds)
        return None

    def _fail(self, request: Request, fault: Fault) -> Response:
        """The answer of a fault: in the service's own form unless the fault brings a body."""
        if fault.action == "garbage":
            return Response(fault.body or "<html>It works!</html", headers=fault.headers, mimetype="text/html")
        if fault.body is not None:
            return Response(fault.body, fault.status, fault.headers)
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
            return route.handler(Call(self.state, request, arguments))


def _elsewhere(issued: IssuedToken, request: Request) -> Response:
    """What other services answer to a user of the directory: its project has no servers, and that is all they know."""
    if issued.scope[0] == "project" and request.method == "GET" and request.path == "/compute/v2.1/servers":
        return reply({"servers": []})
    raise RefusedError(403, "Policy does not allow this request to be performed.", "PolicyNotAuthorized")


def _half(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The first half of an answer, and then no more."""
    data = b"".join(chunks)
    yield data[: len(data) // 2]
    raise NoAnswerError
