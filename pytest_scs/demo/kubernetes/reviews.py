# SPDX-License-Identifier: Apache-2.0
"""Questions to the demo cluster that are asked by creating an object: who am I, may I, whose token is this."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

from werkzeug.wrappers import Response

from pytest_scs.demo.kubernetes.authentication import known
from pytest_scs.demo.kubernetes.authorization import Wish, authorize, bindings
from pytest_scs.demo.kubernetes.state import Account
from pytest_scs.demo.kubernetes.wire import Call, RefusedError, User, not_found, reply


def review(call: Call) -> Response:
    """The answer to a review of any kind."""
    body = call.body()
    spec = body.get("spec") or {}
    status = _ANSWERS[call.kind.plural](call, spec)
    stamp = f"{call.state.now():%Y-%m-%dT%H:%M:%SZ}"
    found = {"kind": call.kind.kind, "apiVersion": call.kind.api_version(), "metadata": {}}
    if call.kind.plural == "selfsubjectreviews":
        found["metadata"] = {"creationTimestamp": stamp}
        return reply({**found, "status": status}, 201)
    return reply(
        {**found, "spec": {} if call.kind.plural == "selfsubjectrulesreviews" else spec, "status": status}, 201
    )


def _wish(spec: dict[str, Any]) -> Wish:
    asked = spec.get("resourceAttributes")
    if asked is not None:
        values = {key: str(asked.get(key) or "") for key in ("group", "resource", "subresource", "namespace", "name")}
        return Wish(str(asked.get("verb") or ""), **values)
    path = spec.get("nonResourceAttributes") or {}
    if not path:
        words = "Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified"
        raise RefusedError(422, f'.authorization.k8s.io "" is invalid: spec.resourceAttributes: {words}')
    return Wish(str(path.get("verb") or ""), path=str(path.get("path") or ""))


def _access(call: Call, user: User, spec: dict[str, Any]) -> dict[str, Any]:
    allowed, reason = authorize(call.state, user, _wish(spec))
    return {"allowed": allowed, **({"reason": reason} if reason else {})}


def _own_access(call: Call, spec: dict[str, Any]) -> dict[str, Any]:
    return _access(call, call.user, spec)


def _other_access(call: Call, spec: dict[str, Any]) -> dict[str, Any]:
    if not spec.get("user") and not spec.get("groups"):
        words = 'Invalid value: "": at least one of user or group must be specified'
        raise RefusedError(422, f'.authorization.k8s.io "" is invalid: spec.user: {words}')
    return _access(call, User(str(spec.get("user") or ""), tuple(spec.get("groups") or ())), spec)


def _own_rules(call: Call, spec: dict[str, Any]) -> dict[str, Any]:
    namespace = spec.get("namespace")
    if not namespace:
        raise RefusedError(400, "no namespace on request")
    objects, paths = [], []
    everything = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
    masters = "system:masters" in call.user.groups or "AlwaysAllow" in call.state.authorizers
    groups = [[everything, {"verbs": ["*"], "nonResourceURLs": ["*"]}]] if masters else []
    for rules in groups or (rules for _, _, rules in bindings(call.state, call.user, namespace)):
        objects.extend([rule for rule in rules if "resources" in rule])
        paths.extend([rule for rule in rules if "nonResourceURLs" in rule])
    return {"resourceRules": objects, "nonResourceRules": paths, "incomplete": False}


def _whoami(call: Call, spec: dict[str, Any]) -> dict[str, Any]:
    return {"userInfo": call.user.info}


def _whose(call: Call, spec: dict[str, Any]) -> dict[str, Any]:
    user = known(call.state, str(spec.get("token") or ""))
    if user is None:
        return {"user": {}, "error": "invalid bearer token"}
    return {"authenticated": True, "user": user.info, "audiences": ["https://kubernetes.default.svc.cluster.local"]}


_ANSWERS = {
    "selfsubjectreviews": _whoami,
    "selfsubjectaccessreviews": _own_access,
    "localsubjectaccessreviews": _other_access,
    "subjectaccessreviews": _other_access,
    "selfsubjectrulesreviews": _own_rules,
    "tokenreviews": _whose,
}


def issue_token(call: Call) -> Response:
    """A token for a service account, which holds as long as was asked for."""
    if call.state.find("serviceaccounts", call.name, call.namespace) is None:
        raise not_found(call)
    spec: dict[str, Any] = {"audiences": ["https://kubernetes.default.svc.cluster.local"], "expirationSeconds": 3600}
    spec |= {key: value for key, value in (call.body().get("spec") or {}).items() if value}
    ends = call.state.now() + timedelta(seconds=int(spec["expirationSeconds"]))
    name = f"system:serviceaccount:{call.namespace}:{call.name}"
    claims = {"iss": spec["audiences"][0], "sub": name, "exp": int(ends.timestamp())}
    parts = ({"alg": "none", "kid": "demo"}, claims, {"n": next(call.state.numbers), "r": call.state.revision})
    token = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{call.namespace}")
    if not call.dry:
        call.state.tokens[token] = (Account(name, groups, token), ends)
    status = {"token": token, "expirationTimestamp": f"{ends:%Y-%m-%dT%H:%M:%SZ}"}
    metadata = {"name": call.name, "namespace": call.namespace}
    return reply(
        {
            "kind": "TokenRequest",
            "apiVersion": "authentication.k8s.io/v1",
            "metadata": metadata,
            "spec": spec,
            "status": status,
        },
        201,
    )
