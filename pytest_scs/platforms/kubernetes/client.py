# SPDX-License-Identifier: Apache-2.0
"""Asking a cluster by the methods of the official client, with plain data as answers.

What only reads is sent without that client (plain_calls.py). Typed models are never made: they refuse answers that lack
something, so that one odd node would take down the others.
"""

from __future__ import annotations

import contextvars
import copy
import dataclasses
import json
import re
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from pytest_scs.base.strict_json import NoStrictJson, read_json
from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.evidence.phase import read_more
from pytest_scs.evidence.request_count import RequestCount
from pytest_scs.platforms.kubernetes import bounds
from pytest_scs.platforms.kubernetes.credential import Credential
from pytest_scs.platforms.kubernetes.explain import Refused as Refused
from pytest_scs.platforms.kubernetes.kubeconfig import Access
from pytest_scs.platforms.kubernetes.pages import Items, following, items_of, refuse_repeated
from pytest_scs.platforms.kubernetes.plain_calls import plain_call
from pytest_scs.platforms.kubernetes.retrying import tried
from pytest_scs.platforms.kubernetes.transport import USER_AGENT, Transport

# For which API and section this thread asks, for the count.
_asking: contextvars.ContextVar[tuple[str, str]] = contextvars.ContextVar("asking", default=("raw", ""))


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """An answer: HTTP status, headers by their names in lower case, and the body as it came."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def body(self) -> Any:
        """The body, read as JSON; raises Inconclusive if it is none."""
        try:
            return read_json(self.text)
        except NoStrictJson as error:
            raise Inconclusive(f"the API server's answer cannot be used: {error}", CauseKind.MALFORMED) from None

    @property
    def mapping(self) -> dict[str, Any]:
        """The body, which has to be a JSON object; raises Inconclusive."""
        body = self.body
        if not isinstance(body, dict):
            raise Inconclusive("the API server answered with something that is no object", CauseKind.MALFORMED)
        if body.get("kind") == "Status":
            # Whoever asked for something, and is told a status with the code of a success, has nothing.
            raise Inconclusive("the API server answered with a Status instead of an object", CauseKind.MALFORMED)
        return body

    def of_kind(self, kind: str) -> dict[str, Any]:
        """The body, which has to be an object of the API of this kind; raises Inconclusive."""
        body = self.mapping
        if body.get("kind") != kind:
            raise Inconclusive(f"the API server answered with something that is no {kind}", CauseKind.MALFORMED)
        return body


class Client:
    """One cluster's API. Shared by threads; whatever it raises is Inconclusive (Refused is one)."""

    def __init__(
        self,
        access: Access,
        deadline: float,
        count: RequestCount | None = None,
        patience: float = 1.0,
        *,
        limit: float | None = None,
        conceal: Callable[[Iterable[object]], None] = lambda secrets: None,
    ) -> None:
        """``deadline``: seconds to repeat what fails for a while; ``patience``: factor for what probes wait for.

        ``limit``: seconds for a listing, where the user gave some; ``conceal`` takes secrets that no text may show.
        """
        self.access = access
        self.patience = patience
        self.deadline = deadline
        self.count = count or RequestCount()
        self.seconds_left = limit or bounds.LISTING
        self._section = ""
        self._shared = _Shared(access, conceal, self._sent)

    def for_section(self, section: str) -> Client:
        """The same, where what is requested is counted for a section of the inventory."""
        other = copy.copy(self)
        other._section = section
        return other

    @property
    def server(self) -> str:
        """The URL of the API server, for connections of one's own; never for a report."""
        return str(self.access.cluster["server"])

    def get(self, api: str, method: str, *arguments: Any, **options: Any) -> dict[str, Any]:
        """One object: ``client.get("CoreV1Api", "read_node", name)``."""
        return self.call(api, method, *arguments, **options).mapping

    def list(self, api: str, method: str, *arguments: Any, **options: Any) -> Items:
        """The items of a listing, all pages of it: ``client.list("CoreV1Api", "list_node")``."""
        try:
            return self._pages(api, method, arguments, {**options, "limit": bounds.PAGE})
        except Refused as error:
            if error.status != 410:
                raise
            # The list has changed too much since its first page.
            return self._pages(api, method, arguments, dict(options))

    def call(self, api: str, method: str, *arguments: Any, again: bool | None = None, **options: Any) -> Answer:
        """Call a method of one of the client's API classes by name.

        ``again``: it may be carried out twice, as what only reads, and what creates or deletes something under a name
        of ours (then 409 or 404 of a repetition tells: see ``Refused.doubtful``). By default reading and reviews may.
        """
        plain = plain_call(api, method, arguments, options)

        def action() -> Answer:
            if plain:
                return self._shared.send(plain.method, plain.path, plain.headers, plain.body)
            function = getattr(self._shared.api(api), method)
            response = function(
                *arguments, _preload_content=False, _request_timeout=(bounds.CONNECT, bounds.READ), **options
            )
            return _answer(response)

        return self._tried(action, api, _only_reads(method, options) if again is None else again)

    def raw(
        self,
        method: str,
        path: str,
        *,
        accept: str = "application/json",
        headers: Mapping[str, str] | None = None,
        body: object = None,
        again: bool | None = None,
    ) -> Answer:
        """Ask for a path that the client has no method for, such as ``/flagz``; raises Refused for an error status."""
        sent = {"Accept": accept, **(headers or {})}
        content = None if body is None else json.dumps(body).encode()
        if content is not None:
            sent.setdefault("Content-Type", "application/json")

        def action() -> Answer:
            return self._shared.send(method, path, sent, content)

        return self._tried(action, "raw", method in ("GET", "HEAD") if again is None else again)

    def close(self) -> None:
        """Give the connections back."""
        self._shared.transport.clear()

    def _tried(self, action: Callable[[], Answer], api: str, again: bool) -> Answer:
        token = _asking.set((api, self._section))
        try:
            answer, _ = tried(lambda: self._shared.with_credential(action), self.deadline, again=again)
        finally:
            _asking.reset(token)
        return answer

    def _sent(self) -> None:
        self.count.add(*_asking.get())

    def _pages(self, api: str, method: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> Items:
        found: Items = []
        seen: set[str] = set()
        until = time.monotonic() + self.seconds_left
        while True:
            page = self.get(api, method, *arguments, **options)
            found += (items := items_of(page, method))
            read_more(len(items))
            token = following(page)
            if not token:
                refuse_repeated(found)
                return found
            if token in seen or len(seen) >= bounds.PAGES or len(found) > bounds.ENTRIES:
                raise Inconclusive("the API server's listing has no end", CauseKind.MALFORMED)
            seen.add(token)
            if time.monotonic() > until:
                raise Inconclusive(f"the listing did not end within {self.seconds_left:g} s", CauseKind.TIMEOUT)
            options["_continue"] = token


class _Shared:
    """What all that ask the same cluster share: its connections, and whether its credential was ever accepted."""

    def __init__(self, access: Access, conceal: Callable[[Iterable[object]], None], sent: Callable[[], None]) -> None:
        self.credential = Credential(access, conceal)
        self.transport = Transport(access.cluster, self.credential, sent)
        self._server = str(access.cluster["server"])
        self._lock = threading.Lock()
        self._api: Any = None
        self._worked = False

    def api(self, name: str) -> Any:
        """One of the official client's APIs; its connections are ours."""
        with self._lock:
            if self._api is None:
                import_client()
                import kubernetes.client

                configuration = kubernetes.client.Configuration()
                configuration.host = self._server.rstrip("/")
                configuration.retries = False
                configuration.proxy = None
                configuration.client_side_validation = False
                api = kubernetes.client.ApiClient(configuration)
                api.user_agent = USER_AGENT
                api.rest_client.pool_manager = cast("Any", self.transport)
                self._api = api
        import kubernetes.client

        return getattr(kubernetes.client, name)(self._api)

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """Send a request of one's own; ``path`` with its query."""
        return _answer(self.transport.request(method, self._server.rstrip("/") + path, headers=headers, body=body))

    def with_credential(self, action: Callable[[], Answer]) -> Answer:
        """Carry out a request; once more with a credential that is loaded again if one that worked is rejected."""
        try:
            answer = action()
        except Refused as error:
            if error.status != 401 or not self._worked:
                raise
            self.credential.renew()
            answer = action()
        self._worked = True
        return answer


def import_client() -> None:
    """Import the official client, whatever it warns of on the way, and whatever the user's filters say of that.

    Filters are of the whole process: better in the main thread, and before there are others.
    """
    if "kubernetes.client" in sys.modules:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import kubernetes.client  # noqa: F401


def _only_reads(method: str, options: Mapping[str, Any]) -> bool:
    return (
        bool(re.match(r"(list|read|get|connect_get)_", method))
        or method.endswith("_review")
        or (options.get("dry_run") == "All")
    )


def _answer(response: Any) -> Answer:
    """What a response says; those with an error status never come here."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status, headers, response.data.decode("utf-8", "replace"))
