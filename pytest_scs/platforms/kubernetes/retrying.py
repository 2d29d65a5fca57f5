# SPDX-License-Identifier: Apache-2.0
"""Trying a request again where that may help (docs/standards/framework.md#retries-at-clusters)."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from pytest_scs.base.http_dates import pause_asked_for
from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.platforms.kubernetes import bounds
from pytest_scs.platforms.kubernetes.explain import Refused, Unreachable

T = TypeVar("T")

_AGAIN = (429, 500, 502, 503, 504)

# The first pause in seconds; each is twice the one before, up to the longest.
_PAUSE = 0.5
_LONGEST = 16.0

# Digits of a pause in seconds: 9 are 30 years, and more are no number of seconds.
_DIGITS = 9

# So much more than the deadline a pause may last that the server asks for.
_TOLERANCE = 1.0


def tried(
    action: Callable[[], T], deadline: float, *, again: bool, sleep: Callable[[float], None] = time.sleep
) -> tuple[T, bool]:
    """Carry out a request, repeatedly for up to ``deadline`` seconds while what it meets may pass.

    ``again``: it may be carried out twice. Else it is repeated only after what says that nothing was carried out.
    Returns what it came to, and whether an earlier try may have been carried out. Raises Refused (its ``doubtful``
    says the same) and Unreachable; and Inconclusive at once if the server asks to wait longer than bounds.RETRY_AFTER.
    """
    started = time.monotonic()
    pause = _PAUSE
    doubtful = False
    while True:
        try:
            return action(), doubtful
        except (Refused, Unreachable) as error:
            if isinstance(error, Refused):
                error.doubtful = doubtful
            if not _helps(error, again):
                raise
            wait = max(_asked(error), pause * random.uniform(0.8, 1.2))  # noqa: S311 - no secret
            if time.monotonic() - started + wait > deadline + (_TOLERANCE if deadline else 0):
                raise
            doubtful = doubtful or not _is_harmless(error)
        sleep(wait)
        pause = min(2 * pause, _LONGEST)


def _helps(error: Refused | Unreachable, again: bool) -> bool:
    helps = error.status in _AGAIN if isinstance(error, Refused) else error.again
    return helps and (again or _is_harmless(error))


def _is_harmless(error: Refused | Unreachable) -> bool:
    """Whether nothing was carried out."""
    return error.status == 429 if isinstance(error, Refused) else not error.doubtful


def _asked(error: Refused | Unreachable) -> float:
    """Seconds that the server asks to wait, 0 if it does not; raises Inconclusive if that is too long."""
    if not isinstance(error, Refused):
        return 0.0
    seconds = pause_asked_for(error.headers.get("retry-after"), digits=_DIGITS)
    if seconds > bounds.RETRY_AFTER:
        raise Inconclusive(f"the API server asks to wait {seconds:.0f} s", CauseKind.OUTAGE) from None
    return seconds
