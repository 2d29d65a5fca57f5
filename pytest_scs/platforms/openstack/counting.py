# SPDX-License-Identifier: Apache-2.0
"""Telling what is requested, at the place where it leaves."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any

import requests
from keystoneauth1 import session

from pytest_scs.platforms.openstack.transport import GuardedSession


class CountedRequests:
    """A session of requests, in front of another one whose connections, cookies and settings it uses."""

    def __init__(
        self,
        pool: GuardedSession,
        sent: Callable[[], None],
        answered: Callable[[requests.Response], None] = lambda answer: None,
    ) -> None:
        """``sent`` is called before each request, redirected ones among them, ``answered`` with each answer."""
        self._pool = pool
        self._sent = sent
        self._answered = answered

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pool, name)

    def request(self, method: str, url: str, **options: Any) -> requests.Response:
        """Send a request; raises like GuardedSession.request."""
        return self._pool.request(method, url, sent=self._sent, answered=self._answered, **options)


class CountedSession(session.Session):
    """A session of keystoneauth that keeps in mind where it looked for the versions of a service."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._versions: set[str] = set()

    def get(self, url: str, **options: Any) -> requests.Response:
        """What keystoneauth reads versions with, and nothing else: all other requests are made by an adapter."""
        self._versions.add(url)
        return super().get(url, **options)

    def without_versions(self, discovered: Container[str], service: str) -> str:
        """Where versions were looked for and nowhere found, the last address; empty if they were, or not asked.

        ``service`` is the address that the catalog has; a login may have looked for those of the identity service.
        """
        asked = sorted(url for url in set(self._versions) if service.startswith(url.rstrip("/")))
        # That is how keystoneauth spells the root of a host in what it has discovered.
        found = any(url in discovered or url.rstrip("/") in discovered for url in asked)
        return "" if found or not asked else asked[-1]


def counted_session(base: session.Session, counted: CountedRequests, discovered: dict[str, Any]) -> CountedSession:
    """A session of keystoneauth like ``base``, with the same login, that sends through ``counted``.

    ``discovered`` keeps the versions that services have, so that they are asked once.
    """
    return CountedSession(
        auth=base.auth,
        session=counted,  # it has all of that which keystoneauth uses
        verify=base.verify,
        cert=base.cert,
        timeout=base.timeout,
        app_name=base.app_name,
        app_version=base.app_version,
        additional_user_agent=base.additional_user_agent,
        discovery_cache=discovered,
        redirect=False,  # what may be followed, the session below knows
    )
