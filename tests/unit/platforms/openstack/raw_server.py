# SPDX-License-Identifier: Apache-2.0
"""A server that answers with whatever bytes a test wants, and remembers what it was sent."""

from __future__ import annotations

import dataclasses
import socketserver
import threading
from collections.abc import Callable, Iterable
from typing import Any

#: Bytes, or what gives them piece by piece; for the request line, as in ``GET /x``.
Script = Callable[[str], bytes | Iterable[bytes]]


@dataclasses.dataclass
class Seen:
    """One request: its first line, its header in lower case, and its body."""

    line: str
    header: str
    body: bytes


class RawServer:
    """A context manager; ``script`` gives the answer to each request, after which the connection stays open."""

    def __init__(self, script: Script = lambda line: b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}") -> None:
        self.script = script
        self.seen: list[Seen] = []
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                try:
                    while outer._answer(self.rfile, self.wfile):
                        pass
                except OSError:
                    return

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def _answer(self, read: Any, write: Any) -> bool:
        line = read.readline().decode("latin-1").strip()
        if not line:
            return False
        header = b""
        while (one := read.readline()) not in (b"\r\n", b""):
            header += one.lower()
        length = next((int(one.split(b":")[1]) for one in header.splitlines() if one.startswith(b"content-length")), 0)
        method, path, _ = line.split(" ", 2)
        self.seen.append(Seen(f"{method} {path}", header.decode("latin-1"), read.read(length)))
        answer = self.script(f"{method} {path}")
        for part in [answer] if isinstance(answer, bytes) else answer:
            write.write(part)
            write.flush()
        return b"\r\nconnection: close" not in (answer[:200].lower() if isinstance(answer, bytes) else b"")

    def __enter__(self) -> RawServer:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
