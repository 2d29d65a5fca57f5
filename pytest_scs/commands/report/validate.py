# SPDX-License-Identifier: Apache-2.0
"""``scs report validate``: whether the compliance monitor would take a report."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_scs.base.errors import InputError
from pytest_scs.base.files import read_bytes
from pytest_scs.base.words import printable
from pytest_scs.commands.arguments import file_name
from pytest_scs.commands.report.monitor_options import account_name
from pytest_scs.core.scope import Scope
from pytest_scs.core.selection import known_scopes
from pytest_scs.pipeline.monitor.checking import check_report
from pytest_scs.pipeline.report_store import files_below, is_something_else
from pytest_scs.reports.scs.reader import MAX_BYTES
from pytest_scs.reports.scs.validate import UNOFFICIAL, Problem


def add_parser(actions: Any) -> None:
    """Add the action to argparse's ``actions``."""
    check = actions.add_parser(
        "validate",
        help="check a report against everything the compliance monitor would refuse",
        description="Check a report locally against what the compliance monitor answers with 500, 401 or 409, and "
        "what it takes but cannot use. Exit code 1 if it would be refused or is of no use.",
    )
    check.add_argument("places", nargs="+", type=file_name, metavar="FILE|DIR", help="a report, or a folder of reports")
    check.add_argument(
        "--account", type=account_name, metavar="NAME", help="monitor account that will upload it; must be the subject"
    )
    check.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print every problem with its place; 1 if the monitor would refuse a report or could not use it."""
    scopes = known_scopes()
    taken = [_check_place(place, scopes, arguments.account) for place in dict.fromkeys(arguments.places)]
    return 0 if all(taken) else 1


def _check_place(place: Path, scopes: Mapping[str, Scope], account: str | None) -> bool:
    """Whether the monitor would take a file, or all reports in a folder, which is said."""
    if not place.is_dir():
        return _check(place, scopes, account, named=True)
    unreadable: list[str] = []
    reports = sorted(inside for inside in files_below(place, unreadable) if _may_be_report(inside))
    if not reports and not unreadable:
        raise InputError(f"{place}: there is no report (*.yaml, *.json) in this folder")
    for line in unreadable:
        print(line)
    taken = [_check(report, scopes, account, named=False) for report in reports]
    return all(taken) and not unreadable


def _may_be_report(path: Path) -> bool:
    """Whether a file in a folder is checked: score cards, evidence and the like may lie there as well."""
    try:
        return not is_something_else(path, read_bytes(path, MAX_BYTES))
    except OSError:
        return True


def _check(path: Path, scopes: Mapping[str, Scope], account: str | None, *, named: bool) -> bool:
    """Whether the monitor would take a file, which is said.

    Reports on unofficial scopes lie beside the others in a folder: they are no mistake if nobody ``named`` them.
    """
    try:
        problems = check_report(path, scopes, account)
    except InputError as error:
        if named:
            raise
        print(printable(str(error)))
        return False
    if not named and any(problem.text == UNOFFICIAL for problem in problems):
        print(printable(f"{path}: left out: an unofficial scope, not for the compliance monitor"))
        return True
    for problem in problems:
        print(printable(f"{path}: {problem}"))
    refused = any(problem.fatal for problem in problems)
    if not refused:
        print(printable(f"{path}: the compliance monitor would take this report{_note(problems)}"))
    return not refused


def _note(problems: list[Problem]) -> str:
    return f" ({len(problems)} warning{'s' if len(problems) != 1 else ''})" if problems else ""
