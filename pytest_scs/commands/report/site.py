# SPDX-License-Identifier: Apache-2.0
"""``scs report site``: static pages of all subjects, for a web server of one's own."""

from __future__ import annotations

import argparse
from typing import Any

from pytest_scs.base.words import printable
from pytest_scs.commands.arguments import add_language, file_name, language_of
from pytest_scs.commands.report.places import add_groups, add_places, complain, fleet_of


def add_parser(actions: Any) -> None:
    """Add the action to argparse's ``actions``."""
    pages = actions.add_parser(
        "site",
        help="write static pages of all subjects: overview, history, reports",
        description="Write static pages of all reports below a folder: an overview of subjects and scopes, a page for "
        "each subject with its testcases and history, and copies of the reports with their signatures. They need no "
        "program and nothing from elsewhere, show what the reports say, and no path of this machine. Nothing is "
        "removed. Exit code 1 if a file cannot be read.",
    )
    add_places(pages)
    pages.add_argument(
        "-o", "--output", required=True, type=file_name, metavar="FOLDER", help="where the pages go; made if missing"
    )
    pages.add_argument(
        "--without-reports",
        action="store_true",
        help="copy no reports, and show of them only what the compliance monitor shows everybody",
    )
    add_groups(pages)
    add_language(pages, "the pages")
    pages.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write the pages; 1 if a file could not be read."""
    from pytest_scs.pipeline import site

    words = language_of(arguments, "site")
    found, store, scopes = fleet_of(arguments)
    built = site.build(found, store.reports, scopes, words, copies=not arguments.without_reports)
    site.write(arguments.output, built)
    count = len(found.subjects)
    print(printable(f"site: {arguments.output / 'index.html'} ({count} subject{'s' * (count != 1)})"))
    return 1 if complain(store.unreadable) else 0
