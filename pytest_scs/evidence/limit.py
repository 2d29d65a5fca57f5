# SPDX-License-Identifier: Apache-2.0
"""How long something is waited for."""

from __future__ import annotations

import dataclasses
import time
from typing import Self

#: Seconds after which waiting is given up for what does not keep its own limit, as a name that is never resolved.
GRACE = 10.0


@dataclasses.dataclass(frozen=True, slots=True)
class Limit:
    """Until when (as time.monotonic has it), and in words: ``within 120 s``."""

    at: float
    words: str

    @classmethod
    def of(cls, seconds: float, words: str = "within {seconds:g} s") -> Self:
        """A limit that begins now."""
        return cls(time.monotonic() + seconds, words.format(seconds=seconds))

    @property
    def left(self) -> float:
        """Seconds; zero or less if it is over."""
        return self.at - time.monotonic()
