# SPDX-License-Identifier: Apache-2.0
"""The one way by which requests leave: no redirect that leads astray, no answer without bound, strict JSON.

See docs/standards/framework.md#redirects and #limits. All sessions are made here, so that no caller has to think of it.
"""

from __future__ import annotations

import http.client
from collections.abc import Callable
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import urllib3
from requests.cookies import RequestsCookieJar, extract_cookies_to_jar

from pytest_scs.base.strict_json import NoStrictJson, read_json
from pytest_scs.platforms.openstack import bounds
from pytest_scs.platforms.openstack.explain import path_of
from pytest_scs.platforms.openstack.receiving import BoundedResponse, body_of, note_asked
from pytest_scs.platforms.openstack.redirects import REDIRECTING, is_address, origin_of, redirected, shown_address
from pytest_scs.platforms.openstack.surroundings import Surroundings

# As much of an answer as json() may leave in memory beside what it has read of it.
_KEPT = 2**20

_UNREAD: Any = object()


class Answer(requests.Response):
    """An answer that is there as a whole."""

    _document: Any = _UNREAD

    def json(self, **options: Any) -> Any:
        """The content as strict JSON; raises requests' JSONDecodeError, a ValueError, with the reason in words."""
        if self._document is _UNREAD:
            try:
                self._document = read_json(self.content)
            except NoStrictJson as error:
                raise requests.exceptions.JSONDecodeError(str(error), "", 0) from error
            if len(self.content) > _KEPT:
                self._content = b""
        return self._document

    @property
    def apparent_encoding(self) -> str:
        """UTF-8, as all of OpenStack has it; guessing would take minutes for a large answer."""
        return "utf-8"


class _PlainConnection(urllib3.connection.HTTPConnection):
    response_class = BoundedResponse


class _SecureConnection(urllib3.connection.HTTPSConnection):
    response_class = BoundedResponse

    @property
    def is_connected(self) -> bool:
        """Whether it may be used again: what came after the last answer must not be taken for the next one."""
        pending: Any = getattr(self.sock, "pending", None)
        return bool(super().is_connected) and not (pending and pending())


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


_POOLS = {"http": _PlainPool, "https": _SecurePool}


def _bound(adapter: Any) -> None:
    """Let an adapter, whatever its class, make connections that give bounded answers, by a proxy as well."""
    if not hasattr(adapter, "poolmanager") or adapter.poolmanager.pool_classes_by_scheme is _POOLS:
        return
    adapter.poolmanager.pool_classes_by_scheme = _POOLS
    manager_for = adapter.proxy_manager_for

    def proxy_manager_for(*args: Any, **options: Any) -> Any:
        manager = manager_for(*args, **options)
        manager.pool_classes_by_scheme = _POOLS
        return manager

    adapter.proxy_manager_for = proxy_manager_for


class GuardedSession(requests.Session):
    """A session of requests that keeps the rules of this module; may be used by several threads at a time."""

    surroundings: Surroundings
    jars: dict[Any, RequestsCookieJar]

    def request(  # type: ignore[override]
        self,
        method: str,
        url: str,
        *,
        sent: Callable[[], None] = lambda: None,
        answered: Callable[[requests.Response], None] = lambda answer: None,
        **options: Any,
    ) -> requests.Response:
        """Send a request, follow redirects as far as they may be followed, and give the answer.

        ``sent`` is called before each request that leaves, ``answered`` with each answer. With ``stream`` the content
        of an answer without error is left to the caller. Raises UnusableAnswer, or what requests raises.
        """
        if not is_address(url):
            found = f"has the address {shown_address(url)}"
            raise bounds.UnusableAnswer(f"{found}, which is no URL of HTTP; correct the catalog")
        body = bool(options.get("data"))
        note_asked(f"{method} {path_of(url)}")
        with bounds.within(bounds.Limit.of(bounds.ANSWER)):
            seen = [url]
            while True:
                sent()
                answer = self._send_one(method, seen[-1], options)
                answered(answer)
                if answer.status_code not in REDIRECTING:
                    return answer
                location = answer.headers.get("Location")
                seen.append(redirected(method, seen[-1], answer.status_code, location, seen, body=body))

    def _send_one(self, method: str, url: str, options: dict[str, Any]) -> requests.Response:
        limit = bounds.current()
        limit.check(f"{method} {path_of(url)}")
        timeout = options.get("timeout")
        patience = min(timeout, limit.left) if isinstance(timeout, int | float) else limit.left
        stream = bool(options.get("stream"))
        own = {"timeout": patience, "stream": True, "allow_redirects": False, "cookies": self._cookies(url)}
        try:
            raw = super().request(method, url, **options | own)
        except (requests.Timeout, requests.ConnectionError):
            limit.check(f"{method} {path_of(url)}")
            raise
        extract_cookies_to_jar(self._cookies(url), raw.request, raw.raw)  # type: ignore[no-untyped-call]
        answer = Answer()
        vars(answer).update(vars(raw))
        if stream and answer.ok and answer.status_code not in REDIRECTING:
            return answer
        _take_body(answer)
        return answer

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: requests itself follows nothing."""

    def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        """Proxies, certificates and the like for a request, as the environment had them at the beginning."""
        settings = super().merge_environment_settings(url, proxies, stream, verify, cert)
        named = self.surroundings.certificates
        return {
            **settings,
            "proxies": {**self.surroundings.proxies_for(str(url)), **settings["proxies"]},
            "verify": named if named and verify in (True, None) else settings["verify"],
        }

    def _cookies(self, url: str) -> RequestsCookieJar:
        """The cookies of an origin: what is said to be for a host holds for all of its ports otherwise."""
        return self.jars.setdefault(origin_of(url), RequestsCookieJar())


def guarded(session: requests.Session, surroundings: Surroundings) -> GuardedSession:
    """A session with the connections, headers and settings of another one, which must not be used any more."""
    made = GuardedSession()
    vars(made).update(vars(session))
    made.trust_env = False  # no .netrc, either: it would give a password to whatever host it lists
    made.surroundings = surroundings
    made.jars = {}
    made.cookies = RequestsCookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
    made.headers["Accept-Encoding"] = "gzip, deflate"
    for adapter in made.adapters.values():
        _bound(adapter)
    return made


def _take_body(answer: Answer) -> None:
    """Read the content of an answer to its end, or, of one that says what is wrong, its beginning."""
    most = bounds.ERROR_BODY if answer.status_code >= 300 else None
    raw: Any = answer.raw
    try:
        content = body_of(
            lambda number: raw.read(number, decode_content=False), answer.headers.get("Content-Encoding", ""), most
        )
    except bounds.UnusableAnswer:
        raw.close()
        if most is None:
            raise
        content = b""  # the status says enough
    except TimeoutError as error:
        raw.close()
        raise requests.exceptions.ReadTimeout(str(error), request=answer.request) from error
    except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError) as error:
        raw.close()
        if isinstance(error, urllib3.exceptions.ReadTimeoutError):
            raise requests.exceptions.ReadTimeout(str(error), request=answer.request) from error
        raise requests.exceptions.ConnectionError(error, request=answer.request) from error
    if most is not None and len(content) >= most:
        raw.close()
    else:
        raw.release_conn()
    answer._content = content
    answer._content_consumed = True  # type: ignore[attr-defined]
