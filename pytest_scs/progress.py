# SPDX-License-Identifier: Apache-2.0
"""Lines about what goes on in the background, said when the terminal can take them."""

from __future__ import annotations

import queue
from collections.abc import Callable


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
