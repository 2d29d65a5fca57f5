# SPDX-License-Identifier: Apache-2.0
"""Watching a round of the suite: how far it is, and whether one of its limits is over."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import IO, Any

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.platforms.kubernetes.runners.bench import Bench, RoundEnd
from pytest_scs.platforms.kubernetes.runners.scene import (
    LogFollower,
    Place,
    Scene,
    condition,
    has_begun,
    is_alive,
)
from pytest_scs.platforms.kubernetes.runners.suite_log import SuiteLog
from pytest_scs.platforms.kubernetes.runners.telling import Teller

#: The suite's log as far as it was followed, in the folder of the round.
FOLLOWED = "followed.log"

#: Why a round did not come to its end, and the kind of that.
Problem = tuple[str, CauseKind]


class Watch:
    """What is known of a round; used by one thread."""

    def __init__(self, bench: Bench, scene: Scene, place: Place) -> None:
        self.log = SuiteLog()
        self._bench = bench
        self._scene = scene
        self._place = place
        self._teller = Teller(
            bench.name, bench.say, ago=bench.elapsed, limit=bench.extras.seconds + bench.limits.margin
        )
        self._started = time.monotonic() - bench.elapsed
        self._file: IO[str] | None = None
        self._follower = LogFollower(scene, place, self.log, self._keep)
        self._pods: list[dict[str, Any]] | None = None
        self._begun = False
        self._alive_at: float | None = None
        self._named: set[str] = set()
        self._failures: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """Seconds since the round began."""
        return time.monotonic() - self._started

    def look(self, done: int = 0, total: int = 0, failures: Collection[str] = (), *, follow: bool = True) -> None:
        """Look at the pod of the suite and its log; the arguments are what the runner itself tells.

        ``follow``: read the log here; else somebody else fills it.
        """
        self._bench.glance()
        try:
            self._pods = self._scene.pods(self._place)
        except Inconclusive:
            self._pods = None
        now = time.monotonic()
        if self._pods is not None:
            # A pod may come and go between two looks.
            self._begun = self._begun or any(map(has_begun, self._pods)) or self.log.total is not None
            if any(map(is_alive, self._pods)):
                self._alive_at = now
            if follow:
                self._follower.look(self._pods)
                if self._file:
                    self._file.flush()
        self._failures = tuple(dict.fromkeys([*self.log.failed, *failures]))
        for name in self._failures:
            if name not in self._named:
                self._named.add(name)
                self._bench.say(f"{self._bench.name}: failed: {name}")
        announced = self.log.total if self.log.total is not None else (total or None)
        self._teller.tell(max(self.log.done, done), announced, len(self._failures))

    def problem(self, before: Callable[[], list[dict[str, Any]]] = list, *, gone_counts: bool = True) -> Problem | None:
        """Whether a limit is over, and which; ``before`` gives pods that have to run before that of the suite.

        ``gone_counts``: the suite is still to work, so its pod has to be there.
        """
        limits, now = self._bench.limits, time.monotonic()
        if not self._begun and self.seconds > limits.start + self._bench.elapsed:
            return f"runner did not start: {self._what_is_there(before)}", CauseKind.TIMEOUT
        if self._begun and gone_counts and self._pods is not None and not any(map(is_alive, self._pods)):
            since = self._alive_at if self._alive_at is not None else self._started + self._bench.elapsed
            if now - since > limits.gone:
                return f"the pod of the suite is gone: {self._events()}", CauseKind.OUTAGE
        if self.seconds > self._bench.extras.seconds + limits.margin:
            return self.exceeded()
        return None

    def exceeded(self) -> Problem:
        """What is said of a round that took longer than it may."""
        seconds = self._bench.extras.seconds
        limit = f"{seconds // 3600} h" if seconds % 3600 == 0 else f"{seconds} s"
        total = "an unknown number of" if self.log.total is None else self.log.total
        return f"run exceeded {limit} ({self.log.done} of {total} tests done)", CauseKind.TIMEOUT

    def gone(self) -> Problem | None:
        """What is said if the pod of the suite is not there, as far as one can see now."""
        if self._pods is not None and not any(map(is_alive, self._pods)):
            return f"the pod of the suite is gone: {self._events()}", CauseKind.OUTAGE
        return None

    def not_started(self, text: str) -> Problem:
        """What is said of a runner that gave up before the suite began."""
        seen = [f"e2e pod {condition(pod)}" for pod in self._pods or () if not has_begun(pod)]
        return f"runner did not start: {'; '.join(dict.fromkeys([*seen, text]))}", CauseKind.OUTAGE

    @property
    def begun(self) -> bool:
        """Whether the containers of the suite's pod have been started."""
        return self._begun

    def end(self, results: Path | None, problem: Problem | None = None) -> RoundEnd:
        """The end of the round, for this reason; none if it came to its end."""
        if self._file:
            self._file.close()
            self._file = None
        text, kind = problem or ("", CauseKind.UNDECIDABLE)
        return RoundEnd(
            results, text, kind, self.log.done, self.log.total, self._failures, frozenset(self.log.destroyed)
        )

    def _what_is_there(self, before: Callable[[], list[dict[str, Any]]]) -> str:
        minutes = f"for {elapsed_words(self._bench.limits.start)}"
        try:
            first = [pod for pod in before() if not has_begun(pod)]
        except Inconclusive:
            first = []
        waiting = [*first, *(self._pods or ())]
        what = "runner pod" if first else "e2e pod"
        states = [f"{what} {condition(pod).replace(':', f' {minutes}:', 1)}" for pod in waiting[:1]]
        if not states:
            states = [f"no e2e pod {minutes}"]
        events = self._scene.events()
        return "; last events: ".join([*states, *([self._bench.clean(events)] if events else [])])

    def _events(self) -> str:
        return self._bench.clean(self._scene.events()) or "no events tell why"

    def _keep(self, line: str) -> None:
        if self._file is None:
            self._file = (self._bench.folder / FOLLOWED).open("w", encoding="utf-8", errors="replace")
        self._file.write(line + "\n")


def elapsed_words(seconds: float) -> str:
    """``10 min``, ``45 s``."""
    return f"{seconds / 60:g} min" if seconds >= 60 else f"{seconds:g} s"
