# SPDX-License-Identifier: Apache-2.0
"""A stand-in for the compliance monitor: its answers, its order of checks, its signature check by the real ssh-keygen.

What it takes and refuses is written down here a second time, apart from the package: it judges what that says.
"""

from __future__ import annotations

import base64
import collections
import dataclasses
import datetime as dt
import email.utils
import http.server
import json
import re
import ssl
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

import yaml

from pytest_scs.core.lifetime import expiry
from pytest_scs.core.scope import Scope
from pytest_scs.core.scope_file import load_scope
from pytest_scs.core.selection import bundled_scopes
from pytest_scs.reports.scs.loading import load

END = "-----END SSH SIGNATURE-----\n&"
KINDS = ("application/x-signed-yaml", "application/x-signed-json")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)\s?(?:Z|[+-]\d\d(?::?\d\d)?)?")


class HttpError(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


@dataclasses.dataclass
class Account:
    """An account of the bootstrap file: ``keys`` are lines of public keys, ``delegates`` may send for it."""

    password: str
    keys: list[str] = dataclasses.field(default_factory=list)
    roles: set[str] = dataclasses.field(default_factory=set)
    delegates: set[str] = dataclasses.field(default_factory=set)


@dataclasses.dataclass
class Row:
    """A result in the database."""

    number: int
    subject: str
    scope: str
    testcase: str
    result: int
    checked_at: dt.datetime
    report: str


class Monitor:
    """The state of the monitor, and what is to go wrong.

    ``faults``: path -> names of faults, of which each request to it takes one: ``500``, ``502``, ``503``, ``504``,
    ``drop`` (no answer, nothing done), ``lost`` (no answer, but done), ``redirect``, ``slow`` (until ``let_go`` is
    set), ``endless``, ``drip``, ``html``, ``strange``, ``truncated``, ``gzip``. One that stands in ``always`` is taken
    by every request to the path.
    """

    def __init__(self, *, announced: bool = False, now: dt.datetime | None = None) -> None:
        self.accounts: dict[str, Account] = {}
        self.documents: dict[str, dict[str, Any]] = {}
        self.rows: list[Row] = []
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.faults: dict[str, collections.deque[str]] = collections.defaultdict(collections.deque)
        self.always: dict[str, str] = {}
        self.let_go = threading.Event()
        self.skew = dt.timedelta()
        self.no_date = False
        self.announced = announced
        self.elsewhere = "https://elsewhere.example/reports"
        self.lock = threading.Lock()
        self._now = now
        self._scopes: dict[str, Scope] = {}

    def now(self) -> dt.datetime:
        """The monitor's clock, UTC without zone."""
        return (self._now or dt.datetime.now(dt.UTC).replace(tzinfo=None)) + self.skew

    @property
    def scopes(self) -> dict[str, Scope]:
        """The official scopes by UUID."""
        if not self._scopes:
            found = [load_scope(path) for path in bundled_scopes().values()]
            self._scopes = {scope.uuid: scope for scope in found if scope.official}
        return self._scopes

    def posts(self) -> list[bytes]:
        """The bodies that were sent."""
        return [body for method, path, _, body in self.requests if (method, path) == ("POST", "/reports")]

    # --- POST /reports

    def post_report(self, headers: dict[str, str], body: bytes) -> Any:
        """Store the reports in a body; raises HttpError, with nothing stored."""
        name = self.authenticated(headers)
        kind = headers.get("content-type")
        if kind is None:
            raise HttpError(500, "")
        if kind not in KINDS:
            raise HttpError(415, "Unsupported Media Type")
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError:
            raise HttpError(500, "") from None
        place = text.find(END)
        if place < 0:
            raise HttpError(401, "missing signature")
        place += len(END)
        content = text[place:]
        if not any(verified(key, text[: place - 1], content) for key in self.accounts[name].keys):
            raise HttpError(401, "verification failed")
        documents = documents_in(content, kind)
        if not documents:
            return {"detail": "empty reports"}
        with self.lock:
            self._store(name, documents)
        return None

    def authenticated(self, headers: dict[str, str]) -> str:
        """The account of a request; raises HttpError."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            raise HttpError(401, "Not authenticated")
        try:
            name, colon, password = base64.b64decode(token, validate=True).decode("utf-8").partition(":")
        except ValueError:
            raise HttpError(401, "Invalid authentication credentials") from None
        if not colon:
            raise HttpError(401, "Invalid authentication credentials")
        if name not in self.accounts or self.accounts[name].password != password:
            raise HttpError(401, "Incorrect username or password")
        return name

    def _store(self, name: str, documents: list[Any]) -> None:
        found: dict[str, dict[str, Any]] = {}
        rows: list[Row] = []
        for document in documents:
            self._check_permission(name, document)
        for document in documents:
            identity, plain, of_document = stored(document, len(self.rows) + len(rows))
            if identity in self.documents or identity in found:
                raise HttpError(409, "Conflict: report already present")
            found[identity] = plain
            rows += of_document
        self.documents.update(found)
        self.rows += rows

    def _check_permission(self, name: str, document: Any) -> None:
        try:
            subject = document["subject"]
        except (TypeError, LookupError):
            raise HttpError(500, "") from None
        if subject == name:
            return
        if "append_any" not in self.accounts[name].roles:
            raise HttpError(401, "Permission denied")
        if not isinstance(subject, str) or name not in self.accounts.get(subject, Account("")).delegates:
            raise HttpError(401, "delegation problem?")

    # --- GET

    def get_report(self, identity: str, headers: dict[str, str]) -> Any:
        """A stored report; raises HttpError."""
        name = self.authenticated(headers)
        if identity not in self.documents:
            raise HttpError(404, "Not Found")
        document = self.documents[identity]
        if document["subject"] != name and "read_any" not in self.accounts[name].roles:
            raise HttpError(401, "Permission denied")
        return document

    def status(self, query: dict[str, list[str]], headers: dict[str, str]) -> Any:
        """What ``/status`` says; raises HttpError."""
        accept = headers.get("accept")
        if accept is None:
            raise HttpError(500, "")
        if not any(kind in accept for kind in ("application/json", "application/*", "*/*")):
            raise HttpError(406, "Not Acceptable")
        subjects, uuids = query.get("subject"), query.get("scopeuuid")
        found: dict[str, dict[str, Any]] = {}
        for row in self.newest():
            if (subjects and row.subject not in subjects) or (uuids and row.scope not in uuids):
                continue
            scope = self.scopes.get(row.scope)
            if scope and row.testcase in scope.testcases and self._valid(row, scope):
                of_scope = found.setdefault(row.subject, {}).setdefault(row.scope, self._empty(scope))
                of_scope["results"][row.testcase] = {
                    "result": row.result,
                    "checked_at": row.checked_at.isoformat(),
                    "report": row.report,
                }
        return found

    def newest(self) -> Iterator[Row]:
        """The newest result of each subject, scope and testcase; of equal times the one uploaded first."""
        chosen: dict[tuple[str, str, str], Row] = {}
        for row in sorted(self.rows, key=lambda row: row.number):
            key = (row.subject, row.scope, row.testcase)
            if key not in chosen or row.checked_at > chosen[key].checked_at:
                chosen[key] = row
        yield from chosen.values()

    def _valid(self, row: Row, scope: Scope) -> bool:
        end = expiry(row.checked_at, scope.testcases[row.testcase].lifetime)
        return self.now() < dt.datetime.combine(end, dt.time())

    def _empty(self, scope: Scope) -> dict[str, Any]:
        versions: dict[str, Any] = {}
        for number, (name, version) in enumerate(scope.versions.items()):
            main = sorted(version.targets().get("main", ()))
            with_targets = {
                "targets": {"main": {"testcases": main, "result": 1}},
                "tc_target": dict.fromkeys(main, "main"),
            }
            form = {"testcases": main} if self.announced else with_targets
            versions[name] = {"_idx": number, "result": 1, **form, "validity": "effective"}
        return {
            "name": scope.name,
            "testcases": {
                one.id: {"id": one.id, "description": one.description, "attn": 1}
                | ({"lifetime": one.lifetime} if one.lifetime else {})
                for one in scope.testcases.values()
            },
            "results": {},
            "buckets": {"-1": [], "null": [], "0": [], "1": []},
            "versions": versions,
            "relevant": [],
            "result": 1,
            "passed": [],
            "passed_str": "",
            "best_passed": None,
            "validity": "effective",
        }


def verified(key: str, signature: str, content: str) -> bool:
    """Whether ``ssh-keygen`` finds a signature good."""
    with tempfile.TemporaryDirectory() as folder:
        allowed, file = Path(folder, "allowed"), Path(folder, "sig")
        allowed.write_text(f"mail@csp.eu {key}\n", "utf-8")
        file.write_text(signature, "utf-8", newline="")
        command = [
            "ssh-keygen",
            "-Y",
            "verify",
            "-f",
            str(allowed),
            "-I",
            "mail@csp.eu",
            "-n",
            "report",
            "-s",
            str(file),
        ]
        return subprocess.run(command, input=content.encode(), capture_output=True, check=False).returncode == 0


def documents_in(content: str, kind: str) -> list[Any]:
    """The documents of a body; a mistake is an answer 500."""
    if kind.endswith("json"):
        try:
            return [json.loads(content)]
        except ValueError:
            raise HttpError(500, "") from None
    loaded = load(content, is_json=False)
    if loaded.broken or loaded.refused_here:
        raise HttpError(500, "")
    return loaded.documents


def stored(document: Any, number: int) -> tuple[str, dict[str, Any], list[Row]]:
    """Key, content and rows of a report as the database has them; a mistake is an answer 500."""
    try:
        plain = json.loads(json.dumps(document, allow_nan=False, default=_as_text))
        text = json.dumps(plain, ensure_ascii=False)
        if "\\u0000" in text or any("\ud800" <= char <= "\udfff" for char in text):
            raise HttpError(500, "")
        identity, subject, scope = str(document["run"]["uuid"]), document["subject"], document["spec"]["uuid"]
        if any(key is None or isinstance(key, (list, dict)) for key in (document["run"]["uuid"], subject, scope)):
            raise HttpError(500, "")
        checked_at = _moment(document["checked_at"])
        rows = []
        if "versions" in document:
            return identity, plain, []
        for invocation in document["run"]["invocations"].values():
            for testcase, result in invocation["results"].items():
                if result is not None:
                    rows.append(
                        Row(number + len(rows), subject, str(scope), testcase, _integer(result), checked_at, identity)
                    )
    except (TypeError, LookupError, AttributeError, ValueError):
        raise HttpError(500, "") from None
    # Of one testcase in two invocations the later one counts.
    return identity, plain, list({row.testcase: row for row in rows}.values())


def _as_text(value: Any) -> str:
    if isinstance(value, dt.date):
        return str(value)
    raise TypeError(type(value).__name__)


def _moment(value: Any) -> dt.datetime:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).replace(tzinfo=None) if value.tzinfo else value
    if type(value) is dt.date:
        return dt.datetime.combine(value, dt.time())
    text = str(value) if isinstance(value, str) else ""
    day = dt.date.today()
    named = {"yesterday": -1, "today": 0, "tomorrow": 1}
    if text.lower() in named:
        return dt.datetime.combine(day + dt.timedelta(named[text.lower()]), dt.time())
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return dt.datetime.fromisoformat(text)
    if not (match := _TIME.fullmatch(text)):
        raise ValueError(text)
    return dt.datetime.fromisoformat(f"{match[1]} {match[2]}")


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError(value)
    number = int(value) if isinstance(value, (int, str)) else round(value)
    if not -(2**31) <= number < 2**31:
        raise ValueError(value)
    return number


class Server(http.server.ThreadingHTTPServer):
    """Serves a monitor on the loopback interface, by TLS if it is given a context."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, monitor: Monitor, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.monitor = monitor
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.server_port}/"
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no mistake of a test."""

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.monitor.let_go.set()
        self.shutdown()
        self.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        return email.utils.format_datetime(self.server.monitor.now().replace(tzinfo=dt.UTC), usegmt=True)

    def send_response(self, code: int, message: str | None = None) -> None:
        self.send_response_only(code, message)
        if not self.server.monitor.no_date:
            self.send_header("Date", self.date_time_string())

    def do_GET(self) -> None:
        self._handle("GET")

    def do_POST(self) -> None:
        self._handle("POST")

    def _handle(self, method: str) -> None:
        monitor = self.server.monitor
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {key.lower(): value for key, value in self.headers.items()}
        with monitor.lock:
            monitor.requests.append((method, parts.path, headers, body))
            waiting = monitor.faults[f"{method} {parts.path}"]
            fault = waiting.popleft() if waiting else monitor.always.get(f"{method} {parts.path}", "")
        if fault and self._fault(fault, lambda: self._result(method, parts, headers, body)):
            return
        self._answer(*self._result(method, parts, headers, body))

    def _result(self, method: str, parts: Any, headers: dict[str, str], body: bytes) -> tuple[int, bytes, str]:
        monitor = self.server.monitor
        try:
            if (method, parts.path) == ("POST", "/reports"):
                content = monitor.post_report(headers, body)
            elif (method, parts.path) == ("GET", "/status"):
                content = monitor.status(parse_qs(parts.query), headers)
            elif (method, parts.path) == ("GET", "/healthz"):
                return 200, b"", "application/json"
            elif method == "GET" and re.fullmatch(r"/reports/[^/]+", parts.path):
                content = monitor.get_report(unquote(parts.path.rpartition("/")[2]), headers)
            else:
                raise HttpError(404, "Not Found")
        except HttpError as error:
            if error.status == 500:
                return 500, b"Internal Server Error", "text/plain; charset=utf-8"
            return error.status, json.dumps({"detail": error.detail}).encode(), "application/json"
        return 200, json.dumps(content).encode(), "application/json"

    def _answer(self, status: int, content: bytes, kind: str, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name, value)
        if status == 401:
            self.send_header("WWW-Authenticate", "Basic")
        self.end_headers()
        self.wfile.write(content)

    def _fault(self, name: str, result: Callable[[], Any]) -> bool:
        """Do what goes wrong; False if the request is to go on."""
        if name == "ok":
            return False
        if name.isdigit():
            self._answer(int(name), b"Internal Server Error" if name == "500" else b"<html>away</html>", "text/plain")
        elif name in ("drop", "lost"):
            if name == "lost":
                result()
            self.close_connection = True
        elif name == "redirect":
            self._answer(307, b"", "text/plain", Location=self.server.monitor.elsewhere)
        elif name == "html":
            self._answer(200, b"<html>Log in</html>", "text/html")
        elif name == "strange":
            self._answer(200, b'{"a": [1, {"b": null}], "c": {"d": 1}}', "application/json")
        elif name == "gzip":
            self._answer(200, b"\x1f\x8b", "application/json", **{"Content-Encoding": "gzip"})
        elif name == "slow":
            self.server.monitor.let_go.wait(60)
            self.close_connection = True
        else:
            self._endless(name)
        return True

    def _endless(self, name: str) -> None:
        """A body without end, one that drips, or one that is shorter than it says."""
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        if name == "truncated":
            self.send_header("Content-Length", "100")
        self.end_headers()
        if name == "truncated":
            self.wfile.write(b"{")
        while name in ("endless", "drip") and not self.server.monitor.let_go.is_set():
            self.wfile.write(b" " * (1 << 20 if name == "endless" else 1))
            if name == "drip":
                self.server.monitor.let_go.wait(0.01)


def public_key(path: Path) -> str:
    """Type and key of a public key file."""
    return " ".join(path.read_text("utf-8").split()[:2])


def make_key(path: Path, kind: str = "ed25519") -> Path:
    """A key pair without a passphrase; the private key's path."""
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "test", "-f", str(path)], check=True)
    return path


def sign(key: Path, content: bytes, namespace: str = "report") -> bytes:
    """The armored signature of a content."""
    command = ["ssh-keygen", "-Y", "sign", "-q", "-f", str(key), "-n", namespace]
    return subprocess.run(command, input=content, capture_output=True, check=True).stdout


def token(name: str, password: str) -> str:
    """The content of a token file."""
    return base64.b64encode(f"{name}:{password}".encode()).decode()


def report_text(
    results: dict[str, int],
    *,
    subject: str = "cloud-a",
    checked_at: str = "",
    uuid: str = "0b0f7a0e-3d5c-4f0c-9d53-5a1f4d2f3a11",
    scope: str = "50393e6f-2ae1-4c5c-a62c-3b75f2abef3f",
    **more: Any,
) -> str:
    """A report in today's format."""
    when = checked_at or str(dt.datetime.now(dt.UTC).replace(tzinfo=None))
    document = {
        "spec": {"uuid": scope, "name": "A scope", "url": "https://scs.example/scope.yaml"},
        "checked_at": dt.datetime.fromisoformat(when),
        "subject": subject,
        "run": {
            "uuid": uuid,
            "argv": [],
            "assignment": {"os_cloud": subject},
            "invocations": {"a": {"id": "a", "cmd": "pytest", "results": results, "rc": 0, "stdout": [], "stderr": []}},
        },
        **more,
    }
    return yaml.safe_dump(document, explicit_start=True, sort_keys=False)
