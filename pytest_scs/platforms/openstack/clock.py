# SPDX-License-Identifier: Apache-2.0
"""Instants in headers of HTTP: what time it is at a service, and when it wants to be asked again; pure."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from typing import Any

from pytest_scs.base.http_dates import instant as instant
from pytest_scs.base.http_dates import pause_asked_for as pause_asked_for

#: Seconds that an answer may take for its date to tell the time.
FRESH = 10

# What is shown of a header that cannot be read.
_SHOWN = 60


@dataclasses.dataclass(frozen=True, slots=True)
class LogIn:
    """What came of a login: the token's content (keystoneauth AccessInfo), and the time as the cloud has it.

    ``server_time`` is None where no answer told it, as for a token that was there already. ``remark`` says why the
    clocks cannot be compared where that is for what the answer says; it never has an effect on a verdict.
    """

    access: Any
    server_time: dt.datetime | None
    remark: str = ""


class Clock:
    """Looks at the clock of a cloud while somebody logs in (docs/standards/framework.md#preflight)."""

    def __init__(self) -> None:
        self._asked = time.time()
        self._first: str | None = None
        self.time: dt.datetime | None = None
        self.remark = ""

    def sent(self) -> None:
        """A request leaves now."""
        self._asked = time.time()

    def answered(self, date: str | None) -> None:
        """An answer came with this header ``Date``; the first one that came soon counts."""
        if self._first is not None or time.time() - self._asked >= FRESH:
            return
        self._first = date or ""
        self.time = instant(self._first)
        if self.time is None:
            said = f"is {_shown(date)}, which is no date" if date else "is missing"
            self.remark = f"its clock was not compared with this machine's: the header Date of its first answer {said}"


def _shown(text: str | None) -> str:
    shown = ascii(text or "")
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
