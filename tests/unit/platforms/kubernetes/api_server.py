# SPDX-License-Identifier: Apache-2.0
"""An API server that answers, over TLS, with whatever bytes a test wants, and remembers what it was sent."""

from __future__ import annotations

import base64
import dataclasses
import json
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Self

from pytest_scs.platforms.kubernetes.kubeconfig import Access

Answer = bytes | Iterable[bytes]


@dataclasses.dataclass
class Seen:
    """One request: ``GET /path``, its headers with names in lower case, and its body."""

    line: str
    headers: dict[str, str]
    body: bytes


def answer(content: Any = None, status: int = 200, **headers: str) -> bytes:
    """A whole answer with a JSON body; ``retry_after="2"`` is a header."""
    body = content if isinstance(content, bytes) else json.dumps({} if content is None else content).encode()
    lines = [f"HTTP/1.1 {status} It", f"Content-Length: {len(body)}", "Content-Type: application/json"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def refusal(status: int, message: str = "", reason: str = "", **headers: str) -> bytes:
    """An error as a Status object."""
    return answer({"kind": "Status", "status": "Failure", "message": message, "reason": reason}, status, **headers)


def drip(content: bytes, pause: float = 0.02) -> Iterator[bytes]:
    """Byte by byte."""
    for number in range(len(content)):
        time.sleep(pause)
        yield content[number : number + 1]


class ApiServer:
    """``script`` gives the answer to each request by its line; nothing at all, and the connection is dropped."""

    def __init__(self, tls: ssl.SSLContext | None, script: Callable[[str], Answer]) -> None:
        self.script = script
        self.seen: list[Seen] = []
        self._tls = tls
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                try:
                    while outer._serve(self.rfile, self.wfile):
                        pass
                except (OSError, ValueError):
                    return

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            request_queue_size = 64

            def get_request(self) -> Any:
                connection, address = super().get_request()
                if outer._tls:
                    # The handshake is the handler's, in its thread.
                    connection = outer._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
                return connection, address

            def handle_error(self, request: Any, client_address: Any) -> None:
                return

        self._server = Server(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        """Its URL."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def lines(self) -> list[str]:
        """What was asked for."""
        return [one.line for one in self.seen]

    def _serve(self, read: Any, write: Any) -> bool:
        line = read.readline().decode("latin-1").strip()
        if not line:
            return False
        headers = {}
        while (one := read.readline()) not in (b"\r\n", b""):
            name, _, value = one.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        method, path, _ = line.split(" ", 2)
        body = read.read(int(headers.get("content-length", 0)))
        self.seen.append(Seen(f"{method} {path}", headers, body))
        said = self.script(f"{method} {path}")
        for part in [said] if isinstance(said, bytes) else said:
            write.write(part)
            write.flush()
        return bool(said)


def access_to(url: str, authority: Path | None = None, user: dict[str, Any] | None = None, **cluster: Any) -> Access:
    """How to reach a server."""
    about: dict[str, Any] = {"server": url, **cluster}
    if authority:
        about["certificate-authority-data"] = base64.b64encode(authority.read_bytes()).decode()
    config = {
        "current-context": "it",
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
        "clusters": [{"name": "it", "cluster": about}],
        "users": [{"name": "it", "user": user if user is not None else {"token": "a-token"}}],
    }
    return Access("it", config, "kubeconfig test")
