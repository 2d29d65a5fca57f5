# SPDX-License-Identifier: Apache-2.0
"""A certificate authority and TLS servers on the loopback interface, good ones and bad ones."""

from __future__ import annotations

import datetime as dt
import ipaddress
import itertools
import socket
import socketserver
import ssl
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)

GOOD_SUITES = "ECDHE+AESGCM:ECDHE+CHACHA20"


def closed_port() -> int:
    """A port of the loopback interface on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


class Authority:
    """Signs certificates; ``path`` is its own certificate. Keys are made once: RSA takes its time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._serial = itertools.count(1)
        self._keys: dict[Any, Any] = {}
        self._signing: dict[str, Any] = {}
        self.path = folder / "ca.pem"
        text = b""
        for kind in ("ec", 2048):
            key, name = self.key(kind, "ca"), _name(f"test authority {kind}")
            builder = self._builder(name, name, key, NOW - dt.timedelta(days=2), NOW + dt.timedelta(days=3650))
            builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            text += builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        self.path.write_bytes(text)

    def key(self, kind: str | int, owner: str = "") -> Any:
        """A key: "ec", "ec521", or the number of bits of an RSA key."""
        if (kind, owner) not in self._keys:
            curve = {"ec": ec.SECP256R1(), "ec521": ec.SECP521R1()}.get(str(kind))
            made = ec.generate_private_key(curve) if curve else rsa.generate_private_key(65537, int(kind))
            self._keys[kind, owner] = made
        return self._keys[kind, owner]

    def issue(
        self,
        *names: str,
        key: str | int = "ec",
        days: float = 90,
        age: float = 1,
        digest: hashes.HashAlgorithm | None = None,
        issuer: str | int = "ec",
        alone: bool = False,
    ) -> Path:
        """A file with certificate and key for host names (``localhost``) that began ``age`` days ago for ``days``.

        ``alone``: it is signed by itself. ``issuer`` is the kind of the authority's key.
        """
        private = self.key(key)
        names = names or ("localhost",)
        signing = private if alone else self.key(issuer, "ca")
        start = NOW - dt.timedelta(days=age)
        subject = _name(names[0])
        builder = self._builder(
            subject, subject if alone else _name(f"test authority {issuer}"), private, start, start + dt.timedelta(days)
        )
        builder = builder.add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        certificate = builder.sign(signing, digest or hashes.SHA256())
        path = self._folder / f"{next(self._serial)}.pem"
        path.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + private.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return path

    def _builder(
        self, subject: x509.Name, issuer: x509.Name, key: Any, start: dt.datetime, end: dt.datetime
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(next(self._serial))
            .not_valid_before(start)
            .not_valid_after(end)
        )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def context(*certificates: Path, weak: bool = False, suites: str = GOOD_SUITES) -> ssl.SSLContext:
    """A server's context that conforms, or one that offers as much as this machine's OpenSSL can."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if weak:
        made.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        made.set_ciphers("ALL:@SECLEVEL=0")
    else:
        made.minimum_version = ssl.TLSVersion.TLSv1_2
        made.set_ciphers(suites)
        made.set_ecdh_curve("prime256v1")
    for certificate in certificates:
        made.load_cert_chain(certificate)
    return made


class Server(socketserver.ThreadingTCPServer):
    """Answers every request with the same ``status`` and ``headers``; by TLS if it is given a context."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self, tls: ssl.SSLContext | None = None, *, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.tls = tls
        lines = [f"HTTP/1.1 {status} It", *(f"{name}: {value}" for name, value in (headers or {}).items())]
        self.answer = "\r\n".join([*lines, "Content-Length: 2", "", "ok"]).encode()
        self.requests: list[bytes] = []
        self.connections = 0

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.server_address[1])

    def start(self) -> Self:
        """Listen, in the background."""
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def shutdown_request(self, request: Any) -> None:
        """Close what is left of the connection; TLS has taken it over."""
        request.close()

    def stop(self) -> None:
        """Listen no more."""
        self.shutdown()
        self.server_close()


class _Handler(socketserver.BaseRequestHandler):
    server: Server

    def handle(self) -> None:
        self.server.connections += 1
        try:
            tls = self.server.tls
            with tls.wrap_socket(self.request, server_side=True) if tls else self.request as connection:
                if asked := connection.recv(4096):
                    self.server.requests.append(asked)
                    connection.sendall(self.server.answer)
        except (OSError, ValueError):
            pass  # a client that tries out what is offered
