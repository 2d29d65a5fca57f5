# SPDX-License-Identifier: Apache-2.0
"""``scs report history``: what each report changed, with the verdict of that day."""

from __future__ import annotations

import argparse
import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

from pytest_scs.base.words import printable
from pytest_scs.commands.report.places import add_places, complain, now, reports_in, scopes_of

_AGE = re.compile(r"(\d{1,4}) ?(day|week|month|year)s?")


def add_parser(actions: Any) -> None:
    """Add the action to argparse's ``actions``."""
    past = actions.add_parser(
        "history",
        help="list all reports with the verdict of their day, and what each changed",
        description="List the reports below a folder by subject and scope, oldest first: date, verdicts in the report, "
        "result of the scope at that time (with the lifetimes and versions of then), what changed, report, signature. "
        "Nothing is removed. Exit code 1 if a file cannot be read.",
    )
    add_places(past)
    either = past.add_mutually_exclusive_group()
    either.add_argument("--since", type=_day, metavar="DATE", help="only reports from that day on (YYYY-MM-DD)")
    either.add_argument(
        "--older-than",
        type=_age,
        metavar="AGE",
        help="only list the files of reports that are older, such as 18months: scs-0004 asks for that long",
    )
    past.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the history; 1 if a file could not be read."""
    scopes = scopes_of(arguments.scs_scope)
    store = reports_in(arguments.places)
    if arguments.older_than:
        print("\n".join(_older(store, _before(now(), arguments.older_than))))
    else:
        print("\n".join(_lines(store, scopes, arguments.since)))
    return 1 if complain(store.unreadable) else 0


def _lines(store: Any, scopes: Any, since: dt.date | None) -> Iterator[str]:
    from pytest_scs.pipeline.changes import history

    shown = 0
    for (subject, uuid), moments in history.histories(store.reports, scopes).items():
        wanted = [one for one in moments if since is None or one.checked_at.date() >= since]
        if not wanted:
            continue
        name = scopes[uuid].name if uuid in scopes else wanted[-1].report.document.spec.name or uuid
        yield from [""] if shown else []
        yield f"{printable(subject)}, {printable(name)}: {len(wanted)} report{'' if len(wanted) == 1 else 's'}"
        shown += len(wanted)
        for moment in wanted:
            told = f"{history.state_told(moment)}  ({history.numbers_told(moment)})"
            yield f"  {moment.checked_at:%Y-%m-%d %H:%M}  {told}"
            yield from (f"      {line}" for line in history.changes_told(moment))
            yield f"      report {printable(moment.report.document.run.uuid)}, {moment.signed}"
    if not shown:
        yield f"no report since {since}"


def _older(store: Any, moment: dt.datetime) -> Iterator[str]:
    old = [one for one in store.reports if one.document.checked_at < moment]
    yield f"older than {moment:%Y-%m-%d}: {len(old)} of {len(store.reports)} reports"
    yield from (printable(f"{one.document.checked_at:%Y-%m-%d}  {one.path}") for one in old)


def _day(text: str) -> dt.date:
    try:
        return dt.datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write YYYY-MM-DD") from None


def _age(text: str) -> tuple[int, str]:
    match = _AGE.fullmatch(text.strip())
    if match is None or not int(match[1]):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no age; write a number with days, weeks, months or years: 18months"
        )
    return int(match[1]), match[2]


def _before(moment: dt.datetime, age: tuple[int, str]) -> dt.datetime:
    """A moment so much earlier; of a month without that day its last one."""
    number, unit = age
    try:
        if unit in ("day", "week"):
            return moment - dt.timedelta(days=number * (7 if unit == "week" else 1))
        months = moment.year * 12 + moment.month - 1 - number * (12 if unit == "year" else 1)
        first = moment.replace(year=months // 12, month=months % 12 + 1, day=1)
        following = (first + dt.timedelta(days=32)).replace(day=1)
        return first.replace(day=min(moment.day, (following - dt.timedelta(days=1)).day))
    except (OverflowError, ValueError):
        return dt.datetime.min
