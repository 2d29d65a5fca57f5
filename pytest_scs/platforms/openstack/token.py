# SPDX-License-Identifier: Apache-2.0
"""What a token must look like, without which nothing can be read (docs/standards/framework.md#shape-of-answers)."""

from __future__ import annotations

import functools
from typing import Any

from keystoneauth1 import exceptions

from pytest_scs.base.fields import Fields, FormError
from pytest_scs.base.forms import TIME
from pytest_scs.base.value_words import value_in_words
from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.platforms.openstack.answers import reading
from pytest_scs.standards.iaas.model import Service

TOKEN_REQUEST = "identity POST /v3/auth/tokens"  # noqa: S105 - no password

_HEADER = "X-Subject-Token"
_KIND = CauseKind.MALFORMED

# Set on what a login came to, as any request may need one before it.
_AT_LOGIN = "scs_at_login"


def guard_login(auth: Any) -> None:
    """Let a plugin of keystoneauth's give no token but one that has its form, at the login and when it is renewed.

    What then comes instead is Inconclusive.
    """
    get = getattr(auth, "get_auth_ref", None)
    if get is not None and not isinstance(get, functools.partial):  # several clients share a login
        auth.get_auth_ref = functools.partial(_checked, get, _wants_project(auth))


def at_login(error: BaseException) -> bool:
    """Whether an error is the answer to a login, not to the request that could not be sent without one."""
    return getattr(error, _AT_LOGIN, False)


def check_token(content: object, *, for_project: bool) -> None:
    """Raise FormError unless a token's content (of the answer to a login) has its form.

    ``for_project``: it was asked for with the scope of a project, and is unusable with another one.
    """
    token = Fields("token", Fields("answer", content).value("token", "an object"))
    token.fields("user").text("id")
    expiry = token.value("expires_at", TIME.words)
    if not TIME.fits(expiry):
        raise FormError(f"token.expires_at: expected {TIME.words}, got {value_in_words(expiry)}")
    scopes = [scope for scope in ("project", "domain") if scope in token.content]
    for scope in scopes or (["project"] if for_project else []):
        token.fields(scope).name("id")
    if scopes or "system" in token.content:
        _check_roles(token)
    if "project" in scopes or "catalog" in token.content:
        for service in token.each("catalog"):
            try:
                Service.from_plain(service.content)
            except FormError as error:
                raise FormError(f"token.catalog: {error}") from None


def _check_roles(token: Fields) -> None:
    roles = token.each("roles")
    if not roles:
        raise FormError("token.roles: expected at least one role, got an empty list")
    for role in roles:
        role.text("name")


def _checked(get: Any, for_project: bool, session: Any, **options: Any) -> Any:
    try:
        access = get(session, **options)
    except exceptions.HttpError as error:
        setattr(error, _AT_LOGIN, True)
        raise
    except KeyError as error:
        # keystoneauth takes the header for granted.
        if str(error).strip("'\"").lower() != _HEADER.lower():
            raise
        raise Inconclusive(f"{TOKEN_REQUEST}: {_HEADER}: expected a header with a token, got nothing", _KIND) from None
    except (exceptions.InvalidResponse, TypeError, AttributeError):
        raise Inconclusive(f"{TOKEN_REQUEST}: token: expected an object, got nothing of the kind", _KIND) from None
    if getattr(access, "version", "") == "v3":
        with reading(TOKEN_REQUEST):
            if not access.auth_token:
                raise FormError(f"{_HEADER}: expected a header with a token, got an empty one")
            check_token(access._data, for_project=for_project)
    return access


def _wants_project(auth: Any) -> bool:
    names = [f"{prefix}project_{what}" for prefix in ("", "_") for what in ("id", "name")]
    return any(getattr(auth, name, None) for name in names) or type(auth).__name__ == "ApplicationCredential"
