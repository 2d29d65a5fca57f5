# SPDX-License-Identifier: Apache-2.0
"""Logging in, with words about clouds.yaml for what goes wrong (docs/standards/framework.md#preflight)."""

from __future__ import annotations

from typing import Any

from pytest_scs.base.words import cut
from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.platforms.openstack.auth_url import Answering, who_answers
from pytest_scs.platforms.openstack.client import Client, LogIn
from pytest_scs.platforms.openstack.clouds_files import ENVIRONMENT
from pytest_scs.platforms.openstack.config import NOTE, ORIGIN
from pytest_scs.platforms.openstack.entry import WITHOUT_KEYSTONE
from pytest_scs.platforms.openstack.explain import chain_of, explain, innermost, kind_of, said_by, tls_words

# Keystone says so whatever is wrong.
_SAYS_NOTHING = ("the request you have made requires authentication", "unauthorized")


def authenticate(client: Client) -> LogIn:
    """Log in; raises Inconclusive, in words about clouds.yaml."""
    if (auth_type := _auth_type(client)) in WITHOUT_KEYSTONE:
        raise Inconclusive(
            f"reading it failed: auth_type {auth_type} logs in nowhere, so nobody knows roles and endpoints; use "
            f"password, v3applicationcredential or v3token in {place_of(client)}",
            CauseKind.AUTHENTICATION,
        )
    try:
        return client.log_in()
    except Inconclusive as error:
        raise _explained(client, error) from None


def check_project(client: Client, access: Any) -> None:
    """Raise Inconclusive for a token (keystoneauth AccessInfo) that is for something else than a project."""
    if access.project_id:
        return
    if access.system_scoped:
        has, do = "for the system, not for a project", "leave out system_scope and write"
    elif access.domain_scoped:
        has, do = "for a domain, not for a project", "leave out domain_name and domain_id and write"
    else:
        has, do = "for no project", "write"
    what = "project_name and project_domain_name, or project_id"
    if _auth_type(client).endswith("applicationcredential"):
        do, what = "make the application credential", "in a project"
    raise Inconclusive(
        f"the login is {has}, but a cloud is judged as an ordinary user of a project: {do} {what} in auth "
        f"of {place_of(client)}",
        CauseKind.PERMISSION,
    )


def fixed_roles_of(client: Client, access: Any) -> str:
    """What gives the login its roles once and for all, so that assigning one to the user changes nothing; or empty."""
    if getattr(access, "application_credential_id", None):
        return "application credential"
    if access.trust_scoped:
        return "trust"
    return "token" if _auth_type(client).endswith("token") else ""


def _explained(client: Client, error: Inconclusive) -> Inconclusive:
    """The same failure in words about the entry; requests without a token may be sent to find out."""
    from keystoneauth1 import exceptions

    chain = chain_of(error)
    url = str((client.region.config.get("auth") or {}).get("auth_url") or "")
    place = place_of(client)

    def first(*kinds: type[BaseException]) -> Any:
        return next((one for one in chain if isinstance(one, kinds)), None)

    if first(exceptions.MissingAuthPlugin):
        return Inconclusive(f"there are no credentials for it in {place}", CauseKind.AUTHENTICATION)
    if tls := first(exceptions.SSLError):
        return Inconclusive(f"TLS to the identity service at {url} failed: {tls_words(tls)}; see {place}", kind_of(tls))
    if missing := first(exceptions.MissingAuthMethods):
        rules = " or ".join(" with ".join(map(str, rule)) for rule in missing.required_auth_methods)
        return Inconclusive(
            f"the user must prove more than one thing (needed: {rules}); use an application credential, or auth_type "
            f"v3multifactor, in {place}",
            CauseKind.AUTHENTICATION,
        )
    refused = first(exceptions.HttpError)
    if refused is not None and "/auth/tokens" in (refused.url or ""):
        told = _refused(client, refused, place)
        found = who_answers(client, url) if refused.http_status < 500 else Answering()
        if found.known or (found.stranger and not told):
            return Inconclusive(f"{found.stranger}; see {place}", CauseKind.OUTAGE)
        return Inconclusive(told, CauseKind.AUTHENTICATION) if told else error
    if first(exceptions.DiscoveryFailure, exceptions.HttpError, exceptions.ConnectionError) and url:
        found = who_answers(client, url)
        reached = found.stranger or f"no identity service answers at auth_url {url}: {_found_there(chain)}"
        note = str(client.region.config.get(NOTE) or "")
        return Inconclusive("; ".join(filter(None, (reached, note, f"see {place}"))), error.kind)
    return error


def _refused(client: Client, error: Any, place: str) -> str:
    """What Keystone has against a login, in words about clouds.yaml; empty if it is not about the login."""
    auth_type = _auth_type(client)
    status, said = error.http_status, cut(said_by(error), 200)
    note = str(client.region.config.get(NOTE) or "")
    with_token = auth_type.endswith("token")
    if status == 401 or (status == 404 and with_token):
        reason = "" if said.lower().rstrip(". ").startswith(_SAYS_NOTHING) or with_token else said.rstrip(". ")
        parts = (_usual_cause(client, auth_type), f"it says: {reason}" if reason else "", note)
        return f"authentication was refused ({status}): {'; '.join(filter(None, parts))}; {_section(place)}"
    if status == 400:
        what = note or _lacking(client, auth_type) or f"it says: {said}"
        return f"authentication was refused (400): {what}; {_section(place)}"
    return ""


def _usual_cause(client: Client, auth_type: str) -> str:
    if auth_type.endswith("applicationcredential"):
        scoped = [key for key in client.region.config.get("auth") or {} if key.startswith(("project_", "domain_"))]
        scope = f"; leave out {scoped[0]}, it has its project already" if scoped else ""
        return f"the application credential is unknown, expired or deleted, or its secret is wrong{scope}"
    if auth_type.endswith("token"):
        return "the token is expired or invalid"
    auth = client.region.config.get("auth") or {}
    other = next((key for key in ("system_scope", "domain_name", "domain_id") if auth.get(key)), "")
    project = f", or no role by {other}; a cloud is judged as a user of a project: write project_name" if other else ""
    return f"wrong user, password, secret or project, or one of their domains{project}"


def _lacking(client: Client, auth_type: str) -> str:
    """Which domain is not given although a name needs one."""
    auth = client.region.config.get("auth") or {}
    lacks = [
        f"{kind}_domain_name"
        for kind, name in (("user", "username"), ("project", "project_name"))
        if auth.get(name) and not any(auth.get(f"{kind}_domain_{end}") for end in ("id", "name"))
    ]
    if any(auth.get(f"default_domain_{end}") for end in ("id", "name")) or auth_type.endswith("token"):
        lacks = []
    return f"auth lacks {' and '.join(lacks)}" if lacks else ""


def _found_there(chain: list[BaseException]) -> str:
    from keystoneauth1 import exceptions

    for one in chain:
        if isinstance(one, exceptions.ConnectionError):
            return innermost(one)
        if isinstance(one, exceptions.HttpError):
            return explain(one, "identity")
    return "it does not list the identity API v3"


def place_of(client: Client) -> str:
    """Where the entry of a cloud stands: its file, or the environment."""
    return str(client.region.config.get(ORIGIN) or "clouds.yaml")


def _auth_type(client: Client) -> str:
    return str(client.region.config.get("auth_type") or "password")


def _section(place: str) -> str:
    return f"see the {place}" if place == ENVIRONMENT else f"see its auth section in {place}"
