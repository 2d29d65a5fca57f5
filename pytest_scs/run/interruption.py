# SPDX-License-Identifier: Apache-2.0
"""What becomes of the signals that come when a run was interrupted, or when all is judged.

Python raises KeyboardInterrupt wherever the main thread is: also where pytest is about to write down the first one, and
then the run would end with a traceback, without a word about what it leaves behind.
"""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

#: Seconds within which another signal is the same one, said again: a shell passes on a SIGHUP that the terminal sends,
#: too, and ``timeout`` sends its signal to a process and to its group.
ECHO = 0.5

#: Seconds after the second one within which another does nothing: it must not keep the run from saying what it leaves
#: behind. Later ones end whatever goes on.
LAST_WORDS = 5

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interruption:
    """Whether a run is interrupted, and once more; owned by the main thread."""

    def __init__(self) -> None:
        # When signals came, on the monotonic clock.
        self._first: float | None = None
        self._second: float | None = None
        self._at_once = self._at_first = False
        self._holds = False

    def watch(self, at_the_end: Callable[[Callable[[], None]], object]) -> None:
        """The run is interrupted: from now on note signals, instead of raising KeyboardInterrupt wherever that is.

        ``at_the_end`` takes what puts their handlers back. Signals that are ignored remain so. Does nothing where it
        was called before; outside the main thread, which alone can take signals, it only notes that.
        """
        if self._first is None:
            self._first = time.monotonic()
            self.hold(at_the_end)

    def hold(self, at_the_end: Callable[[Callable[[], None]], object]) -> None:
        """Everything is judged: from now on note signals, the first one included.

        pytest takes none any more, and what is being written then would end in a traceback, half a report.
        """
        if self._holds or threading.current_thread() is not threading.main_thread():
            return
        self._holds = True
        for number in _SIGNALS:
            handler = signal.getsignal(number)
            if callable(handler):
                signal.signal(number, self._take)
                at_the_end(_restoring(number, handler))

    @property
    def has_come(self) -> bool:
        """Whether the run was interrupted."""
        return self._first is not None

    @contextlib.contextmanager
    def at_once(self, *, first: bool = False) -> Iterator[None]:
        """Meanwhile the second signal raises KeyboardInterrupt; one that came before does so at the beginning.

        With ``first`` already the first one does, where none has come before.
        """
        self._at_once, self._at_first = True, first
        try:
            if self._second is not None:
                raise KeyboardInterrupt
            yield
        finally:
            self._at_once = self._at_first = False

    def _take(self, number: int, frame: Any) -> None:
        now = time.monotonic()
        if self._first is None:
            self._first = now
            if self._at_first:
                raise KeyboardInterrupt(f"interrupted ({signal.Signals(number).name})")
            return
        if now - self._first < ECHO:
            return
        first_again = self._second is None
        self._second = now if self._second is None else self._second
        if self._at_once if first_again else now - self._second > LAST_WORDS:
            raise KeyboardInterrupt(f"interrupted once more ({signal.Signals(number).name})")


def _restoring(number: int, handler: Any) -> Callable[[], None]:
    def restore() -> None:
        signal.signal(number, handler)

    return restore
