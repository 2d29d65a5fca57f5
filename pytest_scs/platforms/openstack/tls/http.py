# SPDX-License-Identifier: Apache-2.0
"""One request without a token to an endpoint, in plain HTTP or by TLS: what is answered is not followed."""

from __future__ import annotations

import http.client
import socket
from typing import Any
from urllib.parse import quote

from pytest_scs.core.cause import CauseKind
from pytest_scs.platforms.openstack import bounds
from pytest_scs.platforms.openstack.receiving import BoundedResponse
from pytest_scs.platforms.openstack.tls.connection import Client, Server, connect, plain_context, reason
from pytest_scs.standards.iaas.endpoints import bracketed

#: Seconds for the header of an answer, however steadily it comes.
PATIENCE = 20.0

# What OpenStack's services, Swift and S3 send along with every answer, refusals included.
_API_HEADERS = ("x-openstack-request-id", "x-compute-request-id", "x-trans-id", "x-amz-request-id")


def ask_plainly(server: Server, port: int, path: str) -> dict[str, Any]:
    """What a port answers to plain HTTP.

    Keys: ``port``; ``outcome``: "refused", "silent" (no answer in time), "unreachable" (``problem`` says why), "closed"
    (without an answer), "other" (no HTTP: a TLS alert, for one), "answered"; then ``status``, ``location``, ``api``:
    whether a header of the answer is one that only the API behind sends.
    """
    seen: dict[str, Any] = {"port": port, "outcome": "", "status": None, "location": None, "api": False, "problem": ""}
    try:
        connection = connect(server, port)
    except ConnectionRefusedError:
        return {**seen, "outcome": "refused"}
    except TimeoutError:
        return {**seen, "outcome": "silent"}
    except OSError as error:
        return {**seen, "outcome": "unreachable", "problem": f"no connection: {reason(error)}"}
    with connection:
        try:
            with _request(connection, server, port, path, default=80) as answer:
                location = answer.getheader("Location")
        except TimeoutError:
            return {**seen, "outcome": "silent"}
        except (http.client.RemoteDisconnected, ConnectionError):
            return {**seen, "outcome": "closed"}
        except (http.client.HTTPException, ValueError):
            return {**seen, "outcome": "other"}
        except OSError as error:
            return {**seen, "outcome": "unreachable", "problem": reason(error)}
    # Queries may hold what is nobody's business.
    return {
        **seen,
        "outcome": "answered",
        "status": answer.status,
        "location": location.partition("?")[0][:200] if location else None,
        "api": any(answer.headers.get(name) for name in _API_HEADERS),
    }


def ask(server: Server, path: str, client: Client) -> dict[str, Any]:
    """What is answered by TLS: ``status`` (None if nothing), ``hsts`` (the header, or None) and ``problem``.

    Certificates are not verified here: nothing secret is sent.
    """
    try:
        context = plain_context(client)
        with (
            connect(server) as raw,
            context.wrap_socket(raw, server_hostname=server.host) as connection,
            _request(connection, server, server.port, path, default=443) as answer,
        ):
            # If there are several, the first one counts (RFC 6797, 8.1).
            return {"status": answer.status, "hsts": answer.headers.get("Strict-Transport-Security"), "problem": ""}
    except (OSError, ValueError, http.client.HTTPException) as error:
        return {"status": None, "hsts": None, "problem": f"no answer by https: {reason(error)}"}


def _request(
    connection: socket.socket, server: Server, port: int, path: str, *, default: int
) -> http.client.HTTPResponse:
    name = server.host if server.host.isascii() else server.host.encode("idna").decode("ascii")
    host = bracketed(name) + ("" if port == default else f":{port}")
    target = quote(path or "/", safe="/%:$()!*'@&=+,;~")
    lines = (
        f"GET {target} HTTP/1.1",
        f"Host: {host}",
        "User-Agent: pytest-scs",
        "Accept: */*",
        "Connection: close",
    )
    connection.sendall("".join(f"{line}\r\n" for line in (*lines, "")).encode("ascii"))
    with bounds.within(bounds.Limit.of(PATIENCE)):
        answer = BoundedResponse(connection, method="GET")
        try:
            answer.begin()
        except bounds.UnusableAnswer as error:
            answer.close()
            if error.kind is CauseKind.TIMEOUT:
                raise TimeoutError("no answer in time") from error
            raise http.client.HTTPException("the header of the answer is too long") from error
    return answer
