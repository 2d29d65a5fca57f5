# SPDX-License-Identifier: Apache-2.0
"""Looking at a cluster again and again until something has come about, the time is over, or the run is interrupted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.platforms.kubernetes.client import Refused

T = TypeVar("T")

#: Seconds between two looks: the first pause, and the longest.
FIRST, LONGEST = 0.2, 2.0


def check_cancelled(cancelled: threading.Event) -> None:
    """Raise Inconclusive if the run was interrupted."""
    if cancelled.is_set():
        raise Inconclusive("the run was interrupted", CauseKind.INTERRUPTED)


def looks(seconds: float, cancelled: threading.Event) -> Iterator[float]:
    """The seconds since the beginning, with growing pauses, the last time when ``seconds`` are over.

    Raises Inconclusive if the run was interrupted.
    """
    began = time.monotonic()
    pause = FIRST
    while True:
        check_cancelled(cancelled)
        passed = time.monotonic() - began
        yield passed
        left = seconds - passed
        if left <= 0:
            return
        cancelled.wait(min(pause, left))
        pause = min(pause * 1.5, LONGEST)


def poll(look: Callable[[], T], done: Callable[[T], bool], seconds: float, cancelled: threading.Event) -> T:
    """What ``look`` sees once it is ``done``, or when the time is over; raises Inconclusive if it never saw anything.

    An API server that is away for a moment is asked again; one that refuses an answer is not.
    """
    seen: list[T] = []
    for _ in looks(seconds, cancelled):
        try:
            found = look()
        except Inconclusive as error:
            problem = error
            if not may_pass(error):
                raise
            continue
        seen[:] = [found]
        if done(found):
            return found
    if not seen:
        raise problem
    return seen[0]


def may_pass(error: Inconclusive) -> bool:
    """Whether asking once more may help."""
    if isinstance(error, Refused):
        return error.status in (408, 429) or error.status >= 500
    return error.kind in (CauseKind.OUTAGE, CauseKind.TIMEOUT, CauseKind.MALFORMED)
