# SPDX-License-Identifier: Apache-2.0
"""Counting what is requested, by service (of a cluster: by API) and by section of the inventory."""

from __future__ import annotations

import collections
import threading


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
