# SPDX-License-Identifier: Apache-2.0
"""What ``scs cleanup`` has in common on all platforms: a run and an age on the command line, waiting for stragglers."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from pytest_scs.base.errors import InputError
from pytest_scs.evidence.journal_file import is_run_id

if TYPE_CHECKING:
    from pytest_scs.evidence.journal import Past

_UNITS = {"m": 60, "h": 3600, "d": 86400}


def wanted_run(text: str | None) -> str | None:
    """The run that ``--run`` names, None for all; raises InputError."""
    if text is not None and not is_run_id(text):
        raise InputError(f"--run: {text!r} is no run id; it has eight hexadecimal digits")
    return text


def latest_creation(text: str | None) -> dt.datetime | None:
    """Before which instant something has to be made for ``--older-than``, None for any; raises InputError."""
    if text is None:
        return None
    match = re.fullmatch(r"(\d{1,6})([mhd])", text)
    if not match:
        raise InputError(f"--older-than: {text!r} is no age; write for example 30m, 6h or 2d")
    return dt.datetime.now(dt.UTC) - dt.timedelta(seconds=int(match[1]) * _UNITS[match[2]])


def say(line: str) -> None:
    """Print a line, which ``scs cleanup`` translates: its texts are in the catalogue, those of ``print`` are not."""
    print(line)


def is_older(created: str, limit: dt.datetime | None) -> bool:
    """Whether something made at an instant (ISO format, UTC unless it says so) is old enough; unknown ages are not."""
    if limit is None:
        return True
    try:
        moment = dt.datetime.fromisoformat(created.replace("Z", "+00:00"))
    except ValueError:
        return False
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)) < limit


def let_requests_end(runs: Iterable[Past], lateness: float) -> None:
    """Wait for what a run asked for a moment before it was killed: it may be on its way, and not be listed yet.

    ``lateness``: so many seconds after a request what it makes may still appear.
    """
    asked = [dt.datetime.fromisoformat(line["at"]) for past in runs for line in past.uncertain if not past.running]
    now = dt.datetime.now(dt.UTC)
    seconds = max((lateness - (now - at).total_seconds() for at in asked if at <= now), default=0.0)
    if seconds > 0:
        say(f"a run ended {lateness - seconds:.0f} s ago without an answer: waiting {seconds:.0f} s for what may come")
        time.sleep(seconds)
