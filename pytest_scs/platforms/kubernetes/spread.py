# SPDX-License-Identifier: Apache-2.0
"""Doing the same with many things at the same time, a few at once, and not longer than it may take."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import wait
from typing import TypeVar

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.evidence import apart
from pytest_scs.evidence.limit import GRACE, Limit

T = TypeVar("T")
R = TypeVar("R")

#: Seconds after which an interruption is noticed.
_STEP = 0.5


def spread(
    function: Callable[[T], R], items: Sequence[T], at_once: int, limit: Limit, cancelled: threading.Event
) -> dict[int, R]:
    """What a function returns for each item, by the item's number; those that the limit leaves out are not there.

    Raises what the function raises, and Inconclusive when the run was interrupted.
    """
    found: dict[int, R] = {}
    numbers = itertools.count()
    lock = threading.Lock()

    def work() -> None:
        while limit.left > 0 and not cancelled.is_set():
            with lock:
                number = next(numbers)
            if number >= len(items):
                return
            found[number] = function(items[number])

    workers = [apart.start(work) for _ in range(min(at_once, len(items)))]
    end = Limit.of(max(0.0, limit.left) + GRACE)
    while not cancelled.is_set() and end.left > 0 and wait(workers, timeout=_STEP).not_done:
        pass
    for worker in workers:
        if worker.done():
            worker.result()
    if cancelled.is_set():
        raise Inconclusive("the run was interrupted", CauseKind.INTERRUPTED)
    return dict(found)
