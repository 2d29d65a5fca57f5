# SPDX-License-Identifier: Apache-2.0
"""Limits of time that hold on a busy machine as well."""

from __future__ import annotations

import time
from collections.abc import Callable


def shortest(limit: float, attempt: Callable[[], object], tries: int = 20) -> float:
    """Seconds that the attempt takes, the shortest of some: other programs delay one or two, but not all of them.

    Stops as soon as one is below the limit.
    """
    best = float("inf")
    for _ in range(tries):
        start = time.perf_counter()
        attempt()
        best = min(best, time.perf_counter() - start)
        if best < limit:
            break
    return best
