# SPDX-License-Identifier: Apache-2.0
"""``scs report submit``: send reports to the compliance monitor, and see what becomes of them."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import Any

from pytest_scs.base.errors import InputError
from pytest_scs.base.words import printable
from pytest_scs.commands.arguments import file_name
from pytest_scs.commands.report.monitor_options import accounts_of, add_account, configured, masked, monitor_of, say
from pytest_scs.core.selection import known_scopes
from pytest_scs.pipeline.monitor.monitor_client import Client
from pytest_scs.pipeline.monitor.submission import Ending, Refused, Submission
from pytest_scs.pipeline.monitor.unsent import find_unsent
from pytest_scs.pipeline.sent_notes import noted_reports

#: Of the endings of several files, the first of these that occurred is the exit code.
_FIRST = (Ending.USAGE, Ending.REFUSED, Ending.LATER, Ending.STORED)


def add_parser(actions: Any) -> None:
    """Add the action to argparse's ``actions``."""
    submit = actions.add_parser(
        "submit",
        allow_abbrev=False,
        help="send signed reports to the compliance monitor",
        description="Send signed reports to the compliance monitor, each with the account of its subject. Before, each "
        "is checked as by scs report validate, its signature is verified, and it is compared with what is published. "
        "Reports and signatures stay where they are; what was sent is noted beside them (FILE.sent). "
        "Exit codes: 0 stored, 1 refused, 4 wrong usage (file, key, token, configuration), 6 the monitor was "
        "not reached or answers 5xx: try again later. Of several files, the first of 4, 1, 6, 0 that occurred.",
    )
    submit.add_argument(
        "files", nargs="*", type=file_name, metavar="FILE", help="a report with its signature beside it"
    )
    submit.add_argument(
        "--new", type=file_name, metavar="DIR", help="every report below DIR that is signed, official and not sent yet"
    )
    add_account(submit)
    submit.add_argument(
        "--force", action="store_true", help="also what would make the published results worse, or change nothing"
    )
    submit.add_argument("--dry-run", action="store_true", help="check and compare everything, and send nothing")
    submit.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Send the files, each by itself; returns the exit code."""
    if bool(arguments.files) == bool(arguments.new):
        raise InputError("scs report submit: name files, or a folder with --new=DIR, and not both")
    if folder := next((path for path in arguments.files if path.is_dir()), None):
        raise InputError(f"scs report submit: {folder} is a folder; what is new in it is sent with --new={folder}")
    with masked() as redactor:
        configuration = configured(arguments)
        submission = Submission(
            Client(monitor_of(configuration, arguments.monitor), say),
            accounts_of(arguments, configuration, redactor),
            known_scopes(),
            say,
            force=arguments.force,
            dry_run=arguments.dry_run,
        )
        return _submit(submission, arguments)


def _submit(submission: Submission, arguments: argparse.Namespace) -> int:
    paths: list[Path] = list(dict.fromkeys(arguments.files))
    endings: set[Ending] = set()
    if arguments.new:
        unsent = find_unsent(arguments.new, submission.client.base)
        paths = list(unsent.paths)
        for line in unsent.unreadable:
            say(line)
            endings.add(Ending.USAGE)
        if not paths:
            left_out = f" ({unsent.left_out})" if unsent.left_out else ""
            print(f"{printable(str(arguments.new))}: nothing new to send{left_out}")
            endings.add(Ending.STORED)
    submission.own |= noted_reports(paths, arguments.new)
    done: list[Path] = []
    try:
        for path in paths:
            ending = _one(submission, path, leave_out=bool(arguments.new))
            endings.add(ending)
            done.append(path)
            if ending in (Ending.LATER, Ending.STORED):
                # Who has waited for the monitor in vain need not wait as long again for each of many files.
                submission.client = dataclasses.replace(submission.client, patient=ending is Ending.STORED)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            f"interrupted at {paths[len(done)]}; {len(done)} of {len(paths)} files were through, and what was sent is "
            "noted. Sending a file again does no harm"
        ) from None
    return next(ending for ending in _FIRST if ending in endings)


def _one(submission: Submission, path: Path, *, leave_out: bool) -> Ending:
    """Send one file, and say what became of it. With ``leave_out``, what no longer counts is no failure."""
    try:
        print(printable(f"{path}: {submission.submit(path)}"), flush=True)
    except InputError as error:
        say(f"{path}: {error}" if str(path) not in str(error) else str(error))
        return Ending.USAGE
    except Refused as error:
        if leave_out and error.superseded:
            print(printable(f"{path}: left out, {error}"), flush=True)
            return Ending.STORED
        say(f"{path}: {error}")
        return error.ending
    return Ending.STORED
