# SPDX-License-Identifier: Apache-2.0
"""Barbican v1: secrets with their payload and user metadata."""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from keystoneauth1.fixture import DiscoveryList
from keystoneauth1.fixture.discovery import DiscoveryBase
from werkzeug.wrappers import Request, Response

from pytest_scs.demo.openstack.services import usage
from pytest_scs.demo.openstack.services.discovery import plain
from pytest_scs.demo.openstack.wire import (
    Api,
    Call,
    Handler,
    RefusedError,
    Route,
    constant,
    find,
    forbidden,
    nothing,
    reply,
    unauthorized,
)

#: Barbican's own page size and the largest it gives.
DEFAULT_LIMIT = 10
MAX_LIMIT = 100

_TYPES = ("symmetric", "passphrase", "private", "public", "certificate", "opaque")
_DESCRIBED = ("algorithm", "bit_length", "mode", "expiration")


def refuse(request: Request, refused: RefusedError) -> Response:
    """Barbican's error document."""
    if refused.status == 401:
        return unauthorized(request)
    body = {"code": refused.status, "title": refused.title, "description": refused.message}
    return reply(body, refused.status, refused.headers)


def _version(call: Call) -> DiscoveryBase:
    entry = plain("v1", f"{call.base}/key-manager/v1/", "stable")
    entry.add_media_type("application/json", "application/vnd.openstack.key-manager-v1+json")
    return entry


def _versions(call: Call) -> Response:
    versions = DiscoveryList(v2=False, v3=False)
    versions.add_version(_version(call))
    return reply(versions, 300)


def _allowed(attempt: str, handler: Handler) -> Handler:
    """The handler for those with a role that Barbican obeys; its policy is asked before anything else."""

    def guarded(call: Call) -> Response:
        if not call.state.key_manager_roles & set(call.state.roles):
            message = f"{attempt} attempt not allowed - please review your user/project privileges"
            raise RefusedError(403, message)
        return handler(call)

    return guarded


# -- secrets --------------------------------------------------------------------------------------------------------


def _invalid(reason: str, attribute: str) -> RefusedError:
    message = f"Provided object does not match schema 'Secret': {reason}. Invalid property: '{attribute}'"
    return RefusedError(400, message)


def _body(call: Call) -> dict[str, Any]:
    body = call.request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise RefusedError(400, "Malformed JSON")
    return body


def _payload(given: dict[str, Any]) -> bytes | None:
    """The content of a new secret; None if it is to be uploaded later. Raises RefusedError (400)."""
    payload, kind = given.get("payload"), given.get("payload_content_type")
    encoding = given.get("payload_content_encoding")
    if payload is None:
        return None
    if not kind:
        message = "If 'payload' is supplied, 'payload_content_type' must also be supplied."
        raise _invalid(message, "payload_content_type")
    if not isinstance(payload, str) or not payload.strip():
        raise _invalid("If 'payload' specified, must be non empty", "payload")
    if kind.startswith("text/plain"):
        return payload.encode()
    if encoding != "base64":
        raise _invalid("payload_content_encoding is not one of ['base64', 'binary']", "payload_content_encoding")
    try:
        return base64.b64decode(payload, validate=True)
    except binascii.Error:
        raise _invalid("Invalid payload for payload_content_encoding", "payload") from None


def _ref(call: Call, secret: dict[str, Any]) -> str:
    return f"{call.base}/key-manager/v1/secrets/{secret['id']}"


def _create(call: Call) -> Response:
    state, given = call.state, _body(call)
    kind = given.get("secret_type") or "opaque"
    if kind not in _TYPES:
        raise _invalid(f"'{kind}' is not one of {list(_TYPES)}", "secret_type")
    payload = _payload(given)
    if usage.exceeded(state, {"secrets": 1}):
        raise RefusedError(403, "Creation not allowed because a quota has been reached")
    now = state.now().strftime("%Y-%m-%dT%H:%M:%S")
    identity = str(uuid.uuid4())
    secret: dict[str, Any] = {
        "id": identity,
        "name": given.get("name") or identity,
        "project_id": state.project_id,
        "secret_type": kind,
        **{name: given.get(name) for name in _DESCRIBED},
        "content_type": None if payload is None else given["payload_content_type"],
        "metadata": {},
        "created_at": now,
        "_payload": payload,
    }
    state.secrets.append(secret)
    return reply({"secret_ref": _ref(call, secret)}, 201, {"Location": _ref(call, secret)})


def _shown(call: Call, secret: dict[str, Any]) -> dict[str, Any]:
    shown = {
        "created": secret["created_at"],
        "updated": secret["created_at"],
        "status": "ACTIVE",
        "name": secret["name"],
        "secret_type": secret["secret_type"],
        **{name: secret[name] for name in _DESCRIBED},
        "creator_id": call.state.user_id,
        "secret_ref": _ref(call, secret),
    }
    return shown | ({"content_types": {"default": secret["content_type"]}} if secret["content_type"] else {})


def _number(call: Call, name: str, default: int) -> int:
    """A number of the query; whatever is none counts as not given, as Barbican has it."""
    text = call.query.get(name, "")
    return int(text) if text.isdigit() else default


def _list(call: Call) -> Response:
    """A page of the secrets, found by their exact name; the total is of all that would be found."""
    names = {name: call.query[name] for name in ("name", "secret_type", "alg", "mode") if name in call.query}
    wanted = {{"alg": "algorithm"}.get(name, name): value for name, value in names.items()}
    found = [secret for secret in call.state.secrets if all(secret[name] == value for name, value in wanted.items())]
    offset = _number(call, "offset", 0)
    limit = min(_number(call, "limit", DEFAULT_LIMIT) or DEFAULT_LIMIT, MAX_LIMIT, call.state.page_size)
    body: dict[str, Any] = {"secrets": [_shown(call, secret) for secret in found[offset : offset + limit]]}

    def link(start: int) -> str:
        return f"{call.base}/key-manager/v1/secrets?{urlencode({**call.query, 'limit': limit, 'offset': start})}"

    if offset + limit < len(found):
        body["next"] = link(offset + limit)
    if 0 < offset < len(found):
        body["previous"] = link(max(0, offset - limit))
    return reply(body | {"total": len(found)})


def _find(call: Call) -> dict[str, Any]:
    wanted = call.arguments["secret"]
    try:
        uuid.UUID(wanted)
    except ValueError:
        raise RefusedError(404, "Not Found. Provided secret id is invalid.") from None
    secret = find(call.state.secrets, wanted)
    if secret is None:
        raise RefusedError(404, "Secret not found.")
    return secret


def _show(call: Call) -> Response:
    """What Barbican knows of a secret; to a client that accepts no JSON it gives the payload at once."""
    accepted = call.request.accept_mimetypes
    if accepted and not accepted.accept_json:
        return _download(call)
    return reply(_shown(call, _find(call)))


def _download(call: Call) -> Response:
    secret = _find(call)
    if secret["_payload"] is None:
        raise RefusedError(404, "Not Found. Sorry but your secret has no payload.")
    accepted = call.request.accept_mimetypes
    kind: str = secret["content_type"]
    if accepted:
        chosen = accepted.best_match([kind, "text/plain", "application/octet-stream"])
        if chosen is None:
            raise RefusedError(406, "Secret payload retrieval issue seen - Wrong payload content-type.")
        kind = chosen
    return Response(secret["_payload"], mimetype=kind)


def _delete(call: Call) -> Response:
    call.state.secrets.remove(_find(call))
    return nothing()


# -- user metadata --------------------------------------------------------------------------------------------------


def _metadata_ref(call: Call) -> str:
    return f"{call.base}/key-manager/v1/secrets/{call.arguments['secret']}/metadata"


def _put_metadata(call: Call) -> Response:
    metadata = _body(call).get("metadata")
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise RefusedError(400, "Provided object does not match schema 'SecretMetadata': Invalid Metadata.")
    _find(call)["metadata"] = dict(metadata)
    return reply({"metadata_ref": _metadata_ref(call)}, 201)


def _add_metadatum(call: Call) -> Response:
    given, metadata = _body(call), _find(call)["metadata"]
    if not isinstance(given.get("key"), str) or not isinstance(given.get("value"), str):
        raise RefusedError(400, "Provided object does not match schema 'SecretMetadatum': Invalid Metadata.")
    if given["key"] in metadata:
        raise RefusedError(409, "Conflict. Key in request is already in the secret metadata")
    metadata[given["key"]] = given["value"]
    location = f"{_metadata_ref(call)}/{given['key']}"
    return reply({"key": given["key"], "value": given["value"]}, 201, {"Location": location})


def _with_metadatum(act: Callable[[dict[str, str], str], Response]) -> Handler:
    def handler(call: Call) -> Response:
        metadata, key = _find(call)["metadata"], call.arguments["key"]
        if key not in metadata:
            raise RefusedError(404, "Not Found. Secret Metadata not found.")
        return act(metadata, key)

    return handler


def _remove_metadatum(metadata: dict[str, str], key: str) -> Response:
    del metadata[key]
    return nothing()


API = Api(
    "/key-manager",
    (
        Route("", _versions, public=True),
        Route("/v1", lambda call: reply({"version": _version(call)})),
        Route("/v1/secrets", _allowed("Secret(s) retrieval", _list)),
        Route("/v1/secrets", _allowed("Secret creation", _create), ("POST",)),
        Route("/v1/secrets/<secret>", _allowed("Secret retrieval", _show)),
        Route("/v1/secrets/<secret>", _allowed("Secret deletion", _delete), ("DELETE",)),
        Route("/v1/secrets/<secret>/payload", _allowed("Secret payload retrieval", _download)),
        Route(
            "/v1/secrets/<secret>/metadata",
            _allowed("Secret metadata retrieval", lambda call: reply({"metadata": _find(call)["metadata"]})),
        ),
        Route("/v1/secrets/<secret>/metadata", _allowed("Secret metadata creation", _put_metadata), ("PUT",)),
        Route("/v1/secrets/<secret>/metadata", _allowed("Secret metadatum creation", _add_metadatum), ("POST",)),
        Route(
            "/v1/secrets/<secret>/metadata/<key>",
            _allowed(
                "Secret metadatum retrieval",
                _with_metadatum(lambda metadata, key: reply({"key": key, "value": metadata[key]})),
            ),
        ),
        Route(
            "/v1/secrets/<secret>/metadata/<key>",
            _allowed("Secret metadatum removal", _with_metadatum(_remove_metadatum)),
            ("DELETE",),
        ),
        Route("/v1/containers", constant({"containers": [], "total": 0})),
        Route("/v1/quotas", forbidden("Quotas attempt not allowed - please review your user/project privileges")),
    ),
    refuse,
)
