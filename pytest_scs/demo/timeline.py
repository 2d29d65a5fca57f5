# SPDX-License-Identifier: Apache-2.0
"""What will happen in the embedded subject without anybody asking: volumes get ready, servers start, things vanish."""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Callable


class Timeline:
    """Actions with the time they are due at, by a monotonic clock; whoever uses it holds the lock of the state.

    Nothing runs by itself: ``run`` does what is due, and every request to the server begins with it.
    """

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()  # keeps what is due at once in its order
        self._skipped = 0.0

    def now(self) -> float:
        """The reading of the clock in seconds; only differences mean anything."""
        return time.monotonic() + self._skipped

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Have this done after so many seconds."""
        heapq.heappush(self._due, (self.now() + seconds, next(self._numbers), action))

    def skip(self, seconds: float) -> None:
        """Let time pass without waiting; what becomes due is done before the next request is answered."""
        self._skipped += seconds

    def run(self) -> None:
        """Do what is due, and what becomes due by it."""
        while self._due and self._due[0][0] <= self.now():
            heapq.heappop(self._due)[2]()
