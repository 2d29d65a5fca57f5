# SPDX-License-Identifier: Apache-2.0
"""Keystone v3: tokens with the service catalog, and what a user may read about itself."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from keystoneauth1.fixture import DiscoveryList, V3Discovery, V3Token
from keystoneauth1.fixture.discovery import DiscoveryBase
from werkzeug.wrappers import Request, Response

from pytest_scs.demo.openstack.services import directory_auth, directory_routes, ec2
from pytest_scs.demo.openstack.services.discovery import dated
from pytest_scs.demo.openstack.services.tokens import (
    ADMINISTRATOR,
    CREDENTIAL_NAME,
    DOMAIN,
    add_catalog,
    describe,
    stable_id,
)
from pytest_scs.demo.openstack.state import CloudState, IssuedToken
from pytest_scs.demo.openstack.wire import Api, Call, Handler, RefusedError, Route, challenge, forbidden, reply

_REQUIRES = "The request you have made requires authentication."
_MALFORMED = (
    "The server could not comply with the request since it is either malformed or otherwise incorrect. "
    "The client is assumed to be in error."
)


def refuse(request: Request, refused: RefusedError) -> Response:
    """Keystone's error document; a 401 tells where to authenticate."""
    body = {"error": {"code": refused.status, "message": refused.message, "title": refused.title}}
    headers = refused.headers | (challenge(request) if refused.status == 401 else {})
    return reply(body, refused.status, headers)


# -- authentication -------------------------------------------------------------------------------------------------


def _same_user(state: CloudState, user: dict[str, Any]) -> bool:
    if "id" in user:
        return bool(user["id"] == state.user_id)
    return user["name"] == state.username and _in_domain(user)


def _in_domain(thing: dict[str, Any]) -> bool:
    domain = thing["domain"]
    return bool(domain["id"] == DOMAIN["id"] if "id" in domain else domain["name"] == DOMAIN["name"])


def _password(state: CloudState, proof: dict[str, Any]) -> bool:
    user = proof["user"]
    return _same_user(state, user) and user["password"] == state.password


def _administrator(state: CloudState, identity: dict[str, Any]) -> bool:
    """Whether it is the administrator who proves to be itself, by its password or a token it has."""
    if identity["methods"] == ["token"]:
        issued = state.token(identity["token"]["id"])
        return issued is not None and issued.admin
    if identity["methods"] != ["password"]:
        return False
    user = identity["password"]["user"]
    named = user["id"] == stable_id("user", ADMINISTRATOR) if "id" in user else user["name"] == ADMINISTRATOR
    return bool(named and ("id" in user or _in_domain(user)) and user["password"] == state.admin_password)


def _application_credential(state: CloudState, proof: dict[str, Any]) -> bool:
    known = proof["id"] == state.application_credential_id if "id" in proof else _same_user(state, proof["user"])
    return bool(known and proof["secret"] == state.application_credential_secret)


def _token(state: CloudState, proof: dict[str, Any]) -> bool:
    return state.token(proof["id"]) is not None


_METHODS = {"password": _password, "application_credential": _application_credential, "token": _token}


def _proven(state: CloudState, identity: dict[str, Any]) -> bool:
    """Whether every method of the request proves that the caller is the user of this cloud."""
    for method in identity["methods"]:
        if method not in identity or method not in _METHODS:
            raise RefusedError(400, f"Expecting to find {method} in identity. {_MALFORMED}")
        if not _METHODS[method](state, identity[method]):
            return False
    return bool(identity["methods"])


def _wants_project(state: CloudState, scope: Any) -> bool:
    """Whether a token for the project is wanted; without a scope it is, being the user's default project.

    Raises RefusedError (401) for any other scope, as Keystone does where the user has no role.
    """
    if scope is None:
        return True
    if scope == "unscoped" or "unscoped" in scope:
        return False
    project = scope.get("project")
    if project is not None:
        if "id" in project and project["id"] == state.project_id:
            return True
        if project.get("name") == state.project_name and _in_domain(project):
            return True
    raise RefusedError(401, _REQUIRES)


def _authenticate(call: Call) -> Response:
    """POST /v3/auth/tokens."""
    state = call.state
    body = call.request.get_json(force=True, silent=True)
    if not isinstance(body, dict) or "auth" not in body:
        missing = "valid JSON" if body is None else "auth"
        raise RefusedError(400, f"Expecting to find {missing} in request body. {_MALFORMED}")
    try:
        identity = body["auth"]["identity"]
        if user := directory_auth.prove(state, identity):
            scope = directory_auth.scope_of(state, user, body["auth"].get("scope"))
            return _issue(call, tuple(identity["methods"]), bool(scope[0]), user, scope)
        admin = _administrator(state, identity)
        if not admin and not _proven(state, identity):
            raise RefusedError(401, _REQUIRES)
        scoped = _wants_project(state, body["auth"].get("scope"))
    except (KeyError, TypeError, AttributeError) as error:
        raise RefusedError(400, f"Invalid authentication request: {error}. {_MALFORMED}") from error
    if scoped and not state.roles:
        raise RefusedError(401, _REQUIRES)
    return _issue(call, tuple(identity["methods"]), scoped, admin=admin)


def _issue(
    call: Call,
    methods: tuple[str, ...],
    scoped: bool,
    user: str = "",
    scope: tuple[str, str] = ("", ""),
    *,
    admin: bool = False,
) -> Response:
    state, value = call.state, secrets.token_urlsafe(32)
    now = state.now()
    issued = IssuedToken(now, now + timedelta(seconds=state.token_lifetime), methods, scoped, user, scope, admin)
    state.tokens[value] = issued
    return _token_document(call, value, issued, 201)


def _validate(call: Call) -> Response:
    """GET /v3/auth/tokens: what the subject token says; a user may look at its own tokens."""
    value = call.request.headers.get("X-Subject-Token")
    if value is None:
        raise RefusedError(403, "You are not authorized to perform the requested action: identity:validate_token.")
    issued = call.state.token(value)
    if issued is None:
        raise RefusedError(404, "Could not recognize Fernet token")
    return _token_document(call, value, issued, 200)


def _token_document(call: Call, value: str, issued: IssuedToken, status: int) -> Response:
    token = describe(call.state, value, issued)
    if issued.scoped and "nocatalog" not in call.request.args:
        add_catalog(token, call.state, call.base)
    return reply(token, status, {"X-Subject-Token": value, "Vary": "X-Auth-Token"})


# -- reading --------------------------------------------------------------------------------------------------------


def _versions(call: Call) -> Response:
    versions = DiscoveryList(v2=False, v3=False)
    versions.add_version(_version(call))
    return reply(versions, 300, {"Location": f"{call.base}/identity/v3/"})


def _version(call: Call) -> DiscoveryBase:
    return dated(V3Discovery(f"{call.base}/identity/v3/", "v3.14", xml=False), "2020-04-07T00:00:00Z")


def _project(call: Call) -> dict[str, Any]:
    state = call.state
    return {
        "id": state.project_id,
        "name": state.project_name,
        "domain_id": DOMAIN["id"],
        "description": "",
        "enabled": True,
        "parent_id": DOMAIN["id"],
        "is_domain": False,
        "tags": [],
        "options": {},
        "links": {"self": f"{call.base}/identity/v3/projects/{state.project_id}"},
    }


def _listing(call: Call, key: str, items: list[dict[str, Any]]) -> Response:
    links = {"next": None, "self": call.request.base_url, "previous": None}
    return reply({key: items, "links": links})


def _require(own: bool, action: str) -> None:
    if not own:
        raise RefusedError(403, f"You are not authorized to perform the requested action: identity:{action}.")


def _show_project(call: Call) -> Response:
    _require(call.arguments["project"] == call.state.project_id, "get_project")
    return reply({"project": _project(call)})


def _show_user(call: Call) -> Response:
    state = call.state
    _require(call.arguments["user"] == state.user_id, "get_user")
    user = {
        "id": state.user_id,
        "name": state.username,
        "domain_id": DOMAIN["id"],
        "enabled": True,
        "default_project_id": state.project_id,
        "password_expires_at": None,
        "options": {},
        "links": {"self": call.request.base_url},
    }
    return reply({"user": user})


def _projects(call: Call) -> Response:
    _require(call.arguments.get("user", call.state.user_id) == call.state.user_id, "list_user_projects")
    return _listing(call, "projects", [_project(call)])


def _application_credentials(call: Call) -> Response:
    state = call.state
    _require(call.arguments["user"] == state.user_id, "list_application_credentials")
    credential = {
        "id": state.application_credential_id,
        "name": CREDENTIAL_NAME,
        "description": None,
        "user_id": state.user_id,
        "project_id": state.project_id,
        "system": None,
        "expires_at": None,
        "unrestricted": False,
        "roles": [{"id": stable_id("role", role), "name": role, "domain_id": None} for role in state.roles],
    }
    return _listing(call, "application_credentials", [credential])


def _regions(call: Call) -> Response:
    regions = [{"id": region, "description": "", "parent_region_id": None} for region in call.state.regions]
    return _listing(call, "regions", regions)


def _catalog(call: Call) -> Response:
    catalog = add_catalog(V3Token(), call.state, call.base)
    return reply({"catalog": catalog, "links": {"self": call.request.base_url}})


def _denied(action: str) -> Handler:
    return forbidden(f"You are not authorized to perform the requested action: identity:{action}.")


API = Api(
    "/identity",
    (
        Route("", _versions, public=True),
        Route("/v3", lambda call: reply({"version": _version(call)}), public=True),
        Route("/v3/auth/tokens", _authenticate, ("POST",), public=True),
        Route("/v3/auth/tokens", _validate),
        Route("/v3/auth/catalog", _catalog),
        Route("/v3/auth/projects", _projects),
        Route("/v3/auth/domains", lambda call: _listing(call, "domains", [])),
        Route("/v3/regions", _regions),
        *directory_routes.shared(
            Route("/v3/projects/<project>", _show_project),
            Route("/v3/users/<user>", _show_user),
            Route("/v3/users/<user>/projects", _projects),
            Route("/v3/users/<user>/application_credentials", _application_credentials),
            *ec2.ROUTES,
            Route("/v3/credentials", lambda call: _listing(call, "credentials", [])),
            Route("/v3/limits", lambda call: _listing(call, "limits", [])),
            Route("/v3/users/<user>/access_rules", lambda call: _listing(call, "access_rules", [])),
            *(
                Route(f"/v3/{collection}", _denied(f"{verb}_{noun}"), (method,))
                for collection, singular in (
                    ("users", "user"),
                    ("projects", "project"),
                    ("roles", "role"),
                    ("domains", "domain"),
                    ("services", "service"),
                    ("endpoints", "endpoint"),
                    ("groups", "group"),
                    ("role_assignments", "role_assignment"),
                    ("policies", "policy"),
                    ("registered_limits", "registered_limit"),
                    ("OS-FEDERATION/mappings", "mapping"),
                    ("OS-FEDERATION/identity_providers", "identity_provider"),
                    ("OS-FEDERATION/service_providers", "service_provider"),
                    ("OS-TRUST/trusts", "trust"),
                    ("OS-OAUTH1/consumers", "consumer"),
                )
                for method, verb, noun in (("GET", "list", f"{singular}s"), ("POST", "create", singular))
            ),
        ),
    ),
    refuse,
)
