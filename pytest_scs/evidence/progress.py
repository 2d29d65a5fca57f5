# SPDX-License-Identifier: Apache-2.0
"""Lines about what goes on in the background, said when the terminal can take them."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence

#: Seconds between two lines about what is waited for.
PERIOD = 30


class Progress:
    """Passes lines from probe threads to the terminal.

    While a test runs, pytest captures what is written: lines wait until the main thread has time (:meth:`flush`). Where
    workers run the tests, the main process captures nothing and a line is written at once.
    """

    def __init__(self) -> None:
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._write: Callable[[str], None] | None = None
        self._at_once = False

    def attach(self, write: Callable[[str], None], *, at_once: bool) -> None:
        """Say where lines go; without it nothing is shown. ``at_once``: ``write`` may be called by any thread."""
        self._write = write
        self._at_once = at_once

    @property
    def at_once(self) -> bool:
        """Whether lines are written by whatever thread says them."""
        return self._at_once

    def say(self, line: str) -> None:
        """Take a line, from any thread."""
        self._lines.put(line)
        if self._at_once:
            self.flush()

    def flush(self) -> None:
        """Write what has gathered; for the main thread, unless ``at_once`` was given."""
        while self._write is not None:
            try:
                line = self._lines.get_nowait()
            except queue.Empty:
                return
            self._write(line)


class Waiting:
    """Says every half minute what is waited for, so that a long probe does not look like one that hangs."""

    def __init__(self, what: str, say: Callable[[str], None]) -> None:
        """``what``: in words, or empty if nothing is to be said."""
        self._what = what
        self._say = say
        self._began = self._last = time.monotonic()

    def tick(self) -> None:
        """Called now and then."""
        now = time.monotonic()
        if self._what and now - self._last >= PERIOD:
            self._last = now
            self._say(f"waiting for {self._what}: {now - self._began:.0f} s")


def keep_telling(pending: Callable[[], Sequence[str]], say: Callable[[str], None], ended: threading.Event) -> None:
    """Say every half minute which of ``pending`` (in words) are still awaited, in a thread of its own, until the end.

    For runs with workers, where the main process does not know which test waits.
    """

    def tell() -> None:
        began = time.monotonic()
        while not ended.wait(PERIOD) and (left := pending()):
            say(f"waiting for {', '.join(left)}: {time.monotonic() - began:.0f} s")

    threading.Thread(target=tell, name="scs-waiting", daemon=True).start()
