# SPDX-License-Identifier: Apache-2.0
"""A proxy before one service of a real cloud, which alters some of its answers; and a host that nobody may talk to."""

from __future__ import annotations

import dataclasses
import http.client
import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit


@dataclasses.dataclass
class Answer:
    """What is given back."""

    status: int
    headers: dict[str, str]
    body: bytes


#: From what a service answered to what is given back.
Alteration = Callable[[Answer], Answer]

#: What belongs to one connection, and not to the answer.
_OF_THE_CONNECTION = ("connection", "content-length", "transfer-encoding")


@contextmanager
def _served(handler: type[http.server.BaseHTTPRequestHandler]) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def stranger() -> Iterator[tuple[str, list[str]]]:
    """The address of a host outside the cloud, and the requests that it got."""
    got: list[str] = []

    class Stranger(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            got.append(f"{self.command} {self.path}")
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        do_POST = do_PUT = do_DELETE = do_HEAD = do_GET  # noqa: N815 - names of http.server

        def log_message(self, *args: object) -> None:
            pass

    with _served(Stranger) as url:
        yield url, got


@contextmanager
def altering(endpoint: str, method: str, path: str, alter: Alteration) -> Iterator[str]:
    """The address of a proxy before ``endpoint`` that alters the answers to requests whose path ends in ``path``."""
    target = urlsplit(endpoint)

    class Proxy(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            service = http.client.HTTPConnection(target.hostname or "", target.port, timeout=60)
            service.request(self.command, self.path, body, {**self.headers, "Host": target.netloc})
            found = service.getresponse()
            headers = {key: value for key, value in found.getheaders() if key.lower() not in _OF_THE_CONNECTION}
            answer = Answer(found.status, headers, found.read())
            service.close()
            if self.command == method and urlsplit(self.path).path.endswith(path):
                answer = alter(answer)
            self.send_response(answer.status)
            for key, value in answer.headers.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = _pass_on  # noqa: N815 - names of http.server

        def log_message(self, *args: object) -> None:
            pass

    with _served(Proxy) as url:
        yield url + target.path
