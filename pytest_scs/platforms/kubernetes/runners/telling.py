# SPDX-License-Identifier: Apache-2.0
"""How far the e2e suite is, for a user who waits for it."""

from __future__ import annotations

import time
from collections.abc import Callable

from pytest_scs.evidence.phase import doing

#: Seconds without a new result after which that is said, once: single tests may take a quarter of an hour, twice.
SILENCE = 2700


class Teller:
    """Says how far a run is."""

    def __init__(
        self,
        name: str,
        say: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        ago: float = 0,
        limit: float = 0,
    ) -> None:
        """``name`` begins the texts; the run began ``ago`` seconds ago, and may take ``limit`` seconds in all."""
        self._name = name
        self._say = say
        self._clock = clock
        self.began = clock() - ago
        self._limit = limit
        self._changed = clock()
        self._seen = (-1, -1)
        self._warned = False

    def tell(self, done: int, total: int | None, failed: int) -> None:
        """So many tests are done, of so many (None: not known yet), and so many failed."""
        now = self._clock()
        if (done, failed) != self._seen:
            self._seen = (done, failed)
            self._changed = now
        ago = now - self.began
        if total is None:
            doing(f"{self._name}: its pods are to start", self._limit, ago=ago)
            return
        text = f"{self._name}: {done} of {total} tests done, {failed} failed"
        doing(text, self._limit, ago=ago)
        if not self._warned and now - self._changed >= SILENCE:
            self._say(f"{text}, no new result for {SILENCE // 60} min; single tests may take long, so it goes on")
            self._warned = True
