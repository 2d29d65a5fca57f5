# SPDX-License-Identifier: Apache-2.0
"""Lines about what goes on in the background, said when the terminal can take them."""

from __future__ import annotations

import contextlib
import dataclasses
import queue
import threading
import time
from collections.abc import Callable

from pytest_scs.base.words import lasting

#: Seconds between two lines about what is waited for.
PERIOD = 30

#: Seconds between two looks at what is shown all the time.
LOOK = 1


class Progress:
    """Passes lines from probe threads to the terminal.

    While a test runs, pytest captures what is written: lines wait until the main thread has time (:meth:`flush`). Where
    workers run the tests, the main process captures nothing and a line is written at once.
    """

    def __init__(self, worded: Callable[[str], str] = str) -> None:
        """``worded`` says a line in the language of whoever reads it."""
        self._worded = worded
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._write: Callable[[str], None] | None = None
        self._at_once = False
        self._quiet = False
        self._live: Callable[[str], bool] = lambda text: False

    def attach(
        self,
        write: Callable[[str], None],
        *,
        at_once: bool,
        quiet: bool = False,
        live: Callable[[str], bool] = lambda text: False,
    ) -> None:
        """Say where lines go; without it nothing is shown. ``at_once``: ``write`` may be called by any thread.

        ``quiet``: only what is announced is shown. ``live`` shows a text in place of the one before, none if it is
        empty, and returns whether it could.
        """
        self._live = live
        self._write = write
        self._at_once = at_once
        self._quiet = quiet

    @property
    def at_once(self) -> bool:
        """Whether lines are written by whatever thread says them."""
        return self._at_once

    def speak_freely(self) -> None:
        """From now on no test is captured: any thread may write at once."""
        self._at_once = True

    def say(self, line: str) -> None:
        """Take a line, from any thread."""
        if not self._quiet:
            self.announce(line)

    def announce(self, line: str) -> None:
        """Take a line that is shown also to who asked for few, from any thread."""
        self._lines.put(line)
        if self._at_once:
            self.flush()

    def tell(self, line: str) -> None:
        """Write a line at once; for the main thread, while no test runs."""
        self.say(line)
        self.flush()

    def show(self, text: str) -> bool:
        """Show a text until the next one, where the terminal can take it back; whether that is so.

        For the main thread, unless lines are written at once.
        """
        return not self._quiet and self._live(self._worded(text))

    def flush(self) -> None:
        """Write what has gathered; for the main thread, unless ``at_once`` was given.

        A terminal that is gone must not keep anybody from tidying up.
        """
        while self._write is not None:
            try:
                line = self._lines.get_nowait()
            except queue.Empty:
                return
            with contextlib.suppress(OSError, ValueError):
                self._write(self._worded(line))


class Waiting:
    """Says every half minute what is waited for, so that a long probe does not look like one that hangs."""

    def __init__(
        self,
        state: Callable[[float], str],
        say: Callable[[str], None],
        show: Callable[[float], bool] = lambda passed: False,
    ) -> None:
        """``state``: what is waited for, in words; empty if nothing is to be said.

        ``show`` is asked first, and shows it all the time where that is possible. Both get the seconds that passed.
        """
        self._state = state
        self._say = say
        self._show = show
        self._began = self._last = time.monotonic()

    def tick(self) -> None:
        """Called now and then."""
        now = time.monotonic()
        if (
            not self._show(now - self._began)
            and now - self._last >= PERIOD
            and (text := self._state(now - self._began))
        ):
            self._last = now
            self._say(text)


@dataclasses.dataclass(frozen=True, slots=True)
class Voice:
    """How the main thread speaks to a user who waits while no test runs.

    ``say`` takes a line; ``show`` shows a text until the next one, and returns whether that is possible.
    """

    say: Callable[[str], None]
    show: Callable[[str], bool] = lambda text: False

    def waiting(self, state: Callable[[float], str]) -> Waiting:
        """Says what is waited for, or shows it as long as this lasts; ``state`` gets the seconds that have passed."""
        # Shown for less, it would only flicker.
        return Waiting(state, self.say, lambda passed: passed >= LOOK and self.show(state(passed)))

    def through(self, changed: Callable[[str], str]) -> Voice:
        """The same for texts that are changed on the way, such as masked."""
        return Voice(lambda line: self.say(changed(line)), lambda text: self.show(changed(text)))


#: Where nobody listens.
SILENT = Voice(lambda line: None)


def waiting_for(what: str, passed: float) -> str:
    """What is said of something that tells no more of itself, after so many seconds; empty if it has no name."""
    return f"waiting for {what}: {lasting(passed)}" if what else ""


def keep_telling(
    state: Callable[[float], str],
    say: Callable[[str], None],
    ended: threading.Event,
    show: Callable[[str], bool] = lambda text: False,
) -> None:
    """Say every half minute what is waited for, in a thread of its own, until ``ended`` or there is nothing more.

    For runs with workers, where the main process does not know which test waits, and for removals. ``state`` gets the
    seconds that have passed; ``show`` shows its text all the time where that is possible.
    """

    def tell() -> None:
        waiting = Waiting(state, say, lambda passed: show(state(passed)))
        began = time.monotonic()
        while not ended.wait(min(LOOK, PERIOD)) and state(time.monotonic() - began):
            waiting.tick()
        show("")

    threading.Thread(target=tell, name="scs-waiting", daemon=True).start()
