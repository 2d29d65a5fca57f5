# SPDX-License-Identifier: Apache-2.0
"""Counting what is requested, by service and by section of the inventory, at the place where it leaves."""

from __future__ import annotations

import collections
import threading
from collections.abc import Callable
from typing import Any

import requests
from keystoneauth1 import session


class RequestCount:
    """How many requests were sent; shared by the clients of a run, and their threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_service: collections.Counter[str] = collections.Counter()
        self._by_section: collections.Counter[str] = collections.Counter()

    def add(self, service: str, section: str) -> None:
        """Count one request; ``section`` is empty for what is requested for none, as a login."""
        with self._lock:
            self._by_service[service] += 1
            if section:
                self._by_section[section] += 1

    def by_service(self) -> dict[str, int]:
        """Requests by service."""
        with self._lock:
            return dict(self._by_service)

    def by_section(self) -> dict[str, int]:
        """Requests by section; those for none are not among them."""
        with self._lock:
            return dict(self._by_section)


class CountedRequests:
    """A session of requests, in front of another one whose connections, cookies and settings it uses."""

    def __init__(
        self,
        pool: requests.Session,
        sent: Callable[[], None],
        answered: Callable[[requests.Response], None] = lambda answer: None,
    ) -> None:
        """``sent`` is called before each request, ``answered`` with each answer."""
        self._pool = pool
        self._sent = sent
        self._answered = answered

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pool, name)

    def request(self, method: str, url: str, **options: Any) -> requests.Response:
        """Send a request that is not redirected: keystoneauth follows redirects itself, by further requests."""
        self._sent()
        answer = self._pool.request(method, url, **options)
        self._answered(answer)
        return answer


def counted_session(base: session.Session, counted: CountedRequests, discovered: dict[str, Any]) -> session.Session:
    """A session of keystoneauth like ``base``, with the same login, that sends through ``counted``.

    ``discovered`` keeps the versions that services have, so that they are asked once.
    """
    return session.Session(
        auth=base.auth,
        session=counted,  # type: ignore[arg-type]  # it has all of that which keystoneauth uses
        verify=base.verify,
        cert=base.cert,
        timeout=base.timeout,
        app_name=base.app_name,
        app_version=base.app_version,
        additional_user_agent=base.additional_user_agent,
        discovery_cache=discovered,
    )
