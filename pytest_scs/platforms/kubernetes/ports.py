# SPDX-License-Identifier: Apache-2.0
"""Connections to ports beside the API: is something there, does it speak TLS or HTTP. No credential is ever sent."""

from __future__ import annotations

import contextlib
import errno
import re
import socket
import ssl
import urllib.parse
from typing import Any

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.evidence.limit import Limit
from pytest_scs.platforms.kubernetes import certificate_facts
from pytest_scs.platforms.kubernetes.client import Client
from pytest_scs.platforms.kubernetes.transport import proxy_for
from pytest_scs.standards.kaas.exposure import NO_HTTP, REFUSED, SERVED, UNCLEAR

#: Bytes that are read of an answer without TLS.
_ANSWER = 4096

_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")
#: What a server answers to plain HTTP on a port for HTTPS.
_REFUSALS = (400, 426, 497)
_CONTENT = (200, 201, 204, 401, 403)

#: No way from here to there, which says nothing of the port.
_NO_WAY = (errno.ENETUNREACH, errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EMFILE, errno.ENFILE)


class NoWay(Exception):
    """From this machine there is no way to an address, so nothing can be said of its ports."""


def server_address(client: Client) -> tuple[str, int, str]:
    """Host and port of the API server, and the name that its certificate is asked for."""
    parts = urllib.parse.urlsplit(client.server)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return host, port, str(client.access.cluster.get("tls-server-name") or host)


def behind_proxy(client: Client) -> bool:
    """Whether the API server is reached through a proxy: by the kubeconfig, or by the environment."""
    return bool(proxy_for(client.access.cluster))


def connect(host: str, port: int, seconds: float) -> socket.socket | None:
    """A connection; None if nothing lets us in within so many seconds. Raises NoWay."""
    try:
        return socket.create_connection((host, port), timeout=seconds)
    except (TimeoutError, ConnectionError):
        return None
    except (OSError, UnicodeError) as error:
        if isinstance(error, socket.gaierror | UnicodeError) or error.errno in _NO_WAY:
            raise NoWay from None
        return None


def certificate(host: str, port: int, name: str, seconds: float) -> dict[str, Any]:
    """What is kept of the certificate that a port shows, whoever signed it; raises Inconclusive."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        raw = connect(host, port, seconds)
        if raw is None:
            raise Inconclusive("it lets nobody in", CauseKind.OUTAGE)
        with raw, context.wrap_socket(raw, server_hostname=name) as connection:
            return certificate_facts.of_der(connection.getpeercert(binary_form=True) or b"")
    except (NoWay, OSError, ValueError):
        raise Inconclusive("there was no TLS handshake with it", CauseKind.OUTAGE) from None


def plain_answer(host: str, port: int, seconds: float) -> str:
    """What a port answers to HTTP without TLS, in one of the words of the rule."""
    request = b"GET /version HTTP/1.1\r\nHost: kubernetes\r\nConnection: close\r\n\r\n"
    try:
        raw = connect(host, port, seconds)
    except NoWay:
        return UNCLEAR
    if raw is None:
        return UNCLEAR
    answer = b""
    limit = Limit.of(seconds)
    with raw, contextlib.suppress(OSError):
        raw.sendall(request)
        while limit.left > 0 and len(answer) < _ANSWER and (more := raw.recv(_ANSWER)):
            answer += more
    return _judged(answer)


def _judged(answer: bytes) -> str:
    if not (match := _STATUS.match(answer)):
        return NO_HTTP
    status = int(match[1])
    secure = re.search(rb"^location: https://", answer, re.IGNORECASE | re.MULTILINE) is not None
    if status in _REFUSALS or (300 <= status < 400 and secure):
        return REFUSED
    return SERVED if status in _CONTENT else UNCLEAR


def own_address(host: str) -> str:
    """The address that this machine has towards another one; empty if that is not known. Nothing is sent."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as asking:
            asking.connect((host, 9))
            return str(asking.getsockname()[0])
    except OSError:
        return ""
