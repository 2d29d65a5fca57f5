# SPDX-License-Identifier: Apache-2.0
"""``scs report scorecard``: the newest result of each testcase, and what follows from it for each subject."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from pytest_scs.base import language
from pytest_scs.base.errors import InputError
from pytest_scs.base.files import check_distinct, check_writable
from pytest_scs.commands.arguments import add_language, file_name, language_of
from pytest_scs.commands.report.places import add_groups, add_places, complain, fleet_of, write_file


def add_parser(actions: Any) -> None:
    """Add the action to argparse's ``actions``."""
    card = actions.add_parser(
        "scorecard",
        help="merge reports: what counts today for each subject, and whether it can be certified",
        description="Merge all reports below a folder: the newest result of each testcase counts, as long as its "
        "lifetime. Says for each subject and scope what the compliance monitor would show, and whether the subject is "
        "ready to be certified. Exit code 1 if a file cannot be read, and with --due if something is overdue.",
    )
    add_places(card)
    card.add_argument("--html", type=file_name, metavar="FILE", help="write the score cards as a page")
    card.add_argument("--json", type=file_name, metavar="FILE", help="write them for programs")
    card.add_argument("--due", action="store_true", help="list what is due and expires when; exit code 1 if overdue")
    card.add_argument(
        "--write", action="store_true", help="write each card into DIR/SCOPE/SUBJECT/scorecard.yaml; nothing is removed"
    )
    card.add_argument(
        "--due-within",
        metavar="TIME",
        help="how long before its result expires a testcase is due, e.g. 36h or 2d (default: 1d if light, else 7d)",
    )
    card.add_argument(
        "--public",
        action="store_true",
        help="leave out of the page what the compliance monitor does not show everybody",
    )
    add_groups(card)
    add_language(card, "the page")
    card.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print and write the score cards; 1 if something could not be read or written, or is overdue."""
    from pytest_scs.pipeline.scorecard import certificate_text
    from pytest_scs.pipeline.scorecard import scorecard_text as text

    words = language_of(arguments, "scorecard")
    _check(arguments)
    found, store, scopes = fleet_of(arguments)
    if arguments.due:
        print("\n".join([*text.due_lines(found), *certificate_text.renewal_lines(found, scopes)]))
    else:
        lines = [*text.overview(found), *text.details(found), *certificate_text.certificate_lines(found, scopes)]
        print("\n".join(lines))
    problems = _write(arguments, found, words)
    bad = complain([*store.unreadable, *problems])
    overdue = arguments.due and (text.is_overdue(found.cards.values()) or certificate_text.any_ended(found))
    return 1 if bad or overdue else 0


def _check(arguments: argparse.Namespace) -> None:
    """Raise InputError for files that could not be written later."""
    outputs: dict[str, Path] = {
        option: path for option, path in (("--html", arguments.html), ("--json", arguments.json)) if path
    }
    for option, path in outputs.items():
        check_writable(path, option)
    check_distinct(outputs, {f"the report {one}": one for one in arguments.places if one.is_file()})
    if arguments.public and not arguments.html:
        raise InputError("--public is about the page; add --html=FILE, or leave it out")
    if arguments.write and (len(arguments.places) > 1 or not arguments.places[0].is_dir()):
        raise InputError("--write: the cards are written into the folder of the reports; name one folder, and no file")


def _write(arguments: argparse.Namespace, found: Any, words: language.Language) -> list[str]:
    """Write what was asked for; the lines about cards that could not be written."""
    if arguments.html:
        from pytest_scs.pipeline.scorecard import scorecard_html

        write_file(arguments.html, scorecard_html.render(found, words, public=arguments.public), "page")
    if arguments.json:
        from pytest_scs.pipeline.scorecard import scorecard_json

        write_file(arguments.json, scorecard_json.render(found), "JSON")
    if not arguments.write:
        return []
    from pytest_scs.pipeline.scorecard.scorecard_file import write_cards

    written, problems = write_cards(arguments.places[0], found.cards.values())
    if written:
        print("\n".join(written))
    return problems
