# SPDX-License-Identifier: Apache-2.0
"""The demo cluster as a WSGI application: faults, who asks, whether he may, who answers, and the log of requests."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Callable

from werkzeug.wrappers import Request, Response

from pytest_scs.demo.faults import Fault
from pytest_scs.demo.faulty_app import FaultyApp
from pytest_scs.demo.kubernetes import control, nodes, reading, reviews, workloads, writing
from pytest_scs.demo.kubernetes.authentication import authenticate, impersonated
from pytest_scs.demo.kubernetes.authorization import demand
from pytest_scs.demo.kubernetes.resources import Resource
from pytest_scs.demo.kubernetes.state import ClusterState
from pytest_scs.demo.kubernetes.wire import Call, RefusedError, User, text

_log = logging.getLogger(__name__)

_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch"}
_LONG = re.compile(r"/(?:nodes/[^/]+/proxy|pods/[^/]+/(?:log|exec|attach|portforward))(?:/|$)")
_PROXIES = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


Handler = Callable[[Call], Response]
_PARTS: dict[tuple[str, str], Handler] = {
    ("serviceaccounts", "token"): reviews.issue_token,
    ("pods", "log"): nodes.log,
    ("pods", "eviction"): writing.evict,
    **{("pods", part): nodes.refuse for part in ("attach", "exec", "portforward", "proxy")},
    ("services", "proxy"): nodes.refuse,
    **{(key, "scale"): writing.scale for key in workloads.KEYS},
    ("nodes", "proxy"): nodes.proxy,
}
_VERB_HANDLERS: dict[str, Handler] = {
    "list": reading.list_or_watch,
    "watch": reading.list_or_watch,
    "get": reading.get,
    "create": writing.create,
    "update": writing.update,
    "patch": writing.patch,
    "delete": writing.delete,
    "deletecollection": writing.delete_all,
}


class ClusterApp(FaultyApp[ClusterState]):
    """Answers requests out of a state, which may be changed at any time between two of them."""

    def __init__(self, state: ClusterState) -> None:
        super().__init__(state)
        self._schema, self._level = str(uuid.uuid4()), str(uuid.uuid4())

    def mark(self, response: Response, request: Request) -> None:
        """Add the headers that every answer has; what may take long is not subject to priority and fairness."""
        response.headers["Audit-Id"] = str(uuid.uuid4())
        response.headers.setdefault("Cache-Control", "no-cache, private")
        if self.state.fairness and not _LONG.search(request.path):
            response.headers["X-Kubernetes-Pf-Flowschema-Uid"] = self._schema
            response.headers["X-Kubernetes-Pf-Prioritylevel-Uid"] = self._level

    def refuse(self, request: Request, fault: Fault) -> Response:
        """A Status, but for what priority and fairness turns away."""
        if fault.status == 429:
            response = text("Too many requests, please try again later.\n", 429)
            response.headers.update(fault.headers)
            return response
        words = {401: "Unauthorized"}.get(fault.status, "this fault was asked for")
        return RefusedError(fault.status, words, headers=fault.headers).response()

    def answer(self, request: Request) -> Response:
        """The true answer to a request."""
        try:
            with self.state.lock:
                self.state.catch_up()
                user = authenticate(self.state, request)
                call = impersonated(understand(self.state, request, user))
                demand(call)
                return _dispatch(call)
        except RefusedError as refused:
            return refused.response()
        except Exception:
            _log.exception("the demo cluster failed on %s %s", request.method, request.full_path)
            return RefusedError(500, "The demo cluster has a defect; see its log.").response()


def understand(state: ClusterState, request: Request, user: User) -> Call:
    """What a request is about, by its path and method; raises RefusedError (404) for an object of no known kind."""
    parts = [part for part in request.path.split("/") if part]
    plain = Call(state, request, user, _PROXIES.get(request.method, "get"))
    if parts[:1] == ["api"] and len(parts) > 2:
        group, version, rest = "", parts[1], parts[2:]
    elif parts[:1] == ["apis"] and len(parts) > 3:
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        return plain
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2 and _kind(state, group, version, rest[2]):
        namespace, rest = rest[1], rest[2:]
    kind = _kind(state, group, version, rest[0])
    if kind is None:
        known = any(one.group == group and version in one.versions for one in state.resources)
        if not known:
            return plain  # the path is nobody's, and answered as such
        raise RefusedError(404, "the server could not find the requested resource", details={})
    name = rest[1] if len(rest) > 1 else ""
    part = rest[2] if len(rest) > 2 else ""
    return Call(
        state,
        request,
        user,
        _verb(request, name, part),
        kind,
        version,
        name if kind.key == "namespaces" else namespace,
        name,
        part,
        "/".join(rest[3:]),
    )


def _verb(request: Request, name: str, part: str) -> str:
    if part == "proxy":
        return _PROXIES.get(request.method, "get")
    if request.method == "GET":
        watching = request.args.get("watch") in reading.TRUE
        return "get" if name else "watch" if watching else "list"
    if request.method == "DELETE":
        return "delete" if name else "deletecollection"
    return _VERBS.get(request.method, request.method.lower())


def _kind(state: ClusterState, group: str, version: str, plural: str) -> Resource | None:
    for resource in state.resources:
        if resource.group == group and resource.plural == plural and version in resource.versions:
            return resource
    return None


def _dispatch(call: Call) -> Response:
    """Let somebody answer who knows how."""
    if call.resource is None:
        return control.answer(call)
    if call.kind.group in ("authentication.k8s.io", "authorization.k8s.io") and call.verb == "create":
        return reviews.review(call)
    if call.subresource and call.subresource not in call.kind.subresources:
        raise RefusedError(404, "the server could not find the requested resource", details={})
    if not call.name and call.verb in ("update", "patch"):
        raise RefusedError(405, "the server does not allow this method on the requested resource", details={})
    handler = _PARTS.get((call.kind.key, call.subresource)) or _VERB_HANDLERS.get(call.verb)
    if handler and (call.verb in call.kind.verbs or call.subresource):
        return handler(call)
    raise RefusedError(405, "the server does not allow this method on the requested resource", details={})
