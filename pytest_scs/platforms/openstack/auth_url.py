# SPDX-License-Identifier: Apache-2.0
"""Who answers at ``auth_url``, if it does not seem to be the identity service; asked without credentials."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from pytest_scs.core.cause import Inconclusive
from pytest_scs.platforms.openstack.client import Client

# Where Keystone usually lies on a host.
_USUAL_PATHS = ("/v3", "/identity/v3", "/keystone/v3")

_BY_PORT = {
    8774: "compute",
    8776: "block-storage",
    8778: "placement",
    8080: "object-store",
    9001: "dns",
    9292: "image",
    9311: "key-manager",
    9696: "network",
    9876: "load-balancer",
    8000: "orchestration",
    8004: "orchestration",
}
_BY_WORD = {
    "compute": "compute",
    "network": "network",
    "networking": "network",
    "image": "image",
    "volume": "block-storage",
    "block-storage": "block-storage",
    "object-store": "object-store",
    "key-manager": "key-manager",
    "placement": "placement",
    "load-balancer": "load-balancer",
    "orchestration": "orchestration",
    "dns": "dns",
    "dashboard": "dashboard",
    "horizon": "dashboard",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Answering:
    """Who answers at an address.

    ``stranger`` says in words that it is not the identity service, and what to write; empty if it may be. ``known``:
    it has shown itself to be something else.
    """

    stranger: str = ""
    known: bool = False


def who_answers(client: Client, url: str) -> Answering:
    """Ask the address, and if something else answers, the usual paths on the same host and port; without credentials.

    Raises nothing for what answers, or does not.
    """
    beginning = f"no identity service answers at auth_url {url}"
    answer = _get(client, url)
    if answer is None:
        secure = re.sub("^http:", "https:", url, flags=re.IGNORECASE)
        speaks_tls = secure != url and _get(client, secure, or_tls=True) is not None
        return Answering(f"{beginning}: that port speaks TLS; write https://", True) if speaks_tls else Answering()
    said = answer.text[:2000].lower()
    if "https port" in said or "ssl-enabled server port" in said:
        return Answering(f"{beginning}: that port speaks TLS; write https://", True)
    if answer.is_redirect:
        target = answer.headers.get("Location", "")[:200]
        return Answering(
            f"{beginning}: it redirects to {target}; write the address of the identity service there", True
        )
    document = _json(answer)
    if _is_identity(document) or answer.status_code >= 500:
        return Answering()
    owner = _owner(url, document)
    what = f"that address belongs to another service ({owner})" if owner else "what is there is something else"
    right = _identity_nearby(client, url)
    usual = "usual are the paths /v3 and /identity/v3, and port 5000"
    advice = f"an identity service answers at {right}" if right else usual
    return Answering(f"{beginning}: {what}, it answers GET with {answer.status_code}; {advice}", bool(owner))


def _get(client: Client, url: str, *, or_tls: bool = False) -> Any:
    """The answer; None if there is none. ``or_tls``: the error if TLS is spoken there, but not trusted."""
    try:
        return client.anonymous(url, headers={"Accept": "application/json"})
    except Inconclusive as error:
        trusted = re.search("certificate|hostname", str(error), re.IGNORECASE)
        return error if or_tls and trusted else None
    except ValueError:  # requests, for what is no URL
        return None


def _json(answer: Any) -> Any:
    try:
        return answer.json()
    except (ValueError, RecursionError):
        return None


def _is_identity(document: Any) -> bool:
    """Whether this is Keystone's list of versions, one of them, or its error."""
    return isinstance(document, dict) and "vnd.openstack.identity" in _text(document)


def _owner(url: str, document: Any) -> str:
    """Which service shows itself by its answer, or by path or port; empty if none does."""
    if found := re.search(r"vnd\.openstack\.([a-z-]+?)(-v\d|\+|\")", _text(document)):
        return found[1]
    parts = urlsplit(url)
    words = [_BY_WORD[word] for word in parts.path.lower().split("/") if word in _BY_WORD]
    if words:
        return words[0]
    by_port = _BY_PORT.get(parts.port or 0, "")
    listed = isinstance(document, dict) and bool({"version", "versions", "resources"} & document.keys())
    return by_port or ("which lists its own versions" if listed else "")


def _identity_nearby(client: Client, url: str) -> str:
    """The address of an identity service on the same host and port; empty if there is none at the usual paths."""
    parts = urlsplit(url)
    for path in _USUAL_PATHS:
        address = urlunsplit((parts.scheme, parts.netloc, path, "", ""))
        answer = _get(client, address)
        if answer is not None and _is_identity(_json(answer)):
            return address
    return ""


def _text(document: Any) -> str:
    return json.dumps(document, default=str)[:20_000] if document is not None else ""
