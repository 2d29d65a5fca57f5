# SPDX-License-Identifier: Apache-2.0
"""Who a request to the demo cluster comes from: client certificate, token, or nobody; and on behalf of whom."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Request

from pytest_scs.demo.kubernetes.authorization import Wish, authorize, refusal
from pytest_scs.demo.kubernetes.state import ClusterState
from pytest_scs.demo.kubernetes.wire import Call, RefusedError, User

ANONYMOUS = User("system:anonymous", ("system:unauthenticated",))


def authenticate(state: ClusterState, request: Request) -> User:
    """The user of a request; raises RefusedError (401) for a wrong credential, or for none."""
    user = _by_token(state, request) or _by_certificate(request.environ.get("demo.peer") or {})
    if user is None:
        if not state.anonymous:
            raise RefusedError(401, "Unauthorized")
        user = ANONYMOUS
    return user


def known(state: ClusterState, token: str) -> User | None:
    """Whose token this is, if it is somebody's and holds."""
    for account in state.accounts.values():
        if token and account.token == token:
            return _member(account.name, account.groups)
    found = state.tokens.get(token)
    if found is None or found[1] <= state.now():
        return None
    return _member(found[0].name, found[0].groups)


def _member(name: str, groups: tuple[str, ...]) -> User:
    return User(name, groups if "system:authenticated" in groups else (*groups, "system:authenticated"))


def _by_token(state: ClusterState, request: Request) -> User | None:
    """The user of a bearer token, or None without one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    user = known(state, token.strip())
    if user is None:
        raise RefusedError(401, "Unauthorized")
    return user


def _by_certificate(peer: Mapping[str, Any]) -> User | None:
    """The user a client certificate names: the common name is its name, the organizations are its groups."""
    subject = [pair for part in peer.get("subject", ()) for pair in part]
    name = next((value for key, value in subject if key == "commonName"), "")
    if not name:
        return None
    user = _member(name, tuple(value for key, value in subject if key == "organizationName"))
    serial = f"X509SHA256={peer.get('serialNumber', '').lower():0>64}"
    return dataclasses.replace(user, extra={"authentication.kubernetes.io/credential-id": (serial,)})


def impersonated(call: Call) -> Call:
    """The request as that of the user it wants to be taken for, if its own user may have that; raises RefusedError."""
    request = call.request
    headers = request.environ.get("demo.headers")
    groups = tuple(headers.get_all("Impersonate-Group") or ()) if headers is not None else ()
    name = request.headers.get("Impersonate-User", "")
    if not name and not groups:
        return call
    if not name:
        listed = ", ".join(f'"{group}"' for group in groups)
        asked = f'&user.DefaultInfo{{Name:"", UID:"", Groups:[]string{{{listed}}}, Extra:map[string][]string(nil)}}'
        raise RefusedError(400, f"requested {asked} without impersonating a user name")
    for resource, one in (("users", name), *(("groups", group) for group in groups)):
        if not authorize(call.state, call.user, Wish("impersonate", "", resource, name=one)).allowed:
            raise refusal(call, f"impersonate-on:user-info:{call.verb}")
    if name == ANONYMOUS.name:
        return dataclasses.replace(call, user=User(name, groups or ANONYMOUS.groups))
    return dataclasses.replace(call, user=_member(name, groups))
