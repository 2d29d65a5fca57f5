# SPDX-License-Identifier: Apache-2.0
"""``scs report show``: a report in words, in either form, whoever wrote it."""

from __future__ import annotations

import argparse
from typing import Any

from pytest_scs.commands.report.places import add_places, complain, now, reports_in, scopes_of


def add_parser(actions: Any) -> None:
    """Add the action to argparse's ``actions``."""
    show = actions.add_parser(
        "show",
        help="show a report: verdict on each version, what failed and why",
        description="Show reports in words: subject, scope, time, the verdict on each version by the compliance "
        "monitor's rule, what failed with its lines. Reads both report formats, of any tool. Exit code 1 if a file "
        "cannot be read.",
    )
    add_places(show)
    show.add_argument("--all-lines", action="store_true", help="show all lines of a testcase, however many there are")
    show.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print every report; 1 if a file could not be read."""
    from pytest_scs.pipeline import showing

    store = reports_in(arguments.places)
    scopes = scopes_of(arguments.scs_scope)
    for number, report in enumerate(store.reports):
        if number:
            print()
        for line in showing.lines(report, scopes, now(), all_lines=arguments.all_lines):
            print(line)
    return 1 if complain(store.unreadable) else 0
