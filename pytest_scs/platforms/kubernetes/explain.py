# SPDX-License-Identifier: Apache-2.0
"""One line, in words, for what went wrong between us and an API server.

Nothing here names the server: causes stand in reports that are public. ``place_of`` is for the terminal.
"""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from pytest_scs.base.words import shown
from pytest_scs.core.cause import CauseKind, Inconclusive

# What OpenSSL says, and what that means.
_TLS = (
    (r"certificate has expired", "its certificate has expired"),
    (r"not yet valid", "its certificate is not yet valid"),
    (r"hostname mismatch|ip address mismatch|doesn't match|not valid for", "its certificate is for another name"),
    (
        r"unable to get local issuer|signature failure|self.signed|unknown ca|unable to get issuer",
        "its certificate is not signed by the certificate authority of the kubeconfig",
    ),
    (
        r"wrong version number|record layer failure|http request|packet length",
        "what answers there does not speak TLS",
    ),
    (
        r"certificate required|bad certificate|handshake failure|certificate unknown|certificate expired",
        "it does not take the client certificate of the kubeconfig",
    ),
    (r"certificate verify failed", "its certificate cannot be verified"),
)

_RIGHT = re.compile(r'cannot (?P<verb>[\w-]+) (?:resource|path) "(?P<what>[^"]+)"(?: in API group "(?P<group>[^"]*)")?')
_USER = re.compile(r'\b[Uu]ser "[^"]*"')

# Characters of an answer's own words that are looked at.
_SAID = 2048


class Unreachable(Inconclusive):
    """There is no answer, or none that can be taken; ``again``: that may be another matter in a moment.

    ``doubtful``: the request may have been carried out all the same.
    """

    def __init__(
        self, text: str, kind: CauseKind = CauseKind.OUTAGE, *, again: bool = False, doubtful: bool = False
    ) -> None:
        super().__init__(text, kind)
        self.again = again
        self.doubtful = doubtful


class Refused(Inconclusive):
    """An answer with an error status: ``status``, ``reason`` (as in a Status object), ``message``, ``headers``.

    The names of headers are in lower case. ``doubtful``: an earlier try may have been carried out, and be the reason.
    A redirect is one, too: nothing is sent to where it leads.
    """

    def __init__(self, status: int, reason: str, message: str, headers: Mapping[str, str]) -> None:
        super().__init__(_in_words(status, " ".join((message or reason).split())), CauseKind.of_status(status))
        self.doubtful = False
        self.status = status
        self.reason = reason
        self.message = message
        self.headers = headers


def refused(status: int, content: bytes, headers: Mapping[str, str]) -> Refused:
    """What an answer with an error status is, whatever comes with it."""
    text = content[: 64 * 1024].decode("utf-8", "replace")
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        # A page of something in between, which says in its title what the status says already; text of the server.
        said = {} if "<" in text else {"message": text[:_SAID].strip()}
    said = said if isinstance(said, dict) else {}
    reason, message = said.get("reason"), said.get("message")
    return Refused(
        status,
        reason if isinstance(reason, str) else "",
        message[:_SAID] if isinstance(message, str) else "",
        {name.lower(): value for name, value in headers.items()},
    )


def no_answer(error: BaseException) -> Unreachable:
    """Why there is no answer to a request that was sent, or could not be."""
    if isinstance(error, Unreachable):
        return error
    import urllib3.exceptions as faults

    chain = [*_chain(error)]
    if tls := next((one for one in chain if isinstance(one, ssl.SSLError)), None):
        if isinstance(tls, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
            return Unreachable("the connection was dropped", again=True, doubtful=True)
        return Unreachable(f"TLS failed: {_tls_words(tls)}")
    if any(
        isinstance(one, (faults.LocationValueError, UnicodeEncodeError)) or type(one) is UnicodeError for one in chain
    ):
        return Unreachable("the address of the server cannot be used", CauseKind.NOT_GIVEN)
    # A name that is not found is a connection that cannot be made, for urllib3.
    if any(isinstance(one, faults.NameResolutionError) for one in chain):
        return Unreachable("the name of the server is unknown")
    if isinstance(error, faults.ProxyError):
        return Unreachable("the proxy does not let us through", again=True)
    refusal = next((one for one in chain if isinstance(one, ConnectionRefusedError)), None)
    if refusal:
        # For urllib3, what cannot be connected to is a case of what takes too long.
        return Unreachable(str(refusal.strerror or "connection refused").lower(), again=True)
    if isinstance(error, faults.NewConnectionError):
        return Unreachable(f"no connection ({_system_words(chain)})", again=True)
    if isinstance(error, faults.ConnectTimeoutError):
        return Unreachable("no connection within the time for one", CauseKind.TIMEOUT, again=True)
    if isinstance(error, (faults.ReadTimeoutError, TimeoutError)):
        return Unreachable("no answer in time", CauseKind.TIMEOUT, again=True, doubtful=True)
    if isinstance(error, (faults.ProtocolError, ConnectionError)):
        return Unreachable(_protocol_words(chain), again=True, doubtful=True)
    if isinstance(error, (faults.DecodeError, ValueError)):
        return Unreachable("its answer cannot be read", CauseKind.MALFORMED)
    return Unreachable(f"no connection ({_system_words(chain)})", again=True)


def place_of(server: str) -> str:
    """Host and port of a server, for the terminal only."""
    parts = urlsplit(server)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    return f"{parts.hostname}:{port}"


def _in_words(status: int, said: str) -> str:
    """What the API server answered, without the user that the kubeconfig names."""
    if status == 401:
        return "credentials rejected (401)"
    if status == 403 and (match := _RIGHT.search(said)):
        verb, what, group = match["verb"], match["what"], match["group"]
        return f"the right to {verb} {what}{f' of {group}' if group else ''} is missing (403)"
    words = shown(_USER.sub("the user", said))
    return f"the API server answered {status}{f' ({words})' if words else ''}"


def _tls_words(error: ssl.SSLError) -> str:
    text = re.sub(r"_", " ", f"{getattr(error, 'reason', '')} {getattr(error, 'verify_message', '')} {error}").lower()
    for pattern, words in _TLS:
        if re.search(pattern, text):
            return words
    return "the connection was not accepted"


def _protocol_words(chain: list[BaseException]) -> str:
    text = " ".join(f"{type(one).__name__} {one}" for one in chain)
    if re.search(r"IncompleteRead|InvalidChunkLength", text):
        return "its answer breaks off"
    if re.search(r"BadStatusLine|UnknownProtocol|LineTooLong|got more than \d+ headers", text):
        return "what answers there does not speak HTTP"
    return "the connection was dropped"


def _system_words(chain: list[BaseException]) -> str:
    found = (str(one.strerror) for one in chain if isinstance(one, OSError) and one.strerror)
    return next(found, "no reason is known").lower()


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: list[Any] = []
    while error is not None and error not in seen:
        seen.append(error)
        yield error
        inner = next((one for one in getattr(error, "args", ()) if isinstance(one, BaseException)), None)
        error = inner or getattr(error, "original_error", None) or error.__cause__ or error.__context__
