# SPDX-License-Identifier: Apache-2.0
"""Keystone's EC2 credentials: the keys with which a user signs requests to S3 for a project."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

from werkzeug.wrappers import Response

from pytest_scs.demo.openstack.wire import Call, RefusedError, Route, nothing, reply

_PATH = "/v3/users/<user>/credentials/OS-EC2"
_FORBIDDEN = "You are not authorized to perform the requested action: {}."


def _require_own(call: Call, action: str) -> None:
    if call.arguments["user"] != call.state.user_id:
        raise RefusedError(403, _FORBIDDEN.format(f"identity:ec2_{action}"))


def _shown(call: Call, credential: dict[str, Any]) -> dict[str, Any]:
    own = f"{call.base}/identity/v3/users/{call.state.user_id}/credentials/OS-EC2/{credential['access']}"
    return {
        "user_id": call.state.user_id,
        "tenant_id": credential["project_id"],
        "access": credential["access"],
        "secret": credential["secret"],
        "trust_id": None,
        "links": {"self": own},
    }


def _list(call: Call) -> Response:
    _require_own(call, "list_credentials")
    credentials = [_shown(call, credential) for credential in call.state.ec2_credentials]
    links = {"next": None, "self": call.request.base_url, "previous": None}
    return reply({"credentials": credentials, "links": links})


def _create(call: Call) -> Response:
    """Make a pair of keys; a token of a restricted application credential is not good enough for that."""
    _require_own(call, "create_credential")
    token = call.state.token(call.request.headers.get("X-Auth-Token"))
    if token and "application_credential" in token.methods:
        action = "Using method 'application_credential' is not allowed for managing additional application credentials."
        raise RefusedError(403, _FORBIDDEN.format(action))
    body = call.request.get_json(force=True, silent=True)
    project = body.get("tenant_id") if isinstance(body, dict) else None
    if project != call.state.project_id:
        raise RefusedError(404, f"Could not find project: {project}.")
    credential = {
        "access": uuid.uuid4().hex,
        "secret": uuid.uuid4().hex,
        "project_id": project,
        "created_at": call.state.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    call.state.ec2_credentials.append(credential)
    return reply({"credential": _shown(call, credential)}, 201)


def _find(call: Call, action: str) -> dict[str, Any]:
    _require_own(call, action)
    wanted = call.arguments["access"]
    for credential in call.state.ec2_credentials:
        if credential["access"] == wanted:
            return credential
    raise RefusedError(404, f"Could not find credential: {hashlib.sha256(wanted.encode()).hexdigest()}.")


def _delete(call: Call) -> Response:
    call.state.ec2_credentials.remove(_find(call, "delete_credential"))
    return nothing()


ROUTES = (
    Route(_PATH, _list),
    Route(_PATH, _create, ("POST",)),
    Route(f"{_PATH}/<access>", lambda call: reply({"credential": _shown(call, _find(call, "get_credential"))})),
    Route(f"{_PATH}/<access>", _delete, ("DELETE",)),
)
