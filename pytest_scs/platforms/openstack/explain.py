# SPDX-License-Identifier: Apache-2.0
"""One line for what went wrong between us and a service."""

from __future__ import annotations

import html
import re
from urllib.parse import urlsplit

import requests
from keystoneauth1 import exceptions

from pytest_scs.core.cause import CauseKind


def explain(error: Exception, service: str) -> str:
    """One line for what went wrong between us and a service; no token, no user information in URLs."""
    if isinstance(error, exceptions.HttpError):
        status = error.http_status
        details = _said(error)
        line = f"the {service} service answered {error.method} {path_of(error.url)} with {status}"
        line += f" ({details[:200].rstrip('. ')})" if details else ""
        if status == 403 and not speaks_of_quota(details):
            # What the identity service forbids concerns managers.
            must = "" if service == "identity" else "; a user with role member must be allowed this"
            return f"{line}: the user lacks the permission{must}"
        if status == 406:
            return f"{line}: it does not know the microversion (Nova before Queens cannot be judged)"
        return line
    if isinstance(error, (exceptions.EndpointNotFound, exceptions.MissingAuthPlugin)):
        return f"the catalog has no usable {service} endpoint (region or interface in clouds.yaml may be wrong)"
    if isinstance(error, exceptions.SSLError):
        cause = innermost(error)
        return f"TLS to the {service} service failed: {cause}; see verify and cacert in clouds.yaml"
    if isinstance(error, exceptions.ConnectTimeout):
        return f"the {service} service did not answer in time: {_url(error)}"
    if isinstance(error, exceptions.ConnectionError):
        return f"no connection to the {service} service: {_url(error)}: {innermost(error)}"
    return f"reading from the {service} service failed: {type(error).__name__}: {' '.join(str(error).split())}"


def kind_of(error: Exception) -> CauseKind:
    """What went wrong between us and a service is a case of this.

    Where a quota is used up, Nova and Barbican answer 403, Neutron 409, Cinder 413.
    """
    if isinstance(error, exceptions.HttpError):
        quota = error.http_status in (403, 409, 413) and speaks_of_quota(_said(error))
        return CauseKind.QUOTA if quota else CauseKind.of_status(error.http_status)
    if isinstance(error, (exceptions.ConnectTimeout, requests.Timeout, TimeoutError)):
        return CauseKind.TIMEOUT
    if isinstance(error, (exceptions.MissingAuthPlugin, exceptions.AuthorizationFailure)):
        return CauseKind.AUTHENTICATION
    silent = (OSError, exceptions.ConnectionError, exceptions.DiscoveryFailure, exceptions.EndpointNotFound)
    if isinstance(error, silent):
        return CauseKind.OUTAGE
    return CauseKind.MALFORMED


def kind_of_standstill(status: object) -> CauseKind:
    """Why something did not get where it should, by the status it has: from ``error`` it does not move any more."""
    return CauseKind.OUTAGE if str(status).lower().startswith("error") else CauseKind.TIMEOUT


def speaks_of_quota(text: str) -> bool:
    """Whether a service refused something for its quota: Nova and Barbican answer 403, as to who has no permission."""
    return "quota" in text.lower()


def _said(error: exceptions.HttpError) -> str:
    """What a service says about its error; each has a form of its own, and keystoneauth does not know them all."""
    try:
        body = error.response.json() if error.response is not None else None
    except ValueError:
        body = None
    if isinstance(body, dict):
        # {"badRequest": {"message": ...}}, {"NeutronError": {...}}, {"error": {...}}; Barbican has no envelope.
        inner = next((value for value in body.values() if isinstance(value, dict)), body)
        for key in ("message", "description", "title"):
            if isinstance(inner.get(key), str):
                return " ".join(inner[key].split())
    text = str(getattr(error, "details", "") or getattr(error, "message", "") or "")
    # Glance and Swift answer with a page for a browser; its title says what we say already.
    page = re.search(r"<h1>.*?</h1>(.*)</body>", text, re.DOTALL | re.IGNORECASE)
    return " ".join(html.unescape(re.sub(r"<[^<>]*>", " ", page[1])).split()) if page else " ".join(text.split())


def path_of(url: str | None) -> str:
    """The path of a URL, without what may identify a user or a host."""
    return urlsplit(url or "").path


def _url(error: Exception) -> str:
    match = re.search(r"https?://[^\s:]+(:\d+)?[^\s:]*", str(error))
    return match[0] if match else "unknown address"


def innermost(error: BaseException) -> str:
    """The last clause of a nested exception text, which is the one that says something: ``Connection refused``."""
    text = re.sub(r" \(_ssl\.c:\d+\)", "", " ".join(str(error).split())).rstrip(")'\" ")
    clauses = re.split(r": |\] ", text)
    return clauses[-1].rstrip(")'\" ") or text
