# SPDX-License-Identifier: Apache-2.0
"""``scs report validate``: whether the compliance monitor would take a report."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_scs.base import yamlfile
from pytest_scs.base.errors import InputError
from pytest_scs.commands.arguments import file_name
from pytest_scs.core.scope import Scope
from pytest_scs.core.scope_file import load_scope
from pytest_scs.core.selection import bundled_scopes
from pytest_scs.reports.scs.reader import MAX_BYTES
from pytest_scs.reports.scs.validate import UNOFFICIAL, Problem, validate


def add_parser(commands: Any) -> None:
    """Add the subcommand to argparse's ``commands``."""
    sub = commands.add_parser("report", help="check SCS reports", description="Work on SCS reports (YAML).")
    actions = sub.add_subparsers(metavar="ACTION", required=True)
    check = actions.add_parser(
        "validate",
        help="check a report against everything the compliance monitor would refuse",
        description="Check a report locally against what the compliance monitor answers with 500, 401 or 409, and "
        "what it takes but cannot use. Exit code 1 if it would be refused or is of no use.",
    )
    check.add_argument("file", type=file_name, metavar="FILE", help="the report, or a folder of reports")
    check.add_argument("--account", metavar="NAME", help="monitor account that will upload it; must be the subject")
    check.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print every problem with its place; 1 if the monitor would refuse a report or could not use it."""
    scopes = {scope.uuid: scope for scope in map(load_scope, bundled_scopes().values())}
    path: Path = arguments.file
    if not path.is_dir():
        return 0 if _check(path, scopes, arguments.account, named=True) else 1
    reports = sorted(inside for inside in path.rglob("*.yaml") if not inside.name.startswith("."))
    if not reports:
        raise InputError(f"{path}: there is no report (*.yaml) in this folder")
    taken = [_check(report, scopes, arguments.account, named=False) for report in reports]
    return 0 if all(taken) else 1


def _check(path: Path, scopes: Mapping[str, Scope], account: str | None, *, named: bool) -> bool:
    """Whether the monitor would take a file, which is said.

    Reports on unofficial scopes lie beside the others in a folder: they are no mistake if nobody ``named`` them.
    """
    text = yamlfile.read_text(path, "report", MAX_BYTES)
    problems = validate(text, scopes, now=dt.datetime.now(dt.UTC), account=account)
    if not named and any(problem.text == UNOFFICIAL for problem in problems):
        print(f"{path}: left out: an unofficial scope, not for the compliance monitor")
        return True
    for problem in problems:
        print(f"{path}: {problem}")
    refused = any(problem.fatal for problem in problems)
    if not refused:
        print(f"{path}: the compliance monitor would take this report{_note(problems)}")
    return not refused


def _note(problems: list[Problem]) -> str:
    return f" ({len(problems)} warning{'s' if len(problems) != 1 else ''})" if problems else ""
