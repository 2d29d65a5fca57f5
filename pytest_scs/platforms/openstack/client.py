# SPDX-License-Identifier: Apache-2.0
"""Requests to one cloud: counted, tried again with back-off until a deadline, with errors in plain words."""

from __future__ import annotations

import copy
import dataclasses
import json
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from keystoneauth1 import adapter, exceptions

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.evidence.request_count import RequestCount
from pytest_scs.platforms.openstack import bounds
from pytest_scs.platforms.openstack.clock import Clock, LogIn
from pytest_scs.platforms.openstack.counting import CountedRequests, CountedSession, counted_session
from pytest_scs.platforms.openstack.explain import explain, innermost, kind_of, path_of
from pytest_scs.platforms.openstack.paging import content_of, pages_of
from pytest_scs.platforms.openstack.redirects import shown_address
from pytest_scs.platforms.openstack.retrying import NotSent, Refused, Tried, tried
from pytest_scs.platforms.openstack.steady import share_login
from pytest_scs.platforms.openstack.surroundings import Surroundings
from pytest_scs.platforms.openstack.token import guard_login
from pytest_scs.platforms.openstack.transport import guarded

if TYPE_CHECKING:
    import requests
    from openstack.config.cloud_region import CloudRegion

__all__ = ["Client", "Created", "LogIn", "Refused"]

T = TypeVar("T")

#: Where the configuration of a cloud has the factor of --scs-patience.
PATIENCE_KEY = "scs_patience"


@dataclasses.dataclass(frozen=True, slots=True)
class Created:
    """The answer to a creation; ``doubtful``: an earlier try of it may have made another one."""

    content: dict[str, Any]
    doubtful: bool


class Client:
    """A session with one cloud. It owns the counting and the retrying, and knows nothing of what is read."""

    def __init__(
        self,
        region: CloudRegion,
        deadline: float,
        count: RequestCount | None = None,
        surroundings: Surroundings | None = None,
    ) -> None:
        """``deadline``: seconds after which a failing request is not tried again; ``count`` gets what is requested.

        ``surroundings`` is what the environment says, as it is now if nobody has read it before; in a thread somebody
        has to have.
        """
        self.region = region
        self._count = count or RequestCount()
        self._deadline = deadline
        self._surroundings = surroundings or Surroundings.now()
        self._limit = bounds.ENDLESS
        self._section = ""
        self._base = region.get_session()
        self._pool = self._base.session = guarded(self._base.session, self._surroundings)
        guard_login(self._base.auth)
        share_login(self._base.auth)
        self._keystone_sessions: dict[str, CountedSession] = {}
        self._discovered: dict[str, Any] = {}

    def another(self, auth: Any, region: str) -> Client:
        """A client of the same cloud for another user (a plugin of keystoneauth's); requests are counted here, too."""
        from openstack.config.cloud_region import CloudRegion

        config = {key: value for key, value in self.region.config.items() if key not in ("auth", "auth_type")}
        other = CloudRegion(region_name=region or None, config=config, auth_plugin=auth)
        return Client(other, self._deadline, self._count, self._surroundings)

    @property
    def patience(self) -> float:
        """By how much the times that are waited for this cloud are stretched (``--scs-patience``)."""
        return float(self.region.config.get(PATIENCE_KEY, 1))

    def for_section(self, section: str) -> Client:
        """The client, with the same login, whose requests are counted for a section of the inventory as well."""
        client = copy.copy(self)
        client._section = section
        client._keystone_sessions = {}
        return client

    def until(self, limit: bounds.Limit) -> Client:
        """The client, with the same login, of whose answers none is taken after a limit, however it was retried."""
        client = copy.copy(self)
        client._limit = limit
        return client

    @property
    def seconds_left(self) -> float:
        """Seconds until the limit of this client, or those of one listing where it has none."""
        return round(max(0.0, min(self._limit.left, bounds.LISTING)), 1)

    def requests_by_service(self) -> dict[str, int]:
        """How many requests were sent so far, by service; those of clients that share the count are among them."""
        return self._count.by_service()

    def requests_by_section(self) -> dict[str, int]:
        """How many requests were sent so far, by section."""
        return self._count.by_section()

    @property
    def surroundings(self) -> Surroundings:
        """What the environment says, for who must not look there."""
        return self._surroundings

    @property
    def user_id(self) -> str:
        """The id of the user, as the token has it."""
        return str(self.access().user_id)

    def access(self) -> Any:
        """The token's content (keystoneauth AccessInfo); authenticates at the first call."""
        return self._token(self._keystone_session("identity"))

    def log_in(self) -> LogIn:
        """Authenticate, and look at the clock of the cloud on the way; raises Inconclusive."""
        with bounds.within(bounds.Limit.of(bounds.LISTING)):
            return self._log_in(Clock())

    def _log_in(self, clock: Clock) -> LogIn:

        def sent() -> None:
            self._count.add("identity", self._section)
            clock.sent()

        counted = CountedRequests(self._pool, sent, lambda answer: clock.answered(answer.headers.get("Date")))
        access = self._token(counted_session(self._base, counted, self._discovered))
        return LogIn(access, clock.time, clock.remark)

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
        with_limit = self.until(min(self._limit, bounds.Limit.of(bounds.LISTING), key=lambda limit: limit.at))

        def read(url: str) -> dict[str, Any]:
            return with_limit._json(with_limit._retried(lambda: endpoint.get(url, **options), service), service)

        return pages_of(read, service, path, following)

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

    def create(
        self, service: str, path: str, body: dict[str, Any], *, version: str | None = None, **options: Any
    ) -> Created:
        """Send a request that creates something; tried again only where it was hardly carried out.

        Raises Refused for an error status and Inconclusive if there is no usable answer.
        """
        endpoint, path = self._adapter(service, version), self._own(path)
        found = self._tried(lambda: endpoint.post(path, json=body, **options), service, writes=True)
        return Created(self._json(found.result, service), found.doubtful)

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
        session = self._keystone_session("object-store")
        options |= {"verify": session.verify, "cert": session.cert, "timeout": session.timeout}
        try:
            with bounds.within(self._limit):
                return session.session.request(method, url, **options)
        except bounds.UnusableAnswer as error:
            raise Inconclusive(explain(error, "object-store"), error.kind) from error
        except OSError as error:  # what requests raises
            raise Inconclusive(f"no connection to {url}: {innermost(error)}", kind_of(error)) from error

    def _adapter(self, service: str, version: str | None) -> adapter.Adapter:
        region = self.region
        return adapter.Adapter(
            session=self._keystone_session(service),
            service_type=region.get_service_type(service),
            service_name=region.get_service_name(service),
            interface=region.get_interface(service),
            region_name=region.get_region_name(service),
            endpoint_override=region.get_endpoint(service),
            version=version,
        )

    def _keystone_session(self, service: str) -> CountedSession:
        """The session for a service, which counts what is sent for it."""
        if service not in self._keystone_sessions:
            counted = CountedRequests(self._pool, lambda: self._count.add(service, self._section))
            self._keystone_sessions[service] = counted_session(self._base, counted, self._discovered)
        return self._keystone_sessions[service]

    def _token(self, session: CountedSession) -> Any:
        auth: Any = session.auth
        return self._retried(lambda: auth.get_access(session), "identity")

    def _retried(self, action: Callable[[], T], service: str, *, writes: bool = False) -> T:
        return self._tried(action, service, writes=writes).result

    def _tried(self, action: Callable[[], T], service: str, *, writes: bool) -> Tried[T]:
        def act() -> T:
            try:
                return action()
            except exceptions.EndpointNotFound:
                if url := self._in_catalog(service):
                    where = shown_address(url)
                    raise bounds.UnusableAnswer(f"lists no version of its API that can be used, at {where}") from None
                raise

        with bounds.within(self._limit):
            try:
                return tried(act, service, self._deadline, writes=writes)
            except Refused as error:
                if error.status == 404 and (why := self._misled(service)):
                    raise (NotSent if writes else Inconclusive)(f"{error}; {why}", CauseKind.OUTAGE) from error
                raise

    def _misled(self, service: str) -> str:
        """Why a request may have gone where nothing is; empty if it did not.

        Where a service gives no list of its versions, keystoneauth takes the address of the catalog for that of the
        version. If that has none in it, nothing is there: 404 says nothing of what was asked for.
        """
        url = self._in_catalog(service) or ""
        if re.search(r"/v\d[\d.]*(/|$)", url):
            return ""
        asked = self._keystone_session(service).without_versions(self._discovered, url)
        return f"it gives no usable list of its versions (GET {path_of(asked) or '/'})" if asked else ""

    def _in_catalog(self, service: str) -> str | None:
        """The URL of a service as the catalog has it, whatever versions there are; None if there is none."""
        try:
            return self._adapter(service, None).get_endpoint() or None
        except exceptions.ClientException:
            return None

    def _json(self, response: requests.Response, service: str) -> dict[str, Any]:
        try:
            return content_of(response, service)
        except Inconclusive as error:
            if response.status_code == 300 and (why := self._misled(service)):  # so Glance lists versions there
                raise Inconclusive(f"{error}; {why}", error.kind) from error
            raise
