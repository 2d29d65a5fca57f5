# SPDX-License-Identifier: Apache-2.0
"""An HTTP or HTTPS server on the loopback interface for a WSGI application; it leaves nothing behind when it stops."""

from __future__ import annotations

import logging
import socket
import ssl
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

ADDRESS = "127.0.0.1"
_POLL = 0.02  # seconds; how long stopping may take
_PATIENCE = 5.0  # seconds that stopping waits for the threads of connections it has closed
_LETTERS = tuple(bytes([letter]) for letter in b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")  # no TLS record begins with one
_WRONG_PROTOCOL = b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
_log = logging.getLogger(__name__)


class _Handler(WSGIRequestHandler):
    """Keeps connections open, which Werkzeug's own handler never does, and says nothing.

    The application reads request bodies to their end; an answer without a length is sent in chunks.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave in one segment
    usable = True

    def setup(self) -> None:
        """Shake hands here, in the thread of the connection: a client that does not would stop all others."""
        super().setup()
        if isinstance(self.connection, ssl.SSLSocket):
            try:
                if socket.socket.recv(self.connection, 1, socket.MSG_PEEK) in _LETTERS:
                    socket.socket.sendall(self.connection, _WRONG_PROTOCOL)
                    self.usable = False
                    return
                self.connection.do_handshake()
            except OSError:  # the client trusts somebody else, speaks no TLS, or is gone
                self.usable = False

    def handle(self) -> None:
        """Answer the requests of a connection, if it came about."""
        if self.usable:
            super().handle()

    def make_environ(self) -> WSGIEnvironment:
        """Add what WSGI has no place for: the subject of the client's certificate, and repeated headers unjoined."""
        environ = super().make_environ()
        if isinstance(self.connection, ssl.SSLSocket):
            environ["demo.peer"] = self.connection.getpeercert() or {}
        environ["demo.headers"] = self.headers
        return environ

    def run_wsgi(self) -> None:
        """Answer one request; an application that raises ConnectionError has the connection closed."""
        begun: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Any:
            begun[:] = [status, headers]

        try:
            chunks = self.server.app(self.make_environ(), start_response)
            status, headers = begun
            code, _, phrase = status.partition(" ")
            chunked = int(code) >= 200 and code not in ("204", "304")
            self.send_response_only(int(code), phrase)
            for name, value in headers:
                self.send_header(name, value)
                chunked = chunked and name.lower() != "content-length"
            if chunked:
                self.send_header("Transfer-Encoding", "chunked")
            self.send_header("Connection", "close" if self.close_connection else "keep-alive")
            self.end_headers()
            self._send(chunks, chunked)
        except OSError:  # ssl.SSLError included
            self.close_connection = True

    def _send(self, chunks: Any, chunked: bool) -> None:
        """Send the body; what comes in chunks leaves at once, for whoever waits for it."""
        for chunk in chunks:
            if not chunked:
                self.wfile.write(chunk)
            elif chunk:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
                self.wfile.flush()
        if chunked:
            self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    def handle_expect_100(self) -> bool:
        """Tell a client at once that it may send the body it has announced, instead of with the answer."""
        super().handle_expect_100()
        self.wfile.flush()
        return True

    def finish(self) -> None:
        """Close both directions, also when the client is gone and the rest of an answer cannot be written."""
        try:
            super().finish()
        except OSError:
            self.rfile.close()


class _Server(ThreadedWSGIServer):
    """Remembers its open connections, so that stopping does not wait for clients to close them."""

    def __init__(self, app: WSGIApplication, listener: socket.socket, context: ssl.SSLContext | None) -> None:
        self.connections: set[socket.socket] = set()
        self.threads: set[threading.Thread] = set()
        # An own listener, because Werkzeug's ends the process when the port is taken, and looks up host names.
        super().__init__(ADDRESS, listener.getsockname()[1], app, _Handler, fd=listener.fileno())
        self.ssl_context = context  # not given to Werkzeug, which would shake hands where it accepts connections

    def get_request(self) -> tuple[Any, Any]:
        """Accept a connection; a handshake is left to its thread."""
        connection, address = super().get_request()
        if self.ssl_context:
            connection = self.ssl_context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def process_request(self, request: Any, client_address: Any) -> None:
        """Take a connection, in a thread of its own."""
        self.connections.add(request)
        thread = threading.Thread(target=self._serve, args=(request, client_address), daemon=True)
        self.threads.add(thread)
        thread.start()

    def _serve(self, request: Any, client_address: Any) -> None:
        """Serve a connection to its end; who stops the server waits for that."""
        try:
            self.process_request_thread(request, client_address)
        finally:
            self.threads.discard(threading.current_thread())

    def shutdown_request(self, request: Any) -> None:
        """Close a connection."""
        self.connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """An error outside the application: for the log, not for the terminal."""
        _log.exception("an embedded server failed on a connection")

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - Werkzeug's name
        """Say nothing; the state keeps the log of requests."""

    def close_connections(self) -> None:
        """Close what clients keep open; their threads end with that."""
        for connection in list(self.connections):
            try:
                socket.socket.shutdown(connection, socket.SHUT_RDWR)  # below TLS, which its thread may be reading
            except OSError:
                continue  # closed in the meantime
        until = time.monotonic() + _PATIENCE
        for thread in list(self.threads):
            thread.join(max(0.0, until - time.monotonic()))


class LoopbackServer:
    """An application on a port of the loopback interface, from ``start`` to ``stop``; a context manager."""

    def __init__(self, app: WSGIApplication, port: int = 0, *, name: str, tls: ssl.SSLContext | None = None) -> None:
        self._app, self._wanted, self._name, self._tls = app, port, name, tls
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Listen; when this returns, requests are answered. Raises OSError if the port is taken."""
        if self._server is not None:
            raise RuntimeError(f"the {self._name} is already running")
        with socket.create_server((ADDRESS, self._wanted), backlog=128) as listener:
            self._server = _Server(self._app, listener, self._tls)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL,), name=self._name.replace(" ", "-"), daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening and close all connections; harmless when it is not running."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._server.close_connections()
        self._thread.join()
        self._server = self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """The port. Raises RuntimeError unless it is running."""
        if self._server is None:
            raise RuntimeError(f"the {self._name} is not running")
        return int(self._server.port)
