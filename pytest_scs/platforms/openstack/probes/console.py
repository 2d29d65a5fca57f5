# SPDX-License-Identifier: Apache-2.0
"""How long to look at the console of the sample VM, and when to give it up (docs/standards/scs-0101.md#the-console)."""

from __future__ import annotations

import time
from collections.abc import Callable

from pytest_scs.standards.iaas.hopeless_boot import hopeless_boot, last_line, prompt_at_end, runs_user_data

#: Seconds after which a look at a console counts no more: the official suite gives a request up then.
LONGEST_LOOK = 32

#: Parts of the time for a console: it has to stand still so long before it is given up, and is given up after so many
#: times as long although it goes on growing.
STILL = 1 / 5
MOST = 6

#: Seconds that a console must not have changed for a line at its end to count: one of the table, and any prompt.
SETTLED = 10
PROMPT = 60

#: Seconds between two looks, and where the report may come at any moment: for so many seconds after the last sign of
#: that.
PAUSE = 2.0
SHORT_PAUSE = 0.5
EXPECTED = 30


class ConsoleWatch:
    """Follows one console: ``limit`` is the time for it in seconds, and ``patience`` has been taken into that.

    The official suite looks 300 times with pauses of a second, however long each look takes: so the limit grows with
    the looks.
    """

    def __init__(self, limit: float, patience: float = 1, clock: Callable[[], float] = time.monotonic) -> None:
        self.text = ""
        self._limit = limit
        self._patience = patience
        self._clock = clock
        self._began = self._changed = clock()
        self._looks = 0
        self._looking = 0.0

    def looked(self, text: str, began: float) -> None:
        """Note what a look showed that began then, by the clock."""
        now = self._clock()
        self._looks += 1
        self._looking += min(now - began, LONGEST_LOOK)
        if text != self.text:
            self.text, self._changed = text, now

    @property
    def end(self) -> str:
        """The last line that is not blank, as far as it can be printed, and at most 80 characters of it."""
        return "".join(filter(str.isprintable, last_line(self.text))).strip()[:80]

    def allowed(self) -> float:
        """Seconds that the console has, if it does not grow any more."""
        return self._limit * (1 + self._looking / max(1, self._looks))

    def over(self) -> bool:
        """Whether its time is up."""
        now = self._clock()
        passed = now - self._began
        if passed < self.allowed():
            return False
        return now - self._changed >= STILL * self._limit or passed >= MOST * self._limit

    def pause(self, token: str) -> float:
        """Seconds until the next look."""
        soon = runs_user_data(self.text) or f"_scs-{token}-" in self.text
        return SHORT_PAUSE if soon and self._clock() - self._changed < EXPECTED else PAUSE

    def hopeless(self, token: str, *, at_end: bool = False) -> str:
        """Why no report with this token will come, although none is complete; empty if nothing tells so.

        ``at_end``: the time is up, so that nobody waits for a line at the end to be the last one.
        """
        still = (self._clock() - self._changed) / self._patience
        found = hopeless_boot(self.text)
        if found and (at_end or not found.at_end or still >= SETTLED):
            return str(found)
        if still >= PROMPT and f"_scs-{token}-" not in self.text and (line := prompt_at_end(self.text)):
            return f"it waits at a prompt: {line!r}"
        return ""
