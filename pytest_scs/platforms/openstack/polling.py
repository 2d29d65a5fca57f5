# SPDX-License-Identifier: Apache-2.0
"""How often the state of something is asked for: what takes short is seen at once, what takes long is asked for rarely.

So at most an eighth of what something takes is lost, and never more than two seconds.
"""

from __future__ import annotations

import tenacity

#: Seconds of the shortest pause between two looks, and of the longest.
SHORTEST, LONGEST = 0.25, 2.0

#: The part of the time passed that is waited for another look.
PART = 1 / 8


def growing_pause(state: tenacity.RetryCallState) -> float:
    """Seconds until the next look, for tenacity's ``wait``."""
    return min(max(SHORTEST, (state.seconds_since_start or 0) * PART), LONGEST)
