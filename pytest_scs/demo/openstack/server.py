# SPDX-License-Identifier: Apache-2.0
"""The demo cloud as an HTTP server on the loopback interface."""

from __future__ import annotations

import logging
import os
import socket
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from pytest_scs.demo.openstack.app import CloudApp
from pytest_scs.demo.openstack.state import CloudState

_ADDRESS = "127.0.0.1"
_POLL = 0.02  # seconds; how long stopping may take
_log = logging.getLogger(__name__)


class _Handler(WSGIRequestHandler):
    """Keeps connections open, which Werkzeug's own handler never does, and says nothing.

    The application reads request bodies to their end and gives every answer a length; both are needed for this.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave in one segment

    def run_wsgi(self) -> None:
        """Answer one request; an application that raises ConnectionError has the connection closed."""
        begun: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Any:
            begun[:] = [status, headers]

        try:
            chunks = self.server.app(self.make_environ(), start_response)
            status, headers = begun
            code, _, phrase = status.partition(" ")
            self.send_response_only(int(code), phrase)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Connection", "close" if self.close_connection else "keep-alive")
            self.end_headers()
            for chunk in chunks:
                self.wfile.write(chunk)
            self.wfile.flush()
        except ConnectionError:
            self.close_connection = True

    def handle_expect_100(self) -> bool:
        """Tell a client at once that it may send the body it has announced, instead of with the answer."""
        super().handle_expect_100()
        self.wfile.flush()
        return True

    def finish(self) -> None:
        """Close both directions, also when the client is gone and the rest of an answer cannot be written."""
        try:
            super().finish()
        except ConnectionError:
            self.rfile.close()


class _Server(ThreadedWSGIServer):
    """Remembers its open connections, so that stopping does not wait for clients to close them."""

    def __init__(self, app: CloudApp, listener: socket.socket) -> None:
        self.connections: set[socket.socket] = set()
        # An own listener, because Werkzeug's ends the process when the port is taken, and looks up host names.
        super().__init__(_ADDRESS, listener.getsockname()[1], app, _Handler, fd=listener.fileno())

    def process_request(self, request: Any, client_address: Any) -> None:
        """Take a connection, in a thread of its own."""
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection."""
        self.connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """An error outside the application: for the log, not for the terminal."""
        _log.exception("the demo cloud failed on a connection")

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - Werkzeug's name
        """Say nothing; the state keeps the log of requests."""

    def close_connections(self) -> None:
        """Close what clients keep open; their threads end with that."""
        for connection in list(self.connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # closed in the meantime


class DemoCloud:
    """A running demo cloud; a context manager.

    ``state`` is what it contains and may be changed while it runs. ``port`` 0 takes any free port; the address is
    always that of the loopback interface.
    """

    def __init__(self, state: CloudState, port: int = 0) -> None:
        self.state = state
        self._port = port
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Listen; when this returns, requests are answered. Raises OSError if the port is taken."""
        if self._server is not None:
            raise RuntimeError("the demo cloud is already running")
        with socket.create_server((_ADDRESS, self._port), backlog=128) as listener:
            self._server = _Server(CloudApp(self.state), listener)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL,), name="demo-cloud", daemon=True
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
    def url(self) -> str:
        """The root of the cloud, below which every service has a path. Raises RuntimeError unless it is running."""
        if self._server is None:
            raise RuntimeError("the demo cloud is not running")
        return f"http://{_ADDRESS}:{self._server.port}"

    @property
    def auth_url(self) -> str:
        """What clients need to authenticate."""
        return f"{self.url}/identity/v3"

    def clouds_yaml(
        self, name: str = "demo", *, region: str | None = None, application_credential: bool = False
    ) -> str:
        """The text of a clouds.yaml with this cloud as its only entry.

        ``region`` None means the first one; the empty string leaves the region out.
        """
        state = self.state
        auth: dict[str, str] = {"auth_url": self.auth_url}
        entry: dict[str, Any] = {"auth": auth, "interface": "public"}
        if application_credential:
            entry["auth_type"] = "v3applicationcredential"
            auth["application_credential_id"] = state.application_credential_id
            auth["application_credential_secret"] = state.application_credential_secret
        else:
            auth["username"] = state.username
            auth["password"] = state.password
            auth["project_name"] = state.project_name
            auth["user_domain_name"] = auth["project_domain_name"] = "Default"
        if region is None:
            region = state.regions[0]
        if region:
            entry["region_name"] = region
        return yaml.safe_dump({"clouds": {name: entry}}, sort_keys=False)

    def managers(self, name: str = "demo") -> dict[str, Any]:
        """The entries of clouds.yaml for the managers of domains: ``demo:manager-a`` and so on."""
        state, found = self.state, {}
        for domain in state.directory.domains:
            manager = next(
                (
                    user
                    for user in state.directory.users
                    if user["domain_id"] == domain["id"] and user["name"] == "manager" and "_password" in user
                ),
                None,
            )
            if manager:
                auth = {"auth_url": self.auth_url, "username": manager["name"], "password": manager["_password"]}
                auth["user_domain_name"] = auth["domain_name"] = domain["name"]
                entry = {"auth": auth, "interface": "public", "region_name": state.regions[0]}
                found[f"{name}:{domain['name']}"] = entry
        return found

    def write_clouds_yaml(
        self, path: Path, name: str = "demo", *, region: str | None = None, application_credential: bool = False
    ) -> None:
        """Write ``clouds_yaml`` to a file that only its owner can read."""
        text = self.clouds_yaml(name, region=region, application_credential=application_credential)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(descriptor, 0o600)  # also where the file existed before
            file.write(text)
