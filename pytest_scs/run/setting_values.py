# SPDX-License-Identifier: Apache-2.0
"""What single options of a run say, checked and made what they mean."""

from __future__ import annotations

import datetime as dt

from pytest_scs.base.errors import InputError
from pytest_scs.base.words import did_you_mean
from pytest_scs.core.judge import Judge
from pytest_scs.core.report_format import ReportFormat
from pytest_scs.core.scope import TARGETS

#: The longest times there are, of hours, become weeks with it.
MOST_PATIENCE = 100


def read_date(text: str | None) -> dt.date | None:
    """The day that was given, None for none; raises InputError."""
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise InputError(f"--scs-date: {text!r} is not a date; write YYYY-MM-DD") from None


def read_targets(text: str | None) -> tuple[str, ...]:
    """The targets that are named, in their order; raises InputError for one that there is not."""
    words = [word.strip() for word in (text or "main").split(",")]
    known = (*TARGETS, "all")
    for word in words:
        if word not in known:
            raise InputError(
                f"--scs-target: unknown target {word!r}{did_you_mean(word, known)}; known: {', '.join(known)}"
            )
    return tuple(target for target in TARGETS if target in words or "all" in words)


def read_judge(text: str | None) -> Judge:
    """The judge that is named, the official suite's without a name; raises InputError."""
    if text in (None, "official", "text"):
        return Judge(text or "official")
    raise InputError(f"--scs-judge: unknown judge {text!r}; known: official, text")


def read_report_format(text: str | None) -> ReportFormat:
    """The form that is named, today's without a name; raises InputError."""
    known = tuple(ReportFormat)
    if text is not None and text not in known:
        raise InputError(
            f"--scs-report-format: unknown form {text!r}{did_you_mean(text, known)}; known: {', '.join(known)}"
        )
    return ReportFormat(text or ReportFormat.CURRENT)


def read_patience(text: str | None) -> float:
    """The factor for all times that something is waited for, 1 without one; raises InputError."""
    try:
        factor = float(text or 1)
    except ValueError:
        factor = 0
    if not 0 < factor <= MOST_PATIENCE:
        raise InputError(
            f"--scs-patience: {text!r} is no number above 0 and up to {MOST_PATIENCE}; write 2 to wait twice as long"
        )
    return factor


def read_seconds(text: str | None) -> float:
    """How long to keep trying, 60 seconds where nobody says; raises InputError."""
    try:
        seconds = float(text or 60)
    except ValueError:
        seconds = -1
    if not 0 <= seconds <= 3600:
        raise InputError(f"--scs-deadline: {text!r} is not a number of seconds between 0 and 3600")
    return seconds
