# SPDX-License-Identifier: Apache-2.0
"""One line for what went wrong between us and a service."""

from __future__ import annotations

import html
import logging
import re
import traceback
from urllib.parse import urlsplit

import requests
from keystoneauth1 import exceptions

from pytest_scs.base.strict_json import NoStrictJson
from pytest_scs.core.cause import CauseKind
from pytest_scs.platforms.openstack import bounds
from pytest_scs.platforms.openstack.redirects import shown_address

# What the text of an exception of http.client or urllib3 has in it, and what that means.
_BROKEN = (
    (r"IncompleteRead|InvalidChunkLength|ProtocolError", "the answer breaks off"),
    (r"BadStatusLine|UnknownProtocol", "what answers there does not speak HTTP"),
    (r"Bad version data returned|List returned instead of dict", "what answers there gives no list of its versions"),
    (r"LineTooLong|got more than \d+ headers", "the header of the answer is too long"),
)

_NO_TLS = "that port does not speak TLS; perhaps it is http://, or the port is wrong"

_log = logging.getLogger(__name__)

# What libraries and Python raise while an answer is read, in words that go on after "answered GET /flavors".
_UNREADABLE = (
    (OverflowError, "with a number that is too large"),
    (RecursionError, "with something that is nested too deep"),
    (MemoryError, "with more than this machine's memory holds"),
    (UnicodeError, "with a text that cannot be read"),
)

# Of no use to who reads a verdict, and different in every run.
_REQUEST_ID = re.compile(r"\s*\(?(Request-ID:?|request id:?)?\s*\breq-[0-9a-f-]{36}\)?", re.IGNORECASE)


def explain(error: Exception, service: str) -> str:
    """One line for what went wrong between us and a service; no token, no user information in URLs."""
    if isinstance(error, bounds.UnusableAnswer):
        return f"the {service} service {error.text}"
    if isinstance(error, exceptions.HttpError):
        status = error.http_status
        details = said_by(error)
        line = f"the {service} service answered {error.method} {path_of(error.url)} with {status}"
        line += f" ({details[:200].rstrip('. ')})" if details else ""
        if status == 403 and not speaks_of_quota(details):
            # What the identity service forbids concerns managers.
            must = "" if service == "identity" else "; a user with role member must be allowed this"
            return f"{line}: the user lacks the permission{must}"
        if status == 406:
            return f"{line}: it does not know the microversion (Nova before Queens cannot be judged)"
        return line
    if isinstance(error, (exceptions.EndpointNotFound, exceptions.MissingAuthPlugin)):
        return f"the catalog has no usable {service} endpoint (region or interface in clouds.yaml may be wrong)"
    if isinstance(error, exceptions.SSLError):
        cause = innermost(error)
        if _speaks_no_tls(error):
            return f"TLS to the {service} service failed: {_NO_TLS}; correct its endpoint in the catalog"
        if _wants_certificate(error):
            return f"TLS to the {service} service failed: {cause}; see cert and key in clouds.yaml"
        return f"TLS to the {service} service failed: {cause}; see verify and cacert in clouds.yaml"
    if isinstance(error, exceptions.ConnectTimeout):
        return f"the {service} service did not answer in time: {_url(error)}"
    if isinstance(error, exceptions.ConnectionError):
        return f"no connection to the {service} service: {_url(error)}: {innermost(error)}"
    if isinstance(error, exceptions.InvalidResponse):
        request = error.response.request
        why = getattr(error.__context__, "__cause__", None)
        what = f"{request.method} {path_of(request.url)} with something unusable"
        return f"the {service} service answered {what}{f': {why}' if isinstance(why, NoStrictJson) else ''}"
    if isinstance(error, exceptions.DiscoveryFailure):
        return f"the {service} service gives no usable list of its versions: {innermost(error)}"
    said = " ".join(str(error).split())[: bounds.SHOWN]
    return f"the {service} service cannot be used: {said or 'no reason is known'}"


def unreadable(error: BaseException) -> str:
    """What is wrong with an answer that made a library raise something, in words that name no class."""
    if isinstance(error, OSError):
        return f"in no way that can be read: {innermost(error)}"
    words = (words for kind, words in _UNREADABLE if isinstance(error, kind))
    return next(words, "with something that does not have the documented form")


def in_words(error: BaseException) -> str:
    """What an exception that nobody foresaw means to people; its class and text are for the log."""
    _log.debug("an exception that nobody foresaw", exc_info=error)
    return f"the cloud answered {unreadable(error)}"


def kind_of(error: Exception) -> CauseKind:
    """What went wrong between us and a service is a case of this.

    Where a quota is used up, Nova and Barbican answer 403, Neutron 409, and say so; Cinder's 413 means nothing else.
    """
    if isinstance(error, bounds.UnusableAnswer):
        return error.kind
    if isinstance(error, exceptions.HttpError):
        status = error.http_status
        quota = status == 413 or (status in (403, 409) and speaks_of_quota(said_by(error)))
        return CauseKind.QUOTA if quota else CauseKind.of_status(status)
    if isinstance(error, (exceptions.ConnectTimeout, requests.Timeout, TimeoutError)):
        return CauseKind.TIMEOUT
    if isinstance(error, (exceptions.MissingAuthPlugin, exceptions.AuthorizationFailure)):
        return CauseKind.AUTHENTICATION
    silent = (OSError, exceptions.ConnectionError, exceptions.DiscoveryFailure, exceptions.EndpointNotFound)
    if isinstance(error, silent):
        return CauseKind.OUTAGE
    return CauseKind.MALFORMED


def kind_of_standstill(status: object) -> CauseKind:
    """Why something did not get where it should, by the status it has: from ``error`` it does not move any more."""
    return CauseKind.OUTAGE if str(status).lower().startswith("error") else CauseKind.TIMEOUT


def speaks_of_quota(text: str) -> bool:
    """Whether a service refused something for its quota: Nova and Barbican answer 403, as to who has no permission."""
    return re.search(r"quota|over ?limit|\blimits?\b", text, re.IGNORECASE) is not None


def said_by(error: exceptions.HttpError) -> str:
    """What a service says about its error; each has a form of its own, and keystoneauth does not know them all."""
    try:
        body = error.response.json() if error.response is not None else None
    except ValueError:
        body = None
    if isinstance(body, dict):
        # {"badRequest": {"message": ...}}, {"NeutronError": {...}}, {"error": {...}}; Barbican has no envelope.
        inner = next((value for value in body.values() if isinstance(value, dict)), body)
        for key in ("message", "description", "title"):
            if isinstance(inner.get(key), str):
                return " ".join(_REQUEST_ID.sub("", inner[key][: bounds.SHOWN]).split())
    # No more than is shown is searched: patterns take their time with a megabyte of what they almost match.
    text = str(getattr(error, "details", "") or "")[: 4 * bounds.SHOWN]
    text = _REQUEST_ID.sub("", text)
    # Glance and Swift answer with a page for a browser; its title says what we say already.
    page = re.search(r"<h1>.*?</h1>(.*)</body>", text, re.DOTALL | re.IGNORECASE)
    return " ".join(html.unescape(re.sub(r"<[^<>]*>", " ", page[1])).split()) if page else " ".join(text.split())


def tls_words(error: BaseException) -> str:
    """Why TLS failed, and what to do about it in clouds.yaml."""
    if _speaks_no_tls(error):
        return _NO_TLS
    if _wants_certificate(error):
        return f"{innermost(error)}; see cert and key there"
    return f"{innermost(error)}; see verify and cacert there"


def _speaks_no_tls(error: BaseException) -> bool:
    odd = "wrong version number|record layer failure|http request|unexpected message|packet length"
    return re.search(odd, str(error), re.IGNORECASE) is not None


def _wants_certificate(error: BaseException) -> bool:
    return re.search("alert (certificate required|bad certificate)", str(error), re.IGNORECASE) is not None


def in_discovery(error: BaseException) -> bool:
    """Whether keystoneauth raised this while it read the versions of a service, which it may have read before."""
    rooms = [frame.f_globals.get("__name__") for frame, _ in traceback.walk_tb(error.__traceback__)]
    # An address that cannot be parsed was never asked for anything.
    return "keystoneauth1.discover" in rooms and rooms[-1] != "urllib.parse"


def chain_of(error: BaseException | None) -> list[BaseException]:
    """What an error came from, the error itself left out; the nearest first."""
    found: list[BaseException] = []
    while error is not None and (error := error.__cause__ or error.__context__) is not None and error not in found:
        found.append(error)
    return found


def path_of(url: str | None) -> str:
    """The path of a URL, without what may identify a user or a host."""
    return urlsplit(url or "").path


def _url(error: Exception) -> str:
    match = re.search(r"https?://[^\s'\"<>]+", str(error))
    return shown_address(match[0].rstrip(":,.;)")) if match else "unknown address"


def innermost(error: BaseException) -> str:
    """The last clause of a nested exception text, which is the one that says something: ``Connection refused``."""
    for pattern, words in _BROKEN:
        if re.search(pattern, str(error)):
            return words
    text = re.sub(r" \(_ssl\.c:\d+\)| \(Request-ID: [^)]*\)", "", " ".join(str(error).split())).rstrip(")'\" ")
    # ('Connection aborted.', RemoteDisconnected('Remote end closed connection without response'))
    clauses = re.split(r": |\] |\w+\((?:-?\d+, )?['\"]", text)
    return clauses[-1].rstrip(")'\" ") or text
