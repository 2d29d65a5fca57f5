# SPDX-License-Identifier: Apache-2.0
"""Connections to one endpoint: where to, with which certificate of ours, trusting whom."""

from __future__ import annotations

import dataclasses
import os
import socket
import ssl
from typing import TYPE_CHECKING

from pytest_scs.core.cause import CauseKind, Inconclusive

if TYPE_CHECKING:
    from openstack.config.cloud_region import CloudRegion

#: Seconds that a connection, a handshake or an answer may take.
TIMEOUT = 10.0

# ssl.OP_LEGACY_SERVER_CONNECT, which has a name from Python 3.12: without secure renegotiation OpenSSL 3 would not even
# show a server's certificate.
_LEGACY_SERVER_CONNECT = 0x4

# As weak as the machine's OpenSSL can be: what is too weak is for the standard to say. No anonymous suites, which have
# no certificate.
WEAKEST = "ALL:!aNULL:@SECLEVEL=0"


@dataclasses.dataclass(frozen=True, slots=True)
class Client:
    """What clouds.yaml says about TLS.

    ``cacert`` is a file or a folder with certificate authorities that are trusted as well; ``cert`` and ``key`` are the
    client's own certificate. ``verify`` False does not keep certificates from being judged.
    """

    cacert: str | None = None
    cert: str | None = None
    key: str | None = None
    verify: bool = True

    @classmethod
    def of(cls, region: CloudRegion) -> Client:
        """The TLS settings of an entry in clouds.yaml."""
        config = region.config
        cacert, cert, key = (
            os.path.expanduser(config[name]) if config.get(name) else None for name in ("cacert", "cert", "key")
        )
        verify = bool(config.get("verify", True)) and not config.get("insecure")
        return cls(cacert, cert, key if cert else None, verify)


@dataclasses.dataclass(frozen=True, slots=True)
class Server:
    """An endpoint and the one of its addresses that is contacted; ``host`` has no brackets."""

    host: str
    port: int
    address: str


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, those of IPv4 first; raises Inconclusive if there is none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        cause = getattr(error, "strerror", None) or error
        raise Inconclusive(f"the name {host} cannot be resolved: {cause}", CauseKind.OUTAGE) from None
    ordered = sorted(found, key=lambda entry: entry[0] != socket.AF_INET)
    return list(dict.fromkeys(str(entry[4][0]) for entry in ordered))


def connect(server: Server, port: int | None = None) -> socket.socket:
    """A connection to a server, at another ``port`` if one is given; raises OSError."""
    return socket.create_connection((server.address, server.port if port is None else port), timeout=TIMEOUT)


def plain_context(client: Client, ciphers: str = WEAKEST) -> ssl.SSLContext:
    """A context that takes any certificate and is content with weak TLS; raises Inconclusive (see own_certificate)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.options |= _LEGACY_SERVER_CONNECT
    context.set_ciphers(ciphers)
    own_certificate(context, client)
    return context


def own_certificate(context: ssl.SSLContext, client: Client) -> None:
    """Show the client certificate of clouds.yaml where a server asks; raises Inconclusive if it cannot be loaded."""
    if client.cert:
        try:
            # A passphrase cannot be given in clouds.yaml; without this OpenSSL would ask at the terminal.
            context.load_cert_chain(client.cert, client.key, password="")
        except (OSError, ValueError) as error:
            raise Inconclusive(
                f"cert and key in clouds.yaml cannot be used: {reason(error)}", CauseKind.NOT_GIVEN
            ) from None


def reason(error: BaseException) -> str:
    """What went wrong, in a few words, without the place in OpenSSL's source."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return str(error.verify_message)
    if isinstance(error, ssl.SSLError) and error.reason:
        return str(error.reason).replace("_", " ").lower()
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError) and error.strerror:
        return str(error.strerror)
    return " ".join(str(error).split()) or type(error).__name__
