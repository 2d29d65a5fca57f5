# SPDX-License-Identifier: Apache-2.0
"""``scs report compare``: the results in local reports and those that the compliance monitor has published."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_scs.base.errors import InputError
from pytest_scs.base.words import printable, shown
from pytest_scs.commands.arguments import file_name
from pytest_scs.commands.report.monitor_options import add_configuration, configured, monitor_of, say
from pytest_scs.core.scope import OFFICIAL, Scope
from pytest_scs.core.selection import known_scopes
from pytest_scs.pipeline.merging import KnownResult, newest_results
from pytest_scs.pipeline.monitor.comparing import Comparison, compare
from pytest_scs.pipeline.monitor.monitor_client import Client
from pytest_scs.pipeline.monitor.monitor_http import Unreachable
from pytest_scs.pipeline.report_store import read_store


def add_parser(actions: Any) -> None:
    """Add the action to argparse's ``actions``."""
    parser = actions.add_parser(
        "compare",
        allow_abbrev=False,
        help="compare local results with those that the compliance monitor has published",
        description="Compare the newest result of each testcase in local reports with the one that the compliance "
        "monitor has published, for each subject and official scope. Nothing is sent, and no account is needed. "
        "Exit codes: 0 nothing published is worse than the local newest, 1 something is (or a file cannot be "
        "read), 4 wrong usage, 6 the monitor was not reached.",
    )
    parser.add_argument("files", nargs="*", type=file_name, metavar="FILE", help="a report, or a folder of reports")
    parser.add_argument(
        "--with-monitor",
        nargs="?",
        const="",
        metavar="URL",
        help="the compliance monitor; without URL the one of --scs-config, else the official one",
    )
    add_configuration(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print what differs; returns the exit code."""
    places: list[Path] = list(arguments.files)
    url = arguments.with_monitor
    if url is None:
        raise InputError("scs report compare: with what? Add --with-monitor, or --with-monitor=URL")
    if url and "://" not in url:
        # It stood before the files, and took the first of them for its own.
        places.insert(0, Path(url))
        url = ""
    if not places:
        raise InputError("scs report compare: name reports, or a folder of them")
    client = Client(monitor_of(configured(arguments), url or None), say, patient=False)
    store = read_store(places)
    for line in store.unreadable:
        say(line)
    local = {key: found for key, found in newest_results(store.reports).items() if key[1] in OFFICIAL}
    if not local:
        where = ", ".join(map(str, places))
        raise InputError(f"{where}: there is no report on an official scope, and the monitor has no others")
    scopes = known_scopes()
    codes = [_one(client, scopes[uuid], subject, results) for (subject, uuid), results in sorted(local.items())]
    if 1 in codes or store.unreadable:
        return 1
    return max(codes)


def _one(client: Client, scope: Scope, subject: str, results: Mapping[str, KnownResult]) -> int:
    """Compare one subject and scope; its exit code."""
    head = f"{shown(subject)}, {scope.name}"
    try:
        published = client.status(subject, scope.uuid).of(subject, scope.uuid)
    except Unreachable as error:
        say(f"{head}: {error}")
        return 6
    comparison = compare(results, published, scope, dt.datetime.now(dt.UTC).replace(tzinfo=None))
    print(f"{head}: {_counts(comparison)}")
    for line in comparison.lines():
        print(f"  {printable(line)}")
    return 1 if comparison.worse else 0


def _counts(comparison: Comparison) -> str:
    counts = (
        (len(comparison.same), "the same"),
        (len(comparison.different), "different"),
        (len(comparison.only_here), "only here"),
        (len(comparison.only_there), "only at the monitor"),
        (len(comparison.unknown), "not of this scope"),
        (len(comparison.expired), "counting no longer"),
    )
    worse = f"; {len(comparison.worse)} published worse than here" if comparison.worse else ""
    said = ", ".join(f"{number} {words}" for number, words in counts if number)
    return f"{said or 'no result here, and none published'}{worse}"
