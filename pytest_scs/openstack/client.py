# SPDX-License-Identifier: Apache-2.0
"""Reading from one cloud: counted requests, retries with back-off and a deadline, errors in plain words."""

from __future__ import annotations

import collections
import contextlib
import datetime as dt
import json
import threading
import time
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import tenacity
from keystoneauth1 import adapter, exceptions

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.openstack.explain import explain, innermost, kind_of, path_of

if TYPE_CHECKING:
    import requests
    from openstack.config.cloud_region import CloudRegion

T = TypeVar("T")

#: Tries per request (spec 3.9: three, with 1, 2, 4 s pause); the deadline may end them earlier.
TRIES = 4

_RETRIED_STATUS = (429, 500, 502, 503, 504)

# What was hardly carried out (see Client.doubtful). A creation that ended in 500 or a lost connection may have been.
_RETRIED_WRITE = (429, 503)


class Refused(Inconclusive):
    """A service answered with an error status; whether that is a violation, the caller knows."""

    def __init__(self, text: str, status: int, kind: CauseKind | None = None) -> None:
        super().__init__(text, kind or CauseKind.of_status(status))
        self.status = status


class Client:
    """A session with one cloud. It owns the counting and the retrying, and knows nothing of what is read."""

    def __init__(self, region: CloudRegion, deadline: float) -> None:
        """``deadline``: seconds after which a failing request is not tried again."""
        self.region = region
        self.requests: collections.Counter[str] = collections.Counter()
        self.section_requests: collections.Counter[str] = collections.Counter()
        self.server_time: dt.datetime | None = None
        self._deadline = deadline
        self._lock = threading.Lock()
        self._current = threading.local()
        self._session = region.get_session()
        self._session.session = self._counting(self._session.session)

    def another(self, auth: Any, region: str) -> Client:
        """A client of the same cloud for another user (a plugin of keystoneauth's); requests are counted here, too."""
        from openstack.config.cloud_region import CloudRegion

        config = {key: value for key, value in self.region.config.items() if key not in ("auth", "auth_type")}
        client = Client(CloudRegion(region_name=region or None, config=config, auth_plugin=auth), self._deadline)
        client.requests, client.section_requests, client._lock = self.requests, self.section_requests, self._lock
        return client

    @contextlib.contextmanager
    def reading(self, section: str) -> Iterator[None]:
        """Count what this thread requests meanwhile for a section of the inventory."""
        self._current.section = section
        try:
            yield
        finally:
            self._current.section = ""

    @property
    def user_id(self) -> str:
        """The id of the user, as the token has it."""
        return str(self.access().user_id)

    def access(self) -> Any:
        """The token's content (keystoneauth AccessInfo); authenticates at the first call."""
        auth: Any = self._session.auth
        return self._retried(lambda: auth.get_access(self._session), "identity")

    def pages(
        self, service: str, path: str, following: Callable[[dict[str, Any]], str | None], **options: Any
    ) -> Iterator[dict[str, Any]]:
        """All pages of a listing; ``following`` takes a page and gives its link to the next one.

        Only the link's query is used: a service behind a proxy may name another host, which must not get our token.
        ``options`` go to keystoneauth's Adapter (``version``) and to the request (``microversion``).
        Raises Inconclusive, in plain words, if a page cannot be read: Refused only if it is the first one, for half a
        listing is neither one that is forbidden nor the whole one.
        """
        endpoint, path = self._adapter(service, options.pop("version", None)), self._own(path)
        seen: set[str] = set()
        url: str | None = path
        while url:
            if url in seen:
                # Half a listing must not pass for the whole one.
                raise Inconclusive(
                    f"the {service} service's listing {path.partition('?')[0]} leads in a circle", CauseKind.MALFORMED
                )
            seen.add(url)
            try:
                page = self._retried(lambda url=url: endpoint.get(url, **options), service)  # type: ignore[misc]
            except Refused as error:
                if url == path:
                    raise
                raise Inconclusive(f"{error}, in the middle of a listing", error.kind) from error
            body = self._json(page, service)
            yield body
            link = following(body)
            url = f"{path.partition('?')[0]}?{urlsplit(link).query}" if link else None

    def get(self, service: str, path: str, *, version: str | None = None, **options: Any) -> dict[str, Any]:
        """One JSON object; raises Refused for an error status and Inconclusive if there is no usable answer."""
        endpoint, path = self._adapter(service, version), self._own(path)
        return self._json(self._retried(lambda: endpoint.get(path, **options), service), service)

    def text(self, service: str, path: str, *, version: str | None = None, **options: Any) -> str:
        """The body of an answer as text; raises like :meth:`get`."""
        endpoint = self._adapter(service, version)
        answer: str = self._retried(lambda: endpoint.get(path, **options), service).text
        return answer

    def post(
        self,
        service: str,
        path: str,
        body: dict[str, Any],
        *,
        version: str | None = None,
        repeatable: bool = False,
        **options: Any,
    ) -> dict[str, Any]:
        """Send a request; unless it is ``repeatable``, tried again only where it was certainly not carried out."""
        endpoint, path = self._adapter(service, version), self._own(path)
        answer = self._retried(lambda: endpoint.post(path, json=body, **options), service, writes=not repeatable)
        return self._json(answer, service)

    def upload(self, service: str, path: str, content: bytes, *, version: str | None = None) -> None:
        """Upload content, which may be repeated without harm; raises like :meth:`get`."""
        endpoint = self._adapter(service, version)
        headers = {"Content-Type": "application/octet-stream"}
        self._retried(lambda: endpoint.put(path, data=content, headers=headers), service)

    def download(self, service: str, path: str, size: int, *, version: str | None = None) -> bytes:
        """The first ``size`` bytes of a content that may be long; raises like :meth:`get`."""
        endpoint = self._adapter(service, version)

        def begin() -> bytes:
            content = b""
            try:
                with endpoint.get(path, stream=True, headers={"Accept": "application/octet-stream"}) as answer:
                    for part in answer.iter_content(size):
                        content += part
                        if len(content) >= size:
                            break
                return content[:size]
            except OSError as error:  # what requests raises while the content comes
                raise exceptions.ConnectFailure(str(error)) from error

        return self._retried(begin, service)

    def patch(
        self, service: str, path: str, changes: list[dict[str, Any]], content_type: str, *, version: str | None = None
    ) -> None:
        """Change a resource by a JSON patch, which may be repeated without harm; raises like :meth:`get`."""
        endpoint = self._adapter(service, version)
        headers = {"Content-Type": content_type}
        self._retried(lambda: endpoint.patch(path, data=json.dumps(changes), headers=headers), service)

    def put(self, service: str, path: str, body: dict[str, Any], *, version: str | None = None) -> dict[str, Any]:
        """Send a change that may be repeated without harm; raises like :meth:`get`."""
        endpoint = self._adapter(service, version)
        return self._json(self._retried(lambda: endpoint.put(path, json=body), service), service)

    def delete(self, service: str, path: str, *, version: str | None = None) -> None:
        """Ask for a deletion, which may be repeated without harm."""
        endpoint, path = self._adapter(service, version), self._own(path)
        self._retried(lambda: endpoint.delete(path), service)

    def send(
        self, method: str, service: str, path: str, body: dict[str, Any] | None = None, **options: Any
    ) -> tuple[int, dict[str, Any]]:
        """The status of the answer to any request, and its content (empty if there is none); raises like :meth:`get`.

        A POST is tried again only where it was certainly not carried out.
        """
        endpoint = self._adapter(service, options.pop("version", None))
        writes = method == "POST"
        answer = self._retried(lambda: endpoint.request(path, method, json=body, **options), service, writes=writes)
        return answer.status_code, self._json(answer, service) if answer.content else {}

    def newest(self, service: str) -> str:
        """The newest microversion of a service, such as ``2.93``; empty if it has none."""
        found: Any = self._retried(lambda: self._adapter(service, None).get_endpoint_data(), service)
        newest = found.max_microversion if found else None
        return ".".join(map(str, newest)) if newest else ""

    def offers(self, service: str) -> bool:
        """Whether the catalog has an endpoint of a service."""
        return self._find(service) is not None

    def endpoint(self, service: str) -> str:
        """The URL of a service in the configured region; raises Inconclusive if the catalog has none."""
        url = self._find(service)
        if url is None:
            raise Inconclusive(f"the catalog has no usable {service} endpoint", CauseKind.OUTAGE)
        return url

    def _own(self, path: str) -> str:
        return path.replace("{user}", self.user_id) if "{user}" in path else path

    def _find(self, service: str) -> str | None:
        def look_up() -> str | None:
            try:
                return self._adapter(service, None).get_endpoint() or None
            except exceptions.EndpointNotFound:
                return None

        return self._retried(look_up, service)

    def anonymous(self, url: str, method: str = "GET", **options: Any) -> requests.Response:
        """A request without a token, with the TLS settings and time limit of clouds.yaml; its status is not judged.

        ``options`` are those of requests (``auth``, ``data``). Raises Inconclusive if there is no answer.
        """
        self._current.service = "object-store"
        session = self._session
        options |= {"verify": session.verify, "cert": session.cert, "timeout": session.timeout}
        try:
            return session.session.request(method, url, allow_redirects=False, **options)
        except OSError as error:  # what requests raises
            raise Inconclusive(f"no connection to {url}: {innermost(error)}", kind_of(error)) from error

    def _adapter(self, service: str, version: str | None) -> adapter.Adapter:
        region = self.region
        return adapter.Adapter(
            session=self._session,
            service_type=region.get_service_type(service),
            service_name=region.get_service_name(service),
            interface=region.get_interface(service),
            region_name=region.get_region_name(service),
            endpoint_override=region.get_endpoint(service),
            version=version,
        )

    def _retried(self, action: Callable[[], T], service: str, *, writes: bool = False) -> T:
        self._current.service = service
        self._current.doubtful = False
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_not_carried_out if writes else _worth_another_try),
            before_sleep=self._note_doubt,
            wait=_pause,
            stop=tenacity.stop_after_attempt(TRIES) | tenacity.stop_before_delay(self._deadline),
            reraise=True,
        )
        try:
            return retrying(lambda: _with_new_token(action))
        except exceptions.HttpError as error:
            raise Refused(explain(error, service), error.http_status, kind_of(error)) from error
        except exceptions.ClientException as error:
            raise Inconclusive(explain(error, service), kind_of(error)) from error

    @property
    def doubtful(self) -> bool:
        """Whether this thread's last request was repeated after an answer that is no proof of its having no effect."""
        return bool(getattr(self._current, "doubtful", False))

    def _note_doubt(self, state: tenacity.RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if getattr(error, "http_status", None) != 429:
            self._current.doubtful = True

    def _json(self, response: requests.Response, service: str) -> dict[str, Any]:
        try:
            body = response.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise Inconclusive(
                f"the {service} service answered {_what(response.request)} with something that is no JSON object",
                CauseKind.MALFORMED,
            )
        return body

    def _counting(self, session: requests.Session) -> requests.Session:
        send = session.send

        def counted(request: requests.PreparedRequest, **options: Any) -> requests.Response:
            with self._lock:
                self.requests[getattr(self._current, "service", "identity")] += 1
                if section := getattr(self._current, "section", ""):
                    self.section_requests[section] += 1
            before = time.time()
            response = send(request, **options)
            if self.server_time is None and "Date" in response.headers and time.time() - before < 10:
                self.server_time = _date(response.headers["Date"])
            return response

        session.send = counted  # type: ignore[method-assign]
        return session


def _worth_another_try(error: BaseException) -> bool:
    if isinstance(error, exceptions.HttpError):
        return error.http_status in _RETRIED_STATUS
    if isinstance(error, exceptions.SSLError):
        return False
    return isinstance(error, (exceptions.ConnectionError, exceptions.DiscoveryFailure))


def _with_new_token(action: Callable[[], T]) -> T:
    """Try once more what was refused for its token.

    keystoneauth renews a token that has expired, but only for the first of several threads that notice.
    """
    try:
        return action()
    except exceptions.Unauthorized as error:
        if "/auth/tokens" in (error.url or ""):
            raise  # a wrong password does not get better, and may lock the account
        return action()


def _not_carried_out(error: BaseException) -> bool:
    return isinstance(error, exceptions.HttpError) and error.http_status in _RETRIED_WRITE


def _pause(state: tenacity.RetryCallState) -> float:
    """Seconds to wait: 1, 2, 4, or what the service asks for with ``Retry-After``."""
    pause = float(2 ** (state.attempt_number - 1))
    error = state.outcome.exception() if state.outcome else None
    asked = getattr(error, "retry_after", None)
    return max(pause, float(asked)) if asked else pause


def _what(request: requests.PreparedRequest) -> str:
    return f"{request.method} {path_of(request.url)}"


def _date(value: str) -> dt.datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
