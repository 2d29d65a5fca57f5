# SPDX-License-Identifier: Apache-2.0
"""One request to the compliance monitor, bounded in size and time, and what goes wrong with it in plain words.

No redirect is followed, and no credentials go to another host. Proxies are those of the environment.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import errno
import os
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from pytest_scs.base.http_dates import instant
from pytest_scs.base.urls import check_url, is_this_machine
from pytest_scs.base.words import cut, lasting, printable

if TYPE_CHECKING:
    import requests

#: Bytes of an answer that are read, and seconds that a request may take as a whole.
MOST_BYTES: Final = 32 * 1024 * 1024
MOST_SECONDS: Final = 120.0

_CHUNK: Final = 64 * 1024

# Names of exceptions of the libraries in between, each of which has its own.
_BROKEN_OFF: Final = {
    "RemoteDisconnected",
    "IncompleteRead",
    "ProtocolError",
    "ChunkedEncodingError",
    "InvalidChunkLength",
}
_NO_URL: Final = {"InvalidURL", "LocationParseError", "InvalidSchema", "InvalidProxyURL"}


class Unreachable(Exception):
    """There is no answer that could be used; the text is one plain line that begins with the host.

    ``for_good``: trying again does not help, as with a certificate that is not trusted. ``status`` is that of an
    answer, 0 where there was none.
    """

    def __init__(self, text: str, *, for_good: bool = False, status: int = 0) -> None:
        super().__init__(text)
        self.for_good = for_good
        self.status = status


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """An answer of whatever status; ``date`` is the server's clock (UTC), None where it does not tell."""

    status: int
    body: bytes
    content_type: str = ""
    date: dt.datetime | None = None
    retry_after: str = ""
    location: str = ""


def request(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None = None,
    *,
    authorization: str = "",
    most: int = MOST_BYTES,
    seconds: float = MOST_SECONDS,
) -> Answer:
    """Send one request, and read its answer whole; raises Unreachable.

    The body is sent as it is. ``authorization`` is the header of that name; nothing else (``.netrc``) makes one. A
    redirect is an answer like others, and is not followed.
    """
    check_url(url, "request")
    until = time.monotonic() + seconds
    host = _host(url)

    def ask() -> Answer:
        import requests
        from urllib3.exceptions import HTTPError

        try:
            with _session(url) as session:
                answer = session.request(
                    method,
                    url,
                    headers={"User-Agent": "pytest-scs", "Accept-Encoding": "identity", **headers},
                    data=body,
                    auth=_authorizing(authorization),
                    allow_redirects=False,
                    stream=True,
                    timeout=(min(30.0, seconds), seconds),
                )
                with contextlib.closing(answer):
                    return _answer(answer, host, most, until)
        except (requests.RequestException, HTTPError, HTTPException, OSError, ValueError) as error:
            raise _unreachable(error, host, seconds) from None

    return _within(seconds, ask, host)


def _session(url: str) -> requests.Session:
    import requests

    session = requests.Session()
    if is_this_machine(urlsplit(url).hostname or ""):
        # A proxy is another host, and on the way to it nothing would be encrypted.
        session.trust_env = False
        session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
    return session


def _authorizing(authorization: str) -> Callable[[Any], Any]:
    """What sets the header. Without anything here, requests would look into ``.netrc``."""

    def set_header(prepared: Any) -> Any:
        if authorization:
            prepared.headers["Authorization"] = authorization
        return prepared

    return set_header


def _host(url: str) -> str:
    return printable(urlsplit(url).netloc)


def _answer(answer: requests.Response, host: str, most: int, until: float) -> Answer:
    headers = answer.headers
    if headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise Unreachable(f"{host} answers in an encoding that was not asked for", for_good=True)
    content = bytearray()
    while chunk := answer.raw.read1(_CHUNK):
        content += chunk
        if len(content) > most:
            raise Unreachable(f"{host} answers with more than {most >> 20} MiB", for_good=True)
        if time.monotonic() > until:
            raise Unreachable(f"{host} did not end its answer in time")
    expected = headers.get("Content-Length", "")
    if expected.isascii() and expected.isdigit() and len(content) < int(expected[:20]):
        raise Unreachable(f"{host} broke off after {len(content)} of {expected[:20]} bytes")
    return Answer(
        answer.status_code,
        bytes(content),
        headers.get("Content-Type", ""),
        instant(headers["Date"]) if "Date" in headers else None,
        headers.get("Retry-After", "")[:100],
        headers.get("Location", "")[:200],
    )


def _within(seconds: float, ask: Callable[[], Answer], host: str) -> Answer:
    """What ``ask`` gives within so many seconds.

    The time limits of sockets begin anew with every byte, and names are looked up without any. A thread that nobody
    waits for any longer ends with the process; Ctrl-C is heard at once.
    """
    found: queue.SimpleQueue[Answer | BaseException] = queue.SimpleQueue()

    def work() -> None:
        try:
            found.put(ask())
        except BaseException as error:  # handed to whoever waits
            found.put(error)

    threading.Thread(target=work, name="scs-request", daemon=True).start()
    try:
        answer = found.get(timeout=seconds)
    except queue.Empty:
        raise Unreachable(f"{host} does not answer within {lasting(seconds)}") from None
    if isinstance(answer, BaseException):
        raise answer
    return answer


def _unreachable(error: BaseException, host: str, seconds: float) -> Unreachable:
    """What went wrong, in words; libraries wrap it several times."""
    causes = list(_causes(error))
    place = f"{host} (by the proxy of the environment)" if _is_of_proxy(causes) else host
    for cause in causes:
        if isinstance(cause, Unreachable):
            return cause
        if isinstance(cause, OSError) and (found := _of_system(cause, place, seconds)):
            return found
    names = {type(cause).__name__ for cause in causes}
    if any("Timeout" in name for name in names):
        return Unreachable(f"{host} does not answer within {lasting(seconds)}")
    if names & _BROKEN_OFF:
        return Unreachable(f"{host} broke off the connection without a whole answer")
    if names & _NO_URL:
        return Unreachable(f"{host} cannot be asked ({_short(error)})", for_good=True)
    # Such as a bundle of authorities that is not there: Python's own errors have words, the libraries' have objects.
    own = [str(cause) for cause in causes if type(cause).__module__ == "builtins" and str(cause)]
    return Unreachable(f"{place} cannot be reached ({_short(own[-1] if own else type(error).__name__)})", for_good=True)


def _of_system(cause: OSError, host: str, seconds: float) -> Unreachable | None:
    """The words for what the system says; None for an error that only wraps another."""
    match cause:
        case ssl.SSLCertVerificationError():
            why = f"its certificate is not trusted ({_short(cause.verify_message)})"
            return Unreachable(f"{host}: {why}; an authority of your own: REQUESTS_CA_BUNDLE=FILE", for_good=True)
        case ssl.SSLError():
            return Unreachable(f"{host}: no TLS connection ({_short(cause.reason or cause)})", for_good=True)
        case socket.gaierror():
            text = f"{host} cannot be reached: its name leads nowhere ({_short(cause.strerror or cause)})"
            return Unreachable(text, for_good=cause.errno != socket.EAI_AGAIN)
        case TimeoutError():
            return Unreachable(f"{host} does not answer within {lasting(seconds)}")
    if cause.errno in errno.errorcode:
        return Unreachable(f"{host} cannot be reached ({_short(cause.strerror or cause)})")
    return None


def _is_of_proxy(causes: list[BaseException]) -> bool:
    return any(type(cause).__name__ == "ProxyError" for cause in causes)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception and all those in it, each once."""
    pending: list[Any] = [error]
    seen: set[int] = set()
    while pending:
        one = pending.pop(0)
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            pending += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]


def _short(text: object) -> str:
    return cut(printable(" ".join(str(text).split())), 120)
