# SPDX-License-Identifier: Apache-2.0
"""``scs report validate``: whether the compliance monitor would take a report."""

from __future__ import annotations

import argparse
import datetime as dt
from typing import Any

from pytest_scs import yamlfile
from pytest_scs.commands.arguments import file_name
from pytest_scs.reports.validate import Problem, validate
from pytest_scs.scope_file import load_scope
from pytest_scs.selection import bundled_scopes

#: Larger than any report of ours; the monitor itself takes 32 MB (certification.md, 2.3).
MAX_BYTES = 32 * 1024 * 1024


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
    check.add_argument("file", type=file_name, metavar="FILE", help="the report")
    check.add_argument("--account", metavar="NAME", help="monitor account that will upload it; must be the subject")
    check.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print every problem with its place; 1 if the monitor would refuse the report or could not use it."""
    text = yamlfile.read_text(arguments.file, "report", MAX_BYTES)
    scopes = {scope.uuid: scope for scope in map(load_scope, bundled_scopes().values())}
    problems = validate(text, scopes, now=dt.datetime.now(dt.UTC), account=arguments.account)
    for problem in problems:
        print(f"{arguments.file}: {problem}")
    refused = [problem for problem in problems if problem.fatal]
    if not refused:
        print(f"{arguments.file}: the compliance monitor would take this report{_note(problems)}")
    return 1 if refused else 0


def _note(problems: list[Problem]) -> str:
    return f" ({len(problems)} warning{'s' if len(problems) != 1 else ''})" if problems else ""
