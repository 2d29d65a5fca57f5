# SPDX-License-Identifier: Apache-2.0
"""Where a redirect may lead: never to where a credential does not belong; pure.

See docs/standards/framework.md#redirects.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import urljoin, urlsplit

import urllib3

from pytest_scs.platforms.openstack import bounds

#: Every status that sends somewhere else; 300 is a choice of versions, 304 no answer to what is asked here.
REDIRECTING = (301, 302, 303, 305, 306, 307, 308)

_FOLLOWED = (301, 302, 307, 308)
_PORTS = {"http": 80, "https": 443}
_LONGEST = 200

# Characters of a part of a host's name (RFC 1035).
_LABEL = 63


def origin_of(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port as the library would contact them; None if that is no clear address of HTTP."""
    if re.search(r"[\s\\\x00-\x1f\x7f]", url):
        return None
    try:
        parsed, other = urllib3.util.parse_url(url), urlsplit(url)
        scheme, host, port = (parsed.scheme or "").lower(), (parsed.host or "").lower(), parsed.port
        same = (other.scheme, (other.hostname or "").lower(), other.port)
    except (ValueError, urllib3.exceptions.HTTPError):
        return None
    if scheme not in _PORTS or not host or parsed.auth or "@" in other.netloc:
        return None
    if same != (scheme, host.strip("[]"), port):
        return None
    return scheme, host, _PORTS[scheme] if port is None else port


def is_address(url: str) -> bool:
    """Whether a request can be sent there at all."""
    try:
        parts = urlsplit(url)
        labels = (parts.hostname or "").removesuffix(".").split(".")
        return parts.scheme in _PORTS and parts.port != 0 and all(0 < len(label) <= _LABEL for label in labels)
    except ValueError:
        return False


def redirected(method: str, url: str, status: int, location: str | None, seen: Collection[str], *, body: bool) -> str:
    """The address that a redirect of a request is to be followed to; ``seen`` are those that were asked before.

    Raises UnusableAnswer, with both addresses, if it must not be followed.
    """
    if not location:
        raise bounds.UnusableAnswer(f"redirects {method} {shown_address(url)} ({status}), but says not where to")
    try:
        target = urljoin(url, location)
    except ValueError:
        target = location
    if why := _why_not(method, url, status, target, seen, body=body):
        raise bounds.UnusableAnswer(
            f"redirects {method} {shown_address(url)} to {shown_address(target)}; not followed, because {why}; "
            "correct the endpoint in the catalog (or auth_url)"
        )
    return target.partition("#")[0]


def _why_not(method: str, url: str, status: int, target: str, seen: Collection[str], *, body: bool) -> str:
    origin = origin_of(target)
    if origin is None:
        return "that is no usable address"
    if origin != origin_of(url):
        return "the credentials would go there"
    if method not in ("GET", "HEAD") or body:
        return f"a {method} is sent to one address only"
    if status not in _FOLLOWED:
        return f"status {status} means something else than this resource"
    if target.partition("#")[0] in seen:
        return "it leads in a circle"
    if len(seen) > bounds.REDIRECTS:
        return f"there were {bounds.REDIRECTS} before it"
    return ""


def shown_address(url: str) -> str:
    """An address without user information and query, on one line and not too long."""
    plain = re.sub(r"//[^/?#]*@", "//", url.partition("?")[0].partition("#")[0])
    text = plain if plain.isascii() and plain.isprintable() else ascii(plain)[1:-1]
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
