# SPDX-License-Identifier: Apache-2.0
"""One request to a cluster and its answer: who asks, over which connection, and no longer than bounds.py allows.

It stands in for the connection pool of the official client, whose generated methods send everything through it. That
one writes client keys into files that stay as long as the process, and follows what it likes of an answer.
"""

from __future__ import annotations

import base64
import dataclasses
import importlib.util
import os
import ssl
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest_scs
from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.platforms.kubernetes import bounds
from pytest_scs.platforms.kubernetes.certificate_facts import as_ascii
from pytest_scs.platforms.kubernetes.credential import Credential, Shown
from pytest_scs.platforms.kubernetes.explain import Unreachable, no_answer, refused

USER_AGENT = f"pytest-scs/{pytest_scs.__version__}"

# Bytes that are read at once.
_PART = 65536


@dataclasses.dataclass(frozen=True, slots=True)
class Received:
    """A whole answer, in the form in which the official client's generated methods take it."""

    status: int
    reason: str
    data: bytes
    headers: Mapping[str, str]

    def getheaders(self) -> Mapping[str, str]:
        """The headers; clients up to 36 ask for them so."""
        return self.headers


class Transport:
    """The connections to one API server. Shared by threads."""

    def __init__(self, cluster: Mapping[str, Any], credential: Credential, sent: Callable[[], None]) -> None:
        """``cluster`` is that of a kubeconfig; ``sent`` is called for each request that leaves."""
        self._cluster = cluster
        self._credential = credential
        self._sent = sent
        self._lock = threading.Lock()
        self._pool: Any = None
        self._certificate = ("", "")

    def request(
        self,
        method: str,
        url: str,
        *,
        fields: Any = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        timeout: Any = None,
        **_: Any,
    ) -> Received:
        """Send a request and take the whole answer; raises Unreachable, and Refused for an error status."""
        import urllib3

        shown = self._credential.shown()
        authorization = {"Authorization": shown.header} if shown.header else {}
        sent = {"User-Agent": USER_AGENT, **(headers or {}), **authorization}
        pool = self._pool_for(shown)
        options: dict[str, Any] = {
            **({"fields": dict(fields)} if fields else {}),
            **({} if body is None else {"body": body}),
        }
        until = time.monotonic() + bounds.WHOLE_ANSWER
        self._sent()
        try:
            response = pool.request(
                method,
                url,
                headers=sent,
                preload_content=False,
                redirect=False,
                retries=False,
                timeout=timeout or urllib3.Timeout(connect=bounds.CONNECT, read=bounds.READ),
                **options,
            )
            received = _received(response, until)
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise no_answer(error) from None
        if not 200 <= received.status < 300:
            # Before the official client makes something of it, which is another thing in each generation.
            raise refused(received.status, received.data, received.headers)
        return received

    def clear(self) -> None:
        """Close all connections; the official client calls this in the end."""
        with self._lock:
            if self._pool is not None:
                self._pool.clear()
                self._pool = None

    def _pool_for(self, shown: Shown) -> Any:
        with self._lock:
            if self._pool is None or self._certificate != (shown.certificate, shown.key):
                self._certificate = (shown.certificate, shown.key)
                self._pool = _pool(self._cluster, shown)
            return self._pool


def _received(response: Any, until: float) -> Received:
    """Read an answer to its end. A time limit of urllib3 is one for each read: a byte a second is never late."""
    read = getattr(response, "read1", None) or response.read
    parts: list[bytes] = []
    size = 0
    try:
        while part := read(_PART):
            parts.append(part)
            size += len(part)
            if size > bounds.ANSWER:
                raise Unreachable(f"its answer is larger than {bounds.ANSWER >> 20} MiB", CauseKind.MALFORMED)
            if time.monotonic() > until:
                raise Unreachable(f"its answer did not end within {bounds.WHOLE_ANSWER:g} s", CauseKind.TIMEOUT)
    except BaseException:
        response.close()
        raise
    response.release_conn()
    headers = {str(name): str(value) for name, value in response.headers.items()}
    return Received(int(response.status), str(response.reason or ""), b"".join(parts), headers)


def _pool(cluster: Mapping[str, Any], shown: Shown) -> Any:
    import urllib3

    options: dict[str, Any] = {"maxsize": 8, "block": False, "ssl_context": _context(cluster, shown)}
    if name := cluster.get("tls-server-name"):
        options["server_hostname"] = name
    proxy = proxy_for(cluster)
    if not proxy:
        pool: Any = urllib3.PoolManager(num_pools=2, **options)
    else:
        try:
            pool = _proxied(proxy, options)
        except (urllib3.exceptions.HTTPError, ValueError):
            raise Inconclusive(
                "the address of the proxy cannot be used; it must be like http://proxy.example:3128",
                CauseKind.NOT_GIVEN,
            ) from None
    if cluster.get("insecure-skip-tls-verify"):
        pool.pool_classes_by_scheme = {**pool.pool_classes_by_scheme, "https": _unverified_pool()}
    return pool


def _proxied(proxy: str, options: Mapping[str, Any]) -> Any:
    """The connections by way of a proxy; raises ValueError, or what urllib3 does, for an address that is none."""
    import urllib3

    if proxy.startswith("socks"):
        # urllib3 would warn first, which is an error where warnings are.
        if importlib.util.find_spec("socks") is None:
            raise Inconclusive(
                "the kubeconfig has a SOCKS proxy, which takes the package PySocks", CauseKind.MISSING_TOOL
            )
        from urllib3.contrib.socks import SOCKSProxyManager

        return SOCKSProxyManager(proxy, num_pools=2, **options)
    parts = urlsplit(proxy)
    headers = {}
    if parts.username:
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["proxy-authorization"] = f"Basic {base64.b64encode(login.encode()).decode()}"
    return urllib3.ProxyManager(proxy, num_pools=2, proxy_headers=headers, **options)


def _unverified_pool() -> Any:
    """A pool that does not warn at each request of what the user has asked for in his kubeconfig."""
    import urllib3
    from urllib3.connection import HTTPSConnection

    class Connection(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            self.is_verified = True

    class Pool(urllib3.HTTPSConnectionPool):
        ConnectionCls = Connection

    return Pool


def _context(cluster: Mapping[str, Any], shown: Shown) -> ssl.SSLContext:
    """As kubectl checks: by the cluster's authority alone where there is one, else by this machine's."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        if cluster.get("insecure-skip-tls-verify"):
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        elif data := cluster.get("certificate-authority-data"):
            context.load_verify_locations(cadata=as_ascii(base64.b64decode(data)))
        else:
            context.load_default_certs()
    except (ssl.SSLError, ValueError):
        raise Inconclusive(
            "the certificate authority of the kubeconfig is no certificate that can be read", CauseKind.NOT_GIVEN
        ) from None
    if shown.certificate:
        _load_certificate(context, shown)
    return context


def _load_certificate(context: ssl.SSLContext, shown: Shown) -> None:
    """Give the context a client certificate; ssl takes it from a file only, which is gone when this returns."""
    with tempfile.TemporaryDirectory(prefix="scs-client-") as folder:
        path = Path(folder, "client.pem")
        with open(
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii", errors="replace"
        ) as file:
            file.write(f"{shown.certificate.rstrip()}\n{shown.key.rstrip()}\n")
        try:
            context.load_cert_chain(path, password=lambda: "")
        except (ssl.SSLError, ValueError, OSError) as error:
            encrypted = "ENCRYPTED" in shown.key
            why = "the key is encrypted" if encrypted else getattr(error, "reason", None) or "it cannot be read"
            raise Inconclusive(
                f"the client certificate of the kubeconfig cannot be used: {str(why).lower().replace('_', ' ')}",
                CauseKind.AUTHENTICATION,
            ) from None


def proxy_for(cluster: Mapping[str, Any]) -> str:
    """The proxy for the server: of the kubeconfig, else of the environment; empty if there is none."""
    if cluster.get("proxy-url"):
        return str(cluster["proxy-url"])
    parts = urlsplit(str(cluster["server"]))
    proxy = urllib.request.getproxies_environment().get(parts.scheme, "")
    if not proxy or _is_bypassed(parts.netloc.rpartition("@")[2]):
        return ""
    return proxy if "://" in proxy else f"http://{proxy}"


def _is_bypassed(host: str) -> bool:
    """Whether ``$NO_PROXY`` names the host."""
    bypass: Callable[[str], object] = getattr(urllib.request, "proxy_bypass_environment")  # noqa: B009 - no stub has it
    return bool(bypass(host))
