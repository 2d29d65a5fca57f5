# SPDX-License-Identifier: Apache-2.0
"""Which URLs something may be read from, or sent to."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from pytest_scs.base.errors import InputError


def check_url(url: str, what: str) -> None:
    """Raise InputError for a URL that is not https, or carries credentials; plain http is for this machine only."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise InputError(f"{what}: {url[:100]!r} is no URL") from None
    if parts.username or parts.password:
        raise InputError(f"{what}: the URL holds credentials, and nothing here needs any; leave them out")
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(host))):
        raise InputError(f"{what}: {url[:100]!r} is no https URL")


def is_this_machine(host: str) -> bool:
    """Whether a host is the loopback interface."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
