# SPDX-License-Identifier: Apache-2.0
"""``scs report diff``: what fails now and did not before, what was fixed, by offender."""

from __future__ import annotations

import argparse
from typing import Any

from pytest_scs.base.files import check_writable
from pytest_scs.commands.arguments import file_name
from pytest_scs.commands.report.places import complain, reports_in, write_file


def add_parser(actions: Any) -> None:
    """Add the action to argparse's ``actions``."""
    two = actions.add_parser(
        "diff",
        help="compare reports: newly failing, fixed, still failing, newly missing, by offender",
        description="Compare reports with later ones, files or folders: of each subject, scope and testcase the newest "
        "result on either side. Exit code 1 if a testcase fails that did not, if one that failed has new offenders, or "
        "if a file cannot be read.",
    )
    two.add_argument("old", type=file_name, metavar="OLD", help="report before, or folder of reports")
    two.add_argument("new", type=file_name, metavar="NEW", help="report after, or folder of reports")
    two.add_argument("--json", type=file_name, metavar="FILE", help="write the differences for programs")
    two.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print what changed; 1 if anything is newly failing, or a file could not be read."""
    from pytest_scs.pipeline.changes import diff

    if arguments.json:
        check_writable(arguments.json, "--json")
    old, new = reports_in([arguments.old]), reports_in([arguments.new])
    found = diff.difference(old.reports, new.reports)
    print("\n".join(diff.lines(found)))
    if arguments.json:
        write_file(arguments.json, diff.render_json(found), "JSON")
    bad = complain([*old.unreadable, *new.unreadable])
    return 1 if found.worse or bad else 0
